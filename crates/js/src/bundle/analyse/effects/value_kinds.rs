//! Kinds of values, and which of their methods only compute.
//!
//! The table of methods is data (`methods.txt`). A row holds for the kind's own prototype; what
//! was put there by hand is not looked for, as everywhere in the field.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::syntax::ast::*;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    Text,
    Number,
    Bool,
    /// `null` or `undefined`.
    Nothing,
    List,
    Pattern,
    /// An iterator of the language's own.
    Iterator,
}

impl ValueKind {
    /// A string, number, boolean or nothing: converting it calls nothing.
    pub fn is_primitive(self) -> bool {
        match self {
            Self::Text | Self::Number | Self::Bool | Self::Nothing => true,
            Self::List | Self::Pattern | Self::Iterator => false,
        }
    }
}

/// What a method does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Primitive values and patterns.
    Values,
    Primitives,
    /// Small numbers, written out: others may throw.
    SmallNumbers,
    Nothing,
    /// A function that is called with parts of the object.
    Calls,
    /// What to look for, and what stands there instead, or a function that says so.
    Replaces,
    /// The same, and a pattern would have to have a flag.
    ReplacesAll,
    /// A function and a first value.
    Folds,
    /// Values and lists.
    Lists,
}

pub(super) struct Method {
    pub gives: Option<ValueKind>,
    pub takes: Takes,
}

fn kind_named(name: &str) -> Option<ValueKind> {
    Some(match name {
        "text" => ValueKind::Text,
        "number" => ValueKind::Number,
        "bool" => ValueKind::Bool,
        "list" => ValueKind::List,
        "pattern" => ValueKind::Pattern,
        "iterator" => ValueKind::Iterator,
        _ => return None,
    })
}

fn name_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::Number => "number",
        ValueKind::Bool => "bool",
        ValueKind::Nothing => "nothing",
        ValueKind::List => "list",
        ValueKind::Pattern => "pattern",
        ValueKind::Iterator => "iterator",
    }
}

fn methods() -> &'static FxHashMap<&'static str, Method> {
    static METHODS: OnceLock<FxHashMap<&'static str, Method>> = OnceLock::new();
    METHODS.get_or_init(|| {
        include_str!("methods.txt")
            .lines()
            .filter_map(|line| {
                let mut words = line.split('#').next()?.split_whitespace();
                let (name, gives, takes) = (words.next()?, words.next()?, words.next()?);
                let takes = match takes {
                    "values" => Takes::Values,
                    "small-numbers" => Takes::SmallNumbers,
                    "primitives" => Takes::Primitives,
                    "calls" => Takes::Calls,
                    "replaces" => Takes::Replaces,
                    "replaces-all" => Takes::ReplacesAll,
                    "folds" => Takes::Folds,
                    "lists" => Takes::Lists,
                    _ => Takes::Nothing,
                };
                let gives = kind_named(gives);
                Some((name, Method { gives, takes }))
            })
            .collect()
    })
}

pub(super) fn method(kind: ValueKind, name: &str) -> Option<&'static Method> {
    methods().get(format!("{}.{name}", name_of(kind)).as_str())
}

/// The kind of a literal.
pub fn of_literal(expr: &Expr) -> Option<ValueKind> {
    match expr {
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => Some(ValueKind::Text),
        Expr::Lit(Lit::Num(_)) => Some(ValueKind::Number),
        Expr::Lit(Lit::Bool(_)) => Some(ValueKind::Bool),
        Expr::Lit(Lit::Null(_)) => Some(ValueKind::Nothing),
        Expr::Lit(Lit::Regex(_)) => Some(ValueKind::Pattern),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("methods.txt")
            .lines()
            .filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty());
        let mut count = 0;
        for row in rows {
            let words: Vec<&str> = row.split_whitespace().collect();
            let (kind, name) = words[0].split_once('.').unwrap();
            assert!(kind_named(kind).is_some(), "{row}");
            assert!(words[1] == "any" || kind_named(words[1]).is_some(), "{row}");
            assert!(method(kind_named(kind).unwrap(), name).is_some(), "{row}");
            count += 1;
        }
        assert_eq!(count, methods().len());
    }
}
