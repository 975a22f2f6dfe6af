//! The codes of source that cannot be read or printed.

use coldcut_core::diagnostics::Code;

/// Source that does not parse.
pub const SYNTAX: Code = Code("CC050");
/// Source that parses but cannot be compiled to JavaScript for Node.
pub const TRANSPILE: Code = Code("CC051");
