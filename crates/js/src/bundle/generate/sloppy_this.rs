//! `this` of sloppy functions, in code that has become strict.
//!
//! In: a function of a CommonJS module that is not strict, where the output is an ES module, which
//! always is. Out: the same function, which takes the global object for `this` where it is called
//! on nothing, as it does in Node. What primitives would be boxed to is not: nobody is known to
//! tell.

use crate::bundle::analyse::commonjs::FindThis;
use crate::bundle::generate::ast_builder::*;
use crate::syntax::ast::*;
use crate::syntax::{DUMMY_SP, SyntaxContext, VisitMut, VisitMutWith, VisitWith, fresh_context};

/// Settles the function's own `this`, and that of the arrows in it; `unresolved` marks globals.
pub fn settle(function: &mut Function, unresolved: SyntaxContext) {
    let whole = || whole(unresolved);
    let Some(body) = &mut function.body else {
        return;
    };
    let mut found = FindThis::default();
    body.stmts.visit_with(&mut found);
    function.params.visit_mut_with(&mut Replace(&whole));
    match found.count {
        0 => {}
        1 => body.stmts.visit_mut_with(&mut Replace(&whole)),
        _ => {
            let name: Id = ("self".into(), fresh_context());
            body.stmts.visit_mut_with(&mut Replace(&|| var(&name)));
            let at = body.stmts.iter().take_while(|stmt| is_text(stmt)).count();
            body.stmts.insert(at, declare(&name, Some(whole())));
        }
    }
}

/// `this ?? globalThis`
fn whole(unresolved: SyntaxContext) -> Expr {
    let global = ident(&("globalThis".into(), unresolved));
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Bin(BinExpr {
            span: DUMMY_SP,
            op: BinaryOp::NullishCoalescing,
            left: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })),
            right: Box::new(Expr::Ident(global)),
        })),
    })
}

/// Directives stand before everything else.
fn is_text(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(stmt) if matches!(&*stmt.expr, Expr::Lit(Lit::Str(_))))
}

struct Replace<'a>(&'a dyn Fn() -> Expr);

impl VisitMut for Replace<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if expr.is_this() {
            *expr = (self.0)();
        } else {
            expr.visit_mut_children_with(self);
        }
    }
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_class(&mut self, _: &mut Class) {}
}
