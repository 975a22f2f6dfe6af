//! What Lambda's own log lines tell: how often, how long, how cold and how full.
//!
//! In: logs, as text, JSON, exports of Logs Insights, compressed or not, of any size. Out:
//! [`Observed`]: for each function, version and side of a point in time the times as histograms,
//! and what every line was, so that nothing is passed over in silence.
//!
//! Data goes one way: `input` cuts files into pieces that are whole lines or rows, `line`, `json`
//! and `table` turn a piece into [`event::Event`]s on as many threads as there are processors,
//! `tally` takes the pieces in their order and adds them up. Only a handful of pieces are in memory
//! at a time, and of a group only its histograms, so memory does not grow with the log.

pub mod event;
pub mod fit;
pub mod histogram;
pub mod input;
pub mod json;
pub mod line;
pub mod resample;
pub mod rows;
pub mod stream;
pub mod table;
pub mod tally;
pub mod time;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use coldcut_core::diagnostics::{Code, Diagnostic, Result};

pub use crate::event::Family;
pub use crate::histogram::Times;
pub use crate::tally::{Counts, Group, Key, Observed, Residuals, Side};
pub use crate::time::{parse as parse_time, shown as shown_time};

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

/// What is to be read, and how it is told apart.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Files, folders of files, or `-` for standard input.
    pub logs: Vec<PathBuf>,
    /// The function, where lines do not say which.
    pub name: Option<String>,
    /// Milliseconds since 1970 at which "before" ends.
    pub since: Option<i64>,
    /// What callers measured, by request.
    pub wall: fit::Wall,
}

/// Reads all of it.
pub fn observe(ask: &Ask) -> Result<(Observed, Vec<Diagnostic>)> {
    let mut tally = tally::Tally::new(ask);
    let mut warnings = Vec::new();
    stream::read(&ask.logs, &mut |item| match item {
        stream::Item::Piece(piece) => tally.add(piece),
        stream::Item::Warning(warning) => warnings.push(warning),
    })?;
    Ok((tally.finish(), warnings))
}
