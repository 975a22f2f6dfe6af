//! What one parsed module says, before anything is linked.

pub mod cjs_export_lexer;
pub(crate) mod cjs_namespace;
pub(crate) mod commonjs;
pub(crate) mod effects;
pub(crate) mod parts;
pub(crate) mod scripts;
pub(crate) mod uses;
