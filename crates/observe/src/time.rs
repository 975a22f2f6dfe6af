//! Times as logs write them.
//!
//! In: text. Out: milliseconds since 1970. What names no offset is taken as UTC, as CloudWatch and
//! Logs Insights write it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// A time: `2026-11-20T10:00:00.123Z`, `2026-11-20 10:00:00.123`, `2026-11-20`, or milliseconds
/// since 1970.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond());
    }
    let civil = match text.parse::<DateTime>() {
        Ok(civil) => civil,
        Err(_) => text.parse::<Date>().ok()?.to_datetime(Default::default()),
    };
    Offset::UTC
        .to_timestamp(civil)
        .ok()
        .map(Timestamp::as_millisecond)
}

/// How far into a line its time begins: behind the names of a group and a stream.
const REACH: usize = 400;

/// The first time in a line.
pub(super) fn leading(line: &[u8]) -> Option<i64> {
    let line = &line[..line.len().min(REACH)];
    let digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'-', &line[from..]) {
        let dash = from + found;
        from = dash + 1;
        let Some(start) = dash.checked_sub(4) else {
            continue;
        };
        let shape = (start..dash).all(digit)
            && digit(dash + 1)
            && digit(dash + 2)
            && line.get(dash + 3) == Some(&b'-')
            && digit(dash + 4)
            && digit(dash + 5)
            && matches!(line.get(dash + 6), Some(b'T' | b' '))
            && digit(dash + 7);
        if !shape {
            continue;
        }
        let rest = &line[dash + 7..];
        let end = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.' | b'+' | b'-' | b'Z'))
            .unwrap_or(rest.len());
        let text = std::str::from_utf8(&line[start..dash + 7 + end]).ok()?;
        return parse(text);
    }
    None
}

/// A time as people read it: `2026-11-20T10:00:00Z`.
pub fn shown(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_one_moment() {
        let moment = 1_763_632_800_123;
        for text in [
            "2025-11-20T10:00:00.123Z",
            "2025-11-20 10:00:00.123",
            "2025-11-20T10:00:00.123+00:00",
            "2025-11-20T11:00:00.123+01:00",
            "1763632800123",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
        assert_eq!(parse("2025-11-20"), Some(1_763_596_800_000));
        assert_eq!(shown(1_763_596_800_000), "2025-11-20T00:00:00Z");
        for text in ["", "yesterday", "2025-13-40", "123"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_time_of_a_line_wherever_it_stands() {
        let moment = Some(1_763_632_800_123);
        for line in [
            "2025-11-20T10:00:00.123Z REPORT",
            "\u{feff}2025-11-20T10:00:00.123Z\tREPORT",
            "/aws/lambda/a-b 2025/11/20/[1]ab 2025-11-20T10:00:00.123000+00:00 x",
            "{\"time\":\"2025-11-20T10:00:00.123Z\"}",
        ] {
            assert_eq!(leading(line.as_bytes()), moment, "{line}");
        }
        assert_eq!(leading(b"a-b-c 8f507cfc-9b4c-4f0a-8b6b-0d1e2f3a4b5c"), None);
        assert_eq!(leading(b"-"), None);
    }
}
