//! `coldcut bundle`: entries in, one file each out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::BundleArgs;
use crate::cli::codes::{BAD_FLAG_VALUE, BUNDLE_UNWRITABLE};
use crate::cli::diagnose;
use crate::cli::exit::{DONE, FAILED, WRONG};
use crate::cli::threads::deep_pool;
use crate::pack::folder;
use coldcut_core::artifact::{Entry, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::place;
use coldcut_core::secrets;
use coldcut_core::settings;
use coldcut_core::settings::SourceMap;
use coldcut_js::bundle;
use coldcut_js::bundle::metafile;
use coldcut_js::bundle::metafile::MetafileOutput;
use coldcut_js::bundle::{Bundled, Format, Loaders, Options};
use coldcut_js::host::Host;
use coldcut_js::packages::platform_fields::Target;
use coldcut_js::packages::pnp::Pnp;
use coldcut_js::scan::Defines;
use coldcut_js::sidecar::{SidecarRequest, bundle_with_sidecar};

pub fn run(args: &BundleArgs) -> i32 {
    let defines = match defines(&args.define) {
        Ok(defines) => defines,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let loaders = match Loaders::parse(&args.loaders) {
        Ok(loaders) => loaders,
        Err(why) => {
            let error = Diagnostic::error(BAD_FLAG_VALUE, format!("`--loader`: {why}"))
                .help("write it as `--loader .sql=text`");
            diagnose::print(&[error]);
            return WRONG;
        }
    };
    if args.output.outfile.is_some() && args.entries.len() > 1 {
        let error = Diagnostic::error(BAD_FLAG_VALUE, "`--outfile` takes only one entry")
            .help("for several entries, name a folder with `--outdir`");
        diagnose::print(&[error]);
        return WRONG;
    }
    let Some(pool) = deep_pool() else {
        return FAILED;
    };
    let mut status = DONE;
    let mut written: Vec<Written> = Vec::new();
    for entry in &args.entries {
        let done = pool.install(|| one(args, entry, &defines, &loaders, &written));
        match done {
            Ok(one) => {
                diagnose::print(&one.bundled.warnings);
                if let Some(line) = one.beside() {
                    eprintln!("{line}");
                }
                written.push(one);
            }
            Err(errors) => {
                diagnose::print(&errors);
                status = FAILED;
            }
        }
    }
    if status == DONE
        && let Some(path) = &args.metafile
        && let Err(error) = write_metafile(path, &written)
    {
        diagnose::print(&[*error]);
        status = FAILED;
    }
    status
}

fn defines(given: &[String]) -> Result<Defines> {
    given
        .iter()
        .map(|one| match one.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_string(), value.to_string())),
            _ => Err(Box::new(
                Diagnostic::error(BAD_FLAG_VALUE, format!("`--define {one}` has no `=`"))
                    .help("write it as `--define process.env.NODE_ENV=production`"),
            )),
        })
        .collect()
}

/// Whether a specifier is one of those left out: by name, by package, or by pattern.
pub fn externals(given: &[String]) -> impl Fn(&str) -> bool + Send + Sync + use<> {
    let given: Vec<String> = given.to_vec();
    move |specifier| {
        given.iter().any(|name| match name.split_once('*') {
            Some((before, after)) => {
                specifier.len() >= before.len() + after.len()
                    && specifier.starts_with(before)
                    && specifier.ends_with(after)
            }
            None => {
                let bare = !name.starts_with('.') && !name.starts_with('/');
                specifier == name
                    || (bare
                        && specifier
                            .strip_prefix(name.as_str())
                            .is_some_and(|rest| rest.starts_with('/')))
            }
        })
    }
}

