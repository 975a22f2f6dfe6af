//! ES modules that run when they are asked for, as functions that run once.
//!
//! In: a module's statements and the properties of its namespace. Out: the namespace object, and
//! the function that fills it, runs what the module imports, and then the module.

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Generator, free_name};
use crate::bundle::link::Resolution;
use crate::bundle::module::ModuleId;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP};

impl Generator<'_> {
    /// A module that runs when it is asked for.
    pub(super) fn lazy(
        &mut self,
        id: ModuleId,
        stmts: Vec<Stmt>,
        props: &[(Atom, Expr)],
        strict: bool,
        needs: &mut RuntimeRequirements,
    ) -> Vec<Stmt> {
        let waits = self.linked.async_modules.contains(&id);
        let names = self.names.of(id);
        let (init, namespace, required) = (
            names.init.clone(),
            names.namespace.clone(),
            names.required.clone(),
        );
        let all = self.live.wanted.get(&id).is_some_and(|wanted| wanted.all);
        let stars = self.linked.dynamic_stars(self.modules, id);
        let getters = || -> Vec<(Atom, Expr)> {
            props
                .iter()
                .map(|(name, value)| (name.clone(), thunk(value.clone())))
                .collect()
        };
        let mut body = Vec::new();
        if !strict {
            body.push(use_strict());
        }
        let closed = all && stars.is_empty();
        let helper = if closed {
            self.closing()
        } else {
            Helper::Export
        };
        if closed || !props.is_empty() {
            needs.helpers.extend([helper, Helper::Export]);
            body.push(statement(call(
                var(self.names.helper(helper)),
                vec![var(&namespace), object(getters())],
            )));
        }
        let fresh = call(
            read(free_name(self.unresolved, "Object"), "create"),
            vec![Expr::Lit(Lit::Null(Null { span: DUMMY_SP }))],
        );
        let is_required = needs.required.contains(&id);
        if is_required {
            let has_default = props.iter().any(|(name, _)| name == "default");
            if has_default {
                let mut with_flag = getters();
                with_flag.push((
                    "__esModule".into(),
                    thunk(Expr::Lit(Lit::Bool(Bool {
                        span: DUMMY_SP,
                        value: true,
                    }))),
                ));
                with_flag.sort_by(|(a, _), (b, _)| a.cmp(b));
                let closing = if all && !stars.is_empty() {
                    Helper::Export
                } else {
                    self.closing()
                };
                needs.helpers.extend([closing, Helper::Export]);
                body.push(statement(set(
                    &required,
                    call(
                        var(self.names.helper(closing)),
                        vec![fresh.clone(), object(with_flag)],
                    ),
                )));
            } else {
                body.push(statement(set(&required, var(&namespace))));
            }
        }
        let apart = is_required && props.iter().any(|(name, _)| name == "default");
        let filled = |source: Expr| -> Vec<Stmt> {
            std::iter::once(&namespace)
                .chain(apart.then_some(&required))
                .map(|object| {
                    let helper = var(self.names.helper(Helper::Star));
                    statement(call(helper, vec![var(object), source.clone()]))
                })
                .collect()
        };
        let wanted = stars.iter().filter(|_| all);
        let (early, late): (Vec<ModuleId>, Vec<ModuleId>) =
            wanted.partition(|star| self.early_source(**star).is_some());
        for source in early.iter().filter_map(|star| self.early_source(*star)) {
            body.extend(filled(source));
        }
        body.extend(self.imports_of(id, needs));
        for star in late {
            body.extend(filled(self.star_source(star)));
        }
        body.extend(stmts);
        if is_required
            && let Resolution::Symbol(module, symbol) =
                self.linked
                    .export(self.modules, id, &"module.exports".into())
            && module == id
        {
            body.push(statement(set(&required, var(&symbol))));
        }
        let helper = if waits {
            Helper::LazyAsync
        } else {
            Helper::Lazy
        };
        needs.helpers.insert(helper);
        let run = arrow(Vec::new(), body, waits);
        let mut first = declare(&namespace, Some(fresh));
        let span = self.label(id);
        if let Stmt::Decl(Decl::Var(decl)) = &mut first {
            decl.span = span;
        }
        let mut out = vec![first];
        if is_required {
            out.push(declare(&required, None));
        }
        out.push(declare(
            &init,
            Some(call(var(self.names.helper(helper)), vec![run])),
        ));
        out
    }
}
