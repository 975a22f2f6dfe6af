//! Every function of a project packed, in the order in which they are declared.
//!
//! In: a [`PreparedProject`]. Out: a [`PackOutcome`] with the report. Node.js functions that share a
//! folder are packed together, from one graph of modules; a function that fails stops no other.

use crate::pipeline::outcome::PackOutcome;
use crate::pipeline::prepare::PreparedProject;
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::summary::ReportBuilder;
use crate::pipeline::{build_settings, pack_node, pack_rust};
use crate::plan::Plan;
use coldcut_core::functions::FunctionKind;

pub(super) fn pack_functions(
    prepared: &PreparedProject,
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> PackOutcome {
    let mut report = ReportBuilder::new(
        &prepared.project,
        &request.report.cost_assumptions,
        request.report.extras,
    );
    report.diagnostics.extend(prepared.warnings.iter().cloned());
    let node: Vec<&Plan> = prepared
        .plans
        .iter()
        .filter(|plan| matches!(plan.function.kind, FunctionKind::Node(_)))
        .collect();
    let mut results = Vec::new();
    for group in groups(&node) {
        results.extend(pack_node::pack_group(&group, request, progress));
    }
    let layers =
        pack_rust::SharedLayers::pack(&prepared.plans, &prepared.project.root, request, progress);
    for plan in &prepared.plans {
        if let FunctionKind::Rust(binary) = &plan.function.kind {
            results.push(pack_rust::pack_one(
                plan, binary, &layers, request, progress,
            ));
        }
    }
    // As declared, whatever order they were built in.
    let order = |name: &str| {
        prepared
            .plans
            .iter()
            .position(|plan| plan.function.name == name)
    };
    results.sort_by_key(|one| order(&one.name));
    let _report = tracing::info_span!("report", functions = results.len()).entered();
    for one in results {
        report.add(one);
    }
    let mut outcome = report.finish();
    outcome.report.shared_layers = layers.report();
    outcome.report.shard = request.shard;
    outcome
}

/// Functions that share a folder, known values, rules and who loads them share a module graph.
pub(super) fn groups<'a>(plans: &[&'a Plan]) -> Vec<Vec<&'a Plan>> {
    let mut out: Vec<Vec<&Plan>> = Vec::new();
    for plan in plans {
        let alike = |other: &Plan| {
            let known =
                other.bundle.define == plan.bundle.define && other.files.rules == plan.files.rules;
            known
                && other.root() == plan.root()
                && build_settings::host(other) == build_settings::host(plan)
        };
        let same = out.iter_mut().find(|group| alike(group[0]));
        match same {
            Some(group) => group.push(plan),
            None => out.push(vec![plan]),
        }
    }
    out
}
