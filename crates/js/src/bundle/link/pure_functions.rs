//! Which functions do nothing that can be noticed, over all modules.
//!
//! In: for each module the functions that do nothing if the calls in them do nothing, and how the
//! modules are linked. Out: [`Harmless`]. A function that calls others is harmless if they are: that
//! is settled over all modules at once, beginning with the belief that all are and taking it back
//! where one is not.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::linked::{Found, Linked};
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::part::{Assumed, Reached};
use crate::syntax::ast::Id;

/// A function of a module, and whether it is called with `new`.
type Called = (ModuleId, Id, bool);

/// The calls that do nothing, over all modules.
#[derive(Debug)]
pub struct Harmless {
    known: FxHashSet<Called>,
}

impl Harmless {
    /// Settles which functions do nothing.
    pub fn of(modules: &Modules, linked: &Linked) -> Self {
        let mut known: FxHashSet<Called> = FxHashSet::default();
        for id in modules.ids() {
            for (name, made) in modules.get(id).split.summaries.keys() {
                known.insert((id, name.clone(), *made));
            }
        }
        let mut relies: FxHashMap<Called, Vec<Called>> = FxHashMap::default();
        let mut fallen = Vec::new();
        for id in modules.ids() {
            for ((name, made), assumed) in &modules.get(id).split.summaries {
                let own = (id, name.clone(), *made);
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
    pub fn hold(
        &self,
        modules: &Modules,
        linked: &Linked,
        from: ModuleId,
        all: &[Assumed],
    ) -> bool {
        all.iter().all(|one| {
            reach(modules, linked, from, one).is_some_and(|found| self.known.contains(&found))
        })
    }
}

/// The function behind a call, where it is one of a module's own.
fn reach(modules: &Modules, linked: &Linked, from: ModuleId, one: &Assumed) -> Option<Called> {
    let found = match &one.reached {
        Reached::Own(id) => Found::Symbol(from, id.clone()),
        Reached::Import(id) => linked.import(modules, from, id),
        Reached::Member(id, name) => match linked.import(modules, from, id) {
            Found::Namespace(module) => linked.export(modules, module, name),
            _ => return None,
        },
    };
    match found {
        Found::Symbol(module, id) => Some((module, id, one.made)),
        _ => None,
    }
}
