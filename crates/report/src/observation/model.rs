//! What logs tell, as data.
//!
//! In: nothing; the pipeline fills it. Out: types, and by them the JSON Schema in
//! `docs/observation.schema.json`. Times are in milliseconds, money in US dollars.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SchemaId")]
pub enum ObservationSchema {
    #[default]
    #[serde(rename = "coldcut.observation/1")]
    V1,
}

/// What logs tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    pub schema: ObservationSchema,
    /// As the command line named them.
    pub logs: Vec<String>,
    pub lines: Lines,
    /// The moment that "before" ends at, where one was named.
    pub since: Option<String>,
    /// By name.
    pub functions: Vec<ObservedFunction>,
    /// Only with `--fit`.
    pub fit: Option<Fit>,
    /// Only with `--power-tuning`.
    pub power_tuning: Option<Power>,
    /// Where the targets come from.
    pub targets_source: crate::model::Source,
}

/// What every line was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lines {
    /// Lines that are not blank, rows of tables, entries of documents.
    pub total: u64,
    /// One for each invocation.
    pub reports: u64,
    /// The platform's own beside the reports.
    pub platform: u64,
    /// The application's, and other services'.
    pub foreign: u64,
    /// That begin as the platform's and are not whole. None of them counts.
    pub broken: u64,
    /// Reports of more functions and versions than are told apart.
    pub beyond: u64,
    /// Reports without a time, which belong to neither side of `since`.
    pub timeless: u64,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Function")]
pub struct ObservedFunction {
    /// `null` where neither the lines nor `--name` say.
    pub name: Option<String>,
    /// `javascript`, `python`, `compiled` or `dotnet`: which target holds.
    pub family: String,
    /// Whether the lines or the command line said so; else it is taken for granted.
    pub family_known: bool,
    #[serde(flatten)]
    pub figures: Figures,
    pub targets: Vec<Target>,
    /// What the missed targets point at, and what to do.
    pub findings: Vec<Bottleneck>,
    /// By version, where lines say which.
    pub versions: Vec<Version>,
    /// `null` where nothing says how much memory it has.
    pub cost: Option<Cost>,
    /// Before and after `since`, or the newest version and the one before it.
    pub change: Option<Change>,
}

/// Figures of a function or of one version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    pub invocations: u64,
    /// Invocations with an initialisation, whoever waited for it.
    pub cold_starts: u64,
    /// Of all invocations, between 0 and 1.
    pub cold_start_rate: f64,
    /// Cold starts by provisioned concurrency; not in `init_ms`.
    pub provisioned: u64,
    /// Cold starts that the platform made ahead of need; not in `init_ms`.
    pub proactive: u64,
    /// Starts from a snapshot.
    pub restores: u64,
    /// Environments that did not come up.
    pub failed_inits: u64,
    /// The initialisation, of invocations that ended well.
    pub init_ms: Option<Quantiles>,
    /// The handler in cold starts, and in all others.
    pub cold_ms: Option<Quantiles>,
    pub warm_ms: Option<Quantiles>,
    pub restore_ms: Option<Quantiles>,
    pub billed_ms: f64,
    pub billed_gb_seconds: f64,
    /// What of that is initialisation; `null` where it is not billed.
    pub init_gb_seconds: Option<f64>,
    pub memory_configured_mb: Vec<u32>,
    pub memory_used_p50_mb: Option<f64>,
    pub memory_used_most_mb: Option<f64>,
    /// The greatest part of what was configured, between 0 and 1.
    pub memory_used_share: Option<f64>,
    pub errors: u64,
    pub timeouts: u64,
    /// Both, of all invocations.
    pub error_rate: f64,
    /// The first and the last moment that lines name.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// Times by their size, within 1 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
}

/// A figure against what it should be below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// `cold_start_p99`, `warm_p50`, `duration_p99`, `errors` or `memory`.
    pub name: String,
    /// `null` where nothing was measured.
    pub value: Option<f64>,
    pub below: f64,
    /// `ms` or `share`.
    pub unit: String,
    pub met: Option<bool>,
    /// What the figure is drawn from: a p99 of fewer than 100 is no more than the worst of them.
    pub samples: u64,
}

/// What is to be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct Bottleneck {
    /// What the figures point at.
    pub bottleneck: String,
    pub next: String,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    pub version: String,
    #[serde(flatten)]
    pub figures: Figures,
}

/// Two sides compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub before: String,
    pub after: String,
    pub cold_starts_before: u64,
    pub cold_starts_after: u64,
    /// Whether both sides have the cold starts that it takes to tell a change from noise.
    pub enough: bool,
    /// How many that is.
    pub wanted: u64,
    /// The difference of the medians, after less before.
    pub init_ms: Option<Difference>,
    pub warm_ms: Option<Difference>,
}

/// A difference with its 95 % interval, by the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// What it costs, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    pub region: String,
    pub arch: String,
    pub usd_per_gb_second: f64,
    pub source: crate::model::Source,
    /// The memory that most calls had, which the figures here are for.
    pub memory_mb: u32,
    /// What initialisation costs in a month at `cold_starts_per_month`.
    pub init_usd_per_month: Option<f64>,
    pub cold_starts_per_month: Option<u64>,
    /// A call of the mean duration with other sizes of memory.
    pub memory: Vec<MemoryRow>,
}

/// One size of memory. A call that only waits takes as long with any; one that only computes, in one
/// thread, gets faster up to one processor (1,769 MB). A real one lies between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryRow {
    pub memory_mb: u32,
    pub waiting_ms: f64,
    pub waiting_usd_per_million: f64,
    pub computing_ms: f64,
    pub computing_usd_per_million: f64,
}

/// What AWS Lambda Power Tuning measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Power {
    pub cheapest_mb: u32,
    pub fastest_mb: u32,
    pub rows: Vec<PowerRow>,
}

/// One size of memory, measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PowerRow {
    pub memory_mb: u32,
    pub ms: f64,
    pub usd_per_million: f64,
}

/// What the logs say of the estimate's parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    pub load: Option<Line>,
    pub transfer: Option<Line>,
    /// Why a part is not there.
    pub notes: Vec<String>,
    /// The same as settings, for `coldcut.toml`.
    pub toml: String,
}

/// One fitted parameter, by Theil and Sen's slope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub ms_per_mb: Difference,
    pub base_ms: f64,
    pub versions: u64,
    pub cold_starts: u64,
}
