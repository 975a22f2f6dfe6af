//! The JSON Schema of a settings file, for editors and for checks before a run.
//!
//! In: the types of the settings. Out: the schema of `coldcut.toml`, which is also that of
//! `"coldcut"` in `package.json` and of `[package.metadata.coldcut]`: every setting, and `functions`
//! with the same settings and where each of them is.

use serde_json::{Map, Value, json};

use crate::settings::Settings;

/// The schema as a document.
pub fn schema() -> Value {
    let mut root = schemars::schema_for!(Settings).to_value();
    let settings = properties(&root);
    let mut function = Map::new();
    for (key, about) in [
        (
            "entry",
            "A source file, of which every export is a function.",
        ),
        (
            "handler",
            "A file and its export, as platforms write it: `src/users.main`.",
        ),
        ("bin", "A cargo binary: its name, or `package.name`."),
        (
            "root",
            "The folder that becomes the artifact's root; seen from the project's.",
        ),
    ] {
        function.insert(
            key.to_string(),
            json!({ "description": about, "type": "string" }),
        );
    }
    function.extend(settings.clone());
    let mut all = settings;
    all.insert(
        "functions".to_string(),
        json!({
            "description": "By name: where a function is, or settings for one that another file declares. The short form is its source file.",
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/Function" }] },
        }),
    );
    if let Some(root) = root.as_object_mut() {
        root.insert("title".to_string(), json!("coldcut's settings"));
        root.insert("properties".to_string(), Value::Object(all));
        let shared = root.entry("$defs").or_insert_with(|| json!({}));
        if let Some(shared) = shared.as_object_mut() {
            shared.insert(
                "Function".to_string(),
                json!({
                    "description": "One function.",
                    "type": "object",
                    "properties": function,
                    "additionalProperties": false,
                }),
            );
        }
    }
    root
}

fn properties(schema: &Value) -> Map<String, Value> {
    let found = schema.get("properties").and_then(Value::as_object);
    found.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `COLDCUT_BLESS=1 cargo test` writes it.
    #[test]
    fn the_schema_in_the_docs_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.schema.json");
        let made = schema();
        if std::env::var_os("COLDCUT_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&made).unwrap();
            std::fs::write(path, text + "\n").unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            serde_json::from_str::<Value>(&kept).ok() == Some(made),
            "docs/config.schema.json is not what the types say: run `COLDCUT_BLESS=1 cargo test the_schema_in_the_docs` and commit it"
        );
    }

    #[test]
    fn it_has_every_setting_and_no_other_is_allowed() {
        let made = schema();
        assert_eq!(made["additionalProperties"], false);
        let known = serde_json::to_value(Settings::default()).unwrap();
        let all = made["properties"].as_object().unwrap();
        let function = made["$defs"]["Function"]["properties"].as_object().unwrap();
        for key in known.as_object().unwrap().keys() {
            assert!(all.contains_key(key) && function.contains_key(key), "{key}");
        }
        assert_eq!(all.len(), known.as_object().unwrap().len() + 1);
        assert_eq!(function.len(), known.as_object().unwrap().len() + 4);
    }
}
