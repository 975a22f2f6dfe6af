//! Diagnostic codes of the bundler.

use coldcut_core::diagnostics::Code;

/// A file that cannot be part of a bundle.
pub const UNBUNDLABLE: Code = Code("CC150");
/// An import names an export that does not exist.
pub const NO_EXPORT: Code = Code("CC151");
/// Top-level `await` in a format that has none.
pub const TOP_LEVEL_AWAIT: Code = Code("CC152");
