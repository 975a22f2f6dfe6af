//! One module's statements as they stand in the bundle.
//!
//! In: the live parts of a module. Out: the same statements with every import, `require` and free
//! name of Node's turned into what it is there. Only expressions change; which statements stay
//! was settled before.

use crate::bundle::analyse::{cjs_namespace, uses};
use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Chunk;
use crate::bundle::generate::names::Naming;
use crate::bundle::generate::sloppy_this;
use crate::bundle::link::{Linked, Resolution};
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{Kind, ModuleId, Modules, Target};
use crate::bundle::options::Format;
use crate::bundle::part::records_at;
use crate::bundle::runtime_requirements::{Helper, NodeApi, RuntimeRequirements};
use crate::scan::ImportKind;
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, Span, SyntaxContext, VisitMut, VisitMutWith};

pub struct Rewriter<'a> {
    pub modules: &'a Modules,
    pub linked: &'a Linked,
    pub names: &'a Naming,
    pub chunk: &'a Chunk,
    pub unresolved: SyntaxContext,
    pub id: ModuleId,
    /// Keeps `exports` and `module` by their names: the bundle's own are meant.
    pub raw: bool,
    pub needs: RuntimeRequirements,
    own_this: u32,
    /// Classes and strict functions around what is visited.
    in_strict: u32,
    /// The module is sloppy in Node, and strict in the output.
    becomes_strict: bool,
}

impl<'a> Rewriter<'a> {
    pub fn new(
        modules: &'a Modules,
        linked: &'a Linked,
        names: &'a Naming,
        chunk: &'a Chunk,
        unresolved: SyntaxContext,
        id: ModuleId,
        raw: bool,
    ) -> Self {
        let module = modules.get(id);
        Self {
            modules,
            linked,
            names,
            chunk,
            unresolved,
            id,
            raw,
            needs: RuntimeRequirements::default(),
            own_this: 0,
            in_strict: 0,
            becomes_strict: chunk.format == Format::Esm
                && module.kind == Kind::Cjs
                && !module.analysis.strict,
        }
    }

    pub fn helper(&mut self, helper: Helper) -> Expr {
        self.needs.helpers.insert(helper);
        var(self.names.helper(helper))
    }

    /// The expression that reads what a name means.
    pub fn expr_of(&mut self, found: &Resolution) -> Expr {
        match found {
            Resolution::Symbol(module, id) => self.symbol(*module, id),
            Resolution::Namespace(module) => {
                self.needs.namespace.insert(*module);
                var(&self.names.of(*module).namespace)
            }
            Resolution::Dynamic {
                module,
                name,
                node_mode,
            } => self.dynamic(*module, name.as_ref(), *node_mode),
            Resolution::Ambiguous | Resolution::Missing => undefined(),
        }
    }

    fn symbol(&mut self, module: ModuleId, id: &Id) -> Expr {
        if module == self.id || !self.linked.is_lazy(module) {
            return var(id);
        }
        // A module that runs when asked keeps its names inside: they are read from its namespace.
        let name = self.chunk.exported_as(self.modules, module, id);
        self.needs.namespace.insert(module);
        Expr::Member(member(var(&self.names.of(module).namespace), &name))
    }

    fn dynamic(&mut self, module: ModuleId, name: Option<&Atom>, node_mode: bool) -> Expr {
        let target = self.modules.get(module);
        if target.kind == Kind::External && self.chunk.format == Format::Esm {
            self.needs.imported.insert((module, name.cloned()));
            return var(&self.names.imported(module, name));
        }
        let exports = var(&self.names.of(module).exports);
        self.needs.exports.insert(module);
        let builtin = target.is_builtin();
        match name {
            // Node copies the names of CommonJS once, when it has run.
            Some(name) if name != "default" && node_mode && target.kind == Kind::Cjs => {
                self.needs.copies.insert((module, name.clone()));
                var(&self.names.imported(module, Some(name)))
            }
            Some(name) if name != "default" => Expr::Member(member(exports, name)),
            Some(_) if builtin => exports,
            Some(_) if node_mode && target.kind != Kind::External => exports,
            Some(_) if target.kind == Kind::Json => exports,
            Some(name) if !node_mode && target.analysis.cjs_exports.es_module => {
                Expr::Member(member(exports, name))
            }
            Some(_)
                if target.kind == Kind::Cjs
                    && !target.analysis.mentions_es_module
                    && !target.analysis.cjs_exports.foreign =>
            {
                exports
            }
            name => {
                let namespace = if node_mode {
                    self.needs.node_namespace.insert(module);
                    var(&self.names.of(module).node_namespace)
                } else {
                    self.needs.babel_namespace.insert(module);
                    var(&self.names.of(module).babel_namespace)
                };
                let whole = node_mode || name.is_none_or(|name| name != "default");
                if whole {
                    self.needs.babel_whole.insert(module);
                }
                self.needs.helpers.insert(if whole {
                    Helper::ToEsm
                } else {
                    Helper::Default
                });
                match name {
                    Some(name) => Expr::Member(member(namespace, name)),
                    None => namespace,
                }
            }
        }
    }

