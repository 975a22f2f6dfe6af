//! Namespace objects.
//!
//! In: which ES modules are looked at as an object. Out: the properties of each object, and the
//! statements that make it.

use rustc_hash::FxHashMap;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::link::Resolution;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::syntax::Atom;
use crate::syntax::ast::*;

impl Generator<'_> {
    /// Namespace objects, as the properties of each, and what they need in turn.
    pub(super) fn namespaces(
        &self,
        needs: &mut RuntimeRequirements,
    ) -> FxHashMap<ModuleId, Vec<(Atom, Expr)>> {
        let mut out: FxHashMap<ModuleId, Vec<(Atom, Expr)>> = FxHashMap::default();
        loop {
            let mut todo: Vec<ModuleId> = needs
                .namespace
                .iter()
                .chain(&needs.required)
                .copied()
                .chain(
                    self.modules
                        .ids()
                        .filter(|id| self.live.runs(*id) && self.linked.is_lazy(*id)),
                )
                .filter(|id| !out.contains_key(id))
                .collect();
            todo.sort();
            todo.dedup();
            if todo.is_empty() {
                return out;
            }
            for id in todo {
                let mut rewriter = self.rewriter(id, false);
                let mut props = Vec::new();
                for (name, found) in self.linked.names(self.modules, id) {
                    let live = match &found {
                        Resolution::Symbol(module, symbol) => self.is_live(*module, symbol),
                        Resolution::Namespace(_) | Resolution::Dynamic { .. } => {
                            self.live.wants(id, &name)
                        }
                        Resolution::Ambiguous | Resolution::Missing => false,
                    };
                    if live && (self.linked.is_lazy(id) || self.live.wants(id, &name)) {
                        props.push((name, rewriter.expr_of(&found)));
                    }
                }
                for star in self.linked.dynamic_stars(self.modules, id) {
                    if self.live.wanted.get(&id).is_some_and(|wanted| wanted.all) {
                        rewriter.needs.exports.insert(star);
                        rewriter.needs.helpers.insert(Helper::Star);
                        if self.modules.get(star).kind == Kind::External
                            && self.chunk.format == Format::Esm
                        {
                            rewriter.needs.imported.insert((star, None));
                        }
                    }
                }
                let found = std::mem::take(&mut rewriter.needs);
                needs.merge(found);
                out.insert(id, props);
            }
        }
    }

    pub(super) fn is_live(&self, module: ModuleId, symbol: &Id) -> bool {
        self.modules
            .get(module)
            .analysis
            .declared_by
            .get(symbol)
            .is_some_and(|parts| {
                parts
                    .iter()
                    .any(|part| self.live.part(module, *part as usize))
            })
    }

    /// The helper that finishes a namespace object. Its tag can only be noticed by code that
    /// looks at tags.
    pub(super) fn closing(&self) -> Helper {
        let tagged = self
            .modules
            .ids()
            .any(|id| self.live.runs(id) && self.modules.get(id).reads_tags);
        if tagged {
            Helper::Namespace
        } else {
            Helper::Sealed
        }
    }

    /// The exports of what is there before anything of the bundle runs.
    pub(super) fn early_source(&self, star: ModuleId) -> Option<Expr> {
        let module = self.modules.get(star);
        match (module.kind, self.chunk.format) {
            (Kind::External, Format::Esm) => Some(self.star_source(star)),
            (Kind::External, Format::Cjs) if module.is_builtin() => Some(call(
                free_name(self.unresolved, "require"),
                vec![text(&module.name)],
            )),
            _ => None,
        }
    }

    pub(super) fn star_source(&self, star: ModuleId) -> Expr {
        let names = self.names.of(star);
        if self.modules.get(star).kind == Kind::External && self.chunk.format == Format::Esm {
            var(&self.names.imported(star, None))
        } else {
            var(&names.exports)
        }
    }
}
