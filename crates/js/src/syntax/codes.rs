//! The codes of source that cannot be read or printed.

use coldcut_core::diagnostics::Code;

/// Source that does not parse.
pub const SYNTAX: Code = Code("CC050");
/// Source that parses but cannot be turned into what Node runs.
pub const TRANSPILE: Code = Code("CC051");
