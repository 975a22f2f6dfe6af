//! What the modules of a bundle need around them at run time.
//!
//! In: the statements of each module that stay, and what their names are ([`Bindings`]). Out:
//! [`RuntimeRequirements`]: the run-time functions, which modules' exports and namespaces are read from variables,
//! and what ES module output imports. Statements are only looked at: whatever generation will make
//! of an expression is asked for here first, so that both follow the same order of questions.

use crate::bundle::analyse::uses;
use crate::bundle::link::bindings::{Binding, Bindings, ImportCall};
use crate::bundle::load::fold::static_name;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, NodeApi, RuntimeRequirements};
use crate::syntax::ast::*;
use crate::syntax::{SyntaxContext, Visit, VisitWith, without_parentheses};

/// Adds up what one module needs.
pub struct Collector<'a> {
    pub bindings: &'a Bindings<'a>,
    /// The context of names that nothing declares.
    pub unresolved: SyntaxContext,
    pub id: ModuleId,
    pub needs: RuntimeRequirements,
}

impl<'a> Collector<'a> {
    pub fn new(bindings: &'a Bindings<'a>, unresolved: SyntaxContext, id: ModuleId) -> Self {
        Self {
            bindings,
            unresolved,
            id,
            needs: RuntimeRequirements::default(),
        }
    }

    /// What a name is read from must be there.
    pub fn binding(&mut self, binding: &Binding) {
        let needs = &mut self.needs;
        match binding {
            Binding::Variable(_) | Binding::Undefined => {}
            Binding::Getter(module, _) | Binding::Namespace(module) => {
                needs.namespace.insert(*module);
            }
            Binding::Import(module, name) => {
                needs.imported.insert((*module, name.clone()));
            }
            Binding::Copy(module, name) => {
                needs.exports.insert(*module);
                needs.copies.insert((*module, name.clone()));
            }
            Binding::Export(module, _) | Binding::Exports(module) => {
                needs.exports.insert(*module);
            }
            Binding::NodeNamespace(module, _) => {
                needs.exports.insert(*module);
                needs.node_namespace.insert(*module);
                needs.babel_whole.insert(*module);
                needs.helpers.insert(Helper::ToEsm);
            }
            Binding::BabelNamespace(module, name) => {
                needs.exports.insert(*module);
                needs.babel_namespace.insert(*module);
                if name.is_none() {
                    needs.babel_whole.insert(*module);
                    needs.helpers.insert(Helper::ToEsm);
                } else {
                    needs.helpers.insert(Helper::Default);
                }
            }
        }
    }

    pub fn helper(&mut self, helper: Helper) {
        self.needs.helpers.insert(helper);
    }

    /// The file that the module is, or would be.
    pub fn filename(&mut self) {
        match &self.bindings.modules.get(self.id).virtual_path {
            Some(_) => self.joined(),
            None => self.own_filename(),
        }
    }

    /// The folder of that file.
    pub fn dirname(&mut self) {
        let seen = self.bindings.modules.get(self.id).virtual_path.as_deref();
        match seen.is_some_and(|seen| seen.contains('/')) {
            true => self.joined(),
            false => self.own_dirname(),
        }
    }

    /// A path as seen from the output's folder.
    fn joined(&mut self) {
        self.node_api(NodeApi::Join);
        self.own_dirname();
    }

    /// The path of the output.
    pub fn own_filename(&mut self) {
        self.needs.filename |= self.bindings.format == Format::Esm;
    }

    fn own_dirname(&mut self) {
        let esm = self.bindings.format == Format::Esm;
        self.needs.dirname |= esm;
        self.needs.filename |= esm;
    }

    /// `require` as the module has it.
    pub fn require_here(&mut self) {
        if self.bindings.modules.get(self.id).virtual_path.is_none() {
            self.needs.require = true;
            return;
        }
        self.node_api(NodeApi::CreateRequire);
        self.filename();
    }

    /// A function of one of Node's own modules.
    pub fn node_api(&mut self, native: NodeApi) {
        if self.bindings.format == Format::Esm {
            self.needs.node_apis.insert(native);
        }
    }

    /// `require()` of a module.
    pub fn require_of(&mut self, to: ModuleId) {
        let target = self.bindings.modules.get(to);
        match target.kind {
            Kind::Cjs | Kind::Json => {}
            Kind::External if target.side_effect_free && !self.bindings.host.is_node() => {
                self.needs.imported.insert((to, None));
            }
            Kind::External => self.needs.require = true,
            Kind::Esm if self.bindings.linked.async_modules.contains(&to) => {
                self.helper(Helper::RequireAsync);
            }
            Kind::Esm => {
                self.needs.required.insert(to);
            }
        }
    }

    /// `import()` of a module.
    pub fn import_of(&mut self, to: ModuleId) {
        match self.bindings.modules.get(to).kind {
            Kind::External => {}
            Kind::Cjs | Kind::Json => {
                self.helper(Helper::ToEsm);
                self.needs.node_namespace.insert(to);
                if self.bindings.linked.shared.contains(&to) {
                    self.needs.exports.insert(to);
                }
            }
            Kind::Esm => {
                self.needs.namespace.insert(to);
            }
        }
    }

