//! One line of a log as text.
//!
//! In: a line with whatever stands before Lambda's own words: times, names of groups and streams.
//! Out: what it was. `REPORT` is read by its keys and not by their places, since fields came and
//! will come. Tabs may have become blanks on the way, or `\t` where a line was put into JSON.

use memchr::memmem::Finder;

use crate::event::{
    Context, Ended, Event, NameTable, Read, ReportFigures, RuntimeFamily, Started, hash,
};
use crate::{json, time};

/// Looks for what marks Lambda's own lines.
pub(super) struct PlatformMarkers {
    report: Finder<'static>,
    platform: Finder<'static>,
    start: Finder<'static>,
    init: Finder<'static>,
    init_report: Finder<'static>,
    timed_out: Finder<'static>,
    invoke_error: Finder<'static>,
    group: Finder<'static>,
}

impl PlatformMarkers {
    pub fn new() -> Self {
        Self {
            report: Finder::new("REPORT RequestId:"),
            platform: Finder::new("\"platform."),
            start: Finder::new("START RequestId:"),
            init: Finder::new("INIT_START "),
            init_report: Finder::new("INIT_REPORT "),
            timed_out: Finder::new("Task timed out after "),
            invoke_error: Finder::new("\tERROR\tInvoke Error"),
            group: Finder::new("/aws/lambda/"),
        }
    }

    /// Whether it has Lambda's own in it, so that what wraps it is worth reading.
    pub fn any(&self, text: &[u8]) -> bool {
        self.report.find(text).is_some() || self.platform.find(text).is_some()
    }
}

/// Reads a line; `around` is what is known of it from elsewhere, such as a table's other columns.
pub(super) fn read(
    line: &[u8],
    around: Context,
    marks: &PlatformMarkers,
    names: &mut NameTable,
) -> Read {
    if let Some(start) = marks.report.find(line) {
        let at = context(&line[..start], around, marks, names);
        return report(&line[start..], at);
    }
    if marks.platform.find(line).is_some() {
        let Some(start) = memchr::memchr(b'{', line) else {
            return Read::Foreign;
        };
        let at = context(&line[..start], around, marks, names);
        return json::platform(&line[start..], at, names);
    }
    if let Some(start) = marks.start.find(line) {
        // `RESTART RequestId:` and the like are somebody's own words.
        if start > 0 && line[start - 1].is_ascii_alphanumeric() {
            return Read::Foreign;
        }
        let mut at = context(&line[..start], around, marks, names);
        let rest = &line[start..];
        if let Some(version) = value(rest, b"Version:") {
            at.version = at.version.or_else(|| Some(names.id(version)));
        }
        let Some(request) = value(rest, b"RequestId:") else {
            return Read::Broken;
        };
        let request = hash(request);
        return Read::Event(Event::Start { at, request });
    }
    if let Some(start) = marks.init.find(line) {
        let at = context(&line[..start], around, marks, names);
        let family =
            value(&line[start..], b"Runtime Version:").and_then(RuntimeFamily::from_runtime_name);
        let how = Started::OnDemand;
        return Read::Event(Event::Init { at, how, family });
    }
    if let Some(start) = marks.init_report.find(line) {
        let at = context(&line[..start], around, marks, names);
        return match value(&line[start..], b"Status:") {
            Some(b"timeout") => Read::Event(Event::InitFailed { at, timeout: true }),
            Some(b"error" | b"failure") => Read::Event(Event::InitFailed { at, timeout: false }),
            _ => Read::Event(Event::Other),
        };
    }
    if let Some(start) = marks.timed_out.find(line) {
        let at = context(&line[..start], around, marks, names);
        return Read::Event(Event::TimedOut { at });
    }
    if let Some(start) = marks.invoke_error.find(line) {
        let at = context(&line[..start], around, marks, names);
        return Read::Event(Event::Failed { at });
    }
    for word in [
        &b"END RequestId:"[..],
        b"XRAY TraceId:",
        b"RESTORE_START ",
        b"RESTORE_REPORT ",
    ] {
        if memchr::memmem::find(line, word).is_some() {
            return Read::Event(Event::Other);
        }
    }
    Read::Foreign
}

/// What stands before Lambda's own words.
fn context(
    before: &[u8],
    around: Context,
    marks: &PlatformMarkers,
    names: &mut NameTable,
) -> Context {
    let mut at = around;
    if before.is_empty() {
        return at;
    }
    at.time = at.time.or_else(|| time::leading(before));
    if at.function.is_none()
        && let Some(found) = marks.group.find(before)
    {
        let name = name_at(&before[found + marks.group.needle().len()..]);
        if !name.is_empty() {
            at.function = Some(names.id(name));
        }
    }
    for open in memchr::memchr_iter(b'[', before) {
        if let Some((function, version, whole)) = stream(before, open) {
            set_stream(&mut at, function, version, whole, names);
            break;
        }
    }
    at
}

