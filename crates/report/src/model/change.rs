//! How two reports, or two zips, differ.
//!
//! In: nothing; `report::compare` fills it. Out: types of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of something.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Kind")]
pub enum ChangeKind {
    New,
    Grown,
    Shrunk,
    Gone,
    /// Its version, or its content, is another, and its size is the same.
    Changed,
    Same,
}

impl ChangeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Same => "same",
        }
    }

    /// A sign that says it without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::New => "+",
            Self::Grown => "▲",
            Self::Shrunk => "▼",
            Self::Gone => "−",
            Self::Changed => "≠",
            Self::Same => "=",
        }
    }
}

/// A figure before and after; `None` where there was, or is, nothing to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    pub before: Option<u64>,
    pub after: Option<u64>,
}

impl Pair {
    pub fn new(before: Option<u64>, after: Option<u64>) -> Self {
        Self { before, after }
    }

    /// After less before, nothing counting as 0.
    pub fn delta(self) -> i64 {
        let signed = |figure: Option<u64>| i64::try_from(figure.unwrap_or(0)).unwrap_or(i64::MAX);
        signed(self.after) - signed(self.before)
    }

    pub fn kind(self) -> ChangeKind {
        match (self.before, self.after) {
            (None, _) => ChangeKind::New,
            (_, None) => ChangeKind::Gone,
            (Some(before), Some(after)) if before < after => ChangeKind::Grown,
            (Some(before), Some(after)) if before > after => ChangeKind::Shrunk,
            _ => ChangeKind::Same,
        }
    }
}

/// The whole comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// What it is compared with: a file, as the command line named it.
    pub with: String,
    /// Of all functions.
    pub zip_bytes: Pair,
    pub unpacked_bytes: Pair,
    pub files: Pair,
    /// Those that are gone too.
    pub functions: Vec<FunctionChange>,
}

/// What a size or a number was and is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionChange {
    pub name: String,
    pub kind: ChangeKind,
    pub zip_bytes: Pair,
    pub unpacked_bytes: Pair,
    pub files: Pair,
    /// Typical milliseconds of the download phase, as estimated.
    pub download_ms: Pair,
    /// Typical milliseconds of the load, as estimated.
    #[serde(default)]
    pub init_ms: Pair,
    /// Packages that differ, what changed most first.
    pub packages: Vec<PackageChange>,
    /// Files that differ, what changed most first; `None` where the baseline names no files.
    pub changed_files: Option<Vec<FileChange>>,
}

impl FunctionChange {
    /// Whether anything at all differs.
    pub fn differs(&self) -> bool {
        let files = self.changed_files.as_ref();
        self.kind != ChangeKind::Same
            || !self.packages.is_empty()
            || files.is_some_and(|files| !files.is_empty())
    }
}

/// A package that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageChange {
    pub name: String,
    pub kind: ChangeKind,
    /// All versions of it that shipped.
    pub versions_before: Vec<String>,
    pub versions_after: Vec<String>,
    /// Unpacked.
    pub bytes: Pair,
    /// Its share of the zip, where that is known.
    pub zipped_share_bytes: Pair,
    /// What brings it in, where it is new.
    pub why: Option<String>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileChange {
    pub path: String,
    pub kind: ChangeKind,
    pub bytes: Pair,
    pub zipped_bytes: Pair,
}
