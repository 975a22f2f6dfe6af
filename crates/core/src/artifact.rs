//! The hinge between building and packing: the files that one function ships, each with its
//! place in the artifact, its content and why it is there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A path inside an artifact: relative, with forward slashes, without `.` or `..`, not empty.
/// The order is that of its bytes, which is the order of entries in the zip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// `None` where `path` is empty, absolute, leaves the root or holds a backslash or NUL.
    pub fn new(path: &str) -> Option<Self> {
        let bad = path.is_empty()
            || path.contains(['\\', '\0'])
            || path
                .split('/')
                .any(|part| part.is_empty() || part == "." || part == "..");
        (!bad).then(|| Self(path.into()))
    }

    /// From a path relative to some root; `None` where it leaves that root or is not UTF-8.
    pub fn from_path(path: &Path) -> Option<Self> {
        let mut parts = Vec::new();
        for part in path.components() {
            match part {
                Component::Normal(name) => parts.push(name.to_str()?),
                Component::CurDir => {}
                _ => return None,
            }
        }
        Self::new(&parts.join("/"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// All but the last part; `None` at the top.
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }

    /// Whether a link that lies here and leads to `target` stays inside: `..` only at the start, and
    /// not past the root, for a `..` after a name could climb out of a folder that another link
    /// leads to.
    pub fn may_link_to(&self, target: &str) -> bool {
        if target.is_empty() || target.starts_with('/') || target.contains(['\\', '\0']) {
            return false;
        }
        let depth = self.0.matches('/').count();
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

    /// Where it lies below `root` on this machine.
    pub fn under(&self, root: &Path) -> PathBuf {
        let mut path = root.to_path_buf();
        path.extend(self.0.split('/'));
        path
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an entry holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file of the user's, read when it is packed. `bytes` is its length when it was chosen:
    /// a file that has another length when it is read changed meanwhile.
    File { path: PathBuf, bytes: u64 },
    /// Text or bytes that coldcut made (transpiled source, a rewritten `package.json`).
    Bytes(Arc<[u8]>),
    /// A symbolic link; the target is relative to the entry's own folder and stays inside.
    Link(String),
}

/// Why a file ships. The order is that of strength: the least is shown first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The function's handler.
    Handler,
    /// Imported, required or resolved by `by` (a path in the artifact) on `line`.
    Imported { by: String, line: u32 },
    /// Matched by a path with a constant prefix in `by` on `line`.
    Matched { by: String, line: u32 },
    /// Named as a file to read in `by` on `line`.
    Read { by: String, line: u32 },
    /// Of a package that holds what `package` needs on the target's platform only.
    Platform { package: String },
    /// A library that the native file `by` is linked to.
    Linked { by: String },
    /// Named by a rule, since a package reads it in ways its code does not show.
    Rule { name: String },
    /// The `main` of a package with `exports`: for tools that know only the one.
    Main { package: String },
    /// The `package.json` by which Node finds what a package exports, or how to read a file.
    Manifest,
    /// Kept by a pattern of the user's.
    Included { pattern: String },
    /// Part of a package that the production dependencies reach.
    Dependency { package: String },
    /// Lies in the project and nothing drops it.
    Project,
    /// What cargo built.
    Built,
    /// A link by which Node finds a package.
    PackageLink,
    /// The map from a bundle to its sources.
    SourceMap,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler => f.write_str("handler"),
            Self::Imported { by, line } => write!(f, "imported by {by}:{line}"),
            Self::Matched { by, line } => write!(f, "matched by a path in {by}:{line}"),
            Self::Read { by, line } => write!(f, "read at {by}:{line}"),
            Self::Platform { package } => write!(f, "{package} needs it on the platform"),
            Self::Linked { by } => write!(f, "library that {by} is linked to"),
            Self::Rule { name } => write!(f, "rule {name}"),
            Self::Main { package } => write!(f, "main of {package}"),
            Self::Manifest => f.write_str("package manifest"),
            Self::Included { pattern } => write!(f, "included by {pattern}"),
            Self::Dependency { package } => write!(f, "dependency {package}"),
            Self::Project => f.write_str("project file"),
            Self::Built => f.write_str("built by cargo"),
            Self::PackageLink => f.write_str("link to a package"),
            Self::SourceMap => f.write_str("source map"),
        }
    }
}

/// One file of an artifact.
#[derive(Debug, Clone)]
pub struct Entry {
    pub content: Content,
    /// Never empty, sorted, strongest first.
    pub reasons: Vec<Reason>,
    /// The package it belongs to, as `name@version`; `None` for the project's own files.
    pub package: Option<Arc<str>>,
    /// The file of the project it comes from, where there is one.
    pub source: Option<PathBuf>,
}

impl Entry {
    /// The user's file whose content ships, or what it was made of.
    pub fn origin(&self) -> Option<&Path> {
        match &self.content {
            Content::File { path, .. } => Some(path),
            Content::Bytes(_) => self.source.as_deref(),
            Content::Link(_) => None,
        }
    }
}

/// What a package adds to a file that is made of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// `name@version`.
    pub package: Arc<str>,
    /// Of the unpacked text, by its source map.
    pub bytes: u64,
    /// Files of the package that something is left of.
    pub modules: u64,
    /// Who asks for it, as [`Reason`] says it.
    pub why: String,
}

/// What ships, by its place.
pub type Files = BTreeMap<RelPath, Entry>;

/// A file of the project, or of a package, that is part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    pub path: PathBuf,
    /// `name@version`; `None` for the project's own.
    pub package: Option<Arc<str>>,
    /// What it adds to the unpacked text, by the source map.
    pub bytes: u64,
    /// Who asks for it on the shortest way from the handler, and on which line.
    pub from: Option<(PathBuf, u32)>,
}

/// Everything one function ships.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The function's name; the zip is called after it.
    pub function: String,
    /// The file the platform loads: `src/users.js`, or `bootstrap`.
    pub handler: RelPath,
    pub files: Files,
    /// Where the handler's file is a bundle: what it is made of, besides the project's own code.
    pub shares: Vec<Share>,
    /// The same, file by file, and the project's own code with it.
    pub inside: Vec<Inside>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rel_path_never_leaves_its_root() {
        for bad in [
            "", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a/", "a\0",
        ] {
            assert_eq!(RelPath::new(bad), None, "{bad:?}");
        }
        assert_eq!(RelPath::from_path(Path::new("../x")), None);
        assert_eq!(
            RelPath::from_path(Path::new("./a/b.js")).unwrap().as_str(),
            "a/b.js"
        );
        assert_eq!(RelPath::new("a/b").unwrap().parent(), Some("a"));
    }
}
