//! The codes of what is wrong with a module of the graph.

use coldcut_core::diagnostics::Code;

/// An import whose target is not found.
pub const UNRESOLVED: Code = Code("CC052");
/// An import whose specifier is computed.
pub const UNFOLLOWABLE: Code = Code("CC053");
/// A source file that cannot be read.
pub const UNREADABLE: Code = Code("CC054");
/// A library that an addon is linked to is not there.
pub const LIBRARY: Code = Code("CC066");
/// A `tsconfig.json` that cannot be read.
pub const TSCONFIG: Code = Code("CC055");
