//! Values known at build time, folded in before anything is looked at.
//!
//! In: a parsed file and the defined values. Out: the same file with those values in place, and
//! without the branches that they make dead, so that what only those branches ask for is never
//! looked for. `var` and function names of a dead branch stay declared, as they are hoisted.

use rustc_hash::FxHashSet;

use crate::scan::Defines;
use crate::syntax::ast::*;
use crate::syntax::{
    Atom, DUMMY_SP, ModuleGoal, Span, SyntaxContext, Visit, VisitMut, VisitMutWith, VisitWith,
    unset,
};

/// Folds `defines` into `program`, and what Node is known to give a module of goal `goal`.
pub fn fold(program: &mut Program, unresolved: SyntaxContext, defines: &Defines, goal: ModuleGoal) {
    let commonjs = match (goal, &*program) {
        (ModuleGoal::CommonJs, _) | (ModuleGoal::Either, Program::Script(_)) => Some(true),
        (ModuleGoal::Module, _) => Some(false),
        (ModuleGoal::Either, Program::Module(_)) => None,
    };
    let mut assigned = Assigned {
        unresolved,
        names: FxHashSet::default(),
    };
    program.visit_with(&mut assigned);
    let mut folder = Folder {
        unresolved,
        defines,
        commonjs,
        assigned: assigned.names,
    };
    program.visit_mut_with(&mut folder);
}

struct Folder<'a> {
    unresolved: SyntaxContext,
    defines: &'a Defines,
    /// Whether Node runs it as CommonJS, where that is certain.
    commonjs: Option<bool>,
    /// Free names that the module sets.
    assigned: FxHashSet<Atom>,
}

/// Finds the free names that are assigned to, and members of `process` that are.
struct Assigned {
    unresolved: SyntaxContext,
    names: FxHashSet<Atom>,
}

impl Visit for Assigned {
    fn visit_assign_target(&mut self, target: &AssignTarget) {
        match target {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name))
                if name.id.ctxt == self.unresolved =>
            {
                self.names.insert(name.id.sym.clone());
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                if let Expr::Ident(object) = &*member.obj
                    && object.ctxt == self.unresolved
                    && object.sym == "process"
                {
                    self.names.insert("process".into());
                }
            }
            _ => {}
        }
        target.visit_children_with(self);
    }
}

/// What only other platforms than Node put on `process`: renderers of Electron and NW.js, and the
/// stand-ins of bundlers for browsers.
const NOT_NODES: [&str; 3] = ["process.browser", "process.type", "process.__nwjs"];

/// A literal as far as conditions need it.
#[derive(PartialEq)]
enum Known {
    Text(String),
    Bool(bool),
    Num(f64),
    Nothing,
    Undefined,
}

impl Known {
    fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Lit(Lit::Str(text)) => Some(Self::Text(text.value.as_str()?.to_string())),
            Expr::Lit(Lit::Bool(value)) => Some(Self::Bool(value.value)),
            Expr::Lit(Lit::Num(value)) => Some(Self::Num(value.value)),
            Expr::Lit(Lit::Null(_)) => Some(Self::Nothing),
            Expr::Unary(unary) if unary.op == UnaryOp::Void && unary.arg.is_lit() => {
                Some(Self::Undefined)
            }
            Expr::Paren(paren) => Self::of(&paren.expr),
            _ => None,
        }
    }

    fn truthy(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Bool(value) => *value,
            Self::Num(value) => *value != 0.0 && !value.is_nan(),
            Self::Nothing | Self::Undefined => false,
        }
    }
}