    fn imported(&mut self, id: &Id) -> Option<Expr> {
        let analysis = &self.modules.get(self.id).analysis;
        analysis.imports.get(id)?;
        let found = self.linked.resolve_import(self.modules, self.id, id);
        if matches!(found, Resolution::Missing | Resolution::Ambiguous)
            && let Some((record, crate::bundle::part::Imported::Name(name))) = analysis
                .imports
                .get(id)
                .map(|(record, imported)| (*record, imported))
            && let Some(to) = crate::bundle::link::target(self.modules, self.id, record)
        {
            self.needs.missing.push((self.id, name.clone(), to));
        }
        Some(self.expr_of(&found))
    }

    /// What an import is, or the namespace that lies in another: `ns.inner`.
    fn behind(&self, object: &Expr) -> Option<Resolution> {
        match object {
            Expr::Paren(paren) => self.behind(&paren.expr),
            Expr::Ident(local) => {
                let id = local.to_id();
                let analysis = &self.modules.get(self.id).analysis;
                analysis.imports.get(&id)?;
                Some(self.linked.resolve_import(self.modules, self.id, &id))
            }
            Expr::Member(member) => {
                let Resolution::Namespace(outer) = self.behind(&member.obj)? else {
                    return None;
                };
                let name = static_name(&member.prop)?;
                let found = self.linked.export(self.modules, outer, &name);
                matches!(found, Resolution::Namespace(_)).then_some(found)
            }
            _ => None,
        }
    }

    /// `ns.name` on an imported namespace.
    fn namespace_member(&mut self, object: &Expr, name: &Atom) -> Option<Expr> {
        match self.behind(object)? {
            Resolution::Namespace(module) => {
                let (found, sure) = self.linked.resolve_export(self.modules, module, name);
                let open = !self.linked.dynamic_stars(self.modules, module).is_empty();
                let sure = sure && found != Resolution::Missing;
                match (sure, open) {
                    (true, _) => Some(self.expr_of(&found)),
                    // Only the object itself knows.
                    (false, true) => None,
                    (false, false) => Some(undefined()),
                }
            }
            Resolution::Dynamic {
                module,
                name: None,
                node_mode,
            } if name != "default" || self.modules.get(module).kind != Kind::External => {
                let external = self.modules.get(module).kind == Kind::External;
                if external && self.chunk.format == Format::Esm {
                    return None;
                }
                let names = self.modules.cjs_names(module).filter(|_| node_mode);
                if name != "default" && names.is_some_and(|names| !names.contains(name)) {
                    return Some(undefined());
                }
                Some(self.dynamic(module, Some(name), node_mode))
            }
            _ => None,
        }
    }

    /// An object of those names of an imported namespace.
    fn names_read(&mut self, of: &Expr, names: Vec<Atom>) -> Option<Expr> {
        let Resolution::Namespace(_) = self.behind(of)? else {
            return None;
        };
        let read = |name: Atom| Some((name.clone(), self.namespace_member(of, &name)?));
        let all: Vec<(Atom, Expr)> = names.into_iter().map(read).collect::<Option<_>>()?;
        Some(object(all))
    }

    /// A free name of Node's, as it is in the output.
    pub fn free(&self, name: &str) -> Expr {
        Expr::Ident(Ident::new(name.into(), DUMMY_SP, self.unresolved))
    }

