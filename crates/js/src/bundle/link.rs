//! What each imported name is, and how each module runs.
//!
//! In: the modules. Out: [`Linked`]: for every import the symbol behind it, through any number of
//! re-exports; which ES modules run in order with the entry and which only when they are asked
//! for; and the order. Nothing is left out here: shaking comes after.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::parts::{Export, Imported};
use crate::bundle::load::{Kind, ModuleId, Modules, Target};
use crate::scan::ImportKind;
use crate::syntax::Atom;
use crate::syntax::ast::Id;

/// What a name means in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A variable of an ES module.
    Symbol(ModuleId, Id),
    /// An ES module's namespace object.
    Namespace(ModuleId),
    /// A name of a module whose exports are an object at run time: CommonJS, JSON, external.
    /// The importer that names it decides what `default` means.
    Dynamic {
        module: ModuleId,
        name: Option<Atom>,
        node_mode: bool,
    },
    /// Several `export *` give different things under this name.
    Ambiguous,
    Missing,
}

/// How an ES module runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// In order, at the bundle's top level.
    Eagerly,
    /// Inside a function, when it is asked for.
    WhenAsked,
}

/// What linking gives for one entry.
#[derive(Debug)]
pub struct Linked {
    /// Modules that run with the entry, in Node's order; CommonJS ones among them that ES modules
    /// import.
    pub order: Vec<ModuleId>,
    pub runs: FxHashMap<ModuleId, Runs>,
    /// ES modules that run when asked and wait for something.
    pub waits: FxHashSet<ModuleId>,
    /// CommonJS modules that more than one place runs as ES modules do.
    pub shared: FxHashSet<ModuleId>,
    memo: RefCell<FxHashMap<(ModuleId, Atom), (Found, bool)>>,
}

impl Linked {
    pub fn is_lazy(&self, id: ModuleId) -> bool {
        self.runs.get(&id) == Some(&Runs::WhenAsked)
    }
}

/// The module that a record leads to.
pub fn target(modules: &Modules, from: ModuleId, record: usize) -> Option<ModuleId> {
    match modules.get(from).records.get(record)?.target {
        Target::Module(to) => Some(to),
        Target::Missing | Target::Glob(_) => None,
    }
}

/// Every module that a record may lead to.
pub fn targets(modules: &Modules, from: ModuleId, record: usize) -> Vec<ModuleId> {
    match &modules.get(from).records[record].target {
        Target::Module(to) => vec![*to],
        Target::Missing => Vec::new(),
        Target::Glob(list) => list.iter().map(|(_, to)| *to).collect(),
    }
}

/// Links everything that `entry` reaches.
pub fn link(modules: &Modules, entry: ModuleId) -> Linked {
    let mut order = Vec::new();
    if modules.get(entry).kind == Kind::Esm {
        evaluate(modules, entry, &|_| false, &mut order);
    }
    let eager: FxHashSet<ModuleId> = order.iter().copied().collect();
    let waiting = order.iter().any(|id| modules.get(*id).split.tla);
    let mut required = BTreeSet::new();
    let mut imported = BTreeSet::new();
    let reached = reached(modules, entry);
    for id in &reached {
        let module = modules.get(*id);
        for (at, record) in module.records.iter().enumerate() {
            for to in targets(modules, *id, at) {
                if modules.get(to).kind != Kind::Esm {
                    continue;
                }
                match record.kind {
                    ImportKind::Require => {
                        required.insert(to);
                    }
                    ImportKind::Dynamic => {
                        imported.insert(to);
                    }
                    // From CommonJS nothing is imported statically.
                    ImportKind::Static | ImportKind::Resolve => {}
                }
            }
        }
    }
    let mut runs: FxHashMap<ModuleId, Runs> = FxHashMap::default();
    for id in &eager {
        if modules.get(*id).kind == Kind::Esm {
            runs.insert(*id, Runs::Eagerly);
        }
    }
    // What a `require` may run early must not wait for its place in the order; what `import()`
    // asks for comes after everything that runs with the entry, unless that waits for something.
    for id in required {
        lazily(modules, id, &mut runs, &|_| true);
    }
    for id in imported {
        lazily(modules, id, &mut runs, &|id| {
            waiting || !eager.contains(&id)
        });
    }
    let is_lazy = |id: ModuleId| runs.get(&id) == Some(&Runs::WhenAsked);
    if order.iter().any(|id| is_lazy(*id)) {
        // Such a module runs what it imports by itself: in a cycle, whoever is reached first starts
        // first, and the others find it running.
        let all = std::mem::take(&mut order);
        evaluate(modules, entry, &is_lazy, &mut order);
        let mut externals: Vec<ModuleId> = all
            .into_iter()
            .filter(|id| modules.get(*id).kind == Kind::External && !order.contains(id))
            .collect();
        externals.append(&mut order);
        order = externals;
    }
    let waits = waiting_modules(modules, &runs);
    Linked {
        shared: shared(modules, &reached, &order, &runs),
        order,
        runs,
        waits,
        memo: RefCell::default(),
    }
}

