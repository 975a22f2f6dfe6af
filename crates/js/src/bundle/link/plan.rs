//! The plan of a bundle's run-time, made before anything of it is generated.
//!
//! In: what stays of each module, and what names and calls are ([`Bindings`]). Out: [`Plan`]: which
//! modules run with the entry and in which mode, what every namespace object has in it, which
//! run-time functions the bundle needs, and which imports name exports that are not there.
//! Generation then asks the plan and settles nothing by itself.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::link::bindings::{Binding, Bindings};
use crate::bundle::link::requirements::Collector;
use crate::bundle::link::{Linked, Resolution, target};
use crate::bundle::live_modules::LiveModule;
use crate::bundle::module::{Kind, ModuleId, Modules, Target};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, NodeApi, RuntimeRequirements};
use crate::bundle::shake::Live;
use crate::scan::ImportKind;
use crate::syntax::ast::Id;
use crate::syntax::{Atom, SyntaxContext, VisitWith};

/// What is on the namespace object of an ES module.
#[derive(Debug)]
pub struct NamespaceObject {
    /// Its names, each with what it is read from.
    pub members: Vec<(Atom, Binding)>,
    /// Modules that it passes on by `export *` and whose names only running them tells; none where
    /// nobody looks at all names.
    pub stars: Vec<ModuleId>,
    /// Somebody looks at all of its names.
    all: bool,
}

/// A name that the entry gives to those who load the bundle.
#[derive(Debug)]
pub struct EntryExport {
    pub name: Atom,
    pub binding: Binding,
    /// It is set once, before anybody can read it.
    pub constant: bool,
}

/// What is settled before generation.
#[derive(Debug)]
pub struct Plan {
    pub entry: ModuleId,
    pub needs: RuntimeRequirements,
    /// The namespace object of each ES module that is looked at as an object.
    pub namespaces: FxHashMap<ModuleId, NamespaceObject>,
    /// Those of modules that run in order, sorted.
    pub eager_namespaces: Vec<ModuleId>,
    /// What an ES module entry exports.
    pub entry_exports: Vec<EntryExport>,
    /// Modules whose exports or namespaces are read from variables, sorted.
    pub read_from_variables: Vec<ModuleId>,
    /// Those of them of which a function copies what others need, for whoever is first.
    pub copied_once: FxHashSet<ModuleId>,
    /// Modules that run with the entry, in order.
    pub eager: Vec<ModuleId>,
    /// The entry is CommonJS whose statements stand at the top level as they are.
    pub bare_entry: bool,
    /// The whole output is strict.
    pub strict: bool,
    /// ES modules stand in a strict function of their own, since others are sloppy.
    pub fenced: bool,
    /// Some module looks at what kind of object something is.
    pub reads_tags: bool,
    /// The entry's module object is made before it runs, since some module asks whether it is `require.main`.
    pub makes_main: bool,
    /// Some module asks how the properties of a namespace object are made.
    reflects_namespaces: bool,
}

/// Plans the run-time of a bundle. `unresolved` is the context of names that nothing declares.
pub fn plan(
    bindings: &Bindings<'_>,
    live: &Live,
    entry: ModuleId,
    bodies: &BTreeMap<ModuleId, LiveModule>,
    unresolved: SyntaxContext,
) -> Plan {
    let planner = Planner {
        bindings,
        modules: bindings.modules,
        linked: bindings.linked,
        live,
        entry,
        unresolved,
    };
    planner.plan(bodies)
}

struct Planner<'a> {
    bindings: &'a Bindings<'a>,
    modules: &'a Modules,
    linked: &'a Linked,
    live: &'a Live,
    entry: ModuleId,
    unresolved: SyntaxContext,
}

impl<'a> Planner<'a> {
    fn plan(&self, bodies: &BTreeMap<ModuleId, LiveModule>) -> Plan {
        let bare_entry = self.has_bare_entry(bodies);
        let mut needs = RuntimeRequirements::default();
        let of_modules: Vec<RuntimeRequirements> = bodies
            .par_iter()
            .map(|(id, body)| self.module(*id, body))
            .collect();
        of_modules.into_iter().for_each(|of| needs.merge(of));
        let entry_exports = self.entry_exports();
        needs.merge(self.exporting(&entry_exports));
        let namespaces = self.namespaces(&mut needs);
        let running = |id: &ModuleId| self.live.runs(*id);
        let eager: Vec<ModuleId> = self.linked.order.iter().copied().filter(running).collect();
        let is_esm = |id: &ModuleId| self.modules.get(*id).kind == Kind::Esm;
        let eager_object =
            |id: &ModuleId| is_esm(id) && !self.linked.is_lazy(*id) && needs.namespace.contains(id);
        let mut eager_namespaces: Vec<ModuleId> =
            namespaces.keys().copied().filter(eager_object).collect();
        eager_namespaces.sort();
        let read_from_variables = read_from_variables(&needs);
        let once = |id: &ModuleId| self.is_copied_once(&needs, *id);
        let copied_once = read_from_variables.iter().copied().filter(once).collect();
        let strict = self.bindings.format == Format::Esm || !self.has_sloppy(bodies);
        let mut plan = Plan {
            entry: self.entry,
            needs,
            namespaces,
            eager_namespaces,
            entry_exports,
            read_from_variables,
            copied_once,
            fenced: !strict && eager.iter().any(is_esm),
            eager,
            bare_entry,
            strict,
            reflects_namespaces: self.modules.ids().any(|id| {
                let source = &self.modules.get(id).analysis.source;
                self.live.runs(id) && source.free_names.reflects_namespaces
            }),
            makes_main: self.makes_main(bodies),
            reads_tags: self
                .modules
                .ids()
                .any(|id| self.live.runs(id) && self.modules.get(id).reads_tags),
        };
        self.wrappers(&mut plan, bodies);
        plan
    }

