//! A `bootstrap` started against a Runtime API server of coldcut's own.
//!
//! In: the folder with the `bootstrap`, and perhaps an event. Out: [`BootstrapProof`]. The server
//! is [`RuntimeApi`]. A `bootstrap` that asks for its first event has loaded; with an event, its answer is
//! taken.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::answer_diff::compare_values;
use crate::codes::BOOTSTRAP;
use crate::environment::platform_env;
use crate::layer;
use crate::outcome::Bounds;
use crate::output_text::printable;
use crate::process::{Supervised, describe};
use crate::proof::{Proof, Status};
use crate::runtime_api::{ApiRequest, RuntimeApi, check_event};
use crate::scratch::Scratch;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// How often the process is looked at between requests.
const TICK: Duration = Duration::from_millis(20);

/// What a `bootstrap` did.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapProof {
    pub status: Status,
    /// For a person, without a full stop at the end.
    pub detail: String,
    pub asked_for_event: bool,
    /// Its answer to the event; text that is not JSON is a JSON string here.
    pub response: Option<Value>,
    /// What it reported as an error, of its start or of the event.
    pub error: Option<Value>,
    /// From the start of the process until it asked for an event.
    pub asked_ms: Option<f64>,
    /// From there until its answer.
    pub answer_ms: Option<f64>,
    /// The end of what it printed, standard output and error together.
    pub output: String,
}

impl BootstrapProof {
    /// The proof for the report.
    pub fn proof(&self) -> Proof {
        Proof::new(self.status, self.detail.clone())
    }
}

/// What is started, and what it finds there.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// The unpacked artifact.
    pub dir: &'a Path,
    /// An extension in it, which must register and ask for its next event; `bootstrap` unless told.
    pub extension: Option<&'a Path>,
    /// For the function alone.
    pub event: Option<&'a str>,
    pub env: &'a [(String, String)],
    /// An unpacked layer, which lies in `/opt` for what is started, where the system lets it.
    pub layer: Option<&'a Path>,
    pub bounds: Bounds,
}

/// Starts `./bootstrap` of `dir`, without a layer.
pub fn start_bootstrap(
    dir: &Path,
    event: Option<&str>,
    env: &[(String, String)],
    bounds: Bounds,
) -> Result<BootstrapProof> {
    Launch {
        dir,
        extension: None,
        event,
        env,
        layer: None,
        bounds,
    }
    .run()
}

/// The file that a custom runtime starts.
const BOOTSTRAP_FILE: &str = "bootstrap";

impl Launch<'_> {
    /// Starts it; it must ask for an event in the time that the bounds give, and answer one that is
    /// given within the same. It is killed with all its children before this returns.
    pub fn run(&self) -> Result<BootstrapProof> {
        start(self)
    }
}

