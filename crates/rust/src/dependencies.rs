//! Which crates are linked, and which only serve the build.
//!
//! In: a manifest and the target. Out: [`Crates`]: every crate that the package's dependencies reach,
//! by the strongest way in which it is reached, and what the package itself declares.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde::{Deserialize, Serialize};

use coldcut_core::diagnostics::{Diagnostic, Result};

use crate::cargo::locked;
use crate::codes::{NO_CARGO, OFFLINE, RESOLVE};
use crate::settings::applies;

/// What a crate is for, strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CrateKind {
    /// A target that this build is not for.
    Elsewhere,
    Dev,
    Build,
    ProcMacro,
    Linked,
}

impl CrateKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Elsewhere => "other target",
            Self::Dev => "dev",
            Self::Build => "build",
            Self::ProcMacro => "proc-macro",
            Self::Linked => "linked",
        }
    }
}

/// One crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    /// As symbols have it: `serde_json`.
    pub crate_name: String,
    pub kind: CrateKind,
    /// Features that are on, over the whole workspace.
    pub features: Vec<String>,
    /// What its feature `default` switches on.
    pub defaults: Vec<String>,
    /// Crates that ask for it, as `name@version`.
    pub by: Vec<String>,
    /// As its manifest has it.
    pub license: Option<String>,
    /// Where it comes from, as the lock file has it; `None` for a folder.
    pub source: Option<String>,
    /// SHA-256 of what the registry gave, in hexadecimal digits.
    pub checksum: Option<String>,
    /// Where its manifest lies.
    pub folder: PathBuf,
}

/// A line of the package's own `[dependencies]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredDependency {
    /// The crate's own name.
    pub package: String,
    /// As source files call it: `json` where `json = { package = "serde_json" }`.
    pub name: String,
    pub default_features: bool,
    pub features: Vec<String>,
    /// Of `[target.'cfg(…)'.dependencies]`.
    pub target: Option<String>,
    pub optional: bool,
}

/// All that is known of a package's crates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crates {
    pub all: Vec<Dependency>,
    pub declared: Vec<DeclaredDependency>,
    /// Of the package and of all that lie in folders beside it: the sources that could change.
    pub manifests: Vec<PathBuf>,
    pub workspace_root: PathBuf,
    /// Folders of the package's own source, tests aside.
    pub sources: Vec<PathBuf>,
}

impl Crates {
    pub fn linked(&self) -> impl Iterator<Item = &Dependency> {
        self.all.iter().filter(|one| one.kind == CrateKind::Linked)
    }
}

/// All crates that `package` reaches for `triple`.
pub fn crates(manifest: &Path, package: &str, triple: &str) -> Result<Crates> {
    let metadata = metadata(manifest)?;
    let root = metadata
        .packages
        .iter()
        .find(|found| found.name == package && metadata.workspace_members.contains(&found.id));
    let Some(root) = root else {
        return Ok(Crates::default());
    };
    let found = reached(&metadata, root, triple);
    let label = |id: &PackageId| {
        let package = metadata.packages.iter().find(|package| package.id == *id);
        package.map(|package| format!("{}@{}", package.name, package.version))
    };
    let nodes = metadata
        .resolve
        .as_ref()
        .map(|resolve| resolve.nodes.as_slice());
    let nodes = nodes.unwrap_or_default();
    let checksums = checksums(metadata.workspace_root.as_std_path());
    let mut all: Vec<Dependency> = metadata
        .packages
        .iter()
        .filter(|package| package.id != root.id)
        .filter_map(|package| {
            let kind = *found.get(&package.id)?;
            let node = nodes.iter().find(|node| node.id == package.id);
            let features = node.map(|node| node.features.iter().map(ToString::to_string).collect());
            let library = package.targets.iter().find(|target| target.is_lib());
            let name = library.map_or(package.name.as_str(), |target| target.name.as_str());
            let by = nodes
                .iter()
                .filter(|node| found.contains_key(&node.id) || node.id == root.id)
                .filter(|node| node.deps.iter().any(|dep| dep.pkg == package.id))
                .filter_map(|node| label(&node.id));
            Some(Dependency {
                name: package.name.to_string(),
                version: package.version.to_string(),
                crate_name: name.replace('-', "_"),
                kind,
                features: features.unwrap_or_default(),
                defaults: package.features.get("default").cloned().unwrap_or_default(),
                by: by.collect(),
                license: package.license.clone(),
                source: package.source.as_ref().map(ToString::to_string),
                checksum: checksums
                    .get(&(package.name.to_string(), package.version.to_string()))
                    .cloned(),
                folder: folder_of(package),
            })
        })
        .collect();
    all.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let local = metadata.packages.iter().filter(|one| one.source.is_none());
    let mut manifests: Vec<PathBuf> = local
        .map(|package| package.manifest_path.clone().into_std_path_buf())
        .collect();
    let workspace_root = metadata.workspace_root.clone().into_std_path_buf();
    manifests.push(workspace_root.join("Cargo.toml"));
    manifests.push(workspace_root.join("Cargo.lock"));
    manifests.sort();
    manifests.dedup();
    Ok(Crates {
        all,
        declared: declared(root),
        manifests,
        workspace_root,
        sources: sources(root),
    })
}

