//! Builds that are only compared: every profile, and without each known cause of bloat.
//!
//! In: what is asked of a build, and the one that ships. Out: files as they would ship, with the time
//! that each took. Profiles are built from nothing, each in a folder of its own that goes away, so
//! that their times can be held against each other; what they gave is kept until something changes.
//! A dependency is declared otherwise in a copy of the workspace only.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest;
use coldcut_core::disk;
use coldcut_core::functions::Binary;
use coldcut_core::settings::{Panic, RustProfile};

use crate::build::{BuildRequest, Built, Prepared, copy, prepare, stripped, write};
use crate::cargo;
use crate::cargo::CargoRun;
use crate::codes::BINARY;
use crate::findings::{Cause, causes};
use crate::profile::ProfileOverrides;
use crate::strip;

/// One more build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProfileBuild {
    /// `default`, or a profile's name.
    pub name: String,
    /// As it would ship.
    pub path: PathBuf,
    /// Of the whole build, in milliseconds.
    pub build_ms: f64,
    pub panic: Panic,
}

/// A build without one cause.
#[derive(Debug, Clone)]
pub struct WhatIf {
    pub cause: &'static Cause,
    /// As it would ship, or why there is none.
    pub result: std::result::Result<PathBuf, String>,
}

/// Builds every profile.
pub fn compare(ask: &BuildRequest<'_>, built: &Built) -> Result<Vec<ProfileBuild>> {
    let prepared = prepare(ask)?;
    let folder = built.folder.join("profiles");
    let kept = folder.join("trials.json");
    let key = digest::of([
        built.record.inputs.as_str(),
        &serde_json::to_string(&built.record.linked).unwrap_or_default(),
    ]);
    let known: Option<(String, Vec<ProfileBuild>)> = std::fs::read(&kept)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    if let Some((found, trials)) = known
        && found == key
        && trials.iter().all(|trial| trial.path.is_file())
    {
        return Ok(trials);
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "make", &folder, &error)))?;
    let mut out: Vec<ProfileBuild> = Vec::new();
    let mut recipes = vec![("default", ProfileOverrides::baseline())];
    for profile in RustProfile::ALL {
        recipes.push((profile.as_str(), prepared.recipe(profile, ask.panic, false)));
    }
    for (name, recipe) in recipes {
        (ask.say)(&format!(
            "{}: building `{name}` from scratch",
            ask.binary.bin
        ));
        let path = folder.join(name);
        // The same build as the default one, less its symbols.
        let same = (name == "keep" && recipe.is_plain())
            .then(|| out.last().cloned())
            .flatten();
        let build_ms = match same {
            Some(default) => {
                shipped(&default.path, &recipe, &path)?;
                default.build_ms
            }
            None => {
                let target = folder.join(format!("target-{name}"));
                // What an interrupted run left would be built on.
                let _ = std::fs::remove_dir_all(&target);
                let (linked, _) = cargo::build(&prepared.order(ask, &target), &recipe)?;
                match name {
                    "default" => copy(&linked.path, &path)?,
                    _ => shipped(&linked.path, &recipe, &path)?,
                }
                let _ = std::fs::remove_dir_all(&target);
                linked.took.as_secs_f64() * 1000.0
            }
        };
        out.push(ProfileBuild {
            name: name.to_string(),
            path,
            build_ms,
            panic: recipe.panic.unwrap_or(prepared.own_panic()),
        });
    }
    if let Ok(text) = serde_json::to_vec(&(key, &out)) {
        // Not to have it only costs time.
        let _ = disk::place(&kept, &text);
    }
    Ok(out)
}

/// Makes of what was linked what would ship.
fn shipped(linked: &Path, recipe: &ProfileOverrides, to: &Path) -> Result<()> {
    let bytes = std::fs::read(linked)
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "read", linked, &error)))?;
    let options = strip::Options {
        unwind_tables: recipe.clear_unwind_tables,
        debug_link: None,
    };
    write(to, &stripped(&bytes, options, linked)?)
}

/// Builds once more for each cause that is at work, without it.
pub fn what_if(ask: &BuildRequest<'_>, built: &Built) -> Result<Vec<WhatIf>> {
    let prepared = prepare(ask)?;
    let recipe = prepared.recipe(ask.profile, ask.panic, false);
    let crates = &built.record.crates;
    let folder = built.folder.join("what-if");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Box::new(Diagnostic::io(BINARY, "make", &folder, &error)))?;
    let mut out = Vec::new();
    for cause in causes() {
        let edits: Vec<_> = cause
            .edit
            .iter()
            .filter(|edit| {
                crates
                    .declared
                    .iter()
                    .any(|one| one.package == edit.dependency)
            })
            .collect();
        let to = folder.join(&cause.name);
        let result = if let Some(setting) = &cause.setting {
            let Some(other) = with_setting(&recipe, &prepared, &setting.key, &setting.value) else {
                continue;
            };
            (ask.say)(&format!("{}: what if {}", ask.binary.bin, cause.change));
            build_one(&prepared.order(ask, ask.cache), &other, &to)
        } else if cause.applies(crates) && !edits.is_empty() {
            (ask.say)(&format!("{}: what if {}", ask.binary.bin, cause.change));
            let copied = folder.join("workspace");
            edited(ask, &crates.workspace_root, &copied, &edits).and_then(|binary| {
                let order = CargoRun {
                    binary: &binary,
                    ..prepared.order(ask, ask.cache)
                };
                build_one(&order, &recipe, &to)
            })
        } else {
            continue;
        };
        out.push(WhatIf {
            cause,
            result: result.map(|()| to).map_err(|error| reason(&error)),
        });
    }
    Ok(out)
}

