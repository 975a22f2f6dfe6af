//! What a plain zip of many files would weigh, measured file by file.
//!
//! In: files. Out: their compressed lengths at the level that `zip` uses, from which the size of
//! a zip of any of them is an exact sum. Each file is compressed once, however many sets it is in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use coldcut_core::artifact::{Artifact, Content};
use coldcut_core::settings::Compression;

use crate::pack::compress::{deflate, level_of_file};

/// `zip`'s own default level.
const LEVEL: i32 = 6;
/// Local header, central header (both with the name), as the format's specification gives them
/// (APPNOTE 6.3.10, sections 4.3.7 and 4.3.12).
const HEADERS: u64 = 30 + 46;
/// End of central directory (4.3.16).
const END: u64 = 22;

/// One file: what it weighs, and what it is.
#[derive(Debug, Default, Clone, Copy)]
struct Measured {
    compressed: u64,
    sha256: [u8; 32],
}

/// What a zip of one program weighs, compressed as an artifact is.
pub fn zip_of_one(path: &Path, compression: Compression) -> u64 {
    let bytes = std::fs::read(path).unwrap_or_default();
    entry("bootstrap", deflated(&bytes, level_of_file(compression))) + END
}

/// The length of bytes in a zip: deflated, or as they are where that is shorter.
fn deflated(bytes: &[u8], level: i32) -> u64 {
    deflate(bytes, level).map_or(bytes.len(), |out| out.len()) as u64
}

/// What a zip has of a file whose name it has twice.
fn entry(name: &str, data: u64) -> u64 {
    HEADERS + 2 * name.len() as u64 + data
}

/// Measured sizes of files.
#[derive(Debug, Default)]
pub struct SizeCache {
    measured: FxHashMap<PathBuf, Measured>,
    /// Files that could not be read, and so count for nothing.
    pub unreadable: BTreeSet<PathBuf>,
}

impl SizeCache {
    /// Measures files that were not measured before.
    pub fn measure<'a>(&mut self, paths: impl IntoIterator<Item = &'a Path>) {
        let new: Vec<&Path> = paths
            .into_iter()
            .filter(|path| !self.measured.contains_key(*path))
            .collect();
        let _sizes = tracing::info_span!("sizes", files = new.len()).entered();
        let measured: Vec<(&Path, Option<Measured>)> = new
            .into_par_iter()
            .map(|path| {
                let bytes = std::fs::read(path).ok();
                let found = bytes.map(|bytes| Measured {
                    compressed: deflated(&bytes, LEVEL),
                    sha256: Sha256::digest(&bytes).into(),
                });
                (path, found)
            })
            .collect();
        for (path, found) in measured {
            if found.is_none() {
                self.unreadable.insert(path.to_path_buf());
            }
            self.measured
                .insert(path.to_path_buf(), found.unwrap_or_default());
        }
    }

    /// Takes a file's compressed length as known.
    pub fn assume(&mut self, path: &Path, bytes: u64) {
        let found = Measured {
            compressed: bytes,
            ..Measured::default()
        };
        self.measured.insert(path.to_path_buf(), found);
    }

    /// Compressed length of one measured file.
    pub fn compressed(&self, path: &Path) -> u64 {
        self.measured.get(path).map_or(0, |found| found.compressed)
    }

    /// SHA-256 of one measured file; zeros for one that was not, or could not be read.
    pub fn digest(&self, path: &Path) -> [u8; 32] {
        self.measured
            .get(path)
            .map_or([0; 32], |found| found.sha256)
    }

    /// What a plain zip of an artifact weighs, before any better compression.
    pub fn artifact_bytes(&self, artifact: &Artifact) -> u64 {
        let entries: Vec<_> = artifact.files.iter().collect();
        let sum: u64 = entries
            .par_iter()
            .map(|(name, entry)| {
                let data = match &entry.content {
                    Content::File { path, .. } => self.compressed(path),
                    Content::Link(target) => target.len() as u64,
                    Content::Bytes(bytes) => deflated(bytes, LEVEL),
                };
                self::entry(name.as_str(), data)
            })
            .sum();
        sum + END
    }

    /// What a zip of these files, by name and path, weighs.
    pub fn zip_bytes<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a Path)>) -> u64 {
        files
            .into_iter()
            .map(|(name, path)| entry(name, self.compressed(path)))
            .sum::<u64>()
            + END
    }
}
