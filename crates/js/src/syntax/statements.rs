//! Statements that several passes read or make.

use swc_core::common::{DUMMY_SP, SyntaxContext};
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

/// A declaration of names that are not set yet.
pub fn unset(kind: VarDeclKind, names: impl IntoIterator<Item = Ident>) -> Stmt {
    let decls = names.into_iter().map(|name| VarDeclarator {
        span: DUMMY_SP,
        name: Pat::Ident(name.into()),
        init: None,
        definite: false,
    });
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        span: DUMMY_SP,
        kind,
        decls: decls.collect(),
        ..Default::default()
    })))
}

/// `{ name = value }` of a pattern that assigns, as `{ name: target = value }`.
pub fn with_target(prop: &mut AssignPatProp, target: Expr) -> ObjectPatProp {
    let name = &prop.key.id;
    let key = PropName::Ident(IdentName::new(name.sym.clone(), name.span));
    let target = Pat::Expr(Box::new(target));
    let value = Box::new(match prop.value.take() {
        Some(right) => Pat::Assign(AssignPat {
            span: DUMMY_SP,
            left: Box::new(target),
            right,
        }),
        None => target,
    });
    ObjectPatProp::KeyValue(KeyValuePatProp { key, value })
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

/// Computes `before`, then fails as setting a constant does.
pub fn throwing_assignment(mut before: Vec<Box<Expr>>, unresolved: SyntaxContext) -> Expr {
    let error = Expr::New(NewExpr {
        span: DUMMY_SP,
        callee: Box::new(Expr::Ident(Ident::new(
            "TypeError".into(),
            DUMMY_SP,
            unresolved,
        ))),
        args: Some(vec![
            Box::new(Expr::Lit(Lit::Str(Str {
                span: DUMMY_SP,
                value: "Assignment to constant variable.".into(),
                raw: None,
            })))
            .into(),
        ]),
        ..Default::default()
    });
    let throw = ArrowExpr {
        span: DUMMY_SP,
        body: Box::new(ArrowFunctionBody::FunctionBody(FunctionBody {
            span: DUMMY_SP,
            stmts: vec![Stmt::Throw(ThrowStmt {
                span: DUMMY_SP,
                arg: Box::new(error),
            })],
        })),
        ..Default::default()
    };
    let call = Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: Callee::Expr(Box::new(Expr::Paren(ParenExpr {
            span: DUMMY_SP,
            expr: Box::new(Expr::Arrow(throw)),
        }))),
        ..Default::default()
    });
    before.push(Box::new(call));
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Seq(SeqExpr {
            span: DUMMY_SP,
            exprs: before,
        })),
    })
}
