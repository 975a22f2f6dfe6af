//! One call of cargo.
//!
//! In: a binary, a target and a [`ProfileOverrides`]. Out: [`Linked`], the file that the linker wrote, or what
//! cargo said, as it said it. Nothing is written into the project: cargo builds into a folder of
//! coldcut's own, and a lock file that is there must not need a change.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cargo_metadata::Message;

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::functions::Binary;

use crate::codes::{BINARY, BUILD, LINKER, NO_CARGO, OFFLINE, RESOLVE, TARGET};
use crate::profile::ProfileOverrides;
use crate::target::{BuildTool, Target};

/// What a build is made from.
#[derive(Clone, Copy)]
pub struct CargoRun<'a> {
    pub binary: &'a Binary,
    pub target: &'a Target,
    /// cargo's target folder.
    pub cache: &'a Path,
    /// Tells a person what cargo is at.
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// A binary as it was linked.
#[derive(Debug, Clone)]
pub struct Linked {
    pub path: PathBuf,
    /// Nothing had changed since it was last built.
    pub fresh: bool,
    pub took: Duration,
    /// Libraries of crates, by their names as symbols have them.
    pub libraries: Vec<(String, PathBuf)>,
}

/// Builds, and where the linker does not know what the recipe asks of it, once more without.
pub fn build(
    order: &CargoRun<'_>,
    recipe: &ProfileOverrides,
) -> Result<(Linked, Option<Diagnostic>)> {
    match run(order, recipe) {
        Err(error) if error.code == LINKER => {
            let plain = ProfileOverrides {
                rustc: Vec::new(),
                ..recipe.clone()
            };
            let mut warning = *error;
            warning.severity = coldcut_core::diagnostics::Severity::Warning;
            warning.verbatim = None;
            Ok((run(order, &plain)?, Some(warning)))
        }
        other => Ok((other?, None)),
    }
}

fn run(order: &CargoRun<'_>, recipe: &ProfileOverrides) -> Result<Linked> {
    let mut command = command(order, recipe);
    let started = Instant::now();
    let cannot = |error: std::io::Error| {
        Box::new(
            Diagnostic::error(NO_CARGO, format!("cannot run `cargo`: {error}"))
                .at_file(&order.binary.manifest)
                .help(
                    "install Rust from https://rustup.rs and make sure that `cargo` is on the PATH",
                ),
        )
    };
    let mut child = command.spawn().map_err(cannot)?;
    let stderr = child.stderr.take();
    let mut stdout = Vec::new();
    // Both streams at once: a pipe that nobody reads fills up.
    let said = std::thread::scope(|scope| {
        let said = scope.spawn(|| stderr.map(|pipe| listen(pipe, order)).unwrap_or_default());
        if let Some(mut pipe) = child.stdout.take() {
            // What came before a broken end is still worth reading.
            let _ = pipe.read_to_end(&mut stdout);
        }
        said.join().unwrap_or_default()
    });
    let status = child.wait().map_err(cannot)?;
    if !status.success() {
        return Err(Box::new(failure(order, recipe, &said)));
    }
    let mut built = None;
    let mut libraries = Vec::new();
    for message in Message::parse_stream(stdout.as_slice()).filter_map(std::result::Result::ok) {
        let Message::CompilerArtifact(artifact) = message else {
            continue;
        };
        if artifact.target.name == order.binary.bin
            && let Some(path) = &artifact.executable
        {
            built = Some((path.clone().into_std_path_buf(), artifact.fresh));
        }
        let name = artifact.target.name.replace('-', "_");
        let files = artifact.filenames.into_iter();
        let rlibs = files.filter(|file| file.extension() == Some("rlib"));
        libraries.extend(rlibs.map(|file| (name.clone(), file.into_std_path_buf())));
    }
    match built {
        Some((path, fresh)) => Ok(Linked {
            path,
            fresh,
            took: started.elapsed(),
            libraries,
        }),
        None => Err(Box::new(
            Diagnostic::error(
                BINARY,
                format!("cargo built no binary `{}`", order.binary.bin),
            )
            .at_file(&order.binary.manifest)
            .help("check the `[[bin]]` sections of `Cargo.toml`"),
        )),
    }
}

