//! Names of functions that a renaming would change.
//!
//! In: a program before its variables are renamed, and after. Out: the same program, in which functions whose names
//! were to be kept, and whose variables got other names, are given their names again: `f$1.name` is `"f"`.

use rustc_hash::FxHashMap;
use swc_core::atoms::Atom;
use swc_core::common::{BytePos, DUMMY_SP};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::reserved_names::{keep_name, name_definition};
use crate::syntax::statements::directives;

/// What functions are called, by where they start.
#[derive(Debug, Default)]
pub(super) struct FunctionNames(FxHashMap<BytePos, Atom>);

impl FunctionNames {
    /// The names before a renaming. Classes that are a module's default without a name are called so at once.
    pub fn of(program: &mut Program) -> Self {
        program.visit_mut_with(&mut NameDefaultClasses);
        let mut names = Self::default();
        program.visit_with(&mut names);
        names
    }

    /// Gives the functions that are called otherwise now their names again.
    pub fn keep(&self, program: &mut Program) {
        program.visit_mut_with(&mut Keep { names: self });
    }

    fn add(&mut self, at: BytePos, name: &Ident) {
        if !at.is_dummy() {
            let name = match is_default(name) {
                true => "default".into(),
                false => name.sym.clone(),
            };
            self.0.insert(at, name);
        }
    }

    /// The name that a function starting at `at` had, where it is no longer `now`.
    fn lost(&self, at: BytePos, now: &Atom) -> Option<&Atom> {
        self.0.get(&at).filter(|name| *name != now)
    }
}

/// The variable that was made for a default export without a name.
fn is_default(name: &Ident) -> bool {
    name.span.is_dummy() && name.sym == "_default"
}

struct NameDefaultClasses;

impl VisitMut for NameDefaultClasses {
    fn visit_mut_class_decl(&mut self, node: &mut ClassDecl) {
        node.visit_mut_children_with(self);
        if is_default(&node.ident) {
            keep_name(&"default".into(), &mut node.class);
        }
    }
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init)
            && is_default(&name.id)
            && let Expr::Class(node) = &mut **init
            && node.ident.as_ref().is_none_or(is_default)
        {
            keep_name(&"default".into(), &mut node.class);
        }
    }
}

/// Where a function without a name of its own starts, which takes that of its variable.
fn anonymous(expr: &Expr) -> Option<BytePos> {
    match expr {
        Expr::Paren(paren) => anonymous(&paren.expr),
        Expr::Fn(node) if node.ident.is_none() => Some(node.function.span.lo),
        Expr::Arrow(arrow) => Some(arrow.span.lo),
        _ => None,
    }
}

impl Visit for FunctionNames {
    fn visit_fn_decl(&mut self, node: &FnDecl) {
        self.add(node.function.span.lo, &node.ident);
        node.visit_children_with(self);
    }
    fn visit_fn_expr(&mut self, node: &FnExpr) {
        if let Some(name) = &node.ident {
            self.add(node.function.span.lo, name);
        }
        node.visit_children_with(self);
    }
    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init)
            && let Some(at) = anonymous(init)
        {
            self.add(at, &name.id);
        }
        decl.visit_children_with(self);
    }
    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let (Some(name), Some(at)) = (assign.left.as_ident(), anonymous(&assign.right)) {
            self.add(at, &name.id);
        }
        assign.visit_children_with(self);
    }
    fn visit_assign_pat(&mut self, assign: &AssignPat) {
        if let (Pat::Ident(name), Some(at)) = (&*assign.left, anonymous(&assign.right)) {
            self.add(at, &name.id);
        }
        assign.visit_children_with(self);
    }
}

struct Keep<'a> {
    names: &'a FunctionNames,
}

impl Keep<'_> {
    fn anonymous(&self, value: &mut Expr, now: &Atom) {
        if let Some(name) = anonymous(value).and_then(|at| self.names.lost(at, now)) {
            define(value, name);
        }
    }

    /// What gives the functions that a list of statements declares their names.
    fn definitions(&self, stmts: &[Stmt]) -> Vec<Stmt> {
        let lost = stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Decl(Decl::Fn(node)) => self.declared(node),
            _ => None,
        });
        lost.collect()
    }

    fn declared(&self, node: &FnDecl) -> Option<Stmt> {
        let name = self.names.lost(node.function.span.lo, &node.ident.sym)?;
        let function = Expr::Ident(node.ident.clone());
        Some(Stmt::Expr(ExprStmt {
            span: DUMMY_SP,
            expr: Box::new(name_definition(Box::new(function), name)),
        }))
    }

    fn list(&self, stmts: &mut Vec<Stmt>) {
        let found = self.definitions(stmts);
        let after = directives(stmts).count();
        stmts.splice(after..after, found);
    }
}

/// `Object.defineProperty(value, "name", …)`, which gives the value.
fn define(value: &mut Expr, name: &Atom) {
    let inner = std::mem::replace(value, Expr::Invalid(Invalid { span: DUMMY_SP }));
    *value = name_definition(Box::new(inner), name);
}

impl VisitMut for Keep<'_> {
    fn visit_mut_program(&mut self, program: &mut Program) {
        program.visit_mut_children_with(self);
        match program {
            Program::Script(script) => self.list(&mut script.body),
            Program::Module(module) => {
                let lost = module.body.iter().filter_map(|item| match item {
                    ModuleItem::Stmt(Stmt::Decl(Decl::Fn(node))) => self.declared(node),
                    _ => None,
                });
                let found: Vec<ModuleItem> = lost.map(ModuleItem::Stmt).collect();
                // Imports may stand anywhere, and directives mean nothing in a module.
                module.body.splice(0..0, found);
            }
        }
    }
    fn visit_mut_block_stmt(&mut self, block: &mut BlockStmt) {
        block.visit_mut_children_with(self);
        self.list(&mut block.stmts);
    }
    fn visit_mut_function_body(&mut self, body: &mut FunctionBody) {
        body.visit_mut_children_with(self);
        self.list(&mut body.stmts);
    }
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init) {
            self.anonymous(init, &name.sym);
        }
    }
    fn visit_mut_assign_expr(&mut self, assign: &mut AssignExpr) {
        assign.visit_mut_children_with(self);
        if let Some(name) = assign.left.as_ident() {
            let now = name.sym.clone();
            self.anonymous(&mut assign.right, &now);
        }
    }
    fn visit_mut_assign_pat(&mut self, assign: &mut AssignPat) {
        assign.visit_mut_children_with(self);
        if let Pat::Ident(name) = &*assign.left {
            let now = name.sym.clone();
            self.anonymous(&mut assign.right, &now);
        }
    }
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Fn(FnExpr {
            ident: Some(now),
            function,
        }) = expr
            && let Some(name) = self.names.lost(function.span.lo, &now.sym)
        {
            define(expr, name);
        }
    }
}
