//! Names that coldcut adds, kept apart from those of the program.

use swc_core::common::{Mark, SyntaxContext};

/// A context that nothing else has, for names that coldcut adds.
pub fn fresh_context() -> SyntaxContext {
    SyntaxContext::empty().apply_mark(Mark::new())
}
