//! Functions that the minifier changes as it takes them apart.
//!
//! `() => object.method` and `() => eval` are put where they are called, where the call of what they give then has
//! a `this`, or is an `eval` of the place; `arguments` of a function inside of one that has a variable of that name
//! is taken for the variable; the directive of an arrow function is lost where its body becomes an
//! expression; a parameter that is declared again is no longer the one that `arguments` shows.

use rustc_hash::FxHashSet;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::ExprFactory;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::hidden::Hidden;
use crate::syntax::parentheses::without_parentheses;
use crate::syntax::statements::has_use_strict;

/// Writes functions so that the minifier leaves them what they are.
pub(super) fn settle(program: &mut Program, unresolved: SyntaxContext, hidden: &mut Hidden) {
    let mut called = CalledResults::default();
    program.visit_with(&mut called);
    let mut declares = DeclaresArguments(false);
    program.visit_with(&mut declares);
    if declares.0 {
        program.visit_mut_with(&mut HideArguments { unresolved, hidden });
    }
    let script = program.is_script();
    program.visit_mut_with(&mut Functions {
        hidden,
        unresolved,
        called,
        script,
    });
}

/// A variable called `arguments`.
struct DeclaresArguments(bool);

impl Visit for DeclaresArguments {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.0 |= name.sym == "arguments";
    }
}

/// The minifier takes every `arguments` for such a variable, in functions inside too.
struct HideArguments<'a> {
    unresolved: SyntaxContext,
    hidden: &'a mut Hidden,
}

impl VisitMut for HideArguments<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Ident(name) = expr
            && name.sym == "arguments"
            && name.ctxt == self.unresolved
        {
            *expr = self.hidden.value("arguments".to_owned());
        }
    }
}

/// Functions of which somebody uses the result as a place: `get()()`, `typeof get()`.
#[derive(Default)]
struct CalledResults {
    names: FxHashSet<Id>,
    arrows: bool,
}

impl CalledResults {
    fn result(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(paren) => self.result(&paren.expr),
            Expr::Call(CallExpr {
                callee: Callee::Expr(callee),
                ..
            }) => match without_parentheses(callee) {
                Expr::Ident(name) => drop(self.names.insert(name.to_id())),
                Expr::Arrow(_) => self.arrows = true,
                _ => {}
            },
            _ => {}
        }
    }
}

impl Visit for CalledResults {
    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee {
            self.result(callee);
        }
        call.visit_children_with(self);
    }
    fn visit_opt_call(&mut self, call: &OptCall) {
        self.result(&call.callee);
        call.visit_children_with(self);
    }
    fn visit_tagged_tpl(&mut self, tagged: &TaggedTpl) {
        self.result(&tagged.tag);
        tagged.visit_children_with(self);
    }
    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if matches!(unary.op, UnaryOp::TypeOf | UnaryOp::Delete) {
            self.result(&unary.arg);
        }
        unary.visit_children_with(self);
    }
}

struct Functions<'a> {
    hidden: &'a mut Hidden,
    unresolved: SyntaxContext,
    called: CalledResults,
    script: bool,
}

/// Whether code reads what an arrow function has from around it.
fn reads_outer(node: &ArrowExpr) -> bool {
    struct Outer(bool);
    impl Visit for Outer {
        fn visit_this_expr(&mut self, _: &ThisExpr) {
            self.0 = true;
        }
        fn visit_super(&mut self, _: &Super) {
            self.0 = true;
        }
        fn visit_meta_prop_expr(&mut self, node: &MetaPropExpr) {
            self.0 |= node.kind == MetaPropKind::NewTarget;
        }
        fn visit_ident(&mut self, name: &Ident) {
            self.0 |= matches!(&*name.sym, "arguments" | "eval");
        }
        fn visit_function(&mut self, _: &Function) {}
    }
    let mut outer = Outer(false);
    node.visit_with(&mut outer);
    outer.0
}

/// Whether a function gives a place: a member, or a name that nothing declares.
fn gives_place(arrow: &ArrowExpr, unresolved: SyntaxContext) -> bool {
    fn is_place(expr: &Expr, unresolved: SyntaxContext) -> bool {
        match expr {
            Expr::Member(_) | Expr::OptChain(_) => true,
            Expr::Ident(name) => name.ctxt == unresolved,
            Expr::Paren(paren) => is_place(&paren.expr, unresolved),
            Expr::Seq(seq) => seq
                .exprs
                .last()
                .is_some_and(|last| is_place(last, unresolved)),
            _ => false,
        }
    }
    match &*arrow.body {
        ArrowFunctionBody::Expr(body) => is_place(body, unresolved),
        ArrowFunctionBody::FunctionBody(body) => match body.stmts.as_slice() {
            [Stmt::Return(ReturnStmt { arg: Some(arg), .. })] => is_place(arg, unresolved),
            _ => false,
        },
    }
}

/// The arrow function as a function of the other kind.
fn as_function(arrow: &mut ArrowExpr) -> Expr {
    let body = match *arrow.body.take() {
        ArrowFunctionBody::FunctionBody(body) => body,
        ArrowFunctionBody::Expr(value) => FunctionBody {
            span: DUMMY_SP,
            stmts: vec![Stmt::Return(ReturnStmt {
                span: DUMMY_SP,
                arg: Some(value),
            })],
        },
    };
    Expr::Fn(FnExpr {
        ident: None,
        function: Box::new(Function {
            params: arrow.params.take().into_iter().map(Into::into).collect(),
            body: Some(body),
            span: arrow.span,
            is_async: arrow.is_async,
            ..Default::default()
        }),
    })
}

