//! Names that the resolver takes for others.
//!
//! In: a program whose names are resolved. Out: the same program, in which these mean what they mean to the engine:
//! a rest parameter in the defaults before it, a name of a `catch` pattern in the defaults of that pattern, the name
//! of a class expression in what the class extends, the `arguments` of a function inside of one that has a variable of
//! that name, and a variable of a CommonJS module called `undefined`, `NaN` or
//! `Infinity`, which hides the global.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

/// Gives names the declarations that they mean.
pub(super) fn settle(program: &mut Program, unresolved: SyntaxContext, top_level: SyntaxContext) {
    let mut scopes = Scopes::default();
    program.visit_mut_with(&mut scopes);
    if scopes.declares_arguments {
        program.visit_mut_with(&mut OwnArguments {
            unresolved,
            own: FxHashSet::default(),
        });
    }
    if program.is_script() {
        hide_constants(program, unresolved, top_level);
    }
}

/// The resolver reads a CommonJS module as a script, in which nothing can hide the constants of the language.
fn hide_constants(program: &mut Program, unresolved: SyntaxContext, top_level: SyntaxContext) {
    struct Hiding {
        top_level: SyntaxContext,
        names: FxHashSet<Atom>,
    }
    impl Visit for Hiding {
        fn visit_binding_ident(&mut self, name: &BindingIdent) {
            self.declared(name);
        }
        fn visit_fn_decl(&mut self, node: &FnDecl) {
            self.declared(&node.ident);
        }
        fn visit_class_decl(&mut self, node: &ClassDecl) {
            self.declared(&node.ident);
        }
        // Nothing in an expression is declared at the top level.
        fn visit_expr(&mut self, _: &Expr) {}
    }
    impl Hiding {
        fn declared(&mut self, name: &Ident) {
            if name.ctxt == self.top_level && matches!(&*name.sym, "undefined" | "NaN" | "Infinity")
            {
                self.names.insert(name.sym.clone());
            }
        }
    }
    struct Hide {
        hiding: Hiding,
        unresolved: SyntaxContext,
    }
    impl VisitMut for Hide {
        fn visit_mut_ident(&mut self, name: &mut Ident) {
            if name.ctxt == self.unresolved && self.hiding.names.contains(&name.sym) {
                name.ctxt = self.hiding.top_level;
            }
        }
    }
    let mut hiding = Hiding {
        top_level,
        names: FxHashSet::default(),
    };
    program.visit_with(&mut hiding);
    if !hiding.names.is_empty() {
        program.visit_mut_with(&mut Hide { hiding, unresolved });
    }
}

#[derive(Default)]
struct Scopes {
    /// Something is called `arguments`.
    declares_arguments: bool,
}

/// Every function has `arguments` of its own, whatever a function around it calls so.
struct OwnArguments {
    unresolved: SyntaxContext,
    /// What the function at hand, and the arrow functions in it, call so.
    own: FxHashSet<Id>,
}

/// What a function itself declares as `arguments`, blocks and arrow functions in it included.
struct DeclaredArguments(FxHashSet<Id>);

impl Visit for DeclaredArguments {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        if name.sym == "arguments" {
            self.0.insert(name.to_id());
        }
    }
    fn visit_fn_decl(&mut self, node: &FnDecl) {
        if node.ident.sym == "arguments" {
            self.0.insert(node.ident.to_id());
        }
    }
    fn visit_function(&mut self, _: &Function) {}
}

impl VisitMut for OwnArguments {
    fn visit_mut_function(&mut self, function: &mut Function) {
        let mut declared = DeclaredArguments(FxHashSet::default());
        function.visit_children_with(&mut declared);
        let outer = std::mem::replace(&mut self.own, declared.0);
        function.visit_mut_children_with(self);
        self.own = outer;
    }
    // Outside of every function it is a variable of the module's.
    fn visit_mut_program(&mut self, program: &mut Program) {
        let mut declared = DeclaredArguments(FxHashSet::default());
        program.visit_children_with(&mut declared);
        self.own = declared.0;
        program.visit_mut_children_with(self);
    }
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.sym == "arguments" && !self.own.contains(&name.to_id()) {
            name.ctxt = self.unresolved;
        }
    }
}

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

/// What is declared inside of an expression.
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

impl Scopes {
    /// Makes the expressions in `patterns` mean `names`, but for names that they declare themselves.
    fn rename<'a, N>(
        names: FxHashMap<Atom, SyntaxContext>,
        patterns: impl Iterator<Item = &'a mut N>,
    ) where
        N: VisitWith<Inner> + VisitMutWith<Renamer> + 'a,
    {
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
    fn visit_mut_binding_ident(&mut self, name: &mut BindingIdent) {
        self.declares_arguments |= name.sym == "arguments";
    }

    fn visit_mut_class_expr(&mut self, node: &mut ClassExpr) {
        node.visit_mut_children_with(self);
        let Some(parent) = &mut node.class.super_class else {
            return;
        };
        // What a class extends is nearly always a name or a call of one.
        if let Some(name) = &node.ident
            && !parent.is_ident()
        {
            let names = FxHashMap::from_iter([name.to_id()]);
            Self::rename(names, std::iter::once(&mut **parent));
        }
    }

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
