//! Errors that a file has before it runs, and that the parser does not look for.
//!
//! In: a parsed file. Out: the first name that is declared twice where Node allows it once, the first `super` where
//! none can stand, the first decorator that no transform knows, or the first string without an end. Without this a
//! bundle would be made that does not parse, or one that runs where Node refuses the source.

use rustc_hash::{FxHashMap, FxHashSet};
use swc_core::common::Span;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// What is wrong, and where.
pub struct Early {
    pub what: String,
    pub at: Span,
    pub help: &'static str,
}

/// A name that is declared again. Only for JavaScript: TypeScript merges declarations.
pub fn redeclared(program: &Program) -> Option<Early> {
    let mut finder = FindRedeclared::default();
    match program {
        Program::Module(module) => {
            finder.enter(Kind::Module, lexical_of_items(&module.body));
            module.body.visit_with(&mut finder);
        }
        Program::Script(script) => {
            finder.enter(Kind::Function, lexical(&script.body, Kind::Function));
            script.body.visit_with(&mut finder);
        }
    }
    finder.leave();
    finder.found.map(|((name, _), at)| Early {
        what: format!("`{name}` has already been declared"),
        at,
        help: "give one of the two another name",
    })
}

/// A `super` outside of a method, or a call of one outside of the constructor of a class that extends another.
pub fn misplaced_super(program: &Program) -> Option<Early> {
    let mut finder = FindSuper::default();
    program.visit_with(&mut finder);
    finder.found.map(|at| Early {
        what: "`super` cannot stand here".to_owned(),
        at,
        help: "`super.name` stands in methods, and `super()` in the constructor of a class that extends another",
    })
}

#[derive(Default)]
struct FindSuper {
    may_call: bool,
    may_read: bool,
    found: Option<Span>,
}

impl FindSuper {
    fn inside<N: VisitWith<Self> + ?Sized>(&mut self, may_call: bool, may_read: bool, node: &N) {
        let outer = (self.may_call, self.may_read);
        (self.may_call, self.may_read) = (may_call, may_read);
        node.visit_with(self);
        (self.may_call, self.may_read) = outer;
    }

    fn method(&mut self, function: &Function) {
        function.decorators.visit_with(self);
        self.inside(false, true, &function.params);
        self.inside(false, true, &function.body);
    }
}

impl Visit for FindSuper {
    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Super(callee) = &call.callee
            && !self.may_call
        {
            self.found.get_or_insert(callee.span);
        }
        call.visit_children_with(self);
    }

    fn visit_super_prop_expr(&mut self, member: &SuperPropExpr) {
        if !self.may_read {
            self.found.get_or_insert(member.obj.span);
        }
        member.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        function.decorators.visit_with(self);
        self.inside(false, false, &function.params);
        self.inside(false, false, &function.body);
    }

    fn visit_method_prop(&mut self, method: &MethodProp) {
        method.key.visit_with(self);
        self.method(&method.function);
    }

    fn visit_getter_prop(&mut self, getter: &GetterProp) {
        getter.key.visit_with(self);
        self.method(&getter.function);
    }

    fn visit_setter_prop(&mut self, setter: &SetterProp) {
        setter.key.visit_with(self);
        self.method(&setter.function);
    }

    fn visit_class(&mut self, class: &Class) {
        class.decorators.visit_with(self);
        class.super_class.visit_with(self);
        let derived = class.super_class.is_some();
        for member in &class.body {
            match member {
                ClassMember::Constructor(constructor) => {
                    self.inside(derived, true, &constructor.params);
                    self.inside(derived, true, &constructor.body);
                }
                ClassMember::Method(method) => {
                    method.key.visit_with(self);
                    self.method(&method.function);
                }
                ClassMember::PrivateMethod(method) => self.method(&method.function),
                ClassMember::ClassProp(prop) => {
                    prop.decorators.visit_with(self);
                    prop.key.visit_with(self);
                    self.inside(false, true, &prop.value);
                }
                ClassMember::PrivateProp(prop) => {
                    prop.decorators.visit_with(self);
                    self.inside(false, true, &prop.value);
                }
                other => self.inside(false, true, other),
            }
        }
    }
}

