//! The walk that finds what a file refers to.

use crate::syntax::ast::{
    ArrowExpr, AutoAccessor, AwaitExpr, BinExpr, BinaryOp, CallExpr, Callee, ClassProp, CondExpr,
    Constructor, ExportAll, Expr, ForOfStmt, Function, Ident, IfStmt, ImportDecl, KeyValueProp,
    Lit, MetaPropExpr, MetaPropKind, ModuleDecl, NamedExport, NewExpr, PrivateProp, PropName,
    StaticBlock, Tpl, TryStmt, UnaryExpr, UnaryOp, UsingDecl,
};
use crate::syntax::{Ast, Span, Visit, VisitWith};

use crate::scan::eval::{ScopeBindings, has_folder, is_import_meta, prop_name};
use crate::scan::handed_requires::handed_requires;
use crate::scan::helpers::{HelperCall, helper_call};
use crate::scan::module_scan::{
    AddonRef, AddonSearch, Defines, ImportKind, ImportReference, ModuleScan, PathPattern,
    Unfollowable,
};
use crate::scan::path_pieces::Piece;

pub(super) struct Scanner<'a> {
    ast: &'a Ast,
    defines: &'a Defines,
    bindings: &'a ScopeBindings,
    line_starts: Vec<usize>,
    out: ModuleScan,
    /// Depth of `try` blocks that have a `catch`.
    tries: u32,
    functions: u32,
    /// On the left spine of a sum that was already judged.
    in_sum: bool,
    /// In a path by which a module is loaded: it is followed as that, and not read.
    in_loaded: bool,
    /// `require` was passed on as a value: a wrapper may call it by a parameter's name.
    require_escapes: bool,
    /// `require` is used as a value in any other way.
    require_is_kept: bool,
    /// Calls of a `require` that the file binds itself, and whether it has that name.
    inner_requires: Vec<(ImportReference, bool)>,
}

impl<'a> Scanner<'a> {
    /// A condition, and those of its branches that can run.
    fn branches(&mut self, test: &Expr, cons: &impl VisitWith<Self>, alt: &impl VisitWith<Self>) {
        test.visit_with(self);
        let known = self.bindings.condition(test, self.defines);
        if known != Some(false) {
            cons.visit_with(self);
        }
        if known != Some(true) {
            alt.visit_with(self);
        }
    }