fn folder_of(package: &Package) -> PathBuf {
    let folder = package.manifest_path.parent();
    folder.map_or_else(PathBuf::new, |folder| folder.as_std_path().to_path_buf())
}

/// Digests of the lock file, by name and version.
fn checksums(root: &Path) -> BTreeMap<(String, String), String> {
    let text = std::fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    let lock: toml::Table = text.parse().unwrap_or_default();
    let list = lock.get("package").and_then(|list| list.as_array());
    let all = list.into_iter().flatten().filter_map(|one| {
        let said = |key: &str| Some(one.get(key)?.as_str()?.to_string());
        Some(((said("name")?, said("version")?), said("checksum")?))
    });
    all.collect()
}

fn metadata(manifest: &Path) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest);
    if locked(manifest) {
        command.other_options(vec!["--locked".to_string()]);
    }
    command.exec().map_err(|error| {
        let said = match &error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr.clone(),
            _ => String::new(),
        };
        let (code, message, help) = if said.contains("offline") || said.contains("download") {
            (
                OFFLINE,
                "the dependencies are not all on this machine".to_string(),
                "run `cargo fetch` once with a network, then pack again",
            )
        } else if said.is_empty() {
            (
                NO_CARGO,
                format!("`cargo metadata` failed: {error}"),
                "install Rust from https://rustup.rs and make sure that `cargo` is on the PATH",
            )
        } else {
            (
                RESOLVE,
                "the workspace does not resolve".to_string(),
                "fix the errors that cargo reports, and check that `cargo metadata` succeeds",
            )
        };
        Box::new(
            Diagnostic::error(code, message)
                .at_file(manifest)
                .verbatim(said)
                .help(help),
        )
    })
}

/// Every package that is reached from `root`, by the strongest way.
fn reached<'a>(
    metadata: &'a Metadata,
    root: &'a Package,
    triple: &str,
) -> BTreeMap<&'a PackageId, CrateKind> {
    let mut found: BTreeMap<&PackageId, CrateKind> = BTreeMap::new();
    let Some(resolve) = &metadata.resolve else {
        return found;
    };
    let nodes: BTreeMap<&PackageId, &cargo_metadata::Node> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let macros: BTreeSet<&PackageId> = metadata
        .packages
        .iter()
        .filter(|package| package.targets.iter().any(|target| target.is_proc_macro()))
        .map(|package| &package.id)
        .collect();
    let mut queue: Vec<(&PackageId, CrateKind)> = vec![(&root.id, CrateKind::Linked)];
    while let Some((id, kind)) = queue.pop() {
        if found.get(id).is_some_and(|known| *known >= kind) {
            continue;
        }
        found.insert(id, kind);
        let Some(node) = nodes.get(id) else {
            continue;
        };
        for dep in &node.deps {
            for how in &dep.dep_kinds {
                let elsewhere = how
                    .target
                    .as_ref()
                    .is_some_and(|platform| !applies(&platform.to_string(), triple));
                let own = match how.kind {
                    _ if elsewhere => CrateKind::Elsewhere,
                    DependencyKind::Development if *id == root.id => CrateKind::Dev,
                    DependencyKind::Development => continue,
                    DependencyKind::Build => CrateKind::Build,
                    _ if macros.contains(&dep.pkg) => CrateKind::ProcMacro,
                    _ => CrateKind::Linked,
                };
                queue.push((&dep.pkg, own.min(kind)));
            }
        }
    }
    found.remove(&root.id);
    found
}

fn declared(root: &Package) -> Vec<DeclaredDependency> {
    let normal = root
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal
        .map(|dependency| DeclaredDependency {
            package: dependency.name.clone(),
            name: dependency
                .rename
                .as_ref()
                .unwrap_or(&dependency.name)
                .replace('-', "_"),
            default_features: dependency.uses_default_features,
            features: dependency.features.clone(),
            target: dependency.target.as_ref().map(ToString::to_string),
            optional: dependency.optional,
        })
        .collect()
}

/// Folders and files of the package's library and binaries.
fn sources(root: &Package) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = root
        .targets
        .iter()
        .filter(|target| target.is_bin() || target.is_lib() || target.is_proc_macro())
        .filter_map(|target| target.src_path.parent())
        .map(|dir| dir.as_std_path().to_path_buf())
        .collect();
    out.sort();
    out.dedup();
    // A folder within another is read with it.
    let all = out.clone();
    out.retain(|dir| {
        !all.iter()
            .any(|other| other != dir && dir.starts_with(other))
    });
    out
}
