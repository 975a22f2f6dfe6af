//! The codes of what can be wrong with Plug'n'Play.

use coldcut_core::diagnostics::Code;

/// Plug'n'Play's table cannot be read.
pub const TABLE: Code = Code("CC170");
/// A package's zip is not there.
pub const ABSENT: Code = Code("CC171");
/// A package's zip cannot be read.
pub const DAMAGED: Code = Code("CC172");
/// A package's zip has an entry that would land elsewhere.
pub const ESCAPES: Code = Code("CC173");
/// The cache cannot be written.
pub const CACHE: Code = Code("CC174");
/// The original cannot be run under Plug'n'Play.
pub const RUNTIME: Code = Code("CC175");
