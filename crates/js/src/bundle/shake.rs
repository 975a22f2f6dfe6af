//! Which parts stay.
//!
//! In: the modules and how they are linked. Out: [`Live`]. One pass along a worklist: a module
//! that runs keeps the parts whose running can be noticed; a part that stays brings in what it
//! uses, of its own module and of others, and a name that stays brings in what changes it.

use oxc_index::{IndexVec, index_vec};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::{Linked, PureFunctions, Resolution, target, targets};
use crate::bundle::module::{CjsInterop, Kind, ModuleId, Modules};
use crate::bundle::options::Options;
use crate::bundle::part::{Demand, EsModuleMark, Export, ExportRole, Imported, PartId, Use};
use crate::scan::ImportKind;
use crate::syntax::Atom;
use crate::syntax::ast::Id;

/// The names of a module's exports that must be there at run time.
#[derive(Debug, Clone, Default)]
pub struct WantedExports {
    pub all: bool,
    pub names: FxHashSet<Atom>,
}

impl WantedExports {
    pub fn has(&self, name: &Atom) -> bool {
        self.all || self.names.contains(name)
    }
}

/// One truth for each part of each module.
type LiveParts = IndexVec<ModuleId, IndexVec<PartId, bool>>;

/// What stays.
#[derive(Debug)]
pub struct Live {
    parts: LiveParts,
    /// Modules that run.
    runs: IndexVec<ModuleId, bool>,
    /// ES modules whose exports are needed as an object, and CommonJS ones of which anything is.
    pub wanted: FxHashMap<ModuleId, WantedExports>,
    /// Running the module has no effect of its own.
    pub side_effect_free: IndexVec<ModuleId, bool>,
}

impl Live {
    pub fn part(&self, module: ModuleId, part: PartId) -> bool {
        self.parts[module][part]
    }

    pub fn runs(&self, module: ModuleId) -> bool {
        self.runs[module]
    }

    pub fn wants(&self, module: ModuleId, name: &Atom) -> bool {
        self.wanted
            .get(&module)
            .is_some_and(|wanted| wanted.has(name))
    }

    /// Whether the module is looked at as an object with all of its names.
    pub fn wants_all(&self, module: ModuleId) -> bool {
        self.wanted.get(&module).is_some_and(|wanted| wanted.all)
    }

    /// A record whose module need not be asked for at all.
    pub fn is_side_effect_free(&self, module: ModuleId) -> bool {
        self.side_effect_free[module]
    }
}

/// What of the modules is looked at.
#[derive(Debug, Clone, Copy)]
pub enum Shaking<'a> {
    Everything,
    /// As if one module did not look at another (or its own exports) as a whole.
    Without(ModuleId, &'a Use),
}

enum Task {
    Run(ModuleId),
    Part(ModuleId, PartId),
    Id(ModuleId, Id),
    Demand(ModuleId, Demand),
    Uses(ModuleId, Vec<Use>),
}

struct Shaker<'a> {
    modules: &'a Modules,
    linked: &'a Linked,
    shaking: Shaking<'a>,
    live: Live,
    has_side_effects: LiveParts,
    ids: FxHashSet<(ModuleId, Id)>,
    asked: FxHashSet<(ModuleId, Demand)>,
    keys: FxHashSet<(ModuleId, PartId, Atom)>,
    tasks: Vec<Task>,
}

