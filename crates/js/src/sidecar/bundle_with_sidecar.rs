//! A bundle and the files that it needs beside it.
//!
//! In: an entry, where its bundle will lie, and how to bundle. Out: the bundle, and the files to lay
//! into its folder: what the code reads by path, addons, packages that cannot be part of a bundle.
//! The entry's folder becomes the bundle's folder, so that what lies beside the entry lies beside
//! the bundle; packages go to `node_modules` there. Where files lie has to be known before the
//! bundle is made, and what is needed only after it: where the first guess does not hold, the
//! bundle is made again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle;
use crate::bundle::{Bundled, Options, Stand};
use crate::graph::{
    EdgeKind, EdgeTarget, GraphLoader, GraphModuleId, ModuleGraph, Seed, trace_rules,
};
use crate::host::Host;
use crate::packages::package;
use crate::packages::package::{Package, PackageKind, Packages};
use crate::packages::placement;
use crate::packages::placement::Placement;
use crate::packages::platform_fields::Target as RunsOn;
use crate::packages::pnp::Pnp;
use crate::packages::production_closure::Dependency;
use crate::packages::resolve::Resolve;
use crate::sidecar::sidecar_files;
use crate::sidecar::sidecar_files::{SidecarFiles, UnbundledPackages};
use crate::sidecar::write_files;
use crate::sidecar::write_files::{ChosenFiles, WriteContext};
use crate::syntax::Session;
use crate::trace;
use crate::trace::Referrer;
use crate::trace::native_fit;
use crate::transpile::shipped_name;
use coldcut_core::artifact::{Entry, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Severity};
use coldcut_core::settings::Rule;

/// Each round raises the root or keeps a package apart that was not; real programs take two.
const MAX_ROUNDS: usize = 32;

/// What to bundle, and for where. All paths are real ones.
pub struct Request<'a> {
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

/// A bundle and what it needs.
pub struct WithFiles {
    pub bundled: Bundled,
    /// By their places, as seen from the bundle's folder.
    pub files: BTreeMap<RelPath, Entry>,
}

/// Bundles an entry, and finds what must lie beside it.
pub fn bundle(request: &Request<'_>, how: &Options<'_>) -> Result<WithFiles, Vec<Diagnostic>> {
    let project = Project::of(request, how.pnp.as_ref());
    let mut plan = Plan::first(request, &project);
    let mut rounds = 0;
    loop {
        rounds += 1;
        let again = rounds < MAX_ROUNDS;
        let stands = |path: &Path| plan.stands(request, &project, path);
        let stays =
            |path: &Path| sidecar_files::is_unbundled(&plan.unbundled, &project.packages, path);
        let options = Options {
            stand: Some(Stand {
                out: request.out.clone(),
                of: &stands,
            }),
            unbundled: &stays,
            ..how.clone()
        };
        let mut bundled = match bundle::bundle(request.entry, &options, request.folder) {
            Ok(bundled) => bundled,
            Err(errors) => {
                if again
                    && sidecar_files::unbundle_broken(
                        &errors,
                        &project.packages,
                        &mut plan.unbundled,
                    )
                {
                    continue;
                }
                return Err(errors);
            }
        };
        if again && project.unbundle_hooked(&bundled, &mut plan.unbundled) {
            continue;
        }
        let graph = project.graph(request, how, &mut bundled);
        let kept: FxHashSet<PathBuf> = bundled.kept.iter().map(|kept| kept.path.clone()).collect();
        let unfit = Unfit::new(&graph, request.runs);
        let wanted = |by: GraphModuleId, at: usize, id: GraphModuleId| {
            let package = &graph.get(id).package;
            let left = package.kind == PackageKind::Installed && (how.external)(&package.name);
            !left && !unfit.has(by, at)
        };
        let sidecar = sidecar_files::sidecar_files(&graph, &kept, &plan.unbundled, &wanted);
        if sidecar_files::unbundle_loaded_twice(&graph, &sidecar, &mut plan.unbundled)
            .map_err(|error| vec![*error])?
            && again
        {
            continue;
        }
        let needs = Needs::of(&graph, &kept, &sidecar);
        let placed = needs.placed();
        let places = exact(&project, &needs, &placed);
        let root = plan.root_for(&project, &needs, &placed);
        let holds = root == plan.root && plan.agrees(&project, &needs, &placed, &places);
        if !holds && again {
            plan.root = root;
            plan.places = Some(places);
            continue;
        }
        let label = |dir: &Path| project.packages.at(dir).label();
        bundled.warnings.extend(unfit.said.take());
        bundled
            .warnings
            .extend(sidecar_files::warnings(&plan.unbundled, &label));
        let files = plan.write_files(
            request,
            how,
            &project,
            &needs,
            &places,
            &mut bundled.warnings,
        )?;
        return Ok(WithFiles { bundled, files });
    }
}

/// The project that the entry is of.
struct Project {
    dir: PathBuf,
    packages: Packages,
    resolve: Resolve,
    session: Session,
}

