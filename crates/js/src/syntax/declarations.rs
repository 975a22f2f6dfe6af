//! What a TypeScript file declares.
//!
//! In: one parsed file whose scopes are resolved, before its types are stripped. Out:
//! [`Declarations`]: its types, enums, namespaces and constants, and under which names it exports
//! them. Other files of the project are read the same way where a meaning crosses files; each is
//! read once in a build.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// Gives the declarations of what a file imports.
pub trait DeclarationFiles: Sync {
    /// The file that `specifier` of `from` names; `None` where it is no TypeScript of the project.
    fn imported(&self, from: &Path, specifier: &str) -> Option<Arc<Declarations>>;

    /// Whether only a file of declarations is where `specifier` of `from` leads.
    fn is_declared_only(&self, from: &Path, specifier: &str) -> bool;
}

/// No other files are known.
pub struct NoDeclarationFiles;

impl DeclarationFiles for NoDeclarationFiles {
    fn imported(&self, _: &Path, _: &str) -> Option<Arc<Declarations>> {
        None
    }

    fn is_declared_only(&self, _: &Path, _: &str) -> bool {
        false
    }
}

/// Everything that one file declares, in whatever scope.
#[derive(Default)]
pub struct Declarations {
    pub(super) path: PathBuf,
    pub(super) ids: FxHashMap<Id, Declaration>,
    pub(super) exports: FxHashMap<Atom, Exported>,
    /// What `export * from` names.
    pub(super) stars: Vec<Atom>,
    /// What `export =` gives.
    pub(super) whole: Option<Id>,
}

/// All declarations of one name, which TypeScript merges.
#[derive(Default)]
pub(super) struct Declaration {
    pub class: bool,
    /// Some of its declarations are without values: `declare` of it stands nowhere at run time.
    pub ambient: bool,
    pub interface: bool,
    /// A variable has the name too.
    pub variable: bool,
    /// An interface that can be called.
    pub callable: bool,
    /// What an interface extends.
    pub extends: Vec<Id>,
    pub alias: Option<Box<TsType>>,
    /// A type parameter, with what it extends.
    pub type_param: Option<Option<Box<TsType>>>,
    pub members: Option<Vec<(Atom, Option<Box<Expr>>)>>,
    pub const_enum: bool,
    /// What a `const` without a type is set to.
    pub value: Option<Box<Expr>>,
    /// What a namespace exports.
    pub names: FxHashMap<Atom, Id>,
    pub import: Option<ImportBinding>,
    /// `import Alias = A.B`.
    pub stands_for: Option<TsEntityName>,
}

/// What an import binds.
pub(super) struct ImportBinding {
    pub specifier: Atom,
    /// `None` for `* as name`.
    pub name: Option<Atom>,
    pub type_only: bool,
}

pub(super) enum Exported {
    Local {
        id: Id,
        type_only: bool,
    },
    From {
        specifier: Atom,
        name: Atom,
        type_only: bool,
    },
    /// `export * as name from`.
    Namespace {
        specifier: Atom,
    },
}

impl Declarations {
    pub(super) fn of(path: &Path, program: &Program) -> Self {
        let mut collect = Collect {
            out: Self {
                path: path.to_path_buf(),
                ..Self::default()
            },
            around: Vec::new(),
            ambient: false,
        };
        program.visit_with(&mut collect);
        collect.out
    }

    pub(super) fn get(&self, id: &Id) -> Option<&Declaration> {
        self.ids.get(id)
    }
}

struct Collect {
    out: Declarations,
    /// The namespaces around, by the names that they have here.
    around: Vec<Id>,
    ambient: bool,
}

impl Collect {
    fn at(&mut self, id: &Ident) -> &mut Declaration {
        self.out.ids.entry(id.to_id()).or_default()
    }

    /// A declaration that is exported, by a namespace or by the file.
    fn export(&mut self, id: &Ident) {
        let local = id.to_id();
        match self.around.last() {
            Some(namespace) => {
                let namespace = self.out.ids.entry(namespace.clone()).or_default();
                namespace.names.entry(id.sym.clone()).or_insert(local);
            }
            None => {
                let local = Exported::Local {
                    id: local,
                    type_only: false,
                };
                self.out.exports.insert(id.sym.clone(), local);
            }
        }
    }

