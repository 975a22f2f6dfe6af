//! Whether running a piece of code can be noticed.
//!
//! In: a statement or expression and what is known of its module's names. Out: whether it may be
//! left out when nothing uses what it declares, and which names it changes meanwhile. The list of
//! what is harmless is closed: everything else counts as an effect. Reading a member of something
//! that is not known to be an object counts as one too, since it may throw.

use std::collections::HashSet;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::commonjs::required;
use super::fold::static_name;
use super::parts::{Change, Split, records_at};
use crate::js::swc::ast::*;
use crate::js::swc::{Atom, BytePos, Notes, SyntaxContext, Visit, VisitWith};

/// What is known of a top-level name.
#[derive(Default, Clone)]
pub struct Top<'a> {
    /// Bound once, to an object made right there: changing it changes nothing else.
    pub fresh: bool,
    /// Bound once, to a string, number or the like.
    pub primitive: bool,
    /// Bound once, to a member of this other name: changing it changes that.
    pub root: Option<Id>,
    pub function: Option<Callable<'a>>,
    /// Reading or setting its members may run code.
    pub accessors: bool,
    /// Setting it throws.
    pub constant: bool,
}

/// A function whose body is known.
#[derive(Clone, Copy)]
pub enum Callable<'a> {
    Function(&'a Function),
    Arrow(&'a ArrowExpr),
}

pub type Tops<'a> = FxHashMap<Id, Top<'a>>;

/// Names from a data file, one per line, `#` starting a comment.
fn names(text: &'static str) -> HashSet<&'static str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Globals that may be read.
fn readable() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("globals_read.txt")))
}

/// Globals that may be called, with `new` or without, when their arguments are harmless.
fn callable() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("globals_call.txt")))
}

/// Helpers that change their first argument and nothing else.
fn changers() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("changers.txt")))
}

pub fn is_pure_note(text: &str) -> bool {
    text.contains("@__PURE__") || text.contains("#__PURE__")
}

fn is_free_note(text: &str) -> bool {
    text.contains("@__NO_SIDE_EFFECTS__") || text.contains("#__NO_SIDE_EFFECTS__")
}

