//! `this` of sloppy functions, in code that has become strict.
//!
//! In: a function of a CommonJS module that is not strict, where the output is an ES module, which
//! always is. Out: the same function, which takes the global object for `this` where it is called
//! on nothing, as it does in Node, and the object that a primitive is boxed to where the function asks what
//! `this` is. Elsewhere primitives stay what they are, which is shorter: `this.length` is the same of both.

use crate::bundle::analyse::commonjs::FindThis;
use crate::bundle::generate::ast_builder::*;
use crate::syntax::ast::*;
use crate::syntax::{
    DUMMY_SP, SyntaxContext, Visit, VisitMut, VisitMutWith, VisitWith, fresh_context,
    without_parentheses,
};

/// Settles the function's own `this`, and that of the arrows in it; `unresolved` marks globals.
pub fn settle(function: &mut Function, unresolved: SyntaxContext) {
    let Some(body) = &mut function.body else {
        return;
    };
    let mut asks = AsksWhatThisIs(false);
    body.stmts.visit_with(&mut asks);
    let whole = || match asks.0 {
        true => call(ident_of("Object", unresolved), vec![whole(unresolved)]),
        false => whole(unresolved),
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
    let global = ident_of("globalThis", unresolved);
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Bin(BinExpr {
            span: DUMMY_SP,
            op: BinaryOp::NullishCoalescing,
            left: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })),
            right: Box::new(global),
        })),
    })
}

fn ident_of(global: &str, unresolved: SyntaxContext) -> Expr {
    var(&(global.into(), unresolved))
}

/// Whether a function does with `this` what tells an object from a primitive.
struct AsksWhatThisIs(bool);

impl Visit for AsksWhatThisIs {
    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        self.0 |= unary.op == UnaryOp::TypeOf && without_parentheses(&unary.arg).is_this();
        unary.visit_children_with(self);
    }
    fn visit_bin_expr(&mut self, bin: &BinExpr) {
        use BinaryOp::{EqEq, EqEqEq, InstanceOf, NotEq, NotEqEq};
        self.0 |= matches!(bin.op, EqEq | EqEqEq | NotEq | NotEqEq | InstanceOf)
            && (without_parentheses(&bin.left).is_this()
                || without_parentheses(&bin.right).is_this());
        bin.visit_children_with(self);
    }
    fn visit_function(&mut self, _: &Function) {}
    fn visit_class(&mut self, _: &Class) {}
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
