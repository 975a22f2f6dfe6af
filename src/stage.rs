//! `--install`: a copy of the project in coldcut's own folder, with its dependencies installed.
//!
//! In: the project's folder. Out: the same folder inside the copy. The lock file says which
//! package manager; it is run in its frozen mode, so that what is installed is what is locked.
//! The project itself is only read. A copy whose manifests and lock file did not change keeps
//! its `node_modules`.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use coldcut_core::diagnostics::{Code, Diagnostic, Location, Result};
use coldcut_core::digest::hex;
use coldcut_core::disk::{is_cache, is_left_by_tools, is_not_source, link_file};

/// The package manager failed, or is not installed.
pub const INSTALL_FAILED: Code = Code("CC003");
/// The copy of the project cannot be written.
pub const COPY_NOT_WRITTEN: Code = Code("CC004");
/// The lock file is broken.
pub const BROKEN_LOCK_FILE: Code = Code("CC005");

/// A lock file and the manager that reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PackageManager {
    Npm,
    Pnpm,
    Yarn,
}

impl PackageManager {
    fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
        }
    }
}

const LOCK_FILES: [(&str, PackageManager); 4] = [
    ("package-lock.json", PackageManager::Npm),
    ("npm-shrinkwrap.json", PackageManager::Npm),
    ("pnpm-lock.yaml", PackageManager::Pnpm),
    ("yarn.lock", PackageManager::Yarn),
];

/// Copies the project in `dir` below `into` and installs its dependencies there. `say` is told
/// what is being done.
pub fn stage(dir: &Path, into: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf> {
    let (base, lock) = folder_with_lock_file(dir);
    let copy = into.join(folder_name(&base));
    let failed = |path: &Path, error: &std::io::Error| {
        Box::new(
            Diagnostic::io(COPY_NOT_WRITTEN, "write", path, error)
                .help("choose another folder with `--out`, or free some space"),
        )
    };
    if let Some((path, _)) = &lock {
        check_lock(path)?;
    }
    std::fs::create_dir_all(&copy).map_err(|error| failed(&copy, &error))?;
    let digest = copy_tree(
        &base,
        &copy,
        into,
        lock.as_ref().map(|(path, _)| path.as_path()),
    )
    .map_err(|(path, error)| failed(&path, &error))?;
    // Beside the copy: in it, it would be one more file to pack.
    let mark = into.join(format!("{}.installed", folder_name(&base)));
    let was = std::fs::read_to_string(&mark);
    if was.is_ok_and(|text| text == digest) {
        progress("dependencies are installed already");
    } else if !base.join("package.json").is_file() {
        // Cargo fetches what it needs itself.
        progress("there is no `package.json`, so nothing to install");
    } else {
        install(&copy, &base, lock.map(|(_, manager)| manager), progress)?;
        std::fs::write(&mark, digest).map_err(|error| failed(&mark, &error))?;
    }
    let rest = dir.strip_prefix(&base).unwrap_or(Path::new(""));
    Ok(copy.join(rest))
}

/// A copy of a project with what is installed in it, below `into`.
pub fn copy_for_comparison(root: &Path, into: &Path) -> std::io::Result<PathBuf> {
    let copy = into.join("another-name");
    std::fs::create_dir_all(&copy)?;
    let walk = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_left_by_tools(entry.file_name()));
    for entry in walk {
        let entry = entry?;
        let Ok(rest) = entry.path().strip_prefix(root) else {
            continue;
        };
        let target = copy.join(rest);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if entry.path_is_symlink() {
            copy_link(entry.path(), &target)?;
        } else if entry.file_type().is_file() {
            copy_file(entry.path(), &target)?;
        }
    }
    Ok(copy)
}

/// What a folder's dependencies are settled by. Two are equal where the same is installed for both.
#[derive(Debug, Clone)]
pub struct LockedDependencies {
    /// The folder that is installed into: the project's, or that of the workspace above it.
    pub root: PathBuf,
    /// The lock file, where there is one.
    pub file: Option<PathBuf>,
    /// The package manager that reads it, as it is called.
    pub manager: Option<&'static str>,
    /// The lock file's text, or else what the manifest asks for.
    said: Vec<u8>,
}

