//! Functions that a framework's file declares.
//!
//! In: what the file says of one function, read in steps, each of which may find that the function
//! is not coldcut's to pack. Out: the function among the [`Declarations`], or why it is left alone.

use std::path::PathBuf;

use indexmap::IndexMap;

use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::{Function, FunctionKind};
use coldcut_core::settings::{Pattern, Settings};

use crate::discover::declarations::{Declarations, DiscoveryContext};

/// Why a step ends without a value.
pub(super) enum NotBuilt {
    /// The function is not coldcut's to pack, for this reason.
    Skipped(String),
    Failed(Box<Diagnostic>),
}

impl From<Box<Diagnostic>> for NotBuilt {
    fn from(error: Box<Diagnostic>) -> Self {
        Self::Failed(error)
    }
}

/// What one step gives.
pub(super) type Step<T> = std::result::Result<T, NotBuilt>;

/// Ends a step: the function is left alone, for this reason.
pub(super) fn skip<T>(why: impl Into<String>) -> Step<T> {
    Err(NotBuilt::Skipped(why.into()))
}

/// One function of a framework's file: what is known before anything of it is read.
pub(super) struct FunctionBuilder<'a> {
    pub context: &'a DiscoveryContext<'a>,
    pub name: &'a str,
    pub declared: Location,
    /// How reports call the file.
    pub origin: &'a str,
}

/// What a framework's file says of one function.
pub(super) struct FunctionParts {
    pub root: PathBuf,
    pub kind: FunctionKind,
    pub runtime: Option<String>,
    pub arch: Option<String>,
    pub patterns: Vec<Pattern>,
    pub layers: Vec<String>,
    pub environment: IndexMap<String, String>,
    pub framework_settings: Settings,
}

impl FunctionBuilder<'_> {
    /// Reads the parts, and adds the function that they make, or why it is left alone.
    pub fn build(
        self,
        declarations: &mut Declarations,
        read: impl FnOnce(&mut Declarations) -> Step<FunctionParts>,
    ) -> Result<()> {
        let parts = match read(declarations) {
            Ok(parts) => parts,
            Err(NotBuilt::Skipped(why)) => {
                declarations.skip(self.name, self.declared, why);
                return Ok(());
            }
            Err(NotBuilt::Failed(error)) => return Err(error),
        };
        if let FunctionKind::Rust(binary) = &parts.kind {
            declarations.files.push(binary.manifest.clone());
        }
        declarations.push(
            self.context,
            Function {
                name: self.name.to_owned(),
                declared: self.declared,
                origin: self.origin.to_owned(),
                root: parts.root,
                kind: parts.kind,
                runtime: parts.runtime,
                arch: parts.arch,
                patterns: parts.patterns,
                layers: parts.layers,
                environment: parts.environment,
                settings: Settings::default(),
                framework_settings: parts.framework_settings,
            },
        );
        Ok(())
    }
}
