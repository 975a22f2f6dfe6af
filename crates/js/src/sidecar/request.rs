//! What `bundle` is asked for, and the project that the entry is of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bundle::{Bundled, KeptModule, Options};
use crate::graph::{GraphLoader, ModuleGraph, Seed, trace_rules};
use crate::host::Host;
use crate::packages::package;
use crate::packages::package::Packages;
use crate::packages::platform_fields::Target as RunsOn;
use crate::packages::pnp::Pnp;
use crate::packages::resolve::Resolve;
use crate::syntax::Session;
use coldcut_core::artifact::RelPath;
use coldcut_core::settings::Rule;

/// What to bundle, and for where. All paths are real ones.
pub struct SidecarRequest<'a> {
    pub entry: &'a Path,
    /// The bundle's name in its folder.
    pub out: RelPath,
    /// The folder that the bundle will lie in.
    pub folder: &'a Path,
    /// The folder that the process will run in, as far as anybody knows.
    pub cwd: &'a Path,
    /// What addons are wanted for.
    pub runs: &'a RunsOn,
    /// The user's rules.
    pub rules: &'a [Rule],
}

/// The project that the entry is of.
pub(super) struct EntryProject {
    pub dir: PathBuf,
    pub packages: Packages,
    pub resolve: Resolve,
    pub session: Session,
}

impl EntryProject {
    /// The nearest folder above the entry that has a manifest; else the entry's own folder.
    pub fn new(request: &SidecarRequest<'_>, pnp: Option<&Arc<Pnp>>) -> Self {
        let home = request.entry.parent().unwrap_or(request.entry);
        let with_manifest = home
            .ancestors()
            .find(|dir| dir.join("package.json").is_file());
        let dir = with_manifest.unwrap_or(home).to_path_buf();
        Self {
            packages: Packages::new(dir.clone(), pnp.cloned()),
            dir,
            resolve: Resolve::new(pnp.cloned(), &Host::Node),
            session: Session::default(),
        }
    }

    /// The graph of what the modules of a bundle ask for beside it.
    pub fn graph_beside(
        &self,
        request: &SidecarRequest<'_>,
        options: &Options<'_>,
        bundled: &mut Bundled,
    ) -> ModuleGraph {
        let kept = bundled.kept.iter_mut();
        let seeds: Vec<Seed> = kept.filter_map(|kept| self.seed(request, kept)).collect();
        let loader = GraphLoader {
            session: &self.session,
            packages: &self.packages,
            resolve: &self.resolve,
            defines: &options.defines,
            cwd: request.cwd,
            as_written: false,
            machines: &[request.runs.arch],
            rules: request.rules,
            imports_only: false,
        };
        loader.build_beside(seeds)
    }

    /// A bundled module, where it may ask for something outside of the bundle.
    fn seed(&self, request: &SidecarRequest<'_>, kept: &mut KeptModule) -> Option<Seed> {
        let external_references = std::mem::take(&mut kept.external_references);
        let any = !(external_references.imports.is_empty()
            && external_references.patterns.is_empty()
            && external_references.assets.is_empty()
            && external_references.indirect_imports.is_empty()
            && external_references.addons.is_empty());
        let by_rule = || {
            let (dir, name) = package::installed(&kept.path)?;
            let below = kept.path.strip_prefix(dir).ok()?;
            trace_rules::names(&name, below, request.rules).then_some(())
        };
        let by_platform = || {
            let package = self.packages.package_of(&kept.path);
            let manifest = package.manifest.as_ref()?;
            (!manifest.optional_dependencies.is_empty()).then_some(())
        };
        let any = any
            || by_rule().is_some()
            || (!external_references.unfollowable.is_empty() && by_platform().is_some());
        any.then(|| Seed {
            path: kept.path.clone(),
            external_references,
        })
    }
}

/// The installed packages that a bundle has something of, by folder and name.
pub(super) fn bundled_packages(bundled: &Bundled) -> BTreeMap<PathBuf, String> {
    let kept = bundled.kept.iter();
    kept.filter_map(|kept| package::installed(&kept.path))
        .collect()
}
