//! The words of Rust source, and the files that it embeds.
//!
//! In: source folders. Out: [`SourceWords`]: every identifier outside of comments and texts, and what
//! `include_bytes!` and `include_str!` name. No grammar is needed for that, only where a text ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coldcut_core::disk::is_cache;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SourceWords {
    pub names: BTreeSet<String>,
    /// Files that become part of the binary.
    pub embedded: BTreeSet<PathBuf>,
}

/// Deeper folders hold no source of a package.
const MAX_DEPTH: usize = 12;

/// Reads all `.rs` files below `folders`.
pub fn scan_sources(folders: &[PathBuf]) -> SourceWords {
    let mut out = SourceWords::default();
    for folder in folders {
        let walk = walkdir::WalkDir::new(folder)
            .max_depth(MAX_DEPTH)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_cache(entry.path()))
            .filter_map(Result::ok);
        for entry in walk {
            if entry.path().extension().is_some_and(|end| end == "rs")
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                scan(&text, entry.path().parent().unwrap_or(folder), &mut out);
            }
        }
    }
    out
}

/// Reads one file that lies in `dir`.
fn scan(text: &str, dir: &Path, out: &mut SourceWords) {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut last = String::new();
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        if c == '/' && next == '/' {
            at = find(&chars, at, "\n");
        } else if c == '/' && next == '*' {
            at = comment(&chars, at);
        } else if c == '"' {
            let (text, end) = string(&chars, at);
            embed(&last, &text, dir, out);
            at = end;
        } else if c == 'r' && (next == '"' || next == '#') && raw(&chars, at).is_some() {
            let (text, end) = raw(&chars, at).unwrap_or_default();
            embed(&last, &text, dir, out);
            at = end;
        } else if c == '\'' {
            at = quote(&chars, at);
        } else if c.is_alphabetic() || c == '_' {
            let start = at;
            while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                at += 1;
            }
            last = chars[start..at].iter().collect();
            out.names.insert(last.clone());
        } else {
            at += 1;
        }
    }
}

fn embed(word: &str, text: &str, dir: &Path, out: &mut SourceWords) {
    if matches!(word, "include_bytes" | "include_str") {
        out.embedded.insert(dir.join(text));
    }
}

/// Behind the next `what`, or the end.
fn find(chars: &[char], from: usize, what: &str) -> usize {
    let what: Vec<char> = what.chars().collect();
    let rest = chars.get(from..).unwrap_or_default();
    let found = rest.windows(what.len()).position(|window| window == what);
    found.map_or(chars.len(), |found| from + found + what.len())
}

/// Comments of this kind are nested.
fn comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn string(chars: &[char], from: usize) -> (String, usize) {
    let mut out = String::new();
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        if chars[at] == '\\' {
            at += 1;
        }
        out.extend(chars.get(at));
        at += 1;
    }
    (out, at + 1)
}

/// `r"…"`, `r#"…"#`; `None` for a raw identifier.
fn raw(chars: &[char], from: usize) -> Option<(String, usize)> {
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    let open = from + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let end = find(chars, open + 1, &close);
    let inner = chars.get(open + 1..end.saturating_sub(close.len()))?;
    Some((inner.iter().collect(), end))
}

/// A character, or a lifetime.
fn quote(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => find(chars, from + 3, "'"),
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> SourceWords {
        let mut out = SourceWords::default();
        scan(text, Path::new("/p/src"), &mut out);
        out
    }

    #[test]
    fn names_in_comments_and_texts_do_not_count() {
        let found = words(
            "// one\n/* two /* three */ four */ five!(\"six\", r#\"seven \" eight\"#, '\\'', 'n', b'x');\nfn f<'nine>() { r#ten; \"\\\"eleven\" }",
        );
        for name in ["five", "nine", "ten"] {
            assert!(found.names.contains(name), "{name}");
        }
        for name in [
            "one", "two", "three", "four", "six", "seven", "eight", "eleven",
        ] {
            assert!(!found.names.contains(name), "{name}");
        }
    }

    #[test]
    fn embedded_files_are_seen_from_their_source() {
        let found = words("static A: &[u8] = include_bytes!(\"../model.bin\");");
        assert!(found.embedded.contains(Path::new("/p/src/../model.bin")));
    }

    #[test]
    fn no_text_breaks_it() {
        for text in [
            "", "r", "r#", "r\"", "'", "'\\", "\"", "\"\\", "/*", "/", "é'é", "r#\"#",
        ] {
            let _ = words(text);
        }
    }
}
