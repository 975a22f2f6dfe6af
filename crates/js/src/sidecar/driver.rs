//! A bundle, made until everything beside it has its place.
//!
//! In: what to bundle, and a [`PlacementPolicy`]. Out: a [`SettledBundle`]: the bundle, and the modules
//! that must lie beside it as files. Where files lie, and which packages stay files, has to be known
//! before a bundle is made, and follows only from the bundle: so it is made again until nothing
//! changes. `pack` and `bundle` differ in where places come from, and in nothing else.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::bundle;
use crate::bundle::{Bundled, Options, OriginalLocation};
use crate::graph::{GraphModuleId, ModuleGraph};
use crate::packages::package::{PackageKind, Packages};
use crate::sidecar::guessed_places::GuessedPlaces;
use crate::sidecar::native_misfits::NativeMisfits;
use crate::sidecar::sidecar_files;
use crate::sidecar::sidecar_files::{SidecarFiles, UnbundledPackages};
use crate::sidecar::sidecar_references::SidecarReferences;
use crate::sidecar::traced_places::TracedPlaces;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::Diagnostic;

/// Each round raises the root or unbundles a package that was bundled; real programs take two.
const MAX_GUESSES: usize = 32;

/// What to bundle.
pub struct BundleRequest<'a> {
    /// Real path.
    pub entry: &'a Path,
    /// The bundle's place, as `policy` sees places.
    pub out: &'a RelPath,
    /// The folder that the bundle will lie in.
    pub folder: &'a Path,
    pub packages: &'a Packages,
    /// How to bundle; places and unbundled packages are set here.
    pub options: &'a Options<'a>,
    /// Whether whoever loads the bundle can load packages from files as well.
    pub loads_packages: bool,
}

/// Where files lie, and what may ship beside the bundle.
pub enum PlacementPolicy<'p, 'a> {
    /// By a trace of the whole program, before anything is bundled: `pack`.
    Traced(&'p TracedPlaces<'a>),
    /// By a guess that is corrected after each bundle: `bundle`.
    Guessed(&'p mut GuessedPlaces<'a>),
}

/// A bundle whose sidecar files have their places.
pub struct SettledBundle<'a> {
    pub bundled: Bundled,
    /// The modules that it has something of.
    pub kept: FxHashSet<PathBuf>,
    /// In `graph`.
    pub sidecar: SidecarFiles,
    pub graph: SidecarGraph<'a>,
}

/// The graph in which sidecar files are found.
pub enum SidecarGraph<'a> {
    /// That of the whole project.
    Project(&'a ModuleGraph),
    /// Only what the bundle's modules ask for beside it.
    Beside(ModuleGraph),
}

impl Deref for SidecarGraph<'_> {
    type Target = ModuleGraph;

    fn deref(&self) -> &ModuleGraph {
        match self {
            Self::Project(graph) => graph,
            Self::Beside(graph) => graph,
        }
    }
}

/// Bundles until nothing has to be placed otherwise.
pub fn bundle_until_settled<'a>(
    request: &BundleRequest<'_>,
    mut policy: PlacementPolicy<'_, 'a>,
) -> Result<SettledBundle<'a>, Vec<Diagnostic>> {
    let mut unbundled = match &policy {
        PlacementPolicy::Traced(places) if request.loads_packages => places.hooked_packages(),
        _ => UnbundledPackages::new(),
    };
    let mut round = 0;
    loop {
        round += 1;
        let again = policy.may_try_again(round);
        let mut bundled = match bundle_once(request, &policy, &unbundled) {
            Ok(bundled) => bundled,
            Err(errors) => {
                let helps = again
                    && request.loads_packages
                    && sidecar_files::unbundle_broken(&errors, request.packages, &mut unbundled);
                if helps {
                    continue;
                }
                return Err(errors);
            }
        };
        if again && policy.unbundle_hooked(&bundled, &mut unbundled) {
            continue;
        }
        let modules = bundled.kept.len();
        let _sidecar = tracing::info_span!("sidecar", modules).entered();
        let graph = policy.graph(&mut bundled);
        let kept: FxHashSet<PathBuf> = bundled.kept.iter().map(|kept| kept.path.clone()).collect();
        let (sidecar, warnings) = policy.sidecar_files(&graph, &kept, &unbundled);
        let changed = request.loads_packages
            && sidecar_files::unbundle_loaded_twice(&graph, &sidecar, &mut unbundled)
                .map_err(|error| vec![*error])?;
        if changed && again {
            continue;
        }
        if policy.correct(&graph, &kept, &sidecar, again) {
            continue;
        }
        let label = |dir: &Path| request.packages.at(dir).label();
        bundled.warnings.extend(warnings);
        bundled
            .warnings
            .extend(sidecar_files::warnings(&unbundled, &label));
        return Ok(SettledBundle {
            bundled,
            kept,
            sidecar,
            graph,
        });
    }
}

