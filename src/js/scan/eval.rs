//! The little that can be known of an expression without running it: parts of paths, and
//! whether a condition always holds.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::js::swc::ast::{
    AssignExpr, AssignTarget, BinExpr, BinaryOp, CallExpr, Callee, Expr, Id, ImportDecl,
    ImportSpecifier, Lit, MemberExpr, MemberProp, MetaPropKind, NewExpr, Pat, SimpleAssignTarget,
    Tpl, UnaryOp, UpdateExpr, VarDeclarator,
};
use crate::js::swc::{Ast, SyntaxContext, Visit, VisitWith};

use super::{Defines, Piece};

/// How deep variables are followed through their initialisers.
const MAX_DEPTH: u32 = 16;

/// Variables that are set once, with the expression that sets them.
#[derive(Default)]
pub(super) struct Bindings {
    values: FxHashMap<Id, Box<Expr>>,
    /// `createRequire`, by whatever name it was imported.
    pub create_require: FxHashSet<Id>,
    pub unresolved: SyntaxContext,
}

impl Bindings {
    pub fn collect(ast: &Ast) -> Self {
        let mut collect = Collect {
            out: Self {
                unresolved: ast.unresolved,
                ..Self::default()
            },
            changed: FxHashSet::default(),
        };
        ast.program.visit_with(&mut collect);
        let Collect { mut out, changed } = collect;
        out.values.retain(|id, _| !changed.contains(id));
        out
    }

    pub fn value(&self, id: &Id) -> Option<&Expr> {
        self.values.get(id).map(|expr| &**expr)
    }

    /// The name of a variable that nothing in the file binds.
    pub fn is_global(&self, expr: &Expr, name: &str) -> bool {
        matches!(expr, Expr::Ident(id) if id.sym == name && id.ctxt == self.unresolved)
    }

    /// Whether `expr` is Node's `require` of this file: itself, another name for it, or what
    /// `createRequire` gave.
    pub fn is_require(&self, expr: &Expr) -> bool {
        self.require_at(expr, 0)
    }

    fn require_at(&self, expr: &Expr, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        match expr {
            Expr::Ident(id) => {
                (id.sym == "require" && id.ctxt == self.unresolved)
                    || self
                        .value(&id.to_id())
                        .is_some_and(|value| self.require_at(value, depth + 1))
            }
            Expr::Member(member) => {
                self.is_global(&member.obj, "module") && prop_name(&member.prop) == Some("require")
            }
            Expr::Call(call) => self.makes_require(call),
            Expr::Paren(paren) => self.require_at(&paren.expr, depth + 1),
            _ => false,
        }
    }

    /// `createRequire(…)` of this very file.
    fn makes_require(&self, call: &CallExpr) -> bool {
        let Callee::Expr(callee) = &call.callee else {
            return false;
        };
        let named = match &**callee {
            Expr::Ident(id) => {
                self.create_require.contains(&id.to_id())
                    || self.value(&id.to_id()).is_some_and(is_create_require)
            }
            callee => is_create_require(callee),
        };
        named
            && call.args.first().is_some_and(|arg| {
                self.path(&arg.expr)
                    .is_some_and(|pieces| pieces == [Piece::File])
            })
    }

