//! Where each package lies in the artifact.
//!
//! In: the packages that ship, and who asks whom by which name. Out: a folder of the artifact for
//! each, and the links by which Node's lookup there gives the same package as on disk. Packages
//! inside the function's folder stay where they are. Packages above it (hoisted by a workspace)
//! and siblings that a workspace links move into `node_modules`; where two would take one place,
//! the farther one moves aside and is linked to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::packages::package::{Package, PackageKind};
use crate::packages::pnp;
use crate::packages::production_closure::Dependency;
use coldcut_core::artifact::RelPath;

/// Packages that cannot have their natural place live here.
const ASIDE: &str = "node_modules/.coldcut";

/// Rounds after which links no longer change anything: each round settles one level of nesting.
const MAX_ROUNDS: usize = 16;

/// The places of all packages of one artifact.
#[derive(Debug, Default)]
pub struct Placement {
    /// Real folder of a package to its folder in the artifact; `""` is the root.
    places: FxHashMap<PathBuf, String>,
    /// Links to add, with targets relative to their own folder.
    pub links: BTreeMap<RelPath, String>,
}

impl Placement {
    /// Where a file of `package` goes; `None` where its name cannot be one of an artifact.
    pub fn file(&self, package: &Package, path: &Path) -> Option<RelPath> {
        let folder = self.places.get(&package.dir)?;
        let rest = RelPath::from_path(path.strip_prefix(&package.dir).ok()?)?;
        if folder.is_empty() {
            Some(rest)
        } else {
            RelPath::new(&format!("{folder}/{rest}"))
        }
    }

    /// The artifact's folder of a package, `""` for the root.
    pub fn folder(&self, dir: &Path) -> Option<&str> {
        self.places.get(dir).map(String::as_str)
    }
}

/// Places `packages` (which need not name the project) around the project in `root`.
pub fn place_packages<'a>(
    root: &Path,
    packages: impl IntoIterator<Item = &'a Arc<Package>>,
    edges: &BTreeSet<Dependency>,
) -> Placement {
    let mut sorted: Vec<&Arc<Package>> = packages.into_iter().filter(|p| p.dir != root).collect();
    // Inside before outside, near before far, parents before what is nested in them.
    sorted.sort_by_key(|package| {
        let inside = package.dir.starts_with(root);
        let shared = common(&package.dir, root);
        let depth = package.dir.components().count();
        (!inside, usize::MAX - shared, depth, package.dir.clone())
    });
    sorted.dedup_by(|a, b| a.dir == b.dir);
    let mut places: FxHashMap<PathBuf, String> = FxHashMap::default();
    places.insert(root.to_path_buf(), String::new());
    let mut taken: FxHashMap<String, PathBuf> = FxHashMap::default();
    for package in sorted {
        let natural = natural(package, root, &places);
        let folder = match natural {
            Some(folder) if !taken.contains_key(&folder) => folder,
            _ => aside(package, &taken),
        };
        taken.insert(folder.clone(), package.dir.clone());
        places.insert(package.dir.clone(), folder);
    }
    let links = link(&places, taken, edges);
    Placement { places, links }
}

fn common(a: &Path, b: &Path) -> usize {
    a.components()
        .zip(b.components())
        .take_while(|(a, b)| a == b)
        .count()
}

/// The place that keeps Node's lookup as it is on disk.
fn natural(package: &Package, root: &Path, places: &FxHashMap<PathBuf, String>) -> Option<String> {
    // As in the cache, wherever that is.
    if let Some(place) = pnp::in_store(&package.dir) {
        return RelPath::from_path(place).map(|path| path.to_string());
    }
    // Nested in a package that has its place: it moves along.
    for dir in package.dir.ancestors().skip(1) {
        if let Some(folder) = places.get(dir) {
            let rest = RelPath::from_path(package.dir.strip_prefix(dir).ok()?)?;
            return Some(if folder.is_empty() {
                rest.to_string()
            } else {
                format!("{folder}/{rest}")
            });
        }
        if dir == root {
            break;
        }
    }
    match package.kind {
        PackageKind::Installed => {
            let parts: Vec<_> = package.dir.components().collect();
            let at = parts
                .iter()
                .position(|part| part.as_os_str() == "node_modules")?;
            let below: PathBuf = parts[at..].iter().collect();
            RelPath::from_path(&below).map(|path| path.to_string())
        }
        PackageKind::Sibling | PackageKind::Project => {
            RelPath::new(&format!("node_modules/{}", package.name)).map(|path| path.to_string())
        }
    }
}

