//! Comments that say that a call does nothing: `@__PURE__` and `@__NO_SIDE_EFFECTS__`.

use rustc_hash::FxHashSet;

use crate::syntax::ast::*;
use crate::syntax::{BytePos, Notes};

fn is_pure_note(text: &str) -> bool {
    text.contains("@__PURE__") || text.contains("#__PURE__")
}

fn is_free_note(text: &str) -> bool {
    text.contains("@__NO_SIDE_EFFECTS__") || text.contains("#__NO_SIDE_EFFECTS__")
}

/// Where comments of a kind stand.
fn places_of(notes: &Notes, is_of_kind: fn(&str) -> bool) -> FxHashSet<BytePos> {
    notes
        .leading
        .iter()
        .filter(|(_, list)| list.iter().any(|note| is_of_kind(&note.text)))
        .map(|(at, _)| *at)
        .collect()
}

/// Where calls start that are annotated as pure.
pub fn pure_places(notes: &Notes) -> FxHashSet<BytePos> {
    places_of(notes, is_pure_note)
}

/// Where functions start that say of themselves that calling them has no effect.
pub fn no_side_effects_marks(notes: &Notes) -> FxHashSet<BytePos> {
    places_of(notes, is_free_note)
}

/// The functions of a declaration that are marked: before the function itself, or before the whole statement,
/// which starts at `outer` and means the first name.
pub fn marked_functions(decl: &Decl, outer: BytePos, marks: &FxHashSet<BytePos>) -> Vec<Id> {
    if marks.is_empty() {
        return Vec::new();
    }
    match decl {
        Decl::Fn(function) => {
            let marked = marks.contains(&outer) || marks.contains(&function.function.span.lo);
            marked.then(|| function.ident.to_id()).into_iter().collect()
        }
        Decl::Var(var) => {
            let marked = |(at, decl): (usize, &VarDeclarator)| {
                let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init) else {
                    return None;
                };
                let start = match &**init {
                    Expr::Fn(function) => function.function.span.lo,
                    Expr::Arrow(arrow) => arrow.span.lo,
                    _ => return None,
                };
                let whole = at == 0 && (marks.contains(&outer) || marks.contains(&var.span.lo));
                (whole || marks.contains(&start)).then(|| name.to_id())
            };
            var.decls.iter().enumerate().filter_map(marked).collect()
        }
        _ => Vec::new(),
    }
}
