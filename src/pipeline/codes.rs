//! The codes of what can go wrong between the stages of `pack`.
//!
//! In: nothing. Out: one constant a diagnostic. They lie in a file of their own so that every stage
//! can name them without importing the run that calls it.

use coldcut_core::diagnostics::Code;

/// The folder of `--out` overlaps with the files that are packed.
pub const OUT_OVERLAPS_PROJECT: Code = Code("CC006");
/// There is no function to pack.
pub const NOTHING_TO_PACK: Code = Code("CC007");
/// Two packs of one function gave different bytes.
pub const NOT_REPRODUCIBLE: Code = Code("CC104");
/// An event for a function that takes none.
pub const EVENT_NOT_TAKEN: Code = Code("CC147");
/// A strategy whose artifacts the platform does not run.
pub const STRATEGY_NOT_RUN: Code = Code("CC148");
/// The run was interrupted.
pub const INTERRUPTED: Code = Code("CC008");
