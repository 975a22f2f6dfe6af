//! What is known of the top-level names of a module.
//!
//! In: its statements. Out: [`TopLevelNames`]: which names hold a function whose body is at hand, an object
//! that nothing else has, a string or number, and which of them may run code when they are read.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::effects::known_globals::{callable, changers, dotted, handed, root_of};
use crate::bundle::analyse::effects::value_kinds;
use crate::bundle::analyse::effects::value_kinds::ValueKind;
use crate::bundle::load::fold::{pat_names, static_name};
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
    /// Its text, where it has the name of a known helper.
    pub helper: Option<HelperText<'a>>,
    /// Declared without a value, and only ever set to objects made for it: an enum's variable.
    pub unset: bool,
}

/// What something with the name of a known helper is.
#[derive(Clone, Copy)]
pub enum HelperText<'a> {
    Function(&'a Function),
    Value(&'a Expr),
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
    let set = SetNames::of(stmts);
    let dressed = dressed(stmts);
    let add = |out: &mut TopLevelNames<'a>, id: Id, mut top: TopLevelName<'a>| {
        top.dressed = dressed.contains(&id);
        out.insert(id, top);
    };
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Fn(function)) => {
                let once = !analysis.names.reassigned.contains(&function.ident.to_id());
                add(
                    &mut out,
                    function.ident.to_id(),
                    TopLevelName {
                        fresh: once,
                        function: once.then_some(Callable::Function(&function.function)),
                        helper: changers()
                            .contains(function.ident.sym.as_str())
                            .then_some(HelperText::Function(&function.function)),
                        accessors,
                        ..TopLevelName::default()
                    },
                );
            }
            Stmt::Decl(Decl::Class(class)) => {
                let once = !analysis.names.reassigned.contains(&class.ident.to_id());
                add(
                    &mut out,
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
                    if let (Pat::Ident(name), None) = (&decl.name, &decl.init)
                        && set.own.contains(&name.to_id())
                        && !set.other.contains(&name.to_id())
                    {
                        let top = TopLevelName {
                            unset: true,
                            ..TopLevelName::default()
                        };
                        add(&mut out, name.to_id(), top);
                    }
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
                            let mut top = of_value(init, &id, &out);
                            top.accessors |= accessors;
                            top.constant = constant;
                            top.helper = changers()
                                .contains(name.id.sym.as_str())
                                .then_some(HelperText::Value(init));
                            add(&mut out, id, top);
                        } else if constant {
                            let top = TopLevelName {
                                constant,
                                ..TopLevelName::default()
                            };
                            add(&mut out, id, top);
                        }
                    }
                }
            }
            _ => {}
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
            // Setters of instances run where the prototype's members are set.
            ClassMember::Method(method) => {
                method.kind == MethodKind::Setter
                    || (method.is_static && method.kind == MethodKind::Getter)
            }
            ClassMember::AutoAccessor(_) => true,
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

/// What is known of a variable of this name, which is bound once, to this value.
fn of_value<'a>(value: &'a Expr, name: &Id, known: &TopLevelNames<'_>) -> TopLevelName<'a> {
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
        Expr::New(new) => match made_by_new(new, known) {
            true => fresh,
            false => TopLevelName::default(),
        },
        Expr::Call(call) => match creates_plain_object(call) || returns_own_object(call, name) {
            true => fresh,
            false => TopLevelName::default(),
        },
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
        Expr::Assign(assign) if assign.op == AssignOp::Assign => {
            of_value(&assign.right, name, known)
        }
        Expr::Paren(paren) => of_value(&paren.expr, name, known),
        _ => TopLevelName::default(),
    }
}

/// Names that are set as a whole, after they were declared.
#[derive(Default)]
struct SetNames {
    /// To objects made right there.
    own: FxHashSet<Id>,
    /// To anything else.
    other: FxHashSet<Id>,
}

impl SetNames {
    fn of(stmts: &[Stmt]) -> Self {
        let mut found = Self::default();
        stmts.visit_with(&mut found);
        found
    }
}

