//! CommonJS modules as functions that run once.
//!
//! In: a module's statements. Out: `var require_name = __commonJS((exports, module) => { … })`.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::module::ModuleId;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::syntax::ast::*;
use crate::syntax::{Visit, VisitWith};

/// Whether any statement mentions a variable.
fn uses_id(stmts: &[Stmt], id: &Id) -> bool {
    struct VariableFinder<'a> {
        id: &'a Id,
        found: bool,
    }
    impl Visit for VariableFinder<'_> {
        fn visit_ident(&mut self, name: &Ident) {
            self.found |= name.sym == self.id.0 && name.ctxt == self.id.1;
        }
    }
    let mut finder = VariableFinder { id, found: false };
    stmts.visit_with(&mut finder);
    finder.found
}

impl Generator<'_> {
    pub(super) fn wrapped(
        &mut self,
        id: ModuleId,
        mut stmts: Vec<Stmt>,
        strict: bool,
        needs: &mut RuntimeRequirements,
    ) -> Stmt {
        let analysis = &self.modules.get(id).analysis;
        let (free, own_strict) = (analysis.free_names, analysis.strict);
        if own_strict && !strict {
            stmts.insert(0, use_strict());
        }
        let names = self.names.of(id);
        let rich = free.module || free.arguments;
        let params = if rich {
            vec![
                pat(&names.own_exports),
                pat(&("_require".into(), names.context)),
                pat(&names.own_module),
                pat(&("_filename".into(), names.context)),
                pat(&("_dirname".into(), names.context)),
            ]
        } else {
            let module = uses_id(&stmts, &names.own_module);
            let mut params = Vec::new();
            if module || uses_id(&stmts, &names.own_exports) {
                params.push(pat(&names.own_exports));
            }
            if module {
                params.push(pat(&names.own_module));
            }
            params
        };
        let run = if free.this || free.arguments {
            function(params, stmts)
        } else {
            arrow(params, stmts, false)
        };
        let helper = if rich {
            Helper::CommonJsModule
        } else {
            Helper::CommonJs
        };
        needs.helpers.insert(helper);
        let mut args = vec![run];
        if rich {
            let mut rewriter = self.rewriter(id, false);
            args.push(rewriter.require_here());
            args.push(rewriter.filename());
            let found = std::mem::take(&mut rewriter.needs);
            needs.merge(found);
        }
        let value = call(var(self.names.helper(helper)), args);
        let require = names.require.clone();
        let mut stmt = declare(&require, Some(value));
        let span = self.label(id);
        if let Stmt::Decl(Decl::Var(decl)) = &mut stmt {
            decl.span = span;
        }
        stmt
    }
}
