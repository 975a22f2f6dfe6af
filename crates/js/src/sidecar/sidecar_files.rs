//! Sidecar files: what must lie beside a bundle as files.
//!
//! In: a graph, and the modules of it that a bundle has in it. Out: the modules that ship as files
//! all the same: what is read and not run, addons, code that is loaded by a computed path, packages
//! that stay unbundled, and all that these load; and code that would then be there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::graph::{EdgeKind, EdgeTarget, GraphModuleId, ModuleGraph, ModuleKind};
use crate::packages::package::{Manifest, PackageKind, Packages};
use crate::packages::tracing_agents;
use crate::scan::{AddonSearch, ImportKind};
use coldcut_core::diagnostics::{Code, Diagnostic, Location, Result};

/// A package that a bundle loads from files.
pub const UNBUNDLED: Code = Code("CC156");

/// Packages that a bundle asks for as files, by their folders, with the reason.
pub type UnbundledPackages = BTreeMap<PathBuf, String>;

/// Code that the bundle has and that somebody loads from a file too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadedTwice {
    pub by: GraphModuleId,
    pub line: u32,
    pub module: GraphModuleId,
}

#[derive(Debug, Default)]
pub struct SidecarFiles {
    pub modules: BTreeSet<GraphModuleId>,
    pub loaded_twice: BTreeSet<LoadedTwice>,
    /// Modules of the bundle for which a helper looks for an addon from the file that asks, with
    /// the line: of a bundle, that would be the bundle.
    pub searching: BTreeSet<(GraphModuleId, u32)>,
}

/// What `kept`, the modules of a bundle, need beside it; `wanted` holds for what may ship, by who
/// refers to it and the place of the reference among the module's.
pub fn sidecar_files(
    graph: &ModuleGraph,
    kept: &FxHashSet<PathBuf>,
    unbundled: &UnbundledPackages,
    wanted: &dyn Fn(GraphModuleId, usize, GraphModuleId) -> bool,
) -> SidecarFiles {
    let mut out = SidecarFiles::default();
    // With who loads it into the process of the bundle, where somebody does.
    let mut queue = Vec::new();
    for id in kept.iter().filter_map(|path| graph.find(path)) {
        let addons = &graph.get(id).scan.addons;
        let searches = addons
            .iter()
            .find(|addon| matches!(addon.search, AddonSearch::Named(_)));
        out.searching.extend(searches.map(|addon| (id, addon.line)));
        for (at, edge) in graph.get(id).edges.iter().enumerate() {
            let EdgeTarget::Module(to) = edge.target else {
                continue;
            };
            let target = graph.get(to);
            let of_package = edge.how == EdgeKind::Pattern && !edge.specifier.starts_with('.');
            let imports = matches!(edge.how, EdgeKind::Import(kind) if kind != ImportKind::Resolve);
            // Both are imported, and by whoever has them as modules.
            let addon = target.kind == ModuleKind::Addon
                || imports && target.path.extension().is_some_and(|end| end == "wasm");
            let from_apart = imports && unbundled.contains_key(&target.package.dir);
            let loads = of_package || from_apart;
            let read = edge.how.by_path() || edge.how == EdgeKind::Import(ImportKind::Resolve);
            if (addon || loads || read) && wanted(id, at, to) {
                queue.push((to, loads.then_some((id, edge.line))));
            }
        }
    }
    // What is loaded comes first: a file that is also read counts as loaded.
    queue.sort_by_key(|(to, by)| (by.is_some(), *to));
    let mut loaded = FxHashSet::default();
    while let Some((id, by)) = queue.pop() {
        let module = graph.get(id);
        if let Some((by, line)) = by
            && loaded.insert(id)
            && module.kind == ModuleKind::Code
            && kept.contains(&module.path)
        {
            let module = id;
            out.loaded_twice.insert(LoadedTwice { by, line, module });
        }
        if !out.modules.insert(id) {
            continue;
        }
        for (at, edge) in module.edges.iter().enumerate() {
            if let EdgeTarget::Module(to) = edge.target
                && wanted(id, at, to)
            {
                queue.push((to, by));
            }
        }
    }
    out
}

