//! Modules of a bundle, as every later step knows them.
//!
//! The loader fills these tables; linking, shaking and generating only read them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_index::{IndexVec, define_index_type};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::generate::minhash::MinHash;
use crate::bundle::part::{ImportRecordId, ModuleAnalysis};
use crate::packages::package::Package;
use crate::scan::{ImportKind, ModuleScan};
use crate::syntax::{Atom, Notes};
use coldcut_core::diagnostics::Diagnostic;

define_index_type! {
    /// A module by its place in the table.
    pub struct ModuleId = u32;
}

/// What a module is to Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Esm,
    Cjs,
    Json,
    /// Loaded when the bundle runs: a builtin, or what is left to the platform.
    External,
}

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Module(ModuleId),
    /// Nothing is there: asking for it throws when it runs.
    Missing,
    /// One of several files, by the path asked for at run time.
    Glob(Vec<(String, ModuleId)>),
}

/// One import of a module.
#[derive(Debug, Clone)]
pub struct ImportRecord {
    pub specifier: Arc<str>,
    pub kind: ImportKind,
    /// Asked for by a whole path, of which the specifier is what follows the file's folder.
    pub absolute: bool,
    /// Nothing in the file asks for it by name: a `require` that the file hands on may.
    pub handed: bool,
    pub target: Target,
}

/// What stands for `import` in a module that is kept as text.
pub const IMPORT_IN_TEXT: &str = "__import_";

/// What a module gets of CommonJS by `import`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CjsInterop {
    /// By Node's own rules: `.mjs`, or `"type": "module"`.
    Node,
    /// By those of Babel, and of TypeScript with `esModuleInterop`: `__esModule` counts.
    #[default]
    Babel,
    /// TypeScript without `esModuleInterop`: what `require` gives, and `default` as a property of it.
    Require,
}

/// One file, parsed.
#[derive(Debug)]
pub struct Module {
    pub path: PathBuf,
    /// As comments and metafiles name it: below the folder that the bundle is made in.
    pub name: String,
    /// Where its file would lie, as seen from the output's folder; `None` where the output is.
    pub virtual_path: Option<String>,
    pub package: Option<Arc<Package>>,
    pub kind: Kind,
    pub interop: CjsInterop,
    /// Its `import()` is `require` that comes later, as in the CommonJS that `tsc` writes.
    pub requires_later: bool,
    /// Its package says that it may be left out when nothing of it is used; of externals, that Node
    /// has them itself.
    pub side_effect_free: bool,
    pub bytes: u64,
    pub records: IndexVec<ImportRecordId, ImportRecord>,
    pub analysis: ModuleAnalysis,
    pub notes: Notes,
    /// It looks at what kind of object something is.
    pub reads_tags: bool,
    /// It asks by which module the program was started, or which asked for it.
    pub reads_main: bool,
    /// What it asks for that no bundle has in it.
    pub external_references: ModuleScan,
    /// Of CommonJS and JSON, to put what is alike together.
    pub minhash: Option<MinHash>,
    /// Kept where the module may have to stay as text, or, of JSON, be packed.
    pub text: Option<Arc<str>>,
}

/// The names of CommonJS modules as Node finds them; for a module that is not here nothing is known
/// before it runs.
pub type CjsNamespaces = FxHashMap<ModuleId, BTreeSet<Atom>>;

impl Module {
    /// Whether it imports by Node's own rules.
    pub fn node_mode(&self) -> bool {
        self.interop == CjsInterop::Node
    }

    /// What a `require` that the module hands on may be called with, once for each specifier.
    pub fn handed(&self) -> impl Iterator<Item = (&str, ModuleId)> {
        let mut seen = FxHashSet::default();
        self.records
            .iter()
            .filter_map(move |record| match record.target {
                Target::Module(to) if record.handed && seen.insert(&*record.specifier) => {
                    Some((&*record.specifier, to))
                }
                _ => None,
            })
    }

    /// A module of which nothing is known but where it is.
    pub fn unread(path: &Path, name: String, kind: Kind) -> Self {
        Self {
            path: path.to_path_buf(),
            name,
            virtual_path: None,
            package: None,
            kind,
            interop: CjsInterop::default(),
            requires_later: false,
            side_effect_free: false,
            bytes: 0,
            records: IndexVec::new(),
            analysis: ModuleAnalysis::default(),
            notes: Notes::default(),
            reads_tags: false,
            reads_main: false,
            external_references: ModuleScan::default(),
            minhash: None,
            text: None,
        }
    }

    /// Whether the text of the module has an `import()`.
    pub fn imports_in_text(&self) -> bool {
        self.records
            .iter()
            .any(|record| record.kind == ImportKind::Dynamic)
    }

    /// Whether Node has the module itself.
    pub fn is_builtin(&self) -> bool {
        self.kind == Kind::External && self.side_effect_free
    }
}

/// Every module that the entries reach.
#[derive(Debug)]
pub struct Modules {
    pub all: IndexVec<ModuleId, Module>,
    by_path: FxHashMap<PathBuf, ModuleId>,
    /// What Node finds in CommonJS before it runs.
    pub cjs_names: CjsNamespaces,
    pub warnings: Vec<Diagnostic>,
}

impl Modules {
    /// The table of `all`, whose ids are those of `by_path`.
    pub fn new(
        all: IndexVec<ModuleId, Module>,
        by_path: FxHashMap<PathBuf, ModuleId>,
        warnings: Vec<Diagnostic>,
    ) -> Self {
        Self {
            all,
            by_path,
            cjs_names: CjsNamespaces::default(),
            warnings,
        }
    }

    pub fn get(&self, id: ModuleId) -> &Module {
        &self.all[id]
    }

    pub fn find(&self, path: &Path) -> Option<ModuleId> {
        self.by_path.get(path).copied()
    }

    /// The names that a CommonJS module has for whoever imports it by Node's own rules, `default`
    /// aside; `None` where only running it tells.
    pub fn cjs_names(&self, id: ModuleId) -> Option<&BTreeSet<Atom>> {
        self.cjs_names.get(&id)
    }

    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        self.all.indices()
    }
}