impl Visit for SetNames {
    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        match &assign.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                let own = assign.op == AssignOp::Assign && makes_object(&assign.right);
                let into = if own { &mut self.own } else { &mut self.other };
                into.insert(name.to_id());
            }
            AssignTarget::Pat(pat) => {
                let mut names = Vec::new();
                pat_names(&pat.clone().into(), &mut names);
                self.other.extend(names.iter().map(Ident::to_id));
            }
            AssignTarget::Simple(_) => {}
        }
        assign.visit_children_with(self);
    }
    fn visit_for_head(&mut self, head: &ForHead) {
        let mut names = Vec::new();
        match head {
            ForHead::Pat(pat) => pat_names(pat, &mut names),
            ForHead::VarDecl(var) => {
                for decl in &var.decls {
                    pat_names(&decl.name, &mut names);
                }
            }
            ForHead::UsingDecl(_) => {}
        }
        self.other.extend(names.iter().map(Ident::to_id));
        head.visit_children_with(self);
    }
}

/// Whether `new` gives an object of its own, whose members are plain: of a class or function at hand that has
/// no accessors and returns nothing else, or of a constructor of the language.
fn made_by_new(new: &NewExpr, known: &TopLevelNames<'_>) -> bool {
    let Expr::Ident(name) = &*new.callee else {
        return false;
    };
    match known.get(&name.to_id()) {
        Some(top) if top.dressed => false,
        Some(TopLevelName {
            class: Some(class), ..
        }) => gives_plain_objects(class, known),
        Some(TopLevelName {
            function: Some(Callable::Function(function)),
            ..
        }) => function
            .body
            .as_ref()
            .is_some_and(|body| returned(&body.stmts).is_empty()),
        Some(_) => false,
        None => callable().contains(name.sym.as_str()),
    }
}

pub(super) fn gives_plain_objects(class: &Class, known: &TopLevelNames<'_>) -> bool {
    let parent = match &class.super_class {
        None => true,
        Some(parent) => match &**parent {
            Expr::Ident(name) => known
                .get(&name.to_id())
                .filter(|top| !top.dressed)
                .and_then(|top| top.class)
                // A class that extends itself throws.
                .is_some_and(|parent| {
                    !std::ptr::eq(parent, class) && gives_plain_objects(parent, known)
                }),
            _ => false,
        },
    };
    parent
        && class.decorators.is_empty()
        && class.body.iter().all(|member| match member {
            ClassMember::Method(method) => method.is_static || method.kind == MethodKind::Method,
            ClassMember::AutoAccessor(accessor) => accessor.is_static,
            ClassMember::Constructor(constructor) => constructor
                .body
                .as_ref()
                .is_none_or(|body| returned(&body.stmts).is_empty()),
            _ => true,
        })
}

