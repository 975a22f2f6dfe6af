//! From a trace to the files of an artifact.
//!
//! In: what the handler reaches, and what is asked for. Out: [`Built`]: the files that are kept, each in
//! its place; where it bundles, the bundle instead of what it was made of; and the steps that led there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::build::bundled;
use crate::build::bundled::BundledFunction;
use crate::build::codes::{BAD_LINK, KEPT_ANYWAY, LINK_OUT};
use crate::build::inventory::InventoryItem;
use crate::build::outcome::{Built, Stage, StageName};
use crate::build::project_context::ProjectContext;
use crate::build::request::{BuildMode, BuildRequest, IncludeSource};
use crate::build::size_waterfall;
use crate::build::size_waterfall::{Sets, Staged};
use crate::graph::{GraphModuleId, ModuleGraph, TSCONFIG, UNFOLLOWABLE, UNRESOLVED};
use crate::packages::package::{Package, PackageKind};
use crate::packages::placement;
use crate::packages::placement::Placement;
use crate::packages::platform_fields;
use crate::packages::platform_fields::{Native, PlatformMatch, Target as RunsOn};
use crate::packages::production_closure;
use crate::packages::production_closure::{Closure, Scope};
use crate::sidecar::write_files;
use crate::sidecar::write_files::{ChosenFiles, WriteContext};
use crate::trace::{Traced, reasons_of};
use crate::transpile;
use coldcut_core::artifact::{Artifact, Content, Entry, Reason, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::source_extensions::has_source_extension;

/// What the artifact of one function is assembled from.
struct Assembly<'a> {
    context: &'a ProjectContext,
    graph: &'a ModuleGraph,
    request: &'a BuildRequest<'a>,
    traced: &'a Traced,
    /// The packages of production, with and without what the platform provides.
    production: Closure,
    shipped: Closure,
    placement: Placement,
    /// The files of the trace.
    traced_paths: FxHashSet<PathBuf>,
}

/// Builds the artifact of what `traced` reaches in `graph`, with the steps that led to it.
pub(super) fn assemble(
    context: &ProjectContext,
    graph: &ModuleGraph,
    request: &BuildRequest<'_>,
    traced: Traced,
) -> Result<Built, Vec<Diagnostic>> {
    let assembly = Assembly::new(context, graph, request, &traced);
    let mut staged = assembly.stages();
    let mut warnings = assembly.first_warnings(&staged);
    let bundled = assembly.bundle()?;
    let (chosen, links) = assembly.choose(&staged, bundled.as_ref());
    let files = assembly.write(&chosen, &links, bundled.is_some(), &mut warnings)?;
    if request.mode != BuildMode::Prune {
        staged
            .stages
            .push(assembly.last_stage(&chosen, bundled.is_some()));
    }
    let dev_packages = assembly.dev_packages();
    let mut built = Built {
        artifact: Artifact {
            function: request.name.to_string(),
            handler: transpile::shipped_name(request.handler),
            files,
            shares: Vec::new(),
            inside: Vec::new(),
        },
        stages: staged.stages,
        external: traced.external,
        legal: None,
        class_names: None,
        builtins: BTreeSet::new(),
        metafile: None,
        inside: Vec::new(),
        unfollowable: traced.unfollowable,
        warnings,
        dropped_by_rule: staged.dropped_by_rule,
        dev_packages,
    };
    if let Some(bundled) = bundled {
        add_bundle(&mut built, bundled);
    }
    Ok(built)
}

impl<'a> Assembly<'a> {
    fn new(
        context: &'a ProjectContext,
        graph: &'a ModuleGraph,
        request: &'a BuildRequest<'a>,
        traced: &'a Traced,
    ) -> Self {
        let is_external = |name: &str| (request.external)(name).is_some();
        let production = production_closure::walk(&context.packages, Scope::Production, &|_| false);
        let shipped = production_closure::walk(&context.packages, Scope::Production, &is_external);
        let placement = place_packages(context, graph, request.mode, traced, &shipped);
        let modules = traced.modules.keys();
        Self {
            context,
            graph,
            request,
            traced,
            production,
            shipped,
            placement,
            traced_paths: modules.map(|id| graph.get(*id).path.clone()).collect(),
        }
    }

    /// The steps of the waterfall, all but the last.
    fn stages(&self) -> Staged {
        let folders = folders(self.context, &self.placement);
        let fits = |item: &InventoryItem| fits(self.context, item, self.request.runs);
        let sets = Sets {
            items: &self.context.items,
            root: &self.context.root,
            production: &self.production,
            shipped: &self.shipped,
            traced: &self.traced_paths,
            folders: &folders,
            fits: &fits,
        };
        size_waterfall::steps(&sets, self.request)
    }

