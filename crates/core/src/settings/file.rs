//! The project's own settings file.
//!
//! In: a folder. Out: what `coldcut.toml`, else `"coldcut"` in `package.json`, else
//! `[package.metadata.coldcut]` (or `[workspace.metadata.coldcut]`) in `Cargo.toml` says, as
//! [`ConfigFile`]. Keys are checked here by hand, so that a slip of the pen is shown with its
//! line and the key that was probably meant.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::diagnostics::{Code, Diagnostic, Location, Result};
use crate::settings::value;
use crate::settings::value::{Item, Node, nearest};
use crate::settings::{KEYS, Rule, Settings};

/// A settings file has an unknown key.
pub const UNKNOWN_KEY: Code = Code("CC014");
/// A setting has a value of the wrong kind.
pub const BAD_VALUE: Code = Code("CC015");
/// Several places hold settings; only the first counts.
pub const SEVERAL: Code = Code("CC031");

/// What a project's settings file says.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// For all functions.
    pub settings: Settings,
    /// By name, in the order of the file.
    pub functions: IndexMap<String, FunctionConfig>,
    pub path: PathBuf,
    /// How reports call it: `coldcut.toml`, `package.json#coldcut`, `Cargo.toml`.
    pub origin: &'static str,
}

/// What a settings file says of one function: where it is, or only settings for a function
/// that another file declares.
#[derive(Debug, Clone)]
pub struct FunctionConfig {
    /// A source file, of which every export counts.
    pub entry: Option<String>,
    /// A file and its export, as platforms write it: `src/users.main`.
    pub handler: Option<String>,
    /// A cargo binary: its name, or `package.name`.
    pub bin: Option<String>,
    /// The folder that becomes the artifact's root, relative to the project's.
    pub root: Option<String>,
    pub settings: Settings,
    /// Where the function's name is written.
    pub at: Location,
    /// Where `entry`, `handler` or `bin` is written; else the same as `at`.
    pub said: Location,
    /// Where `root` is written; else the same as `at`.
    pub root_at: Location,
}

impl FunctionConfig {
    /// Whether it says where the function is.
    pub fn declares(&self) -> bool {
        self.entry.is_some() || self.handler.is_some() || self.bin.is_some()
    }
}

/// What was read while looking for settings.
#[derive(Debug, Default)]
pub struct Found {
    pub file: Option<ConfigFile>,
    /// Warnings about settings that do not count.
    pub warnings: Vec<Diagnostic>,
}

/// Looks for settings in `dir`; the first of the three places wins.
pub fn read(dir: &Path) -> Result<Found> {
    let mut places = Vec::new();
    let own = dir.join("coldcut.toml");
    if let Some(node) = value::load(&own)? {
        places.push((own, "coldcut.toml", node));
    }
    let package = dir.join("package.json");
    if let Some(node) = value::load(&package)?
        && let Some(inner) = node.get("coldcut")
    {
        places.push((package, "package.json#coldcut", inner.clone()));
    }
    let cargo = dir.join("Cargo.toml");
    if let Some(node) = value::load(&cargo)? {
        for scope in ["package", "workspace"] {
            if let Some(inner) = node.path(&[scope, "metadata", "coldcut"]) {
                places.push((cargo.clone(), "Cargo.toml", inner.clone()));
            }
        }
    }
    let mut found = Found::default();
    for (path, origin, node) in places {
        match &found.file {
            None => found.file = Some(parse(path, origin, &node)?),
            Some(first) => found.warnings.push(
                Diagnostic::warning(
                    SEVERAL,
                    format!(
                        "the settings in `{origin}` are ignored: `{}` has settings too",
                        first.origin
                    ),
                )
                .at(node.at.location())
                .help("keep the settings in one place"),
            ),
        }
    }
    Ok(found)
}

/// `[package.metadata.coldcut]` of a package that is not the project's own.
pub fn of_package(manifest: &Path, node: &Node) -> Result<Option<ConfigFile>> {
    match node.path(&["package", "metadata", "coldcut"]) {
        Some(inner) => parse(manifest.to_path_buf(), "Cargo.toml", inner).map(Some),
        None => Ok(None),
    }
}

