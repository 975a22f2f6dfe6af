//! The part of Lambda's Runtime API (2018-06-01) that a runtime needs, on the loopback.
//!
//! In: an event, or none. Out: [`RuntimeApi`], which says over a channel what a runtime asked for and
//! handed in. It also knows the registration of extensions, which some runtimes use of
//! themselves. Both a `bootstrap` and the harness for Node.js are run against it.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::codes::{BOOTSTRAP, EVENT};
use coldcut_core::diagnostics::{Diagnostic, Result};

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:coldcut";
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";
/// Lambda takes 6 MB as an answer and 20 MB (soft) of a stream; more than this is not read.
const BODY_LIMIT: u64 = 32 << 20;
/// What an HTTP integration reads: a head in JSON, this, the body.
const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";
const HEAD_END: [u8; 8] = [0; 8];

/// What came from a runtime.
#[derive(Debug)]
pub(super) enum ApiRequest {
    AskedForEvent,
    /// An extension asked for its next event.
    ExtensionWaits,
    Response(Value),
    InvocationError(Value),
    InitError(Value),
    /// It asked for something the Runtime API does not have.
    Unknown(String),
}

/// An event that is JSON, or the error that it is none.
pub(super) fn check_event(event: &str) -> Result<()> {
    serde_json::from_str::<Value>(event).map_err(|error| {
        Diagnostic::error(EVENT, format!("the event is not JSON: {error}"))
            .help("give one JSON document, such as `{}`")
    })?;
    Ok(())
}

/// The text of the event in a file, `-` being standard input; it must be JSON.
pub fn read_event(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|found| text = found)
    };
    read.map_err(|error| {
        Diagnostic::io(EVENT, "read", path, &error)
            .help("name a file with one JSON document, such as `{}`")
    })?;
    check_event(&text).map_err(|error| Box::new(error.at_file(path)))?;
    Ok(text)
}

/// The server: a thread that answers, and a channel on which it says what it saw.
pub(super) struct RuntimeApi {
    server: Arc<Server>,
    /// `HOST:PORT`, as `AWS_LAMBDA_RUNTIME_API` has it.
    pub(super) address: String,
    pub(super) seen: Receiver<ApiRequest>,
}

impl RuntimeApi {
    /// Listens; the first who asks gets the event, everybody else waits for ever.
    pub(super) fn start(event: Option<&str>, timeout: Duration) -> Result<Self> {
        let failed = |why: String| {
            Diagnostic::error(
                BOOTSTRAP,
                format!("cannot listen on `127.0.0.1` for the function: {why}"),
            )
            .help("pass `--no-verify` if no port of the loopback interface can be opened")
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

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

struct Serving {
    server: Arc<Server>,
    tell: Sender<ApiRequest>,
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

    fn answer(&mut self, mut request: Request) -> std::result::Result<(), ()> {
        let path = request.url().split('?').next().unwrap_or("").to_string();
        let get = *request.method() == Method::Get;
        let tell = |seen| self.tell.send(seen).map_err(|_| ());
        match path.as_str() {
            "/2018-06-01/runtime/invocation/next" if get => {
                tell(ApiRequest::AskedForEvent)?;
                match self.event.take() {
                    Some(event) => respond(request, invocation(event, self.deadline)),
                    None => self.held.push(request),
                }
            }
            "/2018-06-01/runtime/init/error" => {
                let body = value_of(&read(&mut request));
                tell(ApiRequest::InitError(body))?;
                taken(request);
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
            "/2020-01-01/extension/event/next" => {
                tell(ApiRequest::ExtensionWaits)?;
                self.held.push(request);
            }
            "/2020-08-15/logs" | "/2022-07-01/telemetry" => {
                respond(request, Response::from_string("OK"));
            }
            _ => match path.strip_prefix("/2018-06-01/runtime/invocation/") {
                Some(rest) if rest.ends_with("/response") => {
                    let answer = answer_of(&mut request);
                    tell(ApiRequest::Response(answer))?;
                    taken(request);
                }
                Some(rest) if rest.ends_with("/error") => {
                    let body = value_of(&read(&mut request));
                    tell(ApiRequest::InvocationError(body))?;
                    taken(request);
                }
                _ => {
                    tell(ApiRequest::Unknown(format!("{} {path}", request.method())))?;
                    let reply = Response::from_string("{}").with_status_code(404);
                    respond(request, reply);
                }
            },
        }
        Ok(())
    }
}

fn read(request: &mut Request) -> Vec<u8> {
    let mut body = Vec::new();
    // What came before a broken end is still worth showing.
    let _ = request.as_reader().take(BODY_LIMIT).read_to_end(&mut body);
    body
}

/// Says that a body was taken. Whoever reads the channel has it by then: the sender may end as
/// soon as it hears this.
fn taken(request: Request) {
    respond(
        request,
        Response::from_string("{\"status\":\"OK\"}").with_status_code(202),
    );
}

fn header<'a>(request: &'a Request, name: &'static str) -> &'a str {
    request
        .headers()
        .iter()
        .find(|header| header.field.equiv(name))
        .map_or("", |header| header.value.as_str())
}

/// A stream is text, with the head that an HTTP integration reads taken apart; anything else is
/// JSON, or text where it is none.
fn answer_of(request: &mut Request) -> Value {
    let streamed = header(request, "Lambda-Runtime-Function-Response-Mode") == "streaming";
    let integration = header(request, "Content-Type") == INTEGRATION;
    let body = read(request);
    if !streamed {
        return value_of(&body);
    }
    let text = |bytes: &[u8]| Value::String(String::from_utf8_lossy(bytes).into_owned());
    let end = body
        .windows(HEAD_END.len())
        .position(|window| window == HEAD_END);
    if integration
        && let Some(end) = end
        && let Ok(Value::Object(mut head)) = serde_json::from_slice(&body[..end])
    {
        head.insert("body".to_string(), text(&body[end + HEAD_END.len()..]));
        return Value::Object(head);
    }
    text(&body)
}

fn value_of(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
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
