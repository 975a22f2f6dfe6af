//! Constant expressions, as enums have them.
//!
//! In: an expression of a TypeScript file and what that file and others declare. Out: its value,
//! where TypeScript knows one: numbers and texts, what is computed of them, members of enums, and
//! variables that are declared as `const` without a type.

use std::sync::Arc;

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;

use crate::syntax::declarations::Declarations;
use crate::syntax::type_kinds::{ConstantValue, FoundSymbol, TsSymbol, TypeKinds};

/// How deep constants are followed, which ends circles.
const DEEPEST: usize = 48;

/// The enum that an expression stands in: its members are known by their bare names.
type Around<'a> = Option<(&'a Arc<Declarations>, &'a Id)>;

impl TypeKinds<'_> {
    /// The value of a member of an enum, where it is constant.
    pub fn member_value(
        &self,
        file: &Arc<Declarations>,
        id: &Id,
        name: &Atom,
        depth: usize,
    ) -> Option<ConstantValue> {
        let members = file.get(id)?.members.as_deref()?;
        let mut at = members.iter().position(|(member, _)| member == name)?;
        // Without an initialiser it is one more than the member before.
        let mut more = 0.0;
        loop {
            match &members[at].1 {
                Some(init) => {
                    let value = self.value_in(file, init, Some((file, id)), depth + 1)?;
                    return match value {
                        ConstantValue::Number(number) => Some(ConstantValue::Number(number + more)),
                        text if more == 0.0 => Some(text),
                        ConstantValue::String(_) => None,
                    };
                }
                None if at == 0 => return Some(ConstantValue::Number(more)),
                None => {
                    more += 1.0;
                    at -= 1;
                }
            }
        }
    }

    /// The value of an expression of this file, which may stand in one of its enums.
    pub fn value(&self, expr: &Expr, around: Option<&Id>) -> Option<ConstantValue> {
        let around = around.map(|id| (&self.file, id));
        self.value_in(&self.file, expr, around, 0)
    }

    fn value_in(
        &self,
        file: &Arc<Declarations>,
        expr: &Expr,
        around: Around<'_>,
        depth: usize,
    ) -> Option<ConstantValue> {
        if depth > DEEPEST {
            return None;
        }
        let value = |expr: &Expr| self.value_in(file, expr, around, depth + 1);
        match expr {
            Expr::Lit(Lit::Num(number)) => Some(ConstantValue::Number(number.value)),
            Expr::Lit(Lit::Str(text)) => {
                Some(ConstantValue::String(text.value.as_str()?.to_string()))
            }
            Expr::Paren(inner) => value(&inner.expr),
            Expr::TsConstAssertion(inner) => value(&inner.expr),
            Expr::Tpl(template) => {
                let mut out = String::new();
                for (at, part) in template.quasis.iter().enumerate() {
                    out.push_str(part.cooked.as_ref()?.as_str()?);
                    if let Some(inner) = template.exprs.get(at) {
                        out.push_str(&shown(value(inner)?)?);
                    }
                }
                Some(ConstantValue::String(out))
            }
            Expr::Unary(unary) => match (unary.op, value(&unary.arg)?) {
                (UnaryOp::Plus, ConstantValue::Number(number)) => {
                    Some(ConstantValue::Number(number))
                }
                (UnaryOp::Minus, ConstantValue::Number(number)) => {
                    Some(ConstantValue::Number(-number))
                }
                (UnaryOp::Tilde, ConstantValue::Number(number)) => {
                    Some(ConstantValue::Number(f64::from(!to_int32(number))))
                }
                _ => None,
            },
            Expr::Bin(binary) => computed(binary.op, value(&binary.left)?, value(&binary.right)?),
            Expr::Ident(name) => {
                if let Some((file, id)) = around
                    && self.has_member(file, id, &name.sym)
                {
                    return self.member_value(file, id, &name.sym, depth + 1);
                }
                self.named_value(&self.found_in(file, name)?, depth)
            }
            Expr::Member(_) => self.named_value(&self.path(file, expr, depth)?, depth),
            _ => None,
        }
    }

    pub fn has_member(&self, file: &Arc<Declarations>, id: &Id, name: &Atom) -> bool {
        let members = file.get(id).and_then(|found| found.members.as_deref());
        members
            .unwrap_or_default()
            .iter()
            .any(|(member, _)| member == name)
    }

    fn found_in(&self, file: &Arc<Declarations>, name: &Ident) -> Option<FoundSymbol> {
        self.local(file, &name.to_id(), 0)
    }

    /// What `A.B.c` or `A["c"]` of this file names.
    pub fn member_path(&self, expr: &Expr) -> Option<FoundSymbol> {
        self.path(&self.file, expr, 0)
    }

    fn path(&self, file: &Arc<Declarations>, expr: &Expr, depth: usize) -> Option<FoundSymbol> {
        if depth > DEEPEST {
            return None;
        }
        match expr {
            Expr::Ident(name) => self.found_in(file, name),
            Expr::Paren(inner) => self.path(file, &inner.expr, depth + 1),
            Expr::Member(member) => {
                let name = match &member.prop {
                    MemberProp::Ident(name) => name.sym.clone(),
                    MemberProp::Computed(computed) => match &*computed.expr {
                        Expr::Lit(Lit::Str(text)) => text.value.as_str()?.into(),
                        Expr::Tpl(template) if template.exprs.is_empty() => {
                            template.quasis.first()?.cooked.as_ref()?.as_str()?.into()
                        }
                        _ => return None,
                    },
                    MemberProp::PrivateName(_) => return None,
                };
                let object = self.path(file, &member.obj, depth + 1)?;
                self.member(&object, &name, depth)
            }
            _ => None,
        }
    }

    /// The value of a constant variable or of a member of an enum.
    pub fn named_value(&self, found: &FoundSymbol, depth: usize) -> Option<ConstantValue> {
        match &found.symbol {
            TsSymbol::Member(file, id, name) => self.member_value(file, id, name, depth + 1),
            TsSymbol::Declared(file, id) => {
                let init = file.get(id)?.value.as_deref()?;
                self.value_in(file, init, None, depth + 1)
            }
            TsSymbol::Module(_) => None,
        }
    }
}

