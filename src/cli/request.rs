//! From the command line and the environment to what the pipeline takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;

use crate::discover::DiscoveryRequest;
use crate::pipeline::CostAssumptions;
use crate::pipeline::{PackRequest, ReportExtras};
use crate::plan::Overrides;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::settings::value;
use coldcut_core::settings::value::{TextFile, UNREADABLE};
use coldcut_core::settings::{Pattern, Settings};

use crate::cli::args::{PackArgs, ProjectArgs};
use crate::cli::key_values::key_values;
use crate::cli::report_files::report_extras;

/// What `pack` asks of the pipeline.
pub fn pack(args: &PackArgs, matches: &ArgMatches) -> Result<PackRequest> {
    let mut request = project(&args.project, matches)?;
    let flags = &mut request.overrides.flags;
    flags.links = args.links;
    flags.compression = args.compression;
    flags.minify = args.no_minify.then_some(false);
    flags.sourcemap = args.sourcemap;
    flags.keep_names = args.keep_names.then_some(true);
    flags.manifests = args.manifests.then_some(true);
    flags.verify = args.no_verify.then_some(false);
    flags.env = key_values(&args.env, "--env")?;
    flags.event = args.event.as_ref().map(|file| {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        file.to_string_lossy().into_owned()
    });
    flags.rust_profile = args.rust_profile;
    flags.panic = args.panic;
    flags.rust_target.clone_from(&args.rust_target);
    flags.debug_file = args.debug_file.then_some(true);
    let layer = args.shared_layer.as_deref();
    flags.shared_layer = layer.map(|dir| absolute(dir).to_string_lossy().into_owned());
    if let Some(cache) = &args.cache {
        request.cache = absolute(cache);
    }
    request.compare_profiles = args.compare_profiles;
    request.what_if = args.what_if;
    request.check_reproducible = args.check_reproducible;
    request.verify_again = args.verify_again;
    request.measure_runs = args.measure.unwrap_or(0);
    request.cost_assumptions = CostAssumptions {
        region: args.region.clone(),
        memory_mb: args.memory,
        cold_starts_per_month: args.cold_starts_per_month,
    };
    request.budgets.clone_from(&args.budgets);
    request.baseline.clone_from(&args.baseline);
    request.extras = report_extras(&args.reports);
    request.sam = args.sam;
    request.unpack = args.unpack.as_deref().map(absolute);
    request.baseline_ref.clone_from(&args.baseline_ref);
    Ok(request)
}

/// What every command asks about the project.
pub fn project(args: &ProjectArgs, matches: &ArgMatches) -> Result<PackRequest> {
    let mut options = key_values(&args.options, "--opt")?;
    if let Some(stage) = &args.stage {
        options.insert("stage".to_string(), stage.clone());
    }
    let flags = Settings {
        strategy: args.strategy,
        platform: args.platform.clone(),
        runtime: args.runtime.clone(),
        arch: args.arch.clone(),
        external: args.external.clone(),
        sdk: args.sdk,
        rules_off: args.rules_off.clone(),
        keep_secrets: args.keep_secrets.clone(),
        define: key_values(&args.define, "--define")?,
        ..Settings::default()
    };
    Ok(PackRequest {
        dir: args.dir.clone(),
        ask: DiscoveryRequest {
            entries: args.entries.clone(),
            options,
            functions: args.functions.clone(),
            env: DiscoveryRequest::process_env(),
            service: args.service.as_deref().map(service).transpose()?,
        },
        overrides: Overrides {
            environment: Settings::default(),
            flags,
            patterns: patterns(args, matches),
        },
        cache: absolute(&args.out).join("cargo"),
        compare_profiles: false,
        what_if: false,
        out: absolute(&args.out),
        install: args.install,
        check_reproducible: false,
        verify_again: false,
        measure_runs: 0,
        cost_assumptions: CostAssumptions::default(),
        budgets: Vec::new(),
        baseline: None,
        baseline_ref: None,
        extras: ReportExtras::default(),
        unpack: None,
        sam: false,
        shard: args.shard,
    })
}

/// The text of `--service`.
fn service(file: &Path) -> Result<Arc<TextFile>> {
    if file == Path::new("-") {
        let path = PathBuf::from("(standard input)");
        let text = std::io::read_to_string(std::io::stdin())
            .map_err(|error| Diagnostic::io(UNREADABLE, "read", &path, &error))?;
        return Ok(Arc::new(TextFile {
            path,
            text: text.into(),
        }));
    }
    value::read(file)?.ok_or_else(|| {
        let message = format!("`--service {}` is not there", file.display());
        Box::new(
            Diagnostic::error(UNREADABLE, message).help(
                "name the file with the framework's configuration, or `-` for standard input",
            ),
        )
    })
}

/// `--include` and `--exclude` in the order they were written, since the last match wins.
fn patterns(args: &ProjectArgs, matches: &ArgMatches) -> Vec<Pattern> {
    let places = |id: &str| -> Vec<usize> {
        matches
            .indices_of(id)
            .map(Iterator::collect)
            .unwrap_or_default()
    };
    let make = |glob: &String, keep: bool, flag: &str| Pattern {
        glob: glob.clone(),
        keep,
        said: Location::file(PathBuf::new()),
        text: format!("{flag} {glob}"),
    };
    let mut out: Vec<(usize, Pattern)> = Vec::new();
    for (at, glob) in places("include").into_iter().zip(&args.include) {
        out.push((at, make(glob, true, "--include")));
    }
    for (at, glob) in places("exclude").into_iter().zip(&args.exclude) {
        out.push((at, make(glob, false, "--exclude")));
    }
    out.sort_by_key(|(at, _)| *at);
    out.into_iter().map(|(_, pattern)| pattern).collect()
}

/// Absolute, without resolving links in what does not exist yet.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    // The folders that exist are compared with real paths later on.
    let mut missing = Vec::new();
    let mut at = path.as_path();
    loop {
        if let Ok(real) = at.canonicalize() {
            let mut out = real;
            out.extend(missing.iter().rev());
            return out;
        }
        match (at.parent(), at.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name.to_os_string());
                at = parent;
            }
            _ => return path,
        }
    }
}
