//! Rust functions: the binaries of the cargo packages in a folder.
//!
//! In: a folder with a `Cargo.toml`. Out: [`Cargo`], its binaries, each with whether it depends on
//! a Lambda runtime crate. `cargo metadata --no-deps` is asked, which needs no network and
//! runs no build script.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::discover::cargo_lambda;
use crate::discover::cargo_lambda::Lambda;
use crate::discover::codes::{BINARY_NOT_FOUND, CARGO_METADATA_FAILED};
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::Binary;
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Node, nearest};
use coldcut_core::settings::{Settings, file};

/// Who depends on one of these is a function.
const RUNTIME_CRATES: [&str; 2] = ["lambda_runtime", "lambda_http"];
/// Who depends on one of these and on none of the above runs beside functions.
const EXTENSION_CRATES: [&str; 2] = ["lambda-extension", "lambda_extension"];
/// The binaries of a folder.
#[derive(Debug)]
pub struct Cargo {
    /// The `Cargo.toml` of the folder itself.
    pub manifest: PathBuf,
    /// The name of the folder's own package; a pure workspace has none.
    pub name: Option<String>,
    pub bins: Vec<Bin>,
}

/// One binary target.
#[derive(Debug, Clone)]
pub struct Bin {
    pub binary: Binary,
    /// Whether its package depends on a Lambda runtime crate.
    pub lambda: bool,
    /// Whether cargo builds it where nobody names a package.
    pub default: bool,
    pub declared: Location,
    /// What its manifest says for cargo-lambda.
    pub(super) tables: Lambda,
    /// What its package's own manifest says for coldcut.
    pub(super) settings: Settings,
}