/// What is known of each top-level name.
pub fn tops<'a>(stmts: &'a [Stmt], split: &Split) -> Tops<'a> {
    let mut out = Tops::default();
    let accessors = defines_accessors(stmts);
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Fn(function)) => {
                let once = !split.reassigned.contains(&function.ident.to_id());
                out.insert(
                    function.ident.to_id(),
                    Top {
                        fresh: once,
                        function: once.then_some(Callable::Function(&function.function)),
                        accessors,
                        ..Top::default()
                    },
                );
            }
            Stmt::Decl(Decl::Class(class)) => {
                let once = !split.reassigned.contains(&class.ident.to_id());
                out.insert(
                    class.ident.to_id(),
                    Top {
                        fresh: once,
                        accessors: accessors || class_has_accessors(&class.class),
                        ..Top::default()
                    },
                );
            }
            Stmt::Decl(Decl::Var(var)) => {
                for decl in &var.decls {
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, decl.init.as_deref()) {
                        let id = name.to_id();
                        let once = split.declared_by.get(&id).is_some_and(|by| by.len() == 1)
                            && !split.reassigned.contains(&id);
                        let constant = var.kind == VarDeclKind::Const;
                        if once {
                            let mut top = of_value(init, &out);
                            top.accessors |= accessors;
                            top.constant = constant;
                            out.insert(id, top);
                        } else if constant {
                            let top = Top {
                                constant,
                                ..Top::default()
                            };
                            out.insert(id, top);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether any statement gives some object accessors after it was made. Those that compilers
/// define on `exports` are understood elsewhere and do not count.
fn defines_accessors(stmts: &[Stmt]) -> bool {
    struct Finder {
        found: bool,
    }
    impl Visit for Finder {
        fn visit_call_expr(&mut self, call: &CallExpr) {
            if let Callee::Expr(callee) = &call.callee
                && let Expr::Member(member) = &**callee
                && let Some(name) = static_name(&member.prop)
            {
                let on_exports = call.args.first().is_some_and(
                    |arg| matches!(&*arg.expr, Expr::Ident(name) if name.sym == "exports"),
                );
                // A plain value is no accessor.
                let plain = call.args.get(2).is_some_and(|arg| match &*arg.expr {
                    Expr::Object(object) => object.props.iter().all(|prop| match prop {
                        PropOrSpread::Prop(prop) => super::commonjs::prop_key(prop)
                            .is_some_and(|name| name != "get" && name != "set"),
                        PropOrSpread::Spread(_) => false,
                    }),
                    _ => false,
                });
                let defines = matches!(name.as_str(), "defineProperty" | "defineProperties");
                self.found |= (defines && !on_exports && !plain)
                    || matches!(
                        name.as_str(),
                        "__defineGetter__" | "__defineSetter__" | "setPrototypeOf"
                    );
            }
            call.visit_children_with(self);
        }
    }
    let mut finder = Finder { found: false };
    stmts.visit_with(&mut finder);
    finder.found
}

fn class_has_accessors(class: &Class) -> bool {
    // What it extends may have some.
    class.super_class.is_some()
        || class.body.iter().any(|member| match member {
            ClassMember::Method(method) => method.is_static && method.kind != MethodKind::Method,
            ClassMember::AutoAccessor(accessor) => accessor.is_static,
            _ => false,
        })
}

/// Whether an object literal's members are plain values.
fn has_accessors(object: &ObjectLit) -> bool {
    object.props.iter().any(|prop| match prop {
        PropOrSpread::Prop(prop) => match &**prop {
            Prop::Getter(_) | Prop::Setter(_) => true,
            Prop::KeyValue(pair) => match &pair.key {
                PropName::Ident(name) => name.sym == "__proto__",
                PropName::Str(text) => text.value.as_str() == Some("__proto__"),
                _ => false,
            },
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    })
}

fn of_value<'a>(value: &'a Expr, known: &Tops<'_>) -> Top<'a> {
    let fresh = Top {
        fresh: true,
        ..Top::default()
    };
    match value {
        Expr::Fn(function) => Top {
            fresh: true,
            function: Some(Callable::Function(&function.function)),
            ..Top::default()
        },
        Expr::Arrow(arrow) => Top {
            fresh: true,
            function: Some(Callable::Arrow(arrow)),
            ..Top::default()
        },
        Expr::Object(object) => Top {
            fresh: true,
            accessors: has_accessors(object),
            ..Top::default()
        },
        Expr::Class(class) => Top {
            fresh: true,
            accessors: class_has_accessors(&class.class),
            ..Top::default()
        },
        Expr::Array(_) | Expr::New(_) => fresh,
        Expr::Call(call) => {
            let made = matches!(&call.callee, Callee::Expr(callee)
                if dotted(callee).is_some_and(|name| name == "Object.create"));
            // An enum or class made by a function called on the spot.
            let wrapped = matches!(&call.callee, Callee::Expr(callee) if is_function(callee));
            if made || wrapped {
                fresh
            } else {
                Top::default()
            }
        }
        Expr::Lit(Lit::Regex(_)) => fresh,
        Expr::Lit(_) | Expr::Tpl(_) => Top {
            primitive: true,
            ..Top::default()
        },
        Expr::Unary(unary)
            if matches!(
                unary.op,
                UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang | UnaryOp::Minus | UnaryOp::Plus
            ) =>
        {
            Top {
                primitive: true,
                ..Top::default()
            }
        }
        Expr::Ident(name) => Top {
            root: Some(name.to_id()).filter(|id| known.contains_key(id)),
            primitive: known.get(&name.to_id()).is_some_and(|top| top.primitive),
            ..Top::default()
        },
        Expr::Member(_) => Top {
            root: root_of(value).filter(|id| known.contains_key(id)),
            ..Top::default()
        },
        Expr::Assign(assign) if assign.op == AssignOp::Assign => of_value(&assign.right, known),
        Expr::Paren(paren) => of_value(&paren.expr, known),
        _ => Top::default(),
    }
}

fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Fn(_) | Expr::Arrow(_) => true,
        Expr::Paren(paren) => is_function(&paren.expr),
        _ => false,
    }
}

/// The name at the start of a chain of members.
fn root_of(expr: &Expr) -> Option<Id> {
    match expr {
        Expr::Ident(name) => Some(name.to_id()),
        Expr::Member(member) => root_of(&member.obj),
        Expr::Paren(paren) => root_of(&paren.expr),
        // `E || (E = {})`
        Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => root_of(&bin.left),
        _ => None,
    }
}

/// `Object.prototype.hasOwnProperty` as text.
fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Ident(name) => Some(name.sym.to_string()),
        Expr::Member(member) => Some(format!(
            "{}.{}",
            dotted(&member.obj)?,
            static_name(&member.prop)?
        )),
        Expr::Paren(paren) => dotted(&paren.expr),
        _ => None,
    }
}

