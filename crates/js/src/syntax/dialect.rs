//! How a file is to be read: by its name, its package and its `tsconfig.json`.
//!
//! In: a path, whether its package is one of ES modules, who will run the code. Out: [`Dialect`],
//! [`TsOptions`] and [`Lowering`], which the parser takes.

use std::path::Path;

use swc_core::ecma::ast::Program;

use crate::syntax::lower_using;
use crate::syntax::target::{Engine, Syntax};

/// The kind of text a file holds, by its extension and its package's `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub typescript: bool,
    pub jsx: bool,
    pub goal: ModuleGoal,
}

/// How Node would take the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleGoal {
    /// `.mjs`, `.mts`, or `"type": "module"`.
    Module,
    /// `.cjs`, `.cts`.
    CommonJs,
    /// Everything else: CommonJS for Node, though it may be written as a module.
    Either,
}

impl Dialect {
    /// `module_scope` says whether the nearest `package.json` has `"type": "module"`.
    pub fn of_file(path: &Path, module_scope: bool) -> Self {
        let ext = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        Self {
            typescript: matches!(ext, "ts" | "tsx" | "mts" | "cts"),
            jsx: matches!(ext, "jsx" | "tsx"),
            goal: match ext {
                "mjs" | "mts" => ModuleGoal::Module,
                "cjs" | "cts" => ModuleGoal::CommonJs,
                // Of other files `require` makes CommonJS, whatever the package says.
                "js" | "jsx" | "ts" | "tsx" if module_scope => ModuleGoal::Module,
                _ => ModuleGoal::Either,
            },
        }
    }
}

/// What the nearest `tsconfig.json` says about how source becomes JavaScript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TsOptions {
    pub legacy_decorators: bool,
    pub decorator_metadata: bool,
    pub verbatim_module_syntax: bool,
    /// Fields are set in the constructor, and not defined before it.
    pub assign_fields: bool,
    /// `using` stays, as `target` says: `tsc` writes it in older syntax for all but the newest.
    pub keeps_using: bool,
    /// Files that are no modules are strict too.
    pub always_strict: bool,
    /// `null` and `undefined` are types of their own.
    pub null_types: bool,
    /// `esModuleInterop` is off: imports of CommonJS are what `require` gives.
    pub interop_off: bool,
    pub module: TsModule,
    /// `React.createElement` instead of the automatic runtime.
    pub classic_jsx: bool,
    pub jsx_import_source: Option<String>,
    pub jsx_factory: Option<String>,
    pub jsx_fragment_factory: Option<String>,
}

/// Which kind of modules `tsc` writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TsModule {
    CommonJs,
    /// What Node takes each file for.
    Node,
    #[default]
    Other,
}

impl TsOptions {
    /// Whether `tsc` writes the file as CommonJS in which imports are no more than `require`.
    pub fn plain_requires(&self, dialect: Dialect) -> bool {
        self.interop_off
            && match self.module {
                TsModule::CommonJs => true,
                TsModule::Node => dialect.goal != ModuleGoal::Module,
                TsModule::Other => false,
            }
    }
}

/// What is written in older syntax besides what no Node.js takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lowering {
    pub target: Option<Engine>,
    /// The file's statements will stand among those of others, so that the end of its scope is
    /// no longer the file's.
    pub joined: bool,
}

impl Lowering {
    pub(super) fn resources(self, program: &Program) -> bool {
        self.target
            .is_some_and(|target| !target.takes(Syntax::Resources))
            || (self.joined && lower_using::stands_at_top(program))
    }
}
