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
    /// The getters of a namespace object.
    pub(super) fn getters(&self, id: ModuleId) -> Vec<(Atom, Expr)> {
        let members = self.plan.namespaces.get(&id).into_iter().flatten();
        members
            .map(|(name, binding)| (name.clone(), thunk(self.read(binding))))
            .collect()
    }

    /// The run-time function that fills a namespace object.
    pub(super) fn namespace_helper(&self, id: ModuleId) -> Helper {
        match self.live.wants_all(id) && self.linked.dynamic_stars(self.modules, id).is_empty() {
            true => self.plan.closing(),
            false => Helper::Export,
        }
    }

    /// The namespace objects of modules that run in order: made first, since they read through.
    pub(super) fn namespace_objects(&self) -> Vec<Stmt> {
        let needed = self.plan.namespaces.keys().copied().filter(|id| {
            self.is_esm(*id) && !self.linked.is_lazy(*id) && self.plan.needs.namespace.contains(id)
        });
        let mut ids: Vec<ModuleId> = needed.collect();
        ids.sort();
        let mut out = Vec::new();
        for id in ids {
            let helper = self.helper(self.namespace_helper(id));
            let made = call(helper, vec![self.fresh_object(), object(self.getters(id))]);
            out.push(declare(&self.names.of(id).namespace, Some(made)));
            if self.live.wants_all(id) {
                let stars = self.linked.dynamic_stars(self.modules, id);
                let early = stars.iter().filter_map(|star| self.early_source(*star));
                out.extend(early.map(|source| self.star(&self.names.of(id).namespace, source)));
            }
        }
        out
    }

    /// What `export *` adds to the namespace of a module that runs in order, when the modules that it
    /// passes on have run.
    pub(super) fn late_stars(&self, id: ModuleId) -> Vec<Stmt> {
        if !self.plan.needs.namespace.contains(&id) || !self.live.wants_all(id) {
            return Vec::new();
        }
        let stars = self.linked.dynamic_stars(self.modules, id).into_iter();
        stars
            .filter(|star| self.early_source(*star).is_none())
            .map(|star| self.star(&self.names.of(id).namespace, self.star_source(star)))
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
