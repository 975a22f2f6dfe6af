//! The one program that a bundle is.
//!
//! In: the modules, how they are linked and what stays. Out: a program in which ES modules stand
//! side by side in the order in which Node would run them, CommonJS modules are functions that run
//! once when they are first required, and ES modules that are asked for later are such functions
//! too. Names are not settled yet: every variable is known by its id.

pub(crate) mod ast_builder;
pub(crate) mod legal_comments;
pub(crate) mod minhash;
pub(crate) mod packed_json;
pub(crate) mod rewrite;
pub(crate) mod sloppy_this;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::analyse::commonjs::object_of_mut;
use crate::bundle::analyse::commonjs::prop_key;
use crate::bundle::analyse::parts::{Export, Role};
use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::packed_json::Packed;
use crate::bundle::generate::rewrite::{Native, Needs, Rewriter, as_node};
use crate::bundle::link::{Found, Linked, target};
use crate::bundle::load::{IMPORT_IN_TEXT, Kind, ModuleId, Modules, Target};
use crate::bundle::shake::Live;
use crate::bundle::{Format, Options};
use crate::host::Host;
use crate::scan::ImportKind;
use crate::syntax::ast::*;
use crate::syntax::{
    Atom, DUMMY_SP, Dialect, Session, Sources, Span, SyntaxContext, TsOptions, VisitMutWith,
    fresh_context,
};

/// Functions that a bundle may need at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Helper {
    CommonJs,
    CommonJsModule,
    Lazy,
    LazyAsync,
    Export,
    Sealed,
    Namespace,
    Star,
    ToEsm,
    Default,
    Glob,
    GlobAt,
    RequireOf,
    ImportOf,
    RequireAsync,
}

const HELPERS: [(Helper, &str); 15] = [
    (Helper::CommonJs, "__commonJS"),
    (Helper::CommonJsModule, "__commonJSModule"),
    (Helper::Lazy, "__lazy"),
    (Helper::LazyAsync, "__lazyAsync"),
    (Helper::Export, "__export"),
    (Helper::Sealed, "__sealed"),
    (Helper::Namespace, "__namespace"),
    (Helper::Star, "__star"),
    (Helper::ToEsm, "__toESM"),
    (Helper::Default, "__default"),
    (Helper::Glob, "__glob"),
    (Helper::GlobAt, "__globAt"),
    (Helper::RequireOf, "__requireOf"),
    (Helper::ImportOf, "__importOf"),
    (Helper::RequireAsync, "__requireAsync"),
];

/// The variables that stand for one module.
#[derive(Debug)]
pub struct ModuleNames {
    pub require: Id,
    /// Its `module.exports`, once it has run.
    pub exports: Id,
    pub own_exports: Id,
    pub own_module: Id,
    pub init: Id,
    pub namespace: Id,
    pub required: Id,
    pub node_namespace: Id,
    pub babel_namespace: Id,
    context: SyntaxContext,
}

/// Every variable that the bundle itself adds.
#[derive(Debug)]
pub struct Naming {
    modules: Vec<ModuleNames>,
    helpers: BTreeMap<Helper, Id>,
    pub require: Id,
    pub filename: Id,
    pub dirname: Id,
    pub natives: BTreeMap<Native, Id>,
}

impl Naming {
    pub fn of(&self, module: ModuleId) -> &ModuleNames {
        &self.modules[module.0 as usize]
    }

    pub fn helper(&self, helper: Helper) -> &Id {
        &self.helpers[&helper]
    }

    /// The variable of a name that is imported from an external.
    pub fn imported(&self, module: ModuleId, name: Option<&Atom>) -> Id {
        let names = self.of(module);
        match name {
            Some(name) if name == "default" => names.exports.clone(),
            Some(name) if is_identifier(name) => (name.clone(), names.context),
            Some(name) => {
                let plain: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                (format!("_{plain}").into(), names.context)
            }
            None => names.namespace.clone(),
        }
    }
}

/// What is settled for the whole output.
#[derive(Debug)]
pub struct Chunk {
    pub format: Format,
    pub host: Host,
    exported: RefCell<FxHashMap<(ModuleId, Id), Atom>>,
}

impl Chunk {
    /// The name under which a module exports a variable.
    pub fn exported_as(&self, modules: &Modules, module: ModuleId, id: &Id) -> Atom {
        self.exported
            .borrow_mut()
            .entry((module, id.clone()))
            .or_insert_with(|| {
                modules
                    .get(module)
                    .split
                    .exports
                    .iter()
                    .find(|(_, export)| matches!(export, Export::Local(local) if local == id))
                    .map_or_else(|| id.0.clone(), |(name, _)| name.clone())
            })
            .clone()
    }
}

/// Whether a module must be kept as text, because its names or its sloppy mode must stay. Where no text
/// runs as code it becomes strict: what needed the text fails there when it runs, and only then.
pub fn is_opaque(modules: &Modules, id: ModuleId, format: Format, host: &Host) -> bool {
    let module = modules.get(id);
    module.kind == Kind::Cjs
        && host.is_node()
        && module.text.is_some()
        && (module.split.free.names_stay
            || (format == Format::Esm && module.split.free.sloppy && !module.split.strict))
}

/// A program, and what is worth saying about it.
pub struct Emitted {
    pub program: Program,
    pub needs: Needs,
    /// Modules of which something stayed, in order.
    pub kept: Vec<ModuleId>,
    /// What the markers in the program stand for.
    pub packed: Vec<Packed>,
    /// Node.js's own modules that it imports.
    pub builtins: BTreeSet<String>,
}

pub struct Emitter<'a> {
    sources: &'a Sources,
    modules: &'a Modules,
    linked: &'a Linked,
    live: &'a Live,
    entry: ModuleId,
    names: Naming,
    chunk: Chunk,
    unresolved: SyntaxContext,
    helpers: Vec<(Helper, Stmt)>,
    comments: bool,
    /// Where the output is, for a host that may not say so.
    place: Option<String>,
    packed: Vec<Packed>,
    pub notes: Vec<(crate::syntax::BytePos, String)>,
}

