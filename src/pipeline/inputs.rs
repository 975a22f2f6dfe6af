//! `coldcut inputs`: what each artifact is made of, without making it.
//!
//! In: a request. Out: an [`InputList`]. Code is followed just as `pack` follows it, and nothing is
//! run. A function that `pack` ships whole because nothing smaller verified is not known here: its
//! settings have to say `prune`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::plan::Plan;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest::{Parts, hex};
use coldcut_core::disk::seen_from;
use coldcut_core::functions::{Binary, FunctionKind};
use coldcut_core::settings::Strategy;
use coldcut_js::build::{BuildMode, ProjectContext};
use coldcut_js::packages::package;
use coldcut_report::inputs::{FunctionInputs, InputFile, InputKind, InputList, InputsSchema};

use crate::pipeline::artifact_file::zip_path;
use crate::pipeline::build_settings;
use crate::pipeline::build_settings::{BuildSettings, handler};
use crate::pipeline::pack_functions::groups;
use crate::pipeline::prepare::{PreparedProject, prepare_project};
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::threads::in_thread_pool;

/// Files that would count in a project's folder, were they there.
const SETTINGS_FILES: [&str; 2] = ["coldcut.toml", coldcut_core::ignore_rules::FILE];

/// What one function is made of; paths are absolute.
#[derive(Default)]
struct FunctionSources {
    files: BTreeSet<PathBuf>,
    absent: BTreeSet<PathBuf>,
    globs: BTreeSet<String>,
    environment: BTreeSet<String>,
    whole: Option<String>,
}

/// Lists the inputs of every function; `environment` names coldcut's own variables.
pub fn inputs(
    request: &PackRequest,
    environment: &[String],
    progress: ProgressCallback<'_>,
) -> std::result::Result<InputList, Vec<Diagnostic>> {
    in_thread_pool(|| {
        let prepared = prepare_project(request, progress)?;
        let sources = sources(&prepared, request, progress)?;
        Ok(input_list(&prepared, request, environment, sources))
    })
}

fn sources(
    prepared: &PreparedProject,
    request: &PackRequest,
    progress: ProgressCallback<'_>,
) -> std::result::Result<BTreeMap<String, FunctionSources>, Vec<Diagnostic>> {
    let mut out = BTreeMap::new();
    let node = |plan: &&Plan| matches!(plan.function.kind, FunctionKind::Node(_));
    let plans: Vec<&Plan> = prepared.plans.iter().filter(node).collect();
    let mut errors = Vec::new();
    for group in groups(&plans) {
        progress("reading the project");
        let Some(context) = build_settings::open(&group, request) else {
            continue;
        };
        for plan in group {
            match node_sources(&context, plan) {
                Ok(sources) => {
                    out.insert(plan.function.name.clone(), sources);
                }
                Err(more) => errors.extend(more),
            }
        }
    }
    for plan in &prepared.plans {
        if let FunctionKind::Rust(binary) = &plan.function.kind {
            match rust_sources(plan, binary, request) {
                Ok(sources) => {
                    out.insert(plan.function.name.clone(), sources);
                }
                Err(error) => errors.push(*error),
            }
        }
    }
    if errors.is_empty() {
        Ok(out)
    } else {
        Err(errors)
    }
}

fn node_sources(
    context: &ProjectContext,
    plan: &Plan,
) -> std::result::Result<FunctionSources, Vec<Diagnostic>> {
    let one = |error: Box<Diagnostic>| vec![*error];
    let Some(handler) = handler(plan) else {
        return Ok(FunctionSources::default());
    };
    let settings = BuildSettings::new(context, plan).map_err(one)?;
    let (decide, external) = (settings.decide(), settings.external());
    let mode = match plan.strategy.value {
        Strategy::Prune => BuildMode::Prune,
        _ => BuildMode::Trace,
    };
    let build_request = settings.build_request(&handler.file, mode, &decide, &external);
    let found = context.inputs(&build_request, plan.strategy.value == Strategy::Auto)?;
    let runtime = plan.platform.runtime(&plan.runtime.value).map_err(one)?;
    let mut sources = FunctionSources {
        files: found.files,
        absent: found.absent,
        globs: found.globs,
        environment: BTreeSet::new(),
        whole: found.whole,
    };
    let mut packages = sources
        .files
        .iter()
        .filter_map(|path| package::installed(path));
    let sdk = packages.any(|(_, name)| runtime.covers(&name))
        || found.external.iter().any(|name| runtime.covers(name));
    if sdk {
        sources.files.extend(context.production_manifests());
    }
    Ok(sources)
}

fn rust_sources(plan: &Plan, binary: &Binary, request: &PackRequest) -> Result<FunctionSources> {
    let triple = match plan.arch.value.as_str() {
        "arm64" => "aarch64-unknown-linux-gnu",
        _ => "x86_64-unknown-linux-gnu",
    };
    let triple = plan.rust.target.as_deref().unwrap_or(triple);
    let (mut files, absent) = coldcut_rust::inputs::inputs(binary, triple)?;
    let assets = crate::pipeline::pack_rust::assets(plan, request)?;
    files.extend(assets.into_iter().map(|(_, path, _)| path));
    if let Some(layer) = &plan.rust.shared_layer {
        let all = walkdir::WalkDir::new(layer)
            .into_iter()
            .filter_map(std::result::Result::ok);
        let all = all.filter(|entry| entry.file_type().is_file());
        files.extend(all.map(walkdir::DirEntry::into_path));
    }
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let starts = coldcut_rust::inputs::ENVIRONMENT_STARTS;
    let named = set.filter(|name| starts.iter().any(|start| name.starts_with(start)));
    let fixed = coldcut_rust::inputs::ENVIRONMENT
        .iter()
        .map(|name| (*name).to_string());
    Ok(FunctionSources {
        files,
        absent,
        environment: named.chain(fixed).collect(),
        ..FunctionSources::default()
    })
}

