//! Finding a project's functions.
//!
//! In: a folder, and what the command line asks for. Out: a [`Project`]. The kinds of
//! declaration are tried in a fixed order, and the first that declares functions wins; only
//! cargo binaries join functions that another file declares.

mod cargo;
mod cargo_lambda;
pub mod codes;
mod entry;
mod handler;
mod migrate;
mod package_json;
mod sam;
mod serverless;
mod variables;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

pub use crate::discover::sam::NAMES as SAM_TEMPLATES;

pub use coldcut_core::functions::{Binary, Function, FunctionKind, Handler, Project, Skipped};

use crate::discover::cargo::Cargo;
use crate::discover::codes::{BAD_NAME, NO_FOLDER, NO_FUNCTION, NO_PROJECT};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::settings::Settings;
use coldcut_core::settings::file;
use coldcut_core::settings::file::ConfigFile;
use coldcut_core::settings::value;
use coldcut_core::settings::value::{TextFile, nearest};

/// What the command line says about which functions are wanted.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Entry files, instead of what the project declares.
    pub entries: Vec<String>,
    /// For `${opt:…}` in `serverless.yml` and parameters in a SAM template: `stage`, say.
    pub options: IndexMap<String, String>,
    /// Names of the functions that are wanted; all where it is empty.
    pub functions: Vec<String>,
    /// For `${env:…}`; [`Ask::process_env`] gives this process's own.
    pub env: IndexMap<String, String>,
    /// The framework's configuration with its variables resolved, in JSON, as the framework's own
    /// plug-in hands it over: instead of its file.
    pub service: Option<Arc<TextFile>>,
}

impl Ask {
    /// The environment of this process, less what is not UTF-8.
    pub fn process_env() -> IndexMap<String, String> {
        std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }
}

/// What every kind of declaration needs to know.
struct Context<'a> {
    /// Absolute, links resolved.
    root: &'a Path,
    ask: &'a Ask,
    cargo: OnceCell<Result<Option<Cargo>>>,
}

impl Context<'_> {
    fn wants(&self, name: &str) -> bool {
        self.ask.functions.is_empty() || self.ask.functions.iter().any(|wanted| wanted == name)
    }

    /// The binaries of the project's root, asked for once.
    fn cargo(&self) -> Result<Option<&Cargo>> {
        match self.cargo.get_or_init(|| Cargo::load(self.root)) {
            Ok(cargo) => Ok(cargo.as_ref()),
            Err(error) => Err(error.clone()),
        }
    }
}

/// What one kind of declaration gives.
#[derive(Default)]
struct Source {
    name: Option<String>,
    /// What the framework's file says for all functions, weakest first.
    settings: Vec<Settings>,
    functions: Vec<Function>,
    skipped: Vec<Skipped>,
    /// Declared, and not asked for.
    unwanted: Vec<String>,
    files: Vec<PathBuf>,
    /// Names of variables of the environment that counted.
    environment: Vec<String>,
    warnings: Vec<Diagnostic>,
}

impl Source {
    fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.skipped.is_empty() && self.unwanted.is_empty()
    }

    fn push(&mut self, context: &Context<'_>, function: Function) {
        if context.wants(&function.name) {
            self.functions.push(function);
        } else {
            self.unwanted.push(function.name);
        }
    }

    fn skip(
        &mut self,
        name: &str,
        declared: coldcut_core::diagnostics::Location,
        why: impl Into<String>,
    ) {
        self.skipped.push(Skipped {
            name: name.to_owned(),
            why: why.into(),
            declared,
        });
    }

    fn add(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.skipped.extend(other.skipped);
        self.unwanted.extend(other.unwanted);
        self.files.extend(other.files);
        self.warnings.extend(other.warnings);
    }
}