    /// The file that the module is, or would be.
    pub fn filename(&mut self) -> Expr {
        match self.modules.get(self.id).virtual_path.as_deref() {
            Some(seen) => self.beside(seen),
            None => self.own_filename(),
        }
    }

    /// The folder of [`Self::filename`].
    pub fn dirname(&mut self) -> Expr {
        let seen = self.modules.get(self.id).virtual_path.as_deref();
        match seen.and_then(|seen| seen.rsplit_once('/')) {
            Some((folder, _)) => self.beside(folder),
            None => self.own_dirname(),
        }
    }

    /// `require` as the module has it: what it finds depends on where the module is.
    pub fn require_here(&mut self) -> Expr {
        if self.modules.get(self.id).virtual_path.is_none() {
            return self.require();
        }
        let create = self.node_api(NodeApi::CreateRequire);
        let filename = self.filename();
        call(create, vec![filename])
    }

    fn own_filename(&mut self) -> Expr {
        match self.chunk.format {
            Format::Cjs => self.free("__filename"),
            Format::Esm => {
                self.needs.filename = true;
                var(&self.names.filename)
            }
        }
    }

    fn own_dirname(&mut self) -> Expr {
        match self.chunk.format {
            Format::Cjs => self.free("__dirname"),
            Format::Esm => {
                self.needs.dirname = true;
                self.needs.filename = true;
                var(&self.names.dirname)
            }
        }
    }

    /// JSON that stands packed in the output; `span` is that of its source.
    pub fn unpacked(&mut self, marker: &str, span: Span) -> Expr {
        let marker = Expr::Lit(Lit::Str(Str {
            span,
            value: marker.into(),
            raw: None,
        }));
        let bytes = call(
            read(self.free("Buffer"), "from"),
            vec![marker, text("base64")],
        );
        let unpacked = call(self.node_api(NodeApi::Unpack), vec![bytes]);
        call(read(self.free("JSON"), "parse"), vec![unpacked])
    }

    /// A function of one of Node's own modules.
    fn node_api(&mut self, native: NodeApi) -> Expr {
        let (module, name) = native.place();
        match self.chunk.format {
            Format::Cjs => read(call(self.free("require"), vec![text(module)]), name),
            Format::Esm => {
                self.needs.node_apis.insert(native);
                var(&self.names.node_apis[&native])
            }
        }
    }

    /// A path as seen from the output's folder.
    fn beside(&mut self, seen: &str) -> Expr {
        let join = self.node_api(NodeApi::Join);
        let folder = self.own_dirname();
        call(join, vec![folder, text(seen)])
    }

    pub fn require(&mut self) -> Expr {
        self.needs.require = true;
        match self.chunk.format {
            Format::Cjs => self.free("require"),
            Format::Esm => var(&self.names.require),
        }
    }

    /// What `require` of a module gives.
    pub fn require_expr(&mut self, to: ModuleId) -> Expr {
        let target = self.modules.get(to);
        match target.kind {
            Kind::Cjs | Kind::Json => call(var(&self.names.of(to).require), Vec::new()),
            // What `require` gives of such a module is what its import has for `default`; a `require`
            // of the host's own may give something else.
            Kind::External if target.is_builtin() && !self.chunk.host.is_node() => {
                self.needs.imported.insert((to, None));
                read(var(&self.names.imported(to, None)), "default")
            }
            Kind::External => {
                let require = self.require();
                call(require, vec![text(&target.name)])
            }
            Kind::Esm if self.linked.async_modules.contains(&to) => {
                let helper = self.helper(Helper::RequireAsync);
                call(helper, Vec::new())
            }
            Kind::Esm => {
                self.needs.required.insert(to);
                let names = self.names.of(to);
                seq(vec![
                    call(var(&names.init), Vec::new()),
                    var(&names.required),
                ])
            }
        }
    }

