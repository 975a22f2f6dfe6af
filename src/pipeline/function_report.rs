//! One packed function, as the report has it.
//!
//! In: a [`FunctionResult`] and what was packed. Out: the report's [`model::Function`], and the error
//! that its artifact is over a limit of the platform. No file is read.

use crate::pipeline::artifact_file::report_row;
use crate::pipeline::estimates::{ArtifactSizes, estimate_function};
use crate::pipeline::layout;
use crate::pipeline::packed_function::{FunctionResult, PackedFunction, StrategyAttempt};
use crate::pipeline::request::{CostAssumptions, ReportExtras};
use crate::pipeline::strategies::{reported, strategy_name};
use crate::plan::{Origin, Plan};
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::functions::FunctionKind;
use coldcut_core::settings::Strategy;
use coldcut_js::bundle::metafile;
use coldcut_report::model;
use coldcut_report::model::StepName;
use coldcut_report::{advice, limits};
use coldcut_verify::Status;

/// Writes the function's part of the report. What was packed is taken over.
pub(super) fn function_report(
    result: &FunctionResult,
    mut packed: PackedFunction,
    cost_assumptions: &CostAssumptions,
    extras: ReportExtras,
) -> (model::Function, Option<Diagnostic>) {
    let plan = &result.plan;
    let artifact = report_row(&packed.packed);
    let baseline = baseline(&packed);
    let (estimate, loaded) = estimate(plan, &packed, &baseline, &artifact, cost_assumptions);
    let layers = layers(plan, &packed);
    let limits = limits::rows(plan.platform, &artifact, &layers);
    let (kind, entry) = match &plan.function.kind {
        FunctionKind::Node(handler) => (model::FunctionKind::Node, handler.file.to_string()),
        FunctionKind::Rust(binary) => (model::FunctionKind::Rust, binary.bin.clone()),
    };
    let handler = packed.artifact.handler.to_string();
    let mut function = model::Function {
        name: result.name.clone(),
        kind,
        handler_setting: layout::setting(plan, &handler),
        platform: plan.platform.name.clone(),
        runtime: plan.runtime.value.clone(),
        arch: plan.arch.value.clone(),
        strategy: packed.strategy,
        strategy_reason: strategy_reason(result),
        declared_by: plan.function.origin.clone(),
        settings: settings(plan),
        layers,
        artifact,
        baseline,
        steps: steps(&packed),
        dropped_rules: dropped_rules(&packed),
        class_names_bytes: packed.class_names,
        sdk: sdk(result, &packed),
        estimate,
        loaded,
        verification: verification(result, &packed),
        limits,
        warnings: model::Warning::all(&result.warnings, plan.root()),
        metafile: extras
            .metafile
            .then(|| metafile(result, &packed, &entry))
            .flatten(),
        entry,
        handler,
        measured: packed.measured.take(),
        rust: packed.rust.take(),
        dropped_dev_dependencies: packed.dev_packages,
        packages: packed.contents.packages,
        files: packed.contents.files,
        modules: packed.contents.modules,
        duplicates: packed.contents.duplicates,
        components: packed.contents.components,
        advice: Vec::new(),
    };
    function.advice = advice::advise(&function);
    let over_limit = limits::check(&function);
    (function, over_limit)
}

/// The folder as it is, zipped.
fn baseline(packed: &PackedFunction) -> model::Baseline {
    let first = packed.steps.first();
    model::Baseline {
        bytes: first.map_or(0, |step| step.zipped_bytes),
        unpacked_bytes: first.map_or(0, |step| step.unpacked_bytes),
        files: first.map_or(0, |step| step.files),
    }
}

fn estimate(
    plan: &Plan,
    packed: &PackedFunction,
    baseline: &model::Baseline,
    artifact: &model::Artifact,
    cost_assumptions: &CostAssumptions,
) -> (Option<model::Estimate>, Option<model::Loaded>) {
    let before = ArtifactSizes {
        zip_bytes: baseline.bytes,
        unpacked_bytes: baseline.unpacked_bytes,
    };
    let after = ArtifactSizes {
        zip_bytes: artifact.bytes,
        unpacked_bytes: artifact.unpacked_bytes,
    };
    estimate_function(plan, packed, before, after, cost_assumptions)
}

/// The layers that the function names, and the one that it shares.
fn layers(plan: &Plan, packed: &PackedFunction) -> Vec<model::Layer> {
    let named = plan.function.layers.iter().map(|name| model::Layer {
        name: name.clone(),
        unpacked_bytes: plan.report.layer_bytes.get(name).copied(),
    });
    named.chain(packed.layer.clone()).collect()
}

fn dropped_rules(packed: &PackedFunction) -> Vec<model::DroppedRule> {
    let rules = packed.dropped_by_rule.iter();
    rules
        .map(|(rule, (files, bytes))| model::DroppedRule {
            rule: rule.clone(),
            files: *files,
            bytes: *bytes,
        })
        .collect()
}

