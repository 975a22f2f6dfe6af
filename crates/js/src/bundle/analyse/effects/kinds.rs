//! What kind of value an expression gives, and which of its methods only compute.
//!
//! The table of methods is data (`methods.txt`). A row holds for the kind's own prototype; what
//! was put there by hand is not looked for, as everywhere in the field.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::bundle::analyse::effects::side_effects::Judge;
use crate::bundle::load::fold::static_name;
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

/// What a method does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
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

struct Method {
    gives: Option<ValueKind>,
    takes: Takes,
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

fn method(kind: ValueKind, name: &str) -> Option<&'static Method> {
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

impl<'a> Judge<'a> {
    /// The kind of value that an expression gives, where that is certain.
    pub(super) fn kind_of(&self, expr: &Expr) -> Option<ValueKind> {
        match expr {
            Expr::Paren(paren) => self.kind_of(&paren.expr),
            Expr::Array(_) => Some(ValueKind::List),
            Expr::Ident(name) if name.ctxt == self.unresolved => {
                (name.sym == "undefined").then_some(ValueKind::Nothing)
            }
            Expr::Ident(name) => self.tops.get(&name.to_id())?.kind,
            Expr::Unary(unary) => match unary.op {
                UnaryOp::TypeOf => Some(ValueKind::Text),
                UnaryOp::Void => Some(ValueKind::Nothing),
                UnaryOp::Bang => Some(ValueKind::Bool),
                UnaryOp::Minus | UnaryOp::Plus => self
                    .kind_of(&unary.arg)
                    .filter(|kind| *kind == ValueKind::Number),
                UnaryOp::Tilde | UnaryOp::Delete => None,
            },
            Expr::Bin(bin) => match bin.op {
                BinaryOp::EqEqEq | BinaryOp::NotEqEq => Some(ValueKind::Bool),
                BinaryOp::Add => {
                    let sides = (self.kind_of(&bin.left)?, self.kind_of(&bin.right)?);
                    match sides {
                        (ValueKind::Text, _) | (_, ValueKind::Text) => Some(ValueKind::Text),
                        (ValueKind::Number, ValueKind::Number) => Some(ValueKind::Number),
                        _ => None,
                    }
                }
                _ => None,
            },
            Expr::Cond(cond) => {
                let kind = self.kind_of(&cond.cons)?;
                (self.kind_of(&cond.alt)? == kind).then_some(kind)
            }
            Expr::Call(call) => {
                let Callee::Expr(callee) = &call.callee else {
                    return None;
                };
                let Expr::Member(member) = &**callee else {
                    return None;
                };
                let name = static_name(&member.prop)?;
                method(self.kind_of(&member.obj)?, &name)?.gives
            }
            expr => of_literal(expr),
        }
    }

    /// A method of a known kind that only computes.
    pub(super) fn computes(&mut self, member: &'a MemberExpr, args: &'a [ExprOrSpread]) -> bool {
        let Some(found) = self
            .kind_of(&member.obj)
            .zip(static_name(&member.prop))
            .and_then(|(kind, name)| method(kind, &name))
        else {
            return false;
        };
        if args.iter().any(|arg| arg.spread.is_some()) || !self.expr(&member.obj) {
            return false;
        }
        let args: Vec<&'a Expr> = args.iter().map(|arg| &*arg.expr).collect();
        match found.takes {
            Takes::Nothing => args.is_empty(),
            Takes::Values => args.iter().all(|arg| self.plain(arg)),
            Takes::Lists => args
                .iter()
                .all(|arg| arg.is_array() && self.expr(arg) || self.plain(arg)),
            Takes::SmallNumbers => args.iter().all(|arg| {
                matches!(arg, Expr::Lit(Lit::Num(number)) if (2.0..=20.0).contains(&number.value))
            }),
            Takes::Primitives => args.iter().all(|arg| self.primitive(arg) && self.expr(arg)),
            Takes::Calls => match args.split_first() {
                Some((first, rest)) => {
                    self.harmless_callback(first) && rest.iter().all(|arg| self.plain(arg))
                }
                None => false,
            },
            Takes::Replaces | Takes::ReplacesAll => match args.as_slice() {
                [what, with] => {
                    (found.takes == Takes::Replaces || self.primitive(what))
                        && self.plain(what)
                        && (self.plain(with) || self.harmless_callback(with))
                }
                _ => false,
            },
            Takes::Folds => args.len() == 2 && self.harmless_callback(args[0]) && self.plain(args[1]),
        }
    }

    /// A value that converting calls nothing for.
    fn plain(&mut self, expr: &'a Expr) -> bool {
        (self.primitive(expr) || self.kind_of(expr) == Some(ValueKind::Pattern)) && self.expr(expr)
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