impl Folder<'_> {
    /// `process.env.NODE_ENV` as a defined name is written.
    fn dotted(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Ident(name) if name.ctxt == self.unresolved => Some(name.sym.to_string()),
            Expr::Member(member) => {
                let prop = match &member.prop {
                    MemberProp::Ident(name) => name.sym.to_string(),
                    MemberProp::Computed(computed) => match &*computed.expr {
                        Expr::Lit(Lit::Str(text)) => text.value.as_str()?.to_string(),
                        _ => return None,
                    },
                    MemberProp::PrivateName(_) => return None,
                };
                Some(format!("{}.{prop}", self.dotted(&member.obj)?))
            }
            Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta => {
                Some("import.meta".to_string())
            }
            _ => None,
        }
    }

    fn value_of(&self, expr: &Expr, span: Span) -> Option<Expr> {
        let name = self.dotted(expr)?;
        if let Some(value) = self.defines.get(&name) {
            return Some(literal(value, span));
        }
        let foreign =
            NOT_NODES.contains(&name.as_str()) && !self.assigned.contains(&Atom::from("process"));
        foreign.then(|| {
            Expr::Unary(UnaryExpr {
                span,
                op: UnaryOp::Void,
                arg: Box::new(Expr::Lit(Lit::Num(Number {
                    span: DUMMY_SP,
                    value: 0.0,
                    raw: None,
                }))),
            })
        })
    }

    /// What `typeof` says of a name that Node gives to every module of a kind, or to none.
    fn type_of(&self, arg: &Expr) -> Option<&'static str> {
        let Expr::Ident(name) = arg else { return None };
        if name.ctxt != self.unresolved || self.assigned.contains(&name.sym) {
            return None;
        }
        match (name.sym.as_str(), self.commonjs) {
            ("process", _) => Some("object"),
            ("exports" | "module", Some(true)) => Some("object"),
            ("require", Some(true)) => Some("function"),
            ("exports" | "module" | "require" | "__dirname" | "__filename", Some(false)) => {
                Some("undefined")
            }
            _ => None,
        }
    }
}

impl Folder<'_> {
    /// Folds what stands where a place is more than its value: what is folded into a place stays a value.
    fn kept_value(&mut self, value: &mut Box<Expr>, is_place: &dyn Fn(&Expr) -> bool) {
        let before = is_place(value);
        value.visit_mut_with(self);
        if !before && is_place(value) {
            let inner = value.take_expr();
            **value = Expr::Paren(ParenExpr {
                span: DUMMY_SP,
                expr: Box::new(Expr::Seq(SeqExpr {
                    span: DUMMY_SP,
                    exprs: vec![
                        Box::new(Expr::Lit(Lit::Num(Number {
                            span: DUMMY_SP,
                            value: 0.0,
                            raw: None,
                        }))),
                        Box::new(inner),
                    ],
                })),
            });
        }
    }
}

fn is_name(expr: &Expr) -> bool {
    match expr {
        Expr::Ident(_) => true,
        Expr::Paren(paren) => is_name(&paren.expr),
        _ => false,
    }
}

/// Calling it passes on `this`, or calls `eval` directly.
fn reference(expr: &Expr) -> bool {
    match expr {
        Expr::Member(_) => true,
        Expr::Ident(name) => name.sym == "eval",
        Expr::Paren(paren) => reference(&paren.expr),
        _ => false,
    }
}

/// A defined value is JSON where it reads as such, and text otherwise.
fn literal(value: &str, span: Span) -> Expr {
    match serde_json::from_str::<serde_json::Value>(value) {
        Ok(serde_json::Value::Bool(value)) => Expr::Lit(Lit::Bool(Bool { span, value })),
        Ok(serde_json::Value::Null) => Expr::Lit(Lit::Null(Null { span })),
        Ok(serde_json::Value::Number(number)) => Expr::Lit(Lit::Num(Number {
            span,
            value: number.as_f64().unwrap_or(0.0),
            raw: None,
        })),
        Ok(serde_json::Value::String(text)) => text_literal(&text, span),
        _ => text_literal(value, span),
    }
}

fn text_literal(text: &str, span: Span) -> Expr {
    Expr::Lit(Lit::Str(Str {
        span,
        value: text.into(),
        raw: None,
    }))
}

