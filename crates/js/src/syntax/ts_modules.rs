//! Imports and exports in the forms that only TypeScript has.
//!
//! In: a TypeScript file, before and after its types are stripped. Out: the same file, in which
//! `import {} from` is gone, `export import a = require()` is an import and an export, and what
//! `import a = require()` asks for runs in its place among the other imports, as `tsc` has it.

use rustc_hash::FxHashMap;
use swc_core::common::{BytePos, DUMMY_SP, SourceMap, SourceMapper};
use swc_core::ecma::ast::*;

/// What `import a = require()` asks for, by the variables that it binds.
pub(super) type Required = FxHashMap<Id, Box<Str>>;

/// Before types are stripped.
pub(super) fn prepare(program: &mut Program, cm: &SourceMap, verbatim: bool) -> Required {
    let mut required = Required::default();
    let Program::Module(module) = program else {
        return required;
    };
    if !verbatim {
        let had = module.body.len();
        module.body.retain(|item| !is_empty_import(item, cm));
        if module.body.len() != had {
            // A file that had only these is a module all the same.
            module.body.push(export_list(Vec::new()));
        }
    }
    let mut exported = Vec::new();
    for item in &mut module.body {
        if let ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(node)) = item
            && let TsModuleRef::TsExternalModuleRef(asked) = &node.module_ref
            && !node.is_type_only
        {
            required.insert(node.id.to_id(), Box::new(asked.expr.clone()));
            if node.is_export {
                exported.push(node.id.clone());
            }
        }
    }
    if is_mixed(&module.body) && !exported.is_empty() {
        for item in &mut module.body {
            if let ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(node)) = item
                && required.contains_key(&node.id.to_id())
            {
                node.is_export = false;
            }
        }
        module.body.push(export_list(exported));
    }
    required
}

/// After types are stripped: what is still required runs before the imports that follow it.
pub(super) fn keep_order(program: &mut Program, required: &Required) {
    let Program::Module(module) = program else {
        return;
    };
    if required.is_empty() {
        return;
    }
    let Some(last) = module.body.iter().rposition(is_import) else {
        return;
    };
    let mut body = Vec::with_capacity(module.body.len() + required.len());
    for (at, item) in std::mem::take(&mut module.body).into_iter().enumerate() {
        if at < last
            && let ModuleItem::Stmt(Stmt::Decl(Decl::Var(var))) = &item
            && let [decl] = var.decls.as_slice()
            && let Pat::Ident(name) = &decl.name
            && let Some(src) = required.get(&name.to_id())
        {
            body.push(ModuleItem::ModuleDecl(ModuleDecl::Import(ImportDecl {
                // Imports and calls are told apart by their places: the call has the whole of it.
                span: src.span.with_hi(src.span.lo + BytePos(1)),
                specifiers: Vec::new(),
                src: src.clone(),
                type_only: false,
                with: None,
                phase: ImportPhase::Evaluation,
            })));
        }
        body.push(item);
    }
    module.body = body;
}

fn is_import(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(_) | ModuleDecl::ExportAll(_)) => true,
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => export.src.is_some(),
        _ => false,
    }
}

/// Whether a file has forms of ES modules.
fn is_mixed(items: &[ModuleItem]) -> bool {
    items
        .iter()
        .filter_map(ModuleItem::as_module_decl)
        .any(|decl| {
            !matches!(
                decl,
                ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_)
            )
        })
}

/// `import {} from "x"`, which the tree has like `import "x"`.
fn is_empty_import(item: &ModuleItem, cm: &SourceMap) -> bool {
    let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item else {
        return false;
    };
    let before = import.span.with_hi(import.src.span.lo);
    import.specifiers.is_empty()
        && cm
            .span_to_snippet(before)
            .is_ok_and(|text| text.contains('{'))
}

fn export_list(names: Vec<Ident>) -> ModuleItem {
    let specifiers = names.into_iter().map(|name| {
        ExportSpecifier::Named(ExportNamedSpecifier {
            span: DUMMY_SP,
            orig: ModuleExportName::Ident(name),
            exported: None,
            is_type_only: false,
        })
    });
    ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
        span: DUMMY_SP,
        specifiers: specifiers.collect(),
        src: None,
        type_only: false,
        with: None,
    }))
}
