//! Values of enums that TypeScript knows before anything runs.
//!
//! In: a file whose types are not stripped yet, and what it and others declare. Out: the same file,
//! in which initialisers of enums that are constant are written as their values, whatever file or
//! block they come from, and so are the members of `const enum`s that stand nowhere at run time or
//! later than their use. What is imported from a file of declarations alone is gone.

use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::type_kinds::{ConstantValue, TsSymbol, TypeKinds};

/// Whether a file has enums that need a look.
pub(super) fn is_needed(program: &Program) -> bool {
    struct Find(bool);
    impl Visit for Find {
        fn visit_ts_enum_decl(&mut self, node: &TsEnumDecl) {
            let computed =
                |member: &TsEnumMember| member.init.as_ref().is_some_and(|init| !init.is_lit());
            self.0 |= node.is_const || node.members.iter().any(computed);
        }
    }
    let mut find = Find(false);
    program.visit_with(&mut find);
    find.0
}

pub(super) fn settle(program: &mut Program, kinds: &TypeKinds<'_>) {
    program.visit_mut_with(&mut Settle { kinds });
}

struct Settle<'a, 'b> {
    kinds: &'a TypeKinds<'b>,
}

fn literal(value: ConstantValue) -> Option<Expr> {
    match value {
        ConstantValue::String(text) => Some(Expr::from(text)),
        ConstantValue::Number(number)
            if !number.is_finite() || (number == 0.0 && number.is_sign_negative()) =>
        {
            None
        }
        ConstantValue::Number(number) if number < 0.0 => Some(Expr::Unary(UnaryExpr {
            span: Default::default(),
            op: UnaryOp::Minus,
            arg: Box::new(Expr::from(-number)),
        })),
        ConstantValue::Number(number) => Some(Expr::from(number)),
    }
}

impl VisitMut for Settle<'_, '_> {
    fn visit_mut_ts_enum_decl(&mut self, node: &mut TsEnumDecl) {
        let id = node.id.to_id();
        let own: Vec<_> = node
            .members
            .iter()
            .map(|member| member_name(&member.id))
            .collect();
        for member in &mut node.members {
            let Some(init) = &mut member.init else {
                continue;
            };
            if init.is_lit() {
                continue;
            }
            if let Some(value) = self.kinds.value(init, Some(&id)).and_then(literal) {
                **init = value;
                continue;
            }
            init.visit_mut_with(self);
            // A member of another block is meant before a variable of the same name.
            let kinds = self.kinds;
            init.visit_mut_with(&mut OfOtherBlocks {
                id: &node.id,
                is_other: &|name| !own.contains(name) && kinds.has_member(&kinds.file, &id, name),
            });
        }
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Expr::Member(member) = expr
            && let Some(value) = self.constant(member)
        {
            *expr = value;
            return;
        }
        expr.visit_mut_children_with(self);
    }
}

fn member_name(id: &TsEnumMemberId) -> swc_core::atoms::Atom {
    match id {
        TsEnumMemberId::Ident(name) => name.sym.clone(),
        TsEnumMemberId::Str(text) => text.value.to_atom_lossy().into_owned(),
    }
}

impl Settle<'_, '_> {
    /// The value of a member of a `const enum`.
    fn constant(&self, member: &MemberExpr) -> Option<Expr> {
        let found = self.kinds.member_path(&Expr::Member(member.clone()))?;
        let TsSymbol::Member(file, id, _) = &found.symbol else {
            return None;
        };
        let of_this_file = !found.imported;
        let declaration = file.get(id)?;
        if !declaration.const_enum || !(of_this_file || declaration.ambient) {
            return None;
        }
        literal(self.kinds.named_value(&found, 0)?)
    }
}

struct OfOtherBlocks<'a> {
    id: &'a Ident,
    is_other: &'a dyn Fn(&swc_core::atoms::Atom) -> bool,
}

impl VisitMut for OfOtherBlocks<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Ident(name) = expr
            && (self.is_other)(&name.sym)
        {
            *expr = Expr::Member(MemberExpr {
                span: name.span,
                obj: Box::new(Expr::Ident(self.id.clone())),
                prop: MemberProp::Ident(IdentName::new(name.sym.clone(), name.span)),
            });
        }
    }
}

/// Takes away what is imported from files of declarations, and passed on: there is nothing of it at
/// run time. `is_declared` says of a specifier that only declarations are there.
pub(super) fn drop_declared(program: &mut Program, is_declared: &dyn Fn(&str) -> bool) {
    let Program::Module(module) = program else {
        return;
    };
    let mut gone = Vec::new();
    for item in &mut module.body {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import))
                if import.src.value.as_str().is_some_and(is_declared) =>
            {
                gone.extend(
                    import
                        .specifiers
                        .iter()
                        .map(|specifier| specifier.local().to_id()),
                );
                item.take();
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => {
                let from = export.src.as_ref().and_then(|src| src.value.as_str());
                if from.is_some_and(is_declared) {
                    item.take();
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportAll(export))
                if export.src.value.as_str().is_some_and(is_declared) =>
            {
                item.take();
            }
            _ => {}
        }
    }
    if gone.is_empty() {
        return;
    }
    for item in &mut module.body {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) if export.src.is_none() => {
                export.specifiers.retain(|specifier| match specifier {
                    ExportSpecifier::Named(ExportNamedSpecifier {
                        orig: ModuleExportName::Ident(name),
                        ..
                    }) => !gone.contains(&name.to_id()),
                    _ => true,
                });
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => {
                if let Expr::Ident(name) = &*export.expr
                    && gone.contains(&name.to_id())
                {
                    item.take();
                }
            }
            _ => {}
        }
    }
    // A file that had only these is a module all the same.
    if module.body.iter().all(ModuleItem::is_stmt) {
        module
            .body
            .push(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(
                NamedExport {
                    span: Default::default(),
                    specifiers: Vec::new(),
                    src: None,
                    type_only: false,
                    with: None,
                },
            )));
    }
}
