//! One handler loaded, or called, in a fresh Node.js process.
//!
//! In: a folder (an unpacked artifact, or the original), the handler's file in it and
//! [`LoadOptions`]. Out: [`Loaded`], what the file exports or how it fails; or [`Invoked`]. The
//! harness (`load.cjs`) lies in a temporary folder, never in the project; it answers through a
//! file, because the user's code prints to the standard streams. The environment is Lambda's and
//! not the user's, so that no secret of this machine is seen.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::codes::{EVENT, HANDLER_FILE, NODE, NODE_VERSION, SCRATCH};
use super::process::{Supervised, by_signal, describe};
use super::text::replace_path;
use crate::artifact::RelPath;
use crate::diag::{Diagnostic, Result};

const HARNESS: &str = include_str!("load.cjs");
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

/// Packages that the platform has, so that the artifact need not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provided {
    /// A folder from which Node finds them: the project's, when it has them installed.
    pub from: PathBuf,
    /// Names (`aws-sdk`) or scopes (`@aws-sdk/*`). Nothing else is found in `from`.
    pub packages: Vec<String>,
}

/// How to load.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    pub node: PathBuf,
    /// After this the process and all its children are killed.
    pub timeout: Duration,
    /// Comes last, so it overrides what the platform would set.
    pub env: Vec<(String, String)>,
    /// The export that the platform calls; `a.b` is a property of the export `a`.
    pub export: Option<String>,
    /// The major version that the runtime has; another one is noted in the proof.
    pub wanted_major: Option<u32>,
    pub provided: Option<Provided>,
}

impl LoadOptions {
    /// Thirty seconds, no extra environment, no named export.
    pub fn new(node: impl Into<PathBuf>) -> Self {
        Self {
            node: node.into(),
            timeout: Duration::from_secs(30),
            env: Vec::new(),
            export: None,
            wanted_major: None,
            provided: None,
        }
    }
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Export {
    pub name: String,
    /// `function`, `class`, `object`, `array`, `string`, …
    pub kind: String,
    #[serde(rename = "async")]
    pub is_async: bool,
    /// How many parameters a function or class takes.
    pub arity: Option<u32>,
    /// Own keys, sorted; only of `default` and of `module.exports`.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// What a file that loads shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Exports {
    /// `module` or `commonjs`.
    pub format: String,
    /// Sorted by name. A CommonJS file has `module.exports` itself as one more entry.
    pub list: Vec<Export>,
    /// What [`LoadOptions::export`] names; of kind `undefined` where there is no such export.
    pub handler: Option<Export>,
}

/// In which way something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    Thrown,
    /// A promise was rejected and nobody handled it.
    Rejected,
    /// The code ended the process itself.
    Exited,
    /// An `await` or a promise that nothing can settle any more.
    Unsettled,
    /// It was killed at the deadline.
    #[serde(skip)]
    TimedOut,
    /// It ended without a report: a signal, or memory ran out.
    #[serde(skip)]
    Crashed,
}

/// How a load or a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub name: String,
    pub code: Option<String>,
    pub message: String,
    /// The first frames of the stack that are the user's.
    #[serde(default)]
    pub frames: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.name,
            super::text::first_line(&self.message)
        )
    }
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Exports(Exports),
    Failed(Failure),
}

/// One handler, loaded.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub handler: RelPath,
    pub export: Option<String>,
    pub node: NodeVersion,
    pub wanted_major: Option<u32>,
    pub outcome: Outcome,
    /// The end of what it printed.
    pub output: String,
    /// From the start of the process to its end.
    pub took: Duration,
}

/// One call of a handler.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// What it gave back as JSON, or how it failed.
    pub result: std::result::Result<Value, Failure>,
    /// The end of what it printed.
    pub output: String,
}

/// Loads `handler` of the folder `root`. A handler that fails is no error: that is an outcome.
pub fn load(root: &Path, handler: &RelPath, opts: &LoadOptions) -> Result<Loaded> {
    let node = node_version(&opts.node)?;
    let started = Instant::now();
    let run = run(root, handler, None, node, opts)?;
    let outcome = match run.report {
        Report {
            exports: Some(mut exports),
            ..
        } => {
            exports.list.sort_by(|a, b| a.name.cmp(&b.name));
            Outcome::Exports(exports)
        }
        Report {
            failure: Some(failure),
            ..
        } => Outcome::Failed(failure),
        // The harness writes one of the two; something else wrote this.
        Report { .. } => Outcome::Failed(crash("an empty report".to_string(), &run.output)),
    };
    Ok(Loaded {
        handler: handler.clone(),
        export: opts.export.clone(),
        node,
        wanted_major: opts.wanted_major,
        outcome,
        output: run.output,
        took: started.elapsed(),
    })
}

