//! A `bootstrap` started against a Runtime API server of coldcut's own.
//!
//! In: the folder with the `bootstrap`, and perhaps an event. Out: [`BootstrapProof`]. The server
//! listens on loopback and speaks the part of Lambda's Runtime API (2018-06-01) that a runtime
//! needs, and the registration of extensions, which some runtimes use of themselves. A
//! `bootstrap` that asks for its first event has loaded; with an event, its answer is taken.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

use super::codes::{BOOTSTRAP, EVENT};
use super::node::{Scratch, platform_env};
use super::process::{Supervised, describe};
use super::{Proof, Status};
use crate::diag::{Diagnostic, Result};

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:coldcut";
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";
/// Lambda takes 6 MB as an answer and 20 MB (soft) of a stream; more than this is not read.
const BODY_LIMIT: u64 = 32 << 20;
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
    /// The end of what it printed, standard output and error together.
    pub output: String,
}

impl BootstrapProof {
    /// The proof for the report.
    pub fn proof(&self) -> Proof {
        Proof::new(self.status, self.detail.clone())
    }
}

/// Starts `./bootstrap` of `dir`; it must ask for an event within `timeout`, and answer one that
/// is given within the same. It is killed with all its children before this returns.
pub fn start_bootstrap(
    dir: &Path,
    event: Option<&str>,
    timeout: Duration,
) -> Result<BootstrapProof> {
    if let Some(event) = event {
        serde_json::from_str::<Value>(event).map_err(|error| {
            Diagnostic::error(EVENT, format!("the event is not JSON: {error}"))
                .help("give one JSON document, such as `{}`")
        })?;
    }
    let dir = dir
        .canonicalize()
        .map_err(|error| Diagnostic::io(BOOTSTRAP, "open", dir, &error))?;
    let program = dir.join("bootstrap");
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
    let api = Api::start(event, timeout)?;
    let scratch = Scratch::new()?;
    let mut command = Command::new(&program);
    command.current_dir(&dir).env_clear();
    platform_env(&mut command, &dir);
    command
        .env("AWS_LAMBDA_RUNTIME_API", &api.address)
        .env("_HANDLER", "bootstrap")
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "en_US.UTF-8")
        .env("TZ", ":UTC")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", scratch.file(""))
        .env("TMPDIR", scratch.file(""));
    let mut child = match Supervised::spawn(&mut command, &scratch.file("log")) {
        Ok(child) => child,
        Err(error) => return Ok(not_started(&error)),
    };
    let seen = watch(&api, &mut child, event.is_some(), deadline);
    // First the processes, then the server: what waits for an answer must not see an error.
    child.end();
    drop(api);
    Ok(judge(seen, child.tail(), event.is_some(), timeout))
}

/// What came from the `bootstrap`.
#[derive(Debug)]
enum Seen {
    AskedForEvent,
    Response(Vec<u8>),
    InvocationError(Vec<u8>),
    InitError(Vec<u8>),
    /// It asked for something the Runtime API does not have.
    Unknown(String),
}

#[derive(Default)]
struct Watched {
    asked: bool,
    response: Option<Value>,
    error: Option<Value>,
    init_error: bool,
    unknown: Option<String>,
    ended: Option<String>,
}

