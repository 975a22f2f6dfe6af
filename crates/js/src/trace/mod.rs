//! What one handler reaches.
//!
//! In: the graph and an entry. Out: the modules that the handler can load, each with who asks for
//! it; what is left to the platform; and everything that makes the answer unsure. Breadth first,
//! in the order of ids, so that the chain shown for a module is a shortest one.

pub mod file_set;
pub mod native_fit;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::embedded_toml::rows;
use crate::graph::{Edge, EdgeKind, EdgeTarget, GraphModule, GraphModuleId, ModuleGraph, Problem};
use crate::packages::package::{PackageKind, package_of_specifier};
use crate::packages::platform_fields::Target as RunsOn;
use crate::packages::production_closure::Dependency;
use crate::trace::native_fit::Finding;
use coldcut_core::artifact::Reason;
use coldcut_core::diagnostics::{Diagnostic, Severity};

/// Who asks for a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Referrer {
    pub by: GraphModuleId,
    pub line: u32,
    pub how: EdgeKind,
    /// The rule that names it.
    pub rule: Option<Arc<str>>,
}

impl Referrer {
    /// By a reference of a module's.
    pub fn by_edge(by: GraphModuleId, edge: &Edge) -> Self {
        Self {
            by,
            line: edge.line,
            how: edge.how,
            rule: matches!(edge.how, EdgeKind::Rule { .. }).then(|| edge.specifier.clone()),
        }
    }
}

/// What a trace gives.
#[derive(Debug)]
pub struct Traced {
    pub entry: GraphModuleId,
    /// Every module reached; the entry's list is empty.
    pub modules: BTreeMap<GraphModuleId, BTreeSet<Referrer>>,
    /// Packages left out on purpose, with the reason.
    pub external: BTreeMap<String, String>,
    /// Which package asks which by what name.
    pub edges: BTreeSet<Dependency>,
    /// Own code that cannot be loaded as it is: the function would not run.
    pub errors: Vec<Diagnostic>,
    /// Imports that cannot be followed: what they load is not in `modules`.
    pub unfollowable: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
}

/// A computed import that was read by a person and found harmless.
#[derive(Deserialize)]
struct Known {
    package: String,
    file: String,
}

fn known() -> &'static [Known] {
    static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();
    // Without it the trace is only more careful.
    KNOWN.get_or_init(|| rows(include_str!("known_dynamic.toml")))
}

fn is_known(module: &GraphModule) -> bool {
    let Ok(rest) = module.path.strip_prefix(&module.package.dir) else {
        return false;
    };
    known()
        .iter()
        .any(|entry| entry.package == module.package.name && Path::new(&entry.file) == rest)
}

/// Follows everything that `entry` can load; `external` gives the reason for which a package is
/// left to the platform. Addons that `runs` cannot load are not followed.
pub fn trace(
    graph: &ModuleGraph,
    entry: GraphModuleId,
    external: &dyn Fn(&str) -> Option<String>,
    runs: &RunsOn,
) -> Traced {
    let span = tracing::info_span!("trace", modules = tracing::field::Empty).entered();
    let mut out = Traced {
        entry,
        modules: BTreeMap::from([(entry, BTreeSet::new())]),
        external: BTreeMap::new(),
        edges: BTreeSet::new(),
        errors: Vec::new(),
        unfollowable: Vec::new(),
        warnings: Vec::new(),
    };
    let mut came_from: BTreeMap<GraphModuleId, GraphModuleId> = BTreeMap::new();
    let mut queue = VecDeque::from([entry]);
    let mut findings: Vec<(GraphModuleId, Finding)> = Vec::new();
    let mut needed: FxHashMap<GraphModuleId, Vec<GraphModuleId>> = FxHashMap::default();
    while let Some(id) = queue.pop_front() {
        let module = graph.get(id);
        let judged = native_fit::check_native_references(graph, id, runs, &|edge| {
            named(edge).is_some_and(|name| external(name).is_some())
        });
        findings.extend(judged.findings.into_iter().map(|finding| (id, finding)));
        for (at, edge) in module.edges.iter().enumerate() {
            let name = named(edge);
            if edge.target != EdgeTarget::Builtin
                && let Some(name) = name
                && let Some(why) = external(name)
            {
                out.external.insert(name.to_string(), why);
                continue;
            }
            let EdgeTarget::Module(to) = edge.target else {
                continue;
            };
            if judged.dropped.contains(&at) {
                continue;
            }
            if !edge.optional || judged.means.contains(&at) {
                needed.entry(id).or_default().push(to);
            }
            out.edges.extend(dependency(module, edge, graph.get(to)));
            let asked = Referrer::by_edge(id, edge);
            if !out.modules.contains_key(&to) {
                came_from.insert(to, id);
                queue.push_back(to);
            }
            out.modules.entry(to).or_default().insert(asked);
        }
        sort_problems(graph, id, &came_from, external, &mut out);
    }
    span.record("modules", out.modules.len());
    let needed = surely(entry, &needed);
    // Several modules of a package look for the same: one of them is enough said.
    let mut said = FxHashSet::default();
    findings.sort_by_key(|(id, finding)| finding.optional || !needed.contains(id));
    for (id, finding) in findings {
        if !said.insert(finding.diagnostic.message.clone()) {
            continue;
        }
        let sure = !finding.optional && needed.contains(&id);
        let mut diagnostic = with_chain(graph, id, &came_from, finding.diagnostic);
        if sure {
            out.errors.push(diagnostic);
        } else {
            diagnostic.severity = Severity::Warning;
            out.warnings.push(diagnostic);
        }
    }
    out
}

