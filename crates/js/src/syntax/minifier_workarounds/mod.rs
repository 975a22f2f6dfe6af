//! Rewrites of rare code that the minifier would get wrong.
//!
//! In: the program of a bundle that is to be minified. Out: the same program, written so that the minifier does
//! with it what it should, and what is hidden from it. Each rewrite names what goes wrong without it; a case in
//! `fixtures/bundle` holds it, and `tests/minifier/kinds.mjs` all of them.

mod async_generators;
mod classes;
mod constants;
mod functions;
mod objects;
mod unused_values;

use rustc_hash::FxHashSet;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::fresh_context;
use crate::syntax::hidden::Hidden;
use crate::syntax::parentheses::without_parentheses;
use crate::syntax::statements::{declaration, throwing_assignment};

/// Rewrites what the minifier would get wrong; the result is what is hidden from it.
pub(super) fn work_around(program: &mut Program, unresolved: Mark) -> Hidden {
    let unresolved = SyntaxContext::empty().apply_mark(unresolved);
    let mut hidden = Hidden::new(unresolved);
    let mut kept = DroppedEffects {
        unresolved,
        has_instance: mentions_has_instance(program),
        constants: constants(program),
        hidden: &mut hidden,
    };
    program.visit_mut_with(&mut kept);
    program.visit_mut_with(&mut CatchPatterns);
    program.visit_mut_with(&mut EmptyBodies);
    async_generators::settle(program);
    classes::hide(program, &mut hidden);
    objects::settle(program, unresolved, &mut hidden);
    functions::settle(program, unresolved, &mut hidden);
    unused_values::hide(program, unresolved, &mut hidden);
    constants::hide(program, unresolved, &mut hidden);
    hidden
}

/// `1 instanceof Even` where `Even` says what that means, and `constant = 1`, which throws: the minifier drops
/// both where it takes them for free of effects.
struct DroppedEffects<'a> {
    unresolved: SyntaxContext,
    /// Something defines what `instanceof` does.
    has_instance: bool,
    constants: FxHashSet<Id>,
    hidden: &'a mut Hidden,
}

/// Names that must not be set again.
fn constants(program: &Program) -> FxHashSet<Id> {
    struct FindConstants(FxHashSet<Id>);
    impl Visit for FindConstants {
        fn visit_var_decl(&mut self, var: &VarDecl) {
            if var.kind == VarDeclKind::Const {
                for decl in &var.decls {
                    if let Pat::Ident(name) = &decl.name {
                        self.0.insert(name.to_id());
                    }
                }
            }
            var.visit_children_with(self);
        }
    }
    let mut finder = FindConstants(FxHashSet::default());
    program.visit_with(&mut finder);
    finder.0
}

/// Whether anything defines what `instanceof` does.
fn mentions_has_instance(program: &Program) -> bool {
    struct FindHasInstance(bool);
    impl Visit for FindHasInstance {
        fn visit_ident_name(&mut self, name: &IdentName) {
            self.0 |= name.sym == "hasInstance";
        }
    }
    let mut finder = FindHasInstance(false);
    program.visit_with(&mut finder);
    finder.0
}

impl VisitMut for DroppedEffects<'_> {
    fn visit_mut_expr_stmt(&mut self, stmt: &mut ExprStmt) {
        stmt.visit_mut_children_with(self);
        // The minifier takes `instanceof` for free of effects.
        if self.has_instance && is_instance_of(&stmt.expr) {
            self.hidden.expression(&mut stmt.expr);
        }
    }
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        // It also takes the answer for literals as known.
        if self.has_instance
            && let Expr::Bin(bin) = expr
            && bin.op == BinaryOp::InstanceOf
            && bin.left.is_lit()
        {
            self.hidden.expression(&mut bin.left);
        }
        if let Expr::Unary(unary) = expr
            && unary.op == UnaryOp::Delete
        {
            self.deleted(expr);
        }
        // And it drops what sets a constant, which throws.
        if let Expr::Assign(assign) = expr
            && assign.op == AssignOp::Assign
            && let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left
            && self.constants.contains(&name.to_id())
        {
            // Too early it is another error.
            let mut read = Expr::Ident(name.id.clone());
            self.hidden.expression(&mut read);
            let before = vec![assign.right.take(), Box::new(read)];
            *expr = throwing_assignment(before, self.unresolved);
        }
    }
}

impl DroppedEffects<'_> {
    /// What is no place is always deleted; the minifier makes places of some, such as `NaN` of `0 / 0`, and values
    /// of some places.
    fn deleted(&mut self, deletion: &mut Expr) {
        let Expr::Unary(UnaryExpr { arg, .. }) = deletion else {
            return;
        };
        match without_parentheses(arg) {
            Expr::Ident(name)
                if name.ctxt == self.unresolved
                    && matches!(&*name.sym, "undefined" | "NaN" | "Infinity") =>
            {
                *deletion = Expr::Lit(Lit::Bool(false.into()));
            }
            Expr::Member(_) => {
                if let Expr::Member(member) = &mut **arg
                    && matches!(&*member.obj, Expr::Lit(_) | Expr::Array(_))
                {
                    self.hidden.expression(&mut member.obj);
                }
            }
            value if !is_place(value) => {
                let deleted = Expr::Lit(Lit::Bool(true.into()));
                *deletion = Expr::Paren(ParenExpr {
                    span: DUMMY_SP,
                    expr: Box::new(Expr::Seq(SeqExpr {
                        span: DUMMY_SP,
                        exprs: vec![arg.take(), Box::new(deleted)],
                    })),
                });
            }
            _ => {}
        }
    }
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Ident(_) | Expr::Member(_) | Expr::SuperProp(_) | Expr::OptChain(_) => true,
        _ => false,
    }
}

fn is_instance_of(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_instance_of(&paren.expr),
        Expr::Bin(bin) => bin.op == BinaryOp::InstanceOf,
        _ => false,
    }
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
        let declared = declaration(VarDeclKind::Let, pattern, Some(caught.into()));
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
        Some(declaration(VarDeclKind::Let, pattern, Some(name.into())))
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
