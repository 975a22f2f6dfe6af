//! Diagnostics as a person reads them: the message, the line with a caret, what to do next.

use std::io::{IsTerminal, Write};
use std::path::Path;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};

use coldcut_core::diagnostics::{Diagnostic, Location, Severity};
use coldcut_core::disk;

/// Prints diagnostics to standard error, errors last, since those are read first.
pub fn print(diagnostics: &[Diagnostic]) {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| std::cmp::Reverse(d.severity));
    let stderr = std::io::stderr();
    let plain = !stderr.is_terminal() || std::env::var_os("NO_COLOR").is_some();
    let mut lock = stderr.lock();
    // Binaries of one workspace fail for one reason.
    let mut said = std::collections::HashSet::new();
    for diagnostic in sorted {
        if let Some(text) = &diagnostic.verbatim
            && said.insert(text)
        {
            let _ = lock.write_all(text.as_bytes());
            if !text.ends_with('\n') {
                let _ = lock.write_all(b"\n");
            }
        }
        // A stream that nobody reads any more is no failure of ours.
        let _ = lock.write_all(render(diagnostic, plain).as_bytes());
    }
}

/// One diagnostic as text.
pub fn render(diagnostic: &Diagnostic, plain: bool) -> String {
    let theme = if plain {
        GraphicalTheme::unicode_nocolor()
    } else {
        GraphicalTheme::unicode()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false);
    let mut message = diagnostic.message.clone();
    // Without a text to show, the place is part of the sentence.
    if let Some(at) = &diagnostic.at
        && at.source().is_none()
    {
        message = format!("{}: {message}", shown(at));
    }
    for note in &diagnostic.notes {
        message.push('\n');
        message.push_str(note);
    }
    let mut out = MietteDiagnostic::new(harmless(&message))
        .with_code(diagnostic.code.to_string())
        .with_severity(match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        });
    if let Some(help) = &diagnostic.help {
        out = out.with_help(harmless(help));
    }
    let mut report = None;
    if let Some(at) = &diagnostic.at
        && let Some((text, offset, len)) = at.source()
    {
        let long = longest_line(text, offset) > 400;
        if long {
            // A minified line would fill the screen.
            let message = format!("{}: {}", shown(at), out.message);
            out.message = harmless(&message);
        } else {
            out = out.with_label(LabeledSpan::underline((offset, len.max(1))));
            let source = NamedSource::new(harmless(&shown_path(&at.path)), harmless(text));
            report = Some(Report::new(out.clone()).with_source_code(source));
        }
    }
    let report = report.unwrap_or_else(|| Report::new(out));
    let mut text = String::new();
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        return format!("{diagnostic}\n");
    }
    text
}

/// Names, paths and lines are the user's, or a log's, and could steer the terminal or turn the
/// direction of writing. What stands for such a character is as long, so that carets stay in place.
fn harmless(text: &str) -> String {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| match c {
            c if turns(c) => '\u{fffd}',
            c if steers(c) && c.len_utf8() == 1 => '?',
            c if steers(c) => '\u{bf}',
            c => c,
        })
        .collect()
}

fn longest_line(text: &str, offset: usize) -> usize {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at);
    end - start
}

fn shown(at: &Location) -> String {
    let mut out = shown_path(&at.path);
    if let Some(line) = at.line {
        out.push_str(&format!(":{line}"));
        if let Some(column) = at.column {
            out.push_str(&format!(":{column}"));
        }
    }
    out
}

/// Relative to the current folder where that is shorter.
pub fn shown_path(path: &Path) -> String {
    let below = disk::below_here(path);
    let shown = below.as_deref();
    shown
        .unwrap_or(coldcut_js::packages::pnp::shown_path(path))
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_steers_the_terminal() {
        let bad = "a\u{1b}[31m\u{9b}2J\u{202e}b\u{7}\nc";
        let shown = harmless(bad);
        assert_eq!(shown, "a?[31m\u{bf}2J\u{fffd}b?\nc");
        assert_eq!(shown.len(), bad.len());
        let error = Diagnostic::error(coldcut_core::diagnostics::Code("CC999"), bad).help(bad);
        assert!(!render(&error, true).contains('\u{1b}'));
    }
}
