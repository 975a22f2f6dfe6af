//! Figures as people read them: sizes, counts, changes and times.
//!
//! In: numbers. Out: text, the same in every output.

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

/// A time as people read it: two digits at least.
pub fn time(ms: f64) -> String {
    match ms {
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
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
