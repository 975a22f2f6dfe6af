//! The Rust that is installed here, as far as a build's choices hang on it.
//!
//! In: a project's folder. Out: [`Toolchain`]: the host, the release, and what its linker can do.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::find_program;

use crate::codes::NO_CARGO;
use crate::profile::Linker;

/// The first release that links by its own LLD, on x86_64 Linux with glibc.
const OWN_LLD: u32 = 90;
const OWN_LLD_HOST: &str = "x86_64-unknown-linux-gnu";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// As rustc names it.
    pub host: String,
    /// Of `1.95.0`, the 95.
    pub minor: u32,
    /// Everything that `rustc -vV` says: two that say the same build the same.
    pub said: String,
}

impl Toolchain {
    /// Asks the `rustc` that builds the project in `dir`.
    pub fn read(dir: &Path) -> Result<Self> {
        let rustc = rustc();
        let output = Command::new(&rustc)
            .arg("-vV")
            .current_dir(dir)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| missing(&rustc.to_string_lossy(), &error.to_string()))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(missing(&rustc.to_string_lossy(), text.trim()));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(said: &str) -> Self {
        let of = |key: &str| said.lines().find_map(|line| line.strip_prefix(key));
        let minor = of("release: ").and_then(|release| release.split('.').nth(1)?.parse().ok());
        Self {
            host: of("host: ").unwrap_or_default().to_string(),
            minor: minor.unwrap_or(0),
            said: said.to_string(),
        }
    }

    /// What links for `triple`, where nobody chose a linker.
    pub fn linker(&self, triple: &str) -> Linker {
        if triple == OWN_LLD_HOST && self.host == OWN_LLD_HOST && self.minor >= OWN_LLD {
            return Linker {
                lld: true,
                ask: false,
            };
        }
        let lld = triple == self.host && find_program("ld.lld").is_some();
        Linker { lld, ask: lld }
    }
}

/// The compiler that cargo calls.
pub fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn missing(what: &str, why: &str) -> Box<Diagnostic> {
    let help = match why.contains("is not installed") {
        // rustup names the toolchain, and the command that installs it.
        true => "install the toolchain that the project requires: `rustup toolchain install`",
        false => "install Rust from https://rustup.rs and make sure that `cargo` is on the PATH",
    };
    Box::new(Diagnostic::error(NO_CARGO, format!("cannot run `{what}`: {why}")).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustc_says_is_read() {
        let text = "rustc 1.95.0 (5 2026)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        let toolchain = Toolchain::parse(text);
        assert_eq!(toolchain.minor, 95);
        assert!(toolchain.linker("x86_64-unknown-linux-gnu").lld);
        assert!(
            !Toolchain::parse("nonsense")
                .linker("aarch64-unknown-linux-gnu")
                .lld
        );
    }
}