/// Loads `handler` and calls its export with an event: async, callback and streaming handlers.
pub fn invoke(
    root: &Path,
    handler: &RelPath,
    export: &str,
    event_json: &str,
    opts: &LoadOptions,
) -> Result<Invoked> {
    let event: Value = serde_json::from_str(event_json).map_err(|error| {
        Diagnostic::error(EVENT, format!("the event is not JSON: {error}"))
            .help("give one JSON document, such as `{}`")
    })?;
    let node = node_version(&opts.node)?;
    let opts = LoadOptions {
        export: Some(export.to_string()),
        ..opts.clone()
    };
    let run = run(root, handler, Some(event), node, &opts)?;
    let result = match run.report.failure {
        Some(failure) => Err(failure),
        None => Ok(run.report.value.unwrap_or(Value::Null)),
    };
    Ok(Invoked {
        result,
        output: run.output,
    })
}

/// What the harness is asked.
#[derive(Serialize)]
struct Request<'a> {
    mode: &'a str,
    root: &'a Path,
    handler: &'a str,
    report: &'a Path,
    export: Option<&'a str>,
    event: Option<Value>,
    timeout_ms: u64,
    provided: Option<&'a Provided>,
}

/// What it answers.
#[derive(Default, Deserialize)]
struct Report {
    exports: Option<Exports>,
    failure: Option<Failure>,
    value: Option<Value>,
}

struct Run {
    report: Report,
    output: String,
}

fn run(
    root: &Path,
    handler: &RelPath,
    event: Option<Value>,
    node: NodeVersion,
    opts: &LoadOptions,
) -> Result<Run> {
    // Node names files by their real path, and so must we to recognise them in messages.
    let real = root
        .canonicalize()
        .map_err(|error| Diagnostic::io(HANDLER_FILE, "open", root, &error))?;
    let file = handler.under(&real);
    if !file.is_file() {
        return Err(Box::new(
            Diagnostic::error(
                HANDLER_FILE,
                format!(
                    "the handler file `{handler}` is not in `{}`",
                    root.display()
                ),
            )
            .help("check the handler setting, or ship the file with `--include`"),
        ));
    }
    let scratch = Scratch::new()?;
    let report_path = scratch.file("report.json");
    let request = Request {
        mode: if event.is_some() { "invoke" } else { "load" },
        root: &real,
        handler: handler.as_str(),
        report: &report_path,
        export: opts.export.as_deref(),
        event,
        timeout_ms: u64::try_from(opts.timeout.as_millis()).unwrap_or(u64::MAX),
        provided: opts.provided.as_ref(),
    };
    let request = serde_json::to_vec(&request).map_err(|error| {
        Diagnostic::error(
            SCRATCH,
            format!("`{}` cannot be named to Node.js: {error}", root.display()),
        )
    })?;
    let harness = scratch.write("load.cjs", HARNESS.as_bytes())?;
    let request = scratch.write("request.json", &request)?;

    let mut command = Command::new(&opts.node);
    command
        .args(loader_flags(node))
        .arg(&harness)
        .arg(&request)
        .current_dir(&real);
    clean_env(&mut command, &real, handler, &scratch, opts);
    let deadline = Instant::now() + opts.timeout;
    let mut child = Supervised::spawn(&mut command, &scratch.file("log"))
        .map_err(|error| Diagnostic::io(NODE, "start", &opts.node, &error))?;
    let status = child
        .wait_until(deadline)
        .map_err(|error| Diagnostic::io(NODE, "wait for", &opts.node, &error))?;
    child.end();

    let hide = |text: &str| {
        // The longer spellings first: one may hold the other.
        let mut text = replace_path(text, &format!("file://{}", real.display()), "<root>");
        for (path, with) in [
            (real.as_path(), "<root>"),
            (root, "<root>"),
            (scratch.real.as_path(), "<tmp>"),
            (scratch.dir.path(), "<tmp>"),
        ] {
            // A relative root such as `.` is no path that a message holds.
            if path.is_absolute() {
                text = replace_path(&text, &path.to_string_lossy(), with);
            }
        }
        text
    };
    let output = hide(&child.tail());
    let mut report = match std::fs::read(&report_path) {
        // A report that is there is whole, whatever happened to the process after it.
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| Report {
            failure: Some(crash(format!("a broken report: {error}"), &output)),
            ..Report::default()
        }),
        Err(_) => Report {
            failure: Some(match status {
                None => timed_out(opts.timeout),
                Some(status) => {
                    let how = describe(status);
                    let mut failure = crash(format!("the process ended with {how}"), &output);
                    if by_signal(status) {
                        failure.code = Some(how);
                    }
                    failure
                }
            }),
            ..Report::default()
        },
    };
    if let Some(failure) = &mut report.failure {
        failure.message = hide(&failure.message);
        for frame in &mut failure.frames {
            *frame = hide(frame);
        }
    }
    if let Some(exports) = &mut report.exports {
        for export in exports.list.iter_mut().chain(&mut exports.handler) {
            export.kind = hide(&export.kind);
        }
    }
    Ok(Run { report, output })
}

