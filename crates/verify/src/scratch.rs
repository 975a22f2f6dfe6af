//! Folders away from every project, and nothing left of them.
//!
//! In: a prefix. Out: [`Scratch`], an empty folder that no `node_modules` and no manifest lies
//! above, so that what is loaded there finds only what it brought. It is removed on every path,
//! also when the command is interrupted ([`abandon`]), and also where the code that ran in it has
//! taken the rights to it away.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::codes::{NOT_AWAY, SCRATCH};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// Where to look for a folder when the usual one lies inside a project.
const ELSEWHERE: [&str; 2] = ["/tmp", "/var/tmp"];

/// How often the removal of a folder is tried that is being written into.
const TRIES: u32 = 20;

/// Every folder that is there now, or nothing once they were abandoned.
static LIVE: Mutex<Option<BTreeSet<PathBuf>>> = Mutex::new(Some(BTreeSet::new()));

/// A temporary folder that is removed with everything in it.
#[derive(Debug)]
pub struct Scratch {
    /// With links resolved: Node names files so.
    real: PathBuf,
}

impl Scratch {
    /// Makes one.
    pub fn new() -> Result<Self> {
        let usual = std::env::temp_dir();
        let mut above = None;
        for base in std::iter::once(usual.as_path()).chain(ELSEWHERE.iter().map(Path::new)) {
            let Ok(base) = base.canonicalize() else {
                continue;
            };
            match project_above(&base) {
                Some(found) => above = above.or(Some(found)),
                None => return Self::in_folder(&base, "coldcut-"),
            }
        }
        let mut error = Diagnostic::error(
            NOT_AWAY,
            format!(
                "every folder for temporary files is inside a project: `{}`",
                usual.display()
            ),
        )
        .help("set `TMPDIR` to a folder that has no `node_modules` or `package.json` above it");
        if let Some(found) = above {
            error = error.note(format!("the loaded code would find `{}`", found.display()));
        }
        Err(Box::new(error))
    }

    /// Makes one in `folder`, to be moved from within it, whatever lies above.
    pub fn beside(folder: &Path) -> Result<Self> {
        Self::in_folder(folder, ".coldcut-")
    }

    fn in_folder(base: &Path, prefix: &str) -> Result<Self> {
        let failed = |error: io::Error| {
            Diagnostic::io(SCRATCH, "make a folder in", base, &error)
                .help("free some space there, or set `TMPDIR` if it is the temporary folder")
        };
        let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(live) = live.as_mut() else {
            return Err(Box::new(failed(io::ErrorKind::Interrupted.into())));
        };
        let dir = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(base)
            .map_err(failed)?;
        let real = dir.keep();
        live.insert(real.clone());
        Ok(Self { real })
    }

    /// Its path, with links resolved.
    pub fn path(&self) -> &Path {
        &self.real
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.real.join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.file(name);
        fs::write(&path, bytes).map_err(|error| Diagnostic::io(SCRATCH, "write", &path, &error))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.real);
        if let Some(live) = LIVE.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            live.remove(&self.real);
        }
    }
}

/// Removes every folder that is there, and makes no new ones: for the end of the process.
pub(super) fn abandon() {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    for folder in live.into_iter().flatten() {
        // Others may be writing into it.
        for _ in 0..TRIES {
            remove(&folder);
            if !folder.exists() {
                break;
            }
        }
    }
}

/// What Node would find on its way up from `folder`.
fn project_above(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .flat_map(|dir| ["node_modules", "package.json"].map(|name| dir.join(name)))
        .find(|path| path.exists())
}

/// Removes a folder. What cannot be removed even with all rights is not ours to remove.
fn remove(folder: &Path) {
    if fs::remove_dir_all(folder).is_ok() {
        return;
    }
    open_up(folder);
    let _ = fs::remove_dir_all(folder);
}

/// Gives the rights back that code may have taken from its own folders.
#[cfg(unix)]
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // The type of the entry itself: a link is not followed.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn open_up(_folder: &Path) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_goes_even_without_rights_to_it() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_path_buf();
        let inner = path.join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("c"), "").unwrap();
        fs::set_permissions(path.join("a"), fs::Permissions::from_mode(0o0)).unwrap();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_inside_a_project_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("x/y");
        fs::create_dir_all(&inner).unwrap();
        assert_eq!(project_above(&inner), None);
        fs::create_dir(dir.path().join("node_modules")).unwrap();
        assert_eq!(project_above(&inner), Some(dir.path().join("node_modules")));
    }
}
