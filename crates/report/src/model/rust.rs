//! What the report says of a Rust function's binary.
//!
//! In: nothing; the pipeline fills it. Out: types. All sizes are in bytes and, unless said otherwise,
//! of the file that ships, unpacked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A binary, and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rust {
    /// `keep`, `balanced` or `smallest`.
    pub profile: String,
    /// `unwind` or `abort`: what a panic does.
    pub panic: String,
    /// As rustc names it.
    pub target: String,
    pub needs: Needs,
    /// Where symbols and line numbers lie; `None` where they were not asked for.
    pub debug_file: Option<String>,
    pub sizes: BinarySizes,
    /// What could be smaller, biggest first.
    pub findings: Vec<Finding>,
    /// Every profile, where they were asked to be compared.
    pub profiles: Vec<ProfileTrial>,
    /// What each known cause of bloat costs this very build, where that was asked.
    pub what_if: Vec<WhatIf>,
}

/// What the platform must have for it to start; all of it was found to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Needs {
    /// The program that starts it; `None` for a static one.
    pub interpreter: Option<String>,
    /// The newest version of glibc whose symbols it uses.
    pub glibc: Option<String>,
    /// The platform's own, where its data says it.
    pub platform_glibc: Option<String>,
    /// Shared libraries.
    pub libraries: Vec<String>,
}

/// Where the bytes come from: `crates` and `rest` add up to `file_bytes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BinarySizes {
    pub file_bytes: u64,
    /// Biggest first; `std` is all that comes with the compiler.
    pub crates: Vec<CrateBytes>,
    /// What no symbol covers, biggest first.
    pub rest: Vec<RestBytes>,
    /// The biggest functions, all copies of a generic one counted as one.
    pub functions: Vec<FunctionBytes>,
    /// By what the file itself is divided in.
    pub sections: Vec<SectionBytes>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrateBytes {
    /// As symbols have it: `serde_json`.
    pub name: String,
    /// Several where several versions are linked, of which symbols do not tell.
    pub versions: Vec<String>,
    pub code_bytes: u64,
    pub data_bytes: u64,
    pub unwind_bytes: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestBytes {
    /// A section's name, or `(headers)`.
    pub name: String,
    pub what: String,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionBytes {
    pub name: String,
    pub krate: String,
    pub copies: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SectionBytes {
    pub name: String,
    pub bytes: u64,
}

/// Something that could be smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// `duplicate-versions`, `unused-dependency`, `default-features`, `known-cause`,
    /// `embedded-data`, `panic-machinery`, `formatting`.
    pub kind: String,
    /// The crate, or what else it is about.
    pub subject: String,
    /// What it is about takes so much; not what a change saves, which `--what-if` measures.
    pub bytes: u64,
    pub message: String,
    /// What to write, and where.
    pub change: String,
}

/// One profile, built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileTrial {
    /// `default` is what `cargo build --release` gives, with its symbols.
    pub profile: String,
    pub bytes: u64,
    pub zipped_bytes: u64,
    /// Of the whole build, dependencies and all; `None` where it was built already.
    pub build_ms: Option<f64>,
    /// `unwind` or `abort`.
    pub panic: String,
    /// The one of the artifact.
    pub chosen: bool,
}

/// A build without one cause of bloat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    /// As the table of causes names it.
    pub cause: String,
    /// What was changed, as `Cargo.toml` has it.
    pub change: String,
    /// What is lost by it.
    pub price: String,
    pub bytes: Option<u64>,
    /// Against the artifact's own binary; positive where it got smaller.
    pub saved_bytes: Option<i64>,
    pub saved_zipped_bytes: Option<i64>,
    /// Why there is no figure.
    pub failed: Option<String>,
}
