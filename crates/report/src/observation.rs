//! What `coldcut observe` found in logs, for programs and for people.
//!
//! In: an [`Observation`], filled by the pipeline. Out: text or JSON. Every time is in milliseconds
//! and was measured by the platform; what no log line says is named as such and never added in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figures::time;
use crate::text::{clean, wrap};
use crate::{count, plural};

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

/// The observation as text, ending in a line break.
pub fn render(observation: &Observation, width: usize) -> String {
    let mut out = String::new();
    let lines = &observation.lines;
    let logs = plural(observation.logs.len() as u64, "log");
    let mut intro = format!(
        "{} in {logs}: {} of an invocation, {} more of the platform's, {} of others",
        plural(lines.total, "line"),
        count(lines.reports),
        count(lines.platform),
        count(lines.foreign),
    );
    if lines.broken > 0 {
        intro.push_str(&format!(", {} broken and left out", count(lines.broken)));
    }
    paragraph(&mut out, "", &format!("{intro}."), width);
    for function in &observation.functions {
        out.push('\n');
        one(&mut out, function, width);
    }
    out.push('\n');
    paragraph(
        &mut out,
        "",
        &format!(
            "Times are the platform's own, percentiles within 1 %. What it does before a start (fetching and unpacking the zip, making the environment) is in no log line and comes on top. Targets: {} ({}).",
            observation.targets_source.name, observation.targets_source.date
        ),
        width,
    );
    if let Some(power) = &observation.power_tuning {
        out.push('\n');
        tuned(&mut out, power, width);
    }
    if let Some(fit) = &observation.fit {
        out.push('\n');
        fitted(&mut out, fit, width);
    }
    out
}

fn paragraph(out: &mut String, indent: &str, text: &str, width: usize) {
    for line in wrap(text, width.saturating_sub(indent.len()).max(20)) {
        out.push_str(&format!("{indent}{line}\n"));
    }
}

/// Room for a label before a line's text.
const LABEL: usize = 9;

fn labelled(out: &mut String, label: &str, text: &str, width: usize) {
    let room = width.saturating_sub(LABEL + 3).max(20);
    for (at, line) in wrap(text, room).iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        out.push_str(&format!("  {label:LABEL$} {line}\n"));
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = if percent == 0.0 || percent >= 9.95 {
        0
    } else {
        2
    };
    format!("{percent:.decimals$} %")
}

