//! Small pieces of syntax, made by hand.

use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP};

pub fn ident(id: &Id) -> Ident {
    Ident::new(id.0.clone(), DUMMY_SP, id.1)
}

pub fn var(id: &Id) -> Expr {
    Expr::Ident(ident(id))
}

pub fn text(value: &str) -> Expr {
    Expr::Lit(Lit::Str(Str {
        span: DUMMY_SP,
        value: value.into(),
        raw: None,
    }))
}

pub fn number(value: f64) -> Expr {
    Expr::Lit(Lit::Num(Number {
        span: DUMMY_SP,
        value,
        raw: None,
    }))
}

pub fn undefined() -> Expr {
    Expr::Unary(UnaryExpr {
        span: DUMMY_SP,
        op: UnaryOp::Void,
        arg: Box::new(number(0.0)),
    })
}

pub fn call(callee: Expr, args: Vec<Expr>) -> Expr {
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: Callee::Expr(Box::new(callee)),
        args: args.into_iter().map(Into::into).collect(),
        ..Default::default()
    })
}

/// `object.name`, or `object["name"]` where the name is no identifier.
pub fn member(object: Expr, name: &Atom) -> MemberExpr {
    let prop = if is_identifier(name) {
        MemberProp::Ident(IdentName::new(name.clone(), DUMMY_SP))
    } else {
        MemberProp::Computed(ComputedPropName {
            span: DUMMY_SP,
            expr: Box::new(text(name)),
        })
    };
    MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(object),
        prop,
    }
}

pub fn read(object: Expr, name: &str) -> Expr {
    Expr::Member(member(object, &name.into()))
}

pub fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_' || first == '$')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

pub fn key(name: &Atom) -> PropName {
    if is_identifier(name) {
        PropName::Ident(IdentName::new(name.clone(), DUMMY_SP))
    } else {
        PropName::Str(Str {
            span: DUMMY_SP,
            value: name.as_str().into(),
            raw: None,
        })
    }
}

pub fn object(props: Vec<(Atom, Expr)>) -> Expr {
    Expr::Object(ObjectLit {
        span: DUMMY_SP,
        props: props
            .into_iter()
            .map(|(name, value)| {
                PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp {
                    key: key(&name),
                    value: Box::new(value),
                })))
            })
            .collect(),
    })
}

pub fn list(values: Vec<Expr>) -> Expr {
    Expr::Array(ArrayLit {
        span: DUMMY_SP,
        elems: values.into_iter().map(|value| Some(value.into())).collect(),
    })
}

/// `() => value`
pub fn thunk(value: Expr) -> Expr {
    Expr::Arrow(ArrowExpr {
        span: DUMMY_SP,
        body: Box::new(ArrowFunctionBody::Expr(Box::new(value))),
        ..Default::default()
    })
}

/// `(name) => value`
pub fn lambda(name: &Id, value: Expr) -> Expr {
    Expr::Arrow(ArrowExpr {
        span: DUMMY_SP,
        params: vec![pat(name)],
        body: Box::new(ArrowFunctionBody::Expr(Box::new(value))),
        ..Default::default()
    })
}

pub fn arrow(params: Vec<Pat>, stmts: Vec<Stmt>, is_async: bool) -> Expr {
    Expr::Arrow(ArrowExpr {
        span: DUMMY_SP,
        params,
        body: Box::new(ArrowFunctionBody::FunctionBody(FunctionBody {
            span: DUMMY_SP,
            stmts,
        })),
        is_async,
        ..Default::default()
    })
}

pub fn function(params: Vec<Pat>, stmts: Vec<Stmt>) -> Expr {
    Expr::Fn(FnExpr {
        ident: None,
        function: Box::new(Function {
            params: params.into_iter().map(Into::into).collect(),
            body: Some(FunctionBody {
                span: DUMMY_SP,
                stmts,
            }),
            span: DUMMY_SP,
            ..Default::default()
        }),
    })
}

/// `function* () { … }`
pub fn generator(stmts: Vec<Stmt>) -> Expr {
    let mut made = function(Vec::new(), stmts);
    if let Expr::Fn(expr) = &mut made {
        expr.function.is_generator = true;
    }
    made
}

pub fn pat(id: &Id) -> Pat {
    Pat::Ident(ident(id).into())
}

pub fn declare(id: &Id, init: Option<Expr>) -> Stmt {
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        span: DUMMY_SP,
        kind: VarDeclKind::Var,
        decls: vec![VarDeclarator {
            span: DUMMY_SP,
            name: pat(id),
            init: init.map(Box::new),
            definite: false,
        }],
        ..Default::default()
    })))
}

pub fn statement(expr: Expr) -> Stmt {
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(expr),
    })
}

pub fn set(id: &Id, value: Expr) -> Expr {
    Expr::Assign(AssignExpr {
        span: DUMMY_SP,
        op: AssignOp::Assign,
        left: AssignTarget::Simple(SimpleAssignTarget::Ident(ident(id).into())),
        right: Box::new(value),
    })
}

pub fn set_member(object: Expr, name: &Atom, value: Expr) -> Expr {
    Expr::Assign(AssignExpr {
        span: DUMMY_SP,
        op: AssignOp::Assign,
        left: AssignTarget::Simple(SimpleAssignTarget::Member(member(object, name))),
        right: Box::new(value),
    })
}

pub fn seq(exprs: Vec<Expr>) -> Expr {
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(Expr::Seq(SeqExpr {
            span: DUMMY_SP,
            exprs: exprs.into_iter().map(Box::new).collect(),
        })),
    })
}

pub fn wait(value: Expr) -> Expr {
    Expr::Await(AwaitExpr {
        span: DUMMY_SP,
        arg: Box::new(value),
    })
}

pub fn use_strict() -> Stmt {
    statement(text("use strict"))
}
