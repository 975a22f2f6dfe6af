//! Decorators as `experimentalDecorators` has them.
//!
//! In: a file whose types are not stripped yet. Out: the same file, in which `__decorate` is called
//! after each decorated class, as `tsc` does it: for the members of instances, then for static ones,
//! then for the class, whose value is replaced; what names the class inside of it names the new one.

use swc_core::common::{DUMMY_SP, EqIgnoreSpan};
use swc_core::ecma::ast::*;

use swc_core::ecma::utils::{ExprFactory, private_ident, prop_name_to_expr_value};
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::decorator_metadata::{DecoratorMetadata, reader_function};
use crate::syntax::statements::declaration;
use crate::syntax::ts_helpers;

/// Lowers every decorated class; `metadata` where its types are to be kept.
pub(super) fn lower(program: &mut Program, metadata: Option<DecoratorMetadata<'_>>) {
    let mut pass = Decorate {
        metadata,
        in_namespace: false,
    };
    program.visit_mut_with(&mut pass);
    let Some(reader) = pass.metadata.and_then(|metadata| metadata.reader) else {
        return;
    };
    let function = reader_function(reader);
    match program {
        Program::Module(module) => module.body.insert(0, ModuleItem::Stmt(function)),
        Program::Script(script) => {
            let at = crate::syntax::statements::directives(&script.body).count();
            script.body.insert(at, function);
        }
    }
}

struct Decorate<'a> {
    metadata: Option<DecoratorMetadata<'a>>,
    in_namespace: bool,
}

/// What stands around a class when its decorators are gone.
#[derive(Default)]
struct Around {
    /// Variables that the class sets.
    vars: Vec<Ident>,
    after: Vec<Stmt>,
    /// The class itself is decorated.
    replaced: bool,
}

impl Around {
    fn before(&self) -> impl Iterator<Item = Stmt> {
        self.vars
            .iter()
            .map(|name| declaration(VarDeclKind::Let, name.clone().into(), None))
    }
}

/// The decorators of one member, ready to be called.
struct Decorated {
    is_static: bool,
    decorators: Vec<Expr>,
    key: Expr,
    /// The third argument: `null` asks for the property's descriptor.
    descriptor: Expr,
}

impl Decorate<'_> {
    /// Takes the decorators of a class and its members away.
    fn class(&mut self, name: &Ident, class: &mut Class) -> Around {
        let mut around = Around::default();
        let mut own: Vec<Expr> = class
            .decorators
            .drain(..)
            .map(|found| *found.expr)
            .collect();
        own.extend(constructor_decorators(class));
        let replaced = !own.is_empty();
        if replaced && let Some(metadata) = &mut self.metadata {
            own.extend(metadata.class(class));
        }
        let alias = replaced.then(|| inner_alias(name, class)).flatten();
        let members = self.members(class, &mut around.vars);
        let mut inside = Vec::new();
        let statics = members.iter().filter(|member| member.is_static);
        for member in members
            .iter()
            .filter(|member| !member.is_static)
            .chain(statics)
        {
            let private = member.decorators.iter().any(has_private_name);
            let call = member_call(name, member);
            match private {
                true => inside.push(call),
                false => around.after.push(call),
            }
        }
        if !inside.is_empty() {
            class.body.push(static_block(inside));
        }
        if !own.is_empty() {
            let list = array(own);
            let value = decorate_call(vec![list.as_arg(), plain(name).as_arg()]);
            let value = match &alias {
                Some(alias) => {
                    Box::new(value).make_assign_to(AssignOp::Assign, plain(alias).into())
                }
                None => value,
            };
            let set = Box::new(value).make_assign_to(AssignOp::Assign, plain(name).into());
            around.after.push(set.into_stmt());
        }
        around.vars.extend(alias);
        around.replaced = replaced;
        around
    }

    fn members(&mut self, class: &mut Class, vars: &mut Vec<Ident>) -> Vec<Decorated> {
        let mut types = match &mut self.metadata {
            Some(metadata) => member_types(class, metadata),
            None => vec![Vec::new(); class.body.len()],
        };
        let mut out = Vec::new();
        for (member, types) in class.body.iter_mut().zip(&mut types) {
            let (mut decorators, key, is_static, descriptor) = match member {
                // What stands at a signature is decorated by nothing.
                ClassMember::Method(method) if method.function.body.is_none() => {
                    method.function.decorators.clear();
                    continue;
                }
                ClassMember::Method(method) => {
                    let mut found: Vec<Expr> = taken(&mut method.function.decorators);
                    found.extend(parameter_decorators(&mut method.function.params));
                    (found, &mut method.key, method.is_static, null())
                }
                ClassMember::ClassProp(prop) => {
                    let found = taken(&mut prop.decorators);
                    let void = *Expr::undefined(DUMMY_SP);
                    (found, &mut prop.key, prop.is_static, void)
                }
                ClassMember::AutoAccessor(accessor) => {
                    let found = taken(&mut accessor.decorators);
                    let Key::Public(key) = &mut accessor.key else {
                        continue;
                    };
                    (found, key, accessor.is_static, null())
                }
                _ => continue,
            };
            if decorators.is_empty() {
                continue;
            }
            decorators.append(types);
            out.push(Decorated {
                is_static,
                decorators,
                key: kept_key(key, vars),
                descriptor,
            });
        }
        out
    }
}

