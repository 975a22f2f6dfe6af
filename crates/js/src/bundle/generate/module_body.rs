//! The statements of one module, as they stand in the bundle.
//!
//! In: what stays of the module. Out: its statements with every import, `require` and free name of
//! Node's turned into what it is there; of packed JSON, one statement around a marker.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::live_modules::LiveModule;
use crate::bundle::module::ModuleId;
use crate::syntax::VisitMutWith;
use crate::syntax::ast::*;

impl Generator<'_> {
    pub(super) fn body(&self, id: ModuleId, module: LiveModule) -> Vec<Stmt> {
        match module {
            LiveModule::Statements(mut stmts) => {
                let raw = self.plan.bare_entry && id == self.entry;
                stmts.visit_mut_with(&mut self.rewriter(id, raw));
                stmts
            }
            LiveModule::PackedJson(packed, span) => {
                let value = self.rewriter(id, false).unpacked(&packed.marker, span);
                let module = var(&self.names.of(id).own_module);
                vec![statement(set_member(module, &"exports".into(), value))]
            }
            LiveModule::RawText => Vec::new(),
        }
    }
}
