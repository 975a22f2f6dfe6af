//! Statements and expressions, judged one by one.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::commonjs::required_module;
use crate::bundle::analyse::effects::known_globals::{dotted, dotted_root, readable};
use crate::bundle::analyse::effects::top_level::{
    Callable, TopLevelNames, class_has_accessors, has_accessors, makes_object,
};
use crate::bundle::analyse::effects::value_kinds::ValueKind;
use crate::bundle::load::fold::static_name;
use crate::bundle::part::{AssumedPureCall, Imported, ModuleAnalysis, Mutation, records_at};
use crate::syntax::ast::*;
use crate::syntax::{BytePos, SyntaxContext};

/// What is found of a piece of code.
#[derive(Debug, Default)]
pub struct StatementEffects {
    /// Running it can be noticed.
    pub has_side_effects: bool,
    pub mutations: Vec<Mutation>,
    /// It cannot be noticed if these calls do nothing.
    pub assumed_pure_calls: Vec<AssumedPureCall>,
}

/// A name declared inside of a function that is being looked into.
#[derive(Default)]
pub(super) struct Inner<'a> {
    /// It holds an object made there.
    pub fresh: bool,
    /// It holds nothing, or an object made there.
    pub unset: bool,
    /// A primitive value, and no BigInt.
    pub primitive: bool,
    pub function: Option<Callable<'a>>,
}

/// Judges the statements of one module.
pub struct SideEffectChecker<'a> {
    pub(super) unresolved: SyntaxContext,
    pub(super) top_level: &'a TopLevelNames<'a>,
    pub(super) analysis: &'a ModuleAnalysis,
    pub(super) pure_at: &'a FxHashSet<BytePos>,
    pub(super) free_functions: &'a FxHashSet<Id>,
    pub(super) mutations: Vec<Mutation>,
    pub(super) assumed_pure_calls: Vec<AssumedPureCall>,
    pub(super) inner: FxHashMap<Id, Inner<'a>>,
    /// Names that a function being looked into sets to what may be no object of its own.
    pub(super) unsettled: FxHashSet<Id>,
    /// Names that it sets to what may be an object.
    pub(super) unprimitive: FxHashSet<Id>,
    pub(super) depth: u32,
    /// Objects may get accessors after they were made.
    pub(super) accessors: bool,
    /// `this` is an object that was just made.
    pub(super) fresh_this: bool,
    /// What is returned becomes a promise's.
    pub(super) promised: bool,
    /// Calls of the module's own functions are noted, not looked into.
    pub(super) summarising: bool,
    /// The functions and classes that are being looked into, each with whether what is said of it hangs on how it
    /// is called.
    pub(super) looking: Vec<(*const (), bool)>,
}

impl<'a> SideEffectChecker<'a> {
    pub fn new(
        unresolved: SyntaxContext,
        top_level: &'a TopLevelNames<'a>,
        analysis: &'a ModuleAnalysis,
        pure_at: &'a FxHashSet<BytePos>,
        free_functions: &'a FxHashSet<Id>,
        accessors: bool,
    ) -> Self {
        Self {
            unresolved,
            top_level,
            analysis,
            pure_at,
            free_functions,
            mutations: Vec::new(),
            assumed_pure_calls: Vec::new(),
            inner: FxHashMap::default(),
            unsettled: FxHashSet::default(),
            unprimitive: FxHashSet::default(),
            depth: 0,
            accessors,
            fresh_this: false,
            promised: false,
            summarising: false,
            looking: Vec::new(),
        }
    }

    /// Whether running `stmt` can be noticed, and what it changes.
    pub fn stmt(&mut self, stmt: &'a Stmt) -> StatementEffects {
        let pure = self.statement(stmt);
        self.take_effects(pure)
    }

    /// The same for an expression.
    pub fn value(&mut self, expr: &'a Expr) -> StatementEffects {
        let pure = self.expr(expr);
        self.take_effects(pure)
    }

    /// The same for a property of an object literal.
    pub fn prop(&mut self, prop: &'a Prop) -> StatementEffects {
        let pure = self.property(prop);
        self.take_effects(pure)
    }

    pub(super) fn take_effects(&mut self, pure: bool) -> StatementEffects {
        StatementEffects {
            has_side_effects: !pure,
            mutations: std::mem::take(&mut self.mutations),
            assumed_pure_calls: std::mem::take(&mut self.assumed_pure_calls),
        }
    }