fn one(out: &mut String, function: &ObservedFunction, width: usize) {
    let figures = &function.figures;
    let name = match &function.name {
        Some(name) => clean(name),
        None => "a function that no line names (--name does)".to_string(),
    };
    let mut facts = vec![name, function.family.clone()];
    if !function.family_known {
        facts[1].push_str(" (taken for granted; --runtime says otherwise)");
    }
    facts.push(plural(figures.invocations, "invocation"));
    if let (Some(from), Some(to)) = (&figures.from, &figures.to) {
        facts.push(format!("{from} to {to}"));
    }
    paragraph(out, "", &facts.join(", "), width);
    out.push('\n');
    let mut cold = format!(
        "{} of {} ({})",
        count(figures.cold_starts),
        count(figures.invocations),
        percent(figures.cold_start_rate)
    );
    for (number, what) in [
        (figures.provisioned, "by provisioned concurrency"),
        (figures.proactive, "ahead of need"),
    ] {
        if number > 0 {
            cold.push_str(&format!(", {} of them {what}", count(number)));
        }
    }
    if figures.restores > 0 {
        cold.push_str(&format!("; {} from a snapshot", count(figures.restores)));
    }
    if figures.failed_inits > 0 {
        cold.push_str(&format!(
            "; {} did not come up",
            count(figures.failed_inits)
        ));
    }
    labelled(out, "cold", &cold, width);
    let target = |name: &str| function.targets.iter().find(|target| target.name == name);
    out.push_str(&format!(
        "  {:LABEL$} {:>9} {:>9} {:>9}\n",
        "", "p50", "p90", "p99"
    ));
    for (label, times, name) in [
        ("init", figures.init_ms, "cold_start_p99"),
        ("restore", figures.restore_ms, ""),
        ("run, cold", figures.cold_ms, ""),
        ("run, warm", figures.warm_ms, "warm_p50"),
    ] {
        let Some(times) = times else { continue };
        let line = format!(
            "  {label:LABEL$} {:>9} {:>9} {:>9}  {}",
            time(times.p50),
            time(times.p90),
            time(times.p99),
            target(name).map(verdict).unwrap_or_default()
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if let Some(target) = target("duration_p99")
        && let Some(value) = target.value
    {
        let line = format!(
            "  {:LABEL$} {:>9} {:>9} {:>9}  {}",
            "run, all",
            "",
            "",
            time(value),
            verdict(target)
        );
        out.push_str(&format!("{line}\n"));
    }
    let sizes: Vec<String> = figures
        .memory_configured_mb
        .iter()
        .map(u32::to_string)
        .collect();
    if let (Some(most), Some(share)) = (figures.memory_used_most_mb, figures.memory_used_share) {
        let line = format!(
            "{most:.0} MB of {} MB at most ({})  {}",
            sizes.join(" or "),
            percent(share),
            target("memory").map(verdict).unwrap_or_default()
        );
        labelled(out, "memory", &line, width);
    }
    let line = format!(
        "{}, {} ({})  {}",
        plural(figures.errors, "error"),
        plural(figures.timeouts, "time-out"),
        percent(figures.error_rate),
        target("errors").map(verdict).unwrap_or_default()
    );
    labelled(out, "errors", &line, width);
    let mut billed = format!("{:.1} GB-seconds", figures.billed_gb_seconds);
    match figures.init_gb_seconds {
        Some(init) if figures.billed_gb_seconds > 0.0 => billed.push_str(&format!(
            ", of which {} for initialisation",
            percent(init / figures.billed_gb_seconds)
        )),
        None if figures.cold_starts > 0 => {
            billed.push_str("; initialisation was not billed, as before 2025-08-01");
        }
        _ => {}
    }
    labelled(out, "billed", &billed, width);
    if let Some(cost) = &function.cost {
        money(out, cost, width);
    }
    for version in &function.versions {
        let figures = &version.figures;
        let init = figures
            .init_ms
            .map_or("-".to_string(), |init| time(init.p50));
        let warm = figures
            .warm_ms
            .map_or("-".to_string(), |warm| time(warm.p50));
        let line = format!(
            "{}: {} of {} cold, init {init}, warm {warm}, at the median",
            clean(&version.version),
            count(figures.cold_starts),
            count(figures.invocations)
        );
        labelled(out, "version", &line, width);
    }
    if let Some(change) = &function.change {
        labelled(out, "change", &change_words(change), width);
    }
    for finding in &function.findings {
        labelled(out, "points at", &finding.bottleneck, width);
        labelled(out, "next", &finding.next, width);
    }
}

fn verdict(target: &Target) -> String {
    let below = match target.unit.as_str() {
        "ms" => format!("{} ms", target.below),
        _ => format!("{} %", (target.below * 1e4).round() / 100.0),
    };
    let which = match target.name.as_str() {
        "cold_start_p99" | "duration_p99" => "p99 ",
        "warm_p50" => "p50 ",
        _ => "",
    };
    let word = match target.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "not measured",
    };
    let few = if which == "p99 " && target.samples < 100 {
        format!(", of {} only", target.samples)
    } else {
        String::new()
    };
    format!("{word}: {which}< {below}{few}")
}

fn change_words(change: &Change) -> String {
    let mut out = format!("from {} to {}", clean(&change.before), clean(&change.after));
    let signed = |ms: f64| format!("{ms:+.1} ms");
    for (what, difference) in [("init", change.init_ms), ("warm", change.warm_ms)] {
        if let Some(d) = difference {
            let sure = if d.low <= 0.0 && d.high >= 0.0 {
                ", which may be nothing"
            } else {
                ""
            };
            out.push_str(&format!(
                "; median {what} {} ({} to {} with 95 % confidence{sure})",
                signed(d.value),
                signed(d.low),
                signed(d.high)
            ));
        }
    }
    if !change.enough {
        out.push_str(&format!(
            "; {} and {} cold starts are too few to tell: wait for {} a side",
            count(change.cold_starts_before),
            count(change.cold_starts_after),
            change.wanted
        ));
    }
    out
}

/// Only where a number of starts was named: without one there is nothing to multiply.
fn money(out: &mut String, cost: &Cost, width: usize) {
    let (Some(usd), Some(starts)) = (cost.init_usd_per_month, cost.cold_starts_per_month) else {
        return;
    };
    let text = format!(
        "initialisation is ${usd:.2} a month at {} cold starts with {} MB ({}, {}, ${} per GB-second)",
        count(starts),
        count(cost.memory_mb.into()),
        cost.region,
        cost.arch,
        cost.usd_per_gb_second
    );
    labelled(out, "money", &text, width);
    out.push_str(&format!(
        "  {:LABEL$} {:>9} {:>9} {:>11} {:>9} {:>11}\n",
        "memory", "MB", "waits", "$/million", "computes", "$/million"
    ));
    for row in &cost.memory {
        out.push_str(&format!(
            "  {:LABEL$} {:>9} {:>9} {:>11.2} {:>9} {:>11.2}\n",
            "",
            count(row.memory_mb.into()),
            time(row.waiting_ms),
            row.waiting_usd_per_million,
            time(row.computing_ms),
            row.computing_usd_per_million
        ));
    }
}

fn tuned(out: &mut String, power: &Power, width: usize) {
    let at = |mb: u32| {
        let row = power.rows.iter().find(|row| row.memory_mb == mb);
        row.map_or(String::new(), |row| {
            format!(
                "{} MB ({}, ${:.2} per million)",
                count(mb.into()),
                time(row.ms),
                row.usd_per_million
            )
        })
    };
    let text = if power.cheapest_mb == power.fastest_mb {
        format!("{} is both cheapest and fastest", at(power.cheapest_mb))
    } else {
        format!(
            "{} is cheapest, {} is fastest",
            at(power.cheapest_mb),
            at(power.fastest_mb)
        )
    };
    labelled(
        out,
        "tuned",
        &format!("{text}, as AWS Lambda Power Tuning measured"),
        width,
    );
}

fn fitted(out: &mut String, fit: &Fit, width: usize) {
    for (what, line, base) in [
        ("load", fit.load, "at nothing loaded"),
        ("transfer", fit.transfer, "below the knee"),
    ] {
        let Some(line) = line else { continue };
        let text = format!(
            "{what}: {:.1} ms per MB ({:.1} to {:.1} with 95 % confidence), {} {base}, from {} in {}",
            line.ms_per_mb.value,
            line.ms_per_mb.low,
            line.ms_per_mb.high,
            time(line.base_ms),
            plural(line.cold_starts, "cold start"),
            plural(line.versions, "version"),
        );
        labelled(out, "fitted", &text, width);
    }
    for note in &fit.notes {
        labelled(out, "not yet", note, width);
    }
    out.push_str(&format!("\n{}", fit.toml));
}
