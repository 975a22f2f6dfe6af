//! Which functions do nothing that can be noticed, over all modules.
//!
//! In: for each module the functions that do nothing if the calls in them do nothing, and how the
//! modules are linked. Out: [`PureFunctions`]. A function that calls others is harmless if they are: that
//! is settled over all modules at once, beginning with the belief that all are and taking it back
//! where one is not.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::linked::{Linked, Resolution};
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::part::{AssumedPureCall, CalledFunction};
use crate::syntax::ast::Id;

/// A function of a module, and whether it is called with `new`.
type Called = (ModuleId, Id, bool);

/// The calls that do nothing, over all modules.
#[derive(Debug)]
pub struct PureFunctions {
    known: FxHashSet<Called>,
}

impl PureFunctions {
    /// Settles which functions do nothing.
    pub fn find(modules: &Modules, linked: &Linked) -> Self {
        let mut known: FxHashSet<Called> = FxHashSet::default();
        for id in modules.ids() {
            for (name, with_new) in modules.get(id).analysis.names.summaries.keys() {
                known.insert((id, name.clone(), *with_new));
            }
        }
        let mut relies: FxHashMap<Called, Vec<Called>> = FxHashMap::default();
        let mut fallen = Vec::new();
        for id in modules.ids() {
            for ((name, with_new), assumed) in &modules.get(id).analysis.names.summaries {
                let own = (id, name.clone(), *with_new);
                for one in assumed {
                    match reach(modules, linked, id, one) {
                        Some(on) if known.contains(&on) => {
                            relies.entry(on).or_default().push(own.clone());
                        }
                        _ => fallen.push(own.clone()),
                    }
                }
            }
        }
        while let Some(one) = fallen.pop() {
            if known.remove(&one) {
                fallen.extend(relies.remove(&one).unwrap_or_default());
            }
        }
        Self { known }
    }

    /// Whether all that a part of `from` assumes holds.
    pub fn are_all_pure(
        &self,
        modules: &Modules,
        linked: &Linked,
        from: ModuleId,
        all: &[AssumedPureCall],
    ) -> bool {
        all.iter().all(|one| {
            reach(modules, linked, from, one).is_some_and(|found| self.known.contains(&found))
        })
    }
}

/// The function behind a call, where it is one of a module's own.
fn reach(
    modules: &Modules,
    linked: &Linked,
    from: ModuleId,
    one: &AssumedPureCall,
) -> Option<Called> {
    let found = match &one.function {
        CalledFunction::Own(id) => Resolution::Symbol(from, id.clone()),
        CalledFunction::Import(id) => linked.resolve_import(modules, from, id),
        CalledFunction::Member(id, name) => match linked.resolve_import(modules, from, id) {
            Resolution::Namespace(module) => linked.export(modules, module, name),
            _ => return None,
        },
    };
    match found {
        Resolution::Symbol(module, id) => Some((module, id, one.with_new)),
        _ => None,
    }
}
