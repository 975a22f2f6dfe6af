//! The statements that stay, module by module.
//!
//! In: the modules, and which of their parts stay ([`Live`]). Out: for each module that runs a
//! [`LiveModule`]: its own copy of those statements, less the exports that nobody reads; or what
//! stands for it where it stays as text or is big JSON. Modules are copied in parallel.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::bundle::analyse::commonjs::{object_of_mut, prop_key};
use crate::bundle::generate::ast_builder::undefined;
use crate::bundle::generate::packed_json::Packed;
use crate::bundle::link::Linked;
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{Kind, Module, ModuleId, Modules};
use crate::bundle::options::Options;
use crate::bundle::part::ExportRole;
use crate::bundle::shake::Live;
use crate::syntax::Span;
use crate::syntax::ast::*;

/// What stays of one module.
pub enum LiveModule {
    Statements(Vec<Stmt>),
    /// All of a big JSON file, compressed; its place in the source is that of its value.
    PackedJson(Packed, Span),
    /// All of its text.
    RawText,
}

/// Every module that runs and is part of the bundle, by its id.
pub fn live_modules(
    modules: &Modules,
    linked: &Linked,
    live: &Live,
    entry: ModuleId,
    options: &Options<'_>,
) -> BTreeMap<ModuleId, LiveModule> {
    let stays = |id: &ModuleId| live.runs(*id) && modules.get(*id).kind != Kind::External;
    let ids: Vec<ModuleId> = modules.ids().filter(stays).collect();
    let packs = options.minify && options.host.is_node();
    ids.into_par_iter()
        .map(|id| {
            if linked.is_raw_text(id) {
                return (id, LiveModule::RawText);
            }
            let packed = (packs && id != entry).then(|| packed_json(modules.get(id), id, live));
            let statements = || LiveModule::Statements(statements(modules.get(id), id, live));
            (id, packed.flatten().unwrap_or_else(statements))
        })
        .collect()
}

/// A big JSON module that stays whole, compressed. Node.js can unpack it, and its platforms count
/// what is zipped.
fn packed_json(module: &Module, id: ModuleId, live: &Live) -> Option<LiveModule> {
    let mut parts = module.analysis.parts.iter();
    let whole = module.kind == Kind::Json
        && parts.all(|part| match &part.role {
            ExportRole::Object(keys) => keys.keys().all(|name| live.wants(id, name)),
            _ => true,
        });
    let text = module.text.as_ref().filter(|_| whole)?;
    let packed = Packed::new(id.index(), text)?;
    let value = module
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
    Some(LiveModule::PackedJson(packed, value))
}

/// The statements of a module that stay.
fn statements(module: &Module, id: ModuleId, live: &Live) -> Vec<Stmt> {
    let parts = module.analysis.parts.iter_enumerated();
    parts
        .filter(|(at, _)| live.part(id, *at))
        .map(|(_, part)| {
            let mut stmt = part.stmt.clone();
            drop_unread_exports(id, live, &part.role, &mut stmt);
            stmt
        })
        .collect()
}

/// Leaves out the exports of a statement that nobody reads.
fn drop_unread_exports(id: ModuleId, live: &Live, role: &ExportRole, stmt: &mut Stmt) {
    match role {
        ExportRole::Object(keys) => {
            if let Some(object) = object_of_mut(stmt) {
                object.props.retain(|prop| match prop {
                    PropOrSpread::Prop(prop) => prop_key(prop).is_none_or(|name| {
                        live.wants(id, &name)
                            || keys.get(&name).is_none_or(|key| key.has_side_effects)
                    }),
                    PropOrSpread::Spread(_) => true,
                });
            }
        }
        ExportRole::Assign(names) if names.len() > 1 => {
            if let Stmt::Expr(stmt) = stmt {
                drop_unread_assignments(id, live, &mut stmt.expr);
            }
        }
        _ => {}
    }
}

/// `exports.a = exports.b = value` without those that nobody reads.
fn drop_unread_assignments(id: ModuleId, live: &Live, expr: &mut Box<Expr>) {
    let Expr::Assign(assign) = &mut **expr else {
        return;
    };
    drop_unread_assignments(id, live, &mut assign.right);
    let unread = match &assign.left {
        AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
            static_name(&member.prop).is_some_and(|name| !live.wants(id, &name))
        }
        _ => false,
    };
    if unread {
        let right = std::mem::replace(&mut *assign.right, undefined());
        **expr = right;
    }
}