fn base_name(name: &str) -> String {
    let path = name.trim_start_matches("node:");
    let parts: Vec<&str> = path.rsplit('/').take(2).collect();
    let stem = parts[0].split('.').next().unwrap_or("");
    let word = if stem == "index" && parts.len() > 1 {
        parts[1]
    } else {
        stem
    };
    let mut out: String = word
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// Emits one bundle. Must run inside the session.
pub fn emit<'a>(
    session: &'a Session,
    sources: &'a Sources,
    modules: &'a Modules,
    linked: &'a Linked,
    live: &'a Live,
    entry: ModuleId,
    options: &Options<'_>,
) -> (Emitted, Vec<(crate::syntax::BytePos, String)>) {
    let all = modules
        .ids()
        .map(|id| {
            let base = base_name(&modules.get(id).name);
            let context = fresh_context();
            let name = |text: String| -> Id { (text.into(), context) };
            ModuleNames {
                require: name(format!("require_{base}")),
                exports: name(format!("import_{base}")),
                own_exports: name("exports".to_string()),
                own_module: name("module".to_string()),
                init: name(format!("init_{base}")),
                namespace: name(format!("{base}_exports")),
                required: name(format!("{base}_required")),
                node_namespace: name(format!("{base}_node")),
                babel_namespace: name(format!("{base}_esm")),
                context,
            }
        })
        .collect();
    let (helpers, ids) = parse_helpers(session);
    let context = fresh_context();
    let names = Naming {
        modules: all,
        helpers: ids,
        require: ("require".into(), context),
        filename: ("__filename".into(), context),
        dirname: ("__dirname".into(), context),
        natives: Native::ALL
            .into_iter()
            .map(|native| (native, (native.place().1.into(), context)))
            .collect(),
    };
    let mut emitter = Emitter {
        sources,
        modules,
        linked,
        live,
        entry,
        names,
        chunk: Chunk {
            format: options.format,
            host: options.host.clone(),
            exported: RefCell::default(),
        },
        unresolved: session.unresolved(),
        helpers,
        comments: !options.minify,
        place: options
            .host
            .place(options.stand.as_ref().map(|stand| &stand.out)),
        packed: Vec::new(),
        notes: Vec::new(),
    };
    let emitted = emitter.run();
    (emitted, emitter.notes)
}

/// The helpers' statements, and the variable of each.
fn parse_helpers(session: &Session) -> (Vec<(Helper, Stmt)>, BTreeMap<Helper, Id>) {
    let path = std::path::Path::new("coldcut-helpers.mjs");
    let parsed = session.parse(
        path,
        include_str!("runtime.js"),
        Dialect::of(path, false),
        &TsOptions::default(),
    );
    let mut stmts = Vec::new();
    let mut ids = BTreeMap::new();
    // A test holds the file to its form; without a helper its use would be an undefined name.
    if let Ok(ast) = parsed
        && let Program::Module(module) = ast.into_parts().0
    {
        for item in module.body {
            let ModuleItem::Stmt(stmt) = item else {
                continue;
            };
            for id in crate::bundle::analyse::parts::declared(&stmt) {
                if let Some((helper, _)) = HELPERS.iter().find(|(_, name)| id.0 == *name) {
                    ids.insert(*helper, id);
                    let mut stmt = stmt.clone();
                    stmt.visit_mut_with(&mut NoSpans);
                    stmts.push((*helper, stmt));
                }
            }
        }
    }
    (stmts, ids)
}

/// Helpers come from no file of the user's.
struct NoSpans;

impl crate::syntax::VisitMut for NoSpans {
    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = DUMMY_SP;
    }
}

type Bodies = FxHashMap<ModuleId, Vec<Stmt>>;