fn start(launch: &Launch<'_>) -> Result<BootstrapProof> {
    let Launch { dir, event, .. } = *launch;
    let file = launch.extension.unwrap_or(Path::new(BOOTSTRAP_FILE));
    if let Some(event) = event {
        check_event(event)?;
    }
    let Bounds { timeout, memory_mb } = launch.bounds;
    let dir = dir
        .canonicalize()
        .map_err(|error| Diagnostic::io(BOOTSTRAP, "open", dir, &error))?;
    let program = dir.join(file);
    if !program.is_file() {
        return Err(Box::new(
            Diagnostic::error(
                BOOTSTRAP,
                format!("there is no `bootstrap` in `{}`", dir.display()),
            )
            .help("a custom runtime starts the file `bootstrap` at the root of the artifact"),
        ));
    }
    let deadline = Instant::now() + timeout;
    let api = RuntimeApi::start(event, timeout)?;
    let scratch = Scratch::new()?;
    let mut command = match launch.layer {
        Some(layer) if layer::can_be_placed() => layer::command_with_layer(layer, file),
        _ => Command::new(&program),
    };
    command.current_dir(&dir).env_clear();
    platform_env(&mut command, &dir, memory_mb);
    command
        .env("AWS_LAMBDA_RUNTIME_API", &api.address)
        .env("_HANDLER", "bootstrap")
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "en_US.UTF-8")
        .env("TZ", ":UTC")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", scratch.file(""))
        .env("TMPDIR", scratch.file(""))
        .envs(launch.env.iter().map(|(name, value)| (name, value)));
    let mut child = match Supervised::spawn(&mut command, &scratch.file("log")) {
        Ok(child) => child.with_memory(memory_mb),
        Err(error) => return Ok(not_started(&error)),
    };
    let started = Instant::now();
    let extension = launch.extension.is_some();
    let seen = watch(&api, &mut child, event.is_some(), extension, deadline);
    let milliseconds = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1000.0;
    let asked_ms = seen.asked_at.map(|asked| milliseconds(started, asked));
    let answer_ms = match (seen.asked_at, &seen.response) {
        (Some(asked), Some(_)) => Some(milliseconds(asked, Instant::now())),
        _ => None,
    };
    // First the processes, then the server: what waits for an answer must not see an error.
    child.end();
    drop(api);
    let output = printable(&child.tail());
    let mut proof = judge(seen, output, event.is_some(), timeout);
    (proof.asked_ms, proof.answer_ms) = (asked_ms, answer_ms);
    if child.over_memory() {
        proof.status = Status::Differs;
        proof.detail = format!("takes more than {memory_mb} MB of memory");
    }
    Ok(proof)
}

#[derive(Default)]
struct Watched {
    asked: bool,
    asked_at: Option<Instant>,
    response: Option<Value>,
    error: Option<Value>,
    init_error: bool,
    unknown: Option<String>,
    ended: Option<String>,
}

fn watch(
    api: &RuntimeApi,
    child: &mut Supervised,
    with_event: bool,
    extension: bool,
    deadline: Instant,
) -> Watched {
    let mut watched = Watched::default();
    loop {
        // A process that ended may have said something last: one more look at the channel.
        let ended = child.poll().ok().flatten();
        let wait = if ended.is_some() { TICK * 5 } else { TICK };
        match api.seen.recv_timeout(wait) {
            // One in the process of a function is none of our business.
            Ok(ApiRequest::ExtensionWaits) if !extension => {}
            Ok(ApiRequest::AskedForEvent | ApiRequest::ExtensionWaits) => {
                watched.asked = true;
                watched.asked_at.get_or_insert_with(Instant::now);
                if !with_event {
                    return watched;
                }
            }
            Ok(ApiRequest::Response(body)) => {
                watched.response = Some(body);
                return watched;
            }
            Ok(ApiRequest::InvocationError(body)) => {
                watched.error = Some(body);
                return watched;
            }
            Ok(ApiRequest::InitError(body)) => {
                watched.error = Some(body);
                watched.init_error = true;
                return watched;
            }
            Ok(ApiRequest::Unknown(what)) => watched.unknown = Some(what),
            Err(RecvTimeoutError::Disconnected) => return watched,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = ended {
                    watched.ended = Some(describe(status));
                    return watched;
                }
                if Instant::now() >= deadline {
                    return watched;
                }
            }
        }
    }
}

/// Says whether the artifact did what the original did. `again` starts the original once more, and
/// is only called where their answers differ.
pub fn compare_bootstraps(
    original: &BootstrapProof,
    artifact: &BootstrapProof,
    again: impl FnOnce() -> Result<BootstrapProof>,
) -> Result<Proof> {
    if let (Some(a), Some(b)) = (&original.response, &artifact.response) {
        return compare_values(a, b, || Ok(again()?.response));
    }
    // Where in the code it failed is another place in another build.
    let said = |error: &Value| {
        let part = |key: &str| error.get(key).cloned();
        (part("errorType"), part("errorMessage"))
    };
    let proof = match (&original.error, &artifact.error) {
        (Some(a), Some(b)) if said(a) == said(b) => (
            Status::Equal,
            format!("{}, exactly as the original", artifact.detail),
        ),
        (None, None) if original.status == Status::Equal && artifact.status == Status::Equal => (
            Status::Equal,
            format!("{}, as the original", artifact.detail),
        ),
        // Both end for the same reason, such as a variable that is not there.
        (None, None) if original.detail == artifact.detail => (
            Status::Unverified,
            format!(
                "neither the original nor the artifact works here: it {}",
                artifact.detail
            ),
        ),
        _ => (
            Status::Differs,
            format!(
                "the original {}; the artifact {}",
                original.detail, artifact.detail
            ),
        ),
    };
    Ok(Proof::new(proof.0, proof.1))
}

