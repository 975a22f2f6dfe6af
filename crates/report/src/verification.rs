//! What `coldcut verify` found, for programs and for people.
//!
//! In: a [`VerificationReport`], filled by the pipeline. Out: text or JSON. Paths are as the command line
//! named them, or relative to the artifact; times are in milliseconds, and measured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::number_format::{plural, time};
use crate::text::{clean, wrap};

/// How many columns of an answer are shown.
const ANSWER_WIDTH: usize = 160;
/// How many exports are shown by name.
const EXPORTS: usize = 20;
/// How many lines of what was printed are shown.
const OUTPUT_LINES: usize = 20;

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SchemaId")]
pub enum VerificationSchema {
    #[default]
    #[serde(rename = "coldcut.verification/1")]
    V1,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Status")]
pub enum VerificationStatus {
    Verified,
    Failed,
}

/// One artifact, verified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Verification")]
pub struct VerificationReport {
    pub schema: VerificationSchema,
    pub status: VerificationStatus,
    /// What was found, in a sentence without a full stop.
    pub detail: String,
    pub handler: Option<Handler>,
    pub artifact: Side,
    /// What it was compared with.
    pub against: Option<Side>,
    pub isolation: Isolation,
}

/// Which function was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Handler {
    /// As a platform's setting has it: `src/http.handler`.
    pub setting: String,
    /// Whether the command line did not say so, and there was one candidate.
    pub guessed: bool,
}

/// What one artifact, or the original, did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// As the command line named it.
    pub path: String,
    /// The file that was loaded, or `bootstrap`.
    pub file: String,
    /// The version of the Node.js that loaded it.
    pub node: Option<String>,
    /// `commonjs` or `module`.
    pub format: Option<String>,
    /// From the first line of user code to the last, before any event.
    pub load_ms: Option<f64>,
    pub exports: Vec<Export>,
    /// How loading it failed.
    pub failure: Option<Failure>,
    /// What became of the event.
    pub answer: Option<Answer>,
    /// Names of processes that it started and that were still there a second after it.
    pub left_processes: Vec<String>,
    /// The end of what it printed.
    pub output: String,
}

/// One export of the handler's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    pub name: String,
    /// `function`, `class`, `object`, `array`, `string`, …
    pub kind: String,
    #[serde(rename = "async")]
    pub is_async: bool,
    /// How many parameters a function or class takes.
    pub arity: Option<u32>,
}

/// How something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// `thrown`, `rejected`, `exited`, `unsettled`, `timed out` or `crashed`.
    pub kind: String,
    pub name: String,
    pub message: String,
    /// The first frames of the stack.
    pub frames: Vec<String>,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub value: Option<Value>,
    pub failure: Option<Failure>,
    /// From the call to the answer.
    pub answer_ms: Option<f64>,
}

/// In what it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Isolation {
    /// `cut`, `allowed` or `open`.
    pub network: String,
    /// Why the network could not be cut.
    pub network_note: Option<String>,
    /// Whether processes that detach themselves are ended too.
    pub detached_processes_ended: bool,
    pub timeout_s: f64,
    pub memory_mb: u32,
}

impl Isolation {
    /// In a few words.
    pub fn sentence(&self) -> String {
        let network = match (self.network.as_str(), &self.network_note) {
            ("cut", _) => "the network is cut off".to_string(),
            ("allowed", _) => "the network is allowed, as requested".to_string(),
            (_, Some(note)) => format!("the network could NOT be cut off: {note}"),
            (_, None) => "the network could NOT be cut off".to_string(),
        };
        let processes = if self.detached_processes_ended {
            "processes that it starts end with it"
        } else {
            "processes that it starts end with it, unless they detach themselves"
        };
        format!(
            "a folder outside of every project, no environment variables or credentials of this machine; {network}; at most {} MB and {} s; {processes}",
            self.memory_mb, self.timeout_s
        )
    }
}

