//! A module, its references, and the graph that they make.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::packages::package::{Package, PackageKind};
use crate::packages::platform_fields::Native;
use crate::scan::{ImportKind, ModuleScan};
use crate::syntax::Dialect;
use coldcut_core::diagnostics::Diagnostic;

/// A module by its place in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphModuleId(pub(super) u32);

/// What a file is to Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// JavaScript or TypeScript, scanned.
    Code,
    Json,
    /// A native addon.
    Addon,
    /// A file that is read, not run.
    Asset,
}

/// Where one reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeTarget {
    Module(GraphModuleId),
    Builtin,
    Missing(String),
}

/// One reference from a module.
#[derive(Debug, Clone)]
pub struct Edge {
    pub target: EdgeTarget,
    /// As written; for patterns and assets, the path as far as it is known.
    pub specifier: Arc<str>,
    pub how: EdgeKind,
    pub line: u32,
    pub optional: bool,
}

/// By what a reference was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    Import(ImportKind),
    /// Matched by a path with a constant prefix.
    Pattern,
    /// Named through `__dirname` or `import.meta.url`.
    Asset,
    /// Looked for by a helper that loads addons.
    Addon,
    /// Of a package that is for one platform, of which the module's package has one for each.
    Platform,
    /// A library that a native file is linked to.
    Linked,
    /// Named by the table of rules for the module's package.
    Rule {
        runs: bool,
    },
}

impl EdgeKind {
    /// Whether the file is read, not run.
    pub fn reads(self) -> bool {
        match self {
            Self::Import(_) | Self::Pattern | Self::Rule { runs: true } => false,
            Self::Asset | Self::Addon | Self::Platform | Self::Linked => true,
            Self::Rule { runs: false } => true,
        }
    }

    /// Whether a path or a table names the file, and no specifier.
    pub fn by_path(self) -> bool {
        !matches!(self, Self::Import(_) | Self::Pattern)
    }
}

/// One source file.
#[derive(Debug)]
pub struct GraphModule {
    /// Real path.
    pub path: PathBuf,
    pub package: Arc<Package>,
    pub kind: ModuleKind,
    pub dialect: Dialect,
    pub scan: ModuleScan,
    pub edges: Vec<Edge>,
    /// What is wrong with the file, or cannot be followed in it.
    pub problems: Vec<Problem>,
    /// What it says of itself, where it is a binary.
    pub native: Option<Native>,
    /// Kept for the project's own code, to show lines of it.
    pub text: Option<Arc<str>>,
}

impl GraphModule {
    /// Not of an installed package.
    pub(super) fn is_own(&self) -> bool {
        self.package.kind != PackageKind::Installed
    }

    /// Its path as a person names it: below the project, or below its package's name.
    pub fn display_name(&self) -> String {
        let rest = self
            .path
            .strip_prefix(&self.package.dir)
            .unwrap_or(&self.path)
            .display();
        match self.package.kind {
            PackageKind::Project => rest.to_string(),
            _ => format!("{}/{rest}", self.package.name),
        }
    }
}

/// Something wrong with a module.
#[derive(Debug, Clone)]
pub enum Problem {
    /// It cannot be read or parsed: nothing is known of what it needs.
    Broken(Diagnostic),
    /// One of its imports is computed.
    Unfollowable(Diagnostic),
    /// One of its imports leads nowhere; `specifier` as written.
    Unresolved {
        specifier: Arc<str>,
        diagnostic: Diagnostic,
    },
    Other(Diagnostic),
}

/// All modules that the entries reach.
#[derive(Debug)]
pub struct ModuleGraph {
    pub(super) modules: Vec<GraphModule>,
    pub(super) by_path: FxHashMap<PathBuf, GraphModuleId>,
}

impl ModuleGraph {
    pub fn get(&self, id: GraphModuleId) -> &GraphModule {
        &self.modules[id.0 as usize]
    }

    pub fn find(&self, path: &Path) -> Option<GraphModuleId> {
        self.by_path.get(path).copied()
    }

    pub fn len(&self) -> usize {
        self.modules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }
}
