//! What a comparison needs to know of an earlier state: sizes, packages, and files where they are
//! named.
//!
//! In: a report, the small form of one that is meant to be committed (`coldcut.baseline/1`), or a zip
//! that anybody packed. Out: a [`Snapshot`].

mod archive;
mod state;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

pub use crate::codes::{SNAPSHOT_READ as READ, SNAPSHOT_SCHEMA as SCHEMA};
use crate::model::Report;
pub use crate::snapshot::state::{
    BaselineSchema, FileState, FunctionState, PackageState, Snapshot,
};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// The parts of a report that count here; what else an older or newer one has does not matter.
#[derive(Deserialize)]
struct OldReport {
    functions: Vec<OldFunction>,
}

#[derive(Deserialize)]
struct OldFunction {
    name: String,
    artifact: OldArtifact,
    #[serde(default)]
    packages: Vec<OldPackage>,
    #[serde(default)]
    files: Vec<OldFile>,
    #[serde(default)]
    modules: Vec<OldModule>,
    #[serde(default)]
    estimate: Option<OldEstimate>,
}

#[derive(Deserialize)]
struct OldArtifact {
    bytes: u64,
    unpacked_bytes: u64,
    files: u64,
}

#[derive(Deserialize)]
struct OldPackage {
    name: String,
    #[serde(default)]
    version: Option<String>,
    bytes: u64,
    #[serde(default)]
    zipped_share_bytes: Option<u64>,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Deserialize)]
struct OldFile {
    path: String,
    bytes: u64,
    #[serde(default)]
    zipped_bytes: u64,
}

#[derive(Deserialize)]
struct OldModule {
    path: String,
    bytes: u64,
    #[serde(default)]
    zipped_share_bytes: u64,
}

#[derive(Deserialize)]
struct OldEstimate {
    download_ms: OldRange,
    #[serde(default)]
    load_ms: Option<OldRange>,
}

#[derive(Deserialize)]
struct OldRange {
    typical: i64,
}

impl Snapshot {
    /// Of a report in memory, called `name`.
    pub fn from_report(report: &Report, name: &str) -> Self {
        let functions = report.functions.iter().map(|function| {
            let estimate = function.estimate.as_ref();
            let packages = function.packages.iter().map(|one| OldPackage {
                name: one.name.clone(),
                version: one.version.clone(),
                bytes: one.bytes,
                zipped_share_bytes: Some(one.zipped_share_bytes),
                why: Some(one.why.clone()),
            });
            let files = function.files.iter().map(|one| OldFile {
                path: one.path.clone(),
                bytes: one.bytes,
                zipped_bytes: one.zipped_bytes,
            });
            let modules = function.modules.iter().map(|one| OldModule {
                path: one.path.clone(),
                bytes: one.bytes,
                zipped_share_bytes: one.zipped_share_bytes,
            });
            OldFunction {
                name: function.name.clone(),
                artifact: OldArtifact {
                    bytes: function.artifact.bytes,
                    unpacked_bytes: function.artifact.unpacked_bytes,
                    files: function.artifact.files,
                },
                packages: packages.collect(),
                files: files.collect(),
                modules: modules.collect(),
                estimate: estimate.map(|estimate| OldEstimate {
                    download_ms: OldRange {
                        typical: estimate.download_ms.typical,
                    },
                    load_ms: estimate.load_ms.map(|load| OldRange {
                        typical: load.typical,
                    }),
                }),
            }
        });
        Self::from_old(
            OldReport {
                functions: functions.collect(),
            },
            name,
        )
    }

    fn from_old(report: OldReport, name: &str) -> Self {
        Self {
            schema: BaselineSchema::V1,
            name: name.to_string(),
            functions: report.functions.into_iter().map(state).collect(),
        }
    }

    pub fn function(&self, name: &str) -> Option<&FunctionState> {
        self.functions.iter().find(|one| one.name == name)
    }
}

