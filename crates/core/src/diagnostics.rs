//! Diagnostics: what went wrong (or may), where, and what to do next.
//!
//! Every room speaks of problems through [`Diagnostic`]; only `cli` prints one. A diagnostic
//! about a text file carries the text, so that the line and a caret can be shown even if the
//! file changes meanwhile.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The short name of a kind of problem, such as `CC012`; listed in `docs/diagnostics.md`.
///
/// Ranges: 001-009 command line and options, 010-039 discovery and configuration, 040-049
/// ignoring and secrets, 050-079 JavaScript, 080-099 Rust, 100-119 packing, 120-139
/// verification, 140-159 limits and budgets, 200-219 logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad it is: an error ends the work on what it is about, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// A text that a span points into.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    text: Arc<str>,
    /// Byte offset and length of the span in `text`.
    offset: usize,
    len: usize,
}

/// A place in the user's files: a file, and where known a span of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub path: PathBuf,
    /// 1-based line and column (in characters), where known.
    pub line: Option<u32>,
    pub column: Option<u32>,
    source: Option<Source>,
}

impl Location {
    /// A file as a whole.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            line: None,
            column: None,
            source: None,
        }
    }

    /// A span of `text`, which is the content of `path`; offsets are in bytes and are clamped
    /// to the text and to character borders.
    pub fn span(
        path: impl Into<PathBuf>,
        text: impl Into<Arc<str>>,
        offset: usize,
        len: usize,
    ) -> Self {
        let text = text.into();
        let offset = floor_char(&text, offset);
        let end = floor_char(&text, offset.saturating_add(len)).max(offset);
        let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let line = text[..offset].bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        let column = text[line_start..offset].chars().count() as u32 + 1;
        Self {
            path: path.into(),
            line: Some(line),
            column: Some(column),
            source: Some(Source {
                text,
                offset,
                len: end - offset,
            }),
        }
    }

    /// A 1-based line of `text`, pointing at its first character that is not a blank.
    pub fn line(path: impl Into<PathBuf>, text: impl Into<Arc<str>>, line: u32) -> Self {
        let text = text.into();
        let mut start = 0;
        for _ in 1..line {
            match text[start..].find('\n') {
                Some(at) => start += at + 1,
                None => break,
            }
        }
        let whole = text[start..].lines().next().unwrap_or("");
        let blank = whole.len() - whole.trim_start().len();
        let len = whole.trim().len().max(1);
        Self::span(path, text, start + blank, len)
    }

    /// The text that the span points into, with the span's byte offset and length.
    pub fn source(&self) -> Option<(&str, usize, usize)> {
        self.source.as_ref().map(|s| (&*s.text, s.offset, s.len))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One problem, with everything a person needs to act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// Starts in lower case, names its subject in backquotes.
    pub message: String,
    pub at: Option<Location>,
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// What another program said, to be shown just as it said it.
    pub verbatim: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            at: None,
            notes: Vec::new(),
            help: None,
            verbatim: None,
        }
    }

    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.at = Some(location);
        self
    }

    #[must_use]
    pub fn at_file(self, path: &Path) -> Self {
        self.at(Location::file(path))
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn verbatim(mut self, text: impl Into<String>) -> Self {
        self.verbatim = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// Speaks of `to` wherever it spoke of `from`: what is true of a copy is shown of its
    /// original.
    pub fn relocate(&mut self, from: &Path, to: &Path) {
        let (old, new) = (from.display().to_string(), to.display().to_string());
        self.message = self.message.replace(&old, &new);
        let said = self.help.iter_mut().chain(&mut self.verbatim);
        for text in self.notes.iter_mut().chain(said) {
            *text = text.replace(&old, &new);
        }
        if let Some(at) = &mut self.at
            && let Ok(rest) = at.path.strip_prefix(from)
        {
            at.path = to.join(rest);
        }
    }

    /// An input or output error of the system about one path.
    pub fn io(code: Code, what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::error(code, format!("cannot {what} `{}`: {error}", path.display()))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{} [{}]", self.message, self.code)
    }
}

impl std::error::Error for Diagnostic {}

/// A result whose error is one diagnostic, boxed to keep the good path small.
pub type Result<T> = std::result::Result<T, Box<Diagnostic>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_knows_its_line_and_column() {
        let at = Location::span("a.js", "let ä = 1;\nfoo(;\n", 16, 1);
        assert_eq!((at.line, at.column), (Some(2), Some(5)));
        assert_eq!(at.to_string(), "a.js:2:5");
    }

    #[test]
    fn offsets_outside_the_text_are_clamped() {
        let at = Location::span("a", "é", 1, 99);
        assert_eq!((at.line, at.column), (Some(1), Some(1)));
        assert_eq!(at.source(), Some(("é", 0, 2)));
        let at = Location::line("a", "x", 7);
        assert_eq!(at.line, Some(1));
    }
}