impl<'a> Emitter<'a> {
    fn rewriter(&self, id: ModuleId, raw: bool) -> Rewriter<'_> {
        Rewriter::new(
            self.modules,
            self.linked,
            &self.names,
            &self.chunk,
            self.unresolved,
            id,
            raw,
        )
    }

    /// Whether the entry's statements stand at the top level as they are.
    fn bare_entry(&self) -> bool {
        let module = self.modules.get(self.entry);
        module.kind == Kind::Cjs
            && self.chunk.format == Format::Cjs
            && !self.is_opaque(self.entry)
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

    fn run(&mut self) -> Emitted {
        let bare = self.bare_entry();
        let mut needs = Needs::default();
        let mut bodies: Bodies = Bodies::default();
        let mut packed = self.packed();
        for id in self.modules.ids() {
            let kind = self.modules.get(id).kind;
            if !self.live.runs(id) || kind == Kind::External || self.is_opaque(id) {
                continue;
            }
            let (stmts, found) = match packed
                .remove(&id)
                .and_then(|packed| self.unpacked(id, packed))
            {
                Some(packed) => packed,
                None => self.body(id, bare && id == self.entry),
            };
            bodies.insert(id, stmts);
            needs.merge(found);
        }
        let exports = self.entry_exports(&mut needs, bare);
        let mut opaque = Vec::new();
        for id in self.modules.ids() {
            if self.live.runs(id) && self.is_opaque(id) {
                opaque.push((id, self.opaque(id, &mut needs)));
            }
        }
        let namespaces = self.namespaces(&mut needs);
        self.assemble(bodies, opaque, namespaces, exports, needs, bare)
    }

    fn is_opaque(&self, id: ModuleId) -> bool {
        is_opaque(self.modules, id, self.chunk.format, &self.chunk.host)
    }

    /// Big JSON modules that stay whole, packed, where the output need not be readable.
    fn packed(&self) -> FxHashMap<ModuleId, Packed> {
        // Node.js can unpack it, and its platforms count what is zipped.
        if self.comments || !self.chunk.host.is_node() {
            return FxHashMap::default();
        }
        let whole = |id: &ModuleId| {
            let module = self.modules.get(*id);
            let mut parts = module.split.parts.iter();
            module.kind == Kind::Json
                && self.live.runs(*id)
                && *id != self.entry
                && parts.all(|part| match &part.role {
                    Role::Object(keys) => keys.keys().all(|name| self.live.wants(*id, name)),
                    _ => true,
                })
        };
        let candidates: Vec<(ModuleId, Arc<str>)> = self
            .modules
            .ids()
            .filter(whole)
            .filter_map(|id| Some((id, self.modules.get(id).text.clone()?)))
            .collect();
        candidates
            .into_par_iter()
            .filter_map(|(id, text)| Some((id, Packed::new(id.0 as usize, &text)?)))
            .collect()
    }

    /// What stands for a packed module.
    fn unpacked(&mut self, id: ModuleId, packed: Packed) -> Option<(Vec<Stmt>, Needs)> {
        let module = self.modules.get(id);
        let span = module
            .split
            .parts
            .iter()
            .find_map(|part| match &part.stmt {
                Stmt::Expr(stmt) => match &*stmt.expr.as_assign()?.right {
                    Expr::Object(object) => Some(object.span),
                    Expr::Array(array) => Some(array.span),
                    _ => None,
                },
                _ => None,
            })?;
        let mut rewriter = self.rewriter(id, false);
        let value = rewriter.unpacked(&packed.marker, span);
        let needs = std::mem::take(&mut rewriter.needs);
        let module = var(&self.names.of(id).own_module);
        let stmt = statement(set_member(module, &"exports".into(), value));
        self.packed.push(packed);
        Some((vec![stmt], needs))
    }

    /// The live statements of a module, rewritten.
    fn body(&self, id: ModuleId, raw: bool) -> (Vec<Stmt>, Needs) {
        let module = self.modules.get(id);
        let mut rewriter = self.rewriter(id, raw);
        let mut out = Vec::new();
        for (at, part) in module.split.parts.iter().enumerate() {
            if !self.live.part(id, at) {
                continue;
            }
            let mut stmt = part.stmt.clone();
            self.narrow(id, &part.role, &mut stmt);
            stmt.visit_mut_with(&mut rewriter);
            out.push(stmt);
        }
        (out, rewriter.needs)
    }

    /// Leaves out the exports of a statement that nobody reads.
    fn narrow(&self, id: ModuleId, role: &Role, stmt: &mut Stmt) {
        match role {
            Role::Object(keys) => {
                if let Some(object) = object_of_mut(stmt) {
                    object.props.retain(|prop| match prop {
                        PropOrSpread::Prop(prop) => prop_key(prop).is_none_or(|name| {
                            self.live.wants(id, &name)
                                || keys.get(&name).is_none_or(|key| key.impure)
                        }),
                        PropOrSpread::Spread(_) => true,
                    });
                }
            }
            Role::Assign(names) if names.len() > 1 => {
                if let Stmt::Expr(stmt) = stmt {
                    self.narrow_chain(id, &mut stmt.expr);
                }
            }
            _ => {}
        }
    }

    fn narrow_chain(&self, id: ModuleId, expr: &mut Box<Expr>) {
        let Expr::Assign(assign) = &mut **expr else {
            return;
        };
        self.narrow_chain(id, &mut assign.right);
        let unwanted = match &assign.left {
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                crate::bundle::load::fold::static_name(&member.prop)
                    .is_some_and(|name| !self.live.wants(id, &name))
            }
            _ => false,
        };
        if unwanted {
            let right = std::mem::replace(&mut *assign.right, undefined());
            **expr = right;
        }
    }

    /// Namespace objects, as the properties of each, and what they need in turn.
    fn namespaces(&self, needs: &mut Needs) -> FxHashMap<ModuleId, Vec<(Atom, Expr)>> {
        let mut out: FxHashMap<ModuleId, Vec<(Atom, Expr)>> = FxHashMap::default();
        loop {
            let mut todo: Vec<ModuleId> = needs
                .namespace
                .iter()
                .chain(&needs.required)
                .copied()
                .chain(
                    self.modules
                        .ids()
                        .filter(|id| self.live.runs(*id) && self.linked.is_lazy(*id)),
                )
                .filter(|id| !out.contains_key(id))
                .collect();
            todo.sort();
            todo.dedup();
            if todo.is_empty() {
                return out;
            }
            for id in todo {
                let mut rewriter = self.rewriter(id, false);
                let mut props = Vec::new();
                for (name, found) in self.linked.names(self.modules, id) {
                    let live = match &found {
                        Found::Symbol(module, symbol) => self.is_live(*module, symbol),
                        Found::Namespace(_) | Found::Dynamic { .. } => self.live.wants(id, &name),
                        Found::Ambiguous | Found::Missing => false,
                    };
                    if live && (self.linked.is_lazy(id) || self.live.wants(id, &name)) {
                        props.push((name, rewriter.expr_of(&found)));
                    }
                }
                for star in self.linked.dynamic_stars(self.modules, id) {
                    if self.live.wanted.get(&id).is_some_and(|wanted| wanted.all) {
                        rewriter.needs.exports.insert(star);
                        rewriter.needs.helpers.insert(Helper::Star);
                        if self.modules.get(star).kind == Kind::External
                            && self.chunk.format == Format::Esm
                        {
                            rewriter.needs.imported.insert((star, None));
                        }
                    }
                }
                let found = std::mem::take(&mut rewriter.needs);
                needs.merge(found);
                out.insert(id, props);
            }
        }
    }

    fn is_live(&self, module: ModuleId, symbol: &Id) -> bool {
        self.modules
            .get(module)
            .split
            .declared_by
            .get(symbol)
            .is_some_and(|parts| {
                parts
                    .iter()
                    .any(|part| self.live.part(module, *part as usize))
            })
    }

    /// A module kept as text: `new Function(…)`, which has the scope and mode that Node gives it.
    fn opaque(&self, id: ModuleId, needs: &mut Needs) -> Stmt {
        let module = self.modules.get(id);
        let mut rewriter = self.rewriter(id, false);
        let mut files = Vec::new();
        let mut imports: Vec<(Atom, Expr)> = Vec::new();
        let mut seen = BTreeSet::new();
        for record in &module.records {
            if let (ImportKind::Dynamic, Target::Module(to)) = (record.kind, &record.target) {
                let name = Atom::from(&*record.specifier);
                if !imports.iter().any(|(have, _)| *have == name) {
                    imports.push((name, thunk(rewriter.awaited(*to, &record.specifier))));
                }
            }
            if record.kind != ImportKind::Require {
                continue;
            }
            match &record.target {
                Target::Module(to)
                    if self.modules.get(*to).kind != Kind::External
                        && seen.insert(record.specifier.to_string()) =>
                {
                    files.push((
                        Atom::from(&*record.specifier),
                        thunk(rewriter.required(*to)),
                    ));
                }
                Target::Glob(list) => {
                    for (path, to) in list {
                        if seen.insert(path.clone()) {
                            files.push((Atom::from(path.as_str()), thunk(rewriter.required(*to))));
                        }
                    }
                }
                _ => {}
            }
        }
        let code = module.text.as_deref().unwrap_or_default();
        let code = match code.strip_prefix("#!") {
            Some(rest) => format!("//{rest}"),
            None => code.to_string(),
        };
        let names = self.names.of(id);
        let require = rewriter.require_here();
        let of = rewriter.helper(Helper::RequireOf);
        let (filename, dirname) = (rewriter.filename(), rewriter.dirname());
        let whole = module.records.iter().any(|record| record.whole);
        let load = whole.then(|| rewriter.at_whole_paths(files.clone(), require.clone()));
        let mut asks = vec![object(files), require.clone()];
        asks.extend(load);
        let mut params = vec!["exports", "require", "module", "__filename", "__dirname"];
        let mut args = vec![
            var(&names.own_exports),
            var(&names.own_exports),
            call(of, asks),
            var(&names.own_module),
            filename,
            dirname,
        ];
        if !imports.is_empty() {
            params.push(IMPORT_IN_TEXT);
            let of = rewriter.helper(Helper::ImportOf);
            args.push(call(of, vec![object(imports)]));
        }
        let made = Expr::New(NewExpr {
            span: DUMMY_SP,
            callee: Box::new(Expr::Ident(Ident::new(
                "Function".into(),
                DUMMY_SP,
                self.unresolved,
            ))),
            args: Some(
                params
                    .into_iter()
                    .map(text)
                    .chain([text(&code)])
                    .map(Into::into)
                    .collect(),
            ),
            ..Default::default()
        });
        let run = statement(call(read(made, "call"), args));
        let run = arrow(
            vec![pat(&names.own_exports), pat(&names.own_module)],
            vec![run],
            false,
        );
        let helper = rewriter.helper(Helper::CommonJs);
        needs.merge(std::mem::take(&mut rewriter.needs));
        declare(&names.require, Some(call(helper, vec![run])))
    }

    /// What the entry gives to those who load the bundle.
    fn entry_exports(&self, needs: &mut Needs, bare: bool) -> Vec<ModuleItem> {
        let module = self.modules.get(self.entry);
        if bare {
            return Vec::new();
        }
        let mut rewriter = self.rewriter(self.entry, false);
        let out = match (module.kind, self.chunk.format) {
            (Kind::Esm, Format::Esm) => self.esm_from_esm(&mut rewriter),
            (Kind::Esm, Format::Cjs) => self.cjs_from_esm(&mut rewriter),
            (_, Format::Cjs) => {
                let value = call(var(&self.names.of(self.entry).require), Vec::new());
                vec![ModuleItem::Stmt(statement(set_member(
                    rewriter.free("module"),
                    &"exports".into(),
                    value,
                )))]
            }
            (_, Format::Esm) => self.esm_from_cjs(),
        };
        needs.merge(std::mem::take(&mut rewriter.needs));
        out
    }

    fn esm_from_cjs(&self) -> Vec<ModuleItem> {
        let names = self.names.of(self.entry);
        let module = self.modules.get(self.entry);
        let value: Id = names.exports.clone();
        let mut items = vec![
            ModuleItem::Stmt(declare(&value, Some(call(var(&names.require), Vec::new())))),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(ExportDefaultExpr {
                span: DUMMY_SP,
                expr: Box::new(var(&value)),
            })),
        ];
        let mut given: Vec<&Atom> = module
            .split
            .facts
            .defs
            .keys()
            .chain(self.modules.lexed(self.entry).into_iter().flatten())
            .filter(|name| *name != "default" && *name != "__esModule")
            .collect();
        given.sort();
        given.dedup();
        let mut specifiers = Vec::new();
        for name in given {
            let local: Id = (format!("_{}", base_name(name)).into(), fresh_context());
            items.push(ModuleItem::Stmt(declare(
                &local,
                Some(Expr::Member(member(var(&value), name))),
            )));
            specifiers.push((local, name.clone()));
        }
        if !specifiers.is_empty() {
            items.push(export_list(specifiers));
        }
        items
    }

    fn esm_from_esm(&self, rewriter: &mut Rewriter<'_>) -> Vec<ModuleItem> {
        let mut items = Vec::new();
        let mut specifiers = Vec::new();
        for (name, found) in self.linked.names(self.modules, self.entry) {
            let value = rewriter.expr_of(&found);
            let lazy_entry = self.linked.is_lazy(self.entry);
            match (&value, lazy_entry) {
                (Expr::Ident(id), false) => specifiers.push((id.to_id(), name)),
                _ => {
                    let value = if lazy_entry {
                        rewriter.needs.namespace.insert(self.entry);
                        Expr::Member(member(var(&self.names.of(self.entry).namespace), &name))
                    } else {
                        value
                    };
                    let local: Id = (format!("_{}", base_name(&name)).into(), fresh_context());
                    items.push(ModuleItem::Stmt(declare(&local, Some(value))));
                    specifiers.push((local, name));
                }
            }
        }
        if !specifiers.is_empty() {
            items.push(export_list(specifiers));
        }
        for star in self.linked.dynamic_stars(self.modules, self.entry) {
            let to = self.modules.get(star);
            if to.kind == Kind::External {
                items.push(ModuleItem::ModuleDecl(ModuleDecl::ExportAll(ExportAll {
                    span: DUMMY_SP,
                    src: Box::new(Str {
                        span: DUMMY_SP,
                        value: to.name.as_str().into(),
                        raw: None,
                    }),
                    type_only: false,
                    with: self.attributes(star),
                })));
                continue;
            }
            rewriter.needs.exports.insert(star);
            let mut specifiers = Vec::new();
            let mut known: Vec<&Atom> = to.split.facts.defs.keys().collect();
            known.sort();
            for name in known {
                let own = self.linked.names(self.modules, self.entry);
                if name == "default" || own.iter().any(|(have, _)| have == name) {
                    continue;
                }
                let local: Id = (format!("_{}", base_name(name)).into(), fresh_context());
                items.push(ModuleItem::Stmt(declare(
                    &local,
                    Some(Expr::Member(member(
                        var(&self.names.of(star).exports),
                        name,
                    ))),
                )));
                specifiers.push((local, name.clone()));
            }
            if !specifiers.is_empty() {
                items.push(export_list(specifiers));
            }
        }
        items
    }

    fn cjs_from_esm(&self, rewriter: &mut Rewriter<'_>) -> Vec<ModuleItem> {
        let exports = rewriter.free("exports");
        let mut stmts = Vec::new();
        let mut all = self.linked.names(self.modules, self.entry);
        let stars = self.linked.dynamic_stars(self.modules, self.entry);
        let flag = |exports: Expr| {
            statement(call(
                read(rewriter_free(self.unresolved, "Object"), "defineProperty"),
                vec![
                    exports,
                    text("__esModule"),
                    object(vec![(
                        "value".into(),
                        Expr::Lit(Lit::Bool(Bool {
                            span: DUMMY_SP,
                            value: true,
                        })),
                    )]),
                ],
            ))
        };
        // A name of CommonJS may be this one too.
        all.retain(|(name, _)| name != "__esModule");
        stmts.push(flag(exports.clone()));
        let mut live = Vec::new();
        let mut settled = Vec::new();
        let lazy_entry = self.linked.is_lazy(self.entry);
        for (name, found) in all {
            let constant = match &found {
                Found::Symbol(module, id) => {
                    !self.linked.is_lazy(*module)
                        && !self.modules.get(*module).split.reassigned.contains(id)
                }
                _ => false,
            };
            let value = if lazy_entry {
                rewriter.needs.namespace.insert(self.entry);
                Expr::Member(member(var(&self.names.of(self.entry).namespace), &name))
            } else {
                rewriter.expr_of(&found)
            };
            if constant && !lazy_entry && name != "__proto__" {
                settled.push(statement(set_member(exports.clone(), &name, value)));
            } else {
                live.push((name, thunk(value)));
            }
        }
        if !live.is_empty() {
            let helper = rewriter.helper(Helper::Export);
            stmts.push(statement(call(helper, vec![exports.clone(), object(live)])));
        }
        stmts.extend(settled);
        for star in stars {
            rewriter.needs.exports.insert(star);
            let helper = rewriter.helper(Helper::Star);
            stmts.push(statement(call(
                helper,
                vec![exports.clone(), var(&self.names.of(star).exports)],
            )));
        }
        stmts.into_iter().map(ModuleItem::Stmt).collect()
    }

    /// A comment that names a module, before what stands for it.
    fn label(&mut self, id: ModuleId) -> Span {
        if !self.comments {
            return DUMMY_SP;
        }
        let name = self.modules.get(id).name.clone();
        let at = self.sources.reserve();
        self.notes.push((at, format!(" {name}")));
        Span::new(at, at)
    }

    /// Runs what a module imports, in order; for modules that run when asked.
    fn imports_of(&self, id: ModuleId, needs: &Needs) -> Vec<Stmt> {
        let mut out = Vec::new();
        let mut seen = FxHashSet::default();
        let mut stack = vec![(id, 0)];
        while let Some((at, next)) = stack.pop() {
            let module = self.modules.get(at);
            let Some(record) = module.split.statics.get(next) else {
                continue;
            };
            stack.push((at, next + 1));
            let Some(to) = target(self.modules, at, *record) else {
                continue;
            };
            if !seen.insert(to) {
                continue;
            }
            if self.live.runs(to) {
                out.extend(self.run_module(to, needs, true));
            } else if self.modules.get(to).kind == Kind::Esm {
                // Nothing of it stayed, but what it re-exports may have.
                stack.push((to, 0));
            }
        }
        out
    }

    /// The statements that run one module at this point, if it does not stand there itself.
    fn run_module(&self, to: ModuleId, needs: &Needs, assign: bool) -> Vec<Stmt> {
        let names = self.names.of(to);
        let mut out = Vec::new();
        let value = match self.modules.get(to).kind {
            Kind::Esm => {
                if self.linked.is_lazy(to) {
                    let run = call(var(&names.init), Vec::new());
                    out.push(statement(if self.linked.waits.contains(&to) {
                        wait(run)
                    } else {
                        run
                    }));
                }
                return out;
            }
            Kind::External if self.chunk.format == Format::Esm => return out,
            Kind::External => call(
                rewriter_free(self.unresolved, "require"),
                vec![text(&self.modules.get(to).name)],
            ),
            Kind::Cjs | Kind::Json => call(var(&names.require), Vec::new()),
        };
        let node = needs.node_namespace.contains(&to);
        let babel = needs.babel_namespace.contains(&to);
        if !needs.exports.contains(&to) && !node && !babel {
            if !self.live.idle(to) {
                out.push(statement(value));
            }
            return out;
        }
        if self.runs_once(to, needs) {
            out.push(statement(call(var(&names.init), Vec::new())));
            return out;
        }
        self.copied(to, needs, assign)
    }

    /// Whether what is copied of a module is copied by a function, for whoever is first.
    fn runs_once(&self, id: ModuleId, needs: &Needs) -> bool {
        self.linked.shared.contains(&id)
            && (needs.node_namespace.contains(&id)
                || needs.babel_namespace.contains(&id)
                || needs.copies_of(id).next().is_some())
    }

    /// Runs a module and takes what others need of it.
    fn copied(&self, to: ModuleId, needs: &Needs, assign: bool) -> Vec<Stmt> {
        let names = self.names.of(to);
        let node = needs.node_namespace.contains(&to);
        let babel = needs.babel_namespace.contains(&to);
        let value = match self.modules.get(to).kind {
            Kind::External => call(
                rewriter_free(self.unresolved, "require"),
                vec![text(&self.modules.get(to).name)],
            ),
            _ => call(var(&names.require), Vec::new()),
        };
        let mut out = Vec::new();
        let mut put = |id: &Id, value: Expr| {
            out.push(if assign {
                statement(set(id, value))
            } else {
                declare(id, Some(value))
            });
        };
        put(&names.exports, value);
        let to_esm = var(self.names.helper(Helper::ToEsm));
        if node {
            let mode = as_node(self.modules, to);
            let made = call(to_esm.clone(), vec![var(&names.exports), mode]);
            put(&names.node_namespace, made);
        }
        if babel {
            let made = if needs.babel_whole.contains(&to) {
                to_esm
            } else {
                var(self.names.helper(Helper::Default))
            };
            put(
                &names.babel_namespace,
                call(made, vec![var(&names.exports)]),
            );
        }
        for name in needs.copies_of(to) {
            put(
                &self.names.imported(to, Some(name)),
                Expr::Member(member(var(&names.exports), name)),
            );
        }
        out
    }

    fn wrapped(
        &mut self,
        id: ModuleId,
        mut stmts: Vec<Stmt>,
        strict: bool,
        needs: &mut Needs,
    ) -> Stmt {
        let split = &self.modules.get(id).split;
        let (free, own_strict) = (split.free, split.strict);
        if own_strict && !strict {
            stmts.insert(0, use_strict());
        }
        let names = self.names.of(id);
        let rich = free.module || free.arguments;
        let params = if rich {
            vec![
                pat(&names.own_exports),
                pat(&("_require".into(), names.context)),
                pat(&names.own_module),
                pat(&("_filename".into(), names.context)),
                pat(&("_dirname".into(), names.context)),
            ]
        } else {
            let module = uses_id(&stmts, &names.own_module);
            let mut params = Vec::new();
            if module || uses_id(&stmts, &names.own_exports) {
                params.push(pat(&names.own_exports));
            }
            if module {
                params.push(pat(&names.own_module));
            }
            params
        };
        let run = if free.this || free.arguments {
            function(params, stmts)
        } else {
            arrow(params, stmts, false)
        };
        let helper = if rich {
            Helper::CommonJsModule
        } else {
            Helper::CommonJs
        };
        needs.helpers.insert(helper);
        let mut args = vec![run];
        if rich {
            let mut rewriter = self.rewriter(id, false);
            args.push(rewriter.require_here());
            args.push(rewriter.filename());
            let found = std::mem::take(&mut rewriter.needs);
            needs.merge(found);
        }
        let value = call(var(self.names.helper(helper)), args);
        let require = names.require.clone();
        let mut stmt = declare(&require, Some(value));
        let span = self.label(id);
        if let Stmt::Decl(Decl::Var(decl)) = &mut stmt {
            decl.span = span;
        }
        stmt
    }

    /// A module that runs when it is asked for.
    fn lazy(
        &mut self,
        id: ModuleId,
        stmts: Vec<Stmt>,
        props: &[(Atom, Expr)],
        strict: bool,
        needs: &mut Needs,
    ) -> Vec<Stmt> {
        let waits = self.linked.waits.contains(&id);
        let names = self.names.of(id);
        let (init, namespace, required) = (
            names.init.clone(),
            names.namespace.clone(),
            names.required.clone(),
        );
        let all = self.live.wanted.get(&id).is_some_and(|wanted| wanted.all);
        let stars = self.linked.dynamic_stars(self.modules, id);
        let getters = || -> Vec<(Atom, Expr)> {
            props
                .iter()
                .map(|(name, value)| (name.clone(), thunk(value.clone())))
                .collect()
        };
        let mut body = Vec::new();
        if !strict {
            body.push(use_strict());
        }
        let closed = all && stars.is_empty();
        let helper = if closed {
            self.closing()
        } else {
            Helper::Export
        };
        if closed || !props.is_empty() {
            needs.helpers.extend([helper, Helper::Export]);
            body.push(statement(call(
                var(self.names.helper(helper)),
                vec![var(&namespace), object(getters())],
            )));
        }
        let fresh = call(
            read(rewriter_free(self.unresolved, "Object"), "create"),
            vec![Expr::Lit(Lit::Null(Null { span: DUMMY_SP }))],
        );
        let is_required = needs.required.contains(&id);
        if is_required {
            let has_default = props.iter().any(|(name, _)| name == "default");
            if has_default {
                let mut with_flag = getters();
                with_flag.push((
                    "__esModule".into(),
                    thunk(Expr::Lit(Lit::Bool(Bool {
                        span: DUMMY_SP,
                        value: true,
                    }))),
                ));
                with_flag.sort_by(|(a, _), (b, _)| a.cmp(b));
                let closing = if all && !stars.is_empty() {
                    Helper::Export
                } else {
                    self.closing()
                };
                needs.helpers.extend([closing, Helper::Export]);
                body.push(statement(set(
                    &required,
                    call(
                        var(self.names.helper(closing)),
                        vec![fresh.clone(), object(with_flag)],
                    ),
                )));
            } else {
                body.push(statement(set(&required, var(&namespace))));
            }
        }
        let apart = is_required && props.iter().any(|(name, _)| name == "default");
        let filled = |source: Expr| -> Vec<Stmt> {
            std::iter::once(&namespace)
                .chain(apart.then_some(&required))
                .map(|object| {
                    let helper = var(self.names.helper(Helper::Star));
                    statement(call(helper, vec![var(object), source.clone()]))
                })
                .collect()
        };
        let wanted = stars.iter().filter(|_| all);
        let (early, late): (Vec<ModuleId>, Vec<ModuleId>) =
            wanted.partition(|star| self.early_source(**star).is_some());
        for source in early.iter().filter_map(|star| self.early_source(*star)) {
            body.extend(filled(source));
        }
        body.extend(self.imports_of(id, needs));
        for star in late {
            body.extend(filled(self.star_source(star)));
        }
        body.extend(stmts);
        if is_required
            && let Found::Symbol(module, symbol) =
                self.linked
                    .export(self.modules, id, &"module.exports".into())
            && module == id
        {
            body.push(statement(set(&required, var(&symbol))));
        }
        let helper = if waits {
            Helper::LazyAsync
        } else {
            Helper::Lazy
        };
        needs.helpers.insert(helper);
        let run = arrow(Vec::new(), body, waits);
        let mut first = declare(&namespace, Some(fresh));
        let span = self.label(id);
        if let Stmt::Decl(Decl::Var(decl)) = &mut first {
            decl.span = span;
        }
        let mut out = vec![first];
        if is_required {
            out.push(declare(&required, None));
        }
        out.push(declare(
            &init,
            Some(call(var(self.names.helper(helper)), vec![run])),
        ));
        out
    }

    /// The helper that finishes a namespace object. Its tag can only be noticed by code that
    /// looks at tags.
    fn closing(&self) -> Helper {
        let tagged = self
            .modules
            .ids()
            .any(|id| self.live.runs(id) && self.modules.get(id).reads_tags);
        if tagged {
            Helper::Namespace
        } else {
            Helper::Sealed
        }
    }

    /// The exports of what is there before anything of the bundle runs.
    fn early_source(&self, star: ModuleId) -> Option<Expr> {
        let module = self.modules.get(star);
        match (module.kind, self.chunk.format) {
            (Kind::External, Format::Esm) => Some(self.star_source(star)),
            (Kind::External, Format::Cjs) if module.free => Some(call(
                rewriter_free(self.unresolved, "require"),
                vec![text(&module.name)],
            )),
            _ => None,
        }
    }

    fn star_source(&self, star: ModuleId) -> Expr {
        let names = self.names.of(star);
        if self.modules.get(star).kind == Kind::External && self.chunk.format == Format::Esm {
            var(&self.names.imported(star, None))
        } else {
            var(&names.exports)
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn assemble(
        &mut self,
        mut bodies: Bodies,
        opaque: Vec<(ModuleId, Stmt)>,
        namespaces: FxHashMap<ModuleId, Vec<(Atom, Expr)>>,
        exports: Vec<ModuleItem>,
        mut needs: Needs,
        bare: bool,
    ) -> Emitted {
        let mut kept: Vec<ModuleId> = bodies.keys().copied().collect();
        kept.extend(opaque.iter().map(|(id, _)| *id));
        kept.sort();
        let is_esm = |id: &ModuleId| self.modules.get(*id).kind == Kind::Esm;
        let sloppy = bodies.iter().any(|(id, stmts)| {
            !is_esm(id)
                && !self.modules.get(*id).split.strict
                && !(stmts.is_empty())
                && self.modules.get(*id).kind != Kind::Json
        });
        let eager: Vec<ModuleId> = self
            .linked
            .order
            .iter()
            .copied()
            .filter(|id| self.live.runs(*id))
            .collect();
        let strict = self.chunk.format == Format::Esm || !sloppy;
        let fenced = !strict && eager.iter().any(is_esm);

        // CommonJS modules, then ES modules that run when asked.
        let mut wrapped = Vec::new();
        let cjs: Vec<ModuleId> = kept
            .iter()
            .copied()
            .filter(|id| !is_esm(id) && bodies.contains_key(id) && !(bare && *id == self.entry))
            .collect();
        for id in minhash::side_by_side(&cjs, |id| self.modules.get(id).sketch.as_ref()) {
            if let Some(stmts) = bodies.remove(&id) {
                let stmt = self.wrapped(id, stmts, strict, &mut needs);
                wrapped.push(stmt);
            }
        }
        wrapped.extend(opaque.into_iter().map(|(_, stmt)| stmt));
        let mut lazies: Vec<Stmt> = Vec::new();
        for id in kept.iter().copied().filter(|id| self.linked.is_lazy(*id)) {
            if let Some(stmts) = bodies.remove(&id) {
                let props = namespaces.get(&id).map_or(&[][..], Vec::as_slice);
                let stmts = self.lazy(id, stmts, props, strict || fenced, &mut needs);
                lazies.extend(stmts);
            }
        }
        // Variables that modules running when asked fill in.
        let in_order: FxHashSet<ModuleId> = eager.iter().copied().collect();
        let mut fields = Vec::new();
        let mut onces: Vec<Stmt> = Vec::new();
        let mut named: Vec<ModuleId> = needs
            .exports
            .iter()
            .chain(&needs.node_namespace)
            .chain(&needs.babel_namespace)
            .copied()
            .collect();
        named.sort();
        named.dedup();
        for id in named {
            let external = self.modules.get(id).kind == Kind::External;
            let names = self.names.of(id);
            if external && self.chunk.format == Format::Esm {
                continue;
            }
            let once = self.runs_once(id, &needs);
            if !in_order.contains(&id) || once {
                // Whoever sets one of the others sets it too.
                fields.push(declare(&names.exports, None));
                if needs.node_namespace.contains(&id) {
                    fields.push(declare(&names.node_namespace, None));
                }
                if needs.babel_namespace.contains(&id) {
                    fields.push(declare(&names.babel_namespace, None));
                }
                for name in needs.copies_of(id) {
                    fields.push(declare(&self.names.imported(id, Some(name)), None));
                }
            }
            if once {
                let run = arrow(Vec::new(), self.copied(id, &needs, true), false);
                let helper = var(self.names.helper(Helper::Lazy));
                onces.push(declare(&names.init, Some(call(helper, vec![run]))));
            }
        }
        if !onces.is_empty() {
            needs.helpers.insert(Helper::Lazy);
            wrapped.append(&mut onces);
        }
        // Namespace objects of modules that run in order: made first, since they read through.
        let mut objects = Vec::new();
        let mut ids: Vec<ModuleId> = namespaces
            .keys()
            .copied()
            .filter(|id| !self.linked.is_lazy(*id) && is_esm(id) && needs.namespace.contains(id))
            .collect();
        ids.sort();
        for id in ids {
            let stars = self.linked.dynamic_stars(self.modules, id);
            let all = self.live.wanted.get(&id).is_some_and(|wanted| wanted.all);
            let closed = all && stars.is_empty();
            let helper = if closed {
                self.closing()
            } else {
                Helper::Export
            };
            needs.helpers.extend([helper, Helper::Export]);
            let getters = namespaces[&id]
                .iter()
                .map(|(name, value)| (name.clone(), thunk(value.clone())))
                .collect();
            let fresh = call(
                read(rewriter_free(self.unresolved, "Object"), "create"),
                vec![Expr::Lit(Lit::Null(Null { span: DUMMY_SP }))],
            );
            objects.push(declare(
                &self.names.of(id).namespace,
                Some(call(
                    var(self.names.helper(helper)),
                    vec![fresh, object(getters)],
                )),
            ));
            let early = stars.iter().filter_map(|star| self.early_source(*star));
            for source in early.filter(|_| all) {
                objects.push(statement(call(
                    var(self.names.helper(Helper::Star)),
                    vec![var(&self.names.of(id).namespace), source],
                )));
            }
        }
        // The eager sequence.
        let mut sequence: Vec<Stmt> = Vec::new();
        for id in &eager {
            match bodies.remove(id) {
                Some(mut stmts) if is_esm(id) => {
                    if self.comments && !stmts.is_empty() {
                        let span = self.label(*id);
                        sequence.push(Stmt::Empty(EmptyStmt { span }));
                    }
                    if needs.namespace.contains(id)
                        && self.live.wanted.get(id).is_some_and(|wanted| wanted.all)
                    {
                        for star in self.linked.dynamic_stars(self.modules, *id) {
                            if self.early_source(star).is_some() {
                                continue;
                            }
                            let source = self.star_source(star);
                            sequence.push(statement(call(
                                var(self.names.helper(Helper::Star)),
                                vec![var(&self.names.of(*id).namespace), source],
                            )));
                        }
                    }
                    sequence.append(&mut stmts);
                }
                _ => sequence.extend(self.run_module(*id, &needs, false)),
            }
        }
        if bare && let Some(stmts) = bodies.remove(&self.entry) {
            let own = self.modules.get(self.entry).split.strict;
            if own && !strict {
                // Only the entry is strict: it gets a function of its own.
                let mut stmts = stmts;
                stmts.insert(0, use_strict());
                let free = self.modules.get(self.entry).split.free;
                let run = if free.this || free.arguments {
                    call(
                        read(
                            Expr::Paren(ParenExpr {
                                span: DUMMY_SP,
                                expr: Box::new(function(Vec::new(), stmts)),
                            }),
                            "apply",
                        ),
                        vec![
                            Expr::This(ThisExpr { span: DUMMY_SP }),
                            rewriter_free(self.unresolved, "arguments"),
                        ],
                    )
                } else {
                    call(
                        Expr::Paren(ParenExpr {
                            span: DUMMY_SP,
                            expr: Box::new(arrow(Vec::new(), stmts, false)),
                        }),
                        Vec::new(),
                    )
                };
                sequence.push(statement(run));
            } else {
                if self.comments {
                    let span = self.label(self.entry);
                    sequence.push(Stmt::Empty(EmptyStmt { span }));
                }
                sequence.extend(stmts);
            }
        }
        let (mut head, shims) = self.imports_and_shims(&mut needs);
        let helpers = self.helper_stmts(&needs);
        let mut items: Vec<ModuleItem> = Vec::new();
        let plain = |stmts: Vec<Stmt>| stmts.into_iter().map(ModuleItem::Stmt);
        if strict && self.chunk.format == Format::Cjs {
            items.push(ModuleItem::Stmt(use_strict()));
        }
        items.append(&mut head);
        items.extend(plain(helpers));
        items.extend(plain(shims));
        if fenced {
            // Sloppy code stays outside of the strict function, and with it the variables that it
            // reads: what they hold is set inside.
            objects.extend(lazies);
            let mut outer = Vec::new();
            let mut assigned = Vec::new();
            for stmt in objects {
                let (declared, set) = parted(stmt);
                outer.extend(declared);
                assigned.extend(set);
            }
            items.extend(plain(outer));
            items.extend(plain(fields));
            items.extend(plain(wrapped));
            let mut inner = vec![use_strict()];
            inner.extend(assigned);
            inner.extend(sequence);
            inner.extend(exports.into_iter().filter_map(|item| match item {
                ModuleItem::Stmt(stmt) => Some(stmt),
                ModuleItem::ModuleDecl(_) => None,
            }));
            items.push(ModuleItem::Stmt(statement(call(
                Expr::Paren(ParenExpr {
                    span: DUMMY_SP,
                    expr: Box::new(arrow(Vec::new(), inner, false)),
                }),
                Vec::new(),
            ))));
        } else {
            items.extend(plain(fields));
            items.extend(plain(wrapped));
            items.extend(plain(objects));
            items.extend(plain(lazies));
            items.extend(plain(sequence));
            items.extend(exports);
        }
        let builtins = self.builtins(&items);
        let program = match self.chunk.format {
            Format::Esm => Program::Module(Module {
                span: DUMMY_SP,
                body: items,
                shebang: self.modules.get(self.entry).split.hashbang.clone(),
            }),
            Format::Cjs => Program::Script(Script {
                span: DUMMY_SP,
                body: items
                    .into_iter()
                    .filter_map(|item| match item {
                        ModuleItem::Stmt(stmt) => Some(stmt),
                        ModuleItem::ModuleDecl(_) => None,
                    })
                    .collect(),
                shebang: self.modules.get(self.entry).split.hashbang.clone(),
            }),
        };
        Emitted {
            program,
            needs,
            kept,
            packed: std::mem::take(&mut self.packed),
            builtins,
        }
    }

    /// What `import` declarations and `import()` ask of Node.js.
    fn builtins(&self, items: &[ModuleItem]) -> BTreeSet<String> {
        let declared = items.iter().filter_map(|item| match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                Some(import.src.value.to_string_lossy().into_owned())
            }
            _ => None,
        });
        let external = |id: &ModuleId| {
            let module = self.modules.get(*id);
            module.kind == Kind::External && module.free && self.live.runs(*id)
        };
        let asked = self.modules.ids().filter(external);
        let asked = asked.map(|id| self.modules.get(id).name.clone());
        let all = declared.chain(asked);
        all.filter(|name| name.starts_with("node:")).collect()
    }

    /// `import` declarations and the stand-ins for what ES modules lack.
    fn imports_and_shims(&mut self, needs: &mut Needs) -> (Vec<ModuleItem>, Vec<Stmt>) {
        let (mut head, mut shims) = (Vec::new(), Vec::new());
        if self.chunk.format == Format::Cjs {
            return (head, shims);
        }
        let mut by_module: BTreeMap<ModuleId, Vec<Option<Atom>>> = BTreeMap::new();
        for (module, name) in &needs.imported {
            by_module.entry(*module).or_default().push(name.clone());
        }
        // In the order in which they run; those that only run are asked for all the same.
        let mut order: Vec<ModuleId> = self
            .linked
            .order
            .iter()
            .copied()
            .filter(|id| self.modules.get(*id).kind == Kind::External && self.live.runs(*id))
            .collect();
        for id in by_module.keys() {
            if !order.contains(id) {
                order.push(*id);
            }
        }
        for id in order {
            let names = by_module.remove(&id).unwrap_or_default();
            if names.is_empty() && self.live.idle(id) {
                continue;
            }
            head.extend(self.external_imports(id, &names));
        }
        let native = |from: &str, name: &str, local: &Id| {
            import_decl(
                from,
                None,
                vec![ImportSpecifier::Named(ImportNamedSpecifier {
                    span: DUMMY_SP,
                    local: ident(local),
                    imported: Some(ModuleExportName::Ident(Ident::new(
                        name.into(),
                        DUMMY_SP,
                        SyntaxContext::empty(),
                    ))),
                    is_type_only: false,
                })],
            )
        };
        let meta = || {
            let url = read(
                Expr::MetaProp(MetaPropExpr {
                    span: DUMMY_SP,
                    kind: MetaPropKind::ImportMeta,
                }),
                "url",
            );
            match &self.place {
                Some(place) => Expr::Bin(BinExpr {
                    span: DUMMY_SP,
                    op: BinaryOp::NullishCoalescing,
                    left: Box::new(url),
                    right: Box::new(text(place)),
                }),
                None => url,
            }
        };
        let context = fresh_context();
        if needs.require {
            needs.natives.insert(Native::CreateRequire);
            let create = &self.names.natives[&Native::CreateRequire];
            shims.push(declare(
                &self.names.require,
                Some(call(var(create), vec![meta()])),
            ));
        }
        for wanted in &needs.natives {
            let (module, name) = wanted.place();
            head.push(native(module, name, &self.names.natives[wanted]));
        }
        if needs.filename {
            let to_path: Id = ("fileURLToPath".into(), context);
            head.push(native("node:url", "fileURLToPath", &to_path));
            shims.push(declare(
                &self.names.filename,
                Some(call(var(&to_path), vec![meta()])),
            ));
        }
        if needs.dirname {
            let dirname: Id = ("dirname".into(), context);
            head.push(native("node:path", "dirname", &dirname));
            shims.push(declare(
                &self.names.dirname,
                Some(call(var(&dirname), vec![var(&self.names.filename)])),
            ));
        }
        (head, shims)
    }

    /// The `with { … }` by which some module imports an external.
    fn attributes(&self, to: ModuleId) -> Option<Box<ObjectLit>> {
        self.modules.ids().find_map(|id| {
            let module = self.modules.get(id);
            let mut given = module.split.attributes.iter();
            given
                .find(|(record, _)| target(self.modules, id, **record) == Some(to))
                .map(|(_, with)| with.clone())
        })
    }

    fn external_imports(&self, id: ModuleId, names: &[Option<Atom>]) -> Vec<ModuleItem> {
        let from = &self.modules.get(id).name;
        let with = self.attributes(id);
        let mut specifiers = Vec::new();
        let mut out = Vec::new();
        for name in names {
            let local = ident(&self.names.imported(id, name.as_ref()));
            match name {
                None => out.push(import_decl(
                    from,
                    with.clone(),
                    vec![ImportSpecifier::Namespace(ImportStarAsSpecifier {
                        span: DUMMY_SP,
                        local,
                    })],
                )),
                Some(name) => specifiers.push(ImportSpecifier::Named(ImportNamedSpecifier {
                    span: DUMMY_SP,
                    local,
                    imported: Some(export_name(name)),
                    is_type_only: false,
                })),
            }
        }
        if !specifiers.is_empty() || names.is_empty() {
            out.insert(0, import_decl(from, with, specifiers));
        }
        out
    }

    fn helper_stmts(&self, needs: &Needs) -> Vec<Stmt> {
        let mut wanted = needs.helpers.clone();
        if wanted.contains(&Helper::Namespace) || wanted.contains(&Helper::Sealed) {
            wanted.insert(Helper::Export);
        }
        self.helpers
            .iter()
            .filter(|(helper, _)| wanted.contains(helper))
            .map(|(_, stmt)| stmt.clone())
            .collect()
    }
}

