//! The one program that a bundle is.
//!
//! In: what stays of each module, and the plan. Out: the program. Modules are generated in parallel,
//! each by itself; then the pieces are put into the order in which they must stand: run-time
//! functions, CommonJS modules, namespace objects, ES modules that run when asked, and those that run
//! in order.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::{Emitted, Generator, free_name};
use crate::bundle::generate::minhash;
use crate::bundle::live_modules::LiveModule;
use crate::bundle::module::ModuleId;
use crate::bundle::options::Format;
use crate::syntax::ast::*;
use crate::syntax::{DUMMY_SP, Span};

/// One module as it stands in the bundle.
enum Generated {
    /// A declaration of its function.
    WrapCjs(Stmt),
    /// A declaration of the function that runs its text.
    RawText(Stmt),
    /// Declarations of its namespace and its function.
    WrapEsm(Vec<Stmt>),
    /// Its statements, which stand among the others.
    Flat(Vec<Stmt>),
}

/// The pieces of a bundle, each in the order in which it stands.
#[derive(Default)]
struct Pieces {
    /// Functions of CommonJS modules.
    wrapped: Vec<Stmt>,
    /// Variables that modules fill in when they are asked for.
    unset: Vec<Stmt>,
    /// Namespace objects of modules that run in order.
    namespaces: Vec<Stmt>,
    /// ES modules that run when they are asked for.
    on_demand: Vec<Stmt>,
    /// What runs with the entry.
    sequence: Vec<Stmt>,
    exports: Vec<ModuleItem>,
}

