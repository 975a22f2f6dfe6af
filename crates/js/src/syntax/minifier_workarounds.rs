//! What the minifier takes for granted, and code that is otherwise.
//!
//! In: a whole bundle before it is minified. Out: the same program, in which the rare things that
//! the minifier gets wrong are said in another way that it gets right:
//! - a `var` that a hoisted function reads before it is set (it would be taken for a constant);
//! - a parameter that the body declares again, as a function (both would get names of their own)
//!   or as a `var` (where the call is inlined, nothing would declare it);
//! - a function that its body declares again, as a function or as a `var` (where the call is inlined
//!   at the top of a module, that would be a syntax error);
//! - a getter in an object that is spread (it would be taken to do nothing);
//! - a strict arrow function that is called where it stands (its body would move out of it, and
//!   what is around it would be strict too);
//! - a regular expression made of a text that may be none (as a literal it would keep the whole
//!   bundle from loading).

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Mark, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

/// Says what the minifier would get wrong in another way.
pub fn work_around(program: &mut Program, unresolved: Mark) {
    let unresolved = SyntaxContext::empty().apply_mark(unresolved);
    program.visit_mut_with(&mut WorkAround { unresolved });
}

struct WorkAround {
    unresolved: SyntaxContext,
}

impl VisitMut for WorkAround {
    fn visit_mut_module(&mut self, module: &mut Module) {
        module.visit_mut_children_with(self);
        let early = early(module.body.iter().map(|item| match item {
            ModuleItem::Stmt(stmt) => At::Stmt(stmt),
            ModuleItem::ModuleDecl(decl) => At::Other(decl),
        }));
        if !early.is_empty() {
            module.visit_mut_children_with(&mut Unsettle { early: &early });
        }
    }

    fn visit_mut_script(&mut self, script: &mut Script) {
        script.visit_mut_children_with(self);
        let early = early(script.body.iter().map(At::Stmt));
        if !early.is_empty() {
            script.visit_mut_children_with(&mut Unsettle { early: &early });
        }
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        function.visit_mut_children_with(self);
        if let Some(body) = &mut function.body {
            let mut pats: Vec<&mut Pat> = function.params.iter_mut().map(|p| &mut p.pat).collect();
            declared_twice(&pats, body);
            redeclared(&mut pats, body);
            declared_once(body);
            settle_body(body);
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        arrow.visit_mut_children_with(self);
        if let ArrowFunctionBody::FunctionBody(body) = &mut *arrow.body {
            let mut pats: Vec<&mut Pat> = arrow.params.iter_mut().collect();
            declared_twice(&pats, body);
            redeclared(&mut pats, body);
            declared_once(body);
            settle_body(body);
        }
    }

    fn visit_mut_new_expr(&mut self, node: &mut NewExpr) {
        node.visit_mut_children_with(self);
        if let Some(args) = &mut node.args
            && self.is_regexp(&node.callee)
        {
            unfold(args);
        }
    }

    fn visit_mut_call_expr(&mut self, node: &mut CallExpr) {
        node.visit_mut_children_with(self);
        let Callee::Expr(callee) = &mut node.callee else {
            return;
        };
        if self.is_regexp(callee) {
            unfold(&mut node.args);
        } else if is_strict_arrow(callee) {
            **callee = Expr::Member(MemberExpr {
                span: DUMMY_SP,
                obj: callee.take(),
                prop: MemberProp::Ident(IdentName::new("call".into(), DUMMY_SP)),
            });
            if !node.args.is_empty() {
                node.args.insert(0, Expr::undefined(DUMMY_SP).into());
            }
        }
    }

    fn visit_mut_spread_element(&mut self, spread: &mut SpreadElement) {
        spread.visit_mut_children_with(self);
        let Expr::Object(object) = &*spread.expr else {
            return;
        };
        let gets = object.props.iter().any(
            |prop| matches!(prop, PropOrSpread::Prop(prop) if matches!(**prop, Prop::Getter(_))),
        );
        if gets {
            let object = spread.expr.take();
            let global = Ident::new("Object".into(), DUMMY_SP, self.unresolved);
            let assign = MemberExpr {
                span: DUMMY_SP,
                obj: Box::new(Expr::Ident(global)),
                prop: MemberProp::Ident(IdentName::new("assign".into(), DUMMY_SP)),
            };
            let empty = Expr::Object(ObjectLit::default());
            *spread.expr = Expr::Call(CallExpr {
                callee: Callee::Expr(Box::new(Expr::Member(assign))),
                args: vec![empty.into(), object.into()],
                ..Default::default()
            });
        }
    }
}

fn is_strict_arrow(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_strict_arrow(&paren.expr),
        Expr::Arrow(arrow) => match &*arrow.body {
            ArrowFunctionBody::FunctionBody(body) => body
                .stmts
                .iter()
                .map_while(|stmt| match stmt {
                    Stmt::Expr(stmt) => match &*stmt.expr {
                        Expr::Lit(Lit::Str(text)) => Some(text),
                        _ => None,
                    },
                    _ => None,
                })
                .any(|text| text.value == *"use strict"),
            ArrowFunctionBody::Expr(_) => false,
        },
        _ => false,
    }
}

