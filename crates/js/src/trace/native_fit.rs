//! Which of the native files that a module reaches its function can load.
//!
//! In: a module of the graph, and what the function runs on. Out: the references that are not
//! followed, since the file is for another machine, system or C library, and what is to be said
//! where no other file stands beside it that fits. A module that names one addon for each platform
//! means one of them, so its references count together; each search of a helper counts by itself.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::graph::{Edge, EdgeKind, EdgeTarget, GraphModule, GraphModuleId, ModuleGraph};
use crate::packages::package::PackageKind;
use crate::packages::platform_fields::{PlatformMatch, Target as RunsOn, platform_match, wants};
use coldcut_core::diagnostics::{Code, Diagnostic, Location};

/// An addon that the function needs cannot be loaded where it runs.
pub const ADDON: Code = Code("CC064");

/// Libraries that are linked to each other are followed so far.
const MAX_DEPTH: u32 = 8;

/// What a look at one module gave.
#[derive(Debug, Default)]
pub struct NativeReferences {
    /// References that lead to what cannot be loaded, by their place among the module's.
    pub dropped: FxHashSet<usize>,
    /// References, optional or not, to the one package for the target of those for each platform:
    /// the module's package is nothing without.
    pub means: FxHashSet<usize>,
    pub findings: Vec<Finding>,
}

/// No file fits of those that the module may load.
#[derive(Debug)]
pub struct Finding {
    /// The module can do without.
    pub optional: bool,
    pub diagnostic: Diagnostic,
}

/// What one reference leads to.
enum Fit {
    Fits,
    /// It does instead, where nothing native is there.
    Substitute,
    /// Why it cannot be loaded.
    Misfit(String),
}

/// Judges a module's references; those for which `left` holds are left to the platform.
pub fn check_native_references(
    graph: &ModuleGraph,
    id: GraphModuleId,
    runs: &RunsOn,
    left: &dyn Fn(&Edge) -> bool,
) -> NativeReferences {
    let module = graph.get(id);
    let mut out = NativeReferences::default();
    let mut groups: BTreeMap<Option<u32>, Vec<(usize, Fit)>> = BTreeMap::new();
    for (at, edge) in module.edges.iter().enumerate() {
        let EdgeTarget::Module(to) = edge.target else {
            continue;
        };
        // Linked libraries are judged with what is linked to them.
        if edge.how != EdgeKind::Linked
            && !left(edge)
            && let Some(fit) = fit(graph, module, edge, to, runs)
        {
            let search = (edge.how == EdgeKind::Addon).then_some(edge.line);
            groups.entry(search).or_default().push((at, fit));
        }
    }
    let wrapper = wraps(module, runs);
    for group in groups.values() {
        let right = group.iter().any(|(_, v)| matches!(v, Fit::Fits));
        let instead = group.iter().any(|(_, v)| matches!(v, Fit::Substitute));
        let mut wrong = Vec::new();
        for (at, fit) in group {
            let edge = &module.edges[*at];
            let read = matches!(
                edge.how,
                EdgeKind::Asset | EdgeKind::Pattern | EdgeKind::Rule { .. }
            );
            match fit {
                Fit::Misfit(why) => {
                    // What is only read by a path may be meant for somebody else.
                    if right || instead || !read {
                        out.dropped.insert(*at);
                    }
                    wrong.push((edge, why.as_str()));
                }
                Fit::Substitute if right => {
                    out.dropped.insert(*at);
                }
                Fit::Fits if wrapper => {
                    out.means.insert(*at);
                }
                Fit::Fits | Fit::Substitute => {}
            }
        }
        // A package that is for another system only is no lack on this one: `fsevents`.
        let foreign = |edge: &Edge| {
            let own = |to| graph.get(to).package.dir == module.package.dir;
            edge.optional && matches!(edge.target, EdgeTarget::Module(to) if !own(to))
        };
        let lacks = wrapper || !wrong.iter().all(|(edge, _)| foreign(edge));
        if !right && !instead && !wrong.is_empty() && lacks {
            out.findings
                .push(finding(graph, module, &wrong, wrapper, runs));
        }
    }
    out
}

