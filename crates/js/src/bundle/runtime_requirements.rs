//! What the modules of a bundle need around them at run time.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::bundle::module::ModuleId;
use crate::syntax::Atom;

/// Functions that a bundle may need at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Helper {
    CommonJs,
    CommonJsModule,
    MainModule,
    Lazy,
    AsyncModule,
    AsyncIterator,
    Export,
    Sealed,
    Namespace,
    ExoticNamespace,
    Star,
    ToEsm,
    Default,
    Glob,
    GlobAt,
    RequireOf,
    ImportOf,
    RequireAsync,
}

/// What the statements of a module turned out to need around them.
#[derive(Debug, Default)]
pub struct RuntimeRequirements {
    pub helpers: BTreeSet<Helper>,
    /// Modules whose exports object is read from a variable.
    pub exports: FxHashSet<ModuleId>,
    /// Those whose namespace is, as Node makes it, and as Babel and TypeScript do.
    pub node_namespace: FxHashSet<ModuleId>,
    pub babel_namespace: FxHashSet<ModuleId>,
    /// Those of them of which more than `default` is read.
    pub babel_whole: FxHashSet<ModuleId>,
    /// ES modules whose namespace object is read.
    pub namespace: FxHashSet<ModuleId>,
    /// ES modules that a `require` gives.
    pub required: FxHashSet<ModuleId>,
    /// Names imported from externals, in ES module output.
    pub imported: BTreeSet<(ModuleId, Option<Atom>)>,
    /// Names of CommonJS modules that are copied when those have run.
    pub copies: BTreeSet<(ModuleId, Atom)>,
    pub require: bool,
    pub filename: bool,
    pub dirname: bool,
    pub node_apis: BTreeSet<NodeApi>,
    pub missing: Vec<(ModuleId, Atom, ModuleId)>,
}

impl RuntimeRequirements {
    /// The names of `module` that are copied.
    pub fn copies_of(&self, module: ModuleId) -> impl Iterator<Item = &Atom> {
        let from = (module, Atom::default());
        let names = self.copies.range(from..);
        names
            .take_while(move |(of, _)| *of == module)
            .map(|(_, name)| name)
    }

    pub fn merge(&mut self, other: Self) {
        self.helpers.extend(other.helpers);
        self.exports.extend(other.exports);
        self.node_namespace.extend(other.node_namespace);
        self.babel_namespace.extend(other.babel_namespace);
        self.babel_whole.extend(other.babel_whole);
        self.namespace.extend(other.namespace);
        self.required.extend(other.required);
        self.imported.extend(other.imported);
        self.copies.extend(other.copies);
        self.require |= other.require;
        self.filename |= other.filename;
        self.dirname |= other.dirname;
        self.node_apis.extend(other.node_apis);
        self.missing.extend(other.missing);
    }
}

/// A function of Node's that an output calls: to say where its modules would lie, whether
/// it is the program, and to unpack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeApi {
    CreateRequire,
    Join,
    Module,
    RealPath,
    Relative,
    ToUrl,
    Unpack,
}

impl NodeApi {
    pub const ALL: [Self; 7] = [
        Self::CreateRequire,
        Self::Join,
        Self::Module,
        Self::RealPath,
        Self::Relative,
        Self::ToUrl,
        Self::Unpack,
    ];

    /// The module, and the function's name there.
    pub fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::CreateRequire => ("node:module", "createRequire"),
            Self::Join => ("node:path", "join"),
            Self::Module => ("node:module", "Module"),
            Self::RealPath => ("node:fs", "realpathSync"),
            Self::Relative => ("node:path", "relative"),
            Self::ToUrl => ("node:url", "pathToFileURL"),
            Self::Unpack => ("node:zlib", "brotliDecompressSync"),
        }
    }
}
