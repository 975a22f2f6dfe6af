//! The state of functions at one time: sizes, packages, and files where they are named.
//!
//! In: nothing; what reads a report, a baseline or a zip fills it. Out: types, which are also the form
//! of a baseline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of a baseline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BaselineSchema {
    #[default]
    #[serde(rename = "coldcut.baseline/1")]
    V1,
}

/// A state to compare with; as JSON, the small form of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    #[serde(default)]
    pub schema: BaselineSchema,
    /// How messages call it.
    #[serde(skip)]
    pub name: String,
    pub functions: Vec<FunctionState>,
}

/// One function, or one zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionState {
    pub name: String,
    pub zip_bytes: u64,
    pub unpacked_bytes: u64,
    pub files: u64,
    /// Typical, as estimated.
    #[serde(default)]
    pub download_ms: Option<u64>,
    /// The load, typical, as estimated; never what was measured, which is another machine's.
    #[serde(default)]
    pub init_ms: Option<u64>,
    /// Both, typical, as estimated.
    #[serde(default)]
    pub cold_start_ms: Option<u64>,
    /// By name, all versions of a package together.
    #[serde(default)]
    pub packages: BTreeMap<String, PackageState>,
    /// By path; the small form has none.
    #[serde(skip)]
    pub paths: Option<BTreeMap<String, FileState>>,
}

/// One package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageState {
    pub versions: Vec<String>,
    /// Unpacked.
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zipped_share_bytes: Option<u64>,
    #[serde(skip)]
    pub why: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    pub bytes: u64,
    pub zipped_bytes: u64,
    /// Where it is known.
    pub crc32: Option<u32>,
}
