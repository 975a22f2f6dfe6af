//! The file system as an own package sees it under Plug'n'Play.
//!
//! In: a package of the user's, and a folder with a link to everything that it may ask for. Out: a
//! file system in which that folder is the package's `node_modules`, and no other is there; so the
//! resolver finds what is declared by its usual rules, settings that a `tsconfig.json` extends
//! included, and nothing lies in the project for that.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use oxc_resolver::{FileMetadata, FileSystem, FileSystemOs, ResolveError};

const MODULES: &str = "node_modules";

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct OwnPackages {
    /// The package's `node_modules`, which is not there, and what stands for it.
    seen: PathBuf,
    real: PathBuf,
}

impl OwnPackages {
    pub fn new(package: &Path, links: &Path) -> Self {
        Self {
            seen: package.join(MODULES),
            real: links.to_path_buf(),
        }
    }

    /// Where a path is on disk; `None` for folders of packages that are not to be seen.
    fn at<'a>(&self, path: &'a Path) -> Option<Cow<'a, Path>> {
        if let Ok(rest) = path.strip_prefix(&self.seen) {
            return Some(self.real.join(rest).into());
        }
        let hidden = path.file_name().is_some_and(|name| name == MODULES)
            && crate::packages::pnp::in_store(path).is_none();
        (!hidden).then_some(path.into())
    }

    fn there<'a>(&self, path: &'a Path) -> io::Result<Cow<'a, Path>> {
        self.at(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl FileSystem for OwnPackages {
    fn new() -> Self {
        Self {
            seen: PathBuf::new(),
            real: PathBuf::new(),
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.there(path)?)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        FileSystemOs::read_to_string(&self.there(path)?)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        FileSystemOs::metadata(&self.there(path)?)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        FileSystemOs::symlink_metadata(&self.there(path)?)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        FileSystemOs::read_link(&self.there(path)?)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        FileSystemOs::canonicalize(&self.there(path)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_stands_for_all() {
        let seen = OwnPackages::new(Path::new("/w/fn"), Path::new("/c/own/fn/node_modules"));
        let at = |path: &'static str| seen.at(Path::new(path)).map(Cow::into_owned);
        assert_eq!(
            at("/w/fn/node_modules"),
            Some("/c/own/fn/node_modules".into())
        );
        assert_eq!(
            at("/w/fn/node_modules/x/i.js"),
            Some("/c/own/fn/node_modules/x/i.js".into())
        );
        assert_eq!(at("/w/node_modules"), None);
        assert_eq!(at("/w/fn/src/a.js"), Some("/w/fn/src/a.js".into()));
        let store = "/c/node_modules/.pnp/x@1/node_modules";
        assert_eq!(at(store), Some(store.into()));
    }
}
