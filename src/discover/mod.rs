//! Finding a project's functions.
//!
//! In: a folder, and what the command line asks for. Out: a [`Project`]. The kinds of
//! declaration are tried in a fixed order, and the first that declares functions wins; only
//! cargo binaries join functions that another file declares.

mod cargo;
mod cargo_functions;
mod cargo_lambda;
pub mod codes;
mod declarations;
mod entry;
mod function_builder;
mod handler;
mod migrate;
mod package_json;
mod request;
mod sam;
mod serverless;
mod variables;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

pub use crate::discover::request::DiscoveryRequest;
pub use crate::discover::sam::NAMES as SAM_TEMPLATES;

pub use coldcut_core::functions::{Binary, Function, FunctionKind, Handler, Project, Skipped};

use crate::discover::codes::{BAD_FUNCTION_NAME, NO_FUNCTION, NO_PROJECT, PROJECT_NOT_FOUND};
use crate::discover::declarations::{Declarations, DiscoveryContext, valid_name};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::settings::file;
use coldcut_core::settings::file::ConfigFile;
use coldcut_core::settings::value;
use coldcut_core::settings::value::nearest;

/// Finds the functions of the project in `dir`.
pub fn discover(dir: &Path, request: &DiscoveryRequest) -> Result<Project> {
    let root = folder(dir)?;
    let context = DiscoveryContext {
        root: &root,
        request,
        cargo: OnceCell::new(),
    };
    let settings = file::read(&root)?;
    let config = settings.file;
    let mut declarations = find(&context, config.as_ref())?;
    declarations.warnings.extend(settings.warnings);
    if let Some(config) = &config {
        declarations.files.push(config.path.clone());
        if request.entries.is_empty() {
            overlay(config, &mut declarations)?;
        }
    }
    check_names(&declarations)?;
    check_wanted(request, &declarations)?;
    if !request.functions.is_empty() {
        declarations
            .skipped
            .retain(|skipped| context.wants(&skipped.name));
    }
    let package = root.join("package.json");
    let name = declarations.name.clone().or_else(|| {
        let package = value::load(&package).ok().flatten();
        package.as_ref().and_then(package_json::name)
    });
    let name = name.or_else(|| {
        let cargo = value::load(&root.join("Cargo.toml")).ok().flatten()?;
        cargo
            .path(&["package", "name"])?
            .as_str()
            .map(str::to_owned)
    });
    let mut files = Vec::new();
    for path in declarations.files {
        if !files.contains(&path) {
            files.push(path);
        }
    }
    Ok(Project {
        name: name.unwrap_or_else(|| match root.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => "project".to_owned(),
        }),
        functions: declarations.functions,
        skipped: declarations.skipped,
        settings: config.map(|config| config.settings).unwrap_or_default(),
        framework_settings: declarations.settings,
        config_files: files,
        environment: declarations.environment,
        warnings: declarations.warnings,
        root,
    })
}

fn folder(dir: &Path) -> Result<PathBuf> {
    let root = dir.canonicalize().map_err(|error| {
        Box::new(
            Diagnostic::io(PROJECT_NOT_FOUND, "open the folder", dir, &error)
                .help("name the folder of the project"),
        )
    })?;
    if !root.is_dir() {
        return Err(Box::new(
            Diagnostic::error(
                PROJECT_NOT_FOUND,
                format!("`{}` is not a folder", dir.display()),
            )
            .help("name the project's folder here, and a file in it with `--entry`"),
        ));
    }
    Ok(root)
}

/// The first kind of declaration that gives functions, with the cargo binaries beside it.
fn find(context: &DiscoveryContext<'_>, config: Option<&ConfigFile>) -> Result<Declarations> {
    if !context.request.entries.is_empty() {
        return entry::from_command_line(context);
    }
    if let Some(service) = &context.request.service {
        let mut declarations = serverless::resolved(context, service)?;
        join_cargo(context, &mut declarations, true);
        return Ok(declarations);
    }
    if let Some(config) = config
        && config
            .functions
            .values()
            .any(|function| function.declares())
    {
        return entry::from_config(context, config);
    }
    if let Some(mut declarations) = serverless::declarations(context)? {
        join_cargo(context, &mut declarations, true);
        return Ok(declarations);
    }
    if let Some(mut declarations) = sam::declarations(context)? {
        join_cargo(context, &mut declarations, true);
        return Ok(declarations);
    }
    let rust = context.root.join("Cargo.toml").exists();
    let package = package_json::declarations(context, rust)?;
    if let Some(mut declarations) = package.filter(|declarations| rust || !declarations.is_empty())
    {
        if declarations.is_empty() {
            // Only a Rust project then, whose trouble is an error.
            context.cargo()?;
        }
        join_cargo(context, &mut declarations, false);
        if !declarations.is_empty() {
            return Ok(declarations);
        }
    } else if let Some(cargo) = context.cargo()? {
        let declarations = cargo_functions::declarations(context, cargo, cargo.functions(), &[]);
        if !declarations.is_empty() {
            return Ok(declarations);
        }
    }
    Err(Box::new(
        Diagnostic::error(
            NO_PROJECT,
            format!("no functions found in `{}`", context.root.display()),
        )
        .note(
            "looked for coldcut.toml, serverless.yml, template.yaml, package.json with `main` or \
             `exports`, and Cargo.toml with a binary",
        )
        .help("name another folder, or the file of a function: `--entry src/handler.ts`"),
    ))
}