impl Cargo {
    /// The binaries of all packages at or below `dir`; `None` where it has no `Cargo.toml`.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        let manifest = dir.join("Cargo.toml");
        // Read first, so that broken TOML is shown with its line.
        let Some(node) = value::load(&manifest)? else {
            return Ok(None);
        };
        let metadata = MetadataCommand::new()
            .manifest_path(&manifest)
            .current_dir(dir)
            .no_deps()
            .exec()
            .map_err(|error| failed(&manifest, &error))?;
        // Without such a list every package counts, whatever cargo itself takes for its default.
        let chosen = node.path(&["workspace", "default-members"]).is_some();
        let mut bins = Vec::new();
        let mut packages: Vec<_> = metadata
            .packages
            .iter()
            .filter(|package| metadata.workspace_members.contains(&package.id))
            .filter(|package| package.manifest_path.as_std_path().starts_with(dir))
            .collect();
        packages.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
        for package in packages {
            let path = package.manifest_path.as_std_path();
            let own = if path == manifest {
                Some(node.clone())
            } else {
                value::load(path)?
            };
            let depends = |names: &[&str]| {
                package.dependencies.iter().any(|dependency| {
                    dependency.kind == DependencyKind::Normal
                        && names.contains(&dependency.name.as_str())
                })
            };
            let function = depends(&RUNTIME_CRATES);
            let extension = !function && depends(&EXTENSION_CRATES);
            // Those of the project's own manifest hold for all functions already.
            let config = match &own {
                Some(own) if path != manifest => file::of_package(path, own)?,
                _ => None,
            };
            let default = !chosen || metadata.workspace_default_members.contains(&package.id);
            for target in package.targets.iter().filter(|target| target.is_bin()) {
                bins.push(Bin {
                    binary: Binary {
                        manifest: path.to_path_buf(),
                        package: package.name.to_string(),
                        bin: target.name.clone(),
                        extension,
                    },
                    lambda: function || extension,
                    default,
                    tables: cargo_lambda::read(Some(&node), own.as_ref(), &target.name),
                    settings: config
                        .as_ref()
                        .map(|config| settings_of_binary(config, &target.name))
                        .unwrap_or_default(),
                    declared: declared(path, own.as_ref(), &target.name),
                });
            }
        }
        Ok(Some(Self {
            name: node
                .path(&["package", "name"])
                .and_then(Node::as_str)
                .map(str::to_owned),
            manifest,
            bins,
        }))
    }

    /// By `bin`, `package.bin`, or the name of a package with one binary.
    pub fn find(&self, text: &str) -> Option<&Bin> {
        let by = |fits: &dyn Fn(&Binary) -> bool| {
            let mut found = self.bins.iter().filter(|bin| fits(&bin.binary));
            let first = found.next()?;
            found.next().is_none().then_some(first)
        };
        by(&|b| b.bin == text)
            .or_else(|| by(&|b| format!("{}.{}", b.package, b.bin) == text))
            .or_else(|| by(&|b| b.package == text))
    }

    /// The binary that can only be meant: of several, the one that is a function.
    pub fn only(&self) -> Option<&Bin> {
        let one = |bins: Vec<&'_ Bin>| (bins.len() == 1).then(|| bins[0].binary.clone());
        let binary = one(self.bins.iter().collect())
            .or_else(|| one(self.bins.iter().filter(|bin| bin.lambda).collect()))?;
        self.bins.iter().find(|bin| bin.binary == binary)
    }

    /// Says that there is no binary `text`, and which there are.
    pub fn missing(&self, text: &str, said: &Location) -> Box<Diagnostic> {
        let names: Vec<&str> = self
            .bins
            .iter()
            .map(|bin| bin.binary.bin.as_str())
            .collect();
        let mut error = Diagnostic::error(
            BINARY_NOT_FOUND,
            format!("`{text}` does not name exactly one cargo binary"),
        )
        .at(said.clone())
        .note(format!("looked in `{}`", self.manifest.display()));
        error = match nearest(text, names.iter().copied()) {
            Some(name) if name != text => error.help(format!("did you mean `{name}`?")),
            _ if names.is_empty() => error.help("add a binary target to the package"),
            _ => error.help(format!(
                "the binaries are `{}`; write `package.binary` where a name is not unique",
                names.join("`, `")
            )),
        };
        Box::new(error)
    }

    /// The functions: binaries that depend on a runtime crate, else all of them.
    pub fn functions(&self) -> Vec<&Bin> {
        let lambda: Vec<&Bin> = self.bins.iter().filter(|bin| bin.lambda).collect();
        if lambda.is_empty() {
            self.bins.iter().collect()
        } else {
            lambda
        }
    }
}

/// Settings of a package's manifest for one binary: those for its functions, by name, over the rest.
fn settings_of_binary(config: &file::ConfigFile, bin: &str) -> Settings {
    match config.functions.get(bin) {
        Some(own) => own.settings.clone(),
        None => config.settings.clone(),
    }
}

fn declared(path: &Path, node: Option<&Node>, bin: &str) -> Location {
    let named = |node: &Node| {
        node.get("name")
            .filter(|name| name.as_str() == Some(bin))
            .cloned()
    };
    let place = node.and_then(|node| {
        let own = node.get("bin").and_then(Node::as_list).unwrap_or(&[]);
        let own = own.iter().find_map(named);
        own.or_else(|| node.path(&["package", "name"]).cloned())
    });
    place.map_or_else(|| Location::file(path), |name| name.at.location())
}

fn failed(manifest: &Path, error: &cargo_metadata::Error) -> Box<Diagnostic> {
    let (why, help) = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => (
            stderr.trim().to_owned(),
            "fix the errors that cargo reports",
        ),
        cargo_metadata::Error::Io(_) => (error.to_string(), "install Rust from https://rustup.rs"),
        _ => (
            error.to_string(),
            "check that `cargo metadata --no-deps` works in this folder",
        ),
    };
    let mut lines = why.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("no reason given");
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let mut error = Diagnostic::error(
        CARGO_METADATA_FAILED,
        format!("cargo cannot read `{}`: {first}", manifest.display()),
    )
    .at_file(manifest)
    .help(help);
    for line in lines.take(10) {
        error = error.note(line.trim_end());
    }
    Box::new(error)
}