fn aside(package: &Package, taken: &FxHashMap<String, PathBuf>) -> String {
    let flat = package.label().replace(['/', '\\'], "+");
    let mut number = 0;
    loop {
        let suffix = if number == 0 {
            String::new()
        } else {
            format!("-{number}")
        };
        let folder = format!("{ASIDE}/{flat}{suffix}/node_modules/{}", package.name);
        if !taken.contains_key(&folder) {
            return folder;
        }
        number += 1;
    }
}

/// Adds the links without which a lookup in the artifact would give another package, or none.
fn link(
    places: &FxHashMap<PathBuf, String>,
    mut taken: FxHashMap<String, PathBuf>,
    edges: &BTreeSet<Dependency>,
) -> BTreeMap<RelPath, String> {
    let mut links = BTreeMap::new();
    let mut edges: Vec<&Dependency> = edges.iter().collect();
    // Where the cache lies must not show: packages of it come after everything else.
    edges.sort_by(|a, b| pnp::shown_path(&a.from).cmp(pnp::shown_path(&b.from)));
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for edge in &edges {
            let (Some(from), Some(to)) = (places.get(&edge.from), places.get(&edge.to)) else {
                continue;
            };
            if lookup(from, &edge.name, &taken) == Some(edge.to.as_path()) {
                continue;
            }
            let inside = match from.as_str() {
                "" => format!("node_modules/{}", edge.name),
                from => format!("{from}/node_modules/{}", edge.name),
            };
            // Beside it where that is how it lies on disk: native files look there for libraries.
            let beside = own_modules(from).map(|modules| format!("{modules}/{}", edge.name));
            let free = |at: &String| !taken.contains_key(at);
            let Some(at) = beside.into_iter().chain([inside]).find(free) else {
                continue;
            };
            let Some(path) = RelPath::new(&at) else {
                continue;
            };
            links.insert(path, relative(&at, to));
            taken.insert(at, edge.to.clone());
            changed = true;
        }
        if !changed {
            break;
        }
    }
    links
}

/// The `node_modules` folder that a package has for itself and what it asks for, as pnpm lays
/// packages out: `node_modules/.pnpm/a@1/node_modules`.
fn own_modules(folder: &str) -> Option<&str> {
    let end = folder.rfind("/node_modules/")?;
    let (_, above) = folder[..end].rsplit_once("node_modules/")?;
    let hidden = above.starts_with('.') && above.matches('/').count() == 1;
    hidden.then(|| &folder[..end + "/node_modules".len()])
}

/// Node's walk up the `node_modules` folders, inside the artifact.
fn lookup<'a>(from: &str, name: &str, taken: &'a FxHashMap<String, PathBuf>) -> Option<&'a Path> {
    let mut dir = Some(from);
    while let Some(at) = dir {
        let candidate = if at.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{at}/node_modules/{name}")
        };
        // Node does not look for `node_modules` inside `node_modules` itself.
        if !at.ends_with("node_modules")
            && let Some(found) = taken.get(&candidate)
        {
            return Some(found);
        }
        dir = if at.is_empty() {
            None
        } else {
            Some(at.rsplit_once('/').map_or("", |(parent, _)| parent))
        };
    }
    None
}

