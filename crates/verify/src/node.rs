//! One handler loaded, or called, in a fresh Node.js process.
//!
//! In: a folder (an unpacked artifact, or the original), the handler's file in it and
//! [`LoadOptions`]. Out: [`Loaded`], what the file exports or how it fails; or [`Invoked`]. The
//! harness (`load.cjs`) lies in a temporary folder, never in the project; it answers through a
//! file, because the user's code prints to the standard streams. The environment is Lambda's and
//! not the user's, so that no secret of this machine is seen.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::codes::{HANDLER_FILE, NODE, SCRATCH};
use crate::environment::clean_env;
use crate::outcome::{
    Bounds, Exports, Failure, FailureKind, Invoked, LoadOptions, Loaded, LoadedAmount, Outcome,
    Provided, Timing,
};
use crate::output_text::{own_words, printable, replace_path};
use crate::process::{Supervised, by_signal, describe};
use crate::runtime_api::{ApiRequest, RuntimeApi, check_event};
use crate::scratch::Scratch;
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
    amount: Option<LoadedAmount>,
}

struct Run {
    report: Report,
    /// What was handed in to the Runtime API.
    answer: Option<Value>,
    output: String,
    left: Vec<String>,
}

/// Runs the harness once in a process of its own.
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
    check_handler_file(root, &real, handler)?;
    let scratch = Scratch::new()?;
    let report_path = scratch.file("report.json");
    let Bounds { timeout, memory_mb } = opts.bounds;
    let api = match event {
        Some(event) => Some(RuntimeApi::start(Some(event), timeout)?),
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
    let mut command = harness_command(&request, root, &scratch, node, opts)?;
    command.current_dir(&real);
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

    let paths = HiddenPaths {
        given: root,
        real: &real,
        scratch: scratch.path(),
    };
    let output = printable(&paths.hide(&child.tail()));
    let output = own_words(&output).to_string();
    let end = ProcessEnd {
        status,
        over_memory: child.over_memory(),
        bounds: opts.bounds,
        output: &output,
    };
    let mut report = end.read_report(&report_path);
    let answer = api
        .as_ref()
        .and_then(|api| take_answer(api, &mut report.failure));
    // It may have been killed while it handed something in.
    if report.failure.is_none() && answer.is_none() && report.exports.is_none() {
        report.failure = Some(end.failure_in_mid_answer());
    }
    paths.hide_in(&mut report);
    Ok(Run {
        report,
        answer,
        output,
        left,
    })
}

fn check_handler_file(root: &Path, real: &Path, handler: &RelPath) -> Result<()> {
    if handler.under(real).is_file() {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::error(
            HANDLER_FILE,
            format!(
                "the handler file `{handler}` is not in `{}`",
                root.display()
            ),
        )
        .help("check the handler setting, or ship the file with `--include`"),
    ))
}

/// Writes the harness and what it is asked into `scratch`; gives the command that runs it.
fn harness_command(
    request: &Request<'_>,
    root: &Path,
    scratch: &Scratch,
    node: NodeVersion,
    opts: &LoadOptions,
) -> Result<Command> {
    let request = serde_json::to_vec(request).map_err(|error| {
        Diagnostic::error(
            SCRATCH,
            format!("`{}` cannot be passed to Node.js: {error}", root.display()),
        )
    })?;
    let harness = scratch.write("load.cjs", HARNESS.as_bytes())?;
    let request = scratch.write("request.json", &request)?;
    let mut command = Command::new(&opts.node);
    command
        .args(loader_flags(node))
        // As the runtime does: less than all, so that the collector works harder before the end.
        .arg(format!(
            "--max-old-space-size={}",
            opts.bounds.memory_mb / 10 * 9
        ));
    if let Some(folder) = &opts.profile {
        command
            .args(["--cpu-prof", "--cpu-prof-interval", PROFILE_INTERVAL_US])
            .arg("--cpu-prof-dir")
            .arg(folder);
    }
    command.args(&opts.arguments).arg(&harness).arg(&request);
    Ok(command)
}

