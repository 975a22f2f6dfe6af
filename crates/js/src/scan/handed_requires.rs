//! What a file loads by a `require` that it hands on.
//!
//! In: a program that uses `require` as a value: `["./a", "./b"].map(require)`, `lazy = wrap(require)`,
//! `const load = bundled ? other : require`. Out: the specifiers that it may be called with: every relative path
//! that the file gives to a function or keeps in a list, and what it gives to those names that were made of
//! `require`. A file whose functions have a parameter called `require` brings its own modules along, or is a
//! factory whose calls are known by that name; so it has none.

use rustc_hash::FxHashSet;

use crate::scan::eval::ScopeBindings;
use crate::syntax::ast::*;
use crate::syntax::{Span, Visit, VisitWith, without_parentheses};

/// The specifiers, each with its place, in source order.
pub fn handed_requires(program: &Program, bindings: &ScopeBindings) -> Vec<(String, Span)> {
    let mut finder = Finder {
        bindings,
        free: 0,
        factory: false,
        paths: Vec::new(),
        calls: Vec::new(),
        takers: FxHashSet::default(),
    };
    program.visit_with(&mut finder);
    if finder.free == 0 || finder.factory {
        return Vec::new();
    }
    let mut found = finder.paths;
    let called = finder.calls.into_iter();
    found.extend(
        called
            .filter(|(callee, _, _)| finder.takers.contains(callee))
            .map(|(_, specifier, span)| (specifier, span)),
    );
    found.sort_by_key(|(_, span)| span.lo);
    found
}

struct Finder<'a> {
    bindings: &'a ScopeBindings,
    /// How often `require` is used as a value.
    free: usize,
    factory: bool,
    paths: Vec<(String, Span)>,
    /// Calls of variables by something that is no path.
    calls: Vec<(Id, String, Span)>,
    /// Variables that were made of `require`.
    takers: FxHashSet<Id>,
}

impl Finder<'_> {
    fn is_require(&self, expr: &Expr) -> bool {
        self.bindings
            .is_global(without_parentheses(expr), "require")
    }

    /// `typeof require === "function"`, or `require` itself, somewhere in a condition.
    fn asks_for_it(&self, test: &Expr) -> bool {
        match without_parentheses(test) {
            Expr::Unary(unary) => self.asks_for_it(&unary.arg),
            Expr::Bin(bin) => self.asks_for_it(&bin.left) || self.asks_for_it(&bin.right),
            test => self.is_require(test),
        }
    }

    fn path(&mut self, expr: &Expr, span: Span) {
        if let Some(text) = text_of(expr)
            && (text.starts_with("./") || text.starts_with("../"))
        {
            self.paths.push((text.to_owned(), span));
        }
    }

    /// What is made of something that has `require` in it.
    fn taken(&mut self, name: Option<Id>, value: &Expr) {
        let before = self.free;
        value.visit_with(self);
        if self.free > before {
            self.takers.extend(name);
        }
    }
}

fn text_of(expr: &Expr) -> Option<&str> {
    match without_parentheses(expr) {
        Expr::Lit(Lit::Str(text)) => text.value.as_str(),
        _ => None,
    }
}

impl Visit for Finder<'_> {
    fn visit_expr(&mut self, expr: &Expr) {
        if self.is_require(expr) {
            self.free += 1;
            return;
        }
        match expr {
            Expr::Unary(unary) if unary.op == UnaryOp::TypeOf && self.is_require(&unary.arg) => {}
            // The head of a bundle that looks whether there are modules outside of it.
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalAnd && self.asks_for_it(&bin.left) => {
                if !self.is_require(&bin.right) {
                    bin.right.visit_with(self);
                }
            }
            Expr::Cond(cond) if self.asks_for_it(&cond.test) => {
                for branch in [&cond.cons, &cond.alt] {
                    if !self.is_require(branch) {
                        branch.visit_with(self);
                    }
                }
            }
            expr => expr.visit_children_with(self),
        }
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        // `require.cache` and its like load nothing.
        let lends = matches!(&member.prop, MemberProp::Ident(name)
            if matches!(&*name.sym, "call" | "apply" | "bind"));
        if lends || !self.is_require(&member.obj) {
            member.visit_children_with(self);
        }
    }

    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        decl.name.visit_with(self);
        // Another name for it is followed by that name.
        if let Some(init) = decl.init.as_deref().filter(|init| !self.is_require(init)) {
            let name = decl.name.as_ident().map(|name| name.to_id());
            self.taken(name, init);
        }
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        assign.left.visit_with(self);
        let name = assign.left.as_ident().map(|name| name.to_id());
        self.taken(name, &assign.right);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let Callee::Expr(callee) = &call.callee else {
            call.visit_children_with(self);
            return;
        };
        let direct = self.is_require(callee);
        if !direct {
            callee.visit_with(self);
        }
        // A loader of another kind asks for its own.
        let defines = callee.as_ident().is_some_and(|name| name.sym == "define");
        if !direct && !defines {
            if let (Expr::Ident(name), Some(first)) =
                (without_parentheses(callee), call.args.first())
                && let Some(text) = text_of(&first.expr)
                && !text.starts_with('.')
            {
                self.calls.push((name.to_id(), text.to_owned(), call.span));
            }
            for arg in &call.args {
                self.path(&arg.expr, call.span);
            }
        }
        for arg in &call.args {
            match &*arg.expr {
                Expr::Array(_) if defines => {}
                arg => arg.visit_with(self),
            }
        }
    }

    fn visit_prop(&mut self, prop: &Prop) {
        match prop {
            Prop::Shorthand(name) if self.is_require(&Expr::Ident(name.clone())) => self.free += 1,
            prop => prop.visit_children_with(self),
        }
    }

    fn visit_array_lit(&mut self, list: &ArrayLit) {
        for elem in list.elems.iter().flatten() {
            self.path(&elem.expr, list.span);
        }
        list.visit_children_with(self);
    }

    fn visit_pat(&mut self, pattern: &Pat) {
        self.factory |= pattern
            .as_ident()
            .is_some_and(|name| name.id.sym == "require");
        pattern.visit_children_with(self);
    }
}