/// What the `return`s of a function's body give, without those of functions inside.
fn returned(stmts: &[Stmt]) -> Vec<&Expr> {
    fn collect<'a>(stmt: &'a Stmt, out: &mut Vec<&'a Expr>) {
        match stmt {
            Stmt::Return(back) => out.extend(back.arg.as_deref()),
            Stmt::Block(block) => block.stmts.iter().for_each(|stmt| collect(stmt, out)),
            Stmt::If(branch) => {
                collect(&branch.cons, out);
                branch.alt.iter().for_each(|alt| collect(alt, out));
            }
            Stmt::With(with) => collect(&with.body, out),
            Stmt::Labeled(labelled) => collect(&labelled.body, out),
            Stmt::While(each) => collect(&each.body, out),
            Stmt::DoWhile(each) => collect(&each.body, out),
            Stmt::For(each) => collect(&each.body, out),
            Stmt::ForIn(each) => collect(&each.body, out),
            Stmt::ForOf(each) => collect(&each.body, out),
            Stmt::Switch(switch) => {
                let cases = switch.cases.iter().flat_map(|case| &case.cons);
                cases.for_each(|stmt| collect(stmt, out));
            }
            Stmt::Try(attempt) => {
                let handler = attempt
                    .handler
                    .iter()
                    .flat_map(|handler| &handler.body.stmts);
                let last = attempt.finalizer.iter().flat_map(|last| &last.stmts);
                let all = attempt.block.stmts.iter().chain(handler).chain(last);
                all.for_each(|stmt| collect(stmt, out));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    stmts.iter().for_each(|stmt| collect(stmt, &mut out));
    out
}

/// An enum, namespace or class made by a function that is called on the spot: all that it returns is made inside,
/// or is an object that the call makes for it.
fn returns_own_object(call: &CallExpr, variable: &Id) -> bool {
    let Callee::Expr(callee) = &call.callee else {
        return false;
    };
    let Some(function) = Callable::of(callee) else {
        return false;
    };
    let (pats, body): (Vec<&Pat>, &[Stmt]) = match function {
        Callable::Function(function) if function.is_async || function.is_generator => return false,
        Callable::Arrow(arrow) if arrow.is_async => return false,
        Callable::Function(function) => (
            function.params.iter().map(|param| &param.pat).collect(),
            function.body.as_ref().map_or(&[], |body| &body.stmts),
        ),
        Callable::Arrow(arrow) => match &*arrow.body {
            ArrowFunctionBody::FunctionBody(body) => (arrow.params.iter().collect(), &body.stmts),
            ArrowFunctionBody::Expr(expr) => return makes_object(expr),
        },
    };
    let mut own = FxHashSet::default();
    let mut spoiled = SetNames::of(body).other;
    for stmt in body {
        match stmt {
            Stmt::Decl(Decl::Fn(inner)) => {
                own.insert(inner.ident.to_id());
            }
            Stmt::Decl(Decl::Class(inner)) => {
                let into = match gives_plain_class(&inner.class) {
                    true => &mut own,
                    false => &mut spoiled,
                };
                into.insert(inner.ident.to_id());
            }
            Stmt::Decl(Decl::Var(var)) => {
                for decl in &var.decls {
                    let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init) else {
                        continue;
                    };
                    let made = match &**init {
                        Expr::Class(class) => gives_plain_class(&class.class),
                        init => makes_object(init),
                    };
                    let into = if made { &mut own } else { &mut spoiled };
                    into.insert(name.to_id());
                }
            }
            _ => {}
        }
    }
    for (pat, arg) in pats.iter().zip(&call.args) {
        let Pat::Ident(name) = pat else {
            continue;
        };
        let made = match &*arg.expr {
            // `var E = (E => { … })(E || {})`: the variable holds nothing yet.
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => {
                let itself = matches!(&*bin.left, Expr::Ident(left) if left.to_id() == *variable);
                itself && makes_object(&bin.right)
            }
            expr => makes_object(expr),
        };
        if made {
            own.insert(name.to_id());
        }
    }
    let all = returned(body);
    !all.is_empty()
        && all.iter().all(|expr| match expr {
            Expr::Ident(name) => {
                let id = name.to_id();
                own.contains(&id) && !spoiled.contains(&id)
            }
            expr => makes_object(expr),
        })
}

/// A class whose own members are plain.
fn gives_plain_class(class: &Class) -> bool {
    !class_has_accessors(class) && class.decorators.is_empty()
}

/// `Object.create(null)`, `Object.create(X.prototype)` and `Object.create({ … })`: what it inherits from has no
/// accessors, as far as can be seen.
fn creates_plain_object(call: &CallExpr) -> bool {
    let Callee::Expr(callee) = &call.callee else {
        return false;
    };
    let creates = dotted(callee).is_some_and(|name| name == "Object.create");
    creates
        && matches!(call.args.as_slice(), [of] if match &*of.expr {
            Expr::Lit(Lit::Null(_)) => true,
            Expr::Object(object) => !has_accessors(object),
            Expr::Member(member) => static_name(&member.prop).is_some_and(|name| name == "prototype"),
            _ => false,
        })
}

/// Whether an expression gives an object that nothing else has.
pub(super) fn makes_object(expr: &Expr) -> bool {
    match expr {
        Expr::Object(object) => !has_accessors(object),
        Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => true,
        Expr::Paren(paren) => makes_object(&paren.expr),
        Expr::Call(call) => creates_plain_object(call),
        // The target's own object from then on.
        Expr::Assign(assign) if assign.op == AssignOp::Assign => makes_object(&assign.right),
        _ => false,
    }
}