    /// What is to be said before anything is bundled or written.
    fn first_warnings(&self, staged: &Staged) -> Vec<Diagnostic> {
        let (context, traced) = (self.context, self.traced);
        let mut warnings = context.warnings.clone();
        warnings.extend(traced.warnings.iter().cloned());
        warnings.extend(needless_patterns(context, staged));
        warnings.extend(dev_only(context, self.graph, traced, &self.production));
        warnings
    }

    /// The bundle, where there is to be one.
    fn bundle(&self) -> Result<Option<BundledFunction>, Vec<Diagnostic>> {
        let BuildMode::Bundle(how) = self.request.mode else {
            return Ok(None);
        };
        let (context, graph) = (self.context, self.graph);
        bundled::bundle_function(
            context,
            graph,
            self.request,
            self.traced,
            &self.placement,
            how,
        )
        .map(Some)
    }

    /// The files that ship, each with its reasons, and the project's own links.
    fn choose(
        &self,
        staged: &Staged,
        bundled: Option<&BundledFunction>,
    ) -> (ChosenFiles, Vec<&'a InventoryItem>) {
        let (context, graph, traced) = (self.context, self.graph, self.traced);
        let mut chosen = ChosenFiles::new();
        let mut links: Vec<&InventoryItem> = Vec::new();
        let ships = |id: &GraphModuleId| bundled.is_none_or(|made| made.sidecar.contains(id));
        choose_traced(graph, traced, &self.placement, &ships, &mut chosen);
        choose_included(context, staged, &mut chosen, &mut links);
        if bundled.is_some() {
            // The bundle stands for it.
            chosen.remove(&graph.get(traced.entry).path);
        }
        if self.request.mode == BuildMode::Prune {
            choose_kept(context, staged, &mut chosen, &mut links);
        }
        for manifest in context.packages.manifests_of(chosen.keys()) {
            chosen.entry(manifest).or_default().insert(Reason::Manifest);
        }
        (chosen, links)
    }

