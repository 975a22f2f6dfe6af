//! What is known of the top-level statements of one module.
//!
//! Analysing a parsed file fills these types; linking and shaking read them and never look at
//! syntax again.

use indexmap::{IndexMap, IndexSet};
use oxc_index::{IndexVec, define_index_type};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::ast::*;
use crate::syntax::{Atom, Span};

define_index_type! {
    /// A part by its place in its module.
    pub struct PartId = u32;
}

define_index_type! {
    /// An import record by its place in its module.
    pub struct ImportRecordId = u32;
}

/// What is asked of another module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Demand {
    /// That it has run.
    Nothing,
    /// Its exports as a function to call.
    Call,
    Name(Atom),
    /// An export, called as a method of the exports object.
    Method(Atom),
    /// A member of a member, and so on: `x.a.b`. More than one name.
    Path(Vec<Atom>),
    /// What an interop helper gives as `default`, and what is read of that.
    Default(Option<Atom>),
    Namespace,
}

impl Demand {
    /// The same, as far as the module itself is concerned.
    pub fn nearest(&self) -> Self {
        match self {
            Self::Path(names) => names
                .first()
                .map_or(Self::Namespace, |name| Self::Name(name.clone())),
            demand => demand.clone(),
        }
    }
}

/// One thing that a part uses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Use {
    /// A name of the module's own.
    Id(Id),
    /// A name that an `import` binds.
    Import(Id, Demand),
    /// The module that a `require` or `import()` gives.
    Record(ImportRecordId, Demand),
    /// A name of its own CommonJS exports.
    Own(Atom),
    /// The same, called as a method of the exports object.
    OwnMethod(Atom),
    OwnAll,
    /// Sets a name of its own exports, somewhere inside.
    Set(Atom),
}

/// Uses without doubles, in order.
pub type UseSet = IndexSet<Use, rustc_hash::FxBuildHasher>;

/// What running a part changes, apart from declaring its names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mutation {
    Id(Id),
    /// One of the module's CommonJS exports.
    Own(Atom),
    /// The whole of `module.exports`.
    Whole,
}

/// A part's standing towards CommonJS exports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ExportRole {
    #[default]
    Plain,
    /// `exports.a = exports.b = value`.
    Assign(Vec<Atom>),
    /// An object literal whose keys are exports, with what each key uses.
    Object(IndexMap<Atom, ExportKey>),
    /// `__exportStar(require("x"), exports)` and its like.
    Star(ImportRecordId),
    /// It marks the exports as those of a compiled ES module; `renamed` where it has another name for them.
    Flag { renamed: bool },
}

/// One key of an exports literal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportKey {
    pub uses: Vec<Use>,
    /// Its value is computed with effect.
    pub has_side_effects: bool,
}

/// One top-level statement.
#[derive(Debug)]
pub struct Part {
    pub stmt: Stmt,
    pub declares: Vec<Id>,
    pub uses: Vec<Use>,
    /// Imports that run while the module loads, when this part runs.
    pub evaluated_imports: Vec<ImportRecordId>,
    pub mutations: Vec<Mutation>,
    /// Running it can be noticed whatever else is kept.
    pub has_side_effects: bool,
    /// It cannot be noticed only if these calls do nothing.
    pub assumed_pure_calls: Vec<AssumedPureCall>,
    pub role: ExportRole,
}

/// What an imported name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    Name(Atom),
    Namespace,
}

/// What an export leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    Local(Id),
    From(ImportRecordId, Atom),
    Namespace(ImportRecordId),
}

/// A variable that holds what a `require` gave, and is never set again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequireBinding {
    pub record: ImportRecordId,
    pub by: Interop,
}

/// Through which helper a `require` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interop {
    Plain,
    Default,
    Star,
}

/// Free names of Node's that a module reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FreeNames {
    pub require: bool,
    pub dirname: bool,
    pub filename: bool,
    /// `module` for more than its exports.
    pub module: bool,
    pub exports: bool,
    pub import_meta: bool,
    pub arguments: bool,
    pub this: bool,
    /// `module.exports` is set elsewhere than in a statement of its own.
    pub replaces_exports: bool,
    /// Direct `eval` or `with`: names must stay.
    pub names_stay: bool,
    /// Runs differently, or not at all, as strict code.
    pub sloppy: bool,
    /// A sloppy function reads its `this` or its `arguments`, which are others in strict code.
    pub sloppy_call: bool,
    /// It asks the language how the properties of a namespace object are made.
    pub reflects_namespaces: bool,
    /// Has syntax that strict code does not have.
    pub unstrict: bool,
}

