//! What calling a module's functions does, for those who call them from elsewhere.
//!
//! In: the top-level functions and classes of a module. Out: those that do nothing that can be
//! noticed, whatever harmless arguments they get, if the calls in them do nothing. Whether those do
//! is settled over all modules, by [`Harmless`](crate::bundle::link::Harmless).

use rustc_hash::FxHashSet;

use crate::bundle::analyse::effects::side_effects::Judge;
use crate::bundle::analyse::effects::top_level::{Top, Tops};
use crate::bundle::part::Summaries;
use crate::syntax::ast::Id;

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