    /// The entries of the artifact, but for the bundle.
    fn write(
        &self,
        chosen: &ChosenFiles,
        links: &[&InventoryItem],
        bundles: bool,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<BTreeMap<RelPath, Entry>, Vec<Diagnostic>> {
        let context = self.context;
        let writer = WriteContext {
            session: &context.session,
            packages: &context.packages,
            resolve: &context.resolve,
            graph: self.graph,
            placement: &self.placement,
            target: self.request.target,
        };
        let needed = |id: GraphModuleId| self.traced.modules.contains_key(&id);
        let mut files = writer.write_files(chosen, &needed, warnings)?;
        let errors = add_links(context, links, &mut files, warnings);
        if !errors.is_empty() {
            return Err(errors);
        }
        write_files::package_links(&self.placement, bundles, &mut files);
        Ok(files)
    }

    /// What is left without unreachable files: what ships, and what the bundle was made of.
    fn last_stage(&self, chosen: &ChosenFiles, bundles: bool) -> Stage {
        let mut left: FxHashSet<&Path> = chosen.keys().map(PathBuf::as_path).collect();
        if bundles {
            left.extend(self.traced_paths.iter().map(PathBuf::as_path));
        }
        let all = &self.context.items;
        let items = (0..all.len() as u32)
            .filter(|at| left.contains(all[*at as usize].found.path.as_path()))
            .collect();
        Stage {
            name: StageName::WithoutUnreachable,
            items,
        }
    }

    /// Packages that only development needs, as `name@version`.
    fn dev_packages(&self) -> Vec<String> {
        let everything = self.context.everything.packages.iter();
        let names: BTreeSet<String> = everything
            .filter(|(dir, _)| !self.production.packages.contains_key(*dir))
            .map(|(_, package)| package.label())
            .collect();
        names.into_iter().collect()
    }
}

/// Puts a bundle in the place of what it was made of.
fn add_bundle(built: &mut Built, bundled: BundledFunction) {
    // What is computed in code that is gone computes nothing.
    built.unfollowable.retain(|diagnostic| {
        let at = diagnostic.at.as_ref();
        at.is_none_or(|at| bundled.kept.contains(&at.path))
    });
    // What cannot be found or followed is said by the trace, which knows what is harmless.
    let traced_too = [UNFOLLOWABLE, UNRESOLVED, TSCONFIG];
    let new = |warning: &Diagnostic| !traced_too.contains(&warning.code);
    built
        .warnings
        .extend(bundled.warnings.into_iter().filter(new));
    let artifact = &mut built.artifact;
    artifact.files.extend(bundled.entries);
    for (at, entry) in bundled.manifests {
        if !is_below_a_file(&at, &artifact.files) {
            artifact.files.entry(at).or_insert(entry);
        }
    }
    artifact.handler = bundled.handler;
    artifact.shares = bundled.shares;
    artifact.inside = bundled.modules;
    built.metafile = Some(bundled.metafile);
    built.inside = bundled.inside;
    built.legal = bundled.legal;
    built.class_names = Some(bundled.class_names);
    built.builtins = bundled.builtins;
}

/// Whether a folder of the path is an entry itself. Below a link a manifest would lie in the package
/// that the link leads to, which ships its own.
fn is_below_a_file(at: &RelPath, files: &BTreeMap<RelPath, Entry>) -> bool {
    let mut above = at.as_str().match_indices('/');
    above.any(|(end, _)| {
        let folder = RelPath::new(&at.as_str()[..end]);
        folder.is_some_and(|folder| files.contains_key(&folder))
    })
}

fn place_packages(
    context: &ProjectContext,
    graph: &ModuleGraph,
    mode: BuildMode,
    traced: &Traced,
    shipped: &Closure,
) -> Placement {
    let mut packages: BTreeMap<PathBuf, Arc<Package>> = traced
        .modules
        .keys()
        .map(|id| graph.get(*id).package.clone())
        .map(|package| (package.dir.clone(), package))
        .collect();
    let mut edges = traced.edges.clone();
    if mode == BuildMode::Prune {
        for (dir, package) in &shipped.packages {
            packages.insert(dir.clone(), package.clone());
        }
        edges.extend(shipped.edges.iter().cloned());
    }
    placement::place_packages(&context.root, packages.values(), &edges)
}

/// Whether an installed file is no binary for another platform, nor of a package for one.
fn fits(context: &ProjectContext, item: &InventoryItem, runs: &RunsOn) -> bool {
    let path = &item.found.path;
    if !item.installed || item.found.is_link {
        return true;
    }
    let package = context.packages.at(&item.package);
    let meant = package
        .manifest
        .as_ref()
        .map(|m| platform_fields::platform_match(m, runs));
    if meant == Some(PlatformMatch::Elsewhere) {
        return false;
    }
    let read = platform_fields::is_native(path)
        .then(|| Native::read(path))
        .flatten();
    read.is_none_or(|native| native.misfit(runs).is_none())
}

/// The artifact's folder of every package that has one.
fn folders(context: &ProjectContext, placement: &Placement) -> FxHashMap<PathBuf, String> {
    let mut out = FxHashMap::default();
    for item in &context.items {
        if let Some(folder) = placement.folder(&item.package) {
            out.entry(item.package.clone())
                .or_insert_with(|| folder.to_string());
        }
    }
    out
}

fn choose_traced(
    graph: &ModuleGraph,
    traced: &Traced,
    placement: &Placement,
    ships: &dyn Fn(&GraphModuleId) -> bool,
    chosen: &mut ChosenFiles,
) {
    let name = |id: GraphModuleId| {
        let module = graph.get(id);
        placement
            .file(&module.package, &module.path)
            .map_or_else(|| module.display_name(), |path| path.to_string())
    };
    for (id, asked) in traced.modules.iter().filter(|(id, _)| ships(id)) {
        let reasons = chosen.entry(graph.get(*id).path.clone()).or_default();
        reasons.extend(reasons_of(graph, asked, &name));
    }
}

fn choose_included<'a>(
    context: &'a ProjectContext,
    staged: &Staged,
    chosen: &mut ChosenFiles,
    links: &mut Vec<&'a InventoryItem>,
) {
    for (at, verdict) in &staged.included {
        let item = &context.items[*at as usize];
        let holds = verdict.included_by == Some(IncludeSource::Setting)
            || (!item.installed && !has_source_extension(&item.found.path));
        if !holds {
            continue;
        }
        if item.found.is_link {
            links.push(item);
            continue;
        }
        chosen
            .entry(item.found.path.clone())
            .or_default()
            .insert(Reason::Included {
                pattern: verdict.because.clone().unwrap_or_default(),
            });
    }
}

