//! One binary built, stripped and looked into.
//!
//! In: [`BuildRequest`]. Out: [`Built`], with the warnings of the build. Whatever was found out about a build is
//! kept beside it ([`BuildRecord`]) and read again as long as cargo calls the build fresh.

use std::path::{Path, PathBuf};

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest;
use coldcut_core::disk;
use coldcut_core::disk::Stamp;
use coldcut_core::functions::Binary;
use coldcut_core::native_headers;
use coldcut_core::settings::{Panic, RustProfile};

use crate::build_record::BuildRecord;
use crate::cargo::CargoRun;
use crate::codes::{ABORTS, BINARY};
use crate::dependencies::Crates;
use crate::profile::ProfileOverrides;
use crate::settings::CargoSettings;
use crate::sizes::Sizes;
use crate::symbol_owners::SymbolOwners;
use crate::target::{BuildTool, Target};
use crate::toolchain::Toolchain;
use crate::{
    cargo, codes, dependencies, findings, profile, settings, sizes, source_identifiers,
    start_check, strip,
};

/// What is asked of a build.
pub struct BuildRequest<'a> {
    pub binary: &'a Binary,
    /// As the platform names it.
    pub arch: &'a str,
    /// As rustc names it, with a version of glibc perhaps; told by `arch` unless said.
    pub target: Option<&'a str>,
    pub profile: RustProfile,
    pub panic: Option<Panic>,
    /// Where symbols and line numbers are to lie, if they are wanted.
    pub debug_file: Option<&'a Path>,
    /// Whether a shared library ships with it.
    pub beside: &'a dyn Fn(&str) -> bool,
    /// What the function runs on.
    pub runs: &'a native_headers::Target,
    /// cargo's target folder, and what is kept between runs.
    pub cache: &'a Path,
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// A binary that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// What ships.
    pub path: PathBuf,
    /// The same build with its symbols.
    pub linked: PathBuf,
    /// What `cargo build --release` gives.
    pub baseline: PathBuf,
    /// What the file says of itself.
    pub native: native_headers::Native,
    pub triple: String,
    pub panic: Panic,
    /// What cargo and the linker were asked for, in words.
    pub recipe: String,
    /// Whether tables for unwinding were cleared.
    pub cleared: bool,
    /// The same as ships, with those tables.
    pub stripped: PathBuf,
    /// Nothing was built, since nothing had changed.
    pub fresh: bool,
    pub record: BuildRecord,
    /// Where the record is kept.
    pub(crate) folder: PathBuf,
    pub warnings: Vec<Diagnostic>,
}

impl Built {
    /// Keeps what was found out for the next run.
    pub fn remember(&self) {
        self.record.write(&self.folder);
    }
}

/// What must be known before anything is built.
pub(crate) struct Prepared {
    pub(crate) target: Target,
    toolchain: Toolchain,
    pub(crate) settings: CargoSettings,
}

pub(crate) fn prepare(ask: &BuildRequest<'_>) -> Result<Prepared> {
    let dir = folder_of(ask.binary);
    let toolchain = Toolchain::read(dir)?;
    let target = Target::settle(ask.arch, ask.target, dir, &toolchain)?;
    let settings = read_settings(ask.binary, &target)?;
    Ok(Prepared {
        target,
        toolchain,
        settings,
    })
}

/// Builds what `ask` asks for.
pub fn build(ask: &BuildRequest<'_>) -> Result<Built> {
    let prepared = prepare(ask)?;
    let recipe = prepared.recipe(ask.profile, ask.panic, ask.debug_file.is_some());
    prepared.build(ask, &recipe)
}