impl VisitMut for Folder<'_> {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Expr::Member(member) = expr
            && let Some(value) = self.value_of(&Expr::Member(member.clone()), member.span)
        {
            *expr = value;
            return;
        }
        if let Expr::Ident(name) = expr
            && name.ctxt == self.unresolved
            && let Some(value) = self.defines.get(name.sym.as_str())
        {
            *expr = literal(value, name.span);
            return;
        }
        if let Expr::Unary(unary) = expr
            && unary.op == UnaryOp::TypeOf
            && let Some(kind) = self.type_of(&unary.arg)
        {
            *expr = text_literal(kind, unary.span);
            return;
        }
        expr.visit_mut_children_with(self);
        let folded = match expr {
            Expr::Bin(bin) => match bin.op {
                BinaryOp::EqEqEq | BinaryOp::EqEq | BinaryOp::NotEqEq | BinaryOp::NotEq => {
                    match (Known::of(&bin.left), Known::of(&bin.right)) {
                        (Some(a @ Known::Text(_)), Some(b @ Known::Text(_)))
                        | (Some(a @ Known::Undefined), Some(b @ Known::Undefined))
                        | (
                            Some(a @ Known::Undefined),
                            Some(b @ (Known::Text(_) | Known::Bool(_) | Known::Num(_))),
                        )
                        | (Some(a @ Known::Bool(_)), Some(b @ Known::Bool(_))) => {
                            let not = matches!(bin.op, BinaryOp::NotEqEq | BinaryOp::NotEq);
                            Some(Expr::Lit(Lit::Bool(Bool {
                                span: bin.span,
                                value: (a == b) != not,
                            })))
                        }
                        _ => None,
                    }
                }
                BinaryOp::LogicalAnd => match Known::of(&bin.left) {
                    Some(known) if known.truthy() => Some(bin.right.take_expr()),
                    Some(_) => Some(bin.left.take_expr()),
                    None => None,
                },
                BinaryOp::LogicalOr => match Known::of(&bin.left) {
                    Some(known) if known.truthy() => Some(bin.left.take_expr()),
                    Some(_) => Some(bin.right.take_expr()),
                    None => None,
                },
                BinaryOp::NullishCoalescing => match Known::of(&bin.left) {
                    Some(Known::Nothing | Known::Undefined) => Some(bin.right.take_expr()),
                    Some(_) => Some(bin.left.take_expr()),
                    None => None,
                },
                _ => None,
            },
            Expr::Unary(unary) if unary.op == UnaryOp::Bang => Known::of(&unary.arg).map(|known| {
                Expr::Lit(Lit::Bool(Bool {
                    span: unary.span,
                    value: !known.truthy(),
                }))
            }),
            Expr::Cond(cond) => Known::of(&cond.test).map(|known| {
                if known.truthy() {
                    cond.cons.take_expr()
                } else {
                    cond.alt.take_expr()
                }
            }),
            // What was folded may have been a callee or an operand in parentheses.
            Expr::Paren(paren) if paren.expr.is_lit() => Some(paren.expr.take_expr()),
            _ => None,
        };
        if let Some(folded) = folded {
            *expr = folded;
        }
    }

    // `(true && x.f)()` calls without `this`, and so it must stay.
    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        let Callee::Expr(callee) = &mut call.callee else {
            call.visit_mut_children_with(self);
            return;
        };
        self.kept_value(callee, &reference);
        call.args.visit_mut_with(self);
    }

    fn visit_mut_tagged_tpl(&mut self, tagged: &mut TaggedTpl) {
        self.kept_value(&mut tagged.tag, &reference);
        tagged.tpl.visit_mut_with(self);
    }

    // A value that is assigned to or deleted stays a place.
    fn visit_mut_assign_target(&mut self, target: &mut AssignTarget) {
        match target {
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                member.obj.visit_mut_with(self);
                member.prop.visit_mut_with(self);
            }
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_update_expr(&mut self, update: &mut UpdateExpr) {
        if !matches!(&*update.arg, Expr::Member(_) | Expr::Ident(_)) {
            update.visit_mut_children_with(self);
        }
    }

    fn visit_mut_unary_expr(&mut self, unary: &mut UnaryExpr) {
        match unary.op {
            UnaryOp::Delete => {}
            // `typeof (true && x)` throws where nothing declares `x`, and so it must stay.
            UnaryOp::TypeOf => self.kept_value(&mut unary.arg, &is_name),
            _ => unary.visit_mut_children_with(self),
        }
    }

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        // A string that loses its parentheses would be a directive.
        if let Stmt::Expr(node) = &*stmt
            && node.expr.is_paren()
            && matches!(Known::of(&node.expr), Some(Known::Text(_)))
        {
            *stmt = Stmt::Empty(EmptyStmt { span: node.span });
            return;
        }
        stmt.visit_mut_children_with(self);
        let Stmt::If(branch) = stmt else {
            return;
        };
        let Some(known) = Known::of(&branch.test) else {
            return;
        };
        let (kept, dead) = if known.truthy() {
            (Some(branch.cons.take_stmt()), branch.alt.take())
        } else {
            (
                branch.alt.take().map(|stmt| *stmt),
                Some(Box::new(branch.cons.take_stmt())),
            )
        };
        let kept = kept.unwrap_or(Stmt::Empty(EmptyStmt { span: DUMMY_SP }));
        let names = dead.map_or_else(Vec::new, |dead| hoisted(&dead));
        *stmt = if names.is_empty() {
            kept
        } else {
            let declared = unset(VarDeclKind::Var, names);
            Stmt::Block(BlockStmt {
                span: DUMMY_SP,
                stmts: vec![declared, kept],
                ..Default::default()
            })
        };
    }
}

