//! Where a place in a file of an artifact comes from.
//!
//! In: a file, a line and a column. Out: the name of a package, or own code. For a file under
//! `node_modules` its path says it; for a bundle its source map, or else the comments in which
//! bundlers name each module.

use std::collections::BTreeMap;
use std::path::Path;

use swc_sourcemap::SourceMap;

/// What the project's own code is called.
pub(super) const OWN: &str = "own code";
/// Ends the name of a file with the map to it.
const MAP: &str = ".map";

/// The path of a frame's URL.
pub(super) fn path_of(url: &str) -> String {
    let Some(path) = url.strip_prefix("file://") else {
        return url.to_string();
    };
    // `%20` and its like stand for bytes.
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| char::from(byte.unwrap_or(b'!')).to_digit(16);
        if byte == b'%' {
            let mut ahead = bytes.clone();
            if let (Some(high), Some(low)) = (hex(ahead.next()), hex(ahead.next())) {
                out.push((high * 16 + low) as u8);
                bytes = ahead;
                continue;
            }
        }
        out.push(byte);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The package that a path lies in: the innermost, as the last `node_modules` says.
pub(super) fn package(path: &str) -> Option<String> {
    let (_, rest) = path.rsplit_once("node_modules/")?;
    let mut parts = rest.split('/');
    let first = parts.next().filter(|part| !part.is_empty())?;
    if first.starts_with('@') {
        return Some(format!("{first}/{}", parts.next()?));
    }
    Some(first.to_string())
}

/// The version of a package at the top of the artifact, where its manifest ships.
pub(super) fn version(root: &Path, name: &str) -> Option<String> {
    let manifest = root.join("node_modules").join(name).join("package.json");
    let text = std::fs::read_to_string(manifest).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    value.get("version")?.as_str().map(str::to_string)
}

/// What is known of the insides of one own file.
pub(super) enum Bundle {
    Map(Box<SourceMap>),
    /// Lines (from 0) at which another module begins, and its package.
    Comments(BTreeMap<i64, String>),
    /// Nothing: an own file, or a bundle that does not say what it is made of.
    Plain,
}

impl Bundle {
    pub fn read(root: &Path, rel: &str) -> Self {
        let file = root.join(rel);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some(map) = map(&file, &text) {
            return Self::Map(Box::new(map));
        }
        let comments: BTreeMap<i64, String> = (0..)
            .zip(text.lines())
            .filter_map(|(line, text)| Some((line, module(text)?)))
            .collect();
        if comments.values().any(|name| name != OWN) {
            Self::Comments(comments)
        } else {
            Self::Plain
        }
    }

    /// The package of a place; lines and columns count from 0.
    pub fn at(&self, line: i64, column: i64) -> String {
        let name = match self {
            Self::Map(map) => {
                let (line, column) = (line.max(0) as u32, column.max(0) as u32);
                // A function begins before the first of its own text that the map knows.
                let index = map
                    .tokens()
                    .find(|token| (token.get_dst_line(), token.get_dst_col()) >= (line, column));
                index.and_then(|token| package(token.get_source()?.as_ref()))
            }
            Self::Comments(lines) => lines
                .range(..=line)
                .next_back()
                .map(|(_, name)| name.clone()),
            Self::Plain => None,
        };
        name.unwrap_or_else(|| OWN.to_string())
    }
}

/// The source map that a file names or carries, or that lies beside it.
fn map(file: &Path, text: &str) -> Option<SourceMap> {
    const NAMED: &str = "//# sourceMappingURL=";
    let named = text.rsplit_once(NAMED).map(|(_, rest)| rest.trim());
    if let Some(url) = named.filter(|url| url.starts_with("data:")) {
        return match swc_sourcemap::decode_data_url(url).ok()? {
            swc_sourcemap::DecodedMap::Regular(map) => Some(map),
            _ => None,
        };
    }
    let beside = match named {
        Some(name) if !name.contains([':', '\0']) => file.parent()?.join(name),
        _ => {
            let mut name = file.file_name()?.to_os_string();
            name.push(MAP);
            file.with_file_name(name)
        }
    };
    SourceMap::from_slice(&std::fs::read(beside).ok()?).ok()
}

/// The package of a module that a line of comment names, as bundlers write them.
fn module(line: &str) -> Option<String> {
    let path = line.strip_prefix("// ")?.trim();
    let file = path.contains('/') && !path.contains(' ') || path.contains("node_modules/");
    let code = [
        ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".json",
    ];
    (file && code.iter().any(|end| path.ends_with(end)))
        .then(|| package(path).unwrap_or_else(|| OWN.to_string()))
}

/// What a reader must know of bundles that do not say what they are made of.
pub(super) fn note(bundles: &BTreeMap<String, Bundle>) -> Option<String> {
    if bundles
        .values()
        .any(|bundle| !matches!(bundle, Bundle::Plain))
    {
        return None;
    }
    let [file] = bundles.keys().collect::<Vec<_>>()[..] else {
        return None;
    };
    Some(format!(
        "`{file}` is one file without a source map beside it, so coldcut cannot tell which package each part of it comes from"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_its_innermost_folder() {
        let name = |path| package(path).unwrap_or_default();
        assert_eq!(name("node_modules/a/node_modules/@s/b/lib/x.js"), "@s/b");
        assert_eq!(name("node_modules/.pnpm/a@1/node_modules/a/x.js"), "a");
        assert_eq!(name("../../node_modules/a/x.js"), "a");
        assert_eq!(package("src/x.js"), None);
        assert_eq!(path_of("file:///a%20b/c.js"), "/a b/c.js");
    }

    #[test]
    fn comments_tell_the_modules_of_a_bundle_apart() {
        let dir = tempfile::tempdir().unwrap();
        let text = "// node_modules/a/index.js\nvar a;\n// src/own.ts\nvar b;\n// not a/file\n";
        std::fs::write(dir.path().join("x.js"), text).unwrap();
        let bundle = Bundle::read(dir.path(), "x.js");
        assert_eq!(
            (bundle.at(1, 0).as_str(), bundle.at(4, 0).as_str()),
            ("a", OWN)
        );
        std::fs::write(dir.path().join("y.js"), "var a;").unwrap();
        assert!(matches!(Bundle::read(dir.path(), "y.js"), Bundle::Plain));
    }
}
