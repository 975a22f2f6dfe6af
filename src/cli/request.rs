//! From the command line and the environment to what the pipeline takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;

use crate::discover::DiscoveryRequest;
use crate::pipeline::{
    CostAssumptions, OutputRequest, PackRequest, ReportRequest, RustRequest, VerificationRequest,
};
use crate::plan::Overrides;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::settings::value;
use coldcut_core::settings::value::{TextFile, UNREADABLE};
use coldcut_core::settings::{
    ArtifactSettings, BundleSettings, FileSettings, PackageSettings, Pattern, RustSettings,
    Settings, TargetSettings, VerifySettings,
};

use crate::cli::args::{
    FileArgs, FunctionArgs, LoadArgs, PackArgs, PackBundleArgs, PackVerifyArgs, ProjectArgs,
    ReportArgs, RustArgs,
};
use crate::cli::key_values::key_values;
use crate::cli::report_files::report_extras;

/// What `pack` asks of the pipeline.
pub fn pack(args: &PackArgs, matches: &ArgMatches) -> Result<PackRequest> {
    let mut request = project(&args.project, matches)?;
    let flags = &mut request.overrides.flags;
    flags.artifact.links = args.zip.links;
    flags.artifact.compression = args.zip.compression;
    flags.bundle = bundle(&args.bundle, std::mem::take(&mut flags.bundle));
    flags.verify = verify(&args.verify)?;
    flags.rust = rust(&args.rust);
    if let Some(cache) = &args.rust.cache {
        request.cache = absolute(cache);
    }
    request.rust = RustRequest {
        compare_profiles: args.rust.compare_profiles,
        what_if: args.rust.what_if,
    };
    request.verify = VerificationRequest {
        check_reproducible: args.verify.check_reproducible,
        verify_again: args.verify.verify_again,
        measure_runs: args.verify.load.measure.unwrap_or(0),
    };
    request.report = report(&args.report, &args.verify.load);
    request.outputs = OutputRequest {
        unpack: args.outputs.unpack.as_deref().map(absolute),
        sam: args.outputs.sam,
    };
    Ok(request)
}

/// `before` has what the flags of every command say.
fn bundle(args: &PackBundleArgs, before: BundleSettings) -> BundleSettings {
    BundleSettings {
        minify: args.no_minify.then_some(false),
        sourcemap: args.sourcemap,
        keep_names: args.keep_names.then_some(true),
        manifests: args.manifests.then_some(true),
        ..before
    }
}

fn verify(args: &PackVerifyArgs) -> Result<VerifySettings> {
    let event = args.event.as_ref().map(|file| {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        file.to_string_lossy().into_owned()
    });
    Ok(VerifySettings {
        enabled: args.no_verify.then_some(false),
        env: key_values(&args.env, "--env")?,
        event,
    })
}

fn rust(args: &RustArgs) -> RustSettings {
    let layer = args.shared_layer.as_deref();
    RustSettings {
        profile: args.rust_profile,
        panic: args.panic,
        target: args.rust_target.clone(),
        debug_file: args.debug_file.then_some(true),
        shared_layer: layer.map(|dir| absolute(dir).to_string_lossy().into_owned()),
    }
}

fn report(args: &ReportArgs, load: &LoadArgs) -> ReportRequest {
    ReportRequest {
        cost_assumptions: CostAssumptions {
            region: load.region.clone(),
            memory_mb: load.memory,
            cold_starts_per_month: load.cold_starts_per_month,
        },
        budgets: args.budgets.clone(),
        baseline: args.baseline.clone(),
        baseline_ref: args.baseline_ref.clone(),
        extras: report_extras(&args.reports),
    }
}

/// What every command asks about the project.
pub fn project(args: &ProjectArgs, matches: &ArgMatches) -> Result<PackRequest> {
    let discovery = discovery(&args.functions)?;
    Ok(PackRequest {
        dir: args.functions.dir.clone(),
        discovery,
        overrides: Overrides {
            environment: Settings::default(),
            flags: flags(args)?,
            patterns: patterns(&args.files, matches),
        },
        shard: args.functions.shard,
        install: args.install,
        out: absolute(&args.out),
        cache: absolute(&args.out).join("cargo"),
        rust: RustRequest::default(),
        verify: VerificationRequest::default(),
        report: ReportRequest::default(),
        outputs: OutputRequest::default(),
    })
}

/// The settings that flags of every command stand for.
fn flags(args: &ProjectArgs) -> Result<Settings> {
    Ok(Settings {
        target: TargetSettings {
            platform: args.target.platform.clone(),
            runtime: args.target.runtime.clone(),
            arch: args.target.arch.clone(),
        },
        artifact: ArtifactSettings {
            strategy: args.strategy,
            ..ArtifactSettings::default()
        },
        packages: PackageSettings {
            external: args.packages.external.clone(),
            sdk: args.packages.sdk,
        },
        // `--include` and `--exclude` are patterns, whose order counts.
        files: FileSettings {
            rules_off: args.files.rules_off.clone(),
            keep_secrets: args.files.keep_secrets.clone(),
            ..FileSettings::default()
        },
        bundle: BundleSettings {
            define: key_values(&args.define, "--define")?,
            ..BundleSettings::default()
        },
        ..Settings::default()
    })
}

/// Which functions are wanted, and where they are looked for.
fn discovery(args: &FunctionArgs) -> Result<DiscoveryRequest> {
    let mut options = key_values(&args.options, "--opt")?;
    if let Some(stage) = &args.stage {
        options.insert("stage".to_string(), stage.clone());
    }
    Ok(DiscoveryRequest {
        entries: args.entries.clone(),
        options,
        functions: args.functions.clone(),
        env: DiscoveryRequest::process_env(),
        service: args.service.as_deref().map(service).transpose()?,
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
        let message = format!("`--service {}` does not exist", file.display());
        Box::new(
            Diagnostic::error(UNREADABLE, message).help(
                "name the file with the framework's configuration, or `-` for standard input",
            ),
        )
    })
}

/// `--include` and `--exclude` in the order they were written, since the last match wins.
fn patterns(args: &FileArgs, matches: &ArgMatches) -> Vec<Pattern> {
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