fn one(
    args: &BundleArgs,
    entry: &Path,
    defines: &Defines,
    loaders: &Loaders,
    before: &[Written],
) -> std::result::Result<Written, Vec<Diagnostic>> {
    let shown = entry.display();
    let _entry = tracing::info_span!("entry", %shown, entries = 1).entered();
    let real = real_file(entry)?;
    let format = args.output.format.unwrap_or_else(|| guess(args, &real));
    let target = target(args, &real, format);
    let into = real_folder(&target);
    let cwd = std::env::current_dir()
        .and_then(|dir| dir.canonicalize())
        .ok();
    let base = cwd
        .clone()
        .filter(|dir| real.starts_with(dir))
        .or_else(|| real.parent().map(Path::to_path_buf))
        .unwrap_or_default();
    let external = externals(&args.external);
    let rules = if args.no_assets {
        Vec::new()
    } else {
        let read = settings::file::read(&base).map_err(|error| vec![*error])?;
        let file = read.file;
        file.map(|file| file.settings.files.rules)
            .unwrap_or_default()
    };
    let pnp = Pnp::for_folder(&real).map_err(|error| vec![*error])?;
    let options = Options {
        base,
        pnp: pnp.clone(),
        format,
        minify: args.text.minify,
        shake: !args.text.no_shake,
        map: args.text.sourcemap != SourceMap::None,
        keep_names: args.text.keep_names,
        defines: defines.clone(),
        external: &external,
        unbundled: &|_| false,
        cherry_picks: bundle::CherryPicks::known(),
        original_location: None,
        count: args.metafile.is_some(),
        thorough: args.text.thorough,
        target: args.output.target,
        loaders: loaders.clone(),
        rules: &rules,
        host: Host::Node,
    };
    let name = target
        .file_name()
        .and_then(|name| RelPath::new(&name.to_string_lossy()));
    let (bundled, files) = match name {
        Some(out) if !args.no_assets => {
            let request = SidecarRequest {
                entry: &real,
                out,
                folder: &into,
                cwd: cwd.as_deref().unwrap_or(&options.base),
                runs: &Target::new(
                    args.arch.as_deref().unwrap_or(std::env::consts::ARCH),
                    None,
                    None,
                ),
                rules: &rules,
            };
            let made = installed(pnp.as_deref(), bundle_with_sidecar(&request, &options))?;
            let mut bundled = made.bundled;
            bundled.warnings.extend(secrets_in(&made.files));
            (bundled, made.files)
        }
        _ => installed(
            pnp.as_deref(),
            bundle::bundle(&real, &options, &into).map(|bundled| (bundled, BTreeMap::new())),
        )?,
    };
    let clash = before.iter().find_map(|other| other.clash(&into, &files));
    if let Some((other, place)) = clash {
        return Err(vec![clashing(entry, other, &place)]);
    }
    let _write = tracing::info_span!("write", files = files.len() + 1).entered();
    let bytes = write(args, &target, &bundled).map_err(|error| vec![*error])?;
    folder::lay(&files, &into, &sources(&bundled)).map_err(|error| vec![*error])?;
    let entry = bundle::shown(&options, &real);
    Ok(Written {
        name: target.display().to_string(),
        entry,
        bytes,
        bundled,
        folder: into,
        files,
    })
}

/// The file that an entry really is.
fn real_file(entry: &Path) -> std::result::Result<PathBuf, Vec<Diagnostic>> {
    let real = entry.canonicalize().map_err(|error| {
        vec![
            Diagnostic::io(coldcut_js::graph::UNREADABLE, "read", entry, &error)
                .help("name a file that exists"),
        ]
    })?;
    if real.is_dir() {
        let what = format!("`{}` is a folder", entry.display());
        return Err(vec![
            Diagnostic::error(BAD_FLAG_VALUE, what).help("name the file to start from"),
        ]);
    }
    Ok(real)
}

/// Two bundles of one folder need different files under one name.
fn clashing(entry: &Path, other: &str, place: &RelPath) -> Diagnostic {
    Diagnostic::error(
        BUNDLE_UNWRITABLE,
        format!(
            "`{}` and `{other}` each need a file `{place}` beside their bundles, with different content",
            entry.display()
        ),
    )
    .help("give each bundle a folder of its own with `--outfile`")
}

/// What is said of laid files that hold secrets.
fn secrets_in(files: &BTreeMap<RelPath, Entry>) -> Vec<Diagnostic> {
    let there = files.iter().filter_map(|(rel, entry)| {
        let path = entry.origin()?;
        Some(secrets::beside(rel, secrets::scan(rel, path)?))
    });
    there.collect()
}

/// What was made, unless a package that it asks for is not there: nothing else is worth saying then.
fn installed<T>(
    pnp: Option<&Pnp>,
    made: std::result::Result<T, Vec<Diagnostic>>,
) -> std::result::Result<T, Vec<Diagnostic>> {
    match pnp.map(Pnp::problems) {
        Some(problems) if !problems.is_empty() => Err(problems),
        _ => made,
    }
}

fn sources(bundled: &Bundled) -> Vec<PathBuf> {
    bundled.kept.iter().map(|kept| kept.path.clone()).collect()
}