    pub fn new(
        ast: &'a Ast,
        text: &str,
        defines: &'a Defines,
        bindings: &'a ScopeBindings,
    ) -> Self {
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, b)| *b == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self {
            ast,
            defines,
            bindings,
            line_starts,
            out: ModuleScan::default(),
            tries: 0,
            functions: 0,
            in_sum: false,
            in_loaded: false,
            require_escapes: false,
            require_is_kept: false,
            inner_requires: Vec::new(),
        }
    }

    pub fn run(mut self) -> ModuleScan {
        self.ast.program.visit_with(&mut self);
        // UMD wrappers hand `require` to a factory that names its parameter `require`; others keep
        // it in a variable and call it by what they were given.
        for (import, by_name) in std::mem::take(&mut self.inner_requires) {
            if self.require_escapes && by_name {
                self.out.imports.push(import);
            } else if self.require_escapes || self.require_is_kept {
                self.out.indirect_imports.push(import);
            }
        }
        if self.require_escapes || self.require_is_kept {
            for (specifier, span) in handed_requires(&self.ast.program, self.bindings) {
                let mut import = self.make(&specifier, ImportKind::Require, span);
                import.optional = true;
                self.out.handed_requires.push(import);
            }
        }
        if self.require_escapes {
            self.out.imports.sort_by_key(|import| import.offset);
        }
        self.out
    }

    fn place(&self, span: Span) -> (u32, u32, u32) {
        let offset = self.ast.offset(span);
        let line = self.line_starts.partition_point(|start| *start <= offset) as u32;
        let len = span.hi.0.saturating_sub(span.lo.0);
        (offset as u32, len, line)
    }

    fn import(&mut self, specifier: &str, kind: ImportKind, span: Span) {
        let import = self.make(specifier, kind, span);
        self.out.imports.push(import);
    }

    fn make(&self, specifier: &str, kind: ImportKind, span: Span) -> ImportReference {
        let (offset, len, line) = self.place(span);
        ImportReference {
            specifier: specifier.into(),
            kind,
            offset,
            len,
            line,
            optional: self.tries > 0,
            absolute: false,
        }
    }

    /// A whole path, known in full: `require(path.join(__dirname, 'x'))`. What is not there may be
    /// made later, or nobody would ask for it this way.
    fn import_whole(&mut self, rest: &str, kind: ImportKind, span: Span) {
        let specifier = below(rest);
        let mut import = self.make(&specifier, kind, span);
        (import.optional, import.absolute) = (true, true);
        self.out.imports.push(import);
    }

    /// A specifier that is an expression. `true` where all that it may be is a path that starts in
    /// the file's folder.
    fn specifier(&mut self, expr: &Expr, kind: ImportKind, span: Span) -> bool {
        // Both arms of a choice are followed.
        match expr {
            Expr::Paren(paren) => return self.specifier(&paren.expr, kind, span),
            Expr::Cond(cond) => {
                return match self.bindings.condition(&cond.test, self.defines) {
                    Some(true) => self.specifier(&cond.cons, kind, span),
                    Some(false) => self.specifier(&cond.alt, kind, span),
                    None => {
                        let first = self.specifier(&cond.cons, kind, span);
                        self.specifier(&cond.alt, kind, span) && first
                    }
                };
            }
            Expr::Bin(bin)
                if matches!(bin.op, BinaryOp::LogicalOr | BinaryOp::NullishCoalescing) =>
            {
                let first = self.specifier(&bin.left, kind, span);
                return self.specifier(&bin.right, kind, span) && first;
            }
            _ => {}
        }
        // A parameter of a function that is called with constants: see `helper`.
        if matches!(expr, Expr::Ident(id) if self.bindings.is_wrapped(id)) {
            self.unfollowable(span, true);
            return false;
        }
        let all = self.bindings.paths(expr);
        let one = all.len() == 1;
        let (mut followed, mut indirect, mut absolute) = (false, false, true);
        for pieces in all {
            match pieces.as_slice() {
                [Piece::Text(text)] if one => {
                    self.import(text, kind, span);
                    absolute = false;
                }
                [Piece::Text(text)] => {
                    self.push_indirect(text, span);
                    (indirect, absolute) = (true, false);
                    continue;
                }
                [Piece::Dir, Piece::Text(rest)] if rest.starts_with('/') => {
                    self.import_whole(rest, kind, span);
                }
                [Piece::Dir, ..] => self.pattern(pieces, span),
                [Piece::Text(prefix), _, ..] if has_folder(prefix) => {
                    self.pattern(pieces, span);
                    absolute = false;
                }
                _ => {
                    absolute = false;
                    continue;
                }
            }
            followed = true;
        }
        if indirect || !followed {
            self.unfollowable(span, indirect);
        }
        absolute && followed
    }

    fn unfollowable(&mut self, span: Span, indirect: bool) {
        let (offset, len, line) = self.place(span);
        self.out.unfollowable.push(Unfollowable {
            offset,
            len,
            line,
            optional: self.tries > 0,
            indirect,
        });
    }

    /// A specifier that something else loads.
    fn push_indirect(&mut self, specifier: &str, span: Span) {
        let mut import = self.make(specifier, ImportKind::Resolve, span);
        import.optional = true;
        self.out.indirect_imports.push(import);
    }

    fn placed(&self, pieces: Vec<Piece>, span: Span) -> PathPattern {
        let (offset, len, line) = self.place(span);
        PathPattern {
            pieces,
            offset,
            len,
            line,
        }
    }

    fn pattern(&mut self, pieces: Vec<Piece>, span: Span) {
        let pattern = self.placed(pieces, span);
        self.out.patterns.push(pattern);
    }

    fn push_asset(&mut self, pieces: Vec<Piece>, span: Span) {
        let asset = self.placed(pieces, span);
        self.out.assets.push(asset);
    }

    /// Paths of files, used as a value. `true` where one of them is such.
    fn asset(&mut self, paths: Vec<Vec<Piece>>, span: Span) -> bool {
        let mut named = false;
        for mut pieces in paths {
            // `${import.meta.url}/../x`: from the file to its folder.
            if let [Piece::File, Piece::Text(text), ..] = pieces.as_mut_slice()
                && let Some(rest) = text.strip_prefix("/..")
            {
                *text = rest.to_string();
                pieces[0] = Piece::Dir;
            }
            let rooted = match pieces.first() {
                Some(Piece::Dir) => pieces.iter().any(names_something),
                // Where the process runs, an unknown name may be any file of the project.
                Some(Piece::Cwd) => pieces.get(1).is_some_and(names_something),
                _ => false,
            };
            if rooted && !self.in_loaded {
                self.push_asset(pieces, span);
            }
            named |= rooted;
        }
        named
    }

    /// Calls of what looks for files or loads them by itself.
    fn helper(&mut self, node: &CallExpr, callee: &Expr) {
        self.helper_package(node, callee);
        if let Expr::Ident(id) = callee
            && let Some(at) = self.bindings.wrappers.get(&id.to_id())
            && let Some(arg) = node.args.get(*at)
        {
            self.loads(&arg.expr, node.span);
        }
        let (Some(called), Some(first)) = (self.bindings.called(callee), node.args.first()) else {
            return;
        };
        let first = &*first.expr;
        match called {
            "readdir" | "readdirSync" | "opendir" | "opendirSync" => self.listed(node, first),
            "find" => self.found_by_manifest(node, first),
            "set" if is_text(first, "view engine") => self.view_engine(node),
            "render" => self.rendered(node, first),
            "register" if callee_is_imported(self.bindings, callee) => self.registered(node, first),
            _ => {}
        }
    }

    /// A call of a package that the table of helpers knows.
    fn helper_package(&mut self, node: &CallExpr, callee: &Expr) {
        let (Some(module), Some(first)) = (self.bindings.module_of(callee), node.args.first())
        else {
            return;
        };
        let package = module.rsplit('/').next().unwrap_or(module);
        match helper_call(package) {
            Some(HelperCall::FindAddonByName) => self.addon(node, bindings_name(&first.expr)),
            Some(HelperCall::FindAddonBelow) => {
                let rooted = |pieces: &Vec<Piece>| pieces.first() == Some(&Piece::Dir);
                let folder = self.bindings.path(&first.expr).filter(rooted);
                self.addon(node, Some(AddonSearch::Below(folder)));
            }
            Some(HelperCall::LoadFromFolder) => {
                if let [from, what, ..] = node.args.as_slice()
                    && self.bindings.path(&from.expr).as_deref() == Some(&[Piece::Dir])
                {
                    self.literal(&what.expr, node.span);
                }
            }
            Some(HelperCall::LoadTransport | HelperCall::LoadViewEngine) | None => {}
        }
    }

    /// Whether the file imports a package whose calls mean `what`.
    fn uses_helper(&self, what: HelperCall) -> bool {
        self.bindings
            .mentions(|module| helper_call(module) == Some(what))
    }

    /// The file's whole folder is listed.
    fn listed(&mut self, node: &CallExpr, folder: &Expr) {
        if self.bindings.path(folder).as_deref() == Some(&[Piece::Dir]) {
            self.push_asset(vec![Piece::Dir, Piece::Text("/.".into())], node.span);
        }
    }

    /// `find('…/package.json')`: the addon is where that manifest says.
    fn found_by_manifest(&mut self, node: &CallExpr, manifest: &Expr) {
        if let Some(pieces) = self.bindings.path(manifest)
            && matches!(pieces.as_slice(), [Piece::Dir, Piece::Text(text)]
                if text.ends_with("package.json"))
        {
            self.addon(node, Some(AddonSearch::Manifest(pieces)));
        }
    }

    /// `app.set('view engine', 'pug')`: Express loads the engine by the name of the extension.
    fn view_engine(&mut self, node: &CallExpr) {
        if let Some(engine) = node.args.get(1) {
            self.literal(&engine.expr, node.span);
            // Unless told, views lie where the process runs.
            let views = vec![Piece::Cwd, Piece::Text("/views".into())];
            self.push_asset(views, node.span);
        }
    }

    /// `response.render('page.pug')`, where the file has a package that loads engines for it.
    fn rendered(&mut self, node: &CallExpr, view: &Expr) {
        let Expr::Lit(Lit::Str(name)) = view else {
            return;
        };
        if !self.uses_helper(HelperCall::LoadViewEngine) {
            return;
        }
        let name = name.value.as_str().unwrap_or_default();
        let engine = name.rsplit_once('.').map_or("", |(_, engine)| engine);
        if !engine.is_empty() && engine.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.push_indirect(engine, node.span);
        }
    }

    /// `register(hooks, from)`: hooks of the module loader, by name from the file that is named
    /// beside them.
    fn registered(&mut self, node: &CallExpr, hooks: &Expr) {
        let from = node
            .args
            .get(1)
            .and_then(|arg| self.bindings.path(&arg.expr));
        match from.as_deref() {
            Some([Piece::Text(text)]) if text.trim_matches(['.', '/']).is_empty() => {
                if let Some(Piece::Text(name)) =
                    self.bindings.path(hooks).unwrap_or_default().first()
                {
                    let path = vec![Piece::Cwd, Piece::Text(format!("/{name}"))];
                    self.push_asset(path, node.span);
                }
            }
            _ => self.literal(hooks, node.span),
        }
    }

    /// What a wrapper around `require` is called with.
    fn loads(&mut self, expr: &Expr, span: Span) {
        for pieces in self.bindings.paths(expr) {
            match pieces.as_slice() {
                [Piece::Text(text)] => self.push_indirect(text, span),
                [Piece::Dir, Piece::Text(rest)] if rest.starts_with('/') => {
                    self.import_whole(rest, ImportKind::Require, span);
                }
                [Piece::Dir, ..] => self.pattern(pieces, span),
                [Piece::Text(prefix), ..] if has_folder(prefix) => self.pattern(pieces, span),
                _ => {}
            }
        }
    }

    fn literal(&mut self, expr: &Expr, span: Span) {
        for pieces in self.bindings.paths(expr) {
            if let [Piece::Text(text)] = pieces.as_slice() {
                self.push_indirect(text, span);
            }
        }
    }

    fn addon(&mut self, node: &CallExpr, search: Option<AddonSearch>) {
        if let Some(search) = search {
            let line = self.place(node.span).2;
            let optional = self.tries > 0;
            self.out.addons.push(AddonRef {
                search,
                line,
                optional,
            });
        }
    }

    fn in_function(&mut self, visit: impl FnOnce(&mut Self)) {
        self.functions += 1;
        self.in_sum = false;
        visit(self);
        self.functions -= 1;
    }

    fn await_at(&mut self, span: Span) {
        if self.functions == 0 && self.out.top_level_await.is_none() {
            self.out.top_level_await = Some(self.place(span).2);
        }
    }

    fn visit_call(&mut self, node: &CallExpr) -> Claim {
        match &node.callee {
            Callee::Import(_) => {
                let arg = node.args.first();
                let absolute = arg
                    .is_some_and(|arg| self.specifier(&arg.expr, ImportKind::Dynamic, node.span));
                Claim::Loads { absolute }
            }
            Callee::Expr(callee) => {
                if self.bindings.is_require(callee) {
                    let absolute = matches!(node.args.as_slice(), [arg, ..]
                        if arg.spread.is_none()
                            && self.specifier(&arg.expr, ImportKind::Require, node.span));
                    return Claim::Loads { absolute };
                }
                match &**callee {
                    Expr::Member(member)
                        if prop_name(&member.prop) == Some("resolve")
                            && (self.bindings.is_require(&member.obj)
                                || is_import_meta(&member.obj)) =>
                    {
                        if let Some(arg) = node.args.first() {
                            // What `resolve` gives is a name: a failure is the caller's to see.
                            let before = self.out.unfollowable.len();
                            self.specifier(&arg.expr, ImportKind::Resolve, node.span);
                            self.out.unfollowable[before..]
                                .iter_mut()
                                .for_each(|u| u.optional = true);
                        }
                        Claim::Resolves
                    }
                    Expr::Ident(name) if name.sym == "require" || self.bindings.is_handed(name) => {
                        if let [arg] = node.args.as_slice()
                            && let Expr::Lit(Lit::Str(text)) = &*arg.expr
                            && let Some(text) = text.value.as_str()
                        {
                            let mut import = self.make(text, ImportKind::Require, node.span);
                            import.optional = true;
                            self.inner_requires.push((import, name.sym == "require"));
                        }
                        Claim::None
                    }
                    _ => Claim::None,
                }
            }
            Callee::Super(_) => Claim::None,
        }
    }
}

