//! What each imported name means, and how each module runs.
//!
//! [`link`](crate::bundle::link::link) fills [`Linked`]; shaking and generating ask it what an
//! imported name is, through any number of re-exports.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use oxc_index::IndexVec;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::module::{CjsInterop, Kind, ModuleId, Modules, Target};
use crate::bundle::part::{Export, ImportRecordId, Imported};
use crate::syntax::Atom;
use crate::syntax::ast::Id;

/// What a name means in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A variable of an ES module.
    Symbol(ModuleId, Id),
    /// An ES module's namespace object.
    Namespace(ModuleId),
    /// A name of a module whose exports are an object at run time: CommonJS, JSON, external.
    /// The importer that names it decides what `default` means.
    Dynamic {
        module: ModuleId,
        name: Option<Atom>,
        interop: CjsInterop,
    },
    /// Several `export *` give different things under this name.
    Ambiguous,
    Missing,
}

/// What stands around a module in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapKind {
    /// Nothing: an ES module that runs in order, at the bundle's top level; an external.
    None,
    /// A function that gives `module.exports`: CommonJS and JSON. (An entry that nothing asks for
    /// stands there without it.)
    Cjs,
    /// A function that runs an ES module when something asks for it.
    Esm,
    /// A function that is made of the module's text, because its names or its sloppy mode must stay.
    RawText,
}

/// What linking gives for one entry.
#[derive(Debug)]
pub struct Linked {
    /// Modules that run with the entry, in Node's order; CommonJS ones among them that ES modules
    /// import.
    pub order: Vec<ModuleId>,
    pub(super) wraps: IndexVec<ModuleId, WrapKind>,
    /// ES modules that run when asked and wait for something.
    pub async_modules: FxHashSet<ModuleId>,
    /// CommonJS modules that more than one place runs as ES modules do.
    pub shared: FxHashSet<ModuleId>,
    pub(super) memo: RwLock<FxHashMap<(ModuleId, Atom), (Resolution, bool)>>,
}

impl Linked {
    pub fn wrap_kind(&self, id: ModuleId) -> WrapKind {
        self.wraps[id]
    }

    /// Whether an ES module runs when something asks for it.
    pub fn is_lazy(&self, id: ModuleId) -> bool {
        self.wrap_kind(id) == WrapKind::Esm
    }

    /// Whether a module is kept as text.
    pub fn is_raw_text(&self, id: ModuleId) -> bool {
        self.wrap_kind(id) == WrapKind::RawText
    }
}

/// The module that a record leads to.
pub fn target(modules: &Modules, from: ModuleId, record: ImportRecordId) -> Option<ModuleId> {
    match modules.get(from).records.get(record)?.target {
        Target::Module(to) => Some(to),
        Target::Missing | Target::Glob(_) => None,
    }
}

/// Every module that a record may lead to.
pub fn targets(modules: &Modules, from: ModuleId, record: ImportRecordId) -> Vec<ModuleId> {
    match &modules.get(from).records[record].target {
        Target::Module(to) => vec![*to],
        Target::Missing => Vec::new(),
        Target::Glob(list) => list.iter().map(|(_, to)| *to).collect(),
    }
}

/// Everything that `entry` can reach.
pub fn reached(modules: &Modules, entry: ModuleId) -> Vec<ModuleId> {
    let mut seen = BTreeSet::from([entry]);
    let mut stack = vec![entry];
    while let Some(id) = stack.pop() {
        for record in modules.get(id).records.indices() {
            for to in targets(modules, id, record) {
                if seen.insert(to) {
                    stack.push(to);
                }
            }
        }
    }
    seen.into_iter().collect()
}

impl Linked {
    /// What an imported variable of `from` is.
    pub fn resolve_import(&self, modules: &Modules, from: ModuleId, id: &Id) -> Resolution {
        let module = modules.get(from);
        let Some((record, imported)) = module.analysis.imports.names.get(id) else {
            return Resolution::Missing;
        };
        let Some(to) = target(modules, from, *record) else {
            return Resolution::Missing;
        };
        match imported {
            Imported::Namespace => self.namespace(modules, from, to),
            Imported::Name(name) => self.named(modules, from, to, name),
        }
    }

