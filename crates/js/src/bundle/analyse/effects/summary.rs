//! What calling a module's functions does, for those who call them from elsewhere.
//!
//! In: the top-level functions and classes of a module, and, once all modules are linked, who
//! calls whom. Out: the functions that do nothing that can be noticed, whatever harmless arguments
//! they get. A function that calls others is harmless if they are: that is settled over all
//! modules at once, beginning with the belief that all are and taking it back where one is not.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::effects::side_effects::Judge;
use crate::bundle::analyse::effects::{Top, Tops};
use crate::bundle::link::{Found, Linked};
use crate::bundle::load::{ModuleId, Modules};
use crate::syntax::Atom;
use crate::syntax::ast::Id;

/// The way to a function that is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reached {
    /// One of the module's own.
    Own(Id),
    Import(Id),
    /// A member of an imported namespace.
    Member(Id, Atom),
}

/// A call that was taken to do nothing, if the function that it reaches does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assumed {
    pub reached: Reached,
    /// Called with `new`.
    pub made: bool,
}

/// Functions that do nothing, called with `new` or without, if what they assume holds.
pub type Summaries = FxHashMap<(Id, bool), Vec<Assumed>>;

/// Looks at every top-level function of a module.
pub fn summaries<'a>(tops: &'a Tops<'a>, free: &FxHashSet<Id>, judge: &mut Judge<'a>) -> Summaries {
    let mut out = Summaries::default();
    for (id, top) in tops {
        if free.contains(id) {
            out.insert((id.clone(), false), Vec::new());
        }
        let Top {
            function, class, ..
        } = top;
        for made in [false, true] {
            if made && top.dressed {
                continue;
            }
            let found = match (function, class) {
                (Some(function), _) => judge.summary(*function, made),
                (None, Some(class)) if made => judge.class_summary(class),
                _ => None,
            };
            if let Some(assumed) = found {
                out.entry((id.clone(), made)).or_insert(assumed);
            }
        }
    }
    out
}

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
