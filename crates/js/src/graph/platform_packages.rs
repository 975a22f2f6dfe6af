//! Packages that hold what another needs on one platform only.
//!
//! In: a module of an installed package, and what it refers to. Out: the files of those packages,
//! sorted, whatever platform they are for: which of them a function can load is judged for each
//! function. They are told by `os`, `cpu` and `libc` of their manifests, by which npm installs
//! them, and count where the module loads something by a name that it computes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::packages::package::{PackageKind, Packages};
use crate::scan::{AddonSearch, ModuleScan};

use crate::graph::GraphModule;

/// What nobody loads.
const TEXTS: [&str; 7] = [".md", ".ts", ".mts", ".cts", ".map", ".h", ".txt"];

/// More files than this in a package for one platform are not looked for.
const MAX_FILES: usize = 2_000;

pub(super) fn files(
    module: &GraphModule,
    scan: &ModuleScan,
    packages: &Packages,
    machines: &[&str],
) -> Vec<PathBuf> {
    let package = &module.package;
    let Some(manifest) = &package.manifest else {
        return Vec::new();
    };
    let looks = scan
        .addons
        .iter()
        .any(|addon| matches!(addon.search, AddonSearch::Below(_)));
    if package.kind != PackageKind::Installed || (scan.unfollowable.is_empty() && !looks) {
        return Vec::new();
    }
    let listed = manifest.optional_dependencies.iter().cloned();
    let named = machines.iter().filter(|_| looks);
    let named = named.map(|arch| conventional(&package.name, arch));
    let names: BTreeSet<String> = listed.chain(named).collect();
    let mut out = Vec::new();
    for name in names {
        if let Some(dir) = packages.find(&package.dir, &name)
            && packages
                .manifest(&dir)
                .is_some_and(|manifest| manifest.platforms.iter().any(|list| !list.is_empty()))
        {
            out.extend(all(&dir));
        }
    }
    // The helper reads there how the package is called.
    if looks && !out.is_empty() {
        out.push(package.dir.join("package.json"));
    }
    out
}

/// The name that `node-gyp-build-optional-packages` looks for beside `optionalDependencies`.
fn conventional(package: &str, arch: &str) -> String {
    match package.starts_with('@') {
        true => format!("{package}-linux-{arch}"),
        false => format!("@{package}/{package}-linux-{arch}"),
    }
}

fn all(dir: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules" || entry.depth() == 0)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    let wanted = files.filter(|entry| {
        let name = entry.file_name().to_string_lossy();
        let licence = name.to_ascii_uppercase().starts_with("LICEN");
        !licence && !TEXTS.iter().any(|end| name.ends_with(end))
    });
    wanted
        .take(MAX_FILES)
        .map(walkdir::DirEntry::into_path)
        .collect()
}