impl Project {
    fn of(request: &Request<'_>, pnp: Option<&Arc<Pnp>>) -> Self {
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

    /// Keeps packages apart that an agent of the bundle's, or of the project's, hooks into.
    fn unbundle_hooked(&self, bundled: &Bundled, unbundled: &mut UnbundledPackages) -> bool {
        let kept = bundled.kept.iter();
        let packages: BTreeMap<PathBuf, String> = kept
            .filter_map(|kept| package::installed(&kept.path))
            .collect();
        let own = self.packages.manifest(&self.dir);
        sidecar_files::unbundle_hooked(&packages, own.as_deref(), unbundled)
    }

    /// What the modules of a bundle ask for beside it.
    fn graph(
        &self,
        request: &Request<'_>,
        how: &Options<'_>,
        bundled: &mut Bundled,
    ) -> ModuleGraph {
        let seeds = bundled.kept.iter_mut().filter_map(|kept| -> Option<Seed> {
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
        });
        let seeds: Vec<Seed> = seeds.collect();
        let loader = GraphLoader {
            session: &self.session,
            packages: &self.packages,
            resolve: &self.resolve,
            defines: &how.defines,
            cwd: request.cwd,
            as_written: false,
            machines: &[request.runs.arch],
            rules: request.rules,
            imports_only: false,
        };
        loader.build_beside(seeds)
    }
}

/// References to native files that the function cannot load, found where they are met.
struct Unfit<'a> {
    graph: &'a ModuleGraph,
    runs: &'a RunsOn,
    known: RefCell<FxHashMap<GraphModuleId, FxHashSet<usize>>>,
    said: RefCell<Vec<Diagnostic>>,
}

impl<'a> Unfit<'a> {
    fn new(graph: &'a ModuleGraph, runs: &'a RunsOn) -> Self {
        Self {
            graph,
            runs,
            known: RefCell::default(),
            said: RefCell::default(),
        }
    }

    fn has(&self, by: GraphModuleId, at: usize) -> bool {
        let mut known = self.known.borrow_mut();
        let dropped = known.entry(by).or_insert_with(|| {
            let judged = native_fit::check_native_references(self.graph, by, self.runs, &|_| false);
            let findings = judged.findings.into_iter();
            let warnings = findings.map(|finding| Diagnostic {
                severity: Severity::Warning,
                ..finding.diagnostic
            });
            self.said.borrow_mut().extend(warnings);
            judged.dropped
        });
        dropped.contains(&at)
    }
}

/// What a try found.
struct Needs<'a> {
    graph: &'a ModuleGraph,
    sidecar: &'a SidecarFiles,
    /// The modules of the bundle that name a carried file.
    naming: BTreeSet<GraphModuleId>,
    /// Who asks for each carried module.
    asked: BTreeMap<GraphModuleId, BTreeSet<Referrer>>,
    /// Carried files that are named from where the process runs, and from nowhere else.
    by_cwd: FxHashSet<GraphModuleId>,
}

impl<'a> Needs<'a> {
    fn of(graph: &'a ModuleGraph, kept: &FxHashSet<PathBuf>, sidecar: &'a SidecarFiles) -> Self {
        let mut asked: BTreeMap<GraphModuleId, BTreeSet<Referrer>> = BTreeMap::new();
        let (mut naming, mut by_place) = (BTreeSet::new(), FxHashSet::default());
        let kept = kept.iter().filter_map(|path| graph.find(path));
        for by in kept.chain(sidecar.modules.iter().copied()) {
            for edge in &graph.get(by).edges {
                let EdgeTarget::Module(to) = edge.target else {
                    continue;
                };
                if !sidecar.modules.contains(&to) {
                    continue;
                }
                if !(edge.how == EdgeKind::Asset && by_cwd(&edge.specifier)) {
                    by_place.insert(to);
                    naming.insert(by);
                }
                asked
                    .entry(to)
                    .or_default()
                    .insert(Referrer::by_edge(by, edge));
            }
        }
        let modules = sidecar.modules.iter().copied();
        Self {
            graph,
            sidecar,
            naming,
            asked,
            by_cwd: modules.filter(|id| !by_place.contains(id)).collect(),
        }
    }

    /// Every module whose place matters.
    fn placed(&self) -> BTreeSet<GraphModuleId> {
        self.naming.union(&self.sidecar.modules).copied().collect()
    }
}

/// Whether a path starts where the process runs: see `patterns::show`.
fn by_cwd(specifier: &str) -> bool {
    specifier.starts_with('<')
}

/// Where files lie, and which packages stay files.
struct Plan {
    /// The project's folder that becomes the bundle's, seen from the project; `""` is the project.
    root: String,
    /// Without it, everything lies as it does on disk.
    places: Option<Placement>,
    unbundled: UnbundledPackages,
}

impl Plan {
    fn first(request: &Request<'_>, project: &Project) -> Self {
        let home = request.entry.parent().unwrap_or(request.entry);
        let root = home.strip_prefix(&project.dir).unwrap_or(Path::new(""));
        Self {
            root: root.to_string_lossy().replace('\\', "/"),
            places: None,
            unbundled: UnbundledPackages::new(),
        }
    }

