//! Compressing the wrapped modules of a bundle side by side.
//!
//! In: a whole bundle. Out: the same, compressed, with its names as they were. A CommonJS module
//! stands in a bundle as a function that a helper is called with, and what is inside it concerns
//! nobody else: so each is compressed by itself, on whatever thread is free, and goes round again
//! only as long as it gets smaller itself. What is left, with a name in the place of each of them,
//! is compressed beside them, and keeps what they name.

use indexmap::IndexSet;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::comments::{Comment, Comments, SingleThreadedComments};
use swc_core::common::util::take::Take;
use swc_core::common::{BytePos, DUMMY_SP, Mark, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{ExtraOptions, MinifyOptions};
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_type};

use crate::syntax::catch_panic::catch_panic;
use crate::syntax::{Session, Sources};

/// Stands for a module, with its number, and for who takes one.
const STUB: &str = "__coldcut_module_";

/// A module, taken out of the bundle.
struct Lifted {
    /// Of its statement in the bundle.
    at: usize,
    run: Box<Expr>,
    names: UsedNames,
}

/// Compresses a bundle; `Err` is what the minifier said when it gave up.
pub(super) fn minify_modules(
    session: &Session,
    sources: &Sources,
    mut program: Program,
    comments: &SingleThreadedComments,
    options: &MinifyOptions,
) -> Result<Program, String> {
    let top = Mark::new();
    let minify = |program: Program, comments: Option<&SingleThreadedComments>| {
        let extra = ExtraOptions {
            unresolved_mark: session.unresolved,
            top_level_mark: top,
            mangle_name_cache: None,
        };
        let comments = comments.map(|known| known as _);
        optimize(program, sources.cm.clone(), comments, None, options, &extra)
    };
    let global = SyntaxContext::empty().apply_mark(session.unresolved);
    let mut lifted = lift(session, &mut program, global);
    if lifted.is_empty() {
        return Ok(minify(program, Some(comments)));
    }
    let script = program.is_script();
    let main = keeping(program, &lifted);
    let directive = main.body.first().filter(|item| is_directive(item)).cloned();
    let notes = Annotations::collect(comments);
    let inside = |module: &mut Lifted| -> Result<(), String> {
        let known = notes.beside(sources, &module.run);
        let call = call_with(module.run.take(), global);
        let mut body: Vec<Stmt> = Vec::with_capacity(2);
        body.extend(directive.clone().and_then(ModuleItem::stmt));
        body.push(call);
        let script = Program::Script(Script {
            span: DUMMY_SP,
            body,
            shebang: None,
        });
        let done = catch_panic(|| session.enter(|| minify(script, known.as_ref())))?;
        module.run = argument(done).ok_or("a module is no longer one function")?;
        Ok(())
    };
    let (main, modules) = rayon::join(
        || catch_panic(|| session.enter(|| minify(Program::Module(main), Some(&notes.all())))),
        || lifted.par_iter_mut().try_for_each(inside),
    );
    modules?;
    let Program::Module(mut main) = main? else {
        return Err("the module is no longer a module".to_string());
    };
    main.body.retain_mut(released);
    let named = |module: Lifted| (stub_name(module.at), module.run);
    let mut back = Back {
        global,
        modules: lifted.into_iter().map(named).collect(),
        lost: false,
    };
    main.visit_mut_with(&mut back);
    if back.lost {
        return Err("the place of a module was lost".to_string());
    }
    if !script {
        return Ok(Program::Module(main));
    }
    Ok(Program::Script(Script {
        span: main.span,
        body: main.body.into_iter().filter_map(ModuleItem::stmt).collect(),
        shebang: main.shebang,
    }))
}