impl LockedDependencies {
    pub fn of(dir: &Path) -> Self {
        let (root, lock) = folder_with_lock_file(dir);
        let manager = lock.as_ref().map(|(_, manager)| manager.name());
        let file = lock.map(|(path, _)| path);
        let said = match &file {
            Some(path) => std::fs::read(path).unwrap_or_default(),
            None => declared_dependencies(&root.join("package.json")),
        };
        Self {
            root,
            file,
            manager,
            said,
        }
    }
}

impl PartialEq for LockedDependencies {
    fn eq(&self, other: &Self) -> bool {
        let name = |one: &Self| {
            one.file
                .as_deref()
                .and_then(Path::file_name)
                .map(ToOwned::to_owned)
        };
        name(self) == name(other) && self.said == other.said
    }
}

/// The fields of a manifest that say what is installed.
fn declared_dependencies(manifest: &Path) -> Vec<u8> {
    let text = std::fs::read(manifest).unwrap_or_default();
    let Ok(all) = serde_json::from_slice::<serde_json::Value>(&text) else {
        return text;
    };
    let fields = [
        "dependencies",
        "devDependencies",
        "optionalDependencies",
        "peerDependencies",
        "overrides",
        "workspaces",
    ];
    let said = fields.map(|field| all.get(field).map(ToString::to_string).unwrap_or_default());
    said.join("\n").into_bytes()
}

/// Puts what is installed in `from` into the same folders of `to`, as far as those are there. Files
/// are linked where the file system can, links stay as they are, so that those into the project lead
/// into `to`. Errs with the path.
pub fn copy_installed(
    from: &Path,
    to: &Path,
) -> std::result::Result<(), (PathBuf, std::io::Error)> {
    let walk = walkdir::WalkDir::new(from)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let skipped = is_skipped(entry.path()) && entry.file_name() != "node_modules";
            entry.depth() == 0 || !skipped
        });
    for entry in walk {
        let entry =
            entry.map_err(|error| (error.path().unwrap_or(from).to_path_buf(), error.into()))?;
        let Ok(rest) = entry.path().strip_prefix(from) else {
            continue;
        };
        let mut above = rest.ancestors().filter(|at| at.ends_with("node_modules"));
        let outermost = above.by_ref().last();
        let folder = outermost.and_then(Path::parent);
        let installed = match folder {
            Some(folder) => to.join(folder).is_dir(),
            None => is_installed(rest) || rest.starts_with(".yarn/cache"),
        };
        let target = to.join(rest);
        if !installed {
            continue;
        }
        let result = if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)
        } else if target.symlink_metadata().is_ok() {
            // It is in version control.
            Ok(())
        } else if entry.path_is_symlink() {
            copy_link(entry.path(), &target)
        } else if entry.file_type().is_file() {
            std::fs::hard_link(entry.path(), &target).or_else(|_| copy_file(entry.path(), &target))
        } else {
            Ok(())
        };
        result.map_err(|error| (entry.path().to_path_buf(), error))?;
    }
    Ok(())
}

/// The folder with the lock file: the project's, or that of the workspace above it.
fn folder_with_lock_file(dir: &Path) -> (PathBuf, Option<(PathBuf, PackageManager)>) {
    for above in dir.ancestors() {
        for (name, manager) in LOCK_FILES {
            let path = above.join(name);
            if path.is_file() && (above == dir || is_workspace(above)) {
                return (above.to_path_buf(), Some((path, manager)));
            }
        }
    }
    (dir.to_path_buf(), None)
}

fn is_workspace(dir: &Path) -> bool {
    dir.join("pnpm-workspace.yaml").is_file()
        || std::fs::read_to_string(dir.join("package.json"))
            .is_ok_and(|text| text.contains("\"workspaces\""))
}

