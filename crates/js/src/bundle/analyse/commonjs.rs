//! What CommonJS statements say about exports.
//!
//! In: top-level statements. Out: which of them set, define or re-export which names, and which
//! variables hold another module's exports. The shapes are those that people write and those that
//! TypeScript, Babel, swc and esbuild print. What fits no shape is a use of the whole object.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::load::fold::static_name;
use crate::bundle::part::{
    CjsExports, EsModuleMark, Export, ExportRole, FreeNames, ImportRecordId, Interop,
    ModuleAnalysis, Mutation, Part, PartId, RequireBinding, records_at,
};
use crate::syntax::ast::*;
use crate::syntax::{Atom, SyntaxContext, Visit, VisitWith};
use oxc_index::IndexSlice;

impl CjsExports {
    pub fn note(&mut self, part: PartId, mutations: &[Mutation], role: &ExportRole) {
        for mutation in mutations {
            match mutation {
                Mutation::Own(name) => self.defs.entry(name.clone()).or_default().push(part),
                Mutation::Whole => {
                    self.whole.push(part);
                    if !matches!(role, ExportRole::Object(_)) {
                        self.opaque = true;
                    }
                }
                Mutation::Id(_) => {}
            }
        }
        match role {
            ExportRole::Star(record) => self.stars.push((part, *record)),
            ExportRole::Flag { renamed } => self.flags.push((part, *renamed)),
            ExportRole::Object(keys) => {
                for name in keys.keys() {
                    self.defs.entry(name.clone()).or_default().push(part);
                }
            }
            ExportRole::Plain | ExportRole::Assign(_) => {}
        }
    }

    /// Whether the exports are marked in the end: an object that replaces another is not.
    fn mark(&self, free_names: FreeNames) -> EsModuleMark {
        let replaced = self.whole.iter().max();
        let counts = |(part, _): &&(PartId, bool)| replaced.is_none_or(|last| part > last);
        let renamed = self.flags.iter().any(|(_, renamed)| *renamed);
        if self.flags.iter().any(|flag| counts(&flag)) {
            return match free_names.replaces_exports {
                true => EsModuleMark::Maybe,
                false => EsModuleMark::Yes,
            };
        }
        let elsewhere = !self.flags.is_empty() && (renamed || free_names.replaces_exports);
        match elsewhere || self.defs.contains_key(&Atom::from("__esModule")) {
            true => EsModuleMark::Maybe,
            false => EsModuleMark::No,
        }
    }

    pub fn finish(
        &mut self,
        parts: &IndexSlice<PartId, [Part]>,
        reassigned: &FxHashSet<Id>,
        free_names: FreeNames,
    ) {
        self.es_module = self.mark(free_names);
        self.foreign = self.whole.iter().any(|at| {
            let part = &parts[*at];
            let made = assigned_value(&part.stmt).is_some_and(|value| match value {
                Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => true,
                Expr::Ident(name) => {
                    let id = name.to_id();
                    !reassigned.contains(&id)
                        && parts.iter().any(|part| match &part.stmt {
                            Stmt::Decl(Decl::Fn(function)) => function.ident.to_id() == id,
                            Stmt::Decl(Decl::Class(class)) => class.ident.to_id() == id,
                            _ => false,
                        })
                }
                _ => false,
            });
            !made && !matches!(part.role, ExportRole::Object(_))
        });
        for part in parts {
            let Some(value) = assigned_value(&part.stmt) else {
                continue;
            };
            if let ExportRole::Assign(names) = &part.role
                && reads_this(value, parts)
            {
                self.this_names.extend(names.iter().cloned());
            }
        }
        for part in parts {
            if let (ExportRole::Object(_), Some(object)) = (&part.role, object_of(&part.stmt)) {
                for prop in &object.props {
                    if let PropOrSpread::Prop(prop) = prop
                        && let Some(name) = prop_key(prop)
                        && prop_reads_this(prop, parts)
                    {
                        self.this_names.insert(name);
                    }
                }
            }
        }
    }
}

