//! Changes to a parsed file before it is printed: specifiers that name another file in the
//! artifact, and dynamic imports that shall stay Node's own. Also what a file has in it that asks
//! for a change.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use swc_core::common::{DUMMY_SP, FileName, SourceMap, Span, SyntaxContext};
use swc_core::ecma::ast::{
    CallExpr, Callee, Decorator, ExportAll, Expr, ExprOrSpread, ExprStmt, Ident, Import,
    ImportDecl, Lit, MemberProp, Module, ModuleDecl, ModuleItem, NamedExport, Program, Script,
    Stmt, Str,
};
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::statements::has_use_strict;

/// How the specifiers of one file change: `(as written, by import rather than require)` to the
/// new text. Absent ones stay as they are.
pub type Rewrites = FxHashMap<(Arc<str>, bool), String>;

/// Stands in for `import` while the module transform runs, so that it leaves the call alone.
const PARKED: &str = "__coldcut_native_import__";

pub(super) fn specifiers(program: &mut Program, unresolved: SyntaxContext, rewrites: &Rewrites) {
    if !rewrites.is_empty() {
        program.visit_mut_with(&mut Specifiers {
            unresolved,
            rewrites,
        });
    }
}

struct Specifiers<'a> {
    unresolved: SyntaxContext,
    rewrites: &'a Rewrites,
}

impl Specifiers<'_> {
    fn change(&self, text: &mut Str, by_import: bool) {
        let Some(old) = text.value.as_str() else {
            return;
        };
        if let Some(new) = self.rewrites.get(&(Arc::from(old), by_import)) {
            text.value = new.as_str().into();
            text.raw = None;
        }
    }
}

impl VisitMut for Specifiers<'_> {
    fn visit_mut_import_decl(&mut self, node: &mut ImportDecl) {
        self.change(&mut node.src, true);
    }

    fn visit_mut_export_all(&mut self, node: &mut ExportAll) {
        self.change(&mut node.src, true);
    }

    fn visit_mut_named_export(&mut self, node: &mut NamedExport) {
        if let Some(src) = &mut node.src {
            self.change(src, true);
        }
    }

    fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
        node.visit_mut_children_with(self);
        let by_import = match &node.callee {
            Callee::Import(_) => true,
            Callee::Expr(callee) => match &**callee {
                Expr::Ident(name) if name.sym == "require" && name.ctxt == self.unresolved => false,
                Expr::Member(member) => match (&*member.obj, &member.prop) {
                    (Expr::Ident(obj), MemberProp::Ident(prop))
                        if obj.sym == "require"
                            && obj.ctxt == self.unresolved
                            && prop.sym == "resolve" =>
                    {
                        false
                    }
                    _ => return,
                },
                _ => return,
            },
            Callee::Super(_) => return,
        };
        if let Some(ExprOrSpread { spread: None, expr }) = node.args.first_mut()
            && let Expr::Lit(Lit::Str(text)) = &mut **expr
        {
            self.change(text, by_import);
        }
    }
}

/// Replaces the callee of every dynamic import that `local` does not claim.
pub(super) fn park_native_imports(program: &mut Program, local: &dyn Fn(&str) -> bool) {
    struct Park<'a>(&'a dyn Fn(&str) -> bool);
    impl VisitMut for Park<'_> {
        fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
            node.visit_mut_children_with(self);
            if !matches!(node.callee, Callee::Import(_)) {
                return;
            }
            let is_local = node.args.first().is_some_and(|arg| match &*arg.expr {
                Expr::Lit(Lit::Str(text)) => text.value.as_str().is_some_and(|text| (self.0)(text)),
                _ => false,
            });
            if !is_local {
                node.callee = Callee::Expr(Box::new(Expr::Ident(Ident::new(
                    PARKED.into(),
                    DUMMY_SP,
                    SyntaxContext::empty(),
                ))));
            }
        }
    }
    program.visit_mut_with(&mut Park(local));
}