/// What was decided about the SDK that the runtime brings along, where the function uses it.
fn sdk(result: &FunctionResult, packed: &PackedFunction) -> Option<model::Sdk> {
    let sdk = result.sdk.as_ref().filter(|sdk| sdk.used)?;
    let plan = &result.plan;
    // Whole files were counted; of a bundle only what is in it can go.
    let runtime = plan.platform.runtime(&plan.runtime.value).ok();
    let packages = packed.contents.packages.iter();
    let shipped_bytes: u64 = packages
        .filter(|one| runtime.is_some_and(|runtime| runtime.covers(&one.name)))
        .map(|one| one.bytes)
        .sum();
    let most = if sdk.shipped { shipped_bytes } else { u64::MAX };
    Some(model::Sdk {
        choice: sdk.choice,
        shipped: sdk.shipped,
        reason: sdk.reason.clone().unwrap_or_else(|| {
            "production needs it: its version is pinned, and it loads faster than the runtime's"
                .to_string()
        }),
        other_choice_bytes: sdk.other_choice_unpacked_bytes.map(|bytes| bytes.min(most)),
    })
}

fn verification(result: &FunctionResult, packed: &PackedFunction) -> model::Verification {
    model::Verification {
        status: status(packed.proof.status),
        detail: packed.proof.detail.clone(),
        earlier: packed.proof.earlier,
        attempts: result.attempts.iter().map(attempt).collect(),
    }
}

/// What a bundle was made of, in esbuild's form.
fn metafile(
    result: &FunctionResult,
    packed: &PackedFunction,
    entry: &str,
) -> Option<serde_json::Value> {
    let made = packed.metafile.as_ref()?;
    let handler = packed.artifact.handler.as_str();
    let name = coldcut_report::metafile::output(&result.name, handler);
    Some(metafile::render(&[metafile::MetafileOutput {
        name: &name,
        bytes: handler_bytes(packed),
        entry,
        exports: &made.exports,
        inputs: &made.inputs,
    }]))
}

fn handler_bytes(packed_function: &PackedFunction) -> u64 {
    let mut entries = packed_function.packed.entries.iter();
    let handler = entries.find(|entry| entry.name == packed_function.artifact.handler);
    handler.map_or(0, |entry| entry.bytes)
}

fn strategy_reason(result: &FunctionResult) -> Option<String> {
    let (last, before) = result.attempts.split_last()?;
    if before.is_empty() {
        return (result.plan.strategy.value == Strategy::Auto && last.status == Status::Equal)
            .then(|| "the smallest strategy, and it passed verification".to_string());
    }
    let said: Vec<String> = before
        .iter()
        .map(|attempt| format!("{}: {}", strategy_name(attempt.strategy), attempt.detail))
        .collect();
    Some(said.join("; "))
}

fn settings(plan: &Plan) -> Vec<model::Setting> {
    let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let json = |value: &dyn erased::Json| name(value.json());
    let mut all: Vec<(&str, String, Origin)> = vec![
        ("strategy", json(&plan.strategy.value), plan.strategy.origin),
        ("runtime", plan.runtime.value.clone(), plan.runtime.origin),
        ("arch", plan.arch.value.clone(), plan.arch.origin),
        (
            "sdk",
            json(&plan.packages.sdk.value),
            plan.packages.sdk.origin,
        ),
        ("links", json(&plan.zip.links.value), plan.zip.links.origin),
        (
            "compression",
            json(&plan.zip.compression.value),
            plan.zip.compression.origin,
        ),
    ];
    if matches!(plan.function.kind, FunctionKind::Rust(_)) {
        let profile = &plan.rust.profile;
        all.push(("rust-profile", json(&profile.value), profile.origin));
    }
    all.into_iter()
        .map(|(name, value, origin)| model::Setting {
            name: name.to_string(),
            value,
            origin: origin.as_str().to_string(),
        })
        .collect()
}

/// Settings written the way their files write them.
mod erased {
    pub trait Json {
        fn json(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    }
}

fn steps(packed_function: &PackedFunction) -> Vec<model::Step> {
    let mut out = Vec::new();
    for pair in packed_function.steps.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if let Some(name) = after.name {
            out.push(model::Step {
                name,
                label: name.label().to_string(),
                detail: after.detail.clone(),
                files_before: before.files,
                files_after: after.files,
                unpacked_before_bytes: before.unpacked_bytes,
                unpacked_after_bytes: after.unpacked_bytes,
                zipped_before_bytes: before.zipped_bytes,
                zipped_after_bytes: after.zipped_bytes,
                measured: true,
            });
        }
    }
    if let Some(last) = packed_function.steps.last() {
        let packed = &packed_function.packed;
        out.push(model::Step {
            name: StepName::Compression,
            label: StepName::Compression.label().to_string(),
            detail: None,
            files_before: last.files,
            files_after: packed.files,
            unpacked_before_bytes: last.unpacked_bytes,
            unpacked_after_bytes: packed.unpacked_bytes,
            zipped_before_bytes: last.zipped_bytes,
            zipped_after_bytes: packed.bytes,
            measured: true,
        });
    }
    out
}

fn status(status: Status) -> model::Status {
    match status {
        Status::Equal => model::Status::Equal,
        Status::Differs => model::Status::Differs,
        Status::Unverified => model::Status::Unverified,
    }
}

fn attempt(attempt: &StrategyAttempt) -> model::Attempt {
    model::Attempt {
        strategy: reported(attempt.strategy),
        status: status(attempt.status),
        detail: attempt.detail.clone(),
    }
}