/// CommonJS that several ask for as ES modules do: `import()`, modules that run when asked, and
/// those that run in order. What Node copies of it, it copies once, for the first of them.
fn shared(
    modules: &Modules,
    reached: &[ModuleId],
    order: &[ModuleId],
    runs: &FxHashMap<ModuleId, Runs>,
) -> FxHashSet<ModuleId> {
    let mut times: FxHashMap<ModuleId, (bool, usize)> = FxHashMap::default();
    for id in order {
        times.entry(*id).or_default().1 += 1;
    }
    for id in reached {
        let module = modules.get(*id);
        let alone = runs.get(id) == Some(&Runs::WhenAsked);
        for (at, record) in module.records.iter().enumerate() {
            for to in targets(modules, *id, at) {
                let (by_import, times) = times.entry(to).or_default();
                match record.kind {
                    ImportKind::Dynamic => *by_import = true,
                    ImportKind::Static if alone => *times += 1,
                    _ => {}
                }
            }
        }
    }
    times
        .into_iter()
        .filter(|(_, (by_import, times))| *times > 1 || (*times == 1 && *by_import))
        .map(|(id, _)| id)
        .filter(|id| matches!(modules.get(*id).kind, Kind::Cjs | Kind::Json))
        .collect()
}

/// Everything that `entry` can reach.
pub fn reached(modules: &Modules, entry: ModuleId) -> Vec<ModuleId> {
    let mut seen = BTreeSet::from([entry]);
    let mut stack = vec![entry];
    while let Some(id) = stack.pop() {
        for record in 0..modules.get(id).records.len() {
            for to in targets(modules, id, record) {
                if seen.insert(to) {
                    stack.push(to);
                }
            }
        }
    }
    seen.into_iter().collect()
}

/// Depth first along static imports, as Node evaluates; not into those that run theirs themselves.
fn evaluate(
    modules: &Modules,
    id: ModuleId,
    alone: &dyn Fn(ModuleId) -> bool,
    order: &mut Vec<ModuleId>,
) {
    // An explicit stack: chains of imports may be longer than the thread's.
    let mut stack = vec![(id, 0usize)];
    let mut seen = FxHashSet::from_iter([id]);
    while let Some((id, next)) = stack.pop() {
        let module = modules.get(id);
        let statics = if module.kind == Kind::Esm && !alone(id) {
            module.split.statics.as_slice()
        } else {
            &[]
        };
        match statics.get(next) {
            Some(record) => {
                stack.push((id, next + 1));
                if let Some(to) = target(modules, id, *record)
                    && seen.insert(to)
                {
                    stack.push((to, 0));
                }
            }
            None => order.push(id),
        }
    }
}

fn lazily(
    modules: &Modules,
    id: ModuleId,
    runs: &mut FxHashMap<ModuleId, Runs>,
    may: &dyn Fn(ModuleId) -> bool,
) {
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        if modules.get(id).kind != Kind::Esm || !may(id) || runs.get(&id) == Some(&Runs::WhenAsked)
        {
            continue;
        }
        runs.insert(id, Runs::WhenAsked);
        for record in &modules.get(id).split.statics {
            if let Some(to) = target(modules, id, *record) {
                stack.push(to);
            }
        }
    }
}

