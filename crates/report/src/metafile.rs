//! esbuild's metafile of all functions, for the viewers that read it.
//!
//! In: a [`Report`] whose bundles have theirs. Out: one document: the inputs of all bundles, and an
//! output for each file that ships, called `FUNCTION/FILE`. A file that is shipped as it is has
//! itself as its only input.

use serde_json::{Map, Value, json};

use crate::json::pretty;
use crate::model::{Function, Report};
use coldcut_core::diagnostics::Result;

/// The document, ending in a line break.
pub fn render(report: &Report) -> Result<String> {
    let (mut inputs, mut outputs) = (Map::new(), Map::new());
    for function in &report.functions {
        let made = function.metafile.as_ref();
        for (all, part) in [(&mut inputs, "inputs"), (&mut outputs, "outputs")] {
            if let Some(Value::Object(found)) = made.and_then(|made| made.get(part)) {
                all.extend(found.clone());
            }
        }
        files(function, &mut inputs, &mut outputs);
    }
    pretty(&json!({ "inputs": inputs, "outputs": outputs }))
}

fn files(function: &Function, inputs: &mut Map<String, Value>, outputs: &mut Map<String, Value>) {
    for file in &function.files {
        let name = output(&function.name, &file.path);
        if outputs.contains_key(&name) {
            continue;
        }
        inputs
            .entry(file.path.clone())
            .or_insert_with(|| json!({ "bytes": file.bytes, "imports": [] }));
        let mut parts = Map::new();
        parts.insert(file.path.clone(), json!({ "bytesInOutput": file.bytes }));
        let mut made =
            json!({ "imports": [], "exports": [], "inputs": parts, "bytes": file.bytes });
        if file.path == function.handler
            && let Some(made) = made.as_object_mut()
        {
            made.insert("entryPoint".to_string(), function.entry.as_str().into());
        }
        outputs.insert(name, made);
    }
}

/// How a file of a function is called among those of all.
pub fn output(function: &str, path: &str) -> String {
    format!("{function}/{path}")
}