fn folder_name(base: &Path) -> String {
    let name = base
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let digest = Sha256::digest(base.to_string_lossy().as_bytes());
    format!("{name}-{}", hex(&digest[..4]))
}

fn check_lock(path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Box::new(
            Diagnostic::io(BROKEN_LOCK_FILE, "read", path, &error)
                .help("make the lock file readable"),
        )
    })?;
    let broken = |line: usize, why: String| {
        Box::new(
            Diagnostic::error(BROKEN_LOCK_FILE, format!("the lock file is broken: {why}"))
                .at(Location::line(path, text.clone(), line as u32))
                .help("restore it from version control, or let the package manager write it again"),
        )
    };
    if path.extension().is_some_and(|ext| ext == "json") {
        serde_json::from_str::<serde::de::IgnoredAny>(&text)
            .map_err(|error| broken(error.line(), error.to_string()))?;
    } else if path.extension().is_some_and(|ext| ext == "yaml") {
        use saphyr::LoadableYamlNode;
        saphyr::Yaml::load_from_str(&text)
            .map_err(|error| broken(error.marker().line(), error.info().to_string()))?;
    }
    Ok(())
}

/// Makes `copy` hold what `base` holds, and gives a digest of its manifests and lock file.
fn copy_tree(
    base: &Path,
    copy: &Path,
    own: &Path,
    lock: Option<&Path>,
) -> std::result::Result<String, (PathBuf, std::io::Error)> {
    // What the project no longer has must not linger in the copy.
    let stale = walkdir::WalkDir::new(copy)
        .contents_first(true)
        .into_iter()
        .filter_entry(|entry| !is_skipped(entry.path()))
        .filter_map(std::result::Result::ok);
    for entry in stale {
        let Ok(rest) = entry.path().strip_prefix(copy) else {
            continue;
        };
        if entry.file_type().is_dir() || base.join(rest).symlink_metadata().is_ok() {
            continue;
        }
        // The copy itself may lie in coldcut's own folder: only what is below it counts.
        let skipped = |at: &Path| !at.as_os_str().is_empty() && is_skipped(&copy.join(at));
        let inside =
            rest.ancestors().any(skipped) || is_installed(rest) || rest.starts_with(".yarn/cache");
        if !inside {
            std::fs::remove_file(entry.path()).map_err(|e| (entry.path().to_path_buf(), e))?;
        }
    }
    let mut digest = Sha256::new();
    let walk = walkdir::WalkDir::new(base)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || (!is_skipped(entry.path()) && entry.path() != own)
        });
    for entry in walk {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(base).to_path_buf();
            (path, error.into())
        })?;
        let Ok(rest) = entry.path().strip_prefix(base) else {
            continue;
        };
        if is_installed(rest) {
            continue;
        }
        let target = copy.join(rest);
        let result = if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)
        } else if entry.path_is_symlink() {
            copy_link(entry.path(), &target)
        } else if entry.file_type().is_file() {
            copy_file(entry.path(), &target)
        } else {
            Ok(())
        };
        result.map_err(|error| (entry.path().to_path_buf(), error))?;
        let is_manifest = entry.file_name() == "package.json" || Some(entry.path()) == lock;
        if is_manifest && let Ok(bytes) = std::fs::read(entry.path()) {
            digest.update(rest.to_string_lossy().as_bytes());
            digest.update(bytes);
        }
    }
    Ok(hex(&digest.finalize()))
}

/// What Yarn makes under Plug'n'Play when it installs: each copy has its own.
fn is_installed(rest: &Path) -> bool {
    let made = [
        ".yarn/unplugged",
        ".yarn/install-state.gz",
        ".yarn/build-state.yml",
    ];
    let mut parts = rest.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy());
    first.is_some_and(|name| name.starts_with(".pnp."))
        || made.iter().any(|path| rest.starts_with(path))
}

/// Folders that are never copied.
fn is_skipped(path: &Path) -> bool {
    is_not_source(path.file_name().unwrap_or_default()) || is_cache(path)
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.symlink_metadata().is_ok() {
        std::fs::remove_file(to)?;
    }
    std::fs::copy(from, to).map(|_| ())
}