/// A decorator that is still there after they were lowered, or a string without an end, which the
/// parser forgets about where it has to try two ways to read TypeScript.
pub fn left_over(program: &Program) -> Option<Early> {
    #[derive(Default)]
    struct LeftOver {
        decorator: Option<Span>,
        string: Option<Span>,
    }
    impl Visit for LeftOver {
        fn visit_decorator(&mut self, decorator: &Decorator) {
            self.decorator.get_or_insert(decorator.span);
        }

        fn visit_str(&mut self, text: &Str) {
            if let Some(raw) = &text.raw
                && let Some(quote) = raw
                    .chars()
                    .next()
                    .filter(|first| matches!(first, '\'' | '"'))
                && (raw.len() < 2 || !raw.ends_with(quote))
            {
                self.string.get_or_insert(text.span);
            }
        }
    }
    let mut finder = LeftOver::default();
    program.visit_with(&mut finder);
    if let Some(at) = finder.string {
        return Some(Early {
            what: "Unterminated string constant".to_string(),
            at,
            help: "fix the syntax error here, or leave the file out if nothing runs it",
        });
    }
    finder.decorator.map(|at| Early {
        what: "decorators of parameters need `experimentalDecorators`".to_string(),
        at,
        help: "set it in the `tsconfig.json` beside the file or above it",
    })
}

/// Which names a scope lets stand twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Functions are names like those of `let`.
    Module,
    /// Functions are names like those of `var`.
    Function,
    /// Functions are names like those of `let`, but may be repeated in sloppy code.
    Block,
}

/// By id, since what a transform adds may have a name that is there already.
type DeclaredNames = Vec<(Id, Span, bool)>;

#[derive(Default)]
struct FindRedeclared {
    /// From the innermost function's scope inwards.
    scopes: Vec<(bool, FxHashSet<Id>)>,
    found: Option<(Id, Span)>,
}

fn lexical_of(stmt: &Stmt, kind: Kind, out: &mut DeclaredNames) {
    match stmt {
        Stmt::Decl(Decl::Var(var)) if var.kind != VarDeclKind::Var => {
            for decl in &var.decls {
                names_of(&decl.name, out);
            }
        }
        Stmt::Decl(Decl::Using(using)) => {
            for decl in &using.decls {
                names_of(&decl.name, out);
            }
        }
        Stmt::Decl(Decl::Class(class)) => {
            out.push((class.ident.to_id(), class.ident.span, false));
        }
        Stmt::Decl(Decl::Fn(function)) if kind != Kind::Function => {
            let repeats = kind == Kind::Block;
            out.push((function.ident.to_id(), function.ident.span, repeats));
        }
        _ => {}
    }
}

fn lexical(stmts: &[Stmt], kind: Kind) -> DeclaredNames {
    let mut out = DeclaredNames::new();
    for stmt in stmts {
        lexical_of(stmt, kind, &mut out);
    }
    out
}

fn lexical_of_items(items: &[ModuleItem]) -> DeclaredNames {
    let mut out = DeclaredNames::new();
    for item in items {
        match item {
            ModuleItem::Stmt(stmt) => lexical_of(stmt, Kind::Module, &mut out),
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                for specifier in &import.specifiers {
                    let local = match specifier {
                        ImportSpecifier::Named(named) => &named.local,
                        ImportSpecifier::Default(default) => &default.local,
                        ImportSpecifier::Namespace(star) => &star.local,
                    };
                    out.push((local.to_id(), local.span, false));
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
                let stmt = Stmt::Decl(export.decl.clone());
                lexical_of(&stmt, Kind::Module, &mut out);
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
                let ident = match &export.decl {
                    DefaultDecl::Class(class) => class.ident.as_ref(),
                    DefaultDecl::Fn(function) => function.ident.as_ref(),
                    DefaultDecl::TsInterfaceDecl(_) => None,
                };
                if let Some(ident) = ident {
                    out.push((ident.to_id(), ident.span, false));
                }
            }
            ModuleItem::ModuleDecl(_) => {}
        }
    }
    out
}

fn names_of(pat: &Pat, out: &mut DeclaredNames) {
    struct Bound<'a>(&'a mut DeclaredNames);
    impl Visit for Bound<'_> {
        fn visit_binding_ident(&mut self, name: &BindingIdent) {
            self.0.push((name.to_id(), name.span, false));
        }
        fn visit_assign_pat_prop(&mut self, prop: &AssignPatProp) {
            self.0.push((prop.key.to_id(), prop.key.span, false));
        }
        fn visit_expr(&mut self, _: &Expr) {}
    }
    pat.visit_with(&mut Bound(out));
}