fn build_one(order: &CargoRun<'_>, recipe: &ProfileOverrides, to: &Path) -> Result<()> {
    let (linked, _) = cargo::build(order, recipe)?;
    shipped(&linked.path, recipe, to)
}

/// The recipe with one setting; `None` where it has it already, or more.
fn with_setting(
    recipe: &ProfileOverrides,
    prepared: &Prepared,
    key: &str,
    value: &str,
) -> Option<ProfileOverrides> {
    let now = recipe.settings.iter().find(|(known, _)| *known == key);
    let now = now.map(|(_, value)| value.clone());
    let own = prepared
        .settings
        .release
        .get(key)
        .map(|value| value.replace('"', "'"));
    let now = now.or(own);
    let rank = |value: &str| {
        ["'3'", "3", "'2'", "2", "'s'", "'z'"]
            .iter()
            .position(|one| *one == value)
    };
    if now.as_deref() == Some(value)
        || (key == "opt-level" && now.as_deref().and_then(rank) >= rank(value))
    {
        return None;
    }
    let known = ["opt-level", "lto", "codegen-units", "panic"];
    let key = known.into_iter().find(|known| *known == key)?;
    let mut out = recipe.clone();
    out.settings.retain(|(known, _)| *known != key);
    out.settings.push((key, value.to_string()));
    if key == "panic" {
        out.panic = Some(Panic::Abort);
    }
    Some(out)
}

/// The first thing that cargo complained about.
fn reason(error: &Diagnostic) -> String {
    let said = error.verbatim.as_deref().unwrap_or_default();
    let first = said.lines().find(|line| line.starts_with("error"));
    first.unwrap_or(&error.message).to_string()
}

/// Copies the workspace and declares dependencies otherwise in it; gives the binary there.
fn edited(
    ask: &BuildRequest<'_>,
    root: &Path,
    to: &Path,
    edits: &[&crate::findings::ManifestEdit],
) -> Result<Binary> {
    let failed =
        |path: &Path, error: &std::io::Error| Box::new(Diagnostic::io(BINARY, "copy", path, error));
    // A copy that is there is of an older state.
    let _ = std::fs::remove_dir_all(to);
    let skip = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        path.starts_with(ask.cache) || disk::is_not_source(name) || disk::is_cache(path)
    };
    let walk = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !skip(entry.path()))
        .filter_map(std::result::Result::ok);
    for entry in walk {
        let Ok(rest) = entry.path().strip_prefix(root) else {
            continue;
        };
        let target = to.join(rest);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).map_err(|error| failed(&target, &error))?;
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target).map_err(|error| failed(&target, &error))?;
        }
    }
    let inside = ask
        .binary
        .manifest
        .strip_prefix(root)
        .unwrap_or(Path::new("Cargo.toml"));
    let manifest = to.join(inside);
    for path in [manifest.clone(), to.join("Cargo.toml")] {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let Ok(mut table) = text.parse::<toml::Table>() else {
            continue;
        };
        declare(&mut table, edits);
        if let Ok(text) = toml::to_string(&table) {
            std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        }
    }
    // Other features may need another lock file, which is the copy's own.
    let fresh = std::process::Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    // Where this fails the build says why.
    let _ = fresh;
    Ok(Binary {
        manifest,
        ..ask.binary.clone()
    })
}

/// Sets the features of dependencies, wherever this manifest declares them itself.
fn declare(table: &mut toml::Table, edits: &[&crate::findings::ManifestEdit]) {
    let mut places = vec!["dependencies"];
    if let Some(workspace) = table
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
    {
        declare_in(workspace, &places, edits);
    }
    places.push("build-dependencies");
    declare_in(table, &places, edits);
}

fn declare_in(table: &mut toml::Table, places: &[&str], edits: &[&crate::findings::ManifestEdit]) {
    for place in places {
        let Some(list) = table.get_mut(*place).and_then(toml::Value::as_table_mut) else {
            continue;
        };
        for (name, value) in list.iter_mut() {
            let package = value
                .get("package")
                .and_then(toml::Value::as_str)
                .unwrap_or(name);
            let Some(edit) = edits.iter().find(|edit| edit.dependency == package) else {
                continue;
            };
            let mut own = match value {
                toml::Value::String(version) => {
                    toml::Table::from_iter([("version".to_string(), version.clone().into())])
                }
                toml::Value::Table(own) => own.clone(),
                _ => continue,
            };
            // The workspace's line is the one that counts, and is changed there.
            if own.contains_key("workspace") {
                continue;
            }
            let features = edit.features.iter().cloned().map(toml::Value::String);
            own.insert("default-features".to_string(), false.into());
            own.insert(
                "features".to_string(),
                toml::Value::Array(features.collect()),
            );
            *value = toml::Value::Table(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::ManifestEdit;

    #[test]
    fn dependencies_are_declared_otherwise() {
        let mut table: toml::Table = "[dependencies]\na = \"1\"\nb = { package = \"c\", version = \"2\" }\nd = { workspace = true }\n[workspace.dependencies]\nd = \"3\""
            .parse()
            .unwrap();
        let edit = |name: &str| ManifestEdit {
            dependency: name.to_string(),
            features: vec!["x".to_string()],
        };
        let edits = [edit("a"), edit("c"), edit("d")];
        declare(&mut table, &edits.iter().collect::<Vec<_>>());
        let table = toml::Value::Table(table);
        let get = |place: &str| {
            let found = place
                .split('.')
                .try_fold(&table, |value, key| value.get(key));
            found.cloned()
        };
        assert_eq!(get("dependencies.a.default-features"), Some(false.into()));
        assert_eq!(get("dependencies.b.version"), Some("2".into()));
        assert_eq!(get("dependencies.d.default-features"), None);
        assert_eq!(
            get("workspace.dependencies.d.features"),
            Some(vec!["x".to_string()].into())
        );
    }
}