    pub(super) fn statement(&mut self, stmt: &'a Stmt) -> bool {
        match stmt {
            Stmt::Empty(_) => true,
            Stmt::Decl(Decl::Fn(function)) => {
                if self.depth > 0 {
                    self.declare_function(function);
                }
                true
            }
            Stmt::Decl(Decl::Class(class)) => self.class(&class.class),
            Stmt::Decl(Decl::Var(var)) => var.decls.iter().all(|decl| self.declarator(decl)),
            Stmt::Expr(stmt) => self.expr(&stmt.expr),
            Stmt::Block(block) => block.stmts.iter().all(|stmt| self.statement(stmt)),
            Stmt::If(branch) => {
                self.expr(&branch.test)
                    && self.statement(&branch.cons)
                    && branch.alt.as_ref().is_none_or(|alt| self.statement(alt))
            }
            Stmt::Return(back) if self.depth > 0 => back
                .arg
                .as_ref()
                .is_none_or(|arg| (!self.promised || self.is_settled(arg)) && self.expr(arg)),
            Stmt::For(each) if self.depth > 0 => {
                (match &each.init {
                    Some(VarDeclOrExpr::VarDecl(var)) => {
                        var.decls.iter().all(|decl| self.declarator(decl))
                    }
                    Some(VarDeclOrExpr::Expr(expr)) => self.expr(expr),
                    None => true,
                }) && each.test.as_ref().is_none_or(|test| self.expr(test))
                    && each.update.as_ref().is_none_or(|update| self.expr(update))
                    && self.statement(&each.body)
            }
            Stmt::Break(_) | Stmt::Continue(_) => self.depth > 0,
            Stmt::Switch(switch) if self.depth > 0 => {
                self.expr(&switch.discriminant)
                    && switch.cases.iter().all(|case| {
                        case.test.as_ref().is_none_or(|test| self.expr(test))
                            && case.cons.iter().all(|stmt| self.statement(stmt))
                    })
            }
            // A call that is only said to be pure may throw: what is done then counts too.
            Stmt::Try(attempt) => {
                let block = |checker: &mut Self, block: &'a BlockStmt| {
                    block.stmts.iter().all(|stmt| checker.statement(stmt))
                };
                block(self, &attempt.block)
                    && attempt
                        .handler
                        .as_ref()
                        .is_none_or(|handler| block(self, &handler.body))
                    && attempt
                        .finalizer
                        .as_ref()
                        .is_none_or(|last| block(self, last))
            }
            _ => false,
        }
    }

    pub(super) fn declare_function(&mut self, function: &'a FnDecl) {
        let id = function.ident.to_id();
        let settled = !self.unsettled.contains(&id);
        let inner = Inner {
            fresh: settled,
            unset: false,
            primitive: false,
            function: settled.then_some(Callable::Function(&function.function)),
        };
        self.inner.insert(id, inner);
    }

    fn declarator(&mut self, decl: &'a VarDeclarator) -> bool {
        match &decl.name {
            Pat::Ident(name) => {
                if self.depth > 0 {
                    let id = name.to_id();
                    let settled = !self.unsettled.contains(&id);
                    let init = decl.init.as_deref();
                    let inner = Inner {
                        fresh: settled && init.is_some_and(|init| self.gives_own_object(init)),
                        unset: settled && init.is_none(),
                        primitive: !self.unprimitive.contains(&id)
                            && init.is_none_or(|init| self.is_no_bigint(init)),
                        function: init.filter(|_| settled).and_then(Callable::of),
                    };
                    self.inner.insert(id, inner);
                }
                decl.init.as_ref().is_none_or(|init| self.expr(init))
            }
            // Taking a module or a literal apart calls nothing.
            Pat::Object(pattern) => {
                let Some(init) = &decl.init else {
                    return true;
                };
                let plain = pattern.props.iter().all(|prop| match prop {
                    ObjectPatProp::KeyValue(pair) => {
                        !matches!(pair.key, PropName::Computed(_)) && pair.value.is_ident()
                    }
                    ObjectPatProp::Assign(short) => {
                        short.value.as_ref().is_none_or(|value| self.expr(value))
                    }
                    ObjectPatProp::Rest(_) => true,
                });
                plain && self.is_object(init) && self.expr(init)
            }
            _ => false,
        }
    }

    /// Whether an expression gives an object that nothing but the variables named in it has.
    pub(super) fn gives_own_object(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.gives_own_object(&paren.expr),
            // `E || {}` and `E || (E = {})`, where `E` can hold nothing but an object of its own.
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => {
                let Expr::Ident(left) = &*bin.left else {
                    return false;
                };
                let id = left.to_id();
                let own = match self.inner.get(&id) {
                    Some(inner) => inner.fresh || inner.unset,
                    None => self.top_level.get(&id).is_some_and(|top| top.unset),
                };
                own && makes_object(&bin.right)
            }
            expr => makes_object(expr),
        }
    }

    /// A name of a function that holds an object made there, without accessors.
    pub(super) fn is_fresh_inside(&self, id: &Id) -> bool {
        !self.accessors && self.inner.get(id).is_some_and(|inner| inner.fresh)
    }

    /// A value that a promise takes as it is: no object that may have a `then`.
    pub(super) fn is_settled(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_settled(&paren.expr),
            Expr::Fn(_) | Expr::Arrow(_) | Expr::Array(_) => true,
            Expr::Object(object) => object.props.iter().all(|prop| match prop {
                PropOrSpread::Prop(prop) => crate::bundle::analyse::commonjs::prop_key(prop)
                    .is_some_and(|name| name != "then" && name != "__proto__"),
                PropOrSpread::Spread(_) => false,
            }),
            Expr::Cond(cond) => self.is_settled(&cond.cons) && self.is_settled(&cond.alt),
            expr => self.primitive(expr),
        }
    }

    /// An object for certain, whose members are read without effect.
    pub(super) fn is_object(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_object(&paren.expr),
            Expr::Object(object) => !has_accessors(object),
            Expr::Class(class) => !class_has_accessors(&class.class),
            Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) => true,
            Expr::This(_) => self.fresh_this && !self.accessors,
            Expr::MetaProp(meta) => meta.kind == MetaPropKind::ImportMeta,
            Expr::Ident(name) => {
                let id = name.to_id();
                matches!(
                    self.analysis.imports.names.get(&id),
                    Some((_, Imported::Namespace))
                ) || self.analysis.imports.require_bindings.contains_key(&id)
                    || self
                        .top_level
                        .get(&id)
                        .is_some_and(|top| top.fresh && !top.accessors)
                    || self.is_fresh_inside(&id)
                    || (name.ctxt == self.unresolved && readable().contains(name.sym.as_str()))
                    || (name.ctxt == self.unresolved
                        && matches!(name.sym.as_str(), "exports" | "module"))
            }
            Expr::Call(call) => {
                required_module(expr, self.analysis).is_some()
                    || records_at(&self.analysis.imports.calls, call).is_some()
            }
            // `X.prototype` of a function or class is one; so is what a namespace holds.
            Expr::Member(member) => {
                let name = static_name(&member.prop);
                let prototype = name.as_ref().is_some_and(|name| name == "prototype");
                (prototype && self.is_object(&member.obj)) || self.is_global_path(expr)
            }
            _ => false,
        }
    }

    pub(super) fn is_global_path(&self, expr: &Expr) -> bool {
        let Some(root) = dotted_root(expr) else {
            return false;
        };
        if root.ctxt != self.unresolved {
            return false;
        }
        let Some(path) = dotted(expr) else {
            return false;
        };
        readable().contains(path.as_str())
            || path.rsplit_once('.').is_some_and(|(object, _)| {
                readable().contains(object) && path.matches('.').count() <= 2
            })
    }

    fn ident(&self, name: &Ident) -> bool {
        if name.ctxt != self.unresolved {
            return true;
        }
        readable().contains(name.sym.as_str())
            || matches!(
                name.sym.as_str(),
                "exports" | "module" | "require" | "__dirname" | "__filename" | "arguments"
            )
    }

    pub(super) fn primitive(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(Lit::Regex(_)) => false,
            Expr::Lit(_) | Expr::Tpl(_) => true,
            Expr::Paren(paren) => self.primitive(&paren.expr),
            Expr::Ident(name) => {
                self.top_level
                    .get(&name.to_id())
                    .is_some_and(|top| top.primitive)
                    || self
                        .inner
                        .get(&name.to_id())
                        .is_some_and(|inner| inner.primitive)
                    || (name.ctxt == self.unresolved
                        && matches!(
                            name.sym.as_str(),
                            "undefined" | "NaN" | "Infinity" | "__dirname" | "__filename"
                        ))
            }
            Expr::Unary(unary) => {
                matches!(unary.op, UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang)
                    || (!matches!(unary.op, UnaryOp::Delete) && self.primitive(&unary.arg))
            }
            Expr::Bin(bin) => self.primitive(&bin.left) && self.primitive(&bin.right),
            Expr::Cond(cond) => self.primitive(&cond.cons) && self.primitive(&cond.alt),
            Expr::Call(_) => matches!(
                self.kind_of(expr),
                Some(ValueKind::Text | ValueKind::Number | ValueKind::Bool)
            ),
            _ => false,
        }
    }

    /// A primitive value for certain, and none that throws beside a number.
    fn is_no_bigint(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(Lit::Regex(_) | Lit::BigInt(_)) => false,
            Expr::Lit(_) | Expr::Tpl(_) => true,
            Expr::Paren(paren) => self.is_no_bigint(&paren.expr),
            Expr::Ident(name) => {
                let inner = self.inner.get(&name.to_id());
                inner.is_some_and(|inner| inner.primitive)
                    || self.kind_of(expr).is_some_and(ValueKind::is_primitive)
            }
            Expr::Unary(unary) => match unary.op {
                UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang => true,
                UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Tilde => self.is_no_bigint(&unary.arg),
                UnaryOp::Delete => false,
            },
            Expr::Bin(bin) => match bin.op {
                BinaryOp::In | BinaryOp::InstanceOf => true,
                _ => self.is_no_bigint(&bin.left) && self.is_no_bigint(&bin.right),
            },
            Expr::Cond(cond) => self.is_no_bigint(&cond.cons) && self.is_no_bigint(&cond.alt),
            expr => self.kind_of(expr).is_some_and(ValueKind::is_primitive),
        }
    }

    pub(super) fn expr(&mut self, expr: &'a Expr) -> bool {
        match expr {
            Expr::Lit(_) | Expr::This(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::MetaProp(_) => true,
            Expr::Ident(name) => self.ident(name),
            Expr::Paren(paren) => self.expr(&paren.expr),
            Expr::Class(class) => self.class(&class.class),
            Expr::Array(array) => array.elems.iter().flatten().all(|elem| {
                let spread = elem.spread.is_none() || elem.expr.is_array();
                spread && self.expr(&elem.expr)
            }),
            Expr::Object(object) => object.props.iter().all(|prop| match prop {
                PropOrSpread::Prop(prop) => self.property(prop),
                // Copying reads every member.
                PropOrSpread::Spread(spread) => {
                    (self.is_object(&spread.expr) || self.primitive(&spread.expr))
                        && self.expr(&spread.expr)
                }
            }),
            Expr::Tpl(tpl) => tpl
                .exprs
                .iter()
                .all(|expr| self.primitive(expr) && self.expr(expr)),
            Expr::Seq(seq) => seq.exprs.iter().all(|expr| self.expr(expr)),
            Expr::Cond(cond) => {
                self.expr(&cond.test) && self.expr(&cond.cons) && self.expr(&cond.alt)
            }
            Expr::Unary(unary) => self.unary(unary),
            Expr::Bin(bin) => self.binary(bin),
            Expr::Member(member) => self.member(member, expr),
            Expr::Call(call) => self.call(call, expr),
            Expr::New(new) => self.construct(new),
            Expr::OptChain(chain) => match &*chain.base {
                OptChainBase::Call(call) => {
                    self.pure_here(chain.span) && self.arguments(&call.args)
                }
                OptChainBase::Member(member) => {
                    member.prop.is_ident() && self.is_object(&member.obj) && self.expr(&member.obj)
                }
            },
            Expr::Await(wait) if self.promised => {
                self.is_settled(&wait.arg) && self.expr(&wait.arg)
            }
            Expr::Assign(assign) => self.assign(assign),
            Expr::Update(update) => match &*update.arg {
                Expr::Ident(name) => self.mutate(&name.to_id(), false),
                _ => false,
            },
            _ => false,
        }
    }

    fn unary(&mut self, unary: &'a UnaryExpr) -> bool {
        match unary.op {
            UnaryOp::TypeOf if unary.arg.is_ident() => true,
            UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang => self.expr(&unary.arg),
            // `+1n` throws.
            UnaryOp::Plus => self.is_no_bigint(&unary.arg) && self.expr(&unary.arg),
            UnaryOp::Minus | UnaryOp::Tilde => self.primitive(&unary.arg) && self.expr(&unary.arg),
            UnaryOp::Delete => false,
        }
    }

    fn binary(&mut self, bin: &'a BinExpr) -> bool {
        let both = matches!(
            bin.op,
            BinaryOp::EqEqEq
                | BinaryOp::NotEqEq
                | BinaryOp::LogicalAnd
                | BinaryOp::LogicalOr
                | BinaryOp::NullishCoalescing
        );
        let fine = both
            || match bin.op {
                // Loose comparison with `null` or `undefined` converts nothing.
                BinaryOp::EqEq | BinaryOp::NotEq => {
                    self.is_nothing(&bin.left)
                        || self.is_nothing(&bin.right)
                        || (self.primitive(&bin.left) && self.primitive(&bin.right))
                }
                BinaryOp::In | BinaryOp::InstanceOf => false,
                BinaryOp::Lt | BinaryOp::LtEq | BinaryOp::Gt | BinaryOp::GtEq => {
                    self.primitive(&bin.left) && self.primitive(&bin.right)
                }
                // A BigInt beside a number throws.
                _ => self.is_no_bigint(&bin.left) && self.is_no_bigint(&bin.right),
            };
        fine && self.expr(&bin.left) && self.expr(&bin.right)
    }

    fn is_nothing(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(Lit::Null(_)) => true,
            Expr::Ident(name) => name.ctxt == self.unresolved && name.sym == "undefined",
            Expr::Unary(unary) => unary.op == UnaryOp::Void && unary.arg.is_lit(),
            Expr::Paren(paren) => self.is_nothing(&paren.expr),
            _ => false,
        }
    }

    fn member(&mut self, member: &'a MemberExpr, whole: &'a Expr) -> bool {
        if self.is_global_path(whole) {
            return true;
        }
        let key = match &member.prop {
            MemberProp::Ident(_) => true,
            MemberProp::Computed(computed) => {
                self.primitive(&computed.expr) && self.expr(&computed.expr)
            }
            MemberProp::PrivateName(_) => self.fresh_this && member.obj.is_this(),
        };
        if !key {
            return false;
        }
        // Own exports are read as any object's members are.
        let some = matches!(
            self.kind_of(&member.obj),
            Some(ValueKind::Text | ValueKind::Number | ValueKind::Bool)
        );
        (some || self.is_object(&member.obj)) && self.expr(&member.obj)
    }

    fn property(&mut self, prop: &'a Prop) -> bool {
        match prop {
            Prop::Shorthand(name) => self.ident(name),
            Prop::KeyValue(pair) => self.key(&pair.key) && self.expr(&pair.value),
            Prop::Getter(getter) => self.key(&getter.key),
            Prop::Setter(setter) => self.key(&setter.key),
            Prop::Method(method) => self.key(&method.key),
            Prop::Assign(_) => false,
        }
    }

    fn key(&mut self, key: &'a PropName) -> bool {
        match key {
            PropName::Computed(computed) => {
                let symbol = matches!(&*computed.expr, Expr::Member(_))
                    && self.is_global_path(&computed.expr);
                (symbol || self.primitive(&computed.expr)) && self.expr(&computed.expr)
            }
            _ => true,
        }
    }

    pub(super) fn class(&mut self, class: &'a Class) -> bool {
        if !class.decorators.is_empty() {
            return false;
        }
        // Extending what is no constructor throws: names and calls marked pure are trusted.
        if let Some(parent) = &class.super_class
            && !self.expr(parent)
        {
            return false;
        }
        class.body.iter().all(|member| match member {
            ClassMember::Constructor(_) | ClassMember::PrivateMethod(_) | ClassMember::Empty(_) => {
                true
            }
            ClassMember::Method(method) => {
                method.function.decorators.is_empty() && self.key(&method.key)
            }
            ClassMember::ClassProp(prop) => {
                prop.decorators.is_empty()
                    && self.key(&prop.key)
                    && (!prop.is_static
                        || prop
                            .value
                            .as_ref()
                            .is_none_or(|value| self.static_value(value)))
            }
            ClassMember::PrivateProp(prop) => {
                !prop.is_static
                    || prop
                        .value
                        .as_ref()
                        .is_none_or(|value| self.static_value(value))
            }
            ClassMember::StaticBlock(block) => block.body.stmts.is_empty(),
            ClassMember::AutoAccessor(_) | ClassMember::TsIndexSignature(_) => false,
        })
    }

    /// A static field's value: what it makes of `this` is the class's own matter.
    fn static_value(&mut self, value: &'a Expr) -> bool {
        self.expr(value)
    }

    pub(super) fn pure_here(&self, span: crate::syntax::Span) -> bool {
        self.pure_at.contains(&span.lo)
    }
}
