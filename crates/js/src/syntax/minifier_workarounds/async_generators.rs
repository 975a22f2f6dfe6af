//! Asynchronous generators that return nothing.
//!
//! `return;` does not wait there and `return undefined;` does, before its `finally` runs; the minifier makes one of
//! the other as it joins branches. What returns nothing leaves a block by its label instead.

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Writes asynchronous generators so that the minifier leaves them what they are.
pub(super) fn settle(program: &mut Program) {
    program.visit_mut_with(&mut AsyncGenerators);
}

struct AsyncGenerators;

impl VisitMut for AsyncGenerators {
    fn visit_mut_function(&mut self, function: &mut Function) {
        function.visit_mut_children_with(self);
        let Some(body) = function
            .body
            .as_mut()
            .filter(|_| function.is_async && function.is_generator)
        else {
            return;
        };
        let mut returns = BareReturns(false);
        body.visit_mut_with(&mut returns);
        if returns.0 {
            let at = body.stmts.iter().take_while(|stmt| is_text(stmt)).count();
            let stmts = body.stmts.split_off(at);
            body.stmts.push(Stmt::Labeled(LabeledStmt {
                span: DUMMY_SP,
                label: label(),
                body: Box::new(Stmt::Block(BlockStmt {
                    span: DUMMY_SP,
                    ctxt: SyntaxContext::empty(),
                    stmts,
                })),
            }));
        }
    }
}

fn label() -> Ident {
    Ident::new("__r".into(), DUMMY_SP, SyntaxContext::empty())
}

/// Directives stand before everything else.
fn is_text(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(stmt) if matches!(&*stmt.expr, Expr::Lit(Lit::Str(_))))
}

/// Makes `break` of `return;`, and says whether there was one.
struct BareReturns(bool);

impl VisitMut for BareReturns {
    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Return(ReturnStmt { arg: None, .. }) => {
                self.0 = true;
                *stmt = Stmt::Break(BreakStmt {
                    span: DUMMY_SP,
                    label: Some(label()),
                });
            }
            stmt => stmt.visit_mut_children_with(self),
        }
    }
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_arrow_expr(&mut self, _: &mut ArrowExpr) {}
    fn visit_mut_class(&mut self, _: &mut Class) {}
}
