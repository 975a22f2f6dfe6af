//! What a run did, for people and for programs.
//!
//! In: [`model::Report`], filled by the pipeline. Out: text. Every output is one file with one
//! `render`; none of them prints, and none holds anything that another run on the same input
//! would tell otherwise, except under `measured` and in sums with it.

pub mod advice;
pub mod budgets;
pub mod changes;
pub mod compare;
pub mod cyclonedx;
pub mod duplicates;
pub mod estimate;
pub mod html;
pub mod inputs;
pub mod json;
pub mod junit;
pub mod licences;
pub mod limits;
pub mod markdown;
pub mod measurement;
pub mod merge;
pub mod metafile;
pub mod model;
pub mod observation;
pub mod phases;
pub mod sarif;
pub mod shared;
pub mod snapshot;
pub mod terminal;
pub mod verification;
pub mod words;

use coldcut_core::diagnostics::Code;

/// The function exceeds a limit of the platform.
pub const OVER_LIMIT: Code = Code("CC140");
/// A report cannot be written as JSON: a fault of coldcut's.
pub const NO_JSON: Code = Code("CC145");

/// A size as people read it: three digits, decimal units (1 kB is 1,000 bytes), as everywhere in
/// coldcut.
pub fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = bytes as f64 / 1000.0;
    for (at, unit) in UNITS.iter().enumerate() {
        let decimals = match value {
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        // 999.5 and more would show as 1000: that is the next unit's 1.00.
        if value < 999.5 || at + 1 == UNITS.len() {
            return format!("{value:.decimals$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{bytes} B")
}

/// A whole number with its thousands apart: `6,684`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`.
pub fn plural(number: u64, one: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {one}{s}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_and_decimal_units() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (9_994, "9.99 kB"),
            (9_995, "10.0 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (52_428_800, "52.4 MB"),
            (262_144_000, "262 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), shown, "{bytes}");
        }
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(6684), "6,684");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(plural(1, "file"), "1 file");
        assert_eq!(plural(1200, "file"), "1,200 files");
    }
}