/// Adds the cargo binaries that nothing declares yet. Beside a framework's file only those
/// count that are functions without doubt (`sure`).
fn join_cargo(context: &DiscoveryContext<'_>, declarations: &mut Declarations, sure: bool) {
    match context.cargo() {
        Ok(None) => {}
        Ok(Some(cargo)) => {
            let mut bins = cargo.functions();
            bins.retain(|bin| bin.lambda || !sure);
            if !bins.is_empty() {
                declarations.add(cargo_functions::declarations(
                    context,
                    cargo,
                    bins,
                    &declarations.functions,
                ));
            }
        }
        Err(error) => {
            let mut warning = (*error).clone();
            warning.severity = coldcut_core::diagnostics::Severity::Warning;
            declarations.warnings.push(warning);
        }
    }
}

/// Lays the settings for single functions over functions that another file declares.
fn overlay(config: &ConfigFile, declarations: &mut Declarations) -> Result<()> {
    for (name, wanted) in &config.functions {
        if wanted.declares() {
            continue;
        }
        if let Some(function) = declarations.functions.iter_mut().find(|f| f.name == *name) {
            function.settings = wanted.settings.clone();
            if wanted.root.is_some() {
                return Err(Box::new(
                    Diagnostic::error(
                        file::BAD_VALUE,
                        format!(
                            "`root` cannot be set for `{name}`, which `{}` declares",
                            function.origin
                        ),
                    )
                    .at(wanted.root_at.clone())
                    .help("write the whole function here, with `handler` or `entry`"),
                ));
            }
        } else if !names(declarations).any(|known| known == name) {
            return Err(Box::new(unknown(name, declarations).at(wanted.at.clone())));
        }
    }
    Ok(())
}

fn names(declarations: &Declarations) -> impl Iterator<Item = &str> {
    let functions = declarations
        .functions
        .iter()
        .map(|function| function.name.as_str());
    let skipped = declarations
        .skipped
        .iter()
        .map(|skipped| skipped.name.as_str());
    functions
        .chain(declarations.unwanted.iter().map(String::as_str))
        .chain(skipped)
}

fn unknown(name: &str, declarations: &Declarations) -> Diagnostic {
    let known: Vec<&str> = names(declarations).collect();
    let mut error = Diagnostic::error(NO_FUNCTION, format!("there is no function `{name}`"));
    if let Some(name) = nearest(name, known.iter().copied()) {
        error = error.note(format!("did you mean `{name}`?"));
    }
    error.help(format!("the functions are `{}`", known.join("`, `")))
}

fn check_wanted(request: &DiscoveryRequest, declarations: &Declarations) -> Result<()> {
    for name in &request.functions {
        if !declarations
            .functions
            .iter()
            .any(|function| function.name == *name)
        {
            let skipped = declarations
                .skipped
                .iter()
                .find(|skipped| skipped.name == *name);
            return Err(Box::new(match skipped {
                Some(skipped) => Diagnostic::error(
                    NO_FUNCTION,
                    format!("coldcut does not pack function `{name}`: {}", skipped.why),
                )
                .at(skipped.declared.clone())
                .help("choose another function"),
                None => unknown(name, declarations),
            }));
        }
    }
    Ok(())
}

fn check_names(declarations: &Declarations) -> Result<()> {
    let mut seen: IndexMap<String, &str> = IndexMap::new();
    for function in &declarations.functions {
        let name = &function.name;
        if !valid_name(name) {
            return Err(Box::new(
                Diagnostic::error(
                    BAD_FUNCTION_NAME,
                    format!("`{name}` cannot be used as the name of a zip"),
                )
                .at(function.declared.clone())
                .help("use letters, digits, `-`, `_` and `.`, and no `.` at the ends"),
            ));
        }
        // Some file systems do not tell case apart.
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            return Err(Box::new(
                Diagnostic::error(
                    BAD_FUNCTION_NAME,
                    format!("`{name}` and `{other}` would be written to the same zip"),
                )
                .at(function.declared.clone())
                .help("rename one of the functions"),
            ));
        }
    }
    Ok(())
}
