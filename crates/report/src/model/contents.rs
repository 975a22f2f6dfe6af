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
    /// Unpacked, of all copies but the one of `align_to`, or else the biggest: what one copy for all
    /// would save at most.
    pub extra_bytes: u64,
    /// Their share of what is zipped.
    #[serde(default)]
    pub extra_zipped_share_bytes: u64,
    #[serde(default)]
    pub kind: DuplicateKind,
    /// The version that most of them could be; `None` where versions are not what differs.
    #[serde(default)]
    pub align_to: Option<String>,
    /// Unpacked, of copies that everybody who asks for them would take as `align_to` today: what the
    /// package manager's `dedupe` saves at most.
    #[serde(default)]
    pub dedupe_bytes: u64,
    /// Who keeps the other copies: their ranges do not take `align_to`.
    #[serde(default)]
    pub blocked_by: Vec<Asker>,
}

/// What copies of a package differ in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateKind {
    #[default]
    Versions,
    /// One version in several folders.
    Copies,
    /// One copy, of which both the CommonJS and the ES modules ship.
    Formats,
}

/// A package that asks for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Asker {
    /// `name@version`; the project's own name where it is the project.
    pub by: String,
    /// As its manifest has it.
    pub range: String,
    /// The version that it gets.
    pub gets: String,
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
    /// Of kept packages, those whose manifests ask for it.
    #[serde(default)]
    pub asked_by: Vec<Asker>,
}

/// What several functions ship alike, and what a layer of it would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shared {
    /// The functions that ship something that another of them ships too.
    pub functions: Vec<String>,
    /// The dearest first.
    pub packages: Vec<SharedPackage>,
    /// Unpacked, in all functions together.
    pub bytes: u64,
    /// Unpacked, each file once: what a layer would hold.
    pub once_bytes: u64,
    pub layer: LayerPrice,
}

/// A package in several functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedPackage {
    /// `name@version`.
    pub package: String,
    pub functions: Vec<String>,
    /// Unpacked, in all of them together.
    pub bytes: u64,
    /// Unpacked, each file once, as big as in the function that has most of it.
    pub once_bytes: u64,
}

/// A layer that holds what is shared, reckoned by shares of what is zipped. It is stored and uploaded
/// once, but each function that has it downloads all of it when it starts, and has all of it within
/// its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerPrice {
    pub zipped_bytes: u64,
    pub unpacked_bytes: u64,
    /// Less to upload and to store in all; negative where it would be more.
    pub upload_saved_bytes: i64,
    /// More to download for a cold start, for the function that gains most and the one that loses
    /// most; negative where it is less.
    pub download_least_bytes: i64,
    pub download_most_bytes: i64,
    /// Functions that would be past their platform's limit with it.
    pub over_limit: Vec<String>,
}

/// One thing worth doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    pub text: String,
    /// Unpacked bytes at stake, at most; `None` where it is not about size.
    pub bytes: Option<u64>,
}
