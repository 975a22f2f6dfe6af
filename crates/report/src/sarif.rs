//! The report as SARIF 2.1.0, which code-scanning viewers show beside the code.
//!
//! In: a [`Report`]. Out: JSON: one result for each warning, each difference that verification found,
//! each limit and each budget that is exceeded, with its place where it has one.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Value, json};

use crate::model::{BudgetState, Function, FunctionKind, Report, Status, Warning};
use crate::sentences::budget_sentence;
use crate::text::ENCODED;
use crate::{NO_JSON, OVER_LIMIT, count, size};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// What verification's differences are reported as: `verify::codes::DIFFERS`.
const DIFFERS: &str = "CC130";

/// The document, ending in a line break.
pub fn render(report: &Report) -> Result<String> {
    let mut results = Vec::new();
    for warning in &report.warnings {
        results.push(of_warning(None, "package.json", warning));
    }
    for function in &report.functions {
        let name = &function.name;
        for warning in &function.warnings {
            results.push(of_warning(Some(name), place(function), warning));
        }
        if function.verification.status == Status::Differs {
            let text = format!(
                "the artifact of `{name}` does not do what the original does: {}",
                function.verification.detail
            );
            results.push(result(DIFFERS, "error", &text, Some(place(function)), None));
        }
        for limit in function.limits.iter().filter(|limit| !limit.ok) {
            let shown = |value: u64| match limit.unit.as_str() {
                "bytes" => size(value),
                _ => count(value),
            };
            let (value, most) = (shown(limit.value), shown(limit.limit));
            let text = format!(
                "{} of `{name}` is {value} of {most}: {}",
                limit.name, limit.help
            );
            results.push(result(
                OVER_LIMIT.0,
                "error",
                &text,
                Some(place(function)),
                None,
            ));
        }
    }
    for budget in &report.budgets {
        let level = match budget.state {
            BudgetState::Failed => "error",
            BudgetState::Warned => "warning",
            BudgetState::Ok | BudgetState::Unknown => continue,
        };
        let function = report
            .functions
            .iter()
            .find(|one| Some(&one.name) == budget.function.as_ref());
        let entry = Some(function.map_or("package.json", place));
        results.push(result(
            crate::budgets::OVER.0,
            level,
            &budget_sentence(budget),
            entry,
            None,
        ));
    }
    let ids: BTreeSet<String> = results
        .iter()
        .filter_map(|one| one["ruleId"].as_str().map(str::to_string))
        .collect();
    let rules: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "coldcut",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    match serde_json::to_string_pretty(&document) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Box::new(
            Diagnostic::error(NO_JSON, format!("cannot write SARIF: {error}"))
                .help("this is a bug in coldcut: please report it"),
        )),
    }
}

/// Viewers want a place for each result: what has none of its own is shown where the function is.
fn place(function: &Function) -> &str {
    match function.kind {
        FunctionKind::Node => &function.entry,
        FunctionKind::Rust => "Cargo.toml",
    }
}

fn of_warning(function: Option<&str>, other: &str, warning: &Warning) -> Value {
    let mut text = match function {
        Some(name) => format!("{} (function `{name}`)", warning.message),
        None => warning.message.clone(),
    };
    if let Some(help) = &warning.help {
        text.push_str(&format!("; {help}"));
    }
    let path = warning.path.as_deref().unwrap_or(other);
    let place = warning.line.map(|line| (line, warning.column));
    result(&warning.code, "warning", &text, Some(path), place)
}

fn result(
    rule: &str,
    level: &str,
    text: &str,
    path: Option<&str>,
    place: Option<(u32, Option<u32>)>,
) -> Value {
    let mut out = json!({ "ruleId": rule, "level": level, "message": { "text": text } });
    // A place outside of the project is none that a viewer could show.
    let inside = path.filter(|path| !path.is_empty() && !path.starts_with("..") && *path != ".");
    if let Some(path) = inside {
        let mut location =
            json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" } });
        if let Some((line, column)) = place {
            location["region"] = match column {
                Some(column) => json!({ "startLine": line.max(1), "startColumn": column.max(1) }),
                None => json!({ "startLine": line.max(1) }),
            };
        }
        out["locations"] = json!([{ "physicalLocation": location }]);
    }
    out
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    const IN_PATH: &AsciiSet = &ENCODED.remove(b'/').remove(b'@');
    utf8_percent_encode(path, IN_PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn warnings_have_places() {
        let mut report = sample::report(1);
        report.functions[0].warnings.push(Warning {
            code: "CC053".to_string(),
            message: "an import is computed".to_string(),
            path: Some("src/a b.ts".to_string()),
            line: Some(7),
            column: Some(3),
            notes: Vec::new(),
            help: None,
        });
        report.functions[0].verification.status = Status::Differs;
        let text = render(&report).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let results = &document["runs"][0]["results"];
        assert_eq!(results.as_array().unwrap().len(), 2);
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/a%20b.ts");
        assert_eq!(place["region"]["startLine"], 7);
        assert_eq!(results[1]["level"], "error");
        assert_eq!(
            document["runs"][0]["tool"]["driver"]["rules"][1]["id"],
            "CC130"
        );
    }
}
