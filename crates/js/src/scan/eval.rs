//! The little that can be known of an expression without running it: parts of paths, and
//! whether a condition always holds.

use std::cell::Cell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::ast::{
    AssignExpr, AssignOp, AssignTarget, BinExpr, BinaryOp, BindingIdent, CallExpr, Callee,
    ClassProp, Decl, ExportDecl, Expr, FnDecl, FnExpr, Id, Ident, ImportDecl, ImportSpecifier, Lit,
    MemberExpr, MemberProp, MetaPropKind, NewExpr, ObjectPat, ObjectPatProp, Pat, PropName,
    SimpleAssignTarget, Tpl, UnaryOp, UpdateExpr, VarDeclarator,
};
use crate::syntax::{Ast, Atom, Spanned, SyntaxContext, Visit, VisitWith};

use crate::scan::module_scan::Defines;
use crate::scan::path_pieces::{Piece, merge};

/// How deep variables are followed through their initialisers.
const MAX_DEPTH: u32 = 16;

/// Variables that are set once, with the expression that sets them.
#[derive(Default)]
pub(super) struct ScopeBindings {
    values: FxHashMap<Id, Box<Expr>>,
    /// What properties of variables, or of `this`, are set to after they were made.
    members: FxHashMap<(Id, Atom), Vec<Expr>>,
    /// `createRequire`, by whatever name it was imported.
    pub create_require: FxHashSet<Id>,
    /// What a module exports, by the name that the file gives it: `j` for `join`, from `path`.
    imported: FxHashMap<Id, (Atom, Atom)>,
    /// Functions that `require` one of their parameters, with its place.
    pub wrappers: FxHashMap<Id, usize>,
    /// Those parameters, with the function, where all that it is called with is known.
    wrapped: FxHashMap<Id, Id>,
    indirect: FxHashSet<Id>,
    /// What is imported or required, by name.
    modules: FxHashSet<Atom>,
    pub unresolved: SyntaxContext,
    /// Which arms of choices the running evaluation takes, a bit for each, and how many it met.
    fork: Cell<(u8, u8)>,
}

/// More choices in one path than this are taken by their first arm.
const MAX_FORKS: u8 = 3;

impl ScopeBindings {
    pub fn collect(ast: &Ast) -> Self {
        let mut collect = Collect {
            out: Self {
                unresolved: ast.unresolved,
                ..Self::default()
            },
            set: FxHashSet::default(),
            unset: FxHashSet::default(),
            changed: FxHashSet::default(),
            params: FxHashMap::default(),
        };
        ast.program.visit_with(&mut collect);
        let Collect {
            mut out, changed, ..
        } = collect;
        out.values.retain(|id, _| !changed.contains(id));
        out.wrappers.retain(|id, _| !changed.contains(id));
        if !out.wrappers.is_empty() {
            let mut open = Open {
                bindings: &out,
                found: FxHashSet::default(),
            };
            ast.program.visit_with(&mut open);
            let open = open.found;
            out.wrapped.retain(|_, function| !open.contains(function));
        }
        out
    }

    pub fn value(&self, id: &Id) -> Option<&Expr> {
        self.values.get(id).map(|expr| &**expr)
    }

    /// Whether a name is the first of the three parameters of a function without a name, as
    /// bundlers hand `require` to modules.
    pub fn is_handed(&self, id: &Ident) -> bool {
        self.indirect.contains(&id.to_id())
    }

    /// Whether a name is the parameter by which a function of the file's own calls `require`.
    pub fn is_wrapped(&self, id: &Ident) -> bool {
        self.wrapped.contains_key(&id.to_id())
    }

    /// The module that a name was imported from.
    pub fn origin(&self, id: &Ident) -> Option<&str> {
        self.imported.get(&id.to_id()).map(|(_, module)| &**module)
    }

