//! The options of the plug-ins that people come from.
//!
//! In: a Serverless Framework file with `custom.esbuild`, `custom.webpack` or `build.esbuild`. Out:
//! the same in coldcut's own [`Settings`]. What needs no counterpart is read over; what changes a
//! bundle and has none is refused by name where coldcut is the service's plug-in, and else only
//! said: then the plug-in that reads it is still there.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::discover::codes::UNSUPPORTED_OPTION;
use crate::discover::variables::Variables;
use coldcut_core::diagnostics::{Diagnostic, Result, Severity};
use coldcut_core::settings::value::{Data, Item, Node};
use coldcut_core::settings::{Settings, SourceMap};

/// The name of coldcut's plug-in.
const PLUGIN: &str = "serverless-coldcut";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    esbuild: Options,
    webpack: Options,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    unneeded: Vec<String>,
    /// By name, what to write instead.
    refused: IndexMap<String, String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The file is part of the binary, and a test reads it.
    toml::from_str(include_str!("migrate.toml")).expect("migrate.toml is what this module reads")
});

/// What one option becomes.
enum Taken {
    Yes,
    /// Its value means nothing here.
    Not(&'static str),
    /// It is none of those that become settings.
    Other,
}

/// Reads what other packers were told.
pub fn read(variables: &mut Variables<'_>, doc: &Node) -> Result<Settings> {
    let moved = is_plugin(variables, doc)?;
    let mut settings = Settings::default();
    let places: [(&[&str], &Options, Take); 3] = [
        (&["custom", "esbuild"], &TABLE.esbuild, esbuild),
        (&["build", "esbuild"], &TABLE.esbuild, esbuild),
        (&["custom", "webpack"], &TABLE.webpack, webpack),
    ];
    for (keys, options, take) in places {
        let Some(node) = found(variables, doc, keys)? else {
            continue;
        };
        let block = keys.join(".");
        for (name, item) in node.as_map().into_iter().flatten() {
            let why = match take(&mut settings, name, &item.value) {
                Taken::Yes => continue,
                Taken::Not(why) => why.to_owned(),
                Taken::Other if options.unneeded.contains(name) => continue,
                Taken::Other => match options.refused.get(name) {
                    Some(why) => why.clone(),
                    None => "coldcut does not know this option: remove it, or use a setting of `custom.coldcut` instead".to_owned(),
                },
            };
            let mut error = refused(&format!("{block}.{name}"), item, &why);
            if moved {
                return Err(Box::new(error));
            }
            error.severity = Severity::Warning;
            variables.warnings.push(error);
        }
    }
    Ok(settings)
}

type Take = fn(&mut Settings, &str, &Node) -> Taken;

fn refused(name: &str, item: &Item, why: &str) -> Diagnostic {
    Diagnostic::error(
        UNSUPPORTED_OPTION,
        format!("coldcut does not support the option `{name}`"),
    )
    .at(item.key.location())
    .help(why)
}

/// Whether coldcut is among the service's plug-ins.
fn is_plugin(variables: &mut Variables<'_>, doc: &Node) -> Result<bool> {
    let Some(mut plugins) = variables.get(doc, "plugins")? else {
        return Ok(false);
    };
    if let Some(modules) = variables.get(&plugins, "modules")? {
        plugins = modules;
    }
    let list = plugins.as_list().unwrap_or_default();
    Ok(list.iter().any(|name| name.as_str() == Some(PLUGIN)))
}

fn found(variables: &mut Variables<'_>, doc: &Node, keys: &[&str]) -> Result<Option<Node>> {
    let mut node = doc.clone();
    for key in keys {
        match variables.get(&node, key)? {
            Some(inner) => node = inner,
            None => return Ok(None),
        }
    }
    // A program that makes the options (`esbuild: ./esbuild.config.js`) is not run.
    if node.as_map().is_none() {
        return Ok(None);
    }
    variables.whole(&node).map(Some)
}

fn esbuild(settings: &mut Settings, name: &str, value: &Node) -> Taken {
    match (name, &value.data) {
        ("minify", Data::Bool(minify)) => settings.bundle.minify = Some(*minify),
        ("keepNames", Data::Bool(keep)) => settings.bundle.keep_names = Some(*keep),
        ("sourcemap", Data::Bool(true)) => settings.bundle.sourcemap = Some(SourceMap::External),
        ("sourcemap", Data::Bool(false)) => settings.bundle.sourcemap = Some(SourceMap::None),
        ("sourcemap", Data::String(kind)) => {
            settings.bundle.sourcemap = Some(match kind.as_str() {
                "inline" => SourceMap::Inline,
                "external" | "linked" | "both" => SourceMap::External,
                _ => return Taken::Not("write `external`, `inline` or `false`"),
            });
        }
        // What this plug-in calls external is installed into the artifact all the same, which coldcut
        // does by itself; what it excludes is left to the platform.
        ("exclude", Data::String(all)) if all == "*" => {
            return Taken::Not("name the packages that the platform or a layer has");
        }
        ("exclude", Data::List(list)) => {
            if list.iter().any(|name| name.as_str() == Some("*")) {
                return Taken::Not("name the packages that the platform or a layer has");
            }
            settings
                .packages
                .external
                .extend(list.iter().filter_map(Node::scalar));
        }
        ("define", Data::Map(map)) => {
            for (name, item) in map {
                // esbuild takes an expression, coldcut the text that it stands for.
                let text = item.value.scalar().unwrap_or_default();
                match serde_json::from_str(&text) {
                    Ok(serde_json::Value::String(text)) => {
                        settings.bundle.define.insert(name.clone(), text);
                    }
                    _ => {
                        return Taken::Not(
                            "only string values are accepted: `\"process.env.NODE_ENV\": '\"production\"'`",
                        );
                    }
                }
            }
        }
        ("bundle", Data::Bool(false)) => {
            return Taken::Not(
                "set `strategy: trace` in `custom.coldcut` to keep files at their original paths",
            );
        }
        ("skipBuild", Data::Bool(false)) | ("splitting", Data::Bool(false)) => {}
        ("minify" | "keepNames" | "sourcemap" | "exclude" | "define", _) => {
            return Taken::Not("its value has the wrong type");
        }
        _ => return Taken::Other,
    }
    Taken::Yes
}

fn webpack(settings: &mut Settings, name: &str, value: &Node) -> Taken {
    if name != "includeModules" {
        return Taken::Other;
    }
    let names = |key: &str| -> Vec<String> {
        let list = value.get(key).and_then(Node::as_list).unwrap_or_default();
        list.iter().filter_map(Node::scalar).collect()
    };
    settings.packages.external.extend(names("forceExclude"));
    let include = names("forceInclude");
    settings
        .files
        .include
        .extend(include.iter().map(|name| format!("node_modules/{name}/**")));
    Taken::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_names_nothing_twice() {
        for options in [&TABLE.esbuild, &TABLE.webpack] {
            for name in options.refused.keys() {
                assert!(!options.unneeded.contains(name), "{name}");
            }
        }
    }
}
