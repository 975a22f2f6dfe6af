//! Calls, and what lies behind them.
//!
//! A function whose body is at hand is looked into, with what is known of its arguments. One that
//! is only known by its name, in this module or another, is believed to do nothing, and the belief
//! is noted: [`crate::bundle::analyse::effects::summary`] settles later whether it holds.

use rustc_hash::FxHashSet;

use crate::bundle::analyse::commonjs::required_module;
use crate::bundle::analyse::effects::known_globals::{
    callable, changers, dotted, dotted_root, handed, helper_of,
};
use crate::bundle::analyse::effects::side_effects::{Inner, SideEffectChecker};
use crate::bundle::analyse::effects::top_level::{Callable, makes_object};
use crate::bundle::load::fold::static_name;
use crate::bundle::part::{AssumedPureCall, CalledFunction, Imported, Mutation, records_at};
use crate::syntax::ast::*;
use crate::syntax::{Visit, VisitWith};

/// How deep calls are followed before they are only believed.
const DEPTH: u32 = 4;

impl<'a> SideEffectChecker<'a> {
    pub(super) fn arguments(&mut self, args: &'a [ExprOrSpread]) -> bool {
        args.iter()
            .all(|arg| arg.spread.is_none() && self.expr(&arg.expr))
    }

    pub(super) fn call(&mut self, call: &'a CallExpr, whole: &'a Expr) -> bool {
        let callee = match &call.callee {
            Callee::Expr(callee) => callee,
            // The constructor of what a class extends is looked at with the class.
            Callee::Super(_) => return self.fresh_this && self.arguments(&call.args),
            // It starts something.
            Callee::Import(_) => return false,
        };
        // What the module does that is asked for is looked at elsewhere.
        if required_module(whole, self.analysis).is_some() {
            return true;
        }
        if records_at(&self.analysis.imports.calls, call).is_some() {
            return false;
        }
        if self.pure_here(call.span) {
            return self.arguments(&call.args);
        }
        if let Expr::Ident(name) = &**callee
            && self.free_functions.contains(&name.to_id())
        {
            return self.arguments(&call.args);
        }
        if let Some(name) = helper_of(callee)
            && changers().contains(name.as_str())
            && let [first, rest @ ..] = call.args.as_slice()
        {
            return self.mutate_object(&first.expr) && self.arguments(rest);
        }
        if let Some(root) = dotted_root(callee)
            && root.ctxt == self.unresolved
            && let Some(path) = dotted(callee)
            && callable().contains(path.as_str())
        {
            return self.arguments(&call.args) && self.has_pure_arguments(&path, &call.args);
        }
        if let Expr::Member(member) = &**callee
            && self.computes(member, &call.args)
        {
            return true;
        }
        self.called_function(callee, &call.args)
    }

    /// `Object.keys(null)` throws, so what such functions take must be an object.
    fn has_pure_arguments(&self, path: &str, args: &[ExprOrSpread]) -> bool {
        match path {
            "Object.keys"
            | "Object.values"
            | "Object.entries"
            | "Object.getPrototypeOf"
            | "Object.getOwnPropertyNames"
            | "Object.freeze"
            | "Object.create" => args.first().is_none_or(|arg| {
                self.is_object(&arg.expr) || matches!(&*arg.expr, Expr::Lit(Lit::Null(_)))
            }),
            "String" | "Symbol" | "Symbol.for" | "Number" | "BigInt" | "parseInt"
            | "parseFloat" | "RegExp" => args.iter().all(|arg| self.primitive(&arg.expr)),
            _ => true,
        }
    }

    pub(super) fn construct(&mut self, new: &'a NewExpr) -> bool {
        let args = new.args.as_deref().unwrap_or_default();
        if self.pure_here(new.span) {
            return self.arguments(args);
        }
        if let Some(root) = dotted_root(&new.callee)
            && root.ctxt == self.unresolved
            && let Some(path) = dotted(&new.callee)
            && callable().contains(path.as_str())
        {
            let lists = matches!(path.as_str(), "Map" | "Set" | "WeakMap" | "WeakSet");
            let iterable = !lists
                || args.first().is_none_or(|arg| {
                    matches!(&*arg.expr, Expr::Array(_) | Expr::Lit(Lit::Null(_)))
                });
            return iterable && self.arguments(args) && self.has_pure_arguments(&path, args);
        }
        let Expr::Ident(name) = &*new.callee else {
            return false;
        };
        if !self.arguments(args) {
            return false;
        }
        let id = name.to_id();
        if self.summarising || self.depth > DEPTH {
            return self.assume_pure(&new.callee, true);
        }
        match self.top_level.get(&id) {
            Some(top) if top.dressed => false,
            Some(top) => match (top.function, top.class) {
                (Some(function), _) => self.entered(function, Some(args), true),
                (None, Some(class)) => self.constructed(class, Some(args)),
                (None, None) => false,
            },
            None => self.assume_pure(&new.callee, true),
        }
    }

