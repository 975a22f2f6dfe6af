//! Exports as CSV, of Logs Insights and of CloudWatch's own pages.
//!
//! In: the header, then pieces of whole records. Out: what each record was. Columns are known by
//! their names, so that any query will do that asks for the message or for the figures.

use crate::event::{Context, Piece, Read};
use crate::line::PlatformMarkers;
use crate::table_row::{Field, Row, field};

/// What each column of a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(Vec<Option<Field>>);

impl Columns {
    /// From the first line of a file; `None` where it is no header of a table with lines or figures.
    pub fn from_header(line: &[u8]) -> Option<Self> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line);
        let header = reader.records().next()?.ok()?;
        let columns: Vec<Option<Field>> = header.iter().map(field).collect();
        let tells = columns
            .iter()
            .flatten()
            .any(|field| matches!(field, Field::Message | Field::Duration));
        tells.then_some(Self(columns))
    }

    /// Reads whole records.
    pub fn read(&self, bytes: &[u8], marks: &PlatformMarkers, piece: &mut Piece) {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                // A slice can be read and records may have any length, so nothing is left that fails.
                Err(_) => {
                    piece.take(Read::Broken, b"");
                    break;
                }
            }
            if record.len() < self.0.len() {
                piece.take(Read::Broken, record.as_slice());
                continue;
            }
            let mut row = Row::default();
            for (field, value) in self.0.iter().zip(&record) {
                if let Some(field) = field {
                    row.put(*field, value);
                }
            }
            let read = row.read(Context::default(), marks, &mut piece.names);
            piece.take(read, record.as_slice());
        }
    }
}
