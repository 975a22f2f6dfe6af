//! Where the zip of a function lies, and how the report names it.
//!
//! In: a request and a name, or a zip that was written. Out: paths, and the report's row of a zip.

use std::path::{Path, PathBuf};

use crate::pack::Packed;
use crate::pipeline::request::PackRequest;
use coldcut_core::disk;
use coldcut_report::model;

/// Where an artifact goes: a name that any file system takes.
pub(super) fn zip_path(request: &PackRequest, name: &str) -> PathBuf {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    request.out.join(format!("{safe}.zip"))
}

/// A zip as the report has it.
pub(super) fn report_row(packed: &Packed) -> model::Artifact {
    model::Artifact {
        path: path_from_here(&packed.path),
        bytes: packed.bytes,
        unpacked_bytes: packed.unpacked_bytes,
        files: packed.files,
        container_bytes: {
            let entries = packed.entries.iter();
            let inside: u64 = entries.map(|entry| entry.compressed_bytes).sum();
            packed.bytes.saturating_sub(inside)
        },
        sha256: packed.sha256.clone(),
        code_sha256_base64: packed.code_sha256_base64.clone(),
    }
}

/// An artifact's path as a person would type it from here.
pub(super) fn path_from_here(path: &Path) -> String {
    let below = disk::below_here(path);
    below.as_deref().unwrap_or(path).display().to_string()
}
