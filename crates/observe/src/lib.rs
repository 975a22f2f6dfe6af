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

pub mod codes;
pub mod event;
pub mod fit;
pub mod histogram;
pub mod input;
pub mod json;
pub mod line;
pub mod observed;
pub mod request;
pub mod resample;
pub mod stream;
pub mod table;
pub mod table_row;
pub mod tally;
pub mod time;
pub mod wall_times;

#[cfg(test)]
mod tests;

use coldcut_core::diagnostics::{Diagnostic, Result};

pub use crate::codes::{BROKEN_LINES, CUT_OFF, EMPTY, NOT_READ, TOO_MANY};
pub use crate::event::RuntimeFamily;
pub use crate::histogram::Times;
pub use crate::observed::{Counts, Group, Key, Observed, Residuals, Side};
pub use crate::request::ObserveRequest;
pub use crate::time::{parse as parse_time, shown as shown_time};

/// Reads all of it.
pub fn observe(ask: &ObserveRequest) -> Result<(Observed, Vec<Diagnostic>)> {
    let mut tally = tally::Tally::new(ask);
    let mut warnings = Vec::new();
    stream::read(&ask.logs, &mut |item| match item {
        stream::Item::Piece(piece) => tally.add(piece),
        stream::Item::Warning(warning) => warnings.push(warning),
    })?;
    Ok((tally.finish(), warnings))
}
