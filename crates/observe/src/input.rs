//! Files, cut into pieces that can be read by themselves.
//!
//! In: a path, or standard input. Out: pieces of about a megabyte that end where a line, a record
//! of a table or a row of a JSON document ends. Only this part sees a file from its beginning to
//! its end, so it does as little as it can: it unpacks, and looks for ends.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use crate::codes::{CUT_OFF, NOT_READ};
use crate::table::Columns;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// What is read at a time.
const PIECE: usize = 1 << 20;
/// A line that is longer than this is none of Lambda's, and is not held in memory.
const LONGEST: usize = 16 << 20;

/// How a file is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Lines,
    Table(Arc<Columns>),
    /// Rows of a JSON document; each ends where the list says.
    Rows,
}

/// A part of a file.
#[derive(Debug)]
pub(super) struct Raw {
    pub file: usize,
    pub form: Form,
    pub bytes: Vec<u8>,
    /// Where each row ends; empty for other forms.
    pub ends: Vec<usize>,
    /// Lines or rows that were too long to be held, or that the file's end cut off.
    pub lost: u64,
}

/// What comes out of a file.
#[derive(Debug)]
pub(super) enum Cut {
    Raw(Raw),
    Warning(Diagnostic),
}

/// Every file that the paths name: folders are gone through, since that is how exports to S3 lie.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| not_read(path, &error.into()))?;
            // Written by CloudWatch to see whether it may.
            let probe = entry.file_name() == "aws-logs-write-test";
            if entry.file_type().is_file() && !probe {
                out.push(entry.into_path());
            }
        }
    }
    Ok(out)
}

fn not_read(path: &Path, error: &io::Error) -> Box<Diagnostic> {
    Box::new(Diagnostic::io(NOT_READ, "read the log", path, error))
}

/// Cuts one file; `send` says whether anybody still wants more.
pub(super) fn cut(path: &Path, file: usize, send: &mut dyn FnMut(Cut) -> bool) -> Result<()> {
    let fail = |error: io::Error| not_read(path, &error);
    let raw: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(fail)?)
    };
    let mut raw = BufReader::with_capacity(1 << 17, raw);
    let packed = io::BufRead::fill_buf(&mut raw)
        .map_err(fail)?
        .starts_with(&[0x1f, 0x8b]);
    let mut source: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(raw))
    } else {
        Box::new(raw)
    };
    let mut cutter: Option<Cutter> = None;
    let mut held: Vec<u8> = Vec::new();
    loop {
        let (end, broken) = fill(&mut source, &mut held);
        if let Some(error) = broken {
            let cut_off = packed && !held.is_empty() || cutter.is_some();
            if !cut_off {
                return Err(fail(error));
            }
            let warning = Diagnostic::warning(
                CUT_OFF,
                format!("`{}` ends in the middle: {error}", path.display()),
            )
            .help("the lines before that are counted; fetch the file again to get the rest");
            if !send(Cut::Warning(warning)) {
                return Ok(());
            }
        }
        let cutter = cutter.get_or_insert_with(|| Cutter::new(sniff(&mut held)));
        while let Some(mut raw) = cutter.next(&mut held, end) {
            raw.file = file;
            if !send(Cut::Raw(raw)) {
                return Ok(());
            }
        }
        if end {
            return Ok(());
        }
    }
}

/// Reads up to a piece more. Says whether that was all, and what stopped it if not the end.
fn fill(source: &mut dyn Read, held: &mut Vec<u8>) -> (bool, Option<io::Error>) {
    let before = held.len();
    match source.take(PIECE as u64).read_to_end(held) {
        Ok(0) => (true, None),
        Ok(_) => (held.len() - before < PIECE, None),
        Err(error) => (true, Some(error)),
    }
}

