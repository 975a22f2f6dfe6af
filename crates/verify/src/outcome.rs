//! How a handler is loaded or called, and what came of it.
//!
//! In: nothing; `node` fills what comes out. Out: the types that loading, comparing and proving share:
//! [`LoadOptions`] go in, [`Loaded`] and [`Invoked`] come out. Times are in milliseconds.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use coldcut_core::artifact::RelPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::output_text::first_line;
use crate::version::NodeVersion;

/// What a run of somebody's code may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// After this the process and all that comes of it is killed.
    pub timeout: Duration,
    /// Of the process and all that comes of it.
    pub memory_mb: u32,
}

impl Default for Bounds {
    /// Thirty seconds, and more memory than most functions are given.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            memory_mb: 2048,
        }
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
        write!(f, "{}: {}", self.name, first_line(&self.message))
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
pub struct LoadedAmount {
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
    pub amount: Option<LoadedAmount>,
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
