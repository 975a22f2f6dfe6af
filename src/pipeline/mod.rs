//! The whole of `pack` as one readable function: discover, plan, build, pack, verify, report.
//!
//! In: a [`Request`]. Out: an [`Outcome`], or the diagnostics of what stopped everything. A
//! function that fails does not stop the others.

mod artifact_file;
mod baseline_ref;
mod budgets;
mod build_settings;
pub mod calibration;
mod chains;
mod codes;
mod components;
mod duplicate_requesters;
mod estimates;
mod execution;
mod external;
mod handler_lookup;
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

use crate::pipeline::baseline_ref::Before;
use crate::pipeline::budgets::Budgets;
pub use crate::pipeline::codes::{
    INTERRUPTED, NO_EVENT, NO_STRATEGY, NOT_REPRODUCIBLE, NOTHING, OUT,
};
pub use crate::pipeline::outcome::{Ending, Outcome};
use crate::pipeline::pack_functions::pack_all;
use crate::pipeline::prepare::settle;
pub use crate::pipeline::request::{Money, REGION, Request, Say, Wants};
pub use crate::pipeline::sam::SAM;
use crate::pipeline::threads::in_pool;
pub use crate::pipeline::unpacked::NOT_OWN;
pub use crate::pipeline::why::{Answer, why};

/// Packs every function that the request asks for.
pub fn run(request: &Request, say: Say<'_>) -> Result<Outcome, Vec<Diagnostic>> {
    in_pool(|| {
        let settled = settle(request, say)?;
        let one = |error: Box<Diagnostic>| vec![*error];
        let template = request.sam.then(|| sam::check(&settled.project));
        let template = template.transpose().map_err(one)?;
        let mut budgets = Budgets::read(&settled.project, request).map_err(one)?;
        // Where the dependencies are, which `--install` has put elsewhere.
        let installed = settled
            .staged
            .as_ref()
            .map_or(&request.dir, |(copy, _)| copy);
        let before = request.baseline_ref.as_deref();
        let before = before.map(|name| Before::prepare(request, name, installed, say));
        let before = before.transpose().map_err(one)?;
        let mut outcome = pack_all(&settled, request, say);
        if let Some(before) = before.filter(|_| outcome.ending != Ending::Failed) {
            match before.pack(say) {
                Ok(snapshot) => budgets.compare_with(snapshot),
                Err(error) => {
                    outcome.diagnostics.push(*error);
                    outcome.ending = Ending::Failed;
                }
            }
        }
        budgets.judge(&mut outcome);
        if let Some(into) = &request.unpack
            && outcome.ending <= Ending::OverBudget
        {
            unpacked::lay_out(&outcome.report, into, false).map_err(one)?;
        }
        if let Some(template) = &template
            && outcome.ending == Ending::Done
        {
            let project = &settled.project;
            let root = settled
                .staged
                .as_ref()
                .map_or(&project.root, |(_, root)| root);
            let said = sam::write(project, &outcome.report, root, template).map_err(one)?;
            outcome.diagnostics.extend(said);
        }
        Ok(relocated(outcome, settled.staged.as_ref()))
    })
}

/// Diagnostics about a copy are about what it is a copy of.
fn relocated(mut outcome: Outcome, staged: Option<&(PathBuf, PathBuf)>) -> Outcome {
    if let Some((copy, original)) = staged {
        for diagnostic in &mut outcome.diagnostics {
            diagnostic.relocate(copy, original);
        }
    }
    outcome
}
