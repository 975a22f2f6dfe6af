//! Names that TypeScript is only told of: `declare const require: any`.
//!
//! In: a TypeScript file whose scopes are resolved. Out: the same file, in which such names are what
//! they are at run time: names that nothing in the file binds, so that `require` is Node's own.

use rustc_hash::FxHashSet;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

pub(super) fn free(program: &mut Program, unresolved: SyntaxContext) {
    let mut names = Names::default();
    match &*program {
        Program::Module(module) => {
            for item in &module.body {
                match item {
                    ModuleItem::Stmt(Stmt::Decl(decl)) => names.add(decl),
                    ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
                        names.add(&export.decl)
                    }
                    _ => {}
                }
            }
        }
        Program::Script(script) => {
            for decl in script.body.iter().filter_map(|stmt| stmt.as_decl()) {
                names.add(decl);
            }
        }
    }
    names.ambient.retain(|id| !names.bound.contains(id));
    if !names.ambient.is_empty() {
        program.visit_mut_with(&mut Free {
            names: names.ambient,
            unresolved,
        });
    }
}

#[derive(Default)]
struct Names {
    ambient: FxHashSet<Id>,
    /// Some declaration of them is real.
    bound: FxHashSet<Id>,
}

impl Names {
    fn add(&mut self, decl: &Decl) {
        let (ambient, ids) = match decl {
            Decl::Var(var) => (var.declare, find_pat_ids(var)),
            Decl::Fn(function) => (function.declare, vec![function.ident.to_id()]),
            Decl::Class(class) => (class.declare, vec![class.ident.to_id()]),
            Decl::TsEnum(node) => (node.declare, vec![node.id.to_id()]),
            Decl::TsModule(node) => match &node.id {
                TsModuleName::Ident(name) => (node.declare, vec![name.to_id()]),
                TsModuleName::Str(_) => return,
            },
            Decl::Using(_) | Decl::TsInterface(_) | Decl::TsTypeAlias(_) => return,
        };
        match ambient {
            true => self.ambient.extend(ids),
            false => self.bound.extend(ids),
        }
    }
}

struct Free {
    names: FxHashSet<Id>,
    unresolved: SyntaxContext,
}

impl VisitMut for Free {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if self.names.contains(&name.to_id()) {
            name.ctxt = self.unresolved;
        }
    }
}
