//! Patterns that keep or drop files, from wherever they are written.

use crate::diagnostics::Location;

/// One glob of a list in which the last match wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Without the leading `!`; relative to the function's root.
    pub glob: String,
    /// `true` keeps what it matches, `false` drops it.
    pub keep: bool,
    /// Where it is written: the report and `coldcut why` name it.
    pub said: Location,
    /// How it is written, with its `!`: `!tests/**`, `--exclude docs/**`.
    pub text: String,
}
