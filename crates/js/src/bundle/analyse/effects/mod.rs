//! Whether running a piece of code can be noticed.
//!
//! In: a statement or expression and what is known of its module's names. Out: a [`StatementEffects`]:
//! whether it may be left out when nothing uses what it declares, which names it changes meanwhile,
//! and which functions of elsewhere were taken to do nothing. The list of what is harmless is
//! closed: everything else counts as an effect. Reading a member of something that is not known to
//! be an object counts as one too, since it may throw.

mod annotations;
mod calls;
mod known_globals;
mod methods;
mod mutations;
mod side_effects;
mod summary;
mod top_level;
mod value_kinds;

pub use crate::bundle::analyse::effects::annotations::{
    marked_functions, no_side_effects_marks, pure_places,
};
pub use crate::bundle::analyse::effects::known_globals::is_helper_package;
pub use crate::bundle::analyse::effects::side_effects::{SideEffectChecker, StatementEffects};
pub use crate::bundle::analyse::effects::summary::summaries;
pub use crate::bundle::analyse::effects::top_level::{defines_accessors, top_level_names};
