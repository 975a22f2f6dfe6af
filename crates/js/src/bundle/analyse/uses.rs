//! What one statement uses.
//!
//! In: a statement and its module's tables. Out: the names, imports and exports that it touches,
//! each as narrow as the syntax allows: `x.a` on an import asks for `a` alone, `x` by itself for
//! everything.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use crate::bundle::analyse::commonjs::{CjsExportPattern, CjsScope, prop_key, required_module};
use crate::bundle::analyse::effects::{SideEffectChecker, StatementEffects};
use crate::bundle::load::fold::{pat_names, static_name};
use crate::bundle::part::{
    Demand, ExportKey, ExportRole, FreeNames, ImportRecordId, Imported, Interop, ModuleAnalysis,
    PartId, RequireBinding, Use, UseSet, records_at,
};
use crate::syntax::ast::*;
use crate::syntax::{Atom, Visit, VisitWith, has_use_strict, without_parentheses};

pub struct UseCollector<'a> {
    analysis: &'a ModuleAnalysis,
    names: &'a CjsScope<'a>,
    out: UseSet,
    evaluated_imports: Vec<ImportRecordId>,
    functions: u32,
    /// Inside a function that has a `this` of its own.
    own_this: u32,
    strict: bool,
    /// What function expressions around are called, which sloppy code sets without an effect.
    own_names: FxHashSet<Id>,
    pub free_names: FreeNames,
    pub role: Option<ExportRole>,
}

/// What an expression stands for, where that is another module or the own exports.
enum Base {
    Import(Id),
    RequireBinding(Id, RequireBinding),
    Record(ImportRecordId),
    Exports,
}

impl<'a> UseCollector<'a> {
    pub fn new(analysis: &'a ModuleAnalysis, names: &'a CjsScope<'a>) -> Self {
        Self {
            analysis,
            names,
            out: UseSet::default(),
            evaluated_imports: Vec::new(),
            functions: 0,
            own_names: FxHashSet::default(),
            own_this: 0,
            strict: analysis.source.strict,
            free_names: FreeNames::default(),
            role: None,
        }
    }

    pub fn finish(self) -> (Vec<Use>, Vec<ImportRecordId>) {
        (self.out.into_iter().collect(), self.evaluated_imports)
    }

    pub fn stmt(&mut self, stmt: &Stmt) {
        stmt.visit_with(self);
    }