    fn collector(&self, id: ModuleId) -> Collector<'a> {
        Collector::new(self.bindings, self.unresolved, id)
    }

    /// Node.js sets `require.main` where the program is CommonJS; an ES module that stands for one must.
    fn makes_main(&self, bodies: &BTreeMap<ModuleId, LiveModule>) -> bool {
        self.bindings.format == Format::Esm
            && self.bindings.host.is_node()
            && self.modules.get(self.entry).kind == Kind::Cjs
            && !matches!(bodies.get(&self.entry), Some(LiveModule::RawText))
            && bodies.keys().any(|id| self.modules.get(*id).reads_main)
    }

    /// Whether the entry's statements stand at the top level: it is CommonJS in CommonJS output, and
    /// nobody else asks for it.
    fn has_bare_entry(&self, bodies: &BTreeMap<ModuleId, LiveModule>) -> bool {
        let raw = matches!(bodies.get(&self.entry), Some(LiveModule::RawText));
        self.modules.get(self.entry).kind == Kind::Cjs
            && self.bindings.format == Format::Cjs
            && !raw
            && !self.modules.ids().any(|id| {
                let from = self.modules.get(id);
                self.live.runs(id)
                    && from.records.iter().any(|record| match &record.target {
                        Target::Module(to) => *to == self.entry,
                        Target::Glob(list) => list.iter().any(|(_, to)| *to == self.entry),
                        Target::Missing => false,
                    })
            })
    }

    /// Whether some CommonJS module of which statements stay is sloppy; text has a mode of its own.
    fn has_sloppy(&self, bodies: &BTreeMap<ModuleId, LiveModule>) -> bool {
        bodies.iter().any(|(id, body)| {
            let module = self.modules.get(*id);
            let stays = matches!(body, LiveModule::Statements(stmts) if !stmts.is_empty());
            stays && module.kind == Kind::Cjs && !module.analysis.source.strict
        })
    }

    /// What the statements of one module need.
    fn module(&self, id: ModuleId, body: &LiveModule) -> RuntimeRequirements {
        let mut collector = self.collector(id);
        match body {
            LiveModule::Statements(stmts) => stmts.visit_with(&mut collector),
            LiveModule::PackedJson(..) => collector.node_api(NodeApi::Unpack),
            LiveModule::RawText => self.raw_text(&mut collector),
        }
        collector.needs
    }

    /// What a module that stays as text asks for: all of its records, once for each specifier.
    fn raw_text(&self, collector: &mut Collector<'_>) {
        let module = self.modules.get(collector.id);
        for record in &module.records {
            match (record.kind, &record.target) {
                (ImportKind::Dynamic, Target::Module(to)) => collector.import_of(*to),
                (ImportKind::Require, Target::Module(to))
                    if self.modules.get(*to).kind != Kind::External =>
                {
                    collector.require_of(*to);
                }
                (ImportKind::Require, Target::Glob(list)) => {
                    list.iter().for_each(|(_, to)| collector.require_of(*to));
                }
                _ => {}
            }
        }
        collector.helper(Helper::CommonJs);
        collector.helper(Helper::RequireOf);
        collector.require_here();
        collector.filename();
        collector.dirname();
        if module.records.iter().any(|record| record.absolute) {
            collector.at_absolute_paths();
        }
        if module.imports_in_text() {
            collector.helper(Helper::ImportOf);
        }
    }

    /// What an ES module entry exports; nothing of another, whose exports are one object.
    fn entry_exports(&self) -> Vec<EntryExport> {
        let lazy = self.linked.is_lazy(self.entry);
        let cjs = self.bindings.format == Format::Cjs;
        let names = self.linked.names(self.modules, self.entry).into_iter();
        names
            // CommonJS output says so by itself.
            .filter(|(name, _)| !cjs || name != "__esModule")
            .map(|(name, found)| EntryExport {
                binding: match lazy {
                    true => Binding::Getter(self.entry, name.clone()),
                    false => self.bindings.bind(self.entry, &found),
                },
                constant: !lazy && name != "__proto__" && self.is_constant(&found),
                name,
            })
            .collect()
    }

    /// Whether a name is a variable that is set once, where it is declared.
    fn is_constant(&self, found: &Resolution) -> bool {
        match found {
            Resolution::Symbol(module, id) => {
                let analysis = &self.modules.get(*module).analysis;
                !self.linked.is_lazy(*module) && !analysis.names.reassigned.contains(id)
            }
            _ => false,
        }
    }

    /// What the exports of an ES module entry need.
    fn exporting(&self, exports: &[EntryExport]) -> RuntimeRequirements {
        let mut collector = self.collector(self.entry);
        let cjs = self.bindings.format == Format::Cjs;
        for export in exports {
            collector.binding(&export.binding);
            if cjs && !export.constant {
                collector.helper(Helper::Export);
            }
        }
        for star in self.linked.dynamic_stars(self.modules, self.entry) {
            if cjs {
                collector.helper(Helper::Star);
            }
            if cjs || self.modules.get(star).kind != Kind::External {
                collector.needs.exports.insert(star);
            }
        }
        collector.needs
    }

    /// What is on each namespace object, and what that needs in turn.
    fn namespaces(&self, needs: &mut RuntimeRequirements) -> FxHashMap<ModuleId, NamespaceObject> {
        let mut out: FxHashMap<ModuleId, NamespaceObject> = FxHashMap::default();
        let wrapped = |id: &ModuleId| self.live.runs(*id) && self.linked.is_lazy(*id);
        let wrapped: Vec<ModuleId> = self.modules.ids().filter(wrapped).collect();
        loop {
            let read = needs.namespace.iter().chain(&needs.required);
            let all = read.chain(&wrapped).copied();
            let mut todo: Vec<ModuleId> = all.filter(|id| !out.contains_key(id)).collect();
            todo.sort();
            todo.dedup();
            if todo.is_empty() {
                return out;
            }
            for id in todo {
                let mut collector = self.collector(id);
                let members = self.namespace(&mut collector);
                needs.merge(collector.needs);
                out.insert(id, members);
            }
        }
    }

    fn namespace(&self, collector: &mut Collector<'_>) -> NamespaceObject {
        let id = collector.id;
        let mut members = Vec::new();
        for (name, found) in self.linked.names(self.modules, id) {
            let wanted = self.live.wants(id, &name);
            let stays = match &found {
                Resolution::Symbol(module, symbol) => self.is_live(*module, symbol),
                Resolution::Namespace(_) | Resolution::Dynamic { .. } => wanted,
                Resolution::Ambiguous | Resolution::Missing => false,
            };
            if stays && (wanted || self.linked.is_lazy(id)) {
                let binding = self.bindings.bind(id, &found);
                collector.binding(&binding);
                members.push((name, binding));
            }
        }
        let all = self.live.wants_all(id);
        let stars = match all {
            true => self.linked.dynamic_stars(self.modules, id),
            false => Vec::new(),
        };
        for star in &stars {
            collector.needs.exports.insert(*star);
            collector.helper(Helper::Star);
            if self.modules.get(*star).kind == Kind::External && self.bindings.format == Format::Esm
            {
                collector.needs.imported.insert((*star, None));
            }
        }
        NamespaceObject {
            members,
            stars,
            all,
        }
    }

    /// Whether a statement that declares the variable stays.
    fn is_live(&self, module: ModuleId, symbol: &Id) -> bool {
        let declared = self
            .modules
            .get(module)
            .analysis
            .names
            .declared_by
            .get(symbol);
        declared.is_some_and(|parts| {
            let mut parts = parts.iter();
            parts.any(|part| self.live.part(module, *part))
        })
    }

    /// The run-time functions by which modules are wrapped and namespace objects made.
    fn wrappers(&self, plan: &mut Plan, bodies: &BTreeMap<ModuleId, LiveModule>) {
        for (id, body) in bodies {
            let bare = plan.bare_entry && *id == self.entry;
            match self.modules.get(*id).kind {
                _ if bare || matches!(body, LiveModule::RawText) => {}
                Kind::Esm if self.linked.is_lazy(*id) => self.wrap_esm(plan, *id),
                Kind::Cjs | Kind::Json => self.wrap_cjs(plan, *id),
                Kind::Esm | Kind::External => {}
            }
        }
        if !plan.copied_once.is_empty() {
            plan.needs.helpers.insert(Helper::Lazy);
        }
        for id in &plan.eager_namespaces {
            let helper = plan.makes(&plan.namespaces[id]);
            plan.needs.helpers.extend([helper, Helper::Export]);
        }
        let closed = [Helper::Namespace, Helper::Sealed];
        if closed
            .iter()
            .any(|helper| plan.needs.helpers.contains(helper))
        {
            plan.needs.helpers.insert(Helper::Export);
        }
        if plan.needs.require && self.bindings.format == Format::Esm {
            plan.needs.node_apis.insert(NodeApi::CreateRequire);
        }
    }

    fn wrap_cjs(&self, plan: &mut Plan, id: ModuleId) {
        let mut collector = self.collector(id);
        let main = plan.makes_main && id == self.entry;
        if main {
            collector.helper(Helper::MainModule);
            collector.node_api(NodeApi::Module);
            collector.node_api(NodeApi::RealPath);
            collector.own_filename();
        }
        let free = self.modules.get(id).analysis.source.free_names;
        if main || free.needs_module_object() {
            collector.helper(Helper::CommonJsModule);
            collector.require_here();
            collector.filename();
        } else {
            collector.helper(Helper::CommonJs);
        }
        plan.needs.merge(collector.needs);
    }

    fn wrap_esm(&self, plan: &mut Plan, id: ModuleId) {
        let object = &plan.namespaces[&id];
        let mut helpers = Vec::new();
        if object.is_filled() {
            helpers.extend([plan.fills(object), Helper::Export]);
        }
        if plan.needs.required.contains(&id) && object.has_default() {
            helpers.extend([plan.fills_required(object), Helper::Export]);
        }
        helpers.push(match self.linked.async_modules.contains(&id) {
            true => Helper::AsyncModule,
            false => Helper::Lazy,
        });
        plan.needs.helpers.extend(helpers);
    }

    /// Whether what others need of a module is copied by a function, for whoever is first.
    fn is_copied_once(&self, needs: &RuntimeRequirements, id: ModuleId) -> bool {
        self.linked.shared.contains(&id)
            && (needs.node_namespace.contains(&id)
                || needs.babel_namespace.contains(&id)
                || needs.copies_of(id).next().is_some())
    }
}

