//! Links of an artifact, followed: each becomes a copy of what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use coldcut_core::artifact::{Content, Entry, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Location, Result};

use crate::pack::codes::BROKEN_LINK;

/// The files of an artifact without links.
pub(super) fn follow(files: &BTreeMap<RelPath, Entry>) -> Result<BTreeMap<RelPath, Entry>> {
    let mut out = BTreeMap::new();
    for (name, entry) in files {
        let mut trail = BTreeSet::new();
        copy(files, name, entry, name.as_str(), &mut trail, &mut out)?;
    }
    Ok(out)
}

/// Adds `entry`, or what it leads to, as `at`.
fn copy(
    files: &BTreeMap<RelPath, Entry>,
    name: &RelPath,
    entry: &Entry,
    at: &str,
    trail: &mut BTreeSet<RelPath>,
    out: &mut BTreeMap<RelPath, Entry>,
) -> Result<()> {
    let Content::Link(target) = &entry.content else {
        if let Some(at) = RelPath::new(at) {
            out.entry(at).or_insert_with(|| entry.clone());
        }
        return Ok(());
    };
    let fault = |what: &str| {
        let mut error = Diagnostic::error(BROKEN_LINK, format!("the link `{name}` {what}"))
            .help("delete the link, or keep links with `--links keep`");
        if let Some(source) = &entry.source {
            error = error.at(Location::file(source));
        }
        Box::new(error)
    };
    if !trail.insert(name.clone()) {
        return Err(fault("is part of a circle of links"));
    }
    let real = resolve(name, target).ok_or_else(|| fault("points outside of the artifact"))?;
    if let Some(found) = files.get(&real) {
        copy(files, &real, found, at, trail, out)?;
    } else {
        let prefix = format!("{real}/");
        let inside = files
            .range(real.clone()..)
            .skip_while(|(name, _)| !name.as_str().starts_with(&prefix))
            .take_while(|(name, _)| name.as_str().starts_with(&prefix));
        let mut any = false;
        for (name, entry) in inside {
            any = true;
            let rest = &name.as_str()[prefix.len()..];
            copy(files, name, entry, &format!("{at}/{rest}"), trail, out)?;
        }
        if !any {
            return Err(fault("points to a file that does not ship"));
        }
    }
    trail.remove(name);
    Ok(())
}

fn resolve(name: &RelPath, target: &str) -> Option<RelPath> {
    let mut parts: Vec<&str> = name
        .parent()
        .map_or_else(Vec::new, |p| p.split('/').collect());
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    RelPath::new(&parts.join("/"))
}
