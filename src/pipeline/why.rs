//! `coldcut why`: why a file or package ships, or which line leaves it out.

use std::collections::BTreeMap;

use crate::plan::Plan;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::functions::FunctionKind;
use coldcut_core::ignore_rules::Ignore;
use coldcut_js::build::{BuildMode, BuildRequest, Built, ProjectContext};
use coldcut_js::bundle::Explained;

use crate::pipeline::build_settings;
use crate::pipeline::build_settings::BuildSettings;
use crate::pipeline::codes::NOTHING_TO_PACK;
use crate::pipeline::prepare::prepare_project;
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::threads::in_thread_pool;

/// What is known of one thing in one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyAnswer {
    pub function: String,
    pub ships: bool,
    /// The file in the artifact, or the package.
    pub what: String,
    /// Reasons, strongest first; for a file, the chain of files that leads to it.
    pub lines: Vec<String>,
}

/// Files of a package that are shown before the rest is counted.
const SHOWN_FILES: usize = 3;

/// Answers for every function that is asked about.
pub fn why(
    request: &PackRequest,
    what: &str,
    progress: ProgressCallback<'_>,
) -> Result<Vec<WhyAnswer>, Vec<Diagnostic>> {
    in_thread_pool(|| {
        let prepared = prepare_project(request, progress)?;
        let mut out = Vec::new();
        for plan in &prepared.plans {
            if let FunctionKind::Node(handler) = &plan.function.kind {
                let Some(context) = build_settings::open(&[plan], request) else {
                    continue;
                };
                out.push(answer(&context, plan, &handler.file, what)?);
            }
        }
        if out.is_empty() {
            return Err(vec![
                Diagnostic::error(NOTHING_TO_PACK, "the project has no Node.js function")
                    .at(Location::file(&prepared.project.root)),
            ]);
        }
        Ok(out)
    })
}

fn answer(
    context: &ProjectContext,
    plan: &Plan,
    handler: &RelPath,
    what: &str,
) -> Result<WhyAnswer, Vec<Diagnostic>> {
    let one = |error: Box<Diagnostic>| vec![*error];
    let settings = BuildSettings::new(context, plan).map_err(one)?;
    let mode = match plan.strategy.value {
        coldcut_core::settings::Strategy::Prune => BuildMode::Prune,
        _ => BuildMode::Trace,
    };
    let (decide, external) = (settings.decide(), settings.external());
    let build_request = BuildRequest {
        target: None,
        ..settings.build_request(handler, mode, &decide, &external)
    };
    let built = context.build(&build_request)?;
    let text = what.trim_start_matches("./").trim_end_matches('/');
    let mut found = WhyAnswer {
        function: plan.function.name.clone(),
        ships: false,
        what: text.to_string(),
        lines: Vec::new(),
    };
    // A file of the source tree answers for what it became.
    let source = plan.root().join(text);
    let bundles = matches!(
        plan.strategy.value,
        coldcut_core::settings::Strategy::Auto | coldcut_core::settings::Strategy::Bundle
    );
    // Where it cannot be bundled, `pack` says why.
    let explained = || -> Vec<String> {
        if !bundles {
            return Vec::new();
        }
        let real = source.canonicalize().unwrap_or_else(|_| source.clone());
        let found = context.explain(&build_request, &|path, package| {
            path == real || package == text
        });
        found.map_or_else(|_| Vec::new(), |found| in_the_bundle(&found))
    };
    let file = built.artifact.files.iter().find(|(rel, entry)| {
        rel.as_str() == text || entry.source.as_ref().is_some_and(|path| *path == source)
    });
    if let Some((rel, entry)) = file {
        found.ships = true;
        found.what = rel.to_string();
        found.lines = entry
            .reasons
            .iter()
            .take(5)
            .map(ToString::to_string)
            .collect();
        found.lines.extend(chain(&built, rel));
        found.lines.extend(explained());
        return Ok(found);
    }
    let of_package: Vec<&RelPath> = built
        .artifact
        .files
        .iter()
        .filter(|(_, entry)| {
            entry.package.as_deref().is_some_and(|label| {
                label == text || label.rsplit_once('@').is_some_and(|(name, _)| name == text)
            })
        })
        .map(|(rel, _)| rel)
        .collect();
    if !of_package.is_empty() {
        found.ships = true;
        // The file by which the package is entered is the one with the shortest way to it.
        let mut chains: Vec<(Vec<String>, &RelPath)> = of_package
            .iter()
            .map(|rel| (chain(&built, rel), *rel))
            .collect();
        chains.sort_by_key(|(chain, rel)| (chain.is_empty(), chain.len(), rel.as_str().len()));
        for (chain, rel) in chains.iter().take(1) {
            found
                .lines
                .push(format!("{} files ship, first {rel}", of_package.len()));
            found.lines.extend(chain.iter().cloned());
        }
        found.lines.extend(explained());
        return Ok(found);
    }
    if let Some(why) = built.external.get(text) {
        found.lines.push(format!("left to the platform: {why}"));
        return Ok(found);
    }
    left_out(context, plan, &settings.ignore, &built, text, &mut found);
    Ok(found)
}