fn prop_reads_this(prop: &Prop, parts: &IndexSlice<PartId, [Part]>) -> bool {
    match prop {
        Prop::KeyValue(pair) => reads_this(&pair.value, parts),
        Prop::Method(method) => has_this(&*method.function),
        Prop::Shorthand(name) => function_reads_this(&name.to_id(), parts),
        Prop::Getter(_) | Prop::Setter(_) => true,
        Prop::Assign(_) => false,
    }
}

fn reads_this(value: &Expr, parts: &IndexSlice<PartId, [Part]>) -> bool {
    match value {
        Expr::Fn(function) => has_this(&*function.function),
        Expr::Ident(name) => function_reads_this(&name.to_id(), parts),
        _ => false,
    }
}

fn function_reads_this(id: &Id, parts: &IndexSlice<PartId, [Part]>) -> bool {
    parts.iter().any(|part| match &part.stmt {
        Stmt::Decl(Decl::Fn(function)) if function.ident.to_id() == *id => {
            has_this(&*function.function)
        }
        Stmt::Decl(Decl::Var(var)) => var.decls.iter().any(|decl| {
            matches!(&decl.name, Pat::Ident(name) if name.to_id() == *id)
                && matches!(decl.init.as_deref(), Some(Expr::Fn(f)) if has_this(&*f.function))
        }),
        _ => false,
    })
}

pub fn has_this<N: VisitWith<FindThis>>(node: &N) -> bool {
    let mut finder = FindThis::default();
    node.visit_children_with(&mut finder);
    finder.count > 0
}

/// Counts the `this` of what is visited, and of the arrows in it.
#[derive(Default)]
pub struct FindThis {
    pub count: usize,
}

impl Visit for FindThis {
    fn visit_this_expr(&mut self, _: &ThisExpr) {
        self.count += 1;
    }
    fn visit_function(&mut self, _: &Function) {}
    fn visit_class(&mut self, _: &Class) {}
}

/// What a statement does with exports.
pub enum CjsExportPattern<'a> {
    Assign {
        names: Vec<Atom>,
        value: &'a Expr,
    },
    Define {
        name: Atom,
        descriptor: &'a Expr,
    },
    Whole {
        value: &'a Expr,
    },
    /// `module.exports = X`, where `X` is known to be the exports object.
    Same,
    /// An object literal whose keys are exports; it also replaces `module.exports` or not.
    Object {
        object: &'a ObjectLit,
        whole: bool,
    },
    Star {
        record: ImportRecordId,
        call: &'a CallExpr,
    },
    Flag {
        renamed: bool,
    },
}

impl CjsExportPattern<'_> {
    pub fn mutations(&self) -> Vec<Mutation> {
        match self {
            Self::Assign { names, .. } => names.iter().cloned().map(Mutation::Own).collect(),
            Self::Define { name, .. } => vec![Mutation::Own(name.clone())],
            Self::Whole { .. } | Self::Same => vec![Mutation::Whole],
            Self::Object { whole: true, .. } => vec![Mutation::Whole],
            Self::Object { .. } | Self::Star { .. } | Self::Flag { .. } => Vec::new(),
        }
    }
}

/// Reads the forms of `exports` in one file.
pub struct CjsScope<'a> {
    pub unresolved: SyntaxContext,
    pub aliases: &'a FxHashSet<Id>,
    pub esm: bool,
}

impl CjsScope<'_> {
    fn is_free(&self, expr: &Expr, name: &str) -> bool {
        matches!(expr, Expr::Ident(ident) if ident.sym == name && ident.ctxt == self.unresolved)
    }

    /// `module.exports`.
    pub fn is_module_exports(&self, expr: &Expr) -> bool {
        !self.esm
            && matches!(expr, Expr::Member(member)
                if self.is_free(&member.obj, "module")
                    && static_name(&member.prop).is_some_and(|name| name == "exports"))
    }

    /// An expression that is the exports object; `this` only where nothing binds it anew.
    pub fn is_exports(&self, expr: &Expr) -> bool {
        if self.esm {
            return false;
        }
        match expr {
            Expr::Ident(ident) => {
                (ident.sym == "exports" && ident.ctxt == self.unresolved)
                    || self.aliases.contains(&ident.to_id())
            }
            Expr::Paren(paren) => self.is_exports(&paren.expr),
            _ => self.is_module_exports(expr),
        }
    }

    /// The exports object by a variable of the module's own.
    fn is_renamed(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Ident(name) if self.aliases.contains(&name.to_id()))
    }

    /// `exports.name`, read or set.
    pub fn own_name(&self, member: &MemberExpr) -> Option<Atom> {
        if self.is_exports(&member.obj) {
            static_name(&member.prop)
        } else {
            None
        }
    }
}

