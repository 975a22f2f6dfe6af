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
use crate::syntax::statements::with_target;

/// Before types are stripped.
pub(super) fn join(program: &mut Program) {
    let mut found = Exports::default();
    program.visit_with(&mut found);
    if found.has_aliases || found.named.values().any(|blocks| blocks.blocks > 1) {
        program.visit_mut_with(&mut Join {
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
    /// A namespace has an `import Alias = Name`.
    has_aliases: bool,
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
        self.has_aliases |= !self.around.is_empty();
        if node.is_export && !node.is_type_only {
            self.export([node.id.clone()]);
        }
    }
}

/// A block of a namespace that the work is in.
struct Block {
    key: Key,
    /// The namespace, as the block knows it.
    namespace: Ident,
    /// What is bound in the block, in whatever scope.
    bound: FxHashSet<Id>,
    /// Of these, what it exports itself.
    exported: FxHashSet<Id>,
}

struct Join {
    named: FxHashMap<Key, Blocks>,
    around: Vec<Block>,
}

impl Join {
    fn inside(&mut self, id: &Ident, body: &mut impl NamespaceBody) {
        let mut key = self
            .around
            .last()
            .map_or_else(Vec::new, |block| block.key.clone());
        let step = step(&key, id);
        key.push(step);
        let mut names = Bound::default();
        body.visit_with(&mut names);
        self.around.push(Block {
            key,
            namespace: id.clone(),
            bound: names.bound,
            exported: names.exported,
        });
        body.visit_mut_with(self);
        self.around.pop();
    }

    /// A name that another block exports, as a property of the namespace.
    fn member(&self, name: &Ident) -> Option<MemberExpr> {
        let id = name.to_id();
        for block in self.around.iter().rev() {
            if block.bound.contains(&id) {
                return None;
            }
            let exports = self
                .named
                .get(&block.key)
                .is_some_and(|own| own.blocks > 1 && own.exports.contains(&name.sym));
            if exports {
                return Some(Self::of(block, name));
            }
        }
        None
    }

    fn of(block: &Block, name: &Ident) -> MemberExpr {
        let namespace = &block.namespace;
        MemberExpr {
            span: name.span,
            obj: Box::new(Expr::Ident(Ident::new(
                namespace.sym.clone(),
                DUMMY_SP,
                namespace.ctxt,
            ))),
            prop: MemberProp::Ident(IdentName::new(name.sym.clone(), name.span)),
        }
    }

    /// The same of a type or an alias, whose names are written otherwise.
    fn qualify(first: &mut TsEntityName, member: MemberExpr) {
        if let (Expr::Ident(namespace), MemberProp::Ident(right)) = (*member.obj, member.prop) {
            *first = TsEntityName::TsQualifiedName(Box::new(TsQualifiedName {
                span: member.span,
                left: TsEntityName::Ident(namespace),
                right,
            }));
        }
    }

    /// The targets of an assignment by a pattern.
    fn targets(&mut self, pat: &mut Pat) {
        match pat {
            Pat::Ident(name) => {
                if let Some(member) = self.member(&name.id) {
                    *pat = Pat::Expr(Box::new(Expr::Member(member)));
                }
            }
            Pat::Array(array) => self.array_targets(array),
            Pat::Object(object) => self.object_targets(object),
            Pat::Assign(assign) => {
                self.targets(&mut assign.left);
                assign.right.visit_mut_with(self);
            }
            Pat::Rest(rest) => self.targets(&mut rest.arg),
            Pat::Expr(expr) => expr.visit_mut_with(self),
            Pat::Invalid(_) => {}
        }
    }

    fn array_targets(&mut self, array: &mut ArrayPat) {
        for pat in array.elems.iter_mut().flatten() {
            self.targets(pat);
        }
    }

    fn object_targets(&mut self, object: &mut ObjectPat) {
        for prop in &mut object.props {
            match prop {
                ObjectPatProp::KeyValue(pair) => {
                    pair.key.visit_mut_with(self);
                    self.targets(&mut pair.value);
                }
                ObjectPatProp::Assign(assign) => {
                    assign.value.visit_mut_with(self);
                    let Some(member) = self.member(&assign.key.id) else {
                        continue;
                    };
                    *prop = with_target(assign, Expr::Member(member));
                }
                ObjectPatProp::Rest(rest) => self.targets(&mut rest.arg),
            }
        }
    }
}

/// What a block binds, and what of it is exported.
#[derive(Default)]
struct Bound {
    bound: FxHashSet<Id>,
    exported: FxHashSet<Id>,
    /// How deep in blocks of their own the names are: only the outermost are of this block.
    depth: usize,
}

impl Bound {
    fn add(&mut self, name: &Ident) {
        self.bound.insert(name.to_id());
    }

    fn export(&mut self, name: &Ident) {
        if self.depth == 0 {
            self.exported.insert(name.to_id());
        }
    }
}

impl Visit for Bound {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.add(&name.id);
        name.visit_children_with(self);
    }

    fn visit_assign_pat_prop(&mut self, prop: &AssignPatProp) {
        self.add(&prop.key.id);
        prop.value.visit_with(self);
    }

    // These name what is there.
    fn visit_assign_target_pat(&mut self, _: &AssignTargetPat) {}
    fn visit_simple_assign_target(&mut self, target: &SimpleAssignTarget) {
        if !target.is_ident() {
            target.visit_children_with(self);
        }
    }
    fn visit_for_head(&mut self, head: &ForHead) {
        if !head.is_pat() {
            head.visit_children_with(self);
        }
    }

    fn visit_fn_decl(&mut self, node: &FnDecl) {
        self.add(&node.ident);
        node.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, node: &FnExpr) {
        node.ident.iter().for_each(|name| self.add(name));
        node.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, node: &ClassDecl) {
        self.add(&node.ident);
        node.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, node: &ClassExpr) {
        node.ident.iter().for_each(|name| self.add(name));
        node.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, node: &TsEnumDecl) {
        self.add(&node.id);
        // Members are meant by their bare names inside.
        for member in &node.members {
            if let TsEnumMemberId::Ident(name) = &member.id {
                self.add(name);
            }
        }
        node.visit_children_with(self);
    }

    fn visit_ts_interface_decl(&mut self, node: &TsInterfaceDecl) {
        self.add(&node.id);
        node.visit_children_with(self);
    }

    fn visit_ts_type_alias_decl(&mut self, node: &TsTypeAliasDecl) {
        self.add(&node.id);
        node.visit_children_with(self);
    }

    fn visit_ts_type_param(&mut self, node: &TsTypeParam) {
        self.add(&node.name);
        node.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, node: &TsImportEqualsDecl) {
        self.add(&node.id);
        if node.is_export {
            self.export(&node.id);
        }
    }

    fn visit_ts_module_decl(&mut self, node: &TsModuleDecl) {
        if let TsModuleName::Ident(name) = &node.id {
            self.add(name);
        }
        self.depth += 1;
        node.visit_children_with(self);
        self.depth -= 1;
    }

    fn visit_ts_namespace_decl(&mut self, node: &TsNamespaceDecl) {
        self.add(&node.id);
        self.export(&node.id);
        self.depth += 1;
        node.visit_children_with(self);
        self.depth -= 1;
    }

    fn visit_export_decl(&mut self, node: &ExportDecl) {
        match &node.decl {
            Decl::Fn(function) => self.export(&function.ident),
            Decl::Class(class) => self.export(&class.ident),
            Decl::TsEnum(node) => self.export(&node.id),
            Decl::TsModule(node) => {
                if let TsModuleName::Ident(name) = &node.id {
                    self.export(name);
                }
            }
            Decl::Var(var) => {
                for name in find_pat_ids::<_, Ident>(var) {
                    self.export(&name);
                }
            }
            _ => {}
        }
        node.visit_children_with(self);
    }
}

/// What stands in the braces of a namespace, or after a dot of its name.
trait NamespaceBody: VisitMutWith<Join> + VisitWith<Bound> {}
impl<T: VisitMutWith<Join> + VisitWith<Bound>> NamespaceBody for T {}

impl VisitMut for Join {
    fn visit_mut_ts_module_decl(&mut self, node: &mut TsModuleDecl) {
        if let (TsModuleName::Ident(id), false) = (&node.id, node.declare) {
            let id = id.clone();
            self.inside(&id, &mut node.body);
        }
    }

    fn visit_mut_ts_namespace_decl(&mut self, node: &mut TsNamespaceDecl) {
        let id = node.id.clone();
        self.inside(&id, &mut node.body);
    }

    fn visit_mut_assign_target_pat(&mut self, target: &mut AssignTargetPat) {
        match target {
            AssignTargetPat::Array(array) => self.array_targets(array),
            AssignTargetPat::Object(object) => self.object_targets(object),
            AssignTargetPat::Invalid(_) => {}
        }
    }

    fn visit_mut_for_head(&mut self, head: &mut ForHead) {
        match head {
            ForHead::Pat(pat) => self.targets(pat),
            head => head.visit_mut_children_with(self),
        }
    }

    fn visit_mut_ts_type_ref(&mut self, node: &mut TsTypeRef) {
        node.type_params.visit_mut_with(self);
        let mut first = &mut node.type_name;
        while let TsEntityName::TsQualifiedName(qualified) = first {
            first = &mut qualified.left;
        }
        if let TsEntityName::Ident(name) = first
            && let Some(member) = self.member(name)
        {
            Self::qualify(first, member);
        }
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
        let TsEntityName::Ident(name) = first else {
            return;
        };
        // What the block itself exports is a property too, and no variable.
        let id = name.to_id();
        let own = self
            .around
            .iter()
            .rev()
            .find(|block| block.exported.contains(&id));
        let member = own.map(|block| Self::of(block, name));
        if let Some(member) = member.or_else(|| self.member(name)) {
            Self::qualify(first, member);
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
