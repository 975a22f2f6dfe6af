//! Private members that the minifier drops.
//!
//! It drops those that nothing uses, though a constructor that returns an object it was given adds the member to
//! that object, and must throw the second time.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::hidden::Hidden;

/// Hides private members that nothing uses.
pub(super) fn hide(program: &mut Program, hidden: &mut Hidden) {
    program.visit_mut_with(&mut Classes { hidden });
}

struct Classes<'a> {
    hidden: &'a mut Hidden,
}

/// The private names that an expression or a member reads.
#[derive(Default)]
struct ReadPrivates(FxHashSet<Atom>);

impl Visit for ReadPrivates {
    fn visit_member_prop(&mut self, prop: &MemberProp) {
        if let MemberProp::PrivateName(name) = prop {
            self.0.insert(name.name.clone());
        }
        prop.visit_children_with(self);
    }
    // `#name in object`.
    fn visit_expr(&mut self, expr: &Expr) {
        if let Expr::PrivateName(name) = expr {
            self.0.insert(name.name.clone());
        }
        expr.visit_children_with(self);
    }
}

impl Classes<'_> {
    /// Private members that nothing uses, as members of a public name that is put back.
    fn keep_unused_privates(&mut self, class: &mut Class) {
        let mut read = ReadPrivates::default();
        class.body.visit_with(&mut read);
        let mut texts: FxHashMap<Atom, String> = FxHashMap::default();
        for member in &mut class.body {
            let name = match member {
                ClassMember::PrivateMethod(method) if !method.is_static => &method.key,
                ClassMember::PrivateProp(prop) if !prop.is_static => &prop.key,
                _ => continue,
            };
            if read.0.contains(&name.name) {
                continue;
            }
            // The minifier gives the others short names.
            let number = texts.len();
            let text = texts
                .entry(name.name.clone())
                .or_insert_with(|| format!("#__{number}"))
                .clone();
            let key = PropName::Ident(self.hidden.key(text));
            *member =
                match std::mem::replace(member, ClassMember::Empty(EmptyStmt { span: DUMMY_SP })) {
                    ClassMember::PrivateMethod(method) => ClassMember::Method(ClassMethod {
                        key,
                        span: method.span,
                        function: method.function,
                        kind: method.kind,
                        ..Default::default()
                    }),
                    ClassMember::PrivateProp(prop) => ClassMember::ClassProp(ClassProp {
                        key,
                        span: prop.span,
                        value: prop.value,
                        ..Default::default()
                    }),
                    other => other,
                };
        }
    }
}

impl VisitMut for Classes<'_> {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        if class.super_class.is_some() {
            self.keep_unused_privates(class);
        }
    }
}
