//! Packs the Node.js functions of one folder.
//!
//! In: plans that share a folder. Out: one [`FunctionResult`] for each. `auto` tries the smallest way first
//! and steps down where a way cannot be followed or does not verify; every attempt is kept for
//! the report.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::pack::{PackOptions, Packed, PendingZip, SizeCache, pack};
use crate::plan::Plan;
use coldcut_core::artifact::Content;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::functions::Handler;
use coldcut_core::platform::Declared;
use coldcut_core::settings::{SdkChoice, Strategy};
use coldcut_js::build::{
    BuildMode, BuildRequest, Built, BundleSettings, ProjectContext, StageName,
};
use coldcut_report::model::StepName;
use coldcut_verify::{Proof, Scratch, Status};

use crate::pipeline::artifact_file::zip_path;
use crate::pipeline::build_settings;
use crate::pipeline::build_settings::{BuildSettings, handler};
use crate::pipeline::codes::NOT_REPRODUCIBLE;
use crate::pipeline::contents::ArtifactContents;
use crate::pipeline::external::ExternalPackages;
use crate::pipeline::finished_build::FinishedBuild;
use crate::pipeline::pack_measurement::not_measured_warning;
use crate::pipeline::pack_verification::OriginalProject;
use crate::pipeline::packed_function::{
    FunctionResult, MeasuredStep, PackedFunction, SdkDecision, StrategyAttempt,
};
use crate::pipeline::proofs::Proofs;
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::strategies::{reported, strategy_name};
use crate::pipeline::threads::STACK_BYTES;

/// What the functions of a group share.
struct GroupContext<'a> {
    context: &'a ProjectContext,
    sizes: SizeCache,
    /// One at a time: what was loaded of an original serves all functions.
    original_project: Mutex<OriginalProject>,
    request: &'a PackRequest,
    progress: ProgressCallback<'a>,
}

impl GroupContext<'_> {
    fn original_project(&self) -> MutexGuard<'_, OriginalProject> {
        self.original_project
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn pack_group(
    plans: &[&Plan],
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> Vec<FunctionResult> {
    progress("reading the project");
    let Some(context) = build_settings::open(plans, request) else {
        return Vec::new();
    };
    progress("measuring the project as it is");
    let mut sizes = SizeCache::default();
    sizes.measure(
        context
            .items()
            .iter()
            .filter(|i| !i.found.is_link)
            .map(|i| i.found.path.as_path()),
    );
    let shared = GroupContext {
        context: &context,
        sizes,
        original_project: Mutex::new(OriginalProject::new(
            Proofs::below(&request.out),
            request.verify.verify_again,
        )),
        request,
        progress,
    };
    pack_in_parallel(plans, request, &|plan| match handler(plan) {
        Some(handler) => pack_one(&shared, plan, handler),
        None => FunctionResult::failed(plan, Vec::new()),
    })
}

/// Packs several functions at once, since most of a bundle's work is one thread's. Each worker has
/// threads of its own: what waits for a part of one function must not begin another in between,
/// inside locks and on the same stack. Times are measured on a quiet machine: one by one.
fn pack_in_parallel(
    plans: &[&Plan],
    request: &PackRequest,
    pack: &(dyn Fn(&Plan) -> FunctionResult + Sync),
) -> Vec<FunctionResult> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = match request.verify.measure_runs {
        0 => cores.min(plans.len()),
        _ => 1,
    };
    let result: Vec<OnceLock<FunctionResult>> = plans.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    // Threads know nothing of the span that this one is in.
    let around = tracing::Span::current();
    let work = || {
        let _around = around.enter();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(plan), Some(slot)) = (plans.get(at), result.get(at)) else {
                return;
            };
            // Each place is taken once.
            let _ = slot.set(pack(plan));
        }
    };
    if workers > 1 {
        std::thread::scope(|scope| {
            for _ in 0..workers {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(cores / workers)
                    .stack_size(STACK_BYTES)
                    .build();
                // Where there can be no more threads, this one does the work below.
                if let Ok(pool) = pool {
                    scope.spawn(move || pool.install(work));
                }
            }
        });
    }
    let all = plans.iter().zip(result);
    all.map(|(plan, slot)| slot.into_inner().unwrap_or_else(|| pack(plan)))
        .collect()
}

