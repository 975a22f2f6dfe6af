//! Words that several outputs share, so that a figure reads the same in all of them.
//!
//! In: figures and texts of the report. Out: text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use crate::model::{Budget, Function, RangeMs, Unit};
use crate::{count, size};
use coldcut_core::platform::{Platform, Runtime};

/// Bytes that an address cannot have as they are: all but its unreserved characters (RFC 3986).
pub const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What the packages are called that the function's platform has itself.
pub fn sdk(function: &Function) -> &'static str {
    let platform = Platform::load(&function.platform);
    let runtime = platform.and_then(|platform| platform.runtime(&function.runtime));
    runtime.map_or("SDK", Runtime::sdk_label)
}

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

/// `-97.7 %`; empty where there is nothing to compare with.
pub fn change(before: u64, after: u64) -> String {
    if before == 0 {
        return String::new();
    }
    let percent = (after as f64 - before as f64) / before as f64 * 100.0;
    // Something is left, and no rounding may say otherwise.
    let percent = if after > 0 {
        percent.max(-99.9)
    } else {
        percent
    };
    if percent.abs() < 0.05 {
        return "0 %".to_string();
    }
    format!("{percent:+.1} %")
}

/// A difference of sizes with its sign: `+1.20 kB`, `-30 B`, `0 B`.
pub fn delta(bytes: i64) -> String {
    let sign = match bytes {
        0 => "",
        b if b > 0 => "+",
        _ => "-",
    };
    format!("{sign}{}", size(bytes.unsigned_abs()))
}

/// `35 / 105 / 240`: low, typical, high.
pub fn range(range: &RangeMs) -> String {
    format!("{} / {} / {}", range.low, range.typical, range.high)
}

/// A figure of a budget.
pub fn amount(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => size(value),
        Unit::Files => crate::plural(value, "file"),
        Unit::Ms => format!("{} ms", count(value)),
    }
}

/// What is left of a budget, or how far it is exceeded, with a sign.
pub fn slack(value: i64, unit: Unit) -> String {
    let sign = if value > 0 { "+" } else { "" };
    match unit {
        Unit::Bytes => delta(value),
        Unit::Files => format!("{sign}{value}"),
        Unit::Ms => format!("{sign}{value} ms"),
    }
}

/// One budget as a sentence.
pub fn budget_words(budget: &Budget) -> String {
    let whose = match &budget.function {
        Some(name) => format!("`{name}`"),
        None => "all functions".to_string(),
    };
    let head = format!("{} of {whose}", budget.name);
    let mut out = match (budget.value, budget.limit, budget.slack) {
        (Some(value), Some(limit), Some(left)) => {
            let grown = if budget.written.starts_with('+') {
                format!(" ({} since the baseline)", budget.written)
            } else {
                String::new()
            };
            let (value, limit) = (amount(value, budget.unit), amount(limit, budget.unit));
            let left = slack(left, budget.unit);
            format!("{head} is {value} of {limit}{grown}, slack {left}")
        }
        _ => format!("{head} is not known"),
    };
    if let Some(note) = &budget.note {
        out.push_str(&format!("; {note}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_a_reader() {
        assert_eq!(clean("a\x1b[31mb\nc\u{202e}d"), "a?[31mb?c?d");
    }

    #[test]
    fn changes_have_signs() {
        assert_eq!(change(1000, 23), "-97.7 %");
        assert_eq!(change(1_000_000, 1), "-99.9 %");
        assert_eq!(change(100, 100), "0 %");
        assert_eq!(change(100, 0), "-100.0 %");
        assert_eq!(change(0, 5), "");
        assert_eq!(delta(1200), "+1.20 kB");
        assert_eq!(delta(-30), "-30 B");
        assert_eq!(delta(0), "0 B");
    }
}
