//! The whole of `observe`: what logs tell, held to targets, compared, and fitted.
//!
//! In: an [`ObserveRequest`]. Out: an [`Observation`], and warnings about lines that do not count. The reading
//! is the room `observe`'s; here figures are judged.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::pipeline::request::ProgressCallback;
use crate::pipeline::{calibration, pricing};
use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::platform::prices;
use coldcut_core::platform::prices::Price;
use coldcut_core::platform::{Platform, Targets};
use coldcut_core::settings::CodeKind;
use coldcut_observe::fit;
use coldcut_observe::fit::{Known, Wall};
use coldcut_observe::{Counts, Family, Group, Key, Observed, Side, Times, resample};
use coldcut_report::observation::{
    Change, Cost, Difference, Figures, Finding, Fit, Function, Line, Lines, Observation, Quantiles,
    SchemaId, Target, Version,
};

/// A moment that is none.
pub const BAD_TIME: Code = Code("CC208");

/// Cold starts that it takes on each side to tell a change from noise.
const A_SIDE: u64 = 30;

/// What a person asked for.
#[derive(Debug, Clone, Default)]
pub struct ObserveRequest {
    pub logs: Vec<PathBuf>,
    pub name: Option<String>,
    /// As the platform names it; decides which target holds where no line says.
    pub runtime: Option<String>,
    pub since: Option<String>,
    pub fit: bool,
    /// As `--sizes` has them.
    pub sizes: Vec<String>,
    pub wall: Option<PathBuf>,
    pub region: String,
    pub arch: String,
    pub cold_starts_per_month: Option<u64>,
    pub power_tuning: Option<PathBuf>,
}

/// What turns figures into dollars.
struct Rate<'a> {
    request: &'a ObserveRequest,
    price: Price,
}

/// Observes, and gives what to warn of too.
pub fn observe(
    request: &ObserveRequest,
    progress: ProgressCallback<'_>,
) -> std::result::Result<(Observation, Vec<Diagnostic>), Vec<Diagnostic>> {
    observed(request, progress).map_err(|error| vec![*error])
}

fn observed(
    request: &ObserveRequest,
    progress: ProgressCallback<'_>,
) -> Result<(Observation, Vec<Diagnostic>)> {
    let platform = Platform::load(crate::plan::DEFAULT_PLATFORM)?;
    let Some(targets) = &platform.targets else {
        return Err(Box::new(
            Diagnostic::error(
                coldcut_core::platform::BROKEN_DATA,
                "the platform has no targets",
            )
            .help("this is a fault of coldcut: please report it"),
        ));
    };
    // What can be wrong at once is said before gigabytes are read.
    let since = request.since.as_deref().map(moment).transpose()?;
    let wall = request.wall.as_deref().map(Wall::read).transpose()?;
    let mut sizes = Vec::new();
    for said in &request.sizes {
        sizes.extend(fit::sizes(said)?);
    }
    let price = prices::price(&request.region, &request.arch)?;
    let rate = Rate { request, price };
    let power_tuning = request
        .power_tuning
        .as_deref()
        .map(pricing::power_tuning)
        .transpose()?;
    progress("reading");
    let (found, mut warnings) = coldcut_observe::observe(&coldcut_observe::Ask {
        logs: request.logs.clone(),
        name: request.name.clone(),
        since,
        wall: wall.unwrap_or_default(),
    })?;
    let logs: Vec<String> = request
        .logs
        .iter()
        .map(|log| log.display().to_string())
        .collect();
    if found.counts.reports == 0 {
        return Err(empty(&logs, &found.counts));
    }
    warnings.extend(about_lines(&found.counts, &logs));
    let given = request
        .runtime
        .as_deref()
        .and_then(|runtime| Family::of(runtime.as_bytes()));
    let fitted = if request.fit {
        progress("fitting");
        Some(fit_of(&found, &sizes, platform, given)?)
    } else {
        None
    };
    let counts = &found.counts;
    let observation = Observation {
        schema: SchemaId::V1,
        logs,
        lines: Lines {
            total: counts.lines,
            reports: counts.reports,
            platform: counts.platform,
            foreign: counts.foreign,
            broken: counts.broken,
            beyond: counts.beyond,
            timeless: counts.timeless,
        },
        since: since.map(coldcut_observe::shown_time),
        functions: functions(&found.groups, given, targets, &rate),
        fit: fitted,
        power_tuning,
        targets_source: (&targets.source).into(),
    };
    Ok((observation, warnings))
}

