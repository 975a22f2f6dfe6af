//! The ways of packing a Node.js function, by name.
//!
//! In: a [`Strategy`] of the settings. Out: its name for a person, and its form in the report.

use coldcut_core::settings::Strategy;
use coldcut_report::model;

pub(super) fn strategy_name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Auto => "auto",
        Strategy::Bundle => "bundle",
        Strategy::Trace => "trace",
        Strategy::Prune => "prune",
    }
}

/// A way of the ladder as the report has it; `auto` is none, and stands for no attempt.
pub(super) fn reported(strategy: Strategy) -> model::Strategy {
    match strategy {
        Strategy::Bundle => model::Strategy::Bundle,
        Strategy::Prune => model::Strategy::Prune,
        Strategy::Auto | Strategy::Trace => model::Strategy::Trace,
    }
}