    /// A file's place, seen from the project's folder.
    fn in_project(&self, project: &Project, path: &Path) -> Option<RelPath> {
        let known = self.places.as_ref();
        known
            .and_then(|places| places.file(&project.packages.package_of(path), path))
            .or_else(|| as_on_disk(project, path))
    }

    /// A file's place, seen from the bundle's folder; `None` where that would be outside.
    fn place(&self, project: &Project, path: &Path) -> Option<RelPath> {
        let at = self.in_project(project, path)?;
        below(&self.root, &at)
    }

    /// Where a module of the bundle says that it is.
    fn stands(&self, request: &Request<'_>, project: &Project, path: &Path) -> Option<RelPath> {
        let at = self.place(project, path).map(|at| shipped_name(&at));
        // Where its folder is the bundle's, the entry is the bundle.
        match &at {
            Some(at) if path == request.entry && at.parent().is_none() => Some(request.out.clone()),
            _ => at,
        }
    }

    /// The root below which everything of the project's own lies that has to be found.
    fn root_for(
        &self,
        project: &Project,
        needs: &Needs<'_>,
        placed: &BTreeSet<GraphModuleId>,
    ) -> String {
        let mut root = self.root.clone();
        for id in placed.iter().filter(|id| !needs.by_cwd.contains(id)) {
            let module = needs.graph.get(*id);
            if module.package.kind == PackageKind::Project
                && let Some(at) = self.in_project(project, &module.path)
                && below(&root, &at).is_none()
            {
                root = common(&root, at.parent().unwrap_or_default());
            }
        }
        root
    }

    /// Whether files lie where `places` have them.
    fn agrees(
        &self,
        project: &Project,
        needs: &Needs<'_>,
        placed: &BTreeSet<GraphModuleId>,
        places: &Placement,
    ) -> bool {
        placed.iter().all(|id| {
            let module = needs.graph.get(*id);
            let at = places.file(&module.package, &module.path);
            at.is_none() || at == self.in_project(project, &module.path)
        })
    }

    /// The files to lay, by their places.
    fn write_files(
        &self,
        request: &Request<'_>,
        how: &Options<'_>,
        project: &Project,
        needs: &Needs<'_>,
        placement: &Placement,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<BTreeMap<RelPath, Entry>, Vec<Diagnostic>> {
        if needs.sidecar.modules.is_empty() {
            return Ok(BTreeMap::new());
        }
        let name = |id: GraphModuleId| {
            let module = needs.graph.get(id);
            self.place(project, &module.path)
                .map_or_else(|| module.display_name(), |at| at.to_string())
        };
        let (mut chosen, mut by_cwd) = (ChosenFiles::new(), FxHashSet::default());
        for id in &needs.sidecar.modules {
            let path = &needs.graph.get(*id).path;
            let asked = needs.asked.get(id);
            let reasons = asked.map(|asked| trace::reasons_of(needs.graph, asked, &name));
            chosen.insert(path.clone(), reasons.unwrap_or_default());
            if needs.by_cwd.contains(id) {
                by_cwd.insert(path.clone());
            }
        }
        let manifests = project.packages.manifests_of(chosen.keys());
        let of_packages = manifests
            .into_iter()
            .filter(|path| path.parent() != Some(&project.dir));
        for manifest in of_packages {
            let reasons = chosen.entry(manifest).or_default();
            reasons.insert(coldcut_core::artifact::Reason::Manifest);
        }
        let writer = WriteContext {
            session: &project.session,
            packages: &project.packages,
            resolve: &project.resolve,
            graph: needs.graph,
            placement,
            target: how.target,
        };
        let mut written = writer.write_files(&chosen, &|_| true, warnings)?;
        write_files::package_links(placement, true, &mut written);
        let mut out = BTreeMap::new();
        for (at, entry) in written {
            let from_cwd = entry
                .source
                .as_ref()
                .filter(|path| by_cwd.contains(*path))
                .and_then(|path| RelPath::from_path(path.strip_prefix(request.cwd).ok()?));
            let place = from_cwd.or_else(|| below(&self.root, &at));
            // The bundle stands for what would lie in its place.
            if let Some(place) = place.filter(|place| *place != request.out) {
                out.insert(place, entry);
            }
        }
        Ok(out)
    }
}

/// The places of all packages that somebody has to find.
fn exact(project: &Project, needs: &Needs<'_>, placed: &BTreeSet<GraphModuleId>) -> Placement {
    let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
    let mut edges: BTreeSet<Dependency> = BTreeSet::new();
    for id in placed {
        let module = needs.graph.get(*id);
        packages.insert(module.package.dir.clone(), module.package.clone());
        for edge in &module.edges {
            if let EdgeTarget::Module(to) = edge.target
                && needs.sidecar.modules.contains(&to)
            {
                edges.extend(trace::dependency(module, edge, needs.graph.get(to)));
            }
        }
    }
    placement::place_packages(&project.dir, packages.values(), &edges)
}

/// Where a file lies if nothing is in its way.
fn as_on_disk(project: &Project, path: &Path) -> Option<RelPath> {
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
