//! Warnings and errors about the lines of a log.
//!
//! In: how many lines there were of each kind. Out: the error that there is nothing to observe, or
//! warnings of the lines that do not count.

use coldcut_core::diagnostics::Diagnostic;
use coldcut_observe::Counts;

pub(super) fn empty(logs: &[String], counts: &Counts) -> Box<Diagnostic> {
    let logs = logs.join("`, `");
    let message = match (counts.lines, counts.broken) {
        (0, _) => format!("`{logs}` is empty"),
        (lines, 0) => format!("none of the {lines} lines of `{logs}` reports an invocation"),
        (lines, broken) => format!(
            "none of the {lines} lines of `{logs}` reports an invocation, and {broken} are broken"
        ),
    };
    Box::new(Diagnostic::error(coldcut_observe::EMPTY, message).help(
        "a log of Lambda has lines that begin with `REPORT RequestId:` or, in JSON, of the type `platform.report`; `coldcut observe --queries` prints how to get them",
    ))
}

pub(super) fn about_lines(counts: &Counts, logs: &[String]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if counts.broken > 0 {
        let mut warning = Diagnostic::warning(
            coldcut_observe::BROKEN_LINES,
            format!(
                "{} of {} lines begin like lines of Lambda but are incomplete: they are not counted",
                counts.broken, counts.lines
            ),
        );
        if let Some((file, line, text)) = &counts.first_broken {
            let log = logs.get(*file).map_or("the logs", String::as_str);
            // A folder's files are not in the list, and their numbers run on.
            let place = if logs.len() == 1 {
                format!("line {line}")
            } else {
                format!("`{log}`, line {line}")
            };
            warning = warning.note(format!(
                "the first is {place} (blank lines are not counted): {text}"
            ));
        }
        out.push(warning);
    }
    if counts.beyond > 0 {
        out.push(
            Diagnostic::warning(
                coldcut_observe::TOO_MANY,
                format!(
                    "{} reports are not counted: the logs have more functions and versions than coldcut can keep apart",
                    counts.beyond
                ),
            )
            .help("read the logs of fewer functions at a time"),
        );
    }
    out
}
