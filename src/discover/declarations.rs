//! What every kind of declaration is given, and what each of them gives.
//!
//! The files beside this one read one kind each: coldcut's settings, a framework's file, a SAM
//! template, `package.json`, `Cargo.toml`.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::{Function, Skipped};
use coldcut_core::settings::Settings;

use crate::discover::cargo::Cargo;
use crate::discover::request::DiscoveryRequest;

/// What every kind of declaration needs to know.
pub(super) struct DiscoveryContext<'a> {
    /// Absolute, links resolved.
    pub root: &'a Path,
    pub request: &'a DiscoveryRequest,
    pub cargo: OnceCell<Result<Option<Cargo>>>,
}

impl DiscoveryContext<'_> {
    pub(super) fn wants(&self, name: &str) -> bool {
        self.request.functions.is_empty()
            || self.request.functions.iter().any(|wanted| wanted == name)
    }

    /// The binaries of the project's root, asked for once.
    pub(super) fn cargo(&self) -> Result<Option<&Cargo>> {
        match self.cargo.get_or_init(|| Cargo::load(self.root)) {
            Ok(cargo) => Ok(cargo.as_ref()),
            Err(error) => Err(error.clone()),
        }
    }
}

/// What one kind of declaration gives.
#[derive(Default)]
pub(super) struct Declarations {
    pub name: Option<String>,
    /// What the framework's file says for all functions, weakest first.
    pub settings: Vec<Settings>,
    pub functions: Vec<Function>,
    pub skipped: Vec<Skipped>,
    /// Declared, and not asked for.
    pub unwanted: Vec<String>,
    pub files: Vec<PathBuf>,
    /// Names of variables of the environment that counted.
    pub environment: Vec<String>,
    pub warnings: Vec<Diagnostic>,
}

impl Declarations {
    pub(super) fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.skipped.is_empty() && self.unwanted.is_empty()
    }

    pub(super) fn push(&mut self, context: &DiscoveryContext<'_>, function: Function) {
        if context.wants(&function.name) {
            self.functions.push(function);
        } else {
            self.unwanted.push(function.name);
        }
    }

    pub(super) fn skip(&mut self, name: &str, declared: Location, why: impl Into<String>) {
        self.skipped.push(Skipped {
            name: name.to_owned(),
            why: why.into(),
            declared,
        });
    }

    pub(super) fn add(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.skipped.extend(other.skipped);
        self.unwanted.extend(other.unwanted);
        self.files.extend(other.files);
        self.warnings.extend(other.warnings);
    }
}

/// Whether a function's name can be the name of its zip on every system.
pub(super) fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && !name.ends_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