/// What a file is, by how it begins. The header of a table is taken away.
fn sniff(held: &mut Vec<u8>) -> Form {
    if held.starts_with(b"\xef\xbb\xbf") {
        held.drain(..3);
    }
    let start = held.trim_ascii_start();
    match start.first() {
        Some(b'[') => {
            let inner = start[1..].trim_ascii_start().first();
            if matches!(inner, Some(b'{' | b'[' | b']')) {
                return Form::Rows;
            }
        }
        Some(b'{') => {
            // Lines of JSON have whole values at their beginnings; one that is printed over many
            // lines has none, and one in a single line is a line.
            let whole = start
                .split(|byte| *byte == b'\n')
                .take(20)
                .filter(|line| line.starts_with(b"{"))
                .any(|line| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok());
            return if whole { Form::Lines } else { Form::Rows };
        }
        _ => {}
    }
    let skipped = held.len() - start.len();
    let end = memchr::memchr(b'\n', start).unwrap_or(start.len());
    if let Some(columns) = Columns::from_header(&start[..end]) {
        held.drain(..(skipped + end + 1).min(held.len()));
        return Form::Table(Arc::new(columns));
    }
    Form::Lines
}

/// Looks for ends.
struct Cutter {
    form: Form,
    rows: Rows,
    /// Inside a line that is too long: up to its end, all is passed over.
    skipping: bool,
    lost: u64,
}

impl Cutter {
    fn new(form: Form) -> Self {
        Self {
            form,
            rows: Rows::default(),
            skipping: false,
            lost: 0,
        }
    }

    /// The next piece of what is held; `None` where more has to be read first, or nothing is left.
    fn next(&mut self, held: &mut Vec<u8>, last: bool) -> Option<Raw> {
        if self.form == Form::Rows {
            return self.rows.next(held, last);
        }
        if self.skipping {
            match memchr::memchr(b'\n', held) {
                Some(at) => {
                    held.drain(..=at);
                    self.skipping = false;
                }
                None => held.clear(),
            }
        }
        let end = if last {
            held.len()
        } else if matches!(self.form, Form::Table(_)) {
            record_end(held)
        } else {
            memchr::memrchr(b'\n', held).map_or(0, |at| at + 1)
        };
        if end == 0 && held.len() > LONGEST {
            held.clear();
            self.skipping = true;
            self.lost += 1;
        }
        if end == 0 && !(last && self.lost > 0) {
            return None;
        }
        let rest = held.split_off(end);
        Some(Raw {
            file: 0,
            form: self.form.clone(),
            bytes: std::mem::replace(held, rest),
            ends: Vec::new(),
            lost: std::mem::take(&mut self.lost),
        })
    }
}

/// Behind the last line break that no quotes are around.
fn record_end(held: &[u8]) -> usize {
    let mut quoted = false;
    let mut end = 0;
    for at in memchr::memchr2_iter(b'"', b'\n', held) {
        if held[at] == b'"' {
            quoted = !quoted;
        } else if !quoted {
            end = at + 1;
        }
    }
    end
}

/// Finds the rows of a JSON document without reading them: only brackets and strings matter.
#[derive(Default)]
struct Rows {
    depth: usize,
    /// The depth in which rows lie, once a list of them has begun.
    list: Option<usize>,
    in_string: bool,
    escaped: bool,
    /// The string that began last, in the outermost value.
    key: Vec<u8>,
    /// What is known of the row that has begun.
    row: Vec<u8>,
    in_row: bool,
    out: Vec<u8>,
    ends: Vec<usize>,
    lost: u64,
    /// Between values of the document is something that is none.
    stray: bool,
}

/// Lists in a document whose elements are rows.
const LISTS: [&[u8]; 2] = [b"results", b"events"];

impl Rows {
    fn next(&mut self, held: &mut Vec<u8>, last: bool) -> Option<Raw> {
        for byte in held.drain(..) {
            self.step(byte);
        }
        if last {
            if self.in_row || self.depth > 0 || self.in_string {
                self.lost += 1;
                self.in_row = false;
                self.depth = 0;
                self.in_string = false;
            }
            self.row.clear();
        }
        let enough = self.out.len() >= PIECE || last;
        if !enough || (self.ends.is_empty() && self.lost == 0) {
            return None;
        }
        Some(Raw {
            file: 0,
            form: Form::Rows,
            bytes: std::mem::take(&mut self.out),
            ends: std::mem::take(&mut self.ends),
            lost: std::mem::take(&mut self.lost),
        })
    }

