//! Which names a CommonJS module has for those who import it.
//!
//! In: the modules. Out: for each CommonJS module that is imported as Node imports, the names that
//! Node finds in its text and in those of the modules that it passes on; `default`, which it always
//! has, is not among them. Node settles them before anything runs: a name that is not found is not
//! there, and one that is found is, whatever the module does. (From Node 23 on there is one name
//! more, `module.exports`; a bundle does as the versions before it, so that it does the same on
//! all.)

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::lexer::lex;
use super::load::{Kind, Loader, Module, ModuleId, Modules, Target};
use super::parts::{Role, Use};
use crate::js::resolve::Resolved;
use crate::js::scan::ImportKind;
use crate::js::swc::{Atom, Dialect, Goal};

/// Names by module; for a module that is not here nothing is known before it runs.
pub type Names = FxHashMap<ModuleId, BTreeSet<Atom>>;

/// Who asks for the namespace of a module.
#[derive(Default)]
struct Asked {
    as_node: bool,
    /// By `import()` in TypeScript that compilers turn into `require`: it gets all there is.
    as_compiled: bool,
}

/// Finds the names; `entry` is looked at whoever imports it.
pub fn names(loader: &Loader<'_>, modules: &Modules, entries: &[PathBuf]) -> Names {
    let mut asked: BTreeMap<ModuleId, Asked> = BTreeMap::new();
    for entry in entries {
        if let Some(id) = modules.find(entry) {
            asked.entry(id).or_default().as_node = true;
        }
    }
    for module in &modules.all {
        for record in &module.records {
            let Target::Module(to) = record.target else {
                continue;
            };
            let asked = asked.entry(to).or_default();
            match record.kind {
                ImportKind::Static => asked.as_node |= module.node_mode,
                ImportKind::Dynamic if compiled(loader, module) => asked.as_compiled = true,
                ImportKind::Dynamic => asked.as_node = true,
                ImportKind::Require | ImportKind::Resolve => {}
            }
        }
    }
    asked
        .into_par_iter()
        .filter(|(_, asked)| asked.as_node && !asked.as_compiled)
        .filter_map(|(id, _)| {
            let module = modules.get(id);
            let plain = module.kind == Kind::Cjs
                && is_plain(loader, &module.path)
                && loader.stand_in(&module.path).is_none();
            Some((id, plain.then(|| of_file(loader, &module.path))?))
        })
        .collect()
}

/// Whether a module is sure to have just these names when it has run.
pub fn is_plain_to_see(module: &Module, names: &BTreeSet<Atom>) -> bool {
    let (split, facts) = (&module.split, &module.split.facts);
    let given = |part: u32, name: &Atom| match &split.parts[part as usize].role {
        Role::Assign(names) => names.contains(name),
        Role::Object(keys) => keys.contains_key(name),
        Role::Plain | Role::Star(_) | Role::Flag => false,
    };
    let passed_on = split
        .parts
        .iter()
        .any(|part| part.uses.contains(&Use::OwnAll));
    let free = split.free;
    if passed_on || free.this || free.module || free.arguments || module.text.is_some() {
        return false;
    }
    if facts.opaque || !facts.stars.is_empty() {
        return false;
    }
    // An object that replaces another takes what was set before with it.
    let replaced = facts.whole.iter().max().copied().unwrap_or(0);
    let marked = names.contains(&Atom::from("__esModule"));
    facts.es_module == marked
        && names
            .iter()
            .all(|name| facts.defs.contains_key(name) || name == "__esModule")
        && facts.defs.iter().all(|(name, parts)| {
            (names.contains(name) || name == "default")
                && parts.iter().any(|part| given(*part, name))
                && parts.iter().all(|part| *part >= replaced)
        })
}

fn compiled(loader: &Loader<'_>, module: &Module) -> bool {
    !module.node_mode && !is_plain(loader, &module.path)
}

/// Whether Node would run a file as it is.
fn is_plain(loader: &Loader<'_>, path: &Path) -> bool {
    let dialect = Dialect::of(path, loader.packages.module_scope(path));
    !dialect.typescript && !dialect.jsx && dialect.goal != Goal::Module
}

/// The names of one file and of all that it passes on.
fn of_file(loader: &Loader<'_>, path: &Path) -> BTreeSet<Atom> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::from([path.to_path_buf()]);
    let mut stack = vec![path.to_path_buf()];
    while let Some(path) = stack.pop() {
        // What cannot be read has no names, for Node too.
        let text = std::fs::read(&path).unwrap_or_default();
        let found = lex(&String::from_utf8_lossy(&text));
        names.extend(found.names.into_iter().map(Atom::from));
        for specifier in found.reexports {
            let resolved = loader
                .resolve
                .resolve(&path, true, &specifier, ImportKind::Require);
            let file = match resolved {
                Resolved::Files(mut files) => files.pop(),
                Resolved::Builtin(_) | Resolved::Missing(_) => None,
            };
            if let Some(file) = file
                && !matches!(file.extension(), Some(ext) if ext == "json" || ext == "node")
                && seen.insert(file.clone())
            {
                stack.push(file);
            }
        }
    }
    names.remove(&Atom::from("default"));
    names
}