    /// Reads a statement that says something about exports; gives its standing.
    pub fn export_statement<'s>(
        &mut self,
        stmt: &'s Stmt,
        export_pattern: &CjsExportPattern<'s>,
        checker: &mut SideEffectChecker<'s>,
    ) -> StatementEffects {
        self.named_target(stmt);
        match export_pattern {
            CjsExportPattern::Assign { names, value } => {
                value.visit_with(self);
                self.role = Some(ExportRole::Assign(names.clone()));
                checker.value(value)
            }
            CjsExportPattern::Define { name, descriptor } => {
                descriptor.visit_with(self);
                self.role = Some(ExportRole::Assign(vec![name.clone()]));
                checker.value(descriptor)
            }
            CjsExportPattern::Whole { value } => {
                value.visit_with(self);
                checker.value(value)
            }
            CjsExportPattern::Same => {
                // The object itself, under its other name.
                if let Stmt::Expr(stmt) = stmt
                    && let Expr::Assign(assign) = &*stmt.expr
                    && let Some(id) = same_variable(&assign.right)
                {
                    self.out.insert(Use::Id(id));
                    if let Expr::Call(call) = &*assign.right
                        && let Callee::Expr(callee) = &call.callee
                    {
                        callee.visit_with(self);
                    }
                }
                StatementEffects::default()
            }
            CjsExportPattern::Object { object, .. } => {
                let mut effects = StatementEffects::default();
                let mut keys: IndexMap<Atom, ExportKey> = IndexMap::new();
                for prop in &object.props {
                    let PropOrSpread::Prop(prop) = prop else {
                        continue;
                    };
                    let before = std::mem::take(&mut self.out);
                    prop.visit_with(self);
                    let found = std::mem::replace(&mut self.out, before);
                    let found_of_it = checker.prop(prop);
                    // Which keys go is settled before all calls are.
                    let bad =
                        found_of_it.has_side_effects || !found_of_it.assumed_pure_calls.is_empty();
                    effects.has_side_effects |= bad;
                    effects.mutations.extend(found_of_it.mutations);
                    if bad {
                        self.out.extend(found.iter().cloned());
                    }
                    if let Some(name) = prop_key(prop) {
                        let key = keys.entry(name).or_default();
                        key.uses.extend(found);
                        key.has_side_effects |= bad;
                    }
                }
                self.role = Some(ExportRole::Object(keys));
                self.helper_and_target(stmt);
                effects
            }
            CjsExportPattern::Star { record, call } => {
                self.role = Some(ExportRole::Star(*record));
                self.out.insert(Use::Record(*record, Demand::Nothing));
                self.evaluated_imports.push(*record);
                if let Callee::Expr(callee) = &call.callee {
                    callee.visit_with(self);
                }
                self.helper_and_target(stmt);
                StatementEffects::default()
            }
            CjsExportPattern::Flag { renamed } => {
                self.role = Some(ExportRole::Flag { renamed: *renamed });
                StatementEffects::default()
            }
        }
    }

    /// The variable that is the exports object, where the statement sets its members.
    fn named_target(&mut self, stmt: &Stmt) {
        struct Aliases<'a, 'b>(&'a mut UseCollector<'b>);
        impl Visit for Aliases<'_, '_> {
            fn visit_ident(&mut self, name: &Ident) {
                if self.0.names.aliases.contains(&name.to_id()) {
                    self.0.out.insert(Use::Id(name.to_id()));
                }
            }
            fn visit_function(&mut self, _: &Function) {}
            fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
            fn visit_object_lit(&mut self, _: &ObjectLit) {}
        }
        if let Stmt::Expr(_) = stmt {
            stmt.visit_with(&mut Aliases(self));
        }
    }

    /// The helper that is called, and the variable that is the exports object.
    fn helper_and_target(&mut self, stmt: &Stmt) {
        let Stmt::Expr(stmt) = stmt else {
            return;
        };
        if let Expr::Call(call) = &*stmt.expr {
            if let Callee::Expr(callee) = &call.callee {
                callee.visit_with(self);
            }
            for arg in &call.args {
                if let Expr::Ident(name) = &*arg.expr
                    && self.names.aliases.contains(&name.to_id())
                {
                    self.out.insert(Use::Id(name.to_id()));
                }
            }
        }
    }

    fn base(&self, expr: &Expr) -> Option<Base> {
        match expr {
            Expr::Paren(paren) => self.base(&paren.expr),
            Expr::Ident(name) => {
                let id = name.to_id();
                if self.analysis.imports.names.contains_key(&id) {
                    return Some(Base::Import(id));
                }
                if let Some(binding) = self.analysis.imports.require_bindings.get(&id) {
                    return Some(Base::RequireBinding(id, *binding));
                }
                self.names.is_exports(expr).then_some(Base::Exports)
            }
            Expr::Call(call) => match records_at(&self.analysis.imports.calls, call) {
                Some([record]) if !matches!(call.callee, Callee::Import(_)) => {
                    Some(Base::Record(*record))
                }
                _ => None,
            },
            Expr::Await(wait) => match &*wait.arg {
                Expr::Call(call) if matches!(call.callee, Callee::Import(_)) => {
                    match records_at(&self.analysis.imports.calls, call) {
                        Some([record]) => Some(Base::Record(*record)),
                        _ => None,
                    }
                }
                _ => None,
            },
            Expr::This(_) if self.own_this == 0 && !self.names.esm => Some(Base::Exports),
            Expr::Member(_) if self.names.is_module_exports(expr) => Some(Base::Exports),
            _ => None,
        }
    }

    fn demand(&mut self, base: &Base, demand: Demand) {
        match base {
            Base::Import(id) => {
                self.out.insert(Use::Import(id.clone(), demand));
            }
            Base::RequireBinding(id, binding) => {
                self.out.insert(Use::Id(id.clone()));
                let demand = match (binding.by, demand) {
                    (Interop::Default, Demand::Name(name) | Demand::Method(name)) => {
                        if name == "default" {
                            Demand::Default(None)
                        } else {
                            Demand::Name(name)
                        }
                    }
                    (Interop::Star, Demand::Name(name) | Demand::Method(name))
                        if name == "default" =>
                    {
                        Demand::Default(None)
                    }
                    (_, demand) => demand,
                };
                self.out.insert(Use::Record(binding.record, demand));
            }
            Base::Record(record) => {
                self.eval(*record);
                self.out.insert(Use::Record(*record, demand));
            }
            Base::Exports => {
                match demand {
                    Demand::Name(name) => self.out.insert(Use::Own(name)),
                    Demand::Method(name) => self.out.insert(Use::OwnMethod(name)),
                    _ => self.out.insert(Use::OwnAll),
                };
            }
        }
    }

    fn eval(&mut self, record: ImportRecordId) {
        if self.functions == 0 {
            self.evaluated_imports.push(record);
        }
        self.out.insert(Use::Record(record, Demand::Nothing));
    }

    /// What lies inside of a base: the arguments of a call that imports.
    fn inside(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(paren) => self.inside(&paren.expr),
            Expr::Await(wait) => {
                if let Expr::Call(call) = &*wait.arg {
                    call.args.visit_with(self);
                }
            }
            Expr::Call(call) => {
                call.args.visit_with(self);
            }
            Expr::This(_) => self.free_names.this = true,
            Expr::Ident(name) if self.names.aliases.contains(&name.to_id()) => {
                self.out.insert(Use::Id(name.to_id()));
            }
            Expr::Ident(name) if name.sym == "exports" => self.free_names.exports = true,
            Expr::Member(_) => self.free_names.exports = true,
            _ => {}
        }
    }

    fn default_member(&mut self, member: &MemberExpr) -> bool {
        // `x_1.default.a`, where `x_1` went through an interop helper.
        let (Expr::Member(inner), Some(name)) = (&*member.obj, static_name(&member.prop)) else {
            return false;
        };
        if static_name(&inner.prop).is_none_or(|name| name != "default") {
            return false;
        }
        match self.base(&inner.obj) {
            Some(Base::RequireBinding(id, binding)) if binding.by != Interop::Plain => {
                self.out.insert(Use::Id(id));
                self.out
                    .insert(Use::Record(binding.record, Demand::Default(Some(name))));
                true
            }
            _ => false,
        }
    }

    /// `x.a.b` on an import.
    fn path(&self, member: &MemberExpr) -> Option<(Id, Vec<Atom>)> {
        let mut names = vec![static_name(&member.prop)?];
        let mut object = &*member.obj;
        loop {
            match object {
                Expr::Member(member) => {
                    names.push(static_name(&member.prop)?);
                    object = &member.obj;
                }
                Expr::Ident(name) => {
                    let id = name.to_id();
                    names.reverse();
                    let found = names.len() > 1 && self.analysis.imports.names.contains_key(&id);
                    return found.then_some((id, names));
                }
                _ => return None,
            }
        }
    }

    fn member(&mut self, member: &MemberExpr, called: bool) -> bool {
        if !self.strict
            && member.obj.is_ident_ref_to("arguments")
            && matches!(&member.prop, MemberProp::Ident(name) if name.sym == "callee")
        {
            // Strict functions cannot say what they are.
            self.free_names.sloppy = true;
        }
        if self.default_member(member) {
            return true;
        }
        if let Some((id, names)) = self.path(member) {
            self.out.insert(Use::Import(id, Demand::Path(names)));
            return true;
        }
        let Some(base) = self.base(&member.obj) else {
            return false;
        };
        if matches!(base, Base::Exports)
            && self.names.is_module_exports(&Expr::Member(member.clone()))
        {
            return false;
        }
        match static_name(&member.prop) {
            Some(name) if called => self.demand(&base, Demand::Method(name)),
            Some(name) => self.demand(&base, Demand::Name(name)),
            None => {
                self.demand(&base, Demand::Namespace);
                member.prop.visit_with(self);
            }
        }
        self.inside(&member.obj);
        true
    }

    /// A member of an import that is deleted or set: it stays a member, of an object that must be there.
    fn is_changed_member(&mut self, target: &Expr) -> bool {
        let Expr::Member(member) = without_parentheses(target) else {
            return false;
        };
        match self.base(&member.obj) {
            Some(base @ Base::Import(_)) => {
                self.demand(&base, Demand::Namespace);
                self.inside(&member.obj);
                member.prop.visit_with(self);
                true
            }
            _ => false,
        }
    }

    fn with_function(&mut self, own_this: bool, visit: impl FnOnce(&mut Self)) {
        self.functions += 1;
        self.own_this += u32::from(own_this);
        visit(self);
        self.own_this -= u32::from(own_this);
        self.functions -= 1;
    }

    fn is_namespace(&self, expr: &Expr) -> bool {
        let Expr::Ident(name) = expr else {
            return false;
        };
        let imported = self.analysis.imports.names.get(&name.to_id());
        matches!(imported, Some((_, Imported::Namespace)))
    }

    /// What strict code does not allow.
    fn only_sloppy(&mut self) {
        self.free_names.sloppy = true;
        self.free_names.unstrict = true;
    }

    fn is_free(&self, name: &Ident) -> bool {
        name.ctxt == self.names.unresolved
    }
}