/// The ways to try, smallest first.
fn ways_to_try(plan: &Plan) -> Vec<(Strategy, BuildMode)> {
    let bundle = BuildMode::Bundle(BundleSettings {
        minify: plan.bundle.minify.value,
        sourcemap: plan.bundle.sourcemap.value,
        keep_names: plan.bundle.keep_names.value,
        manifests: plan.bundle.manifests.value,
    });
    let all = [
        (Strategy::Bundle, bundle),
        (Strategy::Trace, BuildMode::Trace),
        (Strategy::Prune, BuildMode::Prune),
    ];
    let wanted = plan.strategy.value;
    let possible = &plan.platform.strategies;
    all.into_iter()
        .filter(|(strategy, _)| wanted == Strategy::Auto || *strategy == wanted)
        .filter(|(strategy, _)| possible.is_empty() || possible.contains(strategy))
        .collect()
}

fn pack_one(shared: &GroupContext<'_>, plan: &Plan, handler: &Handler) -> FunctionResult {
    let name = plan.function.name.as_str();
    let _function = tracing::info_span!("function", name, functions = 1).entered();
    match pack_by_first_way_that_verifies(shared, plan, handler) {
        Ok(result) => result,
        Err(errors) => FunctionResult::failed(plan, errors),
    }
}

fn pack_by_first_way_that_verifies(
    shared: &GroupContext<'_>,
    plan: &Plan,
    handler: &Handler,
) -> Result<FunctionResult, Vec<Diagnostic>> {
    let name = plan.function.name.as_str();
    let one = |error: Box<Diagnostic>| vec![*error];
    let settings = BuildSettings::new(shared.context, plan).map_err(one)?;
    let (decide, external) = (settings.decide(), settings.external());
    let modes = ways_to_try(plan);
    let mut attempts: Vec<StrategyAttempt> = Vec::new();
    let mut result = FunctionResult::new(plan);
    for (at, (strategy, mode)) in modes.iter().enumerate() {
        let is_last = at + 1 == modes.len();
        let build_request = settings.build_request(&handler.file, *mode, &decide, &external);
        (shared.progress)(&format!("{name}: building by {}", strategy_name(*strategy)));
        let bundles = *strategy == Strategy::Bundle;
        let mut built = match shared.context.build(&build_request) {
            Ok(built) => built,
            Err(errors) if bundles && !is_last => {
                attempts.push(not_bundled(plan, &errors));
                continue;
            }
            Err(errors) => return Err(errors),
        };
        if !is_last && !built.unfollowable.is_empty() {
            attempts.push(not_followed(plan, *strategy, &built.unfollowable));
            if !bundles {
                result.warnings.append(&mut built.unfollowable);
            }
            continue;
        }
        result.warnings.append(&mut built.unfollowable);
        let zipped = zip(shared, plan, handler, &build_request, built)?;
        (shared.progress)(&format!("{name}: verifying"));
        let (context, sizes) = (shared.context, &shared.sizes);
        let proof = shared
            .original_project()
            .prove(context, sizes, plan, handler, &zipped.built, &zipped.packed)
            .map_err(one)?;
        attempts.push(StrategyAttempt {
            strategy: *strategy,
            status: proof.status,
            detail: proof.detail.clone(),
        });
        // A bundle is all new text: it is not handed over on trust alone.
        let refused = match proof.status {
            Status::Equal => false,
            Status::Differs => true,
            Status::Unverified => bundles,
        };
        if refused && !is_last {
            continue;
        }
        let sdk = sdk_outcome(
            shared,
            plan,
            &build_request,
            settings.declared,
            &zipped.built,
        );
        result.sdk = Some(sdk.map_err(one)?);
        accept(shared, handler, *strategy, zipped, proof, &mut result).map_err(one)?;
        break;
    }
    result.attempts = attempts;
    result.warnings.dedup();
    Ok(result)
}