fn waiting_modules(modules: &Modules, runs: &FxHashMap<ModuleId, Runs>) -> FxHashSet<ModuleId> {
    let lazy: Vec<ModuleId> = runs
        .iter()
        .filter(|(_, runs)| **runs == Runs::WhenAsked)
        .map(|(id, _)| *id)
        .collect();
    let mut waits: FxHashSet<ModuleId> = lazy
        .iter()
        .copied()
        .filter(|id| modules.get(*id).split.tla)
        .collect();
    loop {
        let more: Vec<ModuleId> = lazy
            .iter()
            .copied()
            .filter(|id| !waits.contains(id))
            .filter(|id| {
                modules.get(*id).split.statics.iter().any(|record| {
                    target(modules, *id, *record).is_some_and(|to| waits.contains(&to))
                })
            })
            .collect();
        if more.is_empty() {
            return waits;
        }
        waits.extend(more);
    }
}

impl Linked {
    /// What an imported variable of `from` is.
    pub fn import(&self, modules: &Modules, from: ModuleId, id: &Id) -> Found {
        let module = modules.get(from);
        let Some((record, imported)) = module.split.imports.get(id) else {
            return Found::Missing;
        };
        let Some(to) = target(modules, from, *record) else {
            return Found::Missing;
        };
        match imported {
            Imported::Namespace => self.namespace(modules, from, to),
            Imported::Name(name) => self.named(modules, from, to, name),
        }
    }

