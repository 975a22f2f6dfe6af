//! A bundle and the files that it needs beside it.
//!
//! In: an entry, where its bundle will lie, and how to bundle. Out: the bundle, and the files that
//! go into its folder: what the code reads by path, addons, packages that cannot be part of a bundle.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::bundle::{Bundled, Options};
use crate::graph::GraphModuleId;
use crate::sidecar::driver::{BundleRequest, PlacementPolicy, bundle_until_settled};
use crate::sidecar::guessed_places::GuessedPlaces;
use crate::sidecar::request::{EntryProject, SidecarRequest};
use crate::sidecar::sidecar_references::SidecarReferences;
use crate::sidecar::write_files;
use crate::sidecar::write_files::{ChosenFiles, WriteContext};
use crate::trace;
use coldcut_core::artifact::{Entry, Reason, RelPath};
use coldcut_core::diagnostics::Diagnostic;

/// A bundle and what it needs.
pub struct BundleWithSidecar {
    pub bundled: Bundled,
    /// By their places, as seen from the bundle's folder.
    pub files: BTreeMap<RelPath, Entry>,
}

/// Bundles an entry, and finds what must lie beside it.
pub fn bundle_with_sidecar(
    request: &SidecarRequest<'_>,
    options: &Options<'_>,
) -> Result<BundleWithSidecar, Vec<Diagnostic>> {
    let project = EntryProject::new(request, options.pnp.as_ref());
    let mut places = GuessedPlaces::new(request, &project, options);
    let bundle = BundleRequest {
        entry: request.entry,
        out: &request.out,
        folder: request.folder,
        packages: &project.packages,
        options,
        loads_packages: true,
    };
    let mut settled = bundle_until_settled(&bundle, PlacementPolicy::Guessed(&mut places))?;
    let references = SidecarReferences::new(&settled.graph, &settled.kept, &settled.sidecar);
    let files = write_sidecar(&places, &references, &mut settled.bundled.warnings)?;
    Ok(BundleWithSidecar {
        bundled: settled.bundled,
        files,
    })
}

/// The sidecar files as they ship, by their places.
fn write_sidecar(
    places: &GuessedPlaces<'_>,
    references: &SidecarReferences<'_>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<BTreeMap<RelPath, Entry>, Vec<Diagnostic>> {
    let Some(placement) = places.placement() else {
        return Ok(BTreeMap::new());
    };
    if references.sidecar.modules.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (request, project) = (places.request, places.project);
    let chosen = choose_files(places, references);
    let writer = WriteContext {
        session: &project.session,
        packages: &project.packages,
        resolve: &project.resolve,
        graph: references.graph,
        placement,
        target: places.options.target,
    };
    let mut written = writer.write_files(&chosen, &|_| true, warnings)?;
    write_files::package_links(placement, true, &mut written);
    let by_cwd = references.by_cwd.iter();
    let by_cwd: FxHashSet<_> = by_cwd.map(|id| &*references.graph.get(*id).path).collect();
    let mut out = BTreeMap::new();
    for (at, entry) in written {
        let source = entry.source.as_deref();
        let from_cwd = source
            .filter(|path| by_cwd.contains(path))
            .and_then(|path| RelPath::from_path(path.strip_prefix(request.cwd).ok()?));
        let place = from_cwd.or_else(|| places.seen_from_root(&at));
        // The bundle stands for what would lie in its place.
        if let Some(place) = place.filter(|place| *place != request.out) {
            out.insert(place, entry);
        }
    }
    Ok(out)
}

/// Sidecar files and the manifests of their packages, with the reasons why they ship.
fn choose_files(places: &GuessedPlaces<'_>, references: &SidecarReferences<'_>) -> ChosenFiles {
    let (graph, project) = (references.graph, places.project);
    let name = |id: GraphModuleId| {
        let module = graph.get(id);
        let place = places.place(&module.path);
        place.map_or_else(|| module.display_name(), |at| at.to_string())
    };
    let mut chosen = ChosenFiles::new();
    for id in &references.sidecar.modules {
        let referrers = references.referrers.get(id);
        let reasons = referrers.map(|asked| trace::reasons_of(graph, asked, &name));
        chosen.insert(graph.get(*id).path.clone(), reasons.unwrap_or_default());
    }
    let manifests = project.packages.manifests_of(chosen.keys());
    let of_packages = manifests
        .into_iter()
        .filter(|path| path.parent() != Some(&project.dir));
    for manifest in of_packages {
        chosen.entry(manifest).or_default().insert(Reason::Manifest);
    }
    chosen
}
