//! What a type is at run time.
//!
//! In: the declarations of a file, and of those that it imports. Out: for a type its [`RuntimeKind`], by
//! which `emitDecoratorMetadata` names it, and for a constant expression its value, by which enums
//! get theirs. TypeScript has a checker for this; here what is written is followed, and what cannot
//! be followed is [`RuntimeKind::Unknown`], which is handled as `isolatedModules` does it.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use swc_core::atoms::Atom;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;

use crate::syntax::declarations::{Declaration, DeclarationFiles, Declarations, Exported};

/// What stands for a type at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuntimeKind {
    /// The value of the same name.
    Class,
    Void,
    Boolean,
    Number,
    BigInt,
    String,
    Symbol,
    Array,
    Function,
    Object,
    Unknown,
}

/// The value of a constant expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ConstantValue {
    Number(f64),
    String(String),
}

/// What a name is.
#[derive(Clone)]
pub(super) enum TsSymbol {
    Declared(Arc<Declarations>, Id),
    /// A member of an enum.
    Member(Arc<Declarations>, Id, Atom),
    /// A whole file.
    Module(Arc<Declarations>),
}

/// A symbol, and whether a type-only import or export lies on the way to it.
#[derive(Clone)]
pub(super) struct FoundSymbol {
    pub symbol: TsSymbol,
    pub type_only: bool,
    /// It is another file's.
    pub imported: bool,
}

impl FoundSymbol {
    /// Whether it is of another file of the project, which a circle of imports may reach too early.
    pub fn in_project(&self) -> bool {
        let file = match &self.symbol {
            TsSymbol::Declared(file, _) | TsSymbol::Member(file, ..) | TsSymbol::Module(file) => {
                file
            }
        };
        self.imported
            && !file
                .path
                .components()
                .any(|part| part.as_os_str() == "node_modules")
    }
}

/// How many steps from name to name are followed, which ends circles.
const MOST_STEPS: usize = 32;

/// Answers for one file.
pub(super) struct TypeKinds<'a> {
    pub file: Arc<Declarations>,
    pub files: &'a dyn DeclarationFiles,
    pub unresolved: SyntaxContext,
    pub null_types: bool,
    /// What has been looked for in files, which also ends circles.
    pub known: RefCell<FxHashMap<(usize, Atom), Option<FoundSymbol>>>,
}

