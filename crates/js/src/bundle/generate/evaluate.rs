//! The statements that run a module at a place that is not its own.
//!
//! In: the module, and what others need of it. Out: calls of its wrapper, and what is copied of its
//! exports when it has run.

use rustc_hash::FxHashSet;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::generate::rewrite::as_node;
use crate::bundle::link::target;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::syntax::ast::*;

impl Generator<'_> {
    /// Runs what a module imports, in order; for modules that run when asked.
    pub(super) fn imports_of(&self, id: ModuleId, needs: &RuntimeRequirements) -> Vec<Stmt> {
        let mut out = Vec::new();
        let mut seen = FxHashSet::default();
        let mut stack = vec![(id, 0)];
        while let Some((at, next)) = stack.pop() {
            let module = self.modules.get(at);
            let Some(record) = module.analysis.static_imports.get(next) else {
                continue;
            };
            stack.push((at, next + 1));
            let Some(to) = target(self.modules, at, *record) else {
                continue;
            };
            if !seen.insert(to) {
                continue;
            }
            if self.live.runs(to) {
                out.extend(self.run_module(to, needs, true));
            } else if self.modules.get(to).kind == Kind::Esm {
                // Nothing of it stayed, but what it re-exports may have.
                stack.push((to, 0));
            }
        }
        out
    }

    /// The statements that run one module at this point, if it does not stand there itself.
    pub(super) fn run_module(
        &self,
        to: ModuleId,
        needs: &RuntimeRequirements,
        assign: bool,
    ) -> Vec<Stmt> {
        let names = self.names.of(to);
        let mut out = Vec::new();
        let value = match self.modules.get(to).kind {
            Kind::Esm => {
                if self.linked.is_lazy(to) {
                    let run = call(var(&names.init), Vec::new());
                    out.push(statement(if self.linked.async_modules.contains(&to) {
                        wait(run)
                    } else {
                        run
                    }));
                }
                return out;
            }
            Kind::External if self.chunk.format == Format::Esm => return out,
            Kind::External => call(
                free_name(self.unresolved, "require"),
                vec![text(&self.modules.get(to).name)],
            ),
            Kind::Cjs | Kind::Json => call(var(&names.require), Vec::new()),
        };
        let node = needs.node_namespace.contains(&to);
        let babel = needs.babel_namespace.contains(&to);
        if !needs.exports.contains(&to) && !node && !babel {
            if !self.live.is_side_effect_free(to) {
                out.push(statement(value));
            }
            return out;
        }
        if self.runs_once(to, needs) {
            out.push(statement(call(var(&names.init), Vec::new())));
            return out;
        }
        self.copied(to, needs, assign)
    }

    /// Whether what is copied of a module is copied by a function, for whoever is first.
    pub(super) fn runs_once(&self, id: ModuleId, needs: &RuntimeRequirements) -> bool {
        self.linked.shared.contains(&id)
            && (needs.node_namespace.contains(&id)
                || needs.babel_namespace.contains(&id)
                || needs.copies_of(id).next().is_some())
    }

    /// Runs a module and takes what others need of it.
    pub(super) fn copied(
        &self,
        to: ModuleId,
        needs: &RuntimeRequirements,
        assign: bool,
    ) -> Vec<Stmt> {
        let names = self.names.of(to);
        let node = needs.node_namespace.contains(&to);
        let babel = needs.babel_namespace.contains(&to);
        let value = match self.modules.get(to).kind {
            Kind::External => call(
                free_name(self.unresolved, "require"),
                vec![text(&self.modules.get(to).name)],
            ),
            _ => call(var(&names.require), Vec::new()),
        };
        let mut out = Vec::new();
        let mut put = |id: &Id, value: Expr| {
            out.push(if assign {
                statement(set(id, value))
            } else {
                declare(id, Some(value))
            });
        };
        put(&names.exports, value);
        let to_esm = var(self.names.helper(Helper::ToEsm));
        if node {
            let mode = as_node(self.modules, to);
            let made = call(to_esm.clone(), vec![var(&names.exports), mode]);
            put(&names.node_namespace, made);
        }
        if babel {
            let made = if needs.babel_whole.contains(&to) {
                to_esm
            } else {
                var(self.names.helper(Helper::Default))
            };
            put(
                &names.babel_namespace,
                call(made, vec![var(&names.exports)]),
            );
        }
        for name in needs.copies_of(to) {
            put(
                &self.names.imported(to, Some(name)),
                Expr::Member(member(var(&names.exports), name)),
            );
        }
        out
    }
}
