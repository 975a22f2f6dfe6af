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
use crate::bundle::analyse::effects::top_level::{
    Callable, HelperText, gives_plain_objects, makes_object,
};
use crate::bundle::analyse::effects::value_kinds::ValueKind;
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
        if self.pure_here(call.span) && !self.prints(callee) {
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
            return self.changes_only_the_first(callee, name.as_str(), rest)
                && self.mutate_object(&first.expr)
                && self.arguments(rest);
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

    /// Whether a call visibly prints or sets something, which an annotation that calls it pure does not make undone.
    fn prints(&self, callee: &Expr) -> bool {
        let function = match callee {
            Expr::Paren(paren) => return self.prints(&paren.expr),
            Expr::Member(member) => {
                return match &*member.obj {
                    // An annotation stands before every call of a chain.
                    Expr::Call(CallExpr {
                        callee: Callee::Expr(first),
                        ..
                    }) => self.prints(first),
                    Expr::Ident(object) => {
                        object.ctxt == self.unresolved && object.sym == "console"
                    }
                    _ => false,
                };
            }
            Expr::Class(class) => return self.constructor_prints(&class.class),
            Expr::Ident(name) => {
                let top = self.top_level.get(&name.to_id());
                if let Some(class) = top.and_then(|top| top.class) {
                    return self.constructor_prints(class);
                }
                let inner = self.inner.get(&name.to_id());
                inner
                    .and_then(|inner| inner.function)
                    .or(top.and_then(|top| top.function))
            }
            callee => Callable::of(callee),
        };
        match function {
            Some(Callable::Function(function)) => function
                .body
                .as_ref()
                .is_some_and(|body| self.statements_print(&body.stmts)),
            Some(Callable::Arrow(arrow)) => match &*arrow.body {
                ArrowFunctionBody::FunctionBody(body) => self.statements_print(&body.stmts),
                ArrowFunctionBody::Expr(expr) => self.is_printing(expr),
            },
            None => false,
        }
    }

    fn constructor_prints(&self, class: &Class) -> bool {
        class.body.iter().any(|member| match member {
            ClassMember::Constructor(constructor) => constructor
                .body
                .as_ref()
                .is_some_and(|body| self.statements_print(&body.stmts)),
            _ => false,
        })
    }

    fn statements_print(&self, stmts: &[Stmt]) -> bool {
        stmts.iter().any(|stmt| match stmt {
            Stmt::Expr(stmt) => self.is_printing(&stmt.expr),
            _ => false,
        })
    }

    /// A call of a function of `console`, or a variable of the module's that is set.
    fn is_printing(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_printing(&paren.expr),
            Expr::Call(CallExpr {
                callee: Callee::Expr(callee),
                ..
            }) => callee.is_member() && self.prints(callee),
            Expr::Assign(assign) => matches!(
                &assign.left,
                AssignTarget::Simple(SimpleAssignTarget::Ident(name))
                    if self.analysis.names.declared_by.contains_key(&name.to_id())
            ),
            _ => false,
        }
    }

    /// `Object.keys(null)` throws, so what such functions take must be an object.
    fn has_pure_arguments(&self, path: &str, args: &[ExprOrSpread]) -> bool {
        match path {
            "Object.keys"
            | "Object.values"
            | "Object.entries"
            | "Object.getPrototypeOf"
            | "Object.getOwnPropertyNames" => {
                matches!(args, [of] if self.is_object(&of.expr))
            }
            "Object.freeze" => matches!(args, [of] if makes_object(&of.expr)),
            "Object.create" => match args {
                [of] => self.is_object(&of.expr) || matches!(&*of.expr, Expr::Lit(Lit::Null(_))),
                _ => false,
            },
            // They look at what they get, and call nothing of it.
            "Object" | "Boolean" | "Array.isArray" | "Array.of" | "Number.isInteger"
            | "Number.isNaN" | "Number.isFinite" | "WeakMap" | "WeakSet" | "Map" | "Set"
            | "Date.now" | "Math.random" | "AbortController" | "TextEncoder" => true,
            // A length must be one.
            "Array" => match args {
                [] => true,
                [length] => match &*length.expr {
                    Expr::Lit(Lit::Num(number)) => {
                        number.value.fract() == 0.0
                            && (0.0..=4_294_967_295.0).contains(&number.value)
                    }
                    other => {
                        matches!(
                            self.kind_of(other),
                            Some(ValueKind::Text | ValueKind::Bool | ValueKind::Nothing)
                        ) || makes_object(other)
                    }
                },
                _ => true,
            },
            "WeakRef" => matches!(args, [of] if makes_object(&of.expr)),
            // They throw for some primitive values: a symbol, a BigInt, a wrong length.
            "BigInt" | "RegExp" | "encodeURIComponent" | "TextDecoder" | "Buffer.alloc"
            | "ArrayBuffer" | "Uint8Array" | "Int8Array" | "Uint16Array" | "Int16Array"
            | "Uint32Array" | "Int32Array" | "Float32Array" | "Float64Array"
            | "Uint8ClampedArray" => match path {
                "RegExp" => args.iter().all(|arg| is_literal_pattern(&arg.expr)),
                "encodeURIComponent" => args.iter().all(|arg| is_ascii_literal(&arg.expr)),
                "TextDecoder" => args.is_empty(),
                _ => args.iter().all(|arg| is_small_length(&arg.expr)),
            },
            "Buffer.from" => {
                matches!(args.first(), Some(of) if self.kind_of(&of.expr) == Some(ValueKind::Text))
                    && args.iter().all(|arg| self.primitive(&arg.expr))
            }
            "JSON.stringify" => {
                matches!(args, [of] if self.primitive(&of.expr) && self.kind_of(&of.expr).is_some())
            }
            // They convert what they get, and a symbol or BigInt cannot be converted.
            _ => args
                .iter()
                .all(|arg| self.kind_of(&arg.expr).is_some() && self.primitive(&arg.expr)),
        }
    }

    pub(super) fn construct(&mut self, new: &'a NewExpr) -> bool {
        let args = new.args.as_deref().unwrap_or_default();
        if self.pure_here(new.span) && !self.prints(&new.callee) {
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
        if let Some((_, particular)) = self.looking.iter().find(|(known, _)| *known == at) {
            // A function that only calls itself ends or does not: neither is an effect here. With other
            // arguments, or another `this`, it may do what it did not do before.
            return !particular && !with_new;
        }
        let particular = with_new || args.is_some_and(|args| self.are_particular(args));
        self.looking.push((at, particular));
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
        let inside = self.looking.iter().any(|(known, _)| *known == at);
        if self.depth > DEPTH || inside || !class.decorators.is_empty() {
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
                    self.looking.push((at, true));
                    let pure = gives_plain_objects(parent, self.top_level)
                        && self.constructed(parent, None);
                    self.looking.pop();
                    pure
                }
                None => false,
            };
            if !pure {
                return false;
            }
        }
        self.looking.push((at, true));
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
                fresh: rest
                    || passed.is_some()
                    || arg.is_some_and(|arg| self.gives_own_object(arg)),
                function: arg.and_then(Callable::of),
                ..Inner::default()
            };
            self.mutations.extend(passed.map(Mutation::Id));
            self.inner.insert(name.to_id(), inner);
        }
        true
    }

    /// Whether a function with the name of a known helper is that helper, and reading the other arguments does
    /// nothing.
    fn changes_only_the_first(&self, callee: &Expr, name: &str, rest: &[ExprOrSpread]) -> bool {
        if name.starts_with("Object.defineProp")
            && rest.iter().any(|arg| self.runs_getters(&arg.expr))
        {
            return false;
        }
        if name == "Object.assign" {
            // Every member of them is read.
            return rest.iter().all(|arg| {
                arg.spread.is_none()
                    && (self.is_object(&arg.expr) && !self.may_be_module(&arg.expr)
                        || self.primitive(&arg.expr))
            });
        }
        name.starts_with("Object.") || self.is_helper(callee)
    }

    /// Whether reading the members of an object, and of those in it, may run code.
    fn runs_getters(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.runs_getters(&paren.expr),
            Expr::Object(object) => object.props.iter().any(|prop| match prop {
                PropOrSpread::Prop(prop) => match &**prop {
                    Prop::Getter(_) => true,
                    Prop::KeyValue(pair) => self.runs_getters(&pair.value),
                    _ => false,
                },
                PropOrSpread::Spread(_) => false,
            }),
            Expr::Ident(name) => self
                .top_level
                .get(&name.to_id())
                .is_some_and(|top| top.accessors),
            _ => false,
        }
    }

    fn may_be_module(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.may_be_module(&paren.expr),
            Expr::Ident(name) => self
                .analysis
                .imports
                .require_bindings
                .contains_key(&name.to_id()),
            Expr::Call(_) => true,
            _ => false,
        }
    }

    /// A helper of a compiler's: out of a package of such helpers, or declared here and touching nothing but its
    /// arguments.
    fn is_helper(&self, callee: &Expr) -> bool {
        let from_package = |id: &Id| {
            let imports = &self.analysis.imports;
            let imported = imports.names.get(id).map(|(record, _)| record);
            let required = imports.require_bindings.get(id).map(|bound| &bound.record);
            imported
                .or(required)
                .is_some_and(|record| imports.of_helpers.contains(record))
        };
        match callee {
            Expr::Paren(paren) => self.is_helper(&paren.expr),
            Expr::Seq(seq) => seq.exprs.last().is_some_and(|last| self.is_helper(last)),
            Expr::Member(member) => {
                matches!(&*member.obj, Expr::Ident(object) if from_package(&object.to_id()))
            }
            Expr::Ident(name) => {
                let id = name.to_id();
                from_package(&id)
                    || self.top_level.get(&id).is_some_and(|top| match top.helper {
                        Some(HelperText::Function(function)) => {
                            self.touches_only_arguments(function)
                        }
                        Some(HelperText::Value(value)) => self.touches_only_arguments(value),
                        None => false,
                    })
            }
            _ => false,
        }
    }

    /// Whether a function names nothing of its module's but other helpers, and of the globals only those that
    /// change objects.
    fn touches_only_arguments<N>(&self, node: &N) -> bool
    where
        N: for<'v> VisitWith<Names<'v>>,
    {
        let outside = |name: &Ident| {
            let id = name.to_id();
            match name.ctxt == self.unresolved {
                true => !matches!(
                    name.sym.as_str(),
                    "Object"
                        | "Reflect"
                        | "Symbol"
                        | "TypeError"
                        | "Function"
                        | "Array"
                        | "String"
                        | "undefined"
                        | "arguments"
                ),
                false => {
                    let imports = &self.analysis.imports;
                    let own = self.analysis.names.declared_by.contains_key(&id)
                        || imports.names.contains_key(&id);
                    own && !name.sym.starts_with('_')
                        && self
                            .top_level
                            .get(&id)
                            .is_none_or(|top| top.helper.is_none())
                }
            }
        };
        let mut names = Names {
            outside: &outside,
            found: false,
        };
        node.visit_with(&mut names);
        !names.found
    }

    /// Arguments of which more is known than that they are harmless.
    fn are_particular(&self, args: &[ExprOrSpread]) -> bool {
        args.iter().any(|arg| {
            self.gives_own_object(&arg.expr)
                || Callable::of(&arg.expr).is_some()
                || handed(&arg.expr).is_some()
        })
    }

    fn body(&mut self, stmts: &'a [Stmt]) -> bool {
        let mut assigned = Assigned {
            unsettled: &mut self.unsettled,
            unprimitive: &mut self.unprimitive,
        };
        stmts.visit_with(&mut assigned);
        // A loop may come to them after they were set.
        for (id, inner) in &mut self.inner {
            if self.unsettled.contains(id) {
                inner.fresh = false;
                inner.function = None;
            }
        }
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

/// Looks for a name that is not its function's own.
struct Names<'v> {
    outside: &'v dyn Fn(&Ident) -> bool,
    found: bool,
}

