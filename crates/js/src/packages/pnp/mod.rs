//! Yarn Plug'n'Play: packages that lie in zips, and a table instead of `node_modules`.
//!
//! In: a folder. Out: [`Pnp`], where a `.pnp.cjs` stands above it: which package a name means to
//! whom, and a folder on disk for each package that somebody asks for.
//!
//! Two ways were weighed. Reading inside zips would put a file layer under every place that opens,
//! lists, measures or links a file, and each would need a second kind of path. Here a package is
//! unpacked when it is first asked for, into coldcut's own cache, as pnpm lays packages out:
//! `node_modules/.pnp/<package>/node_modules/<name>`, with what it depends on as links beside it.
//! A package that is asked for with two sets of peers is there twice, as it is two modules to
//! Plug'n'Play. Everything else then sees the layout that pnpm made usual, and so does the artifact:
//! the same folders, found by Node without any runtime. The user's own code stays where it is and is
//! never copied; what it may ask for is answered from the table, so that what is not declared is not
//! found, as under Plug'n'Play.

mod cache;
mod codes;
mod conditions;
mod manifest;
mod name_table;
mod runtime;
mod store;
mod unzip;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::packages::pnp::manifest::Source;
use crate::packages::pnp::name_table::{Answer, Id, PackageLocation, Table};
use crate::packages::pnp::store::Store;
use coldcut_core::diagnostics::{Diagnostic, Result};

pub use crate::packages::pnp::codes::{ABSENT, CACHE, DAMAGED, ESCAPES, RUNTIME, TABLE};
pub use crate::store_path::{in_store, shown_path};

/// What a name means to whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PnpResolution {
    /// The package's folder, a real path.
    Package(PathBuf),
    /// Nothing, and why, in a person's words.
    Nothing(String),
    /// Whoever asks is none of Plug'n'Play's.
    Foreign,
}

/// A project under Plug'n'Play.
#[derive(Debug)]
pub struct Pnp {
    source: Source,
    table: Table,
    store: Store,
    /// Where each package lies, once it was asked for.
    installed: Vec<OnceLock<Option<PathBuf>>>,
    /// Folders with the links of own packages.
    links: Vec<OnceLock<Option<PathBuf>>>,
    problems: Mutex<FxHashMap<Id, Diagnostic>>,
    /// Names of packages that are for some platforms only, once one was missing.
    bound: OnceLock<FxHashSet<String>>,
}

impl Pnp {
    /// The project that `dir` (a real path) is of, if it is one under Plug'n'Play.
    pub fn for_folder(dir: &Path) -> Result<Option<Arc<Self>>> {
        let Some(source) = manifest::find(dir)? else {
            return Ok(None);
        };
        let table = Table::new(&source)?;
        if table.package_at(dir).is_none() {
            return Ok(None);
        }
        let store = Store::open(&source, &table)?;
        Ok(Some(Arc::new(Self {
            installed: (0..table.len()).map(|_| OnceLock::new()).collect(),
            links: (0..table.len()).map(|_| OnceLock::new()).collect(),
            source,
            table,
            store,
            problems: Mutex::default(),
            bound: OnceLock::new(),
        })))
    }

    /// What the package `name` is to a file or folder `from`; where it is a package, it is on disk.
    pub fn find(&self, from: &Path, name: &str) -> PnpResolution {
        let Some(asks) = self.asking(from) else {
            return PnpResolution::Foreign;
        };
        match self.table.answer(asks, name) {
            Answer::Is(id) => match self.ready(id) {
                Some(dir) => PnpResolution::Package(dir),
                None => PnpResolution::Nothing(self.failure(id, name)),
            },
            Answer::Nothing(why) => PnpResolution::Nothing(why),
        }
    }

    /// Puts everything on disk that the package of `from` depends on: for names that only its own
    /// manifest knows.
    pub fn ready_all(&self, from: &Path) {
        if let Some(asks) = self.asking(from) {
            for id in self.table.dependencies(asks) {
                self.ready(id);
            }
        }
    }

    /// Puts everything on disk that is reached from `dir` by what packages declare.
    pub fn fetch(&self, dir: &Path) {
        let Some(start) = self.asking(dir) else {
            return;
        };
        let reached = self.table.reached(start);
        reached.into_par_iter().for_each(|id| {
            self.ready(id);
        });
    }