/// The settings in a framework's own file: those of a settings file, whose names may be written
/// `keepNames` too, as such files write theirs.
pub fn of_framework(node: &Node, key: &str) -> Result<Settings> {
    let map = node.as_map().ok_or_else(|| wrong(node, key, "a map"))?;
    let known = known_keys(&[]);
    let mut settings = serde_json::Map::new();
    for (name, item) in map {
        if name == "functions" {
            return Err(Box::new(
                Diagnostic::error(UNKNOWN_KEY, format!("there is no `functions` in `{key}`"))
                    .at(item.key.location())
                    .help("write the settings of one function under `coldcut` in that function"),
            ));
        }
        setting(&mut settings, &kebab(name), item, &known)?;
    }
    finish(settings, node)
}

/// `keepNames` as `keep-names`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn parse(path: PathBuf, origin: &'static str, node: &Node) -> Result<ConfigFile> {
    let map = node
        .as_map()
        .ok_or_else(|| wrong(node, "coldcut", "a map"))?;
    let known = known_keys(&["functions"]);
    let mut settings = serde_json::Map::new();
    let mut functions = IndexMap::new();
    for (key, item) in map {
        if key == "functions" {
            let Some(map) = item.value.as_map() else {
                return Err(wrong(
                    &item.value,
                    "functions",
                    "a map from name to function",
                ));
            };
            for (name, item) in map {
                functions.insert(name.clone(), function(name, item)?);
            }
        } else {
            setting(&mut settings, key, item, &known)?;
        }
    }
    Ok(ConfigFile {
        settings: finish(settings, node)?,
        functions,
        path,
        origin,
    })
}

fn function(name: &str, item: &Item) -> Result<FunctionConfig> {
    let at = item.key.location();
    let mut config = FunctionConfig {
        entry: None,
        handler: None,
        bin: None,
        root: None,
        settings: Settings::default(),
        said: at.clone(),
        root_at: at.clone(),
        at,
    };
    // The short form: `users = "src/users.ts"`.
    if let Some(entry) = item.value.as_str() {
        config.entry = Some(entry.to_owned());
        config.said = item.value.at.location();
        return Ok(config);
    }
    let Some(map) = item.value.as_map() else {
        return Err(wrong(&item.value, name, "a map, or an entry file"));
    };
    let known = known_keys(&["entry", "handler", "bin", "root"]);
    let mut settings = serde_json::Map::new();
    let mut first: Option<&str> = None;
    for (key, item) in map {
        let slot = match key.as_str() {
            "entry" => &mut config.entry,
            "handler" => &mut config.handler,
            "bin" => &mut config.bin,
            "root" => &mut config.root,
            _ => {
                setting(&mut settings, key, item, &known)?;
                continue;
            }
        };
        let Some(text) = item.value.as_str().filter(|text| !text.trim().is_empty()) else {
            return Err(wrong(&item.value, key, "a string that is not empty"));
        };
        *slot = Some(text.to_owned());
        if key == "root" {
            config.root_at = item.value.at.location();
            continue;
        }
        if let Some(first) = first {
            let message = format!("function `{name}` has both `{first}` and `{key}`");
            return Err(Box::new(
                Diagnostic::error(BAD_VALUE, message)
                    .at(item.key.location())
                    .help("keep only one of `entry`, `handler` and `bin`"),
            ));
        }
        first = Some(key);
        config.said = item.value.at.location();
    }
    config.settings = finish(settings, &item.value)?;
    Ok(config)
}

/// The keys of settings, and `more`.
fn known_keys<'a>(more: &[&'a str]) -> Vec<&'a str> {
    KEYS.iter().chain(more).copied().collect()
}

fn unknown(what: &str, key: &str, item: &Item, known: &[&str]) -> Box<Diagnostic> {
    let diagnostic =
        Diagnostic::error(UNKNOWN_KEY, format!("{what} `{key}`")).at(item.key.location());
    let all = || known.iter().copied();
    Box::new(match nearest(key, all()) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic.help(format!(
            "the settings here are `{}`",
            all().collect::<Vec<_>>().join("`, `")
        )),
    })
}