    /// What `import()` of a module gives.
    pub fn dynamic_import_expr(&mut self, to: ModuleId, specifier: &str) -> Expr {
        let target = self.modules.get(to);
        let after = |value: Expr, is_async: bool| {
            let resolved = call(
                read(
                    Expr::Ident(Ident::new("Promise".into(), DUMMY_SP, self.unresolved)),
                    "resolve",
                ),
                Vec::new(),
            );
            let mut then = thunk(value);
            if let Expr::Arrow(arrow) = &mut then {
                arrow.is_async = is_async;
            }
            call(read(resolved, "then"), vec![then])
        };
        match target.kind {
            Kind::External => Expr::Call(CallExpr {
                span: DUMMY_SP,
                callee: Callee::Import(Import {
                    span: DUMMY_SP,
                    phase: ImportPhase::Evaluation,
                }),
                // `imports` of a `package.json` may have led there.
                args: vec![
                    text(if target.is_builtin() {
                        &target.name
                    } else {
                        specifier
                    })
                    .into(),
                ],
                ..Default::default()
            }),
            Kind::Cjs | Kind::Json => {
                let names = self.names.of(to);
                let (slot, require) = (names.node_namespace.clone(), names.require.clone());
                if self.linked.shared.contains(&to) {
                    self.needs.helpers.insert(Helper::ToEsm);
                    self.needs.exports.insert(to);
                    self.needs.node_namespace.insert(to);
                    return after(
                        seq(vec![call(var(&names.init), Vec::new()), var(&slot)]),
                        false,
                    );
                }
                let mode = as_node(self.modules, to);
                let helper = var(self.names.helper(Helper::ToEsm));
                let made = call(helper, vec![call(var(&require), Vec::new()), mode]);
                let kept = Expr::Assign(AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::OrAssign,
                    left: AssignTarget::Simple(SimpleAssignTarget::Ident(ident(&slot).into())),
                    right: Box::new(made),
                });
                let out = after(kept, false);
                self.needs.helpers.insert(Helper::ToEsm);
                self.needs.node_namespace.insert(to);
                out
            }
            Kind::Esm => {
                let names = self.names.of(to);
                let (namespace, init) = (names.namespace.clone(), names.init.clone());
                let out = if !self.linked.is_lazy(to) {
                    after(var(&namespace), false)
                } else if self.linked.async_modules.contains(&to) {
                    after(
                        seq(vec![wait(call(var(&init), Vec::new())), var(&namespace)]),
                        true,
                    )
                } else {
                    after(
                        seq(vec![call(var(&init), Vec::new()), var(&namespace)]),
                        false,
                    )
                };
                self.needs.namespace.insert(to);
                out
            }
        }
    }

    /// A call that asks for modules, as it is in the bundle; `None` where it stays as it is.
    fn rewrite_import_call(&mut self, node: &CallExpr) -> Option<Expr> {
        let module = self.modules.get(self.id);
        let records = records_at(&module.analysis.import_calls, node)?.to_vec();
        let dynamic = matches!(node.callee, Callee::Import(_));
        if let [record] = records.as_slice()
            && let Target::Module(to) = &module.records[*record].target
        {
            let specifier = module.records[*record].specifier.clone();
            return match module.records[*record].kind {
                ImportKind::Dynamic => {
                    let mut out = self.dynamic_import_expr(*to, &specifier);
                    // `import()` of an external keeps its attributes.
                    if let Expr::Call(call) = &mut out
                        && call.callee.is_import()
                    {
                        let mut rest = node.args.get(1..).unwrap_or_default().to_vec();
                        rest.visit_mut_with(self);
                        call.args.extend(rest);
                    }
                    Some(out)
                }
                ImportKind::Require => Some(self.require_expr(*to)),
                ImportKind::Static | ImportKind::Resolve => None,
            };
        }
        if module.records[*records.first()?].kind == ImportKind::Resolve {
            return None;
        }
        let mut choices: Vec<(String, ModuleId)> = Vec::new();
        for record in &records {
            match &module.records[*record].target {
                Target::Module(to) => {
                    choices.push((module.records[*record].specifier.to_string(), *to));
                }
                Target::Glob(list) => choices.extend(list.iter().cloned()),
                Target::Missing => {}
            }
        }
        if choices.is_empty() {
            let bare = |record: &usize| {
                let specifier = &module.records[*record].specifier;
                !specifier.starts_with(['.', '/', '#'])
            };
            // A package that is not there is looked for from anywhere.
            if dynamic || !records.iter().all(bare) {
                return None;
            }
            let mut args = node.args.clone();
            args.visit_mut_with(self);
            let mut asked = node.clone();
            asked.callee = Callee::Expr(Box::new(self.require()));
            asked.args = args;
            return Some(Expr::Call(asked));
        }
        let files = choices
            .into_iter()
            .map(|(path, to)| {
                let value = if dynamic {
                    self.dynamic_import_expr(to, &path)
                } else {
                    self.require_expr(to)
                };
                (Atom::from(path), thunk(value))
            })
            .collect();
        let mut path = node.args.first()?.expr.clone();
        path.visit_mut_with(self);
        let module = self.modules.get(self.id);
        let of = if records.iter().any(|record| module.records[*record].absolute) {
            let load = if dynamic {
                node.callee.clone()
            } else {
                Callee::Expr(Box::new(self.require_here()))
            };
            self.at_whole_paths(files, loading(load))
        } else {
            let helper = self.helper(Helper::Glob);
            call(helper, vec![object(files)])
        };
        Some(call(of, vec![*path]))
    }

    /// A function that gives modules by whole paths; others are left to `load`.
    pub fn at_whole_paths(&mut self, files: Vec<(Atom, Expr)>, load: Expr) -> Expr {
        let helper = self.helper(Helper::GlobAt);
        let (folder, relative) = (self.dirname(), self.node_api(NodeApi::Relative));
        call(helper, vec![object(files), folder, relative, load])
    }

    fn import_meta(&mut self, prop: &str) -> Option<Expr> {
        if !self.says_place() {
            return None;
        }
        match prop {
            "url" => {
                let filename = self.filename();
                Some(self.url(filename))
            }
            "filename" => Some(self.filename()),
            "dirname" => Some(self.dirname()),
            "resolve" => {
                let ctxt = crate::syntax::fresh_context();
                let name: Id = ("specifier".into(), ctxt);
                let path = call(read(self.require_here(), "resolve"), vec![var(&name)]);
                let made = lambda(&name, self.url(path));
                Some(Expr::Paren(ParenExpr {
                    span: DUMMY_SP,
                    expr: Box::new(made),
                }))
            }
            _ => Some(undefined()),
        }
    }

    /// Whether what the output says of its place is not what the module has to say.
    fn says_place(&self) -> bool {
        self.chunk.format == Format::Cjs || self.modules.get(self.id).virtual_path.is_some()
    }

    fn url(&mut self, of: Expr) -> Expr {
        let convert = self.node_api(NodeApi::ToUrl);
        read(call(convert, vec![of]), "href")
    }

    fn free_name(&mut self, name: &Ident) -> Option<Expr> {
        let cjs = self.modules.get(self.id).kind != Kind::Esm;
        let names = self.names.of(self.id);
        match name.sym.as_str() {
            "exports" if cjs && !self.raw => Some(var(&names.own_exports)),
            "module" if cjs && !self.raw => Some(var(&names.own_module)),
            "require" => Some(self.require_here()),
            "__filename" => Some(self.filename()),
            "__dirname" => Some(self.dirname()),
            _ => None,
        }
    }

    fn is_import_meta(expr: &Expr) -> bool {
        matches!(expr, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta)
    }
}

