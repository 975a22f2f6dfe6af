//! Variables that lowered classes need beside them.
//!
//! In: a file, and what is to be done with each of its classes. Out: the same file, in which the
//! variables that the work asks for are declared so near to the class that each evaluation of the
//! class has its own: in the list of statements around it, or, where none is evaluated with the
//! class (a default of a parameter, the value of a field, the body of an arrow), in one made for it.

use swc_core::common::DUMMY_SP;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::ExprFactory;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::syntax::statements::unset;

/// Does `work` with each class, inner ones first; it adds the variables that it needs to the list.
pub(super) fn each_class(program: &mut Program, work: impl FnMut(&mut Class, &mut Vec<Ident>)) {
    program.visit_mut_with(&mut EachClass {
        work,
        vars: Vec::new(),
    });
}

struct EachClass<F> {
    work: F,
    vars: Vec<Ident>,
}

impl<F: FnMut(&mut Class, &mut Vec<Ident>)> EachClass<F> {
    /// The variables that what stands in `node` asks for.
    fn asked<N: VisitMutWith<Self>>(&mut self, node: &mut N) -> Vec<Ident> {
        let outer = std::mem::take(&mut self.vars);
        node.visit_mut_children_with(self);
        std::mem::replace(&mut self.vars, outer)
    }

    /// A value that is evaluated where no list of statements is.
    fn alone(&mut self, value: &mut Box<Expr>) {
        let outer = std::mem::take(&mut self.vars);
        value.visit_mut_with(self);
        let own = std::mem::replace(&mut self.vars, outer);
        if let Some(decl) = declare(own) {
            let returned = value.take().into_return_stmt().into();
            let arrow = ArrowExpr {
                body: Box::new(ArrowFunctionBody::FunctionBody(FunctionBody {
                    span: DUMMY_SP,
                    stmts: vec![decl, returned],
                })),
                ..Default::default()
            };
            **value = Expr::Arrow(arrow).as_call(DUMMY_SP, Vec::new());
        }
    }

    fn default_of(&mut self, pat: &mut Pat) {
        match pat {
            Pat::Assign(assign) => {
                self.default_of(&mut assign.left);
                self.alone(&mut assign.right);
            }
            Pat::Array(array) => {
                for pat in array.elems.iter_mut().flatten() {
                    self.default_of(pat);
                }
            }
            Pat::Object(object) => {
                for prop in &mut object.props {
                    match prop {
                        ObjectPatProp::KeyValue(pair) => {
                            pair.key.visit_mut_with(self);
                            self.default_of(&mut pair.value);
                        }
                        ObjectPatProp::Assign(assign) => {
                            if let Some(value) = &mut assign.value {
                                self.alone(value);
                            }
                        }
                        ObjectPatProp::Rest(rest) => self.default_of(&mut rest.arg),
                    }
                }
            }
            Pat::Rest(rest) => self.default_of(&mut rest.arg),
            Pat::Ident(_) | Pat::Expr(_) | Pat::Invalid(_) => {}
        }
    }

    /// The body of a loop, which is evaluated many times.
    fn body(&mut self, body: &mut Box<Stmt>) {
        if body.is_block() {
            return body.visit_mut_with(self);
        }
        let outer = std::mem::take(&mut self.vars);
        body.visit_mut_with(self);
        let own = std::mem::replace(&mut self.vars, outer);
        if let Some(decl) = declare(own) {
            let only = body.take();
            **body = Stmt::Block(BlockStmt {
                span: DUMMY_SP,
                stmts: vec![decl, *only],
                ..Default::default()
            });
        }
    }
}

impl<F: FnMut(&mut Class, &mut Vec<Ident>)> VisitMut for EachClass<F> {
    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        if let Some(decl) = declare(self.asked(items)) {
            items.insert(0, ModuleItem::Stmt(decl));
        }
    }

    fn visit_mut_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        if let Some(decl) = declare(self.asked(stmts)) {
            let at = crate::syntax::statements::directives(stmts).count();
            stmts.insert(at, decl);
        }
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        (self.work)(class, &mut self.vars);
    }

    fn visit_mut_class_prop(&mut self, prop: &mut ClassProp) {
        prop.key.visit_mut_with(self);
        if let Some(value) = &mut prop.value {
            self.alone(value);
        }
    }

    fn visit_mut_private_prop(&mut self, prop: &mut PrivateProp) {
        if let Some(value) = &mut prop.value {
            self.alone(value);
        }
    }

    fn visit_mut_auto_accessor(&mut self, accessor: &mut AutoAccessor) {
        accessor.key.visit_mut_with(self);
        if let Some(value) = &mut accessor.value {
            self.alone(value);
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        for pat in &mut arrow.params {
            self.default_of(pat);
        }
        let outer = std::mem::take(&mut self.vars);
        arrow.body.visit_mut_with(self);
        let own = std::mem::replace(&mut self.vars, outer);
        if let Some(decl) = declare(own)
            && let ArrowFunctionBody::Expr(value) = &mut *arrow.body
        {
            let returned = value.take().into_return_stmt().into();
            *arrow.body = ArrowFunctionBody::FunctionBody(FunctionBody {
                span: DUMMY_SP,
                stmts: vec![decl, returned],
            });
        }
    }

    fn visit_mut_param(&mut self, param: &mut Param) {
        self.default_of(&mut param.pat);
    }

    fn visit_mut_ts_param_prop(&mut self, prop: &mut TsParamProp) {
        if let TsParamPropParam::Assign(assign) = &mut prop.param {
            self.alone(&mut assign.right);
        }
    }

    fn visit_mut_for_stmt(&mut self, node: &mut ForStmt) {
        node.init.visit_mut_with(self);
        node.test.visit_mut_with(self);
        node.update.visit_mut_with(self);
        self.body(&mut node.body);
    }

    fn visit_mut_for_of_stmt(&mut self, node: &mut ForOfStmt) {
        node.left.visit_mut_with(self);
        node.right.visit_mut_with(self);
        self.body(&mut node.body);
    }

    fn visit_mut_for_in_stmt(&mut self, node: &mut ForInStmt) {
        node.left.visit_mut_with(self);
        node.right.visit_mut_with(self);
        self.body(&mut node.body);
    }

    fn visit_mut_while_stmt(&mut self, node: &mut WhileStmt) {
        node.test.visit_mut_with(self);
        self.body(&mut node.body);
    }

    fn visit_mut_do_while_stmt(&mut self, node: &mut DoWhileStmt) {
        self.body(&mut node.body);
        node.test.visit_mut_with(self);
    }
}

fn declare(vars: Vec<Ident>) -> Option<Stmt> {
    (!vars.is_empty()).then(|| unset(VarDeclKind::Let, vars))
}
