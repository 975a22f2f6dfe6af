//! Parentheses that the printer would get wrong.
//!
//! In: a program that is about to be printed. Out: the same program, in which those that a statement or the body
//! of an arrow function begins with are gone, so that the printer sees what stands there and adds those that it
//! needs, and in which those around an arrow function that a class extends are there.

use swc_core::common::DUMMY_SP;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// What stands in any number of parentheses.
pub fn without_parentheses(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => without_parentheses(&paren.expr),
        expr => expr,
    }
}

/// Takes away the parentheses that a statement begins with. Runs before the printer's own are added.
pub(super) fn unwrap_leading(program: &mut Program) {
    program.visit_mut_with(&mut Leading);
}

/// Puts parentheses around `class extends (async () => {})`, which the printer takes for needless.
pub(super) fn wrap_heritage(program: &mut Program) {
    program.visit_mut_with(&mut Heritage);
}

struct Leading;

/// Takes away parentheses on the way to what an expression begins with; those around functions and object literals
/// the printer knows.
fn unwrap(expr: &mut Expr) {
    while let Expr::Paren(paren) = expr
        && !matches!(
            &*paren.expr,
            Expr::Fn(_) | Expr::Class(_) | Expr::Object(_) | Expr::Arrow(_) | Expr::OptChain(_)
        )
    {
        *expr = *paren.expr.take();
    }
    match expr {
        Expr::Bin(bin) => unwrap(&mut bin.left),
        Expr::Cond(cond) => unwrap(&mut cond.test),
        Expr::Member(member) => unwrap(&mut member.obj),
        Expr::TaggedTpl(tagged) => unwrap(&mut tagged.tag),
        Expr::Call(CallExpr {
            callee: Callee::Expr(callee),
            ..
        }) => unwrap(callee),
        Expr::Seq(seq) => {
            if let Some(first) = seq.exprs.first_mut() {
                unwrap(first);
            }
        }
        _ => {}
    }
}

impl VisitMut for Leading {
    fn visit_mut_expr_stmt(&mut self, stmt: &mut ExprStmt) {
        stmt.visit_mut_children_with(self);
        unwrap(&mut stmt.expr);
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        arrow.visit_mut_children_with(self);
        if let ArrowFunctionBody::Expr(body) = &mut *arrow.body {
            unwrap(body);
        }
    }
}

struct Heritage;

impl VisitMut for Heritage {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        if let Some(parent) = &mut class.super_class
            && parent.is_arrow()
        {
            let expr = parent.take();
            let span = DUMMY_SP;
            **parent = Expr::Paren(ParenExpr { span, expr });
        }
    }
}
