//! What each imported name is, and how each module runs.
//!
//! In: the modules. Out: [`Linked`]: for every import the symbol behind it, through any number of
//! re-exports; which ES modules run in order with the entry and which only when they are asked
//! for; and the order. Nothing is left out here: shaking comes after.

pub mod linked;
mod pure_functions;
mod wrap;

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::scan::ImportKind;

pub use crate::bundle::link::linked::{Linked, Resolution, Runs, reached, target, targets};
pub use crate::bundle::link::pure_functions::PureFunctions;
pub use crate::bundle::link::wrap::is_raw_text;

/// Links everything that `entry` reaches.
pub fn link(modules: &Modules, entry: ModuleId) -> Linked {
    let mut order = Vec::new();
    if modules.get(entry).kind == Kind::Esm {
        evaluate(modules, entry, &|_| false, &mut order);
    }
    let eager: FxHashSet<ModuleId> = order.iter().copied().collect();
    let waiting = order
        .iter()
        .any(|id| modules.get(*id).analysis.top_level_await);
    let mut required = BTreeSet::new();
    let mut imported = BTreeSet::new();
    let reached = reached(modules, entry);
    for id in &reached {
        let module = modules.get(*id);
        for (at, record) in module.records.iter().enumerate() {
            for to in targets(modules, *id, at) {
                if modules.get(to).kind != Kind::Esm {
                    continue;
                }
                match record.kind {
                    ImportKind::Require => {
                        required.insert(to);
                    }
                    ImportKind::Dynamic => {
                        imported.insert(to);
                    }
                    // From CommonJS nothing is imported statically.
                    ImportKind::Static | ImportKind::Resolve => {}
                }
            }
        }
    }
    let mut runs: FxHashMap<ModuleId, Runs> = FxHashMap::default();
    for id in &eager {
        if modules.get(*id).kind == Kind::Esm {
            runs.insert(*id, Runs::Eagerly);
        }
    }
    // What a `require` may run early must not wait for its place in the order; what `import()`
    // asks for comes after everything that runs with the entry, unless that waits for something.
    for id in required {
        lazily(modules, id, &mut runs, &|_| true);
    }
    for id in imported {
        lazily(modules, id, &mut runs, &|id| {
            waiting || !eager.contains(&id)
        });
    }
    let is_lazy = |id: ModuleId| runs.get(&id) == Some(&Runs::WhenAsked);
    if order.iter().any(|id| is_lazy(*id)) {
        // Such a module runs what it imports by itself: in a cycle, whoever is reached first starts
        // first, and the others find it running.
        let all = std::mem::take(&mut order);
        evaluate(modules, entry, &is_lazy, &mut order);
        let mut externals: Vec<ModuleId> = all
            .into_iter()
            .filter(|id| modules.get(*id).kind == Kind::External && !order.contains(id))
            .collect();
        externals.append(&mut order);
        order = externals;
    }
    let async_modules = async_modules(modules, &runs);
    Linked {
        shared: shared(modules, &reached, &order, &runs),
        order,
        runs,
        async_modules,
        memo: RefCell::default(),
    }
}

/// CommonJS that several ask for as ES modules do: `import()`, modules that run when asked, and
/// those that run in order. What Node copies of it, it copies once, for the first of them.
fn shared(
    modules: &Modules,
    reached: &[ModuleId],
    order: &[ModuleId],
    runs: &FxHashMap<ModuleId, Runs>,
) -> FxHashSet<ModuleId> {
    let mut times: FxHashMap<ModuleId, (bool, usize)> = FxHashMap::default();
    for id in order {
        times.entry(*id).or_default().1 += 1;
    }
    for id in reached {
        let module = modules.get(*id);
        let alone = runs.get(id) == Some(&Runs::WhenAsked);
        for (at, record) in module.records.iter().enumerate() {
            for to in targets(modules, *id, at) {
                let (by_import, times) = times.entry(to).or_default();
                match record.kind {
                    ImportKind::Dynamic => *by_import = true,
                    ImportKind::Static if alone => *times += 1,
                    _ => {}
                }
            }
        }
    }
    times
        .into_iter()
        .filter(|(_, (by_import, times))| *times > 1 || (*times == 1 && *by_import))
        .map(|(id, _)| id)
        .filter(|id| matches!(modules.get(*id).kind, Kind::Cjs | Kind::Json))
        .collect()
}

/// Depth first along static imports, as Node evaluates; not into those that run theirs themselves.
fn evaluate(
    modules: &Modules,
    id: ModuleId,
    alone: &dyn Fn(ModuleId) -> bool,
    order: &mut Vec<ModuleId>,
) {
    // An explicit stack: chains of imports may be longer than the thread's.
    let mut stack = vec![(id, 0usize)];
    let mut seen = FxHashSet::from_iter([id]);
    while let Some((id, next)) = stack.pop() {
        let module = modules.get(id);
        let static_imports = if module.kind == Kind::Esm && !alone(id) {
            module.analysis.static_imports.as_slice()
        } else {
            &[]
        };
        match static_imports.get(next) {
            Some(record) => {
                stack.push((id, next + 1));
                if let Some(to) = target(modules, id, *record)
                    && seen.insert(to)
                {
                    stack.push((to, 0));
                }
            }
            None => order.push(id),
        }
    }
}

fn lazily(
    modules: &Modules,
    id: ModuleId,
    runs: &mut FxHashMap<ModuleId, Runs>,
    may: &dyn Fn(ModuleId) -> bool,
) {
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        if modules.get(id).kind != Kind::Esm || !may(id) || runs.get(&id) == Some(&Runs::WhenAsked)
        {
            continue;
        }
        runs.insert(id, Runs::WhenAsked);
        for record in &modules.get(id).analysis.static_imports {
            if let Some(to) = target(modules, id, *record) {
                stack.push(to);
            }
        }
    }
}

fn async_modules(modules: &Modules, runs: &FxHashMap<ModuleId, Runs>) -> FxHashSet<ModuleId> {
    let lazy: Vec<ModuleId> = runs
        .iter()
        .filter(|(_, runs)| **runs == Runs::WhenAsked)
        .map(|(id, _)| *id)
        .collect();
    let mut async_modules: FxHashSet<ModuleId> = lazy
        .iter()
        .copied()
        .filter(|id| modules.get(*id).analysis.top_level_await)
        .collect();
    loop {
        let more: Vec<ModuleId> = lazy
            .iter()
            .copied()
            .filter(|id| !async_modules.contains(id))
            .filter(|id| {
                modules
                    .get(*id)
                    .analysis
                    .static_imports
                    .iter()
                    .any(|record| {
                        target(modules, *id, *record).is_some_and(|to| async_modules.contains(&to))
                    })
            })
            .collect();
        if more.is_empty() {
            return async_modules;
        }
        async_modules.extend(more);
    }
}
