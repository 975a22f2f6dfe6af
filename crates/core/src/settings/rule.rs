//! The user's own rules for files that no analysis finds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files that a module needs, but that no analysis of its code finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// The name of the rule in reports; the default is the package's name.
    pub name: Option<String>,
    /// The package that the rule is for; the project's own name means the project.
    pub package: Option<String>,
    /// The module that the rule is for, relative to the package's folder; by default all modules.
    pub file: Option<String>,
    /// Instead of `package` and the module: every module that imports this.
    pub imports: Option<String>,
    /// Files, folders (with `/` at the end) or patterns with `*`, relative to the package's folder.
    pub read: Vec<String>,
    /// The same for code that is run: what it imports ships too.
    pub run: Vec<String>,
    /// The same for files in other packages: `name/path`.
    pub also: Vec<String>,
    /// Packages that it loads by computed names, if they are installed: `pg`.
    pub load: Vec<String>,
}