    /// The pieces of a path or string, adjoining texts joined; `None` where nothing is known.
    pub fn path(&self, expr: &Expr) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        self.push_path(expr, &mut out, 0);
        let known = out.iter().any(|piece| *piece != Piece::Any);
        known.then(|| merge(out))
    }

    /// [`Self::path`] of a call, without a look at calls that can give no path.
    pub fn call_path(&self, call: &CallExpr) -> Option<Vec<Piece>> {
        let Callee::Expr(callee) = &call.callee else {
            return None;
        };
        let name = match &**callee {
            Expr::Ident(id) => &*id.sym,
            Expr::Member(member) => prop_name(&member.prop)?,
            _ => return None,
        };
        matches!(
            name,
            "join" | "resolve" | "concat" | "fileURLToPath" | "normalize"
        )
        .then(|| {
            let mut out = Vec::new();
            self.push_call(call, &mut out, 0);
            merge(out)
        })
    }

    /// [`Self::path`] of a `new URL(…)`.
    pub fn new_path(&self, new: &NewExpr) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        self.push_url(new, &mut out, 0);
        Some(merge(out))
    }

    /// [`Self::path`] of a template.
    pub fn template_path(&self, tpl: &Tpl) -> Option<Vec<Piece>> {
        let starts_empty = tpl.quasis.first().is_some_and(|quasi| quasi.raw.is_empty());
        starts_empty.then(|| {
            let mut out = Vec::new();
            self.push_template(tpl, &mut out, 0);
            merge(out)
        })
    }

    /// [`Self::path`] of a sum, looked at from its first operand.
    pub fn sum_path(&self, sum: &BinExpr) -> Option<Vec<Piece>> {
        let mut operands = vec![&*sum.right];
        let mut left = &*sum.left;
        while let Expr::Bin(bin) = left
            && bin.op == BinaryOp::Add
        {
            operands.push(&bin.right);
            left = &bin.left;
        }
        let mut out = Vec::new();
        self.push_path(left, &mut out, 0);
        if !matches!(out.first(), Some(Piece::Dir)) {
            return None;
        }
        for operand in operands.into_iter().rev() {
            self.push_path(operand, &mut out, 0);
        }
        Some(merge(out))
    }

    fn push_template(&self, tpl: &Tpl, out: &mut Vec<Piece>, depth: u32) {
        for (at, quasi) in tpl.quasis.iter().enumerate() {
            match quasi.cooked.as_ref().and_then(|text| text.as_str()) {
                Some(text) => out.push(Piece::Text(text.to_string())),
                None => out.push(Piece::Any),
            }
            if let Some(expr) = tpl.exprs.get(at) {
                self.push_path(expr, out, depth + 1);
            }
        }
    }

    fn push_path(&self, expr: &Expr, out: &mut Vec<Piece>, depth: u32) {
        if depth > MAX_DEPTH {
            return out.push(Piece::Any);
        }
        match expr {
            Expr::Lit(Lit::Str(text)) => match text.value.as_str() {
                Some(text) => out.push(Piece::Text(text.to_string())),
                None => out.push(Piece::Any),
            },
            Expr::Lit(Lit::Num(number)) => out.push(Piece::Text(number.value.to_string())),
            Expr::Tpl(tpl) => self.push_template(tpl, out, depth),
            Expr::Bin(bin) if bin.op == BinaryOp::Add => {
                self.push_path(&bin.left, out, depth + 1);
                self.push_path(&bin.right, out, depth + 1);
            }
            Expr::Paren(paren) => self.push_path(&paren.expr, out, depth + 1),
            Expr::Ident(id) if id.ctxt == self.unresolved && id.sym == "__dirname" => {
                out.push(Piece::Dir);
            }
            Expr::Ident(id) if id.ctxt == self.unresolved && id.sym == "__filename" => {
                out.push(Piece::File);
            }
            Expr::Ident(id) => match self.value(&id.to_id()) {
                Some(value) => self.push_path(value, out, depth + 1),
                None => out.push(Piece::Any),
            },
            Expr::Member(member) if is_import_meta(&member.obj) => match prop_name(&member.prop) {
                Some("dirname") => out.push(Piece::Dir),
                Some("url" | "filename") => out.push(Piece::File),
                _ => out.push(Piece::Any),
            },
            Expr::Member(member)
                if prop_name(&member.prop) == Some("filename")
                    && self.is_global(&member.obj, "module") =>
            {
                out.push(Piece::File);
            }
            Expr::Member(member)
                if matches!(prop_name(&member.prop), Some("href" | "pathname")) =>
            {
                self.push_path(&member.obj, out, depth + 1);
            }
            Expr::New(new) => self.push_url(new, out, depth),
            Expr::Call(call) => self.push_call(call, out, depth),
            _ => out.push(Piece::Any),
        }
    }

    /// `new URL('./x', import.meta.url)`.
    fn push_url(&self, new: &NewExpr, out: &mut Vec<Piece>, depth: u32) {
        let args = new.args.as_deref().unwrap_or_default();
        if let (Expr::Ident(name), [path, base]) = (&*new.callee, args)
            && name.sym == "URL"
            && self.path(&base.expr).is_some_and(|p| p == [Piece::File])
        {
            out.push(Piece::Dir);
            out.push(Piece::Text("/".into()));
            self.push_path(&path.expr, out, depth + 1);
        } else {
            out.push(Piece::Any);
        }
    }

    fn push_call(&self, call: &CallExpr, out: &mut Vec<Piece>, depth: u32) {
        let Callee::Expr(callee) = &call.callee else {
            return out.push(Piece::Any);
        };
        let name = match &**callee {
            Expr::Ident(id) => Some(&*id.sym),
            Expr::Member(member) => prop_name(&member.prop),
            _ => None,
        };
        let part = |at: usize| -> Option<Vec<Piece>> {
            let mut pieces = Vec::new();
            self.push_path(&call.args.get(at)?.expr, &mut pieces, depth + 1);
            Some(merge(pieces))
        };
        match name {
            Some(
                "fileURLToPath" | "normalize" | "toNamespacedPath" | "realpathSync"
                | "pathToFileURL",
            ) => match part(0) {
                Some(pieces) => out.extend(pieces),
                None => out.push(Piece::Any),
            },
            Some("dirname") => match part(0).as_deref() {
                Some([Piece::File]) => out.push(Piece::Dir),
                Some([Piece::Dir]) => out.extend([Piece::Dir, Piece::Text("/..".into())]),
                Some([Piece::Dir, Piece::Text(text)]) if text.len() > 1 => {
                    out.extend([Piece::Dir, Piece::Text(format!("{text}/.."))]);
                }
                _ => out.push(Piece::Any),
            },
            Some("join" | "resolve") if call.args.iter().all(|arg| arg.spread.is_none()) => {
                // Only a path that starts at this file is a path to us: arrays have `join` too.
                if !matches!(part(0).as_deref(), Some([Piece::Dir | Piece::File, ..])) {
                    return out.push(Piece::Any);
                }
                for at in 0..call.args.len() {
                    if at > 0 {
                        out.push(Piece::Text("/".into()));
                    }
                    out.extend(part(at).unwrap_or_default());
                }
            }
            Some("concat") => {
                if let Expr::Member(member) = &**callee {
                    self.push_path(&member.obj, out, depth + 1);
                    for at in 0..call.args.len() {
                        out.extend(part(at).unwrap_or_default());
                    }
                } else {
                    out.push(Piece::Any);
                }
            }
            _ => out.push(Piece::Any),
        }
    }

    /// Whether a condition is always true or always false.
    pub fn condition(&self, expr: &Expr, defines: &Defines) -> Option<bool> {
        self.known(expr, defines, 0).map(|value| value.truthy())
    }

    fn known(&self, expr: &Expr, defines: &Defines, depth: u32) -> Option<Known> {
        if depth > MAX_DEPTH {
            return None;
        }
        let deeper = |expr: &Expr| self.known(expr, defines, depth + 1);
        match expr {
            Expr::Lit(Lit::Bool(value)) => Some(Known::Bool(value.value)),
            Expr::Lit(Lit::Str(text)) => text.value.as_str().map(|t| Known::Text(t.to_string())),
            Expr::Lit(Lit::Num(number)) => Some(Known::Number(number.value)),
            Expr::Lit(Lit::Null(_)) => Some(Known::Null),
            Expr::Paren(paren) => deeper(&paren.expr),
            Expr::Unary(unary) => match unary.op {
                UnaryOp::Bang => Some(Known::Bool(!deeper(&unary.arg)?.truthy())),
                UnaryOp::Void => deeper(&unary.arg).map(|_| Known::Undefined),
                _ => None,
            },
            Expr::Bin(bin) => match bin.op {
                BinaryOp::LogicalAnd => match deeper(&bin.left) {
                    Some(left) if !left.truthy() => Some(left),
                    Some(_) => deeper(&bin.right),
                    None => None,
                },
                BinaryOp::LogicalOr => match deeper(&bin.left) {
                    Some(left) if left.truthy() => Some(left),
                    Some(_) => deeper(&bin.right),
                    None => None,
                },
                BinaryOp::EqEqEq | BinaryOp::EqEq => {
                    Some(Known::Bool(deeper(&bin.left)?.same(&deeper(&bin.right)?)?))
                }
                BinaryOp::NotEqEq | BinaryOp::NotEq => {
                    Some(Known::Bool(!deeper(&bin.left)?.same(&deeper(&bin.right)?)?))
                }
                _ => None,
            },
            Expr::Ident(id) if id.ctxt == self.unresolved && id.sym == "undefined" => {
                Some(Known::Undefined)
            }
            Expr::Ident(id) => deeper(self.value(&id.to_id())?),
            Expr::Member(member) => {
                let name = self.dotted(member)?;
                defines.get(&name).map(|value| Known::of_define(value))
            }
            _ => None,
        }
    }

    /// `process.env.NODE_ENV` as that text, where `process` is the global.
    fn dotted(&self, member: &MemberExpr) -> Option<String> {
        let prop = prop_name(&member.prop)?;
        match &*member.obj {
            Expr::Ident(id) if id.ctxt == self.unresolved => Some(format!("{}.{prop}", id.sym)),
            Expr::Member(inner) => Some(format!("{}.{prop}", self.dotted(inner)?)),
            _ => None,
        }
    }
}