fn watch(api: &Api, child: &mut Supervised, with_event: bool, deadline: Instant) -> Watched {
    let mut watched = Watched::default();
    loop {
        // A process that ended may have said something last: one more look at the channel.
        let ended = child.poll().ok().flatten();
        let wait = if ended.is_some() { TICK * 5 } else { TICK };
        match api.seen.recv_timeout(wait) {
            Ok(Seen::AskedForEvent) => {
                watched.asked = true;
                if !with_event {
                    return watched;
                }
            }
            Ok(Seen::Response(body)) => {
                watched.response = Some(value_of(&body));
                return watched;
            }
            Ok(Seen::InvocationError(body)) => {
                watched.error = Some(value_of(&body));
                return watched;
            }
            Ok(Seen::InitError(body)) => {
                watched.error = Some(value_of(&body));
                watched.init_error = true;
                return watched;
            }
            Ok(Seen::Unknown(what)) => watched.unknown = Some(what),
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

fn value_of(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
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
            "this machine has not the loader or interpreter that it asks for".to_string(),
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

/// The server: a thread that answers, and a channel on which it says what it saw.
struct Api {
    server: Arc<Server>,
    address: String,
    seen: Receiver<Seen>,
}

impl Api {
    fn start(event: Option<&str>, timeout: Duration) -> Result<Self> {
        let failed = |why: String| {
            Diagnostic::error(
                BOOTSTRAP,
                format!("cannot listen on `127.0.0.1` for the `bootstrap`: {why}"),
            )
            .help("pass `--no-verify` where no port of the loopback may be opened")
        };
        let server = Server::http("127.0.0.1:0").map_err(|error| failed(error.to_string()))?;
        let server = Arc::new(server);
        let address = match server.server_addr().to_ip() {
            Some(address) => address.to_string(),
            None => return Err(Box::new(failed("it has no address".to_string()))),
        };
        let (tell, seen) = channel();
        let serving = Serving {
            server: Arc::clone(&server),
            tell,
            event: event.map(str::to_string),
            deadline: SystemTime::now() + timeout,
            held: Vec::new(),
        };
        // Not joined: it ends when `drop` unblocks it, and a body that never comes to its end
        // (its sender is killed by then) must not hold up the caller.
        std::thread::Builder::new()
            .name("runtime-api".to_string())
            .spawn(move || serving.run())
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            server,
            address,
            seen,
        })
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

struct Serving {
    server: Arc<Server>,
    tell: Sender<Seen>,
    /// Taken by the first who asks.
    event: Option<String>,
    deadline: SystemTime,
    /// Requests that wait for ever, as they would between two events.
    held: Vec<Request>,
}

impl Serving {
    fn run(mut self) {
        while let Ok(request) = self.server.recv() {
            // The caller is gone: nobody wants to know any more.
            if self.answer(request).is_err() {
                break;
            }
        }
    }

    fn answer(&mut self, request: Request) -> std::result::Result<(), ()> {
        let path = request.url().split('?').next().unwrap_or("").to_string();
        let get = *request.method() == Method::Get;
        let tell = |seen| self.tell.send(seen).map_err(|_| ());
        match path.as_str() {
            "/2018-06-01/runtime/invocation/next" if get => {
                tell(Seen::AskedForEvent)?;
                match self.event.take() {
                    Some(event) => respond(request, invocation(event, self.deadline)),
                    None => self.held.push(request),
                }
            }
            "/2018-06-01/runtime/init/error" => {
                let body = accept(request);
                tell(Seen::InitError(body))?;
            }
            "/2020-01-01/extension/register" => {
                let body = json!({
                    "functionName": "coldcut", "functionVersion": "$LATEST", "handler": "bootstrap"
                });
                let reply = Response::from_string(body.to_string());
                respond(
                    request,
                    with_header(reply, "Lambda-Extension-Identifier", REQUEST_ID),
                );
            }
            "/2020-01-01/extension/event/next" => self.held.push(request),
            "/2020-08-15/logs" | "/2022-07-01/telemetry" => {
                respond(request, Response::from_string("OK"));
            }
            _ => match path.strip_prefix("/2018-06-01/runtime/invocation/") {
                Some(rest) if rest.ends_with("/response") => {
                    let body = accept(request);
                    tell(Seen::Response(body))?;
                }
                Some(rest) if rest.ends_with("/error") => {
                    let body = accept(request);
                    tell(Seen::InvocationError(body))?;
                }
                _ => {
                    tell(Seen::Unknown(format!("{} {path}", request.method())))?;
                    let reply = Response::from_string("{}").with_status_code(404);
                    respond(request, reply);
                }
            },
        }
        Ok(())
    }
}

/// Reads the body and says that it was taken.
fn accept(mut request: Request) -> Vec<u8> {
    let mut body = Vec::new();
    // What came before a broken end is still worth showing.
    let _ = request.as_reader().take(BODY_LIMIT).read_to_end(&mut body);
    respond(
        request,
        Response::from_string("{\"status\":\"OK\"}").with_status_code(202),
    );
    body
}

fn invocation(event: String, deadline: SystemTime) -> Response<std::io::Cursor<Vec<u8>>> {
    let deadline_ms = deadline
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let mut reply = Response::from_string(event);
    for (name, value) in [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", REQUEST_ID),
        ("Lambda-Runtime-Deadline-Ms", &deadline_ms.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", ARN),
        ("Lambda-Runtime-Trace-Id", TRACE),
    ] {
        reply = with_header(reply, name, value);
    }
    reply
}

fn with_header<R: Read>(reply: Response<R>, name: &str, value: &str) -> Response<R> {
    match Header::from_bytes(name, value) {
        Ok(header) => reply.with_header(header),
        // Only text that is not ASCII is refused, and all of ours is.
        Err(()) => reply,
    }
}

fn respond<R: Read>(request: Request, reply: Response<R>) {
    // Who asked may be gone already.
    let _ = request.respond(reply);
}
