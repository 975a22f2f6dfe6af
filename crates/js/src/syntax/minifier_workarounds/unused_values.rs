//! Effects of values that nothing uses.
//!
//! The minifier drops a value that nothing uses where it takes the computing of it for free of effects: a comparison,
//! which may call `valueOf`; a constant, which may be read too early. Where the source has such a value, it is
//! hidden.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::common::SyntaxContext;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::{ExprFactory, find_pat_ids};
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::hidden::Hidden;
use crate::syntax::parentheses::without_parentheses;

/// Hides values of which only the computing matters.
pub(super) fn hide(program: &mut Program, unresolved: SyntaxContext, hidden: &mut Hidden) {
    let mut names = Names::default();
    program.visit_with(&mut names);
    program.visit_mut_with(&mut HideUnused {
        hidden,
        unresolved,
        names,
    });
}

/// What a program's names are.
#[derive(Default)]
struct Names {
    /// Those that cannot be read before they are declared.
    lexical: FxHashSet<Id>,
    /// How often each stands anywhere, its declaration included.
    times: FxHashMap<Id, usize>,
}

impl Visit for Names {
    fn visit_var_decl(&mut self, var: &VarDecl) {
        if var.kind != VarDeclKind::Var {
            self.lexical.extend(find_pat_ids::<_, Id>(&var.decls));
        }
        var.visit_children_with(self);
    }
    fn visit_class_decl(&mut self, node: &ClassDecl) {
        self.lexical.insert(node.ident.to_id());
        node.visit_children_with(self);
    }
    fn visit_ident(&mut self, name: &Ident) {
        *self.times.entry(name.to_id()).or_default() += 1;
    }
}

struct HideUnused<'a> {
    hidden: &'a mut Hidden,
    unresolved: SyntaxContext,
    names: Names,
}

/// Functions of the language that convert what they are given.
const CONVERTING: [&str; 14] = [
    "ArrayBuffer",
    "Date",
    "Error",
    "TypeError",
    "RangeError",
    "Number",
    "String",
    "parseInt",
    "parseFloat",
    "isNaN",
    "isFinite",
    "encodeURIComponent",
    "encodeURI",
    "escape",
];

/// Objects of the language with functions that do.
const CONVERTING_MEMBERS: [&str; 5] = ["Date", "Math", "Number", "String", "Symbol"];

/// Functions that throw at some text, or at some numbers.
const REFUSING: [&str; 4] = [
    "ArrayBuffer",
    "decodeURIComponent",
    "decodeURI",
    "fromCodePoint",
];

/// Whether converting a value runs no code of the program's.
fn is_primitive(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(lit) => !matches!(lit, Lit::Regex(_)),
        Expr::Tpl(_) | Expr::Update(_) => true,
        Expr::Unary(_) => true,
        Expr::Paren(paren) => is_primitive(&paren.expr),
        Expr::Bin(bin) => !bin.op.may_short_circuit(),
        _ => false,
    }
}

fn is_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Null(_)) => true,
        Expr::Ident(name) => name.sym == "undefined",
        Expr::Unary(unary) => unary.op == UnaryOp::Void && unary.arg.is_lit(),
        _ => false,
    }
}

