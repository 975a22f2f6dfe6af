//! A zip put back on disk, as the platform would.
//!
//! In: a zip and a folder. Out: the files with their modes and links. Nothing is written outside
//! the folder: names must be plain relative paths, links are made last (so that no file is
//! written through one) and may only point down, or up and then down, inside the folder. A zip
//! that is encrypted, damaged or made to fill the disk is refused before anything of it is
//! written.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::codes::{UNPACK, ZIP, ZIP_BOMB, ZIP_DAMAGED, ZIP_ENCRYPTED, ZIP_ENTRY};
use crate::artifact::RelPath;
use crate::diag::{Diagnostic, Result};

/// No link target is longer than this on the systems that functions run on.
const LINK_LIMIT: u64 = 4096;
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

type Archive = ZipArchive<io::BufReader<File>>;

/// Unpacks `zip` into `to`, which is made where it is missing.
pub fn unpack(zip: &Path, to: &Path) -> Result<()> {
    let mut archive = open(zip)?;
    check_sizes(zip, &mut archive)?;
    fs::create_dir_all(to).map_err(|error| Diagnostic::io(UNPACK, "make", to, &error))?;
    let mut links = Vec::new();
    let mut seen = BTreeSet::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| broken(zip, &e))?;
        let name = entry.name().map_err(|e| broken(zip, &e))?.into_owned();
        let Some(path) = RelPath::new(name.strip_suffix('/').unwrap_or(&name)) else {
            return Err(refused(zip, &name, "it would not land inside the folder"));
        };
        if !entry.is_dir() && !seen.insert(path.clone()) {
            return Err(refused(zip, &name, "the zip has it twice"));
        }
        let at = path.under(to);
        if entry.is_dir() {
            make_dir(&at)?;
            continue;
        }
        if let Some(parent) = at.parent() {
            make_dir(parent)?;
        }
        if entry.is_symlink() {
            let mut target = Vec::new();
            (&mut entry)
                .take(LINK_LIMIT)
                .read_to_end(&mut target)
                .map_err(|error| damaged(zip, &name, &error))?;
            let target = String::from_utf8(target)
                .ok()
                .filter(|target| stays_inside(&path, target))
                .ok_or_else(|| refused(zip, &name, "its link points out of the folder"))?;
            links.push((at, target));
            continue;
        }
        let (mode, bytes) = (entry.unix_mode(), entry.size());
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&at)
            .map_err(|error| Diagnostic::io(UNPACK, "write", &at, &error))?;
        // No more than was said and judged. The zip library ends the stream with an error where
        // length or checksum do not hold.
        let written = io::copy(&mut (&mut entry).take(bytes), &mut out)
            .and_then(|written| Ok((written, entry.read(&mut [0])?)))
            .map_err(|error| damaged(zip, &name, &error))?;
        if written != (bytes, 0) {
            let error = io::Error::other("it is longer or shorter than the zip says");
            return Err(damaged(zip, &name, &error));
        }
        set_mode(&at, mode)?;
    }
    for (at, target) in links {
        link(&target, &at).map_err(|error| Diagnostic::io(UNPACK, "make the link", &at, &error))?;
    }
    Ok(())
}

fn open(zip: &Path) -> Result<Archive> {
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
                    "`{}` is cut off: it begins as a zip and does not end as one",
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
                .help("no platform takes such a package: take care where this zip comes from"),
        )
    };
    if archive.len() > ENTRY_LIMIT {
        return Err(bomb(format!("it holds {} files", archive.len())));
    }
    // The library keeps the last of several entries of one name; other tools keep the first.
    if said_entries(zip).is_some_and(|said| said > archive.len()) {
        return Err(Box::new(
            Diagnostic::error(
                ZIP_ENTRY,
                format!("`{}` is refused: it holds a name twice", zip.display()),
            )
            .at_file(zip)
            .help("which of the two is meant depends on who unpacks it: pack it again"),
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
                .help("no platform takes an encrypted package: pack it without a password"),
            ));
        }
        bytes = bytes.saturating_add(entry.size());
        packed = packed.saturating_add(entry.compressed_size());
    }
    let length = fs::metadata(zip).map_or(0, |meta| meta.len());
    if packed > length {
        return Err(bomb(format!(
            "its files take {packed} bytes packed, more than its own {length}: they lie in each other"
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

/// `..` only at the start, and not past the root: a `..` after a name could climb out of a folder
/// that another link leads to.
fn stays_inside(link: &RelPath, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains(['\\', '\0']) {
        return false;
    }
    let depth = link.as_str().matches('/').count();
    let mut up = 0;
    let mut down = false;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if down => return false,
            ".." => up += 1,
            _ => down = true,
        }
    }
    up <= depth
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path)
        .map_err(|error| Box::new(Diagnostic::io(UNPACK, "make the folder", path, &error)))
}

fn damaged(zip: &Path, name: &str, error: &io::Error) -> Box<Diagnostic> {
    // The zip's own errors are of these kinds; any other is one of the disk.
    let of_the_zip = matches!(
        error.kind(),
        io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Other
    );
    let code = if of_the_zip { ZIP_DAMAGED } else { UNPACK };
    Box::new(
        Diagnostic::error(code, format!("cannot unpack `{name}`: {error}"))
            .at_file(zip)
            .help("copy or download the zip again, or pack it again: `coldcut pack`"),
    )
}

fn broken(zip: &Path, error: &ZipError) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(ZIP, format!("cannot read `{}`: {error}", zip.display()))
            .at_file(zip)
            .help("pack it again: `coldcut pack`"),
    )
}

