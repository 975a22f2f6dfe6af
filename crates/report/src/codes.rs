//! The codes of what a report can say, in one place so that none is used twice.

use coldcut_core::diagnostics::Code;

/// The function exceeds a limit of the platform.
pub const OVER_LIMIT: Code = Code("CC140");
/// A report cannot be written as JSON: a bug in coldcut.
pub const NO_JSON: Code = Code("CC145");
/// The report or zip to compare with cannot be read.
pub const SNAPSHOT_READ: Code = Code("CC226");
/// It is of a schema that this coldcut does not know.
pub const SNAPSHOT_SCHEMA: Code = Code("CC227");
