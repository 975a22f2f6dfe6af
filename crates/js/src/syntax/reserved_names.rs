//! Names that must not change.
//!
//! In: a whole bundle, before its variables are renamed. Out: the same bundle, in which no class
//! shares its name with anything else, so that whatever renames variables afterwards leaves
//! classes alone: object-relational mappers and dependency injection read `class.name`. And no
//! variable at the top level is named as one that Node gives every CommonJS module.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::statements::declaration;

/// What every CommonJS module is given.
const GIVEN: [&str; 5] = ["require", "module", "exports", "__filename", "__dirname"];

/// Makes class names unique; `name_all` gives anonymous classes the name that they take from
/// where they stand, since the variable there is about to lose its own.
pub fn settle(program: &mut Program, unresolved: Mark, name_all: bool) {
    let unresolved = SyntaxContext::empty().apply_mark(unresolved);
    if name_all {
        program.visit_mut_with(&mut NameClasses);
    }
    let mut found = Found {
        unresolved,
        seen: FxHashSet::default(),
        ids: BTreeMap::new(),
        classes: FxHashSet::default(),
        order: Vec::new(),
    };
    program.visit_with(&mut found);
    let mut renames: FxHashMap<Id, Atom> = FxHashMap::default();
    let taken: BTreeSet<Atom> = found.ids.keys().cloned().collect();
    let mut used = taken;
    let renamed = |id: &Id, used: &mut BTreeSet<Atom>| {
        let mut at = 1;
        loop {
            let name: Atom = format!("{}${at}", id.0).into();
            if used.insert(name.clone()) {
                return name;
            }
            at += 1;
        }
    };
    let mut kept: FxHashSet<Atom> = FxHashSet::default();
    for class in &found.order {
        let shadows = found
            .ids
            .get(&class.0)
            .is_some_and(|ids| ids.iter().any(|id| found.is_free(id)));
        if shadows || !kept.insert(class.0.clone()) {
            renames.insert(class.clone(), renamed(class, &mut used));
        }
    }
    for (sym, ids) in &found.ids {
        if !kept.contains(sym) || ids.len() < 2 {
            continue;
        }
        for id in ids {
            if !found.classes.contains(id) && !found.is_free(id) {
                renames.insert(id.clone(), renamed(id, &mut used));
            }
        }
    }
    if matches!(program, Program::Script(_)) {
        for id in top_level(program) {
            if GIVEN.contains(&id.0.as_str()) && id.1 != unresolved && !renames.contains_key(&id) {
                renames.insert(id.clone(), renamed(&id, &mut used));
            }
        }
    }
    if !renames.is_empty() {
        program.visit_mut_with(&mut Rename { renames });
    }
}

fn top_level(program: &Program) -> Vec<Id> {
    struct Tops(Vec<Id>);
    impl Visit for Tops {
        fn visit_binding_ident(&mut self, name: &BindingIdent) {
            self.0.push(name.to_id());
        }
        fn visit_fn_decl(&mut self, function: &FnDecl) {
            self.0.push(function.ident.to_id());
        }
        fn visit_class_decl(&mut self, class: &ClassDecl) {
            self.0.push(class.ident.to_id());
        }
        fn visit_expr(&mut self, _: &Expr) {}
    }
    let mut tops = Tops(Vec::new());
    program.visit_with(&mut tops);
    tops.0
}

struct Found {
    unresolved: SyntaxContext,
    seen: FxHashSet<Id>,
    ids: BTreeMap<Atom, Vec<Id>>,
    classes: FxHashSet<Id>,
    order: Vec<Id>,
}

impl Found {
    fn add(&mut self, id: Id) {
        if !self.seen.contains(&id) {
            self.seen.insert(id.clone());
            self.ids.entry(id.0.clone()).or_default().push(id);
        }
    }

    fn class(&mut self, name: &Ident) {
        let id = name.to_id();
        if self.classes.insert(id.clone()) {
            self.order.push(id);
        }
    }
}

impl Visit for Found {
    fn visit_ident(&mut self, name: &Ident) {
        // A free name is one too, and must not be captured; it is never renamed.
        self.add(name.to_id());
    }
    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.class(&class.ident);
        class.visit_children_with(self);
    }
    fn visit_class_expr(&mut self, class: &ClassExpr) {
        if let Some(name) = &class.ident {
            self.class(name);
        }
        class.visit_children_with(self);
    }
    fn visit_labeled_stmt(&mut self, stmt: &LabeledStmt) {
        stmt.body.visit_with(self);
    }
    fn visit_break_stmt(&mut self, _: &BreakStmt) {}
    fn visit_continue_stmt(&mut self, _: &ContinueStmt) {}
    fn visit_import_named_specifier(&mut self, specifier: &ImportNamedSpecifier) {
        specifier.local.visit_with(self);
    }
    fn visit_export_named_specifier(&mut self, specifier: &ExportNamedSpecifier) {
        if let ModuleExportName::Ident(name) = &specifier.orig {
            name.visit_with(self);
        }
    }
}