    fn namespace(&mut self, id: &Ident, ambient: bool, body: &impl VisitWith<Self>) {
        let outer = self.ambient;
        self.ambient |= ambient;
        self.at(id);
        self.around.push(id.to_id());
        body.visit_with(self);
        self.around.pop();
        self.ambient = outer;
    }

    fn export_decl(&mut self, decl: &Decl) {
        match decl {
            Decl::Class(class) => self.export(&class.ident),
            Decl::Fn(function) => self.export(&function.ident),
            Decl::TsInterface(node) => self.export(&node.id),
            Decl::TsTypeAlias(node) => self.export(&node.id),
            Decl::TsEnum(node) => self.export(&node.id),
            Decl::TsModule(node) => {
                if let TsModuleName::Ident(id) = &node.id {
                    self.export(id);
                }
            }
            Decl::Var(var) => {
                for decl in &var.decls {
                    if let Pat::Ident(name) = &decl.name {
                        self.export(&name.id);
                    }
                }
            }
            Decl::Using(_) => {}
        }
    }
}

fn name_of(name: &ModuleExportName) -> Atom {
    name.atom().into_owned()
}

fn text_of(text: &Str) -> Atom {
    text.value.to_atom_lossy().into_owned()
}

impl Visit for Collect {
    /// Where nothing has a value, everything in a namespace is exported.
    fn visit_decl(&mut self, decl: &Decl) {
        if self.ambient && !self.around.is_empty() {
            self.export_decl(decl);
        }
        decl.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, node: &ClassDecl) {
        let ambient = self.ambient || node.declare;
        let at = self.at(&node.ident);
        at.class = true;
        at.ambient |= ambient;
        node.visit_children_with(self);
    }

    fn visit_ts_interface_decl(&mut self, node: &TsInterfaceDecl) {
        let calls =
            |element: &TsTypeElement| matches!(element, TsTypeElement::TsCallSignatureDecl(_));
        let at = self.at(&node.id);
        at.interface = true;
        at.callable |= node.body.body.iter().any(calls);
        let extends = node.extends.iter();
        at.extends
            .extend(extends.filter_map(|base| Some(base.expr.as_ident()?.to_id())));
        node.visit_children_with(self);
    }

    fn visit_ts_type_alias_decl(&mut self, node: &TsTypeAliasDecl) {
        self.at(&node.id).alias = Some(node.type_ann.clone());
        node.visit_children_with(self);
    }

    fn visit_ts_type_param(&mut self, node: &TsTypeParam) {
        self.at(&node.name).type_param = Some(node.constraint.clone());
        node.visit_children_with(self);
    }

    /// What the parameters of one call are, its signature says, and no declaration.
    fn visit_function(&mut self, node: &Function) {
        node.visit_children_with(self);
        for param in node.type_params.iter().flat_map(|list| &list.params) {
            self.at(&param.name).type_param = Some(None);
        }
    }

    fn visit_ts_enum_decl(&mut self, node: &TsEnumDecl) {
        let ambient = self.ambient || node.declare;
        let at = self.at(&node.id);
        at.const_enum |= node.is_const;
        at.ambient |= ambient;
        let members = at.members.get_or_insert_default();
        members.extend(node.members.iter().map(|member| {
            let name = match &member.id {
                TsEnumMemberId::Ident(name) => name.sym.clone(),
                TsEnumMemberId::Str(text) => text_of(text),
            };
            (name, member.init.clone())
        }));
    }

    fn visit_ts_module_decl(&mut self, node: &TsModuleDecl) {
        if let TsModuleName::Ident(id) = &node.id
            && !node.global
        {
            self.namespace(id, node.declare, &node.body);
        }
    }

    fn visit_ts_namespace_decl(&mut self, node: &TsNamespaceDecl) {
        self.export(&node.id);
        self.namespace(&node.id, node.declare, &node.body);
    }

    fn visit_var_declarator(&mut self, node: &VarDeclarator) {
        if let Pat::Ident(name) = &node.name {
            self.at(&name.id).variable = true;
        }
        node.visit_children_with(self);
    }

    /// `export =`: what it gives has the exports as members.
    fn visit_ts_export_assignment(&mut self, node: &TsExportAssignment) {
        if let Expr::Ident(name) = &*node.expr {
            self.out.whole = Some(name.to_id());
        }
        node.visit_children_with(self);
    }