/// A function that was built and zipped, and not proven yet.
struct ZippedFunction {
    built: Built,
    /// What is to be said of files with secrets.
    secrets: Vec<Diagnostic>,
    packed: Packed,
    pending_zip: PendingZip,
}

/// Zips what was built, beside the place where the zip shall be.
fn zip(
    shared: &GroupContext<'_>,
    plan: &Plan,
    handler: &Handler,
    build_request: &BuildRequest<'_>,
    built: Built,
) -> Result<ZippedFunction, Vec<Diagnostic>> {
    let name = plan.function.name.as_str();
    let one = |error: Box<Diagnostic>| vec![*error];
    let finished = FinishedBuild::new(plan, &handler.file, built).map_err(one)?;
    let FinishedBuild { built, secrets } = finished;
    (shared.progress)(&format!("{name}: packing"));
    let options = PackOptions {
        compression: plan.zip.compression.value,
        links: plan.zip.links.value,
    };
    let pending_zip = PendingZip::beside(zip_path(shared.request, name)).map_err(one)?;
    let packed = pack(&built.artifact.files, pending_zip.path(), options).map_err(one)?;
    if shared.request.verify.check_reproducible {
        check_reproducible(shared.context, plan, build_request, &packed, options)?;
    }
    Ok(ZippedFunction {
        built,
        secrets,
        packed,
        pending_zip,
    })
}

/// Takes a proven zip as the function's artifact: it is measured where that was asked for, and put in
/// its place.
fn accept(
    shared: &GroupContext<'_>,
    handler: &Handler,
    strategy: Strategy,
    zipped: ZippedFunction,
    proof: Proof,
    result: &mut FunctionResult,
) -> coldcut_core::diagnostics::Result<()> {
    let ZippedFunction {
        built,
        secrets,
        mut packed,
        pending_zip,
    } = zipped;
    let plan = &result.plan;
    let name = plan.function.name.as_str();
    result.warnings.extend(built.warnings.iter().cloned());
    result.warnings.extend(secrets);
    result.errors.extend(proof.problem.clone());
    let runs = shared.request.verify.measure_runs;
    if runs > 0 {
        (shared.progress)(&format!("{name}: measuring"));
    }
    let measured =
        shared
            .original_project()
            .measure(shared.context, plan, handler, &built, &packed, runs)?;
    if runs > 0 && measured.is_none() {
        result.warnings.push(not_measured_warning(name));
    }
    pending_zip.replace_target(&mut packed)?;
    write_legal_notices(&packed.path, built.legal.as_deref())?;
    let extras = shared.request.report.extras;
    let contents = ArtifactContents::gather(&built.artifact, &packed, None, plan.root(), extras);
    result.packed = Some(PackedFunction {
        strategy: reported(strategy),
        steps: steps(shared, strategy == Strategy::Bundle, &built, &packed),
        proof,
        packed,
        artifact: built.artifact,
        dropped_by_rule: built.dropped_by_rule,
        dev_packages: built.dev_packages,
        class_names: built.class_names,
        rust: None,
        kind_of_code: "javascript",
        measured,
        layer: None,
        contents,
        metafile: built.metafile,
    });
    Ok(())
}

/// Why this way is not taken: code asks for what nobody can follow.
fn not_followed(plan: &Plan, strategy: Strategy, unfollowable: &[Diagnostic]) -> StrategyAttempt {
    let places: Vec<String> = unfollowable
        .iter()
        .filter_map(|diagnostic| diagnostic.at.as_ref())
        .take(3)
        .map(|at| short_location(plan.root(), at))
        .collect();
    StrategyAttempt {
        strategy,
        status: Status::Unverified,
        detail: format!(
            "{} computed imports cannot be followed, the first at {}",
            unfollowable.len(),
            places.join(", ")
        ),
    }
}

