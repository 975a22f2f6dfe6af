//! Text that is safe to show and fits: cleaned, escaped and wrapped.
//!
//! In: names, paths and sentences. Out: text. A width is counted in characters.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// Bytes that an address cannot have as they are: all but its unreserved characters (RFC 3986).
pub const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Names and paths are the user's, and could hold sequences that steer a terminal or turn the
/// direction of writing: those characters are shown as `?`.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '?',
            c if c.is_control() => '?',
            c => c,
        })
        .collect()
}

/// Lines of at most `columns`, broken at blanks; a longer word stays whole, so that paths and
/// digests can be copied.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        // There is always a last line: the list begins with one and only grows.
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
                continue;
            }
            if width(line) + 1 + width(word) <= columns {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_string());
    }
    lines
}

pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_a_reader() {
        assert_eq!(clean("a\x1b[31mb\nc\u{202e}d"), "a?[31mb?c?d");
    }

    #[test]
    fn long_words_stay_whole() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("abcdefgh", 3), ["abcdefgh"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