fn target_member(target: &AssignTarget) -> Option<&MemberExpr> {
    match target {
        AssignTarget::Simple(SimpleAssignTarget::Member(member)) => Some(member),
        _ => None,
    }
}

/// The helpers that give a module's exports as ES modules see them.
fn interop_of(callee: &Expr) -> Option<Interop> {
    let name = match callee {
        Expr::Ident(name) => name.sym.clone(),
        Expr::Member(member) => {
            let name = static_name(&member.prop)?;
            match &*member.obj {
                // swc: `_interop_require_default._(require("x"))`.
                Expr::Ident(object) if name == "_" => object.sym.clone(),
                _ => name,
            }
        }
        Expr::Paren(paren) => return interop_of(&paren.expr),
        Expr::Seq(seq) => return interop_of(seq.exprs.last()?),
        _ => return None,
    };
    match name.trim_start_matches('_') {
        "importDefault" | "interopRequireDefault" | "interop_require_default" => {
            Some(Interop::Default)
        }
        "importStar" | "interopRequireWildcard" | "interop_require_wildcard" | "toESM" => {
            Some(Interop::Star)
        }
        _ => None,
    }
}

/// The record and helper of `require("x")` or `helper(require("x"))`.
pub fn required_module(expr: &Expr, analysis: &ModuleAnalysis) -> Option<RequireBinding> {
    match expr {
        Expr::Paren(paren) => required_module(&paren.expr, analysis),
        Expr::Call(call) => {
            if let Callee::Expr(callee) = &call.callee {
                if let Some([record]) = records_at(&analysis.imports.calls, call) {
                    return Some(RequireBinding {
                        record: *record,
                        by: Interop::Plain,
                    });
                }
                let by = interop_of(callee)?;
                let first = call.args.first()?;
                let inner = required_module(&first.expr, analysis)?;
                return (inner.by == Interop::Plain).then_some(RequireBinding {
                    record: inner.record,
                    by,
                });
            }
            None
        }
        _ => None,
    }
}

/// Variables that hold what a `require` gave. What the module exports is read by others, of whom
/// nothing is known here.
pub fn require_bindings(
    stmts: &[Stmt],
    analysis: &ModuleAnalysis,
) -> FxHashMap<Id, RequireBinding> {
    let mut out = FxHashMap::default();
    for stmt in stmts {
        let Stmt::Decl(Decl::Var(var)) = stmt else {
            continue;
        };
        let [decl] = var.decls.as_slice() else {
            continue;
        };
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init)
            && let Some(found) = required_module(init, analysis)
        {
            let id = name.to_id();
            let once = analysis
                .names
                .declared_by
                .get(&id)
                .is_some_and(|by| by.len() == 1);
            let mut exports = analysis.exports.names.values();
            let exported =
                exports.any(|export| matches!(export, Export::Local(local) if *local == id));
            if once && !exported && !analysis.names.reassigned.contains(&id) {
                out.insert(id, found);
            }
        }
    }
    out
}

