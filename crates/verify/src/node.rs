//! One handler loaded, or called, in a fresh Node.js process.
//!
//! In: a folder (an unpacked artifact, or the original), the handler's file in it and
//! [`LoadOptions`]. Out: [`Loaded`], what the file exports or how it fails; or [`Invoked`]. The
//! harness (`load.cjs`) lies in a temporary folder, never in the project; it answers through a
//! file, because the user's code prints to the standard streams. The environment is Lambda's and
//! not the user's, so that no secret of this machine is seen.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Bounds;
use crate::codes::{HANDLER_FILE, NODE, SCRATCH};
use crate::environment::clean_env;
use crate::folder::Scratch;
use crate::process::{Supervised, by_signal, describe};
use crate::runtime_api::{Api, Seen, check_event};
use crate::text::{own_words, printable, replace_path};
use crate::version::{NodeVersion, loader_flags, node_version};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// What a fresh process runs to load a handler.
pub const HARNESS: &str = include_str!("load.cjs");
/// How often a profile looks at the stack, in microseconds.
const PROFILE_INTERVAL_US: &str = "200";
/// How long what a handler has started may take to end after it.
const PATIENCE: Duration = Duration::from_millis(1000);
/// What V8 says when the heap is full, before it aborts.
const HEAP_EXHAUSTED: &str = "JavaScript heap out of memory";

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
    /// Past these the process and all that comes of it is killed.
    pub bounds: Bounds,
    /// Comes last, so it overrides what the platform would set.
    pub env: Vec<(String, String)>,
    /// The export that the platform calls; `a.b` is a property of the export `a`.
    pub export: Option<String>,
    /// The major version that the runtime has; another one is noted in the proof.
    pub wanted_major: Option<u32>,
    pub provided: Option<Provided>,
    /// Where to write a CPU profile of the whole process.
    pub profile: Option<PathBuf>,
    /// Arguments for Node.js itself, without which this code is not found.
    pub arguments: Vec<String>,
}

impl LoadOptions {
    /// The usual bounds, no extra environment, no named export.
    pub fn new(node: impl Into<PathBuf>) -> Self {
        Self {
            node: node.into(),
            bounds: Bounds::default(),
            env: Vec::new(),
            export: None,
            wanted_major: None,
            provided: None,
            profile: None,
            arguments: Vec::new(),
        }
    }
}

/// Where the time of one process went, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
pub struct Timing {
    /// Until the first line of the harness: Node.js itself.
    pub start_ms: f64,
    /// From there to the handler's file with all that it imports.
    pub load_ms: Option<f64>,
    /// From the call of the handler to its answer.
    pub answer_ms: Option<f64>,
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
            crate::text::first_line(&self.message)
        )
    }
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Exports(Exports),
    Failed(Failure),
}

/// What a load took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Files of source and data; addons are none.
    pub files: u64,
    pub bytes: u64,
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
    /// Names of processes that it started and that did not end by themselves.
    pub left: Vec<String>,
    pub timing: Timing,
    /// `None` where it did not load, or Node.js does not say.
    pub amount: Option<Amount>,
}

/// One call of a handler.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// What it gave back as JSON, or how it failed.
    pub result: std::result::Result<Value, Failure>,
    /// The end of what it printed.
    pub output: String,
    /// Names of processes that it started and that did not end by themselves.
    pub left: Vec<String>,
    pub timing: Timing,
}

/// Loads `handler` of the folder `root`. A handler that fails is no error: that is an outcome.
pub fn load(root: &Path, handler: &RelPath, opts: &LoadOptions) -> Result<Loaded> {
    let node = node_version(&opts.node)?;
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
        left: run.left,
        timing: run.report.timing,
        amount: run.report.amount,
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
    check_event(event_json)?;
    let node = node_version(&opts.node)?;
    let opts = LoadOptions {
        export: Some(export.to_string()),
        ..opts.clone()
    };
    let run = run(root, handler, Some(event_json), node, &opts)?;
    let result = match (run.report.failure, run.answer) {
        (Some(failure), _) => Err(failure),
        (None, Some(value)) => Ok(value),
        (None, None) => Err(crash("no answer".to_string(), &run.output)),
    };
    Ok(Invoked {
        result,
        output: run.output,
        left: run.left,
        timing: run.report.timing,
    })
}

/// What the harness is asked.
#[derive(Serialize)]
struct Request<'a> {
    root: &'a Path,
    handler: &'a str,
    report: &'a Path,
    export: Option<&'a str>,
    /// The address of the Runtime API, where an event is to be asked for.
    api: Option<&'a str>,
    provided: Option<&'a Provided>,
    /// Whether a profile is written, in which modules are to be told apart.
    profile: bool,
}

/// What it answers.
#[derive(Default, Deserialize)]
struct Report {
    exports: Option<Exports>,
    failure: Option<Failure>,
    #[serde(default)]
    timing: Timing,
    #[serde(default)]
    amount: Option<Amount>,
}

struct Run {
    report: Report,
    /// What was handed in to the Runtime API.
    answer: Option<Value>,
    output: String,
    left: Vec<String>,
}

