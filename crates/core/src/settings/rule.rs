//! The user's own rules for files that no analysis finds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files that go with a module, though no analysis of its code finds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// How reports call it; the package's name unless told.
    pub name: Option<String>,
    /// The package whose module reads; the project's own name stands for the project.
    pub package: Option<String>,
    /// That module, seen from the package's folder; every one of it unless told.
    pub file: Option<String>,
    /// Instead of the two above: whoever imports this.
    pub imports: Option<String>,
    /// Files, folders (with `/` at the end) or patterns with `*`, seen from the package's folder.
    pub read: Vec<String>,
    /// The same, of code that is run: what it imports counts too.
    pub run: Vec<String>,
    /// The same in other packages: `name/path`.
    pub also: Vec<String>,
    /// What it loads by names that it computes, as far as that is installed: `pg`.
    pub load: Vec<String>,
}
