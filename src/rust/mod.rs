//! Rust functions: cargo's release build of one binary, stripped, as the platform starts it.
//!
//! In: a [`Binary`]. Out: [`Built`], and from it an [`Artifact`] with `bootstrap` at its root.
//! Nothing is written into the project: cargo builds into a folder of coldcut's own, and its lock
//! file must not need a change.

mod dependencies;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use crate::artifact::{Artifact, Content, Entry, Reason, RelPath};
use crate::diag::{Code, Diagnostic, Result};
use crate::discover::model::Binary;

pub use dependencies::{Dependency, Kind, dependencies};

/// cargo is missing or cannot be started.
pub const NO_CARGO: Code = Code("CC080");
/// The build failed.
pub const BUILD: Code = Code("CC081");
/// The binary was not found after the build, or cannot be copied.
pub const BINARY: Code = Code("CC082");
/// The wanted target cannot be built for here.
pub const TARGET: Code = Code("CC083");

/// A binary that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// The stripped binary.
    pub path: PathBuf,
    /// What the plain release build gives.
    pub unstripped: PathBuf,
    pub unstripped_bytes: u64,
    pub stripped_bytes: u64,
}

/// The target of a Lambda runtime on this architecture, as rustc names it.
fn triple(arch: &str) -> &'static str {
    match arch {
        "arm64" => "aarch64-unknown-linux-gnu",
        _ => "x86_64-unknown-linux-gnu",
    }
}

/// Whether the host itself is the target, so that no cross compiler is needed.
fn is_host(arch: &str) -> bool {
    let host = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    cfg!(all(target_os = "linux", target_env = "gnu")) && host == arch
}

/// Builds `binary` for `arch` below `cache`.
pub fn build(binary: &Binary, cache: &Path, arch: &str) -> Result<Built> {
    let plain = cargo(binary, cache, arch, false)?;
    let stripped = cargo(binary, cache, arch, true)?;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    Ok(Built {
        unstripped_bytes: size(&plain),
        stripped_bytes: size(&stripped),
        path: stripped,
        unstripped: plain,
    })
}

/// One build; the result is copied aside, since the next build replaces it. Stripping is cargo's
/// own, by a setting on its command line: it only links again, and no tool of the host is needed.
fn cargo(binary: &Binary, cache: &Path, arch: &str, strip: bool) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command
        .args([
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
        ])
        .arg("--manifest-path")
        .arg(&binary.manifest)
        .args(["--package", &binary.package, "--bin", &binary.bin])
        .arg("--target-dir")
        .arg(cache)
        .args([
            "--config",
            if strip {
                "profile.release.strip='symbols'"
            } else {
                "profile.release.strip='none'"
            },
        ])
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A lock file of the user's is read, never changed.
    let locked = locked(&binary.manifest);
    if locked {
        command.arg("--locked");
    }
    if !is_host(arch) {
        command.args(["--target", triple(arch)]);
    }
    if let Some(dir) = binary.manifest.parent() {
        command.current_dir(dir);
    }
    let output = command.output().map_err(|error| {
        Box::new(
            Diagnostic::error(NO_CARGO, format!("cannot run `cargo`: {error}"))
                .at_file(&binary.manifest)
                .help(
                    "install Rust from https://rustup.rs and make sure that `cargo` is on the PATH",
                ),
        )
    })?;
    if !output.status.success() {
        return Err(Box::new(failure(binary, arch, &output.stderr)));
    }
    let built = Message::parse_stream(output.stdout.as_slice())
        .filter_map(std::result::Result::ok)
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == binary.bin => {
                artifact.executable
            }
            _ => None,
        })
        .last();
    let Some(built) = built else {
        return Err(Box::new(
            Diagnostic::error(BINARY, format!("cargo built no binary `{}`", binary.bin))
                .at_file(&binary.manifest)
                .help("check the `[[bin]]` sections of `Cargo.toml`"),
        ));
    };
    let kind = if strip { "stripped" } else { "plain" };
    let folder = cache.join("coldcut").join(kind);
    let copy = folder.join(&binary.bin);
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(&built, &copy))
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "copy the binary to", &copy, &error)))?;
    Ok(copy)
}

fn locked(manifest: &Path) -> bool {
    manifest
        .ancestors()
        .skip(1)
        .any(|dir| dir.join("Cargo.lock").is_file())
}

/// What cargo said, without its progress.
fn failure(binary: &Binary, arch: &str, stderr: &[u8]) -> Diagnostic {
    let text = String::from_utf8_lossy(stderr);
    let said: Vec<&str> = text
        .lines()
        .filter(|line| {
            let word = line.trim_start().split(' ').next().unwrap_or("");
            !matches!(
                word,
                "Compiling"
                    | "Downloaded"
                    | "Downloading"
                    | "Updating"
                    | "Locking"
                    | "Blocking"
                    | "Finished"
                    | "Adding"
            )
        })
        .collect();
    let no_target = text.contains("can't find crate for `core`")
        || text.contains("target may not be installed");
    let no_linker = text.contains("linking with `cc` failed") || text.contains("linker `");
    let mut out = if !is_host(arch) && (no_target || no_linker) {
        let triple = triple(arch);
        Diagnostic::error(
            TARGET,
            format!(
                "`{}` cannot be built for {triple} on this machine",
                binary.bin
            ),
        )
        .help(if no_target {
            format!("install the target with `rustup target add {triple}`")
        } else {
            format!(
                "install a linker for {triple}, and name it in `CARGO_TARGET_{}_LINKER`",
                triple.to_uppercase().replace('-', "_")
            )
        })
    } else if text.contains("--locked") {
        Diagnostic::error(
            BUILD,
            format!("the lock file of `{}` is out of date", binary.package),
        )
        .help("run `cargo update --workspace` in the project, and commit the lock file")
    } else {
        Diagnostic::error(BUILD, format!("cargo could not build `{}`", binary.bin))
            .help("correct what the compiler says, then pack again")
    };
    const SHOWN_LINES: usize = 40;
    for line in said.iter().take(SHOWN_LINES) {
        out = out.note(*line);
    }
    if said.len() > SHOWN_LINES {
        out = out.note(format!("… and {} more lines", said.len() - SHOWN_LINES));
    }
    out.at_file(&binary.manifest)
}

/// Lays a binary out as the platform starts it, beside its assets.
pub fn layout(
    function: &str,
    built: &Built,
    assets: &[(RelPath, PathBuf, String)],
) -> Result<Artifact> {
    let Some(handler) = RelPath::new("bootstrap") else {
        return Err(Box::new(Diagnostic::error(
            BINARY,
            "`bootstrap` is no path",
        )));
    };
    let mut files = BTreeMap::new();
    for (at, path, pattern) in assets {
        files.insert(
            at.clone(),
            Entry {
                content: Content::File {
                    path: path.clone(),
                    bytes: std::fs::metadata(path).map_or(0, |meta| meta.len()),
                },
                reasons: vec![Reason::Included {
                    pattern: pattern.clone(),
                }],
                package: None,
                source: Some(path.clone()),
            },
        );
    }
    files.insert(
        handler.clone(),
        Entry {
            content: Content::File {
                path: built.path.clone(),
                bytes: built.stripped_bytes,
            },
            reasons: vec![Reason::Built],
            package: None,
            source: None,
        },
    );
    Ok(Artifact {
        function: function.to_string(),
        handler,
        shares: Vec::new(),
        inside: Vec::new(),
        files,
    })
}
