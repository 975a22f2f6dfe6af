//! What rooms do with files on disk, and must do alike.
//!
//! In: paths. Out: files that are never seen half-written, links, what tells at a glance that a file
//! is the one it was, and programs on the search path.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// Writes beside the target, then renames, so that nothing half-written is ever seen.
pub fn place(target: &Path, bytes: &[u8]) -> io::Result<()> {
    place_with(target, |mut file| io::Write::write_all(&mut file, bytes))
}

/// [`place`] of what `write` writes; it may also change the file's mode.
pub fn place_with(target: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = tempfile::NamedTempFile::new_in(folder)?;
    readable_by_all(file.as_file())?;
    write(file.as_file())?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private; what is placed is like any other file a build leaves.
#[cfg(unix)]
pub fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub fn readable_by_all(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a link to a file.
#[cfg(unix)]
pub fn link_file(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
pub fn link_file(target: &Path, at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, at)
}

/// Makes a link to a folder.
#[cfg(unix)]
pub fn link_folder(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
pub fn link_folder(target: &Path, at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(target, at)
}

/// A path as it is below the current folder; `None` where it is not.
pub fn below_here(path: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().and_then(|dir| dir.canonicalize());
    let below = path.strip_prefix(here.ok()?).ok()?;
    Some(below.to_path_buf())
}

/// `path` as seen from the folder `from`, with forward slashes; both absolute. Nothing for the folder
/// itself.
pub fn seen_from(from: &Path, path: &Path) -> String {
    let (above, mut below) = (from.components(), path.components());
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    let mut shared = true;
    for part in above {
        let mut ahead = below.clone();
        shared = shared && ahead.next() == Some(part);
        match shared {
            true => below = ahead,
            false => parts.push("..".into()),
        }
    }
    parts.extend(below.map(|part| part.as_os_str().to_string_lossy()));
    parts.join("/")
}

/// Folders that version control, frameworks and coldcut leave in a project. They are nobody's source,
/// no framework deploys them, and what lies in them comes and goes while others run.
const LEFT_BY_TOOLS: [&str; 5] = [
    ".aws-sam",
    ".coldcut",
    ".git",
    ".serverless",
    ".serverless-offline",
];

/// Whether a folder of this name is left by tools: no part of a project, nor of a package.
pub fn is_left_by_tools(name: &OsStr) -> bool {
    LEFT_BY_TOOLS.iter().any(|one| name == *one)
}

/// Whether a folder of this name has nobody's own source: packages that are installed, or what tools left.
pub fn is_not_source(name: &OsStr) -> bool {
    name == "node_modules" || is_left_by_tools(name)
}

/// Whether a folder says of itself that all in it can be made anew, as cargo's `target` does.
/// Source: <https://bford.info/cachedir/>.
pub fn is_cache(dir: &Path) -> bool {
    dir.join("CACHEDIR.TAG").is_file()
}

/// Bytes of a file; none where there is no such file.
pub fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// By which a file is known again, without reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    modified_ns: u128,
}

impl Stamp {
    pub fn new(meta: &Metadata) -> Self {
        let changed = meta.modified().ok();
        let since = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: meta.len(),
            modified_ns: since.map_or(0, |since| since.as_nanos()),
        }
    }

    /// `None` where there is no such file, or nobody knows when it was changed.
    pub fn of(path: &Path) -> Option<Self> {
        let stamp = Self::new(&fs::metadata(path).ok()?);
        (stamp.modified_ns != 0).then_some(stamp)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.bytes, self.modified_ns)
    }
}

/// The first program of this name on the search path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
