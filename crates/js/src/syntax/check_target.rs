//! Syntax that the target lacks, in a bundle that is about to be printed.
//!
//! In: the program and its [`Engine`]. Out: the same program, with regular expressions that
//! cannot be written as literals made by a call, and one warning for each kind of syntax and file
//! that would keep it from loading. What can be lowered has been, where each file was parsed.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashSet;
use swc_core::common::{DUMMY_SP, FileName, Span, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::syntax::Sources;
use crate::syntax::target::{Engine, Fallback, Syntax, row};
use coldcut_core::diagnostics::{Code, Diagnostic, Location};

/// Syntax that the target does not support and that cannot be compiled to older syntax.
pub const TOO_NEW: Code = Code("CC155");

pub(super) fn check_target(
    program: &mut Program,
    sources: &Sources,
    unresolved: SyntaxContext,
    target: Engine,
) -> Vec<Diagnostic> {
    let mut finder = FindNewerSyntax {
        target,
        unresolved,
        found: Vec::new(),
    };
    program.visit_mut_with(&mut finder);
    let mut warnings = BTreeMap::new();
    for (syntax, span) in finder.found {
        let (file, at) = place(sources, span);
        warnings
            .entry((file, syntax))
            .or_insert_with(|| warning(target, syntax, at));
    }
    warnings.into_values().collect()
}

fn place(sources: &Sources, span: Span) -> (String, Option<Location>) {
    if span.is_dummy() {
        return (String::new(), None);
    }
    let file = sources.cm.lookup_source_file(span.lo);
    let FileName::Real(path) = &*file.name else {
        return (String::new(), None);
    };
    let path: &Path = path;
    let offset = (span.lo - file.start_pos).0 as usize;
    let len = (span.hi.0.saturating_sub(span.lo.0)) as usize;
    (
        path.display().to_string(),
        Some(Location::span(path, &*file.src, offset, len)),
    )
}

fn warning(target: Engine, syntax: Syntax, at: Option<Location>) -> Diagnostic {
    let row = row(syntax);
    let title = row.map_or("this syntax", |row| &row.title);
    let message = format!("{target} does not support {title}");
    let mut out = Diagnostic::warning(TOO_NEW, message);
    out.at = at;
    if row.is_some_and(|row| row.how == Fallback::Late) {
        out.note("this code fails when it runs there, not when the bundle loads")
            .help("write the expression in another way, or choose a newer target")
    } else {
        out.help(
            "the bundle will not load there: write it in another way, or choose a newer target",
        )
    }
}

struct FindNewerSyntax {
    target: Engine,
    unresolved: SyntaxContext,
    found: Vec<(Syntax, Span)>,
}

impl FindNewerSyntax {
    fn note(&mut self, syntax: Syntax, span: Span) {
        if !self.target.takes(syntax) {
            self.found.push((syntax, span));
        }
    }

    /// The first kind of syntax in a regular expression that the target lacks.
    fn lacks(&self, regex: &Regex) -> Option<Syntax> {
        let named = [('v', Syntax::RegexpSets), ('d', Syntax::RegexpIndices)];
        let by_flag = named
            .into_iter()
            .filter(|(flag, _)| regex.flags.contains(*flag));
        let by_text = groups(&regex.exp);
        by_flag
            .map(|(_, syntax)| syntax)
            .chain(by_text)
            .find(|syntax| !self.target.takes(*syntax))
    }
}

/// What the groups of a regular expression need.
fn groups(text: &str) -> Vec<Syntax> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut names = FxHashSet::default();
    let (mut at, mut in_class) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                let rest = &text[at + 1..];
                if let Some(name) = rest.strip_prefix("?<")
                    && !name.starts_with(['=', '!'])
                {
                    let name = name.split('>').next().unwrap_or_default();
                    if !names.insert(name) {
                        out.push(Syntax::RegexpSameNames);
                    }
                } else if rest.starts_with('?') && rest[1..].starts_with(['i', 'm', 's', '-']) {
                    out.push(Syntax::RegexpModifiers);
                }
            }
            _ => {}
        }
        at += 1;
    }
    out
}

impl VisitMut for FindNewerSyntax {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        match expr {
            Expr::Lit(Lit::Regex(regex)) => {
                if let Some(syntax) = self.lacks(regex) {
                    self.note(syntax, regex.span);
                    *expr = made(regex, self.unresolved);
                }
            }
            Expr::OptChain(chain) => self.note(Syntax::OptionalChaining, chain.span),
            Expr::Bin(bin) if bin.op == op!("??") => self.note(Syntax::Nullish, bin.span),
            Expr::Bin(bin) if bin.left.is_private_name() => {
                self.note(Syntax::PrivateIn, bin.span);
            }
            Expr::Assign(assign) if assign.op.may_short_circuit() => {
                self.note(Syntax::LogicalAssignment, assign.span);
            }
            _ => {}
        }
    }

    fn visit_mut_class_member(&mut self, member: &mut ClassMember) {
        member.visit_mut_children_with(self);
        match member {
            ClassMember::StaticBlock(block) => self.note(Syntax::StaticBlocks, block.span),
            ClassMember::PrivateMethod(method) => self.note(Syntax::PrivateMethods, method.span),
            _ => {}
        }
    }

    fn visit_mut_module_export_name(&mut self, name: &mut ModuleExportName) {
        if matches!(name, ModuleExportName::Str(_)) {
            self.note(Syntax::StringNames, name.span());
        }
    }

    fn visit_mut_using_decl(&mut self, using: &mut UsingDecl) {
        using.visit_mut_children_with(self);
        self.note(Syntax::Resources, using.span);
    }
}

/// `new RegExp("…", "flags")`.
fn made(regex: &Regex, unresolved: SyntaxContext) -> Expr {
    let text = |value: &swc_core::atoms::Atom| ExprOrSpread {
        spread: None,
        expr: Box::new(Expr::Lit(Lit::Str(Str {
            span: DUMMY_SP,
            value: value.as_str().into(),
            raw: None,
        }))),
    };
    Expr::New(NewExpr {
        span: regex.span,
        callee: Box::new(Expr::Ident(Ident::new(
            "RegExp".into(),
            DUMMY_SP,
            unresolved,
        ))),
        args: Some(vec![text(&regex.exp), text(&regex.flags)]),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_from_what_looks_like_them() {
        assert_eq!(groups(r"(?i:a)"), [Syntax::RegexpModifiers]);
        assert_eq!(groups(r"(?-s:a)"), [Syntax::RegexpModifiers]);
        assert_eq!(groups(r"(?<a>x)|(?<a>y)"), [Syntax::RegexpSameNames]);
        for plain in [
            r"(?:a)(?=b)(?!c)(?<=d)(?<!e)(?<a>f)(?<b>g)",
            r"\(?i:",
            r"[(?i:]",
            "é(a)",
        ] {
            assert_eq!(groups(plain), [], "{plain}");
        }
    }
}
