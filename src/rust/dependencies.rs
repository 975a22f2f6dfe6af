//! Which crates are linked, and which only serve the build.
//!
//! In: a manifest. Out: every crate that the package's dependencies reach, by the strongest way in
//! which it is reached: linked, else proc-macro or build script, else development.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

use crate::diag::{Diagnostic, Result};

use super::NO_CARGO;

/// What a crate is for, strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Dev,
    Build,
    ProcMacro,
    Linked,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Build => "build",
            Self::ProcMacro => "proc-macro",
            Self::Linked => "linked",
        }
    }
}

/// One crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub kind: Kind,
}

/// All crates that `package` reaches, by name and version.
pub fn dependencies(manifest: &Path, package: &str) -> Result<Vec<Dependency>> {
    let failed = |error: cargo_metadata::Error| {
        Box::new(
            Diagnostic::error(NO_CARGO, format!("`cargo metadata` failed: {error}"))
                .at_file(manifest)
                .help("run `cargo metadata` in the project to see what it says"),
        )
    };
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest);
    if super::locked(manifest) {
        command.other_options(vec!["--locked".to_string()]);
    }
    let metadata = command.exec().map_err(failed)?;
    let Some(resolve) = metadata.resolve else {
        return Ok(Vec::new());
    };
    let nodes: BTreeMap<&PackageId, &cargo_metadata::Node> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = metadata
        .packages
        .iter()
        .find(|found| found.name == package && metadata.workspace_members.contains(&found.id));
    let Some(root) = root else {
        return Ok(Vec::new());
    };
    let macros: BTreeSet<&PackageId> = metadata
        .packages
        .iter()
        .filter(|package| package.targets.iter().any(|target| target.is_proc_macro()))
        .map(|package| &package.id)
        .collect();
    let mut found: BTreeMap<&PackageId, Kind> = BTreeMap::new();
    let mut queue: Vec<(&PackageId, Kind)> = vec![(&root.id, Kind::Linked)];
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
                let own = match how.kind {
                    DependencyKind::Development if *id == root.id => Kind::Dev,
                    DependencyKind::Development => continue,
                    DependencyKind::Build => Kind::Build,
                    _ if macros.contains(&dep.pkg) => Kind::ProcMacro,
                    _ => Kind::Linked,
                };
                queue.push((&dep.pkg, own.min(kind)));
            }
        }
    }
    let mut out: Vec<Dependency> = metadata
        .packages
        .iter()
        .filter(|package| package.id != root.id)
        .filter_map(|package| {
            Some(Dependency {
                name: package.name.to_string(),
                version: package.version.to_string(),
                kind: *found.get(&package.id)?,
            })
        })
        .collect();
    out.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(out)
}