fn copy_link(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.symlink_metadata().is_ok() {
        std::fs::remove_file(to)?;
    }
    let target = std::fs::read_link(from)?;
    link_file(&target, to)
}

/// The commands that install what the lock file says, each to be tried where the one before it is not
/// installed.
fn install_commands(copy: &Path, manager: Option<PackageManager>) -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let through_npm = |package: String, line: &str| {
        let mut all = words("npm exec --yes --package");
        all.extend([package, "--".to_owned()]);
        all.extend(words(line));
        all
    };
    let (package, line) = match manager {
        Some(PackageManager::Npm) => return vec![words("npm ci --no-audit --no-fund")],
        Some(PackageManager::Pnpm) => {
            let ninth = lock_text(copy, "pnpm-lock.yaml").contains("lockfileVersion: '9");
            let package = if ninth { "pnpm@10" } else { "pnpm@8" };
            (package.to_owned(), "pnpm install --frozen-lockfile")
        }
        Some(PackageManager::Yarn) if is_berry(copy) => {
            (berry_package(copy), "yarn install --immutable")
        }
        Some(PackageManager::Yarn) => (
            "yarn@1".to_owned(),
            "yarn install --frozen-lockfile --non-interactive",
        ),
        None => return vec![words("npm install --no-audit --no-fund --no-package-lock")],
    };
    vec![words(line), through_npm(package, line)]
}

fn install(
    copy: &Path,
    base: &Path,
    manager: Option<PackageManager>,
    progress: &dyn Fn(&str),
) -> Result<()> {
    let attempts = install_commands(copy, manager);
    let mut absent = Vec::new();
    for words in &attempts {
        let line = words.join(" ");
        progress(&format!("running `{line}` in a copy of the project"));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(copy)
            // A manager that asks would wait for ever; colours would end up in messages.
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("YARN_ENABLE_TELEMETRY", "0")
            .stdin(std::process::Stdio::null())
            .output();
        match output {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let mut error = Diagnostic::error(INSTALL_FAILED, format!("`{line}` failed"))
                    .at_file(&base.join("package.json"))
                    .help("run it in the project yourself to see its full output");
                let said = [&output.stderr[..], &output.stdout[..]].concat();
                let said = String::from_utf8_lossy(&said).into_owned();
                for line in said.lines().filter(|line| !line.trim().is_empty()).take(15) {
                    error = error.note(line);
                }
                return Err(Box::new(error));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => absent.push(&words[0]),
            Err(error) => {
                return Err(Box::new(Diagnostic::error(
                    INSTALL_FAILED,
                    format!("cannot run `{line}`: {error}"),
                )));
            }
        }
    }
    let names: Vec<String> = absent.iter().map(|name| format!("`{name}`")).collect();
    Err(Box::new(
        Diagnostic::error(INSTALL_FAILED, format!("{} is not installed", names.join(" or ")))
            .at_file(&base.join("package.json"))
            .help("install Node.js with its package manager, or install the dependencies yourself and leave out `--install`"),
    ))
}

fn lock_text(copy: &Path, name: &str) -> String {
    std::fs::read_to_string(copy.join(name)).unwrap_or_default()
}

/// Whether the lock file is one of Yarn 2 or later.
fn is_berry(copy: &Path) -> bool {
    copy.join(".yarnrc.yml").is_file() || lock_text(copy, "yarn.lock").contains("\n__metadata:")
}

