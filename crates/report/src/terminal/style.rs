//! Pieces of lines for a terminal: coloured, padded, labelled, and drawn as bars.
//!
//! In: words and figures of the report. Out: pieces of lines. A width is counted in characters;
//! names in wide scripts can therefore push a column to the right, but nothing breaks.

use anstyle::{AnsiColor, Style as Ansi};

use crate::number_format::size;
use crate::text::{width, wrap};

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub color: bool,
    /// Bars and arrows from beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

/// Room for a label before a line's text.
const LABEL: usize = 11;

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Title,
    Dim,
    Good,
    Warn,
    Bad,
}

impl Tone {
    fn ansi(self) -> Ansi {
        let fg = |color: AnsiColor| Ansi::new().fg_color(Some(color.into()));
        match self {
            Self::Plain => Ansi::new(),
            Self::Title => Ansi::new().bold(),
            Self::Dim => Ansi::new().dimmed(),
            Self::Good => fg(AnsiColor::Green),
            Self::Warn => fg(AnsiColor::Yellow),
            Self::Bad => fg(AnsiColor::Red).bold(),
        }
    }
}

/// `text` in the colour of its tone, where colours are wanted.
pub(super) fn paint(style: Style, tone: Tone, text: &str) -> String {
    if !style.color || tone == Tone::Plain || text.is_empty() {
        return text.to_string();
    }
    let ansi = tone.ansi();
    format!("{ansi}{text}{ansi:#}")
}

/// A label and its text, wrapped below itself.
pub(super) fn labelled(out: &mut String, label: &str, line: &str, tone: Tone, style: Style) {
    let room = style.width.saturating_sub(LABEL + 3).max(20);
    for (at, part) in wrap(line, room).iter().enumerate() {
        let name = if at == 0 { label } else { "" };
        let name = paint(style, Tone::Dim, &left(name, LABEL));
        out.push_str(&format!("  {name} {}\n", paint(style, tone, part)));
    }
}

pub(super) fn left(text: &str, columns: usize) -> String {
    format!("{text:<columns$}")
}

pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{text:>columns$}")
}

/// A size whose unit stands below the units of its neighbours when set flush right.
pub(super) fn aligned(bytes: u64) -> String {
    let text = size(bytes);
    if bytes < 1000 { text + " " } else { text }
}

/// `0.7 %` of a whole.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    match percent {
        p if p > 0.0 && p < 0.1 => "<0.1 %".to_string(),
        p if p < 10.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// What is left of a whole after a step, and what the step took away, as two pieces of a bar that
/// is `columns` wide for the whole.
pub(super) fn bar(
    style: Style,
    before: u64,
    after: u64,
    whole: u64,
    columns: usize,
) -> (String, String) {
    if whole == 0 || columns == 0 {
        return (String::new(), String::new());
    }
    let cells = |bytes: u64| (bytes as f64 / whole as f64).min(1.0) * columns as f64;
    let mut kept = String::new();
    if style.unicode {
        const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
        let eighths = (cells(after) * 8.0).round() as usize;
        kept.extend(std::iter::repeat_n('█', eighths / 8));
        if !eighths.is_multiple_of(8) {
            kept.push(PARTS[eighths % 8]);
        }
        if kept.is_empty() && after > 0 {
            kept.push(PARTS[1]);
        }
    } else {
        let full = (cells(after).round() as usize).max(usize::from(after > 0));
        kept.extend(std::iter::repeat_n('#', full));
    }
    let gone = (cells(before).round() as usize).saturating_sub(width(&kept));
    let mark = if style.unicode { '░' } else { '.' };
    (kept, std::iter::repeat_n(mark, gone).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(color: bool, unicode: bool) -> Style {
        Style {
            color,
            unicode,
            width: 80,
        }
    }

    #[test]
    fn bars_never_exceed_their_room_and_never_hide_what_is_left() {
        for unicode in [true, false] {
            for (before, after) in [(0, 0), (100, 100), (100, 1), (50, 49), (10, 900), (1, 0)] {
                let (kept, gone) = bar(style(false, unicode), before, after, 100, 10);
                assert!(width(&kept) + width(&gone) <= 10, "{before} {after}");
                assert_eq!(kept.is_empty(), after == 0);
            }
            assert_eq!(bar(style(false, unicode), 5, 5, 0, 10).0, "");
        }
        let (kept, gone) = bar(style(false, false), 100, 50, 100, 10);
        assert_eq!((kept.as_str(), gone.as_str()), ("#####", "....."));
        assert_eq!(bar(style(false, true), 100, 45, 100, 10).0, "████▌");
    }

    #[test]
    fn colours_are_only_where_wanted() {
        assert_eq!(paint(style(false, true), Tone::Bad, "x"), "x");
        let painted = paint(style(true, true), Tone::Good, "x");
        assert!(painted.starts_with("\x1b[") && painted.ends_with("\x1b[0m"));
        assert_eq!(paint(style(true, true), Tone::Plain, "x"), "x");
    }

    #[test]
    fn shares() {
        assert_eq!(share(1, 100_000), "<0.1 %");
        assert_eq!(share(7, 1000), "0.7 %");
        assert_eq!(share(42, 100), "42 %");
    }
}
