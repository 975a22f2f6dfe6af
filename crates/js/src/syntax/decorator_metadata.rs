//! The types that `emitDecoratorMetadata` keeps for run time.
//!
//! In: a decorated member or class whose types are not stripped yet, and what its file and others
//! declare. Out: the decorators that set `design:type`, `design:paramtypes` and
//! `design:returntype`, as `tsc` writes them.

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;

use swc_core::ecma::utils::{ExprFactory, private_ident};

use crate::syntax::ts_helpers;
use crate::syntax::type_kinds::{RuntimeKind, TypeKinds, is_never, is_null, simple_kind};

/// Writes types as expressions.
pub(super) struct DecoratorMetadata<'a> {
    pub kinds: TypeKinds<'a>,
    /// The function that reads a class which a circle of imports may not have made yet, where a
    /// type needed it.
    pub reader: Option<Ident>,
}

/// A type as it is written down.
#[derive(Clone, PartialEq)]
enum Written {
    Void,
    /// A global.
    Global(&'static str),
    /// A class by its name.
    Name(Box<Expr>),
    /// A class of another file.
    Imported(Box<Expr>),
    /// A name of which nothing is known before it runs.
    Guarded(Box<Expr>),
}

/// A parameter of a constructor or method, as far as its type goes.
fn annotation(pat: &Pat) -> (Option<&TsType>, bool) {
    let (found, rest) = match pat {
        Pat::Ident(name) => (&name.type_ann, false),
        Pat::Array(array) => (&array.type_ann, false),
        Pat::Object(object) => (&object.type_ann, false),
        Pat::Rest(rest) => (&rest.type_ann, true),
        Pat::Assign(assign) => return annotation(&assign.left),
        Pat::Expr(_) | Pat::Invalid(_) => return (None, false),
    };
    (found.as_deref().map(|found| &*found.type_ann), rest)
}

fn of(ann: &Option<Box<TsTypeAnn>>) -> Option<&TsType> {
    ann.as_deref().map(|ann| &*ann.type_ann)
}

impl DecoratorMetadata<'_> {
    /// Of a field, or of `accessor`.
    pub fn field(&mut self, ann: &Option<Box<TsTypeAnn>>) -> Vec<Expr> {
        let ty = self.ty(of(ann));
        vec![metadata("design:type", ty)]
    }

    /// Of a method.
    pub fn method(&mut self, function: &Function) -> Vec<Expr> {
        let params = self.params(function.params.iter().map(|param| &param.pat));
        let returned = match of(&function.return_type) {
            None if function.is_async => self.global("Promise"),
            None => *Expr::undefined(DUMMY_SP),
            ty => self.ty(ty),
        };
        vec![
            metadata("design:type", self.global("Function")),
            metadata("design:paramtypes", params),
            metadata("design:returntype", returned),
        ]
    }

    /// Of a getter or setter: both say their type, and the setter its parameters.
    pub fn accessor(&mut self, getter: Option<&Function>, setter: Option<&Function>) -> Vec<Expr> {
        let set = setter
            .and_then(|setter| setter.params.first())
            .and_then(|param| annotation(&param.pat).0);
        let got = getter.and_then(|getter| of(&getter.return_type));
        let ty = self.ty(set.or(got));
        let params = setter
            .or(getter)
            .map_or(&[][..], |function| &function.params);
        let params = self.params(params.iter().map(|param| &param.pat));
        vec![
            metadata("design:type", ty),
            metadata("design:paramtypes", params),
        ]
    }

    /// Of a class: what its constructor takes, if it has one of its own.
    pub fn class(&mut self, class: &Class) -> Option<Expr> {
        let made = class.body.iter().find_map(|member| match member {
            ClassMember::Constructor(made) if made.body.is_some() => Some(made),
            _ => None,
        })?;
        let elems = made
            .params
            .iter()
            .map(|param| {
                let (ty, rest) = match param {
                    ParamOrTsParamProp::Param(param) => annotation(&param.pat),
                    ParamOrTsParamProp::TsParamProp(prop) => match &prop.param {
                        TsParamPropParam::Ident(name) => (of(&name.type_ann), false),
                        TsParamPropParam::Assign(assign) => annotation(&assign.left),
                    },
                };
                Some(self.param(ty, rest).as_arg())
            })
            .collect();
        let list = ArrayLit {
            span: DUMMY_SP,
            elems,
        };
        Some(metadata("design:paramtypes", list.into()))
    }