impl Functions<'_> {
    /// Writes a function that gives a place as one that is not put where it is called.
    fn keep_apart(&mut self, value: &mut Expr) {
        match value {
            Expr::Paren(paren) => self.keep_apart(&mut paren.expr),
            Expr::Arrow(arrow)
                if !arrow.is_async
                    && arrow.params.is_empty()
                    && gives_place(arrow, self.unresolved)
                    && !reads_outer(arrow) =>
            {
                *value = as_function(arrow);
            }
            _ => {}
        }
    }

    /// `eval` as a value, which no call makes a direct one.
    fn keep_indirect(&mut self, value: &mut Expr) {
        if let Expr::Ident(name) = value
            && name.ctxt == self.unresolved
            && name.sym == "eval"
        {
            *value = self.hidden.value("(0,eval)".to_string());
        }
    }
}

impl VisitMut for Functions<'_> {
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init) else {
            return;
        };
        if self.called.names.contains(&name.to_id()) {
            self.keep_apart(init);
        }
        self.keep_indirect(init);
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        if self.called.arrows
            && let Callee::Expr(callee) = &mut call.callee
        {
            self.keep_apart(callee);
        }
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        let Expr::Arrow(arrow) = expr else {
            return;
        };
        if let ArrowFunctionBody::Expr(body) = &mut *arrow.body {
            self.keep_indirect(body);
        }
        if self.script
            && !arrow.is_async
            && matches!(&*arrow.body, ArrowFunctionBody::FunctionBody(body) if has_use_strict(&body.stmts))
            && !reads_outer(arrow)
        {
            *expr = as_function(arrow);
        }
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        function.visit_mut_children_with(self);
        let names: Option<FxHashSet<Id>> = function
            .params
            .iter()
            .map(|param| param.pat.as_ident().map(|name| name.to_id()))
            .collect();
        let (Some(params), Some(body)) = (names, &mut function.body) else {
            return;
        };
        if !self.script || params.is_empty() || !shows_arguments(&body.stmts) {
            return;
        }
        let mut declared_again = DeclaredAgain { params: &params };
        body.stmts.visit_mut_with(&mut declared_again);
        let mut first = Vec::new();
        for stmt in &mut body.stmts {
            if let Stmt::Decl(Decl::Fn(node)) = stmt
                && params.contains(&node.ident.to_id())
            {
                let name = node.ident.clone();
                let value = Expr::Fn(FnExpr {
                    ident: None,
                    function: node.function.take(),
                });
                first.push(assigned(name, Box::new(value)).into_stmt());
                *stmt = Stmt::Empty(EmptyStmt { span: DUMMY_SP });
            }
        }
        body.stmts.splice(0..0, first);
    }
}

/// Whether a function's own `arguments` stands in it.
fn shows_arguments(stmts: &[Stmt]) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_ident(&mut self, name: &Ident) {
            self.0 |= name.sym == "arguments";
        }
        fn visit_function(&mut self, _: &Function) {}
    }
    let mut finder = Finder(false);
    stmts.visit_with(&mut finder);
    finder.0
}

fn assigned(name: Ident, value: Box<Expr>) -> Expr {
    Expr::Assign(AssignExpr {
        span: DUMMY_SP,
        op: AssignOp::Assign,
        left: AssignTarget::Simple(SimpleAssignTarget::Ident(name.into())),
        right: value,
    })
}

/// `var` of a parameter: it declares nothing, and may set it.
struct DeclaredAgain<'a> {
    params: &'a FxHashSet<Id>,
}

impl DeclaredAgain<'_> {
    fn is_again(&self, decl: &VarDeclarator) -> Option<Ident> {
        let name = decl.name.as_ident()?;
        self.params.contains(&name.to_id()).then(|| name.id.clone())
    }
}

impl VisitMut for DeclaredAgain<'_> {
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_arrow_expr(&mut self, _: &mut ArrowExpr) {}
    fn visit_mut_class(&mut self, _: &mut Class) {}

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        stmt.visit_mut_children_with(self);
        let Stmt::Decl(Decl::Var(var)) = stmt else {
            return;
        };
        if var.kind != VarDeclKind::Var
            || !var.decls.iter().any(|decl| self.is_again(decl).is_some())
        {
            return;
        }
        let stmts = var.decls.take().into_iter().filter_map(|mut decl| {
            match (self.is_again(&decl), decl.init.take()) {
                (Some(name), Some(value)) => Some(assigned(name, value).into_stmt()),
                (Some(_), None) => None,
                (None, init) => {
                    decl.init = init;
                    Some(Stmt::Decl(Decl::Var(Box::new(VarDecl {
                        span: DUMMY_SP,
                        kind: VarDeclKind::Var,
                        decls: vec![decl],
                        ..Default::default()
                    }))))
                }
            }
        });
        *stmt = Stmt::Block(BlockStmt {
            span: DUMMY_SP,
            stmts: stmts.collect(),
            ..Default::default()
        });
    }

    fn visit_mut_for_stmt(&mut self, node: &mut ForStmt) {
        node.visit_mut_children_with(self);
        let Some(VarDeclOrExpr::VarDecl(var)) = &mut node.init else {
            return;
        };
        if var.kind != VarDeclKind::Var
            || !var.decls.iter().all(|decl| self.is_again(decl).is_some())
        {
            return;
        }
        let set: Vec<Box<Expr>> = var
            .decls
            .take()
            .into_iter()
            .filter_map(|decl| {
                let name = self.is_again(&decl)?;
                Some(Box::new(assigned(name, decl.init?)))
            })
            .collect();
        node.init = (!set.is_empty()).then(|| {
            VarDeclOrExpr::Expr(Box::new(Expr::Seq(SeqExpr {
                span: DUMMY_SP,
                exprs: set,
            })))
        });
    }
}
