//! YAML, with the place of every key and value.

use std::sync::Arc;

use indexmap::IndexMap;
use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};

use crate::diagnostics::Result;
use crate::settings::value::node::{Data, Item, Node, Span};
use crate::settings::value::text_file::{TextFile, broken};

/// Deeper than any file a person writes, and shallow enough for recursion.
const MAX_INDENT: usize = 500;

/// Parses YAML 1.2 with tags, anchors and merge keys; only the first document counts.
pub fn yaml(file: &Arc<TextFile>) -> Result<Node> {
    let text = &file.text;
    // The crate's own marks count characters.
    let offsets: Option<Vec<usize>> =
        (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
    let byte = |index: usize| match &offsets {
        Some(offsets) => offsets.get(index).copied().unwrap_or(text.len()),
        None => index.min(text.len()),
    };
    if let Some(at) = too_deep(text) {
        return Err(broken(file, "YAML", "it is nested too deeply", at, 1));
    }
    let scan = |error: &saphyr::ScanError| {
        broken(file, "YAML", error.info(), byte(error.marker().index()), 1)
    };
    let docs = MarkedYamlOwned::load_from_str(text).map_err(|error| scan(&error))?;
    let Some(doc) = docs.into_iter().next() else {
        return Ok(Node {
            data: Data::Null,
            at: Span::new(file, 0, 0),
        });
    };
    Ok(YamlWalk { file, byte: &byte }.node(&doc))
}

/// The crate builds its tree without recursion, but cloning, hashing and dropping it recurse:
/// a level of blocks costs at least one column, so long runs of indentation are refused.
/// (Flow collections are limited by the crate.) Gives the offset of the first such line.
fn too_deep(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let run = line
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'-' | b'?' | b':' | b'\t'))
            .count();
        // A line of dashes alone is no nesting.
        if run > MAX_INDENT && line.as_bytes()[..run].contains(&b' ') {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Turns the crate's tree into ours.
struct YamlWalk<'a> {
    file: &'a Arc<TextFile>,
    byte: &'a dyn Fn(usize) -> usize,
}

impl YamlWalk<'_> {
    fn place(&self, node: &MarkedYamlOwned) -> Span {
        let start = (self.byte)(node.span.start.index());
        let end = (self.byte)(node.span.end.index());
        Span::new(self.file, start, end)
    }

    fn node(&self, node: &MarkedYamlOwned) -> Node {
        let at = self.place(node);
        let data = match &node.data {
            YamlDataOwned::Value(value) => scalar(value, at.text()),
            YamlDataOwned::Representation(text, ..) => Data::String(text.clone()),
            YamlDataOwned::Sequence(list) => {
                Data::List(list.iter().map(|item| self.node(item)).collect())
            }
            YamlDataOwned::Mapping(map) => {
                let mut items = IndexMap::new();
                let mut merged = Vec::new();
                for (key, value) in map {
                    let value = self.node(value);
                    let name = match &self.node(key) {
                        node if node.scalar().is_some() => node.scalar().unwrap_or_default(),
                        _ => continue, // Collections as keys mean nothing to any framework.
                    };
                    if name == "<<" {
                        merged.push(value);
                    } else {
                        let key = self.place(key);
                        items.insert(name, Item { key, value });
                    }
                }
                for node in merged {
                    merge(&mut items, node);
                }
                Data::Map(items)
            }
            YamlDataOwned::Tagged(tag, inner) => {
                Data::Tagged(tag.suffix.clone(), Box::new(self.node(inner)))
            }
            YamlDataOwned::Alias(_) | YamlDataOwned::BadValue => Data::Null,
        };
        Node { data, at }
    }
}

fn scalar(value: &ScalarOwned, written: &str) -> Data {
    match value {
        ScalarOwned::Null => Data::Null,
        ScalarOwned::Boolean(value) => Data::Bool(*value),
        ScalarOwned::String(text) => Data::String(text.clone()),
        // An alias has its own span, which is not the number's text.
        ScalarOwned::Integer(value) if written.is_empty() || written.starts_with('*') => {
            Data::Number(value.to_string())
        }
        ScalarOwned::FloatingPoint(value) if written.is_empty() || written.starts_with('*') => {
            Data::Number(value.to_string())
        }
        ScalarOwned::Integer(_) | ScalarOwned::FloatingPoint(_) => {
            Data::Number(written.trim().to_owned())
        }
    }
}

/// YAML's merge key: what is there already wins, and of several maps the first.
fn merge(items: &mut IndexMap<String, Item>, node: Node) {
    match node.data {
        Data::Map(map) => {
            for (key, item) in map {
                items.entry(key).or_insert(item);
            }
        }
        Data::List(list) => list.into_iter().for_each(|node| merge(items, node)),
        _ => {}
    }
}