impl Found {
    fn is_free(&self, id: &Id) -> bool {
        id.1 == self.unresolved
    }
}

struct Rename {
    renames: FxHashMap<Id, Atom>,
}

impl Rename {
    fn class(&self, name: &Ident, class: &mut Class) {
        if self.renames.contains_key(&name.to_id()) {
            keep_name(&name.sym, class);
        }
    }
}

/// `static { Object.defineProperty(this, "name", …) }`, unless the class has a static `name`.
pub(super) fn keep_name(name: &Atom, class: &mut Class) {
    let own = class.body.iter().any(|member| match member {
        ClassMember::Method(method) => method.is_static && is_name(&method.key),
        ClassMember::ClassProp(prop) => prop.is_static && is_name(&prop.key),
        _ => false,
    });
    if own {
        return;
    }
    let this = Box::new(Expr::This(ThisExpr { span: DUMMY_SP }));
    let call = name_definition(this, name);
    let block = ClassMember::StaticBlock(StaticBlock {
        span: DUMMY_SP,
        body: BlockStmt {
            span: DUMMY_SP,
            stmts: vec![Stmt::Expr(ExprStmt {
                span: DUMMY_SP,
                expr: Box::new(call),
            })],
            ..Default::default()
        },
    });
    class.body.insert(0, block);
}

/// `Object.defineProperty(of, "name", { value: name, configurable: true })`
pub(super) fn name_definition(of: Box<Expr>, name: &Atom) -> Expr {
    let text = |text: &str| {
        Box::new(Expr::Lit(Lit::Str(Str {
            span: DUMMY_SP,
            value: text.into(),
            raw: None,
        })))
    };
    // A static field sets the name as `class` itself does, but for being enumerable: so define it.
    let global = Ident::new("Object".into(), DUMMY_SP, SyntaxContext::empty());
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: Callee::Expr(Box::new(Expr::Member(MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(Expr::Ident(global)),
            prop: MemberProp::Ident(IdentName::new("defineProperty".into(), DUMMY_SP)),
        }))),
        args: vec![
            of.into(),
            text("name").into(),
            Box::new(Expr::Object(ObjectLit {
                span: DUMMY_SP,
                props: [
                    ("value", text(name)),
                    (
                        "configurable",
                        Box::new(Expr::Lit(Lit::Bool(Bool {
                            span: DUMMY_SP,
                            value: true,
                        }))),
                    ),
                ]
                .into_iter()
                .map(|(key, value)| {
                    PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp {
                        key: PropName::Ident(IdentName::new(key.into(), DUMMY_SP)),
                        value,
                    })))
                })
                .collect(),
            }))
            .into(),
        ],
        ..Default::default()
    })
}

fn is_name(key: &PropName) -> bool {
    match key {
        PropName::Ident(name) => name.sym == "name",
        PropName::Str(text) => text.value.as_str() == Some("name"),
        PropName::Computed(_) => true,
        _ => false,
    }
}

impl VisitMut for Rename {
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init)
            && let Expr::Class(class) = &mut **init
            && class.ident.is_none()
            && self.renames.contains_key(&name.to_id())
        {
            keep_name(&name.id.sym, &mut class.class);
        }
        decl.visit_mut_children_with(self);
    }
    fn visit_mut_class_decl(&mut self, class: &mut ClassDecl) {
        let name = class.ident.clone();
        self.class(&name, &mut class.class);
        class.visit_mut_children_with(self);
    }
    fn visit_mut_class_expr(&mut self, class: &mut ClassExpr) {
        if let Some(name) = class.ident.clone() {
            self.class(&name, &mut class.class);
        }
        class.visit_mut_children_with(self);
    }
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if let Some(new) = self.renames.get(&name.to_id()) {
            name.sym = new.clone();
        }
    }
    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        if let Prop::Shorthand(name) = prop
            && let Some(new) = self.renames.get(&name.to_id())
        {
            let mut value = name.clone();
            value.sym = new.clone();
            *prop = Prop::KeyValue(KeyValueProp {
                key: PropName::Ident(IdentName::new(name.sym.clone(), name.span)),
                value: Box::new(Expr::Ident(value)),
            });
            return;
        }
        prop.visit_mut_children_with(self);
    }
    fn visit_mut_object_pat_prop(&mut self, prop: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(short) = prop
            && let Some(new) = self.renames.get(&short.key.to_id())
        {
            let mut value = short.key.clone();
            value.id.sym = new.clone();
            let key = PropName::Ident(IdentName::new(short.key.sym.clone(), short.key.span));
            let mut default = short.value.take();
            default.visit_mut_with(self);
            let value = match default {
                Some(right) => Pat::Assign(AssignPat {
                    span: short.span,
                    left: Box::new(Pat::Ident(value)),
                    right,
                }),
                None => Pat::Ident(value),
            };
            *prop = ObjectPatProp::KeyValue(KeyValuePatProp {
                key,
                value: Box::new(value),
            });
            return;
        }
        prop.visit_mut_children_with(self);
    }
    fn visit_mut_export_named_specifier(&mut self, specifier: &mut ExportNamedSpecifier) {
        if let ModuleExportName::Ident(name) = &mut specifier.orig {
            if specifier.exported.is_none() && self.renames.contains_key(&name.to_id()) {
                specifier.exported = Some(ModuleExportName::Ident(Ident::new(
                    name.sym.clone(),
                    DUMMY_SP,
                    SyntaxContext::empty(),
                )));
            }
            name.visit_mut_with(self);
        }
    }
    fn visit_mut_import_named_specifier(&mut self, specifier: &mut ImportNamedSpecifier) {
        if specifier.imported.is_none() && self.renames.contains_key(&specifier.local.to_id()) {
            specifier.imported = Some(ModuleExportName::Ident(Ident::new(
                specifier.local.sym.clone(),
                DUMMY_SP,
                SyntaxContext::empty(),
            )));
        }
        specifier.local.visit_mut_with(self);
    }
}