/// A value as text, as JavaScript would write it; only whole numbers are sure to be written alike.
fn shown(value: ConstantValue) -> Option<String> {
    match value {
        ConstantValue::String(text) => Some(text),
        ConstantValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Some(format!("{}", number as i64))
        }
        ConstantValue::Number(_) => None,
    }
}

fn to_int32(number: f64) -> i32 {
    if !number.is_finite() {
        return 0;
    }
    let whole = number.trunc().rem_euclid(4_294_967_296.0);
    // It lies below 2^32 by then.
    (whole as u32) as i32
}

fn computed(op: BinaryOp, left: ConstantValue, right: ConstantValue) -> Option<ConstantValue> {
    let (left, right) = match (left, right) {
        (ConstantValue::Number(left), ConstantValue::Number(right)) => (left, right),
        (left, right) if op == BinaryOp::Add => {
            return Some(ConstantValue::String(shown(left)? + &shown(right)?));
        }
        _ => return None,
    };
    let (a, b) = (to_int32(left), to_int32(right));
    let by = (b as u32) & 31;
    Some(ConstantValue::Number(match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Exp => left.powf(right),
        BinaryOp::BitOr => f64::from(a | b),
        BinaryOp::BitAnd => f64::from(a & b),
        BinaryOp::BitXor => f64::from(a ^ b),
        BinaryOp::LShift => f64::from(a.wrapping_shl(by)),
        BinaryOp::RShift => f64::from(a >> by),
        BinaryOp::ZeroFillRShift => f64::from((a as u32) >> by),
        _ => return None,
    }))
}
