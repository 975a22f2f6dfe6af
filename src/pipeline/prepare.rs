//! Before anything is built: the project, its functions and every option settled.
//!
//! In: a [`PackRequest`]. Out: a [`PreparedProject`], or the diagnostics of what cannot be asked for. A
//! wrong request is refused here, before hours of work and not after.

use std::path::{Path, PathBuf};

use tracing::field::Empty;

use crate::discover::discover;
use crate::pipeline::codes::{
    EVENT_NOT_TAKEN, NOTHING_TO_PACK, OUT_OVERLAPS_PROJECT, STRATEGY_NOT_RUN,
};
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::strategies::strategy_name;
use crate::plan::{Plan, plan};
use crate::stage::stage;
use coldcut_core::diagnostics::{Diagnostic, Location, Severity};
use coldcut_core::functions::Project;
use coldcut_core::platform::prices;
use coldcut_core::settings::Strategy;

/// A project whose functions are settled.
pub(super) struct PreparedProject {
    pub project: Project,
    pub plans: Vec<Plan>,
    /// The copy that was installed into, and what it is a copy of.
    pub staged: Option<(PathBuf, PathBuf)>,
    pub warnings: Vec<Diagnostic>,
}

pub(super) fn prepare_project(
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> Result<PreparedProject, Vec<Diagnostic>> {
    let one = |error: Box<Diagnostic>| vec![*error];
    // A region without prices is said before hours of work and not after.
    prices::price(&request.report.cost_assumptions.region, "x86_64").map_err(one)?;
    let mut dir = request.dir.clone();
    let mut staged = None;
    if request.install {
        // Discovery comes first, so that a wrong folder costs no installation.
        let project = discover(&dir, &request.discovery).map_err(one)?;
        let _install = tracing::info_span!("install").entered();
        let copy = stage(&project.root, &request.out.join("stage"), &|text| {
            progress(text)
        })
        .map_err(one)?;
        let copy = copy.canonicalize().unwrap_or(copy);
        staged = Some((copy.clone(), project.root));
        dir = copy;
    }
    progress("finding functions");
    let span = tracing::info_span!("discover", functions = Empty).entered();
    let project = discover(&dir, &request.discovery).map_err(one)?;
    span.record("functions", project.functions.len());
    drop(span);
    let span = tracing::info_span!("plan", functions = Empty).entered();
    let mut plans = plan(&project, &request.overrides).map_err(one)?;
    span.record("functions", plans.len());
    drop(span);
    let mut warnings = project.warnings.clone();
    if plans.is_empty() {
        let mut error = Diagnostic::error(NOTHING_TO_PACK, "there is no function to pack here")
            .at(Location::file(&project.root))
            .help("name a source file with `--entry`, or check the project's folder");
        for skipped in &project.skipped {
            error = error.note(format!("`{}` is not packed: {}", skipped.name, skipped.why));
        }
        return Err(vec![error]);
    }
    if let Some(shard) = request.shard {
        let mut at = 0..;
        plans.retain(|_| at.next().is_some_and(|at| shard.has(at)));
    }
    for plan in &plans {
        check_event(plan).map_err(one)?;
        check_strategy(plan).map_err(one)?;
        check_out("--out", &request.out, plan, staged.as_ref())?;
        if let Some(unpack) = &request.outputs.unpack {
            check_out("--unpack", unpack, plan, staged.as_ref())?;
        }
    }
    warnings.retain(|warning| warning.severity != Severity::Note);
    Ok(PreparedProject {
        project,
        plans,
        staged,
        warnings,
    })
}

/// What is not called with an event answers none, in the original and in the artifact alike, and
/// that would be taken for a proof.
fn check_event(plan: &Plan) -> coldcut_core::diagnostics::Result<()> {
    if plan.verify.event.is_none() || plan.platform.handler.takes_events() {
        return Ok(());
    }
    let message = format!(
        "function `{}` cannot be called with an event: {} calls functions in another way",
        plan.function.name, plan.platform.title
    );
    Err(Box::new(
        Diagnostic::error(EVENT_NOT_TAKEN, message)
            .at(plan.function.declared.clone())
            .help("leave `--event` out: then loading and exports are compared"),
    ))
}

/// Some platforms run only what is packed in one way.
fn check_strategy(plan: &Plan) -> coldcut_core::diagnostics::Result<()> {
    let possible = &plan.platform.strategies;
    let wanted = plan.strategy.value;
    if wanted == Strategy::Auto || possible.is_empty() || possible.contains(&wanted) {
        return Ok(());
    }
    let names: Vec<&str> = possible.iter().map(|one| strategy_name(*one)).collect();
    let message = format!(
        "function `{}` cannot be packed with strategy `{}`: {} does not run such artifacts",
        plan.function.name,
        strategy_name(wanted),
        plan.platform.title
    );
    Err(Box::new(
        Diagnostic::error(STRATEGY_NOT_RUN, message)
            .at(plan.function.declared.clone())
            .help(format!("choose `auto`, or `{}`", names.join("`, `"))),
    ))
}

/// Artifacts must not end up in the next artifact, nor over the source.
fn check_out(
    flag: &str,
    out: &Path,
    plan: &Plan,
    staged: Option<&(PathBuf, PathBuf)>,
) -> Result<(), Vec<Diagnostic>> {
    // A copy lies below `--out` by nature: what counts is where its original lies.
    let original = staged
        .and_then(|(copy, original)| Some(original.join(plan.root().strip_prefix(copy).ok()?)));
    let root = original.as_ref().unwrap_or(plan.root());
    let fault = |what: &str| {
        vec![
            Diagnostic::error(OUT_OVERLAPS_PROJECT, format!("`{flag} {}` {what}", out.display()))
                .help("choose a folder outside of the project, or one that `.serverlessignore` leaves out"),
        ]
    };
    if root.starts_with(out) {
        return Err(fault("contains the project itself"));
    }
    let Ok(rest) = out.strip_prefix(root) else {
        return Ok(());
    };
    let ignore = coldcut_core::ignore_rules::Ignore::build(
        plan.root(),
        &plan.files.rules_off,
        &plan.files.patterns,
    )
    .map_err(|error| vec![*error])?;
    // The default folder is one that tools leave; another one must be ignored by the user.
    let own = rest
        .components()
        .next()
        .is_some_and(|part| coldcut_core::disk::is_left_by_tools(part.as_os_str()));
    let inside = coldcut_core::artifact::RelPath::from_path(&rest.join("x.zip"));
    if own || inside.is_none_or(|path| !ignore.decide(&path).keep) {
        Ok(())
    } else {
        Err(fault("is inside the files that are packed"))
    }
}