/// Marks everything that running `entry` and reading all of its exports needs; without `shake`
/// everything that is reached stays.
pub fn shake(
    modules: &Modules,
    linked: &Linked,
    entry: ModuleId,
    options: &Options,
    shaking: Shaking<'_>,
) -> Live {
    let has_side_effects = parts_with_side_effects(modules, linked);
    let side_effect_free = side_effect_free_modules(modules, &has_side_effects);
    let mut shaker = Shaker {
        modules,
        linked,
        shaking,
        live: Live {
            parts: modules
                .all
                .iter()
                .map(|module| index_vec![false; module.analysis.parts.len()])
                .collect(),
            runs: index_vec![false; modules.all.len()],
            wanted: FxHashMap::default(),
            side_effect_free,
        },
        has_side_effects,
        ids: FxHashSet::default(),
        asked: FxHashSet::default(),
        keys: FxHashSet::default(),
        tasks: vec![Task::Run(entry), Task::Demand(entry, Demand::Namespace)],
    };
    if !options.shake {
        for id in crate::bundle::link::reached(modules, entry) {
            shaker.tasks.push(Task::Run(id));
            for part in modules.get(id).analysis.parts.indices() {
                shaker.tasks.push(Task::Part(id, part));
            }
            if modules.get(id).kind != Kind::Esm {
                shaker.tasks.push(Task::Demand(id, Demand::Namespace));
            }
        }
    }
    shaker.run();
    shaker.live
}

/// The parts whose running can be noticed, of each module.
fn parts_with_side_effects(modules: &Modules, linked: &Linked) -> LiveParts {
    let pure_functions = PureFunctions::find(modules, linked);
    modules
        .ids()
        .map(|id| {
            let parts = &modules.get(id).analysis.parts;
            parts
                .iter()
                .map(|part| {
                    part.has_side_effects
                        || !pure_functions.are_all_pure(
                            modules,
                            linked,
                            id,
                            &part.assumed_pure_calls,
                        )
                })
                .collect()
        })
        .collect()
}

/// Modules whose running cannot be noticed.
fn side_effect_free_modules(
    modules: &Modules,
    has_side_effects: &LiveParts,
) -> IndexVec<ModuleId, bool> {
    let mut side_effect_free = index_vec![true; modules.all.len()];
    let mut asked_by: IndexVec<ModuleId, Vec<ModuleId>> = index_vec![Vec::new(); modules.all.len()];
    let mut stack = Vec::new();
    for id in modules.ids() {
        let module = modules.get(id);
        let own = match module.kind {
            Kind::External => !module.side_effect_free,
            _ => !module.side_effect_free && has_side_effects[id].contains(&true),
        };
        if own {
            side_effect_free[id] = false;
            stack.push(id);
        }
        let evaluated_imports = module
            .analysis
            .parts
            .iter()
            .flat_map(|part| &part.evaluated_imports);
        for record in module
            .analysis
            .imports
            .in_order
            .iter()
            .chain(evaluated_imports)
        {
            let found = targets(modules, id, *record);
            if found.is_empty() {
                // It throws.
                side_effect_free[id] = false;
                stack.push(id);
            }
            for to in found {
                asked_by[to].push(id);
            }
        }
    }
    while let Some(id) = stack.pop() {
        for by in &asked_by[id] {
            if side_effect_free[*by] && !modules.get(*by).side_effect_free {
                side_effect_free[*by] = false;
                stack.push(*by);
            }
        }
    }
    side_effect_free
}

