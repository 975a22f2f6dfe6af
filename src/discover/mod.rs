//! Finding a project's functions.
//!
//! In: a folder, and what the command line asks for. Out: a [`Project`]. The kinds of
//! declaration are tried in a fixed order, and the first that declares functions wins; only
//! cargo binaries join functions that another file declares.

pub mod codes;
mod handler;
pub mod model;
mod variables;

use indexmap::IndexMap;

pub use model::{Binary, Function, FunctionKind, Handler, Project, Skipped};

/// What the command line says about which functions are wanted.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Entry files, instead of what the project declares.
    pub entries: Vec<String>,
    /// For `${opt:…}` in `serverless.yml` and parameters in a SAM template: `stage`, say.
    pub options: IndexMap<String, String>,
    /// Names of the functions that are wanted; all where it is empty.
    pub functions: Vec<String>,
    /// For `${env:…}`.
    pub env: IndexMap<String, String>,
}
