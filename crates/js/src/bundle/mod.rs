//! From an entry to one file.
//!
//! In: an entry and [`Options`]. Out: [`Bundled`]: one program that does what Node does with the
//! entry and everything it imports, without the statements that nothing needs. The flow is one
//! way: load (read, parse, cut into parts) -> link -> shake -> emit -> finish.

pub mod analyse;
mod codes;
mod generate;
mod link;
mod linked_graph;
mod live_modules;
mod load;
pub mod metafile;
mod module;
mod options;
mod outcome;
mod part;
mod runtime_requirements;
mod shake;
mod why;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::bundle::link::Linked;
use crate::bundle::link::bindings::{Bindings, MissingExport};
use crate::bundle::linked_graph::{LinkedGraph, load_and_link};
use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::syntax::Sources;
use crate::syntax::emit::EmitOptions;
use coldcut_core::diagnostics::{Diagnostic, Severity};
use coldcut_core::settings::SourceMap;

pub use crate::bundle::codes::{NO_EXPORT, TOP_LEVEL_AWAIT, UNBUNDLABLE};
pub use crate::bundle::load::cherry_pick::CherryPicks;
pub use crate::bundle::load::file_loaders::Loaders;
pub use crate::bundle::load::is_builtin;
pub use crate::bundle::options::{Format, Options, OriginalLocation, shown};
pub use crate::bundle::outcome::{Bundled, KeptModule};
pub use crate::bundle::why::{Explained, explain};

/// Tells `code` where its map is; says whether the map is to lie beside it, under the name of the
/// bundle with `.map` added.
pub fn add_map(code: &mut String, map: &[u8], kind: SourceMap, name: &str) -> bool {
    use base64::Engine;
    if kind == SourceMap::None {
        return false;
    }
    if !code.ends_with('\n') {
        code.push('\n');
    }
    let beside = kind == SourceMap::External;
    let target = if beside {
        format!("{name}.map")
    } else {
        let text = base64::engine::general_purpose::STANDARD.encode(map);
        format!("data:application/json;base64,{text}")
    };
    code.push_str(&format!("//# sourceMappingURL={target}\n"));
    beside
}

/// Bundles one entry; `folder` is where the output will lie.
pub fn bundle(
    entry: &Path,
    options: &Options<'_>,
    folder: &Path,
) -> Result<Bundled, Vec<Diagnostic>> {
    let _bundle = tracing::info_span!("bundle").entered();
    let LinkedGraph {
        session,
        sources,
        modules,
        linked,
        start,
    } = load_and_link(entry, options)?;
    check_await(&modules, &linked, options)?;
    let span = tracing::info_span!("shake").entered();
    let live = shake::shake(
        &modules,
        &linked,
        start,
        options,
        shake::Shaking::Everything,
    );
    drop(span);
    check_strict(&modules, &live, options)?;
    let span = tracing::info_span!("plan").entered();
    let bindings = Bindings::new(&modules, &linked, options.format, &options.host);
    let live_modules = live_modules::live_modules(&modules, &linked, &live, start, options);
    let unresolved = session.unresolved();
    let plan = link::plan::plan(&bindings, &live, start, &live_modules, unresolved);
    drop(span);
    let mut warnings = modules.warnings.clone();
    check_names(&modules, &plan.needs.missing, &mut warnings)?;
    let span = tracing::info_span!("generate", modules = live_modules.len()).entered();
    let emitted = session.enter(|| {
        generate::generate(
            &session,
            &sources,
            &bindings,
            &live,
            &plan,
            live_modules,
            options,
        )
    });
    drop(span);
    let mut kept = kept_modules(
        &modules,
        &sources,
        &live,
        start,
        &emitted.kept,
        options.count,
    );
    let legal = options
        .minify
        .then(|| legal_comments(&modules, &emitted.kept))
        .flatten();
    let exports = exported_names(&modules, start, &plan, options.format);
    let mut inputs = if options.count {
        metafile::inputs(&modules)
    } else {
        Vec::new()
    };
    let mut notes: Vec<_> = emitted
        .kept
        .iter()
        .map(|id| modules.get(*id).notes.clone())
        .collect();
    notes.push(crate::syntax::Notes::labels(emitted.labels));
    let fill = || -> Vec<(String, String)> {
        let packed = emitted.packed.iter();
        packed
            .map(|one| (one.marker.clone(), one.pack(options.thorough)))
            .collect()
    };
    let how = emit_options(options);
    let printed = session
        .finish(&sources, emitted.program, notes, how, folder, &fill)
        .map_err(|error| vec![*error])?;
    warnings.extend(printed.warnings);
    // Many small pieces: taking them apart needs as long as a pass of the minifier, and a process
    // that is about to end need not wait for it.
    rayon::spawn(move || drop((modules, linked, live)));
    let count = |path: &Path| printed.counts.get(path).copied().unwrap_or(0);
    for kept in &mut kept {
        kept.bytes = count(&kept.path);
    }
    for input in &mut inputs {
        input.bytes_in_output = count(&input.path);
    }
    Ok(Bundled {
        code: printed.code,
        map: printed.map,
        kept,
        legal,
        class_names: printed.class_names,
        builtins: emitted.builtins,
        inputs,
        exports,
        warnings,
    })
}

