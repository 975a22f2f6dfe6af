//! Which modules of the entry's graph cannot stand one after the other, since one of them waits.
//!
//! In: the modules that run with the entry, in Node's order, some of them with a top-level `await`. Out: those
//! that must be evaluated as the language says (ECMA-262, 16.2.1.6.1.3): siblings go on while one waits, and
//! modules of a cycle do not wait for each other. Where each module waits for all that wait before it, as in a
//! chain, standing one after the other is the same, and nothing is given.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::linked::target;
use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::bundle::options::Format;
use crate::syntax::ast::*;

/// A module on its way through the evaluation, without running anything.
#[derive(Debug, Default)]
struct Visit {
    index: usize,
    lowest: usize,
    on_stack: bool,
    /// All its imports have been visited.
    left: bool,
    /// The first module of its cycle that was reached; itself where it is in none.
    root: Option<ModuleId>,
    /// It waits at its top, or for one of its imports.
    is_async: bool,
    /// The modules with a top-level `await` that it waits for.
    waits_for: FxHashSet<ModuleId>,
}

/// What of a graph is evaluated apart.
#[derive(Debug)]
pub(super) struct Apart {
    pub modules: FxHashSet<ModuleId>,
    /// Modules of which nobody can tell when they run.
    idle: FxHashSet<ModuleId>,
}

/// The modules that must be evaluated apart, of those in `order`, which run with the entry; `None` where all may
/// stand one after the other. `asked_later` are modules that an `import()` may ask for while others wait.
pub(super) fn evaluated_apart(
    modules: &Modules,
    order: &[ModuleId],
    asked_later: &FxHashSet<ModuleId>,
    format: Format,
) -> Option<Apart> {
    let first = order.iter().position(|id| waits(modules, *id))?;
    let visits = evaluate(modules, order);
    let later = &order[first..];
    let idle = idle_modules(modules, order, format);
    let mut before = 0;
    let chained = later.iter().all(|id| {
        let in_line = visits[id].waits_for.len() == before || idle.contains(id);
        before += usize::from(waits(modules, *id));
        in_line
    });
    if chained && !later.iter().any(|id| asked_later.contains(id)) {
        return None;
    }
    let place: FxHashMap<ModuleId, usize> = order.iter().copied().zip(0..).collect();
    // A cycle has run when the first of it that was reached has: all of it is evaluated apart, and so is what
    // comes after any of it.
    let root = |id: &ModuleId| place[&visits[id].root.unwrap_or(*id)];
    let mut first = first;
    while let Some(earlier) = order[..first].iter().position(|id| root(id) >= first) {
        first = earlier;
    }
    let apart: FxHashSet<ModuleId> = order[first..]
        .iter()
        .copied()
        .filter(|id| modules.get(*id).kind == Kind::Esm && !idle.contains(id))
        .collect();
    Some(Apart {
        modules: apart,
        idle,
    })
}

impl Apart {
    /// What runs one after the other all the same, and the entry last; `order` is what runs with the entry, modules
    /// that are evaluated apart among it.
    pub(super) fn order(&self, order: &[ModuleId]) -> Vec<ModuleId> {
        let first = order.iter().position(|id| self.modules.contains(id));
        let (early, late) = order.split_at(first.unwrap_or(order.len()));
        let late = late.iter().filter(|id| self.idle.contains(*id));
        early
            .iter()
            .chain(late)
            .chain(order.last())
            .copied()
            .collect()
    }
}

fn waits(modules: &Modules, id: ModuleId) -> bool {
    modules.get(id).analysis.source.top_level_await
}

/// Goes through the modules as their evaluation would. `order` is the order in which they are left.
fn evaluate(modules: &Modules, order: &[ModuleId]) -> FxHashMap<ModuleId, Visit> {
    let mut visits: FxHashMap<ModuleId, Visit> = FxHashMap::default();
    let Some(entry) = order.last() else {
        return visits;
    };
    let mut open = Vec::new();
    let mut stack = vec![(*entry, 0_usize)];
    while let Some((id, next)) = stack.pop() {
        if next == 0 {
            let index = visits.len();
            let visit = visits.entry(id).or_default();
            (visit.index, visit.lowest, visit.on_stack) = (index, index, true);
            open.push(id);
        }
        let module = modules.get(id);
        let imports = match module.kind {
            Kind::Esm => module.analysis.imports.in_order.as_slice(),
            _ => &[],
        };
        // What was imported last has been visited since.
        if let Some(done) = next.checked_sub(1).and_then(|at| imports.get(at))
            && let Some(to) = target(modules, id, *done)
        {
            take(modules, &mut visits, id, to);
        }
        if let Some(record) = imports.get(next) {
            stack.push((id, next + 1));
            if let Some(to) = target(modules, id, *record)
                && !visits.contains_key(&to)
            {
                stack.push((to, 0));
            }
            continue;
        }
        leave(modules, &mut visits, id, &mut open);
    }
    visits
}

