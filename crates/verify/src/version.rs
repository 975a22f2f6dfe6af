//! The Node.js of this machine: where it is, which it is, and what it is told.
//!
//! In: the search path. Out: a program and its [`NodeVersion`], with the flags that make it load
//! code as the runtime of that version does.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::codes::{NODE, NODE_VERSION};
use crate::process::Supervised;
use crate::scratch::Scratch;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::find_program;

/// How long `node --version` may take.
const VERSION_TIMEOUT: Duration = Duration::from_secs(20);

/// A version of Node.js.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeVersion {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl fmt::Display for NodeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What Lambda switches off in these versions: `require` of ES modules (20 and 22), and guessing
/// the format from the syntax (22). Each flag came in a minor version, and an unknown flag would
/// stop Node.
pub(super) fn loader_flags(node: NodeVersion) -> &'static [&'static str] {
    match (node.major, node.minor) {
        (20, 19..) => &["--no-experimental-require-module"],
        (22, 7..) => &[
            "--no-experimental-require-module",
            "--no-experimental-detect-module",
        ],
        _ => &[],
    }
}

/// The first `node` on the search path.
pub fn find_node() -> Option<PathBuf> {
    let name = if cfg!(windows) { "node.exe" } else { "node" };
    find_program(name)
}

/// The major version of a runtime's name: 22 of `nodejs22.x`.
pub fn wanted_major(runtime: &str) -> Option<u32> {
    let rest = runtime.strip_prefix("nodejs")?;
    rest.split('.').next()?.parse().ok()
}

/// Asks a Node.js for its version; each is asked once.
pub fn node_version(node: &Path) -> Result<NodeVersion> {
    static KNOWN: Mutex<BTreeMap<PathBuf, NodeVersion>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(version) = known().get(node) {
        return Ok(*version);
    }
    let scratch = Scratch::new()?;
    let mut command = Command::new(node);
    command.arg("--version").env_remove("NODE_OPTIONS");
    let mut child = Supervised::spawn(&mut command, &scratch.file("log")).map_err(|error| {
        Diagnostic::io(NODE, "start", node, &error)
            .help("install Node.js, put it on the PATH, or pass `--no-verify`")
    })?;
    let status = child
        .wait_until(Instant::now() + VERSION_TIMEOUT)
        .map_err(|error| Diagnostic::io(NODE, "wait for", node, &error))?;
    let said = child.tail();
    let version = status
        .filter(|status| status.success())
        .and_then(|_| parse_version(&said))
        .ok_or_else(|| {
            Diagnostic::error(
                NODE_VERSION,
                format!("`{}` does not say its version", node.display()),
            )
            .note(format!("`--version` gives `{}`", said.trim()))
            .help("put a working Node.js on the PATH, or pass `--no-verify`")
        })?;
    known().insert(node.to_path_buf(), version);
    Ok(version)
}

fn parse_version(said: &str) -> Option<NodeVersion> {
    let line = said.lines().rev().find(|line| line.starts_with('v'))?;
    let mut parts = line.trim().trim_start_matches('v').splitn(3, '.');
    let number = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    };
    Some(NodeVersion {
        major: number(parts.next()?)?,
        minor: number(parts.next()?)?,
        patch: number(parts.next()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let read = |said| parse_version(said).map(|v| v.to_string());
        assert_eq!(read("v20.20.2\n").as_deref(), Some("20.20.2"));
        assert_eq!(read("v24.0.0-nightly").as_deref(), Some("24.0.0"));
        assert_eq!(read("bash: no"), None);
        assert_eq!(wanted_major("nodejs22.x"), Some(22));
        assert_eq!(wanted_major("provided.al2023"), None);
    }

    #[test]
    fn flags_are_only_given_to_a_node_that_knows_them() {
        let flags = |major, minor| {
            loader_flags(NodeVersion {
                major,
                minor,
                patch: 0,
            })
            .len()
        };
        assert_eq!((flags(18, 20), flags(20, 18), flags(20, 19)), (0, 0, 1));
        assert_eq!((flags(22, 6), flags(22, 12), flags(24, 1)), (0, 2, 0));
    }
}
