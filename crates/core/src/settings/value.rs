//! Reading the user's structured text files.
//!
//! In: a path to JSON, YAML or TOML. Out: a [`Node`], in which every key and every value knows
//! its place, so that any later complaint can show the line with a caret. The three formats
//! become one type here because settings and functions are written in all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostic, Location, Result};

/// A file cannot be read.
pub const UNREADABLE: Code = Code("CC011");
/// A text file is not UTF-8.
pub const NOT_UTF8: Code = Code("CC012");
/// A file is not valid JSON, YAML or TOML.
pub const BROKEN: Code = Code("CC013");

/// Deeper than any file a person writes, and shallow enough for recursion.
const MAX_INDENT: usize = 500;

/// A text file, read once and shared by every place in it.
#[derive(Debug, PartialEq, Eq)]
pub struct TextFile {
    pub path: PathBuf,
    pub text: Arc<str>,
}

/// A span of a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: Arc<TextFile>,
    start: usize,
    len: usize,
}

impl Place {
    fn new(file: &Arc<TextFile>, start: usize, end: usize) -> Self {
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
    pub at: Place,
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
    pub key: Place,
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

/// The text of a file, without a byte order mark; `None` where there is no such file.
pub fn read(path: &Path) -> Result<Option<Arc<TextFile>>> {
    // Reading a pipe or a device could last forever.
    let plain = |path: &Path| match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => Err(std::io::Error::other("it is not a plain file")),
        _ => std::fs::read(path),
    };
    let bytes = match plain(path) {
        Ok(bytes) => bytes,
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(Box::new(
                Diagnostic::io(UNREADABLE, "read", path, &error)
                    .at_file(path)
                    .help("check that it is a plain file and that you may read it"),
            ));
        }
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..valid].iter().filter(|b| **b == b'\n').count() + 1;
        Box::new(
            Diagnostic::error(NOT_UTF8, format!("`{}` is not UTF-8 text", path.display()))
                .at(Location::line(
                    path,
                    String::from_utf8_lossy(bytes).into_owned(),
                    u32::try_from(line).unwrap_or(u32::MAX),
                ))
                .help("save the file in the UTF-8 encoding"),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Some(Arc::new(TextFile {
        path: path.to_path_buf(),
        text: text.into(),
    })))
}

/// Reads a file by its extension: `.json`, `.toml`, and YAML for every other.
pub fn load(path: &Path) -> Result<Option<Node>> {
    let Some(file) = read(path)? else {
        return Ok(None);
    };
    of_text(&file).map(Some)
}

/// Reads text by the extension of the file that it is of.
pub fn parse(path: &Path, text: &str) -> Result<Node> {
    of_text(&Arc::new(TextFile {
        path: path.to_path_buf(),
        text: text.into(),
    }))
}

fn of_text(file: &Arc<TextFile>) -> Result<Node> {
    match file.path.extension().and_then(|e| e.to_str()) {
        Some("json") => json(file),
        Some("toml") => toml(file),
        _ => yaml(file),
    }
}

fn broken(file: &TextFile, format: &str, why: &str, start: usize, len: usize) -> Box<Diagnostic> {
    let name = file.path.file_name().unwrap_or(file.path.as_os_str());
    let message = format!("`{}` is not valid {format}: {why}", name.display());
    Box::new(
        Diagnostic::error(BROKEN, message)
            .at(Location::span(
                &file.path,
                Arc::clone(&file.text),
                start,
                len,
            ))
            .help("mend the file at this place"),
    )
}

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

    fn string(&mut self) -> (String, Place) {
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
        (text, Place::new(self.file, start, self.at))
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
            at: Place::new(self.file, start, self.at),
        }
    }
}

/// Parses TOML.
pub fn toml(file: &Arc<TextFile>) -> Result<Node> {
    let table = DeTable::parse(&file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let why = error.message().trim().replace('\n', ", ");
        broken(file, "TOML", &why, span.start, span.len().max(1))
    })?;
    Ok(Node {
        data: toml_table(file, table.get_ref()),
        at: Place::new(file, 0, file.text.len()),
    })
}

fn toml_table(file: &Arc<TextFile>, table: &DeTable<'_>) -> Data {
    let mut items: Vec<(usize, String, Item)> = table
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            let item = Item {
                key: Place::new(file, span.start, span.end),
                value: toml_value(file, value.get_ref(), value.span()),
            };
            (span.start, key.get_ref().to_string(), item)
        })
        .collect();
    // The crate sorts by name; functions keep the order of the file.
    items.sort_by_key(|(start, ..)| *start);
    Data::Map(
        items
            .into_iter()
            .map(|(_, key, item)| (key, item))
            .collect(),
    )
}

