//! The statements of one module that stay, as they stand in the bundle.
//!
//! In: a module, and which of its parts stay. Out: those statements, rewritten; big JSON as one
//! statement around a marker.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::bundle::analyse::commonjs::{object_of_mut, prop_key};
use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::generate::packed_json::Packed;
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::part::ExportRole;
use crate::bundle::runtime_requirements::RuntimeRequirements;
use crate::syntax::VisitMutWith;
use crate::syntax::ast::*;

impl Generator<'_> {
    /// Big JSON modules that stay whole, packed, where the output need not be readable.
    pub(super) fn packed(&self) -> FxHashMap<ModuleId, Packed> {
        // Node.js can unpack it, and its platforms count what is zipped.
        if self.comments || !self.chunk.host.is_node() {
            return FxHashMap::default();
        }
        let whole = |id: &ModuleId| {
            let module = self.modules.get(*id);
            let mut parts = module.analysis.parts.iter();
            module.kind == Kind::Json
                && self.live.runs(*id)
                && *id != self.entry
                && parts.all(|part| match &part.role {
                    ExportRole::Object(keys) => keys.keys().all(|name| self.live.wants(*id, name)),
                    _ => true,
                })
        };
        let candidates: Vec<(ModuleId, Arc<str>)> = self
            .modules
            .ids()
            .filter(whole)
            .filter_map(|id| Some((id, self.modules.get(id).text.clone()?)))
            .collect();
        candidates
            .into_par_iter()
            .filter_map(|(id, text)| Some((id, Packed::new(id.0 as usize, &text)?)))
            .collect()
    }

    /// What stands for a packed module.
    pub(super) fn unpacked(
        &mut self,
        id: ModuleId,
        packed: Packed,
    ) -> Option<(Vec<Stmt>, RuntimeRequirements)> {
        let module = self.modules.get(id);
        let span = module
            .analysis
            .parts
            .iter()
            .find_map(|part| match &part.stmt {
                Stmt::Expr(stmt) => match &*stmt.expr.as_assign()?.right {
                    Expr::Object(object) => Some(object.span),
                    Expr::Array(array) => Some(array.span),
                    _ => None,
                },
                _ => None,
            })?;
        let mut rewriter = self.rewriter(id, false);
        let value = rewriter.unpacked(&packed.marker, span);
        let needs = std::mem::take(&mut rewriter.needs);
        let module = var(&self.names.of(id).own_module);
        let stmt = statement(set_member(module, &"exports".into(), value));
        self.packed.push(packed);
        Some((vec![stmt], needs))
    }

    /// The live statements of a module, rewritten.
    pub(super) fn body(&self, id: ModuleId, raw: bool) -> (Vec<Stmt>, RuntimeRequirements) {
        let module = self.modules.get(id);
        let mut rewriter = self.rewriter(id, raw);
        let mut out = Vec::new();
        for (at, part) in module.analysis.parts.iter().enumerate() {
            if !self.live.part(id, at) {
                continue;
            }
            let mut stmt = part.stmt.clone();
            self.narrow(id, &part.role, &mut stmt);
            stmt.visit_mut_with(&mut rewriter);
            out.push(stmt);
        }
        (out, rewriter.needs)
    }

    /// Leaves out the exports of a statement that nobody reads.
    pub(super) fn narrow(&self, id: ModuleId, role: &ExportRole, stmt: &mut Stmt) {
        match role {
            ExportRole::Object(keys) => {
                if let Some(object) = object_of_mut(stmt) {
                    object.props.retain(|prop| match prop {
                        PropOrSpread::Prop(prop) => prop_key(prop).is_none_or(|name| {
                            self.live.wants(id, &name)
                                || keys.get(&name).is_none_or(|key| key.has_side_effects)
                        }),
                        PropOrSpread::Spread(_) => true,
                    });
                }
            }
            ExportRole::Assign(names) if names.len() > 1 => {
                if let Stmt::Expr(stmt) = stmt {
                    self.narrow_chain(id, &mut stmt.expr);
                }
            }
            _ => {}
        }
    }

    pub(super) fn narrow_chain(&self, id: ModuleId, expr: &mut Box<Expr>) {
        let Expr::Assign(assign) = &mut **expr else {
            return;
        };
        self.narrow_chain(id, &mut assign.right);
        let unwanted = match &assign.left {
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                static_name(&member.prop).is_some_and(|name| !self.live.wants(id, &name))
            }
            _ => false,
        };
        if unwanted {
            let right = std::mem::replace(&mut *assign.right, undefined());
            **expr = right;
        }
    }
}