fn same_variable(value: &Expr) -> Option<Id> {
    match value {
        Expr::Ident(name) => Some(name.to_id()),
        Expr::Call(call) => match &*call.args.first()?.expr {
            Expr::Ident(name) => Some(name.to_id()),
            _ => None,
        },
        Expr::Assign(assign) => same_variable(&assign.right),
        _ => None,
    }
}

impl Visit for UseCollector<'_> {
    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Member(member) => {
                if self.names.is_module_exports(expr) {
                    self.free_names.exports = true;
                    self.out.insert(Use::OwnAll);
                    return;
                }
                if !self.member(member, false) {
                    member.visit_children_with(self);
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::Unary(UnaryExpr {
                op: UnaryOp::Delete,
                arg: changed,
                ..
            })
            | Expr::Update(UpdateExpr { arg: changed, .. }) => {
                if !self.is_changed_member(changed) {
                    expr.visit_children_with(self);
                }
            }
            Expr::Ident(_) | Expr::This(_) | Expr::Await(_) => {
                if let Some(base) = self.base(expr) {
                    self.demand(&base, Demand::Namespace);
                    self.inside(expr);
                    return;
                }
                expr.visit_children_with(self);
            }
            Expr::Unary(unary) if unary.op == UnaryOp::TypeOf => {
                // `typeof exports` does not let the object go.
                if let Expr::Ident(name) = &*unary.arg
                    && self.is_free(name)
                    && matches!(name.sym.as_str(), "exports" | "module" | "require")
                {
                    match name.sym.as_str() {
                        "exports" => self.free_names.exports = true,
                        "require" => self.free_names.require = true,
                        _ => self.free_names.module = true,
                    }
                    return;
                }
                if let Expr::Member(member) = &*unary.arg
                    && self.names.is_module_exports(&unary.arg)
                {
                    let _ = member;
                    self.free_names.exports = true;
                    return;
                }
                expr.visit_children_with(self);
            }
            _ => expr.visit_children_with(self),
        }
    }

    fn visit_prop(&mut self, prop: &Prop) {
        if let Prop::Shorthand(name) = prop {
            self.visit_expr(&Expr::Ident(name.clone()));
            return;
        }
        prop.visit_children_with(self);
    }

    fn visit_pat(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Expr(target) if self.is_changed_member(target) => {}
            pattern => pattern.visit_children_with(self),
        }
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assign.left {
            if self.names.is_module_exports(&Expr::Member(member.clone())) {
                self.free_names.exports = true;
                self.free_names.replaces_exports = true;
                self.out.insert(Use::OwnAll);
                assign.right.visit_with(self);
                return;
            }
            if let Some(base) = self.base(&member.obj) {
                match (&base, static_name(&member.prop)) {
                    // Setting an own export lets nothing go.
                    (Base::Exports, Some(name)) => {
                        self.out.insert(Use::Set(name));
                        self.inside(&member.obj);
                    }
                    _ => {
                        self.demand(&base, Demand::Namespace);
                        self.inside(&member.obj);
                        member.prop.visit_with(self);
                    }
                }
                assign.right.visit_with(self);
                return;
            }
        }
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left
            && !self.strict
            && self.own_names.contains(&name.to_id())
        {
            self.free_names.sloppy = true;
        }
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assign.left
            && self.is_free(&name.id)
        {
            if name.id.sym == "exports" && !self.names.esm {
                self.out.insert(Use::OwnAll);
                self.free_names.exports = true;
            } else if !self.strict {
                // An implicit global.
                self.free_names.sloppy = true;
            }
        }
        assign.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        if let Pat::Ident(name) = &decl.name
            && self
                .analysis
                .imports
                .require_bindings
                .contains_key(&name.to_id())
            && let Some(init) = &decl.init
            && let Some(found) = required_module(init, self.analysis)
        {
            self.eval(found.record);
            // The helper around the call.
            if let Expr::Call(call) = &**init
                && let Callee::Expr(callee) = &call.callee
                && found.by != Interop::Plain
            {
                callee.visit_with(self);
            }
            self.out.insert(Use::Id(name.to_id()));
            return;
        }
        if let (Pat::Object(pattern), Some(init)) = (&decl.name, &decl.init)
            && let Some(base) = self.base(init)
            && let Some(keys) = static_keys(pattern)
        {
            for key in keys {
                self.demand(&base, Demand::Name(key));
            }
            if pattern.props.is_empty() {
                self.demand(&base, Demand::Nothing);
            }
            self.inside(init);
            decl.name.visit_with(self);
            return;
        }
        decl.visit_children_with(self);
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        if !self.strict && is_reserved_in_strict(&name.sym) {
            self.only_sloppy();
        }
        self.out.insert(Use::Id(name.to_id()));
    }

    fn visit_ident(&mut self, name: &Ident) {
        if self.is_free(name) {
            match name.sym.as_str() {
                "require" => {
                    self.free_names.require = true;
                    for record in &self.analysis.imports.handed {
                        self.out.insert(Use::Record(*record, Demand::Namespace));
                    }
                }
                "module" => {
                    self.free_names.module = true;
                    if !self.names.esm {
                        self.out.insert(Use::OwnAll);
                    }
                }
                "exports" => {
                    self.free_names.exports = true;
                    if !self.names.esm {
                        self.out.insert(Use::OwnAll);
                    }
                }
                "__dirname" => self.free_names.dirname = true,
                "__filename" => self.free_names.filename = true,
                "arguments" if self.own_this == 0 => self.free_names.arguments = true,
                "arguments" if !self.strict => self.free_names.sloppy_call = true,
                _ => {}
            }
            return;
        }
        let id = name.to_id();
        if self.analysis.names.declared_by.contains_key(&id) {
            self.out.insert(Use::Id(id));
        }
    }

    fn visit_fn_expr(&mut self, node: &FnExpr) {
        if let Some(name) = &node.ident
            && !self.strict
        {
            self.own_names.insert(name.to_id());
        }
        node.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = &*update.arg
            && !self.strict
            && self.own_names.contains(&name.to_id())
        {
            self.free_names.sloppy = true;
        }
        update.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        if !self.strict && has_equal_parameters(function) {
            self.only_sloppy();
        }
        let strict = self.strict;
        if let Some(body) = &function.body
            && has_use_strict(&body.stmts)
        {
            self.strict = true;
        }
        self.with_function(true, |this| function.visit_children_with(this));
        self.strict = strict;
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.with_function(false, |this| arrow.visit_children_with(this));
    }

    fn visit_class(&mut self, class: &Class) {
        class.decorators.visit_with(self);
        class.super_class.visit_with(self);
        let strict = std::mem::replace(&mut self.strict, true);
        for member in &class.body {
            if let ClassMember::StaticBlock(_) = member {
                self.own_this += 1;
                member.visit_with(self);
                self.own_this -= 1;
            } else {
                member.visit_with(self);
            }
        }
        self.strict = strict;
    }

    fn visit_class_prop(&mut self, prop: &ClassProp) {
        prop.key.visit_with(self);
        prop.decorators.visit_with(self);
        self.own_this += 1;
        self.functions += u32::from(!prop.is_static);
        prop.value.visit_with(self);
        self.functions -= u32::from(!prop.is_static);
        self.own_this -= 1;
    }

    fn visit_private_prop(&mut self, prop: &PrivateProp) {
        self.own_this += 1;
        self.functions += u32::from(!prop.is_static);
        prop.value.visit_with(self);
        self.functions -= u32::from(!prop.is_static);
        self.own_this -= 1;
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.with_function(true, |this| constructor.visit_children_with(this));
    }

    fn visit_this_expr(&mut self, _: &ThisExpr) {
        if self.own_this == 0 {
            self.free_names.this = true;
        } else if !self.strict {
            self.free_names.sloppy_call = true;
        }
    }

    fn visit_meta_prop_expr(&mut self, meta: &MetaPropExpr) {
        if meta.kind == MetaPropKind::ImportMeta {
            self.free_names.import_meta = true;
        }
    }

    fn visit_with_stmt(&mut self, with: &WithStmt) {
        self.free_names.names_stay = true;
        self.only_sloppy();
        with.visit_children_with(self);
    }

    fn visit_number(&mut self, number: &Number) {
        // `017` is a syntax error in strict code.
        if let Some(raw) = &number.raw {
            let text = raw.as_bytes();
            if text.len() > 1 && text[0] == b'0' && text[1].is_ascii_digit() && !self.strict {
                self.only_sloppy();
            }
        }
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if unary.op == UnaryOp::Delete && unary.arg.is_ident() {
            self.only_sloppy();
        }
        unary.visit_children_with(self);
    }

    fn visit_labeled_stmt(&mut self, labeled: &LabeledStmt) {
        if matches!(&*labeled.body, Stmt::Decl(Decl::Fn(_))) {
            self.only_sloppy();
        }
        labeled.visit_children_with(self);
    }

    fn visit_for_in_stmt(&mut self, each: &ForInStmt) {
        if let ForHead::VarDecl(var) = &each.left
            && var.decls.iter().any(|decl| decl.init.is_some())
        {
            self.only_sloppy();
        }
        each.visit_children_with(self);
    }

    fn visit_str(&mut self, text: &Str) {
        let raw = text.raw.as_deref().unwrap_or_default();
        if !self.strict && has_octal_escape(raw) {
            self.only_sloppy();
        }
    }
}

