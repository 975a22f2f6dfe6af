//! Constants that the minifier computes wrongly.
//!
//! Its strings are UTF-8, so that places in them are not JavaScript's; it knows the methods of strings, and how
//! text becomes a number, but for some white space, separators and arguments; it prints `x--3n`. Such constants
//! are hidden from it where it would compute with them.

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::syntax::hidden::Hidden;

/// Hides constants with which the minifier computes wrongly.
pub(super) fn hide(program: &mut Program, unresolved: SyntaxContext, hidden: &mut Hidden) {
    program.visit_mut_with(&mut HideConstants { hidden, unresolved });
}

struct HideConstants<'a> {
    hidden: &'a mut Hidden,
    unresolved: SyntaxContext,
}

/// Functions of the language that turn their arguments into numbers or text.
const CONVERTING: [&str; 9] = [
    "Number",
    "String",
    "BigInt",
    "parseInt",
    "parseFloat",
    "isNaN",
    "isFinite",
    "encodeURIComponent",
    "encodeURI",
];

/// Methods that look for a place in a string, or take places of one.
const PLACING: [&str; 4] = ["indexOf", "lastIndexOf", "slice", "substring"];

impl HideConstants<'_> {
    /// A string that is more than ASCII, where something is computed from it.
    fn operand(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Lit(Lit::Str(text)) if !is_ascii(text) => {
                *expr = self.hidden.value(written(text));
            }
            Expr::Tpl(template) if template.exprs.is_empty() => {
                let cooked = template.quasis.first().and_then(|part| part.cooked.clone());
                if let Some(value) = cooked {
                    let text = Str {
                        span: DUMMY_SP,
                        value,
                        raw: None,
                    };
                    if !is_ascii(&text) {
                        *expr = self.hidden.value(written(&text));
                    }
                }
            }
            Expr::Paren(paren) => self.operand(&mut paren.expr),
            Expr::Cond(cond) => {
                self.operand(&mut cond.cons);
                self.operand(&mut cond.alt);
            }
            Expr::Bin(bin) if bin.op == BinaryOp::Add || bin.op.may_short_circuit() => {
                self.operand(&mut bin.left);
                self.operand(&mut bin.right);
            }
            Expr::Object(object) if has_prototype(object) => self.hidden.expression(expr),
            _ => {}
        }
    }

    /// `undefined`, `NaN` or an empty string as an argument of a method that looks for places.
    fn odd_argument(&mut self, expr: &mut Expr) {
        let odd = match &*expr {
            Expr::Ident(name) => {
                name.ctxt == self.unresolved && matches!(&*name.sym, "undefined" | "NaN")
            }
            Expr::Unary(unary) => unary.op == UnaryOp::Void && unary.arg.is_lit(),
            Expr::Lit(Lit::Str(text)) => text.value.is_empty(),
            _ => false,
        };
        if odd {
            self.hidden.expression(expr);
        }
    }
}

