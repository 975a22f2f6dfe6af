//! A bill of materials: CycloneDX 1.6 as JSON, <https://cyclonedx.org/docs/1.6/json/>.
//!
//! In: a [`Report`] whose functions have their components. Out: one document: a component for each
//! package and crate of which something ships, one for each function, and which function has which.
//! It has neither a time nor a serial number, so that the same input gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::json::pretty;
use crate::model::component::{Component, Ecosystem};
use crate::model::{Function, Report};
use coldcut_core::diagnostics::Result;

/// Licences that go by their SPDX name; any other is given as it was written, which every version of
/// the list allows.
const KNOWN: [&str; 24] = [
    "0BSD",
    "AFL-2.1",
    "AGPL-3.0",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "EPL-2.0",
    "GPL-2.0",
    "GPL-3.0",
    "ISC",
    "LGPL-3.0",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Python-2.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// A component, and its bytes in each function.
type ShippedComponent<'a> = (&'a Component, Vec<(&'a str, u64)>);

/// The document, ending in a line break.
pub fn render(report: &Report) -> Result<String> {
    let project = json!({
        "type": "application",
        "bom-ref": "project",
        "name": report.project.name,
    });
    // One entry for each package, whoever has it.
    let mut parts: BTreeMap<String, ShippedComponent<'_>> = BTreeMap::new();
    let mut has: Vec<(String, BTreeSet<String>)> = Vec::new();
    for function in &report.functions {
        let mut refs = BTreeSet::new();
        for component in &function.components {
            let id = reference(component);
            let part = parts.entry(id.clone()).or_insert((component, Vec::new()));
            if let Some(bytes) = component.bytes {
                part.1.push((&function.name, bytes));
            }
            refs.insert(id);
        }
        has.push((of_function(function), refs));
    }
    let functions = report.functions.iter().map(one_function);
    let components = parts
        .iter()
        .map(|(id, (part, bytes))| library(id, part, bytes));
    let components: Vec<Value> = functions.chain(components).collect();
    let names: Vec<&String> = has.iter().map(|(id, _)| id).collect();
    let mut dependencies = vec![json!({ "ref": "project", "dependsOn": names })];
    for (id, refs) in &has {
        dependencies.push(json!({ "ref": id, "dependsOn": refs }));
    }
    dependencies.extend(parts.keys().map(|id| json!({ "ref": id })));
    let tool = json!({
        "type": "application",
        "name": "coldcut",
        "version": env!("CARGO_PKG_VERSION"),
    });
    pretty(&json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "tools": { "components": [tool] }, "component": project },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn reference(component: &Component) -> String {
    let own = || format!("own:{}", component.label());
    component.purl().unwrap_or_else(own)
}

fn of_function(function: &Function) -> String {
    format!("function:{}", function.name)
}

fn one_function(function: &Function) -> Value {
    let property =
        |name: &str, value: &str| json!({ "name": format!("coldcut:{name}"), "value": value });
    json!({
        "type": "application",
        "bom-ref": of_function(function),
        "name": function.name,
        "hashes": [{ "alg": "SHA-256", "content": function.artifact.sha256 }],
        "properties": [
            property("platform", &function.platform),
            property("runtime", &function.runtime),
            property("arch", &function.arch),
            property("strategy", function.strategy.as_str()),
            property("zip_bytes", &function.artifact.bytes.to_string()),
        ],
    })
}

fn library(id: &str, component: &Component, bytes: &[(&str, u64)]) -> Value {
    let (group, name) = match (component.ecosystem, component.name.split_once('/')) {
        (Ecosystem::Npm, Some((group, name))) => (Some(group), name),
        _ => (None, component.name.as_str()),
    };
    let mut out = serde_json::Map::new();
    let mut set = |key: &str, value: Value| {
        out.insert(key.to_string(), value);
    };
    set("type", "library".into());
    set("bom-ref", id.into());
    if let Some(group) = group {
        set("group", group.into());
    }
    set("name", name.into());
    if let Some(version) = &component.version {
        set("version", version.as_str().into());
    }
    if let Some(licence) = &component.licence {
        set("licenses", json!([licence_of(licence)]));
    }
    if let Some(purl) = component.purl() {
        set("purl", purl.into());
    }
    // A lock file's digest is of what was downloaded, of which only a part may be here.
    let digest = component.digest.as_ref();
    let hashes = digest.map(|(alg, content)| json!([{ "alg": alg, "content": content }]));
    match (&component.url, hashes) {
        (Some(url), Some(hashes)) => {
            let place = json!({ "type": "distribution", "url": url, "hashes": hashes });
            set("externalReferences", json!([place]));
        }
        (None, Some(hashes)) => set("hashes", hashes),
        (Some(url), None) => {
            set(
                "externalReferences",
                json!([{ "type": "distribution", "url": url }]),
            );
        }
        (None, None) => {}
    }
    let properties = bytes.iter().map(|(function, bytes)| {
        json!({ "name": format!("coldcut:unpacked_bytes:{function}"), "value": bytes.to_string() })
    });
    let properties: Vec<Value> = properties.collect();
    if !properties.is_empty() {
        set("properties", properties.into());
    }
    Value::Object(out)
}

fn licence_of(text: &str) -> Value {
    // Older crates separate their choices so.
    let text = text.replace('/', " OR ");
    let inner = text.trim_matches(['(', ')']);
    if KNOWN.contains(&inner) {
        return json!({ "license": { "id": inner } });
    }
    let words: Vec<&str> = text
        .split(['(', ')', ' '])
        .filter(|word| !word.is_empty())
        .collect();
    let joins = ["OR", "AND", "WITH"];
    let is_expression = words.len() > 1
        && words.len() % 2 == 1
        && words
            .iter()
            .enumerate()
            .all(|(at, word)| joins.contains(word) == (at % 2 == 1));
    match is_expression {
        true => json!({ "expression": text }),
        false => json!({ "license": { "name": text } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_names_expressions_or_words() {
        for (text, form) in [
            ("MIT", json!({"license": {"id": "MIT"}})),
            ("(MIT)", json!({"license": {"id": "MIT"}})),
            ("MIT/Apache-2.0", json!({"expression": "MIT OR Apache-2.0"})),
            (
                "(MIT OR Apache-2.0) AND Unicode-3.0",
                json!({"expression": "(MIT OR Apache-2.0) AND Unicode-3.0"}),
            ),
            (
                "Apache-2.0 WITH LLVM-exception",
                json!({"expression": "Apache-2.0 WITH LLVM-exception"}),
            ),
            (
                "SEE LICENSE IN x",
                json!({"license": {"name": "SEE LICENSE IN x"}}),
            ),
            ("UNLICENSED", json!({"license": {"name": "UNLICENSED"}})),
        ] {
            assert_eq!(licence_of(text), form, "{text}");
        }
    }
}