impl HideUnused<'_> {
    /// Hides what of a value nobody uses would be dropped, though it can be noticed.
    fn unused(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(paren) => self.unused(&mut paren.expr),
            Expr::Ident(name) if self.may_be_unset(name) => self.hidden.expression(expr),
            Expr::Bin(bin) => match bin.op {
                BinaryOp::EqEq | BinaryOp::NotEq
                    if is_nothing(&bin.left) || is_nothing(&bin.right) =>
                {
                    self.unused(&mut bin.left);
                    self.unused(&mut bin.right);
                }
                BinaryOp::EqEq
                | BinaryOp::NotEq
                | BinaryOp::Lt
                | BinaryOp::LtEq
                | BinaryOp::Gt
                | BinaryOp::GtEq
                    if !is_primitive(&bin.left) || !is_primitive(&bin.right) =>
                {
                    self.hidden.expression(expr);
                }
                op if op.may_short_circuit() => self.unused(&mut bin.right),
                _ => {
                    self.unused(&mut bin.left);
                    self.unused(&mut bin.right);
                }
            },
            // `typeof` asks for names that nothing declares.
            Expr::Unary(unary)
                if unary.op == UnaryOp::TypeOf
                    && matches!(
                        without_parentheses(&unary.arg),
                        Expr::Ident(name) if name.ctxt == self.unresolved
                    ) => {}
            Expr::Unary(unary) if unary.op != UnaryOp::Delete => self.unused(&mut unary.arg),
            Expr::Cond(cond) => {
                self.unused(&mut cond.cons);
                self.unused(&mut cond.alt);
            }
            Expr::Array(list) => {
                for elem in list.elems.iter_mut().flatten() {
                    if elem.spread.is_none() {
                        self.unused(&mut elem.expr);
                    }
                }
            }
            Expr::Object(object) if object.props.iter().any(converts_key) => {
                self.hidden.expression(expr);
            }
            Expr::Object(object) => self.object(object),
            Expr::Class(node) if may_throw(&node.class) => self.hidden.expression(expr),
            Expr::Seq(seq) => {
                if let Some(last) = seq.exprs.last_mut() {
                    self.unused(last);
                }
            }
            Expr::Call(CallExpr {
                callee: Callee::Expr(callee),
                args,
                ..
            }) if self.refuses(callee)
                || self.is_converting(callee) && !args.iter().all(is_plain) =>
            {
                self.hidden.expression(expr);
            }
            Expr::New(new)
                if self.refuses(&new.callee)
                    || self.is_converting(&new.callee)
                        && !new.args.iter().flatten().all(is_plain) =>
            {
                self.hidden.expression(expr);
            }
            _ => {}
        }
    }

    fn object(&mut self, object: &mut ObjectLit) {
        for prop in &mut object.props {
            let PropOrSpread::Prop(prop) = prop else {
                continue;
            };
            if let Prop::Shorthand(name) = &**prop
                && self.names.lexical.contains(&name.to_id())
            {
                **prop = Prop::KeyValue(KeyValueProp {
                    key: PropName::Ident(name.clone().into()),
                    value: Box::new(Expr::Ident(name.clone())),
                });
            }
            if let Prop::KeyValue(pair) = &mut **prop {
                self.unused(&mut pair.value);
            }
        }
    }

    /// Reading it may throw: it is read too early, or nothing declares it.
    fn may_be_unset(&self, name: &Ident) -> bool {
        match name.ctxt == self.unresolved {
            true => !matches!(
                &*name.sym,
                "undefined" | "NaN" | "Infinity" | "globalThis" | "arguments"
            ),
            false => self.names.lexical.contains(&name.to_id()),
        }
    }

    fn global<'e>(&self, expr: &'e Expr) -> Option<&'e str> {
        match expr {
            Expr::Ident(name) if name.ctxt == self.unresolved => Some(&name.sym),
            _ => None,
        }
    }

    /// A function of the language that converts what it is given.
    fn is_converting(&self, callee: &Expr) -> bool {
        match callee {
            Expr::Member(member) => self
                .global(&member.obj)
                .is_some_and(|name| CONVERTING_MEMBERS.contains(&name)),
            _ => self
                .global(callee)
                .is_some_and(|name| CONVERTING.contains(&name)),
        }
    }

    /// A function of the language that throws even at some text, or at some numbers.
    fn refuses(&self, callee: &Expr) -> bool {
        let name = match callee {
            Expr::Member(MemberExpr {
                obj,
                prop: MemberProp::Ident(name),
                ..
            }) => self.global(obj).map(|_| &*name.sym),
            _ => self.global(callee),
        };
        name.is_some_and(|name| REFUSING.contains(&name))
    }
}

/// Whether a property's name is made of a value that may be an object.
fn converts_key(prop: &PropOrSpread) -> bool {
    let PropOrSpread::Prop(prop) = prop else {
        return false;
    };
    let key = match &**prop {
        Prop::KeyValue(pair) => &pair.key,
        Prop::Method(method) => &method.key,
        Prop::Getter(getter) => &getter.key,
        Prop::Setter(setter) => &setter.key,
        Prop::Shorthand(_) | Prop::Assign(_) => return false,
    };
    matches!(key, PropName::Computed(key) if !is_primitive(&key.expr))
}