/// What a call is to Node's module loader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    None,
    Resolves,
    /// `absolute` where all that it may ask for are paths that start in the file's folder.
    Loads {
        absolute: bool,
    },
}

/// A path below or beside a folder, as a specifier of a file there.
fn below(rest: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    match parts.first() {
        Some(&"..") => parts.join("/"),
        _ => format!("./{}", parts.join("/")),
    }
}

fn names_something(piece: &Piece) -> bool {
    matches!(piece, Piece::Text(text) if !text.trim_matches(['/', '.']).is_empty())
}

/// `'addon.node'`, or `{ bindings: 'addon' }`.
fn bindings_name(expr: &Expr) -> Option<AddonSearch> {
    let text = |expr: &Expr| match expr {
        Expr::Lit(Lit::Str(text)) => text.value.as_str().map(str::to_string),
        _ => None,
    };
    let name = match expr {
        Expr::Object(object) => object.props.iter().find_map(|prop| {
            let pair = prop.as_prop()?.as_key_value()?;
            (pair.key.as_ident()?.sym == "bindings").then(|| text(&pair.value))?
        }),
        expr => text(expr),
    };
    name.map(AddonSearch::Named)
}

/// `register` of `module` and nothing else of that name.
fn callee_is_imported(bindings: &ScopeBindings, callee: &Expr) -> bool {
    let module = match callee {
        Expr::Ident(id) => bindings.origin(id),
        Expr::Member(member) => bindings.module_of(&member.obj),
        _ => None,
    };
    module.is_some_and(|name| name.trim_start_matches("node:") == "module")
}