impl FindRedeclared {
    fn enter(&mut self, kind: Kind, names: DeclaredNames) {
        let mut seen: FxHashMap<Id, bool> = FxHashMap::default();
        for (name, at, repeats) in names {
            match seen.get(&name) {
                Some(before) if !(*before && repeats) => {
                    self.found.get_or_insert((name.clone(), at));
                }
                _ => {}
            }
            seen.insert(name, repeats);
        }
        let names = seen.into_keys().collect();
        self.scopes.push((kind != Kind::Block, names));
    }

    fn leave(&mut self) {
        self.scopes.pop();
    }

    fn block(&mut self, stmts: &[Stmt]) {
        self.enter(Kind::Block, lexical(stmts, Kind::Block));
        stmts.visit_with(self);
        self.leave();
    }

    fn function(&mut self, body: &[Stmt]) {
        let outer = std::mem::take(&mut self.scopes);
        self.enter(Kind::Function, lexical(body, Kind::Function));
        body.visit_with(self);
        self.scopes = outer;
    }
}

impl Visit for FindRedeclared {
    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.block(&block.stmts);
    }

    fn visit_function_body(&mut self, body: &FunctionBody) {
        self.function(&body.stmts);
    }

    fn visit_switch_stmt(&mut self, switch: &SwitchStmt) {
        switch.discriminant.visit_with(self);
        let mut names = DeclaredNames::new();
        for case in &switch.cases {
            names.extend(lexical(&case.cons, Kind::Block));
        }
        self.enter(Kind::Block, names);
        switch.cases.visit_with(self);
        self.leave();
    }

    fn visit_static_block(&mut self, block: &StaticBlock) {
        self.function(&block.body.stmts);
    }

    fn visit_var_decl(&mut self, var: &VarDecl) {
        if var.kind == VarDeclKind::Var && self.found.is_none() {
            let mut names = DeclaredNames::new();
            for decl in &var.decls {
                names_of(&decl.name, &mut names);
            }
            for (name, at, _) in names {
                for (is_function, lexical) in self.scopes.iter().rev() {
                    if lexical.contains(&name) {
                        self.found.get_or_insert((name.clone(), at));
                    }
                    if *is_function {
                        break;
                    }
                }
            }
        }
        var.visit_children_with(self);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::syntax::{Dialect, Session, TsOptions};

    fn refused(name: &str, text: &str) -> bool {
        let path = Path::new(name);
        let dialect = Dialect::of_file(path, false);
        let session = Session::default();
        let parsed = session.enter(|| session.parse(path, text, dialect, &TsOptions::default()));
        parsed.is_err()
    }

    #[test]
    fn a_name_may_stand_twice_where_node_lets_it() {
        for text in [
            "var a; var a; function a() {} function a() {}",
            "function f(a) { var a; function a() {} }",
            "let a; { let a; } { var b; } { var b; }",
            "function f() { let a; } let a; () => { var a; };",
            "{ function a() {} function a() {} }",
            "try {} catch (e) { var e; }",
            "for (var i of []) {} for (var i of []) {} for (let i;;) { let i; }",
            "switch (0) { case 0: let a; } let a;",
            "class A { static { var a; } m() { let a; } } let a;",
        ] {
            assert!(!refused("a.cjs", text), "{text}");
        }
        assert!(!refused(
            "a.ts",
            "interface A {} class A {} function f(): void; function f() {}"
        ));
    }

    #[test]
    fn a_name_that_node_refuses_is_refused() {
        for text in [
            "const a = 1; const a = 2;",
            "let a; var a;",
            "let a; { var a; }",
            "function f() { const { a } = {}, [a] = []; }",
            "class a {} let a;",
            "{ let a; function a() {} }",
            "{ function a() {} { var a; } }",
            "switch (0) { case 0: let a; case 1: let a; }",
        ] {
            assert!(refused("a.cjs", text), "{text}");
        }
        assert!(refused("a.mjs", "import { a } from 'b'; let a;"));
        assert!(refused("a.mjs", "var a; function a() {}"));
        assert!(refused(
            "a.mjs",
            "export default function a() {} export class a {}"
        ));
    }
}
