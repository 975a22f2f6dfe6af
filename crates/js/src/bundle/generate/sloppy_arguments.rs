//! `arguments` of sloppy functions, in code that has become strict.
//!
//! In: a function of a CommonJS module that is not strict, where the output is an ES module, which always is. Out:
//! the same function, in which setting a parameter also sets its place in `arguments`, and the other way round, as
//! sloppy code has it for parameters that are plain names. What is set by a pattern, by a function inside, or at a
//! place that is not written out, is not followed.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::generate::ast_builder::*;
use crate::syntax::ast::*;
use crate::syntax::{DUMMY_SP, Visit, VisitMut, VisitMutWith, VisitWith, without_parentheses};

/// Links `arguments` to the parameters of `function` where it can be told.
pub fn settle(function: &mut Function) {
    let mut params: FxHashMap<Id, usize> = FxHashMap::default();
    for (at, param) in function.params.iter().enumerate() {
        let Pat::Ident(name) = &param.pat else {
            return;
        };
        params.insert(name.to_id(), at);
    }
    let Some(body) = &mut function.body else {
        return;
    };
    if params.is_empty() {
        return;
    }
    let mut found = Found::default();
    body.stmts.visit_with(&mut found);
    let Some(arguments) = found.arguments else {
        return;
    };
    let link = Link { params, arguments };
    let set = found.set.iter().any(|id| link.params.contains_key(id));
    if (set && found.looked_at) || found.places_set {
        body.stmts.visit_mut_with(&mut { link });
    }
}

/// What a function does with its `arguments`, the arrow functions in it included.
#[derive(Default)]
struct Found {
    arguments: Option<Id>,
    /// More than its length is.
    looked_at: bool,
    /// `arguments[0] = …`
    places_set: bool,
    /// Names that are set.
    set: FxHashSet<Id>,
}

impl Visit for Found {
    fn visit_function(&mut self, _: &Function) {}
    fn visit_ident(&mut self, name: &Ident) {
        if name.sym == "arguments" {
            self.arguments = Some(name.to_id());
            self.looked_at = true;
        }
    }
    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if let Expr::Ident(name) = &*member.obj
            && name.sym == "arguments"
            && matches!(&member.prop, MemberProp::Ident(prop) if prop.sym == "length")
        {
            self.arguments = Some(name.to_id());
            return;
        }
        member.visit_children_with(self);
    }
    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let AssignTarget::Simple(target) = &assign.left {
            match target {
                SimpleAssignTarget::Ident(name) => drop(self.set.insert(name.to_id())),
                SimpleAssignTarget::Member(member) => {
                    self.places_set |= member.obj.is_ident_ref_to("arguments");
                }
                _ => {}
            }
        }
        assign.visit_children_with(self);
    }
    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = without_parentheses(&update.arg) {
            self.set.insert(name.to_id());
        }
        update.visit_children_with(self);
    }
    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        if let (Pat::Ident(name), Some(_)) = (&decl.name, &decl.init) {
            self.set.insert(name.to_id());
        }
        decl.visit_children_with(self);
    }
}

struct Link {
    params: FxHashMap<Id, usize>,
    arguments: Id,
}

impl Link {
    fn place(&self, at: usize) -> MemberExpr {
        MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(var(&self.arguments)),
            prop: MemberProp::Computed(ComputedPropName {
                span: DUMMY_SP,
                expr: Box::new(number(at as f64)),
            }),
        }
    }

    /// `arguments.length > at && then`: what was not given has no place.
    fn where_given(&self, at: usize, then: Expr) -> Expr {
        let given = Expr::Bin(BinExpr {
            span: DUMMY_SP,
            op: BinaryOp::Gt,
            left: Box::new(read(var(&self.arguments), "length")),
            right: Box::new(number(at as f64)),
        });
        Expr::Bin(BinExpr {
            span: DUMMY_SP,
            op: BinaryOp::LogicalAnd,
            left: Box::new(given),
            right: Box::new(then),
        })
    }

    /// What sets the place of a parameter to its value.
    fn place_set(&self, id: &Id, at: usize) -> Expr {
        let set = Expr::Assign(AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: AssignTarget::Simple(SimpleAssignTarget::Member(self.place(at))),
            right: Box::new(var(id)),
        });
        self.where_given(at, set)
    }

    fn param(&self, expr: &Expr) -> Option<(Id, usize)> {
        let Expr::Ident(name) = without_parentheses(expr) else {
            return None;
        };
        let id = name.to_id();
        let at = *self.params.get(&id)?;
        Some((id, at))
    }

    /// The parameter at a place that is written out.
    fn param_of_place(&self, member: &MemberExpr) -> Option<(Id, usize)> {
        let MemberProp::Computed(key) = &member.prop else {
            return None;
        };
        let Expr::Lit(Lit::Num(number)) = &*key.expr else {
            return None;
        };
        if !member.obj.is_ident_ref_to("arguments") {
            return None;
        }
        let found = self
            .params
            .iter()
            .find(|(_, at)| **at as f64 == number.value);
        found.map(|(id, at)| (id.clone(), *at))
    }
}

fn parenthesized(exprs: Vec<Expr>) -> Expr {
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(seq(exprs)),
    })
}

impl VisitMut for Link {
    // These have `arguments` of their own.
    fn visit_mut_function(&mut self, _: &mut Function) {}

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        match expr {
            Expr::Assign(assign) => {
                let AssignTarget::Simple(target) = &assign.left else {
                    return;
                };
                let (set, value) = match target {
                    SimpleAssignTarget::Ident(name) => {
                        let id = name.to_id();
                        let Some(at) = self.params.get(&id) else {
                            return;
                        };
                        (self.place_set(&id, *at), var(&id))
                    }
                    SimpleAssignTarget::Member(member) => {
                        let Some((id, at)) = self.param_of_place(member) else {
                            return;
                        };
                        let value = Expr::Member(self.place(at));
                        (self.where_given(at, set(&id, value)), var(&id))
                    }
                    _ => return,
                };
                let whole = std::mem::replace(expr, undefined());
                *expr = parenthesized(vec![whole, set, value]);
            }
            Expr::Update(update) => {
                let Some((id, at)) = self.param(&update.arg) else {
                    return;
                };
                let set = self.place_set(&id, at);
                let whole = std::mem::replace(expr, undefined());
                // The value before it was changed comes first.
                *expr = Expr::Member(MemberExpr {
                    span: DUMMY_SP,
                    obj: Box::new(list(vec![whole, set])),
                    prop: MemberProp::Computed(ComputedPropName {
                        span: DUMMY_SP,
                        expr: Box::new(number(0.0)),
                    }),
                });
            }
            _ => {}
        }
    }

    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        decl.visit_mut_children_with(self);
        if let (Pat::Ident(name), Some(init)) = (&decl.name, &mut decl.init)
            && let Some(at) = self.params.get(&name.to_id())
        {
            let id = name.to_id();
            let value = std::mem::replace(&mut **init, undefined());
            **init = parenthesized(vec![set(&id, value), self.place_set(&id, *at), var(&id)]);
        }
    }
}
