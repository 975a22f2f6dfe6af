//! The body of a module that waits at its top, as a generator.
//!
//! In: the module's statements. Out: the same, in which every `await` of the module's own is a `yield`. The
//! run-time function `__asyncModule` goes on with the body when what it gave is there. A generator can stop
//! before it has run anything, where its functions are there for modules that import each other.

use crate::bundle::generate::ast_builder::*;
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, VisitMut, VisitMutWith, fresh_context};

/// `yield`
pub(super) fn stop() -> Expr {
    Expr::Yield(YieldExpr {
        span: DUMMY_SP,
        arg: None,
        delegate: false,
    })
}

/// Turns what a module waits for at its top into what its generator gives. `async_iterator` is the run-time
/// function of that name.
pub(super) fn awaits_as_yields(stmts: &mut [Stmt], async_iterator: &Id) {
    for stmt in stmts {
        stmt.visit_mut_with(&mut AwaitsAsYields { async_iterator });
    }
}

struct AwaitsAsYields<'a> {
    async_iterator: &'a Id,
}

fn yielded(value: Expr) -> Expr {
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Yield(YieldExpr {
            span: DUMMY_SP,
            arg: Some(Box::new(value)),
            delegate: false,
        })),
    })
}

impl VisitMut for AwaitsAsYields<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Await(wait) = expr {
            *expr = yielded(*std::mem::replace(&mut wait.arg, Box::new(undefined())));
        }
    }

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        let mut labels = Vec::new();
        let mut inner = &mut *stmt;
        while let Stmt::Labeled(labeled) = inner {
            labels.push(labeled.label.clone());
            inner = &mut *labeled.body;
        }
        if let Stmt::ForOf(node) = inner
            && node.is_await
        {
            node.visit_mut_children_with(self);
            *stmt = for_await(node, labels, self.async_iterator);
            return;
        }
        stmt.visit_mut_children_with(self);
    }

    // What waits in a function of its own is not the module.
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_arrow_expr(&mut self, _: &mut ArrowExpr) {}
    fn visit_mut_constructor(&mut self, _: &mut Constructor) {}
    fn visit_mut_static_block(&mut self, _: &mut StaticBlock) {}
    fn visit_mut_getter_prop(&mut self, prop: &mut GetterProp) {
        prop.key.visit_mut_with(self);
    }
    fn visit_mut_setter_prop(&mut self, prop: &mut SetterProp) {
        prop.key.visit_mut_with(self);
    }
    fn visit_mut_class_prop(&mut self, prop: &mut ClassProp) {
        prop.key.visit_mut_with(self);
    }
    fn visit_mut_private_prop(&mut self, _: &mut PrivateProp) {}
    fn visit_mut_auto_accessor(&mut self, prop: &mut AutoAccessor) {
        prop.key.visit_mut_with(self);
    }
}

fn fresh(name: &str) -> Id {
    (Atom::from(name), fresh_context())
}

fn boolean(value: bool) -> Expr {
    Expr::Lit(Lit::Bool(Bool {
        span: DUMMY_SP,
        value,
    }))
}

fn not(value: Expr) -> Expr {
    Expr::Unary(UnaryExpr {
        span: DUMMY_SP,
        op: UnaryOp::Bang,
        arg: Box::new(value),
    })
}

fn block(stmts: Vec<Stmt>) -> BlockStmt {
    BlockStmt {
        span: DUMMY_SP,
        stmts,
        ..Default::default()
    }
}

fn when(test: Expr, then: Stmt) -> Stmt {
    Stmt::If(IfStmt {
        span: DUMMY_SP,
        test: Box::new(test),
        cons: Box::new(then),
        alt: None,
    })
}

fn throw(value: Expr) -> Stmt {
    Stmt::Throw(ThrowStmt {
        span: DUMMY_SP,
        arg: Box::new(value),
    })
}

/// The statement that gives the loop's name, or its pattern, the next value.
fn given(left: ForHead, value: Expr) -> Stmt {
    match left {
        ForHead::VarDecl(mut decl) => {
            if let Some(name) = decl.decls.first_mut() {
                name.init = Some(Box::new(value));
            }
            Stmt::Decl(Decl::Var(decl))
        }
        ForHead::UsingDecl(mut decl) => {
            if let Some(name) = decl.decls.first_mut() {
                name.init = Some(Box::new(value));
            }
            Stmt::Decl(Decl::Using(decl))
        }
        ForHead::Pat(target) => match AssignTarget::try_from(*target) {
            Ok(left) => statement(Expr::Assign(AssignExpr {
                span: DUMMY_SP,
                op: AssignOp::Assign,
                left,
                right: Box::new(value),
            })),
            // The parser lets nothing else stand there.
            Err(_) => statement(value),
        },
    }
}

/// `for await` in plain loops, as ECMA-262 has it in 14.7.5.7: the iterator is closed where the loop is left before
/// its end, and a failure of the loop's own is not replaced by one of the closing.
fn for_await(node: &mut ForOfStmt, labels: Vec<Ident>, async_iterator: &Id) -> Stmt {
    let (values, step) = (fresh("values"), fresh("step"));
    let (open, failure, error) = (fresh("open"), fresh("failure"), fresh("error"));
    let right = std::mem::replace(&mut node.right, Box::new(undefined()));
    let left = std::mem::replace(&mut node.left, ForHead::Pat(Box::new(pat(&values))));
    let body = std::mem::replace(
        &mut node.body,
        Box::new(Stmt::Empty(EmptyStmt { span: DUMMY_SP })),
    );
    let next = yielded(call(read(var(&values), "next"), Vec::new()));
    let taken = Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(set(&step, next)),
    });
    let test = seq(vec![
        set(&open, boolean(false)),
        set(&open, not(read(taken, "done"))),
    ]);
    let mut looped = Stmt::For(ForStmt {
        span: DUMMY_SP,
        init: None,
        test: Some(Box::new(test)),
        update: None,
        body: Box::new(Stmt::Block(block(vec![
            given(left, read(var(&step), "value")),
            *body,
        ]))),
    });
    for label in labels.into_iter().rev() {
        looped = Stmt::Labeled(LabeledStmt {
            span: DUMMY_SP,
            label,
            body: Box::new(looped),
        });
    }
    let failed = |error: &Id| statement(set(&failure, list(vec![var(error)])));
    let caught = |stmts: Vec<Stmt>| CatchClause {
        span: DUMMY_SP,
        param: Some(pat(&error)),
        body: block(stmts),
    };
    let close = yielded(call(read(var(&values), "return"), Vec::new()));
    let closed = Stmt::Try(Box::new(TryStmt {
        span: DUMMY_SP,
        block: block(vec![when(read(var(&values), "return"), statement(close))]),
        handler: Some(caught(vec![when(not(var(&failure)), failed(&error))])),
        finalizer: None,
    }));
    let first = Expr::Member(MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(var(&failure)),
        prop: MemberProp::Computed(ComputedPropName {
            span: DUMMY_SP,
            expr: Box::new(number(0.0)),
        }),
    });
    let run = Stmt::Try(Box::new(TryStmt {
        span: DUMMY_SP,
        block: block(vec![looped]),
        handler: Some(caught(vec![failed(&error)])),
        finalizer: Some(block(vec![
            when(var(&open), closed),
            when(var(&failure), throw(first)),
        ])),
    }));
    Stmt::Block(block(vec![
        declare(&values, Some(call(var(async_iterator), vec![*right]))),
        declare(&step, None),
        declare(&open, None),
        // Set again where the loop stands in another.
        declare(&failure, Some(undefined())),
        run,
    ]))
}
