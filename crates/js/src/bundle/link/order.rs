//! The order in which modules run.

use rustc_hash::FxHashSet;

use crate::bundle::link::linked::target;
use crate::bundle::module::{Kind, ModuleId, Modules};

/// The modules that run with `entry`, in Node's order, where it is an ES module. What is imported by
/// a module that runs on demand is not looked at: such a module runs its imports itself.
pub(super) fn evaluation_order(
    modules: &Modules,
    entry: ModuleId,
    on_demand: &dyn Fn(ModuleId) -> bool,
) -> Vec<ModuleId> {
    let mut order = Vec::new();
    if modules.get(entry).kind == Kind::Esm {
        evaluate(modules, entry, on_demand, &mut order);
    }
    order
}

/// `order`, where some of its modules turned out to run on demand.
pub(super) fn without_on_demand(
    modules: &Modules,
    entry: ModuleId,
    order: Vec<ModuleId>,
    on_demand: &FxHashSet<ModuleId>,
) -> Vec<ModuleId> {
    if !order.iter().any(|id| on_demand.contains(id)) {
        return order;
    }
    // Such a module runs what it imports by itself: in a cycle, whoever is reached first starts
    // first, and the others find it running.
    let mut again = evaluation_order(modules, entry, &|id| on_demand.contains(&id));
    let mut externals: Vec<ModuleId> = order
        .into_iter()
        .filter(|id| modules.get(*id).kind == Kind::External && !again.contains(id))
        .collect();
    externals.append(&mut again);
    externals
}

/// Depth first along static imports, as Node evaluates; not into those that run theirs themselves.
fn evaluate(
    modules: &Modules,
    id: ModuleId,
    on_demand: &dyn Fn(ModuleId) -> bool,
    order: &mut Vec<ModuleId>,
) {
    // An explicit stack: chains of imports may be longer than the thread's.
    let mut stack = vec![(id, 0usize)];
    let mut seen = FxHashSet::from_iter([id]);
    while let Some((id, next)) = stack.pop() {
        let module = modules.get(id);
        let static_imports = if module.kind == Kind::Esm && !on_demand(id) {
            module.analysis.imports.in_order.as_slice()
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

/// Modules that run on demand and wait for something: for a top-level `await` of their own, or for
/// a module that does.
pub(super) fn async_modules(
    modules: &Modules,
    on_demand: &FxHashSet<ModuleId>,
) -> FxHashSet<ModuleId> {
    let mut async_modules: FxHashSet<ModuleId> = on_demand
        .iter()
        .copied()
        .filter(|id| modules.get(*id).analysis.source.top_level_await)
        .collect();
    loop {
        let more: Vec<ModuleId> = on_demand
            .iter()
            .copied()
            .filter(|id| !async_modules.contains(id))
            .filter(|id| {
                modules
                    .get(*id)
                    .analysis
                    .imports
                    .in_order
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
