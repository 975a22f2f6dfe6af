//! What a build gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::bundle::metafile::MetafileInput;
use coldcut_core::artifact::{Artifact, RelPath};
use coldcut_core::diagnostics::Diagnostic;

/// The steps of the waterfall, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    Everything,
    WithoutDevDependencies,
    WithoutIgnored,
    WithoutPlatformProvided,
    WithoutUnreachable,
}

/// The files that are left after a step, as indices into [`ProjectContext::items`].
#[derive(Debug, Clone)]
pub struct Stage {
    pub name: StageName,
    pub items: Vec<u32>,
}

/// What a bundle was made of, for the file that says so.
#[derive(Debug)]
pub struct Metafile {
    pub inputs: Vec<MetafileInput>,
    pub exports: Vec<String>,
}

/// What building one function gives.
#[derive(Debug)]
pub struct Built {
    pub artifact: Artifact,
    pub stages: Vec<Stage>,
    /// Packages left to the platform, with the reason.
    pub external: BTreeMap<String, String>,
    /// Licence notices that the bundle's text no longer has.
    pub legal: Option<String>,
    /// Bytes of a minified bundle that only keep class names; `None` where there is none.
    pub class_names: Option<u64>,
    /// Node.js's own modules that a bundle imports.
    pub builtins: BTreeSet<String>,
    /// What the bundle was made of.
    pub metafile: Option<Metafile>,
    /// Own files that are part of the bundle, by where they would lie.
    pub inside: Vec<(RelPath, PathBuf)>,
    /// Imports that could not be followed: empty means that the trace is complete.
    pub unfollowable: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// Files and bytes dropped, by built-in rule.
    pub dropped_by_rule: BTreeMap<String, (u64, u64)>,
    /// Packages that only development needs, as `name@version`.
    pub dev_packages: Vec<String>,
}
