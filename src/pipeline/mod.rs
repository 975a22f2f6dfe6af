//! `pack` as one readable function: discover, plan, build, pack, verify, report.
//!
//! In: a [`PackRequest`]. Out: a [`PackOutcome`], or the diagnostics of what stopped everything. A
//! function that fails does not stop the others.

mod artifact_file;
mod baseline_ref;
mod binary_parts;
mod budgets;
mod build_settings;
pub mod calibration;
mod codes;
mod components;
mod contents;
mod duplicate_requesters;
mod estimates;
mod execution;
mod external;
mod finished_build;
mod function_report;
mod handler_lookup;
mod import_chains;
pub mod inputs;
mod layout;
pub mod measure;
pub mod observe;
mod outcome;
mod pack_functions;
mod pack_measurement;
mod pack_node;
mod pack_rust;
mod pack_verification;
mod packed_function;
mod prepare;
pub mod pricing;
mod profile;
mod proofs;
mod request;
mod sam;
mod secret_files;
mod statistics;
mod strategies;
mod summary;
mod threads;
mod unpacked;
mod verification_target;
pub mod verify;
mod why;

use std::path::PathBuf;

use coldcut_core::diagnostics::Diagnostic;

use crate::pipeline::baseline_ref::BaselineRun;
use crate::pipeline::budgets::Budgets;
pub use crate::pipeline::codes::{
    EVENT_NOT_TAKEN, INTERRUPTED, NOT_REPRODUCIBLE, NOTHING_TO_PACK, OUT_OVERLAPS_PROJECT,
    STRATEGY_NOT_RUN,
};
pub use crate::pipeline::outcome::{PackOutcome, RunStatus};
use crate::pipeline::pack_functions::pack_functions;
use crate::pipeline::prepare::prepare_project;
pub use crate::pipeline::request::{
    CostAssumptions, OutputRequest, PackRequest, ProgressCallback, REGION, ReportExtras,
    ReportRequest, RustRequest, VerificationRequest,
};
pub use crate::pipeline::sam::SAM_TEMPLATE;
use crate::pipeline::threads::in_thread_pool;
pub use crate::pipeline::unpacked::FOLDER_NOT_OWN;
pub use crate::pipeline::why::{WhyAnswer, why};

/// Packs every function that the request asks for.
pub fn run(
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> Result<PackOutcome, Vec<Diagnostic>> {
    in_thread_pool(|| {
        let _pack = tracing::info_span!("pack").entered();
        let prepared = prepare_project(request, progress)?;
        let one = |error: Box<Diagnostic>| vec![*error];
        let template = request.outputs.sam.then(|| sam::check(&prepared.project));
        let template = template.transpose().map_err(one)?;
        let mut budgets = Budgets::read(&prepared.project, request).map_err(one)?;
        // Where the dependencies are, which `--install` has put elsewhere.
        let installed = prepared
            .staged
            .as_ref()
            .map_or(&request.dir, |(copy, _)| copy);
        let baseline = request.report.baseline_ref.as_deref();
        let baseline =
            baseline.map(|name| BaselineRun::prepare(request, name, installed, progress));
        let baseline = baseline.transpose().map_err(one)?;
        let mut outcome = pack_functions(&prepared, request, progress);
        if let Some(baseline) = baseline.filter(|_| outcome.status != RunStatus::Failed) {
            match baseline.pack(progress) {
                Ok(snapshot) => budgets.compare_with(snapshot),
                Err(error) => {
                    outcome.diagnostics.push(*error);
                    outcome.status = RunStatus::Failed;
                }
            }
        }
        budgets.judge(&mut outcome);
        if let Some(into) = &request.outputs.unpack
            && outcome.status <= RunStatus::OverBudget
        {
            unpacked::lay_out(&outcome.report, into, false).map_err(one)?;
        }
        if let Some(template) = &template
            && outcome.status == RunStatus::Succeeded
        {
            let project = &prepared.project;
            let root = prepared
                .staged
                .as_ref()
                .map_or(&project.root, |(_, root)| root);
            let said = sam::write(project, &outcome.report, root, template).map_err(one)?;
            outcome.diagnostics.extend(said);
        }
        Ok(relocated(outcome, prepared.staged.as_ref()))
    })
}

/// Diagnostics about a copy are about what it is a copy of.
fn relocated(mut outcome: PackOutcome, staged: Option<&(PathBuf, PathBuf)>) -> PackOutcome {
    if let Some((copy, original)) = staged {
        for diagnostic in &mut outcome.diagnostics {
            diagnostic.relocate(copy, original);
        }
    }
    outcome
}
