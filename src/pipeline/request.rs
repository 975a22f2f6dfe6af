//! What a person asked `pack` for.
//!
//! In: the command line and the settings, read by `src/cli/`. Out: a [`PackRequest`], which every stage
//! borrows and none changes.

use std::path::PathBuf;

use coldcut_report::model::Shard;

use crate::discover::DiscoveryRequest;
use crate::plan::Overrides;

/// Tells a person what is being done.
pub type ProgressCallback<'a> = &'a (dyn Fn(&str) + Sync);

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct PackRequest {
    pub dir: PathBuf,
    pub discovery: DiscoveryRequest,
    pub overrides: Overrides,
    /// Only this part of the functions.
    pub shard: Option<Shard>,
    /// Dependencies are installed first, in a copy of the project.
    pub install: bool,
    /// Where artifacts go; absolute.
    pub out: PathBuf,
    /// Where cargo builds; absolute.
    pub cache: PathBuf,
    pub rust: RustRequest,
    pub verify: VerificationRequest,
    pub report: ReportRequest,
    pub outputs: OutputRequest,
}

/// What is tried with Rust functions, besides building them.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustRequest {
    /// They are built in every profile.
    pub compare_profiles: bool,
    /// They are built without each known cause of bloat.
    pub what_if: bool,
}

/// How artifacts are proven and measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerificationRequest {
    /// Each is packed twice, and the bytes are compared.
    pub check_reproducible: bool,
    /// Proofs of earlier runs do not count.
    pub verify_again: bool,
    /// How often the load is measured on each side; 0 for not at all.
    pub measure_runs: u32,
}

/// What the report needs beyond the artifacts.
#[derive(Debug, Clone, Default)]
pub struct ReportRequest {
    pub cost_assumptions: CostAssumptions,
    /// Budgets of the command line, over those of the settings.
    pub budgets: Vec<String>,
    /// An earlier report to compare with.
    pub baseline: Option<PathBuf>,
    /// A git ref to pack and compare with.
    pub baseline_ref: Option<String>,
    /// What is in the report beyond what is always in it.
    pub extras: ReportExtras,
}

/// Parts of the report that cost something and are seldom asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportExtras {
    /// Every package and crate with its licences.
    pub components: bool,
    pub metafile: bool,
}

/// What is made beside the zips.
#[derive(Debug, Clone, Default)]
pub struct OutputRequest {
    /// A folder in which each artifact is laid out as a folder too; absolute.
    pub unpack: Option<PathBuf>,
    /// `.aws-sam/build` of the project is filled.
    pub sam: bool,
}

/// The region whose prices hold unless another is named.
pub const REGION: &str = "us-east-1";

/// What turns the billed phase into dollars.
#[derive(Debug, Clone)]
pub struct CostAssumptions {
    pub region: String,
    /// `None` where nobody said.
    pub memory_mb: Option<u32>,
    pub cold_starts_per_month: Option<u64>,
}

impl Default for CostAssumptions {
    fn default() -> Self {
        Self {
            region: REGION.to_string(),
            memory_mb: None,
            cold_starts_per_month: None,
        }
    }
}
