//! Modules that Node refuses to load, where only an `import()` asks for them.
//!
//! In: the files that were read. Out: the same files, in which one that has a syntax error, or imports a file that
//! is not there, throws that error when it runs, as Node's `import()` of it fails then; so do those that import
//! it. What is imported at the top of files that run with the entry stays an error: nothing would run. So does a
//! package that is not there, which the platform may have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::load::loader::{LoadedFile, Loader, ResolvedImport, external_key};
use crate::bundle::module::{Kind, Module};
use crate::packages::package::package_of_specifier;
use crate::scan::ImportKind;
use crate::syntax::{Dialect, ModuleGoal, SYNTAX};
use coldcut_core::diagnostics::Severity;

/// Every file that was read, by its path.
pub(super) type ReadFiles = BTreeMap<PathBuf, Option<LoadedFile>>;

impl Loader<'_> {
    /// Puts modules that throw in place of those that cannot be loaded, where that is no error of the build.
    /// `came_from` says who asked first for each file.
    pub(super) fn throw_where_asked(
        &self,
        files: &mut ReadFiles,
        entries: &[PathBuf],
        came_from: &FxHashMap<PathBuf, PathBuf>,
    ) {
        if !files
            .values()
            .flatten()
            .any(|file| why_failing(file).is_some())
        {
            return;
        }
        let with_the_entry = reached_without_import_calls(files, entries);
        let mut failing: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (path, file) in files.iter() {
            let why = file.as_ref().and_then(why_failing);
            if let Some(why) = why.filter(|_| !with_the_entry.contains(path)) {
                failing.insert(path.clone(), why);
            }
        }
        // Nothing of a graph of ES modules runs where one of them cannot be loaded.
        while let Some((path, why)) = importer_of_failing(files, &failing, &with_the_entry) {
            failing.insert(path, why);
        }
        for (path, why) in failing {
            if let Some(Some(file)) = files.get_mut(&path) {
                let mut stub = self.session.enter(|| self.throwing(&path, file, &why));
                let errors = std::mem::take(&mut file.errors).into_iter();
                stub.warnings = errors
                    .map(|mut error| {
                        error.severity = Severity::Warning;
                        self.with_chain(&path, came_from, error).note(
                            "only an `import()` asks for this file; it fails when it runs, as in Node.js",
                        )
                    })
                    .chain(std::mem::take(&mut file.warnings))
                    .collect();
                *file = stub;
            }
        }
    }

    /// A module that throws.
    fn throwing(&self, path: &Path, file: &LoadedFile, text: &str) -> LoadedFile {
        let goal = Dialect::of_file(path, self.packages.module_scope(path)).goal;
        let esm = file.module.kind == Kind::Esm || goal == ModuleGoal::Module;
        let dialect = Dialect {
            typescript: false,
            jsx: false,
            goal: match esm {
                true => ModuleGoal::Module,
                false => ModuleGoal::CommonJs,
            },
        };
        let read = &file.module;
        let mut out = LoadedFile::new(Module {
            virtual_path: read.virtual_path.clone(),
            interop: read.interop,
            package: read.package.clone(),
            bytes: read.bytes,
            ..Module::unread(path, read.name.clone(), read.kind)
        });
        self.code(text, dialect, &mut out);
        out
    }
}

/// The program that throws what Node does, where a file cannot be loaded for nothing but that.
fn why_failing(file: &LoadedFile) -> Option<String> {
    let first = file.errors.first()?;
    if file.errors.iter().all(|error| error.code == SYNTAX) {
        let why = serde_json::to_string(&first.message).ok()?;
        return Some(format!("throw new SyntaxError({why});"));
    }
    let missing: Vec<&str> = (file.module.records.iter().zip(&file.resolved))
        .filter(|(record, place)| {
            record.kind == ImportKind::Static && matches!(place, ResolvedImport::Missing)
        })
        .map(|(record, _)| &*record.specifier)
        .collect();
    let files = missing.len() == file.errors.len()
        && missing
            .iter()
            .all(|specifier| package_of_specifier(specifier).is_none());
    let why = format!(
        "Cannot find module '{}' imported from {}",
        missing.first().filter(|_| files)?,
        file.module.name
    );
    let why = serde_json::to_string(&why).ok()?;
    Some(format!(
        "throw Object.assign(new Error({why}), {{ code: \"ERR_MODULE_NOT_FOUND\" }});"
    ))
}

/// The files that a file asks for, with how it does.
fn asked(file: &LoadedFile) -> impl Iterator<Item = (ImportKind, Vec<PathBuf>)> {
    (file.module.records.iter().zip(&file.resolved)).map(|(record, place)| {
        let files = match place {
            ResolvedImport::File(file) => vec![file.clone()],
            ResolvedImport::External(name) => vec![external_key(name)],
            ResolvedImport::Missing => Vec::new(),
            ResolvedImport::Picked { whole, parts } => vec![whole.clone(), parts.clone()],
            ResolvedImport::Glob(list) => list.iter().map(|(_, file)| file.clone()).collect(),
        };
        (record.kind, files)
    })
}

fn reached_without_import_calls(files: &ReadFiles, entries: &[PathBuf]) -> FxHashSet<PathBuf> {
    let mut reached: FxHashSet<PathBuf> = entries.iter().cloned().collect();
    let mut open: Vec<PathBuf> = entries.to_vec();
    while let Some(path) = open.pop() {
        let Some(Some(file)) = files.get(&path) else {
            continue;
        };
        for (kind, targets) in asked(file) {
            if kind != ImportKind::Dynamic {
                open.extend(targets.into_iter().filter(|to| reached.insert(to.clone())));
            }
        }
    }
    reached
}

/// A module that imports one of `failing` and is none of them yet.
fn importer_of_failing(
    files: &ReadFiles,
    failing: &BTreeMap<PathBuf, String>,
    with_the_entry: &FxHashSet<PathBuf>,
) -> Option<(PathBuf, String)> {
    let importers = files
        .iter()
        .filter(|(path, _)| !failing.contains_key(*path) && !with_the_entry.contains(*path));
    importers
        .filter_map(|(path, file)| Some((path, file.as_ref()?)))
        .find_map(|(path, file)| {
            let mut imported = asked(file)
                .filter(|(kind, _)| *kind == ImportKind::Static)
                .flat_map(|(_, targets)| targets);
            let why = imported.find_map(|to| failing.get(&to))?;
            Some((path.clone(), why.clone()))
        })
}
