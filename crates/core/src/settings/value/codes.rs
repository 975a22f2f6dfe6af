//! What can be wrong with a text file.

use crate::diagnostics::Code;

/// A file cannot be read.
pub const UNREADABLE: Code = Code("CC011");
/// A text file is not UTF-8.
pub const NOT_UTF8: Code = Code("CC012");
/// A file is not valid JSON, YAML or TOML.
pub const BROKEN: Code = Code("CC013");