/// What a module learns of an import that was visited.
fn take(modules: &Modules, visits: &mut FxHashMap<ModuleId, Visit>, id: ModuleId, to: ModuleId) {
    let found = &visits[&to];
    let (on_stack, lowest) = (found.on_stack, found.lowest);
    if !found.left {
        // Whether it will wait is not known while its own imports are visited: nobody in its cycle waits for it.
        if let Some(visit) = visits.get_mut(&id) {
            visit.lowest = visit.lowest.min(lowest);
        }
        return;
    }
    // What has been left is known by the first of its cycle.
    let known = match found.root {
        Some(root) => root,
        None => to,
    };
    let found = &visits[&known];
    let mut waits_for = match found.is_async {
        true => found.waits_for.clone(),
        false => FxHashSet::default(),
    };
    if found.is_async && waits(modules, known) {
        waits_for.insert(known);
    }
    let is_async = found.is_async;
    if let Some(visit) = visits.get_mut(&id) {
        if on_stack {
            visit.lowest = visit.lowest.min(lowest);
        }
        visit.is_async |= is_async;
        visit.waits_for.extend(waits_for);
    }
}

/// A module whose imports have all been visited.
fn leave(
    modules: &Modules,
    visits: &mut FxHashMap<ModuleId, Visit>,
    id: ModuleId,
    open: &mut Vec<ModuleId>,
) {
    let Some(visit) = visits.get_mut(&id) else {
        return;
    };
    visit.is_async |= waits(modules, id);
    visit.left = true;
    if visit.lowest != visit.index {
        return;
    }
    while let Some(last) = open.pop() {
        if let Some(visit) = visits.get_mut(&last) {
            visit.on_stack = false;
            visit.root = Some(id);
        }
        if last == id {
            return;
        }
    }
}

/// The modules of which nobody can tell when they run, nor when what they import does.
fn idle_modules(modules: &Modules, order: &[ModuleId], format: Format) -> FxHashSet<ModuleId> {
    let mut idle = FxHashSet::default();
    // What a module imports comes before it, but for cycles, which are taken to be noticed.
    for id in order {
        let imports = &modules.get(*id).analysis.imports.in_order;
        let mut imported = imports
            .iter()
            .filter_map(|record| target(modules, *id, *record));
        if does_nothing(modules, *id, format) && imported.all(|to| idle.contains(&to)) {
            idle.insert(*id);
        }
    }
    idle
}

/// Whether running a module declares names and does nothing else.
fn does_nothing(modules: &Modules, id: ModuleId, format: Format) -> bool {
    let module = modules.get(id);
    match module.kind {
        Kind::Json => true,
        // The output's own imports run first in any case.
        Kind::External => module.side_effect_free || format == Format::Esm,
        Kind::Cjs => false,
        Kind::Esm if module.analysis.source.top_level_await => false,
        Kind::Esm => module.analysis.parts.iter().all(|part| match &part.stmt {
            Stmt::Decl(Decl::Fn(_)) | Stmt::Empty(_) => true,
            Stmt::Decl(Decl::Var(var)) => var.decls.iter().all(|decl| {
                let value = decl.init.as_deref();
                decl.name.is_ident() && value.is_none_or(is_settled)
            }),
            _ => false,
        }),
    }
}

/// Whether a value is the same whenever it is computed.
fn is_settled(value: &Expr) -> bool {
    match value {
        Expr::Lit(_) | Expr::Fn(_) | Expr::Arrow(_) => true,
        Expr::Paren(paren) => is_settled(&paren.expr),
        Expr::Unary(unary) => {
            matches!(unary.op, UnaryOp::Minus | UnaryOp::Bang | UnaryOp::Void) && unary.arg.is_lit()
        }
        Expr::Tpl(template) => template.exprs.is_empty(),
        Expr::Array(list) => list.elems.iter().all(|elem| match elem {
            Some(elem) => elem.spread.is_none() && is_settled(&elem.expr),
            None => true,
        }),
        Expr::Object(object) => object.props.iter().all(|prop| match prop {
            PropOrSpread::Prop(prop) => match &**prop {
                Prop::KeyValue(pair) => !pair.key.is_computed() && is_settled(&pair.value),
                Prop::Method(method) => !method.key.is_computed(),
                _ => false,
            },
            PropOrSpread::Spread(_) => false,
        }),
        _ => false,
    }
}
