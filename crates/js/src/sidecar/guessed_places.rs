//! Places that are guessed, and corrected by what a bundle turns out to need.
//!
//! In: an entry and where its bundle will lie. Out: the place of every file. The entry's folder
//! becomes the bundle's folder, so that what lies beside the entry lies beside the bundle; packages
//! go to `node_modules` there. Where the first guess does not hold, [`GuessedPlaces::correct`] says
//! so, and the bundle has to be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bundle::{Bundled, Options};
use crate::graph::EdgeTarget;
use crate::packages::package::{Package, PackageKind};
use crate::packages::placement;
use crate::packages::placement::Placement;
use crate::packages::production_closure::Dependency;
use crate::sidecar::request::{EntryProject, SidecarRequest, bundled_packages};
use crate::sidecar::sidecar_files;
use crate::sidecar::sidecar_files::UnbundledPackages;
use crate::sidecar::sidecar_references::SidecarReferences;
use crate::trace;
use crate::transpile::shipped_name;
use coldcut_core::artifact::RelPath;

/// See the module.
pub struct GuessedPlaces<'a> {
    pub(super) request: &'a SidecarRequest<'a>,
    pub(super) project: &'a EntryProject,
    pub(super) options: &'a Options<'a>,
    /// The project's folder that becomes the bundle's, seen from the project; `""` is the project.
    root: String,
    /// Where packages lie; without it, everything lies as it does on disk.
    assumed: Option<Placement>,
    /// Where the packages of the last bundle lie, once nothing has to be corrected.
    found: Option<Placement>,
}

impl<'a> GuessedPlaces<'a> {
    /// The first guess: the entry's folder is the bundle's, and packages lie as on disk.
    pub(super) fn new(
        request: &'a SidecarRequest<'a>,
        project: &'a EntryProject,
        options: &'a Options<'a>,
    ) -> Self {
        let home = request.entry.parent().unwrap_or(request.entry);
        let root = home.strip_prefix(&project.dir).unwrap_or(Path::new(""));
        Self {
            request,
            project,
            options,
            root: root.to_string_lossy().replace('\\', "/"),
            assumed: None,
            found: None,
        }
    }

    /// Where a module of the bundle would lie as a file, seen from the bundle's folder.
    pub(super) fn original_path(&self, path: &Path) -> Option<RelPath> {
        let at = self.place(path).map(|at| shipped_name(&at));
        // Where its folder is the bundle's, the entry is the bundle.
        match &at {
            Some(at) if path == self.request.entry && at.parent().is_none() => {
                Some(self.request.out.clone())
            }
            _ => at,
        }
    }

    /// A file's place, seen from the bundle's folder; `None` where that would be outside.
    pub(super) fn place(&self, path: &Path) -> Option<RelPath> {
        self.seen_from_root(&self.in_project(path)?)
    }

    /// A place in the project, seen from the bundle's folder; `None` where that would be outside.
    pub(super) fn seen_from_root(&self, at: &RelPath) -> Option<RelPath> {
        below(&self.root, at)
    }

    /// Where the packages of the settled bundle lie.
    pub(super) fn placement(&self) -> Option<&Placement> {
        self.found.as_ref()
    }

    /// Unbundles packages that an agent of the bundle's, or of the project's, hooks into.
    pub(super) fn unbundle_hooked(
        &self,
        bundled: &Bundled,
        unbundled: &mut UnbundledPackages,
    ) -> bool {
        let own = self.project.packages.manifest(&self.project.dir);
        sidecar_files::unbundle_hooked(&bundled_packages(bundled), own.as_deref(), unbundled)
    }

    /// Compares the guess with what a bundle needs. `true` where it was wrong and is corrected, so
    /// that the bundle has to be made `again`; without `again` it is left as it is.
    pub(super) fn correct(&mut self, references: &SidecarReferences<'_>, again: bool) -> bool {
        let placement = place_needed_packages(self.project, references);
        let root = self.root_for(references);
        let holds = root == self.root && self.agrees(references, &placement);
        if holds || !again {
            self.found = Some(placement);
            return false;
        }
        self.root = root;
        self.assumed = Some(placement);
        true
    }