#[derive(Debug, PartialEq)]
enum Known {
    Bool(bool),
    Text(String),
    Number(f64),
    Null,
    Undefined,
}

impl Known {
    /// A define's value is JSON where it parses as such, else text.
    fn of_define(value: &str) -> Self {
        match serde_json::from_str::<serde_json::Value>(value) {
            Ok(serde_json::Value::Bool(value)) => Self::Bool(value),
            Ok(serde_json::Value::String(text)) => Self::Text(text),
            Ok(serde_json::Value::Null) => Self::Null,
            _ => Self::Text(value.to_string()),
        }
    }

    fn truthy(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Null | Self::Undefined => false,
        }
    }

    /// Equality, where both are of one type so that loose and strict agree.
    fn same(&self, other: &Self) -> Option<bool> {
        (std::mem::discriminant(self) == std::mem::discriminant(other)).then(|| self == other)
    }
}

/// The name of a property that is read by a plain name or a constant string.
pub(super) fn prop_name(prop: &MemberProp) -> Option<&str> {
    match prop {
        MemberProp::Ident(name) => Some(&name.sym),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(text)) => text.value.as_str(),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

pub(super) fn is_import_meta(expr: &Expr) -> bool {
    matches!(expr, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta)
}

fn is_create_require(expr: &Expr) -> bool {
    matches!(expr, Expr::Member(member) if prop_name(&member.prop) == Some("createRequire"))
}

fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Text(text)) if text.is_empty() => {}
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (Some(Piece::Any), Piece::Any) => {}
            (_, piece) => out.push(piece),
        }
    }
    out
}

