//! Licence notices of what a bundle has in it.
//!
//! In: the comments of the modules of which something stayed. Out: those that ask to be kept
//! (`/*!`, `@license`, `@preserve`, as the field has it), each once, with the modules it came from:
//! the minifier leaves comments out, and licences ask that their notices go along.

use indexmap::IndexMap;

use crate::syntax::Notes;

/// The text of a file of notices; `None` where there are none.
pub fn gather<'a>(modules: impl Iterator<Item = (&'a str, &'a Notes)>) -> Option<String> {
    let mut notices: IndexMap<String, Vec<&str>> = IndexMap::new();
    for (name, notes) in modules {
        for text in notes.texts().filter(|text| is_legal(text)) {
            let from = notices.entry(tidy(text)).or_default();
            if from.last() != Some(&name) {
                from.push(name);
            }
        }
    }
    let mut out = String::new();
    for (notice, from) in &notices {
        out.push_str(&format!("{notice}\n\nIn: {}\n\n---\n\n", from.join(", ")));
    }
    (!out.is_empty()).then_some(out)
}

fn is_legal(text: &str) -> bool {
    text.starts_with('!') || text.contains("@license") || text.contains("@preserve")
}

/// Without the stars at the start of lines.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text
        .trim_start_matches(['!', '*'])
        .lines()
        .map(|line| {
            let line = line.trim();
            line.strip_prefix('*').unwrap_or(line).trim()
        })
        .collect();
    lines.join("\n").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_lose_their_stars() {
        assert_eq!(tidy("!\n * Name 1.0\n *\n * MIT\n "), "Name 1.0\n\nMIT");
        assert!(is_legal("! x") && is_legal("* @license MIT") && !is_legal(" plain"));
    }
}
