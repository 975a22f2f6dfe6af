//! One module's statements as they stand in the bundle.
//!
//! In: the live parts of a module. Out: the same statements with every import, `require` and free
//! name of Node's turned into what it is there. Only expressions change; which statements stay
//! was settled before.

use crate::bundle::analyse::{cjs_namespace, uses};
use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::names::Naming;
use crate::bundle::generate::{sloppy_arguments, sloppy_this};
use crate::bundle::link::bindings::{Binding, Bindings, ImportCall};
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{CjsInterop, Kind, Module, ModuleId, Modules};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, NodeApi};
use crate::syntax::ast::*;
use crate::syntax::{
    Atom, DUMMY_SP, Span, SyntaxContext, VisitMut, VisitMutWith, throwing_assignment, with_target,
    without_parentheses,
};

/// Turns the statements of one module into those of the bundle.
pub struct Rewriter<'a> {
    bindings: &'a Bindings<'a>,
    names: &'a Naming,
    unresolved: SyntaxContext,
    id: ModuleId,
    /// Keeps `exports` and `module` by their names: the bundle's own are meant.
    raw: bool,
    own_this: u32,
    /// Classes and strict functions around what is visited.
    in_strict: u32,
    /// The module is sloppy in Node, and strict in the output.
    becomes_strict: bool,
}

impl<'a> Rewriter<'a> {
    pub fn new(
        bindings: &'a Bindings<'a>,
        names: &'a Naming,
        unresolved: SyntaxContext,
        id: ModuleId,
        raw: bool,
    ) -> Self {
        let module = bindings.modules.get(id);
        Self {
            bindings,
            names,
            unresolved,
            id,
            raw,
            own_this: 0,
            in_strict: 0,
            becomes_strict: bindings.format == Format::Esm
                && module.kind == Kind::Cjs
                && !module.analysis.source.strict,
        }
    }

