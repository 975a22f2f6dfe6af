//! The steps of the waterfall as sets of files.
//!
//! In: the folder's items, the packages of production, the trace and the rules. Out: what is left
//! after each step. A traced file is never dropped by a step that goes by names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::packages::production_closure::Closure;
use coldcut_core::artifact::RelPath;

use crate::build::inventory::InventoryItem;
use crate::build::outcome::{Stage, StageName};
use crate::build::request::{BuildRequest, IgnoreVerdict};

pub(super) struct Staged {
    pub stages: Vec<Stage>,
    /// What pruning ships: indices of items left before unreachable ones go.
    pub kept: Vec<u32>,
    pub dropped_by_rule: BTreeMap<String, (u64, u64)>,
    /// Items that a name rule would have dropped, though the handler needs them, by that rule.
    pub saved: BTreeMap<String, Vec<u32>>,
    /// Items that a pattern of the user's asks for.
    pub included: Vec<(u32, IgnoreVerdict)>,
}

pub(super) struct Sets<'a> {
    pub items: &'a [InventoryItem],
    pub root: &'a Path,
    /// The packages of production, with and without what the platform provides.
    pub production: &'a Closure,
    pub shipped: &'a Closure,
    pub traced: &'a FxHashSet<PathBuf>,
    /// Whether it can be loaded where the function runs, as far as it is native.
    pub fits: &'a dyn Fn(&InventoryItem) -> bool,
    /// Where each item would lie in the artifact, by the package's folder.
    pub folders: &'a FxHashMap<PathBuf, String>,
}

pub(super) fn steps(sets: &Sets<'_>, request: &BuildRequest<'_>) -> Staged {
    let mut out = Staged {
        stages: Vec::new(),
        kept: Vec::new(),
        dropped_by_rule: BTreeMap::new(),
        saved: BTreeMap::new(),
        included: Vec::new(),
    };
    let all: Vec<u32> = (0..sets.items.len() as u32).collect();
    let is_traced = |at: u32| sets.traced.contains(&sets.items[at as usize].found.path);
    let needed = |at: u32, closure: &Closure| {
        let item = &sets.items[at as usize];
        !item.installed || closure.packages.contains_key(&item.package) || is_traced(at)
    };
    let production: Vec<u32> = all
        .iter()
        .copied()
        .filter(|at| needed(*at, sets.production))
        .collect();
    let mut unignored = Vec::with_capacity(production.len());
    for at in &all {
        let item = &sets.items[*at as usize];
        let Some(rel) = artifact_path(sets, item) else {
            continue;
        };
        let in_production = needed(*at, sets.production);
        let verdict = (request.decide)(&rel);
        if verdict.included_by.is_some() {
            out.included.push((*at, verdict.clone()));
        }
        if !in_production {
            continue;
        }
        if verdict.keep {
            if is_traced(*at) || verdict.included_by.is_some() || (sets.fits)(item) {
                unignored.push(*at);
            } else {
                drop_by(ELSEWHERE, item, &mut out);
            }
        } else if is_traced(*at) {
            unignored.push(*at);
            let by = verdict.because.unwrap_or_default();
            if verdict.rule.is_none() {
                out.saved.entry(by).or_default().push(*at);
            }
        } else if let Some(rule) = verdict.rule {
            drop_by(&rule, item, &mut out);
        }
    }
    let shipped: Vec<u32> = unignored
        .iter()
        .copied()
        .filter(|at| needed(*at, sets.shipped))
        .collect();
    out.kept.clone_from(&shipped);
    for (name, items) in [
        (StageName::Everything, all),
        (StageName::WithoutDevDependencies, production),
        (StageName::WithoutIgnored, unignored),
        (StageName::WithoutPlatformProvided, shipped),
    ] {
        out.stages.push(Stage { name, items });
    }
    out
}

/// How reports name what is installed for other platforms.
const ELSEWHERE: &str = "other platforms";

fn drop_by(rule: &str, item: &InventoryItem, out: &mut Staged) {
    let sum = out.dropped_by_rule.entry(rule.to_string()).or_default();
    sum.0 += 1;
    sum.1 += item.found.bytes;
}

/// Where an item would lie in the artifact.
fn artifact_path(sets: &Sets<'_>, item: &InventoryItem) -> Option<RelPath> {
    if !item.installed {
        return RelPath::new(&item.name);
    }
    let rest = item.found.path.strip_prefix(&item.package).ok()?;
    let rest = RelPath::from_path(rest)?;
    match sets.folders.get(&item.package) {
        Some(folder) if folder.is_empty() => Some(rest),
        Some(folder) => RelPath::new(&format!("{folder}/{rest}")),
        None => {
            let inside = item.found.path.strip_prefix(sets.root).ok()?;
            RelPath::from_path(inside)
        }
    }
}
