//! What changed from one version of a function to the next.
//!
//! In: groups of calls before and after a moment, or by version. Out: a [`Change`]: differences with
//! their intervals, and whether there are cold starts enough to tell them from noise.

use crate::pipeline::observe::figures::merged;
use coldcut_observe::{Group, Key, Side, Times, resample};
use coldcut_report::observation::{Change, Difference};

/// Cold starts that it takes on each side to tell a change from noise.
const A_SIDE: u64 = 30;

pub(super) fn change(groups: &[&(Key, Group)], versions: &[(&str, Group)]) -> Option<Change> {
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
