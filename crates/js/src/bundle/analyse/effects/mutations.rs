//! What setting a variable or a member changes.

use crate::bundle::analyse::effects::side_effects::SideEffectChecker;
use crate::bundle::analyse::effects::top_level::{class_has_accessors, has_accessors};
use crate::bundle::load::fold::static_name;
use crate::bundle::part::Mutation;
use crate::syntax::ast::*;

impl<'a> SideEffectChecker<'a> {
    pub(super) fn assign(&mut self, assign: &'a AssignExpr) -> bool {
        let target = match &assign.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => {
                if assign.op != AssignOp::Assign
                    && !matches!(
                        assign.op,
                        AssignOp::OrAssign | AssignOp::AndAssign | AssignOp::NullishAssign
                    )
                    && !self.primitive(&assign.right)
                {
                    return false;
                }
                if name.ctxt == self.unresolved {
                    return false;
                }
                let own = self.gives_own_object(&assign.right);
                self.mutate(&name.to_id(), own)
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                let key = match &member.prop {
                    MemberProp::Ident(name) => name.sym != "__proto__",
                    MemberProp::Computed(computed) => self.computed_key(&computed.expr),
                    MemberProp::PrivateName(_) => member.obj.is_this() && self.fresh_this,
                };
                key && self.mutate_object(&member.obj)
            }
            _ => false,
        };
        target && self.expr(&assign.right)
    }

    /// `E[E["A"] = 0] = "A"` sets twice.
    pub(super) fn computed_key(&mut self, key: &'a Expr) -> bool {
        match key {
            Expr::Assign(assign) => self.assign(assign),
            Expr::Member(_) => self.is_global_path(key) && self.expr(key),
            key => self.primitive(key) && self.expr(key),
        }
    }

    /// Setting a variable.
    pub(super) fn mutate(&mut self, id: &Id, fresh: bool) -> bool {
        if let Some(inner) = self.inner.get_mut(id) {
            inner.fresh &= fresh;
            inner.function = None;
            inner.primitive &= !self.unprimitive.contains(id);
            return true;
        }
        let constant = self.top_level.get(id).is_some_and(|top| top.constant);
        if !constant && self.analysis.names.declared_by.contains_key(id) {
            self.mutations.push(Mutation::Id(id.clone()));
            return true;
        }
        false
    }

    /// Setting a member of what `expr` gives.
    pub(super) fn mutate_object(&mut self, expr: &'a Expr) -> bool {
        match expr {
            Expr::Paren(paren) => return self.mutate_object(&paren.expr),
            // `E || (E = {})`: setting `E` is what is noted.
            Expr::Bin(bin) if bin.op == BinaryOp::LogicalOr && self.gives_own_object(expr) => {
                return self.expr(expr);
            }
            Expr::Object(object) => return !has_accessors(object) && self.expr(expr),
            Expr::Class(class) => {
                return !class_has_accessors(&class.class) && self.expr(expr);
            }
            Expr::Fn(_) => return self.expr(expr),
            Expr::This(_) => return self.fresh_this && !self.accessors,
            _ => {}
        }
        // Only the object itself, or a function's `prototype`, is known to be there.
        let (object, deep) = match expr {
            Expr::Member(member) => match static_name(&member.prop) {
                Some(name) if name == "prototype" && member.obj.is_ident() => (&*member.obj, false),
                Some(_) if member.obj.is_ident() => (&*member.obj, true),
                _ => return false,
            },
            Expr::Ident(_) => (expr, false),
            _ => return false,
        };
        let Expr::Ident(name) = object else {
            return false;
        };
        let id = name.to_id();
        if self.is_fresh_inside(&id) {
            return !deep;
        }
        let Some(top) = self.top_level.get(&id) else {
            // A variable that is set up by the statement itself: `(E || (E = {}))`.
            return false;
        };
        if deep {
            return false;
        }
        if top.fresh && !top.accessors {
            self.mutations.push(Mutation::Id(id));
            return true;
        }
        if let Some(root) = &top.root
            && self
                .top_level
                .get(root)
                .is_some_and(|top| top.fresh && !top.accessors)
        {
            self.mutations.push(Mutation::Id(root.clone()));
            self.mutations.push(Mutation::Id(id));
            return true;
        }
        false
    }
}
