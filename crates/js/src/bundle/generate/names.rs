//! The variables that stand for modules in the bundle.
//!
//! In: the modules' own names. Out: [`Naming`]: for each module the variables that its wrapper, its
//! exports and its namespaces get, and those of the bundle itself. They are known by id; what they
//! are called in the text is settled when it is printed.

use std::collections::BTreeMap;

use oxc_index::IndexVec;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::runtime_requirements::{Helper, NodeApi};
use crate::syntax::ast::*;
use crate::syntax::{Atom, SyntaxContext, fresh_context};

/// The variables that stand for one module.
#[derive(Debug)]
pub struct ModuleNames {
    pub require: Id,
    /// Its `module.exports`, once it has run.
    pub exports: Id,
    pub own_exports: Id,
    pub own_module: Id,
    pub init: Id,
    pub namespace: Id,
    pub required: Id,
    pub node_namespace: Id,
    pub babel_namespace: Id,
    pub context: SyntaxContext,
}

/// Every variable that the bundle itself adds.
#[derive(Debug)]
pub struct Naming {
    modules: IndexVec<ModuleId, ModuleNames>,
    helpers: BTreeMap<Helper, Id>,
    pub require: Id,
    pub filename: Id,
    /// The module object of the entry, where that is the program.
    pub main: Id,
    pub dirname: Id,
    pub node_apis: BTreeMap<NodeApi, Id>,
}

impl Naming {
    /// Names for all modules, and for the functions that the bundle needs at run time.
    pub fn new(modules: &Modules, helpers: BTreeMap<Helper, Id>) -> Self {
        let all = modules
            .ids()
            .map(|id| {
                let base = base_name(&modules.get(id).name);
                let context = fresh_context();
                let name = |text: String| -> Id { (text.into(), context) };
                ModuleNames {
                    require: name(format!("require_{base}")),
                    exports: name(format!("import_{base}")),
                    own_exports: name("exports".to_string()),
                    own_module: name("module".to_string()),
                    init: name(format!("init_{base}")),
                    namespace: name(format!("{base}_exports")),
                    required: name(format!("{base}_required")),
                    node_namespace: name(format!("{base}_node")),
                    babel_namespace: name(format!("{base}_esm")),
                    context,
                }
            })
            .collect();
        let context = fresh_context();
        Self {
            modules: all,
            helpers,
            require: ("require".into(), context),
            filename: ("__filename".into(), context),
            main: ("__main".into(), context),
            dirname: ("__dirname".into(), context),
            node_apis: NodeApi::ALL
                .into_iter()
                .map(|native| (native, (native.place().1.into(), context)))
                .collect(),
        }
    }

    pub fn of(&self, module: ModuleId) -> &ModuleNames {
        &self.modules[module]
    }

    pub fn helper(&self, helper: Helper) -> &Id {
        &self.helpers[&helper]
    }

    /// The variable of a name that is imported from an external.
    pub fn imported(&self, module: ModuleId, name: Option<&Atom>) -> Id {
        let names = self.of(module);
        match name {
            Some(name) if name == "default" => names.exports.clone(),
            Some(name) if is_identifier(name) => (name.clone(), names.context),
            Some(name) => {
                let plain: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                (format!("_{plain}").into(), names.context)
            }
            None => names.namespace.clone(),
        }
    }
}

/// What a file is called in a variable's name.
pub(super) fn base_name(name: &str) -> String {
    let path = name.trim_start_matches("node:");
    let parts: Vec<&str> = path.rsplit('/').take(2).collect();
    let stem = parts[0].split('.').next().unwrap_or("");
    let word = if stem == "index" && parts.len() > 1 {
        parts[1]
    } else {
        stem
    };
    let mut out: String = word
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}