pub(super) fn unpark_native_imports(program: &mut Program) {
    struct Unpark;
    impl VisitMut for Unpark {
        fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
            node.visit_mut_children_with(self);
            if let Callee::Expr(callee) = &node.callee
                && let Expr::Ident(name) = &**callee
                && name.sym == PARKED
            {
                node.callee = Callee::Import(Import {
                    span: name.span,
                    phase: Default::default(),
                });
            }
        }
    }
    program.visit_mut_with(&mut Unpark);
}

/// Whether a file has decorators.
pub(super) fn is_decorated(program: &Program) -> bool {
    struct FindDecorators(bool);
    impl Visit for FindDecorators {
        fn visit_decorator(&mut self, _: &Decorator) {
            self.0 = true;
        }
    }
    let mut finder = FindDecorators(false);
    program.visit_with(&mut finder);
    finder.0
}

/// Runs a pass that does the whole of its work in modules only.
pub(super) fn as_module(program: &mut Program, pass: impl FnOnce(&mut Program)) {
    let Program::Script(script) = program else {
        return pass(program);
    };
    let (span, shebang) = (script.span, script.shebang.take());
    let stmts = std::mem::take(&mut script.body);
    *program = Program::Module(Module {
        span,
        shebang,
        body: stmts.into_iter().map(ModuleItem::Stmt).collect(),
    });
    pass(program);
    if let Program::Module(module) = program
        && module.body.iter().all(ModuleItem::is_stmt)
    {
        let items = std::mem::take(&mut module.body).into_iter();
        *program = Program::Script(Script {
            span,
            shebang: module.shebang.take(),
            body: items.filter_map(ModuleItem::stmt).collect(),
        });
    }
}

/// Whether a TypeScript file is written in the forms that TypeScript has for CommonJS, and in none
/// of those of ES modules.
pub(super) fn is_commonjs(program: &Program) -> bool {
    let Program::Module(module) = program else {
        return false;
    };
    let mut decls = module
        .body
        .iter()
        .filter_map(ModuleItem::as_module_decl)
        .peekable();
    decls.peek().is_some()
        && decls.all(|decl| {
            matches!(
                decl,
                ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_)
            )
        })
}

/// Says of a script that it is strict.
pub(super) fn make_strict(program: &mut Program) {
    if let Program::Script(script) = program
        && !has_use_strict(&script.body)
    {
        script.body.insert(0, use_strict());
    }
}

fn use_strict() -> Stmt {
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(Expr::Lit(Lit::Str("use strict".into()))),
    })
}

/// A module that has become statements only, as the strict script that `tsc` makes of it.
pub(super) fn as_script(program: &mut Program) {
    let Program::Module(module) = program else {
        return;
    };
    if !module.body.iter().all(ModuleItem::is_stmt) {
        return;
    }
    let items = std::mem::take(&mut module.body).into_iter();
    *program = Program::Script(Script {
        span: module.span,
        shebang: module.shebang.take(),
        body: items.filter_map(ModuleItem::stmt).collect(),
    });
    make_strict(program);
}

/// Gives each `require` that a transform made a place of its own: calls are told apart by theirs.
pub(super) fn place_requires(program: &mut Program, cm: &SourceMap) {
    struct PlaceRequires<'a>(&'a SourceMap);
    impl VisitMut for PlaceRequires<'_> {
        fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
            node.visit_mut_children_with(self);
            if !node.span.is_dummy()
                || !matches!(&node.callee, Callee::Expr(callee) if callee.is_ident_ref_to("require"))
            {
                return;
            }
            if let [ExprOrSpread { expr, .. }] = node.args.as_slice()
                && let Expr::Lit(Lit::Str(text)) = &**expr
            {
                node.span = text.span;
                if node.span.is_dummy() {
                    let name = FileName::Custom("coldcut".to_string());
                    let file = self.0.new_source_file(name.into(), " ".to_string());
                    node.span = Span::new(file.start_pos, file.end_pos);
                }
            }
        }
    }
    program.visit_mut_with(&mut PlaceRequires(cm));
}