    /// Whether the file imports or requires a module for which `holds`.
    pub fn mentions(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.modules.iter().any(|module| holds(module))
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
            Expr::Seq(seq) => {
                let last = seq.exprs.last();
                last.is_some_and(|last| self.require_at(last, depth + 1))
            }
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
            callee => self.called(callee) == Some("createRequire"),
        };
        named
            && call.args.first().is_some_and(|arg| {
                self.path(&arg.expr)
                    .is_some_and(|pieces| pieces == [Piece::File])
            })
    }

    /// Runs an evaluation once for every way through the choices that it meets.
    fn forked(&self, evaluate: impl Fn() -> Option<Vec<Piece>>) -> Vec<Vec<Piece>> {
        let mut out = Vec::new();
        let (mut taken, mut most) = (0u8, 0u8);
        loop {
            self.fork.set((taken, 0));
            out.extend(evaluate().filter(|pieces| !out.contains(pieces)));
            most = most.max(self.fork.get().1.min(MAX_FORKS));
            taken += 1;
            if taken >= 1 << most {
                self.fork.set((0, 0));
                return out;
            }
        }
    }

    /// Whether the running evaluation takes the first arm of a choice.
    fn takes_first(&self) -> bool {
        let (taken, met) = self.fork.get();
        self.fork.set((taken, met.saturating_add(1)));
        met >= MAX_FORKS || taken >> met & 1 == 0
    }

    /// [`Self::path`] by every way through choices between constants.
    pub fn paths(&self, expr: &Expr) -> Vec<Vec<Piece>> {
        self.forked(|| self.path(expr))
    }

    /// The pieces of a path or string, adjoining texts joined; `None` where nothing is known.
    pub fn path(&self, expr: &Expr) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        self.push_path(expr, &mut out, 0);
        let known = out.iter().any(|piece| *piece != Piece::Any);
        known.then(|| merge(out))
    }

    /// The name by which what is called is known: of a method, or of what was imported.
    pub fn called<'e>(&'e self, callee: &'e Expr) -> Option<&'e str> {
        match callee {
            Expr::Paren(paren) => self.called(&paren.expr),
            // `(0, path.join)(…)`, as compilers write it.
            Expr::Seq(seq) => self.called(seq.exprs.last()?),
            Expr::Ident(id) => Some(match self.imported.get(&id.to_id()) {
                Some((name, _)) => name,
                None => &id.sym,
            }),
            Expr::Member(member) => prop_name(&member.prop),
            _ => None,
        }
    }

    /// The module that an expression is, or is the default export of: `require('x')` itself, or a
    /// variable that holds it.
    pub fn module_of<'e>(&'e self, expr: &'e Expr) -> Option<&'e str> {
        self.module_at(expr, 0)
    }

    fn module_at<'e>(&'e self, expr: &'e Expr, depth: u32) -> Option<&'e str> {
        // `var x = x`
        if depth > MAX_DEPTH {
            return None;
        }
        let depth = depth + 1;
        match expr {
            Expr::Paren(paren) => self.module_at(&paren.expr, depth),
            Expr::Seq(seq) => self.module_at(seq.exprs.last()?, depth),
            Expr::Ident(id) => match self.imported.get(&id.to_id()) {
                Some((name, module)) => (name == "default").then_some(&**module),
                None => self.module_at(self.value(&id.to_id())?, depth),
            },
            Expr::Member(member) if prop_name(&member.prop) == Some("default") => {
                self.module_at(&member.obj, depth)
            }
            Expr::Call(call) => {
                let Callee::Expr(callee) = &call.callee else {
                    return None;
                };
                if !self.is_require(callee) {
                    // `__importDefault(require('x'))`, `_interopRequireDefault(require('x'))`.
                    let helper = callee.as_ident().map_or("", |name| &name.sym);
                    let interop = ["__import", "_interop", "__toESM"];
                    return interop
                        .iter()
                        .any(|start| helper.starts_with(start))
                        .then(|| self.module_at(&call.args.first()?.expr, depth))?;
                }
                match &*call.args.first()?.expr {
                    Expr::Lit(Lit::Str(text)) => text.value.as_str(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// [`Self::paths`] of a call, without a look at calls that can give no path.
    pub fn call_paths(&self, call: &CallExpr) -> Vec<Vec<Piece>> {
        let Callee::Expr(callee) = &call.callee else {
            return Vec::new();
        };
        let gives = matches!(
            self.called(callee),
            Some("join" | "resolve" | "concat" | "fileURLToPath" | "normalize")
        );
        if !gives {
            return Vec::new();
        }
        self.forked(|| {
            let mut out = Vec::new();
            self.push_call(call, &mut out, 0);
            Some(merge(out))
        })
    }

    /// [`Self::paths`] of a `new URL(…)`.
    pub fn new_paths(&self, new: &NewExpr) -> Vec<Vec<Piece>> {
        self.forked(|| {
            let mut out = Vec::new();
            self.push_url(new, &mut out, 0);
            Some(merge(out))
        })
    }

    /// [`Self::paths`] of a template.
    pub fn template_paths(&self, tpl: &Tpl) -> Vec<Vec<Piece>> {
        let starts_empty = tpl.quasis.first().is_some_and(|quasi| quasi.raw.is_empty());
        if !starts_empty {
            return Vec::new();
        }
        self.forked(|| {
            let mut out = Vec::new();
            self.push_template(tpl, &mut out, 0);
            Some(merge(out))
        })
    }

    /// [`Self::paths`] of a sum, looked at from its first operand.
    pub fn sum_paths(&self, sum: &BinExpr) -> Vec<Vec<Piece>> {
        let mut operands = vec![&*sum.right];
        let mut left = &*sum.left;
        while let Expr::Bin(bin) = left
            && bin.op == BinaryOp::Add
        {
            operands.push(&bin.right);
            left = &bin.left;
        }
        self.forked(|| {
            let mut out = Vec::new();
            self.push_path(left, &mut out, 0);
            if !matches!(out.first(), Some(Piece::Dir | Piece::Cwd)) {
                return None;
            }
            for operand in operands.iter().rev() {
                self.push_path(operand, &mut out, 0);
            }
            Some(merge(out))
        })
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
            Expr::Cond(cond) => {
                let arm = match self.takes_first() {
                    true => &cond.cons,
                    false => &cond.alt,
                };
                self.push_path(arm, out, depth + 1);
            }
            Expr::Bin(bin)
                if matches!(bin.op, BinaryOp::LogicalOr | BinaryOp::NullishCoalescing) =>
            {
                // What stands second is the default, and most often the constant.
                let arm = match self.takes_first() {
                    true => &bin.right,
                    false => &bin.left,
                };
                self.push_path(arm, out, depth + 1);
            }
            // A path that is falsy is none.
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalAnd => {
                self.push_path(&bin.right, out, depth + 1);
            }
            Expr::Ident(id) if id.ctxt == self.unresolved && id.sym == "__dirname" => {
                out.push(Piece::Dir);
            }
            Expr::Ident(id) if id.ctxt == self.unresolved && id.sym == "__filename" => {
                out.push(Piece::File);
            }
            Expr::Ident(id) => match self.value(&id.to_id()) {
                Some(value) => self.push_path(value, out, depth + 1),
                None if self.is_separator(expr) => out.push(Piece::Text("/".into())),
                None => out.push(Piece::Any),
            },
            Expr::Member(_) if self.is_separator(expr) => out.push(Piece::Text("/".into())),
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
            Expr::Member(member) => {
                let mut set = self.set_to(member).into_iter().peekable();
                while let Some(value) = set.next() {
                    if set.peek().is_none() || self.takes_first() {
                        return self.push_path(value, out, depth + 1);
                    }
                }
                out.push(Piece::Any);
            }
            Expr::New(new) => self.push_url(new, out, depth),
            Expr::Call(call) => self.push_call(call, out, depth),
            _ => out.push(Piece::Any),
        }
    }

    /// All that a property is set to: where its object is made, and after that.
    fn set_to(&self, member: &MemberExpr) -> Vec<&Expr> {
        let (Some(object), Some(name)) = (owner(&member.obj), prop_name(&member.prop)) else {
            return Vec::new();
        };
        let made = self.value(&object).and_then(|made| property(made, name));
        let after = self.members.get(&(object, name.into()));
        made.into_iter()
            .chain(after.into_iter().flatten())
            .collect()
    }

    /// `path.sep`, or what is imported as such.
    fn is_separator(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Ident(id) => matches!(self.imported.get(&id.to_id()),
                Some((name, module)) if name == "sep" && is_path(module)),
            Expr::Member(member) => {
                prop_name(&member.prop) == Some("sep") && self.is_path_module(&member.obj)
            }
            _ => false,
        }
    }

    fn is_path_module(&self, expr: &Expr) -> bool {
        self.module_of(expr).is_some_and(is_path)
    }

    /// `new URL('./x', import.meta.url)`.
    fn push_url(&self, new: &NewExpr, out: &mut Vec<Piece>, depth: u32) {
        let args = new.args.as_deref().unwrap_or_default();
        // `new (require('url').URL)('file:' + __filename)`: this very file, as a compiler writes it.
        if let [one] = args
            && self.called(&new.callee) == Some("URL")
            && let Some([Piece::Text(scheme), Piece::File]) = self.path(&one.expr).as_deref()
            && scheme.trim_end_matches('/') == "file:"
        {
            return out.push(Piece::File);
        }
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
        let name = self.called(callee);
        if name == Some("cwd") && call.args.is_empty() {
            return out.push(Piece::Cwd);
        }
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
            Some("join") if is_array(callee) => self.push_joined(call, callee, out, depth),
            Some("join" | "resolve") if call.args.iter().all(|arg| arg.spread.is_none()) => {
                // Only a path that starts at this file is a path to us: variables that hold arrays
                // have `join` too.
                let rooted = [Piece::Dir, Piece::File, Piece::Cwd];
                let first = part(0).unwrap_or_default();
                if !first.first().is_some_and(|root| rooted.contains(root)) {
                    // `path.resolve('x')` starts where the process runs.
                    let of_path = matches!(callee.as_member(), Some(member)
                        if self.is_path_module(&member.obj));
                    if !(name == Some("resolve") && of_path && starts_relative(&first)) {
                        return out.push(Piece::Any);
                    }
                    out.extend([Piece::Cwd, Piece::Text("/".into())]);
                }
                for at in 0..call.args.len() {
                    if at > 0 {
                        out.push(Piece::Text("/".into()));
                    }
                    out.extend(if at == 0 {
                        first.clone()
                    } else {
                        part(at).unwrap_or_default()
                    });
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

    /// `[__dirname, 'x'].join('/')`.
    fn push_joined(&self, call: &CallExpr, callee: &Expr, out: &mut Vec<Piece>, depth: u32) {
        let array = callee.as_member().and_then(|member| member.obj.as_array());
        let (Some(array), Some(between)) = (array, call.args.first()) else {
            return out.push(Piece::Any);
        };
        for (at, element) in array.elems.iter().enumerate() {
            if at > 0 {
                self.push_path(&between.expr, out, depth + 1);
            }
            match element {
                Some(element) if element.spread.is_none() => {
                    self.push_path(&element.expr, out, depth + 1);
                }
                _ => out.push(Piece::Any),
            }
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
/// Whose property it is, as far as that has a name: a variable's, or that of `this`, which is held
/// to be the same one throughout the file.
fn owner(object: &Expr) -> Option<Id> {
    match object {
        Expr::Ident(id) => Some(id.to_id()),
        Expr::This(_) => Some(this()),
        _ => None,
    }
}

fn this() -> Id {
    ("this".into(), SyntaxContext::empty())
}

/// What an object literal has under a name.
fn property<'e>(object: &'e Expr, name: &str) -> Option<&'e Expr> {
    let object = object.as_object()?;
    object.props.iter().rev().find_map(|prop| {
        let pair = prop.as_prop()?.as_key_value()?;
        let found = match &pair.key {
            PropName::Ident(key) => key.sym == name,
            PropName::Str(key) => key.value.as_str() == Some(name),
            _ => false,
        };
        found.then_some(&*pair.value)
    })
}

/// Whether a method of an array that is written out is called.
fn is_array(callee: &Expr) -> bool {
    matches!(callee, Expr::Member(member) if member.obj.is_array())
}

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

fn is_path(module: &str) -> bool {
    matches!(
        module.strip_prefix("node:").unwrap_or(module),
        "path" | "path/posix"
    )
}

/// Whether a path starts with a name that is known, and is not absolute.
fn starts_relative(pieces: &[Piece]) -> bool {
    matches!(pieces.first(), Some(Piece::Text(text)) if !text.starts_with('/'))
}

struct Collect {
    out: ScopeBindings,
    /// Variables that a declaration or an assignment has given a value.
    set: FxHashSet<Id>,
    /// Variables that were declared without a value.
    unset: FxHashSet<Id>,
    changed: FxHashSet<Id>,
    /// Parameters of functions that have a name, with the function and their place in it.
    params: FxHashMap<Id, (Id, usize)>,
}

/// A longer expression is no path: most are functions, or whole modules in one call.
const LONGEST_VALUE: u32 = 4_000;

/// A property that is set more often than this is no path that is settled.
const MOST_SET: usize = 4;

/// Whether an expression can be a path, and short enough to be one.
fn may_be_path(expr: &Expr) -> bool {
    let kind = match expr {
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) | Expr::Cond(_) | Expr::New(_) => true,
        Expr::Ident(_) | Expr::Member(_) | Expr::Call(_) | Expr::Paren(_) => true,
        Expr::Bin(bin) => matches!(
            bin.op,
            BinaryOp::Add | BinaryOp::LogicalOr | BinaryOp::NullishCoalescing
        ),
        _ => false,
    };
    let span = expr.span();
    const LONGEST: u32 = 300;
    kind && span.hi.0.saturating_sub(span.lo.0) <= LONGEST
}

impl Collect {
    /// A variable that gets a value; one that gets a second is not followed.
    fn sets(&mut self, id: Id, value: &Expr) {
        if !self.set.insert(id.clone()) {
            self.changed.insert(id);
            return;
        }
        let span = value.span();
        let long = span.hi.0.saturating_sub(span.lo.0) > LONGEST_VALUE;
        if !long && !matches!(value, Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_)) {
            self.out.values.insert(id, Box::new(value.clone()));
        }
    }

    fn sets_member(&mut self, owner: Id, name: &str, value: &Expr) {
        if may_be_path(value) {
            let set = self.out.members.entry((owner, name.into())).or_default();
            if set.len() < MOST_SET {
                set.push(value.clone());
            }
        }
    }

    fn params<'p>(&mut self, function: &Ident, params: impl Iterator<Item = &'p Pat>) {
        for (at, param) in params.enumerate() {
            if let Pat::Ident(name) = param {
                self.params.insert(name.to_id(), (function.to_id(), at));
            }
        }
    }

    /// `const { a, b: c } = require('x')`.
    fn destructured(&mut self, object: &ObjectPat, module: &Atom) {
        for prop in &object.props {
            let (local, name) = match prop {
                ObjectPatProp::Assign(assign) => (assign.key.to_id(), assign.key.sym.clone()),
                ObjectPatProp::KeyValue(pair) => match (&pair.key, &*pair.value) {
                    (PropName::Ident(key), Pat::Ident(local)) => (local.to_id(), key.sym.clone()),
                    _ => continue,
                },
                ObjectPatProp::Rest(_) => continue,
            };
            self.out.imported.insert(local, (name, module.clone()));
        }
    }
}

/// `x` of `require('x')`.
fn required(expr: &Expr) -> Option<Atom> {
    let Expr::Call(call) = expr else {
        return None;
    };
    let named = call.callee.as_expr()?.as_ident()?.sym == "require";
    match &*call.args.first()?.expr {
        Expr::Lit(Lit::Str(text)) if named => Some(text.value.as_str()?.into()),
        _ => None,
    }
}

impl Visit for Collect {
    fn visit_var_declarator(&mut self, node: &VarDeclarator) {
        if let (Pat::Ident(name), Some(init)) = (&node.name, &node.init) {
            match &**init {
                Expr::Fn(function) => {
                    let params = function.function.params.iter().map(|param| &param.pat);
                    self.params(&name.id, params);
                }
                Expr::Arrow(arrow) => self.params(&name.id, arrow.params.iter()),
                _ => {}
            }
        }
        node.visit_children_with(self);
        match (&node.name, &node.init) {
            // As good as no value at all, for whoever calls it or builds a path of it.
            (Pat::Ident(name), Some(init)) if is_nothing(init) => {
                self.unset.insert(name.to_id());
            }
            (Pat::Ident(name), Some(init)) => {
                self.sets(name.to_id(), init);
            }
            (Pat::Ident(name), None) => {
                self.unset.insert(name.to_id());
            }
            (Pat::Object(object), Some(init)) => {
                if let Some(module) = required(init) {
                    self.destructured(object, &module);
                }
                let from_module = matches!(&**init, Expr::Call(call) if call
                    .args
                    .first()
                    .is_some_and(|arg| matches!(&*arg.expr, Expr::Lit(Lit::Str(text))
                        if matches!(text.value.as_str(), Some("module" | "node:module")))));
                if from_module {
                    for prop in &object.props {
                        if let crate::syntax::ast::ObjectPatProp::Assign(assign) = prop
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

    fn visit_fn_decl(&mut self, node: &FnDecl) {
        let params = node.function.params.iter().map(|param| &param.pat);
        self.params(&node.ident, params);
        node.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, node: &FnExpr) {
        if let [first, _, _] = node.function.params.as_slice()
            && let Pat::Ident(name) = &first.pat
        {
            self.out.indirect.insert(name.to_id());
        }
        node.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, node: &CallExpr) {
        if let Callee::Expr(callee) = &node.callee
            && self.out.is_global(callee, "require")
            && let Some(arg) = node.args.first()
        {
            match &*arg.expr {
                Expr::Ident(name) => {
                    if let Some((function, at)) = self.params.get(&name.to_id()) {
                        self.out.wrappers.insert(function.clone(), *at);
                        self.out.wrapped.insert(name.to_id(), function.clone());
                    }
                }
                Expr::Lit(Lit::Str(text)) => {
                    self.out.modules.extend(text.value.as_str().map(Atom::from));
                }
                _ => {}
            }
        }
        node.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, node: &ImportDecl) {
        let Some(module) = node.src.value.as_str().map(Atom::from) else {
            return;
        };
        self.out.modules.insert(module.clone());
        for specifier in &node.specifiers {
            let (local, name) = match specifier {
                ImportSpecifier::Named(named) => {
                    let name = match &named.imported {
                        Some(imported) => imported.atom().into_owned(),
                        None => named.local.sym.clone(),
                    };
                    (&named.local, name)
                }
                // A namespace is as good as the default of CommonJS here.
                ImportSpecifier::Default(one) => (&one.local, "default".into()),
                ImportSpecifier::Namespace(one) => (&one.local, "default".into()),
            };
            if name == "createRequire" && matches!(&*module, "module" | "node:module") {
                self.out.create_require.insert(local.to_id());
            }
            self.out
                .imported
                .insert(local.to_id(), (name, module.clone()));
        }
    }

    fn visit_class_prop(&mut self, node: &ClassProp) {
        if let (PropName::Ident(name), Some(value)) = (&node.key, &node.value) {
            self.sets_member(this(), &name.sym, value);
        }
        node.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, node: &AssignExpr) {
        node.visit_children_with(self);
        match &node.left {
            // `var dir; init = () => { dir = … }`, as bundlers write modules that run late.
            AssignTarget::Simple(SimpleAssignTarget::Ident(name))
                if node.op == AssignOp::Assign && self.unset.contains(&name.to_id()) =>
            {
                self.sets(name.to_id(), &node.right);
            }
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                self.changed.insert(name.to_id());
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                if let (Some(name), Some(owner)) = (prop_name(&member.prop), owner(&member.obj)) {
                    self.sets_member(owner, name, &node.right);
                }
            }
            AssignTarget::Simple(_) => {}
            AssignTarget::Pat(pat) => pat.visit_with(&mut PatternNames(&mut self.changed)),
        }
    }

    fn visit_update_expr(&mut self, node: &UpdateExpr) {
        node.visit_children_with(self);
        if let Expr::Ident(name) = &*node.arg {
            self.changed.insert(name.to_id());
        }
    }

    fn visit_for_in_stmt(&mut self, node: &crate::syntax::ast::ForInStmt) {
        node.left.visit_with(&mut PatternNames(&mut self.changed));
        node.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, node: &crate::syntax::ast::ForOfStmt) {
        node.left.visit_with(&mut PatternNames(&mut self.changed));
        node.visit_children_with(self);
    }
}

/// Wrappers around `require` that may be called by what is not known: with a computed name, or from
/// elsewhere, since they are used as a value.
struct Open<'a> {
    bindings: &'a ScopeBindings,
    found: FxHashSet<Id>,
}

impl Visit for Open<'_> {
    fn visit_call_expr(&mut self, node: &CallExpr) {
        let wrapper = node.callee.as_expr().and_then(|callee| callee.as_ident());
        let place = wrapper.and_then(|name| self.bindings.wrappers.get(&name.to_id()));
        let (Some(name), Some(place)) = (wrapper, place) else {
            node.visit_children_with(self);
            return;
        };
        let known = |expr: &Expr| {
            let all = self.bindings.paths(expr);
            !all.is_empty() && all.iter().all(|pieces| names(pieces))
        };
        let spread = node.args.iter().any(|arg| arg.spread.is_some());
        if spread || !node.args.get(*place).is_none_or(|arg| known(&arg.expr)) {
            self.found.insert(name.to_id());
        }
        node.args.visit_with(self);
    }

    fn visit_fn_decl(&mut self, node: &FnDecl) {
        node.function.visit_with(self);
    }

    fn visit_binding_ident(&mut self, _: &BindingIdent) {}

    fn visit_export_decl(&mut self, node: &ExportDecl) {
        match &node.decl {
            Decl::Fn(function) => {
                self.found.insert(function.ident.to_id());
            }
            Decl::Var(vars) => {
                for one in &vars.decls {
                    one.name.visit_with(&mut PatternNames(&mut self.found));
                }
            }
            _ => {}
        }
        node.visit_children_with(self);
    }

    fn visit_ident(&mut self, node: &Ident) {
        self.found.insert(node.to_id());
    }
}

/// Whether a specifier is known, or starts with a folder that is.
fn names(pieces: &[Piece]) -> bool {
    match pieces {
        [Piece::Text(_)] | [Piece::Dir, ..] => true,
        [Piece::Text(prefix), ..] => has_folder(prefix),
        _ => false,
    }
}

/// Whether a constant prefix names a folder, so that what follows is a file in it.
pub(super) fn has_folder(prefix: &str) -> bool {
    let relative = prefix.starts_with("./") || prefix.starts_with("../");
    let slashes = prefix.matches('/').count();
    relative || slashes > usize::from(prefix.starts_with('@'))
}

/// `null`, `undefined`, `void 0`.
fn is_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Null(_)) => true,
        Expr::Ident(name) => name.sym == "undefined",
        Expr::Unary(unary) => unary.op == UnaryOp::Void && unary.arg.is_lit(),
        _ => false,
    }
}

/// Every name in a pattern.
struct PatternNames<'a>(&'a mut FxHashSet<Id>);

impl Visit for PatternNames<'_> {
    fn visit_ident(&mut self, node: &crate::syntax::ast::Ident) {
        self.0.insert(node.to_id());
    }
}
