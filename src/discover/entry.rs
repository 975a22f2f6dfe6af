//! Functions that are named outright: by `--entry` and in coldcut's own settings file.
//!
//! In: the command line or [`ConfigFile`]. Out: a [`Declarations`] with these functions.

use std::path::{Path, PathBuf};

use crate::discover::cargo::Cargo;
use crate::discover::codes::{ENTRY_NOT_FOUND, FUNCTION_HAS_NO_FILE};
use crate::discover::declarations::{Declarations, DiscoveryContext};
use crate::discover::handler::{find, find_entry, find_root, relative};
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::{Function, FunctionKind};
use coldcut_core::settings::Settings;
use coldcut_core::settings::file::{ConfigFile, FunctionConfig};

/// The functions of `--entry`: files below the project, or `file.export`.
pub fn from_command_line(context: &DiscoveryContext<'_>) -> Result<Declarations> {
    let mut declarations = Declarations::default();
    let mut names: Vec<String> = Vec::new();
    for entry in &context.request.entries {
        let said = Location::file(entry);
        let text = below(context.root, entry);
        let handler = match find_entry(context.root, context.root, &text, &said) {
            Ok(handler) => handler,
            Err(error) if error.code == ENTRY_NOT_FOUND => {
                find(context.root, context.root, &text, &said).map_err(|_| error)?
            }
            Err(error) => return Err(error),
        };
        let path = handler.file.as_str();
        let whole = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let whole = match &handler.export {
            Some(export) => format!("{whole}.{export}"),
            None => whole.to_owned(),
        };
        let short = whole.rsplit('/').next().unwrap_or(&whole).to_owned();
        let mut name = plain(&short);
        if names.contains(&name) || name == "index" {
            name = plain(&whole);
        }
        let first = name.clone();
        let mut count = 2;
        while names.contains(&name) {
            name = format!("{first}-{count}");
            count += 1;
        }
        names.push(name.clone());
        let function = node(context, name, said, "--entry", handler);
        declarations.push(context, function);
    }
    Ok(declarations)
}

/// As a path relative to the project: an absolute one, or one that is meant from the current
/// folder, is turned into it.
fn below(root: &Path, entry: &str) -> String {
    let path = PathBuf::from(entry);
    if path.is_absolute() || !root.join(&path).exists() {
        let real = path.canonicalize().ok();
        if let Some(text) = real.and_then(|real| relative(root, &real)) {
            return text;
        }
    }
    entry.to_owned()
}

/// A name that can be a file's.
fn plain(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() {
        "function".to_owned()
    } else {
        name.to_owned()
    }
}

/// A Node.js function of which nothing but its file is known.
pub fn node(
    context: &DiscoveryContext<'_>,
    name: String,
    declared: Location,
    origin: &str,
    handler: coldcut_core::functions::Handler,
) -> Function {
    Function {
        name,
        declared,
        origin: origin.to_owned(),
        root: context.root.to_path_buf(),
        kind: FunctionKind::Node(handler),
        runtime: None,
        arch: None,
        patterns: Vec::new(),
        layers: Vec::new(),
        environment: Default::default(),
        settings: Settings::default(),
        framework_settings: Settings::default(),
    }
}

/// The functions that coldcut's settings declare.
pub fn from_config(context: &DiscoveryContext<'_>, config: &ConfigFile) -> Result<Declarations> {
    let mut declarations = Declarations {
        files: vec![config.path.clone()],
        ..Declarations::default()
    };
    for (name, function) in &config.functions {
        if !function.declares() {
            return Err(Box::new(
                Diagnostic::error(
                    FUNCTION_HAS_NO_FILE,
                    format!("function `{name}` does not say where its code is"),
                )
                .at(function.at.clone())
                .help("add `entry`, `handler` or `bin`, as the other functions here have"),
            ));
        }
        if context.wants(name) {
            let function = one(context, config, name, function, &mut declarations)?;
            declarations.push(context, function);
        } else {
            declarations.unwanted.push(name.clone());
        }
    }
    Ok(declarations)
}

fn one(
    context: &DiscoveryContext<'_>,
    config: &ConfigFile,
    name: &str,
    wanted: &FunctionConfig,
    declarations: &mut Declarations,
) -> Result<Function> {
    let root = match &wanted.root {
        Some(root) => find_root(context.root, context.root, root, &wanted.root_at)?,
        None => context.root.to_path_buf(),
    };
    let kind = if let Some(bin) = &wanted.bin {
        let own = if root == context.root {
            None
        } else {
            Cargo::load(&root)?
        };
        let cargo = match &own {
            Some(cargo) => cargo,
            None => context.cargo()?.ok_or_else(|| {
                Box::new(
                    Diagnostic::error(
                        crate::discover::codes::BINARY_NOT_FOUND,
                        format!("there is no `Cargo.toml` for the binary `{bin}`"),
                    )
                    .at(wanted.said.clone())
                    .help("set `root` to the folder of the cargo package"),
                )
            })?,
        };
        let found = cargo
            .find(bin)
            .ok_or_else(|| cargo.missing(bin, &wanted.said))?;
        declarations.files.push(found.binary.manifest.clone());
        FunctionKind::Rust(found.binary.clone())
    } else if let Some(handler) = &wanted.handler {
        FunctionKind::Node(find(&root, context.root, handler, &wanted.said)?)
    } else {
        let entry = wanted.entry.as_deref().unwrap_or("");
        FunctionKind::Node(find_entry(&root, context.root, entry, &wanted.said)?)
    };
    Ok(Function {
        name: name.to_owned(),
        declared: wanted.at.clone(),
        origin: config.origin.to_owned(),
        root,
        kind,
        runtime: None,
        arch: None,
        patterns: Vec::new(),
        layers: Vec::new(),
        environment: Default::default(),
        settings: wanted.settings.clone(),
        framework_settings: Settings::default(),
    })
}