/// Folders of this run, which a message names by a word instead.
struct HiddenPaths<'a> {
    /// The handler's folder as the caller named it, and with links resolved.
    given: &'a Path,
    real: &'a Path,
    scratch: &'a Path,
}

impl HiddenPaths<'_> {
    fn hide(&self, text: &str) -> String {
        // The longer spellings first: one may hold the other.
        let mut text = replace_path(text, &format!("file://{}", self.real.display()), "<root>");
        for (path, with) in [
            (self.real, "<root>"),
            (self.given, "<root>"),
            (self.scratch, "<tmp>"),
        ] {
            // A relative root such as `.` is no path that a message holds.
            if path.is_absolute() {
                text = replace_path(&text, &path.to_string_lossy(), with);
            }
        }
        text
    }

    fn hide_in(&self, report: &mut Report) {
        if let Some(failure) = &mut report.failure {
            failure.name = printable(&failure.name);
            failure.message = printable(&self.hide(&failure.message));
            for frame in &mut failure.frames {
                *frame = printable(&self.hide(frame));
            }
        }
        if let Some(exports) = &mut report.exports {
            for export in exports.list.iter_mut().chain(&mut exports.handler) {
                export.kind = self.hide(&export.kind);
            }
        }
    }
}

/// How the process ended, for a run that wrote no report of its own.
struct ProcessEnd<'a> {
    /// `None` where it was killed at the deadline.
    status: Option<ExitStatus>,
    over_memory: bool,
    bounds: Bounds,
    output: &'a str,
}

impl ProcessEnd<'_> {
    /// What the harness wrote; where it wrote nothing, how the process failed.
    fn read_report(&self, path: &Path) -> Report {
        let failure = match std::fs::read(path) {
            // A report that is there is whole, whatever happened to the process after it.
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(report) => return report,
                Err(error) => crash(format!("a broken report: {error}"), self.output),
            },
            Err(_) => self.failure(),
        };
        Report {
            failure: Some(failure),
            ..Report::default()
        }
    }

    fn failure(&self) -> Failure {
        match self.status {
            _ if self.over_memory => out_of_memory(self.bounds.memory_mb),
            None => timed_out(self.bounds.timeout, self.output),
            Some(_) if self.output.contains(HEAP_EXHAUSTED) => out_of_memory(self.bounds.memory_mb),
            Some(status) => {
                let mut failure = self.crash(status);
                if by_signal(status) {
                    failure.code = Some(describe(status));
                }
                failure
            }
        }
    }

    /// The same for a process that had answered nothing when it ended, although it had a report.
    fn failure_in_mid_answer(&self) -> Failure {
        match self.status {
            _ if self.over_memory => out_of_memory(self.bounds.memory_mb),
            None => timed_out(self.bounds.timeout, self.output),
            Some(status) => self.crash(status),
        }
    }

    fn crash(&self, status: ExitStatus) -> Failure {
        let how = format!("the process ended with {}", describe(status));
        crash(how, self.output)
    }
}

/// What was handed in to the Runtime API; an error of the invocation becomes the run's failure.
fn take_answer(api: &RuntimeApi, failure: &mut Option<Failure>) -> Option<Value> {
    let mut answer = None;
    for seen in api.seen.try_iter() {
        match seen {
            ApiRequest::Response(value) => answer = Some(value),
            ApiRequest::InvocationError(value) => *failure = Some(handed_in(&value)),
            ApiRequest::AskedForEvent
            | ApiRequest::ExtensionWaits
            | ApiRequest::InitError(_)
            | ApiRequest::Unknown(_) => {}
        }
    }
    answer
}

/// The failure that the harness handed in for the event.
fn handed_in(body: &Value) -> Failure {
    let failure = body.get("failure").cloned().unwrap_or(Value::Null);
    serde_json::from_value(failure)
        .unwrap_or_else(|_| crash(format!("an error of an unknown form: {body}"), ""))
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
