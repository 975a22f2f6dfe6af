//! Rewrites of rare code that the minifier would get wrong.
//!
//! In: the program of a bundle that is to be minified. Out: the same program, written so that the minifier does
//! with it what it should. Each rewrite names what goes wrong without it; a case in `fixtures/bundle` holds it.

use swc_core::common::DUMMY_SP;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::fresh_context;

/// Rewrites what the minifier would get wrong.
pub(super) fn work_around(program: &mut Program) {
    program.visit_mut_with(&mut CatchPatterns);
    program.visit_mut_with(&mut EmptyBodies);
}

/// Puts parentheses around `class extends (async () => {})`, which the printer takes for needless.
pub(super) fn parenthesize_heritage(program: &mut Program) {
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
    program.visit_mut_with(&mut Heritage);
}

/// `catch ({ code = value })`: the name of the parameter and a name that its default reads become one. The
/// pattern becomes a declaration of its own.
struct CatchPatterns;

impl VisitMut for CatchPatterns {
    fn visit_mut_catch_clause(&mut self, clause: &mut CatchClause) {
        clause.visit_mut_children_with(self);
        let computes = clause.param.as_ref().is_some_and(|param| {
            let mut finder = Computed(false);
            param.visit_with(&mut finder);
            finder.0
        });
        if !computes {
            return;
        }
        let caught = Ident::new("caught".into(), DUMMY_SP, fresh_context());
        let Some(pattern) = clause.param.replace(caught.clone().into()) else {
            return;
        };
        let declared = Stmt::Decl(Decl::Var(Box::new(VarDecl {
            span: DUMMY_SP,
            kind: VarDeclKind::Let,
            decls: vec![VarDeclarator {
                span: DUMMY_SP,
                name: pattern,
                init: Some(caught.into()),
                definite: false,
            }],
            ..Default::default()
        })));
        // What the body declares may have the names of the pattern's defaults.
        let body = Stmt::Block(clause.body.take());
        clause.body.stmts = vec![declared, body];
    }
}

/// `function ({ a }) {}`: a call of a function with an empty body is dropped, though taking its argument apart
/// may throw or run a getter. A last parameter that is a pattern is taken apart in the body.
struct EmptyBodies;

impl EmptyBodies {
    /// The declaration that takes the place of a pattern, where it is one.
    fn declared(&mut self, last: &mut Pat) -> Option<Stmt> {
        let name = Ident::new("given".into(), DUMMY_SP, fresh_context());
        let pattern = match last {
            Pat::Object(_) | Pat::Array(_) => std::mem::replace(last, name.clone().into()),
            Pat::Assign(assign) if !assign.left.is_ident() => {
                std::mem::replace(&mut *assign.left, name.clone().into())
            }
            Pat::Rest(rest) if !rest.arg.is_ident() => {
                std::mem::replace(&mut *rest.arg, name.clone().into())
            }
            _ => return None,
        };
        Some(Stmt::Decl(Decl::Var(Box::new(VarDecl {
            span: DUMMY_SP,
            kind: VarDeclKind::Let,
            decls: vec![VarDeclarator {
                span: DUMMY_SP,
                name: pattern,
                init: Some(name.into()),
                definite: false,
            }],
            ..Default::default()
        }))))
    }
}

impl VisitMut for EmptyBodies {
    fn visit_mut_function(&mut self, function: &mut Function) {
        function.visit_mut_children_with(self);
        // A generator takes its arguments apart when it is called, and runs its body later.
        if function.is_generator {
            return;
        }
        let Some(body) = function.body.as_mut().filter(|body| body.stmts.is_empty()) else {
            return;
        };
        let last = function.params.last_mut().map(|param| &mut param.pat);
        body.stmts.extend(last.and_then(|last| self.declared(last)));
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        arrow.visit_mut_children_with(self);
        let ArrowFunctionBody::FunctionBody(body) = &mut *arrow.body else {
            return;
        };
        if body.stmts.is_empty() {
            let last = arrow.params.last_mut();
            body.stmts.extend(last.and_then(|last| self.declared(last)));
        }
    }
}

/// Whether a pattern has expressions in it.
struct Computed(bool);

impl Visit for Computed {
    fn visit_expr(&mut self, _: &Expr) {
        self.0 = true;
    }
}