impl WorkAround {
    fn is_regexp(&self, callee: &Expr) -> bool {
        matches!(callee, Expr::Ident(name) if name.sym == "RegExp" && name.ctxt == self.unresolved)
    }
}

/// An argument that `RegExp` does not look at, and that the minifier makes no literal with.
fn unfold(args: &mut Vec<ExprOrSpread>) {
    let doubtful = |arg: &ExprOrSpread| match &*arg.expr {
        Expr::Lit(Lit::Str(text)) => {
            let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            !text.value.as_str().is_some_and(plain)
        }
        _ => false,
    };
    if !args.first().is_some_and(doubtful) || args.len() > 2 {
        return;
    }
    if args.len() == 1 {
        args.push(Expr::undefined(DUMMY_SP).into());
    }
    args.push(
        Expr::Lit(Lit::Num(Number {
            span: DUMMY_SP,
            value: 0.0,
            raw: None,
        }))
        .into(),
    );
}

fn settle_body(body: &mut FunctionBody) {
    let early = early(body.stmts.iter().map(At::Stmt));
    if !early.is_empty() {
        body.visit_mut_children_with(&mut Unsettle { early: &early });
    }
}

/// Leaves one declaration of each function of a body: the last one, which is what its name means
/// from the start. A `var` of that name only sets it.
fn declared_once(body: &mut FunctionBody) {
    let mut seen: FxHashSet<Id> = FxHashSet::default();
    let mut again = false;
    for stmt in body.stmts.iter().rev() {
        if let Stmt::Decl(Decl::Fn(function)) = stmt {
            again |= !seen.insert(function.ident.to_id());
        }
    }
    if seen.is_empty() {
        return;
    }
    if again {
        let mut last: FxHashSet<Id> = FxHashSet::default();
        let mut stmts = std::mem::take(&mut body.stmts);
        stmts.reverse();
        stmts.retain(|stmt| match stmt {
            Stmt::Decl(Decl::Fn(function)) => last.insert(function.ident.to_id()),
            _ => true,
        });
        stmts.reverse();
        body.stmts = stmts;
    }
    body.visit_mut_children_with(&mut Undeclare { params: &seen });
}

/// Gives parameters another name that a function of the body declares again: that function is
/// what the name means from the start.
fn redeclared(params: &mut [&mut Pat], body: &FunctionBody) {
    let functions: FxHashSet<Id> = body
        .stmts
        .iter()
        .filter_map(|stmt| match stmt {
            Stmt::Decl(Decl::Fn(function)) => Some(function.ident.to_id()),
            _ => None,
        })
        .collect();
    if functions.is_empty() {
        return;
    }
    let mut rename = Rename {
        functions: &functions,
        context: SyntaxContext::empty().apply_mark(Mark::new()),
    };
    for param in params {
        param.visit_mut_with(&mut rename);
    }
}

struct Rename<'a> {
    functions: &'a FxHashSet<Id>,
    context: SyntaxContext,
}

impl VisitMut for Rename<'_> {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if self.functions.contains(&name.to_id()) {
            name.ctxt = self.context;
        }
    }
}

/// Takes `var` away from what the parameters declare already. Where one of them has a default
/// value, the body has variables of its own by the same names: there nothing changes.
fn declared_twice(params: &[&mut Pat], body: &mut FunctionBody) {
    let mut names = BoundNames::default();
    for param in params {
        param.visit_with(&mut names);
    }
    if names.has_default {
        return;
    }
    body.visit_mut_children_with(&mut Undeclare { params: &names.ids });
}

#[derive(Default)]
struct BoundNames {
    ids: FxHashSet<Id>,
    has_default: bool,
}

impl Visit for BoundNames {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.ids.insert(name.to_id());
    }
    fn visit_object_pat_prop(&mut self, prop: &ObjectPatProp) {
        match prop {
            ObjectPatProp::Assign(short) => {
                self.ids.insert(short.key.to_id());
                self.has_default |= short.value.is_some();
            }
            ObjectPatProp::KeyValue(pair) => {
                self.has_default |= matches!(pair.key, PropName::Computed(_));
                pair.value.visit_with(self);
            }
            ObjectPatProp::Rest(rest) => rest.arg.visit_with(self),
        }
    }
    fn visit_assign_pat(&mut self, _: &AssignPat) {
        self.has_default = true;
    }
}