    fn params<'p>(&mut self, params: impl Iterator<Item = &'p Pat>) -> Expr {
        let elems = params
            .map(|pat| {
                let (ty, rest) = annotation(pat);
                Some(self.param(ty, rest).as_arg())
            })
            .collect();
        Expr::Array(ArrayLit {
            span: DUMMY_SP,
            elems,
        })
    }

    /// A rest parameter is written by the type of its elements.
    fn param(&mut self, ty: Option<&TsType>, rest: bool) -> Expr {
        if !rest {
            return self.ty(ty);
        }
        let element = ty.and_then(|ty| match ty {
            TsType::TsArrayType(array) => Some(&*array.elem_type),
            TsType::TsTypeRef(reference) => {
                match reference.type_params.as_deref()?.params.as_slice() {
                    [only] => Some(&**only),
                    _ => None,
                }
            }
            _ => None,
        });
        self.ty(element)
    }

    fn ty(&mut self, ty: Option<&TsType>) -> Expr {
        let written = ty.map_or(Written::Global("Object"), |ty| self.written(ty));
        self.expr(written)
    }

    fn written(&self, ty: &TsType) -> Written {
        match ty {
            TsType::TsParenthesizedType(ty) => self.written(&ty.type_ann),
            TsType::TsTypeOperator(ty) if ty.op == TsTypeOperatorOp::ReadOnly => {
                self.written(&ty.type_ann)
            }
            TsType::TsTypeOperator(_) => Written::Global("Object"),
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(union)) => {
                self.constituents(union.types.iter(), false)
            }
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(
                types,
            )) => self.constituents(types.types.iter(), true),
            TsType::TsConditionalType(ty) => {
                self.constituents([&ty.true_type, &ty.false_type].into_iter(), false)
            }
            TsType::TsTypeRef(reference) => self.reference(&reference.type_name),
            ty => simple_kind(ty).map_or(Written::Global("Object"), by_kind),
        }
    }

    /// What all members of a union or an intersection have in common.
    fn constituents<'t>(
        &self,
        types: impl Iterator<Item = &'t Box<TsType>>,
        intersection: bool,
    ) -> Written {
        let mut common: Option<Written> = None;
        for ty in types {
            if is_never(ty) {
                match intersection {
                    true => return Written::Void,
                    false => continue,
                }
            }
            if is_unknown(ty) && intersection {
                continue;
            }
            if is_null(ty) && !self.kinds.null_types {
                continue;
            }
            let written = self.written(ty);
            if written == Written::Global("Object") {
                return written;
            }
            match &common {
                None => common = Some(written),
                Some(known) if *known == written => {}
                Some(_) => return Written::Global("Object"),
            }
        }
        common.unwrap_or(Written::Void)
    }

    fn reference(&self, name: &TsEntityName) -> Written {
        let Some(found) = self.kinds.entity(name) else {
            return self.unknown(name);
        };
        match self.kinds.kind_of(&found, 0) {
            RuntimeKind::Class if found.type_only => Written::Global("Function"),
            RuntimeKind::Class if found.in_project() => Written::Imported(entity_expr(name)),
            RuntimeKind::Class => Written::Name(entity_expr(name)),
            RuntimeKind::Unknown => Written::Guarded(entity_expr(name)),
            kind => by_kind(kind),
        }
    }

    /// A name that is not declared here: a global, or what a package declares.
    fn unknown(&self, name: &TsEntityName) -> Written {
        let mut root = name;
        while let TsEntityName::TsQualifiedName(qualified) = root {
            root = &qualified.left;
        }
        let TsEntityName::Ident(root) = root else {
            return Written::Global("Object");
        };
        if root.ctxt != self.kinds.unresolved {
            let type_only = self
                .kinds
                .file
                .get(&root.to_id())
                .is_some_and(|declaration| {
                    declaration
                        .import
                        .as_ref()
                        .is_some_and(|import| import.type_only)
                });
            return match type_only {
                true => Written::Global("Object"),
                false => Written::Guarded(entity_expr(name)),
            };
        }
        let TsEntityName::Ident(name) = name else {
            return match &*root.sym {
                "Intl" | "WebAssembly" => Written::Name(entity_expr(name)),
                _ => Written::Global("Object"),
            };
        };
        match &*name.sym {
            "ReadonlyArray" => Written::Global("Array"),
            word if TYPES.contains(&word) => Written::Global("Object"),
            word => match CLASSES.iter().find(|class| **class == word) {
                Some(class) => Written::Global(class),
                None => Written::Guarded(Box::new(Expr::Ident(name.clone()))),
            },
        }
    }

    fn expr(&mut self, written: Written) -> Expr {
        match written {
            Written::Void => *Expr::undefined(DUMMY_SP),
            Written::Global("BigInt") => guarded(self.global("BigInt"), self.global("Object")),
            Written::Global(name) => self.global(name),
            Written::Name(expr) => *expr,
            Written::Imported(expr) => {
                let reader = self
                    .reader
                    .get_or_insert_with(|| private_ident!("_ts_class"));
                let get = ArrowExpr {
                    body: Box::new((*expr).into()),
                    ..Default::default()
                };
                reader
                    .clone()
                    .as_call(DUMMY_SP, vec![Expr::Arrow(get).as_arg()])
            }
            Written::Guarded(expr) => guarded(*expr, self.global("Object")),
        }
    }

    fn global(&self, name: &str) -> Expr {
        Expr::Ident(Ident::new(name.into(), DUMMY_SP, self.kinds.unresolved))
    }
}

