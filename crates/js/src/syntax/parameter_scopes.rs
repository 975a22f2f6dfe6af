//! Names in the defaults of parameters.
//!
//! In: a program whose names are resolved. Out: the same program, in which a default that reads a rest parameter, and
//! one in the pattern of a `catch` that reads a name of that pattern, mean these: the resolver takes those that
//! stand further on for names of the scope around.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

/// Gives the names in defaults the parameters that they mean.
pub(super) fn settle(program: &mut Program) {
    program.visit_mut_with(&mut Scopes);
}

struct Scopes;

/// What `patterns` declare, by name.
fn declared<'a>(patterns: impl Iterator<Item = &'a Pat>) -> FxHashMap<Atom, SyntaxContext> {
    patterns.flat_map(find_pat_ids::<_, Id>).collect()
}

/// Whether any expression stands in a pattern.
fn has_default(pattern: &Pat) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_expr(&mut self, _: &Expr) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    pattern.visit_with(&mut finder);
    finder.0
}

impl Scopes {
    /// Makes the expressions of `patterns` mean `names`, but for names that they declare themselves.
    fn rename<'a>(
        names: FxHashMap<Atom, SyntaxContext>,
        patterns: impl Iterator<Item = &'a mut Pat>,
    ) {
        struct Inner(FxHashSet<Id>);
        impl Visit for Inner {
            // What is set is not declared.
            fn visit_assign_target(&mut self, _: &AssignTarget) {}
            fn visit_binding_ident(&mut self, name: &BindingIdent) {
                self.0.insert(name.to_id());
            }
            fn visit_fn_decl(&mut self, node: &FnDecl) {
                self.0.insert(node.ident.to_id());
                node.visit_children_with(self);
            }
            fn visit_fn_expr(&mut self, node: &FnExpr) {
                self.0.extend(node.ident.as_ref().map(Ident::to_id));
                node.visit_children_with(self);
            }
            fn visit_class_decl(&mut self, node: &ClassDecl) {
                self.0.insert(node.ident.to_id());
                node.visit_children_with(self);
            }
            fn visit_class_expr(&mut self, node: &ClassExpr) {
                self.0.extend(node.ident.as_ref().map(Ident::to_id));
                node.visit_children_with(self);
            }
        }
        struct Renamer {
            names: FxHashMap<Atom, SyntaxContext>,
            inner: FxHashSet<Id>,
        }
        impl VisitMut for Renamer {
            fn visit_mut_ident(&mut self, name: &mut Ident) {
                if let Some(ctxt) = self.names.get(&name.sym)
                    && !self.inner.contains(&name.to_id())
                {
                    name.ctxt = *ctxt;
                }
            }
        }
        let mut renamer = Renamer {
            names,
            inner: FxHashSet::default(),
        };
        for pattern in patterns {
            let mut inner = Inner(FxHashSet::default());
            pattern.visit_with(&mut inner);
            renamer.inner = inner.0;
            pattern.visit_mut_with(&mut renamer);
        }
    }

    fn parameters(params: &mut [&mut Pat]) {
        let Some((Pat::Rest(rest), others)) = params.split_last_mut() else {
            return;
        };
        if others.iter().any(|pattern| has_default(pattern)) || has_default(&rest.arg) {
            let names = declared(std::iter::once(&*rest.arg));
            let own = std::iter::once(&mut *rest.arg);
            Self::rename(
                names,
                others.iter_mut().map(|pattern| &mut **pattern).chain(own),
            );
        }
    }
}

impl VisitMut for Scopes {
    fn visit_mut_function(&mut self, function: &mut Function) {
        function.visit_mut_children_with(self);
        let params = function.params.iter_mut().map(|param| &mut param.pat);
        Self::parameters(&mut params.collect::<Vec<_>>());
    }

    fn visit_mut_constructor(&mut self, constructor: &mut Constructor) {
        constructor.visit_mut_children_with(self);
        let params = constructor
            .params
            .iter_mut()
            .filter_map(|param| match param {
                ParamOrTsParamProp::Param(param) => Some(&mut param.pat),
                ParamOrTsParamProp::TsParamProp(_) => None,
            });
        Self::parameters(&mut params.collect::<Vec<_>>());
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        arrow.visit_mut_children_with(self);
        Self::parameters(&mut arrow.params.iter_mut().collect::<Vec<_>>());
    }

    fn visit_mut_catch_clause(&mut self, clause: &mut CatchClause) {
        clause.visit_mut_children_with(self);
        if let Some(pattern) = &mut clause.param
            && has_default(pattern)
        {
            Self::rename(
                declared(std::iter::once(&*pattern)),
                std::iter::once(pattern),
            );
        }
    }
}
