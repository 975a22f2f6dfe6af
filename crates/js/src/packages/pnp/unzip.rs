//! One package out of a zip of Yarn's.
//!
//! In: the zip, the package's folder in it, and a folder that is to become the package. Out: its
//! files. Nothing lands outside: a name that leads out, or a link that does, refuses the whole zip,
//! since Yarn writes neither.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use crate::packages::pnp::codes::{ABSENT, CACHE, DAMAGED, ESCAPES};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::link_file;

/// No link target is longer than this on the systems that functions run on.
const LINK_LIMIT: u64 = 4096;

/// Unpacks the folder `inner` of `zip` to `to`, which is there and empty.
pub(super) fn unpack(zip: &Path, inner: &str, to: &Path) -> Result<()> {
    let mut archive = open(zip)?;
    let prefix = format!("{inner}/");
    let mut any = false;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|error| damaged(zip, &error))?;
        let name = entry
            .name()
            .map_err(|error| damaged(zip, &error))?
            .into_owned();
        if !is_plain(&name) {
            return Err(refused(
                zip,
                &name,
                "it would be written outside of its package",
            ));
        }
        let Some(rest) = name.strip_prefix(&prefix) else {
            continue;
        };
        any = true;
        let Some(rest) = RelPath::new(without_slash(rest)) else {
            // The package's own folder.
            continue;
        };
        let target = rest.under(to);
        let failed = |error: io::Error| Box::new(Diagnostic::io(CACHE, "write", &target, &error));
        if entry.is_dir() {
            fs::create_dir_all(&target).map_err(failed)?;
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        if entry.is_symlink() {
            let mut text = String::new();
            (&mut entry)
                .take(LINK_LIMIT)
                .read_to_string(&mut text)
                .map_err(|error| damaged(zip, &error))?;
            if text.contains(':') || !rest.may_link_to(&text) {
                return Err(refused(
                    zip,
                    &name,
                    "its link points outside of its package",
                ));
            }
            link_file(Path::new(&text), &target).map_err(failed)?;
            continue;
        }
        let (mode, bytes) = (entry.unix_mode().unwrap_or(0o644), entry.size());
        let mut out = File::create_new(&target).map_err(failed)?;
        // No more than the zip says; it ends in an error where its checksum does not hold.
        let written = io::copy(&mut (&mut entry).take(bytes), &mut out)
            .and_then(|written| Ok(written == bytes && entry.read(&mut [0])? == 0));
        match written {
            Ok(true) => set_mode(&target, mode).map_err(failed)?,
            Ok(false) => {
                return Err(damaged(
                    zip,
                    &"an entry does not have the length that the zip says",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::StorageFull => return Err(failed(error)),
            Err(error) => return Err(damaged(zip, &error)),
        }
    }
    if any {
        Ok(())
    } else {
        Err(damaged(zip, &format!("it has no `{inner}`")))
    }
}

fn open(zip: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(zip).map_err(|error| absent(zip, &error))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(zip, &error))
}

/// The error of a zip, or a folder, that the table names and that is not there.
pub(super) fn absent(place: &Path, error: &io::Error) -> Box<Diagnostic> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("`{name}` is not there: its package is not installed"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    Box::new(
        Diagnostic::error(ABSENT, message)
            .at_file(place)
            .help("run `yarn install`, which fetches what is missing"),
    )
}

fn damaged(zip: &Path, why: &dyn std::fmt::Display) -> Box<Diagnostic> {
    let name = zip.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::error(DAMAGED, format!("`{name}` cannot be unpacked: {why}"))
            .at_file(zip)
            .help("delete it and run `yarn install`, which fetches it again"),
    )
}

fn refused(zip: &Path, name: &str, why: &str) -> Box<Diagnostic> {
    let shown: String = name.chars().flat_map(char::escape_debug).collect();
    let file = zip.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::error(ESCAPES, format!("`{file}` is refused: it has an entry `{shown}`, and {why}"))
            .at_file(zip)
            .help("Yarn does not write such entries: find out where this file comes from, then delete it and run `yarn install`"),
    )
}

/// Whether a name is a plain relative path.
fn is_plain(name: &str) -> bool {
    RelPath::new(without_slash(name)).is_some() && !(cfg!(windows) && name.contains(':'))
}

/// A folder's name ends in one.
fn without_slash(name: &str) -> &str {
    name.strip_suffix('/').unwrap_or(name)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip_of(dir: &Path, entries: &[(&str, &str)]) -> std::path::PathBuf {
        let path = dir.join("a.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in entries {
            if let Some(target) = text.strip_prefix("-> ") {
                zip.add_symlink(*name, target, SimpleFileOptions::default())
                    .unwrap();
            } else {
                zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                zip.write_all(text.as_bytes()).unwrap();
            }
        }
        zip.finish().unwrap();
        path
    }

    fn unpacked(entries: &[(&str, &str)]) -> (tempfile::TempDir, Result<()>) {
        let dir = tempfile::tempdir().unwrap();
        let zip = zip_of(dir.path(), entries);
        let to = dir.path().join("out/deep");
        fs::create_dir_all(&to).unwrap();
        let done = unpack(&zip, "node_modules/x", &to);
        (dir, done)
    }

    #[test]
    fn a_package_comes_out_and_nothing_beside_it() {
        let (dir, done) = unpacked(&[
            ("node_modules/x/package.json", "{}"),
            ("node_modules/x/lib/i.js", "1"),
            ("node_modules/y/i.js", "2"),
        ]);
        done.unwrap();
        let at = |name: &str| dir.path().join("out/deep").join(name).is_file();
        assert!(at("package.json") && at("lib/i.js") && !at("i.js"));
    }

    #[test]
    fn what_leads_out_refuses_the_zip() {
        for bad in [
            "node_modules/x/../../../evil",
            "../evil",
            "/evil",
            "node_modules/x/a\\..\\b",
        ] {
            let (dir, done) = unpacked(&[("node_modules/x/a.js", "1"), (bad, "2")]);
            let error = done.unwrap_err();
            assert_eq!(error.code, ESCAPES, "{bad}: {error}");
            assert!(!dir.path().join("evil").exists() && !dir.path().join("out/evil").exists());
        }
    }

    #[test]
    fn links_stay_in_their_package() {
        let (_, done) = unpacked(&[("node_modules/x/a/l", "-> ../b"), ("node_modules/x/b", "1")]);
        done.unwrap();
        for bad in ["-> ../../y", "-> /etc", "-> b/../../../y"] {
            let (_, done) = unpacked(&[("node_modules/x/a/l", bad)]);
            assert_eq!(done.unwrap_err().code, ESCAPES, "{bad}");
        }
    }

    #[test]
    fn what_is_no_zip_or_has_no_package_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.zip");
        assert_eq!(unpack(&path, "x", dir.path()).unwrap_err().code, ABSENT);
        fs::write(&path, "PK").unwrap();
        assert_eq!(unpack(&path, "x", dir.path()).unwrap_err().code, DAMAGED);
        assert_eq!(unpacked(&[("a", "1")]).1.unwrap_err().code, DAMAGED);
    }
}
