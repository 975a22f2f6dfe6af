//! Reading everything that an entry reaches.
//!
//! In: entry files and the settings of a bundle. Out: [`Modules`], one per file, parsed once, in
//! parallel, level by level from the entries, with each import resolved. Ids are given in the
//! order of paths afterwards, so that nothing depends on scheduling.

mod builtins;
pub(crate) mod cherry_pick;
mod dual_package;
mod failing_modules;
pub(crate) mod file_loaders;
pub(crate) mod fold;
pub(crate) mod globs;
mod import_defer;
mod imported_names;
mod javascript;
mod loader;
mod read_file;
mod resolve_import;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oxc_index::IndexVec;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::bundle::analyse::cjs_namespace;
use crate::bundle::load::failing_modules::ReadFiles;
use crate::bundle::load::file_loaders::FileLoader;
use crate::bundle::load::loader::{LoadedFile, ResolvedImport, external_key};
use crate::bundle::module::{CjsNamespaces, Kind, ModuleId, Modules, Target};
use crate::packages::pnp;
use coldcut_core::diagnostics::Diagnostic;

pub use crate::bundle::load::builtins::is_builtin;
pub use crate::bundle::load::loader::Loader;

impl Loader<'_> {
    /// Reads everything that `entries` (real paths) reach.
    pub fn load(&self, entries: &[PathBuf]) -> Result<Modules, Vec<Diagnostic>> {
        let mut seen = ReadFiles::new();
        let mut came_from: FxHashMap<PathBuf, PathBuf> = FxHashMap::default();
        let mut frontier: Vec<PathBuf> = entries.to_vec();
        let mut waiting: Vec<(PathBuf, PathBuf, PathBuf)> = Vec::new();
        loop {
            if frontier.is_empty() {
                // Whoever needs a whole package has been seen by now: else its parts will do.
                waiting.retain(|(whole, _, _)| !seen.contains_key(whole));
                for (_, parts, by) in waiting.drain(..) {
                    if !seen.contains_key(&parts) {
                        came_from.entry(parts.clone()).or_insert(by);
                        frontier.push(parts);
                    }
                }
                if frontier.is_empty() {
                    break;
                }
            }
            frontier.sort();
            frontier.dedup();
            for path in &frontier {
                seen.insert(path.clone(), None);
            }
            let loaded: Vec<(PathBuf, LoadedFile)> = frontier
                .into_par_iter()
                .map(|path| {
                    let loaded = self.session.enter(|| self.read_file(&path));
                    (path, loaded)
                })
                .collect();
            frontier = Vec::new();
            for (path, loaded) in loaded {
                for place in &loaded.resolved {
                    let targets: Vec<PathBuf> = match place {
                        ResolvedImport::File(file) => vec![file.clone()],
                        ResolvedImport::External(name) => vec![external_key(name)],
                        ResolvedImport::Missing => Vec::new(),
                        ResolvedImport::Picked { whole, parts } => {
                            waiting.push((whole.clone(), parts.clone(), path.clone()));
                            Vec::new()
                        }
                        ResolvedImport::Glob(list) => {
                            list.iter().map(|(_, file)| file.clone()).collect()
                        }
                    };
                    for target in targets {
                        if !seen.contains_key(&target) {
                            came_from.entry(target.clone()).or_insert(path.clone());
                            frontier.push(target);
                        }
                    }
                }
                seen.insert(path, Some(loaded));
            }
        }
        self.throw_where_asked(&mut seen, entries, &came_from);
        let mut modules = self.freeze(seen, &came_from)?;
        modules.cjs_names = self.cjs_namespaces(&modules, entries);
        Ok(modules)
    }

    fn cjs_namespaces(&self, modules: &Modules, entries: &[PathBuf]) -> CjsNamespaces {
        let files = cjs_namespace::Files {
            packages: self.packages,
            resolve: self.resolve,
            is_stand_in: &|path| self.stand_in(path).is_some(),
        };
        let mut names = cjs_namespace::names(&files, modules, entries);
        // Node gives JSON that is imported as such one name, `default`.
        if let Ok(known) = self.import_attributes.lock() {
            let json = known.iter().filter(|(_, kind)| **kind == FileLoader::Json);
            let ids = json.filter_map(|(path, _)| modules.find(path));
            let ids = ids.filter(|id| modules.get(*id).kind == Kind::Json);
            names.extend(ids.map(|id| (id, BTreeSet::new())));
        }
        names
    }

    fn freeze(
        &self,
        seen: ReadFiles,
        came_from: &FxHashMap<PathBuf, PathBuf>,
    ) -> Result<Modules, Vec<Diagnostic>> {
        let mut by_path = FxHashMap::default();
        let mut seen: Vec<(PathBuf, Option<LoadedFile>)> = seen.into_iter().collect();
        // Where the cache lies must not show: packages of it come after everything else.
        if seen.iter().any(|(path, _)| pnp::in_store(path).is_some()) {
            seen.sort_by(|(a, _), (b, _)| pnp::shown_path(a).cmp(pnp::shown_path(b)));
        }
        for (at, (path, _)) in seen.iter().enumerate() {
            by_path.insert(path.clone(), ModuleId::from_usize(at));
        }
        let mut all = IndexVec::new();
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for (path, loaded) in seen {
            let Some(LoadedFile {
                mut module,
                resolved,
                errors: mut found,
                warnings: mut noted,
            }) = loaded
            else {
                continue;
            };
            for (record, place) in module.records.iter_mut().zip(resolved) {
                record.target = match place {
                    ResolvedImport::File(file) => Target::Module(by_path[&file]),
                    ResolvedImport::External(name) => Target::Module(by_path[&external_key(&name)]),
                    ResolvedImport::Missing => Target::Missing,
                    ResolvedImport::Picked { whole, parts } => {
                        Target::Module(*by_path.get(&whole).unwrap_or_else(|| &by_path[&parts]))
                    }
                    ResolvedImport::Glob(list) => Target::Glob(
                        list.into_iter()
                            .map(|(key, file)| (key, by_path[&file]))
                            .collect(),
                    ),
                };
            }
            let chain = |diagnostic: Diagnostic| self.with_chain(&path, came_from, diagnostic);
            errors.extend(found.drain(..).map(chain));
            warnings.append(&mut noted);
            all.push(module);
        }
        if errors.is_empty() {
            Ok(Modules::new(all, by_path, warnings))
        } else {
            Err(errors)
        }
    }

    fn with_chain(
        &self,
        path: &Path,
        came_from: &FxHashMap<PathBuf, PathBuf>,
        diagnostic: Diagnostic,
    ) -> Diagnostic {
        let mut chain = vec![self.name_of(path)];
        let mut at = path;
        while let Some(parent) = came_from.get(at) {
            chain.push(self.name_of(parent));
            at = parent;
        }
        if chain.len() < 2 {
            return diagnostic;
        }
        chain.reverse();
        diagnostic.note(format!("imported by the chain {}", chain.join(" -> ")))
    }
}
