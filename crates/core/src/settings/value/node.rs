//! Values of which every part knows where it is written.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostics::Location;
use crate::settings::value::text_file::TextFile;

/// A span of a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    file: Arc<TextFile>,
    start: usize,
    len: usize,
}

impl Span {
    pub(super) fn new(file: &Arc<TextFile>, start: usize, end: usize) -> Self {
        let start = start.min(file.text.len());
        let end = end.clamp(start, file.text.len());
        Self {
            file: Arc::clone(file),
            start,
            len: end - start,
        }
    }

    /// For a diagnostic: the span, cut at the end of its first line.
    pub fn location(&self) -> Location {
        let rest = self.file.text.get(self.start..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("").trim_end().len();
        let text = Arc::clone(&self.file.text);
        let len = self.len.min(line).max(1);
        Location::span(&self.file.path, text, self.start, len)
    }

    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// The bytes of the file that the span covers.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.len
    }

    /// The text of the whole file.
    pub fn whole(&self) -> &str {
        &self.file.text
    }

    /// The text of the span, as it is written.
    pub fn text(&self) -> &str {
        self.file
            .text
            .get(self.start..self.start + self.len)
            .unwrap_or("")
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    pub data: Data,
    pub at: Span,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub enum Data {
    Null,
    Bool(bool),
    /// As it is written, so that a version `1.10` stays one.
    Number(String),
    String(String),
    List(Vec<Node>),
    Map(IndexMap<String, Item>),
    /// A YAML tag such as CloudFormation's `!Ref`, without its `!`.
    Tagged(String, Box<Node>),
}

/// The value of a map's key, with the place of that key.
#[derive(Debug, Clone)]
pub struct Item {
    pub key: Span,
    pub value: Node,
}

impl Node {
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    pub fn as_map(&self) -> Option<&IndexMap<String, Item>> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// Strings alone.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// Strings, numbers and booleans, as text.
    pub fn scalar(&self) -> Option<String> {
        match &self.data {
            Data::String(text) | Data::Number(text) => Some(text.clone()),
            Data::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The value of a key, if this is a map that has it and it is not null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let value = &self.as_map()?.get(key)?.value;
        (!value.is_null()).then_some(value)
    }

    /// By one key after the other.
    pub fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The same value with the places that its parts have in `written`, of which it was made: what
    /// is not written there is where the part around it is.
    pub fn placed_as(self, written: &Node) -> Self {
        let nothing = Node {
            data: Data::Null,
            at: written.at.clone(),
        };
        let data = match self.data {
            Data::Map(map) => {
                let placed = map.into_iter().map(|(key, item)| {
                    let there = written.as_map().and_then(|map| map.get(&key));
                    let item = Item {
                        key: there.map_or(&written.at, |there| &there.key).clone(),
                        value: item
                            .value
                            .placed_as(there.map_or(&nothing, |there| &there.value)),
                    };
                    (key, item)
                });
                Data::Map(placed.collect())
            }
            Data::List(list) => {
                let there = written.as_list().unwrap_or_default();
                let placed = list.into_iter().enumerate();
                Data::List(
                    placed
                        .map(|(at, node)| node.placed_as(there.get(at).unwrap_or(&nothing)))
                        .collect(),
                )
            }
            data => data,
        };
        Self {
            data,
            at: written.at.clone(),
        }
    }

    /// What kind of value this is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "a boolean",
            Data::Number(_) => "a number",
            Data::String(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
            Data::Tagged(..) => "a tagged value",
        }
    }

    /// The same value without its places.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(text) => serde_json::from_str(&text.replace('_', ""))
                .unwrap_or_else(|_| Value::String(text.clone())),
            Data::String(text) => Value::String(text.clone()),
            Data::List(list) => Value::Array(list.iter().map(Node::to_json).collect()),
            Data::Map(map) => map
                .iter()
                .map(|(key, item)| (key.clone(), item.value.to_json()))
                .collect(),
            Data::Tagged(_, inner) => inner.to_json(),
        }
    }
}