/// Takes `var` away from names that are declared otherwise.
struct Undeclare<'a> {
    params: &'a FxHashSet<Id>,
}

impl Undeclare<'_> {
    fn is_param(&self, decl: &VarDeclarator) -> bool {
        matches!(&decl.name, Pat::Ident(name) if self.params.contains(&name.to_id()))
    }

    /// The assignments that are left of declarations; `None` where there are none.
    fn assigned(decls: Vec<VarDeclarator>) -> Option<Box<Expr>> {
        let mut exprs: Vec<Box<Expr>> = decls
            .into_iter()
            .filter_map(|decl| {
                let (Pat::Ident(name), Some(value)) = (decl.name, decl.init) else {
                    return None;
                };
                Some(Box::new(Expr::Assign(AssignExpr {
                    span: decl.span,
                    op: AssignOp::Assign,
                    left: AssignTarget::Simple(SimpleAssignTarget::Ident(name)),
                    right: value,
                })))
            })
            .collect();
        match exprs.len() {
            0 | 1 => exprs.pop(),
            _ => Some(Box::new(Expr::Seq(SeqExpr {
                span: DUMMY_SP,
                exprs,
            }))),
        }
    }
}

impl VisitMut for Undeclare<'_> {
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_arrow_expr(&mut self, _: &mut ArrowExpr) {}
    fn visit_mut_class(&mut self, _: &mut Class) {}

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        stmt.visit_mut_children_with(self);
        let Stmt::Decl(Decl::Var(var)) = stmt else {
            return;
        };
        if var.kind != VarDeclKind::Var || !var.decls.iter().any(|decl| self.is_param(decl)) {
            return;
        }
        let mut stmts = Vec::new();
        for decl in std::mem::take(&mut var.decls) {
            if self.is_param(&decl) {
                stmts.extend(Self::assigned(vec![decl]).map(|expr| {
                    Stmt::Expr(ExprStmt {
                        span: DUMMY_SP,
                        expr,
                    })
                }));
            } else {
                stmts.push(Stmt::Decl(Decl::Var(Box::new(VarDecl {
                    decls: vec![decl],
                    ..(**var).clone()
                }))));
            }
        }
        *stmt = match stmts.len() {
            0 => Stmt::Empty(EmptyStmt { span: DUMMY_SP }),
            1 => stmts.remove(0),
            // What is declared in a block by `var` is declared around it.
            _ => Stmt::Block(BlockStmt {
                stmts,
                ..Default::default()
            }),
        };
    }

    fn visit_mut_for_stmt(&mut self, stmt: &mut ForStmt) {
        stmt.visit_mut_children_with(self);
        if let Some(VarDeclOrExpr::VarDecl(var)) = &mut stmt.init
            && var.kind == VarDeclKind::Var
            && var.decls.iter().all(|decl| self.is_param(decl))
        {
            let decls = std::mem::take(&mut var.decls);
            stmt.init = Self::assigned(decls).map(VarDeclOrExpr::Expr);
        }
    }

    fn visit_mut_for_head(&mut self, head: &mut ForHead) {
        head.visit_mut_children_with(self);
        if let ForHead::VarDecl(var) = head
            && var.kind == VarDeclKind::Var
            && let [decl] = var.decls.as_slice()
            && self.is_param(decl)
            && decl.init.is_none()
        {
            *head = ForHead::Pat(Box::new(decl.name.clone()));
        }
    }
}

/// A top-level item of a scope.
enum At<'a> {
    Stmt(&'a Stmt),
    Other(&'a ModuleDecl),
}

/// The variables of a scope that one of its hoisted functions, mentioned further up, reads, or
/// that are mentioned further up themselves.
fn early<'a>(items: impl Iterator<Item = At<'a>>) -> FxHashSet<Id> {
    let items: Vec<At<'a>> = items.collect();
    let mut candidates: FxHashMap<Id, usize> = FxHashMap::default();
    let mut functions: FxHashMap<Id, &FnDecl> = FxHashMap::default();
    for (at, item) in items.iter().enumerate() {
        match item {
            At::Stmt(Stmt::Decl(Decl::Var(var))) if var.kind == VarDeclKind::Var => {
                for decl in &var.decls {
                    if let (Pat::Ident(name), Some(init)) = (&decl.name, &decl.init)
                        && is_constant(init)
                    {
                        candidates.insert(name.to_id(), at);
                    }
                }
            }
            At::Stmt(Stmt::Decl(Decl::Fn(function))) => {
                functions.insert(function.ident.to_id(), function);
            }
            _ => {}
        }
    }
    if candidates.is_empty() {
        return FxHashSet::default();
    }
    // What each function reads, by way of others too.
    let interesting = |id: &Id| candidates.contains_key(id) || functions.contains_key(id);
    let direct: FxHashMap<Id, FxHashSet<Id>> = functions
        .iter()
        .map(|(id, function)| (id.clone(), mentions(&*function.function, &interesting)))
        .collect();
    let mut out = FxHashSet::default();
    let mut reached: FxHashSet<Id> = FxHashSet::default();
    for (at, item) in items.iter().enumerate() {
        let found = match item {
            // A declaration runs nothing.
            At::Stmt(Stmt::Decl(Decl::Fn(_))) => continue,
            At::Stmt(stmt) => mentions(*stmt, &interesting),
            At::Other(decl) => mentions(*decl, &interesting),
        };
        let mut queue: Vec<Id> = found.into_iter().collect();
        while let Some(id) = queue.pop() {
            if candidates.get(&id).is_some_and(|set| *set > at) {
                out.insert(id.clone());
            }
            if functions.contains_key(&id) && reached.insert(id.clone()) {
                queue.extend(direct[&id].iter().cloned());
            }
        }
    }
    out
}

