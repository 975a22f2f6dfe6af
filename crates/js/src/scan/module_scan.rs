//! What a scan gives: [`ModuleScan`], everything that one file refers to.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::scan::path_pieces::Piece;

/// How a specifier is asked for; Node resolves the two families by different conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportKind {
    /// `import … from`, `export … from`.
    Static,
    /// `import()`.
    Dynamic,
    Require,
    /// `require.resolve`, `import.meta.resolve`: the file is named, perhaps never loaded.
    Resolve,
}

impl ImportKind {
    pub fn by_import(self) -> bool {
        matches!(self, Self::Static | Self::Dynamic)
    }
}

/// A specifier that is known in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReference {
    pub specifier: Arc<str>,
    pub kind: ImportKind,
    /// Byte span of the asking expression in the file, and its 1-based line.
    pub offset: u32,
    pub len: u32,
    pub line: u32,
    /// Inside a `try` with a `catch`, or otherwise able to fail without ending the load.
    pub optional: bool,
    /// The code asks by a whole path; `specifier` is that path as seen from the file's folder.
    pub absolute: bool,
}

/// A specifier with unknown parts after a constant prefix, such as `./locale/${name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    pub pieces: Vec<Piece>,
    pub offset: u32,
    pub len: u32,
    pub line: u32,
}

/// How a helper is asked for a native addon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddonSearch {
    /// `bindings('name')`: by name, in the folders that compilers write to.
    Named(String),
    /// `require('node-gyp-build')(__dirname)`: compiled or prebuilt, below this folder; with
    /// `-optional-packages` at its end, else in a package of its own. Where the folder is not known
    /// it is the package's.
    Below(Option<Vec<Piece>>),
    /// `nodePreGyp.find('…/package.json')`: where that manifest says.
    Manifest(Vec<Piece>),
}

/// A native addon that a helper looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddonRef {
    pub search: AddonSearch,
    pub line: u32,
    /// Inside a `try` with a `catch`.
    pub optional: bool,
}

/// An import whose specifier is not known at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfollowable {
    pub offset: u32,
    pub len: u32,
    pub line: u32,
    pub optional: bool,
    /// What it may load is among the file's indirect imports. A trace that ships the file follows
    /// those; a bundle has nothing in the place of this import.
    pub indirect: bool,
}

/// Everything one file refers to, in source order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleScan {
    pub imports: Vec<ImportReference>,
    pub patterns: Vec<PathPattern>,
    /// Paths of files that are read, rooted at [`Piece::Dir`] or [`Piece::Cwd`].
    pub assets: Vec<PathPattern>,
    /// Specifiers that something else loads: a function of the file's own around `require`, or a
    /// logger that starts a transport.
    pub indirect_imports: Vec<ImportReference>,
    /// Specifiers that a `require` which the file hands on may be called with.
    pub handed_requires: Vec<ImportReference>,
    /// Native addons that a helper looks for.
    pub addons: Vec<AddonRef>,
    pub unfollowable: Vec<Unfollowable>,
    /// Written with `import` or `export` declarations, or `import.meta`.
    pub esm_syntax: bool,
    /// Line of the first top-level `await`.
    pub top_level_await: Option<u32>,
}

/// Values known at build time, by the expression that reads them: `process.env.NODE_ENV`.
pub type Defines = IndexMap<String, String>;
