//! JSON, with the place of every key and value.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostics::Result;
use crate::settings::value::node::{Data, Item, Node, Span};
use crate::settings::value::text_file::{TextFile, broken};

/// Parses JSON.
pub fn json(file: &Arc<TextFile>) -> Result<Node> {
    let text = &file.text;
    // serde_json decides what is valid; the walk below only finds out where things are.
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        let line_start = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let at = line_start + error.column().saturating_sub(1);
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or(&why);
        return Err(broken(file, "JSON", why, at, 1));
    }
    let mut walk = JsonWalk { file, at: 0 };
    Ok(walk.value())
}

/// Walks text that is known to be valid JSON.
struct JsonWalk<'a> {
    file: &'a Arc<TextFile>,
    at: usize,
}

impl JsonWalk<'_> {
    fn peek(&mut self) -> u8 {
        let bytes = self.file.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b':') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or(0)
    }

    fn string(&mut self) -> (String, Span) {
        let bytes = self.file.text.as_bytes();
        let start = self.at;
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let raw = self.file.text.get(start..self.at).unwrap_or("");
        let text = serde_json::from_str(raw).unwrap_or_default();
        (text, Span::new(self.file, start, self.at))
    }

    // serde_json's limit of 128 levels bounds the recursion.
    fn value(&mut self) -> Node {
        let first = self.peek();
        let start = self.at;
        let data = match first {
            b'{' => {
                self.at += 1;
                let mut map = IndexMap::new();
                while self.peek() == b'"' {
                    let (name, key) = self.string();
                    let value = self.value();
                    map.insert(name, Item { key, value });
                }
                self.at += 1;
                Data::Map(map)
            }
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                while !matches!(self.peek(), b']' | 0) {
                    list.push(self.value());
                }
                self.at += 1;
                Data::List(list)
            }
            b'"' => Data::String(self.string().0),
            _ => {
                let rest = self.file.text.get(start..).unwrap_or("");
                let len = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
                    .unwrap_or(rest.len());
                // At least one step, so that no input could make this stand still.
                self.at += len.max(1);
                match &rest[..len] {
                    "null" => Data::Null,
                    "true" => Data::Bool(true),
                    "false" => Data::Bool(false),
                    number => Data::Number(number.to_owned()),
                }
            }
        };
        Node {
            data,
            at: Span::new(self.file, start, self.at),
        }
    }
}
