//! Functions that sloppy code declares in blocks, written so that strict code and a bundler can follow them.
//!
//! In: a CommonJS program before its scopes are resolved. Out: the same with `let` in the place of such
//! functions, and with the variable of the function around them that they are also assigned to. In sloppy code
//! `{ function f() {} }` declares two names: one in the block, made when the block is entered, and one in the
//! function around it, set when the declaration is reached (ECMAScript, annex B.3.3). A resolver of scopes
//! sees one name, or two that have nothing to do with each other.
//!
//! [`part`] runs before the resolver and leaves marks; [`join`] runs after it and turns them into assignments,
//! since only then the two names can be told apart.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::atoms::Atom;
use swc_core::common::{BytePos, DUMMY_SP, Span, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::{DestructuringFinder, find_pat_ids};
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::statements::{declaration, directives, has_use_strict};

/// Marks the variable of a function, with its name as the argument.
const OUTER: &str = "__coldcut_block_function_outer";
/// Marks where a block's function is assigned to that variable.
const REACHED: &str = "__coldcut_block_function_reached";

/// Names that are parameters of the function around a CommonJS file.
const GIVEN: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// Rewrites the block functions of a sloppy program; whether there were any.
pub(super) fn part(program: &mut Program) -> bool {
    let Program::Script(script) = program else {
        return false;
    };
    if has_use_strict(&script.body) || !has_block_functions(&script.body) {
        return false;
    }
    let mut parter = Parter::default();
    let parameters = GIVEN.iter().map(|name| Atom::from(*name)).collect();
    parter.function(&mut script.body, parameters);
    parter.any
}

/// Where functions start that are the whole body of an `if`, which only sloppy code allows.
pub(super) fn bodies_of_ifs(program: &Program) -> FxHashSet<BytePos> {
    #[derive(Default)]
    struct Finder(FxHashSet<BytePos>);
    impl Visit for Finder {
        fn visit_if_stmt(&mut self, branch: &IfStmt) {
            for side in std::iter::once(&branch.cons).chain(&branch.alt) {
                if let Stmt::Decl(Decl::Fn(function)) = &**side
                    && !function.function.is_async
                    && !function.function.is_generator
                {
                    self.0.insert(function.function.span.lo);
                }
            }
            branch.visit_children_with(self);
        }
        fn visit_class(&mut self, _: &Class) {}
        fn visit_function(&mut self, function: &Function) {
            let strict = function
                .body
                .as_ref()
                .is_some_and(|body| has_use_strict(&body.stmts));
            if !strict {
                function.visit_children_with(self);
            }
        }
    }
    let mut finder = Finder::default();
    match program {
        Program::Script(script) if !has_use_strict(&script.body) => script.visit_with(&mut finder),
        _ => {}
    }
    finder.0
}

/// Turns the marks of [`part`] into assignments.
pub(super) fn join(program: &mut Program) {
    program.visit_mut_with(&mut Joiner::default());
}

/// A quick look: most files have none.
fn has_block_functions(stmts: &[Stmt]) -> bool {
    #[derive(Default)]
    struct Finder {
        blocks: u32,
        found: bool,
    }
    impl Finder {
        fn block(&mut self, visit: impl FnOnce(&mut Self)) {
            self.blocks += 1;
            visit(self);
            self.blocks -= 1;
        }
    }
    impl Visit for Finder {
        fn visit_fn_decl(&mut self, function: &FnDecl) {
            self.found |= self.blocks > 0;
            function.visit_children_with(self);
        }
        fn visit_block_stmt(&mut self, block: &BlockStmt) {
            self.block(|this| block.visit_children_with(this));
        }
        fn visit_switch_stmt(&mut self, switch: &SwitchStmt) {
            self.block(|this| switch.visit_children_with(this));
        }
        fn visit_if_stmt(&mut self, branch: &IfStmt) {
            self.block(|this| branch.visit_children_with(this));
        }
        fn visit_function(&mut self, function: &Function) {
            let outer = std::mem::take(&mut self.blocks);
            function.params.visit_with(self);
            if let Some(body) = &function.body {
                body.stmts.visit_with(self);
            }
            self.blocks = outer;
        }
        fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
            let outer = std::mem::take(&mut self.blocks);
            arrow.params.visit_with(self);
            match &*arrow.body {
                ArrowFunctionBody::FunctionBody(body) => body.stmts.visit_with(self),
                ArrowFunctionBody::Expr(expr) => expr.visit_with(self),
            }
            self.blocks = outer;
        }
        // Strict code all through.
        fn visit_class(&mut self, _: &Class) {}
    }
    let mut finder = Finder::default();
    stmts.visit_with(&mut finder);
    finder.found
}