/// Checks one setting alone, so that a complaint points at it.
fn setting(
    settings: &mut serde_json::Map<String, serde_json::Value>,
    key: &str,
    item: &Item,
    known: &[&str],
) -> Result<()> {
    if !known.contains(&key) {
        return Err(unknown("there is no setting", key, item, known));
    }
    if key == "rule" {
        rules(&item.value)?;
    }
    let json = item.value.to_json();
    let alone = serde_json::Map::from_iter([(key.to_owned(), json.clone())]);
    if let Err(error) = Settings::from_flat(alone) {
        let message = format!("`{key}` has a wrong value: {error}");
        let mut diagnostic = Diagnostic::error(BAD_VALUE, message).at(item.value.at.location());
        if let Some(word) = item.value.as_str() {
            // serde lists the allowed words between backquotes.
            let text = error.to_string();
            let allowed = text.split_once("expected").map_or("", |(_, rest)| rest);
            let words = allowed.split('`').skip(1).step_by(2);
            if let Some(name) = nearest(word, words) {
                diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
            }
        }
        return Err(Box::new(diagnostic));
    }
    settings.insert(key.to_owned(), json);
    Ok(())
}

/// Checks each field of each rule alone, so that a complaint points at it.
fn rules(node: &Node) -> Result<()> {
    let list = node.as_list();
    let list = list.ok_or_else(|| wrong(node, "rule", "a list of maps: `[[rule]]`"))?;
    let known: Vec<String> = match serde_json::to_value(Rule::default()) {
        Ok(serde_json::Value::Object(map)) => map.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    for rule in list {
        let map = rule.as_map().ok_or_else(|| wrong(rule, "rule", "a map"))?;
        for (field, item) in map {
            if !names.contains(&field.as_str()) {
                return Err(unknown("a rule has no field", field, item, &names));
            }
            let alone = serde_json::Map::from_iter([(field.clone(), item.value.to_json())]);
            if let Err(error) = serde_json::from_value::<Rule>(alone.into()) {
                let message = format!("`{field}` of a rule has a wrong value: {error}");
                let at = item.value.at.location();
                return Err(Box::new(Diagnostic::error(BAD_VALUE, message).at(at).help(
                    "`read`, `run`, `also` and `load` must be lists of strings, the other fields must be strings",
                )));
            }
        }
        let has = |fields: &[&str]| fields.iter().any(|field| map.contains_key(*field));
        let lacks = match (
            has(&["package", "imports"]),
            has(&["read", "run", "also", "load"]),
        ) {
            (false, _) => "`package` or `imports`, which say where the rule applies",
            (_, false) => "`read`, `run`, `also` or `load`, which say which files ship",
            (true, true) => continue,
        };
        let at = map.values().next().map_or(&rule.at, |item| &item.key);
        return Err(Box::new(
            Diagnostic::error(BAD_VALUE, format!("a rule lacks {lacks}"))
                .at(at.location())
                .help("add it to the rule"),
        ));
    }
    Ok(())
}

fn finish(settings: serde_json::Map<String, serde_json::Value>, node: &Node) -> Result<Settings> {
    Settings::from_flat(settings).map_err(|error| {
        Box::new(
            Diagnostic::error(
                BAD_VALUE,
                format!("the settings do not fit together: {error}"),
            )
            .at(node.at.location()),
        )
    })
}

fn wrong(node: &Node, key: &str, wanted: &str) -> Box<Diagnostic> {
    let message = format!("`{key}` must be {wanted}, but it is {}", node.kind());
    Box::new(Diagnostic::error(BAD_VALUE, message).at(node.at.location()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Strategy;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    #[test]
    fn coldcut_toml() {
        let dir = project(&[(
            "coldcut.toml",
            "strategy = \"trace\"\nrules-off = [\"docs\"]\n[functions.users]\nentry = \"src/users.ts\"\nkeep-secrets = [\".env\"]\n[functions.a]\nbin = \"a\"\nroot = \"crates/a\"\nlayer-bytes = { base = 5_000 }\n",
        )]);
        let file = read(dir.path()).unwrap().file.unwrap();
        assert_eq!(file.origin, "coldcut.toml");
        assert_eq!(file.settings.artifact.strategy, Some(Strategy::Trace));
        assert_eq!(file.settings.files.rules_off, ["docs"]);
        let names: Vec<_> = file.functions.keys().collect();
        assert_eq!(names, ["users", "a"]);
        let users = &file.functions["users"];
        assert_eq!(users.entry.as_deref(), Some("src/users.ts"));
        assert_eq!(users.settings.files.keep_secrets, [".env"]);
        assert_eq!(users.said.line, Some(4));
        let a = &file.functions["a"];
        assert_eq!(a.root.as_deref(), Some("crates/a"));
        assert_eq!(a.settings.report.layer_bytes["base"], 5000);
    }

    #[test]
    fn the_other_two_places_and_their_order() {
        let package = "{\"coldcut\": {\"arch\": \"arm64\", \"functions\": {\"u\": \"src/u.js\"}}}";
        let cargo = "[package]\nname = \"x\"\n[package.metadata.coldcut]\narch = \"x86_64\"\n";
        let dir = project(&[("package.json", package), ("Cargo.toml", cargo)]);
        let found = read(dir.path()).unwrap();
        let file = found.file.unwrap();
        assert_eq!(file.settings.target.arch.as_deref(), Some("arm64"));
        assert_eq!(file.functions["u"].entry.as_deref(), Some("src/u.js"));
        assert_eq!(found.warnings.len(), 1);
        assert_eq!(found.warnings[0].code, SEVERAL);
        std::fs::remove_file(dir.path().join("package.json")).unwrap();
        let file = read(dir.path()).unwrap().file.unwrap();
        assert_eq!(file.settings.target.arch.as_deref(), Some("x86_64"));
        let dir = project(&[(
            "Cargo.toml",
            "[workspace]\nmembers = []\n[workspace.metadata.coldcut]\nverify = false\n",
        )]);
        assert_eq!(
            read(dir.path())
                .unwrap()
                .file
                .unwrap()
                .settings
                .verify
                .enabled,
            Some(false)
        );
    }

    #[test]
    fn slips_are_shown() {
        let cases = [
            (
                "stratgey = \"trace\"",
                UNKNOWN_KEY,
                1,
                "did you mean `strategy`?",
            ),
            (
                "rules_off = []",
                UNKNOWN_KEY,
                1,
                "did you mean `rules-off`?",
            ),
            (
                "\nstrategy = \"tracee\"",
                BAD_VALUE,
                2,
                "did you mean `trace`?",
            ),
            (
                "[functions.a]\nentri = \"x\"",
                UNKNOWN_KEY,
                2,
                "did you mean `entry`?",
            ),
            (
                "[functions.a]\nentry = \"x\"\nbin = \"x\"",
                BAD_VALUE,
                3,
                "keep only one",
            ),
            (
                "zzzz = 1",
                UNKNOWN_KEY,
                1,
                "the settings here are `strategy`",
            ),
        ];
        for (text, code, line, help) in cases {
            let dir = project(&[("coldcut.toml", text)]);
            let error = read(dir.path()).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert_eq!(error.at.as_ref().unwrap().line, Some(line), "{text}");
            assert!(error.help.as_ref().unwrap().contains(help), "{error:?}");
        }
        let rules = [
            ("[[rule]]\npackage = \"a\"\nreads = [\"x\"]", UNKNOWN_KEY, 3),
            ("[[rule]]\npackage = \"a\"\nread = \"x\"", BAD_VALUE, 3),
            ("[[rule]]\npackage = 3\nread = [\"x\"]", BAD_VALUE, 2),
            ("[[rule]]\nread = [\"x\"]", BAD_VALUE, 2),
            ("[[rule]]\npackage = \"a\"", BAD_VALUE, 2),
            ("rule = 3", BAD_VALUE, 1),
            ("[functions.a]\nrule = [3]", BAD_VALUE, 2),
        ];
        for (text, code, line) in rules {
            let dir = project(&[("coldcut.toml", text)]);
            let error = read(dir.path()).unwrap_err();
            let at = error.at.as_ref().unwrap().line;
            assert_eq!((error.code, at), (code, Some(line)), "{text}");
        }
        for text in [
            "verify = 1",
            "functions = 3",
            "functions.a = 3",
            "external = [1]",
            "[calibration]\nload-ms-per-mb = [3, 2, 1]",
            "[calibration]\ntransfer-ms-per-mb = [-1, 2, 3]",
            "[calibration]\nload-ms-per-mb = [1, 2]",
            "[calibration]\nload-base-ms = -5",
            "[calibration]\nkind = \"cobol\"",
            "[calibration]\ncold-starts = -1",
            "[calibration]\nload-ms = 3",
        ] {
            let dir = project(&[("coldcut.toml", text)]);
            assert_eq!(read(dir.path()).unwrap_err().code, BAD_VALUE, "{text}");
        }
    }

    #[test]
    fn no_settings_at_all() {
        let dir = project(&[("package.json", "{}")]);
        assert!(read(dir.path()).unwrap().file.is_none());
    }
}