impl Visit for Names<'_> {
    fn visit_ident(&mut self, name: &Ident) {
        self.found |= (self.outside)(name);
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

fn is_literal_pattern(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Regex(_)) => true,
        // No character that means anything in a pattern; flags are letters too, and checked by use.
        Expr::Lit(Lit::Str(text)) => text.value.as_str().is_some_and(|text| {
            text.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | ',' | ':')
            })
        }),
        _ => false,
    }
}

fn is_ascii_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(Lit::Str(text)) if text.value.as_str().is_some_and(str::is_ascii))
}

/// A length that every array can have, or nothing at all.
fn is_small_length(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(Lit::Num(number))
        if number.value.fract() == 0.0 && (0.0..=1_048_576.0).contains(&number.value))
}

fn is_primitive(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Regex(_) | Lit::BigInt(_)) => false,
        Expr::Lit(_) | Expr::Tpl(_) => true,
        Expr::Unary(unary) => match unary.op {
            UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang | UnaryOp::Plus => true,
            UnaryOp::Minus | UnaryOp::Tilde => is_primitive(&unary.arg),
            UnaryOp::Delete => false,
        },
        Expr::Ident(name) => name.sym == "undefined",
        Expr::Paren(paren) => is_primitive(&paren.expr),
        _ => false,
    }
}

impl Visit for Assigned<'_> {
    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left {
            // `x = x || {}` leaves it an object of its own where it was one.
            let right = match &*assign.right {
                Expr::Bin(bin)
                    if matches!(bin.op, BinaryOp::LogicalOr | BinaryOp::NullishCoalescing)
                        && matches!(&*bin.left, Expr::Ident(left) if left.to_id() == name.to_id()) =>
                {
                    &*bin.right
                }
                right => right,
            };
            if !makes_object(right) {
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