/// `(path) => load(path)`
fn loading(load: Callee) -> Expr {
    let path: Id = ("path".into(), crate::syntax::fresh_context());
    let made = Expr::Call(CallExpr {
        span: DUMMY_SP,
        callee: load,
        args: vec![var(&path).into()],
        ..Default::default()
    });
    lambda(&path, made)
}

impl VisitMut for Rewriter<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Ident(name) => {
                if name.ctxt == self.unresolved {
                    if let Some(found) = self.free_name(name) {
                        *expr = found;
                    }
                } else if let Some(found) = self.imported(&name.to_id()) {
                    *expr = found;
                }
                return;
            }
            Expr::Member(member) => {
                if let Some(name) = static_name(&member.prop) {
                    if let Some(found) = self.namespace_member(&member.obj, &name) {
                        *expr = found;
                        return;
                    }
                    if Self::is_import_meta(&member.obj)
                        && let Some(found) = self.import_meta(&name)
                    {
                        *expr = found;
                        return;
                    }
                }
            }
            Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta && self.says_place() => {
                let props = ["url", "dirname", "filename"]
                    .into_iter()
                    .filter_map(|name| Some((Atom::from(name), self.import_meta(name)?)))
                    .collect();
                *expr = object(props);
                return;
            }
            Expr::Call(node) => {
                if let Some(found) = self.rewrite_import_call(node) {
                    *expr = found;
                    return;
                }
                // An imported function is called without `this`.
                if let Callee::Expr(callee) = &mut node.callee {
                    let bare = is_bare(callee);
                    callee.visit_mut_with(self);
                    if bare && callee.is_member() {
                        let inner = std::mem::replace(&mut **callee, undefined());
                        **callee = seq(vec![number(0.0), inner]);
                    }
                    node.args.visit_mut_with(self);
                    return;
                }
            }
            Expr::TaggedTpl(node) => {
                let bare = is_bare(&node.tag);
                node.tag.visit_mut_with(self);
                if bare && node.tag.is_member() {
                    let inner = std::mem::replace(&mut *node.tag, undefined());
                    *node.tag = seq(vec![number(0.0), inner]);
                }
                node.tpl.visit_mut_with(self);
                return;
            }
            Expr::This(_) if self.own_this == 0 && self.modules.get(self.id).kind == Kind::Esm => {
                *expr = undefined();
                return;
            }
            _ => {}
        }
        expr.visit_mut_children_with(self);
    }

    /// `const { a } = ns`: its names are read, and not the namespace, which need not be there.
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        if let (Pat::Object(pattern), Some(init)) = (&decl.name, &mut decl.init)
            && let Some(names) = uses::static_keys(pattern)
            && let Some(read) = self.names_read(init, names)
        {
            **init = read;
            decl.name.visit_mut_with(self);
            return;
        }
        decl.visit_mut_children_with(self);
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        if let Prop::Shorthand(name) = prop {
            let mut value = Expr::Ident(name.clone());
            self.visit_mut_expr(&mut value);
            let same = matches!(&value, Expr::Ident(found) if found.to_id() == name.to_id());
            if !same {
                *prop = Prop::KeyValue(KeyValueProp {
                    key: PropName::Ident(IdentName::new(name.sym.clone(), name.span)),
                    value: Box::new(value),
                });
            }
            return;
        }
        prop.visit_mut_children_with(self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        if let SimpleAssignTarget::Ident(name) = target
            && name.id.ctxt == self.unresolved
            && let Some(Expr::Ident(found)) = self.free_name(&name.id.clone())
        {
            name.id = found;
            return;
        }
        target.visit_mut_children_with(self);
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        let strict = u32::from(self.becomes_strict && uses::is_strict(function));
        self.own_this += 1;
        self.in_strict += strict;
        function.visit_mut_children_with(self);
        self.in_strict -= strict;
        self.own_this -= 1;
        if self.becomes_strict && strict + self.in_strict == 0 {
            sloppy_this::settle(function, self.unresolved);
        }
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        self.in_strict += 1;
        class.decorators.visit_mut_with(self);
        class.super_class.visit_mut_with(self);
        for member in &mut class.body {
            match member {
                ClassMember::ClassProp(prop) => {
                    prop.key.visit_mut_with(self);
                    prop.decorators.visit_mut_with(self);
                    self.own_this += 1;
                    prop.value.visit_mut_with(self);
                    self.own_this -= 1;
                }
                ClassMember::PrivateProp(prop) => {
                    self.own_this += 1;
                    prop.value.visit_mut_with(self);
                    self.own_this -= 1;
                }
                ClassMember::StaticBlock(_) | ClassMember::Constructor(_) => {
                    self.own_this += 1;
                    member.visit_mut_with(self);
                    self.own_this -= 1;
                }
                member => member.visit_mut_with(self),
            }
        }
        self.in_strict -= 1;
    }
}

/// What tells `__toESM` to do as Node does: the names that Node finds, in their order, where those
/// may be others than the module has when it has run.
pub fn as_node(modules: &Modules, id: ModuleId) -> Expr {
    let module = modules.get(id);
    let names = match modules.cjs_names(id) {
        Some(names) if !cjs_namespace::is_plain_to_see(module, names) => names,
        _ => return number(1.0),
    };
    let default = Atom::from("default");
    let mut names: Vec<&Atom> = names.iter().chain([&default]).collect();
    names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
    list(names.into_iter().map(|name| text(name)).collect())
}

fn is_bare(expr: &Expr) -> bool {
    match expr {
        Expr::Ident(_) => true,
        Expr::Paren(paren) => is_bare(&paren.expr),
        _ => false,
    }
}
