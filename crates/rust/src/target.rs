//! What is built for, and with which help.
//!
//! In: the function's architecture, and a target where somebody names one. Out: [`Target`], with
//! the way by which this machine can build for it; or what to install.

use std::path::{Path, PathBuf};
use std::process::Command;

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::find_program;
use coldcut_core::native_headers::Version;

use crate::codes::TARGET;
use crate::toolchain::{Toolchain, rustc};

/// How a build is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildTool {
    /// As cargo builds for this machine.
    Host,
    /// By `cargo --target`, with a linker that is set up already or is named here.
    Cross { linker: Option<String> },
    /// By `cargo zigbuild`, which brings a linker and a C library of any age.
    Zigbuild,
}

/// A target that can be built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As rustc names it.
    pub triple: String,
    /// The oldest glibc that the result has to run with, where one was asked for.
    pub glibc: Option<Version>,
    pub way: BuildTool,
}

/// The triple of a platform's architecture: glibc, as every runtime with data has it.
fn default_triple(arch: &str) -> &'static str {
    match arch {
        "arm64" => "aarch64-unknown-linux-gnu",
        _ => "x86_64-unknown-linux-gnu",
    }
}

/// The processor that a triple begins with, as platforms name it.
fn arch_of(triple: &str) -> Option<&'static str> {
    match triple.split('-').next()? {
        "x86_64" => Some("x86_64"),
        "aarch64" => Some("arm64"),
        _ => None,
    }
}

impl Target {
    /// Settles what to build for.
    pub fn settle(
        arch: &str,
        said: Option<&str>,
        dir: &Path,
        toolchain: &Toolchain,
    ) -> Result<Self> {
        let said = said.unwrap_or(default_triple(arch));
        let (triple, glibc) = match said.split_once('.') {
            Some((triple, version)) => {
                let version = Version::parse(version);
                if version.is_none() || !triple.ends_with("-gnu") {
                    return Err(wrong(
                        format!("`{said}` is not a target with a glibc version"),
                        "write it as `x86_64-unknown-linux-gnu.2.34`",
                    ));
                }
                (triple, version)
            }
            None => (said, None),
        };
        if !triple.contains("-linux-") {
            return Err(wrong(
                format!("`{triple}` is not for Linux, on which functions run"),
                "choose a target such as `x86_64-unknown-linux-gnu`, or leave `rust-target` out",
            ));
        }
        if arch_of(triple) != Some(arch) {
            return Err(wrong(
                format!("`{triple}` is not for `{arch}`, on which the function runs"),
                "set `arch` as well, or leave `rust-target` out",
            ));
        }
        let mut out = Self {
            triple: triple.to_string(),
            glibc,
            way: BuildTool::Host,
        };
        if triple == toolchain.host && glibc.is_none() {
            return Ok(out);
        }
        if triple != toolchain.host && !has_std(triple, dir) {
            return Err(wrong(
                format!("Rust's standard library for `{triple}` is not installed"),
                &format!("install it with `rustup target add {triple}`"),
            ));
        }
        out.way = way(triple, glibc)?;
        Ok(out)
    }

    /// As cargo is told it; `None` where it needs not be told.
    pub fn argument(&self) -> Option<String> {
        match (&self.way, self.glibc) {
            (BuildTool::Host, _) => None,
            (BuildTool::Zigbuild, Some(glibc)) => Some(format!("{}.{glibc}", self.triple)),
            _ => Some(self.triple.clone()),
        }
    }

    /// `CARGO_TARGET_…_LINKER` of it.
    pub fn linker_variable(&self) -> String {
        variable(&self.triple, "LINKER")
    }
}

/// The variable by which cargo takes a setting of one target.
pub fn variable(triple: &str, what: &str) -> String {
    let name = triple.to_uppercase().replace(['-', '.'], "_");
    format!("CARGO_TARGET_{name}_{what}")
}

fn way(triple: &str, glibc: Option<Version>) -> Result<BuildTool> {
    if glibc.is_none() && std::env::var_os(variable(triple, "LINKER")).is_some() {
        return Ok(BuildTool::Cross { linker: None });
    }
    let zigbuild = find_program("cargo-zigbuild").is_some();
    let zig = zigbuild && (find_program("zig").is_some() || python_has_zig());
    if zig {
        return Ok(BuildTool::Zigbuild);
    }
    const INSTALL: &str = "install `cargo-zigbuild`, which links for any target: \
                           `cargo install cargo-zigbuild` and `pip install ziglang`";
    if let Some(version) = glibc {
        return Err(wrong(
            format!("only `cargo-zigbuild` links for glibc {version}, and it is not installed"),
            INSTALL,
        ));
    }
    // Debian's cross compilers are called after the triple, less its vendor; musl's wrapper of
    // the host's compiler is not.
    let short = triple.replace("-unknown-", "-");
    let names = [
        format!("{short}-gcc"),
        format!("{triple}-gcc"),
        "musl-gcc".to_string(),
    ];
    let musl = triple.ends_with("-musl");
    let same = arch_of(triple) == arch_of(std::env::consts::ARCH)
        || triple.starts_with(std::env::consts::ARCH);
    let linker = names
        .into_iter()
        .filter(|name| name != "musl-gcc" || (musl && same))
        .find(|name| find_program(name).is_some());
    match linker {
        Some(linker) => Ok(BuildTool::Cross {
            linker: Some(linker),
        }),
        // rustc brings all that a static program for this processor needs.
        None if musl && same => Ok(BuildTool::Cross { linker: None }),
        None => Err(wrong(
            format!("there is no linker for `{triple}` on this machine"),
            &format!(
                "{INSTALL}; or install a cross compiler (`{short}-gcc`), or name one in `{}`",
                variable(triple, "LINKER")
            ),
        )),
    }
}

/// zig comes as a Python package too, and cargo-zigbuild finds it there.
fn python_has_zig() -> bool {
    ["python3", "python"].iter().any(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import ziglang"]);
        command.stderr(std::process::Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// Whether the standard library for `triple` is there. A toolchain that cannot be asked is
/// believed to have it: then cargo says what is wrong.
fn has_std(triple: &str, dir: &Path) -> bool {
    let mut command = Command::new(rustc());
    command.args(["--print", "sysroot"]).current_dir(dir);
    let Ok(output) = command.output() else {
        return true;
    };
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let targets = sysroot.join("lib/rustlib");
    !targets.is_dir() || targets.join(triple).is_dir()
}

fn wrong(message: String, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(TARGET, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(arch: &str, said: Option<&str>) -> std::result::Result<Target, String> {
        let toolchain = Toolchain {
            host: "x86_64-unknown-linux-gnu".to_string(),
            minor: 95,
            said: String::new(),
        };
        Target::settle(arch, said, Path::new("."), &toolchain).map_err(|error| error.message)
    }

    #[test]
    fn the_host_needs_no_help() {
        let target = settle("x86_64", None).unwrap();
        assert_eq!(target.way, BuildTool::Host);
        assert_eq!(target.argument(), None);
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        let said = |arch, target| settle(arch, Some(target)).unwrap_err();
        assert!(said("x86_64", "aarch64-apple-darwin").contains("not for Linux"));
        assert!(said("x86_64", "aarch64-unknown-linux-gnu").contains("not for `x86_64`"));
        assert!(said("x86_64", "x86_64-unknown-linux-musl.2.3").contains("not a target"));
        assert!(said("x86_64", "x86_64-unknown-linux-gnu.x").contains("not a target"));
        assert_eq!(
            variable("aarch64-unknown-linux-gnu", "LINKER"),
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"
        );
    }
}
