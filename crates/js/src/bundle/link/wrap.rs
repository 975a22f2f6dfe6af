//! Which wrapper each module gets.
//!
//! In: the modules, and those that run with the entry. Out: a [`WrapKind`] for each.

use std::collections::BTreeSet;

use oxc_index::IndexVec;
use rustc_hash::FxHashSet;

use crate::bundle::link::async_evaluation::Apart;
use crate::bundle::link::linked::{WrapKind, target, targets};
use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::bundle::options::Format;
use crate::host::Host;
use crate::scan::ImportKind;

/// The wrapper of every module.
pub(super) fn wrap_kinds(
    modules: &Modules,
    on_demand: &FxHashSet<ModuleId>,
    format: Format,
    host: &Host,
) -> IndexVec<ModuleId, WrapKind> {
    modules
        .ids()
        .map(|id| match modules.get(id).kind {
            Kind::External => WrapKind::None,
            Kind::Esm if on_demand.contains(&id) => WrapKind::Esm,
            Kind::Esm => WrapKind::None,
            Kind::Cjs | Kind::Json if is_raw_text(modules, id, format, host) => WrapKind::RawText,
            Kind::Cjs | Kind::Json => WrapKind::Cjs,
        })
        .collect()
}

/// The ES modules that run when something asks for them, and not in order with the entry: `with_entry` are those
/// that run with it, `apart` those of them that are evaluated apart.
pub(super) fn modules_on_demand(
    modules: &Modules,
    reached: &[ModuleId],
    with_entry: &[ModuleId],
    apart: Option<&Apart>,
) -> FxHashSet<ModuleId> {
    let eager: FxHashSet<ModuleId> = with_entry.iter().copied().collect();
    let mut on_demand = apart.map_or_else(FxHashSet::default, |apart| apart.modules.clone());
    // What a `require` may run early must not wait for its place in the order; what `import()`
    // asks for comes after everything that runs with the entry.
    for id in esm_asked_by(modules, reached, ImportKind::Require) {
        add_with_imports(modules, id, &mut on_demand, &|_| true);
    }
    for id in esm_asked_by(modules, reached, ImportKind::Dynamic) {
        add_with_imports(modules, id, &mut on_demand, &|id| !eager.contains(&id));
    }
    on_demand
}

/// The ES modules that an `import()` may ask for, with what they import.
pub(super) fn asked_by_import(modules: &Modules, reached: &[ModuleId]) -> FxHashSet<ModuleId> {
    let mut asked = FxHashSet::default();
    for id in esm_asked_by(modules, reached, ImportKind::Dynamic) {
        add_with_imports(modules, id, &mut asked, &|_| true);
    }
    asked
}

/// The ES modules that records of one kind lead to.
fn esm_asked_by(modules: &Modules, reached: &[ModuleId], kind: ImportKind) -> BTreeSet<ModuleId> {
    let mut out = BTreeSet::new();
    for id in reached {
        for (at, record) in modules.get(*id).records.iter_enumerated() {
            if record.kind == kind {
                let found = targets(modules, *id, at);
                out.extend(
                    found
                        .into_iter()
                        .filter(|to| modules.get(*to).kind == Kind::Esm),
                );
            }
        }
    }
    out
}

/// Adds an ES module and what it imports statically, as far as `may` lets it.
fn add_with_imports(
    modules: &Modules,
    id: ModuleId,
    on_demand: &mut FxHashSet<ModuleId>,
    may: &dyn Fn(ModuleId) -> bool,
) {
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        if modules.get(id).kind != Kind::Esm || !may(id) || !on_demand.insert(id) {
            continue;
        }
        for record in &modules.get(id).analysis.imports.in_order {
            if let Some(to) = target(modules, id, *record) {
                stack.push(to);
            }
        }
    }
}

/// Whether a module must be kept as text, because its names or its sloppy mode must stay. Where no text
/// runs as code it becomes strict: what needed the text fails there when it runs, and only then.
fn is_raw_text(modules: &Modules, id: ModuleId, format: Format, host: &Host) -> bool {
    let module = modules.get(id);
    module.kind == Kind::Cjs
        && host.is_node()
        && module.text.is_some()
        && (module.analysis.source.free_names.names_stay
            || (format == Format::Esm
                && module.analysis.source.free_names.sloppy
                && !module.analysis.source.strict))
}