fn command(order: &CargoRun<'_>, recipe: &ProfileOverrides) -> Command {
    let CargoRun {
        binary,
        target,
        cache,
        ..
    } = order;
    let mut command = Command::new("cargo");
    let zigbuild = target.way == BuildTool::Zigbuild;
    if zigbuild {
        // As cargo itself would start it, whose name for it is that of its subcommand.
        command = Command::new("cargo-zigbuild");
    }
    // Options of rustc reach the last crate alone by `cargo rustc`, so that all others are those
    // of any other build.
    command.arg(match (recipe.rustc.is_empty(), zigbuild) {
        (false, _) => "rustc",
        (true, true) => "zigbuild",
        (true, false) => "build",
    });
    command
        .args(["--release", "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(&binary.manifest)
        .args(["--package", &binary.package, "--bin", &binary.bin])
        .arg("--target-dir")
        .arg(cache)
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for setting in recipe.config() {
        command.args(["--config", &setting]);
    }
    // A lock file of the user's is read, never changed.
    if locked(&binary.manifest) {
        command.arg("--locked");
    }
    if let Some(triple) = target.argument() {
        command.args(["--target", &triple]);
    }
    if let BuildTool::Cross {
        linker: Some(linker),
    } = &target.way
    {
        command.env(target.linker_variable(), linker);
    }
    if let Some(dir) = binary.manifest.parent() {
        command.current_dir(dir);
    }
    if !recipe.rustc.is_empty() {
        command.arg("--").args(&recipe.rustc);
    }
    command
}

/// Whether a lock file holds for the package.
pub fn locked(manifest: &Path) -> bool {
    manifest
        .ancestors()
        .skip(1)
        .any(|dir| dir.join("Cargo.lock").is_file())
}

/// SourceWords that begin a line of cargo's progress.
const PROGRESS: [&str; 12] = [
    "Compiling",
    "Downloaded",
    "Downloading",
    "Updating",
    "Locking",
    "Blocking",
    "Finished",
    "Adding",
    "Building",
    "Checking",
    "Fresh",
    "Dirty",
];

/// Reads what cargo says: progress goes to the person who waits, the rest is given back.
fn listen(pipe: impl Read, order: &CargoRun<'_>) -> String {
    let mut kept = String::new();
    for line in BufReader::new(pipe).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line).into_owned();
        let word = line.trim_start().split(' ').next().unwrap_or("");
        if line.starts_with(' ') && PROGRESS.contains(&word) {
            (order.say)(&format!("{}: {}", order.binary.bin, line.trim()));
        } else {
            kept.push_str(&line);
            kept.push('\n');
        }
    }
    kept
}

/// What kept cargo from building, with all that it said.
fn failure(order: &CargoRun<'_>, recipe: &ProfileOverrides, said: &str) -> Diagnostic {
    let binary = order.binary;
    let has = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    let triple = &order.target.triple;
    let cross = order.target.way != BuildTool::Host;
    let no_std = has(&[
        "can't find crate for `core`",
        "can't find crate for `std`",
        "target may not be installed",
    ]);
    let linking = has(&["linking with `", "error: linker `"]);
    let unknown_option = linking
        && !recipe.rustc.is_empty()
        && has(&["--icf", "-fuse-ld=lld", "cannot find 'ld'"])
        && has(&["unrecognized", "unknown", "invalid", "cannot find 'ld'"]);
    let out = if no_std {
        Diagnostic::error(
            TARGET,
            format!("Rust's standard library for `{triple}` is not installed"),
        )
        .help(format!("install it with `rustup target add {triple}`"))
    } else if unknown_option {
        Diagnostic::error(
            LINKER,
            format!(
                "the linker of `{}` cannot fold identical functions",
                binary.bin
            ),
        )
        .help("install `lld` to have them folded; the binary was linked without")
    } else if has(&["you're using offline mode", "--offline was specified"])
        || has(&[
            "failed to download",
            "Could not resolve host",
            "failed to fetch",
        ])
    {
        Diagnostic::error(
            OFFLINE,
            format!(
                "the dependencies of `{}` are not all on this machine",
                binary.bin
            ),
        )
        .help("run `cargo fetch` once with a network, then pack again")
    } else if has(&["because --locked was passed", "--locked"]) && has(&["lock file"]) {
        Diagnostic::error(
            BUILD,
            format!("the lock file of `{}` is out of date", binary.package),
        )
        .help("run `cargo update --workspace` in the project, and commit the lock file")
    } else if has(&[
        "failed to select a version",
        "no matching package",
        "failed to resolve",
    ]) && !has(&["error[E"])
    {
        Diagnostic::error(
            RESOLVE,
            format!("the dependencies of `{}` do not fit together", binary.bin),
        )
        .help("change the versions that cargo names; `cargo update` may find others")
    } else if linking && cross {
        Diagnostic::error(
            TARGET,
            format!("`{}` cannot be linked for {triple}", binary.bin),
        )
        .help(
            "install `cargo-zigbuild`, which links for any target: \
             `cargo install cargo-zigbuild` and `pip install ziglang`",
        )
    } else {
        Diagnostic::error(BUILD, format!("cargo could not build `{}`", binary.bin))
            .help("fix the errors that the compiler reports, then pack again")
    };
    out.at_file(&binary.manifest).verbatim(said)
}
