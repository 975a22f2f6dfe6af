//! From entries to the whole graph.
//!
//! In: entry files, or modules of a bundle. Out: a [`ModuleGraph`]. All modules that are new are
//! loaded in parallel, then those that they refer to; ids are given in the order of paths.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::loader::{GraphLoader, LoadedModule, Seed};
use crate::graph::module::{EdgeTarget, GraphModuleId, ModuleGraph};
use crate::packages::package::PackageKind;
use crate::packages::pnp;

impl GraphLoader<'_> {
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
            self.packages.package_of(path).kind != PackageKind::Installed
        })
    }

    fn grow(
        &self,
        entries: &[PathBuf],
        seeds: Vec<Seed>,
        follow: &dyn Fn(&Path) -> bool,
    ) -> ModuleGraph {
        let span = tracing::info_span!("graph", modules = tracing::field::Empty).entered();
        let mut seen: BTreeMap<PathBuf, Option<LoadedModule>> = BTreeMap::new();
        // Modules of which a part is followed; whoever is reached otherwise is followed whole.
        let mut partly: FxHashSet<PathBuf> = seeds.iter().map(|seed| seed.path.clone()).collect();
        let mut frontier: Vec<(PathBuf, bool)> =
            entries.iter().map(|path| (path.clone(), false)).collect();
        let mut loaded: Vec<(PathBuf, LoadedModule)> = seeds
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
                        frontier.push((target.clone(), edge.how.reads()));
                    }
                }
                seen.insert(path, Some(loaded));
            }
            if frontier.is_empty() {
                break;
            }
            frontier.sort();
            frontier.dedup_by(|a, b| a.0 == b.0);
            for (path, _) in &frontier {
                seen.insert(path.clone(), None);
            }
            loaded = std::mem::take(&mut frontier)
                .into_par_iter()
                .map(|(path, as_asset)| {
                    let loaded = self.session.enter(|| self.load(&path, as_asset));
                    (path, loaded)
                })
                .collect();
        }
        span.record("modules", seen.len());
        freeze(seen)
    }
}

fn freeze(seen: BTreeMap<PathBuf, Option<LoadedModule>>) -> ModuleGraph {
    let mut by_path = FxHashMap::default();
    let mut loaded: Vec<LoadedModule> = seen.into_values().flatten().collect();
    // Where the cache lies must not show: packages of it come after everything else.
    if loaded
        .iter()
        .any(|one| pnp::in_store(&one.module.path).is_some())
    {
        loaded.sort_by(|a, b| pnp::shown_path(&a.module.path).cmp(pnp::shown_path(&b.module.path)));
    }
    for (at, one) in loaded.iter().enumerate() {
        by_path.insert(one.module.path.clone(), GraphModuleId(at as u32));
    }
    let modules = loaded
        .into_iter()
        .map(
            |LoadedModule {
                 mut module,
                 targets,
             }| {
                for (edge, target) in module.edges.iter_mut().zip(targets) {
                    if let Some(id) = target.and_then(|path| by_path.get(&path)) {
                        edge.target = EdgeTarget::Module(*id);
                    }
                }
                module
            },
        )
        .collect();
    ModuleGraph { modules, by_path }
}