/// The verification as text, ending in a line break; `paint` wraps the verdict.
pub fn render(verification: &VerificationReport, width: usize) -> String {
    let mut out = String::new();
    let side = &verification.artifact;
    let verdict = match verification.status {
        VerificationStatus::Verified => "verified",
        VerificationStatus::Failed => "FAILED",
    };
    out.push_str(&format!("{}  {verdict}\n\n", side.path));
    let mut line = |label: &str, text: &str| {
        for (at, part) in wrap(&clean(text), width.saturating_sub(LABEL + 2))
            .iter()
            .enumerate()
        {
            let label = if at == 0 { label } else { "" };
            out.push_str(&format!("  {label:LABEL$}{part}\n"));
        }
    };
    line("result", &verification.detail);
    line("loaded", &loaded(side));
    if let Some(handler) = &verification.handler {
        let guessed = if handler.guessed {
            " (guessed: there is no other candidate)"
        } else {
            ""
        };
        line("handler", &format!("{}{guessed}", handler.setting));
    }
    for (at, export) in side.exports.iter().take(EXPORTS).enumerate() {
        line(if at == 0 { "exports" } else { "" }, &shape(export));
    }
    if side.exports.len() > EXPORTS {
        line("", &format!("and {} more", side.exports.len() - EXPORTS));
    }
    if let Some(answer) = &side.answer {
        line("answer", &answered(answer));
    }
    if let Some(against) = &verification.against {
        let answer = against.answer.as_ref().map_or(String::new(), |answer| {
            format!("; answer {}", answered(answer))
        });
        line(
            "against",
            &format!("{}: {}{answer}", against.path, loaded(against)),
        );
    }
    if !side.left_processes.is_empty() {
        let n = side.left_processes.len() as u64;
        line(
            "left",
            &format!(
                "{} ended: {}",
                plural(n, "process").replace("processs", "processes"),
                side.left_processes.join(", ")
            ),
        );
    }
    line("isolation", &verification.isolation.sentence());
    if verification.status == VerificationStatus::Failed && !side.output.is_empty() {
        let lines: Vec<&str> = side.output.lines().collect();
        let from = lines.len().saturating_sub(OUTPUT_LINES);
        out.push_str("\n  the end of what it printed:\n");
        for line in &lines[from..] {
            out.push_str(&format!("    {line}\n"));
        }
    }
    out
}

/// Room for a label before a line's text.
const LABEL: usize = 11;

fn loaded(side: &Side) -> String {
    let how = match (side.format.as_deref(), &side.node) {
        (Some("module"), Some(node)) => format!(" as an ES module by Node.js {node}"),
        (Some(_), Some(node)) => format!(" as CommonJS by Node.js {node}"),
        (None, Some(node)) => format!(" by Node.js {node}"),
        (_, None) => String::new(),
    };
    let took = side
        .load_ms
        .map_or(String::new(), |ms| format!(", in {}", time(ms)));
    match &side.failure {
        Some(failure) => format!("{}{how}: {}", side.file, failed(failure)),
        None => format!("{}{how}{took}", side.file),
    }
}

fn failed(failure: &Failure) -> String {
    let place = failure
        .frames
        .first()
        .map_or(String::new(), |frame| format!(", {frame}"));
    let first = failure.message.lines().next().unwrap_or("");
    format!("{} ({}: {first}{place})", failure.kind, failure.name)
}

fn shape(export: &Export) -> String {
    let asynchronous = if export.is_async { "async " } else { "" };
    let arity = export.arity.map_or(String::new(), |arity| {
        format!(", {}", plural(u64::from(arity), "parameter"))
    });
    format!("{}: {asynchronous}{}{arity}", export.name, export.kind)
}

fn answered(answer: &Answer) -> String {
    let time = answer
        .answer_ms
        .map_or(String::new(), |ms| format!(", in {}", time(ms)));
    match (&answer.failure, &answer.value) {
        (Some(failure), _) => failed(failure),
        (None, value) => {
            let text = value.as_ref().map_or("null".to_string(), Value::to_string);
            let short: String = text.chars().take(ANSWER_WIDTH).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{short}{more}{time}")
        }
    }
}
