//! What loading modules needs, and what it gives for one of them.

use std::path::{Path, PathBuf};

use crate::graph::module::{Edge, GraphModule};
use crate::packages::package::Packages;
use crate::packages::resolve::Resolve;
use crate::scan::{Defines, ModuleScan};
use crate::syntax::Session;
use coldcut_core::settings::Rule;

/// What building a graph needs; shared by all threads.
pub struct GraphLoader<'a> {
    pub session: &'a Session,
    pub packages: &'a Packages,
    pub resolve: &'a Resolve,
    pub defines: &'a Defines,
    /// The folder that the process will run in.
    pub cwd: &'a Path,
    /// Whoever runs TypeScript takes it as it is written: imports that only name types count.
    pub as_written: bool,
    /// The architectures that addons are wanted for, as Node names them.
    pub machines: &'a [&'static str],
    /// The user's rules, beside the table's.
    pub rules: &'a [Rule],
    /// Files are followed by imports that are written out, and by nothing else.
    pub imports_only: bool,
}

/// A module that a bundle has in it: only what it asks for beside the bundle is followed.
pub struct Seed {
    /// Real path.
    pub path: PathBuf,
    /// What it asks for that the bundle has not.
    pub external_references: ModuleScan,
}

/// A module before ids are given.
pub(super) struct LoadedModule {
    pub(super) module: GraphModule,
    /// Targets by path, in the order of `module.edges`.
    pub(super) targets: Vec<Option<PathBuf>>,
}

impl LoadedModule {
    pub(super) fn add(&mut self, edge: Edge, target: Option<PathBuf>) {
        self.module.edges.push(edge);
        self.targets.push(target);
    }

    /// One edge to each of several files.
    pub(super) fn add_all(&mut self, edge: &Edge, files: Vec<PathBuf>) {
        for file in files {
            self.add(edge.clone(), Some(file));
        }
    }
}
