//! Namespace objects.
//!
//! In: what is on the namespace object of an ES module. Out: its getters, the statements that make
//! the object of a module that runs in order, and what `export *` of CommonJS adds to one.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::Atom;
use crate::syntax::ast::*;

impl Generator<'_> {
    /// The getters of a namespace object. (The plan has one for each that is looked at as an object, and
    /// for each module that runs when asked.)
    pub(super) fn getters(&self, id: ModuleId) -> Vec<(Atom, Expr)> {
        let members = self.plan.namespaces[&id].members.iter();
        members
            .map(|(name, binding)| (name.clone(), thunk(self.read(binding))))
            .collect()
    }

    /// The namespace objects of modules that run in order: made first, since they read through.
    pub(super) fn namespace_objects(&self) -> Vec<Stmt> {
        let mut out = Vec::new();
        for id in self.plan.eager_namespaces.iter().copied() {
            let namespace = &self.plan.namespaces[&id];
            let name = &self.names.of(id).namespace;
            let helper = self.helper(self.plan.makes(namespace));
            let made = call(helper, vec![self.fresh_object(), object(self.getters(id))]);
            out.push(declare(name, Some(made)));
            let stars = namespace.stars.iter();
            let early = stars.filter_map(|star| self.early_source(*star));
            out.extend(early.map(|source| self.star(name, source)));
        }
        out
    }

    /// What `export *` adds to the namespace of a module that runs in order, when the modules that it
    /// passes on have run.
    pub(super) fn late_stars(&self, id: ModuleId) -> Vec<Stmt> {
        let namespace = self.plan.namespaces.get(&id);
        let stars = namespace.into_iter().flat_map(|object| &object.stars);
        stars
            .filter(|star| self.early_source(**star).is_none())
            .map(|star| self.star(&self.names.of(id).namespace, self.star_source(*star)))
            .collect()
    }

    /// Adds the names of `source` to a namespace object.
    pub(super) fn star(&self, object: &Id, source: Expr) -> Stmt {
        let helper = self.helper(Helper::Star);
        statement(call(helper, vec![var(object), source]))
    }

    /// `Object.create(null)`
    pub(super) fn fresh_object(&self) -> Expr {
        let null = Expr::Lit(Lit::Null(Null {
            span: crate::syntax::DUMMY_SP,
        }));
        call(
            read(free_name(self.unresolved, "Object"), "create"),
            vec![null],
        )
    }

    /// The exports of what is there before anything of the bundle runs.
    pub(super) fn early_source(&self, star: ModuleId) -> Option<Expr> {
        let module = self.modules.get(star);
        match (module.kind, self.bindings.format) {
            (Kind::External, Format::Esm) => Some(self.star_source(star)),
            (Kind::External, Format::Cjs) if module.side_effect_free => Some(call(
                free_name(self.unresolved, "require"),
                vec![text(&module.name)],
            )),
            _ => None,
        }
    }

    pub(super) fn star_source(&self, star: ModuleId) -> Expr {
        let external = self.modules.get(star).kind == Kind::External;
        match external && self.bindings.format == Format::Esm {
            true => var(&self.names.imported(star, None)),
            false => var(&self.names.of(star).exports),
        }
    }
}
