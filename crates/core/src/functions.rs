//! What discovery gives: the project and its functions, before any option is settled.

use std::path::PathBuf;

use indexmap::IndexMap;

use crate::artifact::RelPath;
use crate::diagnostics::{Diagnostic, Location};
use crate::settings::{Pattern, Settings};

/// A folder with the functions found in it.
#[derive(Debug, Clone)]
pub struct Project {
    /// Absolute, with links resolved.
    pub root: PathBuf,
    /// From the framework's file, `package.json`, `Cargo.toml` or the folder, in that order.
    pub name: String,
    /// In the order of the file they were found in; names are unique.
    pub functions: Vec<Function>,
    /// Functions that are not coldcut's to pack (images, other languages, ready artifacts).
    pub skipped: Vec<Skipped>,
    /// Settings for all functions, from `coldcut.toml`, `package.json` or `Cargo.toml`.
    pub settings: Settings,
    /// Settings for all functions, from the framework's own file, weakest first.
    pub framework_settings: Vec<Settings>,
    /// Every file that was read to find this, for messages and for input lists.
    pub config_files: Vec<PathBuf>,
    /// Variables of the environment that these files ask for.
    pub environment: Vec<String>,
    pub warnings: Vec<Diagnostic>,
}

/// A function to pack.
#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    /// Where it is declared.
    pub declared: Location,
    /// Which kind of file declares it, as the report says it: `serverless.yml`, `--entry`, …
    pub origin: String,
    /// The folder that becomes the artifact's root (SAM's `CodeUri`); absolute, links resolved,
    /// and equal to or below the project's root.
    pub root: PathBuf,
    pub kind: FunctionKind,
    /// As the platform names it (`nodejs22.x`, `provided.al2023`); `None` where nothing says.
    pub runtime: Option<String>,
    /// `x86_64` or `arm64`; `None` where nothing says.
    pub arch: Option<String>,
    /// The framework's own patterns for this function, service-wide ones first.
    pub patterns: Vec<Pattern>,
    /// Layers, as the framework names them; each counts against the platform's limit.
    pub layers: Vec<String>,
    /// The environment that the framework's file gives it, as far as its values are known before
    /// deployment.
    pub environment: IndexMap<String, String>,
    /// What `coldcut.toml` says of this one function, to be laid over the project's settings.
    pub settings: Settings,
    /// What the framework's own file says of this one function.
    pub framework_settings: Settings,
}

#[derive(Debug, Clone)]
pub enum FunctionKind {
    Node(Handler),
    Rust(Binary),
}

/// A Node.js handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// The source file, relative to the function's root: `src/users.ts`.
    pub file: RelPath,
    /// The export that the platform calls: `main` of `src/users.main`; `None` where the function
    /// is a plain entry file, of which every export counts.
    pub export: Option<String>,
}

/// A binary target of a cargo package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Absolute path of the package's `Cargo.toml`.
    pub manifest: PathBuf,
    pub package: String,
    pub bin: String,
    /// It runs beside functions, in a layer, and answers no event itself.
    pub extension: bool,
}

/// A declared function that is left alone, and why.
#[derive(Debug, Clone)]
pub struct Skipped {
    pub name: String,
    pub why: String,
    pub declared: Location,
}
