//! The codes of what reading logs can say (CC200 to CC207), in one place so that none is used twice.

use coldcut_core::diagnostics::Code;

/// A log cannot be read.
pub const NOT_READ: Code = Code("CC200");
/// A log in which nothing reports an invocation.
pub const EMPTY: Code = Code("CC201");
/// Lines that begin as a report and do not go on as one.
pub const BROKEN_LINES: Code = Code("CC202");
/// A log that ends in the middle.
pub const CUT_OFF: Code = Code("CC203");
/// More functions and versions than are told apart.
pub const TOO_MANY: Code = Code("CC204");
/// A file of sizes that cannot be used.
pub const BAD_SIZES: Code = Code("CC205");
/// A file with the times of callers that cannot be used.
pub const BAD_WALL: Code = Code("CC206");
/// Too few cold starts, or versions, to fit anything.
pub const TOO_FEW: Code = Code("CC207");
