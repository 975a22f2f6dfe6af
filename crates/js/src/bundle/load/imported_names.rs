//! Which names a module reads of an import.

use std::collections::BTreeSet;

use crate::bundle::module::Module;
use crate::bundle::part::{Demand, Export, ExportRole, ImportRecordId, Imported, Use};
use crate::syntax::Atom;

/// What may stand for a module, by what is read of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// An object that has the names which are read.
    Parts,
    /// An ES module that exports what the CommonJS module does, but has no `default`.
    DualPackage,
}

/// The names that a module reads of an import; `None` where it may read what the stand-in lacks.
pub fn names_read(
    module: &Module,
    record: ImportRecordId,
    replacement: Replacement,
) -> Option<BTreeSet<Atom>> {
    let (analysis, node_mode) = (&module.analysis, module.node_mode());
    let parts = replacement == Replacement::Parts;
    let mut out = BTreeSet::new();
    if analysis.source.free_names.names_stay || (parts && analysis.exports.stars.contains(&record))
    {
        return None;
    }
    for export in analysis.exports.names.values() {
        match export {
            Export::From(from, name) if *from == record && (parts || name == "default") => {
                return None;
            }
            Export::Namespace(from) if *from == record => return None,
            _ => {}
        }
    }
    for part in &analysis.parts {
        let keys = match &part.role {
            ExportRole::Star(from) if *from == record && parts => return None,
            ExportRole::Object(keys) => Some(keys.values().flat_map(|key| &key.uses)),
            _ => None,
        };
        for used in part.uses.iter().chain(keys.into_iter().flatten()) {
            let name = match used {
                Use::Record(from, demand) if *from == record => match demand {
                    Demand::Nothing => continue,
                    Demand::Name(name) | Demand::Method(name) => name.clone(),
                    Demand::Default(Some(name)) if parts => name.clone(),
                    _ => return None,
                },
                Use::Import(id, demand) => {
                    let Some((from, imported)) = analysis.imports.names.get(id) else {
                        continue;
                    };
                    if *from != record || *demand == Demand::Nothing {
                        continue;
                    }
                    let near = demand.nearest();
                    match (imported, &near) {
                        (Imported::Name(given), Demand::Name(name) | Demand::Method(name))
                            if given == "default" && parts =>
                        {
                            name.clone()
                        }
                        // Node finds no other names in packages that are one file.
                        _ if node_mode && parts => return None,
                        (Imported::Name(given), _) if given != "default" => given.clone(),
                        (Imported::Namespace, Demand::Name(name) | Demand::Method(name))
                            if name != "default" =>
                        {
                            name.clone()
                        }
                        _ => return None,
                    }
                }
                _ => continue,
            };
            out.insert(name);
        }
    }
    let es_build_lacks = ["default", "__esModule", "module.exports"];
    let lacks = !parts
        && es_build_lacks
            .iter()
            .any(|name| out.contains(&Atom::from(*name)));
    (!lacks).then_some(out)
}
