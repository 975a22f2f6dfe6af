//! One row of a table: fields by the names that Logs Insights and CloudWatch give them.
//!
//! In: names and values. Out: what the row was: a whole line in one field, read as a line with the
//! other fields around it, or figures in fields of their own.

use crate::event::{Context, Event, NameTable, Read, ReportFigures, hash};
use crate::line;
use crate::line::PlatformMarkers;
use crate::{json, time};

/// A field that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Message,
    Group,
    Stream,
    Kind,
    Request,
    Version,
    Status,
    Duration,
    Billed,
    Memory,
    Used,
    Init,
    Restore,
}

const FIELDS: usize = 14;

/// What a field's name means.
pub(super) fn field(name: &str) -> Option<Field> {
    let name = name.trim().trim_start_matches('@');
    let name = name.strip_prefix("record.").unwrap_or(name);
    Some(match name {
        "timestamp" | "time" => Field::Time,
        "message" => Field::Message,
        "log" | "logGroup" | "logGroupName" => Field::Group,
        "logStream" | "logStreamName" => Field::Stream,
        "type" => Field::Kind,
        "requestId" => Field::Request,
        "version" | "functionVersion" => Field::Version,
        "status" => Field::Status,
        "duration" | "metrics.durationMs" => Field::Duration,
        "billedDuration" | "metrics.billedDurationMs" => Field::Billed,
        "memorySize" | "metrics.memorySizeMB" => Field::Memory,
        "maxMemoryUsed" | "metrics.maxMemoryUsedMB" => Field::Used,
        "initDuration" | "metrics.initDurationMs" => Field::Init,
        "restoreDuration" | "metrics.restoreDurationMs" => Field::Restore,
        _ => return None,
    })
}

/// The fields of one row; those that are empty are not there.
#[derive(Debug, Default)]
pub(super) struct Row {
    values: [Option<Vec<u8>>; FIELDS],
}

impl Row {
    pub fn set(&mut self, name: &str, value: &[u8]) {
        if let Some(field) = field(name) {
            self.put(field, value);
        }
    }

    pub fn put(&mut self, field: Field, value: &[u8]) {
        if !value.is_empty() {
            self.values[field as usize] = Some(value.to_vec());
        }
    }

    fn get(&self, field: Field) -> Option<&[u8]> {
        self.values[field as usize].as_deref()
    }

    /// A number, where there is one; `Err` where there is something else.
    fn number(&self, field: Field) -> Result<Option<f64>, ()> {
        let Some(text) = self.get(field) else {
            return Ok(None);
        };
        // Logs Insights writes large ones as `1.28E8`.
        let text = std::str::from_utf8(text).map_err(drop)?;
        let number: f64 = text.trim().parse().map_err(drop)?;
        if number.is_finite() {
            Ok(Some(number))
        } else {
            Err(())
        }
    }

    pub fn read(&self, around: Context, marks: &PlatformMarkers, names: &mut NameTable) -> Read {
        let mut at = around;
        if let Some(group) = self.get(Field::Group) {
            line::set_group(&mut at, group, names);
        }
        if let Some(stream) = self.get(Field::Stream) {
            line::set_stream_name(&mut at, stream, names);
        }
        if let Some(text) = self.get(Field::Time) {
            at.time = std::str::from_utf8(text)
                .ok()
                .and_then(time::parse)
                .or(at.time);
        }
        if let Some(message) = self.get(Field::Message) {
            let read = line::read(message, at, marks, names);
            if read != Read::Foreign || self.get(Field::Duration).is_none() {
                return read;
            }
        }
        let reports = matches!(
            self.get(Field::Kind),
            None | Some(b"REPORT" | b"platform.report")
        );
        if self.get(Field::Duration).is_none() || !reports {
            return Read::Foreign;
        }
        self.figures(at, names).unwrap_or(Read::Broken)
    }

    fn figures(&self, mut at: Context, names: &mut NameTable) -> Result<Read, ()> {
        // Logs Insights gives `@memorySize` in bytes, as millions; `memorySizeMB` is what it says.
        let mb = |value: f64| if value >= 1e6 { value / 1e6 } else { value };
        let figures = ReportFigures {
            duration: self.number(Field::Duration)?.ok_or(())?,
            billed: self.number(Field::Billed)?,
            memory: self.number(Field::Memory)?.map(mb),
            used: self.number(Field::Used)?.map(mb),
            init: self.number(Field::Init)?,
            restore: self.number(Field::Restore)?,
            ended: json::ended(
                self.get(Field::Status)
                    .and_then(|s| std::str::from_utf8(s).ok()),
            ),
        };
        if !figures.hold() {
            return Err(());
        }
        if let Some(version) = self.get(Field::Version) {
            at.version = at.version.or_else(|| Some(names.id(version)));
        }
        let request = self.get(Field::Request).map_or(0, hash);
        Ok(Read::Event(Event::Report {
            at,
            request,
            figures,
        }))
    }
}
