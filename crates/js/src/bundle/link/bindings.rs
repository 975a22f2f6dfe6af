//! What every import, `require` and `import()` is in the bundle.
//!
//! In: what a name means ([`Resolution`]), how modules are wrapped, and the format of the output. Out: a
//! [`Binding`] for a name, an [`ImportCall`] for a call. Everything here is decided without making
//! any syntax: the plan of the run-time asks first, generation asks again and gets the same answer.

use rustc_hash::FxHashMap;

use crate::bundle::link::{Linked, Resolution, target};
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{CjsInterop, Kind, Module, ModuleId, Modules, Target};
use crate::bundle::options::Format;
use crate::bundle::part::{EsModuleMark, Export, ImportRecordId, Imported, records_at};
use crate::host::Host;
use crate::scan::ImportKind;
use crate::syntax::Atom;
use crate::syntax::ast::*;

/// What an imported name is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A variable of the bundle.
    Variable(Id),
    /// A getter on the namespace object of an ES module that keeps its variables inside.
    Getter(ModuleId, Atom),
    /// The namespace object of an ES module.
    Namespace(ModuleId),
    /// A name of an `import` declaration of the output; `None` for `* as name`.
    Import(ModuleId, Option<Atom>),
    /// A variable that holds a copy of a CommonJS export, taken when the module has run.
    Copy(ModuleId, Atom),
    /// A property of a module's `module.exports`.
    Export(ModuleId, Atom),
    /// A module's `module.exports` itself.
    Exports(ModuleId),
    /// The namespace that Node makes of CommonJS, or a name of it.
    NodeNamespace(ModuleId, Option<Atom>),
    /// The namespace that Babel and TypeScript make of CommonJS, or a name of it.
    BabelNamespace(ModuleId, Option<Atom>),
    /// Nothing is there.
    Undefined,
}

/// What a call that asks for modules is in the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportCall {
    /// `import()` of one module, by the specifier as it was written.
    Import(ModuleId, String),
    /// `require()` of one module.
    Require(ModuleId),
    /// `require()` of a package that is not there, which may be found from anywhere.
    Unresolved,
    /// One of several modules, by the path that is asked for at run time.
    Choice {
        modules: Vec<(String, ModuleId)>,
        /// By `import()`.
        dynamic: bool,
        /// The path is asked for from the root of the file system.
        absolute: bool,
    },
}

/// An import of a name that its module does not export: who imports what of whom.
pub type MissingExport = (ModuleId, Atom, ModuleId);

/// What is settled for the whole output before anything of it is generated.
#[derive(Debug)]
pub struct Bindings<'a> {
    pub modules: &'a Modules,
    pub linked: &'a Linked,
    pub format: Format,
    pub host: &'a Host,
    /// Under which name a variable is exported by its module, of ES modules that run when asked.
    exported_names: FxHashMap<(ModuleId, Id), Atom>,
}

impl<'a> Bindings<'a> {
    pub fn new(modules: &'a Modules, linked: &'a Linked, format: Format, host: &'a Host) -> Self {
        let mut exported_names = FxHashMap::default();
        for id in modules.ids().filter(|id| linked.is_lazy(*id)) {
            for (name, export) in &modules.get(id).analysis.exports.names {
                if let Export::Local(local) = export {
                    let variable = (id, local.clone());
                    exported_names
                        .entry(variable)
                        .or_insert_with(|| name.clone());
                }
            }
        }
        Self {
            modules,
            linked,
            format,
            host,
            exported_names,
        }
    }

    /// What `found` is read from, by `from`.
    pub fn bind(&self, from: ModuleId, found: &Resolution) -> Binding {
        match found {
            Resolution::Symbol(module, id) => self.variable(from, *module, id),
            Resolution::Namespace(module) => Binding::Namespace(*module),
            Resolution::Dynamic {
                module,
                name,
                interop,
            } => self.dynamic(*module, name.as_ref(), *interop),
            Resolution::Ambiguous | Resolution::Missing => Binding::Undefined,
        }
    }

