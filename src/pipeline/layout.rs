//! What a platform wants beside the code: `package.json` with `main`, `host.json`, …
//!
//! In: a plan and what was built for it. Out: the same with the files of the platform's `[layout]`,
//! filled in. A JSON file of the artifact's own keeps what it has and gets the keys that are needed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::plan::Plan;
use coldcut_core::artifact::{Content, Entry, Reason, RelPath};
use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::functions::FunctionKind;
use coldcut_core::platform::{Call, HandlerSetting, LayoutFile, Runs};
use coldcut_js::build::Built;

/// The project has a file that the platform needs too, and coldcut cannot add to it.
pub const LAYOUT: Code = Code("CC146");

/// Adds the files that belong in the artifact.
pub(super) fn add(plan: &Plan, built: &mut Built) -> Result<()> {
    let call = call(plan, &built.external);
    let runtime = plan.platform.runtime(&plan.runtime.value)?;
    let has_all = built.builtins.iter().all(|name| runtime.has_builtin(name));
    let (handler, files) = (&built.artifact.handler, &mut built.artifact.files);
    let wanted = plan.platform.layout.files.iter();
    for file in wanted.filter(|file| !file.root && fits(file, plan, call)) {
        let Some(place) = RelPath::new(&file.path) else {
            continue;
        };
        let text = filled(file.text.trim(), plan, handler);
        // A file of the project's own may ask for a runtime that has less.
        let alone = has_all && (built.builtins.is_empty() || !files.contains_key(&place));
        let text = text.replace("{alone}", if alone { "true" } else { "false" });
        let text = match (files.get(&place), file.merge) {
            (Some(_), false) => continue,
            (Some(entry), true) => merged(&read(entry)?, &text, &place, plan)?,
            (None, true) => pretty(&parsed(&text, &place, plan)?),
            (None, false) => format!("{text}\n"),
        };
        let reasons = vec![Reason::Platform {
            package: plan.platform.title.clone(),
        }];
        let kept = files.get(&place);
        let entry = Entry {
            content: Content::Bytes(Arc::from(text.into_bytes())),
            reasons: kept.map_or(reasons, |entry| entry.reasons.clone()),
            package: None,
            source: kept.and_then(|entry| entry.source.clone()),
        };
        files.insert(place, entry);
    }
    Ok(())
}

/// How the platform calls the function: what asks for a package that only the platform has may
/// register itself by it.
pub(super) fn call(plan: &Plan, external: &BTreeMap<String, String>) -> Call {
    let shape = &plan.platform.handler;
    let runtime = plan.platform.runtime(&plan.runtime.value).ok();
    let own = runtime.is_some_and(|runtime| external.keys().any(|name| runtime.covers(name)));
    match shape.also.contains(&Call::Registered) && own {
        true => Call::Registered,
        false => shape.call,
    }
}

fn fits(file: &LayoutFile, plan: &Plan, call: Call) -> bool {
    let runs = match plan.function.kind {
        FunctionKind::Node(_) => Runs::Node,
        FunctionKind::Rust(_) => Runs::Binary,
    };
    file.only.is_none_or(|only| only == runs) && file.call.is_none_or(|of| of == call)
}

/// The name of the export that the platform calls.
fn export(plan: &Plan) -> String {
    let named = match &plan.function.kind {
        FunctionKind::Node(handler) => handler.export.clone(),
        FunctionKind::Rust(_) => None,
    };
    named.unwrap_or_else(|| {
        let usual = plan.platform.handler.default.as_str();
        usual
            .rsplit_once('.')
            .map_or(usual, |(_, name)| name)
            .to_string()
    })
}

fn filled(text: &str, plan: &Plan, handler: &RelPath) -> String {
    text.replace("{file}", handler.as_str())
        .replace("{export}", &export(plan))
        .replace("{name}", &plan.function.name)
        .replace("{runtime}", &plan.runtime.value)
        .replace("{arch}", &plan.arch.value)
}

fn read(entry: &Entry) -> Result<String> {
    let bytes = match &entry.content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::File { path, .. } => std::fs::read(path).map_err(|error| {
            Box::new(Diagnostic::io(LAYOUT, "read", path, &error).help("make the file readable"))
        })?,
        Content::Link(_) => Vec::new(),
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn parsed(text: &str, place: &RelPath, plan: &Plan) -> Result<Map<String, Value>> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!(
            "`{place}` of function `{}` cannot be extended with what {} needs: {error}",
            plan.function.name, plan.platform.title
        );
        Box::new(
            Diagnostic::error(LAYOUT, message)
                .at_file(Path::new(place.as_str()))
                .help("make the file a JSON object without comments"),
        )
    })
}

/// What is there, with the keys that are needed over it; what both have as objects is joined.
fn merged(there: &str, needed: &str, place: &RelPath, plan: &Plan) -> Result<String> {
    let mut out = parsed(there.trim_start_matches('\u{feff}'), place, plan)?;
    for (key, value) in parsed(needed, place, plan)? {
        match (out.get_mut(&key), value) {
            (Some(Value::Object(kept)), Value::Object(more)) => {
                for (key, value) in more {
                    kept.entry(key).or_insert(value);
                }
            }
            (_, value) => {
                out.insert(key, value);
            }
        }
    }
    Ok(pretty(&out))
}

fn pretty(map: &Map<String, Value>) -> String {
    // A map of texts always prints.
    let text = serde_json::to_string_pretty(map).unwrap_or_default();
    format!("{text}\n")
}

/// How a platform's setting names the handler, whose file in the artifact is `file`.
pub(super) fn setting(plan: &Plan, file: &str) -> Option<String> {
    let FunctionKind::Node(handler) = &plan.function.kind else {
        return Some(file.to_owned());
    };
    match plan.platform.handler.setting {
        HandlerSetting::FileAndExport => {
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            handler
                .export
                .as_ref()
                .map(|export| format!("{stem}.{export}"))
        }
        HandlerSetting::Export => handler.export.clone(),
        HandlerSetting::File => Some(file.to_owned()),
        HandlerSetting::None => None,
    }
}