fn moment(text: &str) -> Result<i64> {
    coldcut_observe::parse_time(text).ok_or_else(|| {
        Box::new(
            Diagnostic::error(BAD_TIME, format!("`--since {text}` is no moment")).help(
                "write it as `2026-11-20T10:00:00Z`, `2026-11-20`, or in milliseconds since 1970",
            ),
        )
    })
}

fn empty(logs: &[String], counts: &Counts) -> Box<Diagnostic> {
    let logs = logs.join("`, `");
    let message = match (counts.lines, counts.broken) {
        (0, _) => format!("`{logs}` is empty"),
        (lines, 0) => format!("none of the {lines} lines of `{logs}` reports an invocation"),
        (lines, broken) => format!(
            "none of the {lines} lines of `{logs}` reports an invocation, and {broken} are broken"
        ),
    };
    Box::new(Diagnostic::error(coldcut_observe::EMPTY, message).help(
        "a log of Lambda has lines that begin with `REPORT RequestId:` or, in JSON, of the type `platform.report`; `coldcut observe --queries` prints how to get them",
    ))
}

fn about_lines(counts: &Counts, logs: &[String]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if counts.broken > 0 {
        let mut warning = Diagnostic::warning(
            coldcut_observe::BROKEN_LINES,
            format!(
                "{} of {} lines begin as Lambda's and are not whole: they do not count",
                counts.broken, counts.lines
            ),
        );
        if let Some((file, line, text)) = &counts.first_broken {
            let log = logs.get(*file).map_or("the logs", String::as_str);
            // A folder's files are not in the list, and their numbers run on.
            let place = if logs.len() == 1 {
                format!("line {line}")
            } else {
                format!("`{log}`, line {line}")
            };
            warning = warning.note(format!(
                "the first is {place}, blank ones not counted: {text}"
            ));
        }
        out.push(warning);
    }
    if counts.beyond > 0 {
        out.push(
            Diagnostic::warning(
                coldcut_observe::TOO_MANY,
                format!(
                    "{} reports are of more functions and versions than are told apart",
                    counts.beyond
                ),
            )
            .help("read the logs of fewer functions at a time"),
        );
    }
    out
}

/// Groups of one function put together, and judged.
fn functions(
    groups: &[(Key, Group)],
    given: Option<Family>,
    targets: &Targets,
    rate: &Rate<'_>,
) -> Vec<Function> {
    let mut by_name: BTreeMap<&Option<String>, Vec<&(Key, Group)>> = BTreeMap::new();
    for group in groups {
        by_name.entry(&group.0.function).or_default().push(group);
    }
    by_name
        .into_iter()
        .filter_map(|(name, groups)| {
            let all = merged(groups.iter().map(|(_, group)| group));
            // Lines beside the reports may name a function that none of these reports is of.
            (all.invocations > 0).then(|| {
                let mut one = function(name.as_deref(), &groups, &all, given, targets);
                one.cost = cost(&all, rate);
                one
            })
        })
        .collect()
}

fn merged<'a>(groups: impl Iterator<Item = &'a Group>) -> Group {
    let mut all = Group::default();
    groups.for_each(|group| all.merge(group));
    all
}

/// What nobody says is taken for JavaScript.
fn code_kind(family: Option<Family>) -> CodeKind {
    match family.unwrap_or(Family::JavaScript) {
        Family::JavaScript => CodeKind::Javascript,
        Family::Python => CodeKind::Python,
        Family::Compiled => CodeKind::Compiled,
        Family::DotNet => CodeKind::Dotnet,
    }
}

