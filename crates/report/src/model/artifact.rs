//! What ships, and the steps by which a plain zip of the folder became it.
//!
//! In: nothing; the pipeline fills it. Out: types of the report. Sizes are in bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::contents::Import;

/// The zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    pub path: String,
    pub bytes: u64,
    pub unpacked_bytes: u64,
    pub files: u64,
    /// What of `bytes` is no file's: headers, names, the directory at the end. With the
    /// `zipped_bytes` of all files it makes `bytes`.
    #[serde(default)]
    pub container_bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// The same digest as AWS shows it, `CodeSha256`.
    pub code_sha256_base64: String,
}

/// A plain zip of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    pub bytes: u64,
    pub unpacked_bytes: u64,
    pub files: u64,
}

/// What a step of the waterfall does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    DevDependencies,
    IgnoredFiles,
    PlatformProvided,
    UnreachableFiles,
    /// TypeScript and JSX become JavaScript.
    Transpile,
    /// One file for the handler: linked, shaken, minified.
    Bundle,
    /// cargo and the linker are asked for small code.
    Profile,
    /// Symbols leave a binary.
    Strip,
    /// Tables for unwinding the stack are cleared in a program that never does.
    UnwindTables,
    /// A better deflate than that of the steps before.
    Compression,
}

impl StepName {
    /// What a person calls it, for [`Step::label`].
    pub fn label(self) -> &'static str {
        match self {
            Self::DevDependencies => "dev dependencies",
            Self::IgnoredFiles => "ignored files",
            Self::PlatformProvided => "platform-provided",
            Self::UnreachableFiles => "unreachable files",
            Self::Transpile => "transpiled source",
            Self::Bundle => "bundled code",
            Self::Profile => "size profile",
            Self::Strip => "stripped symbols",
            Self::UnwindTables => "unwind tables",
            Self::Compression => "compression",
        }
    }
}

/// One step of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub name: StepName,
    /// What a person calls it.
    pub label: String,
    pub detail: Option<String>,
    pub files_before: u64,
    pub files_after: u64,
    pub unpacked_before_bytes: u64,
    pub unpacked_after_bytes: u64,
    pub zipped_before_bytes: u64,
    pub zipped_after_bytes: u64,
    /// Whether the zipped sizes are those of zips that were really written.
    pub measured: bool,
}

/// A package that ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    pub name: String,
    pub version: Option<String>,
    /// Unpacked.
    pub bytes: u64,
    pub files: u64,
    /// What its files take in the zip; `None` where some of it is in a file of several packages,
    /// which is compressed as one.
    pub zipped_bytes: Option<u64>,
    /// The same, with its share of such a file by unpacked length: a reckoning, no measurement.
    #[serde(default)]
    pub zipped_share_bytes: u64,
    /// What brings it in.
    pub why: String,
}

impl Package {
    /// `name@version`.
    pub fn id(&self) -> String {
        match &self.version {
            Some(version) => format!("{}@{version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A file that ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Inside the artifact.
    pub path: String,
    /// Unpacked.
    pub bytes: u64,
    /// In the zip, without the headers and names that are counted as `container_bytes`.
    #[serde(default)]
    pub zipped_bytes: u64,
    /// The package it belongs to, as `name@version`; `None` for the project's own.
    pub package: Option<String>,
    /// Why it ships, strongest first.
    pub reasons: Vec<String>,
    /// Who asks for it on the shortest way from the handler.
    #[serde(default)]
    pub from: Option<Import>,
}
