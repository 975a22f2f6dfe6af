//! The function that standard decorators run by, put right.
//!
//! In: a file into which the function has been put. Out: the same file, in which the function names
//! each of its variables by one id (as it is put in, `desc` has two, and inner functions would read
//! another than is set), and in which decorators get metadata only where there is `Symbol.metadata`,
//! as `tsc` has it.

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::ExprFactory;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

const NAME: &str = "_apply_decs_2311";

pub(super) fn put_right(program: &mut Program) {
    let function = match program {
        Program::Module(module) => module.body.iter_mut().find_map(|item| match item {
            ModuleItem::Stmt(stmt) => named(stmt),
            ModuleItem::ModuleDecl(_) => None,
        }),
        Program::Script(script) => script.body.iter_mut().find_map(named),
    };
    let Some(function) = function else {
        return;
    };
    let mut declared = Declared::default();
    function.visit_with(&mut declared);
    function.visit_mut_with(&mut PutRight { declared });
}

fn named(stmt: &mut Stmt) -> Option<&mut Function> {
    match stmt {
        Stmt::Decl(Decl::Fn(node)) if node.ident.sym == NAME => Some(&mut node.function),
        _ => None,
    }
}

/// The ids of variables as they are declared.
#[derive(Default)]
struct Declared {
    desc: Option<SyntaxContext>,
    symbol: Option<Ident>,
}

impl Visit for Declared {
    fn visit_var_declarator(&mut self, node: &VarDeclarator) {
        if let Pat::Ident(name) = &node.name {
            match &*name.sym {
                "desc" => self.desc = Some(name.ctxt),
                "symbolMetadata" => self.symbol = Some(name.id.clone()),
                _ => {}
            }
        }
        node.visit_children_with(self);
    }
}

struct PutRight {
    declared: Declared,
}

impl PutRight {
    fn symbol(&self) -> Option<Expr> {
        self.declared.symbol.clone().map(Expr::Ident)
    }
}

fn calls(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) if callee.is_ident_ref_to(name))
}

impl VisitMut for PutRight {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if name.sym == "desc"
            && let Some(ctxt) = self.declared.desc
        {
            name.ctxt = ctxt;
        }
    }

    /// `Symbol.metadata || Symbol.for("Symbol.metadata")` is `Symbol.metadata`.
    fn visit_mut_var_declarator(&mut self, node: &mut VarDeclarator) {
        node.visit_mut_children_with(self);
        if matches!(&node.name, Pat::Ident(name) if name.sym == "symbolMetadata")
            && let Some(init) = &mut node.init
            && let Expr::Bin(either) = &mut **init
        {
            **init = *either.left.clone();
        }
    }

    /// `metadata = create(…)` only with the symbol.
    fn visit_mut_assign_expr(&mut self, node: &mut AssignExpr) {
        node.visit_mut_children_with(self);
        if matches!(node.left.as_ident(), Some(name) if name.sym == "metadata")
            && calls(&node.right, "create")
            && let Some(symbol) = self.symbol()
        {
            let made = std::mem::replace(&mut node.right, Expr::undefined(DUMMY_SP));
            *node.right = symbol.make_bin(BinaryOp::LogicalAnd, *made);
        }
    }

    /// `return defineProperty(Class, …)` only with the symbol.
    fn visit_mut_fn_decl(&mut self, node: &mut FnDecl) {
        node.visit_mut_children_with(self);
        if node.ident.sym == "defineMetadata"
            && let Some(body) = &mut node.function.body
            && let [Stmt::Return(ReturnStmt { arg: Some(arg), .. })] = body.stmts.as_mut_slice()
            && let Some(symbol) = self.symbol()
            && let [param] = node.function.params.as_slice()
            && let Pat::Ident(class) = &param.pat
        {
            let defined = arg.clone();
            **arg = Expr::Cond(CondExpr {
                span: DUMMY_SP,
                test: Box::new(symbol),
                cons: defined,
                alt: Box::new(Expr::Ident(class.id.clone())),
            });
        }
    }
}
