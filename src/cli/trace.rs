//! `coldcut trace`: entries in, the files that they need out, each with why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::args::TraceArgs;
use crate::cli::bundle::externals;
use crate::cli::codes::BAD_FLAG_VALUE;
use crate::cli::diagnose;
use crate::cli::exit::{DONE, FAILED, WRONG};
use crate::cli::output::print;
use crate::cli::threads::deep_pool;
use crate::plan::DEFAULT_PLATFORM;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::platform::Platform;
use coldcut_core::settings;
use coldcut_js::packages::platform_fields::Target;
use coldcut_js::packages::pnp;
use coldcut_js::trace::file_set;
use coldcut_js::trace::file_set::{FileSet, shown};

/// What `--json` prints; every path is relative to the base.
#[derive(Serialize)]
struct Document {
    /// Everything to carry, links included.
    files: Vec<String>,
    /// Why each file is there.
    reasons: BTreeMap<String, Vec<String>>,
    /// Links by which Node finds packages, with the folder that each leads to.
    links: BTreeMap<String, String>,
    external: BTreeMap<String, String>,
    /// Where the files are that do not lie below the base: Plug'n'Play's, unpacked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sources: BTreeMap<String, PathBuf>,
    warnings: Vec<String>,
}

pub fn run(args: &TraceArgs) -> i32 {
    let (base, entries) = match places(args) {
        Ok(places) => places,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let Some(pool) = deep_pool() else {
        return FAILED;
    };
    let left_out = externals(&args.external);
    let external = |name: &str| left_out(name).then(|| "--external".to_string());
    let cwd = std::env::current_dir().and_then(|dir| dir.canonicalize());
    let cwd = cwd.unwrap_or_else(|_| base.clone());
    let runs = match runs(args) {
        Ok(runs) => runs,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let rules = match settings::file::read(&base) {
        Ok(found) => found
            .file
            .map_or_else(Vec::new, |file| file.settings.files.rules),
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let request = file_set::FileSetRequest {
        entries: &entries,
        base: &base,
        cwd: &cwd,
        runs: &runs,
        rules: &rules,
        external: &external,
        imports_only: args.imports_only,
    };
    match pool.install(|| file_set::file_set(&request)) {
        Ok(mut found) => {
            let mut looked = Default::default();
            for entry in &args.entries {
                let links = file_set::links_on(&cwd.join(entry), &base, &mut looked);
                found.links.extend(links);
            }
            let document = document(&found, &base);
            if args.json {
                let text = serde_json::to_string_pretty(&document);
                // Strings and maps of them always serialise.
                print(&format!("{}\n", text.unwrap_or_default()));
            } else {
                print(&listing(&document));
                diagnose::print(&found.warnings);
            }
            DONE
        }
        Err(errors) => {
            diagnose::print(&errors);
            FAILED
        }
    }
}

/// What the entries run on.
fn runs(args: &TraceArgs) -> coldcut_core::diagnostics::Result<Target> {
    let arch = args.arch.as_deref().unwrap_or(std::env::consts::ARCH);
    let Some(name) = &args.runtime else {
        return Ok(Target::new(arch, None, None));
    };
    let runtime = Platform::load(DEFAULT_PLATFORM)?.runtime(name)?;
    Ok(Target::new(arch, runtime.glibc.as_deref(), Some(name)))
}

/// The base and the entries, as real paths.
fn places(args: &TraceArgs) -> coldcut_core::diagnostics::Result<(PathBuf, Vec<PathBuf>)> {
    let real = |path: &std::path::Path| {
        path.canonicalize().map_err(|error| {
            Box::new(
                Diagnostic::io(coldcut_js::graph::UNREADABLE, "read", path, &error)
                    .help("name a file that exists"),
            )
        })
    };
    let base = match &args.base {
        Some(base) => real(base)?,
        None => real(std::path::Path::new("."))?,
    };
    let entries = args.entries.iter().map(|entry| real(entry));
    let entries = entries.collect::<coldcut_core::diagnostics::Result<Vec<_>>>()?;
    if let Some(out) = entries.iter().find(|entry| !entry.starts_with(&base)) {
        let what = format!("`{}` lies outside of `{}`", out.display(), base.display());
        let error = Diagnostic::error(BAD_FLAG_VALUE, what).help(
            "name a folder with `--base` that contains the entries and the packages they use",
        );
        return Err(Box::new(error));
    }
    Ok((base, entries))
}

fn document(found: &FileSet, base: &std::path::Path) -> Document {
    let name = |path: &PathBuf| shown(path, base);
    let reasons: BTreeMap<String, Vec<String>> = found
        .files
        .iter()
        .map(|(path, why)| (name(path), why.iter().map(ToString::to_string).collect()))
        .collect();
    Document {
        files: reasons
            .keys()
            .cloned()
            .chain(found.links.keys().map(&name))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        reasons,
        links: found
            .links
            .iter()
            .map(|(from, to)| (name(from), name(to)))
            .collect(),
        external: found.external.clone(),
        sources: found
            .files
            .keys()
            .filter(|path| pnp::in_store(path).is_some() && !path.starts_with(base))
            .map(|path| (name(path), path.clone()))
            .collect(),
        warnings: found.warnings.iter().map(one_line).collect(),
    }
}

fn one_line(warning: &Diagnostic) -> String {
    let place = warning.at.as_ref().map(|at| {
        let line = at.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}: ", pnp::shown_path(&at.path).display())
    });
    format!("{}{}", place.unwrap_or_default(), warning.message)
}

/// A file to a line, with the first of its reasons.
fn listing(document: &Document) -> String {
    let mut out = String::new();
    for (file, reasons) in &document.reasons {
        let why = reasons.first().map_or("", String::as_str);
        let more = match reasons.len() {
            0 | 1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        out.push_str(&format!("{file}  ({why}{more})\n"));
    }
    for (from, to) in &document.links {
        out.push_str(&format!("{from} -> {to}\n"));
    }
    out
}
