//! A zip put back on disk, as the platform would.
//!
//! In: a zip and a folder. Out: the files with their modes and links. Nothing is written outside
//! the folder: names must be plain relative paths, links are made last (so that no file is
//! written through one) and may only point down, or up and then down, inside the folder. What
//! speaks against the zip as a whole was found before ([`crate::zip_checks`]).

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::codes::{UNPACK, ZIP_DAMAGED, ZIP_ENTRY};
use crate::zip_checks::{broken, open};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// No link target is longer than this on the systems that functions run on.
const LINK_LIMIT: u64 = 4096;
/// Unpacks `zip` into `to`, which is made where it is missing.
pub fn unpack(zip: &Path, to: &Path) -> Result<()> {
    let mut archive = open(zip)?;
    fs::create_dir_all(to).map_err(|error| Diagnostic::io(UNPACK, "make", to, &error))?;
    let mut links = Vec::new();
    let mut seen = BTreeSet::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| broken(zip, &e))?;
        let name = entry.name().map_err(|e| broken(zip, &e))?.into_owned();
        let Some(path) = RelPath::new(name.strip_suffix('/').unwrap_or(&name)) else {
            return Err(refused(
                zip,
                &name,
                "it would be written outside of the folder",
            ));
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
                .filter(|target| path.may_link_to(target))
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

fn refused(zip: &Path, name: &str, why: &str) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(ZIP_ENTRY, format!("the entry `{name}` is refused: {why}"))
            .at_file(zip)
            .help("coldcut does not write such entries: check where this zip comes from"),
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::codes::ZIP;

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