#[derive(Default)]
struct Parter {
    any: bool,
    /// The lexical names of the blocks around, inside of the function at hand.
    lexical: Vec<FxHashSet<Atom>>,
    /// Names that get a variable of the function at hand.
    hoisted: Vec<Atom>,
    /// Names that can get none: parameters, and what the function declares with `let`.
    kept_out: FxHashSet<Atom>,
}

impl Parter {
    /// The statements of a function, whose own declarations are no block functions.
    fn function(&mut self, stmts: &mut Vec<Stmt>, parameters: FxHashSet<Atom>) {
        if has_use_strict(stmts) {
            return;
        }
        let mut kept_out = parameters;
        kept_out.extend(lexical_names(stmts));
        let outer = (
            std::mem::take(&mut self.lexical),
            std::mem::take(&mut self.hoisted),
            std::mem::replace(&mut self.kept_out, kept_out),
        );
        for stmt in stmts.iter_mut() {
            self.statement(stmt);
        }
        let mut hoisted = std::mem::take(&mut self.hoisted);
        hoisted.sort();
        hoisted.dedup();
        let declared = hoisted
            .into_iter()
            .flat_map(|name| [variable(&name), mark(OUTER, &name)]);
        let after = directives(stmts).count();
        stmts.splice(after..after, declared);
        (self.lexical, self.hoisted, self.kept_out) = outer;
    }

    /// A statement that stands directly in a function, or in a block after [`Parter::block`] looked at it.
    fn statement(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Block(block) => self.block(&mut block.stmts),
            Stmt::If(branch) => {
                for side in std::iter::once(&mut branch.cons).chain(&mut branch.alt) {
                    if matches!(**side, Stmt::Decl(Decl::Fn(_))) {
                        let function = std::mem::replace(&mut **side, empty());
                        **side = block_of(vec![function]);
                    }
                }
                branch.visit_mut_children_with(self);
            }
            Stmt::Switch(_) => self.switch(stmt),
            stmt => stmt.visit_mut_children_with(self),
        }
    }

    fn block(&mut self, stmts: &mut Vec<Stmt>) {
        self.lexical.push(lexical_names(stmts).collect());
        let functions = self.taken(stmts);
        self.note_functions(&functions);
        let lets = functions
            .into_iter()
            .map(|(name, function)| bound(&name, function));
        let lets: Vec<Stmt> = lets.collect();
        stmts.splice(0..0, lets);
        for stmt in stmts.iter_mut() {
            self.statement(stmt);
        }
        self.lexical.pop();
    }

    /// The cases of a switch are one block, which has no place before its first statement.
    fn switch(&mut self, stmt: &mut Stmt) {
        let Stmt::Switch(switch) = stmt else {
            return;
        };
        switch.discriminant.visit_mut_with(self);
        let names = switch
            .cases
            .iter()
            .flat_map(|case| lexical_names(&case.cons));
        self.lexical.push(names.collect());
        let mut functions: Vec<(Atom, Box<Function>)> = Vec::new();
        for case in &mut switch.cases {
            for (name, function) in self.taken(&mut case.cons) {
                functions.retain(|(known, _)| *known != name);
                functions.push((name, function));
            }
        }
        self.note_functions(&functions);
        for case in &mut switch.cases {
            case.test.visit_mut_with(self);
            for stmt in &mut case.cons {
                self.statement(stmt);
            }
        }
        let mut before: Vec<Stmt> = Vec::new();
        for (name, function) in functions {
            let mut made = bound(&name, function);
            made.visit_mut_children_with(self);
            before.push(made);
        }
        self.lexical.pop();
        if before.is_empty() {
            return;
        }
        // What is switched on is not in the block.
        let on = Ident::new("switched".into(), DUMMY_SP, super::fresh_context());
        let discriminant = std::mem::replace(&mut switch.discriminant, on.clone().into());
        let inner = std::mem::replace(stmt, empty());
        before.push(inner);
        *stmt = block_of(vec![
            declaration(VarDeclKind::Const, on.into(), Some(discriminant)),
            block_of(before),
        ]);
    }

    /// The functions that were taken out of the block at hand are lexical names of it.
    fn note_functions(&mut self, functions: &[(Atom, Box<Function>)]) {
        if let Some(names) = self.lexical.last_mut() {
            names.extend(functions.iter().map(|(name, _)| name.clone()));
        }
    }

    /// Takes the functions out of a block's statements, and leaves marks where they are assigned to variables.
    fn taken(&mut self, stmts: &mut [Stmt]) -> Vec<(Atom, Box<Function>)> {
        let mut out: Vec<(Atom, Box<Function>)> = Vec::new();
        for stmt in stmts {
            let Stmt::Decl(Decl::Fn(function)) = stmt else {
                continue;
            };
            // Generators and async functions belong to their block alone.
            let made = &function.function;
            if made.is_async || made.is_generator || made.body.is_none() {
                continue;
            }
            let name = function.ident.sym.clone();
            let hoists = !self.kept_out.contains(&name)
                && !self.lexical.iter().any(|names| names.contains(&name));
            let left = match hoists {
                true => mark(REACHED, &name),
                false => empty(),
            };
            let Stmt::Decl(Decl::Fn(function)) = std::mem::replace(stmt, left) else {
                continue;
            };
            self.any = true;
            if hoists {
                self.hoisted.push(name.clone());
            }
            // The last of several counts.
            out.retain(|(known, _)| *known != name);
            out.push((name, function.function));
        }
        out
    }
}

