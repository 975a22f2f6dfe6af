//! What is published on npm, by the tests that lie beside it: they install the packed packages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{repository, scratch, succeeds};

/// A copy of what those tests read, so that nothing is installed into the repository.
pub fn tree() -> PathBuf {
    static TREE: OnceLock<PathBuf> = OnceLock::new();
    let tree = TREE.get_or_init(|| {
        let tree = scratch().join("packages");
        let parts = [
            "npm",
            "docs",
            "examples",
            "Cargo.toml",
            "README.md",
            "fixtures/pnpm-workspace",
            "fixtures/yarn-pnp",
            "LICENSE-MIT",
            "LICENSE-APACHE",
        ];
        for part in parts {
            copy_sources(&repository().join(part), &tree.join(part));
        }
        tree
    });
    tree.clone()
}

/// Copies a file, or a folder without what is installed in it.
pub fn copy_sources(from: &Path, to: &Path) {
    let files = walkdir::WalkDir::new(from)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules")
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file());
    for file in files {
        let to = match file.path().strip_prefix(from).unwrap() {
            whole if whole.as_os_str().is_empty() => to.to_path_buf(),
            part => to.join(part),
        };
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(file.path(), to).unwrap();
    }
}

/// What the lock file of a folder asks for, installed once.
pub fn install(dir: &Path) {
    let lock = std::fs::read(dir.join("package-lock.json")).unwrap();
    let done = dir.join("node_modules/.installed");
    if std::fs::read(&done).is_ok_and(|text| text == lock) {
        return;
    }
    succeeds(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(dir),
    );
    std::fs::write(done, lock).unwrap();
}

/// Runs the tests of a folder.
pub fn tested(dir: &Path, files: &[&str]) {
    let mut node = Command::new("node");
    node.arg("--test").args(files).current_dir(dir);
    node.env("COLDCUT_BIN", program());
    node.env("COLDCUT_BINARY", program());
    node.env("COLDCUT_CACHE_DIR", scratch().join("cache"));
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("# fail 0") && !said.contains("# pass 0"),
        "{said}"
    );
}

/// The built program without its symbols, which make packages of it slow to pack.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let to = scratch().join("stripped/coldcut");
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut strip = Command::new("strip");
        succeeds(strip.arg("-o").arg(&to).arg(env!("CARGO_BIN_EXE_coldcut")));
        to
    });
    program.clone()
}

#[test]
fn the_packages_are_installed_and_used() {
    let npm = tree().join("npm");
    install(&npm);
    tested(&npm, &["test/packages.test.mjs"]);
}

#[test]
fn the_plugin_packs_with_the_real_frameworks() {
    let plugin = tree().join("npm/serverless-coldcut");
    let files = std::fs::read_dir(plugin.join("test")).unwrap();
    let mut files: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".test.mjs"))
        .map(|name| format!("test/{name}"))
        .collect();
    files.sort();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    tested(&plugin, &files);
}

#[test]
fn the_construct_makes_stacks_that_are_the_same_everywhere() {
    let construct = tree().join("npm/coldcut-cdk");
    install(&construct);
    tested(&construct, &["test/construct.test.mjs"]);
}
