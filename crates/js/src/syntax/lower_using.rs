//! `using` and `await using` in older syntax.
//!
//! In: one parsed file. Out: the same file with `try` and `finally` in their place. The pass is
//! swc's; what it does not keep is put so beforehand that it cannot go wrong: exports of values
//! (it would read them when the resource is gone), heads of loops (their variable would be one
//! for all rounds), and directives (they would stand inside of the `try`).

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::proposal::explicit_resource_management::explicit_resource_management;
use swc_core::ecma::utils::private_ident;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::syntax::statements::declaration;

/// Lowers every `using` of a file; says whether there was one.
pub(super) fn lower(program: &mut Program) -> bool {
    if !any(program) {
        return false;
    }
    program.visit_mut_with(&mut Heads);
    if let Program::Module(module) = program
        && at_top(module)
    {
        module.body = std::mem::take(&mut module.body)
            .into_iter()
            .flat_map(part_export)
            .collect();
    }
    program.mutate(explicit_resource_management());
    program.visit_mut_with(&mut Directives);
    true
}

/// Whether a module's own statements hold a resource until its end.
pub(super) fn stands_at_top(program: &Program) -> bool {
    matches!(program, Program::Module(module) if at_top(module))
}

fn at_top(module: &Module) -> bool {
    module
        .body
        .iter()
        .any(|item| matches!(item, ModuleItem::Stmt(Stmt::Decl(Decl::Using(_)))))
}

fn any(program: &Program) -> bool {
    struct FindUsing(bool);
    impl Visit for FindUsing {
        fn visit_using_decl(&mut self, _: &UsingDecl) {
            self.0 = true;
        }
    }
    let mut finder = FindUsing(false);
    program.visit_with(&mut finder);
    finder.0
}

/// `export const a = 1` as `const a = 1; export { a }`.
fn part_export(item: ModuleItem) -> Vec<ModuleItem> {
    match item {
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl {
            decl: Decl::Var(var),
            ..
        })) => {
            let stmt = Stmt::Decl(Decl::Var(var));
            let names: Vec<Ident> = swc_core::ecma::utils::find_pat_ids(&stmt);
            let list = names.into_iter().map(|name| (name, None)).collect();
            vec![ModuleItem::Stmt(stmt), export_list(list)]
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => {
            let name = private_ident!("_default");
            let value = constant(name.clone(), export.expr);
            let exported = IdentName::new("default".into(), DUMMY_SP);
            vec![
                ModuleItem::Stmt(value),
                export_list(vec![(name, Some(exported))]),
            ]
        }
        other => vec![other],
    }
}

fn constant(name: Ident, value: Box<Expr>) -> Stmt {
    declaration(VarDeclKind::Const, name.into(), Some(value))
}

fn export_list(names: Vec<(Ident, Option<IdentName>)>) -> ModuleItem {
    let specifiers = names
        .into_iter()
        .map(|(orig, exported)| {
            ExportSpecifier::Named(ExportNamedSpecifier {
                span: DUMMY_SP,
                orig: ModuleExportName::Ident(orig),
                exported: exported.map(|name| {
                    ModuleExportName::Ident(Ident::new(name.sym, DUMMY_SP, SyntaxContext::empty()))
                }),
                is_type_only: false,
            })
        })
        .collect();
    ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport {
        span: DUMMY_SP,
        specifiers,
        src: None,
        type_only: false,
        with: None,
    }))
}

/// `for (using x of list) {}` as `for (const each of list) { using x = each; {} }`.
struct Heads;

impl VisitMut for Heads {
    fn visit_mut_for_of_stmt(&mut self, node: &mut ForOfStmt) {
        node.visit_mut_children_with(self);
        let ForHead::UsingDecl(using) = &mut node.left else {
            return;
        };
        let each = private_ident!("each");
        for decl in &mut using.decls {
            decl.init = Some(Box::new(Expr::Ident(each.clone())));
        }
        let using = Stmt::Decl(Decl::Using(using.clone()));
        let head = VarDecl {
            kind: VarDeclKind::Const,
            decls: vec![VarDeclarator {
                span: DUMMY_SP,
                name: Pat::Ident(each.into()),
                init: None,
                definite: false,
            }],
            ..Default::default()
        };
        node.left = ForHead::VarDecl(Box::new(head));
        let body = std::mem::replace(&mut *node.body, Stmt::Empty(EmptyStmt { span: DUMMY_SP }));
        *node.body = Stmt::Block(BlockStmt {
            span: DUMMY_SP,
            stmts: vec![using, body],
            ..Default::default()
        });
    }
}

/// One variable for the error that the helper makes: swc gives its declaration another id than
/// its use. After helpers are put in.
pub(super) fn join_helper(program: &mut Program) {
    #[derive(Default)]
    struct Join(Option<SyntaxContext>);
    impl VisitMut for Join {
        fn visit_mut_ident(&mut self, name: &mut Ident) {
            if name.sym == "_SuppressedError" && name.span.is_dummy() {
                name.ctxt = *self.0.get_or_insert(name.ctxt);
            }
        }
    }
    program.visit_mut_with(&mut Join::default());
}

/// Directives that ended up inside of the `try` go back to the start.
struct Directives;

impl Directives {
    fn free(stmts: &mut Vec<Stmt>) {
        let [Stmt::Decl(Decl::Var(_)), Stmt::Try(made), ..] = stmts.as_mut_slice() else {
            return;
        };
        if !made.span.is_dummy() {
            return;
        }
        let count = made
            .block
            .stmts
            .iter()
            .take_while(|stmt| is_directive(stmt))
            .count();
        let freed: Vec<Stmt> = made.block.stmts.drain(..count).collect();
        stmts.splice(0..0, freed);
    }
}

fn is_directive(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(stmt) if matches!(&*stmt.expr, Expr::Lit(Lit::Str(_))))
}

impl VisitMut for Directives {
    fn visit_mut_script(&mut self, script: &mut Script) {
        script.visit_mut_children_with(self);
        Self::free(&mut script.body);
    }

    fn visit_mut_function_body(&mut self, body: &mut FunctionBody) {
        body.visit_mut_children_with(self);
        Self::free(&mut body.stmts);
    }
}
