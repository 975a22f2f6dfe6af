//! The kind of code that a family of runtimes runs.
//!
//! In: a family, where a line of the log names one. Out: a [`CodeKind`] of the settings.

use coldcut_core::settings::CodeKind;
use coldcut_observe::Family;

/// What nobody says is taken for JavaScript.
pub(super) fn code_kind(family: Option<Family>) -> CodeKind {
    match family.unwrap_or(Family::JavaScript) {
        Family::JavaScript => CodeKind::Javascript,
        Family::Python => CodeKind::Python,
        Family::Compiled => CodeKind::Compiled,
        Family::DotNet => CodeKind::Dotnet,
    }
}