fn timed_out(timeout: Duration) -> Failure {
    Failure {
        kind: FailureKind::TimedOut,
        name: "Timeout".to_string(),
        code: None,
        message: format!("not finished after {} s", timeout.as_secs_f64()),
        frames: Vec::new(),
    }
}

fn crash(how: String, output: &str) -> Failure {
    let last = output.lines().rev().find(|line| !line.trim().is_empty());
    Failure {
        kind: FailureKind::Crashed,
        name: "Crash".to_string(),
        code: None,
        message: match last {
            Some(line) => format!("{how}; its last output was `{}`", line.trim()),
            None => how,
        },
        frames: Vec::new(),
    }
}

/// What Lambda switches off in these versions: `require` of ES modules (20 and 22), and guessing
/// the format from the syntax (22). Each flag came in a minor version, and an unknown flag would
/// stop Node.
fn loader_flags(node: NodeVersion) -> &'static [&'static str] {
    match (node.major, node.minor) {
        (20, 19..) => &["--no-experimental-require-module"],
        (22, 7..) => &[
            "--no-experimental-require-module",
            "--no-experimental-detect-module",
        ],
        _ => &[],
    }
}

fn clean_env(
    command: &mut Command,
    root: &Path,
    handler: &RelPath,
    scratch: &Scratch,
    opts: &LoadOptions,
) {
    command.env_clear();
    let major = opts.wanted_major.unwrap_or(22);
    let stem = handler
        .as_str()
        .rsplit_once('.')
        .map_or(handler.as_str(), |(stem, _)| stem);
    let export = opts.export.as_deref().unwrap_or("handler");
    command.envs([
        ("_HANDLER", format!("{stem}.{export}")),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_nodejs{major}.x")),
        ("LANG", "en_US.UTF-8".to_string()),
        ("TZ", ":UTC".to_string()),
        // Asking the metadata service for credentials would only wait for a timeout.
        ("AWS_EC2_METADATA_DISABLED", "true".to_string()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "/aws/lambda/coldcut".to_string(),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "coldcut".to_string()),
    ]);
    platform_env(command, root);
    let mut path = vec![PathBuf::from("/usr/local/bin")];
    path.extend([PathBuf::from("/usr/bin"), PathBuf::from("/bin")]);
    path.extend(opts.node.parent().map(Path::to_path_buf));
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    command
        .env("HOME", &scratch.real)
        .env("TMPDIR", &scratch.real);
    // Windows starts no program without it.
    if let Some(system) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", system);
    }
    command.envs(opts.env.iter().map(|(name, value)| (name, value)));
}

/// What every Lambda runtime sets, Node.js or not.
pub(super) fn platform_env(command: &mut Command, root: &Path) {
    command.env("LAMBDA_TASK_ROOT", root).envs([
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "coldcut"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ]);
}

/// A temporary folder that is removed with everything in it.
pub(super) struct Scratch {
    dir: tempfile::TempDir,
    /// With links resolved: Node names files so.
    real: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Result<Self> {
        let temp = std::env::temp_dir();
        let failed = |error| Diagnostic::io(SCRATCH, "make a folder in", &temp, &error);
        let dir = tempfile::Builder::new()
            .prefix("coldcut-")
            .tempdir()
            .map_err(failed)?;
        let real = dir.path().canonicalize().map_err(failed)?;
        Ok(Self { dir, real })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.real.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.file(name);
        std::fs::write(&path, bytes)
            .map_err(|error| Diagnostic::io(SCRATCH, "write", &path, &error))?;
        Ok(path)
    }
}

/// The first `node` on the search path.
pub fn find_node() -> Option<PathBuf> {
    let name = if cfg!(windows) { "node.exe" } else { "node" };
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
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