/// Takes the modules out of a bundle, and leaves names in their places.
fn lift(session: &Session, program: &mut Program, global: SyntaxContext) -> Vec<Lifted> {
    let mut lifted: Vec<Lifted> = Vec::new();
    for (at, stmt) in statements(program).enumerate() {
        if let Some(place) = function_of(stmt) {
            let run = std::mem::replace(place, stub(at, global));
            let names = UsedNames::default();
            lifted.push(Lifted { at, run, names });
        }
    }
    lifted
        .par_iter_mut()
        .for_each(|module| session.enter(|| module.run.visit_with(&mut module.names)));
    let mut main = UsedNames::default();
    program.visit_with(&mut main);
    let shared = |id: &Id| id.1 != global && main.seen.contains(id);
    let keeps = |module: &Lifted| !module.names.assigned.iter().any(shared);
    // What sets a variable of the bundle belongs to it.
    let staying: Vec<Lifted> = lifted.extract_if(.., |module| !keeps(module)).collect();
    let mut staying = staying.into_iter().peekable();
    for (at, stmt) in statements(program).enumerate() {
        if let Some(next) = staying.next_if(|next| next.at == at)
            && let Some(place) = argument_of(stmt)
        {
            *place = next.run;
        }
    }
    for module in &mut lifted {
        module.names.seen.retain(shared);
    }
    lifted
}

fn statements(program: &mut Program) -> Box<dyn Iterator<Item = &mut Stmt> + '_> {
    match program {
        Program::Module(module) => {
            Box::new(module.body.iter_mut().filter_map(ModuleItem::as_mut_stmt))
        }
        Program::Script(script) => Box::new(script.body.iter_mut()),
    }
}

/// The first argument in `var name = helper(argument, …)`.
fn argument_of(stmt: &mut Stmt) -> Option<&mut Box<Expr>> {
    let Stmt::Decl(Decl::Var(decl)) = stmt else {
        return None;
    };
    let [only] = decl.decls.as_mut_slice() else {
        return None;
    };
    let Expr::Call(call) = &mut **only.init.as_mut()? else {
        return None;
    };
    if !call.callee.as_expr()?.is_ident() {
        return None;
    }
    let first = call.args.first_mut()?;
    first.spread.is_none().then_some(&mut first.expr)
}

fn function_of(stmt: &mut Stmt) -> Option<&mut Box<Expr>> {
    argument_of(stmt).filter(|run| matches!(***run, Expr::Fn(_) | Expr::Arrow(_)))
}

fn stub(number: usize, global: SyntaxContext) -> Box<Expr> {
    Ident::new(stub_name(number), DUMMY_SP, global).into()
}

fn stub_name(number: usize) -> Atom {
    format!("{STUB}{number}").into()
}

/// The same program with an export of every name that a module needs of it.
fn keeping(program: Program, lifted: &[Lifted]) -> Module {
    let mut seen = FxHashSet::default();
    let names = lifted.iter().flat_map(|module| &module.names.seen);
    let specifiers = names
        .filter(|id| seen.insert(*id))
        .enumerate()
        .map(|(number, (sym, ctxt))| {
            let to = stub_name(number);
            ExportSpecifier::Named(ExportNamedSpecifier {
                span: DUMMY_SP,
                orig: ModuleExportName::Ident(Ident::new(sym.clone(), DUMMY_SP, *ctxt)),
                exported: Some(ModuleExportName::Ident(Ident::new_no_ctxt(to, DUMMY_SP))),
                is_type_only: false,
            })
        })
        .collect();
    let export = NamedExport {
        span: DUMMY_SP,
        specifiers,
        src: None,
        type_only: false,
        with: None,
    };
    let mut module = match program {
        Program::Module(module) => module,
        Program::Script(script) => Module {
            span: script.span,
            body: script.body.into_iter().map(ModuleItem::Stmt).collect(),
            shebang: script.shebang,
        },
    };
    module
        .body
        .push(ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)));
    module
}

/// Takes the exports of [`keeping`] away; whether anything is left of the item.
fn released(item: &mut ModuleItem) -> bool {
    let ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) = item else {
        return true;
    };
    let before = export.specifiers.len();
    export.specifiers.retain(|specifier| {
        let ExportSpecifier::Named(named) = specifier else {
            return true;
        };
        !matches!(&named.exported, Some(ModuleExportName::Ident(to)) if to.sym.starts_with(STUB))
    });
    before == export.specifiers.len() || !export.specifiers.is_empty()
}

fn is_directive(item: &ModuleItem) -> bool {
    let ModuleItem::Stmt(Stmt::Expr(stmt)) = item else {
        return false;
    };
    matches!(&*stmt.expr, Expr::Lit(Lit::Str(text)) if text.value == *"use strict")
}