/// What the minifier puts in the place of a variable's name.
fn is_constant(init: &Expr) -> bool {
    match init {
        Expr::Lit(_) | Expr::Arrow(_) | Expr::Fn(_) => true,
        Expr::Unary(unary) => is_constant(&unary.arg),
        Expr::Paren(paren) => is_constant(&paren.expr),
        Expr::Tpl(template) => template.exprs.is_empty(),
        _ => false,
    }
}

fn mentions<'a>(
    node: &impl VisitWith<Mentions<'a>>,
    interesting: &'a dyn Fn(&Id) -> bool,
) -> FxHashSet<Id> {
    let mut mentions = Mentions {
        interesting,
        out: FxHashSet::default(),
    };
    node.visit_with(&mut mentions);
    mentions.out
}

struct Mentions<'a> {
    interesting: &'a dyn Fn(&Id) -> bool,
    out: FxHashSet<Id>,
}

impl Visit for Mentions<'_> {
    fn visit_ident(&mut self, name: &Ident) {
        let id = name.to_id();
        if (self.interesting)(&id) {
            self.out.insert(id);
        }
    }
}

/// Sets the variables in two steps, so that none counts as constant.
struct Unsettle<'a> {
    early: &'a FxHashSet<Id>,
}

impl Unsettle<'_> {
    fn stmts(&self, stmts: &mut Vec<Stmt>) {
        if !stmts.iter().any(|stmt| self.concerns(stmt)) {
            return;
        }
        let mut out = Vec::with_capacity(stmts.len() + 1);
        for stmt in stmts.drain(..) {
            self.split(stmt, &mut out);
        }
        *stmts = out;
    }

    fn concerns(&self, stmt: &Stmt) -> bool {
        let Stmt::Decl(Decl::Var(var)) = stmt else {
            return false;
        };
        var.decls.iter().any(
            |decl| matches!(&decl.name, Pat::Ident(name) if self.early.contains(&name.to_id())),
        )
    }

    /// `var a = 1, b = 2` to `var a = void 0; a = 1; var b = 2`, in order.
    fn split(&self, stmt: Stmt, out: &mut Vec<Stmt>) {
        if !self.concerns(&stmt) {
            out.push(stmt);
            return;
        }
        let Stmt::Decl(Decl::Var(mut var)) = stmt else {
            return;
        };
        for mut decl in std::mem::take(&mut var.decls) {
            let set = match (&decl.name, &mut decl.init) {
                (Pat::Ident(name), Some(init)) if self.early.contains(&name.to_id()) => {
                    let nothing = Expr::undefined(DUMMY_SP);
                    Some((name.clone(), std::mem::replace(init, nothing)))
                }
                _ => None,
            };
            out.push(Stmt::Decl(Decl::Var(Box::new(VarDecl {
                decls: vec![decl],
                ..(*var).clone()
            }))));
            if let Some((name, value)) = set {
                out.push(Stmt::Expr(ExprStmt {
                    span: DUMMY_SP,
                    expr: Box::new(Expr::Assign(AssignExpr {
                        span: DUMMY_SP,
                        op: AssignOp::Assign,
                        left: AssignTarget::Simple(SimpleAssignTarget::Ident(name)),
                        right: value,
                    })),
                }));
            }
        }
    }
}

impl VisitMut for Unsettle<'_> {
    fn visit_mut_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        self.stmts(stmts);
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        let mut out = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            match item {
                ModuleItem::Stmt(stmt) => {
                    let mut stmts = Vec::new();
                    self.split(stmt, &mut stmts);
                    out.extend(stmts.into_iter().map(ModuleItem::Stmt));
                }
                other => out.push(other),
            }
        }
        *items = out;
    }
}