    /// A file's place, seen from the project's folder.
    fn in_project(&self, path: &Path) -> Option<RelPath> {
        let assumed = self.assumed.as_ref();
        assumed
            .and_then(|places| places.file(&self.project.packages.package_of(path), path))
            .or_else(|| as_on_disk(self.project, path))
    }

    /// The root below which everything of the project's own lies that has to be found.
    fn root_for(&self, references: &SidecarReferences<'_>) -> String {
        let mut root = self.root.clone();
        let placed = references.placed.iter();
        for id in placed.filter(|id| !references.by_cwd.contains(id)) {
            let module = references.graph.get(*id);
            if module.package.kind == PackageKind::Project
                && let Some(at) = self.in_project(&module.path)
                && below(&root, &at).is_none()
            {
                root = common(&root, at.parent().unwrap_or_default());
            }
        }
        root
    }

    /// Whether files lie where `placement` has them.
    fn agrees(&self, references: &SidecarReferences<'_>, placement: &Placement) -> bool {
        references.placed.iter().all(|id| {
            let module = references.graph.get(*id);
            let at = placement.file(&module.package, &module.path);
            at.is_none() || at == self.in_project(&module.path)
        })
    }
}

/// The places of all packages that somebody has to find.
fn place_needed_packages(project: &EntryProject, references: &SidecarReferences<'_>) -> Placement {
    let graph = references.graph;
    let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
    let mut edges: BTreeSet<Dependency> = BTreeSet::new();
    for id in &references.placed {
        let module = graph.get(*id);
        packages.insert(module.package.dir.clone(), module.package.clone());
        for edge in &module.edges {
            if let EdgeTarget::Module(to) = edge.target
                && references.sidecar.modules.contains(&to)
            {
                edges.extend(trace::dependency(module, edge, graph.get(to)));
            }
        }
    }
    placement::place_packages(&project.dir, packages.values(), &edges)
}

/// Where a file lies if nothing is in its way.
fn as_on_disk(project: &EntryProject, path: &Path) -> Option<RelPath> {
    if let Ok(rest) = path.strip_prefix(&project.dir) {
        return RelPath::from_path(rest);
    }
    let mut parts = path.components();
    if let Some(start) = parts.position(|part| part.as_os_str() == "node_modules") {
        let rest: PathBuf = path.components().skip(start).collect();
        return RelPath::from_path(&rest);
    }
    // Own code above the entry's project is not moved about.
    let package = project.packages.package_of(path);
    package.manifest.as_ref()?;
    let rest = RelPath::from_path(path.strip_prefix(&package.dir).ok()?)?;
    RelPath::new(&format!("node_modules/{}/{rest}", package.name))
}

/// A place in the project as seen from the root; packages have one folder whatever the root is.
fn below(root: &str, at: &RelPath) -> Option<RelPath> {
    if root.is_empty() || at.as_str().starts_with("node_modules/") {
        return Some(at.clone());
    }
    let rest = at.as_str().strip_prefix(root)?.strip_prefix('/')?;
    RelPath::new(rest)
}

/// The deepest folder that both lie in.
fn common(a: &str, b: &str) -> String {
    let same = a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b);
    same.map(|(part, _)| part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_seen_from_the_root_and_packages_from_everywhere() {
        let at = |path: &str| RelPath::new(path).unwrap();
        assert_eq!(below("src", &at("src/x.html")), Some(at("x.html")));
        assert_eq!(below("src", &at("srcs/x.html")), None);
        assert_eq!(below("src/a", &at("src/x.html")), None);
        assert_eq!(below("", &at("src/x.html")), Some(at("src/x.html")));
        let package = at("node_modules/p/x.js");
        assert_eq!(below("src", &package), Some(package));
        assert_eq!(common("src/a", "src/b/c"), "src");
        assert_eq!(common("src", "views"), "");
        assert_eq!(common("", "views"), "");
    }
}