    fn module(&self) -> &'a Module {
        self.bindings.modules.get(self.id)
    }

    pub fn helper(&self, helper: Helper) -> Expr {
        var(self.names.helper(helper))
    }

    /// The expression that reads what a name is bound to.
    pub fn read(&self, binding: &Binding) -> Expr {
        read_binding(self.names, binding)
    }

    fn imported(&self, id: &Id) -> Option<Expr> {
        let (binding, _) = self.bindings.imported(self.id, id)?;
        Some(self.read(&binding))
    }

    fn namespace_member(&self, object: &Expr, name: &Atom) -> Option<Expr> {
        let binding = self.bindings.namespace_member(self.id, object, name)?;
        Some(self.read(&binding))
    }

    /// An object of those names of an imported namespace.
    fn names_read(&self, of: &Expr, names: &[Atom]) -> Option<Expr> {
        let members = self.bindings.namespace_members(self.id, of, names)?;
        let all = members.into_iter();
        Some(object(
            all.map(|(name, binding)| (name, self.read(&binding)))
                .collect(),
        ))
    }

    /// A free name of Node's, as it is in the output.
    pub fn free(&self, name: &str) -> Expr {
        Expr::Ident(Ident::new(name.into(), DUMMY_SP, self.unresolved))
    }

    /// The file that the module is, or would be.
    pub fn filename(&self) -> Expr {
        match self.module().virtual_path.as_deref() {
            Some(seen) => self.beside(seen),
            None => self.own_filename(),
        }
    }

    /// The folder of [`Self::filename`].
    pub fn dirname(&self) -> Expr {
        let seen = self.module().virtual_path.as_deref();
        match seen.and_then(|seen| seen.rsplit_once('/')) {
            Some((folder, _)) => self.beside(folder),
            None => self.own_dirname(),
        }
    }

    /// `require` as the module has it: what it finds depends on where the module is.
    pub fn require_here(&self) -> Expr {
        if self.module().virtual_path.is_none() {
            return self.require();
        }
        let create = self.node_api(NodeApi::CreateRequire);
        let filename = self.filename();
        call(create, vec![filename])
    }

    /// `require` as a value: one that gives the modules of the bundle that it may be called with.
    fn require_handed(&self) -> Expr {
        let handed: Vec<(Atom, Expr)> = (self.module().handed())
            .map(|(specifier, to)| (specifier.into(), thunk(self.require_expr(to))))
            .collect();
        match handed.is_empty() {
            true => self.require_here(),
            false => {
                let of = self.helper(Helper::RequireOf);
                call(of, vec![object(handed), self.require_here()])
            }
        }
    }

    fn own_filename(&self) -> Expr {
        match self.bindings.format {
            Format::Cjs => self.free("__filename"),
            Format::Esm => var(&self.names.filename),
        }
    }

    fn own_dirname(&self) -> Expr {
        match self.bindings.format {
            Format::Cjs => self.free("__dirname"),
            Format::Esm => var(&self.names.dirname),
        }
    }

    /// JSON that stands packed in the output; `span` is that of its source.
    pub fn unpacked(&self, marker: &str, span: Span) -> Expr {
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
    fn node_api(&self, native: NodeApi) -> Expr {
        let (module, name) = native.place();
        match self.bindings.format {
            Format::Cjs => read(call(self.free("require"), vec![text(module)]), name),
            Format::Esm => var(&self.names.node_apis[&native]),
        }
    }

    /// A path as seen from the output's folder.
    fn beside(&self, seen: &str) -> Expr {
        let join = self.node_api(NodeApi::Join);
        let folder = self.own_dirname();
        call(join, vec![folder, text(seen)])
    }

    pub fn require(&self) -> Expr {
        match self.bindings.format {
            Format::Cjs => self.free("require"),
            Format::Esm => var(&self.names.require),
        }
    }

    /// What `require` of a module gives.
    pub fn require_expr(&self, to: ModuleId) -> Expr {
        let target = self.bindings.modules.get(to);
        match target.kind {
            Kind::Cjs | Kind::Json => call(var(&self.names.of(to).require), Vec::new()),
            // What `require` gives of such a module is what its import has for `default`; a `require`
            // of the host's own may give something else.
            Kind::External if target.side_effect_free && !self.bindings.host.is_node() => {
                read(var(&self.names.imported(to, None)), "default")
            }
            Kind::External => {
                let require = self.require();
                call(require, vec![text(&target.name)])
            }
            Kind::Esm if self.bindings.linked.async_modules.contains(&to) => {
                let helper = self.helper(Helper::RequireAsync);
                call(helper, Vec::new())
            }
            Kind::Esm => {
                let names = self.names.of(to);
                seq(vec![
                    call(var(&names.init), Vec::new()),
                    var(&names.required),
                ])
            }
        }
    }

    /// What `import()` of a module gives.
    pub fn dynamic_import_expr(&self, to: ModuleId, specifier: &str) -> Expr {
        let target = self.bindings.modules.get(to);
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
                    text(if target.side_effect_free {
                        &target.name
                    } else {
                        specifier
                    })
                    .into(),
                ],
                ..Default::default()
            }),
            Kind::Cjs | Kind::Json => {
                if let Some(value) = self.required_later(to) {
                    return after(value, false);
                }
                let names = self.names.of(to);
                let (slot, require) = (names.node_namespace.clone(), names.require.clone());
                if self.bindings.linked.shared.contains(&to) {
                    return after(
                        seq(vec![call(var(&names.init), Vec::new()), var(&slot)]),
                        false,
                    );
                }
                let mode = as_node(self.bindings.modules, to);
                let helper = var(self.names.helper(Helper::ToEsm));
                let made = call(helper, vec![call(var(&require), Vec::new()), mode]);
                let kept = Expr::Assign(AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::OrAssign,
                    left: AssignTarget::Simple(SimpleAssignTarget::Ident(ident(&slot).into())),
                    right: Box::new(made),
                });
                after(kept, false)
            }
            Kind::Esm => {
                let names = self.names.of(to);
                let (namespace, init) = (names.namespace.clone(), names.init.clone());
                if !self.bindings.linked.is_lazy(to) {
                    after(var(&namespace), false)
                } else if self.bindings.linked.async_modules.contains(&to) {
                    after(
                        seq(vec![wait(call(var(&init), Vec::new())), var(&namespace)]),
                        true,
                    )
                } else {
                    after(
                        seq(vec![call(var(&init), Vec::new()), var(&namespace)]),
                        false,
                    )
                }
            }
        }
    }

    /// What `import()` of CommonJS gives where `tsc` writes it as `require`.
    fn required_later(&self, to: ModuleId) -> Option<Expr> {
        let module = self.bindings.modules.get(self.id);
        if !module.requires_later {
            return None;
        }
        let names = self.names.of(to);
        let exports = match self.bindings.linked.shared.contains(&to) {
            true => seq(vec![
                call(var(&names.init), Vec::new()),
                var(&names.exports),
            ]),
            false => call(var(&names.require), Vec::new()),
        };
        Some(match module.interop {
            CjsInterop::Require => exports,
            _ => call(var(self.names.helper(Helper::ToEsm)), vec![exports]),
        })
    }

    /// A call that asks for modules, as it is in the bundle; `None` where it stays as it is.
    fn rewrite_import_call(&mut self, node: &CallExpr) -> Option<Expr> {
        match self.bindings.import_call(self.id, node)? {
            ImportCall::Import(to, specifier) => {
                let mut out = self.dynamic_import_expr(to, &specifier);
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
            ImportCall::Require(to) => Some(self.require_expr(to)),
            // A package that is not there is looked for from anywhere.
            ImportCall::Unresolved => {
                let mut asked = node.clone();
                asked.args.visit_mut_with(self);
                asked.callee = Callee::Expr(Box::new(self.require()));
                Some(Expr::Call(asked))
            }
            ImportCall::Choice {
                modules,
                dynamic,
                absolute,
            } => {
                let mut path = node.args.first()?.expr.clone();
                path.visit_mut_with(self);
                let of = self.choice(node, modules, dynamic, absolute);
                Some(call(of, vec![*path]))
            }
        }
    }

    /// A function that gives one of several modules by the path that it is called with.
    fn choice(
        &self,
        node: &CallExpr,
        modules: Vec<(String, ModuleId)>,
        dynamic: bool,
        absolute: bool,
    ) -> Expr {
        let file = |(path, to): (String, ModuleId)| {
            let value = match dynamic {
                true => self.dynamic_import_expr(to, &path),
                false => self.require_expr(to),
            };
            (Atom::from(path), thunk(value))
        };
        let files = modules.into_iter().map(file).collect();
        if !absolute {
            return call(self.helper(Helper::Glob), vec![object(files)]);
        }
        let load = match dynamic {
            true => node.callee.clone(),
            false => Callee::Expr(Box::new(self.require_here())),
        };
        self.at_whole_paths(files, loading(load))
    }

    /// A function that gives modules by whole paths; others are left to `load`.
    pub fn at_whole_paths(&self, files: Vec<(Atom, Expr)>, load: Expr) -> Expr {
        let helper = self.helper(Helper::GlobAt);
        let (folder, relative) = (self.dirname(), self.node_api(NodeApi::Relative));
        call(helper, vec![object(files), folder, relative, load])
    }

    fn import_meta(&self, prop: &str) -> Option<Expr> {
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
        self.bindings.format == Format::Cjs || self.module().virtual_path.is_some()
    }

    fn url(&self, of: Expr) -> Expr {
        let convert = self.node_api(NodeApi::ToUrl);
        read(call(convert, vec![of]), "href")
    }

    fn free_name(&self, name: &Ident) -> Option<Expr> {
        let cjs = self.module().kind != Kind::Esm;
        let names = self.names.of(self.id);
        match name.sym.as_str() {
            "exports" if cjs && !self.raw => Some(var(&names.own_exports)),
            "module" if cjs && !self.raw => Some(var(&names.own_module)),
            "require" => Some(self.require_handed()),
            "__filename" => Some(self.filename()),
            "__dirname" => Some(self.dirname()),
            _ => None,
        }
    }

    /// What is deleted or set: a member of a namespace stays one, and a name that is imported fails.
    fn changed(&mut self, target: &mut Expr) {
        match target {
            Expr::Paren(paren) => self.changed(&mut paren.expr),
            Expr::Member(member) => member.visit_mut_children_with(self),
            Expr::Ident(name) if self.imported(&name.to_id()).is_some() => {
                *target = self.never_set(&name.sym.clone());
            }
            target => target.visit_mut_with(self),
        }
    }

    /// A place that cannot be set: strict code fails there.
    fn never_set(&self, name: &Atom) -> Expr {
        let global = Expr::Ident(Ident::new("Object".into(), DUMMY_SP, self.unresolved));
        let frozen = call(read(global, "freeze"), vec![object(Vec::new())]);
        Expr::Member(member(frozen, name))
    }

    /// `imported = 1`: computes the value, and fails.
    fn set_import(&mut self, expr: &mut Expr) -> bool {
        let before = match expr {
            Expr::Assign(assign) => match &assign.left {
                AssignTarget::Simple(SimpleAssignTarget::Ident(name))
                    if self.imported(&name.to_id()).is_some() =>
                {
                    let read = (assign.op != AssignOp::Assign)
                        .then(|| Box::new(Expr::Ident(name.id.clone())));
                    let value = std::mem::replace(&mut assign.right, Box::new(undefined()));
                    read.into_iter().chain([value]).collect()
                }
                _ => return false,
            },
            Expr::Update(update) => match without_parentheses(&update.arg) {
                Expr::Ident(name) if self.imported(&name.to_id()).is_some() => {
                    vec![Box::new(Expr::Ident(name.clone()))]
                }
                _ => return false,
            },
            _ => return false,
        };
        *expr = throwing_assignment(before, self.unresolved);
        expr.visit_mut_children_with(self);
        true
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
        if self.set_import(expr) {
            return;
        }
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
            Expr::This(_) if self.own_this == 0 && self.module().kind == Kind::Esm => {
                *expr = undefined();
                return;
            }
            // What is deleted or set stays a member.
            Expr::Unary(UnaryExpr {
                op: UnaryOp::Delete,
                arg: changed,
                ..
            })
            | Expr::Update(UpdateExpr { arg: changed, .. }) => {
                return self.changed(changed);
            }
            _ => {}
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_pat(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Expr(target) => self.changed(target),
            Pat::Ident(name) if self.imported(&name.to_id()).is_some() => {
                *pattern = Pat::Expr(Box::new(self.never_set(&name.sym.clone())));
            }
            pattern => pattern.visit_mut_children_with(self),
        }
    }

    /// `const { a } = ns`: its names are read, and not the namespace, which need not be there.
    fn visit_mut_var_declarator(&mut self, decl: &mut VarDeclarator) {
        if let (Pat::Object(pattern), Some(init)) = (&decl.name, &mut decl.init)
            && let Some(names) = uses::static_keys(pattern)
            && let Some(read) = self.names_read(init, &names)
        {
            **init = read;
            decl.name.visit_mut_with(self);
            return;
        }
        decl.visit_mut_children_with(self);
    }

    fn visit_mut_object_pat_prop(&mut self, prop: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(assign) = prop
            && self.imported(&assign.key.to_id()).is_some()
        {
            let target = self.never_set(&assign.key.sym.clone());
            *prop = with_target(assign, target);
        }
        prop.visit_mut_children_with(self);
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
            sloppy_arguments::settle(function);
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

/// The expression that reads what a name is bound to.
pub fn read_binding(names: &Naming, binding: &Binding) -> Expr {
    let member_of = |object: &Id, name: Option<&Atom>| match name {
        Some(name) => Expr::Member(member(var(object), name)),
        None => var(object),
    };
    match binding {
        Binding::Variable(id) => var(id),
        Binding::Getter(module, name) => member_of(&names.of(*module).namespace, Some(name)),
        Binding::Namespace(module) => var(&names.of(*module).namespace),
        Binding::Import(module, name) => var(&names.imported(*module, name.as_ref())),
        Binding::Copy(module, name) => var(&names.imported(*module, Some(name))),
        Binding::Export(module, name) => member_of(&names.of(*module).exports, Some(name)),
        Binding::Exports(module) => var(&names.of(*module).exports),
        Binding::NodeNamespace(module, name) => {
            member_of(&names.of(*module).node_namespace, name.as_ref())
        }
        Binding::BabelNamespace(module, name) => {
            member_of(&names.of(*module).babel_namespace, name.as_ref())
        }
        Binding::Undefined => undefined(),
    }
}

fn is_bare(expr: &Expr) -> bool {
    match expr {
        Expr::Ident(_) => true,
        Expr::Paren(paren) => is_bare(&paren.expr),
        _ => false,
    }
}
