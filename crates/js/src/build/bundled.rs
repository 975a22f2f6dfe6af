//! One bundle for the handler, and the modules that must stay files beside it.
//!
//! In: a function's trace and where its files would lie. Out: the bundle as an entry of the
//! artifact, and the modules that ship as files all the same: what is read and not run, addons,
//! and code that is loaded by a path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::build::outcome::Metafile;
use crate::build::project_context::ProjectContext;
use crate::build::request::{BuildRequest, BundleSettings};
use crate::bundle;
use crate::bundle::{Bundled, Explained, Format, KeptModule, Options, OriginalLocation};
use crate::graph::{GraphModule, GraphModuleId, ModuleGraph};
use crate::host::Host;
use crate::packages::package::{PackageKind, licence, package_of_specifier};
use crate::packages::placement::Placement;
use crate::sidecar::driver::{BundleRequest, PlacementPolicy, bundle_until_settled};
use crate::sidecar::traced_places::TracedPlaces;
use crate::syntax::ModuleGoal;
use crate::trace::Traced;
use crate::transpile::shipped_name;
use coldcut_core::artifact::{Entry, Inside, Reason, RelPath, Share};
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::settings::SourceMap;

/// What bundling gives.
pub(super) struct BundledFunction {
    pub handler: RelPath,
    /// The bundle, and its map where that is a file.
    pub entries: Vec<(RelPath, Entry)>,
    pub shares: Vec<Share>,
    /// Everything that is part of it.
    pub modules: Vec<Inside>,
    /// Own files that are part of it.
    pub inside: Vec<(RelPath, PathBuf)>,
    pub legal: Option<String>,
    pub class_names: u64,
    /// Node.js's own modules that the bundle imports.
    pub builtins: BTreeSet<String>,
    /// Traced modules that ship as files.
    pub sidecar: BTreeSet<GraphModuleId>,
    /// What of the trace the bundle has in it.
    pub kept: FxHashSet<PathBuf>,
    pub metafile: Metafile,
    /// Manifests of the packages in it, where they are wished for.
    pub manifests: Vec<(RelPath, Entry)>,
    pub warnings: Vec<Diagnostic>,
}

pub(super) fn bundle_function(
    context: &ProjectContext,
    graph: &ModuleGraph,
    request: &BuildRequest<'_>,
    traced: &Traced,
    placement: &Placement,
    how: BundleSettings,
) -> Result<BundledFunction, Vec<Diagnostic>> {
    let entry = graph.get(traced.entry);
    let format = format_of(entry, &context.host);
    let out = out_name(request.handler, format);
    let external = |specifier: &str| {
        package_of_specifier(specifier).is_some_and(|name| (request.external)(name).is_some())
    };
    let folder = out
        .under(&context.root)
        .parent()
        .map_or_else(|| context.root.clone(), Path::to_path_buf);
    let places = TracedPlaces {
        root: &context.root,
        entry: &entry.path,
        out: &out,
        packages: &context.packages,
        graph,
        traced,
        placement,
    };
    let options = Options {
        pnp: context.packages.pnp().cloned(),
        format,
        minify: how.minify,
        map: how.sourcemap != SourceMap::None,
        keep_names: how.keep_names,
        defines: context.defines.clone(),
        count: true,
        thorough: true,
        target: request.target,
        rules: &context.rules,
        host: context.host.clone(),
        ..Options::plain(context.root.clone(), &external, request.cherry_picks)
    };
    let bundle = BundleRequest {
        entry: &entry.path,
        out: &out,
        folder: &folder,
        packages: &context.packages,
        options: &options,
        // Others than Node.js load no packages.
        loads_packages: context.host.is_node(),
    };
    let settled = bundle_until_settled(&bundle, PlacementPolicy::Traced(&places))?;
    let Bundled {
        code,
        map,
        kept,
        legal,
        class_names,
        builtins,
        inputs,
        exports,
        warnings,
    } = settled.bundled;
    Ok(BundledFunction {
        handler: out.clone(),
        entries: entries(&out, code, map, how.sourcemap, &entry.path),
        shares: shares(context, graph, traced, &kept),
        modules: modules(context, &kept),
        metafile: Metafile { inputs, exports },
        manifests: match how.manifests {
            true => manifests(context, placement, &kept),
            false => Vec::new(),
        },
        inside: kept
            .iter()
            .filter(|kept| {
                kept.path != entry.path
                    && context.packages.package_of(&kept.path).kind != PackageKind::Installed
            })
            .filter_map(|kept| Some((places.original_path(&kept.path)?, kept.path.clone())))
            .collect(),
        legal,
        class_names,
        builtins,
        sidecar: settled.sidecar.modules,
        kept: settled.kept,
        warnings,
    })
}

/// Why a function's bundle has in it what `asked` holds for.
pub(super) fn explain(
    context: &ProjectContext,
    entry: &GraphModule,
    request: &BuildRequest<'_>,
    asked: &dyn Fn(&Path, &str) -> bool,
) -> Result<Explained, Vec<Diagnostic>> {
    let format = format_of(entry, &context.host);
    let out = out_name(request.handler, format);
    let stands =
        |path: &Path| RelPath::new(&path.strip_prefix(&context.root).ok()?.to_string_lossy());
    let external = |specifier: &str| {
        package_of_specifier(specifier).is_some_and(|name| (request.external)(name).is_some())
    };
    let options = Options {
        format,
        host: context.host.clone(),
        pnp: context.packages.pnp().cloned(),
        defines: context.defines.clone(),
        original_location: Some(OriginalLocation { out, of: &stands }),
        ..Options::plain(context.root.clone(), &external, request.cherry_picks)
    };
    bundle::explain(&entry.path, &options, &|path, package| asked(path, package))
}

