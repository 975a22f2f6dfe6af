//! The codes of what can go wrong while an artifact is packed.
//!
//! In: nothing. Out: one constant a diagnostic, for every file of this folder.

use coldcut_core::diagnostics::Code;

/// The zip cannot be written.
pub const ZIP_NOT_WRITTEN: Code = Code("CC100");
/// A file of the artifact cannot be read.
pub const FILE_NOT_READ: Code = Code("CC101");
/// A file changed between being chosen and being read.
pub const FILE_CHANGED: Code = Code("CC102");
/// A link that cannot be followed.
pub const BROKEN_LINK: Code = Code("CC103");