/// Variables that are the exports object under another name: `var x = module.exports = {}`,
/// `const x = {…}; module.exports = x`, and esbuild's `module.exports = __toCommonJS(x)`.
pub fn aliases(
    stmts: &[Stmt],
    analysis: &ModuleAnalysis,
    unresolved: SyntaxContext,
    esm: bool,
) -> FxHashSet<Id> {
    let mut out = FxHashSet::default();
    if esm {
        return out;
    }
    let none = FxHashSet::default();
    let names = CjsScope {
        unresolved,
        aliases: &none,
        esm,
    };
    let mut wholes = 0;
    let mut named: Vec<Id> = Vec::new();
    for stmt in stmts {
        if let Some((_, value)) = whole_assignment(stmt, &names) {
            wholes += 1;
            if let Some(id) = exported_variable(value) {
                named.push(id);
            }
        }
        if let Stmt::Decl(Decl::Var(var)) = stmt
            && let [decl] = var.decls.as_slice()
            && let (Pat::Ident(name), Some(init)) = (&decl.name, decl.init.as_deref())
            && !analysis.names.reassigned.contains(&name.to_id())
        {
            let same = match init {
                Expr::Ident(_) | Expr::Member(_) => names.is_exports(init),
                Expr::Assign(_) => assigned_object(init, &names).is_some(),
                _ => false,
            };
            if same {
                out.insert(name.to_id());
            }
        }
    }
    for id in named {
        let literal = stmts.iter().any(|stmt| match stmt {
            Stmt::Decl(Decl::Var(var)) => var.decls.iter().any(|decl| {
                matches!(&decl.name, Pat::Ident(name) if name.to_id() == id)
                    && matches!(decl.init.as_deref(), Some(Expr::Object(object)) if is_plain(object))
            }),
            _ => false,
        });
        let once = analysis
            .names
            .declared_by
            .get(&id)
            .is_some_and(|by| by.len() == 1);
        if wholes == 1 && literal && once && !analysis.names.reassigned.contains(&id) {
            out.insert(id);
        }
    }
    out
}

/// `module.exports = { … }`, however many names it is chained to.
fn assigned_object<'a>(expr: &'a Expr, names: &CjsScope<'_>) -> Option<&'a ObjectLit> {
    let Expr::Assign(assign) = expr else {
        return None;
    };
    if assign.op != AssignOp::Assign || !is_whole_target(&assign.left, names) {
        return None;
    }
    match &*assign.right {
        Expr::Object(object) if is_plain(object) => Some(object),
        inner @ Expr::Assign(_) => assigned_object(inner, names),
        _ => None,
    }
}