fn dotted_root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Ident(name) => Some(name),
        Expr::Member(member) => dotted_root(&member.obj),
        Expr::Paren(paren) => dotted_root(&paren.expr),
        _ => None,
    }
}

/// Functions that say of themselves that calling them has no effect.
pub fn side_effect_free(stmts: &[Stmt], notes: &Notes) -> FxHashSet<Id> {
    let marked: FxHashSet<BytePos> = notes
        .leading
        .iter()
        .filter(|(_, list)| list.iter().any(|note| is_free_note(&note.text)))
        .map(|(at, _)| *at)
        .collect();
    let mut out = FxHashSet::default();
    if marked.is_empty() {
        return out;
    }
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Fn(function)) => {
                let span = function.function.span;
                // The note may stand before `export`.
                if notes.leading.iter().any(|(at, list)| {
                    at.0 <= span.lo.0
                        && span.lo.0 - at.0 <= 16
                        && list.iter().any(|note| is_free_note(&note.text))
                }) {
                    out.insert(function.ident.to_id());
                }
            }
            Stmt::Decl(Decl::Var(var)) => {
                for decl in &var.decls {
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init) {
                        let at = match &**init {
                            Expr::Fn(function) => function.function.span.lo,
                            Expr::Arrow(arrow) => arrow.span.lo,
                            _ => continue,
                        };
                        let near = marked.iter().any(|mark| {
                            mark.0 <= at.0
                                && (mark.0 == at.0
                                    || (decl.span.lo.0 - mark.0.min(decl.span.lo.0)) <= 16)
                        });
                        if near {
                            out.insert(name.to_id());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// Judges the statements of one module.
pub struct Judge<'a> {
    unresolved: SyntaxContext,
    tops: &'a Tops<'a>,
    split: &'a Split,
    pure_at: &'a FxHashSet<BytePos>,
    free_functions: &'a FxHashSet<Id>,
    changes: Vec<Change>,
    /// Names declared inside of functions that are being looked into; `true` where they hold an
    /// object made there.
    inner: FxHashMap<Id, bool>,
    depth: u32,
    looking: Vec<*const ()>,
}

impl<'a> Judge<'a> {
    pub fn new(
        unresolved: SyntaxContext,
        tops: &'a Tops<'a>,
        split: &'a Split,
        pure_at: &'a FxHashSet<BytePos>,
        free_functions: &'a FxHashSet<Id>,
    ) -> Self {
        Self {
            unresolved,
            tops,
            split,
            pure_at,
            free_functions,
            changes: Vec::new(),
            inner: FxHashMap::default(),
            depth: 0,
            looking: Vec::new(),
        }
    }

    /// Whether running `stmt` can be noticed, and what it changes.
    pub fn stmt(&mut self, stmt: &Stmt) -> (bool, Vec<Change>) {
        let impure = !self.statement(stmt);
        (impure, std::mem::take(&mut self.changes))
    }

    /// The same for an expression.
    pub fn value(&mut self, expr: &Expr) -> (bool, Vec<Change>) {
        let impure = !self.expr(expr);
        (impure, std::mem::take(&mut self.changes))
    }

    /// The same for a property of an object literal.
    pub fn prop(&mut self, prop: &Prop) -> (bool, Vec<Change>) {
        let impure = !self.property(prop);
        (impure, std::mem::take(&mut self.changes))
    }

    fn statement(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Empty(_) | Stmt::Decl(Decl::Fn(_)) => true,
            Stmt::Decl(Decl::Class(class)) => self.class(&class.class),
            Stmt::Decl(Decl::Var(var)) => var.decls.iter().all(|decl| self.declarator(decl)),
            Stmt::Expr(stmt) => self.expr(&stmt.expr),
            Stmt::Block(block) => block.stmts.iter().all(|stmt| self.statement(stmt)),
            Stmt::If(branch) => {
                self.expr(&branch.test)
                    && self.statement(&branch.cons)
                    && branch.alt.as_ref().is_none_or(|alt| self.statement(alt))
            }
            Stmt::Return(back) if self.depth > 0 => {
                back.arg.as_ref().is_none_or(|arg| self.expr(arg))
            }
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
            _ => false,
        }
    }

    fn declarator(&mut self, decl: &VarDeclarator) -> bool {
        match &decl.name {
            Pat::Ident(name) => {
                if self.depth > 0 {
                    let fresh = decl.init.as_deref().is_some_and(makes_object);
                    self.inner.insert(name.to_id(), fresh);
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

    /// An object for certain, whose members are read without effect.
    fn is_object(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => self.is_object(&paren.expr),
            Expr::Object(object) => !has_accessors(object),
            Expr::Class(class) => !class_has_accessors(&class.class),
            Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) => true,
            Expr::Ident(name) => {
                let id = name.to_id();
                self.split.imports.contains_key(&id)
                    || self.split.bound.contains_key(&id)
                    || self
                        .tops
                        .get(&id)
                        .is_some_and(|top| top.fresh && !top.accessors)
                    || self.inner.get(&id).copied().unwrap_or(false)
                    || (name.ctxt == self.unresolved && readable().contains(name.sym.as_str()))
                    || (name.ctxt == self.unresolved
                        && matches!(name.sym.as_str(), "exports" | "module"))
            }
            Expr::Call(call) => {
                required(expr, self.split).is_some()
                    || records_at(&self.split.calls, call).is_some()
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

    fn is_global_path(&self, expr: &Expr) -> bool {
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

    fn primitive(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(Lit::Regex(_)) => false,
            Expr::Lit(_) | Expr::Tpl(_) => true,
            Expr::Paren(paren) => self.primitive(&paren.expr),
            Expr::Ident(name) => {
                self.tops
                    .get(&name.to_id())
                    .is_some_and(|top| top.primitive)
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
            _ => false,
        }
    }

    fn expr(&mut self, expr: &Expr) -> bool {
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
            Expr::Assign(assign) => self.assign(assign),
            Expr::Update(update) => match &*update.arg {
                Expr::Ident(name) => self.change(&name.to_id(), false),
                _ => false,
            },
            _ => false,
        }
    }

    fn unary(&mut self, unary: &UnaryExpr) -> bool {
        match unary.op {
            UnaryOp::TypeOf if unary.arg.is_ident() => true,
            UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang => self.expr(&unary.arg),
            UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Tilde => {
                self.primitive(&unary.arg) && self.expr(&unary.arg)
            }
            UnaryOp::Delete => false,
        }
    }

    fn binary(&mut self, bin: &BinExpr) -> bool {
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
                // Loose comparison with `null` converts nothing.
                BinaryOp::EqEq | BinaryOp::NotEq => {
                    bin.left.is_lit()
                        || bin.right.is_lit()
                        || (self.primitive(&bin.left) && self.primitive(&bin.right))
                }
                BinaryOp::In | BinaryOp::InstanceOf => false,
                _ => self.primitive(&bin.left) && self.primitive(&bin.right),
            };
        fine && self.expr(&bin.left) && self.expr(&bin.right)
    }

    fn member(&mut self, member: &MemberExpr, whole: &Expr) -> bool {
        if self.is_global_path(whole) {
            return true;
        }
        let key = match &member.prop {
            MemberProp::Ident(_) => true,
            MemberProp::Computed(computed) => {
                self.primitive(&computed.expr) && self.expr(&computed.expr)
            }
            MemberProp::PrivateName(_) => false,
        };
        if !key {
            return false;
        }
        // Own exports are read as any object's members are.
        self.is_object(&member.obj) && self.expr(&member.obj)
    }

    fn property(&mut self, prop: &Prop) -> bool {
        match prop {
            Prop::Shorthand(name) => self.ident(name),
            Prop::KeyValue(pair) => self.key(&pair.key) && self.expr(&pair.value),
            Prop::Getter(getter) => self.key(&getter.key),
            Prop::Setter(setter) => self.key(&setter.key),
            Prop::Method(method) => self.key(&method.key),
            Prop::Assign(_) => false,
        }
    }

    fn key(&mut self, key: &PropName) -> bool {
        match key {
            PropName::Computed(computed) => {
                let symbol = matches!(&*computed.expr, Expr::Member(_))
                    && self.is_global_path(&computed.expr);
                (symbol || self.primitive(&computed.expr)) && self.expr(&computed.expr)
            }
            _ => true,
        }
    }

    fn class(&mut self, class: &Class) -> bool {
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
    fn static_value(&mut self, value: &Expr) -> bool {
        self.expr(value)
    }

    fn pure_here(&self, span: crate::js::swc::Span) -> bool {
        self.pure_at.contains(&span.lo)
    }

    fn arguments(&mut self, args: &[ExprOrSpread]) -> bool {
        args.iter()
            .all(|arg| arg.spread.is_none() && self.expr(&arg.expr))
    }

    fn call(&mut self, call: &CallExpr, whole: &Expr) -> bool {
        let Callee::Expr(callee) = &call.callee else {
            // `import()` starts something, and `super()` is a constructor's own.
            return false;
        };
        // What the module does that is asked for is looked at elsewhere.
        if required(whole, self.split).is_some() {
            return true;
        }
        if records_at(&self.split.calls, call).is_some() {
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
            return self.changed_object(&first.expr) && self.arguments(rest);
        }
        if let Some(root) = dotted_root(callee)
            && root.ctxt == self.unresolved
            && let Some(path) = dotted(callee)
            && callable().contains(path.as_str())
        {
            return self.arguments(&call.args) && self.harmless_arguments(&path, &call.args);
        }
        self.called_function(callee, &call.args)
    }

    /// `Object.keys(null)` throws, so what such functions take must be an object.
    fn harmless_arguments(&self, path: &str, args: &[ExprOrSpread]) -> bool {
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

    fn construct(&mut self, new: &NewExpr) -> bool {
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
            return iterable && self.arguments(args) && self.harmless_arguments(&path, args);
        }
        false
    }

    /// A call of a function whose body is at hand: looked into.
    fn called_function(&mut self, callee: &Expr, args: &[ExprOrSpread]) -> bool {
        let function = match callee {
            Expr::Paren(paren) => return self.called_function(&paren.expr, args),
            Expr::Fn(function) => Callable::Function(&function.function),
            Expr::Arrow(arrow) => Callable::Arrow(arrow),
            Expr::Ident(name) => match self.tops.get(&name.to_id()).and_then(|top| top.function) {
                Some(function) => function,
                None => return false,
            },
            _ => return false,
        };
        if self.depth > 4 || !self.arguments(args) {
            return false;
        }
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
                let plain = !function.is_async && !function.is_generator;
                let pats: Vec<&Pat> = function.params.iter().map(|param| &param.pat).collect();
                plain
                    && self.parameters(&pats, args)
                    && function
                        .body
                        .as_ref()
                        .is_none_or(|body| self.body(&body.stmts))
            }
            Callable::Arrow(arrow) => {
                let pats: Vec<&Pat> = arrow.params.iter().collect();
                !arrow.is_async
                    && self.parameters(&pats, args)
                    && match &*arrow.body {
                        ArrowFunctionBody::FunctionBody(block) => self.body(&block.stmts),
                        ArrowFunctionBody::Expr(expr) => self.expr(expr),
                    }
            }
        };
        self.depth -= 1;
        self.looking.pop();
        pure
    }

    fn parameters(&mut self, pats: &[&Pat], args: &[ExprOrSpread]) -> bool {
        for (at, pat) in pats.iter().enumerate() {
            let Pat::Ident(name) = pat else {
                return false;
            };
            let arg = args.get(at).map(|arg| &*arg.expr);
            let fresh = arg.is_some_and(makes_object);
            // What is passed in is changed where the function changes its parameter.
            if let Some(root) = arg.and_then(root_of)
                && self.tops.get(&root).is_some_and(|top| top.fresh)
            {
                self.changes.push(Change::Id(root));
                self.inner.insert(name.to_id(), true);
                continue;
            }
            // Compiled enums name the parameter as the variable outside.
            self.inner.insert(name.to_id(), fresh);
        }
        true
    }

    fn body(&mut self, stmts: &[Stmt]) -> bool {
        for stmt in stmts {
            if let Stmt::Decl(Decl::Fn(function)) = stmt {
                self.inner.insert(function.ident.to_id(), true);
            }
            if let Stmt::Decl(Decl::Class(class)) = stmt {
                self.inner.insert(class.ident.to_id(), true);
            }
        }
        stmts.iter().all(|stmt| match stmt {
            Stmt::Expr(expr) if matches!(&*expr.expr, Expr::Lit(_)) => true,
            stmt => self.statement(stmt),
        })
    }

    fn assign(&mut self, assign: &AssignExpr) -> bool {
        let target = match &assign.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                if assign.op != AssignOp::Assign
                    && !matches!(
                        assign.op,
                        AssignOp::OrAssign | AssignOp::AndAssign | AssignOp::NullishAssign
                    )
                    && !self.primitive(&assign.right)
                {
                    return false;
                }
                if name.ctxt == self.unresolved {
                    return false;
                }
                self.change(&name.to_id(), makes_object(&assign.right))
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                let key = match &member.prop {
                    MemberProp::Ident(name) => name.sym != "__proto__",
                    MemberProp::Computed(computed) => self.computed_key(&computed.expr),
                    MemberProp::PrivateName(_) => false,
                };
                key && self.changed_object(&member.obj)
            }
            _ => false,
        };
        target && self.expr(&assign.right)
    }

    /// `E[E["A"] = 0] = "A"` sets twice.
    fn computed_key(&mut self, key: &Expr) -> bool {
        match key {
            Expr::Assign(assign) => self.assign(assign),
            Expr::Member(_) => self.is_global_path(key) && self.expr(key),
            key => self.primitive(key) && self.expr(key),
        }
    }

    /// Setting a variable.
    fn change(&mut self, id: &Id, fresh: bool) -> bool {
        if self.inner.contains_key(id) {
            let entry = self.inner.entry(id.clone()).or_default();
            *entry = *entry && fresh;
            return true;
        }
        let constant = self.tops.get(id).is_some_and(|top| top.constant);
        if !constant && self.split.declared_by.contains_key(id) {
            self.changes.push(Change::Id(id.clone()));
            return true;
        }
        false
    }

    /// Setting a member of what `expr` gives.
    fn changed_object(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(paren) => return self.changed_object(&paren.expr),
            // `E || (E = {})`
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => {
                return self.changed_object(&bin.left) && self.expr(&bin.right);
            }
            Expr::Object(_) | Expr::Fn(_) | Expr::Class(_) => return self.expr(expr),
            _ => {}
        }
        // Only the object itself, or a function's `prototype`, is known to be there.
        let (object, deep) = match expr {
            Expr::Member(member) => match static_name(&member.prop) {
                Some(name) if name == "prototype" && member.obj.is_ident() => (&*member.obj, false),
                Some(_) if member.obj.is_ident() => (&*member.obj, true),
                _ => return false,
            },
            Expr::Ident(_) => (expr, false),
            _ => return false,
        };
        let Expr::Ident(name) = object else {
            return false;
        };
        let id = name.to_id();
        if self.inner.get(&id).copied().unwrap_or(false) {
            return !deep;
        }
        let Some(top) = self.tops.get(&id) else {
            // A variable that is set up by the statement itself: `(E || (E = {}))`.
            return false;
        };
        if deep {
            return false;
        }
        if top.fresh && !top.accessors {
            self.changes.push(Change::Id(id));
            return true;
        }
        if let Some(root) = &top.root
            && self
                .tops
                .get(root)
                .is_some_and(|top| top.fresh && !top.accessors)
        {
            self.changes.push(Change::Id(root.clone()));
            self.changes.push(Change::Id(id));
            return true;
        }
        false
    }
}

/// The last name of a callee: `__extends`, `util.inherits`, `tslib_1.__extends`.
fn helper_of(callee: &Expr) -> Option<String> {
    match callee {
        Expr::Ident(name) => Some(name.sym.to_string()),
        Expr::Member(member) => {
            let name: Atom = static_name(&member.prop)?;
            match &*member.obj {
                Expr::Ident(object) if object.sym == "Object" || object.sym == "util" => {
                    Some(format!("{}.{name}", object.sym))
                }
                Expr::Ident(_) if name.starts_with("__") => Some(name.to_string()),
                _ => None,
            }
        }
        Expr::Paren(paren) => helper_of(&paren.expr),
        Expr::Seq(seq) => helper_of(seq.exprs.last()?),
        _ => None,
    }
}

/// Whether an expression gives an object that nothing else has.
fn makes_object(expr: &Expr) -> bool {
    match expr {
        Expr::Object(object) => !has_accessors(object),
        Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => true,
        Expr::Paren(paren) => makes_object(&paren.expr),
        Expr::Call(call) => matches!(&call.callee, Callee::Expr(callee)
            if dotted(callee).is_some_and(|name| name == "Object.create")),
        // `E || {}` and `E || (E = {})`: an enum's own object.
        Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => {
            bin.left.is_ident() && makes_object(&bin.right)
        }
        Expr::Assign(assign) => makes_object(&assign.right),
        _ => false,
    }
}
