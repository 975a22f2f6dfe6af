//! Every function of a project packed, in the order in which they are declared.
//!
//! In: a [`Settled`] project. Out: an [`Outcome`] with the report. Node.js functions that share a
//! folder are packed together, from one graph of modules; a function that fails stops no other.

use crate::pipeline::outcome::Outcome;
use crate::pipeline::prepare::Settled;
use crate::pipeline::request::{Request, Say};
use crate::pipeline::summary::Summary;
use crate::pipeline::{build_settings, pack_node, pack_rust};
use crate::plan::Plan;
use coldcut_core::functions::FunctionKind;

pub(super) fn pack_all(settled: &Settled, request: &Request, say: Say<'_>) -> Outcome {
    let mut summary = Summary::new(&settled.project, &request.money, request.wants);
    summary.diagnostics.extend(settled.warnings.iter().cloned());
    let node: Vec<&Plan> = settled
        .plans
        .iter()
        .filter(|plan| matches!(plan.function.kind, FunctionKind::Node(_)))
        .collect();
    let mut done = Vec::new();
    for group in groups(&node) {
        done.extend(pack_node::pack_group(&group, request, say));
    }
    let layers = pack_rust::Layers::pack(&settled.plans, &settled.project.root, request, say);
    for plan in &settled.plans {
        if let FunctionKind::Rust(binary) = &plan.function.kind {
            done.push(pack_rust::pack_one(plan, binary, &layers, request, say));
        }
    }
    // As declared, whatever order they were built in.
    let order = |name: &str| {
        settled
            .plans
            .iter()
            .position(|plan| plan.function.name == name)
    };
    done.sort_by_key(|one| order(&one.name));
    for one in done {
        summary.add(one);
    }
    let mut outcome = summary.finish();
    outcome.report.shared_layers = layers.report();
    outcome.report.shard = request.shard;
    outcome
}

/// Functions that share a folder, known values, rules and who loads them share a module graph.
pub(super) fn groups<'a>(plans: &[&'a Plan]) -> Vec<Vec<&'a Plan>> {
    let mut out: Vec<Vec<&Plan>> = Vec::new();
    for plan in plans {
        let alike = |other: &Plan| {
            let known = other.define == plan.define && other.rules == plan.rules;
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
