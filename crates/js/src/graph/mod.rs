//! The module graph: every file that can be reached from the entries, parsed and scanned once.
//!
//! In: entry files. Out: a frozen [`ModuleGraph`] that all functions share. Files are read,
//! parsed and resolved in parallel, one frontier of the graph after another; ids are given in the
//! order of paths afterwards, so that nothing depends on scheduling.

mod addons;
mod build_graph;
mod codes;
mod loader;
mod module;
mod module_loader;
pub(crate) mod path_patterns;
mod platform_packages;
mod resolve_references;
pub(crate) mod trace_rules;
mod unresolved;

pub use coldcut_core::native_headers::machine;

pub use crate::graph::codes::{LIBRARY, TSCONFIG, UNFOLLOWABLE, UNREADABLE, UNRESOLVED};
pub use crate::graph::loader::{GraphLoader, Seed};
pub use crate::graph::module::{
    Edge, EdgeKind, EdgeTarget, GraphModule, GraphModuleId, ModuleGraph, ModuleKind, Problem,
};
pub(crate) use crate::graph::module_loader::not_json;
pub(crate) use crate::graph::path_patterns::normal;
pub(crate) use crate::graph::unresolved::unresolved_simply as unresolved;
