//! What reading the files of a bundle needs, and what one file gives.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::bundle::load::file_loaders::FileLoader;
use crate::bundle::module::Module;
use crate::bundle::options::{Options, shown};
use crate::packages::package::Packages;
use crate::packages::resolve::Resolve;
use crate::syntax::{Session, Sources};
use coldcut_core::diagnostics::Diagnostic;

/// What loading needs; shared by all threads.
pub struct Loader<'a> {
    pub session: &'a Session,
    pub sources: &'a Sources,
    pub packages: &'a Packages,
    pub resolve: &'a Resolve,
    pub options: &'a Options<'a>,
    /// The sources of stand-ins for parts of packages, by the paths they are known by.
    pub cherry_picked: Mutex<FxHashMap<PathBuf, Arc<str>>>,
    /// How imports say that files are to be taken.
    pub import_attributes: Mutex<FxHashMap<PathBuf, FileLoader>>,
}

/// Where an import leads before ids are given.
pub(super) enum ResolvedImport {
    File(PathBuf),
    External(String),
    Missing,
    Glob(Vec<(String, PathBuf)>),
    /// Parts of a package, unless something needs the whole of it.
    Picked {
        whole: PathBuf,
        parts: PathBuf,
    },
}

/// One file, read. Its records have no targets yet: `resolved` says where each leads.
pub(super) struct LoadedFile {
    pub module: Module,
    pub resolved: Vec<ResolvedImport>,
    pub errors: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
}

impl LoadedFile {
    pub fn new(module: Module) -> Self {
        Self {
            module,
            resolved: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// The path by which an external is kept in the table.
pub(super) fn external_key(specifier: &str) -> PathBuf {
    PathBuf::from(format!("\0external:{specifier}"))
}

impl Loader<'_> {
    pub(super) fn name_of(&self, path: &Path) -> String {
        shown(self.options, path)
    }

    /// Where a file would lie, as seen from the output.
    pub(super) fn virtual_path(&self, path: &Path) -> Option<String> {
        self.options.original_location.as_ref()?.seen(path)
    }

    /// The source of a stand-in for parts of a package.
    pub(super) fn stand_in(&self, path: &Path) -> Option<Arc<str>> {
        // Poisoned only if another thread panicked, which ends the run.
        self.cherry_picked.lock().ok()?.get(path).cloned()
    }
}
