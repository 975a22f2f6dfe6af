//! ES modules that run when they are asked for, as functions that run once.
//!
//! In: a module's statements and the members of its namespace. Out: the namespace object, and the
//! function that fills it, runs what the module imports, and then the module. Where the module or what it imports
//! waits, it is the run-time function `__asyncModule` that runs them all, in the order of the language.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::generate::top_level_await::{awaits_as_yields, stop};
use crate::bundle::generate::wrap_cjs::labelled;
use crate::bundle::link::Resolution;
use crate::bundle::link::plan::imports_to_run;
use crate::bundle::module::ModuleId;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::DUMMY_SP;
use crate::syntax::ast::*;

impl Generator<'_> {
    /// The declarations of a module that runs when it is asked for.
    pub(super) fn wrap_esm(&self, id: ModuleId, stmts: Vec<Stmt>) -> Vec<Stmt> {
        let is_async = self.linked.async_modules.contains(&id);
        let is_required = self.plan.needs.required.contains(&id);
        let names = self.names.of(id);
        let mut body = Vec::new();
        if !self.plan.strict && !self.plan.fenced {
            body.push(use_strict());
        }
        body.extend(self.filled_namespace(id));
        if is_required {
            body.push(self.filled_required(id));
        }
        let (early, late) = self.stars_of_wrapped(id);
        body.extend(early);
        if is_async {
            body.push(statement(stop()));
        } else {
            for to in imports_to_run(self.modules, self.live, id) {
                body.extend(self.run_module(to, true));
            }
        }
        body.extend(late);
        body.extend(stmts);
        body.extend(self.replaced_exports(id));
        let init = match is_async {
            true => self.async_module(id, body),
            false => call(
                self.helper(Helper::Lazy),
                vec![arrow(Vec::new(), body, false)],
            ),
        };
        let namespace = declare(&names.namespace, Some(self.fresh_object()));
        let mut out = vec![labelled(namespace, self.label(id))];
        if is_required {
            out.push(declare(&names.required, None));
        }
        out.push(declare(&names.init, Some(init)));
        out
    }

    /// The function that evaluates a module that waits, or imports one that does.
    fn async_module(&self, id: ModuleId, mut body: Vec<Stmt>) -> Expr {
        let waits = self.modules.get(id).analysis.source.top_level_await;
        if waits {
            awaits_as_yields(&mut body, self.names.helper(Helper::AsyncIterator));
        }
        let mut args = vec![generator(body), number(f64::from(u8::from(waits)))];
        let imports = self.imports_of_async(id);
        if !imports.is_empty() {
            args.push(thunk(list(imports)));
        }
        call(self.helper(Helper::AsyncModule), args)
    }

    fn filled_namespace(&self, id: ModuleId) -> Option<Stmt> {
        let planned = &self.plan.namespaces[&id];
        planned.is_filled().then(|| {
            let helper = self.helper(self.plan.fills(planned));
            let namespace = var(&self.names.of(id).namespace);
            statement(call(helper, vec![namespace, object(self.getters(id))]))
        })
    }

    /// What `require` gives of the module: the namespace, with `__esModule` where it has a default.
    fn filled_required(&self, id: ModuleId) -> Stmt {
        let names = self.names.of(id);
        let planned = &self.plan.namespaces[&id];
        if !planned.has_default() {
            return statement(set(&names.required, var(&names.namespace)));
        }
        let mut with_flag = self.getters(id);
        let yes = Expr::Lit(Lit::Bool(Bool {
            span: DUMMY_SP,
            value: true,
        }));
        with_flag.push(("__esModule".into(), thunk(yes)));
        with_flag.sort_by(|(a, _), (b, _)| a.cmp(b));
        let helper = self.helper(self.plan.fills_required(planned));
        let value = call(helper, vec![self.fresh_object(), object(with_flag)]);
        statement(set(&names.required, value))
    }

    /// What `export *` adds to the module's objects: before its imports run, and after.
    fn stars_of_wrapped(&self, id: ModuleId) -> (Vec<Stmt>, Vec<Stmt>) {
        let (mut early, mut late) = (Vec::new(), Vec::new());
        let planned = &self.plan.namespaces[&id];
        let names = self.names.of(id);
        let apart = self.plan.needs.required.contains(&id) && planned.has_default();
        let objects: Vec<&Id> = std::iter::once(&names.namespace)
            .chain(apart.then_some(&names.required))
            .collect();
        for star in planned.stars.iter().copied() {
            let source = self.early_source(star);
            let out = if source.is_some() {
                &mut early
            } else {
                &mut late
            };
            let source = source.unwrap_or_else(|| self.star_source(star));
            out.extend(objects.iter().map(|to| self.star(to, source.clone())));
        }
        (early, late)
    }

    /// `export { x as "module.exports" }` is what `require` gives.
    fn replaced_exports(&self, id: ModuleId) -> Option<Stmt> {
        if !self.plan.needs.required.contains(&id) {
            return None;
        }
        let name = "module.exports".into();
        match self.linked.export(self.modules, id, &name) {
            Resolution::Symbol(module, symbol) if module == id => {
                Some(statement(set(&self.names.of(id).required, var(&symbol))))
            }
            _ => None,
        }
    }
}