fn set_stream(
    at: &mut Context,
    function: &[u8],
    version: &[u8],
    whole: &[u8],
    names: &mut NameTable,
) {
    if !function.is_empty() && at.function.is_none() {
        at.function = Some(names.id(function));
    }
    if at.version.is_none() {
        at.version = Some(names.id(version));
    }
    at.stream = at.stream.or_else(|| Some(hash(whole)));
}

/// Takes what the name of a log group says: `/aws/lambda/orders`, `123456789012:/aws/lambda/orders`.
pub(super) fn set_group(at: &mut Context, group: &[u8], names: &mut NameTable) {
    // A group of another name can hold several functions; their streams say which.
    if let Some(found) = memchr::memmem::find(group, b"/aws/lambda/") {
        let name = name_at(&group[found + b"/aws/lambda/".len()..]);
        if !name.is_empty() && at.function.is_none() {
            at.function = Some(names.id(name));
        }
    }
}

/// Takes what the name of a stream says.
pub(super) fn set_stream_name(at: &mut Context, name: &[u8], names: &mut NameTable) {
    if name.is_empty() {
        return;
    }
    for open in memchr::memchr_iter(b'[', name) {
        if let Some((function, version, _)) = stream(name, open) {
            set_stream(at, function, version, name, names);
            return;
        }
    }
    at.stream = at.stream.or_else(|| Some(hash(name)));
}

fn name_at(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')));
    &text[..end.unwrap_or(text.len())]
}

/// The function, the version and the whole of a stream's name around the bracket of its version:
/// `2026/11/20/[$LATEST]4459c9…`, and in groups of several functions `2026/11/20/orders[7]4459c9…`.
fn stream(text: &[u8], open: usize) -> Option<(&[u8], &[u8], &[u8])> {
    let close = open + memchr::memchr(b']', &text[open..])?;
    let version = &text[open + 1..close];
    let slash = memchr::memrchr(b'/', &text[..open])?;
    let function = &text[slash + 1..open];
    let date = slash.checked_sub(10)?;
    let shape = text[date..slash]
        .iter()
        .enumerate()
        .all(|(at, byte)| match at {
            4 | 7 => *byte == b'/',
            _ => byte.is_ascii_digit(),
        });
    if !shape || version.is_empty() || name_at(function).len() != function.len() {
        return None;
    }
    let id = text[close + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    (id >= 8).then(|| (function, version, &text[date..close + 1 + id]))
}

/// The first word behind a key.
fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(text, key)? + key.len();
    let rest = text[start..].trim_ascii_start();
    let word = word(rest);
    (!word.is_empty()).then_some(word)
}

/// Up to a blank, a quote or a backslash, by which `\t` of JSON ends a word too.
fn word(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\\' | b','));
    &text[..end.unwrap_or(text.len())]
}

/// A number such as `12.34`; nothing else is written.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let mut whole: u64 = 0;
    let mut scale: u64 = 1;
    let mut seen = 0;
    let mut point = false;
    for byte in text {
        match byte {
            b'0'..=b'9' if seen < 17 => {
                whole = whole * 10 + u64::from(byte - b'0');
                seen += 1;
                if point {
                    scale *= 10;
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    (seen > 0).then(|| whole as f64 / scale as f64)
}

fn report(text: &[u8], at: Context) -> Read {
    let mut figures = ReportFigures::default();
    let mut request = None;
    let mut duration = None;
    for colon in memchr::memchr_iter(b':', text) {
        // A key is followed by a blank, which sets it apart from times and ARNs.
        if text.get(colon + 1) != Some(&b' ') {
            continue;
        }
        let key = &text[..colon];
        let word = word(text[colon + 2..].trim_ascii_start());
        let wanted = match key.last() {
            Some(b'd') if key.ends_with(b"RequestId") => {
                request = Some(hash(word));
                continue;
            }
            Some(b's') if key.ends_with(b"Status") => {
                match word {
                    b"timeout" => figures.ended = Ended::Timeout,
                    b"error" | b"failure" => figures.ended = Ended::Error,
                    _ => {}
                }
                continue;
            }
            Some(b'n') if key.ends_with(b" Duration") && key.ends_with(b"Billed Duration") => {
                &mut figures.billed
            }
            Some(b'n') if key.ends_with(b"Init Duration") => &mut figures.init,
            Some(b'n') if key.ends_with(b"Billed Restore Duration") => continue,
            Some(b'n') if key.ends_with(b"Restore Duration") => &mut figures.restore,
            Some(b'n') if key.ends_with(b"Duration") => &mut duration,
            Some(b'e') if key.ends_with(b"Memory Size") => &mut figures.memory,
            Some(b'd') if key.ends_with(b"Max Memory Used") => &mut figures.used,
            _ => continue,
        };
        match number(word) {
            Some(found) => *wanted = Some(found),
            None => return Read::Broken,
        }
    }
    let (Some(request), Some(duration)) = (request, duration) else {
        return Read::Broken;
    };
    figures.duration = duration;
    // A line that was cut off has its times and lacks its memory; what it says is not the whole.
    if figures.billed.is_none() || figures.memory.is_none() || !figures.hold() {
        return Read::Broken;
    }
    Read::Event(Event::Report {
        at,
        request,
        figures,
    })
}
