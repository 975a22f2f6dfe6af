//! Who leads to each file of an artifact, on the shortest way from the handler.
//!
//! In: an [`Artifact`]. Out: for each file the one that asks for it, from which the report's "why is
//! this here" chains are walked.

use std::collections::{BTreeMap, VecDeque};

use coldcut_core::artifact::{Artifact, Entry, Reason, RelPath};
use coldcut_js::transpile::shipped_name;

/// By the names of files in the artifact.
pub(super) fn came_from(artifact: &Artifact) -> BTreeMap<&str, (&str, u32)> {
    let mut came = BTreeMap::new();
    if !artifact.inside.is_empty() {
        // Beside a bundle the modules that ask are no files: each tells who asks for it itself.
        for (name, entry) in &artifact.files {
            if let Some(asked) = asked(entry).next() {
                came.insert(name.as_str(), asked);
            }
        }
        return came;
    }
    // Reasons name files as they lie in the artifact before TypeScript is renamed.
    let mut asks: BTreeMap<String, Vec<(&str, u32)>> = BTreeMap::new();
    for (name, entry) in &artifact.files {
        for (by, line) in asked(entry) {
            let shipped = RelPath::new(by).map(|by| shipped_name(&by).to_string());
            let shipped = shipped.unwrap_or_else(|| by.to_string());
            asks.entry(shipped).or_default().push((name.as_str(), line));
        }
    }
    let mut queue = VecDeque::from([artifact.handler.as_str()]);
    while let Some(at) = queue.pop_front() {
        for (to, line) in asks.get(at).into_iter().flatten() {
            if *to != artifact.handler.as_str() && !came.contains_key(to) {
                came.insert(*to, (at, *line));
                queue.push_back(to);
            }
        }
    }
    came
}

fn asked(entry: &Entry) -> impl Iterator<Item = (&str, u32)> {
    entry.reasons.iter().filter_map(|reason| match reason {
        Reason::Imported { by, line }
        | Reason::Matched { by, line }
        | Reason::Read { by, line } => Some((by.as_str(), *line)),
        _ => None,
    })
}
