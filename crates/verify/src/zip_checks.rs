//! A zip opened, and judged by what it says of itself.
//!
//! In: its path. Out: an archive that is whole, not encrypted and of a size that a package could
//! have; or the diagnostic that names which of these it is not. Nothing of it is decompressed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::codes::{ZIP, ZIP_BOMB, ZIP_DAMAGED, ZIP_ENCRYPTED, ZIP_ENTRY};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// More than any platform takes: the largest limit of an unpacked package known is 1.5 GB.
const UNPACKED_LIMIT: u64 = 2 << 30;
/// More files than fit in a package: 50 MB of zip are a million empty ones.
const ENTRY_LIMIT: usize = 250_000;
/// Code shrinks to a third or a tenth. What shrinks to less than this part is made to be unpacked
/// and nothing else; a little of that is no harm.
const RATIO_LIMIT: u64 = 100;
const RATIO_FREE: u64 = 64 << 20;

/// The record at the end, with the longest comment that may follow it.
const END_LIMIT: u64 = 22 + 65_535;

pub(super) type Archive = ZipArchive<io::BufReader<File>>;

/// Opens a zip that nothing speaks against.
pub(super) fn open(zip: &Path) -> Result<Archive> {
    let mut archive = read(zip)?;
    check_sizes(zip, &mut archive)?;
    Ok(archive)
}

fn read(zip: &Path) -> Result<Archive> {
    let failed = |error: io::Error| Box::new(Diagnostic::io(ZIP, "open", zip, &error));
    let mut file = File::open(zip).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Box::new(
            Diagnostic::error(ZIP, format!("`{}` is a folder, not a zip", zip.display()))
                .help("name the zip: `coldcut pack` writes them to `.coldcut/`"),
        ));
    }
    let mut start = Vec::new();
    (&mut file)
        .take(4)
        .read_to_end(&mut start)
        .map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    ZipArchive::new(io::BufReader::new(file)).map_err(|error| match error {
        // It begins as a zip, and what stands at the end of one is not there.
        ZipError::InvalidArchive(_) if start == *b"PK\x03\x04" => Box::new(
            Diagnostic::error(
                ZIP_DAMAGED,
                format!(
                    "`{}` is cut off: it begins like a zip but does not end like one",
                    zip.display()
                ),
            )
            .at_file(zip)
            .help("copy or download it again, or pack it again: `coldcut pack`"),
        ),
        error => broken(zip, &error),
    })
}

/// How many entries the zip says that it has (APPNOTE 4.3.16); `None` where that number does not
/// fit there and stands elsewhere.
fn said_entries(zip: &Path) -> Option<usize> {
    let mut file = File::open(zip).ok()?;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(END_LIMIT)))
        .ok()?;
    file.read_to_end(&mut end).ok()?;
    let at = end.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let count = end.get(at + 10..at + 12)?;
    let count = u16::from_le_bytes([count[0], count[1]]);
    (count != u16::MAX).then_some(usize::from(count))
}

/// Refuses what could not be a package by what the zip says of itself.
fn check_sizes(zip: &Path, archive: &mut Archive) -> Result<()> {
    let bomb = |what: String| {
        Box::new(
            Diagnostic::error(ZIP_BOMB, format!("`{}` is refused: {what}", zip.display()))
                .at_file(zip)
                .help("no platform accepts such a package: check where this zip comes from"),
        )
    };
    if archive.len() > ENTRY_LIMIT {
        return Err(bomb(format!("it contains {} files", archive.len())));
    }
    // The library keeps the last of several entries of one name; other tools keep the first.
    if said_entries(zip).is_some_and(|said| said > archive.len()) {
        return Err(Box::new(
            Diagnostic::error(
                ZIP_ENTRY,
                format!("`{}` is refused: it contains a name twice", zip.display()),
            )
            .at_file(zip)
            .help("tools differ in which of the two they unpack: pack it again"),
        ));
    }
    let (mut bytes, mut packed) = (0_u64, 0_u64);
    for index in 0..archive.len() {
        // Raw: nothing is decompressed or decrypted.
        let entry = archive.by_index_raw(index).map_err(|e| broken(zip, &e))?;
        if entry.encrypted() {
            let name = entry
                .name()
                .map(|name| name.into_owned())
                .unwrap_or_default();
            return Err(Box::new(
                Diagnostic::error(
                    ZIP_ENCRYPTED,
                    format!("`{}` is encrypted, at least its `{name}`", zip.display()),
                )
                .at_file(zip)
                .help("no platform accepts an encrypted package: pack it without a password"),
            ));
        }
        bytes = bytes.saturating_add(entry.size());
        packed = packed.saturating_add(entry.compressed_size());
    }
    let length = fs::metadata(zip).map_or(0, |meta| meta.len());
    if packed > length {
        return Err(bomb(format!(
            "its files take {packed} bytes packed, more than its own {length}: they overlap"
        )));
    }
    if bytes > UNPACKED_LIMIT {
        return Err(bomb(format!("it unpacks to {bytes} bytes")));
    }
    if bytes > RATIO_FREE && bytes / RATIO_LIMIT > packed {
        return Err(bomb(format!("its {packed} bytes unpack to {bytes}")));
    }
    Ok(())
}

/// What the library says of a zip that it cannot read.
pub(super) fn broken(zip: &Path, error: &ZipError) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(ZIP, format!("cannot read `{}`: {error}", zip.display()))
            .at_file(zip)
            .help("pack it again: `coldcut pack`"),
    )
}