    /// The names of a module that `from` sees as Node does, before it runs; `None` for ES modules,
    /// and for what only running tells.
    pub fn seen<'a>(
        &self,
        modules: &'a Modules,
        from: ModuleId,
        to: ModuleId,
    ) -> Option<&'a BTreeSet<Atom>> {
        modules.lexed(to).filter(|_| modules.get(from).node_mode)
    }

    fn namespace(&self, modules: &Modules, from: ModuleId, to: ModuleId) -> Found {
        if modules.get(to).kind == Kind::Esm {
            Found::Namespace(to)
        } else {
            Found::Dynamic {
                module: to,
                name: None,
                node_mode: modules.get(from).node_mode,
            }
        }
    }

    fn named(&self, modules: &Modules, from: ModuleId, to: ModuleId, name: &Atom) -> Found {
        if modules.get(to).kind == Kind::Esm {
            self.export(modules, to, name)
        } else {
            Found::Dynamic {
                module: to,
                name: Some(name.clone()),
                node_mode: modules.get(from).node_mode,
            }
        }
    }

    /// What an ES module exports under `name`.
    pub fn export(&self, modules: &Modules, module: ModuleId, name: &Atom) -> Found {
        self.settled(modules, module, name).0
    }

    /// The same, and whether the name is sure to be one of the module's.
    pub fn settled(&self, modules: &Modules, module: ModuleId, name: &Atom) -> (Found, bool) {
        if let Some(found) = self.memo.borrow().get(&(module, name.clone())) {
            return found.clone();
        }
        let found = self.search(modules, module, name, &mut FxHashSet::default());
        self.memo
            .borrow_mut()
            .insert((module, name.clone()), found.clone());
        found
    }

    /// What `name` is, and whether it is sure to be there: of a module whose names only running
    /// it tells, it is not.
    fn search(
        &self,
        modules: &Modules,
        id: ModuleId,
        name: &Atom,
        seen: &mut FxHashSet<(ModuleId, Atom)>,
    ) -> (Found, bool) {
        if !seen.insert((id, name.clone())) {
            return (Found::Missing, true);
        }
        let module = modules.get(id);
        let dynamic = |to: ModuleId, name: &Atom| Found::Dynamic {
            module: to,
            name: Some(name.clone()),
            node_mode: module.node_mode,
        };
        let onward = |to: ModuleId, name: &Atom, seen: &mut FxHashSet<(ModuleId, Atom)>| {
            if modules.get(to).kind == Kind::Esm {
                self.search(modules, to, name, seen).0
            } else {
                dynamic(to, name)
            }
        };
        let own = module.split.exports.get(name).map(|export| match export {
            Export::Local(local) => match module.split.imports.get(local) {
                Some((record, imported)) => match (target(modules, id, *record), imported) {
                    (Some(to), Imported::Name(name)) => onward(to, name, seen),
                    (Some(to), Imported::Namespace) => self.namespace(modules, id, to),
                    (None, _) => Found::Missing,
                },
                None => Found::Symbol(id, local.clone()),
            },
            Export::From(record, name) => match target(modules, id, *record) {
                Some(to) => onward(to, name, seen),
                None => Found::Missing,
            },
            Export::Namespace(record) => match target(modules, id, *record) {
                Some(to) => self.namespace(modules, id, to),
                None => Found::Missing,
            },
        });
        if let Some(own) = own {
            return (own, true);
        }
        if name == "default" {
            return (Found::Missing, true);
        }
        let mut found = Found::Missing;
        // Where it may be, and where it is known not to be, which leaves it to a reader who asks
        // all the same.
        let (mut guess, mut refuge) = (None, None);
        for record in &module.split.stars {
            let Some(to) = target(modules, id, *record) else {
                continue;
            };
            let (one, sure) = if modules.get(to).kind == Kind::Esm {
                self.search(modules, to, name, seen)
            } else {
                match self.seen(modules, id, to) {
                    Some(names) if names.contains(name) => (dynamic(to, name), true),
                    Some(_) => {
                        refuge.get_or_insert(dynamic(to, name));
                        continue;
                    }
                    None => (dynamic(to, name), false),
                }
            };
            match (one, &found) {
                (Found::Missing, _) => {}
                // What is known to be there wins.
                (one, _) if !sure => {
                    guess.get_or_insert(one);
                }
                (Found::Ambiguous, _) => found = Found::Ambiguous,
                (one, Found::Missing) => found = one,
                (one, before) if one == *before => {}
                _ => found = Found::Ambiguous,
            }
        }
        match (found, guess.or(refuge)) {
            (Found::Missing, Some(guess)) => (guess, false),
            (found, _) => (found, true),
        }
    }

    /// The names of an ES module's namespace, sorted as Node sorts them, each with what it is.
    pub fn names(&self, modules: &Modules, module: ModuleId) -> Vec<(Atom, Found)> {
        let mut names = BTreeSet::new();
        self.collect_names(modules, module, true, &mut FxHashSet::default(), &mut names);
        let mut all: Vec<(Atom, Found)> = names
            .into_iter()
            .map(|name| {
                let found = self.export(modules, module, &name);
                (name, found)
            })
            .filter(|(_, found)| !matches!(found, Found::Missing | Found::Ambiguous))
            .collect();
        // By UTF-16 code units, as the language has it.
        all.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        all
    }

    /// Modules whose names are only known at run time, and which `module` re-exports by `*`.
    pub fn dynamic_stars(&self, modules: &Modules, module: ModuleId) -> Vec<ModuleId> {
        let mut seen = FxHashSet::default();
        let mut out = Vec::new();
        let mut stack = vec![module];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            for record in modules.get(id).split.stars.iter().rev() {
                if let Some(to) = target(modules, id, *record) {
                    if modules.get(to).kind == Kind::Esm {
                        stack.push(to);
                    } else if self.seen(modules, id, to).is_none() && !out.contains(&to) {
                        out.push(to);
                    }
                }
            }
        }
        out
    }

    fn collect_names(
        &self,
        modules: &Modules,
        id: ModuleId,
        with_default: bool,
        done: &mut FxHashSet<ModuleId>,
        out: &mut BTreeSet<Atom>,
    ) {
        if !done.insert(id) {
            return;
        }
        let module = modules.get(id);
        if module.kind != Kind::Esm {
            return;
        }
        for name in module.split.exports.keys() {
            if with_default || name != "default" {
                out.insert(name.clone());
            }
        }
        for record in &module.split.stars {
            if let Some(to) = target(modules, id, *record) {
                out.extend(self.seen(modules, id, to).into_iter().flatten().cloned());
                self.collect_names(modules, to, false, done, out);
            }
        }
    }
}