/// `X` or `__toCommonJS(X)`.
fn exported_variable(value: &Expr) -> Option<Id> {
    match value {
        Expr::Ident(name) => Some(name.to_id()),
        Expr::Call(call) => match (&call.callee, call.args.as_slice()) {
            (Callee::Expr(callee), [arg]) => match (&**callee, &*arg.expr) {
                (Expr::Ident(helper), Expr::Ident(name))
                    if helper.sym.trim_start_matches('_') == "toCommonJS" =>
                {
                    Some(name.to_id())
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn is_whole_target(target: &AssignTarget, names: &CjsScope<'_>) -> bool {
    match target {
        AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
            names.is_module_exports(&Expr::Member(member.clone()))
        }
        AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
            !names.esm && name.id.sym == "exports" && name.id.ctxt == names.unresolved
        }
        _ => false,
    }
}

/// `module.exports = value`, with `exports =` before or after; whether `module.exports` is among
/// the targets.
fn whole_assignment<'a>(stmt: &'a Stmt, names: &CjsScope<'_>) -> Option<(bool, &'a Expr)> {
    let expr = match stmt {
        Stmt::Expr(stmt) => &*stmt.expr,
        Stmt::Decl(Decl::Var(var)) => var.decls.first()?.init.as_deref()?,
        _ => return None,
    };
    let mut at = expr;
    let (mut any, mut module) = (false, false);
    while let Expr::Assign(assign) = at {
        if assign.op != AssignOp::Assign || !is_whole_target(&assign.left, names) {
            break;
        }
        any = true;
        module |= target_member(&assign.left).is_some();
        at = &assign.right;
    }
    (any && module).then_some((module, at))
}

/// Whether an object literal has only keys that are written out.
fn is_plain(object: &ObjectLit) -> bool {
    object.props.iter().all(|prop| match prop {
        PropOrSpread::Prop(prop) => prop_key(prop).is_some_and(|name| name != "__proto__"),
        PropOrSpread::Spread(_) => false,
    })
}

/// The key of an object literal's property, where it is written out.
pub fn prop_key(prop: &Prop) -> Option<Atom> {
    let name = match prop {
        Prop::Shorthand(name) => return Some(name.sym.clone()),
        Prop::KeyValue(pair) => &pair.key,
        Prop::Getter(getter) => &getter.key,
        Prop::Setter(setter) => &setter.key,
        Prop::Method(method) => &method.key,
        Prop::Assign(_) => return None,
    };
    match name {
        PropName::Ident(name) => Some(name.sym.clone()),
        PropName::Str(text) => Some(text.value.as_str()?.into()),
        PropName::Num(number) => Some(number.value.to_string().into()),
        PropName::Computed(_) | PropName::BigInt(_) => None,
    }
}

/// The object literal whose keys are exports, in a statement of role [`ExportRole::Object`].
pub fn object_of(stmt: &Stmt) -> Option<&ObjectLit> {
    fn find(expr: &Expr) -> Option<&ObjectLit> {
        match expr {
            Expr::Object(object) => Some(object),
            Expr::Assign(assign) => find(&assign.right),
            Expr::Call(call) => call.args.get(1).and_then(|arg| find(&arg.expr)),
            _ => None,
        }
    }
    match stmt {
        Stmt::Expr(stmt) => find(&stmt.expr),
        Stmt::Decl(Decl::Var(var)) => find(var.decls.first()?.init.as_deref()?),
        _ => None,
    }
}

/// As [`object_of`], to change it.
pub fn object_of_mut(stmt: &mut Stmt) -> Option<&mut ObjectLit> {
    fn find(expr: &mut Expr) -> Option<&mut ObjectLit> {
        match expr {
            Expr::Object(object) => Some(object),
            Expr::Assign(assign) => find(&mut assign.right),
            Expr::Call(call) => call.args.get_mut(1).and_then(|arg| find(&mut arg.expr)),
            _ => None,
        }
    }
    match stmt {
        Stmt::Expr(stmt) => find(&mut stmt.expr),
        Stmt::Decl(Decl::Var(var)) => find(var.decls.first_mut()?.init.as_deref_mut()?),
        _ => None,
    }
}

/// The value at the end of a chain of assignments.
fn assigned_value(stmt: &Stmt) -> Option<&Expr> {
    let mut at = match stmt {
        Stmt::Expr(stmt) => &*stmt.expr,
        Stmt::Decl(Decl::Var(var)) => var.decls.first()?.init.as_deref()?,
        _ => return None,
    };
    while let Expr::Assign(assign) = at {
        at = &assign.right;
    }
    Some(at)
}

/// What `stmt` does with exports, where it has one of the known shapes.
pub fn export_pattern<'a>(
    stmt: &'a Stmt,
    analysis: &ModuleAnalysis,
    names: &CjsScope<'_>,
) -> Option<CjsExportPattern<'a>> {
    if names.esm {
        return None;
    }
    if let Some((_, value)) = whole_assignment(stmt, names) {
        return Some(match value {
            Expr::Object(object) if is_plain(object) => CjsExportPattern::Object {
                object,
                whole: true,
            },
            value if exported_variable(value).is_some_and(|id| names.aliases.contains(&id)) => {
                CjsExportPattern::Same
            }
            value => CjsExportPattern::Whole { value },
        });
    }
    let expr = match stmt {
        Stmt::Expr(stmt) => &*stmt.expr,
        Stmt::Decl(Decl::Var(var)) => {
            let [decl] = var.decls.as_slice() else {
                return None;
            };
            if let (Pat::Ident(name), Some(Expr::Object(object))) =
                (&decl.name, decl.init.as_deref())
                && names.aliases.contains(&name.to_id())
            {
                return Some(CjsExportPattern::Object {
                    object,
                    whole: false,
                });
            }
            decl.init.as_deref()?
        }
        _ => return None,
    };
    if let Some((found, value)) = named_assignment(expr, names) {
        if found.iter().all(|name| name == "__esModule") && is_true(value) {
            return Some(CjsExportPattern::Flag {
                renamed: flags_renamed(expr, names),
            });
        }
        return Some(CjsExportPattern::Assign {
            names: found,
            value,
        });
    }
    if !matches!(stmt, Stmt::Expr(_)) {
        return None;
    }
    call_pattern(expr, analysis, names)
}

