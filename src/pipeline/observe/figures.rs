//! The figures of calls that belong together, and whether they meet the targets.
//!
//! In: groups of calls, added up over the lines of a log. Out: the report's [`Figures`], and for each
//! target whether it is met.

use coldcut_core::platform::Targets;
use coldcut_observe::{Group, Times};
use coldcut_report::observation::{Figures, Quantiles, Target};

pub(super) fn merged<'a>(groups: impl Iterator<Item = &'a Group>) -> Group {
    let mut all = Group::default();
    groups.for_each(|group| all.merge(group));
    all
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
pub(super) fn failures(group: &Group) -> (u64, u64) {
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

pub(super) fn figures(group: &Group) -> Figures {
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

pub(super) fn held(group: &Group, family: &str, targets: &Targets) -> Vec<Target> {
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
