//! What bundling gives.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::bundle::metafile;
use crate::scan::ModuleScan;
use coldcut_core::diagnostics::Diagnostic;

/// A module of which something stayed.
#[derive(Debug, Clone)]
pub struct KeptModule {
    pub path: PathBuf,
    pub name: String,
    /// What it adds to the text, by the source map; 0 where nobody counted.
    pub bytes: u64,
    /// What it asks for that is not in the bundle: files that it reads, addons, what stays apart.
    pub external_references: ModuleScan,
    /// Who asks for it on the shortest way from the entry, and on which line; `None` for the entry,
    /// and where nobody counted.
    pub from: Option<(PathBuf, u32)>,
}

/// One bundle.
#[derive(Debug)]
pub struct Bundled {
    pub code: String,
    pub map: Option<Vec<u8>>,
    pub kept: Vec<KeptModule>,
    /// Licence notices that the text itself no longer has.
    pub legal: Option<String>,
    /// Bytes of the text that only keep the names of classes as they were written.
    pub class_names: u64,
    /// Node.js's own modules that it imports.
    pub builtins: BTreeSet<String>,
    /// Every module that was read.
    pub inputs: Vec<metafile::MetafileInput>,
    /// The names that an ES module of it exports.
    pub exports: Vec<String>,
    pub warnings: Vec<Diagnostic>,
}