/// The document: everything by its place, with its digest.
fn input_list(
    prepared: &PreparedProject,
    request: &PackRequest,
    environment: &[String],
    mut sources: BTreeMap<String, FunctionSources>,
) -> InputList {
    let project = &prepared.project;
    let mut settings: BTreeSet<PathBuf> = project.config_files.iter().cloned().collect();
    let mut absent: BTreeSet<PathBuf> = BTreeSet::new();
    for name in SETTINGS_FILES {
        let path = project.root.join(name);
        let _ = match path.is_file() {
            true => settings.insert(path),
            false => absent.insert(path),
        };
    }
    settings.retain(|path| path.is_file());
    for plan in &prepared.plans {
        if let Some(sources) = sources.get_mut(&plan.function.name) {
            sources.files.extend(settings.iter().cloned());
            sources.files.extend(plan.verify.event.iter().cloned());
            sources.absent.extend(absent.iter().cloned());
            sources.globs.extend(included_globs(plan));
            sources
                .environment
                .extend(project.environment.iter().cloned());
            sources.environment.extend(environment.iter().cloned());
        }
    }
    let all: BTreeSet<&PathBuf> = sources
        .values()
        .flat_map(|sources| &sources.files)
        .collect();
    let digests: BTreeMap<&PathBuf, String> = all
        .into_par_iter()
        .map(|path| {
            // A file that cannot be read is told by `pack`; it is not the one it was.
            let bytes = std::fs::read(path).unwrap_or_default();
            (path, hex(&Sha256::digest(&bytes)))
        })
        .collect();
    let functions = prepared.plans.iter().filter_map(|plan| {
        let name = &plan.function.name;
        let sources = sources.get(name)?;
        Some(function(
            project.root.as_path(),
            plan,
            sources,
            &settings,
            &digests,
            request,
        ))
    });
    InputList {
        schema: InputsSchema::default(),
        coldcut: env!("CARGO_PKG_VERSION").to_string(),
        project: project.name.clone(),
        functions: functions.collect(),
    }
}

fn function(
    root: &Path,
    plan: &Plan,
    sources: &FunctionSources,
    settings: &BTreeSet<PathBuf>,
    digests: &BTreeMap<&PathBuf, String>,
    request: &PackRequest,
) -> FunctionInputs {
    let shown = |path: &Path| seen_from(root, path);
    let mut files: Vec<InputFile> = sources
        .files
        .iter()
        .map(|path| InputFile {
            path: shown(path),
            kind: match path {
                _ if settings.contains(path) => InputKind::Settings,
                _ if package::installed(path).is_some() || is_archive(path) => InputKind::Package,
                _ => InputKind::Own,
            },
            sha256: digests.get(path).cloned().unwrap_or_default(),
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let globs: BTreeSet<String> = sources
        .globs
        .iter()
        .map(|glob| shown(Path::new(glob)))
        .collect();
    let absent: BTreeSet<String> = sources.absent.iter().map(|path| shown(path)).collect();
    let zip = zip_path(request, &plan.function.name);
    let mut out = FunctionInputs {
        name: plan.function.name.clone(),
        digest: String::new(),
        files,
        globs: globs.into_iter().collect(),
        absent: absent.into_iter().collect(),
        environment: sources.environment.iter().cloned().collect(),
        outputs: vec![shown(&zip)],
        whole_folder: sources.whole.clone(),
    };
    out.digest = digest(&out, plan, request);
    out
}

/// A package that is read from its zip.
fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == "zip")
}

/// Patterns by which files ship that no code names.
fn included_globs(plan: &Plan) -> impl Iterator<Item = String> {
    let kept = plan.files.patterns.iter().filter(|pattern| pattern.keep);
    kept.map(|pattern| {
        let below = plan.root().join(pattern.glob.trim_start_matches("./"));
        below.to_string_lossy().into_owned()
    })
}

fn digest(inputs: &FunctionInputs, plan: &Plan, request: &PackRequest) -> String {
    let mut parts = Parts::default();
    parts.add(env!("CARGO_PKG_VERSION"));
    for file in &inputs.files {
        parts.add(&file.path).add(&file.sha256);
    }
    for texts in [&inputs.globs, &inputs.absent] {
        parts.number(texts.len() as u64);
        for one in texts {
            parts.add(one);
        }
    }
    for name in &inputs.environment {
        parts.add(name);
        match std::env::var(name) {
            Ok(value) => parts.number(1).add(value),
            Err(_) => parts.number(0),
        };
    }
    // What the command line says is in no file.
    parts.add(request.overrides.flags.flat_text());
    for pattern in &request.overrides.patterns {
        parts.add(&pattern.glob).number(u64::from(pattern.keep));
    }
    for (key, value) in &request.discovery.options {
        parts.add(key).add(value);
    }
    parts.add(&plan.runtime.value).add(&plan.arch.value);
    parts.text()
}
