//! The table that Yarn writes, found and taken out of its file.
//!
//! In: a folder. Out: [`Source`], the table as JSON with the file that it came from: a literal in
//! `.pnp.cjs` (a string from Yarn 3 on, an object before; `.pnp.js` in Yarn 2), or `.pnp.data.json`
//! where inlining is off. What the JSON means is the business of the `pnp` crate.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::packages::pnp::codes::TABLE;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// Yarn's names for the file, the newest first.
const FILES: [&str; 2] = [".pnp.cjs", ".pnp.js"];
const DATA: &str = ".pnp.data.json";
const LOADER: &str = ".pnp.loader.mjs";

/// Files that say that a folder is a project of its own, whatever stands above it.
const LOCKS: [&str; 5] = [
    "yarn.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "bun.lock",
];

/// Where a table came from.
#[derive(Debug)]
pub(super) struct Source {
    /// The folder that places in the table are relative to, a real path.
    pub dir: PathBuf,
    /// The program that is Plug'n'Play's runtime.
    pub program: Option<Program>,
    /// The hooks for ES modules, where the project has some.
    pub loader: Option<PathBuf>,
    /// The file that the table stands in.
    pub path: PathBuf,
    pub json: String,
}

/// The runtime, and where in its text the table stands: nowhere, if that is a file of its own.
#[derive(Debug)]
pub(super) struct Program {
    pub name: &'static str,
    pub text: String,
    pub table: Option<Range<usize>>,
}

/// The table of the project that `dir` is in.
pub(super) fn find(dir: &Path) -> Result<Option<Source>> {
    for above in dir.ancestors() {
        let program = FILES.into_iter().find(|name| above.join(name).is_file());
        if program.is_some() || above.join(DATA).is_file() {
            return read(above, program).map(Some);
        }
        if LOCKS.iter().any(|name| above.join(name).is_file()) {
            return Ok(None);
        }
    }
    Ok(None)
}

fn read(dir: &Path, program: Option<&'static str>) -> Result<Source> {
    let text_of = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| {
            Box::new(
                Diagnostic::io(TABLE, "read", path, &error)
                    .help("make the file readable, or let `yarn install` write it again"),
            )
        })
    };
    let loader = Some(dir.join(LOADER)).filter(|path| path.is_file());
    let mut source = Source {
        dir: dir.to_path_buf(),
        program: None,
        loader,
        path: dir.join(DATA),
        json: String::new(),
    };
    if let Some(name) = program {
        let path = dir.join(name);
        let text = text_of(&path)?;
        let found = inlined(&text);
        let table = found.as_ref().map(|(range, _)| range.clone());
        source.program = Some(Program { name, text, table });
        if let Some((_, json)) = found {
            (source.path, source.json) = (path, json);
            return Ok(source);
        }
        if !source.path.is_file() {
            return Err(Box::new(
                Diagnostic::error(
                    TABLE,
                    format!("`{name}` has no table of packages in it, and there is no `{DATA}`"),
                )
                .at_file(&path)
                .help("run `yarn install`, which writes it again"),
            ));
        }
    }
    source.json = text_of(&source.path)?;
    Ok(source)
}

/// The literal with the table: where it stands, and its JSON.
fn inlined(text: &str) -> Option<(Range<usize>, String)> {
    const STRINGS: [&str; 2] = ["RAW_RUNTIME_STATE", "hydrateRuntimeState(JSON.parse("];
    for before in STRINGS {
        let Some(at) = text.find(before) else {
            continue;
        };
        let rest = &text[at + before.len()..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\r', '\n', '=']).len();
        let start = at + before.len() + blank;
        if let Some((json, length)) = unquoted(&text[start..]) {
            return Some((start..start + length, json));
        }
    }
    const OBJECT: &str = "hydrateRuntimeState({";
    let start = text.find(OBJECT)? + OBJECT.len() - 1;
    let (json, length) = object(&text[start..])?;
    Some((start..start + length, json))
}

/// The object literal at the start of `text` as JSON, which has no commas before what closes; and
/// its length.
fn object(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let (mut depth, mut quoted, mut comma) = (0usize, false, false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if quoted {
            out.push(c);
            match c {
                '\\' => out.push(chars.next()?.1),
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        if c.is_whitespace() {
            continue;
        }
        if std::mem::take(&mut comma) && !matches!(c, '}' | ']') {
            out.push(',');
        }
        match c {
            ',' => {
                comma = true;
                continue;
            }
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        out.push(c);
        if depth == 0 {
            return Some((out, at + 1));
        }
    }
    None
}

/// A literal in single quotes at the start of `text`, without what escapes it; and its length.
fn unquoted(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('\'')?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((out, at + 2)),
            // Yarn escapes backslashes, quotes and the ends of lines, by one in front.
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_found_in_every_form() {
        let string = "const RAW_RUNTIME_STATE =\n'{\\\n  \"a\": \"\\\\\\\\d\\'\"\\\n}';\nrest";
        let (range, json) = inlined(string).unwrap();
        assert_eq!(json, "{\n  \"a\": \"\\\\d'\"\n}");
        assert_eq!(&string[range.end..], ";\nrest");
        let parse = "x(hydrateRuntimeState(JSON.parse('{}'), y)";
        assert_eq!(inlined(parse).unwrap().1, "{}");
        let object = "return hydrateRuntimeState({\"a\": [1, \"},\"],}, {basePath})";
        let (range, json) = inlined(object).unwrap();
        assert_eq!(
            (json.as_str(), &object[range.end..]),
            ("{\"a\":[1,\"},\"]}", ", {basePath})")
        );
        assert_eq!(inlined("hydrateRuntimeState(require(x), y)"), None);
    }

    #[test]
    fn another_project_inside_is_not_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("a/b");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(dir.path().join(DATA), "{}").unwrap();
        assert!(find(&inside).unwrap().is_some());
        std::fs::write(dir.path().join("a/package-lock.json"), "{}").unwrap();
        assert!(find(&inside).unwrap().is_none());
    }
}
