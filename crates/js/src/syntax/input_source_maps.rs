//! Source maps of a bundle's own inputs, followed to what those were made from.
//!
//! In: the bundle's map, and the texts that it leads to. Out: the same map, in which a place of a
//! text that names a map of its own (`//# sourceMappingURL=`, a file or the data itself) has become
//! the place which that map gives, with its name and the source's text. A map that is not there or
//! is broken changes nothing.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use swc_core::common::FileName;
use swc_sourcemap::{SourceMap, SourceMapBuilder, decode_slice};

use crate::syntax::Sources;
use crate::syntax::source_map_paths::source_name;

/// What one text was made from.
struct Input {
    map: SourceMap,
    /// The folder that its sources are named from.
    dir: PathBuf,
}

/// Leads `map` through the maps of its sources; `folder` is where it will lie.
pub(super) fn follow_input_maps(map: SourceMap, sources: &Sources, folder: &Path) -> SourceMap {
    let files: Vec<_> = sources
        .cm
        .files()
        .iter()
        .filter_map(|file| match &*file.name {
            FileName::Real(path) => Some((path.clone(), file.clone())),
            _ => None,
        })
        .collect();
    let inputs: FxHashMap<String, Input> = files
        .into_par_iter()
        .filter_map(|(path, file)| Some((source_name(folder, &path), input(&path, &file.src)?)))
        .collect();
    if inputs.is_empty() {
        return map;
    }
    let mut out = Chained {
        made: SourceMapBuilder::new(None),
        folder,
        ids: FxHashMap::default(),
    };
    for token in map.tokens() {
        let (line, col) = token.get_dst();
        let nowhere = (None, 0, 0, None);
        let (source, src_line, src_col, name) = match token.get_source() {
            None => nowhere,
            Some(source) => match inputs.get(&**source) {
                None => {
                    let name = token.get_name().map(|name| out.made.add_name(name.clone()));
                    let id = out.own(&map, token.get_src_id());
                    (id, token.get_src_line(), token.get_src_col(), name)
                }
                Some(input) => out.followed(source, input, token).unwrap_or(nowhere),
            },
        };
        out.made
            .add_raw(line, col, src_line, src_col, source, name, false);
    }
    out.made.into_sourcemap()
}

struct Chained<'a> {
    made: SourceMapBuilder,
    folder: &'a Path,
    /// Sources that are known already, by the map that names them and their number in it.
    ids: FxHashMap<(String, u32), u32>,
}

/// A source's number, a line and a column in it, and a name's number.
type MappedPosition = (Option<u32>, u32, u32, Option<u32>);

impl Chained<'_> {
    /// A source without a map of its own.
    fn own(&mut self, map: &SourceMap, id: u32) -> Option<u32> {
        self.add(String::new(), id, map, |name| name.to_string())
    }

    fn followed(
        &mut self,
        by: &str,
        input: &Input,
        token: swc_sourcemap::Token<'_>,
    ) -> Option<MappedPosition> {
        let (line, col) = token.get_src();
        let found = input.map.lookup_token(line, col)?;
        // The last place of an earlier line says nothing of this one.
        if found.get_dst_line() != line || !found.has_source() {
            return None;
        }
        let exact = found.get_dst_col() == col;
        let name = found.get_name().filter(|_| exact).or(token.get_name());
        let name = name.map(|name| self.made.add_name(name.clone()));
        let folder = self.folder;
        let named = |name: &str| seen(folder, &input.dir, name);
        let id = self.add(by.to_string(), found.get_src_id(), &input.map, named);
        Some((id, found.get_src_line(), found.get_src_col(), name))
    }

    fn add(
        &mut self,
        by: String,
        id: u32,
        map: &SourceMap,
        named: impl FnOnce(&str) -> String,
    ) -> Option<u32> {
        if let Some(known) = self.ids.get(&(by.clone(), id)) {
            return Some(*known);
        }
        let name = named(map.get_source(id)?);
        let made = self.made.add_source(name.into());
        if let Some(text) = map.get_source_contents(id) {
            self.made.set_source_contents(made, Some(text.clone()));
        }
        self.ids.insert((by, id), made);
        Some(made)
    }
}

/// The map that a text names.
fn input(path: &Path, text: &str) -> Option<Input> {
    let url = url(text)?;
    let dir = path.parent()?;
    if let Some(data) = url.strip_prefix("data:") {
        let (kind, data) = data.split_once(',')?;
        let bytes = if kind.ends_with(";base64") {
            base64::engine::general_purpose::STANDARD
                .decode(data)
                .ok()?
        } else {
            unescaped(data)
        };
        return Some(Input {
            map: decoded(&bytes)?,
            dir: dir.to_path_buf(),
        });
    }
    if is_url(url) {
        return None;
    }
    let beside = dir.join(String::from_utf8(unescaped(url)).ok()?);
    let bytes = std::fs::read(&beside).ok()?;
    Some(Input {
        map: decoded(&bytes)?,
        dir: beside.parent()?.to_path_buf(),
    })
}

fn decoded(bytes: &[u8]) -> Option<SourceMap> {
    match decode_slice(bytes).ok()? {
        swc_sourcemap::DecodedMap::Regular(map) => Some(map),
        swc_sourcemap::DecodedMap::Index(map) => map.flatten().ok(),
        swc_sourcemap::DecodedMap::Hermes(_) => None,
    }
}

/// What a text's last comment names as its map.
fn url(text: &str) -> Option<&str> {
    const MARK: &str = "sourceMappingURL=";
    let at = text.rfind(MARK)?;
    let before = text[..at].trim_end_matches([' ', '\t']);
    if !before.ends_with("//#") && !before.ends_with("//@") {
        return None;
    }
    let rest = &text[at + MARK.len()..];
    let (url, after) = match rest.find(char::is_whitespace) {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    // Anywhere else it is part of the program.
    let blank = after
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with("//"));
    (blank && !url.is_empty()).then_some(url)
}

/// Whether it is no path: `webpack://…`, `https://…`.
fn is_url(name: &str) -> bool {
    name.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
    })
}

/// `%20` and its like as bytes.
fn unescaped(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    out
}

/// A source of an input's map, as seen from the bundle.
fn seen(folder: &Path, dir: &Path, name: &str) -> String {
    let name = name.strip_prefix("file://").unwrap_or(name);
    if is_url(name) {
        return name.to_string();
    }
    let mut path = PathBuf::new();
    for part in dir.join(name).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    source_name(folder, &path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_last_comment_names_a_map() {
        assert_eq!(url("a;\n//# sourceMappingURL=a.js.map"), Some("a.js.map"));
        assert_eq!(
            url("a;\r\n//@ sourceMappingURL=b.map\r\n// end\r\n"),
            Some("b.map")
        );
        for none in [
            "a",
            "x = '//# sourceMappingURL=' + name;",
            "//# sourceMappingURL=a.map\nrun();",
            "//# sourceMappingURL=\n",
        ] {
            assert_eq!(url(none), None, "{none}");
        }
    }

    #[test]
    fn sources_are_named_from_the_bundle() {
        let see = |name: &str| seen(Path::new("/p/out"), Path::new("/p/lib/dist"), name);
        assert_eq!(see("../src/a.ts"), "../lib/src/a.ts");
        assert_eq!(see("/q/./a.ts"), "../../q/a.ts");
        assert_eq!(see("file:///p/a.ts"), "../a.ts");
        assert_eq!(see("webpack://x/a.ts"), "webpack://x/a.ts");
    }

    #[test]
    fn what_is_escaped_is_read() {
        assert_eq!(unescaped("a%20b%7B%zz%"), b"a b{%zz%");
    }
}
