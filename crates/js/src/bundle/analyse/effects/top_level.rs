//! What is known of the top-level names of a module.
//!
//! In: its statements. Out: [`TopLevelNames`]: which names hold a function whose body is at hand, an object
//! that nothing else has, a string or number, and which of them may run code when they are read.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::effects::known_globals::{dotted, handed, root_of};
use crate::bundle::analyse::effects::value_kinds;
use crate::bundle::analyse::effects::value_kinds::ValueKind;
use crate::bundle::load::fold::static_name;
use crate::bundle::part::ModuleAnalysis;
use crate::syntax::ast::*;
use crate::syntax::{Visit, VisitWith};

/// What is known of a top-level name.
#[derive(Default, Clone)]
pub struct TopLevelName<'a> {
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
    pub(super) fn of(expr: &'a Expr) -> Option<Self> {
        match expr {
            Expr::Fn(function) => Some(Self::Function(&function.function)),
            Expr::Arrow(arrow) => Some(Self::Arrow(arrow)),
            Expr::Paren(paren) => Self::of(&paren.expr),
            _ => None,
        }
    }
}

pub type TopLevelNames<'a> = FxHashMap<Id, TopLevelName<'a>>;

/// What is known of each top-level name; `accessors` is what [`defines_accessors`] says.
pub fn top_level_names<'a>(
    stmts: &'a [Stmt],
    analysis: &ModuleAnalysis,
    accessors: bool,
) -> TopLevelNames<'a> {
    let mut out = TopLevelNames::default();
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Fn(function)) => {
                let once = !analysis.names.reassigned.contains(&function.ident.to_id());
                out.insert(
                    function.ident.to_id(),
                    TopLevelName {
                        fresh: once,
                        function: once.then_some(Callable::Function(&function.function)),
                        accessors,
                        ..TopLevelName::default()
                    },
                );
            }
            Stmt::Decl(Decl::Class(class)) => {
                let once = !analysis.names.reassigned.contains(&class.ident.to_id());
                out.insert(
                    class.ident.to_id(),
                    TopLevelName {
                        fresh: once,
                        class: once.then_some(&class.class),
                        accessors: accessors || class_has_accessors(&class.class),
                        ..TopLevelName::default()
                    },
                );
            }
            Stmt::Decl(Decl::Var(var)) => {
                for decl in &var.decls {
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, decl.init.as_deref()) {
                        let id = name.to_id();
                        let once = analysis
                            .names
                            .declared_by
                            .get(&id)
                            .is_some_and(|by| by.len() == 1)
                            && !analysis.names.reassigned.contains(&id);
                        let constant = var.kind == VarDeclKind::Const;
                        if once {
                            let mut top = of_value(init, &out);
                            top.accessors |= accessors;
                            top.constant = constant;
                            out.insert(id, top);
                        } else if constant {
                            let top = TopLevelName {
                                constant,
                                ..TopLevelName::default()
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
pub(super) fn dressed(stmts: &[Stmt]) -> FxHashSet<Id> {
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

pub(super) fn class_has_accessors(class: &Class) -> bool {
    // What it extends may have some.
    class.super_class.is_some()
        || class.body.iter().any(|member| match member {
            ClassMember::Method(method) => method.is_static && method.kind != MethodKind::Method,
            ClassMember::AutoAccessor(accessor) => accessor.is_static,
            _ => false,
        })
}

/// Whether an object literal's members are plain values.
pub(super) fn has_accessors(object: &ObjectLit) -> bool {
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

pub(super) fn of_value<'a>(value: &'a Expr, known: &TopLevelNames<'_>) -> TopLevelName<'a> {
    let fresh = TopLevelName {
        fresh: true,
        ..TopLevelName::default()
    };
    match value {
        Expr::Fn(function) => TopLevelName {
            fresh: true,
            function: Some(Callable::Function(&function.function)),
            ..TopLevelName::default()
        },
        Expr::Arrow(arrow) => TopLevelName {
            fresh: true,
            function: Some(Callable::Arrow(arrow)),
            ..TopLevelName::default()
        },
        Expr::Object(object) => TopLevelName {
            fresh: true,
            accessors: has_accessors(object),
            ..TopLevelName::default()
        },
        Expr::Class(class) => TopLevelName {
            fresh: true,
            class: Some(&class.class),
            accessors: class_has_accessors(&class.class),
            ..TopLevelName::default()
        },
        Expr::Array(_) => TopLevelName {
            fresh: true,
            kind: Some(ValueKind::List),
            ..TopLevelName::default()
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
                TopLevelName::default()
            }
        }
        Expr::Lit(Lit::Regex(_)) => TopLevelName {
            fresh: true,
            kind: Some(ValueKind::Pattern),
            ..TopLevelName::default()
        },
        Expr::Lit(_) | Expr::Tpl(_) => TopLevelName {
            primitive: true,
            kind: value_kinds::of_literal(value),
            ..TopLevelName::default()
        },
        Expr::Unary(unary)
            if matches!(
                unary.op,
                UnaryOp::TypeOf | UnaryOp::Void | UnaryOp::Bang | UnaryOp::Minus | UnaryOp::Plus
            ) =>
        {
            TopLevelName {
                primitive: true,
                ..TopLevelName::default()
            }
        }
        Expr::Ident(name) => TopLevelName {
            root: Some(name.to_id()).filter(|id| known.contains_key(id)),
            primitive: known.get(&name.to_id()).is_some_and(|top| top.primitive),
            ..TopLevelName::default()
        },
        Expr::Member(_) => TopLevelName {
            root: handed(value).filter(|id| known.contains_key(id)),
            ..TopLevelName::default()
        },
        Expr::Assign(assign) if assign.op == AssignOp::Assign => of_value(&assign.right, known),
        Expr::Paren(paren) => of_value(&paren.expr, known),
        _ => TopLevelName::default(),
    }
}

pub(super) fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Fn(_) | Expr::Arrow(_) => true,
        Expr::Paren(paren) => is_function(&paren.expr),
        _ => false,
    }
}

/// Whether an expression gives an object that nothing else has.
pub(super) fn makes_object(expr: &Expr) -> bool {
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
