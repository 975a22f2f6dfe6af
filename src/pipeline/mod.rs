//! The whole of `pack` as one readable function: discover, plan, build, pack, verify, report.
//!
//! In: a [`Request`]. Out: an [`Outcome`], or the diagnostics of what stopped everything. A
//! function that fails does not stop the others.

mod baseline_ref;
mod budgets;
mod build_settings;
pub mod calibration;
mod chains;
mod components;
mod duplicate_requesters;
pub mod estimates;
mod execution;
mod external;
mod handler_lookup;
pub mod inputs;
mod layout;
pub mod measure;
pub mod observe;
mod pack_measurement;
mod pack_node;
mod pack_rust;
mod pack_verification;
pub mod pricing;
mod profile;
mod proofs;
mod sam;
mod secret_files;
mod statistics;
mod summary;
mod unpacked;
mod verification_target;
pub mod verify;
mod why;

use std::path::{Path, PathBuf};

use crate::discover::{Ask, discover};
use crate::plan::{Overrides, Plan, plan};
use crate::stage::stage;
use coldcut_core::diagnostics::{Code, Diagnostic, Location, Severity};
use coldcut_core::functions::{FunctionKind, Project};
use coldcut_core::platform::prices;
use coldcut_core::settings::Strategy;
use coldcut_report::model::{Report, Shard};
use coldcut_verify::codes::NOT_MEASURED;

use crate::pipeline::baseline_ref::Before;
use crate::pipeline::budgets::Budgets;
pub use crate::pipeline::sam::SAM;
pub use crate::pipeline::unpacked::NOT_OWN;
pub use crate::pipeline::why::{Answer, why};

/// `--out` and what is packed overlap.
pub const OUT: Code = Code("CC006");
/// There is no function to pack.
pub const NOTHING: Code = Code("CC007");
/// Two packs of one function gave different bytes.
pub const NOT_REPRODUCIBLE: Code = Code("CC104");
/// An event for a function that takes none.
pub const NO_EVENT: Code = Code("CC147");
/// A strategy whose artifacts the platform does not run.
pub const NO_STRATEGY: Code = Code("CC148");
/// The run was ended from outside.
pub const INTERRUPTED: Code = Code("CC008");

/// Stack of the threads that parse: a deep tree overflows the usual 2 MB and ends the process.
const STACK_BYTES: usize = 64 << 20;

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub dir: PathBuf,
    pub ask: Ask,
    pub overrides: Overrides,
    /// Absolute.
    pub out: PathBuf,
    /// Where cargo builds; absolute.
    pub cache: PathBuf,
    /// Rust functions are built in every profile.
    pub compare_profiles: bool,
    /// Rust functions are built without each known cause of bloat.
    pub what_if: bool,
    pub install: bool,
    pub check_reproducible: bool,
    /// Proofs of earlier runs do not count.
    pub verify_again: bool,
    /// How often the load is measured on each side; 0 for not at all.
    pub measure_runs: u32,
    pub money: estimates::Money,
    /// Budgets of the command line, over those of the settings.
    pub budgets: Vec<String>,
    /// An earlier report to compare with.
    pub baseline: Option<PathBuf>,
    /// What reports need beyond what is always in them.
    pub wants: Wants,
    /// A git ref to pack and compare with.
    pub baseline_ref: Option<String>,
    /// A folder in which each artifact is laid out as a folder too; absolute.
    pub unpack: Option<PathBuf>,
    /// `.aws-sam/build` of the project is filled.
    pub sam: bool,
    /// Only this part of the functions.
    pub shard: Option<Shard>,
}

/// Parts of the report that cost something and are seldom asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wants {
    /// Every package and crate with its licences.
    pub components: bool,
    pub metafile: bool,
}

/// How a run ended, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    Done,
    OverBudget,
    VerificationFailed,
    Failed,
}

/// What a run gives.
#[derive(Debug)]
pub struct Outcome {
    pub report: Report,
    /// Everything worth saying, of all functions.
    pub diagnostics: Vec<Diagnostic>,
    pub ending: Ending,
}

/// A project whose functions are settled.
struct Settled {
    project: Project,
    plans: Vec<Plan>,
    /// The copy that was installed into, and what it is a copy of.
    staged: Option<(PathBuf, PathBuf)>,
    warnings: Vec<Diagnostic>,
}

/// Tells a person what is being done.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

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