impl Shaker<'_> {
    fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Run(id) => self.module(id),
                Task::Part(id, part) => self.part(id, part),
                Task::Id(id, name) => self.name(id, name),
                Task::Demand(id, demand) => self.demand(id, demand),
                Task::Uses(id, uses) => self.uses(id, &uses),
            }
        }
    }

    fn module(&mut self, id: ModuleId) {
        if std::mem::replace(&mut self.live.runs[id], true) {
            return;
        }
        let module = self.modules.get(id);
        if self.linked.is_raw_text(id) {
            // It stays as text, so nothing of it can go.
            self.tasks.push(Task::Demand(id, Demand::Namespace));
            for record in module.records.indices() {
                self.tasks
                    .push(Task::Uses(id, vec![Use::Record(record, Demand::Namespace)]));
            }
            for at in module.analysis.parts.indices() {
                self.tasks.push(Task::Part(id, at));
            }
        }
        for record in &module.analysis.imports.in_order {
            if let Some(to) = target(self.modules, id, *record)
                && (!self.modules.get(to).side_effect_free
                    || self.modules.get(to).kind == Kind::External)
                && !self.live.is_side_effect_free(to)
            {
                self.tasks.push(Task::Run(to));
            }
        }
        for (at, part) in module.analysis.parts.iter_enumerated() {
            let evaluated_imports = part.evaluated_imports.iter().any(|record| {
                let found = targets(self.modules, id, *record);
                found.is_empty() || found.iter().any(|to| !self.live.is_side_effect_free(*to))
            });
            if self.has_side_effects[id][at] || evaluated_imports {
                self.tasks.push(Task::Part(id, at));
            }
        }
    }

    fn part(&mut self, id: ModuleId, at: PartId) {
        if std::mem::replace(&mut self.live.parts[id][at], true) {
            return;
        }
        self.tasks.push(Task::Run(id));
        let modules = self.modules;
        let part = &modules.get(id).analysis.parts[at];
        self.uses(id, &part.uses);
        for name in &part.declares {
            self.tasks.push(Task::Id(id, name.clone()));
        }
        // Whatever of an exports literal was asked for already.
        if let ExportRole::Object(keys) = &part.role {
            for name in keys.keys() {
                if self.live.wants(id, name) {
                    self.key(id, at, name);
                }
            }
        }
    }

    fn key(&mut self, id: ModuleId, at: PartId, name: &Atom) {
        let modules = self.modules;
        if let ExportRole::Object(keys) = &modules.get(id).analysis.parts[at].role
            && let Some(uses) = keys.get(name)
            && self.keys.insert((id, at, name.clone()))
        {
            self.tasks.push(Task::Uses(id, uses.uses.clone()));
        }
    }

    fn name(&mut self, id: ModuleId, name: Id) {
        if !self.ids.insert((id, name.clone())) {
            return;
        }
        let analysis = &self.modules.get(id).analysis;
        let declared = analysis.names.declared_by.get(&name).into_iter().flatten();
        let changed = analysis.names.mutated_by.get(&name).into_iter().flatten();
        for part in declared.chain(changed) {
            self.tasks.push(Task::Part(id, *part));
        }
    }

    fn uses(&mut self, id: ModuleId, uses: &[Use]) {
        for one in uses {
            if let Shaking::Without(by, used) = self.shaking
                && by == id
                && used == one
            {
                if let Use::Record(record, _) = one {
                    for to in targets(self.modules, id, *record) {
                        self.tasks.push(Task::Run(to));
                    }
                }
                continue;
            }
            match one {
                Use::Id(name) => self.tasks.push(Task::Id(id, name.clone())),
                Use::Import(name, demand) => {
                    let found = self.linked.resolve_import(self.modules, id, name);
                    // Something of it is used, even if it only passes that on: what it imports
                    // for its effect runs.
                    let analysis = &self.modules.get(id).analysis;
                    if let Some((record, _)) = analysis.imports.names.get(name)
                        && let Some(to) = target(self.modules, id, *record)
                    {
                        self.tasks.push(Task::Run(to));
                    }
                    match demand {
                        Demand::Path(names) => self.path(&found, names),
                        demand => self.found(&found, demand),
                    }
                }
                Use::Record(record, demand) => {
                    let by = self.modules.get(id).records[*record].kind;
                    for to in targets(self.modules, id, *record) {
                        self.tasks.push(Task::Run(to));
                        if *demand != Demand::Nothing {
                            let demand = match (by, demand) {
                                // The namespace that `import()` makes of CommonJS has it all.
                                (ImportKind::Dynamic, _)
                                    if self.modules.get(to).kind != Kind::Esm =>
                                {
                                    Demand::Namespace
                                }
                                (_, demand) => demand.clone(),
                            };
                            self.tasks.push(Task::Demand(to, demand));
                        }
                    }
                }
                Use::Own(name) => self
                    .tasks
                    .push(Task::Demand(id, Demand::Name(name.clone()))),
                Use::OwnMethod(name) => self
                    .tasks
                    .push(Task::Demand(id, Demand::Method(name.clone()))),
                Use::OwnAll => self.tasks.push(Task::Demand(id, Demand::Namespace)),
                Use::Set(_) => {}
            }
        }
    }

    fn found(&mut self, found: &Resolution, demand: &Demand) {
        match found {
            Resolution::Symbol(module, name) => {
                self.tasks.push(Task::Run(*module));
                self.tasks.push(Task::Id(*module, name.clone()));
            }
            Resolution::Namespace(module) => match demand {
                // Read through the name, not through the object.
                Demand::Name(name) | Demand::Method(name) => {
                    let (inner, sure) = self.linked.resolve_export(self.modules, *module, name);
                    let sure = sure && inner != Resolution::Missing;
                    if !sure && self.has_dynamic_stars(*module) {
                        self.tasks.push(Task::Demand(*module, Demand::Namespace));
                    }
                    self.found(&inner, &Demand::Namespace);
                }
                _ => self.tasks.push(Task::Demand(*module, Demand::Namespace)),
            },
            Resolution::Dynamic {
                module,
                name,
                interop,
            } => {
                self.tasks.push(Task::Run(*module));
                let node_mode = *interop == CjsInterop::Node;
                let by_require = *interop == CjsInterop::Require;
                let mark = self.modules.get(*module).analysis.exports.cjs.es_module;
                let es = mark == EsModuleMark::Yes;
                let demand = match name {
                    Some(name) if by_require => Demand::Name(name.clone()),
                    None if by_require => demand.clone(),
                    Some(name)
                        if name == "default" && !node_mode && mark == EsModuleMark::Maybe =>
                    {
                        Demand::Namespace
                    }
                    Some(name) if name == "default" && (node_mode || !es) => demand.clone(),
                    Some(name) => Demand::Name(name.clone()),
                    None => match demand {
                        Demand::Name(name) | Demand::Method(name)
                            if name == "default" && (node_mode || !es) =>
                        {
                            Demand::Namespace
                        }
                        demand => demand.clone(),
                    },
                };
                self.tasks.push(Task::Demand(*module, demand));
            }
            Resolution::Ambiguous | Resolution::Missing => {}
        }
    }

    /// Members of members, through as many namespaces as there are.
    fn path(&mut self, found: &Resolution, names: &[Atom]) {
        let Some((name, rest)) = names.split_first() else {
            return self.found(found, &Demand::Namespace);
        };
        let Resolution::Namespace(module) = found else {
            return self.found(found, &Demand::Name(name.clone()));
        };
        let inner = self.linked.export(self.modules, *module, name);
        match inner {
            Resolution::Namespace(_) => self.path(&inner, rest),
            _ => self.found(found, &Demand::Name(name.clone())),
        }
    }

    fn has_dynamic_stars(&self, module: ModuleId) -> bool {
        !self.linked.dynamic_stars(self.modules, module).is_empty()
    }

    fn demand(&mut self, id: ModuleId, demand: Demand) {
        if !self.asked.insert((id, demand.clone())) {
            return;
        }
        self.tasks.push(Task::Run(id));
        match self.modules.get(id).kind {
            Kind::Esm => self.namespace(id, &demand),
            Kind::Cjs | Kind::Json => self.exports(id, demand),
            Kind::External => {}
        }
    }

    /// Exports of an ES module, read from an object.
    fn namespace(&mut self, id: ModuleId, demand: &Demand) {
        let names = match demand {
            Demand::Nothing => return,
            Demand::Name(name) | Demand::Method(name) => vec![name.clone()],
            Demand::Path(names) => names.first().cloned().into_iter().collect(),
            Demand::Default(_) => vec!["default".into()],
            Demand::Call | Demand::Namespace => {
                self.live.wanted.entry(id).or_default().all = true;
                for star in self.linked.dynamic_stars(self.modules, id) {
                    self.tasks.push(Task::Demand(star, Demand::Namespace));
                }
                self.linked
                    .names(self.modules, id)
                    .into_iter()
                    .map(|(name, _)| name)
                    .collect()
            }
        };
        for name in names {
            if self.linked.is_lazy(id) {
                self.run_on_the_way(id, &name);
            }
            let found = self.linked.export(self.modules, id, &name);
            self.found(&found, &Demand::Namespace);
            self.live.wanted.entry(id).or_default().names.insert(name);
        }
    }

    /// Runs the modules that pass an export on, which may throw: where something asks for a module as it runs, a
    /// package that says it has no side effects is not believed to have none.
    fn run_on_the_way(&mut self, id: ModuleId, name: &Atom) {
        let mut seen = FxHashSet::default();
        let (mut at, mut name) = (id, name.clone());
        while seen.insert((at, name.clone())) {
            let analysis = &self.modules.get(at).analysis;
            let (record, onward) = match analysis.exports.names.get(&name) {
                Some(Export::From(record, onward)) => (*record, onward.clone()),
                Some(Export::Local(local)) => match analysis.imports.names.get(local) {
                    Some((record, Imported::Name(onward))) => (*record, onward.clone()),
                    _ => return,
                },
                _ => return,
            };
            let Some(to) = target(self.modules, at, record) else {
                return;
            };
            if self.has_side_effects[to].contains(&true) {
                self.tasks.push(Task::Run(to));
            }
            (at, name) = (to, onward);
        }
    }

    /// Exports of a CommonJS module.
    fn exports(&mut self, id: ModuleId, demand: Demand) {
        let modules = self.modules;
        let analysis = &modules.get(id).analysis;
        let cjs_exports = &analysis.exports.cjs;
        let demand = match demand {
            Demand::Default(next) => match (cjs_exports.es_module, next) {
                (EsModuleMark::Yes, _) => Demand::Name("default".into()),
                (EsModuleMark::No, Some(name)) => Demand::Name(name),
                (EsModuleMark::No, None) | (EsModuleMark::Maybe, _) => Demand::Namespace,
            },
            Demand::Method(name) if cjs_exports.this_names.contains(&name) => Demand::Namespace,
            Demand::Method(name) => Demand::Name(name),
            demand => demand.nearest(),
        };
        if demand == Demand::Nothing {
            return;
        }
        self.live.wanted.entry(id).or_default();
        for at in &cjs_exports.whole {
            self.tasks.push(Task::Part(id, *at));
        }
        for (at, part) in analysis.parts.iter_enumerated() {
            if matches!(part.role, ExportRole::Flag { .. }) {
                self.tasks.push(Task::Part(id, at));
            }
        }
        match demand {
            Demand::Name(name) => {
                self.live
                    .wanted
                    .entry(id)
                    .or_default()
                    .names
                    .insert(name.clone());
                for at in cjs_exports.defs.get(&name).into_iter().flatten() {
                    self.tasks.push(Task::Part(id, *at));
                    self.key(id, *at, &name);
                }
                for (at, record) in &cjs_exports.stars {
                    if !cjs_exports.defs.contains_key(&name) {
                        self.tasks.push(Task::Part(id, *at));
                        for to in targets(modules, id, *record) {
                            self.tasks
                                .push(Task::Demand(to, Demand::Name(name.clone())));
                        }
                    }
                }
            }
            Demand::Namespace => {
                self.live.wanted.entry(id).or_default().all = true;
                for (name, parts) in &cjs_exports.defs {
                    for at in parts {
                        self.tasks.push(Task::Part(id, *at));
                        self.key(id, *at, name);
                    }
                }
                for (at, record) in &cjs_exports.stars {
                    self.tasks.push(Task::Part(id, *at));
                    for to in targets(modules, id, *record) {
                        self.tasks.push(Task::Demand(to, Demand::Namespace));
                    }
                }
            }
            Demand::Nothing
            | Demand::Call
            | Demand::Method(_)
            | Demand::Path(_)
            | Demand::Default(_) => {}
        }
    }
}