fn by_kind(kind: RuntimeKind) -> Written {
    Written::Global(match kind {
        RuntimeKind::Void => return Written::Void,
        RuntimeKind::Boolean => "Boolean",
        RuntimeKind::Number => "Number",
        RuntimeKind::BigInt => "BigInt",
        RuntimeKind::String => "String",
        RuntimeKind::Symbol => "Symbol",
        RuntimeKind::Array => "Array",
        RuntimeKind::Function => "Function",
        RuntimeKind::Class | RuntimeKind::Object | RuntimeKind::Unknown => "Object",
    })
}

fn is_unknown(ty: &TsType) -> bool {
    matches!(ty, TsType::TsKeywordType(word) if word.kind == TsKeywordTypeKind::TsUnknownKeyword)
}

/// `typeof X === "function" ? X : Object`.
fn guarded(value: Expr, other: Expr) -> Expr {
    let kind = Expr::Unary(UnaryExpr {
        span: DUMMY_SP,
        op: UnaryOp::TypeOf,
        arg: Box::new(value.clone()),
    });
    Expr::Cond(CondExpr {
        span: DUMMY_SP,
        test: Box::new(kind.make_bin(BinaryOp::EqEqEq, Expr::from("function"))),
        cons: Box::new(value),
        alt: Box::new(other),
    })
}

fn entity_expr(name: &TsEntityName) -> Box<Expr> {
    Box::new(match name {
        TsEntityName::Ident(name) => Expr::Ident(Ident::new(name.sym.clone(), DUMMY_SP, name.ctxt)),
        TsEntityName::TsQualifiedName(name) => Expr::Member(MemberExpr {
            span: DUMMY_SP,
            obj: entity_expr(&name.left),
            prop: MemberProp::Ident(IdentName::new(name.right.sym.clone(), DUMMY_SP)),
        }),
    })
}

fn metadata(key: &str, value: Expr) -> Expr {
    Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: ts_helpers::metadata(),
        args: vec![key.as_arg(), value.as_arg()],
        ..Default::default()
    })
}

/// `function _ts_class(get) { try { return get(); } catch {} }`: a class of another file is
/// undefined as long as a circle of imports keeps it from being made, as it is in CommonJS.
pub(super) fn reader_function(name: Ident) -> Stmt {
    let get = private_ident!("get");
    let call = get.clone().as_call(DUMMY_SP, Vec::new());
    let block = |stmts: Vec<Stmt>| BlockStmt {
        span: DUMMY_SP,
        ctxt: SyntaxContext::empty(),
        stmts,
    };
    let body = Stmt::Try(Box::new(TryStmt {
        span: DUMMY_SP,
        block: block(vec![call.into_return_stmt().into()]),
        handler: Some(CatchClause {
            span: DUMMY_SP,
            param: None,
            body: block(Vec::new()),
        }),
        finalizer: None,
    }));
    Stmt::Decl(Decl::Fn(FnDecl {
        ident: name,
        declare: false,
        function: Box::new(Function {
            params: vec![Pat::Ident(get.into()).into()],
            body: Some(FunctionBody {
                span: DUMMY_SP,
                stmts: vec![body],
            }),
            ..Default::default()
        }),
    }))
}

/// Globals that every Node.js has and that are classes.
const CLASSES: [&str; 46] = [
    "Array",
    "ArrayBuffer",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float32Array",
    "Float64Array",
    "Function",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Map",
    "Number",
    "Object",
    "Promise",
    "RangeError",
    "ReferenceError",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SyntaxError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "AggregateError",
    "Buffer",
    "URL",
    "URLSearchParams",
    "AbortController",
    "AbortSignal",
    "Event",
    "EventTarget",
    "TextDecoder",
    "TextEncoder",
];

/// Names of TypeScript's library that are types only, or values that are no classes.
const TYPES: [&str; 42] = [
    "Record",
    "Partial",
    "Required",
    "Readonly",
    "Pick",
    "Omit",
    "Exclude",
    "Extract",
    "NonNullable",
    "Parameters",
    "ConstructorParameters",
    "ReturnType",
    "InstanceType",
    "Awaited",
    "ThisType",
    "NoInfer",
    "PromiseLike",
    "ArrayLike",
    "Iterable",
    "Iterator",
    "IterableIterator",
    "AsyncIterable",
    "AsyncIterator",
    "AsyncIterableIterator",
    "Generator",
    "GeneratorFunction",
    "AsyncGenerator",
    "ReadonlyMap",
    "ReadonlySet",
    "PropertyKey",
    "PropertyDescriptor",
    "TypedPropertyDescriptor",
    "ClassDecorator",
    "MethodDecorator",
    "PropertyDecorator",
    "ParameterDecorator",
    "TemplateStringsArray",
    "Symbol",
    "BigInt",
    "JSON",
    "Math",
    "Atomics",
];
