//! Class fields as assignments, where a `tsconfig.json` has `useDefineForClassFields` off.
//!
//! In: a TypeScript file, before and after its types are stripped. Out: classes whose fields are
//! set in the constructor after `super()` and after the parameters that are properties, in the
//! order of the text, and whose static fields are set in static blocks: what `tsc` gives. A field
//! without a value is none.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::constructor::inject_after_super;
use swc_core::ecma::utils::{default_constructor_with_span, private_ident};
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::syntax::class_variables::each_class;

/// As swc's own trees and functions have them.
#[allow(clippy::vec_box)]
type Exprs = Vec<Box<Expr>>;

/// Moves the values of fields. Before types are stripped: what is put in then for parameters that
/// are properties comes first.
pub(super) fn assign(program: &mut Program) {
    each_class(program, assign_class);
}

/// Takes away the fields that stripping declares for such parameters.
pub(super) fn undeclare(program: &mut Program) {
    program.visit_mut_with(&mut Undeclare);
}

fn assign_class(class: &mut Class, vars: &mut Vec<Ident>) {
    let mut work = Moved {
        private_too: moves_private(&class.body),
        vars,
        values: Vec::new(),
        keys: Vec::new(),
    };
    let mut body: Vec<ClassMember> = std::mem::take(&mut class.body)
        .into_iter()
        .filter_map(|member| work.member(member))
        .collect();
    let (values, keys) = (work.values, work.keys);
    if !keys.is_empty() {
        body.insert(0, block(keys));
    }
    if !values.is_empty() {
        let found = body.iter_mut().find_map(|member| match member {
            ClassMember::Constructor(made) if made.body.is_some() => Some(made),
            _ => None,
        });
        match found {
            Some(made) => inject_after_super(made, values),
            None => {
                let derived = class.super_class.is_some();
                let mut made = default_constructor_with_span(derived, class.span);
                inject_after_super(&mut made, values);
                body.push(ClassMember::Constructor(made));
            }
        }
    }
    class.body = body;
}

/// Whether the values of private fields have to keep their order among those that move.
fn moves_private(body: &[ClassMember]) -> bool {
    body.iter().any(|member| match member {
        ClassMember::ClassProp(prop) => moves(prop) && !prop.is_static && prop.value.is_some(),
        ClassMember::Constructor(made) => made
            .params
            .iter()
            .any(|param| matches!(param, ParamOrTsParamProp::TsParamProp(_))),
        _ => false,
    })
}

fn moves(prop: &ClassProp) -> bool {
    !prop.declare && !prop.is_abstract
}

struct Moved<'a> {
    private_too: bool,
    vars: &'a mut Vec<Ident>,
    /// What the constructor sets.
    values: Exprs,
    /// Computed names that nothing has computed yet.
    keys: Exprs,
}

impl Moved<'_> {
    /// What is left of a member in the class's body.
    fn member(&mut self, member: ClassMember) -> Option<ClassMember> {
        match member {
            ClassMember::ClassProp(prop) if moves(&prop) => self.field(prop),
            ClassMember::PrivateProp(mut prop) if !prop.is_static && self.private_too => {
                if let Some(value) = prop.value.take() {
                    let name = MemberProp::PrivateName(prop.key.clone());
                    self.values.push(set(name, value, prop.span));
                }
                Some(ClassMember::PrivateProp(prop))
            }
            ClassMember::Method(mut method) => {
                if let PropName::Computed(name) = &mut method.key
                    && !self.keys.is_empty()
                {
                    let mut exprs = std::mem::take(&mut self.keys);
                    exprs.push(name.expr.clone());
                    name.expr = sequence(exprs);
                }
                Some(ClassMember::Method(method))
            }
            other => Some(other),
        }
    }

    fn field(&mut self, prop: ClassProp) -> Option<ClassMember> {
        let Some(value) = prop.value else {
            if let PropName::Computed(name) = prop.key
                && !name.expr.is_lit()
            {
                self.keys.push(name.expr);
            }
            return None;
        };
        let name = self.name(prop.key);
        let value = set(name, value, prop.span);
        if prop.is_static {
            return Some(block(vec![value]));
        }
        self.values.push(value);
        None
    }

    /// The name as a member of `this`; a computed one is computed once, with the class.
    fn name(&mut self, key: PropName) -> MemberProp {
        let computed = |expr: Box<Expr>| {
            MemberProp::Computed(ComputedPropName {
                span: DUMMY_SP,
                expr,
            })
        };
        match key {
            PropName::Ident(name) => MemberProp::Ident(name),
            PropName::Str(text) => computed(Box::new(Expr::Lit(Lit::Str(text)))),
            PropName::Num(number) => computed(Box::new(Expr::Lit(Lit::Num(number)))),
            PropName::BigInt(number) => computed(Box::new(Expr::Lit(Lit::BigInt(number)))),
            PropName::Computed(name) if name.expr.is_lit() => computed(name.expr),
            PropName::Computed(name) => {
                let kept = private_ident!("_key");
                self.vars.push(kept.clone());
                self.keys.push(Box::new(Expr::Assign(AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::Assign,
                    left: kept.clone().into(),
                    right: name.expr,
                })));
                computed(Box::new(Expr::Ident(kept)))
            }
        }
    }
}

/// `this.name = value`.
fn set(name: MemberProp, value: Box<Expr>, span: swc_core::common::Span) -> Box<Expr> {
    Box::new(Expr::Assign(AssignExpr {
        span,
        op: AssignOp::Assign,
        left: AssignTarget::Simple(SimpleAssignTarget::Member(MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })),
            prop: name,
        })),
        right: value,
    }))
}

fn sequence(exprs: Exprs) -> Box<Expr> {
    Box::new(Expr::Seq(SeqExpr {
        span: DUMMY_SP,
        exprs,
    }))
}

fn block(exprs: Exprs) -> ClassMember {
    let stmts = exprs
        .into_iter()
        .map(|expr| {
            Stmt::Expr(ExprStmt {
                span: DUMMY_SP,
                expr,
            })
        })
        .collect();
    ClassMember::StaticBlock(StaticBlock {
        span: DUMMY_SP,
        body: BlockStmt {
            span: DUMMY_SP,
            stmts,
            ..Default::default()
        },
    })
}

struct Undeclare;

impl VisitMut for Undeclare {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        class.body.retain(|member| {
            !matches!(member, ClassMember::ClassProp(prop) if !prop.is_static && prop.value.is_none())
        });
    }
}
