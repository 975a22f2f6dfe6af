//! The JSON Schema of a settings file, for editors and for checks before a run.
//!
//! In: the types of the settings. Out: the schema of `coldcut.toml`, which is also that of
//! `"coldcut"` in `package.json` and of `[package.metadata.coldcut]`: every setting, and `functions`
//! with the same settings and where each of them is.

use serde_json::{Map, Value, json};

use crate::settings::{
    ArtifactSettings, BundleSettings, FileSettings, KEYS, PackageSettings, ReportSettings,
    RustSettings, TargetSettings, VerifySettings,
};

/// What the schema says of itself.
const ABOUT: &str = "Settings of a project or of one function; every setting is optional.";

/// The schema as a document.
pub fn schema() -> Value {
    let mut root = flat();
    let settings = object(&root, "properties");
    let mut function = places();
    function.extend(settings.clone());
    let mut all = settings;
    all.insert(
        "functions".to_string(),
        json!({
            "description": "The functions by name: where the code is, or settings for a function that another file declares. The short form is its source file.",
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/Function" }] },
        }),
    );
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
    Value::Object(root)
}

/// The keys of a function that say where it is.
fn places() -> Map<String, Value> {
    let keys = [
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
            "The folder that becomes the artifact's root; relative to the project's folder.",
        ),
    ];
    let places = keys.into_iter().map(|(key, about)| {
        let schema = json!({ "description": about, "type": "string" });
        (key.to_string(), schema)
    });
    places.collect()
}

/// The schema of all groups of settings as one object, as a file writes them.
fn flat() -> Map<String, Value> {
    let groups = [
        schemars::schema_for!(TargetSettings),
        schemars::schema_for!(ArtifactSettings),
        schemars::schema_for!(PackageSettings),
        schemars::schema_for!(FileSettings),
        schemars::schema_for!(BundleSettings),
        schemars::schema_for!(VerifySettings),
        schemars::schema_for!(RustSettings),
        schemars::schema_for!(ReportSettings),
    ]
    .map(|group| match group.to_value() {
        Value::Object(map) => map,
        _ => Map::new(),
    });
    let mut found = Map::new();
    let mut shared = Map::new();
    for group in &groups {
        found.extend(object(group, "properties"));
        shared.extend(object(group, "$defs"));
    }
    let ordered = KEYS.iter().filter_map(|key| found.remove_entry(*key));
    let properties = Map::from_iter(ordered);
    let mut defs = Map::new();
    for property in properties.values() {
        refer(property, &mut shared, &mut defs);
    }
    // What groups have in common, in the place where they have it: the kind of schema, and that
    // there are no other keys.
    let [mut root, ..] = groups;
    root.insert("properties".to_string(), properties.into());
    root.insert("description".to_string(), json!(ABOUT));
    root.insert("title".to_string(), json!("coldcut's settings"));
    root.insert("$defs".to_string(), defs.into());
    root
}

/// Moves the definitions that `schema` refers to from `shared` to `defs`, each before those that it
/// refers to itself.
fn refer(schema: &Value, shared: &mut Map<String, Value>, defs: &mut Map<String, Value>) {
    match schema {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
            if let Some(definition) = name.and_then(|name| shared.remove(name)) {
                defs.insert(name.unwrap_or_default().to_string(), definition.clone());
                refer(&definition, shared, defs);
            }
            for inner in map.values() {
                refer(inner, shared, defs);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| refer(inner, shared, defs)),
        _ => {}
    }
}

fn object(schema: &Map<String, Value>, key: &str) -> Map<String, Value> {
    let found = schema.get(key).and_then(Value::as_object);
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
        let all = made["properties"].as_object().unwrap();
        let function = made["$defs"]["Function"]["properties"].as_object().unwrap();
        for key in KEYS {
            assert!(all.contains_key(key) && function.contains_key(key), "{key}");
        }
        assert_eq!(all.len(), KEYS.len() + 1);
        assert_eq!(function.len(), KEYS.len() + 4);
    }
}
