//! Lambda's own lines in JSON, and the envelopes that other tools put lines into.
//!
//! In: one JSON value as text. Out: what it was. `platform.report` and its siblings are those of
//! the Telemetry API, which the log format JSON writes too; a row is one of an export of Logs
//! Insights, of `aws logs filter-log-events`, or of a subscription.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::event::{
    Context, Ended, Event, NameTable, Piece, Read, ReportFigures, RuntimeFamily, Started, hash,
};
use crate::line;
use crate::line::PlatformMarkers;
use crate::table_row::Row;
use crate::time;

#[derive(Deserialize)]
struct TelemetryLine<'a> {
    #[serde(borrow, default)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    record: TelemetryRecord<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TelemetryRecord<'a> {
    #[serde(borrow)]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    initialization_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    runtime_version: Option<Cow<'a, str>>,
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: Option<f64>,
    billed_duration_ms: Option<f64>,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: Option<f64>,
    #[serde(rename = "maxMemoryUsedMB")]
    max_memory_used_mb: Option<f64>,
    init_duration_ms: Option<f64>,
    restore_duration_ms: Option<f64>,
}

/// How an invocation ended, by the status of its report.
pub(super) fn ended(status: Option<&str>) -> Ended {
    match status {
        Some("timeout") => Ended::Timeout,
        Some("error" | "failure") => Ended::Error,
        _ => Ended::Well,
    }
}

/// A line of Lambda's own, which may be followed by more.
pub(super) fn platform(text: &[u8], around: Context, names: &mut NameTable) -> Read {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<TelemetryLine>();
    let Some(Ok(line)) = values.next() else {
        // What only speaks of `"platform.…` is whole JSON of another form.
        let mut any = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
        return match any.next() {
            Some(Ok(value)) if !is_platform(&value) => Read::Foreign,
            _ => Read::Broken,
        };
    };
    if !line.kind.starts_with("platform.") {
        return Read::Foreign;
    }
    let record = &line.record;
    let mut at = around;
    at.time = at
        .time
        .or_else(|| line.time.as_deref().and_then(time::parse));
    if let Some(name) = &record.function_name {
        at.function = at.function.or_else(|| Some(names.id(name.as_bytes())));
    }
    if let Some(version) = record.function_version.as_ref().or(record.version.as_ref()) {
        at.version = at.version.or_else(|| Some(names.id(version.as_bytes())));
    }
    let request = record.request_id.as_deref().map(|id| hash(id.as_bytes()));
    match &*line.kind {
        "platform.report" => {
            let (Some(request), Some(metrics)) = (request, &record.metrics) else {
                return Read::Broken;
            };
            let Some(duration) = metrics.duration_ms else {
                return Read::Broken;
            };
            let figures = ReportFigures {
                duration,
                billed: metrics.billed_duration_ms,
                memory: metrics.memory_size_mb,
                used: metrics.max_memory_used_mb,
                init: metrics.init_duration_ms,
                restore: metrics.restore_duration_ms,
                ended: ended(record.status.as_deref()),
            };
            if !figures.hold() {
                return Read::Broken;
            }
            Read::Event(Event::Report {
                at,
                request,
                figures,
            })
        }
        "platform.start" => match request {
            Some(request) => Read::Event(Event::Start { at, request }),
            None => Read::Broken,
        },
        "platform.initStart" => Read::Event(Event::Init {
            at,
            how: started(record),
            family: record
                .runtime_version
                .as_deref()
                .and_then(|runtime| RuntimeFamily::from_runtime_name(runtime.as_bytes())),
        }),
        "platform.initReport" => match ended(record.status.as_deref()) {
            Ended::Timeout => Read::Event(Event::InitFailed { at, timeout: true }),
            Ended::Error => Read::Event(Event::InitFailed { at, timeout: false }),
            // Logs without `initStart` still say by this what made it start.
            Ended::Well if record.initialization_type.is_some() => Read::Event(Event::Init {
                at: Context { time: None, ..at },
                how: started(record),
                family: None,
            }),
            Ended::Well => Read::Event(Event::Other),
        },
        _ => Read::Event(Event::Other),
    }
}

fn is_platform(value: &Value) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.starts_with("platform."))
}

fn started(record: &TelemetryRecord<'_>) -> Started {
    match record.initialization_type.as_deref() {
        Some("provisioned-concurrency") => Started::Provisioned,
        Some("snap-start") => Started::SnapStart,
        _ => Started::OnDemand,
    }
}

/// A JSON value that is a line by itself, or a row, or an envelope with several.
pub(super) fn row(text: &[u8], marks: &PlatformMarkers, piece: &mut Piece) {
    match serde_json::from_slice::<Value>(text) {
        Ok(value) => walk(&value, Context::default(), text, marks, piece),
        Err(_) => piece.take(Read::Broken, text),
    }
}

/// Lists within envelopes, and how deep they are looked into.
const LISTS: [&str; 3] = ["logEvents", "events", "results"];

fn walk(value: &Value, around: Context, text: &[u8], marks: &PlatformMarkers, piece: &mut Piece) {
    match value {
        Value::Array(list) => {
            // A row of `get-query-results` is a list of fields and their values.
            let mut row = Row::default();
            let fields = list.iter().all(|field| {
                let pair = (
                    field.get("field").and_then(Value::as_str),
                    field.get("value").and_then(Value::as_str),
                );
                let (Some(name), Some(value)) = pair else {
                    return false;
                };
                row.set(name, value.as_bytes());
                true
            });
            if fields && !list.is_empty() {
                let read = row.read(around, marks, &mut piece.names);
                piece.take(read, text);
            } else {
                for one in list {
                    walk(one, around, text, marks, piece);
                }
            }
        }
        Value::Object(map) => {
            let mut at = around;
            for (name, value) in map {
                match (name.as_str(), value.as_str()) {
                    ("logGroup" | "logGroupName", Some(group)) => {
                        line::set_group(&mut at, group.as_bytes(), &mut piece.names);
                    }
                    ("logStream" | "logStreamName", Some(stream)) => {
                        line::set_stream_name(&mut at, stream.as_bytes(), &mut piece.names);
                    }
                    _ => {}
                }
            }
            for name in LISTS {
                if let Some(Value::Array(list)) = map.get(name) {
                    for one in list {
                        walk(one, at, text, marks, piece);
                    }
                    return;
                }
            }
            if is_platform(value) {
                let read = platform(value.to_string().as_bytes(), at, &mut piece.names);
                piece.take(read, text);
                return;
            }
            let mut row = Row::default();
            flat("", value, &mut row);
            let read = row.read(at, marks, &mut piece.names);
            piece.take(read, text);
        }
        _ => piece.take(Read::Foreign, text),
    }
}

/// Fields by their whole names, `record.metrics.durationMs` as Logs Insights calls them.
fn flat(prefix: &str, value: &Value, row: &mut Row) {
    let Value::Object(map) = value else { return };
    for (name, value) in map {
        let whole = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::String(text) => row.set(&whole, text.as_bytes()),
            Value::Number(number) => row.set(&whole, number.to_string().as_bytes()),
            // Nothing of Lambda's is deeper than three.
            Value::Object(_) if whole.matches('.').count() < 3 => flat(&whole, value, row),
            // Some exports leave the line as the JSON that it was.
            _ => {}
        }
    }
    if prefix.is_empty()
        && let Some(message @ Value::Object(_)) = map.get("@message").or(map.get("message"))
    {
        row.set("@message", message.to_string().as_bytes());
    }
}