fn taken(decorators: &mut Vec<Decorator>) -> Vec<Expr> {
    decorators.drain(..).map(|found| *found.expr).collect()
}

/// `__param(0, decorator)` for each decorator of a parameter.
fn parameter_decorators(params: &mut [Param]) -> Vec<Expr> {
    let each = params.iter_mut().enumerate();
    each.flat_map(|(at, param)| {
        let found = taken(&mut param.decorators).into_iter();
        found.map(move |decorator| for_parameter(at, decorator))
    })
    .collect()
}

fn constructor_decorators(class: &mut Class) -> Vec<Expr> {
    let mut out = Vec::new();
    for member in &mut class.body {
        let ClassMember::Constructor(made) = member else {
            continue;
        };
        for (at, param) in made.params.iter_mut().enumerate() {
            let decorators = match param {
                ParamOrTsParamProp::Param(param) => &mut param.decorators,
                ParamOrTsParamProp::TsParamProp(prop) => &mut prop.decorators,
            };
            let found = taken(decorators).into_iter();
            out.extend(found.map(|decorator| for_parameter(at, decorator)));
        }
    }
    out
}

fn for_parameter(at: usize, decorator: Expr) -> Expr {
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: ts_helpers::param(),
        args: vec![Expr::from(at as f64).as_arg(), decorator.as_arg()],
        ..Default::default()
    })
}

/// The types of each member that is decorated, in the order of the body.
fn member_types(class: &Class, metadata: &mut DecoratorMetadata<'_>) -> Vec<Vec<Expr>> {
    let each = class.body.iter();
    each.map(|member| match member {
        ClassMember::Method(method) if is_decorated(&method.function) => match method.kind {
            MethodKind::Method => metadata.method(&method.function),
            MethodKind::Getter | MethodKind::Setter => {
                let find = |kind: MethodKind| {
                    class.body.iter().find_map(|other| match other {
                        ClassMember::Method(other)
                            if other.kind == kind
                                && other.is_static == method.is_static
                                && other.key.eq_ignore_span(&method.key) =>
                        {
                            Some(&*other.function)
                        }
                        _ => None,
                    })
                };
                metadata.accessor(find(MethodKind::Getter), find(MethodKind::Setter))
            }
        },
        ClassMember::ClassProp(prop) if !prop.decorators.is_empty() => {
            metadata.field(&prop.type_ann)
        }
        ClassMember::AutoAccessor(accessor) if !accessor.decorators.is_empty() => {
            metadata.field(&accessor.type_ann)
        }
        _ => Vec::new(),
    })
    .collect()
}

fn is_decorated(function: &Function) -> bool {
    !function.decorators.is_empty()
        || function
            .params
            .iter()
            .any(|param| !param.decorators.is_empty())
}