/// `None` for what is neither native nor of a package for one platform.
fn fit(
    graph: &ModuleGraph,
    module: &GraphModule,
    edge: &Edge,
    to: GraphModuleId,
    runs: &RunsOn,
) -> Option<Fit> {
    let target = graph.get(to);
    if target.package.dir != module.package.dir
        && let Some(manifest) = &target.package.manifest
    {
        match platform_match(manifest, runs) {
            PlatformMatch::Instead => return Some(Fit::Substitute),
            // Scripts run anywhere, whatever the manifest says.
            PlatformMatch::Elsewhere if edge.optional || target.native.is_some() => {
                let own = target
                    .native
                    .as_ref()
                    .and_then(|native| native.misfit(runs));
                return Some(Fit::Misfit(own.unwrap_or_else(|| wants(manifest))));
            }
            PlatformMatch::Here if target.native.is_none() => return Some(Fit::Fits),
            PlatformMatch::Elsewhere | PlatformMatch::Here | PlatformMatch::Anywhere => {}
        }
    }
    target.native.as_ref()?;
    Some(match misfit(graph, target, runs, 0) {
        Some(why) => Fit::Misfit(why),
        None => Fit::Fits,
    })
}

/// Why a native file, or a library that it is linked to, cannot be loaded.
fn misfit(graph: &ModuleGraph, module: &GraphModule, runs: &RunsOn, depth: u32) -> Option<String> {
    let own = module.native.as_ref()?.misfit(runs);
    if own.is_some() || depth > MAX_DEPTH {
        return own;
    }
    module.edges.iter().find_map(|edge| {
        let (EdgeKind::Linked, EdgeTarget::Module(to)) = (edge.how, &edge.target) else {
            return None;
        };
        let library = graph.get(*to);
        let why = misfit(graph, library, runs, depth + 1)?;
        Some(format!(
            "linked to `{}`, which is {why}",
            library.display_name()
        ))
    })
}

fn finding(
    graph: &ModuleGraph,
    module: &GraphModule,
    wrong: &[(&Edge, &str)],
    wrapper: bool,
    runs: &RunsOn,
) -> Finding {
    let target = |edge: &Edge| match edge.target {
        EdgeTarget::Module(to) => Some(graph.get(to)),
        _ => None,
    };
    let optional = !wrapper && wrong.iter().all(|(edge, _)| edge.optional || by_path(edge));
    let (first, why) = wrong
        .iter()
        .find(|(edge, _)| target(edge).is_some_and(|module| module.native.is_some()))
        .unwrap_or(&wrong[0]);
    let shown =
        target(first).map_or_else(|| first.specifier.to_string(), GraphModule::display_name);
    let mut diagnostic = Diagnostic::error(
        ADDON,
        format!("`{shown}` is {why}, but the function runs on {runs}"),
    )
    .at(match &module.text {
        Some(text) => Location::line(&module.path, text.clone(), first.line),
        None => Location::file(&module.path),
    })
    .help(help(module, target(first), wrapper, runs));
    for (edge, why) in wrong
        .iter()
        .filter(|(edge, _)| !std::ptr::eq(*edge, *first))
        .take(5)
    {
        if let Some(module) = target(edge)
            && module.native.is_some()
        {
            diagnostic = diagnostic.note(format!("`{}` is {why}", module.display_name()));
        }
    }
    Finding {
        optional,
        diagnostic,
    }
}

/// Paths that are read say nothing of what happens when the file is not there.
fn by_path(edge: &Edge) -> bool {
    matches!(
        edge.how,
        EdgeKind::Asset | EdgeKind::Pattern | EdgeKind::Rule { .. } | EdgeKind::Platform
    )
}

/// Whether the module's package has a package for each platform, and one for the function's: then
/// it is nothing without.
fn wraps(module: &GraphModule, runs: &RunsOn) -> bool {
    let manifest = module.package.manifest.as_ref();
    let names = manifest.map_or(&[][..], |manifest| &manifest.optional_dependencies);
    names
        .iter()
        .any(|name| name.contains("linux") && name.contains(runs.arch))
}

/// The command that brings the right file.
fn help(
    module: &GraphModule,
    target: Option<&GraphModule>,
    wrapper: bool,
    runs: &RunsOn,
) -> String {
    let package = &module.package;
    let label = package.label();
    if package.kind == PackageKind::Installed && wrapper {
        return format!(
            "install the right one: `npm install {} {label}`",
            runs.npm_options()
        );
    }
    let compiled = target.is_some_and(|target| {
        target
            .path
            .components()
            .any(|part| part.as_os_str() == "build")
    });
    let there = format!(
        "on Linux {}, such as in a container of the platform's image",
        runs.arch
    );
    match package.kind {
        PackageKind::Installed if compiled => format!(
            "it was compiled on this machine: run `npm rebuild {}` {there}, and pack the result",
            package.name
        ),
        PackageKind::Installed => format!(
            "`npm install {} {label}` installs the right one if the package has it; otherwise run `npm rebuild {} --build-from-source` {there}",
            runs.npm_options(),
            package.name
        ),
        PackageKind::Project | PackageKind::Sibling => {
            format!("build it {there}, and replace this file with it")
        }
    }
}
