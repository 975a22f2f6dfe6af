//! Which names a CommonJS module has for those who import it.
//!
//! In: the modules. Out: for each CommonJS module that is imported as Node imports, the names that
//! Node finds in its text and in those of the modules that it passes on; `default`, which it always
//! has, is not among them. Node settles them before anything runs: a name that is not found is not
//! there, and one that is found is, whatever the module does. (From Node 23 on there is one name
//! more, `module.exports`; a bundle does as the versions before it, so that it does the same on
//! all.)

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::cjs_export_lexer::lex;
use crate::bundle::module::{CjsNamespaces, Kind, Module, ModuleId, Modules, Target};
use crate::bundle::part::{EsModuleMark, ExportRole, PartId, Use};
use crate::packages::package::Packages;
use crate::packages::resolve::{Resolve, Resolved};
use crate::scan::ImportKind;
use crate::syntax::{Atom, Dialect, ModuleGoal};

/// How files are found and taken.
pub struct Files<'a> {
    pub packages: &'a Packages,
    pub resolve: &'a Resolve,
    /// Whether a path is no file but a stand-in that the loader made.
    pub is_stand_in: &'a (dyn Fn(&Path) -> bool + Sync),
}

/// Who asks for the namespace of a module.
#[derive(Default)]
struct Asked {
    as_node: bool,
    /// By `import()` in TypeScript that compilers turn into `require`: it gets all there is.
    as_compiled: bool,
}

/// Finds the names; `entry` is looked at whoever imports it.
pub fn names(files: &Files<'_>, modules: &Modules, entries: &[PathBuf]) -> CjsNamespaces {
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
                ImportKind::Static => asked.as_node |= module.node_mode(),
                ImportKind::Dynamic if compiled(files, module) => asked.as_compiled = true,
                ImportKind::Dynamic => asked.as_node = true,
                ImportKind::Require | ImportKind::Resolve => {}
            }
        }
    }
    let wanted: Vec<ModuleId> = first_asked(modules, entries)
        .into_iter()
        .filter(|id| {
            let module = modules.get(*id);
            let asked = asked.get(id);
            asked.is_some_and(|asked| asked.as_node && !asked.as_compiled)
                && module.kind == Kind::Cjs
                && is_plain(files, &module.path)
                && !(files.is_stand_in)(&module.path)
        })
        .collect();
    let paths = wanted.iter().map(|id| modules.get(*id).path.clone());
    let texts = Texts::read(files, paths.collect());
    let mut known = FxHashMap::default();
    wanted
        .into_iter()
        .map(|id| (id, texts.names(&modules.get(id).path, &mut known)))
        .collect()
}

/// Modules that are imported, in the order in which Node comes to them: what is imported at the
/// top of files first, then, round by round, what is imported when it is needed.
fn first_asked(modules: &Modules, entries: &[PathBuf]) -> Vec<ModuleId> {
    let mut out: Vec<ModuleId> = Vec::new();
    let mut asked: FxHashSet<ModuleId> = FxHashSet::default();
    let mut reached: FxHashSet<ModuleId> = FxHashSet::default();
    let mut round: Vec<ModuleId> = entries
        .iter()
        .filter_map(|path| modules.find(path))
        .collect();
    out.extend(round.iter().filter(|id| asked.insert(**id)));
    while !round.is_empty() {
        let mut later = Vec::new();
        let mut queue: VecDeque<ModuleId> = std::mem::take(&mut round).into();
        while let Some(id) = queue.pop_front() {
            if !reached.insert(id) {
                continue;
            }
            for record in &modules.get(id).records {
                let Target::Module(to) = record.target else {
                    continue;
                };
                match record.kind {
                    ImportKind::Dynamic => later.push(to),
                    ImportKind::Static => {
                        queue.push_back(to);
                        out.extend(Some(to).filter(|to| asked.insert(*to)));
                    }
                    ImportKind::Require | ImportKind::Resolve => queue.push_back(to),
                }
            }
        }
        out.extend(later.iter().filter(|to| asked.insert(**to)));
        round = later;
    }
    out
}