fn bundle_once(
    request: &BundleRequest<'_>,
    policy: &PlacementPolicy<'_, '_>,
    unbundled: &UnbundledPackages,
) -> Result<Bundled, Vec<Diagnostic>> {
    let original_path = |path: &Path| policy.original_path(path);
    let is_unbundled = |path: &Path| sidecar_files::is_unbundled(unbundled, request.packages, path);
    let options = Options {
        original_location: Some(OriginalLocation {
            out: request.out.clone(),
            of: &original_path,
        }),
        unbundled: &is_unbundled,
        ..request.options.clone()
    };
    bundle::bundle(request.entry, &options, request.folder)
}

impl<'a> PlacementPolicy<'_, 'a> {
    /// A guess may be corrected for ever; without one, each round unbundles one package more.
    fn may_try_again(&self, round: usize) -> bool {
        match self {
            Self::Traced(_) => true,
            Self::Guessed(_) => round < MAX_GUESSES,
        }
    }

    fn original_path(&self, path: &Path) -> Option<RelPath> {
        match self {
            Self::Traced(places) => places.original_path(path),
            Self::Guessed(places) => places.original_path(path),
        }
    }

    /// Of a trace, hooked packages are known before the first round.
    fn unbundle_hooked(&self, bundled: &Bundled, unbundled: &mut UnbundledPackages) -> bool {
        match self {
            Self::Traced(_) => false,
            Self::Guessed(places) => places.unbundle_hooked(bundled, unbundled),
        }
    }

    fn graph(&self, bundled: &mut Bundled) -> SidecarGraph<'a> {
        match self {
            Self::Traced(places) => SidecarGraph::Project(places.graph),
            Self::Guessed(places) => {
                let project = places.project;
                let graph = project.graph_beside(places.request, places.options, bundled);
                SidecarGraph::Beside(graph)
            }
        }
    }

    /// What must lie beside the bundle, and what is to be said of native files that may not.
    fn sidecar_files(
        &self,
        graph: &ModuleGraph,
        kept: &FxHashSet<PathBuf>,
        unbundled: &UnbundledPackages,
    ) -> (SidecarFiles, Vec<Diagnostic>) {
        match self {
            Self::Traced(places) => {
                let ships = |_, _, id: GraphModuleId| places.traced.modules.contains_key(&id);
                let found = sidecar_files::sidecar_files(graph, kept, unbundled, &ships);
                (found, Vec::new())
            }
            Self::Guessed(places) => {
                let misfits = NativeMisfits::new(graph, places.request.runs);
                let ships = |by: GraphModuleId, at: usize, id: GraphModuleId| {
                    let package = &graph.get(id).package;
                    let external = package.kind == PackageKind::Installed
                        && (places.options.external)(&package.name);
                    !external && !misfits.has(by, at)
                };
                let found = sidecar_files::sidecar_files(graph, kept, unbundled, &ships);
                (found, misfits.into_warnings())
            }
        }
    }

    /// Whether places were wrong, and were corrected to be tried `again`.
    fn correct(
        &mut self,
        graph: &ModuleGraph,
        kept: &FxHashSet<PathBuf>,
        sidecar: &SidecarFiles,
        again: bool,
    ) -> bool {
        match self {
            Self::Traced(_) => false,
            Self::Guessed(places) => {
                places.correct(&SidecarReferences::new(graph, kept, sidecar), again)
            }
        }
    }
}