/// Gives classes the names that they take from the variable they are bound to, and every class a
/// name of its own inside, as the language has it: the minifier turns declarations into variables,
/// and static members that mention their class must not wait for that variable.
struct NameClasses;

struct Inner {
    outer: Id,
    context: SyntaxContext,
}

impl VisitMut for Inner {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.to_id() == self.outer {
            name.ctxt = self.context;
        }
    }
    // The value of a shorthand is the class; its key is text.
    fn visit_mut_ident_name(&mut self, _: &mut IdentName) {}
}

/// `catch (e) { var e = 1 }` sets the parameter, though it declares a variable of the function
/// around: written out, so that scopes are read right.
pub fn part_catch_names(program: &mut Program) {
    program.visit_mut_with(&mut PartCatch);
}

struct PartCatch;

struct VarToSet<'a> {
    name: &'a Ident,
    found: bool,
}

impl VisitMut for VarToSet<'_> {
    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        if let Stmt::Decl(Decl::Var(var)) = stmt
            && var.kind == VarDeclKind::Var
            && let [decl] = var.decls.as_mut_slice()
            && let Pat::Ident(name) = &decl.name
            && name.id.sym == self.name.sym
        {
            self.found = true;
            let name = name.clone();
            *stmt = match decl.init.take() {
                Some(init) => Stmt::Expr(ExprStmt {
                    span: var.span,
                    expr: Box::new(Expr::Assign(AssignExpr {
                        span: var.span,
                        op: AssignOp::Assign,
                        left: AssignTarget::Simple(SimpleAssignTarget::Ident(name)),
                        right: init,
                    })),
                }),
                None => Stmt::Empty(EmptyStmt { span: var.span }),
            };
        }
        stmt.visit_mut_children_with(self);
    }
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_arrow_expr(&mut self, _: &mut ArrowExpr) {}
    fn visit_mut_class(&mut self, _: &mut Class) {}
}

impl VisitMut for PartCatch {
    fn visit_mut_try_stmt(&mut self, stmt: &mut TryStmt) {
        stmt.visit_mut_children_with(self);
        let Some(handler) = &mut stmt.handler else {
            return;
        };
        let Some(Pat::Ident(param)) = &handler.param else {
            return;
        };
        let mut set = VarToSet {
            name: &param.id,
            found: false,
        };
        handler.body.visit_mut_with(&mut set);
        if set.found {
            let declared = declaration(VarDeclKind::Var, param.clone().into(), None);
            stmt.block.stmts.insert(0, declared);
        }
    }
}

impl NameClasses {
    /// Names an anonymous class.
    fn name(sym: &Atom, value: &mut Expr) {
        if let Expr::Class(class) = value
            && class.ident.is_none()
        {
            let context = SyntaxContext::empty().apply_mark(Mark::new());
            class.ident = Some(Ident::new(sym.clone(), DUMMY_SP, context));
        }
    }
}

impl VisitMut for NameClasses {
    fn visit_mut_decl(&mut self, decl: &mut Decl) {
        decl.visit_mut_children_with(self);
        let Decl::Class(class) = decl else {
            return;
        };
        let context = SyntaxContext::empty().apply_mark(Mark::new());
        let outer = class.ident.clone();
        let mut body = std::mem::take(&mut class.class);
        let mut inner = outer.clone();
        inner.ctxt = context;
        body.visit_mut_with(&mut Inner {
            outer: outer.to_id(),
            context,
        });
        *decl = Decl::Var(Box::new(VarDecl {
            span: body.span,
            kind: VarDeclKind::Let,
            decls: vec![VarDeclarator {
                span: body.span,
                name: Pat::Ident(outer.into()),
                init: Some(Box::new(Expr::Class(ClassExpr {
                    ident: Some(inner),
                    class: body,
                }))),
                definite: false,
            }],
            ..Default::default()
        }));
    }
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init) {
            Self::name(&name.id.sym, init);
        }
        decl.visit_mut_children_with(self);
    }
    fn visit_mut_assign_expr(&mut self, assign: &mut AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left {
            Self::name(&name.id.sym.clone(), &mut assign.right);
        }
        assign.visit_mut_children_with(self);
    }
}
