//! Entries of an artifact as files in a folder.
//!
//! In: entries by their places. Out: files and links in a folder, each written beside its place and
//! renamed. What lies in its place already is left alone, and a file that entries are made from is
//! never written over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::pack::codes::ZIP_NOT_WRITTEN;
use coldcut_core::artifact::{Content, Entry, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk;

/// Lays `files` into `folder`; `sources` are further files that must stay as they are.
pub fn lay(files: &BTreeMap<RelPath, Entry>, folder: &Path, sources: &[PathBuf]) -> Result<()> {
    let own = files.values().filter_map(|entry| entry.source.clone());
    let mut untouchable: BTreeSet<PathBuf> = own.chain(sources.iter().cloned()).collect();
    untouchable.retain(|path| path.exists());
    for (at, entry) in files {
        let target = at.under(folder);
        let there = target.canonicalize().ok();
        if there.is_some() && there == entry.source {
            continue;
        }
        if let Some(there) = there.filter(|there| untouchable.contains(there)) {
            return Err(Box::new(
                Diagnostic::error(
                    ZIP_NOT_WRITTEN,
                    format!("`{at}` would be written over `{}`", there.display()),
                )
                .at_file(&there)
                .note("that file is part of the program, not an output")
                .help("write the bundle to a folder of its own"),
            ));
        }
        write(&target, &entry.content).map_err(|error| {
            Diagnostic::io(ZIP_NOT_WRITTEN, "write", &target, &error).help("choose another folder")
        })?;
    }
    Ok(())
}

fn write(target: &Path, content: &Content) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match content {
        Content::Bytes(bytes) => disk::place(target, bytes),
        Content::File { path, .. } => disk::place_with(target, |mut file| {
            std::io::copy(&mut std::fs::File::open(path)?, &mut file)?;
            match is_executable(path) {
                true => make_executable(file),
                false => Ok(()),
            }
        }),
        Content::Link(to) => link(to, target),
    }
}

#[cfg(unix)]
fn link(to: &str, target: &Path) -> std::io::Result<()> {
    match std::fs::read_link(target) {
        Ok(old) if old == Path::new(to) => return Ok(()),
        Ok(_) => std::fs::remove_file(target)?,
        Err(_) => {}
    }
    std::os::unix::fs::symlink(to, target)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("links cannot be made on this system"))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(unix)]
fn make_executable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn make_executable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn entry(content: Content, source: Option<PathBuf>) -> Entry {
        Entry {
            content,
            reasons: Vec::new(),
            package: None,
            source,
        }
    }

    #[test]
    fn files_are_laid_and_sources_are_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let source = root.join("a.txt");
        std::fs::write(&source, "source").unwrap();
        let file = |path: &Path| Content::File {
            path: path.to_path_buf(),
            bytes: 6,
        };
        let out = root.join("out");
        let at = |path: &str| RelPath::new(path).unwrap();
        let files = BTreeMap::from([
            (at("d/a.txt"), entry(file(&source), Some(source.clone()))),
            (at("l"), entry(Content::Link("d/a.txt".into()), None)),
        ]);
        lay(&files, &out, &[]).unwrap();
        lay(&files, &out, &[]).unwrap();
        assert_eq!(std::fs::read_to_string(out.join("l")).unwrap(), "source");

        // In place, it is itself; what was made from it may not replace it.
        let same = BTreeMap::from([(at("a.txt"), entry(file(&source), Some(source.clone())))]);
        lay(&same, &root, &[]).unwrap();
        let other = entry(Content::Bytes(Arc::from(*b"made")), None);
        let over = BTreeMap::from([(at("a.txt"), other)]);
        let error = lay(&over, &root, std::slice::from_ref(&source)).unwrap_err();
        assert!(error.message.contains("would be written over"), "{error:?}");
        assert_eq!(std::fs::read_to_string(&source).unwrap(), "source");
    }
}
