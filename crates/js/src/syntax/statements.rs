//! Statements that several passes read or make.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;

/// The directives that a list of statements begins with.
pub(super) fn directives(stmts: &[Stmt]) -> impl Iterator<Item = &Str> {
    stmts.iter().map_while(|stmt| match stmt {
        Stmt::Expr(stmt) => match &*stmt.expr {
            Expr::Lit(Lit::Str(text)) => Some(text),
            _ => None,
        },
        _ => None,
    })
}

/// Whether `"use strict"` is among them.
pub fn has_use_strict(stmts: &[Stmt]) -> bool {
    directives(stmts).any(|text| text.value.as_str() == Some("use strict"))
}

/// A declaration of one name or pattern.
pub(super) fn declaration(kind: VarDeclKind, name: Pat, init: Option<Box<Expr>>) -> Stmt {
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        span: DUMMY_SP,
        kind,
        decls: vec![VarDeclarator {
            span: DUMMY_SP,
            name,
            init,
            definite: false,
        }],
        ..Default::default()
    })))
}