/// What npm knows that Yarn by: the version that the manifest asks for, or else the newest.
fn berry_package(copy: &Path) -> String {
    const NAME: &str = "@yarnpkg/cli-dist";
    let manifest: Option<serde_json::Value> =
        serde_json::from_str(&lock_text(copy, "package.json")).ok();
    let manager = manifest
        .as_ref()
        .and_then(|manifest| manifest.get("packageManager")?.as_str());
    let version = manager
        .and_then(|manager| manager.strip_prefix("yarn@"))
        .map(|rest| rest.split('+').next().unwrap_or(rest))
        .filter(|version| !version.starts_with("1."));
    match version {
        Some(version) => format!("{NAME}@{version}"),
        None => NAME.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yarn_is_asked_for_by_the_version_that_the_manifest_names() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_berry(dir.path()));
        assert_eq!(berry_package(dir.path()), "@yarnpkg/cli-dist");
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("yarn.lock", "# x\n\n__metadata:\n  version: 8\n");
        write(
            "package.json",
            r#"{"packageManager": "yarn@4.1.0+sha512.abc"}"#,
        );
        assert!(is_berry(dir.path()));
        assert_eq!(berry_package(dir.path()), "@yarnpkg/cli-dist@4.1.0");
    }

    #[test]
    fn a_broken_lock_file_is_shown_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("package-lock.json");
        std::fs::write(&path, "{\n  \"a\": 1,\n  oops\n}").unwrap();
        let error = check_lock(&path).unwrap_err();
        assert_eq!(error.code, BROKEN_LOCK_FILE);
        assert_eq!(error.at.unwrap().line, Some(3));
    }

    #[test]
    fn a_project_without_a_manifest_has_nothing_to_install() {
        let dir = tempfile::tempdir().unwrap();
        let (base, into) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::create_dir_all(&base).unwrap();
        std::fs::write(base.join("Cargo.toml"), "[package]\n").unwrap();
        let copy = stage(&base, &into, &|_| ()).unwrap();
        assert!(copy.join("Cargo.toml").is_file());
    }

    #[test]
    fn what_yarn_made_in_the_copy_stays_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (base, copy) = (dir.path().join("a"), dir.path().join("b"));
        let write = |path: PathBuf, text: &str| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(base.join(".pnp.cjs"), "base");
        write(base.join(".yarn/releases/yarn.cjs"), "yarn");
        write(copy.join(".pnp.cjs"), "copy");
        write(copy.join(".yarn/cache/x.zip"), "x");
        write(copy.join(".yarn/old"), "x");
        copy_tree(&base, &copy, &dir.path().join("none"), None).unwrap();
        let read = |name: &str| std::fs::read_to_string(copy.join(name)).ok();
        assert_eq!(read(".pnp.cjs").as_deref(), Some("copy"));
        assert_eq!(read(".yarn/releases/yarn.cjs").as_deref(), Some("yarn"));
        assert!(read(".yarn/cache/x.zip").is_some() && read(".yarn/old").is_none());
    }

    #[test]
    fn the_copy_follows_the_project() {
        let dir = tempfile::tempdir().unwrap();
        let (base, copy) = (dir.path().join("a"), dir.path().join(".coldcut/stage/b"));
        std::fs::create_dir_all(base.join("src")).unwrap();
        std::fs::create_dir_all(base.join("node_modules/x")).unwrap();
        std::fs::write(base.join("node_modules/x/i.js"), "").unwrap();
        std::fs::write(base.join("src/a.js"), "1").unwrap();
        std::fs::write(base.join("package.json"), "{}").unwrap();
        std::fs::create_dir_all(&copy).unwrap();
        let own = dir.path().join("none");
        let first = copy_tree(&base, &copy, &own, None).unwrap();
        assert!(copy.join("src/a.js").is_file() && !copy.join("node_modules").exists());
        std::fs::create_dir_all(copy.join("node_modules/y")).unwrap();
        std::fs::write(copy.join("node_modules/y/i.js"), "").unwrap();
        std::fs::remove_file(base.join("src/a.js")).unwrap();
        std::fs::write(base.join("src/b.js"), "2").unwrap();
        let second = copy_tree(&base, &copy, &own, None).unwrap();
        assert!(!copy.join("src/a.js").exists() && copy.join("src/b.js").is_file());
        assert!(copy.join("node_modules/y/i.js").is_file(), "installed");
        assert_eq!(first, second);
        std::fs::write(base.join("package.json"), "{ }").unwrap();
        assert_ne!(copy_tree(&base, &copy, &own, None).unwrap(), second);
    }
}