/// The format in which Node runs the handler as it is; others know ES modules only.
fn format_of(entry: &GraphModule, host: &Host) -> Format {
    match entry.dialect.goal {
        _ if !host.is_node() => Format::Esm,
        ModuleGoal::Module => Format::Esm,
        ModuleGoal::Either if entry.scan.top_level_await.is_some() => Format::Esm,
        ModuleGoal::CommonJs | ModuleGoal::Either => Format::Cjs,
    }
}

/// The platform finds a handler by its name without the extension; `.mjs` is an ES module
/// without a `package.json` that says so.
fn out_name(handler: &RelPath, format: Format) -> RelPath {
    let shipped = shipped_name(handler);
    let renamed = match format {
        Format::Esm => shipped.as_str().strip_suffix(".js"),
        Format::Cjs => None,
    };
    renamed
        .and_then(|stem| RelPath::new(&format!("{stem}.mjs")))
        .unwrap_or(shipped)
}

fn entries(
    out: &RelPath,
    mut code: String,
    map: Option<Vec<u8>>,
    kind: SourceMap,
    source: &Path,
) -> Vec<(RelPath, Entry)> {
    let entry = |bytes: Vec<u8>, reason: Reason| Entry {
        content: coldcut_core::artifact::Content::Bytes(bytes.into()),
        reasons: vec![reason],
        package: None,
        source: Some(source.to_path_buf()),
    };
    let mut made = Vec::new();
    if let Some(map) = map {
        let beside = bundle::add_map(&mut code, &map, kind, out.name());
        if beside && let Some(at) = RelPath::new(&format!("{out}.map")) {
            made.push((at, entry(map, Reason::SourceMap)));
        }
    }
    made.push((out.clone(), entry(code.into_bytes(), Reason::Handler)));
    made
}

/// What each package adds to the bundle.
fn shares(
    context: &ProjectContext,
    graph: &ModuleGraph,
    traced: &Traced,
    kept: &[KeptModule],
) -> Vec<Share> {
    let mut out: BTreeMap<Arc<str>, Share> = BTreeMap::new();
    for module in kept {
        let package = context.packages.package_of(&module.path);
        if package.kind == PackageKind::Project {
            continue;
        }
        let label: Arc<str> = Arc::from(package.label());
        let share = out.entry(label.clone()).or_insert_with(|| Share {
            package: label,
            bytes: 0,
            modules: 0,
            why: String::new(),
        });
        share.bytes += module.bytes;
        share.modules += 1;
        if share.why.is_empty() {
            share.why = why(graph, traced, &module.path).unwrap_or_default();
        }
    }
    out.into_values().collect()
}

/// Every file of which something is in the bundle.
fn modules(context: &ProjectContext, kept: &[KeptModule]) -> Vec<Inside> {
    let mut out: Vec<Inside> = kept
        .iter()
        .map(|module| {
            let package = context.packages.package_of(&module.path);
            let own = package.kind == PackageKind::Project;
            Inside {
                path: module.path.clone(),
                package: (!own).then(|| Arc::from(package.label())),
                bytes: module.bytes,
                from: module.from.clone(),
            }
        })
        .collect();
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

/// What scanners know a package by, of each package that is in the bundle, where it would lie as
/// files: its name, version and licence, and nothing that Node would act on.
fn manifests(
    context: &ProjectContext,
    placement: &Placement,
    kept: &[KeptModule],
) -> Vec<(RelPath, Entry)> {
    let mut out: BTreeMap<RelPath, Entry> = BTreeMap::new();
    for module in kept {
        let package = context.packages.package_of(&module.path);
        if package.kind != PackageKind::Installed {
            continue;
        }
        let source = package.dir.join("package.json");
        let Some(at) = placement.file(&package, &source) else {
            continue;
        };
        if out.contains_key(&at) {
            continue;
        }
        let text = std::fs::read(&source).unwrap_or_default();
        let whole: Value = serde_json::from_slice(&text).unwrap_or_default();
        let mut manifest = serde_json::Map::new();
        manifest.insert("name".to_string(), package.name.as_str().into());
        if !package.version.is_empty() {
            manifest.insert("version".to_string(), package.version.as_str().into());
        }
        if let Some(licence) = licence(&whole) {
            manifest.insert("license".to_string(), licence.into());
        }
        let text = format!("{}\n", Value::Object(manifest));
        let entry = Entry {
            content: coldcut_core::artifact::Content::Bytes(text.into_bytes().into()),
            reasons: vec![Reason::Manifest],
            package: Some(Arc::from(package.label())),
            source: Some(source),
        };
        out.insert(at, entry);
    }
    out.into_iter().collect()
}

/// Who of another package asks for a module.
fn why(graph: &ModuleGraph, traced: &Traced, path: &Path) -> Option<String> {
    let id = graph.find(path)?;
    let package = &graph.get(id).package.dir;
    let asked = traced
        .modules
        .get(&id)?
        .iter()
        .find(|asked| graph.get(asked.by).package.dir != *package)?;
    let by = graph.get(asked.by).display_name();
    Some(
        Reason::Imported {
            by,
            line: asked.line,
        }
        .to_string(),
    )
}