impl TypeKinds<'_> {
    /// What a name of this file is; `None` where nothing of it is known.
    pub fn entity(&self, name: &TsEntityName) -> Option<FoundSymbol> {
        self.entity_in(&self.file, name, 0)
    }

    fn entity_in(
        &self,
        file: &Arc<Declarations>,
        name: &TsEntityName,
        step: usize,
    ) -> Option<FoundSymbol> {
        match name {
            TsEntityName::Ident(name) => self.local(file, &name.to_id(), step),
            TsEntityName::TsQualifiedName(name) => {
                let left = self.entity_in(file, &name.left, step)?;
                self.member(&left, &name.right.sym, step)
            }
        }
    }

    /// What a variable or type of `file` is, through what it imports.
    pub(super) fn local(
        &self,
        file: &Arc<Declarations>,
        id: &Id,
        step: usize,
    ) -> Option<FoundSymbol> {
        if step > MOST_STEPS {
            return None;
        }
        let declaration = file.get(id)?;
        if let Some(name) = &declaration.stands_for {
            return self.entity_in(file, name, step + 1);
        }
        let Some(import) = &declaration.import else {
            return Some(FoundSymbol {
                symbol: TsSymbol::Declared(file.clone(), id.clone()),
                type_only: false,
                imported: false,
            });
        };
        let target = self.files.imported(&file.path, &import.specifier)?;
        let mut found = match &import.name {
            None if target.whole.is_some() => self.export(&target, &"default".into(), step + 1)?,
            Some(name) => self.export(&target, name, step + 1)?,
            None => FoundSymbol {
                symbol: TsSymbol::Module(target),
                type_only: false,
                imported: true,
            },
        };
        found.type_only |= import.type_only;
        found.imported = true;
        Some(found)
    }

    /// What a file exports under a name.
    fn export(&self, file: &Arc<Declarations>, name: &Atom, step: usize) -> Option<FoundSymbol> {
        let key = (Arc::as_ptr(file) as usize, name.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        self.known.borrow_mut().insert(key.clone(), None);
        let found = self.search(file, name, step);
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn search(&self, file: &Arc<Declarations>, name: &Atom, step: usize) -> Option<FoundSymbol> {
        if step > MOST_STEPS {
            return None;
        }
        if let Some(id) = &file.whole {
            let whole = self.local(file, id, step + 1)?;
            return match &**name {
                "default" => Some(whole),
                _ => self.member(&whole, name, step + 1),
            };
        }
        match file.exports.get(name) {
            Some(Exported::Local { id, type_only }) => {
                let mut found = self.local(file, id, step + 1)?;
                found.type_only |= type_only;
                Some(found)
            }
            Some(Exported::From {
                specifier,
                name,
                type_only,
            }) => {
                let from = self.files.imported(&file.path, specifier)?;
                let mut found = self.export(&from, name, step + 1)?;
                found.type_only |= type_only;
                Some(found)
            }
            Some(Exported::Namespace { specifier }) => Some(FoundSymbol {
                symbol: TsSymbol::Module(self.files.imported(&file.path, specifier)?),
                type_only: false,
                imported: true,
            }),
            None => file.stars.iter().find_map(|specifier| {
                let from = self.files.imported(&file.path, specifier)?;
                self.export(&from, name, step + 1)
            }),
        }
    }

    pub fn member(&self, of: &FoundSymbol, name: &Atom, step: usize) -> Option<FoundSymbol> {
        let symbol = match &of.symbol {
            TsSymbol::Module(file) => {
                let mut found = self.export(file, name, step + 1)?;
                found.type_only |= of.type_only;
                found.imported |= of.imported;
                return Some(found);
            }
            TsSymbol::Declared(file, id) => {
                let declaration = file.get(id)?;
                let members = declaration.members.as_deref().unwrap_or_default();
                if members.iter().any(|(member, _)| member == name) {
                    TsSymbol::Member(file.clone(), id.clone(), name.clone())
                } else {
                    let inner = declaration.names.get(name)?;
                    let mut found = self.local(file, inner, step + 1)?;
                    found.type_only |= of.type_only;
                    found.imported |= of.imported;
                    return Some(found);
                }
            }
            TsSymbol::Member(..) => return None,
        };
        Some(FoundSymbol {
            symbol,
            ..of.clone()
        })
    }

    /// The kind that a reference to a name has.
    pub fn kind_of(&self, found: &FoundSymbol, step: usize) -> RuntimeKind {
        match &found.symbol {
            TsSymbol::Module(_) => RuntimeKind::Object,
            TsSymbol::Member(file, id, name) => match self.member_value(file, id, name, step) {
                Some(ConstantValue::String(_)) => RuntimeKind::String,
                _ => RuntimeKind::Number,
            },
            TsSymbol::Declared(file, id) => match file.get(id) {
                Some(declaration) => self.declared_kind(file, id, declaration, step),
                None => RuntimeKind::Unknown,
            },
        }
    }

    fn declared_kind(
        &self,
        file: &Arc<Declarations>,
        id: &Id,
        declaration: &Declaration,
        step: usize,
    ) -> RuntimeKind {
        if step > MOST_STEPS {
            return RuntimeKind::Object;
        }
        if declaration.class {
            return RuntimeKind::Class;
        }
        if let Some(members) = &declaration.members {
            let mut kinds =
                members.iter().map(
                    |(name, _)| match self.member_value(file, id, name, step + 1) {
                        Some(ConstantValue::String(_)) => RuntimeKind::String,
                        _ => RuntimeKind::Number,
                    },
                );
            let first = kinds.next().unwrap_or(RuntimeKind::Number);
            return match kinds.all(|kind| kind == first) {
                true => first,
                false => RuntimeKind::Object,
            };
        }
        if let Some(alias) = &declaration.alias {
            return self.type_kind(file, alias, step + 1);
        }
        if let Some(constraint) = &declaration.type_param {
            return constraint
                .as_ref()
                .map_or(RuntimeKind::Object, |constraint| {
                    self.type_kind(file, constraint, step + 1)
                });
        }
        if declaration.interface && declaration.variable {
            // Whether it constructs, only a checker knows.
            return RuntimeKind::Unknown;
        }
        if declaration.interface {
            let callable = declaration.callable
                || declaration.extends.iter().any(|base| {
                    self.local(file, base, step + 1)
                        .is_some_and(|base| self.kind_of(&base, step + 1) == RuntimeKind::Function)
                });
            return if callable {
                RuntimeKind::Function
            } else {
                RuntimeKind::Object
            };
        }
        if declaration.names.is_empty() {
            RuntimeKind::Unknown
        } else {
            RuntimeKind::Object
        }
    }

    /// The kind of a type that has a name of its own: it is a whole, in which a class is an object.
    fn type_kind(&self, file: &Arc<Declarations>, ty: &TsType, step: usize) -> RuntimeKind {
        if step > MOST_STEPS {
            return RuntimeKind::Object;
        }
        match ty {
            TsType::TsParenthesizedType(ty) => self.type_kind(file, &ty.type_ann, step + 1),
            TsType::TsTypeOperator(ty) if ty.op == TsTypeOperatorOp::ReadOnly => {
                self.type_kind(file, &ty.type_ann, step + 1)
            }
            TsType::TsFnOrConstructorType(TsFnOrConstructorType::TsConstructorType(_)) => {
                RuntimeKind::Object
            }
            TsType::TsTypeLit(literal) => {
                let calls = |member: &TsTypeElement| {
                    matches!(member, TsTypeElement::TsCallSignatureDecl(_))
                };
                match literal.members.iter().any(calls) {
                    true => RuntimeKind::Function,
                    false => RuntimeKind::Object,
                }
            }
            TsType::TsTypeRef(reference) => self.reference_kind(file, reference, step),
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(union)) => {
                let kinds = union.types.iter();
                self.union_kind(kinds.map(|ty| (&**ty, self.type_kind(file, ty, step + 1))))
            }
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(
                types,
            )) => {
                // `string & { brand }` is a string.
                let mut kinds = types
                    .types
                    .iter()
                    .map(|ty| self.type_kind(file, ty, step + 1));
                kinds
                    .find(|kind| is_primitive(*kind))
                    .unwrap_or(RuntimeKind::Object)
            }
            TsType::TsConditionalType(_) => RuntimeKind::Object,
            TsType::TsIndexedAccessType(_) | TsType::TsTypeQuery(_) => self.value_kind(file, ty),
            _ => simple_kind(ty).unwrap_or(RuntimeKind::Object),
        }
    }

    /// `keyof typeof X`, `(typeof X)[number]` and such, where X is a constant of strings, are not
    /// followed; objects are what most of them are.
    fn value_kind(&self, _: &Arc<Declarations>, _: &TsType) -> RuntimeKind {
        RuntimeKind::Object
    }

    fn reference_kind(
        &self,
        file: &Arc<Declarations>,
        reference: &TsTypeRef,
        step: usize,
    ) -> RuntimeKind {
        let found = self.entity_in(file, &reference.type_name, step + 1);
        if let Some(found) = found {
            return match self.kind_of(&found, step + 1) {
                RuntimeKind::Class | RuntimeKind::Unknown => RuntimeKind::Object,
                kind => kind,
            };
        }
        let TsEntityName::Ident(name) = &reference.type_name else {
            return RuntimeKind::Object;
        };
        let arg = || {
            let args = reference.type_params.as_ref()?;
            Some(self.type_kind(file, args.params.first()?, step + 1))
        };
        match &*name.sym {
            "Array" | "ReadonlyArray" => RuntimeKind::Array,
            "Uppercase" | "Lowercase" | "Capitalize" | "Uncapitalize" => RuntimeKind::String,
            "Exclude" | "Extract" | "NonNullable" | "NoInfer" => match arg() {
                Some(kind) if is_primitive(kind) => kind,
                _ => RuntimeKind::Object,
            },
            "Readonly" => match arg() {
                Some(RuntimeKind::Array) => RuntimeKind::Array,
                _ => RuntimeKind::Object,
            },
            _ => RuntimeKind::Object,
        }
    }

    fn union_kind<'t>(
        &self,
        kinds: impl Iterator<Item = (&'t TsType, RuntimeKind)>,
    ) -> RuntimeKind {
        let mut all: Option<RuntimeKind> = None;
        for (ty, kind) in kinds {
            if is_never(ty) || (!self.null_types && is_null(ty)) {
                continue;
            }
            match all {
                None => all = Some(kind),
                Some(first) if first == kind && is_primitive(kind) => {}
                Some(_) => return RuntimeKind::Object,
            }
        }
        all.unwrap_or(RuntimeKind::Void)
    }
}