    /// A module that runs when asked keeps its variables inside: others read them from its namespace.
    fn variable(&self, from: ModuleId, module: ModuleId, id: &Id) -> Binding {
        if module == from || !self.linked.is_lazy(module) {
            return Binding::Variable(id.clone());
        }
        let name = self.exported_names.get(&(module, id.clone()));
        Binding::Getter(module, name.unwrap_or(&id.0).clone())
    }

    /// A name of a module whose exports are an object at run time.
    fn dynamic(&self, to: ModuleId, name: Option<&Atom>, interop: CjsInterop) -> Binding {
        let target = self.modules.get(to);
        let external = target.kind == Kind::External;
        let node_mode = interop == CjsInterop::Node;
        if interop == CjsInterop::Require
            && let Some(binding) = self.by_require(target, to, name)
        {
            return binding;
        }
        if external && self.format == Format::Esm {
            return Binding::Import(to, name.cloned());
        }
        let builtin = external && target.side_effect_free;
        let json = target.kind == Kind::Json;
        match name {
            // Node copies the names of CommonJS once, when it has run.
            Some(name) if name != "default" && node_mode && target.kind == Kind::Cjs => {
                Binding::Copy(to, name.clone())
            }
            Some(name) if name != "default" => Binding::Export(to, name.clone()),
            Some(_) if builtin || json || (node_mode && !external) => Binding::Exports(to),
            Some(name)
                if !node_mode && target.analysis.exports.cjs.es_module == EsModuleMark::Yes =>
            {
                Binding::Export(to, name.clone())
            }
            Some(_) if self.is_plain_commonjs(to) => Binding::Exports(to),
            name if node_mode => Binding::NodeNamespace(to, name.cloned()),
            name => Binding::BabelNamespace(to, name.cloned()),
        }
    }

    /// A name of what `require` gives. What an external gives by `import`, where the output is an ES
    /// module, may have no `default`: only those of Node itself are known to.
    fn by_require(&self, target: &Module, to: ModuleId, name: Option<&Atom>) -> Option<Binding> {
        if target.kind == Kind::External && self.format == Format::Esm {
            let builtin = target.side_effect_free;
            return match name {
                None if builtin => Some(Binding::Import(to, Some("default".into()))),
                Some(name) if builtin && name == "default" => Some(Binding::Undefined),
                _ => None,
            };
        }
        Some(match name {
            Some(name) => Binding::Export(to, name.clone()),
            None => Binding::Exports(to),
        })
    }

    /// Whether no run of a CommonJS module can make it say `__esModule`.
    fn is_plain_commonjs(&self, id: ModuleId) -> bool {
        let module = self.modules.get(id);
        module.kind == Kind::Cjs
            && !module.analysis.source.mentions_es_module
            && !module.analysis.exports.cjs.foreign
    }

    /// What an imported variable of `from` is, and the export that its import misses; `None` where
    /// the variable is not imported.
    pub fn imported(&self, from: ModuleId, id: &Id) -> Option<(Binding, Option<MissingExport>)> {
        let (record, imported) = self.modules.get(from).analysis.imports.names.get(id)?;
        let found = self.linked.resolve_import(self.modules, from, id);
        let missing = match imported {
            Imported::Name(name)
                if matches!(found, Resolution::Missing | Resolution::Ambiguous) =>
            {
                target(self.modules, from, *record).map(|to| (from, name.clone(), to))
            }
            _ => None,
        };
        Some((self.bind(from, &found), missing))
    }

    /// What an import is, or the namespace that lies in another: `ns.inner`.
    fn behind(&self, from: ModuleId, object: &Expr) -> Option<Resolution> {
        match object {
            Expr::Paren(paren) => self.behind(from, &paren.expr),
            Expr::Ident(local) => {
                let id = local.to_id();
                self.modules.get(from).analysis.imports.names.get(&id)?;
                Some(self.linked.resolve_import(self.modules, from, &id))
            }
            Expr::Member(member) => {
                let Resolution::Namespace(outer) = self.behind(from, &member.obj)? else {
                    return None;
                };
                let name = static_name(&member.prop)?;
                let found = self.linked.export(self.modules, outer, &name);
                matches!(found, Resolution::Namespace(_)).then_some(found)
            }
            _ => None,
        }
    }