impl UseCollector<'_> {
    fn call(&mut self, call: &CallExpr) {
        let Callee::Expr(callee) = &call.callee else {
            if let (Callee::Import(_), Some(records)) =
                (&call.callee, records_at(&self.analysis.imports.calls, call))
            {
                for record in records.iter().copied() {
                    self.out.insert(Use::Record(record, Demand::Namespace));
                }
            }
            call.visit_children_with(self);
            return;
        };
        if let Some(records) = records_at(&self.analysis.imports.calls, call) {
            for record in records.iter().copied() {
                self.eval(record);
                self.out.insert(Use::Record(record, Demand::Namespace));
            }
            // A function of the module's own around `require` may have to stay.
            if matches!(&**callee, Expr::Ident(name) if !self.is_free(name)) {
                callee.visit_with(self);
            }
            call.args.visit_with(self);
            return;
        }
        if let Expr::Ident(name) = &**callee
            && name.sym == "eval"
            && self.is_free(name)
        {
            self.free_names.names_stay = true;
            self.free_names.sloppy |= !self.strict;
            if !self.names.esm {
                self.out.insert(Use::OwnAll);
            }
        }
        if is_reflection(callee) && call.args.iter().any(|arg| self.is_namespace(&arg.expr)) {
            self.free_names.reflects_namespaces = true;
        }
        if !self.strict && called_on_nothing(callee) {
            self.free_names.sloppy = true;
        }
        match &**callee {
            Expr::Member(member) => {
                // `(function () { … this … }).call(this)` is how old wrappers reach `this`.
                if !self.member(member, true) {
                    callee.visit_with(self);
                }
            }
            Expr::Paren(paren) if matches!(&*paren.expr, Expr::Seq(_)) => {
                // `(0, x.f)()` calls without `this`.
                callee.visit_with(self);
            }
            inner => match self.base(inner) {
                Some(base) if !matches!(base, Base::Exports) => {
                    self.demand(&base, Demand::Call);
                    self.inside(inner);
                }
                _ => callee.visit_with(self),
            },
        }
        call.args.visit_with(self);
    }
}

