//! What is inside an artifact, closer than by file: modules of a bundle, packages that ship twice,
//! and what to do about the biggest of it.
//!
//! In: nothing; the pipeline fills it. Out: types of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place that asks for a file or a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    /// Its path, as `files` or `modules` have it.
    pub by: String,
    /// 1-based.
    pub line: u32,
}

/// A file of the project, or of a package, that is part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Module {
    /// Of the source, relative to the function's folder.
    pub path: String,
    /// As `name@version`; `None` for the project's own.
    pub package: Option<String>,
    /// What it adds to the bundle's unpacked text.
    pub bytes: u64,
    /// Its share of the bundle's bytes in the zip, by unpacked length and rounded down; what is left
    /// is the bundle's own.
    pub zipped_share_bytes: u64,
    /// Who asks for it on the shortest way from the handler; `None` for the handler.
    pub from: Option<Import>,
}

/// A package that ships more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Duplicate {
    pub name: String,
    /// The biggest first.
    pub copies: Vec<Copy>,
    /// Unpacked, of all copies but the biggest: what one copy for all would save at most.
    pub extra_bytes: u64,
}

/// One of several copies of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Copy {
    pub version: Option<String>,
    /// Where it is installed or ships.
    pub folder: String,
    pub bytes: u64,
    pub zipped_share_bytes: u64,
    /// Who of outside asks for it first.
    pub from: Option<Import>,
}

/// One thing worth doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    pub text: String,
    /// Unpacked bytes at stake, at most; `None` where it is not about size.
    pub bytes: Option<u64>,
}
