//! The statements that run a module at a place that is not its own.
//!
//! In: the module, and what others need of it. Out: calls of its wrapper, and what is copied of its
//! exports when it has run.

use rustc_hash::FxHashSet;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::generate::rewrite::as_node;
use crate::bundle::link::plan::imports_to_run;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::ast::*;

impl Generator<'_> {
    /// The statements that run one module at this point, if it does not stand there itself. What is
    /// read of it is declared here, or, with `assign`, set.
    pub(super) fn run_module(&self, to: ModuleId, assign: bool) -> Vec<Stmt> {
        let names = self.names.of(to);
        match self.modules.get(to).kind {
            Kind::Esm if !self.linked.is_lazy(to) => return Vec::new(),
            Kind::Esm => {
                let run = call(var(&names.init), Vec::new());
                return vec![statement(match self.linked.async_modules.contains(&to) {
                    true => wait(run),
                    false => run,
                })];
            }
            Kind::External if self.bindings.format == Format::Esm => return Vec::new(),
            Kind::External | Kind::Cjs | Kind::Json => {}
        }
        let needs = &self.plan.needs;
        let read = needs.exports.contains(&to)
            || needs.node_namespace.contains(&to)
            || needs.babel_namespace.contains(&to);
        if !read && self.live.is_side_effect_free(to) {
            Vec::new()
        } else if !read {
            vec![statement(self.required_value(to))]
        } else if self.plan.copied_once.contains(&to) {
            vec![statement(call(var(&names.init), Vec::new()))]
        } else {
            self.copied(to, assign)
        }
    }

    /// What a module that waits imports: functions that each run one module, those of modules that wait known
    /// as such.
    pub(super) fn imports_of_async(&self, id: ModuleId) -> Vec<Expr> {
        let imports = imports_to_run(self.modules, self.live, id);
        imports
            .into_iter()
            .filter_map(|to| match self.linked.is_lazy(to) {
                true => Some(var(&self.names.of(to).init)),
                false => {
                    let run = self.run_module(to, true);
                    (!run.is_empty()).then(|| arrow(Vec::new(), run, false))
                }
            })
            .collect()
    }

    /// What `require` gives of CommonJS, JSON or an external.
    fn required_value(&self, to: ModuleId) -> Expr {
        match self.modules.get(to).kind {
            Kind::External => call(
                free_name(self.unresolved, "require"),
                vec![text(&self.modules.get(to).name)],
            ),
            _ => call(var(&self.names.of(to).require), Vec::new()),
        }
    }

    /// Runs a module and takes what others need of it.
    pub(super) fn copied(&self, to: ModuleId, assign: bool) -> Vec<Stmt> {
        let needs = &self.plan.needs;
        let names = self.names.of(to);
        let mut out = Vec::new();
        let mut put = |id: &Id, value: Expr| {
            out.push(if assign {
                statement(set(id, value))
            } else {
                declare(id, Some(value))
            });
        };
        put(&names.exports, self.required_value(to));
        if needs.node_namespace.contains(&to) {
            let args = vec![var(&names.exports), as_node(self.modules, to)];
            put(
                &names.node_namespace,
                call(self.helper(Helper::ToEsm), args),
            );
        }
        if needs.babel_namespace.contains(&to) {
            let helper = match needs.babel_whole.contains(&to) {
                true => Helper::ToEsm,
                false => Helper::Default,
            };
            let made = call(self.helper(helper), vec![var(&names.exports)]);
            put(&names.babel_namespace, made);
        }
        for name in needs.copies_of(to) {
            put(
                &self.names.imported(to, Some(name)),
                Expr::Member(member(var(&names.exports), name)),
            );
        }
        out
    }

    /// Variables that modules fill in when they are asked for.
    pub(super) fn unset_variables(&self) -> Vec<Stmt> {
        let mut out = Vec::new();
        let eager: FxHashSet<ModuleId> = self.plan.eager.iter().copied().collect();
        for id in self.plan.read_from_variables.iter().copied() {
            let external = self.modules.get(id).kind == Kind::External;
            let in_order = eager.contains(&id) && !self.plan.copied_once.contains(&id);
            if in_order || (external && self.bindings.format == Format::Esm) {
                continue;
            }
            // Whoever sets one of the others sets it too.
            let names = self.names.of(id);
            out.push(declare(&names.exports, None));
            if self.plan.needs.node_namespace.contains(&id) {
                out.push(declare(&names.node_namespace, None));
            }
            if self.plan.needs.babel_namespace.contains(&id) {
                out.push(declare(&names.babel_namespace, None));
            }
            for name in self.plan.needs.copies_of(id) {
                out.push(declare(&self.names.imported(id, Some(name)), None));
            }
        }
        out
    }

    /// Functions that copy what several need of a module, for whoever is first.
    pub(super) fn copying_functions(&self) -> Vec<Stmt> {
        let modules = self.plan.read_from_variables.iter().copied();
        modules
            .filter(|id| self.plan.copied_once.contains(id))
            .map(|id| {
                let run = arrow(Vec::new(), self.copied(id, true), false);
                let value = call(self.helper(Helper::Lazy), vec![run]);
                declare(&self.names.of(id).init, Some(value))
            })
            .collect()
    }
}