struct Collect {
    out: Bindings,
    changed: FxHashSet<Id>,
}

impl Visit for Collect {
    fn visit_var_declarator(&mut self, node: &VarDeclarator) {
        node.visit_children_with(self);
        match (&node.name, &node.init) {
            (Pat::Ident(name), Some(init)) => {
                let id = name.to_id();
                if self.out.values.insert(id.clone(), init.clone()).is_some() {
                    self.changed.insert(id);
                }
            }
            (Pat::Ident(_), None) => {}
            (Pat::Object(object), Some(init)) => {
                let from_module = matches!(&**init, Expr::Call(call) if call
                    .args
                    .first()
                    .is_some_and(|arg| matches!(&*arg.expr, Expr::Lit(Lit::Str(text))
                        if matches!(text.value.as_str(), Some("module" | "node:module")))));
                if from_module {
                    for prop in &object.props {
                        if let crate::js::swc::ast::ObjectPatProp::Assign(assign) = prop
                            && assign.key.sym == "createRequire"
                        {
                            self.out.create_require.insert(assign.key.to_id());
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn visit_import_decl(&mut self, node: &ImportDecl) {
        if !matches!(node.src.value.as_str(), Some("module" | "node:module")) {
            return;
        }
        for specifier in &node.specifiers {
            if let ImportSpecifier::Named(named) = specifier {
                let is_it = match &named.imported {
                    Some(imported) => &*imported.atom() == "createRequire",
                    None => named.local.sym == "createRequire",
                };
                if is_it {
                    self.out.create_require.insert(named.local.to_id());
                }
            }
        }
    }

    fn visit_assign_expr(&mut self, node: &AssignExpr) {
        node.visit_children_with(self);
        match &node.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                self.changed.insert(name.to_id());
            }
            AssignTarget::Simple(_) => {}
            AssignTarget::Pat(pat) => pat.visit_with(&mut Names(&mut self.changed)),
        }
    }

    fn visit_update_expr(&mut self, node: &UpdateExpr) {
        node.visit_children_with(self);
        if let Expr::Ident(name) = &*node.arg {
            self.changed.insert(name.to_id());
        }
    }

    fn visit_for_in_stmt(&mut self, node: &crate::js::swc::ast::ForInStmt) {
        node.left.visit_with(&mut Names(&mut self.changed));
        node.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, node: &crate::js::swc::ast::ForOfStmt) {
        node.left.visit_with(&mut Names(&mut self.changed));
        node.visit_children_with(self);
    }
}

/// Every name in a pattern.
struct Names<'a>(&'a mut FxHashSet<Id>);

impl Visit for Names<'_> {
    fn visit_ident(&mut self, node: &crate::js::swc::ast::Ident) {
        self.0.insert(node.to_id());
    }
}