/// Whether making a class may throw: what it extends may be no class; a name of a member may be made of an object, or
/// be the one static name that a class has already.
fn may_throw(class: &Class) -> bool {
    class.super_class.is_some()
        || class.body.iter().any(|member| {
            let (key, is_static) = match member {
                ClassMember::Method(method) => (&method.key, method.is_static),
                ClassMember::ClassProp(prop) => (&prop.key, prop.is_static),
                _ => return false,
            };
            let PropName::Computed(key) = key else {
                return false;
            };
            match without_parentheses(&key.expr) {
                Expr::Lit(Lit::Str(text)) => is_static && text.value == "prototype",
                // A symbol of the language.
                Expr::Member(member) => !member.obj.is_ident_ref_to("Symbol"),
                key => is_static || !is_primitive(key),
            }
        })
}

fn is_plain(arg: &ExprOrSpread) -> bool {
    arg.spread.is_none() && is_primitive(&arg.expr)
}

impl VisitMut for HideUnused<'_> {
    fn visit_mut_expr_stmt(&mut self, stmt: &mut ExprStmt) {
        stmt.visit_mut_children_with(self);
        self.unused(&mut stmt.expr);
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        match expr {
            Expr::Seq(seq) => {
                if let Some((_, others)) = seq.exprs.split_last_mut() {
                    others.iter_mut().for_each(|expr| self.unused(expr));
                }
            }
            Expr::Unary(unary) if unary.op == UnaryOp::Void => self.unused(&mut unary.arg),
            _ => {}
        }
    }

    /// A class that nothing uses.
    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        stmt.visit_mut_children_with(self);
        if let Stmt::Decl(Decl::Class(node)) = stmt
            && self.names.times.get(&node.ident.to_id()) == Some(&1)
            && node.class.super_class.is_none()
            && may_throw(&node.class)
        {
            let mut class = Expr::Class(ClassExpr {
                ident: Some(node.ident.clone()),
                class: node.class.take(),
            });
            self.hidden.expression(&mut class);
            *stmt = class.into_stmt();
        }
    }

    fn visit_mut_if_stmt(&mut self, stmt: &mut IfStmt) {
        stmt.visit_mut_children_with(self);
        let empty = match &*stmt.cons {
            Stmt::Empty(_) => true,
            Stmt::Block(block) => block.stmts.is_empty(),
            _ => false,
        };
        if empty && stmt.alt.is_none() {
            self.unused(&mut stmt.test);
        }
    }

    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init)
            && self.names.times.get(&name.to_id()) == Some(&1)
        {
            self.unused(init);
        }
    }

    /// A constant of a case that another case reads, which cannot have run.
    fn visit_mut_switch_stmt(&mut self, switch: &mut SwitchStmt) {
        switch.visit_mut_children_with(self);
        let declared = |case: &SwitchCase| -> Vec<Id> {
            let vars = case.cons.iter().filter_map(|stmt| match stmt {
                Stmt::Decl(Decl::Var(var)) if var.kind != VarDeclKind::Var => Some(var),
                _ => None,
            });
            vars.flat_map(|var| find_pat_ids::<_, Id>(&var.decls))
                .collect()
        };
        let by_case: Vec<Vec<Id>> = switch.cases.iter().map(declared).collect();
        if by_case.iter().all(Vec::is_empty) {
            return;
        }
        let mut read_by = Vec::new();
        for case in &switch.cases {
            let mut names = Names::default();
            case.visit_with(&mut names);
            read_by.push(names.times);
        }
        for (at, case) in switch.cases.iter_mut().enumerate() {
            let elsewhere = |name: &Id| {
                let mut others = read_by.iter().enumerate().filter(|(other, _)| *other != at);
                others.any(|(_, times)| times.contains_key(name))
            };
            for stmt in &mut case.cons {
                let Stmt::Decl(Decl::Var(var)) = stmt else {
                    continue;
                };
                for decl in &mut var.decls {
                    if let Pat::Ident(name) = &decl.name
                        && by_case[at].contains(&name.to_id())
                        && elsewhere(&name.to_id())
                    {
                        match &mut decl.init {
                            Some(init) => self.hidden.expression(init),
                            None => {
                                let nothing = self.hidden.value("void 0".to_owned());
                                decl.init = Some(Box::new(nothing));
                            }
                        }
                    }
                }
            }
        }
    }
}
