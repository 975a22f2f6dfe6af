//! What must lie beside a bundle as files.
//!
//! In: a graph, and the modules of it that a bundle has in it. Out: the modules that ship as files
//! all the same: what is read and not run, addons, code that is loaded by a computed path, packages
//! kept apart, and all that these load; and code that would then be there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::graph::{How, ModuleGraph, ModuleId, ModuleKind, Target};
use crate::packages::package::{Manifest, PackageKind, Packages};
use crate::packages::tracing_agents;
use crate::scan::{AddonSearch, ImportKind};
use coldcut_core::diagnostics::{Code, Diagnostic, Location, Result};

/// A package that a bundle loads from files.
pub const KEPT_APART: Code = Code("CC156");

/// Packages that a bundle asks for as files, by their folders, with the reason.
pub type Apart = BTreeMap<PathBuf, String>;

/// Code that the bundle has and that somebody loads from a file too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubled {
    pub by: ModuleId,
    pub line: u32,
    pub module: ModuleId,
}

#[derive(Debug, Default)]
pub struct Carried {
    pub modules: BTreeSet<ModuleId>,
    pub doubled: BTreeSet<Doubled>,
    /// Modules of the bundle for which a helper looks for an addon from the file that asks, with
    /// the line: of a bundle, that would be the bundle.
    pub searching: BTreeSet<(ModuleId, u32)>,
}

/// What `kept`, the modules of a bundle, need beside it; `wanted` holds for what may ship, by who
/// refers to it and the place of the reference among the module's.
pub fn carried(
    graph: &ModuleGraph,
    kept: &FxHashSet<PathBuf>,
    apart: &Apart,
    wanted: &dyn Fn(ModuleId, usize, ModuleId) -> bool,
) -> Carried {
    let mut out = Carried::default();
    // With who loads it into the process of the bundle, where somebody does.
    let mut queue = Vec::new();
    for id in kept.iter().filter_map(|path| graph.find(path)) {
        let addons = &graph.get(id).scan.addons;
        let searches = addons
            .iter()
            .find(|addon| matches!(addon.search, AddonSearch::Named(_)));
        out.searching.extend(searches.map(|addon| (id, addon.line)));
        for (at, edge) in graph.get(id).edges.iter().enumerate() {
            let Target::Module(to) = edge.target else {
                continue;
            };
            let target = graph.get(to);
            let of_package = edge.how == How::Pattern && !edge.specifier.starts_with('.');
            let imports = matches!(edge.how, How::Import(kind) if kind != ImportKind::Resolve);
            // Both are imported, and by whoever has them as modules.
            let addon = target.kind == ModuleKind::Addon
                || imports && target.path.extension().is_some_and(|end| end == "wasm");
            let from_apart = imports && apart.contains_key(&target.package.dir);
            let loads = of_package || from_apart;
            let read = edge.how.by_path() || edge.how == How::Import(ImportKind::Resolve);
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
            out.doubled.insert(Doubled { by, line, module });
        }
        if !out.modules.insert(id) {
            continue;
        }
        for (at, edge) in module.edges.iter().enumerate() {
            if let Target::Module(to) = edge.target
                && wanted(id, at, to)
            {
                queue.push((to, by));
            }
        }
    }
    out
}

/// Packages to keep apart, so that nothing is there twice; an error where it is own code.
pub fn keep_apart(graph: &ModuleGraph, carried: &Carried, apart: &mut Apart) -> Result<bool> {
    let mut changed = false;
    for (id, line) in &carried.searching {
        let module = graph.get(*id);
        let dir = &module.package.dir;
        if module.package.kind == PackageKind::Installed && !apart.contains_key(dir) {
            let why = format!(
                "`bindings` looks for its addon from the file that asks, `{}` line {line}",
                module.display_name()
            );
            apart.insert(dir.clone(), why);
            changed = true;
        }
    }
    for one in &carried.doubled {
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
        if !apart.contains_key(&module.package.dir) {
            apart.insert(module.package.dir.clone(), why());
            changed = true;
        }
    }
    Ok(changed)
}

/// Whether a file at a real path is of a package that is kept apart.
pub fn stays(apart: &Apart, packages: &Packages, path: &Path) -> bool {
    !apart.is_empty() && apart.contains_key(&packages.of(path).dir)
}

/// Packages that an agent hooks into where they are loaded, of those in `bundled`, by folder and
/// name; the agent is among them, or `own`, the project's manifest, names it.
pub fn keep_hooked_apart(
    bundled: &BTreeMap<PathBuf, String>,
    own: Option<&Manifest>,
    apart: &mut Apart,
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
            && !apart.contains_key(dir)
        {
            let why = format!("`{agent}` hooks into it where it is loaded");
            apart.insert(dir.clone(), why);
            changed = true;
        }
    }
    changed
}

/// Packages of which a file cannot be part of a bundle, by the errors of a try; `false` where
/// keeping them apart would not help.
pub fn keep_broken_apart(errors: &[Diagnostic], packages: &Packages, apart: &mut Apart) -> bool {
    let mut found = Apart::new();
    for error in errors {
        let Some(dir) = error
            .at
            .as_ref()
            .and_then(|at| packages.installed(&at.path))
        else {
            return false;
        };
        if apart.contains_key(&dir) {
            return false;
        }
        found.entry(dir).or_insert_with(|| error.message.clone());
    }
    let any = !found.is_empty();
    apart.append(&mut found);
    any
}

/// What is to be said of packages that are kept apart.
pub fn said<'a>(
    apart: &'a Apart,
    label: &'a dyn Fn(&Path) -> String,
) -> impl Iterator<Item = Diagnostic> + 'a {
    apart.iter().map(move |(dir, why)| {
        Diagnostic::warning(
            KEPT_APART,
            format!("`{}` ships as files beside the bundle: {why}", label(dir)),
        )
        .help("nothing needs to be done: it is loaded from there, as without bundling")
    })
}

fn twice(graph: &ModuleGraph, doubled: Doubled) -> Diagnostic {
    let (by, module) = (graph.get(doubled.by), graph.get(doubled.module));
    Diagnostic::error(
        crate::bundle::UNBUNDLABLE,
        format!(
            "`{}` loads `{}` by a path, which would be a second copy of what the bundle has",
            by.display_name(),
            module.display_name()
        ),
    )
    .at(match &by.text {
        Some(text) => Location::line(&by.path, text.clone(), doubled.line),
        None => Location::file(&by.path),
    })
    .help("use `--strategy trace`, which keeps every file in its place")
}
