//! What generation knows: the modules, how they are linked, what stays, and the names.
//!
//! One [`Generator`] makes one bundle. The files of this folder add what makes each piece of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::bundle::generate::names::Naming;
use crate::bundle::generate::packed_json::Packed;
use crate::bundle::generate::rewrite::Rewriter;
use crate::bundle::link::Linked;
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::options::Format;
use crate::bundle::part::Export;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::bundle::shake::Live;
use crate::host::Host;
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, Sources, SyntaxContext};

/// The statements of each module.
pub(super) type Bodies = FxHashMap<ModuleId, Vec<Stmt>>;

/// What is settled for the whole output.
#[derive(Debug)]
pub struct Chunk {
    pub format: Format,
    pub host: Host,
    pub(super) exported: RefCell<FxHashMap<(ModuleId, Id), Atom>>,
}

impl Chunk {
    /// The name under which a module exports a variable.
    pub fn exported_as(&self, modules: &Modules, module: ModuleId, id: &Id) -> Atom {
        self.exported
            .borrow_mut()
            .entry((module, id.clone()))
            .or_insert_with(|| {
                modules
                    .get(module)
                    .analysis
                    .exports
                    .iter()
                    .find(|(_, export)| matches!(export, Export::Local(local) if local == id))
                    .map_or_else(|| id.0.clone(), |(name, _)| name.clone())
            })
            .clone()
    }
}

/// A program, and what is worth saying about it.
pub struct Emitted {
    pub program: Program,
    pub needs: RuntimeRequirements,
    /// Modules of which something stayed, in order.
    pub kept: Vec<ModuleId>,
    /// What the markers in the program stand for.
    pub packed: Vec<Packed>,
    /// Node.js's own modules that it imports.
    pub builtins: BTreeSet<String>,
}

pub struct Generator<'a> {
    pub(super) sources: &'a Sources,
    pub(super) modules: &'a Modules,
    pub(super) linked: &'a Linked,
    pub(super) live: &'a Live,
    pub(super) entry: ModuleId,
    pub(super) names: Naming,
    pub(super) chunk: Chunk,
    pub(super) unresolved: SyntaxContext,
    pub(super) helpers: Vec<(Helper, Stmt)>,
    pub(super) comments: bool,
    /// Where the output is, for a host that may not say so.
    pub(super) place: Option<String>,
    pub(super) packed: Vec<Packed>,
    pub notes: Vec<(crate::syntax::BytePos, String)>,
}

/// A name that nothing in the bundle declares.
pub(super) fn free_name(unresolved: SyntaxContext, name: &str) -> Expr {
    Expr::Ident(Ident::new(name.into(), DUMMY_SP, unresolved))
}

impl Generator<'_> {
    pub(super) fn rewriter(&self, id: ModuleId, raw: bool) -> Rewriter<'_> {
        Rewriter::new(
            self.modules,
            self.linked,
            &self.names,
            &self.chunk,
            self.unresolved,
            id,
            raw,
        )
    }

    pub(super) fn is_raw_text(&self, id: ModuleId) -> bool {
        self.linked.is_raw_text(id)
    }
}
