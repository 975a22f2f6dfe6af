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

/// The exports of an ES module, each with what it is read from.
pub type NamespaceMembers = Vec<(Atom, Binding)>;

/// What is settled before generation.
#[derive(Debug)]
pub struct Plan {
    pub entry: ModuleId,
    pub needs: RuntimeRequirements,
    /// What is on the namespace object of each ES module that is looked at as an object.
    pub namespaces: FxHashMap<ModuleId, NamespaceMembers>,
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
        if !bare_entry {
            needs.merge(self.entry_exports());
        }
        let namespaces = self.namespaces(&mut needs);
        let running = |id: &ModuleId| self.live.runs(*id);
        let eager: Vec<ModuleId> = self.linked.order.iter().copied().filter(running).collect();
        let is_esm = |id: &ModuleId| self.modules.get(*id).kind == Kind::Esm;
        let strict = self.bindings.format == Format::Esm || !self.has_sloppy(bodies);
        let mut plan = Plan {
            entry: self.entry,
            needs,
            namespaces,
            fenced: !strict && eager.iter().any(is_esm),
            eager,
            bare_entry,
            strict,
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
            stays && module.kind == Kind::Cjs && !module.analysis.strict
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
        let mut imports = false;
        for record in &module.records {
            match (record.kind, &record.target) {
                (ImportKind::Dynamic, Target::Module(to)) => {
                    imports = true;
                    collector.import_of(*to);
                }
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
        if imports {
            collector.helper(Helper::ImportOf);
        }
    }

    /// What the entry's exports need.
    fn entry_exports(&self) -> RuntimeRequirements {
        let mut collector = self.collector(self.entry);
        if self.modules.get(self.entry).kind != Kind::Esm {
            return collector.needs;
        }
        let lazy = self.linked.is_lazy(self.entry);
        let cjs = self.bindings.format == Format::Cjs;
        for (name, found) in self.linked.names(self.modules, self.entry) {
            if cjs && name == "__esModule" {
                continue;
            }
            if cjs && !self.is_constant_export(&name, &found) {
                collector.helper(Helper::Export);
            }
            if lazy {
                collector.needs.namespace.insert(self.entry);
            }
            if !(cjs && lazy) {
                collector.binding(&self.bindings.bind(self.entry, &found));
            }
        }
        for star in self.linked.dynamic_stars(self.modules, self.entry) {
            let external = self.modules.get(star).kind == Kind::External;
            if cjs {
                collector.helper(Helper::Star);
            }
            if cjs || !external {
                collector.needs.exports.insert(star);
            }
        }
        collector.needs
    }

    /// Whether an export of a CommonJS output's entry is set once.
    fn is_constant_export(&self, name: &Atom, found: &Resolution) -> bool {
        is_constant(self.modules, self.linked, found)
            && !self.linked.is_lazy(self.entry)
            && *name != "__proto__"
    }

    /// What is on each namespace object, and what that needs in turn.
    fn namespaces(&self, needs: &mut RuntimeRequirements) -> FxHashMap<ModuleId, NamespaceMembers> {
        let mut out: FxHashMap<ModuleId, NamespaceMembers> = FxHashMap::default();
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

    fn namespace(&self, collector: &mut Collector<'_>) -> NamespaceMembers {
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
        if self.live.wants_all(id) {
            for star in self.linked.dynamic_stars(self.modules, id) {
                collector.needs.exports.insert(star);
                collector.helper(Helper::Star);
                if self.modules.get(star).kind == Kind::External
                    && self.bindings.format == Format::Esm
                {
                    collector.needs.imported.insert((star, None));
                }
            }
        }
        members
    }

    /// Whether a statement that declares the variable stays.
    fn is_live(&self, module: ModuleId, symbol: &Id) -> bool {
        let declared = self.modules.get(module).analysis.declared_by.get(symbol);
        declared.is_some_and(|parts| {
            let mut parts = parts.iter();
            parts.any(|part| self.live.part(module, *part as usize))
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
        let mut read = plan.read_from_variables().into_iter();
        if read.any(|id| plan.copies_once(self.linked, id)) {
            plan.needs.helpers.insert(Helper::Lazy);
        }
        let eager = plan.namespaces.keys().filter(|id| {
            self.modules.get(**id).kind == Kind::Esm
                && !self.linked.is_lazy(**id)
                && plan.needs.namespace.contains(id)
        });
        let objects: Vec<Helper> = eager.map(|id| self.namespace_helper(plan, *id)).collect();
        for helper in objects {
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
        let free = self.modules.get(id).analysis.free_names;
        if free.module || free.arguments {
            collector.helper(Helper::CommonJsModule);
            collector.require_here();
            collector.filename();
        } else {
            collector.helper(Helper::CommonJs);
        }
        plan.needs.merge(collector.needs);
    }

    fn wrap_esm(&self, plan: &mut Plan, id: ModuleId) {
        let members = plan.namespaces.get(&id).map_or(&[][..], Vec::as_slice);
        let has_default = members.iter().any(|(name, _)| name == "default");
        let closed = self.is_closed(id);
        let mut helpers = Vec::new();
        if closed || !members.is_empty() {
            helpers.extend([self.namespace_helper(plan, id), Helper::Export]);
        }
        if plan.needs.required.contains(&id) && has_default {
            helpers.extend([self.required_helper(plan, id), Helper::Export]);
        }
        helpers.push(match self.linked.async_modules.contains(&id) {
            true => Helper::LazyAsync,
            false => Helper::Lazy,
        });
        plan.needs.helpers.extend(helpers);
    }

    /// Whether all names of a namespace object are known.
    fn is_closed(&self, id: ModuleId) -> bool {
        self.live.wants_all(id) && self.linked.dynamic_stars(self.modules, id).is_empty()
    }

    fn namespace_helper(&self, plan: &Plan, id: ModuleId) -> Helper {
        match self.is_closed(id) {
            true => plan.closing(),
            false => Helper::Export,
        }
    }

    fn required_helper(&self, plan: &Plan, id: ModuleId) -> Helper {
        match self.live.wants_all(id) && !self.is_closed(id) {
            true => Helper::Export,
            false => plan.closing(),
        }
    }
}

/// Whether a name is a variable that is set once, where it is declared.
pub fn is_constant(modules: &Modules, linked: &Linked, found: &Resolution) -> bool {
    match found {
        Resolution::Symbol(module, id) => {
            !linked.is_lazy(*module) && !modules.get(*module).analysis.reassigned.contains(id)
        }
        _ => false,
    }
}

impl Plan {
    /// The run-time function that finishes a namespace object. Its tag can only be noticed by code
    /// that looks at tags.
    pub fn closing(&self) -> Helper {
        match self.reads_tags {
            true => Helper::Namespace,
            false => Helper::Sealed,
        }
    }

    /// Whether what others need of a module is copied by a function, for whoever is first.
    pub fn copies_once(&self, linked: &Linked, id: ModuleId) -> bool {
        linked.shared.contains(&id)
            && (self.needs.node_namespace.contains(&id)
                || self.needs.babel_namespace.contains(&id)
                || self.needs.copies_of(id).next().is_some())
    }

    /// Modules whose exports or namespaces are read from variables, in order.
    pub fn read_from_variables(&self) -> Vec<ModuleId> {
        let needs = &self.needs;
        let exports = needs.exports.iter();
        let namespaces = needs.node_namespace.iter().chain(&needs.babel_namespace);
        let mut all: Vec<ModuleId> = exports.chain(namespaces).copied().collect();
        all.sort();
        all.dedup();
        all
    }
}

/// What a module imports, in the order in which it runs it: modules of which nothing stayed give
/// their own imports instead.
pub fn imports_to_run(modules: &Modules, live: &Live, id: ModuleId) -> Vec<ModuleId> {
    let mut out = Vec::new();
    let mut seen = FxHashSet::default();
    let mut stack = vec![(id, 0)];
    while let Some((at, next)) = stack.pop() {
        let Some(record) = modules.get(at).analysis.static_imports.get(next) else {
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