/// Runs work on threads with stacks deep enough for any source.
fn in_pool<T: Send>(
    work: impl FnOnce() -> Result<T, Vec<Diagnostic>> + Send,
) -> Result<T, Vec<Diagnostic>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|error| {
            vec![Diagnostic::error(
                INTERRUPTED,
                format!("cannot start threads: {error}"),
            )]
        })?;
    pool.install(work)
}

fn settle(request: &Request, say: Say<'_>) -> Result<Settled, Vec<Diagnostic>> {
    let one = |error: Box<Diagnostic>| vec![*error];
    // A region without prices is said before hours of work and not after.
    prices::price(&request.money.region, "x86_64").map_err(one)?;
    let mut dir = request.dir.clone();
    let mut staged = None;
    if request.install {
        // Discovery comes first, so that a wrong folder costs no installation.
        let project = discover(&dir, &request.ask).map_err(one)?;
        let copy =
            stage(&project.root, &request.out.join("stage"), &|text| say(text)).map_err(one)?;
        let copy = copy.canonicalize().unwrap_or(copy);
        staged = Some((copy.clone(), project.root));
        dir = copy;
    }
    say("finding functions");
    let project = discover(&dir, &request.ask).map_err(one)?;
    let mut plans = plan(&project, &request.overrides).map_err(one)?;
    let mut warnings = project.warnings.clone();
    if plans.is_empty() {
        let mut error = Diagnostic::error(NOTHING, "there is no function to pack here")
            .at(Location::file(&project.root))
            .help("name a source file with `--entry`, or check the project's folder");
        for skipped in &project.skipped {
            error = error.note(format!("`{}` is left alone: {}", skipped.name, skipped.why));
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
        if let Some(unpack) = &request.unpack {
            check_out("--unpack", unpack, plan, staged.as_ref())?;
        }
    }
    warnings.retain(|warning| warning.severity != Severity::Note);
    Ok(Settled {
        project,
        plans,
        staged,
        warnings,
    })
}

/// What is not called with an event answers none, in the original and in the artifact alike, and
/// that would be taken for a proof.
fn check_event(plan: &Plan) -> coldcut_core::diagnostics::Result<()> {
    if plan.event.is_none() || plan.platform.handler.takes_events() {
        return Ok(());
    }
    let message = format!(
        "function `{}` cannot be called with an event: {} calls it otherwise",
        plan.function.name, plan.platform.title
    );
    Err(Box::new(
        Diagnostic::error(NO_EVENT, message)
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
    let names: Vec<&str> = possible
        .iter()
        .map(|one| pack_node::strategy_name(*one))
        .collect();
    let message = format!(
        "function `{}` cannot be packed by {}: {} runs no such artifact",
        plan.function.name,
        pack_node::strategy_name(wanted),
        plan.platform.title
    );
    Err(Box::new(
        Diagnostic::error(NO_STRATEGY, message)
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
            Diagnostic::error(OUT, format!("`{flag} {}` {what}", out.display()))
                .help("choose a folder outside of the project, or one that `.serverlessignore` leaves out"),
        ]
    };
    if root.starts_with(out) {
        return Err(fault("holds the project itself"));
    }
    let Ok(rest) = out.strip_prefix(root) else {
        return Ok(());
    };
    let ignore =
        coldcut_core::ignore_rules::Ignore::build(plan.root(), &plan.rules_off, &plan.patterns)
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
        Err(fault("lies inside what is packed"))
    }
}

fn pack_all(settled: &Settled, request: &Request, say: Say<'_>) -> Outcome {
    let mut summary = summary::Summary::new(&settled.project, &request.money, request.wants);
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
fn groups<'a>(plans: &[&'a Plan]) -> Vec<Vec<&'a Plan>> {
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

/// Where an artifact goes: a name that any file system takes.
fn target(request: &Request, name: &str) -> PathBuf {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    request.out.join(format!("{safe}.zip"))
}

/// The load was to be measured and could not be.
fn not_measured(name: &str) -> Diagnostic {
    Diagnostic::warning(
        NOT_MEASURED,
        format!("the load of `{name}` cannot be measured: the original and the artifact must both load here"),
    )
    .help("give them what they need with `--env`, and `coldcut verify` shows what fails; until then the load is estimated or not known")
}

/// What was tried, for the report.
pub(crate) struct Attempt {
    pub strategy: Strategy,
    pub status: coldcut_verify::Status,
    pub detail: String,
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
