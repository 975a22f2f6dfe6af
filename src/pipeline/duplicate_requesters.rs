//! Who asks for each copy of a package that ships more than once, and what keeps them apart.
//!
//! In: the duplicates of a function, and where its files lie on disk. Out: the same duplicates with
//! the ranges by which kept packages ask, each given to the copy that Node finds for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nodejs_semver::{Range, Version};
use serde_json::Value;

use coldcut_core::artifact::Artifact;
use coldcut_report::duplicates;
use coldcut_report::model::{Asker, Duplicate, DuplicateKind};

/// Fills in who asks, and prices what it would save to align them.
pub(super) fn fill_requesters(duplicates: &mut [Duplicate], artifact: &Artifact, root: &Path) {
    if duplicates
        .iter()
        .all(|one| one.kind == DuplicateKind::Formats)
    {
        return;
    }
    let mut kept = folders(artifact);
    kept.insert(root.to_path_buf());
    let manifests: Vec<(PathBuf, Value)> = kept
        .into_iter()
        .filter_map(|dir| {
            let text = std::fs::read(dir.join("package.json")).ok()?;
            Some((dir, serde_json::from_slice(&text).ok()?))
        })
        .collect();
    for duplicate in duplicates.iter_mut() {
        if duplicate.kind == DuplicateKind::Formats {
            continue;
        }
        for (dir, manifest) in &manifests {
            if let Some(range) = requested_range(manifest, &duplicate.name) {
                add_requester(duplicate, dir, manifest, &range);
            }
        }
        for copy in &mut duplicate.copies {
            copy.asked_by.sort();
            copy.asked_by.dedup();
        }
        duplicates::price(duplicate, &range_takes);
    }
}

/// Folders of the packages that something is kept of.
fn folders(artifact: &Artifact) -> BTreeSet<PathBuf> {
    let files = artifact.files.values();
    let files = files.filter(|entry| entry.package.is_some());
    let files = files.filter_map(|entry| entry.origin());
    let inside = artifact.inside.iter();
    let inside = inside.filter(|module| module.package.is_some());
    let paths = files.chain(inside.map(|module| module.path.as_path()));
    paths.filter_map(package_folder).collect()
}

/// `…/node_modules/@s/p` of a path in it.
pub(super) fn package_folder(path: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = path.components().collect();
    let at = parts
        .iter()
        .rposition(|part| part.as_os_str() == "node_modules")?;
    let first = parts.get(at + 1)?.as_os_str().to_string_lossy();
    let end = at + 2 + usize::from(first.starts_with('@'));
    (end < parts.len()).then(|| parts[..end].iter().collect())
}

fn requested_range(manifest: &Value, name: &str) -> Option<String> {
    let lists = ["dependencies", "optionalDependencies", "peerDependencies"];
    let range = lists
        .iter()
        .find_map(|list| manifest.get(list)?.get(name)?.as_str());
    range.map(str::to_string)
}

/// Gives the asker to the copy that Node finds from its folder.
fn add_requester(duplicate: &mut Duplicate, dir: &Path, manifest: &Value, range: &str) {
    let name = duplicate.name.clone();
    let Some(got) = package_seen_from(dir, &name) else {
        return;
    };
    let version = |manifest: &Value| manifest.get("version")?.as_str().map(str::to_string);
    let text = std::fs::read(got.join("package.json")).unwrap_or_default();
    let Some(gets) = serde_json::from_slice(&text)
        .ok()
        .as_ref()
        .and_then(version)
    else {
        return;
    };
    let said = |key: &str| manifest.get(key).and_then(Value::as_str);
    let by = match (said("name"), said("version")) {
        (Some(name), Some(version)) if package_folder(&dir.join("x")).is_some() => {
            format!("{name}@{version}")
        }
        (Some(name), _) => name.to_string(),
        (None, _) => "the project".to_string(),
    };
    let asker = Asker {
        by,
        range: range.to_string(),
        gets: gets.clone(),
    };
    // Where several folders hold this version, the one that is found is told by its place.
    let same = |at: &usize| duplicate.copies[*at].version.as_deref() == Some(&*gets);
    let alike: Vec<usize> = (0..duplicate.copies.len()).filter(same).collect();
    let place = got.to_string_lossy().replace('\\', "/");
    let exact = alike.iter().find(|at| {
        let folder = &duplicate.copies[**at].folder;
        place.ends_with(&format!("/{}", folder.trim_start_matches("../")))
    });
    if let Some(at) = exact.or(alike.first()) {
        duplicate.copies[*at].asked_by.push(asker);
    }
}

/// Where Node finds a package from a folder.
fn package_seen_from(dir: &Path, name: &str) -> Option<PathBuf> {
    dir.ancestors()
        .filter(|at| !at.ends_with("node_modules"))
        .map(|at| at.join("node_modules").join(name))
        .find(|at| at.join("package.json").is_file())
        .and_then(|at| at.canonicalize().ok())
}

/// npm's rule. What is no range (a tag, a link, an alias) takes nothing else.
fn range_takes(range: &str, version: &str) -> bool {
    let range = range.strip_prefix("workspace:").unwrap_or(range);
    match (Range::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.satisfies(&version),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_npms() {
        assert!(
            range_takes("^1.2.0", "1.9.0")
                && range_takes("1 || 2", "2.0.0")
                && range_takes("*", "3.0.0")
        );
        assert!(!range_takes("^1.2.0", "2.0.0") && !range_takes("latest", "1.0.0"));
        assert!(!range_takes("npm:other@1", "1.0.0") && range_takes("workspace:^1.0.0", "1.1.0"));
        assert!(range_takes("~0.5", "0.5.9") && !range_takes("~0.5", "0.6.0"));
    }

    #[test]
    fn folders_of_packages_on_disk() {
        let of = |path: &str| package_folder(Path::new(path));
        assert_eq!(
            of("/a/node_modules/@s/p/lib/x.js"),
            Some("/a/node_modules/@s/p".into())
        );
        assert_eq!(
            of("/a/node_modules/p/node_modules/q/x.js"),
            Some("/a/node_modules/p/node_modules/q".into())
        );
        assert_eq!(of("/a/src/x.js"), None);
    }
}