    /// The names of a module that `from` sees as Node does, before it runs; `None` for ES modules,
    /// and for what only running tells.
    pub fn names_before_run<'a>(
        &self,
        modules: &'a Modules,
        from: ModuleId,
        to: ModuleId,
    ) -> Option<&'a BTreeSet<Atom>> {
        modules
            .cjs_names(to)
            .filter(|_| modules.get(from).node_mode())
    }

    fn namespace(&self, modules: &Modules, from: ModuleId, to: ModuleId) -> Resolution {
        if modules.get(to).kind == Kind::Esm {
            Resolution::Namespace(to)
        } else {
            Resolution::Dynamic {
                module: to,
                name: None,
                interop: modules.get(from).interop,
            }
        }
    }

    fn named(&self, modules: &Modules, from: ModuleId, to: ModuleId, name: &Atom) -> Resolution {
        if modules.get(to).kind == Kind::Esm {
            self.export(modules, to, name)
        } else {
            Resolution::Dynamic {
                module: to,
                name: Some(name.clone()),
                interop: modules.get(from).interop,
            }
        }
    }

    /// What an ES module exports under `name`.
    pub fn export(&self, modules: &Modules, module: ModuleId, name: &Atom) -> Resolution {
        self.resolve_export(modules, module, name).0
    }

    /// The same, and whether the name is sure to be one of the module's.
    pub fn resolve_export(
        &self,
        modules: &Modules,
        module: ModuleId,
        name: &Atom,
    ) -> (Resolution, bool) {
        let key = (module, name.clone());
        let memo = self.memo.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = memo.get(&key) {
            return found.clone();
        }
        drop(memo);
        let found = self.search(modules, module, name, &mut FxHashSet::default());
        let mut memo = self.memo.write().unwrap_or_else(PoisonError::into_inner);
        memo.insert(key, found.clone());
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
    ) -> (Resolution, bool) {
        if !seen.insert((id, name.clone())) {
            return (Resolution::Missing, true);
        }
        let module = modules.get(id);
        let dynamic = |to: ModuleId, name: &Atom| Resolution::Dynamic {
            module: to,
            name: Some(name.clone()),
            interop: module.interop,
        };
        let onward = |to: ModuleId, name: &Atom, seen: &mut FxHashSet<(ModuleId, Atom)>| {
            if modules.get(to).kind == Kind::Esm {
                self.search(modules, to, name, seen).0
            } else {
                dynamic(to, name)
            }
        };
        let own = module
            .analysis
            .exports
            .names
            .get(name)
            .map(|export| match export {
                Export::Local(local) => match module.analysis.imports.names.get(local) {
                    Some((record, imported)) => match (target(modules, id, *record), imported) {
                        (Some(to), Imported::Name(name)) => onward(to, name, seen),
                        (Some(to), Imported::Namespace) => self.namespace(modules, id, to),
                        (None, _) => Resolution::Missing,
                    },
                    None => Resolution::Symbol(id, local.clone()),
                },
                Export::From(record, name) => match target(modules, id, *record) {
                    Some(to) => onward(to, name, seen),
                    None => Resolution::Missing,
                },
                Export::Namespace(record) => match target(modules, id, *record) {
                    Some(to) => self.namespace(modules, id, to),
                    None => Resolution::Missing,
                },
            });
        if let Some(own) = own {
            return (own, true);
        }
        if name == "default" {
            return (Resolution::Missing, true);
        }
        let mut found = Resolution::Missing;
        // Where it may be, and where it is known not to be, which leaves it to a reader who asks
        // all the same.
        let (mut guess, mut fallback) = (None, None);
        for record in &module.analysis.exports.stars {
            let Some(to) = target(modules, id, *record) else {
                continue;
            };
            let (one, sure) = if modules.get(to).kind == Kind::Esm {
                self.search(modules, to, name, seen)
            } else {
                match self.names_before_run(modules, id, to) {
                    Some(names) if names.contains(name) => (dynamic(to, name), true),
                    Some(_) => {
                        fallback.get_or_insert(dynamic(to, name));
                        continue;
                    }
                    None => (dynamic(to, name), false),
                }
            };
            match (one, &found) {
                (Resolution::Missing, _) => {}
                // What is known to be there wins.
                (one, _) if !sure => {
                    guess.get_or_insert(one);
                }
                (Resolution::Ambiguous, _) => found = Resolution::Ambiguous,
                (one, Resolution::Missing) => found = one,
                (one, before) if one == *before => {}
                _ => found = Resolution::Ambiguous,
            }
        }
        match (found, guess.or(fallback)) {
            (Resolution::Missing, Some(guess)) => (guess, false),
            (found, _) => (found, true),
        }
    }

    /// The names of an ES module's namespace, sorted as Node sorts them, each with what it is.
    pub fn names(&self, modules: &Modules, module: ModuleId) -> Vec<(Atom, Resolution)> {
        let mut names = BTreeSet::new();
        self.collect_names(modules, module, true, &mut FxHashSet::default(), &mut names);
        let mut all: Vec<(Atom, Resolution)> = names
            .into_iter()
            .map(|name| {
                let found = self.export(modules, module, &name);
                (name, found)
            })
            .filter(|(_, found)| !matches!(found, Resolution::Missing | Resolution::Ambiguous))
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
            for record in modules.get(id).analysis.exports.stars.iter().rev() {
                if let Some(to) = target(modules, id, *record) {
                    if modules.get(to).kind == Kind::Esm {
                        stack.push(to);
                    } else if self.names_before_run(modules, id, to).is_none() && !out.contains(&to)
                    {
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
        for name in module.analysis.exports.names.keys() {
            if with_default || name != "default" {
                out.insert(name.clone());
            }
        }
        for record in &module.analysis.exports.stars {
            if let Some(to) = target(modules, id, *record) {
                out.extend(
                    self.names_before_run(modules, id, to)
                        .into_iter()
                        .flatten()
                        .cloned(),
                );
                self.collect_names(modules, to, false, done, out);
            }
        }
    }
}