/// Licence notices lie beside the zip: what the function loads need not carry them. Those of an
/// earlier pack go where there are none now.
fn write_legal_notices(zip: &Path, notices: Option<&str>) -> coldcut_core::diagnostics::Result<()> {
    let path = zip.with_extension("LEGAL.txt");
    let written = match notices {
        Some(text) => coldcut_core::disk::place(&path, text.as_bytes()),
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    };
    written.map_err(|error| {
        Box::new(
            Diagnostic::io(crate::pack::codes::ZIP_NOT_WRITTEN, "write", &path, &error)
                .help("choose another folder with `--out`, or free some space"),
        )
    })
}

/// Why the code cannot be one file.
fn not_bundled(plan: &Plan, errors: &[Diagnostic]) -> StrategyAttempt {
    let detail = errors.first().map_or_else(String::new, |error| {
        let at = error.at.as_ref().map(|at| short_location(plan.root(), at));
        match at {
            Some(at) => format!("{} ({at})", error.message),
            None => error.message.clone(),
        }
    });
    StrategyAttempt {
        strategy: Strategy::Bundle,
        status: Status::Unverified,
        detail,
    }
}

fn short_location(root: &Path, at: &coldcut_core::diagnostics::Location) -> String {
    let path = at.path.strip_prefix(root).unwrap_or(&at.path).display();
    match at.line {
        Some(line) => format!("{path}:{line}"),
        None => path.to_string(),
    }
}

/// Packs again from a copy of the project elsewhere, on one thread, and compares.
fn check_reproducible(
    context: &ProjectContext,
    plan: &Plan,
    build_request: &BuildRequest<'_>,
    packed: &Packed,
    options: PackOptions,
) -> Result<(), Vec<Diagnostic>> {
    let failed = |error: std::io::Error| {
        vec![Diagnostic::error(
            NOT_REPRODUCIBLE,
            format!("cannot pack a second time: {error}"),
        )]
    };
    let elsewhere = Scratch::new().map_err(|error| vec![*error])?;
    let base = elsewhere.path();
    // A workspace's packages lie above the function's folder, and must be where they are asked for.
    let mut whole = plan.root().as_path();
    while let Some(parent) = whole.parent()
        && context
            .items()
            .iter()
            .any(|item| !item.found.path.starts_with(whole))
    {
        whole = parent;
    }
    let copy = crate::stage::copy_for_comparison(whole, base).map_err(failed)?;
    let root = match plan.root().strip_prefix(whole) {
        Ok(rest) => copy.join(rest),
        Err(_) => copy,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|error| failed(std::io::Error::other(error)))?;
    let again = pool.install(|| -> Result<Packed, Vec<Diagnostic>> {
        let context = ProjectContext::open(
            &root,
            std::slice::from_ref(build_request.handler),
            &[],
            build_settings::common(plan, &[plan.arch.value.as_str()]),
        );
        let built = context.build(build_request)?;
        let finished =
            FinishedBuild::new(plan, build_request.handler, built).map_err(|e| vec![*e])?;
        let built = finished.built;
        pack(&built.artifact.files, &base.join("again.zip"), options).map_err(|e| vec![*e])
    })?;
    if again.sha256 == packed.sha256 {
        return Ok(());
    }
    let first = again
        .entries
        .iter()
        .zip(&packed.entries)
        .find(|(a, b)| a.name != b.name || a.compressed_bytes != b.compressed_bytes)
        .map_or_else(
            || "the number of files".to_string(),
            |(a, b)| format!("`{}` against `{}`", b.name, a.name),
        );
    Err(vec![
        Diagnostic::error(
            NOT_REPRODUCIBLE,
            format!(
                "function `{}` packed twice gave different bytes",
                build_request.name
            ),
        )
        .note(format!("the first difference: {first}"))
        .help("this is a bug in coldcut: please report it with the project's layout"),
    ])
}

