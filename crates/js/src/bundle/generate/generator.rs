//! What generation knows: the modules, how they are linked, what stays, and the names.
//!
//! One [`Generator`] makes one bundle. The files of this folder add what makes each piece of it.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::bundle::generate::ast_builder::var;
use crate::bundle::generate::names::Naming;
use crate::bundle::generate::packed_json::Packed;
use crate::bundle::generate::rewrite::{Rewriter, read_binding};
use crate::bundle::link::Linked;
use crate::bundle::link::bindings::{Binding, Bindings};
use crate::bundle::link::plan::Plan;
use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::bundle::runtime_requirements::Helper;
use crate::bundle::shake::Live;
use crate::syntax::ast::*;
use crate::syntax::{BytePos, DUMMY_SP, Session, Sources, Span, SyntaxContext};

/// A program, and what is worth saying about it.
pub struct Emitted {
    pub program: Program,
    /// Modules of which something stayed, in order.
    pub kept: Vec<ModuleId>,
    /// What the markers in the program stand for.
    pub packed: Vec<Packed>,
    /// Node.js's own modules that it imports.
    pub builtins: BTreeSet<String>,
    /// Comments that name modules, by their places.
    pub labels: Vec<(BytePos, String)>,
}

pub struct Generator<'a> {
    pub(super) session: &'a Session,
    pub(super) modules: &'a Modules,
    pub(super) linked: &'a Linked,
    pub(super) live: &'a Live,
    pub(super) bindings: &'a Bindings<'a>,
    pub(super) plan: &'a Plan,
    pub(super) entry: ModuleId,
    pub(super) names: Naming,
    pub(super) unresolved: SyntaxContext,
    /// The statements of `runtime.js`.
    pub(super) helpers: Vec<(Helper, Stmt)>,
    /// None where there are no comments.
    pub(super) labels: Labels,
    /// Where the output is, for a host that may not say so.
    pub(super) place: Option<String>,
}

/// The comments that name modules.
#[derive(Default)]
pub(super) struct Labels {
    /// Where each stands.
    places: FxHashMap<ModuleId, Span>,
    pub(super) texts: Vec<(BytePos, String)>,
}

impl Labels {
    pub(super) fn new(
        sources: &Sources,
        bindings: &Bindings<'_>,
        modules: impl Iterator<Item = ModuleId>,
    ) -> Self {
        let mut labels = Self::default();
        for id in modules {
            let at = sources.reserve();
            let name = &bindings.modules.get(id).name;
            labels.texts.push((at, format!(" {name}")));
            labels.places.insert(id, Span::new(at, at));
        }
        labels
    }
}

/// A name that nothing in the bundle declares.
pub(super) fn free_name(unresolved: SyntaxContext, name: &str) -> Expr {
    Expr::Ident(Ident::new(name.into(), DUMMY_SP, unresolved))
}

impl Generator<'_> {
    pub(super) fn rewriter(&self, id: ModuleId, raw: bool) -> Rewriter<'_> {
        Rewriter::new(self.bindings, &self.names, self.unresolved, id, raw)
    }

    pub(super) fn read(&self, binding: &Binding) -> Expr {
        read_binding(&self.names, binding)
    }

    /// A call of a run-time function.
    pub(super) fn helper(&self, helper: Helper) -> Expr {
        var(self.names.helper(helper))
    }

    /// The place of the comment that names a module.
    pub(super) fn label(&self, id: ModuleId) -> Span {
        self.labels.places.get(&id).copied().unwrap_or(DUMMY_SP)
    }

    pub(super) fn is_esm(&self, id: ModuleId) -> bool {
        self.modules.get(id).kind == Kind::Esm
    }
}
