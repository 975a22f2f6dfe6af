//! Places that a trace of the whole program gave.
//!
//! In: a function's trace, and where its packages were placed. Out: the place of every file, known
//! before anything is bundled; and which packages a tracing agent hooks into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::graph::ModuleGraph;
use crate::packages::package::{PackageKind, Packages};
use crate::packages::placement::Placement;
use crate::packages::platform_fields::is_native;
use crate::sidecar::sidecar_files;
use crate::sidecar::sidecar_files::UnbundledPackages;
use crate::trace::Traced;
use crate::transpile::shipped_name;
use coldcut_core::artifact::RelPath;

/// See the module.
pub struct TracedPlaces<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The entry's file, and the bundle's place, which stands for it.
    pub entry: &'a Path,
    pub out: &'a RelPath,
    pub packages: &'a Packages,
    pub graph: &'a ModuleGraph,
    pub traced: &'a Traced,
    pub placement: &'a Placement,
}

impl TracedPlaces<'_> {
    /// Where a module of the bundle would lie in the artifact as a file.
    pub fn original_path(&self, path: &Path) -> Option<RelPath> {
        if path == self.entry {
            return Some(self.out.clone());
        }
        let package = self.packages.package_of(path);
        let at = match self.placement.file(&package, path) {
            // An addon for another platform, which does not ship: asking for it fails as it would
            // where its package is not installed.
            None if is_native(path) => RelPath::from_path(path.strip_prefix(self.root).ok()?)?,
            at => at?,
        };
        Some(shipped_name(&at))
    }

    /// Packages that an agent of the function's, or of the project's, hooks into.
    pub(super) fn hooked_packages(&self) -> UnbundledPackages {
        let modules = self.traced.modules.keys();
        let packages: BTreeMap<PathBuf, String> = modules
            .map(|id| &self.graph.get(*id).package)
            .filter(|package| package.kind == PackageKind::Installed)
            .map(|package| (package.dir.clone(), package.name.clone()))
            .collect();
        let own = self.packages.manifest(self.root);
        let mut hooked = UnbundledPackages::new();
        sidecar_files::unbundle_hooked(&packages, own.as_deref(), &mut hooked);
        hooked
    }
}
