//! The module graph: every file that can be reached from the entries, parsed and scanned once.
//!
//! In: entry files. Out: a frozen [`ModuleGraph`] that all functions share. Files are read,
//! parsed and resolved in parallel, one ring of the graph after another; ids are given in the
//! order of paths afterwards, so that nothing depends on scheduling.

mod addons;
mod module_loader;
pub(crate) mod path_patterns;
mod platform_packages;
pub(crate) mod trace_rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use crate::graph::module_loader::{not_json, unresolved_simply as unresolved};
pub(crate) use crate::graph::path_patterns::normal;

use crate::packages::package::{Package, Packages};
use crate::packages::platform_fields::Native;
use crate::packages::pnp;
use crate::packages::resolve::Resolve;
use crate::scan::{Defines, ImportKind, ModuleScan};
use crate::syntax::{Dialect, Session};
use coldcut_core::diagnostics::{Code, Diagnostic};
pub use coldcut_core::native_headers::machine;
use coldcut_core::settings::Rule;

/// An import that leads nowhere.
pub const UNRESOLVED: Code = Code("CC052");
/// An import whose specifier is computed.
pub const UNFOLLOWABLE: Code = Code("CC053");
/// A source file that cannot be read.
pub const UNREADABLE: Code = Code("CC054");
/// A library that an addon is linked to is not there.
pub const LIBRARY: Code = Code("CC066");
/// A `tsconfig.json` that cannot be read.
pub const TSCONFIG: Code = Code("CC055");

/// A module by its place in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(u32);

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
pub enum Target {
    Module(ModuleId),
    Builtin,
    Missing(String),
}

/// One reference from a module.
#[derive(Debug, Clone)]
pub struct Edge {
    pub target: Target,
    /// As written; for patterns and assets, the path as far as it is known.
    pub specifier: Arc<str>,
    pub how: How,
    pub line: u32,
    pub optional: bool,
}

/// By what a reference was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
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

impl How {
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
pub struct Module {
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

impl Module {
    /// Not of an installed package.
    fn is_own(&self) -> bool {
        self.package.kind != crate::packages::package::PackageKind::Installed
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
    modules: Vec<Module>,
    by_path: FxHashMap<PathBuf, ModuleId>,
}

impl ModuleGraph {
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub fn find(&self, path: &Path) -> Option<ModuleId> {
        self.by_path.get(path).copied()
    }

    pub fn len(&self) -> usize {
        self.modules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }
}

/// What building a graph needs; shared by all threads.
pub struct Loader<'a> {
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
    pub asks: ModuleScan,
}

/// A module before ids are given.
struct Loaded {
    module: Module,
    /// Targets by path, in the order of `module.edges`.
    targets: Vec<Option<PathBuf>>,
}

impl Loader<'_> {
    /// Builds the graph of everything that `entries` (real paths) reach.
    pub fn build(&self, entries: &[PathBuf]) -> ModuleGraph {
        self.grow(entries, Vec::new(), &|_| true)
    }

    /// Builds the graph of what `seeds` ask for, and of everything that is reached from there.
    pub fn build_beside(&self, seeds: Vec<Seed>) -> ModuleGraph {
        self.grow(&[], seeds, &|_| true)
    }

    /// Builds the graph of `entries` and the own modules that they reach: installed packages are
    /// not read.
    pub fn build_own(&self, entries: &[PathBuf]) -> ModuleGraph {
        self.grow(entries, Vec::new(), &|path| {
            self.packages.of(path).kind != crate::packages::package::PackageKind::Installed
        })
    }

    fn grow(
        &self,
        entries: &[PathBuf],
        seeds: Vec<Seed>,
        follow: &dyn Fn(&Path) -> bool,
    ) -> ModuleGraph {
        let mut seen: BTreeMap<PathBuf, Option<Loaded>> = BTreeMap::new();
        // Modules of which a part is followed; whoever is reached otherwise is followed whole.
        let mut partly: FxHashSet<PathBuf> = seeds.iter().map(|seed| seed.path.clone()).collect();
        let mut ring: Vec<(PathBuf, bool)> =
            entries.iter().map(|path| (path.clone(), false)).collect();
        let mut loaded: Vec<(PathBuf, Loaded)> = seeds
            .into_par_iter()
            .map(|seed| (seed.path.clone(), self.seeded(seed)))
            .collect();
        loop {
            for (path, loaded) in loaded {
                for (edge, target) in loaded.module.edges.iter().zip(&loaded.targets) {
                    if let Some(target) = target
                        && (!seen.contains_key(target) || partly.contains(target))
                        && follow(target)
                    {
                        partly.remove(target);
                        ring.push((target.clone(), edge.how.reads()));
                    }
                }
                seen.insert(path, Some(loaded));
            }
            if ring.is_empty() {
                break;
            }
            ring.sort();
            ring.dedup_by(|a, b| a.0 == b.0);
            for (path, _) in &ring {
                seen.insert(path.clone(), None);
            }
            loaded = std::mem::take(&mut ring)
                .into_par_iter()
                .map(|(path, as_asset)| {
                    let loaded = self.session.enter(|| self.load(&path, as_asset));
                    (path, loaded)
                })
                .collect();
        }
        freeze(seen)
    }
}

fn freeze(seen: BTreeMap<PathBuf, Option<Loaded>>) -> ModuleGraph {
    let mut by_path = FxHashMap::default();
    let mut loaded: Vec<Loaded> = seen.into_values().flatten().collect();
    // Where the cache lies must not show: packages of it come after everything else.
    if loaded
        .iter()
        .any(|one| pnp::below(&one.module.path).is_some())
    {
        loaded.sort_by(|a, b| pnp::shown(&a.module.path).cmp(pnp::shown(&b.module.path)));
    }
    for (at, one) in loaded.iter().enumerate() {
        by_path.insert(one.module.path.clone(), ModuleId(at as u32));
    }
    let modules = loaded
        .into_iter()
        .map(
            |Loaded {
                 mut module,
                 targets,
             }| {
                for (edge, target) in module.edges.iter_mut().zip(targets) {
                    if let Some(id) = target.and_then(|path| by_path.get(&path)) {
                        edge.target = Target::Module(*id);
                    }
                }
                module
            },
        )
        .collect();
    ModuleGraph { modules, by_path }
}
