//! `import defer * as name from "…"`.
//!
//! In: an ES module. Out: the same, in which such an import is a function that asks for the module, and every place
//! that reads the name calls it: the module runs when its namespace is first used. (The proposal runs it when a
//! member is first read, and what waits in it at once; a namespace that is only handed on runs here too.)

use rustc_hash::FxHashSet;

use crate::syntax::ast::*;
use crate::syntax::{DUMMY_SP, SyntaxContext, VisitMut, VisitMutWith};

/// Lowers the deferred imports of a program, but for names that it exports again.
pub fn lower(program: &mut Program, unresolved: SyntaxContext) {
    let Program::Module(module) = program else {
        return;
    };
    let mut exported: FxHashSet<Id> = FxHashSet::default();
    for item in &module.body {
        if let ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) = item
            && export.src.is_none()
        {
            exported.extend(export.specifiers.iter().filter_map(|one| match one {
                ExportSpecifier::Named(named) => match &named.orig {
                    ModuleExportName::Ident(name) => Some(name.to_id()),
                    ModuleExportName::Str(_) => None,
                },
                _ => None,
            }));
        }
    }
    let mut names: FxHashSet<Id> = FxHashSet::default();
    for item in &mut module.body {
        let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item else {
            continue;
        };
        let [ImportSpecifier::Namespace(namespace)] = import.specifiers.as_slice() else {
            continue;
        };
        if import.phase != ImportPhase::Defer || exported.contains(&namespace.local.to_id()) {
            continue;
        }
        let local = namespace.local.clone();
        names.insert(local.to_id());
        let asked = Expr::Call(CallExpr {
            span: import.span,
            callee: Callee::Expr(Box::new(Expr::Ident(Ident::new(
                "require".into(),
                DUMMY_SP,
                unresolved,
            )))),
            args: vec![Expr::Lit(Lit::Str((*import.src).clone())).into()],
            ..Default::default()
        });
        *item = ModuleItem::Stmt(Stmt::Decl(Decl::Fn(FnDecl {
            ident: local,
            declare: false,
            function: Box::new(Function {
                span: DUMMY_SP,
                body: Some(FunctionBody {
                    span: DUMMY_SP,
                    stmts: vec![Stmt::Return(ReturnStmt {
                        span: DUMMY_SP,
                        arg: Some(Box::new(asked)),
                    })],
                }),
                ..Default::default()
            }),
        })));
    }
    if !names.is_empty() {
        module.visit_mut_with(&mut Calls { names });
    }
}

struct Calls {
    names: FxHashSet<Id>,
}

impl Calls {
    fn called(&self, name: &Ident) -> Option<Expr> {
        self.names.contains(&name.to_id()).then(|| {
            Expr::Call(CallExpr {
                span: DUMMY_SP,
                callee: Callee::Expr(Box::new(Expr::Ident(name.clone()))),
                ..Default::default()
            })
        })
    }
}

impl VisitMut for Calls {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Ident(name) => {
                if let Some(called) = self.called(name) {
                    *expr = called;
                }
            }
            expr => expr.visit_mut_children_with(self),
        }
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        if let Prop::Shorthand(name) = prop
            && let Some(called) = self.called(name)
        {
            *prop = Prop::KeyValue(KeyValueProp {
                key: PropName::Ident(name.clone().into()),
                value: Box::new(called),
            });
            return;
        }
        prop.visit_mut_children_with(self);
    }
}