/// Unbundles packages that would be loaded twice; an error where it is own code.
pub fn unbundle_loaded_twice(
    graph: &ModuleGraph,
    sidecar: &SidecarFiles,
    unbundled: &mut UnbundledPackages,
) -> Result<bool> {
    let mut changed = false;
    for (id, line) in &sidecar.searching {
        let module = graph.get(*id);
        let dir = &module.package.dir;
        if module.package.kind == PackageKind::Installed && !unbundled.contains_key(dir) {
            let why = format!(
                "`bindings` searches for its addon relative to the calling file, `{}` line {line}",
                module.display_name()
            );
            unbundled.insert(dir.clone(), why);
            changed = true;
        }
    }
    for one in &sidecar.loaded_twice {
        let (by, module) = (graph.get(one.by), graph.get(one.module));
        if module.package.kind != PackageKind::Installed {
            return Err(Box::new(twice(graph, *one)));
        }
        let why = || {
            format!(
                "`{}` loads `{}` from a file, line {}",
                by.display_name(),
                module.display_name(),
                one.line
            )
        };
        if !unbundled.contains_key(&module.package.dir) {
            unbundled.insert(module.package.dir.clone(), why());
            changed = true;
        }
    }
    Ok(changed)
}

/// Whether a file at a real path is of a package that stays unbundled.
pub fn is_unbundled(unbundled: &UnbundledPackages, packages: &Packages, path: &Path) -> bool {
    !unbundled.is_empty() && unbundled.contains_key(&packages.package_of(path).dir)
}

/// Packages that an agent hooks into where they are loaded, of those in `bundled`, by folder and
/// name; the agent is among them, or `own`, the project's manifest, names it.
pub fn unbundle_hooked(
    bundled: &BTreeMap<PathBuf, String>,
    own: Option<&Manifest>,
    unbundled: &mut UnbundledPackages,
) -> bool {
    let listed = own.into_iter().flat_map(Manifest::run_time);
    let present: BTreeSet<&str> = listed.chain(bundled.values().map(String::as_str)).collect();
    let mut by: BTreeMap<String, String> = BTreeMap::new();
    for (package, agent) in tracing_agents::patched(|name| present.contains(name)) {
        by.entry(package).or_insert(agent);
    }
    let mut changed = false;
    for (dir, name) in bundled {
        if let Some(agent) = by.get(name)
            && !unbundled.contains_key(dir)
        {
            let why = format!("`{agent}` patches it when it is loaded");
            unbundled.insert(dir.clone(), why);
            changed = true;
        }
    }
    changed
}

/// Packages of which a file cannot be part of a bundle, by the errors of a try; `false` where
/// unbundling them would not help.
pub fn unbundle_broken(
    errors: &[Diagnostic],
    packages: &Packages,
    unbundled: &mut UnbundledPackages,
) -> bool {
    let mut found = UnbundledPackages::new();
    for error in errors {
        let Some(dir) = error
            .at
            .as_ref()
            .and_then(|at| packages.installed(&at.path))
        else {
            return false;
        };
        if unbundled.contains_key(&dir) {
            return false;
        }
        found.entry(dir).or_insert_with(|| error.message.clone());
    }
    let any = !found.is_empty();
    unbundled.append(&mut found);
    any
}

/// What is to be said of packages that stay unbundled.
pub fn warnings<'a>(
    unbundled: &'a UnbundledPackages,
    label: &'a dyn Fn(&Path) -> String,
) -> impl Iterator<Item = Diagnostic> + 'a {
    unbundled.iter().map(move |(dir, why)| {
        Diagnostic::warning(
            UNBUNDLED,
            format!("`{}` ships as files beside the bundle: {why}", label(dir)),
        )
        .help("nothing needs to be done: it is loaded from there, as without bundling")
    })
}

fn twice(graph: &ModuleGraph, loaded_twice: LoadedTwice) -> Diagnostic {
    let (by, module) = (graph.get(loaded_twice.by), graph.get(loaded_twice.module));
    Diagnostic::error(
        crate::bundle::UNBUNDLABLE,
        format!(
            "`{}` loads `{}` by a path, which would load a second copy of a module in the bundle",
            by.display_name(),
            module.display_name()
        ),
    )
    .at(match &by.text {
        Some(text) => Location::line(&by.path, text.clone(), loaded_twice.line),
        None => Location::file(&by.path),
    })
    .help("use `--strategy trace`, which keeps every file in its place")
}