fn toml_value(file: &Arc<TextFile>, value: &DeValue<'_>, span: std::ops::Range<usize>) -> Node {
    let at = Place::new(file, span.start, span.end);
    let data = match value {
        DeValue::String(text) => Data::String(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => Data::Number(at.text().to_owned()),
        DeValue::Boolean(value) => Data::Bool(*value),
        DeValue::Datetime(value) => Data::String(value.to_string()),
        DeValue::Array(list) => Data::List(
            list.iter()
                .map(|item| toml_value(file, item.get_ref(), item.span()))
                .collect(),
        ),
        DeValue::Table(table) => toml_table(file, table),
    };
    Node { data, at }
}

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
            at: Place::new(file, 0, 0),
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
    fn place(&self, node: &MarkedYamlOwned) -> Place {
        let start = (self.byte)(node.span.start.index());
        let end = (self.byte)(node.span.end.index());
        Place::new(self.file, start, end)
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

/// Of `known`, the name that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Edits (add, drop, change, swap of neighbours) between two words, blind to case, `-` and `_`.
pub fn distance(a: &str, b: &str) -> usize {
    let plain = |text: &str| -> Vec<char> {
        let text = text.replace('_', "-");
        text.chars()
            .take(200)
            .flat_map(char::to_lowercase)
            .collect()
    };
    let (a, b) = (plain(a), plain(b));
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = rows[i][j] + usize::from(x != y);
            let mut best = change.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, text: &str) -> Arc<TextFile> {
        Arc::new(TextFile {
            path: path.into(),
            text: text.into(),
        })
    }

    #[test]
    fn every_format_knows_its_places() {
        let json = json(&text("a.json", "{\n\t\"a\": {\"ä\\n\": [1.10, \"x\"]}\n}")).unwrap();
        let list = json.path(&["a", "ä\n"]).unwrap();
        assert_eq!(list.as_list().unwrap()[0].scalar().unwrap(), "1.10");
        let at = list.as_list().unwrap()[1].at.location();
        assert_eq!((at.line, at.column), (Some(2), Some(22)));

        let yaml = yaml(&text("a.yml", "# ä\na:\n  é: [1.10, x]\n")).unwrap();
        let list = yaml.path(&["a", "é"]).unwrap();
        assert_eq!(list.as_list().unwrap()[0].scalar().unwrap(), "1.10");
        let at = list.as_list().unwrap()[1].at.location();
        assert_eq!((at.line, at.column), (Some(3), Some(13)));
        assert_eq!(list.as_list().unwrap()[1].at.text(), "x");

        let toml = toml(&text("a.toml", "z = 1\n[a]\nb = \"x\"\n")).unwrap();
        let at = toml.path(&["a", "b"]).unwrap().at.location();
        assert_eq!((at.line, at.column), (Some(3), Some(5)));
        let keys: Vec<_> = toml.as_map().unwrap().keys().collect();
        assert_eq!(keys, ["z", "a"], "in the order of the file");
    }

    #[test]
    fn broken_files_say_where() {
        let error = json(&text("a.json", "{\n \"a\": ,\n}")).unwrap_err();
        assert_eq!(error.code, BROKEN);
        let at = error.at.unwrap();
        assert_eq!((at.line, at.column), (Some(2), Some(7)));
        let error = yaml(&text("a.yml", "a: b\n c: [d\n")).unwrap_err();
        assert_eq!(error.code, BROKEN);
        assert_eq!(error.at.unwrap().line, Some(2));
        let error = toml(&text("a.toml", "a = 1\nb = \n")).unwrap_err();
        assert_eq!(error.code, BROKEN);
        assert_eq!(error.at.unwrap().line, Some(2));
    }

    #[test]
    fn yaml_anchors_merge_keys_and_tags() {
        let yaml = yaml(&text(
            "a.yml",
            "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\nc:\n  <<: [*b, *m]\n  y: 9\nd: !Sub 'x${Y}'\nn: &n 7\no: *n\n",
        ))
        .unwrap();
        let c = yaml.get("c").unwrap();
        assert_eq!(c.get("x").unwrap().scalar().unwrap(), "1");
        assert_eq!(c.get("y").unwrap().scalar().unwrap(), "9");
        assert_eq!(c.get("z").unwrap().scalar().unwrap(), "3");
        assert_eq!(yaml.get("o").unwrap().scalar().unwrap(), "7");
        let Data::Tagged(tag, inner) = &yaml.get("d").unwrap().data else {
            panic!("no tag");
        };
        assert_eq!((tag.as_str(), inner.as_str()), ("Sub", Some("x${Y}")));
    }

    #[test]
    fn hostile_yaml_is_refused() {
        for bad in [
            "- ".repeat(100_000),
            "[".repeat(100_000),
            "{a: ".repeat(100_000),
        ] {
            assert_eq!(yaml(&text("a.yml", &bad)).unwrap_err().code, BROKEN);
        }
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let before = format!("*a{},", i - 1).repeat(10);
            bomb += &format!("a{i}: &a{i} [{before}]\n");
        }
        assert_eq!(yaml(&text("a.yml", &bomb)).unwrap_err().code, BROKEN);
        assert!(yaml(&text("a.yml", "")).unwrap().is_null());
        assert!(yaml(&text("a.yml", "\u{0}\u{7f}")).is_err());
    }

    #[test]
    fn unreadable_files_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(&dir.path().join("none")).unwrap(), None);
        assert_eq!(read(dir.path()).unwrap_err().code, UNREADABLE);
        let bad = dir.path().join("bad.yml");
        std::fs::write(&bad, b"a: b\nc: \xff\n").unwrap();
        let error = read(&bad).unwrap_err();
        assert_eq!(error.code, NOT_UTF8);
        assert_eq!(error.at.unwrap().line, Some(2));
        std::fs::write(&bad, b"\xef\xbb\xbfa: b\n").unwrap();
        assert_eq!(&*read(&bad).unwrap().unwrap().text, "a: b\n");
    }

    #[test]
    fn the_nearest_name() {
        assert_eq!(nearest("stratgey", ["strategy", "sdk"]), Some("strategy"));
        assert_eq!(nearest("rules_off", ["rules-off"]), Some("rules-off"));
        assert_eq!(nearest("zzz", ["strategy", "sdk"]), None);
    }
}
