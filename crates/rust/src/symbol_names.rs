//! Whose code a symbol is.
//!
//! In: a symbol's mangled name. Out: [`SymbolName`]: the crate, and the function as a person reads it, less
//! what tells copies of it apart. A method of a trait is counted to the crate of the type that it is
//! for, as other tools count it, and to the trait's where that type is none of any crate.

use rustc_demangle::demangle;

/// A symbol, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolName {
    /// `None` for what no Rust crate made.
    pub krate: Option<String>,
    /// The same for all copies of one function.
    pub function: String,
}

/// Crates that come with the compiler, shown as one.
pub const STD: &str = "std";
const STD_CRATES: [&str; 19] = [
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "std_detect",
    "panic_abort",
    "panic_unwind",
    "unwind",
    "compiler_builtins",
    "gimli",
    "addr2line",
    "miniz_oxide",
    "rustc_demangle",
    "hashbrown",
    "rustc_std_workspace_core",
    "__rustc",
    "adler2",
    "object",
];

/// `std` for its parts. Those of them that crates.io has too count as themselves where the project
/// links them (`linked`).
pub fn shown<'a>(krate: &'a str, linked: &dyn Fn(&str) -> bool) -> &'a str {
    match STD_CRATES.contains(&krate) && !linked(krate) {
        true => STD,
        false => krate,
    }
}

/// Reads a symbol.
pub fn parse(mangled: &str) -> SymbolName {
    let rust = mangled.starts_with("_ZN") || mangled.starts_with("_R");
    if !rust {
        // What the compiler makes beside functions is no C code.
        let made = ["anon.", "vtable.", "switch.table", ".L", "str.", "alloc_"];
        let none = made.iter().any(|start| mangled.starts_with(start));
        return SymbolName {
            krate: None,
            function: if none {
                String::new()
            } else {
                mangled.to_string()
            },
        };
    }
    // The alternate form leaves the hash out.
    let mut text = format!("{:#}", demangle(mangled));
    // LLVM's own copies of a function: `name.llvm.123`, `name.cold`.
    if let Some(at) = text.find(".llvm.") {
        text.truncate(at);
    }
    SymbolName {
        krate: krate(&text),
        function: text,
    }
}

fn krate(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('<') else {
        return first(text);
    };
    // `<A as B>::f`, `<impl B for A>::f`, `<A>::f`
    let inner = inner.strip_prefix("impl ").unwrap_or(inner);
    let end = closing(inner);
    let head = &inner[..end];
    match split(head, " as ").or_else(|| split(head, " for ").map(|(b, a)| (a, b))) {
        Some((of, by)) => first(of).or_else(|| first(by)),
        None => first(head),
    }
}

/// Where the bracket that was opened before `text` closes.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            // The arrow of a function's type closes nothing.
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' if depth == 0 => return at,
            b'>' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Splits at a word that stands in no brackets.
fn split<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && text.is_char_boundary(at) && text[at..].starts_with(word) => {
                return Some((&text[..at], &text[at + word.len()..]));
            }
            _ => {}
        }
    }
    None
}

/// The first crate that a path or type begins with.
fn first(text: &str) -> Option<String> {
    let mut text = text.trim_start_matches(['<', '&', '*', '(', '[', ' ']);
    for word in ["mut ", "const ", "dyn ", "impl ", "unsafe ", "extern "] {
        text = text.strip_prefix(word).unwrap_or(text);
    }
    let text = text.trim_start_matches(['<', '&', '*', '(', '[', ' ']);
    let (head, _) = text.split_once("::")?;
    // v0 names a crate's own number: `core[5ab4]`.
    let head = head.split('[').next().unwrap_or(head);
    let named = head
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let plain = head.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (named && plain).then(|| head.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_names_its_crate() {
        let of = |text: &str| krate(text).unwrap_or_default();
        assert_eq!(of("tokio::runtime::Runtime::new"), "tokio");
        assert_eq!(of("<hyper::Body as core::fmt::Debug>::fmt"), "hyper");
        assert_eq!(of("<T as serde::Serialize>::serialize"), "serde");
        assert_eq!(of("<&mut core::fmt::Arguments as a::B>::c"), "core");
        assert_eq!(
            of("<alloc::vec::Vec<tokio::X> as core::ops::Drop>::drop"),
            "alloc"
        );
        assert_eq!(of("<[T] as bytes::Buf>::get"), "bytes");
        assert_eq!(of("<fn(u8) -> u8 as a::B>::c"), "a");
        assert_eq!(of("core::ptr::drop_in_place<a::B>"), "core");
        assert_eq!(of("<dyn a::B>::c"), "a");
        assert_eq!(of("main"), "");
    }

    #[test]
    fn copies_of_a_function_share_its_name() {
        let one = parse("_ZN10serde_json4read9SliceRead14skip_to_escape17hc4e4f0a3e32047f2E");
        let other = parse("_ZN10serde_json4read9SliceRead14skip_to_escape17hffffffffffffffffE");
        assert_eq!(one, other);
        assert_eq!(one.krate.as_deref(), Some("serde_json"));
        assert_eq!(parse("memcpy").krate, None);
        assert_eq!(parse("memcpy").function, "memcpy");
        assert_eq!(parse("anon.5ab.3").function, "");
    }

    #[test]
    fn no_text_breaks_it() {
        for text in [
            "",
            "<",
            "<>",
            "<é as ü>",
            "_ZN",
            "_R",
            "::",
            "<a as ",
            "->",
            "é::b",
            "<é for é",
        ] {
            let _ = (krate(text), parse(text));
        }
    }
}
