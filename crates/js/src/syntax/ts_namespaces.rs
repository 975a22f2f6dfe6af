//! Namespaces that are written in several blocks, or onto a function or a class.
//!
//! In: a TypeScript file, before and after its types are stripped. Out: the same file, in which a
//! block reads what another block of its namespace exports as `tsc` has it, as a property (swc
//! looks at each block alone), and in which the parameter that stands for the namespace is another
//! variable than the function or class around it (swc gives both one id, and what inlines the
//! parameter would declare the function twice).

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::fresh_context::fresh_context;

/// Before types are stripped.
pub(super) fn join(program: &mut Program, unresolved: SyntaxContext) {
    let mut found = Exports::default();
    program.visit_with(&mut found);
    if found.named.values().any(|blocks| blocks.blocks > 1) {
        program.visit_mut_with(&mut Join {
            unresolved,
            named: found.named,
            around: Vec::new(),
        });
    }
}

/// After types are stripped.
pub(super) fn part(program: &mut Program) {
    let mut found = Declared::default();
    program.visit_with(&mut found);
    if found.merged {
        program.visit_mut_with(&mut Part { ids: found.ids });
    }
}

/// A namespace, by the way to it: its blocks may stand in several blocks of the one around it.
type Key = Vec<Id>;

#[derive(Default)]
struct Blocks {
    blocks: usize,
    exports: FxHashSet<swc_core::atoms::Atom>,
}

#[derive(Default)]
struct Exports {
    around: Key,
    named: FxHashMap<Key, Blocks>,
}

/// Nested namespaces have a context in each block: only the outermost is known by it.
fn step(around: &Key, id: &Ident) -> Id {
    let ctxt = if around.is_empty() {
        id.ctxt
    } else {
        SyntaxContext::empty()
    };
    (id.sym.clone(), ctxt)
}

impl Exports {
    fn inside(&mut self, id: &Ident, work: impl FnOnce(&mut Self)) {
        let step = step(&self.around, id);
        self.around.push(step);
        self.named.entry(self.around.clone()).or_default().blocks += 1;
        work(self);
        self.around.pop();
    }

    fn export(&mut self, names: impl IntoIterator<Item = Ident>) {
        if let Some(own) = self.named.get_mut(&self.around) {
            own.exports.extend(names.into_iter().map(|name| name.sym));
        }
    }
}

impl Visit for Exports {
    fn visit_ts_module_decl(&mut self, node: &TsModuleDecl) {
        if let (TsModuleName::Ident(id), false) = (&node.id, node.declare) {
            self.inside(id, |this| node.body.visit_with(this));
        }
    }

    fn visit_ts_namespace_decl(&mut self, node: &TsNamespaceDecl) {
        self.export([node.id.clone()]);
        self.inside(&node.id, |this| node.body.visit_with(this));
    }

    fn visit_export_decl(&mut self, node: &ExportDecl) {
        match &node.decl {
            Decl::Fn(function) => self.export([function.ident.clone()]),
            Decl::Class(class) => self.export([class.ident.clone()]),
            Decl::Var(var) => self.export(find_pat_ids::<_, Ident>(var)),
            Decl::TsEnum(node) => self.export([node.id.clone()]),
            Decl::TsModule(node) => {
                if let TsModuleName::Ident(id) = &node.id {
                    self.export([id.clone()]);
                }
            }
            _ => {}
        }
        node.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, node: &TsImportEqualsDecl) {
        if node.is_export && !node.is_type_only {
            self.export([node.id.clone()]);
        }
    }
}

struct Join {
    unresolved: SyntaxContext,
    named: FxHashMap<Key, Blocks>,
    /// The namespaces around, each as its block knows it.
    around: Vec<(Key, Ident)>,
}

impl Join {
    fn inside(&mut self, id: &Ident, work: impl FnOnce(&mut Self)) {
        let mut key = self
            .around
            .last()
            .map_or_else(Vec::new, |(key, _)| key.clone());
        let step = step(&key, id);
        key.push(step);
        self.around.push((key, id.clone()));
        work(self);
        self.around.pop();
    }