fn judge(seen: Watched, output: String, with_event: bool, timeout: Duration) -> BootstrapProof {
    let last = output.lines().rev().find(|line| !line.trim().is_empty());
    let said = last.map_or(String::new(), |line| {
        format!("; its last output was `{}`", line.trim())
    });
    let seconds = timeout.as_secs_f64();
    let message = |error: &Value| {
        let part = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_string);
        match (part("errorType"), part("errorMessage")) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            (None, Some(text)) | (Some(text), None) => text,
            (None, None) => error.to_string(),
        }
    };
    let (status, detail) = if seen.response.is_some() {
        (Status::Equal, "starts and answers the event".to_string())
    } else if let Some(error) = &seen.error {
        let when = if seen.init_error {
            "reports an error at its start"
        } else {
            "starts, and answers the event with an error"
        };
        (Status::Differs, format!("{when} ({})", message(error)))
    } else if let Some(line) = output
        .lines()
        .find(|l| l.contains("GLIBC_") && l.contains("not found"))
    {
        (
            Status::Unverified,
            format!(
                "this machine's C library is older than the one it was built against ({})",
                line.trim()
            ),
        )
    } else if let Some(how) = &seen.ended {
        let when = if seen.asked {
            "without an answer to its event"
        } else {
            "before it asks for an event"
        };
        (Status::Differs, format!("ends with {how} {when}{said}"))
    } else if seen.asked && with_event {
        (
            Status::Differs,
            format!("asks for an event and does not answer it within {seconds} s{said}"),
        )
    } else if seen.asked {
        (
            Status::Equal,
            "starts and asks for its first event".to_string(),
        )
    } else {
        let asked = seen.unknown.as_ref().map_or(String::new(), |what| {
            format!(", though it asked for `{what}`")
        });
        (
            Status::Differs,
            format!("does not ask for an event within {seconds} s{asked}{said}"),
        )
    };
    BootstrapProof {
        status,
        detail,
        asked_for_event: seen.asked,
        response: seen.response,
        error: seen.error,
        asked_ms: None,
        answer_ms: None,
        output,
    }
}

/// The system would not even start it.
fn not_started(error: &std::io::Error) -> BootstrapProof {
    let (status, detail) = match error.kind() {
        std::io::ErrorKind::PermissionDenied => (
            Status::Differs,
            "cannot be started: it is not executable".to_string(),
        ),
        // The file is there, so it is the loader that its header names.
        std::io::ErrorKind::NotFound => (
            Status::Unverified,
            "this machine does not have the loader or interpreter that it needs".to_string(),
        ),
        _ if is_format_error(error) => (
            Status::Unverified,
            "it is built for another architecture or system than this machine's".to_string(),
        ),
        _ => (
            Status::Unverified,
            format!("it cannot be started here: {error}"),
        ),
    };
    BootstrapProof {
        status,
        detail,
        asked_for_event: false,
        response: None,
        error: None,
        asked_ms: None,
        answer_ms: None,
        output: String::new(),
    }
}

#[cfg(unix)]
fn is_format_error(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOEXEC)
}

#[cfg(not(unix))]
fn is_format_error(error: &std::io::Error) -> bool {
    // ERROR_BAD_EXE_FORMAT
    error.raw_os_error() == Some(193)
}
