//! What a file imports by names that are written out, and nothing else: no paths are worked out.
//!
//! In: an [`Ast`]. Out: its imports in a [`ModuleScan`]. One walk of the tree, without any table of
//! what names stand for: the least that following a file's imports can cost.

use crate::syntax::ast::{CallExpr, Callee, ExportAll, Expr, ImportDecl, Lit, NamedExport, Str};
use crate::syntax::{Ast, Span, Visit, VisitWith};

use crate::scan::module_scan::{ImportKind, ImportReference, ModuleScan};

/// Scans one file. Must run inside the session that parsed it.
pub fn imports(ast: &Ast) -> ModuleScan {
    let mut named = Named {
        ast,
        out: ModuleScan::default(),
    };
    ast.program.visit_with(&mut named);
    named.out
}

struct Named<'a> {
    ast: &'a Ast,
    out: ModuleScan,
}

impl Named<'_> {
    fn push(&mut self, source: &Str, kind: ImportKind, span: Span) {
        let Some(specifier) = source.value.as_str() else {
            return;
        };
        let offset = self.ast.offset(span) as u32;
        self.out.imports.push(ImportReference {
            specifier: specifier.into(),
            kind,
            offset,
            len: span.hi.0.saturating_sub(span.lo.0),
            line: 1,
            optional: kind != ImportKind::Static,
            absolute: false,
        });
    }
}

impl Visit for Named<'_> {
    fn visit_import_decl(&mut self, node: &ImportDecl) {
        self.push(&node.src, ImportKind::Static, node.span);
    }

    fn visit_export_all(&mut self, node: &ExportAll) {
        self.push(&node.src, ImportKind::Static, node.span);
    }

    fn visit_named_export(&mut self, node: &NamedExport) {
        if let Some(source) = &node.src {
            self.push(source, ImportKind::Static, node.span);
        }
    }

    fn visit_call_expr(&mut self, node: &CallExpr) {
        let kind = match &node.callee {
            Callee::Import(_) => Some(ImportKind::Dynamic),
            Callee::Expr(callee) => match &**callee {
                Expr::Ident(id) if id.sym == "require" && id.ctxt == self.ast.unresolved => {
                    Some(ImportKind::Require)
                }
                _ => None,
            },
            Callee::Super(_) => None,
        };
        if let (Some(kind), Some(first)) = (kind, node.args.first())
            && let Expr::Lit(Lit::Str(source)) = &*first.expr
        {
            self.push(source, kind, node.span);
        }
        node.visit_children_with(self);
    }
}
