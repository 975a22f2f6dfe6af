//! What packing one function gives: how it went, and what was packed.
//!
//! In: filled by `pack_node` and `pack_rust`. Out: a [`FunctionResult`], from which the report stage writes its
//! part of the report.

use std::collections::BTreeMap;

use crate::pack::Packed;
use crate::pipeline::contents::ArtifactContents;
use crate::plan::Plan;
use coldcut_core::artifact::Artifact;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::settings::{SdkChoice, Strategy};
use coldcut_js::build::Metafile;
use coldcut_report::model;
use coldcut_report::model::StepName;
use coldcut_verify::Proof;

/// What became of one function.
pub(super) struct FunctionResult {
    pub name: String,
    pub plan: Plan,
    pub attempts: Vec<StrategyAttempt>,
    pub warnings: Vec<Diagnostic>,
    pub errors: Vec<Diagnostic>,
    pub sdk: Option<SdkDecision>,
    pub packed: Option<PackedFunction>,
}

impl FunctionResult {
    pub fn new(plan: &Plan) -> Self {
        Self {
            name: plan.function.name.clone(),
            plan: plan.clone(),
            attempts: Vec::new(),
            warnings: Vec::new(),
            errors: Vec::new(),
            sdk: None,
            packed: None,
        }
    }

    pub fn failed(plan: &Plan, errors: Vec<Diagnostic>) -> Self {
        Self {
            errors,
            ..Self::new(plan)
        }
    }
}

/// What was tried, for the report.
pub(super) struct StrategyAttempt {
    pub strategy: Strategy,
    pub status: coldcut_verify::Status,
    pub detail: String,
}

/// A function that was packed.
pub(super) struct PackedFunction {
    pub strategy: model::Strategy,
    pub steps: Vec<MeasuredStep>,
    pub proof: Proof,
    pub packed: Packed,
    pub artifact: Artifact,
    pub dropped_by_rule: BTreeMap<String, (u64, u64)>,
    pub dev_packages: Vec<String>,
    pub class_names: Option<u64>,
    /// Of a Rust function.
    pub rust: Option<model::Rust>,
    /// As the platform's data names kinds of code: `javascript`, `compiled`.
    pub kind_of_code: &'static str,
    /// Where that was asked for, and both sides load.
    pub measured: Option<model::Measured>,
    /// What it shares with others.
    pub layer: Option<model::Layer>,
    /// What the zip holds.
    pub contents: ArtifactContents,
    /// Of a bundle: what it was made of.
    pub metafile: Option<Metafile>,
}

/// The files that are left after a step, measured.
pub(super) struct MeasuredStep {
    /// `None` for the folder as it is.
    pub name: Option<StepName>,
    pub detail: Option<String>,
    pub files: u64,
    pub unpacked_bytes: u64,
    pub zipped_bytes: u64,
}

/// What the rule for the SDK decided.
pub(super) struct SdkDecision {
    pub choice: SdkChoice,
    /// Whether the function uses the SDK at all.
    pub used: bool,
    pub shipped: bool,
    pub reason: Option<String>,
    pub other_choice_unpacked_bytes: Option<u64>,
}
