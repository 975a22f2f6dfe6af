//! The report as one JSON document, and the JSON Schema that describes it.
//!
//! In: a [`Report`]. Out: text that ends with a line break. The fields keep the order of the
//! types, so that two reports can be compared line by line.

use schemars::JsonSchema;
use serde::Serialize;

use crate::NO_JSON;
use crate::inputs::InputList;
use crate::measurement::Measurement;
use crate::model::{Comparison, Report};
use crate::observation::Observation;
use crate::snapshot::Snapshot;
use crate::verification::VerificationReport;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// The report as JSON.
pub fn render(report: &Report) -> Result<String> {
    pretty(report)
}

/// The small form of a report, for committing: sizes and packages, no files.
pub fn baseline(report: &Report) -> Result<String> {
    pretty(&Snapshot::from_report(report, ""))
}

/// What `coldcut diff --json` prints.
pub fn diff(comparison: &Comparison) -> Result<String> {
    let schema = DiffSchema::V1;
    pretty(&Diff {
        schema,
        comparison: comparison.clone(),
    })
}

/// The form of a comparison by itself.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
enum DiffSchema {
    #[serde(rename = "coldcut.diff/1")]
    V1,
}

/// A comparison by itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Diff {
    schema: DiffSchema,
    #[serde(flatten)]
    comparison: Comparison,
}

/// A verification as JSON.
pub fn verification(verification: &VerificationReport) -> Result<String> {
    pretty(verification)
}

/// A measurement as JSON.
pub fn measurement(measurement: &Measurement) -> Result<String> {
    pretty(measurement)
}

/// A list of inputs as JSON.
pub fn inputs(list: &InputList) -> Result<String> {
    pretty(list)
}

/// A list of inputs as the settings of a task.
pub fn turbo(list: &InputList) -> Result<String> {
    pretty(&crate::inputs::turbo(list))
}

/// The JSON Schema of a list of inputs.
pub fn inputs_schema() -> Result<String> {
    schema_of::<InputList>("coldcut.inputs/1", "What `coldcut inputs --json` prints")
}

/// An observation as JSON.
pub fn observation(observation: &Observation) -> Result<String> {
    pretty(observation)
}

/// The JSON Schema of the report, generated from its types.
pub fn schema() -> Result<String> {
    schema_of::<Report>("coldcut.report/1", "The report of `coldcut pack --json`")
}

/// The JSON Schema of a comparison by itself.
pub fn diff_schema() -> Result<String> {
    schema_of::<Diff>("coldcut.diff/1", "What `coldcut diff --json` prints")
}

/// The JSON Schema of a baseline.
pub fn baseline_schema() -> Result<String> {
    schema_of::<Snapshot>(
        "coldcut.baseline/1",
        "What `coldcut pack --report FILE.baseline.json` writes",
    )
}

/// The JSON Schema of a verification.
pub fn verification_schema() -> Result<String> {
    schema_of::<VerificationReport>(
        "coldcut.verification/1",
        "What `coldcut verify --json` prints",
    )
}

/// The JSON Schema of a measurement.
pub fn measurement_schema() -> Result<String> {
    schema_of::<Measurement>(
        "coldcut.measurement/1",
        "What `coldcut measure --json` prints",
    )
}

/// The JSON Schema of an observation.
pub fn observation_schema() -> Result<String> {
    schema_of::<Observation>(
        "coldcut.observation/1",
        "What `coldcut observe --json` prints",
    )
}

fn schema_of<T: schemars::JsonSchema>(id: &str, title: &str) -> Result<String> {
    let mut schema = schemars::schema_for!(T);
    schema.insert("$id".to_string(), id.into());
    schema.insert("title".to_string(), title.into());
    pretty(&schema)
}

pub(super) fn pretty(value: &impl serde::Serialize) -> Result<String> {
    match serde_json::to_string_pretty(value) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Box::new(
            Diagnostic::error(NO_JSON, format!("cannot write JSON: {error}"))
                .help("this is a bug in coldcut: please report it"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn a_report_is_read_back_as_it_was() {
        let report = sample::report(2);
        let text = render(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
        assert!(text.starts_with("{\n  \"schema\": \"coldcut.report/1\",\n"));
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn the_fields_that_programs_rely_on() {
        let json: serde_json::Value =
            serde_json::from_str(&render(&sample::report(1)).unwrap()).unwrap();
        for pointer in [
            "/project/name",
            "/functions/0/artifact/code_sha256_base64",
            "/functions/0/baseline/unpacked_bytes",
            "/functions/0/estimate/download_ms/typical",
            "/functions/0/verification/status",
            "/functions/0/limits/0/ok",
            "/totals/artifact_bytes",
        ] {
            assert!(json.pointer(pointer).is_some(), "{pointer}");
        }
        // What is not known yet is said to be unknown, and not left out.
        for pointer in [
            "/functions/0/estimate/unpack_ms",
            "/functions/0/estimate/load_unknown",
            "/functions/0/estimate/cost_usd_per_million_cold_starts",
            "/functions/0/measured",
        ] {
            assert_eq!(
                json.pointer(pointer),
                Some(&serde_json::Value::Null),
                "{pointer}"
            );
        }
        assert_eq!(json["functions"][0]["verification"]["status"], "equal");
        assert_eq!(json["functions"][0]["steps"][0]["name"], "dev-dependencies");
    }

    /// `docs/*.schema.json` are what the types say; `COLDCUT_BLESS=1 cargo test` writes them.
    #[test]
    fn the_schemas_in_the_docs_are_those_of_the_types() {
        for (name, made) in [
            ("report", schema()),
            ("verification", verification_schema()),
            ("measurement", measurement_schema()),
            ("observation", observation_schema()),
            ("inputs", inputs_schema()),
            ("diff", diff_schema()),
            ("baseline", baseline_schema()),
        ] {
            let path = format!(
                "{}/../../docs/{name}.schema.json",
                env!("CARGO_MANIFEST_DIR")
            );
            let made = made.unwrap();
            if std::env::var_os("COLDCUT_BLESS").is_some() {
                std::fs::write(&path, &made).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            assert!(
                read(&kept) == read(&made),
                "docs/{name}.schema.json is not what the types say: run `COLDCUT_BLESS=1 cargo test the_schemas_in_the_docs` and commit it"
            );
        }
    }
}