    /// A call of a function by its name, taken to do nothing until that is settled.
    fn assume_pure(&mut self, callee: &Expr, with_new: bool) -> bool {
        let reached = match callee {
            Expr::Paren(paren) => return self.assume_pure(&paren.expr, with_new),
            // `(0, f)()`
            Expr::Seq(seq) => match seq.exprs.as_slice() {
                [first, last] if first.is_lit() => return self.assume_pure(last, with_new),
                _ => return false,
            },
            Expr::Ident(name) => {
                let id = name.to_id();
                match self.analysis.imports.names.get(&id) {
                    Some((_, Imported::Name(_))) => CalledFunction::Import(id),
                    Some((_, Imported::Namespace)) => return false,
                    None if self.top_level.contains_key(&id) => CalledFunction::Own(id),
                    None => return false,
                }
            }
            Expr::Member(member) => match (&*member.obj, static_name(&member.prop)) {
                (Expr::Ident(name), Some(member)) => {
                    match self.analysis.imports.names.get(&name.to_id()) {
                        Some((_, Imported::Namespace)) => {
                            CalledFunction::Member(name.to_id(), member)
                        }
                        _ => return false,
                    }
                }
                _ => return false,
            },
            _ => return false,
        };
        self.assumed_pure_calls.push(AssumedPureCall {
            function: reached,
            with_new,
        });
        true
    }

    /// A call of a function whose body is at hand, or that is known by name.
    fn called_function(&mut self, callee: &'a Expr, args: &'a [ExprOrSpread]) -> bool {
        let function = match callee {
            Expr::Paren(paren) => return self.called_function(&paren.expr, args),
            Expr::Ident(name) => {
                let id = name.to_id();
                match self.inner.get(&id) {
                    Some(inner) => inner.function,
                    None if self.summarising => None,
                    None => self.top_level.get(&id).and_then(|top| top.function),
                }
            }
            expr => Callable::of(expr),
        };
        if !self.arguments(args) {
            return false;
        }
        match function {
            Some(function) if self.depth <= DEPTH => self.entered(function, Some(args), false),
            _ => self.assume_pure(callee, false),
        }
    }

    /// A function that something else calls, with arguments of its own.
    pub(super) fn is_pure_callback(&mut self, expr: &Expr) -> bool {
        // Judged apart: what it says of names must hold for any call.
        let Some(function) = Callable::of(expr) else {
            return false;
        };
        let mut checker = SideEffectChecker::new(
            self.unresolved,
            self.top_level,
            self.analysis,
            self.pure_at,
            self.free_functions,
            self.accessors,
        );
        checker.depth = self.depth + 1;
        checker.summarising = true;
        if checker.depth > DEPTH || !checker.entered(function, None, false) {
            return false;
        }
        let (mutations, assumed_pure_calls) = (checker.mutations, checker.assumed_pure_calls);
        self.mutations.extend(mutations);
        self.assumed_pure_calls.extend(assumed_pure_calls);
        true
    }

    /// What calling a function does, whatever harmless arguments it gets.
    pub(super) fn summary(
        &mut self,
        function: Callable<'a>,
        with_new: bool,
    ) -> Option<Vec<AssumedPureCall>> {
        self.summarising = true;
        let pure = self.entered(function, None, with_new);
        self.concluded(pure)
    }

    /// The same for making an object of a class.
    pub(super) fn class_summary(&mut self, class: &'a Class) -> Option<Vec<AssumedPureCall>> {
        self.summarising = true;
        let pure = self.constructed(class, None);
        self.concluded(pure)
    }

    fn concluded(&mut self, pure: bool) -> Option<Vec<AssumedPureCall>> {
        self.summarising = false;
        self.inner.clear();
        self.unsettled.clear();
        self.unprimitive.clear();
        let effects = self.take_effects(pure);
        (!effects.has_side_effects && effects.mutations.is_empty())
            .then_some(effects.assumed_pure_calls)
    }