    fn visit_var_decl(&mut self, node: &VarDecl) {
        if node.kind == VarDeclKind::Const {
            for decl in &node.decls {
                if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init)
                    && name.type_ann.is_none()
                    && matches!(
                        &**init,
                        Expr::Lit(_)
                            | Expr::Tpl(_)
                            | Expr::Unary(_)
                            | Expr::Bin(_)
                            | Expr::Member(_)
                            | Expr::Ident(_)
                            | Expr::Paren(_)
                            | Expr::TsConstAssertion(_)
                    )
                {
                    self.at(&name.id).value = Some(init.clone());
                }
            }
        }
        node.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, node: &ImportDecl) {
        for specifier in &node.specifiers {
            let (name, type_only) = match specifier {
                ImportSpecifier::Named(named) => {
                    let name = named.imported.as_ref().map(name_of);
                    (
                        Some(name.unwrap_or_else(|| named.local.sym.clone())),
                        named.is_type_only,
                    )
                }
                ImportSpecifier::Default(_) => (Some("default".into()), false),
                ImportSpecifier::Namespace(_) => (None, false),
            };
            self.at(specifier.local()).import = Some(ImportBinding {
                specifier: text_of(&node.src),
                name,
                type_only: type_only || node.type_only,
            });
        }
    }

    fn visit_ts_import_equals_decl(&mut self, node: &TsImportEqualsDecl) {
        let at = self.at(&node.id);
        match &node.module_ref {
            TsModuleRef::TsEntityName(name) => at.stands_for = Some(name.clone()),
            TsModuleRef::TsExternalModuleRef(module) => {
                at.import = Some(ImportBinding {
                    specifier: text_of(&module.expr),
                    name: None,
                    type_only: node.is_type_only,
                });
            }
        }
        if node.is_export {
            self.export(&node.id);
        }
    }

    fn visit_export_decl(&mut self, node: &ExportDecl) {
        self.export_decl(&node.decl);
        node.visit_children_with(self);
    }

    fn visit_export_default_decl(&mut self, node: &ExportDefaultDecl) {
        let id = match &node.decl {
            DefaultDecl::Class(class) => {
                if let Some(name) = &class.ident {
                    self.at(name).class = true;
                }
                class.ident.as_ref()
            }
            DefaultDecl::Fn(function) => function.ident.as_ref(),
            DefaultDecl::TsInterfaceDecl(interface) => Some(&interface.id),
        };
        let id = id.map(Ident::to_id).unwrap_or_else(|| {
            let anonymous: Id = ("default".into(), Default::default());
            let class = matches!(node.decl, DefaultDecl::Class(_));
            self.out.ids.entry(anonymous.clone()).or_default().class = class;
            anonymous
        });
        let local = Exported::Local {
            id,
            type_only: false,
        };
        self.out.exports.insert("default".into(), local);
        node.visit_children_with(self);
    }

    fn visit_export_default_expr(&mut self, node: &ExportDefaultExpr) {
        if let Expr::Ident(name) = &*node.expr {
            let local = Exported::Local {
                id: name.to_id(),
                type_only: false,
            };
            self.out.exports.insert("default".into(), local);
        }
        node.visit_children_with(self);
    }

    fn visit_named_export(&mut self, node: &NamedExport) {
        let specifier = node.src.as_deref().map(text_of);
        for export in &node.specifiers {
            match (export, &specifier) {
                (ExportSpecifier::Named(named), _) => {
                    let type_only = node.type_only || named.is_type_only;
                    let exported = name_of(named.exported.as_ref().unwrap_or(&named.orig));
                    let found = match (&specifier, &named.orig) {
                        (Some(specifier), orig) => Exported::From {
                            specifier: specifier.clone(),
                            name: name_of(orig),
                            type_only,
                        },
                        (None, ModuleExportName::Ident(orig)) => Exported::Local {
                            id: orig.to_id(),
                            type_only,
                        },
                        (None, ModuleExportName::Str(_)) => continue,
                    };
                    self.out.exports.insert(exported, found);
                }
                (ExportSpecifier::Namespace(namespace), Some(specifier)) => {
                    let found = Exported::Namespace {
                        specifier: specifier.clone(),
                    };
                    self.out.exports.insert(name_of(&namespace.name), found);
                }
                _ => {}
            }
        }
    }

    fn visit_export_all(&mut self, node: &ExportAll) {
        self.out.stars.push(text_of(&node.src));
    }
}
