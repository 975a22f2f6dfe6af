//! Who leads to each file of an artifact, on the shortest way from the handler.
//!
//! In: an [`Artifact`]. Out: for each file the one that asks for it, from which the report's "why is
//! this here" chains are walked.

use std::collections::{BTreeMap, VecDeque};

use coldcut_core::artifact::{Artifact, Entry, Reason, RelPath};
use coldcut_js::transpile::shipped_name;

/// By the names of files in the artifact.
pub(super) fn shortest_importers(artifact: &Artifact) -> BTreeMap<&str, (&str, u32)> {
    let mut importers = BTreeMap::new();
    if !artifact.inside.is_empty() {
        // Beside a bundle the modules that ask are no files: each tells who asks for it itself.
        for (name, entry) in &artifact.files {
            if let Some(first) = references(entry).next() {
                importers.insert(name.as_str(), first);
            }
        }
        return importers;
    }
    // Reasons name files as they lie in the artifact before TypeScript is renamed.
    let mut imported_by: BTreeMap<String, Vec<(&str, u32)>> = BTreeMap::new();
    for (name, entry) in &artifact.files {
        for (by, line) in references(entry) {
            let shipped = RelPath::new(by).map(|by| shipped_name(&by).to_string());
            let shipped = shipped.unwrap_or_else(|| by.to_string());
            imported_by
                .entry(shipped)
                .or_default()
                .push((name.as_str(), line));
        }
    }
    let mut queue = VecDeque::from([artifact.handler.as_str()]);
    while let Some(at) = queue.pop_front() {
        for (to, line) in imported_by.get(at).into_iter().flatten() {
            if *to != artifact.handler.as_str() && !importers.contains_key(to) {
                importers.insert(*to, (at, *line));
                queue.push_back(to);
            }
        }
    }
    importers
}

fn references(entry: &Entry) -> impl Iterator<Item = (&str, u32)> {
    entry.reasons.iter().filter_map(|reason| match reason {
        Reason::Imported { by, line }
        | Reason::Matched { by, line }
        | Reason::Read { by, line } => Some((by.as_str(), *line)),
        _ => None,
    })
}