/// The folder that a file will lie in, as its sources are named from: with no link in it that can
/// be followed already.
fn real_folder(target: &Path) -> PathBuf {
    let Ok(whole) = std::path::absolute(target) else {
        return PathBuf::new();
    };
    let folder = whole.parent().unwrap_or(Path::new("/"));
    let there = folder.ancestors().find_map(|dir| {
        let rest = folder.strip_prefix(dir).ok()?;
        Some(dir.canonicalize().ok()?.join(rest))
    });
    there.unwrap_or_else(|| folder.to_path_buf())
}

/// A bundle on disk.
struct Written {
    /// As the command line named it.
    name: String,
    entry: String,
    bytes: u64,
    bundled: Bundled,
    folder: PathBuf,
    /// What lies beside it.
    files: BTreeMap<RelPath, Entry>,
}

impl Written {
    /// A place that another bundle would fill with another file.
    fn clash(&self, folder: &Path, files: &BTreeMap<RelPath, Entry>) -> Option<(&str, RelPath)> {
        if self.folder != folder {
            return None;
        }
        let mut places = files.iter();
        let (at, _) = places.find(|(at, entry)| {
            let there = self.files.get(*at);
            there.is_some_and(|there| there.source != entry.source)
        })?;
        Some((&self.entry, at.clone()))
    }

    /// What has to go wherever the bundle goes.
    fn beside(&self) -> Option<String> {
        const SHOWN: usize = 3;
        let first: Vec<String> = self
            .files
            .keys()
            .take(SHOWN)
            .map(|at| format!("`{at}`"))
            .collect();
        let more = match self.files.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!first.is_empty()).then(|| {
            let list = first.join(", ");
            format!("beside `{}`, which needs them: {list}{more}", self.name)
        })
    }
}

fn write_metafile(path: &Path, written: &[Written]) -> Result<()> {
    let outputs: Vec<MetafileOutput<'_>> = written
        .iter()
        .map(|one| MetafileOutput {
            name: &one.name,
            bytes: one.bytes,
            entry: &one.entry,
            exports: &one.bundled.exports,
            inputs: &one.bundled.inputs,
        })
        .collect();
    let text = format!("{:#}\n", metafile::render(&outputs));
    place(path, text.as_bytes()).map_err(|error| {
        Box::new(
            Diagnostic::io(BUNDLE_UNWRITABLE, "write", path, &error)
                .help("choose another place with `--metafile`"),
        )
    })
}

/// The format that the output's name, or else the entry's, asks for.
fn guess(args: &BundleArgs, entry: &Path) -> Format {
    let of = |path: &Path| match path.extension().and_then(|ext| ext.to_str()) {
        Some("mjs" | "mts") => Some(Format::Esm),
        Some("cjs" | "cts") => Some(Format::Cjs),
        _ => None,
    };
    args.output
        .outfile
        .as_deref()
        .and_then(of)
        .or_else(|| of(entry))
        .unwrap_or(Format::Cjs)
}

fn target(args: &BundleArgs, entry: &Path, format: Format) -> PathBuf {
    if let Some(file) = &args.output.outfile {
        return file.clone();
    }
    let stem = entry
        .file_stem()
        .map_or_else(|| "bundle".into(), |stem| stem.to_string_lossy());
    let ext = match format {
        Format::Esm => "mjs",
        Format::Cjs => "js",
    };
    let folder = args.output.outdir.clone().unwrap_or_default();
    folder.join(format!("{stem}.{ext}"))
}

fn write(args: &BundleArgs, target: &Path, bundled: &Bundled) -> Result<u64> {
    let failed = |path: &Path, error: &std::io::Error| {
        Box::new(
            Diagnostic::io(BUNDLE_UNWRITABLE, "write", path, error)
                .help("choose another place with `--outfile` or `--outdir`"),
        )
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut code = bundled.code.clone();
    if let Some(map) = &bundled.map {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        if bundle::add_map(&mut code, map, args.text.sourcemap, &name) {
            let path = beside(target, ".map");
            place(&path, map).map_err(|error| failed(&path, &error))?;
        }
    }
    if let Some(text) = &bundled.legal {
        let path = beside(target, ".LEGAL.txt");
        place(&path, text.as_bytes()).map_err(|error| failed(&path, &error))?;
    }
    place(target, code.as_bytes()).map_err(|error| failed(target, &error))?;
    Ok(code.len() as u64)
}

/// The file that has the bundle's name and more.
fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}
