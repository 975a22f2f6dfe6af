//! The exit status of a command.
//!
//! In: what a command did, or the errors that ended it. Out: one of five numbers, as the
//! documentation gives them. Every command takes them from here, so that a script can rely on them.

use coldcut_core::diagnostics::Diagnostic;
use coldcut_verify::codes;

use crate::cli::diagnose;
use crate::pipeline;

/// The command did what it was asked for.
pub(super) const DONE: i32 = 0;
/// The command could not do it.
pub(super) const FAILED: i32 = 1;
/// The command line asks for what cannot be.
pub(super) const WRONG: i32 = 2;
/// A budget is exceeded.
pub(super) const OVER_BUDGET: i32 = 3;
/// An artifact does not do what its original does.
pub(super) const UNVERIFIED: i32 = 4;

/// Prints errors and gives the exit status for them: errors of the command line's own values have
/// their own.
pub(super) fn failed(errors: &[Diagnostic]) -> i32 {
    diagnose::print(errors);
    let wrong = [
        crate::discover::codes::NO_FUNCTION,
        coldcut_core::ignore_rules::NO_RULE,
        pipeline::OUT_OVERLAPS_PROJECT,
        pipeline::FOLDER_NOT_OWN,
        pipeline::EVENT_NOT_TAKEN,
        pipeline::STRATEGY_NOT_RUN,
        pipeline::SAM_TEMPLATE,
        codes::WHICH_HANDLER,
        codes::EVENT,
        pipeline::observe::BAD_TIME,
        pipeline::pricing::BAD_POWER_TUNING,
        coldcut_core::platform::prices::UNKNOWN_REGION,
        coldcut_observe::fit::BAD_SIZES,
        coldcut_observe::fit::BAD_WALL,
        coldcut_report::budgets::BAD,
        coldcut_report::budgets::NO_FUNCTION,
        coldcut_report::budgets::NO_BASELINE,
        coldcut_report::snapshot::READ,
        crate::git_ref::REF_NOT_FOUND,
        coldcut_report::snapshot::SCHEMA,
        coldcut_report::merge::APART,
    ];
    if errors.iter().any(|error| wrong.contains(&error.code)) {
        WRONG
    } else {
        FAILED
    }
}