/// `var x = value` as `var x`, for one place, and `x = value`, for another.
fn parted(stmt: Stmt) -> (Option<Stmt>, Option<Stmt>) {
    let Stmt::Decl(Decl::Var(mut var)) = stmt else {
        return (None, Some(stmt));
    };
    let Some(decl) = var.decls.pop() else {
        return (None, None);
    };
    let Pat::Ident(name) = decl.name else {
        return (None, None);
    };
    let id = name.to_id();
    let value = decl.init.map(|init| statement(set(&id, *init)));
    (Some(declare(&id, None)), value)
}

fn rewriter_free(unresolved: SyntaxContext, name: &str) -> Expr {
    Expr::Ident(Ident::new(name.into(), DUMMY_SP, unresolved))
}

fn export_name(name: &Atom) -> ModuleExportName {
    if is_identifier(name) {
        ModuleExportName::Ident(Ident::new(name.clone(), DUMMY_SP, SyntaxContext::empty()))
    } else {
        ModuleExportName::Str(Str {
            span: DUMMY_SP,
            value: name.as_str().into(),
            raw: None,
        })
    }
}

fn export_list(specifiers: Vec<(Id, Atom)>) -> ModuleItem {
    ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
        span: DUMMY_SP,
        specifiers: specifiers
            .into_iter()
            .map(|(local, name)| {
                ExportSpecifier::Named(ExportNamedSpecifier {
                    span: DUMMY_SP,
                    orig: ModuleExportName::Ident(ident(&local)),
                    exported: Some(export_name(&name)),
                    is_type_only: false,
                })
            })
            .collect(),
        src: None,
        type_only: false,
        with: None,
    }))
}

fn import_decl(
    from: &str,
    with: Option<Box<ObjectLit>>,
    specifiers: Vec<ImportSpecifier>,
) -> ModuleItem {
    ModuleItem::ModuleDecl(ModuleDecl::Import(ImportDecl {
        span: DUMMY_SP,
        specifiers,
        src: Box::new(Str {
            span: DUMMY_SP,
            value: from.into(),
            raw: None,
        }),
        type_only: false,
        with,
        phase: ImportPhase::Evaluation,
    }))
}

/// Whether any statement mentions a variable.
fn uses_id(stmts: &[Stmt], id: &Id) -> bool {
    use crate::syntax::{Visit, VisitWith};
    struct Finder<'a> {
        id: &'a Id,
        found: bool,
    }
    impl Visit for Finder<'_> {
        fn visit_ident(&mut self, name: &Ident) {
            self.found |= name.sym == self.id.0 && name.ctxt == self.id.1;
        }
    }
    let mut finder = Finder { id, found: false };
    stmts.visit_with(&mut finder);
    finder.found
}