/// Whether a function tells, or says, how properties are made: `Object.getOwnPropertyDescriptor`, and
/// `Object.prototype.propertyIsEnumerable.call`.
fn is_reflection(callee: &Expr) -> bool {
    let Expr::Member(member) = callee else {
        return false;
    };
    let asks = |name: &str| {
        matches!(
            name,
            "getOwnPropertyDescriptor"
                | "getOwnPropertyDescriptors"
                | "defineProperty"
                | "defineProperties"
                | "isFrozen"
                | "hasOwn"
                | "hasOwnProperty"
                | "propertyIsEnumerable"
        )
    };
    match (&member.prop, &*member.obj) {
        (MemberProp::Ident(name), Expr::Member(inner)) if name.sym == "call" => {
            matches!(&inner.prop, MemberProp::Ident(name) if asks(&name.sym))
        }
        (MemberProp::Ident(name), _) => asks(&name.sym),
        _ => false,
    }
}

/// `function (a, a) {}`
fn has_equal_parameters(function: &Function) -> bool {
    let mut names = FxHashSet::default();
    function.params.iter().any(|param| match &param.pat {
        Pat::Ident(name) => !names.insert(name.sym.clone()),
        _ => false,
    })
}

/// Whether the text of a string has an escape such as `\07`, or `\8`.
fn has_octal_escape(raw: &str) -> bool {
    let mut bytes = raw.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            continue;
        }
        match bytes.next() {
            Some(b'1'..=b'9') => return true,
            Some(b'0') if bytes.peek().is_some_and(u8::is_ascii_digit) => return true,
            _ => {}
        }
    }
    false
}

