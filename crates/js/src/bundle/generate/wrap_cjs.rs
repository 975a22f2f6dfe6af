//! CommonJS modules as functions that run once.
//!
//! In: a module's statements. Out: `var require_name = __commonJS((exports, module) => { … })`.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::generate::names::ModuleNames;
use crate::bundle::module::ModuleId;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::ast::*;
use crate::syntax::{Span, Visit, VisitWith};

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
    /// The declaration of a CommonJS module's function.
    pub(super) fn wrap_cjs(&self, id: ModuleId, mut stmts: Vec<Stmt>) -> Stmt {
        let analysis = &self.modules.get(id).analysis;
        let (free, own_strict) = (analysis.source.free_names, analysis.source.strict);
        if own_strict && !self.plan.strict {
            stmts.insert(0, use_strict());
        }
        let names = self.names.of(id);
        let main = self.plan.makes_main && id == self.plan.entry;
        let rich = main || free.needs_module_object();
        let params = match rich {
            true => node_params(names),
            false => own_params(names, &stmts),
        };
        let run = if free.this || free.arguments {
            function(params, stmts)
        } else {
            arrow(params, stmts, false)
        };
        let value = if rich {
            let rewriter = self.rewriter(id, false);
            let mut args = vec![run, rewriter.require_here(), rewriter.filename()];
            if main {
                args.push(var(&self.names.main));
            }
            call(self.helper(Helper::CommonJsModule), args)
        } else {
            call(self.helper(Helper::CommonJs), vec![run])
        };
        labelled(declare(&names.require, Some(value)), self.label(id))
    }
}

/// All that Node gives to a module.
fn node_params(names: &ModuleNames) -> Vec<Pat> {
    vec![
        pat(&names.own_exports),
        pat(&("_require".into(), names.context)),
        pat(&names.own_module),
        pat(&("_filename".into(), names.context)),
        pat(&("_dirname".into(), names.context)),
    ]
}

/// `exports` and `module`, as far as the module names them.
fn own_params(names: &ModuleNames, stmts: &[Stmt]) -> Vec<Pat> {
    let module = uses_id(stmts, &names.own_module);
    let mut params = Vec::new();
    if module || uses_id(stmts, &names.own_exports) {
        params.push(pat(&names.own_exports));
    }
    if module {
        params.push(pat(&names.own_module));
    }
    params
}

/// A declaration with the comment that stands before it.
pub(super) fn labelled(mut stmt: Stmt, span: Span) -> Stmt {
    if let Stmt::Decl(Decl::Var(decl)) = &mut stmt {
        decl.span = span;
    }
    stmt
}