    /// What `object.name` is where `object` is an imported namespace; `None` where the object itself
    /// must be asked.
    pub fn namespace_member(&self, from: ModuleId, object: &Expr, name: &Atom) -> Option<Binding> {
        match self.behind(from, object)? {
            Resolution::Namespace(module) => {
                let (found, sure) = self.linked.resolve_export(self.modules, module, name);
                if sure && found != Resolution::Missing {
                    return Some(self.bind(from, &found));
                }
                // Only the object itself knows.
                let open = !self.linked.dynamic_stars(self.modules, module).is_empty();
                (!open).then_some(Binding::Undefined)
            }
            Resolution::Dynamic {
                module,
                name: None,
                interop,
            } if name != "default" || self.modules.get(module).kind != Kind::External => {
                let external = self.modules.get(module).kind == Kind::External;
                if external && self.format == Format::Esm {
                    return None;
                }
                let names = self
                    .modules
                    .cjs_names(module)
                    .filter(|_| interop == CjsInterop::Node);
                if name != "default" && names.is_some_and(|names| !names.contains(name)) {
                    return Some(Binding::Undefined);
                }
                Some(self.dynamic(module, Some(name), interop))
            }
            _ => None,
        }
    }

    /// What each of `names` of an imported namespace is: `const { a, b } = ns`.
    pub fn namespace_members(
        &self,
        from: ModuleId,
        object: &Expr,
        names: &[Atom],
    ) -> Option<Vec<(Atom, Binding)>> {
        let Resolution::Namespace(_) = self.behind(from, object)? else {
            return None;
        };
        let member = |name: &Atom| {
            let binding = self.namespace_member(from, object, name)?;
            Some((name.clone(), binding))
        };
        names.iter().map(member).collect()
    }

    /// What a call that asks for modules is; `None` where it stays as it is.
    pub fn import_call(&self, from: ModuleId, node: &CallExpr) -> Option<ImportCall> {
        let module = self.modules.get(from);
        let records = records_at(&module.analysis.imports.calls, node)?;
        let dynamic = matches!(node.callee, Callee::Import(_));
        if let [record] = records
            && let Target::Module(to) = &module.records[*record].target
        {
            let record = &module.records[*record];
            return match record.kind {
                ImportKind::Dynamic => Some(ImportCall::Import(*to, record.specifier.to_string())),
                ImportKind::Require => Some(ImportCall::Require(*to)),
                ImportKind::Static | ImportKind::Resolve => None,
            };
        }
        if module.records[*records.first()?].kind == ImportKind::Resolve {
            return None;
        }
        let mut modules: Vec<(String, ModuleId)> = Vec::new();
        for record in records.iter().map(|record| &module.records[*record]) {
            match &record.target {
                Target::Module(to) => modules.push((record.specifier.to_string(), *to)),
                Target::Glob(list) => modules.extend(list.iter().cloned()),
                Target::Missing => {}
            }
        }
        if modules.is_empty() {
            let bare = |record: &ImportRecordId| {
                let specifier = &module.records[*record].specifier;
                !specifier.starts_with(['.', '/', '#'])
            };
            let anywhere = !dynamic && records.iter().all(bare);
            return anywhere.then_some(ImportCall::Unresolved);
        }
        Some(ImportCall::Choice {
            modules,
            dynamic,
            absolute: records
                .iter()
                .any(|record| module.records[*record].absolute),
        })
    }

    /// Whether what the output says of its place is not what the module has to say.
    pub fn says_place(&self, id: ModuleId) -> bool {
        self.format == Format::Cjs || self.modules.get(id).virtual_path.is_some()
    }
}
