//! The error of an import whose target is not found.

use crate::graph::codes::UNRESOLVED;
use crate::packages::package::package_of_specifier;
use coldcut_core::diagnostics::Diagnostic;

/// The error of an import whose target is not found.
pub(crate) fn unresolved_simply(specifier: &str) -> Diagnostic {
    unresolved(specifier, &format!("Cannot find module '{specifier}'"))
}

/// The same, where the resolver says `why` as Node.js would.
pub(super) fn unresolved(specifier: &str, why: &str) -> Diagnostic {
    let package = package_of_specifier(specifier);
    let help = match package {
        Some(name) => format!(
            "install `{name}` (or let coldcut do it with `--install`), or name it with `--external {name}` if the platform or a layer has it"
        ),
        None => "correct the path, or add the file".to_string(),
    };
    let diagnostic = Diagnostic::error(UNRESOLVED, format!("cannot find `{specifier}`")).help(help);
    let plain = format!("Cannot find module '{specifier}'");
    if why == plain {
        diagnostic
    } else {
        diagnostic.note(why)
    }
}
