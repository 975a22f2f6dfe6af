//! The files that entries need at run time, each with its reasons.
//!
//! In: entries and the folder that they are shown from. Out: a [`FileSet`]: every module, asset
//! and manifest by its place, why it is there, the links by which Node finds packages, and what
//! is not sure. Nothing is written: this is what `pack --strategy trace` would carry, for other
//! tools to carry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::graph::{How, Loader, ModuleGraph};
use super::package::Packages;
use super::resolve::Resolve;
use super::scan::Defines;
use super::swc::Session;
use super::trace::{self, Asked};
use crate::artifact::Reason;
use crate::diag::{Diagnostic, Severity};

/// What entries need, by real path below the base.
#[derive(Debug, Default)]
pub struct FileSet {
    pub files: BTreeMap<PathBuf, BTreeSet<Reason>>,
    /// Links to packages, by their own path, with the real folder that each leads to.
    pub links: BTreeMap<PathBuf, PathBuf>,
    /// Packages left out on purpose, with the reason.
    pub external: BTreeMap<String, String>,
    pub warnings: Vec<Diagnostic>,
}

/// Follows everything that `entries` (real paths) can load. Errors are about the entries; what is
/// missing behind them is a warning, since a package may ask for what it never loads.
pub fn files(
    entries: &[PathBuf],
    base: &Path,
    external: &dyn Fn(&str) -> Option<String>,
) -> Result<FileSet, Vec<Diagnostic>> {
    let session = Session::default();
    let packages = Packages::new(base.to_path_buf());
    let resolve = Resolve::default();
    let defines = Defines::default();
    let graph = Loader {
        session: &session,
        packages: &packages,
        resolve: &resolve,
        defines: &defines,
    }
    .build(entries);
    let mut out = FileSet::default();
    for entry in entries {
        if let Some(id) = graph.find(entry) {
            add(&graph, trace::trace(&graph, id, external), base, &mut out);
        }
    }
    let broken = |diagnostic: &Diagnostic| {
        let at = diagnostic.at.as_ref();
        diagnostic.severity == Severity::Error && at.is_some_and(|at| entries.contains(&at.path))
    };
    let unread = [super::graph::UNREADABLE, super::swc::SYNTAX];
    let (errors, mut warnings): (Vec<_>, Vec<_>) = std::mem::take(&mut out.warnings)
        .into_iter()
        .partition(|one| broken(one) && unread.contains(&one.code));
    if !errors.is_empty() {
        return Err(errors);
    }
    for warning in &mut warnings {
        warning.severity = Severity::Warning;
    }
    out.warnings = warnings;
    manifests(&packages, &mut out.files);
    Ok(out)
}

fn add(graph: &ModuleGraph, traced: trace::Traced, base: &Path, out: &mut FileSet) {
    let name = |path: &Path| shown(path, base);
    for (id, asked) in &traced.modules {
        let reasons = out.files.entry(graph.get(*id).path.clone()).or_default();
        if asked.is_empty() {
            reasons.insert(Reason::Handler);
        }
        for Asked { by, line, how } in asked {
            let (by, line) = (name(&graph.get(*by).path), *line);
            reasons.insert(match how {
                How::Import(_) => Reason::Imported { by, line },
                How::Pattern => Reason::Matched { by, line },
                How::Asset => Reason::Read { by, line },
            });
        }
    }
    for edge in &traced.edges {
        out.links.extend(link(&edge.from, &edge.name, &edge.to));
    }
    out.external.extend(traced.external);
    let problems = [traced.errors, traced.unfollowable, traced.warnings];
    out.warnings.extend(problems.into_iter().flatten());
}

/// The link in a `node_modules` folder above `from` by which it finds the package in `to`.
fn link(from: &Path, name: &str, to: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut folders = from.ancestors().map(|dir| dir.join("node_modules").join(name));
    let place = folders.find(|place| place.symlink_metadata().is_ok())?;
    (place.canonicalize().ok()? == to && place != to && place.is_symlink())
        .then(|| (place, to.to_path_buf()))
}

/// Node reads the manifests between a file and its package's folder: for `type`, `exports`, and
/// the `main` of folders.
fn manifests(packages: &Packages, files: &mut BTreeMap<PathBuf, BTreeSet<Reason>>) {
    let mut dirs: BTreeSet<PathBuf> = BTreeSet::new();
    for path in files.keys() {
        let package = packages.of(path);
        for dir in path.ancestors().skip(1) {
            if !dir.starts_with(&package.dir) || !dirs.insert(dir.to_path_buf()) {
                break;
            }
        }
    }
    for dir in dirs {
        if packages.manifest(&dir).is_some() {
            let manifest = files.entry(dir.join("package.json")).or_default();
            manifest.insert(Reason::Manifest);
        }
    }
}

/// A path as it is shown: from the base, where it lies below it.
pub fn shown(path: &Path, base: &Path) -> String {
    let below = path.strip_prefix(base).unwrap_or(path);
    below.to_string_lossy().replace('\\', "/")
}
