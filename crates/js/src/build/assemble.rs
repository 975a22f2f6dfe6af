//! From a trace to the files of an artifact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::build::bundled;
use crate::build::codes::{BAD_LINK, KEPT_ANYWAY, LINK_OUT};
use crate::build::inventory::InventoryItem;
use crate::build::outcome::{Built, Stage, StageName};
use crate::build::project_context::ProjectContext;
use crate::build::request::{BuildMode, BuildRequest, IncludeSource};
use crate::build::stages;
use crate::build::stages::{Sets, Staged};
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

pub(super) fn assemble(
    context: &ProjectContext,
    graph: &ModuleGraph,
    request: &BuildRequest<'_>,
    traced: Traced,
) -> Result<Built, Vec<Diagnostic>> {
    let is_external = |name: &str| (request.external)(name).is_some();
    let production = production_closure::walk(&context.packages, Scope::Production, &|_| false);
    let shipped = production_closure::walk(&context.packages, Scope::Production, &is_external);
    let traced_paths: FxHashSet<PathBuf> = traced
        .modules
        .keys()
        .map(|id| graph.get(*id).path.clone())
        .collect();

    let placement = place_packages(context, graph, request.mode, &traced, &shipped);
    let folders = folders(context, &placement);
    let fits = |item: &InventoryItem| fits(context, item, request.runs);
    let sets = Sets {
        items: &context.items,
        root: &context.root,
        production: &production,
        shipped: &shipped,
        traced: &traced_paths,
        folders: &folders,
        fits: &fits,
    };
    let mut staged = stages::stages(&sets, request);
    let mut warnings = context.warnings.clone();
    warnings.extend(traced.warnings.iter().cloned());
    warnings.extend(needless_patterns(context, &staged));
    warnings.extend(dev_only(context, graph, &traced, &production));

    let made = match request.mode {
        BuildMode::Bundle(how) => Some(bundled::bundle_function(
            context, graph, request, &traced, &placement, how,
        )?),
        BuildMode::Trace | BuildMode::Prune => None,
    };
    let mut chosen = ChosenFiles::new();
    let ships = |id: &GraphModuleId| made.as_ref().is_none_or(|made| made.sidecar.contains(id));
    choose_traced(graph, &traced, &placement, &ships, &mut chosen);
    let mut links: Vec<&InventoryItem> = Vec::new();
    choose_included(context, &staged, &mut chosen, &mut links);
    if made.is_some() {
        // The bundle stands for it.
        chosen.remove(&graph.get(traced.entry).path);
    }
    if request.mode == BuildMode::Prune {
        choose_kept(context, &staged, &mut chosen, &mut links);
    }
    for manifest in context.packages.manifests_of(chosen.keys()) {
        chosen.entry(manifest).or_default().insert(Reason::Manifest);
    }

    let writer = WriteContext {
        session: &context.session,
        packages: &context.packages,
        resolve: &context.resolve,
        graph,
        placement: &placement,
        target: request.target,
    };
    let needed = |id: GraphModuleId| traced.modules.contains_key(&id);
    let mut files = writer.write_files(&chosen, &needed, &mut warnings)?;
    let errors = add_links(context, &links, &mut files, &mut warnings);
    if !errors.is_empty() {
        return Err(errors);
    }
    write_files::package_links(&placement, made.is_some(), &mut files);

    if request.mode != BuildMode::Prune {
        let mut left: FxHashSet<&Path> = chosen.keys().map(PathBuf::as_path).collect();
        if made.is_some() {
            left.extend(traced_paths.iter().map(PathBuf::as_path));
        }
        let items = (0..context.items.len() as u32)
            .filter(|at| left.contains(context.items[*at as usize].found.path.as_path()))
            .collect();
        staged.stages.push(Stage {
            name: StageName::WithoutUnreachable,
            items,
        });
    }
    let dev_packages = context
        .everything
        .packages
        .iter()
        .filter(|(dir, _)| !production.packages.contains_key(*dir))
        .map(|(_, package)| package.label())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut handler = transpile::shipped_name(request.handler);
    let (mut shares, mut inside, mut legal) = (Vec::new(), Vec::new(), None);
    let (mut modules, mut class_names, mut metafile) = (Vec::new(), None, None);
    let mut builtins = BTreeSet::new();
    let mut unfollowable = traced.unfollowable;
    if let Some(made) = made {
        // What is computed in code that is gone computes nothing.
        unfollowable.retain(|diagnostic| {
            diagnostic
                .at
                .as_ref()
                .is_none_or(|at| made.kept.contains(&at.path))
        });
        // What cannot be found or followed is said by the trace, which knows what is harmless.
        let traced_too = [UNFOLLOWABLE, UNRESOLVED, TSCONFIG];
        let new = |warning: &Diagnostic| !traced_too.contains(&warning.code);
        warnings.extend(made.warnings.into_iter().filter(new));
        files.extend(made.entries);
        for (at, entry) in made.manifests {
            // Below a link it would lie in the package that the link leads to, which ships itself.
            let mut above = at.as_str().match_indices('/');
            let linked = above.any(|(end, _)| {
                let folder = RelPath::new(&at.as_str()[..end]);
                folder.is_some_and(|folder| files.contains_key(&folder))
            });
            if !linked {
                files.entry(at).or_insert(entry);
            }
        }
        metafile = Some(made.metafile);
        (handler, shares, inside) = (made.handler, made.shares, made.inside);
        (legal, class_names) = (made.legal, Some(made.class_names));
        (modules, builtins) = (made.modules, made.builtins);
    }
    Ok(Built {
        artifact: Artifact {
            function: request.name.to_string(),
            handler,
            files,
            shares,
            inside: modules,
        },
        stages: staged.stages,
        external: traced.external,
        legal,
        class_names,
        builtins,
        metafile,
        inside,
        unfollowable,
        warnings,
        dropped_by_rule: staged.dropped_by_rule,
        dev_packages,
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
            || (!item.installed && !is_code(item));
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

fn is_code(item: &InventoryItem) -> bool {
    let ext = item.found.path.extension().and_then(|ext| ext.to_str());
    matches!(
        ext,
        Some("js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx" | "jsx")
    )
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
                        format!("the link `{at}` is left out: it leads nowhere ({error})"),
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
                        "the link `{at}` leads out of the project, to `{}`",
                        real.display()
                    ),
                )
                .at(Location::file(path))
                .help("copy what it leads to into the project, or leave it out with `--exclude`"),
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
                format!(
                    "{by} matches `{first}`{more}, which the handler imports: kept all the same"
                ),
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
                format!("`{name}` {what}, but this code imports it: it ships all the same"),
            )
            .at(at)
            .help(match listed {
                true => format!("move `{name}` to `dependencies`"),
                false => format!("add `{name}` to `dependencies`"),
            })
        })
        .collect()
}
