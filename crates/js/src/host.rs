//! Whose module loader takes the code.
//!
//! In: what a platform's data says of its runtime. Out: [`Host`], which tells the resolver by which
//! conditions packages are read, and the bundler what it may count on. Node.js is the usual one; one
//! that is not has no files beside the bundle, runs no text as code, and may not say where a module lies.

use coldcut_core::artifact::RelPath;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Host {
    #[default]
    Node,
    /// A runtime that reads the `exports` of packages by these conditions, before `import`,
    /// `require` and `default`.
    Other { conditions: Vec<String> },
}

impl Host {
    /// By a runtime's own conditions; without any it is Node.js.
    pub fn new(conditions: &[String]) -> Self {
        match conditions {
            [] => Self::Node,
            own => Self::Other {
                conditions: own.to_vec(),
            },
        }
    }

    pub fn is_node(&self) -> bool {
        *self == Self::Node
    }

    /// A module of Node.js's by the name that the host has for it: others know no names without
    /// `node:`.
    pub fn builtin(&self, name: String) -> String {
        match self.is_node() || name.starts_with("node:") {
            true => name,
            false => format!("node:{name}"),
        }
    }

    /// What stands for the place of the bundle `out` where `import.meta.url` is not there: where
    /// workerd has the modules in the file system that it shows to code.
    /// Source: <https://developers.cloudflare.com/workers/runtime-apis/nodejs/fs/>.
    pub fn bundle_url(&self, out: Option<&RelPath>) -> Option<String> {
        let name = out.map_or("index.mjs", RelPath::as_str);
        (!self.is_node()).then(|| format!("file:///bundle/{name}"))
    }
}
