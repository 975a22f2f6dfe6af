//! The files that entries need at run time, each with its reasons.
//!
//! In: entries and the folder that they are shown from. Out: a [`FileSet`]: every module, asset
//! and manifest by its place, why it is there, the links by which Node finds packages, and what
//! is not sure. Nothing is written: this is what `pack --strategy trace` would ship, for other
//! tools to ship.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::graph::{EdgeTarget, GraphLoader, GraphModuleId, ModuleGraph, normal};
use crate::host::Host;
use crate::packages::package::{PackageKind, Packages, package_of_specifier};
use crate::packages::platform_fields::Target as RunsOn;
use crate::packages::pnp;
use crate::packages::pnp::Pnp;
use crate::packages::resolve::Resolve;
use crate::scan::Defines;
use crate::syntax::Session;
use crate::trace;
use crate::trace::native_fit::ADDON;
use coldcut_core::artifact::Reason;
use coldcut_core::diagnostics::{Diagnostic, Severity};
use coldcut_core::settings::Rule;

/// Whose files are asked for.
pub struct FileSetRequest<'a> {
    /// Real paths.
    pub entries: &'a [PathBuf],
    /// The folder that holds everything.
    pub base: &'a Path,
    /// The folder that the process will run in.
    pub cwd: &'a Path,
    pub runs: &'a RunsOn,
    pub rules: &'a [Rule],
    /// Why a package is left to the platform, if it is.
    pub external: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Only imports that are written out are followed.
    pub imports_only: bool,
}

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

/// Follows everything that the entries can load. Errors are about the entries; what is
/// missing behind them is a warning, since a package may ask for what it never loads, unless it
/// is an addon that `runs` cannot load.
pub fn file_set(request: &FileSetRequest<'_>) -> Result<FileSet, Vec<Diagnostic>> {
    let FileSetRequest {
        entries,
        base,
        cwd,
        runs,
        external,
        ..
    } = *request;
    let session = Session::default();
    let pnp = match entries.first().map(|entry| Pnp::for_folder(entry)) {
        Some(found) => found.map_err(|error| vec![*error])?,
        None => None,
    };
    let packages = Packages::new(base.to_path_buf(), pnp.clone());
    let resolve = Resolve::new(pnp.clone(), &Host::Node);
    let defines = Defines::default();
    let graph = GraphLoader {
        session: &session,
        packages: &packages,
        resolve: &resolve,
        defines: &defines,
        cwd,
        as_written: true,
        machines: &[runs.arch],
        rules: request.rules,
        imports_only: request.imports_only,
    }
    .build(entries);
    let mut out = FileSet::default();
    for entry in entries {
        if let Some(id) = graph.find(entry) {
            let traced = trace::trace(&graph, id, external, runs);
            add(&graph, traced, base, pnp.as_deref(), &mut out);
        }
    }
    let absent = pnp.map_or_else(Vec::new, |pnp| pnp.problems());
    if !absent.is_empty() {
        return Err(absent);
    }
    let broken = |diagnostic: &Diagnostic| {
        let at = diagnostic.at.as_ref();
        diagnostic.severity == Severity::Error && at.is_some_and(|at| entries.contains(&at.path))
    };
    let (errors, mut warnings): (Vec<_>, Vec<_>) = std::mem::take(&mut out.warnings)
        .into_iter()
        .partition(|one| {
            let stops = broken(one) && one.code == crate::graph::UNREADABLE;
            stops || (one.code == ADDON && one.severity == Severity::Error)
        });
    if !errors.is_empty() {
        return Err(errors);
    }
    for warning in &mut warnings {
        warning.severity = Severity::Warning;
    }
    out.warnings = warnings;
    for manifest in packages.manifests_of(out.files.keys()) {
        let reasons = out.files.entry(manifest).or_default();
        reasons.insert(Reason::Manifest);
    }
    mains(&packages, &mut out.files);
    Ok(out)
}

fn add(
    graph: &ModuleGraph,
    traced: trace::Traced,
    base: &Path,
    pnp: Option<&Pnp>,
    out: &mut FileSet,
) {
    let name = |id: GraphModuleId| shown(&graph.get(id).path, base);
    let mut looked = FxHashSet::default();
    for (id, asked) in &traced.modules {
        let module = graph.get(*id);
        let reasons = out.files.entry(module.path.clone()).or_default();
        reasons.extend(trace::reasons_of(graph, asked, &name));
        let dir = module.path.parent().unwrap_or(base);
        for edge in &module.edges {
            let EdgeTarget::Module(to) = edge.target else {
                continue;
            };
            if edge.specifier.starts_with('.') {
                let named = dir.join(&*edge.specifier);
                out.links.extend(links_on(&named, base, &mut looked));
            } else if let Some(name) = package_of_specifier(&edge.specifier) {
                let package = &graph.get(to).package;
                out.links.extend(match pnp {
                    Some(pnp) => pnp.link(&module.path, name),
                    None => link(dir, name, &package.dir),
                });
            }
        }
    }
    out.external.extend(traced.external);
    let problems = [traced.errors, traced.unfollowable, traced.warnings];
    out.warnings.extend(problems.into_iter().flatten());
}

/// The link in a `node_modules` folder above `from` by which it finds the package in `to`.
fn link(from: &Path, name: &str, to: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut folders = from
        .ancestors()
        .map(|dir| dir.join("node_modules").join(name));
    let place = folders.find(|place| place.symlink_metadata().is_ok())?;
    let real = place.canonicalize().ok()?;
    (place.is_symlink() && (real.starts_with(to) || to.starts_with(&real))).then_some((place, real))
}

/// Links on the way to a path that was named, with or without its extension; places in `looked`
/// are known already.
pub fn links_on(
    path: &Path,
    base: &Path,
    looked: &mut FxHashSet<PathBuf>,
) -> Vec<(PathBuf, PathBuf)> {
    let plain = normal(path);
    let mut out = Vec::new();
    for end in ["", ".js", ".json", ".node"] {
        let written = PathBuf::from(format!("{}{end}", plain.display()));
        for place in written
            .ancestors()
            .take_while(|place| place.starts_with(base))
        {
            if !looked.insert(place.to_path_buf()) {
                break;
            }
            if place.is_symlink()
                && let Ok(real) = place.canonicalize()
            {
                out.push((place.to_path_buf(), real));
            }
        }
    }
    out
}

/// Tools that know no `exports` look at `main`.
fn mains(packages: &Packages, files: &mut BTreeMap<PathBuf, BTreeSet<Reason>>) {
    let dirs: BTreeSet<PathBuf> = files
        .keys()
        .map(|path| packages.package_of(path).dir.clone())
        .collect();
    for dir in dirs {
        let package = packages.at(&dir);
        let main = package
            .manifest
            .as_ref()
            .and_then(|manifest| manifest.main.as_ref());
        if package.kind == PackageKind::Installed
            && let Some(main) = main
            && let Ok(path) = dir.join(main).canonicalize()
            && path.is_file()
            && path.starts_with(&dir)
        {
            let package = package.label();
            files
                .entry(path)
                .or_default()
                .insert(Reason::Main { package });
        }
    }
}

/// A path as it is shown: from the base, where it lies below it.
pub fn shown(path: &Path, base: &Path) -> String {
    let below = path.strip_prefix(base).unwrap_or(pnp::shown_path(path));
    below.to_string_lossy().replace('\\', "/")
}