/// The key of a member as a value; a computed one is computed once, with the class.
fn kept_key(key: &mut PropName, vars: &mut Vec<Ident>) -> Expr {
    match key {
        PropName::Computed(computed) if !computed.expr.is_lit() => {
            let kept = private_ident!("_key");
            vars.push(kept.clone());
            let expr = std::mem::replace(&mut computed.expr, Expr::undefined(DUMMY_SP));
            *computed.expr = expr.make_assign_to(AssignOp::Assign, kept.clone().into());
            Expr::Ident(kept)
        }
        PropName::Ident(name) => Expr::from(&*name.sym),
        key => prop_name_to_expr_value(key.clone()),
    }
}

fn null() -> Expr {
    Expr::Lit(Lit::Null(Null { span: DUMMY_SP }))
}

/// A name that stands in no place of the source.
fn plain(name: &Ident) -> Ident {
    Ident::new(name.sym.clone(), DUMMY_SP, name.ctxt)
}

fn array(exprs: Vec<Expr>) -> Expr {
    Expr::Array(ArrayLit {
        span: DUMMY_SP,
        elems: exprs.into_iter().map(|expr| Some(expr.as_arg())).collect(),
    })
}

fn decorate_call(args: Vec<ExprOrSpread>) -> Expr {
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: ts_helpers::decorate(),
        args,
        ..Default::default()
    })
}

fn member_call(name: &Ident, member: &Decorated) -> Stmt {
    let target = match member.is_static {
        true => Expr::Ident(plain(name)),
        false => plain(name)
            .make_member(IdentName::new("prototype".into(), DUMMY_SP))
            .into(),
    };
    decorate_call(vec![
        array(member.decorators.clone()).as_arg(),
        target.as_arg(),
        member.key.clone().as_arg(),
        member.descriptor.clone().as_arg(),
    ])
    .into_stmt()
}

fn static_block(stmts: Vec<Stmt>) -> ClassMember {
    ClassMember::StaticBlock(StaticBlock {
        span: DUMMY_SP,
        body: BlockStmt {
            span: DUMMY_SP,
            stmts,
            ..Default::default()
        },
    })
}

fn has_private_name(expr: &Expr) -> bool {
    struct Find(bool);
    impl Visit for Find {
        fn visit_private_name(&mut self, _: &PrivateName) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    expr.visit_with(&mut find);
    find.0
}

/// Names the class by a variable of its own inside of it, since the name that a class binds there
/// is never set anew.
fn inner_alias(name: &Ident, class: &mut Class) -> Option<Ident> {
    struct Rename {
        id: Id,
        alias: Ident,
        found: bool,
    }
    impl VisitMut for Rename {
        fn visit_mut_ident(&mut self, name: &mut Ident) {
            if name.ctxt == self.id.1 && name.sym == self.id.0 {
                self.found = true;
                *name = Ident::new(self.alias.sym.clone(), name.span, self.alias.ctxt);
            }
        }

        fn visit_mut_prop(&mut self, prop: &mut Prop) {
            if let Prop::Shorthand(name) = prop
                && name.to_id() == self.id
            {
                let key = PropName::Ident(IdentName::new(name.sym.clone(), name.span));
                let mut value = Expr::Ident(name.clone());
                value.visit_mut_with(self);
                let value = Box::new(value);
                *prop = Prop::KeyValue(KeyValueProp { key, value });
                return;
            }
            prop.visit_mut_children_with(self);
        }

        // Types are stripped later and are read by their names before.
        fn visit_mut_ts_type_ann(&mut self, _: &mut TsTypeAnn) {}
        fn visit_mut_ts_type_param_instantiation(&mut self, _: &mut TsTypeParamInstantiation) {}
        fn visit_mut_ts_type(&mut self, _: &mut TsType) {}
        // They stand behind the class.
        fn visit_mut_decorator(&mut self, _: &mut Decorator) {}
    }
    let mut rename = Rename {
        id: name.to_id(),
        alias: private_ident!(format!("{}_1", name.sym)),
        found: false,
    };
    class.body.visit_mut_with(&mut rename);
    if !rename.found {
        return None;
    }
    let this = Box::new(Expr::This(ThisExpr { span: DUMMY_SP }));
    let set = this.make_assign_to(AssignOp::Assign, rename.alias.clone().into());
    class.body.insert(0, static_block(vec![set.into_stmt()]));
    Some(rename.alias)
}

/// Whether a class or a member of it is decorated.
fn any(class: &Class) -> bool {
    struct Find(bool);
    impl Visit for Find {
        fn visit_decorator(&mut self, _: &Decorator) {
            self.0 = true;
        }
        fn visit_function_body(&mut self, _: &FunctionBody) {}
        fn visit_expr(&mut self, _: &Expr) {}
    }
    let mut find = Find(false);
    class.visit_with(&mut find);
    find.0
}

impl Decorate<'_> {
    fn stmt(&mut self, stmt: &mut Stmt) -> Around {
        match stmt {
            Stmt::Decl(Decl::Class(node)) if !node.declare && any(&node.class) => {
                self.class(&node.ident.clone(), &mut node.class)
            }
            _ => Around::default(),
        }
    }

    fn item(&mut self, item: &mut ModuleItem) -> Around {
        match item {
            ModuleItem::Stmt(stmt) => self.stmt(stmt),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
                decl: Decl::Class(node),
                ..
            })) if !node.declare && any(&node.class) => {
                self.class(&node.ident.clone(), &mut node.class)
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(ExportDefaultDecl {
                decl: DefaultDecl::Class(node),
                ..
            })) if any(&node.class) => {
                let name = node
                    .ident
                    .get_or_insert_with(|| private_ident!("default_1"));
                self.class(&name.clone(), &mut node.class)
            }
            _ => Around::default(),
        }
    }
}