fn state(old: OldFunction) -> FunctionState {
    let mut packages: BTreeMap<String, PackageState> = BTreeMap::new();
    for one in old.packages {
        let package = packages.entry(one.name).or_default();
        package.versions.extend(one.version);
        package.bytes += one.bytes;
        let zipped = one.zipped_share_bytes.unwrap_or(0);
        if one.zipped_share_bytes.is_some() {
            package.zipped_share_bytes = Some(package.zipped_share_bytes.unwrap_or(0) + zipped);
        }
        if package.why.is_none() {
            package.why = one.why.filter(|why| !why.is_empty());
        }
    }
    for package in packages.values_mut() {
        package.versions.sort();
        package.versions.dedup();
    }
    let mut paths = BTreeMap::new();
    let file = |bytes, zipped_bytes| FileState {
        bytes,
        zipped_bytes,
        crc32: None,
    };
    // A module of a bundle counts by itself: that is what a person changes.
    for one in old.modules {
        paths.insert(one.path, file(one.bytes, one.zipped_share_bytes));
    }
    for one in old.files {
        paths.insert(one.path, file(one.bytes, one.zipped_bytes));
    }
    let ms = |range: &OldRange| u64::try_from(range.typical).ok();
    let estimate = old.estimate.as_ref();
    let download_ms = estimate.and_then(|estimate| ms(&estimate.download_ms));
    let init_ms = estimate.and_then(|estimate| estimate.load_ms.as_ref().and_then(ms));
    FunctionState {
        name: old.name,
        zip_bytes: old.artifact.bytes,
        unpacked_bytes: old.artifact.unpacked_bytes,
        files: old.artifact.files,
        download_ms,
        init_ms,
        cold_start_ms: download_ms.zip(init_ms).map(|(a, b)| a.saturating_add(b)),
        packages,
        paths: Some(paths),
    }
}

/// Reads a report, a baseline or, where `zips` says so, a zip.
pub fn read(path: &Path, zips: bool) -> Result<Snapshot> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Box::new(
            Diagnostic::io(READ, "read", path, &error)
                .help("name a report that `--report FILE.json` wrote"),
        )
    })?;
    if bytes.starts_with(b"PK") && zips {
        return archive::read(path, &bytes);
    }
    let fault = |message: String, help: &str| {
        Box::new(Diagnostic::error(READ, message).help(help.to_string()))
    };
    let wanted = if zips {
        "a zip, or what `coldcut pack --report FILE.json` wrote"
    } else {
        "what `coldcut pack --report FILE.json` wrote"
    };
    let value: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| fault(format!("`{name}` is not JSON: {error}"), wanted))?;
    let schema = value.get("schema").and_then(serde_json::Value::as_str);
    let broken = |error: serde_json::Error| {
        fault(
            format!("`{name}` does not match its schema: {error}"),
            wanted,
        )
    };
    match schema {
        Some("coldcut.report/1") => {
            let old = serde_json::from_value(value).map_err(broken)?;
            Ok(Snapshot::from_old(old, &name))
        }
        Some("coldcut.baseline/1") => {
            let mut snapshot: Snapshot = serde_json::from_value(value).map_err(broken)?;
            snapshot.name = name;
            Ok(snapshot)
        }
        Some(other) => Err(Box::new(
            Diagnostic::error(
                SCHEMA,
                format!("`{name}` has the schema `{other}`, which this version of coldcut cannot compare"),
            )
            .help("it reads `coldcut.report/1` and `coldcut.baseline/1`: write the file again with this version"),
        )),
        None => Err(fault(format!("`{name}` is not a report: it has no `schema`"), wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn a_report_and_its_small_form_say_the_same() {
        let report = sample::report(2);
        let text = crate::json::render(&report).unwrap();
        let (_dir, path) = written(&text);
        let mut whole = read(&path, false).unwrap();
        let small = crate::json::baseline(&report).unwrap();
        assert!(small.len() * 2 < text.len());
        let (_dir, path) = written(&small);
        let small = read(&path, false).unwrap();
        for function in &mut whole.functions {
            function.paths = None;
            for package in function.packages.values_mut() {
                package.why = None;
            }
        }
        assert_eq!(whole.functions, small.functions);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (text, code) in [
            ("{\"schema\":\"coldcut.report/9\",\"functions\":[]}", SCHEMA),
            ("{\"functions\":[]}", READ),
            ("{\"schema\":\"coldcut.report/1\"}", READ),
            (
                "{\"schema\":\"coldcut.report/1\",\"functions\":[{\"name\":1}]}",
                READ,
            ),
            ("PK\u{3}\u{4}", READ),
            ("", READ),
        ] {
            let (_dir, path) = written(text);
            assert_eq!(read(&path, false).unwrap_err().code, code, "{text}");
        }
    }
}