    /// The own package that `from` is a file of: its folder, and a folder with a link to
    /// everything that it may ask for.
    pub fn own(&self, from: &Path) -> Option<(&Path, &Path)> {
        if in_store(from).is_some() {
            return None;
        }
        let id = self.table.package_at(from)?;
        let dir = self.table.own(id)?;
        let links = self.links[id.at()].get_or_init(|| {
            let made = self.store.link_own(&self.table, id);
            made.map_err(|error| self.keep(id, *error)).ok()
        });
        Some((dir, links.as_deref()?))
    }

    /// Own packages that the own package in `dir` depends on, by name.
    pub fn siblings(&self, dir: &Path) -> Vec<(String, PathBuf)> {
        let Some(id) = self.table.package_at(dir) else {
            return Vec::new();
        };
        let own = |(name, id): (&str, Id)| {
            let dir = self.table.own(id)?;
            Some((name.to_string(), dir.to_path_buf()))
        };
        self.table.named(id).filter_map(own).collect()
    }

    /// Where `from` has its link to `name`, as a project with `node_modules` folders would have
    /// it, and what it leads to.
    pub fn link(&self, from: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
        let PnpResolution::Package(real) = self.find(from, name) else {
            return None;
        };
        let folder = match in_store(from) {
            Some(_) => self.store.folder(self.table.slug(self.asking(from)?)),
            None => self.own(from)?.0.to_path_buf(),
        };
        let place = folder.join("node_modules").join(name);
        (place != real).then_some((place, real))
    }

    /// Packages that were asked for and could not be put on disk.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out: Vec<Diagnostic> = problems.values().cloned().collect();
        out.sort_by(|a, b| a.message.cmp(&b.message));
        out
    }

    /// The file that the table stands in.
    pub fn file(&self) -> &Path {
        &self.source.path
    }

    /// The file of the user's that one of the store was made from: the zip that it lay in.
    /// `None` for a link of the store's own.
    pub fn original(&self, path: &Path) -> Option<PathBuf> {
        let Some(rest) = in_store(path) else {
            return Some(path.to_path_buf());
        };
        match self.table.place(self.asking(path)?) {
            PackageLocation::Zip { zip, .. } => Some(zip.clone()),
            PackageLocation::Own(dir) | PackageLocation::Folder(dir) => {
                let id = self.asking(path)?;
                // Below `node_modules/.pnp/SLUG/node_modules/NAME`, where a scope is a folder more.
                let scope = usize::from(self.table.name(id).starts_with('@'));
                let inner: PathBuf = rest.components().skip(5 + scope).collect();
                Some(dir.join(inner))
            }
        }
    }

    /// The files that the table was read from.
    pub fn settings(&self) -> Vec<PathBuf> {
        let source = &self.source;
        let program = source
            .program
            .as_ref()
            .map(|program| source.dir.join(program.name));
        let mut files = vec![source.path.clone()];
        files.extend(program);
        files
    }

    /// Writes beside `task`, a copy of the project's own packages in `folders` (relative to it), what
    /// lets Node.js run it under Plug'n'Play. Gives the arguments that Node.js needs for that.
    pub fn run_in(&self, task: &Path, folders: &BTreeMap<PathBuf, String>) -> Result<Vec<String>> {
        runtime::write_runtime(&self.source, task, folders)
    }

    fn asking(&self, from: &Path) -> Option<Id> {
        match in_store(from) {
            Some(rest) => {
                let slug = rest.components().nth(2)?;
                self.table.by_slug(slug.as_os_str().to_str()?)
            }
            None => self.table.package_at(from),
        }
    }

    fn ready(&self, id: Id) -> Option<PathBuf> {
        let installed = self.installed[id.at()].get_or_init(|| {
            if let PackageLocation::Own(dir) = self.table.place(id) {
                return Some(dir.clone());
            }
            match self.store.install(&self.table, id) {
                Ok(dir) => Some(dir),
                // It was never to be here.
                Err(error) if error.code == ABSENT && self.is_bound(self.table.name(id)) => None,
                Err(error) => {
                    self.keep(id, *error);
                    None
                }
            }
        });
        installed.clone()
    }

    /// Whether the lock file binds a package to platforms.
    fn is_bound(&self, name: &str) -> bool {
        let bound = self.bound.get_or_init(|| conditions::beside(self.file()));
        bound.contains(name)
    }

    fn keep(&self, id: Id, error: Diagnostic) {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.entry(id).or_insert(error);
    }

    fn failure(&self, id: Id, name: &str) -> String {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.get(&id).map_or_else(
            || format!("`{name}` is for other platforms, and not installed on this one"),
            |problem| problem.message.clone(),
        )
    }
}