    /// A function that gives modules by absolute paths.
    pub fn at_absolute_paths(&mut self) {
        self.helper(Helper::GlobAt);
        self.dirname();
        self.node_api(NodeApi::Relative);
    }

    fn import_call(&mut self, node: &CallExpr, call: &ImportCall) {
        match call {
            ImportCall::Import(to, _) => {
                self.import_of(*to);
                // `import()` of an external keeps its attributes.
                if self.bindings.modules.get(*to).kind == Kind::External {
                    node.args.get(1..).unwrap_or_default().visit_with(self);
                }
            }
            ImportCall::Require(to) => self.require_of(*to),
            ImportCall::Unresolved => {
                node.args.visit_with(self);
                self.needs.require = true;
            }
            ImportCall::Choice {
                modules,
                dynamic,
                absolute,
            } => {
                for (_, to) in modules {
                    match dynamic {
                        true => self.import_of(*to),
                        false => self.require_of(*to),
                    }
                }
                if let Some(path) = node.args.first() {
                    path.expr.visit_with(self);
                }
                if !absolute {
                    return self.helper(Helper::Glob);
                }
                if !dynamic {
                    self.require_here();
                }
                self.at_absolute_paths();
            }
        }
    }

    fn import_meta(&mut self, prop: &str) {
        match prop {
            "url" => {
                self.filename();
                self.node_api(NodeApi::ToUrl);
            }
            "filename" => self.filename(),
            "dirname" => self.dirname(),
            "resolve" => {
                self.require_here();
                self.node_api(NodeApi::ToUrl);
            }
            _ => {}
        }
    }

    /// A name that nothing declares, where it is one of Node's.
    fn free_name(&mut self, name: &str) {
        match name {
            "require" => {
                self.require_here();
                let modules = self.bindings.modules;
                for (_, to) in modules.get(self.id).handed() {
                    self.helper(Helper::RequireOf);
                    self.require_of(to);
                }
            }
            "__filename" => self.filename(),
            "__dirname" => self.dirname(),
            _ => {}
        }
    }

    fn name(&mut self, name: &Ident) {
        if name.ctxt == self.unresolved {
            self.free_name(&name.sym);
        } else if let Some((binding, missing)) = self.bindings.imported(self.id, &name.to_id()) {
            self.binding(&binding);
            self.needs.missing.extend(missing);
        }
    }
}

fn is_import_meta(expr: &Expr) -> bool {
    matches!(expr, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta)
}

impl Visit for Collector<'_> {
    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Ident(name) => return self.name(name),
            Expr::Member(member) => {
                if let Some(name) = static_name(&member.prop) {
                    let bindings = self.bindings;
                    if let Some(found) = bindings.namespace_member(self.id, &member.obj, &name) {
                        return self.binding(&found);
                    }
                    if is_import_meta(&member.obj) && self.bindings.says_place(self.id) {
                        return self.import_meta(&name);
                    }
                }
            }
            Expr::MetaProp(_) if is_import_meta(expr) && self.bindings.says_place(self.id) => {
                return ["url", "dirname", "filename"]
                    .into_iter()
                    .for_each(|name| self.import_meta(name));
            }
            Expr::Call(node) => {
                if let Some(call) = self.bindings.import_call(self.id, node) {
                    return self.import_call(node, &call);
                }
            }
            Expr::This(_) => return,
            // What is deleted or set stays a member.
            Expr::Unary(UnaryExpr {
                op: UnaryOp::Delete,
                arg: changed,
                ..
            })
            | Expr::Update(UpdateExpr { arg: changed, .. }) => {
                return match without_parentheses(changed) {
                    Expr::Member(member) => member.visit_children_with(self),
                    changed => changed.visit_with(self),
                };
            }
            _ => {}
        }
        expr.visit_children_with(self);
    }

    fn visit_pat(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Expr(target) => match without_parentheses(target) {
                Expr::Member(member) => member.visit_children_with(self),
                target => target.visit_with(self),
            },
            pattern => pattern.visit_children_with(self),
        }
    }

    fn visit_var_declarator(&mut self, decl: &VarDeclarator) {
        if let (Pat::Object(pattern), Some(init)) = (&decl.name, &decl.init)
            && let Some(names) = uses::static_keys(pattern)
            && let Some(members) = self.bindings.namespace_members(self.id, init, &names)
        {
            members.iter().for_each(|(_, found)| self.binding(found));
            decl.name.visit_with(self);
            return;
        }
        decl.visit_children_with(self);
    }

    fn visit_prop(&mut self, prop: &Prop) {
        match prop {
            Prop::Shorthand(name) => self.name(name),
            prop => prop.visit_children_with(self),
        }
    }

    fn visit_simple_assign_target(&mut self, target: &SimpleAssignTarget) {
        match target {
            SimpleAssignTarget::Ident(name) if name.id.ctxt == self.unresolved => {
                self.free_name(&name.id.sym);
            }
            target => target.visit_children_with(self),
        }
    }

    fn visit_for_of_stmt(&mut self, node: &ForOfStmt) {
        if node.is_await && self.bindings.linked.async_modules.contains(&self.id) {
            self.helper(Helper::AsyncIterator);
        }
        node.visit_children_with(self);
    }

    /// Decorators were lowered before.
    fn visit_private_prop(&mut self, prop: &PrivateProp) {
        prop.value.visit_with(self);
    }
}