fn is_text(expr: &Expr, text: &str) -> bool {
    matches!(expr, Expr::Lit(Lit::Str(found)) if found.value.as_str() == Some(text))
}

impl Visit for Scanner<'_> {
    fn visit_module_decl(&mut self, node: &ModuleDecl) {
        self.out.esm_syntax = true;
        node.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, node: &ImportDecl) {
        if let Some(text) = node.src.value.as_str() {
            self.import(text, ImportKind::Static, node.span);
        }
    }

    fn visit_export_all(&mut self, node: &ExportAll) {
        if let Some(text) = node.src.value.as_str() {
            self.import(text, ImportKind::Static, node.span);
        }
    }

    fn visit_named_export(&mut self, node: &NamedExport) {
        if let Some(text) = node.src.as_ref().and_then(|src| src.value.as_str()) {
            self.import(text, ImportKind::Static, node.span);
        }
    }

    fn visit_meta_prop_expr(&mut self, node: &MetaPropExpr) {
        if node.kind == MetaPropKind::ImportMeta {
            self.out.esm_syntax = true;
        }
    }

    fn visit_call_expr(&mut self, node: &CallExpr) {
        self.in_sum = false;
        let claim = self.visit_call(node);
        let claimed = claim != Claim::None;
        if let Callee::Expr(callee) = &node.callee
            && !claimed
        {
            self.helper(node, callee);
        }
        if !claimed && self.asset(self.bindings.call_paths(node), node.span) {
            return;
        }
        // `require` as an argument escapes into a wrapper.
        for arg in &node.args {
            if self.bindings.is_global(&arg.expr, "require") {
                self.require_escapes = true;
            }
        }
        if claimed {
            let loaded = claim == Claim::Loads { absolute: true };
            let outer = std::mem::replace(&mut self.in_loaded, loaded);
            node.args.visit_with(self);
            self.in_loaded = outer;
        } else {
            node.visit_children_with(self);
        }
    }

    fn visit_ident(&mut self, node: &Ident) {
        self.require_is_kept |= node.sym == "require" && node.ctxt == self.bindings.unresolved;
    }

    fn visit_unary_expr(&mut self, node: &UnaryExpr) {
        // `typeof require` asks whether it is there.
        if node.op != UnaryOp::TypeOf || !node.arg.is_ident() {
            node.visit_children_with(self);
        }
    }

    /// `transport: { target: 'x' }` of a logger: it loads `x` in a thread of its own.
    fn visit_key_value_prop(&mut self, node: &KeyValueProp) {
        if let PropName::Ident(key) = &node.key
            && key.sym == "target"
            && let Expr::Lit(Lit::Str(text)) = &*node.value
            && let Some(text) = text.value.as_str()
            && self.uses_helper(HelperCall::LoadTransport)
            && !text.is_empty()
        {
            let text = text.to_string();
            self.push_indirect(&text, crate::syntax::Spanned::span(node));
        }
        node.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, node: &NewExpr) {
        if !self.asset(self.bindings.new_paths(node), node.span) {
            node.visit_children_with(self);
        }
    }

    fn visit_tpl(&mut self, node: &Tpl) {
        if node.exprs.is_empty() || !self.asset(self.bindings.template_paths(node), node.span) {
            node.visit_children_with(self);
        }
    }

    fn visit_bin_expr(&mut self, node: &BinExpr) {
        match node.op {
            BinaryOp::LogicalAnd | BinaryOp::LogicalOr => {
                node.left.visit_with(self);
                let known = self.bindings.condition(&node.left, self.defines);
                let dead = known == Some(node.op == BinaryOp::LogicalOr);
                if !dead {
                    node.right.visit_with(self);
                }
            }
            // The outermost `+` of a chain speaks for all of it.
            BinaryOp::Add => {
                let inner = std::mem::replace(&mut self.in_sum, true);
                if inner || !self.asset(self.bindings.sum_paths(node), node.span) {
                    node.left.visit_with(self);
                    self.in_sum = false;
                    node.right.visit_with(self);
                }
                self.in_sum = inner;
            }
            _ => node.visit_children_with(self),
        }
    }

    fn visit_if_stmt(&mut self, node: &IfStmt) {
        self.branches(&node.test, &node.cons, &node.alt);
    }

    fn visit_cond_expr(&mut self, node: &CondExpr) {
        self.branches(&node.test, &node.cons, &node.alt);
    }

    fn visit_try_stmt(&mut self, node: &TryStmt) {
        let caught = u32::from(node.handler.is_some());
        self.tries += caught;
        node.block.visit_with(self);
        self.tries -= caught;
        node.handler.visit_with(self);
        node.finalizer.visit_with(self);
    }

    fn visit_function(&mut self, node: &Function) {
        self.in_function(|this| node.visit_children_with(this));
    }

    fn visit_arrow_expr(&mut self, node: &ArrowExpr) {
        self.in_function(|this| node.visit_children_with(this));
    }

    // A class's own class, its decorators and the computed names of its members stand where it stands.
    fn visit_constructor(&mut self, node: &Constructor) {
        self.in_function(|this| node.visit_children_with(this));
    }

    fn visit_static_block(&mut self, node: &StaticBlock) {
        self.in_function(|this| node.visit_children_with(this));
    }

    fn visit_class_prop(&mut self, node: &ClassProp) {
        node.decorators.visit_with(self);
        node.key.visit_with(self);
        self.in_function(|this| node.value.visit_with(this));
    }

    fn visit_private_prop(&mut self, node: &PrivateProp) {
        node.decorators.visit_with(self);
        self.in_function(|this| node.value.visit_with(this));
    }

    fn visit_auto_accessor(&mut self, node: &AutoAccessor) {
        node.decorators.visit_with(self);
        node.key.visit_with(self);
        self.in_function(|this| node.value.visit_with(this));
    }

    fn visit_await_expr(&mut self, node: &AwaitExpr) {
        self.await_at(node.span);
        node.visit_children_with(self);
    }

    fn visit_using_decl(&mut self, node: &UsingDecl) {
        if node.is_await {
            self.await_at(node.span);
        }
        node.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, node: &ForOfStmt) {
        if node.is_await {
            self.await_at(node.span);
        }
        node.visit_children_with(self);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::scan::{ImportKind, ModuleScan, Piece, scan};
    use crate::syntax::{Dialect, Session, TsOptions};

    fn run(name: &str, text: &str) -> ModuleScan {
        run_with(name, text, &[])
    }

    fn run_with(name: &str, text: &str, defines: &[(&str, &str)]) -> ModuleScan {
        let session = Session::default();
        let defines = defines
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect();
        session.enter(|| {
            let path = Path::new(name);
            let ast = session
                .parse(
                    path,
                    text,
                    Dialect::of_file(path, false),
                    &TsOptions::default(),
                )
                .unwrap();
            scan(&ast, text, &defines)
        })
    }

    fn specifiers(scan: &ModuleScan) -> Vec<&str> {
        scan.imports
            .iter()
            .map(|import| &*import.specifier)
            .collect()
    }

    #[test]
    fn a_wrapper_around_require_is_followed_as_long_as_all_its_calls_are_known() {
        let wrapper = "const load = (name) => require(name);\n";
        let open = |rest: &str| {
            let found = run("a.js", &format!("{wrapper}{rest}"));
            found.unfollowable.iter().any(|one| !one.indirect)
        };
        for known in [
            "load('a'); load(x ? 'b' : 'c');",
            "load(`./l/${x}.js`);",
            "",
        ] {
            assert!(!open(known), "{known}");
        }
        for unknown in [
            "load('a'); load(x);",
            "list.map(load);",
            "module.exports = load;",
            "module.exports = { load };",
            "export { load };",
            "load(...list);",
        ] {
            assert!(open(unknown), "{unknown}");
        }
        let exported = run(
            "a.mjs",
            "export function load(name) { return require(name); }",
        );
        assert!(exported.unfollowable.iter().all(|one| !one.indirect));
        let found = run("a.js", &format!("{wrapper}load(`./l/${{x}}.js`);"));
        assert_eq!(found.patterns.len(), 1);
    }

    #[test]
    fn every_form_of_import_is_found_with_its_line() {
        let found = run(
            "a.mjs",
            "import a from 'a';\nexport * from 'b';\nexport { c } from 'c';\nconst d = import('d');\n\
             import { createRequire as cr } from 'node:module';\nconst need = cr(import.meta.url);\n\
             need('e');\nneed.resolve('f');\nimport.meta.resolve('g');\nimport './h.js';",
        );
        assert_eq!(
            specifiers(&found),
            ["a", "b", "c", "d", "node:module", "e", "f", "g", "./h.js"]
        );
        let lines: Vec<u32> = found.imports.iter().map(|i| i.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 7, 8, 9, 10]);
        assert_eq!(found.imports[6].kind, ImportKind::Resolve);
        assert!(found.esm_syntax);
    }

    #[test]
    fn a_require_that_is_not_nodes_is_no_import() {
        let found = run(
            "a.js",
            "(function (require) { require('x'); })(function () {});",
        );
        assert!(found.imports.is_empty());
        let found = run(
            "umd.js",
            "(function (f) { f(require, exports); })(function (require, exports) { require('./x'); });",
        );
        assert_eq!(specifiers(&found), ["./x"]);
    }

    #[test]
    fn requires_in_a_try_are_optional_and_both_arms_are_followed() {
        let found = run(
            "a.js",
            "try { require('x'); } catch {}\nrequire(cond ? 'y' : 'z');\ntry { require('w') } finally {}",
        );
        assert_eq!(specifiers(&found), ["x", "y", "z", "w"]);
        let optional: Vec<bool> = found.imports.iter().map(|i| i.optional).collect();
        assert_eq!(optional, [true, false, false, false]);
    }

    #[test]
    fn a_known_condition_hides_its_dead_branch() {
        let text = "if (process.env.NODE_ENV === 'production') require('p'); else require('d');\n\
                    process.env.NODE_ENV !== 'production' && require('warn');\nif (false) require('never');";
        let open = run("a.js", text);
        assert_eq!(specifiers(&open), ["p", "d", "warn"]);
        let closed = run_with("a.js", text, &[("process.env.NODE_ENV", "production")]);
        assert_eq!(specifiers(&closed), ["p"]);
    }

    #[test]
    fn a_constant_prefix_is_a_pattern_and_less_is_unfollowable() {
        let found = run(
            "a.js",
            "require('./locale/' + name);\nrequire(`./l/${a}/x.js`);\nrequire(name);\nrequire('a' + b);",
        );
        assert_eq!(found.patterns.len(), 2);
        assert_eq!(
            found.patterns[0].pieces,
            [Piece::Text("./locale/".into()), Piece::Any]
        );
        let lines: Vec<u32> = found.unfollowable.iter().map(|u| u.line).collect();
        assert_eq!(lines, [3, 4]);
    }

    #[test]
    fn paths_beside_the_file_are_assets() {
        let found = run(
            "a.js",
            "const path = require('path');\nconst dir = path.join(__dirname, 'views');\n\
             fs.readFileSync(path.join(dir, 'a.html'));\nfs.readFileSync(__dirname + '/b.txt');\n\
             fs.readFileSync(`${__dirname}/c/${x}.txt`);",
        );
        let assets: Vec<_> = found.assets.iter().map(|a| a.pieces.clone()).collect();
        let text = |t: &str| Piece::Text(t.into());
        assert_eq!(assets[0], [Piece::Dir, text("/views")]);
        assert_eq!(assets[1], [Piece::Dir, text("/views/a.html")]);
        assert_eq!(assets[2], [Piece::Dir, text("/b.txt")]);
        assert_eq!(
            assets[3],
            [Piece::Dir, text("/c/"), Piece::Any, text(".txt")]
        );
        let found = run(
            "b.mjs",
            "const here = dirname(fileURLToPath(import.meta.url));\nreadFile(join(here, 'x.txt'));\n\
             readFile(new URL('./y.txt', import.meta.url));",
        );
        assert_eq!(found.assets.len(), 2);
        assert_eq!(found.assets[1].pieces, [Piece::Dir, text("/./y.txt")]);
    }

    #[test]
    fn a_variable_of_itself_ends() {
        let found = run(
            "a.js",
            "var isFinite = isFinite; isFinite(1); var a = b, b = a; a('x'); a.join(b, 'y');",
        );
        assert!(found.imports.is_empty());
    }

    #[test]
    fn type_only_imports_of_typescript_are_no_imports() {
        let found = run(
            "a.ts",
            "import type { A } from 'a';\nimport { B } from 'b';\nimport { c } from 'c';\n\
             export const x: B = c();\nimport d = require('d');\nd();",
        );
        assert_eq!(specifiers(&found), ["c", "d"]);
    }

    #[test]
    fn top_level_await_is_told_from_one_in_a_function() {
        assert_eq!(
            run("a.mjs", "const f = async () => { await 1; };").top_level_await,
            None
        );
        assert_eq!(run("a.mjs", "\nawait 1;").top_level_await, Some(2));
        assert_eq!(
            run("a.mjs", "\nclass A { [await 1]() {} }").top_level_await,
            Some(2)
        );
        let in_static = "class A { static a = (async () => { await 1; })(); }";
        assert_eq!(run("a.mjs", in_static).top_level_await, None);
        assert_eq!(
            run("a.mjs", "\nawait using a = null;").top_level_await,
            Some(2)
        );
    }
}