impl Prepared {
    pub(crate) fn order<'a>(&'a self, ask: &BuildRequest<'a>, cache: &'a Path) -> CargoRun<'a> {
        CargoRun {
            binary: ask.binary,
            target: &self.target,
            cache,
            say: ask.say,
        }
    }

    /// What a panic does in the project's own release build.
    pub(crate) fn own_panic(&self) -> Panic {
        let said = self.settings.release.get("panic");
        match said.is_some_and(|value| value.contains("abort")) {
            true => Panic::Abort,
            false => Panic::Unwind,
        }
    }

    pub(crate) fn recipe(
        &self,
        profile: RustProfile,
        panic: Option<Panic>,
        debug: bool,
    ) -> ProfileOverrides {
        // zig's linker folds nothing, and refuses to be asked.
        let linker = match self.target.way {
            BuildTool::Zigbuild => Default::default(),
            _ => self.toolchain.linker(&self.target.triple),
        };
        profile::recipe(profile, &self.settings.release, panic, debug, linker)
    }

    fn build(&self, ask: &BuildRequest<'_>, recipe: &ProfileOverrides) -> Result<Built> {
        let order = &self.order(ask, ask.cache);
        let inputs = self.inputs(ask, recipe);
        let key = digest::of([
            ask.binary.manifest.to_string_lossy().as_ref(),
            &ask.binary.package,
            &inputs,
        ]);
        let folder = order
            .cache
            .join("coldcut")
            .join(format!("{}-{}", ask.binary.bin, &key[..16]));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Box::new(Diagnostic::io(BINARY, "make", &folder, &error)))?;
        let at = |name: &str| folder.join(name);
        let kept = BuildRecord::read(&folder).filter(|record| record.inputs == inputs);
        // What nothing was asked of is what it is compared with.
        let (mut linked, warning) = cargo::build(order, recipe)?;
        let stamp = Stamp::of(&linked.path).unwrap_or_default();
        let whole = ["linked", "stripped", "baseline", "bootstrap"]
            .iter()
            .all(|name| at(name).is_file());
        let known = kept.filter(|record| linked.fresh && whole && record.linked == stamp);
        if known.is_none() {
            copy(&linked.path, &at("linked"))?;
            // The place that both builds write to.
            linked.path = at("linked");
            if recipe.is_plain() {
                copy(&at("linked"), &at("baseline"))?;
            } else {
                let (plain, _) = cargo::build(order, &ProfileOverrides::baseline())?;
                copy(&plain.path, &at("baseline"))?;
            }
            self.finish(ask, recipe, &folder)?;
        }
        let native =
            start_check::check_start(&at("bootstrap"), ask.runs, &order.target.triple, ask.beside)?;
        let record = match known {
            Some(record) if record.crates_hold() => record,
            other => {
                (ask.say)(&format!(
                    "{}: looking where its bytes come from",
                    ask.binary.bin
                ));
                let crates = dependencies::crates(
                    &ask.binary.manifest,
                    &ask.binary.package,
                    &order.target.triple,
                )?;
                let sizes = match other {
                    Some(record) => record.sizes,
                    None => {
                        attributed(&at("linked"), &at("bootstrap"), &crates, &linked.libraries)?
                    }
                };
                let words = source_identifiers::scan_sources(&crates.sources);
                let findings = findings::findings(&crates, &sizes, &words);
                let catches = CATCHES.iter().any(|name| words.names.contains(*name));
                BuildRecord::new(inputs, stamp, crates, sizes, findings, catches)
            }
        };
        if let Some(path) = ask.debug_file {
            copy(&at("linked"), path)?;
        }
        let panic = recipe.panic.unwrap_or(Panic::Unwind);
        let mut warnings: Vec<Diagnostic> = warning.into_iter().collect();
        warnings.extend(aborts(ask, panic, &self.settings, record.catches));
        Ok(Built {
            path: at("bootstrap"),
            stripped: at("stripped"),
            linked: at("linked"),
            baseline: at("baseline"),
            native,
            triple: order.target.triple.clone(),
            panic,
            recipe: recipe.words(),
            cleared: recipe.clear_unwind_tables,
            fresh: linked.fresh,
            record,
            folder,
            warnings,
        })
    }

    /// Everything that the result hangs on besides source files, which are cargo's to watch.
    fn inputs(&self, ask: &BuildRequest<'_>, recipe: &ProfileOverrides) -> String {
        let own = self.settings.release.iter();
        let own: Vec<String> = own.map(|(key, value)| format!("{key}={value}")).collect();
        let recipe = format!("{recipe:?}");
        let target = format!("{:?}", self.target);
        let debug = ask.debug_file.and_then(Path::file_name).unwrap_or_default();
        digest::of([
            env!("CARGO_PKG_VERSION"),
            &self.toolchain.said,
            &own.join("\n"),
            &recipe,
            &target,
            &debug.to_string_lossy(),
        ])
    }

    /// From what the linker wrote to what ships.
    fn finish(
        &self,
        ask: &BuildRequest<'_>,
        recipe: &ProfileOverrides,
        folder: &Path,
    ) -> Result<()> {
        let linked = folder.join("linked");
        let bytes = std::fs::read(&linked)
            .map_err(|error| Box::new(Diagnostic::io(BINARY, "read", &linked, &error)))?;
        let crc = libdeflater::crc32(&bytes);
        let name = ask
            .debug_file
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        let mut options = strip::Options {
            unwind_tables: false,
            debug_link: name.map(|name| (name, crc)),
        };
        let stripped = stripped(&bytes, options, &linked)?;
        write(&folder.join("stripped"), &stripped)?;
        let shipped = match recipe.clear_unwind_tables {
            true => {
                options.unwind_tables = true;
                self::stripped(&bytes, options, &linked)?
            }
            false => stripped,
        };
        write(&folder.join("bootstrap"), &shipped)
    }
}

