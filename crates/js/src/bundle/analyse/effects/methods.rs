//! What kind of value an expression gives, and calls of methods that only compute.

use crate::bundle::analyse::effects::side_effects::SideEffectChecker;
use crate::bundle::analyse::effects::value_kinds::{Takes, ValueKind, method, of_literal};
use crate::bundle::load::fold::static_name;
use crate::syntax::ast::*;

impl<'a> SideEffectChecker<'a> {
    /// The kind of value that an expression gives, where that is certain.
    pub(super) fn kind_of(&self, expr: &Expr) -> Option<ValueKind> {
        match expr {
            Expr::Paren(paren) => self.kind_of(&paren.expr),
            Expr::Array(_) => Some(ValueKind::List),
            Expr::Ident(name) if name.ctxt == self.unresolved => match name.sym.as_str() {
                "undefined" => Some(ValueKind::Nothing),
                "NaN" | "Infinity" => Some(ValueKind::Number),
                "__dirname" | "__filename" => Some(ValueKind::Text),
                _ => None,
            },
            Expr::Ident(name) => self.top_level.get(&name.to_id())?.kind,
            Expr::Unary(unary) => match unary.op {
                UnaryOp::TypeOf => Some(ValueKind::Text),
                UnaryOp::Void => Some(ValueKind::Nothing),
                UnaryOp::Bang => Some(ValueKind::Bool),
                UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Tilde => self
                    .kind_of(&unary.arg)
                    .filter(|kind| kind.is_primitive())
                    .map(|_| ValueKind::Number),
                UnaryOp::Delete => None,
            },
            Expr::Bin(bin) => match bin.op {
                BinaryOp::EqEqEq
                | BinaryOp::NotEqEq
                | BinaryOp::EqEq
                | BinaryOp::NotEq
                | BinaryOp::Lt
                | BinaryOp::LtEq
                | BinaryOp::Gt
                | BinaryOp::GtEq
                | BinaryOp::In
                | BinaryOp::InstanceOf => Some(ValueKind::Bool),
                BinaryOp::Add => {
                    let sides = (self.kind_of(&bin.left)?, self.kind_of(&bin.right)?);
                    match sides {
                        (ValueKind::Text, _) | (_, ValueKind::Text) => Some(ValueKind::Text),
                        (ValueKind::Number, ValueKind::Number) => Some(ValueKind::Number),
                        _ => None,
                    }
                }
                BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::NullishCoalescing => {
                    let kind = self.kind_of(&bin.left)?;
                    (self.kind_of(&bin.right)? == kind).then_some(kind)
                }
                // A BigInt has no kind here.
                _ => {
                    let sides = [self.kind_of(&bin.left)?, self.kind_of(&bin.right)?];
                    sides
                        .iter()
                        .all(|kind| kind.is_primitive())
                        .then_some(ValueKind::Number)
                }
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
                    self.is_pure_callback(first) && rest.iter().all(|arg| self.plain(arg))
                }
                None => false,
            },
            Takes::Replaces | Takes::ReplacesAll => match args.as_slice() {
                [what, with] => {
                    (found.takes == Takes::Replaces || self.primitive(what))
                        && self.plain(what)
                        && (self.plain(with) || self.is_pure_callback(with))
                }
                _ => false,
            },
            Takes::Folds => args.len() == 2 && self.is_pure_callback(args[0]) && self.plain(args[1]),
        }
    }

    /// A value that converting calls nothing for.
    fn plain(&mut self, expr: &'a Expr) -> bool {
        (self.primitive(expr) || self.kind_of(expr) == Some(ValueKind::Pattern)) && self.expr(expr)
    }
}