/// Modules whose exports or namespaces are read from variables, sorted.
fn read_from_variables(needs: &RuntimeRequirements) -> Vec<ModuleId> {
    let exports = needs.exports.iter();
    let namespaces = needs.node_namespace.iter().chain(&needs.babel_namespace);
    let mut all: Vec<ModuleId> = exports.chain(namespaces).copied().collect();
    all.sort();
    all.dedup();
    all
}

impl NamespaceObject {
    pub fn has_default(&self) -> bool {
        self.members.iter().any(|(name, _)| name == "default")
    }

    /// Whether all of its names are known, and it can be closed.
    fn is_closed(&self) -> bool {
        self.all && self.stars.is_empty()
    }

    /// Whether something is put on it when its module starts.
    pub fn is_filled(&self) -> bool {
        self.is_closed() || !self.members.is_empty()
    }
}

impl Plan {
    /// The run-time function that finishes a namespace object. Its tag can only be noticed by code
    /// that looks at tags.
    fn closing(&self) -> Helper {
        match self.reads_tags {
            true => Helper::Namespace,
            false => Helper::Sealed,
        }
    }

    /// The run-time function that makes a namespace object for a module that runs in order.
    pub fn makes(&self, object: &NamespaceObject) -> Helper {
        match self.reflects_namespaces && object.is_closed() {
            true => Helper::ExoticNamespace,
            false => self.fills(object),
        }
    }

    /// The run-time function that fills a namespace object.
    pub fn fills(&self, object: &NamespaceObject) -> Helper {
        match object.is_closed() {
            true => self.closing(),
            false => Helper::Export,
        }
    }

    /// The run-time function that fills what `require` gives of a module with a default export.
    pub fn fills_required(&self, object: &NamespaceObject) -> Helper {
        match object.stars.is_empty() {
            true => self.closing(),
            false => Helper::Export,
        }
    }
}

/// What a module imports, in the order in which it runs it: modules of which nothing stayed give
/// their own imports instead.
pub fn imports_to_run(modules: &Modules, live: &Live, id: ModuleId) -> Vec<ModuleId> {
    let mut out = Vec::new();
    let mut seen = FxHashSet::default();
    let mut stack = vec![(id, 0)];
    while let Some((at, next)) = stack.pop() {
        let Some(record) = modules.get(at).analysis.imports.in_order.get(next) else {
            continue;
        };
        stack.push((at, next + 1));
        let Some(to) = target(modules, at, *record) else {
            continue;
        };
        if !seen.insert(to) {
            continue;
        }
        if live.runs(to) {
            out.push(to);
        } else if modules.get(to).kind == Kind::Esm {
            stack.push((to, 0));
        }
    }
    out
}
