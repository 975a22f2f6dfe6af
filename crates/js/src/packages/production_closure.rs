//! The packages that production needs, walked on disk.
//!
//! In: the function's folder. Out: every package that `dependencies`, `optionalDependencies` and
//! installed `peerDependencies` lead to, by Node's own lookup. No package manager is run and no
//! lock file read, so the layout of npm, yarn and pnpm, with workspaces or without, is taken as
//! it lies on disk.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use crate::packages::package::{Package, PackageKind, Packages};

/// `name` asked for by code of `from` is the package in `to`; folders are real paths.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    pub from: PathBuf,
    pub name: String,
    pub to: PathBuf,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Closure {
    /// By real folder; the project itself is not among them.
    pub packages: BTreeMap<PathBuf, Arc<Package>>,
    pub edges: BTreeSet<Dependency>,
    /// Direct dependencies of the project that are not installed.
    pub missing: Vec<String>,
    /// Dependencies of packages that are not installed: `(package, name)`.
    pub missing_below: Vec<(String, String)>,
}

/// Whether the project's own `devDependencies` are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Production,
    Everything,
}

/// Walks from the project's `package.json`; names for which `external` holds are not followed.
pub fn walk(packages: &Packages, scope: Scope, external: &dyn Fn(&str) -> bool) -> Closure {
    let mut out = Closure::default();
    let root = packages.at(packages.root());
    let mut queue = VecDeque::from([root]);
    while let Some(package) = queue.pop_front() {
        let Some(manifest) = package.manifest.clone() else {
            continue;
        };
        let is_root = package.kind == PackageKind::Project;
        let optional: BTreeSet<&String> = manifest
            .optional_dependencies
            .iter()
            .chain(&manifest.peer_dependencies)
            .collect();
        let dev = manifest
            .dev_dependencies
            .iter()
            .map(String::as_str)
            .filter(|_| is_root && scope == Scope::Everything);
        for name in manifest
            .run_time()
            .chain(dev)
            .filter(|name| !external(name))
        {
            let Some(dir) = packages.find(&package.dir, name) else {
                if !optional.contains(&name.to_string()) {
                    if is_root {
                        out.missing.push(name.to_string());
                    } else {
                        out.missing_below.push((package.label(), name.to_string()));
                    }
                }
                continue;
            };
            if dir == packages.root() {
                continue;
            }
            out.edges.insert(Dependency {
                from: package.dir.clone(),
                name: name.to_string(),
                to: dir.clone(),
            });
            if let Entry::Vacant(slot) = out.packages.entry(dir) {
                let found = packages.at(slot.key());
                slot.insert(found.clone());
                queue.push_back(found);
            }
        }
    }
    out.missing.sort();
    out.missing.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn labels(closure: &Closure) -> Vec<String> {
        closure.packages.values().map(|p| p.label()).collect()
    }

    #[test]
    fn dev_dependencies_and_what_only_they_need_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        write(
            &root,
            "package.json",
            r#"{"dependencies":{"a":"1","gone":"1"},"devDependencies":{"d":"1"},"optionalDependencies":{"o":"1"},"peerDependencies":{"p":"1"}}"#,
        );
        let nm = |name: &str, text: &str| {
            write(&root, &format!("node_modules/{name}/package.json"), text)
        };
        nm(
            "a",
            r#"{"name":"a","version":"1.0.0","dependencies":{"b":"2"},"devDependencies":{"x":"1"}}"#,
        );
        nm("a/node_modules/b", r#"{"name":"b","version":"2.0.0"}"#);
        nm("b", r#"{"name":"b","version":"1.0.0"}"#);
        nm(
            "d",
            r#"{"name":"d","version":"1.0.0","dependencies":{"b":"1"}}"#,
        );
        nm("p", r#"{"name":"p","version":"1.0.0"}"#);
        nm("x", r#"{"name":"x","version":"1.0.0"}"#);
        let packages = Packages::new(root.clone(), None);
        let found = walk(&packages, Scope::Production, &|_| false);
        assert_eq!(labels(&found), ["a@1.0.0", "b@2.0.0", "p@1.0.0"]);
        assert_eq!(found.missing, ["gone"]);
        let all = walk(&packages, Scope::Everything, &|_| false);
        assert_eq!(
            labels(&all),
            ["a@1.0.0", "b@2.0.0", "b@1.0.0", "d@1.0.0", "p@1.0.0"]
        );
    }
}
