//! The whole report: all functions of a project, and what concerns them together.
//!
//! In: nothing; the pipeline fills it. Out: types of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::artifact::Artifact;
use crate::model::budget::Budget;
use crate::model::change::Comparison;
use crate::model::contents::Shared;
use crate::model::function::{Function, Status};
use crate::model::warning::Warning;

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SchemaId")]
pub enum ReportSchema {
    #[default]
    #[serde(rename = "coldcut.report/1")]
    V1,
}

/// What `coldcut pack` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub schema: ReportSchema,
    pub project: Project,
    /// In the order of the file that declares them.
    pub functions: Vec<Function>,
    /// Declared functions that are not coldcut's to pack.
    pub skipped: Vec<Skipped>,
    pub totals: Totals,
    /// Layers that were packed for several functions at once.
    #[serde(default)]
    pub shared_layers: Vec<SharedLayer>,
    /// What concerns the project as a whole.
    pub warnings: Vec<Warning>,
    /// Against an earlier report, where one was given.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// What several functions ship alike; `None` where nothing is.
    #[serde(default)]
    pub shared: Option<Shared>,
    /// Every budget that was asked for, held against what came out.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// Which part of the project's functions these are; `None` where they are all.
    #[serde(default)]
    pub shard: Option<Shard>,
}

/// One of several runs that share the functions of a project among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// 1 to `of`.
    pub number: u32,
    pub of: u32,
}

impl Shard {
    /// Whether the function at this place of the project's list is of this shard: they take turns,
    /// so that neighbours, which often weigh alike, are spread.
    pub fn has(self, at: usize) -> bool {
        at % self.of as usize == self.number as usize - 1
    }
}

impl Report {
    /// A report of these functions, with its totals.
    pub fn new(
        project: Project,
        functions: Vec<Function>,
        skipped: Vec<Skipped>,
        warnings: Vec<Warning>,
    ) -> Self {
        let totals = Totals::sum(&functions, &skipped, &warnings);
        let shared = crate::shared_packages::find_shared(&functions);
        Self {
            schema: ReportSchema::V1,
            project,
            functions,
            skipped,
            totals,
            shared_layers: Vec::new(),
            warnings,
            comparison: None,
            shared,
            budgets: Vec::new(),
            shard: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    pub name: String,
    /// The project's folder as the command line named it; never an absolute path of coldcut's own
    /// finding.
    pub root: Option<String>,
}

/// A layer of several functions, packed from a folder of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedLayer {
    /// Seen from the project.
    pub folder: String,
    pub artifact: Artifact,
    /// Those whose settings name it.
    pub functions: Vec<String>,
}

/// A declared function that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    pub name: String,
    pub why: String,
    /// Where it is declared.
    pub path: Option<String>,
    pub line: Option<u32>,
}

/// Sums over all packed functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    pub functions: u64,
    pub skipped: u64,
    pub baseline_bytes: u64,
    pub baseline_unpacked_bytes: u64,
    pub baseline_files: u64,
    pub artifact_bytes: u64,
    pub artifact_unpacked_bytes: u64,
    pub artifact_files: u64,
    /// Functions whose artifact loads as the original.
    pub verified: u64,
    /// Functions beyond a limit of the platform.
    pub over_limit: u64,
    pub warnings: u64,
}

impl Totals {
    pub fn sum(functions: &[Function], skipped: &[Skipped], warnings: &[Warning]) -> Self {
        let sum = |of: fn(&Function) -> u64| functions.iter().map(of).sum();
        Self {
            functions: functions.len() as u64,
            skipped: skipped.len() as u64,
            baseline_bytes: sum(|f| f.baseline.bytes),
            baseline_unpacked_bytes: sum(|f| f.baseline.unpacked_bytes),
            baseline_files: sum(|f| f.baseline.files),
            artifact_bytes: sum(|f| f.artifact.bytes),
            artifact_unpacked_bytes: sum(|f| f.artifact.unpacked_bytes),
            artifact_files: sum(|f| f.artifact.files),
            verified: sum(|f| u64::from(f.verification.status == Status::Equal)),
            over_limit: sum(|f| u64::from(f.limits.iter().any(|limit| !limit.ok))),
            warnings: sum(|f| f.warnings.len() as u64) + warnings.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::sample;

    #[test]
    fn totals_add_up() {
        let report = sample::report(3);
        assert_eq!(report.totals.functions, 3);
        let one = &report.functions[0];
        assert_eq!(report.totals.baseline_bytes, 3 * one.baseline.bytes);
        assert_eq!(report.totals.verified, 3);
        assert_eq!(report.totals.over_limit, 0);
    }
}
