//! What `sam build` leaves, made of coldcut's artifacts: `sam deploy` and `sam local` take it from there.
//!
//! In: the project, whose functions a SAM template declares, and the report of what was packed. Out:
//! in `.aws-sam/build` a folder for each function, and the template with each `CodeUri` leading there.
//! Where `sam build` has run before, its template is the one that is changed, so that what it built
//! of other languages and layers stays. The template's text is edited at its places and else stays as
//! it was written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::discover::SAM_TEMPLATES;
use coldcut_core::diagnostics::{Code, Diagnostic, Location, Result};
use coldcut_core::disk;
use coldcut_core::functions::Project;
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Item, Node};
use coldcut_report::model::{Function, FunctionKind, Report};

use crate::pipeline::unpacked;

/// No SAM template declares the functions, or it cannot be rewritten.
pub const SAM_TEMPLATE: Code = Code("CC037");

/// Where `sam build` puts what it makes.
const BUILT: &str = ".aws-sam/build";
/// From there back to the project.
const BACK: &str = "../..";
/// What it calls the template there, whatever the project calls its own.
const TEMPLATE: &str = "template.yaml";

static PATHS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    // The file is part of the binary, and a test reads it.
    toml::from_str(include_str!("sam_paths.toml")).expect("sam_paths.toml is a table of lists")
});

/// A template, and how it leads to what lies beside it.
struct Template {
    path: PathBuf,
    doc: Node,
    /// `sam build` wrote it.
    built: bool,
}

/// One change of the template's text.
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

/// The project's own template; an error where its functions are declared elsewhere.
pub(super) fn check(project: &Project) -> Result<&'static str> {
    let declares = |name: &&str| {
        let mut functions = project.functions.iter();
        functions.any(|function| function.origin == *name)
    };
    let name = SAM_TEMPLATES.into_iter().find(declares);
    Ok(name.ok_or_else(|| {
        let message = format!(
            "no SAM template declares the functions of `{}`",
            project.name
        );
        Diagnostic::error(SAM_TEMPLATE, message)
            .at(Location::file(&project.root))
            .help("`--sam` needs them in `template.yaml`; leave `--sam` out for other frameworks")
    })?)
}

/// Fills `.aws-sam/build` of the project in `root`; `source` is its template.
pub(super) fn write(
    project: &Project,
    report: &Report,
    root: &Path,
    source: &str,
) -> Result<Vec<Diagnostic>> {
    let into = root.join(BUILT);
    let (template, warning) = template(root, source)?;
    let mut edits = Vec::new();
    let resources = template.doc.get("Resources").and_then(Node::as_map);
    let packed = report.functions.iter();
    let packed: BTreeMap<&str, &Function> = packed
        .map(|function| (function.name.as_str(), function))
        .collect();
    for (id, item) in resources.into_iter().flatten() {
        match packed.get(id.as_str()) {
            Some(function) => edits.extend(lead_to_artifact(id, item, function)),
            None if !template.built => edits.extend(lead_back(item, root)),
            None => {}
        }
    }
    let text = edited(&template.doc.at, edits);
    if let Some(id) = astray(&template.path, &text, packed.keys().copied())? {
        let declares = project.functions.iter().find(|one| one.name == id);
        let at = declares.map_or(Location::file(&template.path), |one| one.declared.clone());
        return Err(Box::new(
            Diagnostic::error(SAM_TEMPLATE, format!("`CodeUri` of `{id}` cannot be rewritten where it is"))
                .at(at)
                .help("write `CodeUri: .` into the function's own `Properties`, in block style and without anchors"),
        ));
    }
    unpacked::lay_out(report, &into, true)?;
    if !template.built {
        let mark = into.join(unpacked::MARK);
        fs::write(&mark, "")
            .map_err(|error| Diagnostic::io(SAM_TEMPLATE, "write", &mark, &error))?;
    }
    let target = into.join(TEMPLATE);
    disk::place(&target, text.as_bytes())
        .map_err(|error| Diagnostic::io(SAM_TEMPLATE, "write", &target, &error))?;
    Ok(warning.into_iter().collect())
}

/// The template to change, and what is to be said of it.
fn template(root: &Path, source: &str) -> Result<(Template, Option<Diagnostic>)> {
    let own = root.join(source);
    let built = root.join(BUILT).join(TEMPLATE);
    // With the mark it is coldcut's own of an earlier run: `sam build` empties the folder first.
    let is_built = built.is_file() && !root.join(BUILT).join(unpacked::MARK).exists();
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let stale = is_built && changed(&built) < changed(&own);
    let warning = stale.then(|| {
        Diagnostic::warning(
            SAM_TEMPLATE,
            format!("`{source}` has changed since `sam build`, so the template that `sam build` wrote is not used"),
        )
        .at_file(&own)
        .help("run `sam build` again before `coldcut pack --sam`, if it builds layers or functions of other languages")
    });
    let (path, built) = if is_built && !stale {
        (built, true)
    } else {
        (own, false)
    };
    let doc = value::load(&path)?.ok_or_else(|| {
        Diagnostic::error(SAM_TEMPLATE, format!("`{}` does not exist", path.display()))
    })?;
    Ok((Template { path, doc, built }, warning))
}

