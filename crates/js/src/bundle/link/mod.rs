//! What each imported name is, and how each module runs.
//!
//! In: the modules, and for what they are linked. Out: [`Linked`]: for every import the symbol behind
//! it, through any number of re-exports; the wrapper that each module gets; and the order in which
//! modules run. Nothing is left out here: shaking comes after.

mod async_evaluation;
pub(crate) mod bindings;
pub mod linked;
mod order;
pub(crate) mod plan;
mod pure_functions;
pub(crate) mod requirements;
mod wrap;

use std::sync::RwLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::async_evaluation::evaluated_apart;
use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::bundle::options::Format;
use crate::host::Host;
use crate::scan::ImportKind;

pub use crate::bundle::link::linked::{Linked, Resolution, reached, target, targets};
pub use crate::bundle::link::pure_functions::PureFunctions;

/// Links everything that `entry` reaches, for an output of `format` that `host` loads.
pub fn link(modules: &Modules, entry: ModuleId, format: Format, host: &Host) -> Linked {
    let reached = reached(modules, entry);
    let with_entry = order::evaluation_order(modules, entry, &|_| false);
    let asked = wrap::asked_by_import(modules, &reached);
    let apart = evaluated_apart(modules, &with_entry, &asked, format);
    let on_demand = wrap::modules_on_demand(modules, &reached, &with_entry, apart.as_ref());
    let order = match apart {
        Some(apart) => {
            let by_others = |id| on_demand.contains(&id) && !apart.modules.contains(&id);
            let order = order::evaluation_order(modules, entry, &by_others);
            apart.order(&order)
        }
        None => order::without_on_demand(modules, entry, with_entry, &on_demand),
    };
    Linked {
        shared: shared(modules, &reached, &order, &on_demand),
        wraps: wrap::wrap_kinds(modules, &on_demand, format, host),
        async_modules: order::async_modules(modules, &on_demand),
        order,
        memo: RwLock::default(),
    }
}

/// CommonJS that several ask for as ES modules do: `import()`, modules that run when asked, and
/// those that run in order. What Node copies of it, it copies once, for the first of them.
fn shared(
    modules: &Modules,
    reached: &[ModuleId],
    order: &[ModuleId],
    on_demand: &FxHashSet<ModuleId>,
) -> FxHashSet<ModuleId> {
    let mut times: FxHashMap<ModuleId, (bool, usize)> = FxHashMap::default();
    for id in order {
        times.entry(*id).or_default().1 += 1;
    }
    for id in reached {
        let module = modules.get(*id);
        let alone = on_demand.contains(id);
        for (at, record) in module.records.iter_enumerated() {
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