/// The package that a specifier names.
fn named(edge: &Edge) -> Option<&str> {
    (!edge.how.by_path()).then(|| package_of_specifier(&edge.specifier))?
}

/// What is loaded, or else the load fails: reached without a `try` on the way.
fn surely(
    entry: GraphModuleId,
    needed: &FxHashMap<GraphModuleId, Vec<GraphModuleId>>,
) -> FxHashSet<GraphModuleId> {
    let mut out = FxHashSet::from_iter([entry]);
    let mut queue = vec![entry];
    while let Some(id) = queue.pop() {
        for to in needed.get(&id).into_iter().flatten() {
            if out.insert(*to) {
                queue.push(*to);
            }
        }
    }
    out
}

/// By what name a module's package asks for another one.
pub fn dependency(module: &GraphModule, edge: &Edge, target: &GraphModule) -> Option<Dependency> {
    if target.package.dir == module.package.dir {
        return None;
    }
    Some(Dependency {
        from: module.package.dir.clone(),
        name: named(edge).unwrap_or(&target.package.name).to_string(),
        to: target.package.dir.clone(),
    })
}

/// Why a module is there, by who asks for it; `name` is how modules are shown.
pub fn reasons_of(
    graph: &ModuleGraph,
    asked: &BTreeSet<Referrer>,
    name: &dyn Fn(GraphModuleId) -> String,
) -> BTreeSet<Reason> {
    if asked.is_empty() {
        return BTreeSet::from([Reason::Handler]);
    }
    let reasons = asked.iter().map(
        |Referrer {
             by,
             line,
             how,
             rule,
         }| match how {
            EdgeKind::Rule { .. } => Reason::Rule {
                name: rule.as_deref().unwrap_or_default().to_string(),
            },
            EdgeKind::Import(_) => Reason::Imported {
                by: name(*by),
                line: *line,
            },
            EdgeKind::Pattern => Reason::Matched {
                by: name(*by),
                line: *line,
            },
            EdgeKind::Platform => Reason::Platform {
                package: graph.get(*by).package.name.clone(),
            },
            EdgeKind::Linked => Reason::Linked { by: name(*by) },
            EdgeKind::Asset | EdgeKind::Addon => Reason::Read {
                by: name(*by),
                line: *line,
            },
        },
    );
    reasons.collect()
}

/// Sorts what is wrong with one module by what it means for the function.
fn sort_problems(
    graph: &ModuleGraph,
    id: GraphModuleId,
    came_from: &BTreeMap<GraphModuleId, GraphModuleId>,
    external: &dyn Fn(&str) -> Option<String>,
    out: &mut Traced,
) {
    let module = graph.get(id);
    let own = module.package.kind != PackageKind::Installed;
    for problem in &module.problems {
        match problem {
            Problem::Broken(diagnostic) if own => {
                out.errors
                    .push(with_chain(graph, id, came_from, diagnostic.clone()));
            }
            Problem::Broken(diagnostic) => {
                let mut diagnostic = with_chain(graph, id, came_from, diagnostic.clone());
                diagnostic.severity = Severity::Warning;
                out.unfollowable.push(diagnostic);
            }
            Problem::Unfollowable(diagnostic) => {
                if !is_known(module) {
                    out.unfollowable.push(diagnostic.clone());
                }
            }
            Problem::Unresolved {
                specifier,
                diagnostic,
            } => {
                if package_of_specifier(specifier).is_some_and(|name| external(name).is_some()) {
                    continue;
                }
                let mut diagnostic = with_chain(graph, id, came_from, diagnostic.clone());
                if own {
                    out.errors.push(diagnostic);
                } else {
                    // A package may ask for what it never loads here: verification decides.
                    diagnostic.severity = Severity::Warning;
                    out.warnings.push(diagnostic);
                }
            }
            Problem::Other(diagnostic) if diagnostic.severity == Severity::Error => {
                out.errors
                    .push(with_chain(graph, id, came_from, diagnostic.clone()));
            }
            Problem::Other(diagnostic) => out.warnings.push(diagnostic.clone()),
        }
    }
}

/// Adds the chain of imports that leads to a module.
fn with_chain(
    graph: &ModuleGraph,
    id: GraphModuleId,
    came_from: &BTreeMap<GraphModuleId, GraphModuleId>,
    diagnostic: Diagnostic,
) -> Diagnostic {
    let mut chain = vec![graph.get(id)];
    let mut at = id;
    while let Some(parent) = came_from.get(&at) {
        chain.push(graph.get(*parent));
        at = *parent;
    }
    if chain.len() < 2 {
        return diagnostic;
    }
    chain.reverse();
    let names: Vec<String> = chain.iter().map(|module| module.display_name()).collect();
    diagnostic.note(format!("imported by the chain {}", names.join(" -> ")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_known_computed_imports_is_well_formed() {
        assert!(!super::known().is_empty());
    }
}
