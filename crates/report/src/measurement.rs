//! What `coldcut measure` measured, for programs and for people.
//!
//! In: a [`Measurement`], filled by the pipeline. Out: text or JSON. Every time is in
//! milliseconds, was measured on the machine that it says, and comes with how often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::model::{Ratio, Spread};
use crate::number_format::time;
use crate::text::{clean, wrap};
use crate::verification::Isolation;

/// How many packages are shown.
const PACKAGES: usize = 15;

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SchemaId")]
pub enum MeasurementSchema {
    #[default]
    #[serde(rename = "coldcut.measurement/1")]
    V1,
}

/// Artifacts, measured side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    pub schema: MeasurementSchema,
    /// The version of the Node.js that ran them; none where only a `bootstrap` was measured.
    pub node: Option<String>,
    /// The system and processor that it was measured on.
    pub machine: String,
    /// Runs of each artifact that count.
    pub runs: u32,
    /// Rounds before those, which do not count.
    pub warm_up_rounds: u32,
    /// As the command line named them; the first is what the others are compared with.
    pub artifacts: Vec<MeasuredArtifact>,
    pub isolation: Isolation,
}

/// One artifact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Artifact")]
pub struct MeasuredArtifact {
    pub path: String,
    /// As a platform's setting has it.
    pub handler: String,
    /// From the first line of user code until the handler can be called; of a `bootstrap`, from
    /// the start of the process until it asks for an event.
    pub load_ms: Spread,
    /// From the first call to its answer.
    pub answer_ms: Option<Spread>,
    /// Its median load as a multiple of the first artifact's.
    pub ratio: Option<Ratio>,
    /// Where the time goes; a `bootstrap` has none.
    pub profile: Option<Profile>,
}

/// One run under Node's CPU profiler, apart from those that were timed: it slows code down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Of the load, under the profiler.
    pub load_ms: f64,
    /// Dearest first.
    pub packages: Vec<PackageTime>,
    /// What no file of the artifact's does: finding files, collecting garbage.
    pub node_ms: f64,
    /// What could not be told apart.
    pub note: Option<String>,
}

/// What one package takes while the handler is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Package")]
pub struct PackageTime {
    /// The name of a package, or `own code`.
    pub name: String,
    pub version: Option<String>,
    /// Its files being read and compiled, and its code.
    pub self_ms: f64,
    /// The same with everything that it loads and calls.
    pub with_callees_ms: f64,
}

/// The measurement as text, ending in a line break.
pub fn render(measurement: &Measurement, width: usize) -> String {
    let mut out = String::new();
    let node = measurement
        .node
        .as_ref()
        .map_or(String::new(), |node| format!(" with Node.js {node}"));
    let intro = format!(
        "Load times, measured on {}{node}: {} runs of each in fresh processes, taken in turn, after {} warm-up rounds.",
        measurement.machine, measurement.runs, measurement.warm_up_rounds
    );
    for line in wrap(&intro, width) {
        out.push_str(&format!("{line}\n"));
    }
    out.push('\n');
    let names: Vec<String> = measurement
        .artifacts
        .iter()
        .map(|a| clean(&a.path))
        .collect();
    let column = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        .max(8);
    out.push_str(&format!(
        "  {:column$}  {:>9}  {:>19}  {}\n",
        "artifact", "median", "middle half", "to the first (95 % interval)"
    ));
    for (artifact, name) in measurement.artifacts.iter().zip(&names) {
        let spread = &artifact.load_ms;
        let half = format!("{} - {}", time(spread.quarter), time(spread.three_quarters));
        let ratio = artifact.ratio.map_or("1".to_string(), |ratio| {
            format!("{:.2} ({:.2} to {:.2})", ratio.value, ratio.low, ratio.high)
        });
        out.push_str(&format!(
            "  {name:column$}  {:>9}  {half:>19}  {ratio}\n",
            time(spread.median)
        ));
        if let Some(answer) = &artifact.answer_ms {
            let half = format!("{} - {}", time(answer.quarter), time(answer.three_quarters));
            out.push_str(&format!(
                "  {:column$}  {:>9}  {half:>19}  for the first answer after that\n",
                "",
                time(answer.median)
            ));
        }
    }
    for artifact in &measurement.artifacts {
        if let Some(profile) = &artifact.profile {
            table(&mut out, artifact, profile, width);
        }
    }
    out.push('\n');
    for line in wrap(
        &format!("Ran in {}.", measurement.isolation.sentence()),
        width,
    ) {
        out.push_str(&format!("{line}\n"));
    }
    out
}

fn table(out: &mut String, artifact: &MeasuredArtifact, profile: &Profile, width: usize) {
    let intro = format!(
        "{}: what the load is spent on, measured in one more run under Node's CPU profiler, which makes it slower ({}).",
        clean(&artifact.path),
        time(profile.load_ms)
    );
    out.push('\n');
    for line in wrap(&intro, width) {
        out.push_str(&format!("{line}\n"));
    }
    out.push_str(&format!(
        "\n  {:>9}  {:>9}  package\n",
        "itself", "with all"
    ));
    for package in profile.packages.iter().take(PACKAGES) {
        let version = package
            .version
            .as_ref()
            .map_or(String::new(), |version| format!("@{version}"));
        out.push_str(&format!(
            "  {:>9}  {:>9}  {}\n",
            time(package.self_ms),
            time(package.with_callees_ms),
            clean(&format!("{}{version}", package.name))
        ));
    }
    if profile.packages.len() > PACKAGES {
        out.push_str(&format!(
            "  {:>9}  {:>9}  and {} more\n",
            "",
            "",
            profile.packages.len() - PACKAGES
        ));
    }
    out.push_str(&format!(
        "  {:>9}  {:>9}  Node.js itself\n",
        time(profile.node_ms),
        ""
    ));
    if let Some(note) = &profile.note {
        for line in wrap(note, width.saturating_sub(2)) {
            out.push_str(&format!("  {line}\n"));
        }
    }
}