    /// Looks into a function. Without arguments, nothing is known of them.
    fn entered(
        &mut self,
        function: Callable<'a>,
        args: Option<&'a [ExprOrSpread]>,
        with_new: bool,
    ) -> bool {
        let at: *const () = match function {
            Callable::Function(function) => std::ptr::from_ref(function).cast(),
            Callable::Arrow(arrow) => std::ptr::from_ref(arrow).cast(),
        };
        if self.looking.contains(&at) {
            // A function that only calls itself ends or does not: neither is an effect here.
            return true;
        }
        self.looking.push(at);
        self.depth += 1;
        let pure = match function {
            Callable::Function(function) => {
                let outer = (self.fresh_this, self.promised);
                (self.fresh_this, self.promised) = (with_new, function.is_async);
                let pats: Vec<&'a Pat> = function.params.iter().map(|param| &param.pat).collect();
                let pure = (!with_new || !(function.is_async || function.is_generator))
                    && self.parameters(&pats, args)
                    // What a generator does it does when it is asked for its first value.
                    && (function.is_generator
                        || function
                            .body
                            .as_ref()
                            .is_none_or(|body| self.body(&body.stmts)));
                (self.fresh_this, self.promised) = outer;
                pure
            }
            Callable::Arrow(arrow) => {
                let outer = std::mem::replace(&mut self.promised, arrow.is_async);
                let pats: Vec<&'a Pat> = arrow.params.iter().collect();
                let pure = !with_new
                    && self.parameters(&pats, args)
                    && match &*arrow.body {
                        ArrowFunctionBody::FunctionBody(block) => self.body(&block.stmts),
                        ArrowFunctionBody::Expr(expr) => {
                            (!self.promised || self.is_settled(expr)) && self.expr(expr)
                        }
                    };
                self.promised = outer;
                pure
            }
        };
        self.depth -= 1;
        self.looking.pop();
        pure
    }

    /// Makes an object of a class: its fields and constructor, and those of what it extends.
    fn constructed(&mut self, class: &'a Class, args: Option<&'a [ExprOrSpread]>) -> bool {
        let at: *const () = std::ptr::from_ref(class).cast();
        if self.depth > DEPTH || self.looking.contains(&at) || !class.decorators.is_empty() {
            return false;
        }
        // Setting a field may run an accessor of the prototype.
        let plain = class.body.iter().all(|member| match member {
            ClassMember::Method(method) => {
                method.is_static
                    || (method.kind == MethodKind::Method
                        && !matches!(method.key, PropName::Computed(_)))
            }
            ClassMember::PrivateMethod(method) => method.kind == MethodKind::Method,
            ClassMember::AutoAccessor(_) => false,
            _ => true,
        });
        if !plain {
            return false;
        }
        if let Some(parent) = &class.super_class {
            let Expr::Ident(name) = &**parent else {
                return false;
            };
            let found = self.top_level.get(&name.to_id()).filter(|top| !top.dressed);
            let pure = match found.and_then(|top| top.class) {
                Some(parent) => {
                    self.looking.push(at);
                    let pure = self.constructed(parent, None);
                    self.looking.pop();
                    pure
                }
                None => false,
            };
            if !pure {
                return false;
            }
        }
        self.looking.push(at);
        self.depth += 1;
        let outer = (
            std::mem::replace(&mut self.fresh_this, true),
            std::mem::replace(&mut self.promised, false),
        );
        let pure = class.body.iter().all(|member| match member {
            ClassMember::ClassProp(prop) if !prop.is_static => {
                prop.value.as_ref().is_none_or(|value| self.expr(value))
            }
            ClassMember::PrivateProp(prop) if !prop.is_static => {
                prop.value.as_ref().is_none_or(|value| self.expr(value))
            }
            ClassMember::Constructor(constructor) => {
                let pats: Option<Vec<&'a Pat>> = constructor
                    .params
                    .iter()
                    .map(|param| match param {
                        ParamOrTsParamProp::Param(param) => Some(&param.pat),
                        ParamOrTsParamProp::TsParamProp(_) => None,
                    })
                    .collect();
                pats.is_some_and(|pats| self.parameters(&pats, args))
                    && constructor
                        .body
                        .as_ref()
                        .is_none_or(|body| self.body(&body.stmts))
            }
            _ => true,
        });
        (self.fresh_this, self.promised) = outer;
        self.depth -= 1;
        self.looking.pop();
        pure
    }

