//! The state of a zip that anybody packed.
//!
//! In: a zip's bytes. Out: a [`Snapshot`] of one function, from the zip's directory alone; of the
//! content only manifests of packages are read, for their versions, and no more of one than fits.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use crate::codes::SNAPSHOT_READ;
use crate::duplicates;
use crate::snapshot::state::{BaselineSchema, FileState, FunctionState, PackageState, Snapshot};
use coldcut_core::diagnostics::{Diagnostic, Location, Result};

/// The longest manifest that is read.
const MANIFEST: u64 = 1 << 20;

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Snapshot> {
    let broken = |error: zip::result::ZipError| {
        let message = format!("`{}` cannot be read as a zip: {error}", path.display());
        Box::new(Diagnostic::error(SNAPSHOT_READ, message).at(Location::file(path)))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut paths: BTreeMap<String, FileState> = BTreeMap::new();
    let mut labels: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(broken)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        let state = FileState {
            bytes: entry.size(),
            zipped_bytes: entry.compressed_size(),
            crc32: Some(entry.crc32()),
        };
        let folder = package_folder(&name).map(str::to_string);
        if let Some(folder) = folder
            && name.len() == folder.len() + "/package.json".len()
            && name.ends_with("/package.json")
        {
            let mut text = Vec::new();
            // One that cannot be read leaves its package without a version.
            let _ = entry.by_ref().take(MANIFEST).read_to_end(&mut text);
            if let Some(label) = manifest(&text) {
                labels.insert(folder, label);
            }
        }
        paths.insert(name, state);
    }
    let mut packages: BTreeMap<String, PackageState> = BTreeMap::new();
    for (name, file) in &paths {
        let Some(folder) = package_folder(name) else {
            continue;
        };
        let (label, version) = labels.get(folder).cloned().unwrap_or_else(|| {
            let at = folder.rfind("node_modules/").map_or(0, |at| at + 13);
            (folder[at..].to_string(), None)
        });
        let package = packages.entry(label).or_default();
        package.bytes += file.bytes;
        package.zipped_share_bytes =
            Some(package.zipped_share_bytes.unwrap_or(0) + file.zipped_bytes);
        package.versions.extend(version);
    }
    for package in packages.values_mut() {
        package.versions.sort();
        package.versions.dedup();
    }
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    Ok(Snapshot {
        schema: BaselineSchema::V1,
        name: path.display().to_string(),
        functions: vec![FunctionState {
            name: stem.unwrap_or_default(),
            zip_bytes: bytes.len() as u64,
            unpacked_bytes: paths.values().map(|file| file.bytes).sum(),
            files: paths.len() as u64,
            download_ms: None,
            init_ms: None,
            cold_start_ms: None,
            packages,
            paths: Some(paths),
        }],
    })
}

/// The name and version that a manifest in a zip gives its package.
fn manifest(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let text = |key: &str| value.get(key)?.as_str().map(str::to_string);
    Some((text("name")?, text("version")))
}

/// The folder of the package that a path of a zip lies in.
fn package_folder(path: &str) -> Option<&str> {
    path.contains("node_modules/")
        .then(|| duplicates::folder(path))
}
