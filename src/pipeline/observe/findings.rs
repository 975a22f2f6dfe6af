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
                    "time-outs ({timeouts}): the handler waits for something that does not arrive"
                ),
                "find the calls that run when the function times out, give them a shorter time limit, then check the time limit of the function",
            );
        } else {
            add(
                format!("errors ({errors}), which the times above do not show"),
                "read the ERROR lines of the same log before anything else",
            );
        }
    }
    if group.failed_inits > 0 {
        add(
            format!(
                "{} failed starts: the code fails or takes more than 10 s before its first call",
                group.failed_inits
            ),
            "`coldcut verify ZIP` shows whether it loads, `coldcut measure ZIP` shows how long that takes",
        );
    }
    if let Some(target) = missed("memory") {
        let share = target.value.unwrap_or(0.0) * 100.0;
        add(
            format!("memory: {share:.0} % of the configured memory was used"),
            "configure more memory before it runs out, and check whether the use grows from call to call",
        );
    }
    if let Some(target) = missed("cold_start_p99") {
        let half = group.init.quantile(0.5).unwrap_or(0.0);
        if half >= target.below {
            add(
                format!(
                    "the code that is loaded at start: half of all starts take {half:.0} ms or more"
                ),
                "`coldcut pack` bundles this code and removes unused code, `coldcut measure ZIP` names the packages that take the time; load code that not every call needs only when it is needed",
            );
        } else {
            add(
                format!(
                    "the slowest starts: the median of {half:.0} ms is within the target, but the slowest starts are not"
                ),
                "find what a start waits for besides loading code, such as a first connection or fetching a secret; a smaller package helps little here, provisioned concurrency helps",
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
                    "the handler itself: below {} MB it has less than one processor",
                    pricing::ONE_VCPU_MB
                ),
                "try more memory with AWS Lambda Power Tuning and read its result with `--power-tuning FILE`; if that changes nothing, the handler waits for other services",
            );
        } else if missed("warm_p50").is_some() {
            add(
                "the handler itself, not its start: it waits for other services, or computes"
                    .to_string(),
                "trace one call; the size of the package does not matter here",
            );
        } else {
            add(
                "the slowest calls: the median is within the target, but the slowest calls are not"
                    .to_string(),
                "look at what the slowest calls wait for, and at the limits of what they call",
            );
        }
    }
    out
}