/// Places that keep something whole, of which as many are shown.
const SHOWN_PLACES: usize = 5;

/// What of it is in the bundle, and what keeps it there.
fn in_the_bundle(explained: &Explained) -> Vec<String> {
    if explained.modules == 0 {
        return vec!["in the bundle: nothing of it, because no code that runs uses it".to_string()];
    }
    let mut lines = vec![format!(
        "in the bundle: {} of {} bytes of source stay",
        explained.stays, explained.source
    )];
    for step in &explained.chain {
        lines.push(format!("  {}:{} -> {}", step.by, step.line, step.to));
    }
    if !explained.needed.is_empty() {
        let names: Vec<&str> = explained.needed.iter().map(String::as_str).collect();
        lines.push(format!("  other modules need {}", names.join(", ")));
    }
    for whole in explained.whole.iter().take(SHOWN_PLACES) {
        lines.push(format!(
            "  {}:{}:{} uses {} as a whole: {} bytes of source stay for that",
            whole.by, whole.line, whole.column, whole.module, whole.bytes
        ));
    }
    if explained.whole.len() > SHOWN_PLACES {
        let more = explained.whole.len() - SHOWN_PLACES;
        lines.push(format!("  and {more} more such places"));
    }
    lines
}

/// The files that lead from the handler to `rel`, one a line.
fn chain(built: &Built, rel: &RelPath) -> Vec<String> {
    use coldcut_core::artifact::Reason;
    let mut came_from: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    let mut frontier = vec![built.artifact.handler.as_str()];
    let mut asks: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
    for (name, entry) in &built.artifact.files {
        for reason in &entry.reasons {
            if let Reason::Imported { by, line }
            | Reason::Matched { by, line }
            | Reason::Read { by, line } = reason
            {
                asks.entry(by).or_default().push((name.as_str(), *line));
            }
        }
    }
    // Reasons name files as they lie in the artifact before TypeScript is renamed.
    let source_names: BTreeMap<&str, &str> = built
        .artifact
        .files
        .keys()
        .flat_map(|name| {
            asks.keys()
                .filter(|by| {
                    RelPath::new(by)
                        .is_some_and(|by| coldcut_js::transpile::shipped_name(&by) == *name)
                })
                .map(|by| (name.as_str(), *by))
        })
        .collect();
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for at in frontier {
            let by = source_names.get(at).copied().unwrap_or(at);
            for (to, line) in asks.get(by).into_iter().flatten() {
                if *to != built.artifact.handler.as_str() && !came_from.contains_key(to) {
                    came_from.insert(to, (at, *line));
                    next.push(*to);
                }
            }
        }
        frontier = next;
    }
    let mut lines = Vec::new();
    let mut at = rel.as_str();
    while let Some((by, line)) = came_from.get(at) {
        lines.push(format!("{by}:{line} -> {at}"));
        at = by;
    }
    lines.reverse();
    lines
}

/// Names the line, rule or step that leaves something out.
fn left_out(
    context: &ProjectContext,
    plan: &Plan,
    ignore: &Ignore,
    built: &Built,
    text: &str,
    found: &mut WhyAnswer,
) {
    let exists = plan.root().join(text);
    if exists.is_file() {
        if let Some(rel) = RelPath::new(text) {
            let decision = ignore.decide(&rel);
            match decision.because {
                Some(because) if !decision.keep => {
                    found.lines.push(format!("left out by {because}"));
                }
                _ => found
                    .lines
                    .push("no code that the handler loads refers to it".to_string()),
            }
        }
        return;
    }
    let dev = built.dev_packages.iter().find(|label| {
        *label == text || label.rsplit_once('@').is_some_and(|(name, _)| name == text)
    });
    if let Some(label) = dev {
        found
            .lines
            .push(format!("{label} is needed only for development"));
        return;
    }
    let files: Vec<&str> = context
        .items()
        .iter()
        .filter(|item| item.name.starts_with(&format!("node_modules/{text}/")))
        .map(|item| item.name.as_str())
        .take(SHOWN_FILES)
        .collect();
    if files.is_empty() {
        found
            .lines
            .push("there is no such file or package here".to_string());
    } else {
        found
            .lines
            .push("installed, but no code that the handler loads imports it".to_string());
    }
}
