//! From an artifact to its zip, the same bytes for the same content.
//!
//! In: the [`Files`] of an artifact or a layer. Out: [`Packed`]. Names are sorted, times fixed, modes told from content,
//! and the compressor is pinned by the lock file, so that neither clock, user, file order, number
//! of threads nor folder changes a byte. The zip is written beside its target and renamed, so
//! that a crash leaves the old one whole.

pub mod codes;
mod compress;
mod container;
pub mod folder;
mod links;
mod size;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tracing::field::Empty;

use coldcut_core::artifact::{Entry, Files, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest::hex;
use coldcut_core::disk::readable_by_all;
use coldcut_core::settings::{Compression, Links};

use crate::pack::codes::ZIP_NOT_WRITTEN;
use crate::pack::compress::CompressedEntry;
use crate::pack::container::Container;
pub use crate::pack::size::{SizeCache, zip_of_one};

/// Input that is compressed at once: bounds memory, whatever the artifact's size.
const WINDOW_BYTES: u64 = 64 << 20;

/// How to pack.
#[derive(Debug, Clone, Copy)]
pub struct PackOptions {
    pub compression: Compression,
    pub links: Links,
}

/// A zip that was written.
#[derive(Debug, Clone)]
pub struct Packed {
    pub path: PathBuf,
    /// Length of the zip.
    pub bytes: u64,
    /// Sum of the lengths of all files when unpacked.
    pub unpacked_bytes: u64,
    pub files: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// The same digest as AWS Lambda prints it.
    pub code_sha256_base64: String,
    pub entries: Vec<PackedEntry>,
}

/// One entry of a zip.
#[derive(Debug, Clone)]
pub struct PackedEntry {
    pub name: RelPath,
    pub bytes: u64,
    pub compressed_bytes: u64,
}

/// A place beside the one where a zip shall be: it is looked at here, where no other run writes, and what
/// was there before stays until it is handed over. What is not goes.
#[derive(Debug)]
pub struct PendingZip {
    place: tempfile::TempPath,
    target: PathBuf,
}

impl PendingZip {
    pub fn beside(target: PathBuf) -> Result<Self> {
        let folder = target.parent().unwrap_or(Path::new("."));
        let failed = |error: std::io::Error| unwritable(&target, &error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = tempfile::Builder::new()
            .prefix(".coldcut-")
            .suffix(".zip")
            .tempfile_in(folder)
            .map_err(failed)?;
        let place = file.into_temp_path();
        temporary_files().insert(place.to_path_buf());
        Ok(Self { place, target })
    }

    pub fn path(&self) -> &Path {
        &self.place
    }

    /// Puts the zip where it shall be.
    pub fn replace_target(self, packed: &mut Packed) -> Result<()> {
        std::fs::rename(&self.place, &self.target)
            .map_err(|error| unwritable(&self.target, &error))?;
        packed.path.clone_from(&self.target);
        Ok(())
    }
}

impl Drop for PendingZip {
    fn drop(&mut self) {
        temporary_files().remove(&*self.place);
    }
}

fn unwritable(target: &Path, error: &std::io::Error) -> Box<Diagnostic> {
    let help = if error.kind() == std::io::ErrorKind::StorageFull {
        "free some space, or choose another folder with `--out`; nothing was left behind"
    } else {
        "choose a folder that can be written with `--out`"
    };
    Box::new(Diagnostic::io(ZIP_NOT_WRITTEN, "write", target, error).help(help))
}

/// Writes `ships` to `target`.
pub fn pack(ships: &Files, target: &Path, options: PackOptions) -> Result<Packed> {
    let span = tracing::info_span!("compress", files = ships.len(), bytes = Empty).entered();
    let folder = target.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| unwritable(target, &error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Dropped on every early return, and then the file is gone.
    let mut temporary = tempfile::Builder::new()
        .prefix(".coldcut-")
        .suffix(".zip.part")
        .tempfile_in(folder)
        .map_err(failed)?;
    let part = temporary.path().to_path_buf();
    temporary_files().insert(part.clone());
    let followed;
    let files: Vec<(&RelPath, &Entry)> = match options.links {
        Links::Keep => ships.iter().collect(),
        Links::Follow => {
            followed = links::follow(ships)?;
            followed.iter().collect()
        }
    };
    let mut entries = Vec::with_capacity(files.len());
    let mut archive = Container::new(BufWriter::new(temporary.as_file_mut()));
    for window in windows(&files) {
        let compressed: Vec<Result<CompressedEntry>> = window
            .par_iter()
            .map(|(name, entry)| compress::compress_entry(name, entry, options.compression))
            .collect();
        for ((name, _), compressed) in window.iter().zip(compressed) {
            let compressed = compressed?;
            archive.add(name.as_str(), &compressed).map_err(failed)?;
            entries.push(PackedEntry {
                name: (*name).clone(),
                bytes: compressed.bytes,
                compressed_bytes: compressed.data.len() as u64,
            });
        }
    }
    drop(archive.finish().map_err(failed)?);
    temporary.as_file().sync_all().map_err(failed)?;
    readable_by_all(temporary.as_file()).map_err(failed)?;
    let (bytes, digest) = digest(temporary.path()).map_err(failed)?;
    temporary
        .persist(target)
        .map_err(|error| failed(error.error))?;
    temporary_files().remove(&part);
    span.record("bytes", bytes);
    Ok(Packed {
        path: target.to_path_buf(),
        bytes,
        unpacked_bytes: entries.iter().map(|entry| entry.bytes).sum(),
        files: entries.len() as u64,
        sha256: hex(&digest),
        code_sha256_base64: base64::engine::general_purpose::STANDARD.encode(digest),
        entries,
    })
}

/// The temporary files being written, for [`abandon`].
static TEMPORARY_FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn temporary_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY_FILES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is being written, for a process that is about to end.
pub fn abandon() {
    for path in std::mem::take(&mut *temporary_files()) {
        // There is nobody left to tell that it could not be removed.
        let _ = std::fs::remove_file(path);
    }
}

/// Whether two files hold the same bytes.
pub fn same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    Ok(digest(a)? == digest(b)?)
}

/// Cuts the files into runs of bounded size.
fn windows<'a, 'f>(files: &'a [(&'f RelPath, &'f Entry)]) -> Vec<&'a [(&'f RelPath, &'f Entry)]> {
    let mut out = Vec::new();
    let (mut start, mut sum) = (0, 0);
    for (at, (_, entry)) in files.iter().enumerate() {
        sum += compress::expected_length(entry);
        if sum >= WINDOW_BYTES {
            out.push(&files[start..=at]);
            (start, sum) = (at + 1, 0);
        }
    }
    if start < files.len() {
        out.push(&files[start..]);
    }
    out
}

fn digest(path: &Path) -> std::io::Result<(u64, [u8; 32])> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hasher.finalize().into()));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}