impl Generator<'_> {
    pub(super) fn run(self, modules: BTreeMap<ModuleId, LiveModule>) -> Emitted {
        let kept: Vec<ModuleId> = modules.keys().copied().collect();
        let mut packed = Vec::new();
        for module in modules.values() {
            if let LiveModule::PackedJson(json, _) = module {
                packed.push(json.clone());
            }
        }
        let generated: FxHashMap<ModuleId, Generated> = modules
            .into_par_iter()
            .map(|(id, module)| (id, self.session.enter(|| self.module(id, module))))
            .collect();
        let pieces = self.pieces(generated, &kept);
        let items = self.items(pieces);
        let builtins = self.builtins(&items);
        Emitted {
            program: self.program(items),
            kept,
            packed,
            builtins,
            labels: self.labels.texts,
        }
    }

    fn module(&self, id: ModuleId, module: LiveModule) -> Generated {
        if let LiveModule::RawText = module {
            return Generated::RawText(self.raw_text(id));
        }
        let stmts = self.body(id, module);
        if self.is_esm(id) {
            return match self.linked.is_lazy(id) {
                true => Generated::WrapEsm(self.wrap_esm(id, stmts)),
                false => Generated::Flat(stmts),
            };
        }
        match self.plan.bare_entry && id == self.entry {
            true => Generated::Flat(stmts),
            false => Generated::WrapCjs(self.wrap_cjs(id, stmts)),
        }
    }

    fn pieces(&self, generated: FxHashMap<ModuleId, Generated>, kept: &[ModuleId]) -> Pieces {
        let mut pieces = Pieces {
            unset: self.unset_variables(),
            namespaces: self.namespace_objects(),
            exports: self.entry_exports(),
            ..Pieces::default()
        };
        let (mut cjs, mut flat) = (FxHashMap::default(), FxHashMap::default());
        let mut texts = FxHashMap::default();
        let mut on_demand = FxHashMap::default();
        for (id, module) in generated {
            match module {
                Generated::WrapCjs(stmt) => drop(cjs.insert(id, stmt)),
                Generated::RawText(stmt) => drop(texts.insert(id, stmt)),
                Generated::WrapEsm(stmts) => drop(on_demand.insert(id, stmts)),
                Generated::Flat(stmts) => drop(flat.insert(id, stmts)),
            }
        }
        let ids: Vec<ModuleId> = kept
            .iter()
            .copied()
            .filter(|id| cjs.contains_key(id))
            .collect();
        let alike = minhash::side_by_side(&ids, |id| self.modules.get(id).minhash.as_ref());
        pieces.wrapped = alike.iter().filter_map(|id| cjs.remove(id)).collect();
        let texts = kept.iter().filter_map(|id| texts.remove(id));
        pieces.wrapped.extend(texts);
        pieces.wrapped.extend(self.copying_functions());
        let on_demand = kept.iter().filter_map(|id| on_demand.remove(id));
        pieces.on_demand = on_demand.flatten().collect();
        pieces.sequence = self.sequence(flat);
        pieces
    }

    /// The statements that run with the entry, in Node's order.
    fn sequence(&self, mut flat: FxHashMap<ModuleId, Vec<Stmt>>) -> Vec<Stmt> {
        let mut out: Vec<Stmt> = Vec::new();
        let mut waited = false;
        for id in &self.plan.eager {
            let mut stands = Vec::new();
            match flat.remove(id) {
                Some(mut stmts) => {
                    if !stmts.is_empty() {
                        stands.extend(self.comment(*id));
                    }
                    stands.extend(self.late_stars(*id));
                    stands.append(&mut stmts);
                }
                None => stands.extend(self.run_module(*id, false)),
            }
            // A module runs when the promise of the one that it waits for has told so: one turn later.
            if waited && !stands.is_empty() {
                out.push(statement(wait(number(0.0))));
                waited = false;
            }
            out.append(&mut stands);
            waited |= self.is_esm(*id)
                && !self.linked.is_lazy(*id)
                && self.modules.get(*id).analysis.source.top_level_await;
        }
        if let Some(stmts) = flat.remove(&self.entry) {
            out.extend(self.bare_entry(stmts));
        }
        out
    }

    /// A CommonJS entry, whose statements stand at the top level as they are.
    fn bare_entry(&self, mut stmts: Vec<Stmt>) -> Vec<Stmt> {
        let analysis = &self.modules.get(self.entry).analysis;
        if !analysis.source.strict || self.plan.strict {
            let mut out: Vec<Stmt> = self.comment(self.entry).into_iter().collect();
            out.append(&mut stmts);
            return out;
        }
        // Only the entry is strict: it gets a function of its own.
        stmts.insert(0, use_strict());
        let run = if analysis.source.free_names.this || analysis.source.free_names.arguments {
            let this = Expr::This(ThisExpr { span: DUMMY_SP });
            let arguments = free_name(self.unresolved, "arguments");
            let run = in_parentheses(function(Vec::new(), stmts));
            call(read(run, "apply"), vec![this, arguments])
        } else {
            called_arrow(stmts)
        };
        vec![statement(run)]
    }

    /// A comment that names a module.
    fn comment(&self, id: ModuleId) -> Option<Stmt> {
        let span = self.label(id);
        (span != Span::default()).then_some(Stmt::Empty(EmptyStmt { span }))
    }

    fn items(&self, pieces: Pieces) -> Vec<ModuleItem> {
        let (imports, shims) = self.imports_and_shims();
        let plain = |stmts: Vec<Stmt>| stmts.into_iter().map(ModuleItem::Stmt);
        let mut items: Vec<ModuleItem> = Vec::new();
        if self.plan.strict && self.bindings.format == Format::Cjs {
            items.push(ModuleItem::Stmt(use_strict()));
        }
        items.extend(imports);
        items.extend(plain(self.helper_stmts()));
        items.extend(plain(shims));
        if self.plan.fenced {
            items.extend(plain(fenced(pieces)));
            return items;
        }
        items.extend(plain(pieces.unset));
        items.extend(plain(pieces.wrapped));
        items.extend(plain(pieces.namespaces));
        items.extend(plain(pieces.on_demand));
        items.extend(plain(pieces.sequence));
        items.extend(pieces.exports);
        items
    }

    fn program(&self, items: Vec<ModuleItem>) -> Program {
        let shebang = self
            .modules
            .get(self.entry)
            .analysis
            .source
            .hashbang
            .clone();
        match self.bindings.format {
            Format::Esm => Program::Module(Module {
                span: DUMMY_SP,
                body: items,
                shebang,
            }),
            Format::Cjs => Program::Script(Script {
                span: DUMMY_SP,
                body: items.into_iter().filter_map(ModuleItem::stmt).collect(),
                shebang,
            }),
        }
    }
}

/// Sloppy code stays outside of a strict function, and with it the variables that it reads: what
/// they hold is set inside.
fn fenced(pieces: Pieces) -> Vec<Stmt> {
    let mut outer = Vec::new();
    let mut inner = vec![use_strict()];
    for stmt in pieces.namespaces.into_iter().chain(pieces.on_demand) {
        let (declared, set) = parted(stmt);
        outer.extend(declared);
        inner.extend(set);
    }
    outer.extend(pieces.unset);
    outer.extend(pieces.wrapped);
    inner.extend(pieces.sequence);
    inner.extend(pieces.exports.into_iter().filter_map(ModuleItem::stmt));
    outer.push(statement(called_arrow(inner)));
    outer
}

/// `(() => { … })()`
fn called_arrow(stmts: Vec<Stmt>) -> Expr {
    call(in_parentheses(arrow(Vec::new(), stmts, false)), Vec::new())
}

fn in_parentheses(expr: Expr) -> Expr {
    Expr::Paren(ParenExpr {
        span: DUMMY_SP,
        expr: Box::new(expr),
    })
}

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
