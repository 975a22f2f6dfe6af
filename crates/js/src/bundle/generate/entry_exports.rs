//! What the entry gives to those who load the bundle.
//!
//! In: the entry, and the format of the output. Out: the `export`s, or what is put on `exports`.

use rustc_hash::FxHashSet;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::generate::names::base_name;
use crate::bundle::module::Kind;
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, SyntaxContext, fresh_context};

pub(super) fn export_name(name: &Atom) -> ModuleExportName {
    if is_identifier(name) {
        ModuleExportName::Ident(Ident::new(name.clone(), DUMMY_SP, SyntaxContext::empty()))
    } else {
        ModuleExportName::Str(Str {
            span: DUMMY_SP,
            value: name.as_str().into(),
            raw: None,
        })
    }
}

fn export_list(specifiers: Vec<(Id, Atom)>) -> ModuleItem {
    ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
        span: DUMMY_SP,
        specifiers: specifiers
            .into_iter()
            .map(|(local, name)| {
                ExportSpecifier::Named(ExportNamedSpecifier {
                    span: DUMMY_SP,
                    orig: ModuleExportName::Ident(ident(&local)),
                    exported: Some(export_name(&name)),
                    is_type_only: false,
                })
            })
            .collect(),
        src: None,
        type_only: false,
        with: None,
    }))
}

impl Generator<'_> {
    /// What the entry gives to those who load the bundle.
    pub(super) fn entry_exports(&self) -> Vec<ModuleItem> {
        if self.plan.bare_entry {
            return Vec::new();
        }
        match (self.is_esm(self.entry), self.bindings.format) {
            (true, Format::Esm) => self.esm_from_esm(),
            (true, Format::Cjs) => self.cjs_from_esm(),
            (false, Format::Cjs) => {
                let value = call(var(&self.names.of(self.entry).require), Vec::new());
                let module = free_name(self.unresolved, "module");
                let stmt = statement(set_member(module, &"exports".into(), value));
                vec![ModuleItem::Stmt(stmt)]
            }
            (false, Format::Esm) => self.esm_from_cjs(),
        }
    }

    pub(super) fn esm_from_cjs(&self) -> Vec<ModuleItem> {
        let names = self.names.of(self.entry);
        let module = self.modules.get(self.entry);
        let value: Id = names.exports.clone();
        let mut items = vec![
            ModuleItem::Stmt(declare(&value, Some(call(var(&names.require), Vec::new())))),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(ExportDefaultExpr {
                span: DUMMY_SP,
                expr: Box::new(var(&value)),
            })),
        ];
        let mut given: Vec<&Atom> = module
            .analysis
            .exports
            .cjs
            .defs
            .keys()
            .chain(self.modules.cjs_names(self.entry).into_iter().flatten())
            .filter(|name| *name != "default" && *name != "__esModule")
            .collect();
        given.sort();
        given.dedup();
        let mut specifiers = Vec::new();
        for name in given {
            let local: Id = (format!("_{}", base_name(name)).into(), fresh_context());
            items.push(ModuleItem::Stmt(declare(
                &local,
                Some(Expr::Member(member(var(&value), name))),
            )));
            specifiers.push((local, name.clone()));
        }
        if !specifiers.is_empty() {
            items.push(export_list(specifiers));
        }
        items
    }

    pub(super) fn esm_from_esm(&self) -> Vec<ModuleItem> {
        let mut items = Vec::new();
        let mut specifiers = Vec::new();
        for export in &self.plan.entry_exports {
            match self.read(&export.binding) {
                Expr::Ident(id) => specifiers.push((id.to_id(), export.name.clone())),
                value => {
                    let name = format!("_{}", base_name(&export.name));
                    let local: Id = (name.into(), fresh_context());
                    items.push(ModuleItem::Stmt(declare(&local, Some(value))));
                    specifiers.push((local, export.name.clone()));
                }
            }
        }
        if !specifiers.is_empty() {
            items.push(export_list(specifiers));
        }
        let exports = self.plan.entry_exports.iter();
        let own: FxHashSet<&Atom> = exports.map(|export| &export.name).collect();
        for star in self.linked.dynamic_stars(self.modules, self.entry) {
            let to = self.modules.get(star);
            if to.kind == Kind::External {
                items.push(ModuleItem::ModuleDecl(ModuleDecl::ExportAll(ExportAll {
                    span: DUMMY_SP,
                    src: Box::new(Str {
                        span: DUMMY_SP,
                        value: to.name.as_str().into(),
                        raw: None,
                    }),
                    type_only: false,
                    with: self.attributes(star),
                })));
                continue;
            }
            let mut specifiers = Vec::new();
            let mut known: Vec<&Atom> = to.analysis.exports.cjs.defs.keys().collect();
            known.sort();
            for name in known {
                if name == "default" || own.contains(name) {
                    continue;
                }
                let local: Id = (format!("_{}", base_name(name)).into(), fresh_context());
                items.push(ModuleItem::Stmt(declare(
                    &local,
                    Some(Expr::Member(member(
                        var(&self.names.of(star).exports),
                        name,
                    ))),
                )));
                specifiers.push((local, name.clone()));
            }
            if !specifiers.is_empty() {
                items.push(export_list(specifiers));
            }
        }
        items
    }

    pub(super) fn cjs_from_esm(&self) -> Vec<ModuleItem> {
        let exports = free_name(self.unresolved, "exports");
        let mut stmts = Vec::new();
        let stars = self.linked.dynamic_stars(self.modules, self.entry);
        let flag = |exports: Expr| {
            statement(call(
                read(free_name(self.unresolved, "Object"), "defineProperty"),
                vec![
                    exports,
                    text("__esModule"),
                    object(vec![(
                        "value".into(),
                        Expr::Lit(Lit::Bool(Bool {
                            span: DUMMY_SP,
                            value: true,
                        })),
                    )]),
                ],
            ))
        };
        stmts.push(flag(exports.clone()));
        let mut live = Vec::new();
        let mut settled = Vec::new();
        for export in &self.plan.entry_exports {
            let value = self.read(&export.binding);
            match export.constant {
                true => settled.push(statement(set_member(exports.clone(), &export.name, value))),
                false => live.push((export.name.clone(), thunk(value))),
            }
        }
        if !live.is_empty() {
            let helper = self.helper(Helper::Export);
            stmts.push(statement(call(helper, vec![exports.clone(), object(live)])));
        }
        stmts.extend(settled);
        for star in stars {
            let helper = self.helper(Helper::Star);
            stmts.push(statement(call(
                helper,
                vec![exports.clone(), var(&self.names.of(star).exports)],
            )));
        }
        stmts.into_iter().map(ModuleItem::Stmt).collect()
    }
}
