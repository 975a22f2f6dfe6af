//! What calling a module's functions does, for those who call them from elsewhere.
//!
//! In: the top-level functions and classes of a module. Out: those that do nothing that can be
//! noticed, whatever harmless arguments they get, if the calls in them do nothing. Whether those do
//! is settled over all modules, by [`PureFunctions`](crate::bundle::link::PureFunctions).

use rustc_hash::FxHashSet;

use crate::bundle::analyse::effects::side_effects::SideEffectChecker;
use crate::bundle::analyse::effects::top_level::{TopLevelName, TopLevelNames};
use crate::bundle::part::FunctionSummaries;
use crate::syntax::ast::Id;

/// Looks at every top-level function of a module.
pub fn summaries<'a>(
    top_level: &'a TopLevelNames<'a>,
    free: &FxHashSet<Id>,
    checker: &mut SideEffectChecker<'a>,
) -> FunctionSummaries {
    let mut out = FunctionSummaries::default();
    for (id, top) in top_level {
        if free.contains(id) {
            out.insert((id.clone(), false), Vec::new());
        }
        let TopLevelName {
            function, class, ..
        } = top;
        for with_new in [false, true] {
            if with_new && top.dressed {
                continue;
            }
            let found = match (function, class) {
                (Some(function), _) => checker.summary(*function, with_new),
                (None, Some(class)) if with_new => checker.class_summary(class),
                _ => None,
            };
            if let Some(assumed) = found {
                out.entry((id.clone(), with_new)).or_insert(assumed);
            }
        }
    }
    out
}
