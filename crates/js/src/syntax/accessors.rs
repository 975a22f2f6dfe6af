//! `accessor` fields.
//!
//! In: a file whose legacy decorators are gone. Out: the same file, in which each `accessor` of a
//! class without decorators is a private field with a getter and a setter, as `tsc` writes it.
//! Those of decorated classes are left to the pass for standard decorators.

use rustc_hash::FxHashSet;
use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::{ExprFactory, private_ident};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::syntax::class_variables::each_class;

pub(super) fn lower(program: &mut Program) {
    let mut finder = FindAccessors::default();
    program.visit_with(&mut finder);
    if !finder.found {
        return;
    }
    let mut taken = finder.private_names;
    each_class(program, |class, vars| {
        let accessors = class.body.iter().any(|member| member.is_auto_accessor());
        if accessors && !is_decorated(class) {
            lower_class(class, vars, &mut taken);
        }
    });
}

#[derive(Default)]
struct FindAccessors {
    found: bool,
    private_names: FxHashSet<Atom>,
}

impl Visit for FindAccessors {
    fn visit_auto_accessor(&mut self, node: &AutoAccessor) {
        self.found = true;
        node.visit_children_with(self);
    }

    fn visit_private_name(&mut self, node: &PrivateName) {
        self.private_names.insert(node.name.clone());
    }
}

fn is_decorated(class: &Class) -> bool {
    !class.decorators.is_empty()
        || class.body.iter().any(|member| match member {
            ClassMember::Method(method) => !method.function.decorators.is_empty(),
            ClassMember::PrivateMethod(method) => !method.function.decorators.is_empty(),
            ClassMember::ClassProp(prop) => !prop.decorators.is_empty(),
            ClassMember::PrivateProp(prop) => !prop.decorators.is_empty(),
            ClassMember::AutoAccessor(accessor) => !accessor.decorators.is_empty(),
            _ => false,
        })
}

fn lower_class(class: &mut Class, vars: &mut Vec<Ident>, taken: &mut FxHashSet<Atom>) {
    // A subclass has no private field of its own: static ones are read from the class itself.
    let mut itself: Option<Ident> = None;
    let members = std::mem::take(&mut class.body);
    for member in members {
        let ClassMember::AutoAccessor(accessor) = member else {
            class.body.push(member);
            continue;
        };
        if accessor.is_abstract {
            continue;
        }
        let object = match accessor.is_static {
            true => {
                let name = itself.get_or_insert_with(|| private_ident!("_class"));
                Expr::Ident(name.clone())
            }
            false => Expr::This(ThisExpr { span: DUMMY_SP }),
        };
        class.body.extend(parts(accessor, object, vars, taken));
    }
    if let Some(itself) = itself {
        let this = Box::new(Expr::This(ThisExpr { span: DUMMY_SP }));
        let set = this.make_assign_to(AssignOp::Assign, itself.clone().into());
        let block = StaticBlock {
            span: DUMMY_SP,
            body: BlockStmt {
                span: DUMMY_SP,
                stmts: vec![set.into_stmt()],
                ..Default::default()
            },
        };
        class.body.insert(0, ClassMember::StaticBlock(block));
        vars.push(itself);
    }
}

/// The field, the getter and the setter.
fn parts(
    accessor: AutoAccessor,
    object: Expr,
    vars: &mut Vec<Ident>,
    taken: &mut FxHashSet<Atom>,
) -> [ClassMember; 3] {
    let storage = PrivateName {
        span: DUMMY_SP,
        name: free_name(&accessor.key, taken),
    };
    let read = Expr::Member(MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(object),
        prop: MemberProp::PrivateName(storage.clone()),
    });
    let value = private_ident!("value");
    let Expr::Member(target) = read.clone() else {
        unreachable!("it has just been made as a member")
    };
    let set = Box::new(Expr::Ident(value.clone())).make_assign_to(AssignOp::Assign, target.into());
    let function = |params: Vec<Param>, stmt: Stmt| {
        Box::new(Function {
            params,
            body: Some(FunctionBody {
                span: DUMMY_SP,
                stmts: vec![stmt],
            }),
            ..Default::default()
        })
    };
    let getter = function(Vec::new(), read.into_return_stmt().into());
    let setter = function(vec![Pat::Ident(value.into()).into()], set.into_stmt());
    let (get_key, set_key) = both_keys(accessor.key, vars);
    let method = |key: Key, kind: MethodKind, function: Box<Function>| match key {
        Key::Public(key) => ClassMember::Method(ClassMethod {
            span: accessor.span,
            key,
            function,
            kind,
            is_static: accessor.is_static,
            ..Default::default()
        }),
        Key::Private(key) => ClassMember::PrivateMethod(PrivateMethod {
            span: accessor.span,
            key,
            function,
            kind,
            is_static: accessor.is_static,
            ..Default::default()
        }),
    };
    let field = ClassMember::PrivateProp(PrivateProp {
        span: accessor.span,
        key: storage,
        value: accessor.value,
        is_static: accessor.is_static,
        ..Default::default()
    });
    [
        field,
        method(get_key, MethodKind::Getter, getter),
        method(set_key, MethodKind::Setter, setter),
    ]
}

/// The key twice; a computed one is computed once.
fn both_keys(key: Key, vars: &mut Vec<Ident>) -> (Key, Key) {
    match key {
        Key::Public(PropName::Computed(computed)) if !computed.expr.is_lit() => {
            let kept = private_ident!("_key");
            vars.push(kept.clone());
            let made = |expr: Box<Expr>| {
                Key::Public(PropName::Computed(ComputedPropName {
                    span: DUMMY_SP,
                    expr,
                }))
            };
            let set = computed
                .expr
                .make_assign_to(AssignOp::Assign, kept.clone().into());
            (made(Box::new(set)), made(Box::new(Expr::Ident(kept))))
        }
        key => (key.clone(), key),
    }
}

/// A private name that nothing in the file has.
fn free_name(key: &Key, taken: &mut FxHashSet<Atom>) -> Atom {
    let stem = match key {
        Key::Private(name) => name.name.to_string(),
        Key::Public(PropName::Ident(name)) => name.sym.to_string(),
        Key::Public(_) => String::new(),
    };
    let mut name: Atom = format!("{stem}_accessor_storage").into();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        name = format!("{stem}_accessor_storage_{count}").into();
        count += 1;
    }
    name
}
