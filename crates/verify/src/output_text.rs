//! Texts of two runs made comparable.
//!
//! In: a message that names folders of this machine. Out: the same message with `<root>` for the
//! folder that was loaded, so that the original's and the artifact's can be compared and shown.

use std::sync::LazyLock;

use regex::Regex;

/// Replaces a folder's path where it stands as a whole path prefix; `/a/b` is not in `/a/bc`.
pub(super) fn replace_path(text: &str, path: &str, with: &str) -> String {
    if path.is_empty() || path == "/" {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let after = &rest[at + path.len()..];
        let whole = !after
            .chars()
            .next()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        out.push_str(&rest[..at]);
        out.push_str(if whole { with } else { path });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What is left of a failure's message when everything that depends on where the code lies is
/// taken out: the stack of requiring files, and the folders above a `node_modules` (a hoisted
/// package of a workspace lies above the root in the original and below it in the artifact).
pub(super) fn comparable(message: &str) -> String {
    // A pattern that is fixed and tested cannot fail to compile; if it did, nothing is replaced.
    // Greedy, because a store of links has a `node_modules` inside another.
    static ABOVE_MODULES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?:file://)?(?:<root>)?/(?:[^\s'"`]*/)?node_modules/"#).ok()
    });
    let message = match message.find("\nRequire stack:") {
        Some(at) => &message[..at],
        None => message,
    };
    let text = message.trim();
    match ABOVE_MODULES.as_ref() {
        Some(pattern) => pattern.replace_all(text, "<modules>/").into_owned(),
        None => text.to_string(),
    }
}

/// What a program printed, fit for a terminal and a document: control characters would move the
/// cursor or change its colours.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// What a program printed less the stack of Node.js itself that ends it after a crash, where
/// there is anything else.
pub(super) fn own_words(output: &str) -> &str {
    match output.split_once("----- Native stack trace -----") {
        Some((before, _)) if !before.trim().is_empty() => before.trim_end(),
        _ => output,
    }
}

/// The first line, for one-line details.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_replaced_as_a_whole_only() {
        assert_eq!(
            replace_path("at /a/b/x.js and /a/bc and '/a/b'", "/a/b", "<root>"),
            "at <root>/x.js and /a/bc and '<root>'"
        );
        assert_eq!(replace_path("/x", "/", "<root>"), "/x");
    }

    #[test]
    fn where_a_package_lies_does_not_matter() {
        let hoisted = comparable("bad /ws/node_modules/pg/lib/i.js");
        let placed = comparable("bad <root>/node_modules/pg/lib/i.js");
        assert_eq!(hoisted, placed);
        assert_eq!(
            comparable("bad '<root>/node_modules/.pnpm/pg@1/node_modules/pg/i.js'"),
            "bad '<modules>/pg/i.js'"
        );
        assert_eq!(
            comparable("Cannot find module 'x'\nRequire stack:\n- <root>/a.js"),
            "Cannot find module 'x'"
        );
    }
}