/// The path inside the artifact that a link in `folder` leads to.
pub fn normal(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The path from the folder of `link` to `target`, both inside the artifact.
pub fn relative(link: &str, target: &str) -> String {
    let from: Vec<&str> = link.split('/').collect();
    let from = &from[..from.len() - 1];
    let to: Vec<&str> = target.split('/').filter(|part| !part.is_empty()).collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut parts = vec![".."; from.len() - shared];
    parts.extend(&to[shared..]);
    if parts.is_empty() {
        ".".to_string()
    } else {
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_lie_beside_each_other_are_linked_so() {
        let own = own_modules("node_modules/.pnp/@img-sharp@1/node_modules/@img/sharp");
        assert_eq!(own, Some("node_modules/.pnp/@img-sharp@1/node_modules"));
        let own = own_modules("node_modules/.pnpm/a@1/node_modules/a");
        assert_eq!(own, Some("node_modules/.pnpm/a@1/node_modules"));
        for plain in ["", "node_modules/a", "node_modules/a/node_modules/b"] {
            assert_eq!(own_modules(plain), None, "{plain}");
        }
    }

    fn package(dir: &str, name: &str, kind: PackageKind) -> Arc<Package> {
        Arc::new(Package {
            dir: dir.into(),
            kind,
            name: name.into(),
            version: "1.0.0".into(),
            manifest: None,
        })
    }

    fn edge(from: &str, name: &str, to: &str) -> Dependency {
        Dependency {
            from: from.into(),
            name: name.into(),
            to: to.into(),
        }
    }

    use PackageKind::{Installed, Sibling};

    #[test]
    fn packages_inside_stay_and_hoisted_ones_move_in() {
        let packages = [
            package("/w/p/node_modules/a", "a", Installed),
            package("/w/node_modules/b", "b", Installed),
            package("/w/lib", "@x/lib", Sibling),
            package("/w/lib/node_modules/c", "c", Installed),
        ];
        let edges = [
            edge("/w/p", "a", "/w/p/node_modules/a"),
            edge("/w/p", "b", "/w/node_modules/b"),
            edge("/w/p", "@x/lib", "/w/lib"),
            edge("/w/lib", "c", "/w/lib/node_modules/c"),
        ];
        let placed = place_packages(Path::new("/w/p"), &packages, &edges.into());
        let at = |dir: &str| placed.folder(Path::new(dir)).unwrap();
        assert_eq!(at("/w/p/node_modules/a"), "node_modules/a");
        assert_eq!(at("/w/node_modules/b"), "node_modules/b");
        assert_eq!(at("/w/lib"), "node_modules/@x/lib");
        assert_eq!(
            at("/w/lib/node_modules/c"),
            "node_modules/@x/lib/node_modules/c"
        );
        assert!(placed.links.is_empty());
    }

    #[test]
    fn a_hoisted_package_that_is_shadowed_moves_aside_and_is_linked() {
        let packages = [
            package("/w/p/node_modules/d", "d", Installed),
            package("/w/node_modules/d", "d", Installed),
            package("/w/node_modules/e", "e", Installed),
        ];
        let edges = [
            edge("/w/p", "d", "/w/p/node_modules/d"),
            edge("/w/p", "e", "/w/node_modules/e"),
            edge("/w/node_modules/e", "d", "/w/node_modules/d"),
        ];
        let placed = place_packages(Path::new("/w/p"), &packages, &edges.into());
        let links: Vec<_> = placed
            .links
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(
            links,
            [(
                "node_modules/e/node_modules/d",
                "../../.coldcut/d@1.0.0/node_modules/d"
            )]
        );
    }

    #[test]
    fn a_store_keeps_its_layout_and_gets_its_links() {
        let store = "/p/node_modules/.pnpm/a@1/node_modules/a";
        let packages = [package(store, "a", Installed)];
        let placed = place_packages(Path::new("/p"), &packages, &[edge("/p", "a", store)].into());
        let links: Vec<_> = placed
            .links
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(links, [("node_modules/a", ".pnpm/a@1/node_modules/a")]);
    }
}