/// A call of something unknown, which the minifier leaves where it is.
fn call_with(run: Box<Expr>, global: SyntaxContext) -> Stmt {
    let callee = Callee::Expr(Ident::new(STUB.into(), DUMMY_SP, global).into());
    let call = CallExpr {
        callee,
        args: vec![run.into()],
        ..CallExpr::dummy()
    };
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: call.into(),
    })
}

/// What [`call_with`] was given.
fn argument(program: Program) -> Option<Box<Expr>> {
    let Stmt::Expr(last) = program.script()?.body.pop()? else {
        return None;
    };
    let mut call = last.expr.call()?;
    let argument = call.args.pop()?.expr;
    (call.args.is_empty() && call.callee.as_expr()?.as_ident()?.sym == STUB).then_some(argument)
}

/// Puts the modules back where their names stand.
struct Back {
    global: SyntaxContext,
    modules: FxHashMap<Atom, Box<Expr>>,
    /// One of the names has no module.
    lost: bool,
}

impl VisitMut for Back {
    fn visit_mut_expr(&mut self, node: &mut Expr) {
        if let Expr::Ident(name) = node
            && name.ctxt == self.global
            && name.sym.starts_with(STUB)
        {
            match self.modules.remove(&name.sym) {
                Some(module) => *node = *module,
                None => self.lost = true,
            }
            return;
        }
        node.visit_mut_children_with(self);
    }
}

/// The names in a piece of code.
#[derive(Default)]
struct UsedNames {
    /// In the order of the text.
    seen: IndexSet<Id, FxBuildHasher>,
    assigned: FxHashSet<Id>,
}

impl Visit for UsedNames {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        self.seen.insert(name.to_id());
    }

    fn visit_assign_target(&mut self, target: &AssignTarget) {
        target.visit_children_with(self);
        self.assigned.extend(find_pat_ids::<_, Id>(target));
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        update.visit_children_with(self);
        self.assigned
            .extend(update.arg.as_ident().map(Ident::to_id));
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        head.visit_children_with(self);
        if let ForHead::Pat(pat) = head {
            self.assigned.extend(find_pat_ids::<_, Id>(&**pat));
        }
    }
}

/// Comments that say something to the minifier, by their places.
struct Annotations(Vec<(BytePos, Vec<Comment>)>);

impl Annotations {
    fn collect(comments: &SingleThreadedComments) -> Self {
        let (leading, _) = comments.borrow_all();
        let says = |list: &&Comment| list.text.contains("__") || list.text.contains('@');
        let mut found: Vec<_> = leading
            .iter()
            .map(|(at, list)| (*at, list.iter().filter(says).cloned().collect::<Vec<_>>()))
            .filter(|(_, list)| !list.is_empty())
            .collect();
        found.sort_by_key(|(at, _)| *at);
        Self(found)
    }

    fn all(&self) -> SingleThreadedComments {
        Self::made(&self.0)
    }

    fn made(list: &[(BytePos, Vec<Comment>)]) -> SingleThreadedComments {
        let comments = SingleThreadedComments::default();
        for (at, list) in list {
            comments.add_leading_comments(*at, list.clone());
        }
        comments
    }

    /// Those of the file that a module comes from.
    fn beside(&self, sources: &Sources, module: &Expr) -> Option<SingleThreadedComments> {
        let mut first = FirstPlace(DUMMY_SP.lo);
        if !self.0.is_empty() {
            module.visit_with(&mut first);
        }
        if first.0.is_dummy() {
            return None;
        }
        let file = sources.cm.lookup_source_file(first.0);
        let from = self.0.partition_point(|(at, _)| *at < file.start_pos);
        let to = self.0.partition_point(|(at, _)| *at <= file.end_pos);
        (from < to).then(|| Self::made(&self.0[from..to]))
    }
}

/// Where a piece of code comes from.
struct FirstPlace(BytePos);

impl Visit for FirstPlace {
    noop_visit_type!();

    fn visit_stmt(&mut self, stmt: &Stmt) {
        if self.0.is_dummy() {
            self.0 = stmt.span_lo();
            stmt.visit_children_with(self);
        }
    }

    fn visit_expr(&mut self, expr: &Expr) {
        if self.0.is_dummy() {
            self.0 = expr.span_lo();
            expr.visit_children_with(self);
        }
    }
}