/// Leads a function's code to its folder, and its handler to the file in it where that has moved.
fn lead_to_artifact(id: &str, item: &Item, function: &Function) -> Vec<Edit> {
    let plain = item.value.get("Type").and_then(Node::as_str) == Some("AWS::Lambda::Function");
    let key = if plain { "Code" } else { "CodeUri" };
    let Some(properties) = item.value.get("Properties") else {
        return Vec::new();
    };
    let mut edits = vec![set(properties, key, id)];
    // The handler of a custom runtime is any word at all.
    if function.kind == FunctionKind::Node
        && let Some(real) = &function.handler_setting
        && let Some(said) = properties.get("Handler").and_then(Node::as_str)
        && said.trim_start_matches("./") != real
    {
        edits.push(set(properties, "Handler", real));
    }
    edits
}

/// Leads what lies beside the project's template back there.
fn lead_back(item: &Item, root: &Path) -> Vec<Edit> {
    let kind = item.value.get("Type").and_then(Node::as_str).unwrap_or("");
    let properties = item.value.get("Properties");
    let (Some(properties), Some(keys)) = (properties, PATHS.get(kind)) else {
        return Vec::new();
    };
    let found = keys.iter().filter_map(|key| {
        let keys: Vec<&str> = key.split('.').collect();
        let node = properties.path(&keys)?;
        let text = node.as_str()?;
        let local = !text.contains("://") && !Path::new(text).is_absolute();
        let there = local && root.join(text).exists();
        let text = text.trim_start_matches("./");
        there.then(|| replace(node, &format!("{BACK}/{text}")))
    });
    found.collect()
}

/// Sets one key of a map to a text.
fn set(map: &Node, key: &str, text: &str) -> Edit {
    if let Some(node) = map.get(key) {
        return replace(node, text);
    }
    let first = map.as_map().and_then(|map| map.values().next());
    let at = first.map_or(&map.at, |item| &item.key);
    let (whole, start) = (at.whole(), at.range().start);
    let before = whole[..start].trim_end();
    let line = whole[..start].rfind('\n').map_or(0, |at| at + 1);
    let text = if before.ends_with('{') {
        format!("{}: {}, ", quoted(key), quoted(text))
    } else {
        let indent = " ".repeat(start - line);
        format!("{key}: {}\n{indent}", quoted(text))
    };
    Edit {
        start,
        end: start,
        text,
    }
}

fn replace(node: &Node, text: &str) -> Edit {
    let range = node.at.range();
    Edit {
        start: range.start,
        end: range.end,
        text: quoted(text),
    }
}

/// In quotes as JSON has them, which YAML reads too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn edited(at: &value::Span, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.start);
    let whole = at.whole();
    let mut out = String::with_capacity(whole.len() + 64);
    let mut done = 0;
    for edit in edits {
        if edit.start < done {
            continue;
        }
        out.push_str(&whole[done..edit.start]);
        out.push_str(&edit.text);
        done = edit.end;
    }
    out.push_str(&whole[done..]);
    out
}

/// The first function that does not lead to its folder in a template's text: YAML can be written in
/// ways that a change of its text breaks.
fn astray<'a>(
    path: &Path,
    text: &str,
    mut ids: impl Iterator<Item = &'a str>,
) -> Result<Option<&'a str>> {
    let doc = value::parse(path, text)?;
    Ok(ids.find(|id| {
        let properties = doc.path(&["Resources", id, "Properties"]);
        let leads = |key: &&str| {
            let said = properties.and_then(|map| map.get(key));
            said.and_then(Node::as_str) == Some(id)
        };
        !["CodeUri", "Code"].iter().any(leads)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(PATHS.values().all(|keys| !keys.is_empty()));
    }

    #[test]
    fn a_key_is_set_in_every_style_of_writing() {
        for (text, expected) in [
            (
                "Properties:\n  CodeUri: src/ # mine\n  X: 1\n",
                "Properties:\n  CodeUri: \"F\" # mine\n  X: 1\n",
            ),
            (
                "Properties:\n  CodeUri: 'src'\n",
                "Properties:\n  CodeUri: \"F\"\n",
            ),
            (
                "Properties:\n  X: 1\n  Y: 2\n",
                "Properties:\n  CodeUri: \"F\"\n  X: 1\n  Y: 2\n",
            ),
            (
                "Properties: {X: 1}\n",
                "Properties: {\"CodeUri\": \"F\", X: 1}\n",
            ),
            (
                "{\"Properties\": {\n  \"X\": 1}}",
                "{\"Properties\": {\n  \"CodeUri\": \"F\", \"X\": 1}}",
            ),
            (
                "{\"Properties\": {\"CodeUri\": \"a\", \"X\": 1}}",
                "{\"Properties\": {\"CodeUri\": \"F\", \"X\": 1}}",
            ),
        ] {
            let name = if text.starts_with('{') {
                "t.json"
            } else {
                "t.yaml"
            };
            let doc = value::parse(Path::new(name), text).unwrap();
            let edit = set(doc.get("Properties").unwrap(), "CodeUri", "F");
            assert_eq!(edited(&doc.at, vec![edit]), expected);
        }
    }
}
