//! Why something is in a bundle, and what it would take to have less of it.
//!
//! In: an entry and the modules that are asked about. Out: [`Explained`]: the shortest chain of
//! imports to them, which of their exports are needed, and every place that keeps one of them
//! whole, since it looks at it as an object, with what that costs: the modules are shaken once
//! more as if that place were not there, and the source that stays is compared.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use rustc_hash::FxHashSet;

use crate::bundle::analyse::commonjs::object_of;
use crate::bundle::link::{Linked, Resolution, targets};
use crate::bundle::linked_graph::{LinkedGraph, load_and_link};
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{Kind, Module, ModuleId, Modules};
use crate::bundle::options::Options;
use crate::bundle::part::{Demand, ExportRole, ImportRecordId, Imported, Part, Use};
use crate::bundle::shake::{Live, Shaking, shake};
use crate::syntax::ast::*;
use crate::syntax::{Atom, Sources, Spanned, SyntaxContext, Visit, VisitWith};
use coldcut_core::diagnostics::Diagnostic;

/// What is to say of the modules that were asked about.
#[derive(Debug, Default)]
pub struct Explained {
    /// From the entry to the nearest of them.
    pub chain: Vec<ImportStep>,
    pub modules: usize,
    /// Bytes of their source: of all of it, and of what stays.
    pub source: u64,
    pub stays: u64,
    /// What others need of them.
    pub needed: BTreeSet<String>,
    /// What keeps them whole, the dearest first.
    pub whole: Vec<WholeUse>,
}

/// One import on the way.
#[derive(Debug)]
pub struct ImportStep {
    pub by: String,
    pub line: usize,
    pub to: String,
}

/// A place that looks at a module as an object.
#[derive(Debug)]
pub struct WholeUse {
    pub module: String,
    pub by: String,
    pub line: usize,
    pub column: usize,
    /// Bytes of source that stay for it alone.
    pub bytes: u64,
}

/// Places whose cost is worked out; each takes one more pass of the shaker.
const MOST: usize = 40;

/// Explains the modules for which `asked` holds, by their files and their packages' names.
pub fn explain(
    entry: &Path,
    options: &Options<'_>,
    asked: &dyn Fn(&Path, &str) -> bool,
) -> Result<Explained, Vec<Diagnostic>> {
    let LinkedGraph {
        session,
        sources,
        modules,
        linked,
        start,
    } = load_and_link(entry, options)?;
    let live = shake(&modules, &linked, start, options, Shaking::Everything);
    let of: FxHashSet<ModuleId> = modules
        .ids()
        .filter(|id| {
            let module = modules.get(*id);
            let package = module.package.as_ref().map_or("", |package| &package.name);
            module.kind != Kind::External && asked(&module.path, package)
        })
        .collect();
    let mut out = Explained {
        modules: of.iter().filter(|id| live.runs(**id)).count(),
        ..Explained::default()
    };
    for id in &of {
        let module = modules.get(*id);
        out.source += module.bytes;
        out.stays += kept(&live, *id, module);
    }
    out.chain = chain(&modules, &live, &sources, start, &of);
    let all = |live: &Live| -> u64 {
        let ids = modules.ids();
        ids.map(|id| kept(live, id, modules.get(id))).sum()
    };
    let before = all(&live);
    let mut seen: Vec<(ModuleId, Use, ModuleId)> = Vec::new();
    for (from, part, used) in uses(&modules, &live) {
        for (to, demand) in reached(&modules, &linked, from, used) {
            if !of.contains(&to) {
                continue;
            }
            if !of.contains(&from) {
                out.needed.extend(shown(&demand));
            }
            // A module that gives a single function has nothing that could go.
            let target = modules.get(to);
            let has_names =
                target.kind == Kind::Esm || !target.analysis.exports.cjs.defs.is_empty();
            let whole = matches!(demand, Demand::Namespace | Demand::Call) && has_names;
            let one = (from, used.clone(), to);
            if whole && seen.len() < MOST && !seen.contains(&one) {
                seen.push(one);
                let without = Shaking::Without(from, used);
                let less = shake(&modules, &linked, start, options, without);
                let bytes = before.saturating_sub(all(&less));
                let place = place(modules.get(from), part, used, session.unresolved());
                let (line, column) = place.map_or((1, 1), |span| sources.line_of(span.lo));
                out.whole.push(WholeUse {
                    module: modules.get(to).name.clone(),
                    by: modules.get(from).name.clone(),
                    line,
                    column,
                    bytes,
                });
            }
        }
    }
    out.whole.retain(|whole| whole.bytes > 0);
    out.whole.sort_by(|a, b| {
        b.bytes
            .cmp(&a.bytes)
            .then_with(|| (&a.by, a.line).cmp(&(&b.by, b.line)))
    });
    Ok(out)
}