impl VisitMut for Parter {
    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        self.statement(stmt);
    }

    fn visit_mut_block_stmt(&mut self, block: &mut BlockStmt) {
        self.block(&mut block.stmts);
    }

    fn visit_mut_catch_clause(&mut self, clause: &mut CatchClause) {
        // A plain parameter does not keep a variable of its name out.
        let pattern = clause.param.as_ref().filter(|param| !param.is_ident());
        self.lexical
            .push(pattern.map_or_else(FxHashSet::default, names_of));
        clause.visit_mut_children_with(self);
        self.lexical.pop();
    }

    fn visit_mut_for_stmt(&mut self, each: &mut ForStmt) {
        let names = match &each.init {
            Some(VarDeclOrExpr::VarDecl(var)) if var.kind != VarDeclKind::Var => names_of(var),
            _ => FxHashSet::default(),
        };
        self.lexical.push(names);
        each.visit_mut_children_with(self);
        self.lexical.pop();
    }

    fn visit_mut_for_of_stmt(&mut self, each: &mut ForOfStmt) {
        self.lexical.push(head_names(&each.left));
        each.visit_mut_children_with(self);
        self.lexical.pop();
    }

    fn visit_mut_for_in_stmt(&mut self, each: &mut ForInStmt) {
        self.lexical.push(head_names(&each.left));
        each.visit_mut_children_with(self);
        self.lexical.pop();
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        let parameters = names_of(&function.params);
        function.params.visit_mut_with(self);
        if let Some(body) = &mut function.body {
            self.function(&mut body.stmts, parameters);
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        let parameters = names_of(&arrow.params);
        arrow.params.visit_mut_with(self);
        match &mut *arrow.body {
            ArrowFunctionBody::FunctionBody(body) => self.function(&mut body.stmts, parameters),
            ArrowFunctionBody::Expr(expr) => expr.visit_mut_with(self),
        }
    }

    fn visit_mut_class(&mut self, _: &mut Class) {}
}

/// Names that a list of statements declares for itself alone.
fn lexical_names(stmts: &[Stmt]) -> impl Iterator<Item = Atom> + use<> {
    let mut out: Vec<Atom> = Vec::new();
    for stmt in stmts {
        match stmt {
            Stmt::Decl(Decl::Var(var)) if var.kind != VarDeclKind::Var => out.extend(names_of(var)),
            Stmt::Decl(Decl::Class(class)) => out.push(class.ident.sym.clone()),
            Stmt::Decl(Decl::Fn(function))
                if function.function.is_async || function.function.is_generator =>
            {
                out.push(function.ident.sym.clone());
            }
            _ => {}
        }
    }
    out.into_iter()
}