fn named_assignment<'a>(expr: &'a Expr, names: &CjsScope<'_>) -> Option<(Vec<Atom>, &'a Expr)> {
    let (mut found, mut at) = (Vec::new(), expr);
    while let Expr::Assign(assign) = at {
        if assign.op != AssignOp::Assign {
            return None;
        }
        let Some(name) = target_member(&assign.left).and_then(|member| names.own_name(member))
        else {
            break;
        };
        found.push(name);
        at = &assign.right;
    }
    (!found.is_empty()).then_some((found, at))
}

/// `true`, `!0` or `1`.
fn is_true(value: &Expr) -> bool {
    match value {
        Expr::Lit(Lit::Bool(value)) => value.value,
        Expr::Lit(Lit::Num(number)) => number.value != 0.0,
        Expr::Unary(unary) => {
            unary.op == UnaryOp::Bang
                && matches!(&*unary.arg, Expr::Lit(Lit::Num(number)) if number.value == 0.0)
        }
        Expr::Paren(paren) => is_true(&paren.expr),
        _ => false,
    }
}

/// A descriptor whose value is true.
fn describes_true(descriptor: &Expr) -> bool {
    let Expr::Object(object) = descriptor else {
        return false;
    };
    object.props.iter().any(|prop| match prop {
        PropOrSpread::Prop(prop) => match &**prop {
            Prop::KeyValue(pair) => {
                prop_key(prop).is_some_and(|name| name == "value") && is_true(&pair.value)
            }
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    })
}

fn flags_renamed(expr: &Expr, names: &CjsScope<'_>) -> bool {
    match expr {
        Expr::Assign(assign) => {
            target_member(&assign.left).is_some_and(|member| names.is_renamed(&member.obj))
                || flags_renamed(&assign.right, names)
        }
        _ => false,
    }
}

fn call_pattern<'a>(
    expr: &'a Expr,
    analysis: &ModuleAnalysis,
    names: &CjsScope<'_>,
) -> Option<CjsExportPattern<'a>> {
    let Expr::Call(call) = expr else {
        return None;
    };
    let Callee::Expr(callee) = &call.callee else {
        return None;
    };
    let helper = helper_name(callee)?;
    match (helper.trim_start_matches('_'), call.args.as_slice()) {
        ("defineProperty", [target, key, descriptor]) if names.is_exports(&target.expr) => {
            let Expr::Lit(Lit::Str(name)) = &*key.expr else {
                return None;
            };
            let name: Atom = name.value.as_str()?.into();
            if name == "__esModule" && describes_true(&descriptor.expr) {
                return Some(CjsExportPattern::Flag {
                    renamed: names.is_renamed(&target.expr),
                });
            }
            Some(CjsExportPattern::Define {
                name,
                descriptor: &descriptor.expr,
            })
        }
        ("export", [target, object]) if names.is_exports(&target.expr) => match &*object.expr {
            Expr::Object(object) if is_plain(object) => Some(CjsExportPattern::Object {
                object,
                whole: false,
            }),
            _ => None,
        },
        ("exportStar" | "export_star", [source, target]) if names.is_exports(&target.expr) => {
            star(&source.expr, call, analysis)
        }
        // TypeScript before 3.9: the helper closes over `exports`.
        ("export", [source]) => star(&source.expr, call, analysis),
        // esbuild: `__reExport(x, require("y"), module.exports)`.
        ("reExport", [target, source, ..]) if names.is_exports(&target.expr) => {
            star(&source.expr, call, analysis)
        }
        _ => None,
    }
}

fn star<'a>(
    source: &Expr,
    call: &'a CallExpr,
    analysis: &ModuleAnalysis,
) -> Option<CjsExportPattern<'a>> {
    let found = required_module(source, analysis)?;
    Some(CjsExportPattern::Star {
        record: found.record,
        call,
    })
}

fn helper_name(callee: &Expr) -> Option<Atom> {
    match callee {
        Expr::Ident(name) => Some(name.sym.clone()),
        Expr::Member(member) => static_name(&member.prop),
        Expr::Paren(paren) => helper_name(&paren.expr),
        Expr::Seq(seq) => helper_name(seq.exprs.last()?),
        _ => None,
    }
}