/// Finds the functions of the project in `dir`.
pub fn discover(dir: &Path, ask: &Ask) -> Result<Project> {
    let root = folder(dir)?;
    let context = Context {
        root: &root,
        ask,
        cargo: OnceCell::new(),
    };
    let settings = file::read(&root)?;
    let config = settings.file;
    let mut source = find(&context, config.as_ref())?;
    source.warnings.extend(settings.warnings);
    if let Some(config) = &config {
        source.files.push(config.path.clone());
        if ask.entries.is_empty() {
            overlay(config, &mut source)?;
        }
    }
    check_names(&source)?;
    check_wanted(ask, &source)?;
    if !ask.functions.is_empty() {
        source
            .skipped
            .retain(|skipped| context.wants(&skipped.name));
    }
    let package = root.join("package.json");
    let name = source.name.clone().or_else(|| {
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
    for path in source.files {
        if !files.contains(&path) {
            files.push(path);
        }
    }
    Ok(Project {
        name: name.unwrap_or_else(|| match root.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => "project".to_owned(),
        }),
        functions: source.functions,
        skipped: source.skipped,
        settings: config.map(|config| config.settings).unwrap_or_default(),
        framework_settings: source.settings,
        config_files: files,
        environment: source.environment,
        warnings: source.warnings,
        root,
    })
}

fn folder(dir: &Path) -> Result<PathBuf> {
    let root = dir.canonicalize().map_err(|error| {
        Box::new(
            Diagnostic::io(NO_FOLDER, "open the folder", dir, &error)
                .help("name the folder of the project"),
        )
    })?;
    if !root.is_dir() {
        return Err(Box::new(
            Diagnostic::error(NO_FOLDER, format!("`{}` is not a folder", dir.display()))
                .help("name the folder of the project, and a file of it by `--entry`"),
        ));
    }
    Ok(root)
}

/// The first kind of declaration that gives functions, with the cargo binaries beside it.
fn find(context: &Context<'_>, config: Option<&ConfigFile>) -> Result<Source> {
    if !context.ask.entries.is_empty() {
        return entry::from_command_line(context);
    }
    if let Some(service) = &context.ask.service {
        let mut source = serverless::resolved(context, service)?;
        join_cargo(context, &mut source, true);
        return Ok(source);
    }
    if let Some(config) = config
        && config
            .functions
            .values()
            .any(|function| function.declares())
    {
        return entry::from_config(context, config);
    }
    if let Some(mut source) = serverless::source(context)? {
        join_cargo(context, &mut source, true);
        return Ok(source);
    }
    if let Some(mut source) = sam::source(context)? {
        join_cargo(context, &mut source, true);
        return Ok(source);
    }
    let rust = context.root.join("Cargo.toml").exists();
    let package = package_json::source(context, rust)?;
    if let Some(mut source) = package.filter(|source| rust || !source.is_empty()) {
        if source.is_empty() {
            // Only a Rust project then, whose trouble is an error.
            context.cargo()?;
        }
        join_cargo(context, &mut source, false);
        if !source.is_empty() {
            return Ok(source);
        }
    } else if let Some(cargo) = context.cargo()? {
        let source = cargo::source(context, cargo, cargo.functions(), &[]);
        if !source.is_empty() {
            return Ok(source);
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
fn join_cargo(context: &Context<'_>, source: &mut Source, sure: bool) {
    match context.cargo() {
        Ok(None) => {}
        Ok(Some(cargo)) => {
            let mut bins = cargo.functions();
            bins.retain(|bin| bin.lambda || !sure);
            if !bins.is_empty() {
                source.add(cargo::source(context, cargo, bins, &source.functions));
            }
        }
        Err(error) => {
            let mut warning = (*error).clone();
            warning.severity = coldcut_core::diagnostics::Severity::Warning;
            source.warnings.push(warning);
        }
    }
}

/// Lays the settings for single functions over functions that another file declares.
fn overlay(config: &ConfigFile, source: &mut Source) -> Result<()> {
    for (name, wanted) in &config.functions {
        if wanted.declares() {
            continue;
        }
        if let Some(function) = source.functions.iter_mut().find(|f| f.name == *name) {
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
                    .help("declare the function here as a whole, with `handler` or `entry`"),
                ));
            }
        } else if !names(source).any(|known| known == name) {
            return Err(Box::new(unknown(name, source).at(wanted.at.clone())));
        }
    }
    Ok(())
}

fn names(source: &Source) -> impl Iterator<Item = &str> {
    let functions = source
        .functions
        .iter()
        .map(|function| function.name.as_str());
    let skipped = source.skipped.iter().map(|skipped| skipped.name.as_str());
    functions
        .chain(source.unwanted.iter().map(String::as_str))
        .chain(skipped)
}

fn unknown(name: &str, source: &Source) -> Diagnostic {
    let known: Vec<&str> = names(source).collect();
    let mut error = Diagnostic::error(NO_FUNCTION, format!("there is no function `{name}`"));
    if let Some(name) = nearest(name, known.iter().copied()) {
        error = error.note(format!("did you mean `{name}`?"));
    }
    error.help(format!("the functions are `{}`", known.join("`, `")))
}

fn check_wanted(ask: &Ask, source: &Source) -> Result<()> {
    for name in &ask.functions {
        if !source
            .functions
            .iter()
            .any(|function| function.name == *name)
        {
            let skipped = source.skipped.iter().find(|skipped| skipped.name == *name);
            return Err(Box::new(match skipped {
                Some(skipped) => Diagnostic::error(
                    NO_FUNCTION,
                    format!(
                        "function `{name}` is not for coldcut to pack: {}",
                        skipped.why
                    ),
                )
                .at(skipped.declared.clone())
                .help("ask for another function"),
                None => unknown(name, source),
            }));
        }
    }
    Ok(())
}

/// Whether a function's name can be the name of its zip on every system.
fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && !name.ends_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn check_names(source: &Source) -> Result<()> {
    let mut seen: IndexMap<String, &str> = IndexMap::new();
    for function in &source.functions {
        let name = &function.name;
        if !valid_name(name) {
            return Err(Box::new(
                Diagnostic::error(BAD_NAME, format!("`{name}` cannot be the name of a zip"))
                    .at(function.declared.clone())
                    .help("use letters, digits, `-`, `_` and `.`, and no `.` at the ends"),
            ));
        }
        // Some file systems do not tell case apart.
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            return Err(Box::new(
                Diagnostic::error(BAD_NAME, format!("`{name}` and `{other}` would be one zip"))
                    .at(function.declared.clone())
                    .help("rename one of the functions"),
            ));
        }
    }
    Ok(())
}