/// Whether a module is sure to have just these names when it has run.
pub fn is_plain_to_see(module: &Module, names: &BTreeSet<Atom>) -> bool {
    let (analysis, cjs_exports) = (&module.analysis, &module.analysis.exports.cjs);
    let given = |part: PartId, name: &Atom| match &analysis.parts[part].role {
        ExportRole::Assign(names) => names.contains(name),
        ExportRole::Object(keys) => keys.contains_key(name),
        ExportRole::Plain | ExportRole::Star(_) | ExportRole::Flag { .. } => false,
    };
    let passed_on = analysis
        .parts
        .iter()
        .any(|part| part.uses.contains(&Use::OwnAll));
    let free = analysis.source.free_names;
    if passed_on || free.this || free.module || free.arguments || module.text.is_some() {
        return false;
    }
    if cjs_exports.opaque || !cjs_exports.stars.is_empty() {
        return false;
    }
    // An object that replaces another takes what was set before with it.
    let replaced = cjs_exports
        .whole
        .iter()
        .max()
        .copied()
        .unwrap_or(PartId::new(0));
    let marked = names.contains(&Atom::from("__esModule"));
    cjs_exports.es_module != EsModuleMark::Maybe
        && (cjs_exports.es_module == EsModuleMark::Yes) == marked
        && names
            .iter()
            .all(|name| cjs_exports.defs.contains_key(name) || name == "__esModule")
        && cjs_exports.defs.iter().all(|(name, parts)| {
            (names.contains(name) || name == "default")
                && parts.iter().any(|part| given(*part, name))
                && parts.iter().all(|part| *part >= replaced)
        })
}

fn compiled(files: &Files<'_>, module: &Module) -> bool {
    !module.node_mode() && !is_plain(files, &module.path)
}

/// Whether Node would run a file as it is.
fn is_plain(files: &Files<'_>, path: &Path) -> bool {
    let dialect = Dialect::of_file(path, files.packages.module_scope(path));
    !dialect.typescript && !dialect.jsx && dialect.goal != ModuleGoal::Module
}

/// What Node's lexer finds in each file that passes on, or is passed on by, another.
struct Texts(FxHashMap<PathBuf, LexedFile>);

struct LexedFile {
    names: Vec<Atom>,
    /// The files that it passes on, in the order of the text.
    passes_on: Vec<PathBuf>,
}

impl Texts {
    /// Reads the files and all that they pass on, those of one ring at a time side by side.
    fn read(files: &Files<'_>, mut frontier: Vec<PathBuf>) -> Self {
        let mut all: FxHashMap<PathBuf, LexedFile> = FxHashMap::default();
        while !frontier.is_empty() {
            let found: Vec<(PathBuf, LexedFile)> = frontier
                .into_par_iter()
                .map(|path| {
                    let found = look(files, &path);
                    (path, found)
                })
                .collect();
            let next: BTreeSet<PathBuf> = found
                .iter()
                .flat_map(|(_, one)| one.passes_on.iter().cloned())
                .collect();
            all.extend(found);
            frontier = next
                .into_iter()
                .filter(|path| !all.contains_key(path))
                .collect();
        }
        Self(all)
    }

    /// The names of one file. As in Node, what is asked for again while its names are still being
    /// gathered has those that were found so far, and is never looked at again.
    fn names(&self, path: &Path, known: &mut FxHashMap<PathBuf, BTreeSet<Atom>>) -> BTreeSet<Atom> {
        if let Some(names) = known.get(path) {
            return names.clone();
        }
        let Some(found) = self.0.get(path) else {
            return BTreeSet::new();
        };
        let mut names: BTreeSet<Atom> = found.names.iter().cloned().collect();
        known.insert(path.to_path_buf(), names.clone());
        for file in &found.passes_on {
            names.extend(self.names(file, known));
            known.insert(path.to_path_buf(), names.clone());
        }
        names
    }
}

fn look(files: &Files<'_>, path: &Path) -> LexedFile {
    // What cannot be read has no names, for Node too.
    let text = std::fs::read(path).unwrap_or_default();
    let found = lex(&String::from_utf8_lossy(&text));
    let passes_on = found.reexports.iter().filter_map(|specifier| {
        let resolved = files
            .resolve
            .resolve(path, true, specifier, ImportKind::Require);
        let Resolved::Files(mut found) = resolved else {
            return None;
        };
        let file = found.pop()?;
        let is_data = matches!(file.extension(), Some(ext) if ext == "json" || ext == "node");
        (!is_data).then_some(file)
    });
    let passes_on = passes_on.collect();
    let names = found.names.into_iter().map(Atom::from);
    LexedFile {
        names: names.filter(|name| name != "default").collect(),
        passes_on,
    }
}
