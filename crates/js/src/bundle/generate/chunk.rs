//! The one program that a bundle is.
//!
//! In: the generated modules. Out: the program, in the order in which its pieces must stand.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Bodies, Emitted, Generator, free_name};
use crate::bundle::generate::minhash;
use crate::bundle::module::{Kind, ModuleId, Target};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, RuntimeRequirements};
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, Span};

/// `var x = value` as `var x`, for one place, and `x = value`, for another.
fn parted(stmt: Stmt) -> (Option<Stmt>, Option<Stmt>) {
    let Stmt::Decl(Decl::Var(mut var)) = stmt else {
        return (None, Some(stmt));
    };
    let Some(decl) = var.decls.pop() else {
        return (None, None);
    };
    let Pat::Ident(name) = decl.name else {
        return (None, None);
    };
    let id = name.to_id();
    let value = decl.init.map(|init| statement(set(&id, *init)));
    (Some(declare(&id, None)), value)
}

impl Generator<'_> {
    pub(super) fn run(&mut self) -> Emitted {
        let bare = self.bare_entry();
        let mut needs = RuntimeRequirements::default();
        let mut bodies: Bodies = Bodies::default();
        let mut packed = self.packed();
        for id in self.modules.ids() {
            let kind = self.modules.get(id).kind;
            if !self.live.runs(id) || kind == Kind::External || self.is_raw_text(id) {
                continue;
            }
            let (stmts, found) = match packed
                .remove(&id)
                .and_then(|packed| self.unpacked(id, packed))
            {
                Some(packed) => packed,
                None => self.body(id, bare && id == self.entry),
            };
            bodies.insert(id, stmts);
            needs.merge(found);
        }
        let exports = self.entry_exports(&mut needs, bare);
        let mut opaque = Vec::new();
        for id in self.modules.ids() {
            if self.live.runs(id) && self.is_raw_text(id) {
                opaque.push((id, self.opaque(id, &mut needs)));
            }
        }
        let namespaces = self.namespaces(&mut needs);
        self.assemble(bodies, opaque, namespaces, exports, needs, bare)
    }

    /// A comment that names a module, before what stands for it.
    pub(super) fn label(&mut self, id: ModuleId) -> Span {
        if !self.comments {
            return DUMMY_SP;
        }
        let name = self.modules.get(id).name.clone();
        let at = self.sources.reserve();
        self.notes.push((at, format!(" {name}")));
        Span::new(at, at)
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn assemble(
        &mut self,
        mut bodies: Bodies,
        opaque: Vec<(ModuleId, Stmt)>,
        namespaces: FxHashMap<ModuleId, Vec<(Atom, Expr)>>,
        exports: Vec<ModuleItem>,
        mut needs: RuntimeRequirements,
        bare: bool,
    ) -> Emitted {
        let mut kept: Vec<ModuleId> = bodies.keys().copied().collect();
        kept.extend(opaque.iter().map(|(id, _)| *id));
        kept.sort();
        let is_esm = |id: &ModuleId| self.modules.get(*id).kind == Kind::Esm;
        let sloppy = bodies.iter().any(|(id, stmts)| {
            !is_esm(id)
                && !self.modules.get(*id).analysis.strict
                && !(stmts.is_empty())
                && self.modules.get(*id).kind != Kind::Json
        });
        let eager: Vec<ModuleId> = self
            .linked
            .order
            .iter()
            .copied()
            .filter(|id| self.live.runs(*id))
            .collect();
        let strict = self.chunk.format == Format::Esm || !sloppy;
        let fenced = !strict && eager.iter().any(is_esm);

        // CommonJS modules, then ES modules that run when asked.
        let mut wrapped = Vec::new();
        let cjs: Vec<ModuleId> = kept
            .iter()
            .copied()
            .filter(|id| !is_esm(id) && bodies.contains_key(id) && !(bare && *id == self.entry))
            .collect();
        for id in minhash::side_by_side(&cjs, |id| self.modules.get(id).minhash.as_ref()) {
            if let Some(stmts) = bodies.remove(&id) {
                let stmt = self.wrapped(id, stmts, strict, &mut needs);
                wrapped.push(stmt);
            }
        }
        wrapped.extend(opaque.into_iter().map(|(_, stmt)| stmt));
        let mut lazies: Vec<Stmt> = Vec::new();
        for id in kept.iter().copied().filter(|id| self.linked.is_lazy(*id)) {
            if let Some(stmts) = bodies.remove(&id) {
                let props = namespaces.get(&id).map_or(&[][..], Vec::as_slice);
                let stmts = self.lazy(id, stmts, props, strict || fenced, &mut needs);
                lazies.extend(stmts);
            }
        }
        // Variables that modules running when asked fill in.
        let in_order: FxHashSet<ModuleId> = eager.iter().copied().collect();
        let mut fields = Vec::new();
        let mut onces: Vec<Stmt> = Vec::new();
        let mut named: Vec<ModuleId> = needs
            .exports
            .iter()
            .chain(&needs.node_namespace)
            .chain(&needs.babel_namespace)
            .copied()
            .collect();
        named.sort();
        named.dedup();
        for id in named {
            let external = self.modules.get(id).kind == Kind::External;
            let names = self.names.of(id);
            if external && self.chunk.format == Format::Esm {
                continue;
            }
            let once = self.runs_once(id, &needs);
            if !in_order.contains(&id) || once {
                // Whoever sets one of the others sets it too.
                fields.push(declare(&names.exports, None));
                if needs.node_namespace.contains(&id) {
                    fields.push(declare(&names.node_namespace, None));
                }
                if needs.babel_namespace.contains(&id) {
                    fields.push(declare(&names.babel_namespace, None));
                }
                for name in needs.copies_of(id) {
                    fields.push(declare(&self.names.imported(id, Some(name)), None));
                }
            }
            if once {
                let run = arrow(Vec::new(), self.copied(id, &needs, true), false);
                let helper = var(self.names.helper(Helper::Lazy));
                onces.push(declare(&names.init, Some(call(helper, vec![run]))));
            }
        }
        if !onces.is_empty() {
            needs.helpers.insert(Helper::Lazy);
            wrapped.append(&mut onces);
        }
        // Namespace objects of modules that run in order: made first, since they read through.
        let mut objects = Vec::new();
        let mut ids: Vec<ModuleId> = namespaces
            .keys()
            .copied()
            .filter(|id| !self.linked.is_lazy(*id) && is_esm(id) && needs.namespace.contains(id))
            .collect();
        ids.sort();
        for id in ids {
            let stars = self.linked.dynamic_stars(self.modules, id);
            let all = self.live.wanted.get(&id).is_some_and(|wanted| wanted.all);
            let closed = all && stars.is_empty();
            let helper = if closed {
                self.closing()
            } else {
                Helper::Export
            };
            needs.helpers.extend([helper, Helper::Export]);
            let getters = namespaces[&id]
                .iter()
                .map(|(name, value)| (name.clone(), thunk(value.clone())))
                .collect();
            let fresh = call(
                read(free_name(self.unresolved, "Object"), "create"),
                vec![Expr::Lit(Lit::Null(Null { span: DUMMY_SP }))],
            );
            objects.push(declare(
                &self.names.of(id).namespace,
                Some(call(
                    var(self.names.helper(helper)),
                    vec![fresh, object(getters)],
                )),
            ));
            let early = stars.iter().filter_map(|star| self.early_source(*star));
            for source in early.filter(|_| all) {
                objects.push(statement(call(
                    var(self.names.helper(Helper::Star)),
                    vec![var(&self.names.of(id).namespace), source],
                )));
            }
        }
        // The eager sequence.
        let mut sequence: Vec<Stmt> = Vec::new();
        for id in &eager {
            match bodies.remove(id) {
                Some(mut stmts) if is_esm(id) => {
                    if self.comments && !stmts.is_empty() {
                        let span = self.label(*id);
                        sequence.push(Stmt::Empty(EmptyStmt { span }));
                    }
                    if needs.namespace.contains(id)
                        && self.live.wanted.get(id).is_some_and(|wanted| wanted.all)
                    {
                        for star in self.linked.dynamic_stars(self.modules, *id) {
                            if self.early_source(star).is_some() {
                                continue;
                            }
                            let source = self.star_source(star);
                            sequence.push(statement(call(
                                var(self.names.helper(Helper::Star)),
                                vec![var(&self.names.of(*id).namespace), source],
                            )));
                        }
                    }
                    sequence.append(&mut stmts);
                }
                _ => sequence.extend(self.run_module(*id, &needs, false)),
            }
        }
        if bare && let Some(stmts) = bodies.remove(&self.entry) {
            let own = self.modules.get(self.entry).analysis.strict;
            if own && !strict {
                // Only the entry is strict: it gets a function of its own.
                let mut stmts = stmts;
                stmts.insert(0, use_strict());
                let free = self.modules.get(self.entry).analysis.free_names;
                let run = if free.this || free.arguments {
                    call(
                        read(
                            Expr::Paren(ParenExpr {
                                span: DUMMY_SP,
                                expr: Box::new(function(Vec::new(), stmts)),
                            }),
                            "apply",
                        ),
                        vec![
                            Expr::This(ThisExpr { span: DUMMY_SP }),
                            free_name(self.unresolved, "arguments"),
                        ],
                    )
                } else {
                    call(
                        Expr::Paren(ParenExpr {
                            span: DUMMY_SP,
                            expr: Box::new(arrow(Vec::new(), stmts, false)),
                        }),
                        Vec::new(),
                    )
                };
                sequence.push(statement(run));
            } else {
                if self.comments {
                    let span = self.label(self.entry);
                    sequence.push(Stmt::Empty(EmptyStmt { span }));
                }
                sequence.extend(stmts);
            }
        }
        let (mut head, shims) = self.imports_and_shims(&mut needs);
        let helpers = self.helper_stmts(&needs);
        let mut items: Vec<ModuleItem> = Vec::new();
        let plain = |stmts: Vec<Stmt>| stmts.into_iter().map(ModuleItem::Stmt);
        if strict && self.chunk.format == Format::Cjs {
            items.push(ModuleItem::Stmt(use_strict()));
        }
        items.append(&mut head);
        items.extend(plain(helpers));
        items.extend(plain(shims));
        if fenced {
            // Sloppy code stays outside of the strict function, and with it the variables that it
            // reads: what they hold is set inside.
            objects.extend(lazies);
            let mut outer = Vec::new();
            let mut assigned = Vec::new();
            for stmt in objects {
                let (declared, set) = parted(stmt);
                outer.extend(declared);
                assigned.extend(set);
            }
            items.extend(plain(outer));
            items.extend(plain(fields));
            items.extend(plain(wrapped));
            let mut inner = vec![use_strict()];
            inner.extend(assigned);
            inner.extend(sequence);
            inner.extend(exports.into_iter().filter_map(|item| match item {
                ModuleItem::Stmt(stmt) => Some(stmt),
                ModuleItem::ModuleDecl(_) => None,
            }));
            items.push(ModuleItem::Stmt(statement(call(
                Expr::Paren(ParenExpr {
                    span: DUMMY_SP,
                    expr: Box::new(arrow(Vec::new(), inner, false)),
                }),
                Vec::new(),
            ))));
        } else {
            items.extend(plain(fields));
            items.extend(plain(wrapped));
            items.extend(plain(objects));
            items.extend(plain(lazies));
            items.extend(plain(sequence));
            items.extend(exports);
        }
        let builtins = self.builtins(&items);
        let program = match self.chunk.format {
            Format::Esm => Program::Module(Module {
                span: DUMMY_SP,
                body: items,
                shebang: self.modules.get(self.entry).analysis.hashbang.clone(),
            }),
            Format::Cjs => Program::Script(Script {
                span: DUMMY_SP,
                body: items
                    .into_iter()
                    .filter_map(|item| match item {
                        ModuleItem::Stmt(stmt) => Some(stmt),
                        ModuleItem::ModuleDecl(_) => None,
                    })
                    .collect(),
                shebang: self.modules.get(self.entry).analysis.hashbang.clone(),
            }),
        };
        Emitted {
            program,
            needs,
            kept,
            packed: std::mem::take(&mut self.packed),
            builtins,
        }
    }

    /// Whether the entry's statements stand at the top level as they are.
    pub(super) fn bare_entry(&self) -> bool {
        let module = self.modules.get(self.entry);
        module.kind == Kind::Cjs
            && self.chunk.format == Format::Cjs
            && !self.is_raw_text(self.entry)
            && !self.modules.ids().any(|id| {
                let from = self.modules.get(id);
                self.live.runs(id)
                    && from.records.iter().any(|record| match &record.target {
                        Target::Module(to) => *to == self.entry,
                        Target::Glob(list) => list.iter().any(|(_, to)| *to == self.entry),
                        Target::Missing => false,
                    })
            })
    }
}
