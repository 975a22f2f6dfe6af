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

/// Where calls start that are annotated as pure.
pub fn pure_places(notes: &Notes) -> FxHashSet<BytePos> {
    notes
        .leading
        .iter()
        .filter(|(_, list)| list.iter().any(|note| is_pure_note(&note.text)))
        .map(|(at, _)| *at)
        .collect()
}

/// Functions that say of themselves that calling them has no effect.
pub fn side_effect_free(stmts: &[Stmt], notes: &Notes) -> FxHashSet<Id> {
    let marked: FxHashSet<BytePos> = notes
        .leading
        .iter()
        .filter(|(_, list)| list.iter().any(|note| is_free_note(&note.text)))
        .map(|(at, _)| *at)
        .collect();
    let mut out = FxHashSet::default();
    if marked.is_empty() {
        return out;
    }
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Fn(function)) => {
                let span = function.function.span;
                // The note may stand before `export`.
                if notes.leading.iter().any(|(at, list)| {
                    at.0 <= span.lo.0
                        && span.lo.0 - at.0 <= 16
                        && list.iter().any(|note| is_free_note(&note.text))
                }) {
                    out.insert(function.ident.to_id());
                }
            }
            Stmt::Decl(Decl::Var(var)) => {
                for decl in &var.decls {
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init) {
                        let at = match &**init {
                            Expr::Fn(function) => function.function.span.lo,
                            Expr::Arrow(arrow) => arrow.span.lo,
                            _ => continue,
                        };
                        let near = marked.iter().any(|mark| {
                            mark.0 <= at.0
                                && (mark.0 == at.0
                                    || (decl.span.lo.0 - mark.0.min(decl.span.lo.0)) <= 16)
                        });
                        if near {
                            out.insert(name.to_id());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    out
}
