//! What a Rust binary is made of, before it is built.
//!
//! In: a binary. Out: the files of its package and of the packages that it reaches in folders, with
//! what tells cargo and rustup how to build: for caches. Crates of a registry are in the lock file
//! by their digests. Which files the compiler will read is known only to it, so all of a package's
//! count, but for its tests, benches and examples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coldcut_core::diagnostics::Result;
use coldcut_core::disk::{is_cache, is_not_source};
use coldcut_core::functions::Binary;

use crate::dependencies::{CrateKind, crates};

/// Variables that change what cargo builds, besides those for profiles and targets.
pub const ENVIRONMENT: [&str; 7] = [
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];
/// Beginnings of the names of those.
pub const ENVIRONMENT_STARTS: [&str; 2] = ["CARGO_PROFILE_RELEASE_", "CARGO_TARGET_"];

/// Files in the folder of a project, or above it, that say how to build.
const ABOVE: [&str; 4] = [
    ".cargo/config",
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
];
/// Folders of a package that its binary does not come from.
const ASIDE: [&str; 3] = ["benches", "examples", "tests"];

/// The files that are there, and places where one would count.
pub fn inputs(binary: &Binary, triple: &str) -> Result<(BTreeSet<PathBuf>, BTreeSet<PathBuf>)> {
    let crates = crates(&binary.manifest, &binary.package, triple)?;
    let own = binary.manifest.parent().map(Path::to_path_buf);
    let local = crates.all.iter().filter(|one| one.source.is_none());
    let mut folders: BTreeSet<PathBuf> = local
        .filter(|one| one.kind != CrateKind::Dev)
        .map(|one| one.folder.clone())
        .collect();
    folders.extend(own.clone());
    let mut files = BTreeSet::new();
    let mut absent = BTreeSet::new();
    for folder in &folders {
        files.extend(files_of(folder, &folders));
    }
    let mut keep = |path: PathBuf| {
        let _ = match path.is_file() {
            true => files.insert(path),
            false => absent.insert(path),
        };
    };
    for name in ["Cargo.toml", "Cargo.lock"] {
        keep(crates.workspace_root.join(name));
    }
    for above in own.iter().flat_map(|own| own.ancestors()) {
        for name in ABOVE {
            let path = above.join(name);
            // Above the workspace only what is there: who looks for the rest would look for ever.
            if above.starts_with(&crates.workspace_root) || path.is_file() {
                keep(path);
            }
        }
    }
    Ok((files, absent))
}

/// The files of one package; packages inside its folder are others.
fn files_of(folder: &Path, all: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let walk = walk.into_iter().filter_entry(|entry| {
        if entry.depth() == 0 || !entry.file_type().is_dir() {
            return true;
        }
        let name = entry.file_name();
        let aside = entry.depth() == 1 && ASIDE.iter().any(|one| name == *one);
        let other = all.contains(entry.path()) || entry.path().join("Cargo.toml").is_file();
        // Others that begin with a dot can be source, such as a query cache.
        let made = is_not_source(name) || is_cache(entry.path());
        !(aside || other || made)
    });
    let files = walk.filter_map(std::result::Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}
