//! What Terraform's `external` data source reads: one flat JSON object of texts.
//!
//! In: the report of a finished run. Out: for each function its zip, the digest that
//! `source_code_hash` takes, and the settings that go with them, named `FUNCTION.KEY`.

use std::path::Path;

use serde_json::{Map, Value};

use coldcut_report::model::Report;

pub fn text(report: &Report) -> String {
    let mut out = Map::new();
    for function in &report.functions {
        let path = Path::new(&function.artifact.path);
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let handler = function.handler_setting.as_deref();
        for (key, value) in [
            ("path", path.to_string_lossy().as_ref()),
            ("hash", &function.artifact.code_sha256_base64),
            ("handler", handler.unwrap_or(&function.handler)),
            ("runtime", &function.runtime),
            ("arch", &function.arch),
        ] {
            out.insert(format!("{}.{key}", function.name), Value::from(value));
        }
    }
    format!("{}\n", Value::Object(out))
}