fn function(
    name: Option<&str>,
    groups: &[&(Key, Group)],
    all: &Group,
    given: Option<Family>,
    targets: &Targets,
) -> Function {
    let known = given.or(all.family);
    let family = code_kind(known).as_str();
    let mut by_version: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
    for (key, group) in groups {
        if let Some(version) = &key.version {
            by_version.entry(version).or_default().push(group);
        }
    }
    let mut versions: Vec<(&str, Group)> = by_version
        .into_iter()
        .map(|(version, groups)| (version, merged(groups.into_iter())))
        .filter(|(_, group)| group.invocations > 0)
        .collect();
    // Numbers by their value; `$LATEST` stands behind all of them.
    versions.sort_by_key(|(version, _)| version.parse().unwrap_or(u64::MAX));
    let held = held(all, family, targets);
    Function {
        name: name.map(str::to_string),
        family: family.to_string(),
        family_known: known.is_some(),
        figures: figures(all),
        findings: findings(all, &held),
        targets: held,
        cost: None,
        change: change(groups, &versions),
        versions: versions
            .iter()
            .map(|(version, group)| Version {
                version: (*version).to_string(),
                figures: figures(group),
            })
            .collect(),
    }
}

fn quantiles(times: &Times) -> Option<Quantiles> {
    Some(Quantiles {
        count: times.count(),
        mean: times.mean_ms()?,
        p50: times.quantile(0.5)?,
        p90: times.quantile(0.9)?,
        p99: times.quantile(0.99)?,
    })
}