fn is_primitive(kind: RuntimeKind) -> bool {
    matches!(
        kind,
        RuntimeKind::Void
            | RuntimeKind::Boolean
            | RuntimeKind::Number
            | RuntimeKind::BigInt
            | RuntimeKind::String
            | RuntimeKind::Symbol
    )
}

fn keyword(ty: &TsType) -> Option<TsKeywordTypeKind> {
    match ty {
        TsType::TsKeywordType(keyword) => Some(keyword.kind),
        TsType::TsParenthesizedType(inner) => keyword(&inner.type_ann),
        _ => None,
    }
}

pub(super) fn is_never(ty: &TsType) -> bool {
    keyword(ty) == Some(TsKeywordTypeKind::TsNeverKeyword)
}

pub(super) fn is_null(ty: &TsType) -> bool {
    matches!(
        keyword(ty),
        Some(TsKeywordTypeKind::TsNullKeyword | TsKeywordTypeKind::TsUndefinedKeyword)
    )
}

/// The kind of a type that is written out, where it needs no names.
pub(super) fn simple_kind(ty: &TsType) -> Option<RuntimeKind> {
    use TsKeywordTypeKind as Word;
    Some(match ty {
        TsType::TsKeywordType(word) => match word.kind {
            Word::TsVoidKeyword
            | Word::TsUndefinedKeyword
            | Word::TsNullKeyword
            | Word::TsNeverKeyword => RuntimeKind::Void,
            Word::TsBooleanKeyword => RuntimeKind::Boolean,
            Word::TsNumberKeyword => RuntimeKind::Number,
            Word::TsBigIntKeyword => RuntimeKind::BigInt,
            Word::TsStringKeyword => RuntimeKind::String,
            Word::TsSymbolKeyword => RuntimeKind::Symbol,
            _ => RuntimeKind::Object,
        },
        TsType::TsFnOrConstructorType(_) => RuntimeKind::Function,
        TsType::TsArrayType(_) | TsType::TsTupleType(_) => RuntimeKind::Array,
        TsType::TsTypePredicate(predicate) if predicate.asserts => RuntimeKind::Void,
        TsType::TsTypePredicate(_) => RuntimeKind::Boolean,
        TsType::TsLitType(literal) => match &literal.lit {
            TsLit::Number(_) => RuntimeKind::Number,
            TsLit::Str(_) | TsLit::Tpl(_) => RuntimeKind::String,
            TsLit::Bool(_) => RuntimeKind::Boolean,
            TsLit::BigInt(_) => RuntimeKind::BigInt,
        },
        TsType::TsTypeOperator(ty) if ty.op == TsTypeOperatorOp::Unique => RuntimeKind::Symbol,
        _ => return None,
    })
}
