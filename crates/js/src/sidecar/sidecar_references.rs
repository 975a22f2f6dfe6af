//! Who names the files beside a bundle, and from where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rustc_hash::FxHashSet;

use crate::graph::{EdgeKind, EdgeTarget, GraphModuleId, ModuleGraph};
use crate::sidecar::sidecar_files::SidecarFiles;
use crate::trace::Referrer;

/// See the module.
pub(super) struct SidecarReferences<'a> {
    pub graph: &'a ModuleGraph,
    pub sidecar: &'a SidecarFiles,
    /// Who asks for each sidecar file.
    pub referrers: BTreeMap<GraphModuleId, BTreeSet<Referrer>>,
    /// Sidecar files that are named from where the process runs, and from nowhere else.
    pub by_cwd: FxHashSet<GraphModuleId>,
    /// Every module whose place matters: sidecar files, and the bundled modules that name one.
    pub placed: BTreeSet<GraphModuleId>,
}

impl<'a> SidecarReferences<'a> {
    /// `kept` are the modules of the bundle.
    pub fn new(
        graph: &'a ModuleGraph,
        kept: &FxHashSet<PathBuf>,
        sidecar: &'a SidecarFiles,
    ) -> Self {
        let mut referrers: BTreeMap<GraphModuleId, BTreeSet<Referrer>> = BTreeMap::new();
        let (mut placed, mut by_place) = (sidecar.modules.clone(), FxHashSet::default());
        let kept = kept.iter().filter_map(|path| graph.find(path));
        for by in kept.chain(sidecar.modules.iter().copied()) {
            for edge in &graph.get(by).edges {
                let EdgeTarget::Module(to) = edge.target else {
                    continue;
                };
                if !sidecar.modules.contains(&to) {
                    continue;
                }
                if !(edge.how == EdgeKind::Asset && starts_at_cwd(&edge.specifier)) {
                    by_place.insert(to);
                    placed.insert(by);
                }
                let referrer = Referrer::by_edge(by, edge);
                referrers.entry(to).or_default().insert(referrer);
            }
        }
        let modules = sidecar.modules.iter().copied();
        Self {
            graph,
            sidecar,
            referrers,
            by_cwd: modules.filter(|id| !by_place.contains(id)).collect(),
            placed,
        }
    }
}

/// Whether a path starts where the process runs: see `path_patterns::show`.
fn starts_at_cwd(specifier: &str) -> bool {
    specifier.starts_with('<')
}