/// Everything that what stays uses.
fn uses<'a>(
    modules: &'a Modules,
    live: &'a Live,
) -> impl Iterator<Item = (ModuleId, &'a Part, &'a Use)> {
    modules.ids().flat_map(move |id| {
        let parts = modules.get(id).analysis.parts.iter_enumerated();
        parts
            .filter(move |(at, _)| live.part(id, *at))
            .flat_map(move |(_, part)| {
                let keys = match &part.role {
                    ExportRole::Object(keys) => Some(keys),
                    _ => None,
                };
                let of_keys = keys
                    .into_iter()
                    .flatten()
                    .filter(move |(name, _)| live.wants(id, name))
                    .flat_map(|(_, key)| &key.uses);
                part.uses
                    .iter()
                    .chain(of_keys)
                    .map(move |used| (id, part, used))
            })
    })
}

/// The modules that a use leads to, and what it asks of each.
fn reached(
    modules: &Modules,
    linked: &Linked,
    from: ModuleId,
    used: &Use,
) -> Vec<(ModuleId, Demand)> {
    match used {
        Use::Record(record, demand) => targets(modules, from, *record)
            .into_iter()
            .map(|to| (to, demand.clone()))
            .collect(),
        Use::Import(id, demand) => match linked.resolve_import(modules, from, id) {
            Resolution::Dynamic { module, name, .. } => {
                let demand = match name {
                    Some(name) if name != "default" => Demand::Name(name),
                    _ => demand.nearest(),
                };
                vec![(module, demand)]
            }
            Resolution::Namespace(module) => vec![(module, demand.nearest())],
            Resolution::Symbol(module, _) => {
                let imported = modules.get(from).analysis.imports.names.get(id);
                let name = match imported {
                    Some((_, Imported::Name(name))) => name.clone(),
                    _ => id.0.clone(),
                };
                vec![(module, Demand::Name(name))]
            }
            Resolution::Ambiguous | Resolution::Missing => Vec::new(),
        },
        Use::OwnAll => vec![(from, Demand::Namespace)],
        Use::Id(_) | Use::Own(_) | Use::OwnMethod(_) | Use::Set(_) => Vec::new(),
    }
}

fn shown(demand: &Demand) -> Option<String> {
    match demand {
        Demand::Name(name) | Demand::Method(name) | Demand::Default(Some(name)) => {
            Some(format!("`{name}`"))
        }
        Demand::Default(None) => Some("`default`".to_string()),
        Demand::Namespace | Demand::Call => Some("all of it".to_string()),
        Demand::Nothing | Demand::Path(_) => None,
    }
}

/// Bytes of a module's source in the parts that stay.
fn kept(live: &Live, id: ModuleId, module: &Module) -> u64 {
    let length = |span: crate::syntax::Span| u64::from(span.hi.0.saturating_sub(span.lo.0));
    let mut sum = 0;
    if module.kind == Kind::Json {
        // Its values have no places of their own.
        let keys = module
            .analysis
            .parts
            .iter()
            .find_map(|part| match &part.role {
                ExportRole::Object(keys) => Some(keys),
                _ => None,
            });
        let (all, wanted) = keys.map_or((1, 1), |keys| {
            let wanted = keys.keys().filter(|name| live.wants(id, name));
            (keys.len().max(1), wanted.count())
        });
        return if live.runs(id) {
            module.bytes * wanted as u64 / all as u64
        } else {
            0
        };
    }
    for (at, part) in module.analysis.parts.iter_enumerated() {
        if !live.part(id, at) {
            continue;
        }
        sum += length(part.stmt.span());
        if let (ExportRole::Object(keys), Some(object)) = (&part.role, object_of(&part.stmt)) {
            for prop in &object.props {
                let PropOrSpread::Prop(prop) = prop else {
                    continue;
                };
                let gone = crate::bundle::analyse::commonjs::prop_key(prop).is_some_and(|name| {
                    keys.get(&name).is_some_and(|key| !key.has_side_effects)
                        && !live.wants(id, &name)
                });
                if gone {
                    sum = sum.saturating_sub(length(prop.span()));
                }
            }
        }
    }
    sum.min(module.bytes)
}

