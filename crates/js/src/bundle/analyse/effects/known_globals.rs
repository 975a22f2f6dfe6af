//! Globals and helpers that are known by their names.
//!
//! The lists are data: `globals_read.txt`, `globals_call.txt`, `changers.txt`, `helper_packages.txt`.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::bundle::load::fold::static_name;
use crate::packages::package::package_of_specifier;
use crate::syntax::Atom;
use crate::syntax::ast::*;

/// Names from a data file, one per line, `#` starting a comment.
fn names(text: &'static str) -> HashSet<&'static str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Globals that may be read.
pub(super) fn readable() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("globals_read.txt")))
}

/// Globals that may be called, with `new` or without, when their arguments are harmless.
pub(super) fn callable() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("globals_call.txt")))
}

/// Helpers that change their first argument and nothing else.
pub(super) fn changers() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("changers.txt")))
}

/// Packages whose functions are the helpers that [`changers`] names.
fn helper_packages() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| names(include_str!("helper_packages.txt")))
}

/// Whether an import leads to such a package, or to a file of it.
pub fn is_helper_package(specifier: &str) -> bool {
    let plain = specifier.strip_prefix("node:").unwrap_or(specifier);
    package_of_specifier(plain).is_some_and(|name| helper_packages().contains(name))
}

/// The name at the start of a chain of members.
pub(super) fn root_of(expr: &Expr) -> Option<Id> {
    match expr {
        Expr::Ident(name) => Some(name.to_id()),
        Expr::Member(member) => root_of(&member.obj),
        Expr::Paren(paren) => root_of(&paren.expr),
        // `E || (E = {})`
        Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => root_of(&bin.left),
        _ => None,
    }
}

/// The name whose object an argument is: what a function does to it, it does to that.
pub(super) fn handed(expr: &Expr) -> Option<Id> {
    match expr {
        Expr::Paren(paren) => handed(&paren.expr),
        Expr::Ident(name) => Some(name.to_id()),
        // Any other member may be an object that others have too.
        Expr::Member(member) => static_name(&member.prop)
            .filter(|name| name == "prototype" && member.obj.is_ident())
            .and_then(|_| root_of(&member.obj)),
        // `E || (E = {})` and `Outer.E || (Outer.E = {})`
        Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr => root_of(&bin.left),
        _ => None,
    }
}

/// `Object.prototype.hasOwnProperty` as text.
pub(super) fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Ident(name) => Some(name.sym.to_string()),
        Expr::Member(member) => Some(format!(
            "{}.{}",
            dotted(&member.obj)?,
            static_name(&member.prop)?
        )),
        Expr::Paren(paren) => dotted(&paren.expr),
        _ => None,
    }
}

pub(super) fn dotted_root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Ident(name) => Some(name),
        Expr::Member(member) => dotted_root(&member.obj),
        Expr::Paren(paren) => dotted_root(&paren.expr),
        _ => None,
    }
}

/// The last name of a callee: `__extends`, `util.inherits`, `tslib_1.__extends`.
pub(super) fn helper_of(callee: &Expr) -> Option<String> {
    match callee {
        Expr::Ident(name) => Some(name.sym.to_string()),
        Expr::Member(member) => {
            let name: Atom = static_name(&member.prop)?;
            match &*member.obj {
                Expr::Ident(object) if object.sym == "Object" || object.sym == "util" => {
                    Some(format!("{}.{name}", object.sym))
                }
                Expr::Ident(_) if name.starts_with("__") => Some(name.to_string()),
                _ => None,
            }
        }
        Expr::Paren(paren) => helper_of(&paren.expr),
        Expr::Seq(seq) => helper_of(seq.exprs.last()?),
        _ => None,
    }
}
