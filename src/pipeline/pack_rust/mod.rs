//! Packs one Rust function.

mod facts;
mod folder_files;
mod layer;
mod proof;

use std::path::{Path, PathBuf};

use crate::pack::{PackOptions, PendingZip, SizeCache, pack};
use crate::plan::Plan;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::disk::length;
use coldcut_core::functions::Binary;
use coldcut_core::ignore_rules::{Because, Ignore};
use coldcut_core::native_headers;
use coldcut_core::settings::Strategy;
use coldcut_report::model;
use coldcut_report::model::StepName;
use coldcut_rust::{ArtifactKind, Asset, Built, CrateKind, Dependency};

use crate::pipeline::artifact_file::zip_path;
use crate::pipeline::binary_parts::BinaryParts;
use crate::pipeline::contents::ArtifactContents;
use crate::pipeline::pack_measurement::not_measured_warning;
use crate::pipeline::pack_rust::folder_files::files_below;
use crate::pipeline::packed_function::{
    FunctionResult, MeasuredStep, PackedFunction, StrategyAttempt,
};
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::secret_files::leave_secrets_out;

pub(super) use crate::pipeline::pack_rust::layer::SharedLayers;

pub(super) fn pack_one(
    plan: &Plan,
    binary: &Binary,
    layers: &SharedLayers,
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> FunctionResult {
    let name = plan.function.name.as_str();
    let _function = tracing::info_span!("function", name, functions = 1).entered();
    match try_pack(plan, binary, layers, request, progress) {
        Ok(result) => result,
        Err(error) => FunctionResult::failed(plan, vec![*error]),
    }
}

fn try_pack(
    plan: &Plan,
    binary: &Binary,
    layers: &SharedLayers,
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> coldcut_core::diagnostics::Result<FunctionResult> {
    let name = plan.function.name.as_str();
    progress(&format!("{name}: building with cargo"));
    let place = match binary.extension {
        true => ArtifactKind::Extension(binary.bin.clone()),
        false => ArtifactKind::Bootstrap,
    };
    let shared = layers.of(plan)?;
    let assets = assets(plan, request)?;
    let zip = zip_path(request, name);
    let debug_file = plan.rust.debug_file.then(|| zip.with_extension("debug"));
    if debug_file.is_some() {
        make_folder(&request.out)?;
    }
    let runtime = plan.platform.runtime(&plan.runtime.value)?;
    let runs = native_headers::Target::new(
        &plan.arch.value,
        runtime.glibc.as_deref(),
        Some(&runtime.name),
    );
    let beside = |name: &str| {
        let mut all = assets.iter().map(|(at, ..)| at.as_str());
        all.any(|at| at == name || at.strip_prefix("lib/") == Some(name))
            || shared.is_some_and(|layer| layer.has_library(name))
    };
    let ask = coldcut_rust::BuildRequest {
        binary,
        arch: &plan.arch.value,
        target: plan.rust.target.as_deref(),
        profile: plan.rust.profile.value,
        panic: plan.rust.panic,
        debug_file: debug_file.as_deref(),
        runs: &runs,
        beside: &beside,
        cache: &request.cache,
        say: progress,
    };
    let mut built = tracing::info_span!("cargo").in_scope(|| coldcut_rust::build(&ask))?;
    let mut artifact = coldcut_rust::layout(name, &place, &built.path, &assets)?;
    let secrets = leave_secrets_out(&mut artifact.files, &[], plan, None)?;
    (artifact.shares, artifact.inside) =
        coldcut_rust::artifact_parts(&built.record.sizes, &built.record.crates);
    progress(&format!("{name}: packing"));
    let options = PackOptions {
        compression: plan.zip.compression.value,
        links: plan.zip.links.value,
    };
    let pending_zip = PendingZip::beside(zip)?;
    let mut packed = pack(&artifact.files, pending_zip.path(), options)?;
    progress(&format!("{name}: verifying"));
    let verify = tracing::info_span!("verify").entered();
    let proof = proof::prove(plan, &place, &packed.path, &built, shared)?;
    drop(verify);
    let mut measured = None;
    if request.verify.measure_runs > 0 {
        progress(&format!("{name}: measuring"));
        let runs = request.verify.measure_runs;
        let _measure = tracing::info_span!("measure", runs).entered();
        measured = proof::measure(plan, &place, &packed.path, &built, shared, runs)?;
    }
    pending_zip.replace_target(&mut packed)?;
    let steps = steps(&mut built, &assets, &place);
    built.remember();
    let mut result = FunctionResult::new(plan);
    result.warnings.append(&mut built.warnings);
    if request.verify.measure_runs > 0 && measured.is_none() {
        result.warnings.push(not_measured_warning(name));
    }
    result.warnings.extend(secrets);
    result
        .warnings
        .extend(shared.iter().flat_map(|one| one.warnings.clone()));
    result.attempts.push(StrategyAttempt {
        strategy: Strategy::Auto,
        status: proof.status,
        detail: proof.detail.clone(),
    });
    let facts = binary_facts(plan, &ask, &built, request)?;
    let crates: Vec<Dependency> = built.record.crates.linked().cloned().collect();
    let binary = BinaryParts {
        rust: &facts,
        crates: &crates,
    };
    let extras = request.report.extras;
    let contents = ArtifactContents::gather(&artifact, &packed, Some(binary), plan.root(), extras);
    result.packed = Some(PackedFunction {
        strategy: model::Strategy::Cargo,
        steps,
        proof,
        packed,
        artifact,
        dropped_by_rule: Default::default(),
        class_names: None,
        dev_packages: unlinked_crates(&built),
        rust: Some(facts),
        kind_of_code: kind_of_code(&built),
        measured,
        layer: shared.map(layer::SharedLayer::of_function),
        contents,
        metafile: None,
    });
    Ok(result)
}

/// What is in the binary, with the other builds that the request asks to compare it with.
fn binary_facts(
    plan: &Plan,
    ask: &coldcut_rust::BuildRequest<'_>,
    built: &Built,
    request: &PackRequest,
) -> coldcut_core::diagnostics::Result<model::Rust> {
    let mut facts = facts::facts(plan, built, ask.debug_file);
    if request.rust.compare_profiles {
        facts.profiles = facts::profiles(plan, &coldcut_rust::compare(ask, built)?);
    }
    if request.rust.what_if {
        facts.what_if = facts::what_if(plan, built, &coldcut_rust::what_if(ask, built)?);
    }
    Ok(facts)
}

/// Crates that cargo built and no binary contains: macros, build scripts and their like.
fn unlinked_crates(built: &Built) -> Vec<String> {
    let all = built.record.crates.all.iter();
    all.filter(|dependency| dependency.kind != CrateKind::Linked)
        .map(|one| format!("{}@{} ({})", one.name, one.version, one.kind.as_str()))
        .collect()
}

/// A client of the AWS SDK is what public measurements of a start tell apart.
fn kind_of_code(built: &Built) -> &'static str {
    let mut linked = built.record.crates.all.iter();
    let sdk = linked.any(|one| one.kind == CrateKind::Linked && one.name.starts_with("aws-sdk-"));
    if sdk { "compiled-aws-sdk" } else { "compiled" }
}

fn make_folder(dir: &Path) -> coldcut_core::diagnostics::Result<()> {
    std::fs::create_dir_all(dir).map_err(|error| {
        Box::new(Diagnostic::io(
            crate::pack::codes::ZIP_NOT_WRITTEN,
            "make",
            dir,
            &error,
        ))
    })
}

/// Files that a setting asks for, with the pattern that does.
pub(super) fn assets(
    plan: &Plan,
    request: &PackRequest,
) -> coldcut_core::diagnostics::Result<Vec<Asset>> {
    // A project with a great many files pays for the walk only where it can find something.
    if !plan.files.patterns.iter().any(|pattern| pattern.keep) {
        return Ok(Vec::new());
    }
    let ignore = Ignore::build(plan.root(), &plan.files.rules_off, &plan.files.patterns)?;
    let all = files_below(plan.root(), request, &[".git", "target", "node_modules"]);
    let mut out = Vec::new();
    for (rel, found) in all.into_iter().filter(|(_, found)| !found.is_link) {
        let decision = ignore.decide(&rel);
        if let (true, Some(Because::Pattern { text, .. })) = (decision.keep, decision.because) {
            out.push((rel, found.path, text));
        }
    }
    Ok(out)
}

fn steps(built: &mut Built, assets: &[Asset], place: &ArtifactKind) -> Vec<MeasuredStep> {
    let mut sizes = SizeCache::default();
    let binaries = [&built.baseline, &built.linked, &built.stripped, &built.path];
    // A binary that is as it was compresses as it did.
    for (path, bytes) in binaries.iter().zip(&built.record.zipped) {
        sizes.assume(path, *bytes);
    }
    let all = assets.iter().map(|(_, path, _)| path.as_path());
    sizes.measure(all.chain(binaries.iter().map(|path| path.as_path())));
    let measured: Vec<u64> = binaries.iter().map(|path| sizes.compressed(path)).collect();
    let beside: u64 = assets.iter().map(|(_, path, _)| length(path)).sum();
    let at = place.path();
    let step = |name, detail: Option<String>, binary: &PathBuf| MeasuredStep {
        name,
        detail,
        files: assets.len() as u64 + 1,
        unpacked_bytes: beside + length(binary),
        zipped_bytes: sizes.zip_bytes(
            assets
                .iter()
                .map(|(rel, path, _)| (rel.as_str(), path.as_path()))
                .chain([(at.as_str(), binary.as_path())]),
        ),
    };
    let mut out = vec![
        step(None, None, &built.baseline),
        step(
            Some(StepName::Profile),
            Some(built.recipe.clone()),
            &built.linked,
        ),
        step(Some(StepName::Strip), None, &built.stripped),
    ];
    if built.cleared {
        out.push(step(Some(StepName::UnwindTables), None, &built.path));
    }
    built.record.zipped = measured;
    out
}
