//! What a run of `pack` gives back.
//!
//! In: nothing; the report stage fills it. Out: the [`PackOutcome`] that `src/cli/` prints.

use coldcut_core::diagnostics::Diagnostic;
use coldcut_report::model::Report;

/// How a run ended, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunStatus {
    Succeeded,
    OverBudget,
    VerificationFailed,
    Failed,
}

/// What a run gives.
#[derive(Debug)]
pub struct PackOutcome {
    pub report: Report,
    /// Everything worth saying, of all functions.
    pub diagnostics: Vec<Diagnostic>,
    pub status: RunStatus,
}
