//! Native addons that helpers look for.
//!
//! In: how a helper is asked. Out: the files that it may load on the target, sorted: what was
//! compiled here, and what was built before for the target's system, architecture and C library.
//! Those for other targets are left out, as far as their names tell it.

use std::path::{Path, PathBuf};

use crate::scan::{AddonRef, AddonSearch, Piece, merge};

use crate::graph::{EdgeKind, path_patterns};

/// Where compilers put an addon, below its package: the folders that `bindings` looks in.
const COMPILED: [&str; 6] = [
    "build",
    "build/Debug",
    "build/Release",
    "out/Debug",
    "Debug",
    "Release",
];

pub(super) fn found(
    addon: &AddonRef,
    file: &Path,
    package: &Path,
    machines: &[&str],
) -> Vec<PathBuf> {
    let mut out = match &addon.search {
        AddonSearch::Named(name) => named(name, package),
        AddonSearch::Below(pieces) => {
            let told = pieces.as_ref().and_then(|pieces| folder(pieces, file));
            below(&told.unwrap_or_else(|| package.to_path_buf()), machines)
        }
        AddonSearch::Manifest(pieces) => match folder(pieces, file) {
            Some(manifest) => by_manifest(&manifest, package),
            None => Vec::new(),
        },
    };
    out.retain(|path| path.starts_with(package));
    out.sort();
    out.dedup();
    out
}

/// A path that is known in full, seen from its file.
fn folder(pieces: &[Piece], file: &Path) -> Option<PathBuf> {
    let dir = file.parent()?;
    let path = match pieces {
        [Piece::Dir] => dir.to_path_buf(),
        [Piece::Dir, Piece::Text(text)] => dir.join(text.trim_start_matches('/')),
        _ => return None,
    };
    path.canonicalize().ok()
}

fn named(name: &str, package: &Path) -> Vec<PathBuf> {
    let file = match name.ends_with(".node") {
        true => name.to_string(),
        false => format!("{name}.node"),
    };
    let compiled = COMPILED.iter().map(|dir| package.join(dir).join(&file));
    let mut out: Vec<PathBuf> = compiled.filter(|path| path.is_file()).collect();
    let bound = [Piece::Dir, Piece::Text("/lib/binding/".into()), Piece::Any];
    let bound = path_patterns::matching(package, &bound, package, EdgeKind::Asset);
    out.extend(bound.into_iter().filter(|path| path.ends_with(&file)));
    out
}

/// What `node-gyp-build` looks at: compiled files, then those built before.
fn below(dir: &Path, machines: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for place in ["build/Release", "build/Debug"] {
        out.extend(addons_in(&dir.join(place)));
    }
    let Ok(all) = std::fs::read_dir(dir.join("prebuilds")) else {
        return out;
    };
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for entry in all.filter_map(Result::ok) {
        let for_target = is_for_target(&entry.file_name().to_string_lossy(), machines);
        for path in addons_in(&entry.path()) {
            match for_target && !is_for_other_libc(&path) {
                true => right.push(path),
                false => wrong.push(path),
            }
        }
    }
    // Where none fits, those for others are what is to be said.
    if out.is_empty() && right.is_empty() {
        right = wrong;
    }
    out.extend(right);
    out
}

fn addons_in(dir: &Path) -> Vec<PathBuf> {
    let Ok(all) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let paths = all.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|ext| ext == "node"))
        .collect()
}

/// `linux-x64`, `darwin-x64+arm64`: system, then architectures.
fn is_for_target(tuple: &str, machines: &[&str]) -> bool {
    let Some((system, architectures)) = tuple.split_once('-') else {
        return false;
    };
    let system = system.strip_suffix(LIBC).unwrap_or(system);
    system == SYSTEM
        && architectures
            .split('+')
            .any(|name| machines.contains(&name))
}

/// Serverless platforms run Linux with the GNU C library.
const SYSTEM: &str = "linux";
const LIBC: &str = "glibc";

fn is_for_other_libc(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(['.', '-']).any(|tag| tag == "musl")
}

/// `binary.module_path` of a manifest, whose `{placeholders}` are taken as unknown.
fn by_manifest(manifest: &Path, package: &Path) -> Vec<PathBuf> {
    let (Some(dir), Ok(text)) = (manifest.parent(), std::fs::read_to_string(manifest)) else {
        return Vec::new();
    };
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else {
        return Vec::new();
    };
    let Some(path) = json["binary"]["module_path"].as_str() else {
        return Vec::new();
    };
    let mut pieces = vec![Piece::Dir, Piece::Text("/".into())];
    let mut rest = path.trim_start_matches("./");
    while let Some((before, after)) = rest.split_once('{') {
        pieces.extend([Piece::Text(before.into()), Piece::Any]);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    pieces.extend([
        Piece::Text(format!("{}/", rest.trim_end_matches('/'))),
        Piece::Any,
    ]);
    let all = path_patterns::matching(dir, &merge(pieces), package, EdgeKind::Asset);
    all.into_iter()
        .filter(|path| !is_for_other_libc(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_target_can_load_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let arch = "x64";
        for file in [
            format!("prebuilds/linux-{arch}/node.napi.node"),
            format!("prebuilds/linux-{arch}/node.napi.musl.node"),
            format!("prebuilds/darwin-x64+{arch}/node.napi.node"),
            format!("prebuilds/linuxglibc-{arch}/node-108.node"),
            format!("prebuilds/linuxmusl-{arch}/node-108.node"),
            "prebuilds/linux-arm64/node.napi.node".to_string(),
            "build/Release/addon.node".to_string(),
            "lib/binding/napi-v3/addon.node".to_string(),
            "lib/binding/napi-v3/other.txt".to_string(),
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let manifest = r#"{"binary":{"module_path":"./lib/binding/napi-v{napi_build_version}"}}"#;
        std::fs::write(root.join("package.json"), manifest).unwrap();
        let names = |search: AddonSearch| -> Vec<String> {
            let addon = AddonRef {
                search,
                line: 1,
                optional: false,
            };
            let all = found(&addon, &root.join("index.js"), &root, &[arch]);
            let below = all.iter().map(|path| path.strip_prefix(&root).unwrap());
            below.map(|path| path.display().to_string()).collect()
        };
        assert_eq!(
            names(AddonSearch::Below(Some(vec![Piece::Dir]))),
            [
                "build/Release/addon.node".to_string(),
                format!("prebuilds/linux-{arch}/node.napi.node"),
                format!("prebuilds/linuxglibc-{arch}/node-108.node"),
            ]
        );
        assert_eq!(
            names(AddonSearch::Named("addon".into())),
            ["build/Release/addon.node", "lib/binding/napi-v3/addon.node"]
        );
        let manifest = vec![Piece::Dir, Piece::Text("/package.json".into())];
        assert_eq!(
            names(AddonSearch::Manifest(manifest)),
            [
                "lib/binding/napi-v3/addon.node",
                "lib/binding/napi-v3/other.txt"
            ]
        );
    }
}