fn refused(zip: &Path, name: &str, why: &str) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(ZIP_ENTRY, format!("the entry `{name}` is refused: {why}"))
            .at_file(zip)
            .help("coldcut makes no such entries: take care where this zip comes from"),
    )
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: Option<u32>) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Without set-user-id and its like, and always readable to us, who remove it again.
    let mode = mode.map_or(0o644, |mode| mode & 0o777) | 0o600;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| Box::new(Diagnostic::io(UNPACK, "set the mode of", path, &error)))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: Option<u32>) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(target: &str, at: &Path) -> io::Result<()> {
    // Without a right to make links, the copy of a file serves a load as well.
    let from = at.parent().unwrap_or(at).join(target);
    fs::copy(from, at).map(|_| ())
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip_of(dir: &Path, build: impl FnOnce(&mut ZipWriter<File>)) -> PathBuf {
        let path = dir.join("a.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        build(&mut zip);
        zip.finish().unwrap();
        path
    }

    fn options(mode: u32) -> SimpleFileOptions {
        SimpleFileOptions::default().unix_permissions(mode)
    }

    #[test]
    fn files_modes_and_links_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let zip = zip_of(dir.path(), |zip| {
            zip.start_file("bootstrap", options(0o755)).unwrap();
            zip.write_all(b"#!/bin/sh\n").unwrap();
            zip.start_file("a/b.txt", options(0o644)).unwrap();
            zip.write_all(b"text").unwrap();
            zip.add_symlink("a/c/link", "../b.txt", options(0o777))
                .unwrap();
        });
        let to = dir.path().join("out");
        unpack(&zip, &to).unwrap();
        let mode = |name: &str| fs::metadata(to.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("bootstrap"), mode("a/b.txt")), (0o755, 0o644));
        assert!(to.join("a/c/link").is_symlink());
        assert_eq!(fs::read_to_string(to.join("a/c/link")).unwrap(), "text");
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for name in ["../evil", "/evil", "a/../../evil"] {
            let dir = tempfile::tempdir().unwrap();
            let zip = zip_of(dir.path(), |zip| {
                zip.start_file(name, options(0o644)).unwrap();
            });
            // The writer may have cleaned the name: then it lands inside, which is as good.
            let done = unpack(&zip, &dir.path().join("out"));
            if let Err(error) = done {
                assert_eq!(error.code, ZIP_ENTRY);
            }
            assert!(!dir.path().join("evil").exists(), "{name}");
        }
        for target in ["/etc", "../..", "x/../../..", "../../etc"] {
            let dir = tempfile::tempdir().unwrap();
            let zip = zip_of(dir.path(), |zip| {
                zip.add_symlink("a/link", target, options(0o777)).unwrap();
            });
            let error = unpack(&zip, &dir.path().join("out")).unwrap_err();
            assert_eq!(error.code, ZIP_ENTRY, "{target}");
        }
    }

    #[test]
    fn a_file_is_not_written_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        let zip = zip_of(dir.path(), |zip| {
            zip.add_symlink("a", "b", options(0o777)).unwrap();
            zip.start_file("a/x", options(0o644)).unwrap();
        });
        let error = unpack(&zip, &dir.path().join("out")).unwrap_err();
        assert_eq!(error.code, UNPACK);
    }

    #[test]
    fn what_is_no_zip_is_said_to_be_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        fs::write(&path, "hello").unwrap();
        assert_eq!(unpack(&path, dir.path()).unwrap_err().code, ZIP);
    }
}
