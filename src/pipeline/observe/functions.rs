//! Each function of a log, judged.
//!
//! In: groups of calls by function and version. Out: the report's [`ObservedFunction`]s with their figures,
//! targets, findings, versions and costs.

use std::collections::BTreeMap;

use crate::pipeline::observe::code_kind::code_kind;
use crate::pipeline::observe::figures::{figures, held, merged};
use crate::pipeline::observe::findings::findings;
use crate::pipeline::observe::request::ObserveRequest;
use crate::pipeline::observe::version_change::change;
use crate::pipeline::pricing;
use coldcut_core::platform::Targets;
use coldcut_core::platform::prices::Price;
use coldcut_observe::{Group, Key, RuntimeFamily};
use coldcut_report::observation::{Cost, ObservedFunction, Version};

/// What turns figures into dollars.
pub(super) struct Rate<'a> {
    pub request: &'a ObserveRequest,
    pub price: Price,
}

/// Groups of one function put together, and judged.
pub(super) fn functions(
    groups: &[(Key, Group)],
    given: Option<RuntimeFamily>,
    targets: &Targets,
    rate: &Rate<'_>,
) -> Vec<ObservedFunction> {
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

fn function(
    name: Option<&str>,
    groups: &[&(Key, Group)],
    all: &Group,
    given: Option<RuntimeFamily>,
    targets: &Targets,
) -> ObservedFunction {
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
    ObservedFunction {
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