/// Names that nothing can have in strict code.
fn is_reserved_in_strict(name: &str) -> bool {
    matches!(
        name,
        "implements"
            | "interface"
            | "let"
            | "package"
            | "private"
            | "protected"
            | "public"
            | "static"
            | "yield"
            | "eval"
            | "arguments"
    )
}

/// `(function () { … this … })()`: sloppy code finds the global object there.
fn called_on_nothing(callee: &Expr) -> bool {
    match callee {
        Expr::Paren(paren) => called_on_nothing(&paren.expr),
        Expr::Fn(function) => crate::bundle::analyse::commonjs::has_this(&*function.function),
        _ => false,
    }
}

/// Whether a function says that it is strict.
pub fn is_strict(function: &Function) -> bool {
    let body = function.body.as_ref();
    body.is_some_and(|body| has_use_strict(&body.stmts))
}

/// The keys that a pattern reads, where all are written out and nothing takes the rest.
pub fn static_keys(pattern: &ObjectPat) -> Option<Vec<Atom>> {
    pattern
        .props
        .iter()
        .map(|prop| match prop {
            ObjectPatProp::KeyValue(pair) => match &pair.key {
                PropName::Ident(name) => Some(name.sym.clone()),
                PropName::Str(text) => Some(text.value.as_str()?.into()),
                _ => None,
            },
            ObjectPatProp::Assign(short) => Some(short.key.id.sym.clone()),
            ObjectPatProp::Rest(_) => None,
        })
        .collect()
}

