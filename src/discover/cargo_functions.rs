//! Cargo binaries as functions.
//!
//! In: the binaries of a folder ([`Cargo`]) and the functions that are found already. Out: a
//! [`Declarations`] with one function for each binary that is left, with the files that cargo-lambda
//! would ship.

use std::path::{Path, PathBuf};

use crate::discover::cargo::{Bin, Cargo};
use crate::discover::cargo_lambda::Lambda;
use crate::discover::codes::INCLUDE_NOT_FOUND;
use crate::discover::declarations::{Declarations, DiscoveryContext};
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::functions::{Binary, Function, FunctionKind};
use coldcut_core::settings::{Pattern, Settings};

/// A function of a binary that only `Cargo.toml` declares.
fn function(context: &DiscoveryContext<'_>, bin: &Bin, taken: &[String]) -> Function {
    let Binary {
        package, bin: name, ..
    } = &bin.binary;
    let mut unique = name.clone();
    if taken.contains(&unique) {
        unique = if package == name {
            format!("{name}-rust")
        } else {
            format!("{package}-{name}")
        };
    }
    let mut count = 2;
    while taken.contains(&unique) {
        unique = format!("{name}-{count}");
        count += 1;
    }
    let package = bin.binary.manifest.parent().unwrap_or(context.root);
    let (root, patterns) = included(context.root, package, &bin.tables);
    Function {
        name: unique,
        declared: bin.declared.clone(),
        origin: "Cargo.toml".into(),
        root,
        kind: FunctionKind::Rust(bin.binary.clone()),
        runtime: bin.tables.runtime.clone(),
        arch: bin.tables.arch.clone(),
        patterns,
        layers: bin.tables.layers.clone(),
        environment: bin.tables.environment.clone(),
        settings: bin.settings.clone(),
        framework_settings: Settings::default(),
    }
}

/// What cargo-lambda would include, as patterns, and the folder that they are seen from: the
/// package's, unless they are only found from the project's.
fn included(project: &Path, package: &Path, tables: &Lambda) -> (PathBuf, Vec<Pattern>) {
    let found = |dir: &Path| {
        let mut all = tables.include.iter();
        all.any(|(text, _)| dir.join(text.trim_start_matches("./")).exists())
    };
    let root = match found(project) && !found(package) {
        true => project,
        false => package,
    };
    let patterns = tables.include.iter().map(|(text, said)| {
        let plain = text.trim_start_matches("./").trim_end_matches('/');
        let folder = root.join(plain).is_dir();
        Pattern {
            glob: if folder {
                format!("{plain}/**")
            } else {
                plain.to_string()
            },
            keep: true,
            said: said.clone(),
            text: format!("metadata.lambda include = \"{text}\""),
        }
    });
    (root.to_path_buf(), patterns.collect())
}

/// Warnings for files that cargo-lambda would ship, and that are not there.
fn missing_includes(root: &Path, bin: &Bin) -> Vec<Diagnostic> {
    let plain = |text: &str| !text.contains(['*', '?', '[', '{']);
    let missing = bin
        .tables
        .include
        .iter()
        .filter(|(text, _)| plain(text) && !root.join(text.trim_start_matches("./")).exists());
    missing
        .map(|(text, said)| {
            Diagnostic::warning(
                INCLUDE_NOT_FOUND,
                format!("there is no `{text}` to include"),
            )
            .at(said.clone())
            .note(format!("looked in `{}`", root.display()))
            .help("correct the path, or take it out of the list")
        })
        .collect()
}

/// The folder's cargo binaries as functions; `taken` names and binaries are left out.
pub fn declarations(
    context: &DiscoveryContext<'_>,
    cargo: &Cargo,
    bins: Vec<&Bin>,
    taken: &[Function],
) -> Declarations {
    let mut declarations = Declarations {
        name: cargo.name.clone(),
        files: vec![cargo.manifest.clone()],
        ..Declarations::default()
    };
    let mut names: Vec<String> = taken.iter().map(|function| function.name.clone()).collect();
    for bin in bins {
        let used = |function: &Function| matches!(&function.kind, FunctionKind::Rust(binary) if *binary == bin.binary);
        if taken.iter().any(used) {
            continue;
        }
        if !declarations.files.contains(&bin.binary.manifest) {
            declarations.files.push(bin.binary.manifest.clone());
        }
        let function = function(context, bin, &names);
        if !bin.default && !context.request.functions.contains(&function.name) {
            declarations.skip(
                &function.name,
                bin.declared.clone(),
                "it is not in `default-members`; name it with `--function` to pack it anyway",
            );
            continue;
        }
        declarations
            .warnings
            .extend(missing_includes(&function.root, bin));
        names.push(function.name.clone());
        declarations.push(context, function);
    }
    declarations
}
