//! The kind of code that a family of runtimes runs.
//!
//! In: a family, where a line of the log names one. Out: a [`CodeKind`] of the settings.

use coldcut_core::settings::CodeKind;
use coldcut_observe::RuntimeFamily;

/// What nobody says is taken for JavaScript.
pub(super) fn code_kind(family: Option<RuntimeFamily>) -> CodeKind {
    match family.unwrap_or(RuntimeFamily::JavaScript) {
        RuntimeFamily::JavaScript => CodeKind::Javascript,
        RuntimeFamily::Python => CodeKind::Python,
        RuntimeFamily::Compiled => CodeKind::Compiled,
        RuntimeFamily::DotNet => CodeKind::Dotnet,
    }
}
