//! Effects of values that nothing uses.
//!
//! The minifier drops a value that nothing uses where it takes the computing of it for free of effects: a comparison,
//! which may call `valueOf`; a constant, which may be read too early. Where the source has such a value, it is
//! hidden.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::hidden::Hidden;

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
const CONVERTING: [&str; 9] = [
    "Error",
    "TypeError",
    "RangeError",
    "Number",
    "String",
    "parseInt",
    "parseFloat",
    "encodeURIComponent",
    "encodeURI",
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
            Expr::Ident(name) if self.names.lexical.contains(&name.to_id()) => {
                self.hidden.expression(expr);
            }
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
            // What it extends may be no class.
            Expr::Class(node) if node.class.super_class.is_some() => {
                self.hidden.expression(expr);
            }
            Expr::Seq(seq) => {
                if let Some(last) = seq.exprs.last_mut() {
                    self.unused(last);
                }
            }
            Expr::Call(CallExpr {
                callee: Callee::Expr(callee),
                args,
                ..
            }) if self.is_converting(callee) && !args.iter().all(is_plain) => {
                self.hidden.expression(expr);
            }
            Expr::New(new)
                if self.is_converting(&new.callee) && !new.args.iter().flatten().all(is_plain) =>
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

    /// A function of the language that converts what it is given.
    fn is_converting(&self, callee: &Expr) -> bool {
        match callee {
            Expr::Ident(name) => name.ctxt == self.unresolved && CONVERTING.contains(&&*name.sym),
            Expr::Member(member) => matches!(
                &*member.obj,
                Expr::Ident(name) if name.ctxt == self.unresolved && name.sym == "Math"
            ),
            _ => false,
        }
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
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init)
                        && by_case[at].contains(&name.to_id())
                        && elsewhere(&name.to_id())
                    {
                        self.hidden.expression(init);
                    }
                }
            }
        }
    }
}
