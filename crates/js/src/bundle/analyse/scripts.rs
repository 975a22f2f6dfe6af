//! Files that are neither CommonJS nor ES modules by what they say.
//!
//! In: the loaded modules. Out: the same, where a file that only runs (it takes nothing, gives
//! nothing and asks for nothing of Node's) counts as an ES module, if nobody reads the empty
//! object that Node would give for it. Its statements then stand among the others, and are shaken
//! like them, where a module function and its helper would be left of each.

use rustc_hash::FxHashSet;

use crate::bundle::module::{Kind, Module, ModuleId, Modules, Target};
use crate::bundle::part::{Export, ExportRole, ImportRecordId, Mutation};
use crate::scan::ImportKind;

/// Lets files that only run stand in an ES module as they are. The empty default export of an
/// entry among them goes, as with every other bundler.
pub fn scripts_as_esm(modules: &mut Modules) {
    let read = read_from(modules);
    let found: Vec<ModuleId> = modules
        .ids()
        .filter(|id| !read.contains(id) && only_runs(modules.get(*id)))
        .collect();
    for id in found {
        let module = &mut modules.all[id];
        module.kind = Kind::Esm;
        module.analysis.source.strict = true;
        module.text = None;
        module.minhash = None;
    }
}

/// Modules that are asked for otherwise than by a bare `import`.
fn read_from(modules: &Modules) -> FxHashSet<ModuleId> {
    let mut out = FxHashSet::default();
    for id in modules.ids() {
        let module = modules.get(id);
        let mut named: FxHashSet<ImportRecordId> =
            module.analysis.exports.stars.iter().copied().collect();
        named.extend(
            module
                .analysis
                .imports
                .names
                .values()
                .map(|(record, _)| *record),
        );
        named.extend(
            module
                .analysis
                .exports
                .names
                .values()
                .filter_map(|export| match export {
                    Export::From(record, _) | Export::Namespace(record) => Some(*record),
                    Export::Local(_) => None,
                }),
        );
        for (at, record) in module.records.iter_enumerated() {
            if record.kind == ImportKind::Static && !named.contains(&at) {
                continue;
            }
            match &record.target {
                Target::Module(to) => {
                    out.insert(*to);
                }
                Target::Glob(list) => out.extend(list.iter().map(|(_, to)| *to)),
                Target::Missing => {}
            }
        }
    }
    out
}

/// Whether a file says nothing that CommonJS gives a meaning to, and runs as strict code too.
fn only_runs(module: &Module) -> bool {
    let named = module
        .path
        .extension()
        .is_some_and(|ext| ext == "cjs" || ext == "cts");
    let free = &module.analysis.source.free_names;
    let asks = free.require || free.dirname || free.filename || free.module || free.exports;
    let strict =
        !free.arguments && !free.this && !free.names_stay && !free.sloppy && !free.sloppy_call;
    let dynamic = |kind: ImportKind| kind == ImportKind::Dynamic;
    module.kind == Kind::Cjs
        && !named
        && !asks
        && strict
        && module.records.iter().all(|record| dynamic(record.kind))
        && module.analysis.parts.iter().all(|part| {
            part.role == ExportRole::Plain && !part.mutations.contains(&Mutation::Whole)
        })
}