/// Names that a statement declares for the whole function around it.
pub fn hoisted(stmt: &Stmt) -> Vec<Ident> {
    let mut finder = Hoisted::default();
    stmt.visit_with(&mut finder);
    finder.names
}

#[derive(Default)]
struct Hoisted {
    names: Vec<Ident>,
}

impl Visit for Hoisted {
    fn visit_var_decl(&mut self, decl: &VarDecl) {
        if decl.kind == VarDeclKind::Var {
            for one in &decl.decls {
                pat_names(&one.name, &mut self.names);
            }
        }
        decl.visit_children_with(self);
    }
    fn visit_function(&mut self, _: &Function) {}
    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
    fn visit_class(&mut self, _: &Class) {}
}

/// The names that a pattern binds.
pub fn pat_names(pat: &Pat, out: &mut Vec<Ident>) {
    match pat {
        Pat::Ident(name) => out.push(name.id.clone()),
        Pat::Array(list) => list
            .elems
            .iter()
            .flatten()
            .for_each(|pat| pat_names(pat, out)),
        Pat::Rest(rest) => pat_names(&rest.arg, out),
        Pat::Object(object) => {
            for prop in &object.props {
                match prop {
                    ObjectPatProp::KeyValue(pair) => pat_names(&pair.value, out),
                    ObjectPatProp::Assign(short) => out.push(short.key.id.clone()),
                    ObjectPatProp::Rest(rest) => pat_names(&rest.arg, out),
                }
            }
        }
        Pat::Assign(assign) => pat_names(&assign.left, out),
        Pat::Expr(_) | Pat::Invalid(_) => {}
    }
}

/// Taking a node out of its place, leaving an empty one.
pub trait Taken {
    fn take_expr(&mut self) -> Expr;
}

impl Taken for Expr {
    fn take_expr(&mut self) -> Expr {
        std::mem::replace(self, Expr::Invalid(Invalid { span: DUMMY_SP }))
    }
}

trait TakenStmt {
    fn take_stmt(&mut self) -> Stmt;
}

impl TakenStmt for Stmt {
    fn take_stmt(&mut self) -> Stmt {
        std::mem::replace(self, Stmt::Empty(EmptyStmt { span: DUMMY_SP }))
    }
}

/// A property's name where it is written out.
pub fn static_name(prop: &MemberProp) -> Option<Atom> {
    match prop {
        MemberProp::Ident(name) => Some(name.sym.clone()),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(text)) => Some(text.value.as_str()?.into()),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}