fn choose_kept<'a>(
    context: &'a ProjectContext,
    staged: &Staged,
    chosen: &mut ChosenFiles,
    links: &mut Vec<&'a InventoryItem>,
) {
    for at in &staged.kept {
        let item = &context.items[*at as usize];
        if item.found.is_link {
            // Links below `node_modules` are made anew from who asks whom.
            if !item.installed {
                links.push(item);
            }
            continue;
        }
        let reason = if item.installed {
            Reason::Dependency {
                package: context.packages.at(&item.package).label(),
            }
        } else {
            Reason::Project
        };
        chosen
            .entry(item.found.path.clone())
            .or_default()
            .insert(reason);
    }
}

/// The project's own links: kept as links where they stay inside.
fn add_links(
    context: &ProjectContext,
    links: &[&InventoryItem],
    files: &mut BTreeMap<RelPath, Entry>,
    warnings: &mut Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for item in links {
        let Some(at) = RelPath::new(&item.name) else {
            continue;
        };
        let path = &item.found.path;
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                warnings.push(
                    Diagnostic::warning(
                        BAD_LINK,
                        format!(
                            "the link `{at}` is left out: its target cannot be found ({error})"
                        ),
                    )
                    .at(Location::file(path))
                    .help("delete the link, or exclude it"),
                );
                continue;
            }
        };
        let Ok(rest) = real.strip_prefix(&context.root) else {
            errors.push(
                Diagnostic::error(
                    LINK_OUT,
                    format!(
                        "the link `{at}` points outside of the project, to `{}`",
                        real.display()
                    ),
                )
                .at(Location::file(path))
                .help("copy its target into the project, or leave the link out with `--exclude`"),
            );
            continue;
        };
        let Some(target) = RelPath::from_path(rest) else {
            continue;
        };
        let ships = files.contains_key(&target)
            || files
                .range(target.clone()..)
                .take_while(|(name, _)| name.as_str().starts_with(target.as_str()))
                .any(|(name, _)| name.as_str()[target.as_str().len()..].starts_with('/'));
        if !ships {
            continue;
        }
        let entry = Entry {
            content: Content::Link(placement::relative(at.as_str(), target.as_str())),
            reasons: vec![Reason::Project],
            package: None,
            source: Some(path.clone()),
        };
        files.insert(at, entry);
    }
    errors
}

/// Patterns of the user's that match what the handler needs change nothing; that is said.
fn needless_patterns(context: &ProjectContext, staged: &Staged) -> Vec<Diagnostic> {
    staged
        .saved
        .iter()
        .map(|(by, items)| {
            let first = &context.items[items[0] as usize].name;
            let more = match items.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            Diagnostic::warning(
                KEPT_ANYWAY,
                format!("{by} matches `{first}`{more}, which the handler imports: kept anyway"),
            )
            .help("to leave a package to the platform or a layer, name it with `--external`")
        })
        .collect()
}

/// Packages that the handler imports but the project lists for development only.
fn dev_only(
    context: &ProjectContext,
    graph: &ModuleGraph,
    traced: &Traced,
    production: &Closure,
) -> Vec<Diagnostic> {
    let mut names: BTreeMap<String, (GraphModuleId, u32)> = BTreeMap::new();
    for (id, asked) in &traced.modules {
        let package = &graph.get(*id).package;
        let installed = package.kind == PackageKind::Installed;
        if installed && !production.packages.contains_key(&package.dir) {
            for asked in asked {
                let by = graph.get(asked.by);
                if by.package.kind == PackageKind::Project {
                    names
                        .entry(package.name.clone())
                        .or_insert((asked.by, asked.line));
                }
            }
        }
    }
    let own = context.packages.at(&context.root);
    names
        .into_iter()
        .map(|(name, (by, line))| {
            let module = graph.get(by);
            let listed = own
                .manifest
                .as_ref()
                .is_some_and(|m| m.dev_dependencies.contains(&name));
            let what = if listed {
                "is only a dev dependency"
            } else {
                "is not listed in `package.json`"
            };
            let at = match &module.text {
                Some(text) => Location::line(&module.path, text.clone(), line),
                None => Location::file(&module.path),
            };
            Diagnostic::warning(
                crate::graph::UNRESOLVED,
                format!("`{name}` {what}, but this code imports it: it ships anyway"),
            )
            .at(at)
            .help(match listed {
                true => format!("move `{name}` to `dependencies`"),
                false => format!("add `{name}` to `dependencies`"),
            })
        })
        .collect()
}
