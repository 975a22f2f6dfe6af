//! Objects, patterns and calls that the minifier writes as others.
//!
//! It drops the default of `({ x: x = 1 } = object)`; it loses the parentheses of `(#x in object) + 1`; it writes
//! `<\/script` in the raw text of a tagged template; it makes `object?.method()` of `(0, object?.method)()`, which has
//! another `this`; it prints `static -1` of `static [-1]`, `{ -1: a }` of `{ [-1]: a }` and `static 1/0` of
//! `static [Infinity]`; and it cannot read `in` inside a function at the head of a `for`.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::hidden::Hidden;
use crate::syntax::parentheses::without_parentheses;

/// Writes objects, patterns and calls so that the minifier leaves them what they are.
pub(super) fn settle(program: &mut Program, unresolved: SyntaxContext, hidden: &mut Hidden) {
    let mut numbers = Numbers {
        unresolved,
        names: HashSet::new(),
    };
    program.visit_with(&mut numbers);
    program.visit_mut_with(&mut Objects { hidden, numbers });
}

struct Objects<'a> {
    hidden: &'a mut Hidden,
    numbers: Numbers,
}

/// Variables that may be known to be a negative number or infinity.
struct Numbers {
    unresolved: SyntaxContext,
    names: HashSet<Id>,
}

impl Numbers {
    /// Whether the minifier may find that `expr` is a negative number or infinity.
    fn may_be(&self, expr: &Expr) -> bool {
        match without_parentheses(expr) {
            Expr::Ident(name) => {
                self.names.contains(&name.to_id())
                    || (name.ctxt == self.unresolved && name.sym == "Infinity")
            }
            Expr::Unary(unary) => {
                matches!(unary.op, UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Tilde)
            }
            Expr::Bin(bin) if bin.op == BinaryOp::Add => {
                !is_text(&bin.left) && !is_text(&bin.right)
            }
            Expr::Bin(bin) => match bin.op {
                BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::NullishCoalescing => {
                    self.may_be(&bin.left) || self.may_be(&bin.right)
                }
                _ => true,
            },
            Expr::Cond(cond) => self.may_be(&cond.cons) || self.may_be(&cond.alt),
            Expr::Seq(seq) => seq.exprs.last().is_some_and(|last| self.may_be(last)),
            _ => false,
        }
    }
}

/// Whether something is added to text.
fn is_text(expr: &Expr) -> bool {
    match without_parentheses(expr) {
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => true,
        Expr::Bin(bin) => bin.op == BinaryOp::Add && (is_text(&bin.left) || is_text(&bin.right)),
        _ => false,
    }
}

impl Visit for Numbers {
    fn visit_var_declarator(&mut self, node: &VarDeclarator) {
        node.visit_children_with(self);
        if let (Pat::Ident(name), Some(init)) = (&node.name, &node.init)
            && self.may_be(init)
        {
            self.names.insert(name.to_id());
        }
    }
}

impl Objects<'_> {
    /// The raw text of a template, with what the minifier's printer would put a backslash into hidden.
    fn without_script_ends(&mut self, raw: &Atom) -> Option<Atom> {
        const END: &str = "</script";
        let lower = raw.to_ascii_lowercase();
        if !lower.contains(END) {
            return None;
        }
        let (mut out, mut last) = (String::new(), 0);
        for (at, _) in lower.match_indices(END) {
            out.push_str(&raw[last..=at]);
            out.push_str(&self.hidden.key("/".to_owned()).sym);
            last = at + 2;
        }
        out.push_str(&raw[last..]);
        Some(out.into())
    }

    fn keep_bare(&mut self, callee: &mut Expr) {
        if let Expr::Seq(seq) = without_parentheses(callee)
            && let Some(last) = seq.exprs.last()
            && matches!(without_parentheses(last), Expr::OptChain(_))
        {
            self.hidden.bare_callee(callee);
        }
    }
}

impl VisitMut for Objects<'_> {
    fn visit_mut_object_pat_prop(&mut self, prop: &mut ObjectPatProp) {
        prop.visit_mut_children_with(self);
        let ObjectPatProp::KeyValue(pair) = prop else {
            return;
        };
        let PropName::Ident(key) = &pair.key else {
            return;
        };
        let Pat::Assign(assign) = &mut *pair.value else {
            return;
        };
        if let Pat::Ident(target) = &*assign.left
            && target.sym == key.sym
        {
            *prop = ObjectPatProp::Assign(AssignPatProp {
                span: DUMMY_SP,
                key: target.clone(),
                value: Some(assign.right.clone()),
            });
        }
    }

    fn visit_mut_prop_name(&mut self, name: &mut PropName) {
        name.visit_mut_children_with(self);
        if let PropName::Computed(key) = name
            && self.numbers.may_be(&key.expr)
        {
            self.hidden.expression(&mut key.expr);
        }
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        if let Callee::Expr(callee) = &mut call.callee {
            self.keep_bare(callee);
        }
    }

    fn visit_mut_bin_expr(&mut self, bin: &mut BinExpr) {
        bin.visit_mut_children_with(self);
        for side in [&mut bin.left, &mut bin.right] {
            let asks = without_parentheses(side).as_bin().is_some_and(|inner| {
                inner.op == BinaryOp::In && matches!(&*inner.left, Expr::PrivateName(_))
            });
            if asks {
                self.hidden.expression(side);
            }
        }
    }

    fn visit_mut_tagged_tpl(&mut self, tagged: &mut TaggedTpl) {
        tagged.visit_mut_children_with(self);
        for part in &mut tagged.tpl.quasis {
            if let Some(raw) = self.without_script_ends(&part.raw) {
                part.raw = raw;
            }
        }
        self.keep_bare(&mut tagged.tag);
    }

    fn visit_mut_for_stmt(&mut self, stmt: &mut ForStmt) {
        stmt.visit_mut_children_with(self);
        stmt.init.visit_mut_with(&mut HideIn {
            hidden: self.hidden,
        });
    }
}

/// `a in b` as an argument of its own.
struct HideIn<'a> {
    hidden: &'a mut Hidden,
}

impl VisitMut for HideIn<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if expr.as_bin().is_some_and(|bin| bin.op == BinaryOp::In) {
            self.hidden.expression(expr);
        }
    }
}