impl FreeNames {
    /// Whether a CommonJS module looks at more of what Node gives it than its exports.
    pub fn needs_module_object(&self) -> bool {
        self.module || self.arguments
    }
}

/// Whether a CommonJS module's exports have a true `__esModule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EsModuleMark {
    Yes,
    #[default]
    No,
    /// Only running it tells.
    Maybe,
}

/// What a module's exports are known to be.
#[derive(Debug, Default)]
pub struct CjsExports {
    /// The parts that give each name.
    pub defs: FxHashMap<Atom, Vec<PartId>>,
    /// The parts that replace `module.exports`.
    pub whole: Vec<PartId>,
    /// Parts that copy another module's exports, with its record.
    pub stars: Vec<(PartId, ImportRecordId)>,
    /// Whether it says that it was an ES module.
    pub es_module: EsModuleMark,
    /// The parts that say so, and whether they say it of the exports object by a name of their own.
    pub flags: Vec<(PartId, bool)>,
    /// Exported functions that read `this`.
    pub this_names: FxHashSet<Atom>,
    /// The exports object is replaced by something that is no object literal.
    pub opaque: bool,
    /// It is replaced by something that may come from another module.
    pub foreign: bool,
}

/// The way to a function that is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CalledFunction {
    /// One of the module's own.
    Own(Id),
    Import(Id),
    /// A member of an imported namespace.
    Member(Id, Atom),
}

/// A call that was taken to do nothing, if the function that it reaches does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssumedPureCall {
    pub function: CalledFunction,
    /// Called with `new`.
    pub with_new: bool,
}

/// Functions that do nothing, called with `new` or without, if what they assume holds.
pub type FunctionSummaries = FxHashMap<(Id, bool), Vec<AssumedPureCall>>;

/// A module cut into parts.
#[derive(Debug, Default)]
pub struct ModuleAnalysis {
    pub parts: IndexVec<PartId, Part>,
    pub imports: ModuleImports,
    pub exports: ModuleExports,
    pub names: NameUsage,
    pub source: SourceTraits,
}

/// How a module imports others.
#[derive(Debug, Default)]
pub struct ModuleImports {
    /// The names that `import` binds.
    pub names: FxHashMap<Id, (ImportRecordId, Imported)>,
    pub require_bindings: FxHashMap<Id, RequireBinding>,
    /// Static imports in source order: the order in which they are evaluated.
    pub in_order: Vec<ImportRecordId>,
    /// `with { … }` of imports, by record.
    pub attributes: FxHashMap<ImportRecordId, Box<ObjectLit>>,
    /// The calls that import, by their place.
    pub calls: ImportCalls,
    /// Records of what a `require` that the file hands on may be called with.
    pub handed: Vec<ImportRecordId>,
    /// Records that lead to a package of a compiler's helpers.
    pub of_helpers: FxHashSet<ImportRecordId>,
}

/// What a module exports.
#[derive(Debug, Default)]
pub struct ModuleExports {
    /// By the names of an ES module.
    pub names: IndexMap<Atom, Export>,
    /// `export * from`.
    pub stars: Vec<ImportRecordId>,
    pub cjs: CjsExports,
}

/// What is known of a module's top-level names.
#[derive(Debug, Default)]
pub struct NameUsage {
    /// The parts that declare each name, in order.
    pub declared_by: FxHashMap<Id, Vec<PartId>>,
    /// The parts that change what each name holds, in order.
    pub mutated_by: FxHashMap<Id, Vec<PartId>>,
    /// Names that are assigned to after their declaration.
    pub reassigned: FxHashSet<Id>,
    /// Functions that do nothing when they are called.
    pub summaries: FunctionSummaries,
}

/// What is known of the source text as a whole.
#[derive(Debug, Default)]
pub struct SourceTraits {
    pub free_names: FreeNames,
    pub strict: bool,
    pub top_level_await: bool,
    /// It mentions `__esModule` somewhere.
    pub mentions_es_module: bool,
    pub hashbang: Option<Atom>,
}

/// The imports at a place of the source: a span's start and length, to records.
pub type ImportCalls = FxHashMap<(u32, u32), Vec<ImportRecordId>>;

/// A span as [`ImportCalls`] has it.
pub fn place(span: Span) -> (u32, u32) {
    (span.lo.0, span.hi.0.saturating_sub(span.lo.0))
}

/// The record that a call asks by, where there is one.
pub fn records_at<'c>(
    import_calls: &'c ImportCalls,
    call: &CallExpr,
) -> Option<&'c [ImportRecordId]> {
    // Imports that a transform made have no place: they are no calls.
    if call.span.is_dummy() {
        return None;
    }
    import_calls.get(&place(call.span)).map(Vec::as_slice)
}