    fn step(&mut self, byte: u8) {
        if self.in_row && self.row.len() < LONGEST {
            self.row.push(byte);
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ if self.depth == 1 && self.key.len() < 16 => self.key.push(byte),
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                if self.depth == 1 {
                    self.key.clear();
                }
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(),
            _ if self.depth == 0 && !byte.is_ascii_whitespace() => {
                if !self.stray {
                    self.lost += 1;
                }
                self.stray = true;
            }
            _ => {}
        }
    }

    fn open(&mut self, byte: u8) {
        self.depth += 1;
        self.stray = false;
        let is_list = byte == b'[' && self.list.is_none();
        let top = is_list && self.depth == 1;
        let inner = is_list && self.depth == 2 && LISTS.contains(&self.key.as_slice());
        if top || inner {
            // What stood before is the document's own.
            self.list = Some(self.depth);
            self.in_row = false;
            self.row.clear();
            return;
        }
        let begins = match self.list {
            Some(list) => self.depth == list + 1,
            None => self.depth == 1,
        };
        if begins {
            self.in_row = true;
            self.row.clear();
            self.row.push(byte);
        }
    }

    fn close(&mut self) {
        let Some(depth) = self.depth.checked_sub(1) else {
            self.lost += 1;
            return;
        };
        self.depth = depth;
        if self.list == Some(depth + 1) {
            // What follows the list is the document's own too, and closes without a row.
            self.list = None;
            self.key.clear();
            return;
        }
        if self.in_row && depth == self.list.unwrap_or(0) {
            self.in_row = false;
            if self.row.len() < LONGEST {
                self.out.append(&mut self.row);
                self.ends.push(self.out.len());
            } else {
                self.lost += 1;
                self.row.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<String>, u64) {
        let mut held = text.as_bytes().to_vec();
        let mut rows = Rows::default();
        let Some(raw) = rows.next(&mut held, true) else {
            return (Vec::new(), 0);
        };
        let mut start = 0;
        let list = raw
            .ends
            .iter()
            .map(|end| {
                let row = String::from_utf8_lossy(&raw.bytes[start..*end]).into_owned();
                start = *end;
                row
            })
            .collect();
        (list, raw.lost)
    }

    #[test]
    fn rows_of_every_kind_of_document() {
        assert_eq!(
            rows("[ {\"a\": \"}]\\\"\"},\n {\"b\": {\"c\": [1]}} ]"),
            (
                vec!["{\"a\": \"}]\\\"\"}".into(), "{\"b\": {\"c\": [1]}}".into()],
                0
            )
        );
        let page =
            "{\"results\": [[{\"field\":\"a\",\"value\":\"b\"}],[]], \"status\": {\"x\":[{}]}}";
        assert_eq!(rows(page).0, ["[{\"field\":\"a\",\"value\":\"b\"}]", "[]"]);
        assert_eq!(
            rows("{\"x\":1,\"events\":[{}]}\n{\"events\":[{}, {}]}")
                .0
                .len(),
            3
        );
        assert_eq!(rows("{\"logGroup\":\"g\",\"logEvents\":[{}]}").0.len(), 1);
    }

    #[test]
    fn what_is_no_document_is_said() {
        for text in ["[{\"a\":1}", "{\"a\":", "[{}] x", "[{}]]", "[\"abc"] {
            assert!(rows(text).1 > 0, "{text}");
        }
    }

    #[test]
    fn files_are_known_by_how_they_begin() {
        let form = |text: &str| {
            let mut held = text.as_bytes().to_vec();
            (sniff(&mut held), held.len())
        };
        assert_eq!(form("REPORT RequestId: a").0, Form::Lines);
        assert_eq!(form("[2026-11-20] x").0, Form::Lines);
        assert_eq!(form("{\"type\":\"a\"}\n{\"type\"").0, Form::Lines);
        assert_eq!(form("\u{feff}[\n  {").0, Form::Rows);
        assert_eq!(form("{\n  \"results\": [").0, Form::Rows);
        let (table, left) = form("@timestamp,@message\nx,y\n");
        assert!(matches!(table, Form::Table(_)));
        assert_eq!(left, 4);
        assert_eq!(form("hello, world\n").0, Form::Lines);
    }

    #[test]
    fn a_record_ends_outside_of_quotes() {
        assert_eq!(record_end(b"a,\"b\nc\"\nd,\"e\n"), 8);
        assert_eq!(record_end(b"\"\n"), 0);
    }
}
