//! Whether running a piece of code can be noticed.
//!
//! In: a statement or expression and what is known of its module's names. Out: a [`Verdict`]:
//! whether it may be left out when nothing uses what it declares, which names it changes meanwhile,
//! and which functions of elsewhere were taken to do nothing. The list of what is harmless is
//! closed: everything else counts as an effect. Reading a member of something that is not known to
//! be an object counts as one too, since it may throw.

mod calls;
mod kinds;
mod mutations;
mod side_effects;
mod summary;

use std::collections::HashSet;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::parts::Split;
use crate::bundle::load::fold::static_name;
use crate::syntax::ast::*;
use crate::syntax::{Atom, BytePos, Notes, Visit, VisitWith};

pub use crate::bundle::analyse::effects::kinds::ValueKind;
pub use crate::bundle::analyse::effects::side_effects::{Judge, Verdict};
pub use crate::bundle::analyse::effects::summary::{Assumed, Harmless, Summaries, summaries};

/// What is known of a top-level name.
#[derive(Default, Clone)]
pub struct Top<'a> {
    /// Bound once, to an object made right there: changing it changes nothing else.
    pub fresh: bool,
    /// Bound once, to a string, number or the like.
    pub primitive: bool,
    /// Bound once, to this other name or its `prototype`: changing it changes that.
    pub root: Option<Id>,
    pub function: Option<Callable<'a>>,
    pub class: Option<&'a Class>,
    /// Something may have given its prototype another parent, or accessors.
    pub dressed: bool,
    /// What kind of value it holds for good.
    pub kind: Option<ValueKind>,
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

impl<'a> Callable<'a> {
    /// The function that an expression is.
    fn of(expr: &'a Expr) -> Option<Self> {
        match expr {
            Expr::Fn(function) => Some(Self::Function(&function.function)),
            Expr::Arrow(arrow) => Some(Self::Arrow(arrow)),
            Expr::Paren(paren) => Self::of(&paren.expr),
            _ => None,
        }
    }
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

/// What is known of each top-level name; `accessors` is what [`defines_accessors`] says.
pub fn tops<'a>(stmts: &'a [Stmt], split: &Split, accessors: bool) -> Tops<'a> {
    let mut out = Tops::default();
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
                        class: once.then_some(&class.class),
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
    for id in dressed(stmts) {
        if let Some(top) = out.get_mut(&id) {
            top.dressed = true;
        }
    }
    out
}

/// Names that are handed to a call, or whose prototype is replaced by more than a literal.
fn dressed(stmts: &[Stmt]) -> FxHashSet<Id> {
    struct Finder(FxHashSet<Id>);
    impl Visit for Finder {
        fn visit_call_expr(&mut self, call: &CallExpr) {
            let names = call.args.iter().filter_map(|arg| root_of(&arg.expr));
            self.0.extend(names);
            call.visit_children_with(self);
        }
        fn visit_assign_expr(&mut self, assign: &AssignExpr) {
            let plain = matches!(&*assign.right, Expr::Object(object) if !has_accessors(object));
            if let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assign.left
                && !plain
                && static_name(&member.prop)
                    .is_none_or(|name| name == "prototype" || name == "__proto__")
            {
                self.0.extend(root_of(&member.obj));
            }
            assign.visit_children_with(self);
        }
    }
    let mut finder = Finder(FxHashSet::default());
    stmts.visit_with(&mut finder);
    finder.0
}

/// Whether any statement gives some object accessors after it was made. Those that compilers
/// define on `exports` are understood elsewhere and do not count.
pub fn defines_accessors(stmts: &[Stmt]) -> bool {
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
                        PropOrSpread::Prop(prop) => {
                            crate::bundle::analyse::commonjs::prop_key(prop)
                                .is_some_and(|name| name != "get" && name != "set")
                        }
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
            class: Some(&class.class),
            accessors: class_has_accessors(&class.class),
            ..Top::default()
        },
        Expr::Array(_) => Top {
            fresh: true,
            kind: Some(ValueKind::List),
            ..Top::default()
        },
        Expr::New(_) => fresh,
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
        Expr::Lit(Lit::Regex(_)) => Top {
            fresh: true,
            kind: Some(ValueKind::Pattern),
            ..Top::default()
        },
        Expr::Lit(_) | Expr::Tpl(_) => Top {
            primitive: true,
            kind: kinds::of_literal(value),
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
            root: handed(value).filter(|id| known.contains_key(id)),
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

/// The name whose object an argument is: what a function does to it, it does to that.
fn handed(expr: &Expr) -> Option<Id> {
    match expr {
        Expr::Paren(paren) => handed(&paren.expr),
        Expr::Ident(name) => Some(name.to_id()),
        // Any other member may be an object that others have too.
        Expr::Member(member) => static_name(&member.prop)
            .filter(|name| name == "prototype" && member.obj.is_ident())
            .and_then(|_| root_of(&member.obj)),
        // `E || (E = {})` and `Outer.E || (Outer.E = {})`
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