pub(crate) fn stripped(bytes: &[u8], options: strip::Options<'_>, path: &Path) -> Result<Vec<u8>> {
    strip::strip(bytes, options).ok_or_else(|| {
        Box::new(
            Diagnostic::error(
                codes::NOT_ELF,
                "the binary that cargo built is not a complete 64-bit binary for Linux",
            )
            .at_file(path)
            .help("build for a target that the function runs on, such as `x86_64-unknown-linux-gnu`; if the file is cut off, delete the cache"),
        )
    })
}

/// A panic that ends the process is said, unless somebody asked for just that.
fn aborts(
    ask: &BuildRequest<'_>,
    panic: Panic,
    settings: &CargoSettings,
    catches: bool,
) -> Option<Diagnostic> {
    let chosen = ask.panic.is_some() || settings.release.contains_key("panic");
    if panic != Panic::Abort || chosen {
        return None;
    }
    let mut out = Diagnostic::warning(
        ABORTS,
        format!(
            "a panic in `{}` ends the process, and the next event waits for a cold start",
            ask.binary.bin
        ),
    )
    .note("in the project's own build a panic is caught, and answered as an error of its event");
    if catches {
        out = out.note(
            "its source catches panics or checks how a task ended, which cannot work with an abort",
        );
    }
    Some(out.help(
        "choose `--panic unwind` to keep that, for about 15 % more bytes, or `--panic abort` to abort without this warning",
    ))
}

/// SourceWords of source that lives on after a panic.
const CATCHES: [&str; 5] = [
    "catch_unwind",
    "CatchPanicLayer",
    "JoinError",
    "is_panic",
    "into_panic",
];

fn folder_of(binary: &Binary) -> &Path {
    binary.manifest.parent().unwrap_or(Path::new("."))
}

/// cargo's configuration for a binary; an error where it builds for this machine's own processor.
fn read_settings(binary: &Binary, target: &Target) -> Result<CargoSettings> {
    let dir = folder_of(binary);
    let env = |name: &str| std::env::var(name).ok();
    let root = workspace_manifest(&binary.manifest);
    let settings = settings::read(dir, &root, &target.triple, &env)?;
    settings.refuse_native()?;
    Ok(settings)
}

/// Profiles count in the manifest of the workspace's root alone.
fn workspace_manifest(manifest: &Path) -> PathBuf {
    let all = manifest
        .ancestors()
        .skip(1)
        .map(|dir| dir.join("Cargo.toml"));
    let roots = all.filter(|path| {
        let node = coldcut_core::settings::value::load(path).ok().flatten();
        node.is_some_and(|node| node.get("workspace").is_some())
    });
    let found = roots.into_iter().next();
    found.unwrap_or_else(|| manifest.to_path_buf())
}

fn attributed(
    linked: &Path,
    shipped: &Path,
    crates: &Crates,
    libraries: &[(String, PathBuf)],
) -> Result<Sizes> {
    let bytes = std::fs::read(linked)
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "read", linked, &error)))?;
    let length = disk::length(shipped);
    let known = |name: &str| crates.linked().any(|one| one.crate_name == name);
    let owners = SymbolOwners::read(libraries);
    let home = |symbol: &str| owners.owner(symbol).map(str::to_string);
    Ok(sizes::sizes(&bytes, length, &known, &home).unwrap_or_default())
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "copy the binary to", to, &error)))
}

/// Writes a program that can be started.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error| Box::new(Diagnostic::io(BINARY, "write", path, &error));
    std::fs::write(path, bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}