/// How the text of a bundle is to be.
fn emit_options(options: &Options<'_>) -> EmitOptions {
    EmitOptions {
        minify: options.minify,
        class_names: true,
        function_names: options.keep_names,
        module: options.format == Format::Esm,
        map: options.map,
        count: options.count,
        target: options.target,
    }
}

/// The modules of which something stayed; who asks for each is looked up where bytes are counted.
fn kept_modules(
    modules: &Modules,
    sources: &Sources,
    live: &shake::Live,
    start: ModuleId,
    kept: &[ModuleId],
    count: bool,
) -> Vec<KeptModule> {
    let came = if count {
        why::came_from(modules, live, start, &mut |_| false)
    } else {
        BTreeMap::new()
    };
    let stays: FxHashSet<ModuleId> = kept.iter().copied().collect();
    let from = |id: &ModuleId| -> Option<(PathBuf, u32)> {
        let (mut by, mut record) = came.get(id).copied()?;
        // Files that only pass names on are not in the text: what leads to them counts.
        while !stays.contains(&by) {
            (by, record) = came.get(&by).copied()?;
        }
        let line = why::line_of(modules, sources, by, record);
        Some((modules.get(by).path.clone(), line as u32))
    };
    kept.iter()
        .map(|id| (id, modules.get(*id)))
        .filter(|(_, module)| module.kind != Kind::External)
        .map(|(id, module)| KeptModule {
            path: module.path.clone(),
            name: module.name.clone(),
            bytes: 0,
            external_references: module.external_references.clone(),
            from: from(id),
        })
        .collect()
}

/// The licence notices of the modules in the bundle.
fn legal_comments(modules: &Modules, kept: &[ModuleId]) -> Option<String> {
    let kept = kept.iter().map(|id| modules.get(*id));
    generate::legal_comments::gather(kept.map(|module| (module.name.as_str(), &module.notes)))
}

/// The names that an ES module of the bundle exports.
fn exported_names(
    modules: &Modules,
    start: ModuleId,
    plan: &link::plan::Plan,
    format: Format,
) -> Vec<String> {
    match (format, modules.get(start).kind) {
        (Format::Esm, Kind::Esm) => {
            let exports = plan.entry_exports.iter();
            exports.map(|export| export.name.to_string()).collect()
        }
        (Format::Esm, _) => vec!["default".to_string()],
        (Format::Cjs, _) => Vec::new(),
    }
}

/// Only text that is run can be sloppy in an ES module, and some hosts run none.
fn check_strict(
    modules: &Modules,
    live: &shake::Live,
    options: &Options<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if options.host.is_node() {
        return Ok(());
    }
    let unstrict = |id: &ModuleId| {
        let analysis = &modules.get(*id).analysis;
        live.runs(*id) && analysis.source.free_names.unstrict && !analysis.source.strict
    };
    let errors: Vec<Diagnostic> = modules
        .ids()
        .filter(unstrict)
        .map(|id| {
            let module = modules.get(id);
            Diagnostic::error(
                UNBUNDLABLE,
                format!(
                    "`{}` uses what ES modules do not allow (`with`, `delete` of a variable, a number like `017`, a variable called `static`), and the platform runs only ES modules",
                    module.name
                ),
            )
            .at_file(&module.path)
            .help("use another package for it, or leave it out with `--external` if it is never loaded there")
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn check_await(
    modules: &Modules,
    linked: &Linked,
    options: &Options<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if options.format == Format::Esm {
        return Ok(());
    }
    let async_modules = |id: &ModuleId| {
        modules.get(*id).analysis.source.top_level_await || linked.async_modules.contains(id)
    };
    if !linked.order.iter().any(async_modules) {
        return Ok(());
    }
    let waiting = linked
        .order
        .iter()
        .chain(&linked.async_modules)
        .map(|id| modules.get(*id))
        .filter(|module| module.analysis.source.top_level_await)
        .min_by_key(|module| &module.path);
    let Some(module) = waiting else {
        return Ok(());
    };
    Err(vec![
        Diagnostic::error(
            TOP_LEVEL_AWAIT,
            format!(
                "`{}` has a top-level `await`, which CommonJS output cannot have",
                module.name
            ),
        )
        .at_file(&module.path)
        .help("use `--format esm`, and a `.mjs` name for the output"),
    ])
}

/// An import of a name that is not exported is an error in ES modules, as it is for Node; in
/// TypeScript it may have been a type.
fn check_names(
    modules: &Modules,
    missing: &[MissingExport],
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (from, name, to) in missing {
        if !seen.insert((*from, name.to_string(), *to)) {
            continue;
        }
        let (from, to) = (modules.get(*from), modules.get(*to));
        let typed = from
            .path
            .extension()
            .is_some_and(|ext| matches!(ext.to_str(), Some("ts" | "tsx" | "mts" | "cts")));
        let mut diagnostic =
            Diagnostic::error(NO_EXPORT, format!("`{}` does not export `{name}`", to.name))
                .at_file(&from.path)
                .help("correct the name, or export it there");
        if typed {
            diagnostic.severity = Severity::Warning;
            warnings.push(diagnostic);
        } else {
            errors.push(diagnostic);
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}
