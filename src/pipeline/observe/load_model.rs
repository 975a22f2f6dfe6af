//! The load model, fitted to a log.
//!
//! In: groups of calls, and the sizes of the versions. Out: the report's [`Fit`], with the settings
//! that make `pack` estimate by it. Only cold starts of one kind of code are taken.

use std::collections::BTreeMap;

use crate::pipeline::calibration;
use crate::pipeline::observe::code_kind::code_kind;
use coldcut_core::diagnostics::Result;
use coldcut_core::platform::Platform;
use coldcut_core::settings::CodeKind;
use coldcut_observe::fit;
use coldcut_observe::fit::KnownParameters;
use coldcut_observe::{Group, Key, Observed, RuntimeFamily};
use coldcut_report::observation::{Difference, Fit, Line};

/// The kind of code that most cold starts are of, its groups, and the number of the other starts.
/// What nobody says is of that kind too.
fn of_one_kind(
    groups: &[(Key, Group)],
    given: Option<RuntimeFamily>,
) -> (CodeKind, Vec<(Key, Group)>, u64) {
    let mut starts: BTreeMap<RuntimeFamily, u64> = BTreeMap::new();
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

pub(super) fn fit_of(
    found: &Observed,
    sizes: &[fit::VersionSize],
    platform: &Platform,
    given: Option<RuntimeFamily>,
) -> Result<Fit> {
    let (kind, groups, others) = of_one_kind(&found.groups, given);
    let known = KnownParameters {
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
            "{others} cold starts of another kind of code than {} are not used",
            kind.as_str()
        ));
    }
    let line = |line: &fit::FittedLine| Line {
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