fn run(
    root: &Path,
    handler: &RelPath,
    event: Option<&str>,
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
    let Bounds { timeout, memory_mb } = opts.bounds;
    let api = match event {
        Some(event) => Some(Api::start(Some(event), timeout)?),
        None => None,
    };
    let request = Request {
        root: &real,
        handler: handler.as_str(),
        report: &report_path,
        export: opts.export.as_deref(),
        api: api.as_ref().map(|api| api.address.as_str()),
        provided: opts.provided.as_ref(),
        profile: opts.profile.is_some(),
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
        // As the runtime does: less than all, so that the collector works harder before the end.
        .arg(format!("--max-old-space-size={}", memory_mb / 10 * 9));
    if let Some(folder) = &opts.profile {
        command
            .args(["--cpu-prof", "--cpu-prof-interval", PROFILE_INTERVAL_US])
            .arg("--cpu-prof-dir")
            .arg(folder);
    }
    command.args(&opts.arguments);
    command.arg(&harness).arg(&request).current_dir(&real);
    clean_env(&mut command, &real, handler, &scratch, opts);
    let deadline = Instant::now() + timeout;
    let mut child = Supervised::spawn(&mut command, &scratch.file("log"))
        .map_err(|error| Diagnostic::io(NODE, "start", &opts.node, &error))?
        .with_memory(memory_mb);
    let status = child
        .wait_until(deadline)
        .map_err(|error| Diagnostic::io(NODE, "wait for", &opts.node, &error))?;
    let left = match status {
        Some(_) if !child.over_memory() => child.stays(PATIENCE),
        _ => Vec::new(),
    };
    child.end();

    let hide = |text: &str| {
        // The longer spellings first: one may hold the other.
        let mut text = replace_path(text, &format!("file://{}", real.display()), "<root>");
        for (path, with) in [
            (real.as_path(), "<root>"),
            (root, "<root>"),
            (scratch.path(), "<tmp>"),
        ] {
            // A relative root such as `.` is no path that a message holds.
            if path.is_absolute() {
                text = replace_path(&text, &path.to_string_lossy(), with);
            }
        }
        text
    };
    let output = printable(&hide(&child.tail()));
    let output = own_words(&output).to_string();
    let mut report = match std::fs::read(&report_path) {
        // A report that is there is whole, whatever happened to the process after it.
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| Report {
            failure: Some(crash(format!("a broken report: {error}"), &output)),
            ..Report::default()
        }),
        Err(_) => Report {
            failure: Some(match status {
                _ if child.over_memory() => out_of_memory(memory_mb),
                None => timed_out(timeout, &output),
                Some(_) if output.contains(HEAP_EXHAUSTED) => out_of_memory(memory_mb),
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
    let mut answer = None;
    for seen in api.iter().flat_map(|api| api.seen.try_iter()) {
        match seen {
            Seen::Response(value) => answer = Some(value),
            Seen::InvocationError(value) => {
                report.failure = Some(handed_in(&value));
            }
            Seen::AskedForEvent | Seen::ExtensionWaits | Seen::InitError(_) | Seen::Unknown(_) => {}
        }
    }
    // It may have been killed while it handed something in.
    if report.failure.is_none() && answer.is_none() && report.exports.is_none() {
        report.failure = Some(match status {
            _ if child.over_memory() => out_of_memory(memory_mb),
            None => timed_out(timeout, &output),
            Some(status) => crash(
                format!("the process ended with {}", describe(status)),
                &output,
            ),
        });
    }
    if let Some(failure) = &mut report.failure {
        failure.name = printable(&failure.name);
        failure.message = printable(&hide(&failure.message));
        for frame in &mut failure.frames {
            *frame = printable(&hide(frame));
        }
    }
    if let Some(exports) = &mut report.exports {
        for export in exports.list.iter_mut().chain(&mut exports.handler) {
            export.kind = hide(&export.kind);
        }
    }
    Ok(Run {
        report,
        answer,
        output,
        left,
    })
}

/// The failure that the harness handed in for the event.
fn handed_in(body: &Value) -> Failure {
    let failure = body.get("failure").cloned().unwrap_or(Value::Null);
    serde_json::from_value(failure)
        .unwrap_or_else(|_| crash(format!("an error of no known form: {body}"), ""))
}

fn timed_out(timeout: Duration, output: &str) -> Failure {
    Failure {
        kind: FailureKind::TimedOut,
        name: "Timeout".to_string(),
        code: None,
        message: with_last_line(
            format!("not finished after {} s", timeout.as_secs_f64()),
            output,
        ),
        frames: Vec::new(),
    }
}

fn out_of_memory(memory_mb: u32) -> Failure {
    Failure {
        kind: FailureKind::Crashed,
        name: "OutOfMemory".to_string(),
        code: None,
        message: format!("it takes more than {memory_mb} MB of memory"),
        frames: Vec::new(),
    }
}

fn crash(how: String, output: &str) -> Failure {
    Failure {
        kind: FailureKind::Crashed,
        name: "Crash".to_string(),
        code: None,
        message: with_last_line(how, output),
        frames: Vec::new(),
    }
}

fn with_last_line(how: String, output: &str) -> String {
    let last = output.lines().rev().find(|line| !line.trim().is_empty());
    match last {
        Some(line) => format!("{how}; its last output was `{}`", line.trim()),
        None => how,
    }
}
