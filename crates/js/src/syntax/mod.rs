//! The only folder that names `swc_core`.
//!
//! In: the text of one source file. Out: an [`Ast`] whose scopes are resolved and whose
//! TypeScript, JSX and decorators are gone, ready to be scanned or printed. Every call runs
//! inside [`Session::enter`], since swc keeps its syntax contexts in a scoped thread-local.

mod accessors;
mod block_functions;
mod catch_panic;
mod check_target;
mod class_fields;
mod class_variables;
mod codes;
mod commonjs_output;
mod constants;
mod declarations;
mod decorator_helper;
mod decorator_metadata;
mod dialect;
mod early_errors;
pub mod emit;
mod enum_constants;
mod fresh_context;
mod function_names;
mod hidden;
mod input_source_maps;
mod jsx_text;
mod legacy_decorators;
mod lower_using;
mod minifier_workarounds;
mod minify;
mod parentheses;
mod parse;
mod print;
mod reserved_names;
mod rewrite_specifiers;
mod scope_corrections;
mod session;
mod source_map_paths;
mod sources;
mod statements;
pub mod target;
mod to_javascript;
mod ts_ambient;
mod ts_helpers;
mod ts_modules;
mod ts_namespaces;
mod type_kinds;

pub use swc_core::atoms::Atom;
pub use swc_core::common::comments::Comment;
pub use swc_core::common::{BytePos, DUMMY_SP, Span, Spanned, SyntaxContext};
pub use swc_core::ecma::ast;
pub use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

pub use crate::syntax::check_target::TOO_NEW;
pub use crate::syntax::codes::{SYNTAX, TRANSPILE};
pub use crate::syntax::declarations::{DeclarationFiles, Declarations, NoDeclarationFiles};
pub use crate::syntax::dialect::{Dialect, Lowering, ModuleGoal, TsModule, TsOptions};
pub use crate::syntax::fresh_context::fresh_context;
pub use crate::syntax::parentheses::without_parentheses;
pub use crate::syntax::print::{OutputFormat, print};
pub use crate::syntax::rewrite_specifiers::Rewrites;
pub use crate::syntax::session::{Ast, Session};
pub use crate::syntax::sources::{Notes, Sources};
pub use crate::syntax::statements::{has_use_strict, throwing_assignment, unset, with_target};
pub use crate::syntax::to_javascript::TsInput;
