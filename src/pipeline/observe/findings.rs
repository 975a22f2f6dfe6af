//! What to look at next, where a target is missed.
//!
//! In: the calls of a function, and its targets. Out: [`Bottleneck`]s, the worst first.

use crate::pipeline::observe::figures::failures;
use crate::pipeline::pricing;
use coldcut_observe::Group;
use coldcut_report::observation::{Bottleneck, Target};

/// What missed targets point at. The order is that of what hurts most.
pub(super) fn findings(group: &Group, targets: &[Target]) -> Vec<Bottleneck> {
    let missed = |name: &str| {
        targets
            .iter()
            .find(|t| t.name == name && t.met == Some(false))
    };
    let mut out = Vec::new();
    let mut add = |bottleneck: String, next: &str| {
        out.push(Bottleneck {
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
