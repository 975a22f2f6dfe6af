//! The files of the project and of packages as they lie on disk.
//!
//! In: a folder. Out: its files and links, sorted, without what belongs to nested packages.
//! Nothing is followed: a link is a link, so that a loop of links ends nothing.

use std::path::{Path, PathBuf};

use coldcut_core::diagnostics::{Code, Diagnostic};
use coldcut_core::disk::is_not_source;

/// A name that is not UTF-8, which no artifact can hold.
pub const BAD_NAME: Code = Code("CC058");
/// A folder that cannot be listed.
pub const UNLISTED: Code = Code("CC059");

/// One file or link found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundFile {
    pub path: PathBuf,
    /// Length in bytes; 0 for links.
    pub bytes: u64,
    pub is_link: bool,
}

/// What a walk gives: files, and what stood in its way.
#[derive(Debug, Default)]
pub struct Listing {
    pub files: Vec<FoundFile>,
    pub warnings: Vec<Diagnostic>,
}

/// All files below `dir`; folders for which `skip` holds are not entered.
pub fn files(dir: &Path, skip: &(dyn Fn(&Path) -> bool + Sync)) -> Listing {
    let mut out = Listing::default();
    let walk = walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_type().is_dir() || !skip(entry.path())
        });
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let is_link = entry.path_is_symlink();
                if !is_link && !entry.file_type().is_file() {
                    // Sockets, pipes and devices are nobody's source.
                    continue;
                }
                if entry
                    .path()
                    .strip_prefix(dir)
                    .is_ok_and(|p| p.to_str().is_none())
                {
                    out.warnings.push(
                        Diagnostic::warning(
                            BAD_NAME,
                            format!(
                                "`{}` is left out: its name is not UTF-8, which a zip for this platform cannot contain",
                                entry.path().display()
                            ),
                        )
                        .at_file(entry.path())
                        .help("rename the file if it is needed"),
                    );
                    continue;
                }
                let bytes = if is_link {
                    0
                } else {
                    entry.metadata().map(|m| m.len()).unwrap_or(0)
                };
                out.files.push(FoundFile {
                    path: entry.into_path(),
                    bytes,
                    is_link,
                });
            }
            Err(error) => {
                let path = error.path().unwrap_or(dir).to_path_buf();
                out.warnings.push(
                    Diagnostic::warning(
                        UNLISTED,
                        format!("cannot list `{}`: {error}", path.display()),
                    )
                    .at_file(&path)
                    .help("make the folder readable for this user, or exclude it"),
                );
            }
        }
    }
    out
}

/// A package's own files: what lies in nested `node_modules` belongs to others. The package may be
/// one of the workspace, with what tools left there.
pub fn package_files(dir: &Path) -> Listing {
    files(dir, &|path| path.file_name().is_some_and(is_not_source))
}