/// Errors and time-outs: plain text says them in lines of their own, newer text and JSON in the
/// report too, and neither is to count twice.
fn failures(group: &Group) -> (u64, u64) {
    (
        group.errors.max(group.error_lines),
        group.timeouts.max(group.timeout_lines),
    )
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn figures(group: &Group) -> Figures {
    let (errors, timeouts) = failures(group);
    let used = group.used_mb.count() > 0;
    Figures {
        invocations: group.invocations,
        cold_starts: group.cold_starts,
        cold_start_rate: share(group.cold_starts, group.invocations),
        provisioned: group.provisioned,
        proactive: group.proactive,
        restores: group.restores,
        failed_inits: group.failed_inits,
        init_ms: quantiles(&group.init),
        cold_ms: quantiles(&group.cold),
        warm_ms: quantiles(&group.warm),
        restore_ms: quantiles(&group.restore),
        billed_ms: group.billed_ms,
        billed_gb_seconds: group.gb_seconds,
        init_gb_seconds: (group.init_billed > 0).then_some(group.init_gb_seconds),
        memory_configured_mb: group.memory_mb.keys().copied().collect(),
        memory_used_p50_mb: group.used_mb.quantile(0.5),
        memory_used_most_mb: used.then_some(group.used_most_mb),
        memory_used_share: used.then_some(group.used_share),
        errors,
        timeouts,
        error_rate: share(errors + timeouts, group.invocations),
        from: group.first.map(coldcut_observe::shown_time),
        to: group.last.map(coldcut_observe::shown_time),
    }
}

fn held(group: &Group, family: &str, targets: &Targets) -> Vec<Target> {
    let mut all = group.warm.clone();
    all.merge(&group.cold);
    let (errors, timeouts) = failures(group);
    let cold = targets.cold_start_ms.get(family).copied();
    let target = |name: &str, value: Option<f64>, below: f64, unit: &str, samples: u64| Target {
        name: name.to_string(),
        value,
        below,
        unit: unit.to_string(),
        met: value.map(|value| value < below),
        samples,
    };
    let (init, warm) = (&group.init, &group.warm);
    vec![
        target(
            "cold_start_p99",
            init.quantile(0.99),
            // Every family that there is has its line in the data; a test holds it to that.
            cold.unwrap_or(f64::INFINITY),
            "ms",
            init.count(),
        ),
        target(
            "warm_p50",
            warm.quantile(0.5),
            targets.warm_ms,
            "ms",
            warm.count(),
        ),
        target(
            "duration_p99",
            all.quantile(0.99),
            targets.p99_ms,
            "ms",
            all.count(),
        ),
        target(
            "errors",
            Some(share(errors + timeouts, group.invocations)),
            targets.error_share,
            "share",
            group.invocations,
        ),
        target(
            "memory",
            (group.used_mb.count() > 0).then_some(group.used_share),
            targets.memory_share,
            "share",
            group.used_mb.count(),
        ),
    ]
}

/// What starts and calls cost with the memory that most calls had.
fn cost(group: &Group, rate: &Rate<'_>) -> Option<Cost> {
    let (memory_mb, _) = group.memory_mb.iter().max_by_key(|(_, calls)| **calls)?;
    let usd_per_gb_second = rate.price.usd_per_gb_second;
    let mut calls = group.warm.clone();
    calls.merge(&group.cold);
    let starts = rate.request.cold_starts_per_month;
    let init = group.init.mean_ms().zip(starts).map(|(ms, starts)| {
        starts as f64 * pricing::usd(ms, f64::from(*memory_mb), usd_per_gb_second)
    });
    Some(Cost {
        region: rate.request.region.clone(),
        arch: rate.request.arch.clone(),
        usd_per_gb_second,
        source: (&rate.price.source).into(),
        memory_mb: *memory_mb,
        init_usd_per_month: init,
        cold_starts_per_month: starts,
        memory: calls
            .mean_ms()
            .map(|ms| pricing::table(ms, *memory_mb, usd_per_gb_second))
            .unwrap_or_default(),
    })
}

/// What missed targets point at. The order is that of what hurts most.
fn findings(group: &Group, targets: &[Target]) -> Vec<Finding> {
    let missed = |name: &str| {
        targets
            .iter()
            .find(|t| t.name == name && t.met == Some(false))
    };
    let mut out = Vec::new();
    let mut add = |bottleneck: String, next: &str| {
        out.push(Finding {
            bottleneck,
            next: next.to_string(),
        });
    };
    let (errors, timeouts) = failures(group);
    if missed("errors").is_some() {
        if timeouts > errors {
            add(
                format!(
                    "time-outs, {timeouts} of them: the handler waits for something that does not come"
                ),
                "look at what it calls when it is cut off, give those calls a shorter time limit of their own, then look at the function's",
            );
        } else {
            add(
                format!("errors, {errors} of them, of which the times above know nothing"),
                "read the ERROR lines of the same log before anything else",
            );
        }
    }
    if group.failed_inits > 0 {
        add(
            format!(
                "{} starts that never came up: the code fails or takes more than 10 s before its first call",
                group.failed_inits
            ),
            "`coldcut verify ZIP` shows how it loads, `coldcut measure ZIP` what that takes",
        );
    }
    if let Some(target) = missed("memory") {
        let share = target.value.unwrap_or(0.0) * 100.0;
        add(
            format!("memory: {share:.0} % of what is configured was used"),
            "configure more before it runs out, and see whether it grows from call to call",
        );
    }
    if let Some(target) = missed("cold_start_p99") {
        let half = group.init.quantile(0.5).unwrap_or(0.0);
        if half >= target.below {
            add(
                format!("what is loaded at start: half of all starts take {half:.0} ms or more"),
                "`coldcut pack` bundles and shakes it, `coldcut measure ZIP` names the packages that take the time; load what not every call needs when it is needed",
            );
        } else {
            add(
                format!(
                    "the tail of starts: the median of {half:.0} ms is within the target, the slowest are not"
                ),
                "look for what a start waits for besides its code, such as a first connection or a secret that is fetched; a smaller package helps little here, provisioned concurrency does",
            );
        }
    }
    if missed("warm_p50").is_some() || missed("duration_p99").is_some() {
        let small = group
            .memory_mb
            .keys()
            .next_back()
            .is_some_and(|mb| *mb < pricing::ONE_VCPU_MB);
        if missed("warm_p50").is_some() && small {
            add(
                format!(
                    "the handler itself, which has less than one processor below {} MB",
                    pricing::ONE_VCPU_MB
                ),
                "try more memory with AWS Lambda Power Tuning and read its result with `--power-tuning FILE`; where that changes nothing, the handler waits for other services",
            );
        } else if missed("warm_p50").is_some() {
            add(
                "the handler itself, not its start: it waits for other services, or computes"
                    .to_string(),
                "trace one call; the size of the package has no part in this",
            );
        } else {
            add(
                "the tail of calls: the median is within the target, the slowest are not"
                    .to_string(),
                "look at what the slowest calls wait for, and at the limits of what they call",
            );
        }
    }
    out
}

fn change(groups: &[&(Key, Group)], versions: &[(&str, Group)]) -> Option<Change> {
    let side = |wanted: Side| {
        let groups = groups.iter().filter(|(key, _)| key.side == wanted);
        merged(groups.map(|(_, group)| group))
    };
    let split = groups.iter().any(|(key, _)| key.side != Side::Whole);
    if split {
        let (before, after) = (side(Side::Before), side(Side::After));
        return Some(compared("before", &before, "after", &after));
    }
    let [.., (before_name, before), (after_name, after)] = versions else {
        return None;
    };
    Some(compared(
        &format!("version {before_name}"),
        before,
        &format!("version {after_name}"),
        after,
    ))
}

fn compared(before_name: &str, before: &Group, after_name: &str, after: &Group) -> Change {
    let difference = |before: &Times, after: &Times| {
        resample::difference(before, after).map(|found| Difference {
            value: found.value,
            low: found.low,
            high: found.high,
        })
    };
    let (cold_starts_before, cold_starts_after) = (before.init.count(), after.init.count());
    Change {
        before: before_name.to_string(),
        after: after_name.to_string(),
        cold_starts_before,
        cold_starts_after,
        enough: cold_starts_before >= A_SIDE && cold_starts_after >= A_SIDE,
        wanted: A_SIDE,
        init_ms: difference(&before.init, &after.init),
        warm_ms: difference(&before.warm, &after.warm),
    }
}

/// The kind of code that most cold starts are of, its groups, and the number of the other starts.
/// What nobody says is of that kind too.
fn of_one_kind(
    groups: &[(Key, Group)],
    given: Option<Family>,
) -> (CodeKind, Vec<(Key, Group)>, u64) {
    let mut starts: BTreeMap<Family, u64> = BTreeMap::new();
    for (_, group) in groups {
        if let Some(family) = given.or(group.family) {
            *starts.entry(family).or_default() += group.init.count();
        }
    }
    let most = starts.iter().max_by_key(|(_, starts)| **starts);
    let family = most.map(|(family, _)| *family);
    let of = |group: &Group| {
        family.is_none() || given.or(group.family).is_none_or(|f| Some(f) == family)
    };
    let own: Vec<(Key, Group)> = groups
        .iter()
        .filter(|(_, group)| of(group))
        .cloned()
        .collect();
    let others = groups.iter().filter(|(_, group)| !of(group));
    let others = others.map(|(_, group)| group.init.count()).sum();
    (code_kind(family), own, others)
}

fn fit_of(
    found: &Observed,
    sizes: &[fit::Size],
    platform: &Platform,
    given: Option<Family>,
) -> Result<Fit> {
    let (kind, groups, others) = of_one_kind(&found.groups, given);
    let known = Known {
        per_file_ms: platform
            .load
            .get(kind.as_str())
            .map_or(0.0, |load| load.typical.per_file_ms),
        knee_bytes: platform
            .download
            .as_ref()
            .map_or(0, |model| model.typical.knee_bytes),
    };
    let mut fitted = fit::fit(&groups, sizes, known)?;
    if others > 0 {
        fitted.notes.push(format!(
            "{others} cold starts of other kinds of code than {} have no part in it",
            kind.as_str()
        ));
    }
    let line = |line: &fit::Line| Line {
        ms_per_mb: Difference {
            value: line.ms_per_mb.value,
            low: line.ms_per_mb.low,
            high: line.ms_per_mb.high,
        },
        base_ms: line.base_ms,
        versions: line.versions as u64,
        cold_starts: line.cold_starts,
    };
    Ok(Fit {
        load: fitted.load.as_ref().map(line),
        transfer: fitted.transfer.as_ref().map(line),
        toml: calibration::text(&calibration::of(&fitted, kind)),
        notes: fitted.notes,
    })
}