/// Whether a literal says what it inherits from.
fn has_prototype(object: &ObjectLit) -> bool {
    object.props.iter().any(|prop| match prop {
        PropOrSpread::Prop(prop) => match &**prop {
            Prop::KeyValue(pair) => match &pair.key {
                PropName::Ident(name) => name.sym == "__proto__",
                PropName::Str(name) => name.value == "__proto__",
                _ => false,
            },
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    })
}

fn is_ascii(text: &Str) -> bool {
    text.value.as_str().is_some_and(str::is_ascii)
}

/// Text that is a number but for white space behind it, or for a separator in it.
fn is_nearly_number(text: &Str) -> bool {
    let Some(text) = text.value.as_str() else {
        return false;
    };
    let inner = text.trim();
    let numeric = inner.len() <= 32
        && (inner.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
            || inner.is_empty()
            || inner.contains("Infinity"))
        && !inner.contains(' ');
    numeric && (text.trim_end() != text || inner.contains('_'))
}

/// A string as the bundle has it in the end.
fn written(text: &Str) -> String {
    let quote = match text.value.as_str() {
        Some(value) if value.contains('"') && !value.contains('\'') => '\'',
        _ => '"',
    };
    let mut out = String::from(quote);
    let push = |c: char, out: &mut String| match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{2028}' => out.push_str("\\u2028"),
        '\u{2029}' => out.push_str("\\u2029"),
        '\0' => out.push_str("\\x00"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    };
    for point in text.value.code_points() {
        match point.to_char() {
            Some(c) => push(c, &mut out),
            None => out.push_str(&format!("\\u{:04x}", point.to_u32())),
        }
    }
    out.push(quote);
    // As the printer has it, for bundles that stand in a page.
    out.replace("</script", "<\\/script")
}

impl VisitMut for HideConstants<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        match expr {
            Expr::Lit(Lit::BigInt(value)) => {
                *expr = self.hidden.value(format!("{}n", value.value));
            }
            Expr::Lit(Lit::Str(text)) if is_nearly_number(text) => {
                *expr = self.hidden.value(written(text));
            }
            // Smaller than the minifier tells from 0, and what it rounds to 1.
            Expr::Lit(Lit::Num(number))
                if (number.value != 0.0 && number.value.abs() < f64::EPSILON)
                    || number.value == 0.499_999_999_999_999_94 =>
            {
                *expr = self.hidden.value(format!("{:e}", number.value));
            }
            _ => {}
        }
    }

    fn visit_mut_expr_stmt(&mut self, stmt: &mut ExprStmt) {
        // A directive is no constant.
        if !matches!(&*stmt.expr, Expr::Lit(Lit::Str(_))) {
            stmt.visit_mut_children_with(self);
        }
    }

    fn visit_mut_member_expr(&mut self, member: &mut MemberExpr) {
        member.visit_mut_children_with(self);
        self.operand(&mut member.obj);
    }

    fn visit_mut_bin_expr(&mut self, bin: &mut BinExpr) {
        bin.visit_mut_children_with(self);
        if !bin.op.may_short_circuit() && !matches!(bin.op, BinaryOp::Add | BinaryOp::In) {
            self.operand(&mut bin.left);
            self.operand(&mut bin.right);
        }
        for side in [&mut bin.left, &mut bin.right] {
            if matches!(&**side, Expr::Object(object) if has_prototype(object)) {
                self.hidden.expression(side);
            }
        }
    }

    fn visit_mut_unary_expr(&mut self, unary: &mut UnaryExpr) {
        unary.visit_mut_children_with(self);
        if matches!(unary.op, UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Tilde) {
            self.operand(&mut unary.arg);
        }
    }

    fn visit_mut_tpl(&mut self, template: &mut Tpl) {
        template.visit_mut_children_with(self);
        for expr in &mut template.exprs {
            if matches!(&**expr, Expr::Object(object) if has_prototype(object)) {
                self.hidden.expression(expr);
            }
        }
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        let Callee::Expr(callee) = &call.callee else {
            return;
        };
        match &**callee {
            Expr::Ident(name)
                if name.ctxt == self.unresolved && CONVERTING.contains(&&*name.sym) =>
            {
                call.args
                    .iter_mut()
                    .for_each(|arg| self.operand(&mut arg.expr));
            }
            Expr::Member(member) => {
                let called = member.prop.as_ident().map(|name| &*name.sym);
                if called.is_some_and(|name| PLACING.contains(&name)) {
                    call.args
                        .iter_mut()
                        .for_each(|arg| self.odd_argument(&mut arg.expr));
                } else if called == Some("concat") {
                    call.args
                        .iter_mut()
                        .for_each(|arg| self.operand(&mut arg.expr));
                }
            }
            _ => {}
        }
    }

    // What has a value of its own may be put where it is used.
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        if let (Pat::Ident(_), Some(init)) = (&decl.name, &mut decl.init)
            && !init.is_object()
        {
            self.operand(init);
        }
    }

    fn visit_mut_return_stmt(&mut self, stmt: &mut ReturnStmt) {
        stmt.visit_mut_children_with(self);
        if let Some(arg) = &mut stmt.arg
            && !arg.is_object()
        {
            self.operand(arg);
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        arrow.visit_mut_children_with(self);
        if let ArrowFunctionBody::Expr(body) = &mut *arrow.body
            && !body.is_object()
        {
            self.operand(body);
        }
    }

    // These are names, not expressions.
    fn visit_mut_import_decl(&mut self, _: &mut ImportDecl) {}
    fn visit_mut_export_all(&mut self, _: &mut ExportAll) {}
}