    fn parameters(&mut self, pats: &[&'a Pat], args: Option<&'a [ExprOrSpread]>) -> bool {
        for (at, pat) in pats.iter().enumerate() {
            let (pat, default, rest) = match pat {
                Pat::Assign(assign) => (&*assign.left, Some(&assign.right), false),
                Pat::Rest(rest) => (&*rest.arg, None, true),
                pat => (*pat, None, false),
            };
            let Pat::Ident(name) = pat else {
                return false;
            };
            if let Some(default) = default
                && !self.expr(default)
            {
                return false;
            }
            let arg = args
                .and_then(|args| args.get(at))
                .map(|arg| &*arg.expr)
                .filter(|_| default.is_none() && !rest);
            // What is passed in is changed where the function changes its parameter.
            let passed = arg
                .and_then(handed)
                .filter(|root| self.top_level.get(root).is_some_and(|top| top.fresh));
            // Compiled enums name the parameter as the variable outside.
            let inner = Inner {
                fresh: rest || passed.is_some() || arg.is_some_and(makes_object),
                function: arg.and_then(Callable::of),
                ..Inner::default()
            };
            self.mutations.extend(passed.map(Mutation::Id));
            self.inner.insert(name.to_id(), inner);
        }
        true
    }

    fn body(&mut self, stmts: &'a [Stmt]) -> bool {
        let mut assigned = Assigned {
            unsettled: &mut self.unsettled,
            unprimitive: &mut self.unprimitive,
        };
        stmts.visit_with(&mut assigned);
        for stmt in stmts {
            if let Stmt::Decl(Decl::Fn(function)) = stmt {
                self.declare_function(function);
            }
            if let Stmt::Decl(Decl::Class(class)) = stmt {
                let inner = Inner {
                    fresh: true,
                    ..Inner::default()
                };
                self.inner.insert(class.ident.to_id(), inner);
            }
        }
        stmts.iter().all(|stmt| match stmt {
            Stmt::Expr(expr) if matches!(&*expr.expr, Expr::Lit(_)) => true,
            stmt => self.statement(stmt),
        })
    }
}

/// Finds the names that are set again.
struct Assigned<'b> {
    unsettled: &'b mut FxHashSet<Id>,
    unprimitive: &'b mut FxHashSet<Id>,
}

impl Assigned<'_> {
    fn anything(&mut self, id: Id) {
        self.unsettled.insert(id.clone());
        self.unprimitive.insert(id);
    }

    fn head(&mut self, head: &ForHead) {
        if let ForHead::Pat(pat) = head
            && let Pat::Ident(name) = &**pat
        {
            self.anything(name.to_id());
        }
        if let ForHead::VarDecl(var) = head {
            for decl in &var.decls {
                if let Pat::Ident(name) = &decl.name {
                    self.anything(name.to_id());
                }
            }
        }
    }
}

fn is_primitive(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Regex(_)) => false,
        Expr::Lit(_) | Expr::Tpl(_) => true,
        Expr::Unary(unary) => unary.op != UnaryOp::Delete,
        Expr::Ident(name) => name.sym == "undefined",
        Expr::Paren(paren) => is_primitive(&paren.expr),
        _ => false,
    }
}

impl Visit for Assigned<'_> {
    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left {
            if !makes_object(&assign.right) {
                self.unsettled.insert(name.to_id());
            }
            if !is_primitive(&assign.right) {
                self.unprimitive.insert(name.to_id());
            }
        }
        assign.visit_children_with(self);
    }
    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = &*update.arg {
            self.unsettled.insert(name.to_id());
        }
        update.visit_children_with(self);
    }
    fn visit_assign_target_pat(&mut self, pat: &AssignTargetPat) {
        struct Names<'c, 'b>(&'c mut Assigned<'b>);
        impl Visit for Names<'_, '_> {
            fn visit_binding_ident(&mut self, name: &BindingIdent) {
                self.0.anything(name.to_id());
            }
            fn visit_assign_pat_prop(&mut self, prop: &AssignPatProp) {
                self.0.anything(prop.key.to_id());
            }
        }
        pat.visit_with(&mut Names(self));
    }
    fn visit_for_in_stmt(&mut self, each: &ForInStmt) {
        self.head(&each.left);
        each.visit_children_with(self);
    }
    fn visit_for_of_stmt(&mut self, each: &ForOfStmt) {
        self.head(&each.left);
        each.visit_children_with(self);
    }
}