/// The names that patterns bind.
fn names_of<N>(patterns: &N) -> FxHashSet<Atom>
where
    N: VisitWith<DestructuringFinder<Ident>>,
{
    let names: Vec<Ident> = find_pat_ids(patterns);
    names.into_iter().map(|name| name.sym).collect()
}

fn head_names(head: &ForHead) -> FxHashSet<Atom> {
    match head {
        ForHead::VarDecl(var) if var.kind != VarDeclKind::Var => names_of(var),
        _ => FxHashSet::default(),
    }
}

fn empty() -> Stmt {
    Stmt::Empty(EmptyStmt { span: DUMMY_SP })
}

fn block_of(stmts: Vec<Stmt>) -> Stmt {
    Stmt::Block(BlockStmt {
        span: DUMMY_SP,
        stmts,
        ..Default::default()
    })
}

fn variable(name: &Atom) -> Stmt {
    declaration(
        VarDeclKind::Var,
        Ident::new_no_ctxt(name.clone(), DUMMY_SP).into(),
        None,
    )
}

/// `let name = function () { … }`, which takes its name from the variable.
fn bound(name: &Atom, function: Box<Function>) -> Stmt {
    let value = FnExpr {
        ident: None,
        function,
    };
    let name = Ident::new_no_ctxt(name.clone(), DUMMY_SP);
    declaration(
        VarDeclKind::Let,
        name.into(),
        Some(Box::new(Expr::Fn(value))),
    )
}

fn mark(word: &str, name: &Atom) -> Stmt {
    let ident = |text: Atom| Ident::new_no_ctxt(text, DUMMY_SP);
    Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(Expr::Call(CallExpr {
            span: DUMMY_SP,
            callee: Callee::Expr(ident(word.into()).into()),
            args: vec![ExprOrSpread {
                spread: None,
                expr: ident(name.clone()).into(),
            }],
            ..Default::default()
        })),
    })
}

/// The name in a mark of a kind.
fn marked(stmt: &Stmt, word: &str) -> Option<Ident> {
    let Stmt::Expr(stmt) = stmt else {
        return None;
    };
    let call = stmt.expr.as_call()?;
    let callee = call.callee.as_expr()?.as_ident()?;
    let [argument] = call.args.as_slice() else {
        return None;
    };
    (callee.sym == word).then(|| argument.expr.as_ident().cloned())?
}

#[derive(Default)]
struct Joiner {
    /// The variables of the functions around, by name.
    outer: Vec<FxHashMap<Atom, SyntaxContext>>,
}

impl Joiner {
    fn function(&mut self, visit: impl FnOnce(&mut Self)) {
        self.outer.push(FxHashMap::default());
        visit(self);
        self.outer.pop();
    }
}

impl VisitMut for Joiner {
    fn visit_mut_program(&mut self, program: &mut Program) {
        self.function(|this| program.visit_mut_children_with(this));
    }

    fn visit_mut_function(&mut self, function: &mut Function) {
        self.function(|this| function.visit_mut_children_with(this));
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        self.function(|this| arrow.visit_mut_children_with(this));
    }

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        if let Some(name) = marked(stmt, OUTER) {
            if let Some(names) = self.outer.last_mut() {
                names.insert(name.sym, name.ctxt);
            }
            *stmt = empty();
            return;
        }
        if let Some(name) = marked(stmt, REACHED) {
            let variable = self.outer.last().and_then(|names| names.get(&name.sym));
            *stmt = match variable {
                Some(ctxt) => assigned(Ident::new(name.sym.clone(), DUMMY_SP, *ctxt), name),
                None => empty(),
            };
            return;
        }
        stmt.visit_mut_children_with(self);
    }

    fn visit_mut_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        stmts.visit_mut_children_with(self);
        stmts.retain(|stmt| !matches!(stmt, Stmt::Empty(empty) if empty.span == DUMMY_SP));
    }
}

fn assigned(to: Ident, from: Ident) -> Stmt {
    let span: Span = DUMMY_SP;
    Stmt::Expr(ExprStmt {
        span,
        expr: Box::new(Expr::Assign(AssignExpr {
            span,
            op: AssignOp::Assign,
            left: AssignTarget::Simple(SimpleAssignTarget::Ident(to.into())),
            right: from.into(),
        })),
    })
}