/// The shortest way along imports of what runs.
fn chain(
    modules: &Modules,
    live: &Live,
    sources: &Sources,
    start: ModuleId,
    of: &FxHashSet<ModuleId>,
) -> Vec<ImportStep> {
    let mut end = None;
    let came = came_from(modules, live, start, &mut |id| {
        let found = of.contains(&id);
        if found {
            end = Some(id);
        }
        found
    });
    let mut out = Vec::new();
    let mut at = end;
    while let Some(to) = at
        && let Some((from, record)) = came.get(&to)
    {
        out.push(ImportStep {
            by: modules.get(*from).name.clone(),
            line: line_of(modules, sources, *from, *record),
            to: modules.get(to).name.clone(),
        });
        at = Some(*from);
    }
    out.reverse();
    out
}

/// For each module that runs: which module, by which of its records, leads to it on the shortest
/// way from `start`. Ends early where `enough` says so.
pub(super) fn came_from(
    modules: &Modules,
    live: &Live,
    start: ModuleId,
    enough: &mut dyn FnMut(ModuleId) -> bool,
) -> BTreeMap<ModuleId, (ModuleId, ImportRecordId)> {
    let mut came: BTreeMap<ModuleId, (ModuleId, ImportRecordId)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        if enough(id) {
            break;
        }
        for record in modules.get(id).records.indices() {
            for to in targets(modules, id, record) {
                if live.runs(to) && to != start && !came.contains_key(&to) {
                    came.insert(to, (id, record));
                    queue.push_back(to);
                }
            }
        }
    }
    came
}

/// The line of one of a module's imports.
pub(super) fn line_of(
    modules: &Modules,
    sources: &Sources,
    module: ModuleId,
    record: ImportRecordId,
) -> usize {
    let import_calls = &modules.get(module).analysis.imports.calls;
    let place = import_calls.iter().find(|(_, list)| list.contains(&record));
    place.map_or(1, |((lo, _), _)| {
        sources.line_of(crate::syntax::BytePos(*lo)).0
    })
}

/// Where a part looks at something as a whole.
fn place(
    module: &Module,
    part: &Part,
    used: &Use,
    unresolved: SyntaxContext,
) -> Option<crate::syntax::Span> {
    let analysis = &module.analysis;
    let names: Vec<Id> = match used {
        Use::Import(id, _) => vec![id.clone()],
        Use::Record(record, _) => analysis
            .imports
            .require_bindings
            .iter()
            .filter(|(_, binding)| binding.record == *record)
            .map(|(id, _)| id.clone())
            .collect(),
        _ => ["exports", "module"]
            .into_iter()
            .map(|name| (Atom::from(name), unresolved))
            .collect(),
    };
    let mut finder = Bare {
        names: &names,
        found: None,
    };
    part.stmt.visit_with(&mut finder);
    let of_record = || {
        let Use::Record(record, _) = used else {
            return None;
        };
        let ((lo, len), _) = analysis
            .imports
            .calls
            .iter()
            .find(|(_, list)| list.contains(record))?;
        let at = crate::syntax::BytePos(*lo);
        Some(crate::syntax::Span::new(
            at,
            crate::syntax::BytePos(lo + len),
        ))
    };
    finder
        .found
        .or_else(of_record)
        .or_else(|| Some(part.stmt.span()))
}

/// Finds a name that stands by itself, not before a member's name.
struct Bare<'a> {
    names: &'a [Id],
    found: Option<crate::syntax::Span>,
}

impl Visit for Bare<'_> {
    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if !(member.obj.is_ident() && static_name(&member.prop).is_some()) {
            member.obj.visit_with(self);
        }
        member.prop.visit_with(self);
    }
    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        // The name that holds it is no use of it.
        decl.init.visit_with(self);
    }
    fn visit_ident(&mut self, name: &Ident) {
        if self.found.is_none() && self.names.contains(&name.to_id()) {
            self.found = Some(name.span);
        }
    }
}
