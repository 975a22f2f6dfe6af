//! The report as data: what `coldcut pack --json` prints, and what every other output shows.
//!
//! In: nothing; the pipeline fills it. Out: types, and by them the JSON Schema in
//! `docs/report.schema.json`. Sizes are in bytes, times in milliseconds, money in US dollars, and
//! every field's name says its unit. Paths are relative to the project, with forward slashes,
//! except an artifact's, which is as the command line named its folder.

mod artifact;
mod budget;
mod change;
pub mod component;
mod contents;
mod estimate;
mod function;
mod report;
pub mod rust;
mod source;
mod statistics;
mod warning;

#[cfg(test)]
pub(crate) mod sample;

pub use crate::model::artifact::{Artifact, Baseline, File, Package, Step, StepName};
pub use crate::model::budget::{Budget, BudgetState, Level, Unit};
pub use crate::model::change::{
    ChangeKind, Comparison, FileChange, FunctionChange, PackageChange, Pair,
};
pub use crate::model::contents::{
    Advice, Asker, Copy, Duplicate, DuplicateKind, Import, LayerPrice, Module, Shared,
    SharedPackage,
};
pub use crate::model::estimate::{
    Amount, Basis, Elsewhere, Estimate, EstimateKind, InitCost, Loaded, Measured, RangeMs, Verdict,
};
pub use crate::model::function::{
    Attempt, DroppedRule, Function, FunctionKind, Layer, Limit, Sdk, Setting, Status, Strategy,
    Verification,
};
pub use crate::model::report::{
    Project, Report, ReportSchema, Shard, SharedLayer, Skipped, Totals,
};
pub use crate::model::rust::Rust;
pub use crate::model::source::Source;
pub use crate::model::statistics::{Ratio, Spread};
pub use crate::model::warning::{Warning, shown_path};
