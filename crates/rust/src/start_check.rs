//! Will it start there?
//!
//! In: a binary, and what the function runs on. Out: what the file says of itself, or the error that
//! it would die of at its start. Only headers are read; nothing is run.

use std::path::Path;

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::native_headers::{Libc, Native, System, Target};

use crate::codes::{NOT_ELF, WOULD_NOT_START};

/// Reads the binary and holds it against `target`; `beside` says whether a file ships with it, and
/// `triple` is what it was built for.
pub fn check_start(
    binary: &Path,
    target: &Target,
    triple: &str,
    beside: &dyn Fn(&str) -> bool,
) -> Result<Native> {
    let shown = binary.display();
    let Some(native) = Native::read(binary) else {
        return Err(Box::new(
            Diagnostic::error(NOT_ELF, format!("`{shown}` is not a binary for Linux"))
                .help("build it for the target that the function runs on, such as `x86_64-unknown-linux-gnu`"),
        ));
    };
    if native.cut_off {
        return Err(Box::new(
            Diagnostic::error(NOT_ELF, format!("`{shown}` is cut off or corrupt"))
                .note("it is shorter than its header says")
                .help("remove the cached build and pack again"),
        ));
    }
    let error = |why: String, help: String| {
        let message = format!("`bootstrap` would not start on {target}: {why}");
        Err(Box::new(
            Diagnostic::error(WOULD_NOT_START, message).help(help),
        ))
    };
    let linux = matches!(native.system, System::Linux(_));
    if !linux || native.arch.as_deref() != Some(target.arch) {
        return error(
            format!("it is built for {native}"),
            "set `arch` to the architecture that the function runs on, or `rust-target` to a target for it"
                .to_string(),
        );
    }
    let musl = triple.replace("-gnu", "-musl");
    if let (Some(needs), Some(has)) = (native.glibc, target.glibc)
        && needs > has
    {
        return error(
            format!("it needs glibc {needs}, but the platform has {has}"),
            format!(
                "link for the older version with `--rust-target {triple}.{has}` (this needs `cargo install cargo-zigbuild` and `pip install ziglang`), or without glibc with \
                 `--rust-target {musl}` (`rustup target add {musl}`)"
            ),
        );
    }
    if native.system == System::Linux(Libc::Musl) && !native.needed.is_empty() {
        return error(
            "it is linked to a musl library that the platform does not have".to_string(),
            "link it statically: `RUSTFLAGS=\"-C target-feature=+crt-static\"`".to_string(),
        );
    }
    if let Some(interpreter) = &native.interpreter
        && !interpreter.starts_with("/lib")
    {
        return error(
            format!("it is started by `{interpreter}`, which the platform does not have"),
            "build it on a machine with the usual system folders, or link it statically for musl"
                .to_string(),
        );
    }
    let missing = native.needed_files().find(|name| !beside(name));
    if let Some(name) = missing.map(str::to_string) {
        return error(
            format!("it needs `{name}`, which neither the platform nor the artifact has"),
            format!(
                "link it statically (many crates have a `vendored`, `bundled` or `static` feature \
                 for that), or ship `lib/{name}` with `include`: Lambda searches `lib/`"
            ),
        );
    }
    Ok(native)
}