/// What the rule for the SDK decided, and what the other choice would weigh.
fn sdk_outcome(
    shared: &GroupContext<'_>,
    plan: &Plan,
    build_request: &BuildRequest<'_>,
    declared: Declared,
    built: &Built,
) -> coldcut_core::diagnostics::Result<SdkDecision> {
    let runtime = plan.platform.runtime(&plan.runtime.value)?;
    let covered: Vec<&String> = built
        .external
        .keys()
        .filter(|n| runtime.covers(n))
        .collect();
    let files = built.artifact.files.values();
    let shipped = files
        .filter_map(|entry| entry.package.as_deref())
        .chain(built.artifact.shares.iter().map(|share| &*share.package))
        .filter_map(|label| label.rsplit_once('@'))
        .any(|(name, _)| runtime.covers(name));
    let reason = covered
        .first()
        .and_then(|name| built.external.get(*name).cloned());
    let other = if shipped {
        SdkChoice::External
    } else {
        SdkChoice::Bundle
    };
    let other_bytes = if shipped || !covered.is_empty() {
        let external = ExternalPackages::new(plan, declared, other)?;
        let reason = |package: &str| external.reason(package);
        let other_request = BuildRequest {
            external: &reason,
            ..*build_request
        };
        let here = shared.context.traced_bytes(build_request);
        let there = shared.context.traced_bytes(&other_request);
        here.zip(there)
            .map(|(here, there)| here.abs_diff(there))
            .filter(|bytes| *bytes > 0)
    } else {
        None
    };
    Ok(SdkDecision {
        choice: plan.packages.sdk.value,
        shipped,
        used: shipped || !covered.is_empty(),
        reason,
        other_choice_unpacked_bytes: other_bytes,
    })
}

/// The waterfall: every set of files measured as a plain zip.
fn steps(
    shared: &GroupContext<'_>,
    bundled: bool,
    built: &Built,
    packed: &Packed,
) -> Vec<MeasuredStep> {
    let items = shared.context.items();
    let mut out: Vec<MeasuredStep> = built
        .stages
        .iter()
        .map(|stage| {
            let files = || {
                stage
                    .items
                    .iter()
                    .map(|at| &items[*at as usize])
                    .filter(|item| !item.found.is_link)
            };
            MeasuredStep {
                name: step_name(stage.name),
                detail: None,
                files: files().count() as u64,
                unpacked_bytes: files().map(|item| item.found.bytes).sum(),
                zipped_bytes: shared
                    .sizes
                    .zip_bytes(files().map(|item| (item.name.as_str(), item.found.path.as_path()))),
            }
        })
        .collect();
    // Source that became JavaScript, rewritten manifests and links weigh otherwise than what
    // they were made of.
    let made = |content: &Content| !matches!(content, Content::File { .. });
    if built
        .artifact
        .files
        .values()
        .any(|entry| made(&entry.content))
    {
        out.push(MeasuredStep {
            name: Some(match bundled {
                true => StepName::Bundle,
                false => StepName::Transpile,
            }),
            detail: None,
            files: packed.files,
            unpacked_bytes: packed.unpacked_bytes,
            zipped_bytes: shared.sizes.artifact_bytes(&built.artifact),
        });
    }
    out
}

fn step_name(name: StageName) -> Option<StepName> {
    match name {
        StageName::Everything => None,
        StageName::WithoutDevDependencies => Some(StepName::DevDependencies),
        StageName::WithoutIgnored => Some(StepName::IgnoredFiles),
        StageName::WithoutPlatformProvided => Some(StepName::PlatformProvided),
        StageName::WithoutUnreachable => Some(StepName::UnreachableFiles),
    }
}