/// Top-level names that are assigned to anywhere after their declaration.
pub fn reassigned(
    stmts: &[Stmt],
    declared: &rustc_hash::FxHashMap<Id, Vec<PartId>>,
) -> FxHashSet<Id> {
    struct Finder<'a> {
        declared: &'a rustc_hash::FxHashMap<Id, Vec<PartId>>,
        out: FxHashSet<Id>,
    }
    impl Finder<'_> {
        fn add(&mut self, id: Id) {
            if self.declared.contains_key(&id) {
                self.out.insert(id);
            }
        }
        fn pat(&mut self, pat: &Pat) {
            let mut names = Vec::new();
            pat_names(pat, &mut names);
            for name in names {
                self.add(name.to_id());
            }
        }
    }
    impl Visit for Finder<'_> {
        fn visit_assign_target(&mut self, target: &AssignTarget) {
            match target {
                AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => self.add(name.to_id()),
                AssignTarget::Simple(SimpleAssignTarget::Paren(paren)) => {
                    if let Expr::Ident(name) = &*paren.expr {
                        self.add(name.to_id());
                    }
                }
                AssignTarget::Pat(pat) => self.pat(&pat.clone().into()),
                AssignTarget::Simple(_) => {}
            }
            target.visit_children_with(self);
        }
        fn visit_update_expr(&mut self, update: &UpdateExpr) {
            if let Expr::Ident(name) = &*update.arg {
                self.add(name.to_id());
            }
            update.visit_children_with(self);
        }
        fn visit_for_head(&mut self, head: &ForHead) {
            match head {
                ForHead::Pat(pat) => self.pat(pat),
                ForHead::VarDecl(var) => {
                    for decl in &var.decls {
                        self.pat(&decl.name);
                    }
                }
                ForHead::UsingDecl(_) => {}
            }
            head.visit_children_with(self);
        }
    }
    let mut finder = Finder {
        declared,
        out: FxHashSet::default(),
    };
    stmts.visit_with(&mut finder);
    finder.out
}