    /// A name that another block exports, as a property of the namespace.
    fn member(&self, name: &Ident) -> Option<MemberExpr> {
        if name.ctxt != self.unresolved {
            return None;
        }
        let (_, namespace) = self.around.iter().rev().find(|(key, _)| {
            self.named
                .get(key)
                .is_some_and(|own| own.blocks > 1 && own.exports.contains(&name.sym))
        })?;
        Some(MemberExpr {
            span: name.span,
            obj: Box::new(Expr::Ident(Ident::new(
                namespace.sym.clone(),
                DUMMY_SP,
                namespace.ctxt,
            ))),
            prop: MemberProp::Ident(IdentName::new(name.sym.clone(), name.span)),
        })
    }
}

impl VisitMut for Join {
    fn visit_mut_ts_module_decl(&mut self, node: &mut TsModuleDecl) {
        if let (TsModuleName::Ident(id), false) = (&node.id, node.declare) {
            let id = id.clone();
            self.inside(&id, |this| node.body.visit_mut_with(this));
        }
    }

    fn visit_mut_ts_namespace_decl(&mut self, node: &mut TsNamespaceDecl) {
        let id = node.id.clone();
        self.inside(&id, |this| node.body.visit_mut_with(this));
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Ident(name) = expr
            && let Some(member) = self.member(name)
        {
            *expr = Expr::Member(member);
        }
    }

    fn visit_mut_ts_import_equals_decl(&mut self, node: &mut TsImportEqualsDecl) {
        let TsModuleRef::TsEntityName(name) = &mut node.module_ref else {
            return;
        };
        let mut first = name;
        while let TsEntityName::TsQualifiedName(qualified) = first {
            first = &mut qualified.left;
        }
        if let TsEntityName::Ident(ident) = first
            && let Some(MemberExpr { obj, prop, span }) = self.member(ident)
            && let (Expr::Ident(namespace), MemberProp::Ident(right)) = (*obj, prop)
        {
            *first = TsEntityName::TsQualifiedName(Box::new(TsQualifiedName {
                span,
                left: TsEntityName::Ident(namespace),
                right,
            }));
        }
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        target.visit_mut_children_with(self);
        if let SimpleAssignTarget::Ident(name) = target
            && let Some(member) = self.member(name)
        {
            *target = SimpleAssignTarget::Member(member);
        }
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        prop.visit_mut_children_with(self);
        if let Prop::Shorthand(name) = prop
            && let Some(member) = self.member(name)
        {
            *prop = Prop::KeyValue(KeyValueProp {
                key: PropName::Ident(IdentName::new(name.sym.clone(), name.span)),
                value: Box::new(Expr::Member(member)),
            });
        }
    }
}

#[derive(Default)]
struct Declared {
    ids: FxHashSet<Id>,
    /// Something is called with a parameter of one of their ids.
    merged: bool,
}

impl Visit for Declared {
    fn visit_fn_decl(&mut self, node: &FnDecl) {
        self.ids.insert(node.ident.to_id());
        node.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, node: &ClassDecl) {
        self.ids.insert(node.ident.to_id());
        node.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, node: &CallExpr) {
        self.merged |= parameter(node).is_some_and(|id| self.ids.contains(&id));
        node.visit_children_with(self);
    }
}

/// The one parameter of a function that is called where it stands.
fn parameter(call: &CallExpr) -> Option<Id> {
    let Callee::Expr(callee) = &call.callee else {
        return None;
    };
    let mut callee = &**callee;
    while let Expr::Paren(paren) = callee {
        callee = &paren.expr;
    }
    match callee {
        Expr::Fn(function) => match function.function.params.as_slice() {
            [param] => param.pat.as_ident().map(|name| name.to_id()),
            _ => None,
        },
        _ => None,
    }
}

struct Part {
    ids: FxHashSet<Id>,
}

impl VisitMut for Part {
    fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
        node.visit_mut_children_with(self);
        if let Some(id) = parameter(node)
            && self.ids.contains(&id)
        {
            let to = fresh_context();
            node.callee.visit_mut_with(&mut Move { id, to });
        }
    }
}

struct Move {
    id: Id,
    to: SyntaxContext,
}

impl VisitMut for Move {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.ctxt == self.id.1 && name.sym == self.id.0 {
            name.ctxt = self.to;
        }
    }
}