/// The property of a namespace that a class is has to follow it: that of a variable does.
fn export_variable(item: ModuleItem) -> ModuleItem {
    match item {
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
            span,
            decl: Decl::Class(node),
        })) => {
            let class = Expr::Class(ClassExpr {
                ident: Some(node.ident.clone()),
                class: node.class,
            });
            let name = node.ident.into();
            let stmt = declaration(VarDeclKind::Let, name, Some(Box::new(class)));
            match stmt {
                Stmt::Decl(decl) => {
                    ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl { span, decl }))
                }
                stmt => ModuleItem::Stmt(stmt),
            }
        }
        item => item,
    }
}

impl VisitMut for Decorate<'_> {
    fn visit_mut_ts_module_block(&mut self, block: &mut TsModuleBlock) {
        let outer = std::mem::replace(&mut self.in_namespace, true);
        block.visit_mut_children_with(self);
        self.in_namespace = outer;
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        let mut out = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let around = self.item(&mut item);
            out.extend(around.before().map(ModuleItem::Stmt));
            out.push(match around.replaced && self.in_namespace {
                true => export_variable(item),
                false => item,
            });
            out.extend(around.after.into_iter().map(ModuleItem::Stmt));
        }
        *items = out;
    }

    fn visit_mut_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        stmts.visit_mut_children_with(self);
        let mut out = Vec::with_capacity(stmts.len());
        for mut stmt in std::mem::take(stmts) {
            let around = self.stmt(&mut stmt);
            out.extend(around.before());
            out.push(stmt);
            out.extend(around.after);
        }
        *stmts = out;
    }

    /// TypeScript refuses these under this setting; they are given the same meaning.
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        let Expr::Class(node) = expr else {
            return;
        };
        if !any(&node.class) {
            return;
        }
        let name = node
            .ident
            .get_or_insert_with(|| private_ident!("_class"))
            .clone();
        let around = self.class(&name, &mut node.class);
        let mut stmts: Vec<Stmt> = around.before().collect();
        stmts.push(Stmt::Decl(Decl::Class(ClassDecl {
            ident: name.clone(),
            declare: false,
            class: std::mem::take(&mut node.class),
        })));
        stmts.extend(around.after);
        stmts.push(plain(&name).into_return_stmt().into());
        let arrow = ArrowExpr {
            body: Box::new(ArrowFunctionBody::FunctionBody(FunctionBody {
                span: DUMMY_SP,
                stmts,
            })),
            ..Default::default()
        };
        *expr = Expr::Arrow(arrow).as_call(DUMMY_SP, Vec::new());
    }
}
