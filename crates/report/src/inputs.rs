//! What each artifact is made of, for caches: Turborepo, Nx, Bazel, or a script.
//!
//! In: an [`InputList`], filled by the pipeline. Out: text or JSON. Paths have forward slashes and
//! are relative to the project's folder, so that the list and its digests are the same on every
//! machine that has the same files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SchemaId")]
pub enum InputsSchema {
    #[default]
    #[serde(rename = "coldcut.inputs/1")]
    V1,
}

/// The inputs of all functions of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputList {
    pub schema: InputsSchema,
    /// The version that would pack: another one may write other bytes.
    pub coldcut: String,
    pub project: String,
    pub functions: Vec<FunctionInputs>,
}

/// The inputs of one function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionInputs {
    pub name: String,
    /// SHA-256, in hexadecimal digits, of everything below, of the values of the environment, and of
    /// coldcut's version and options: while it stays, so does the artifact.
    pub digest: String,
    /// Every file that is read, sorted.
    pub files: Vec<InputFile>,
    /// Patterns by which code, or `include`, names files: a new match is a new input.
    pub globs: Vec<String>,
    /// Paths that are not there, and would be taken if they were.
    pub absent: Vec<String>,
    /// Names of variables of the environment that count.
    pub environment: Vec<String>,
    /// What `pack` writes.
    pub outputs: Vec<String>,
    /// Why every file of the folder that the rules keep is an input; `null` where only what is
    /// reached is.
    pub whole_folder: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputFile {
    pub path: String,
    pub kind: InputKind,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Source and files of the project, and of packages in the same repository.
    Own,
    /// Of an installed package: it changes when the lock file does.
    Package,
    /// Says how functions are found, packed or built.
    Settings,
}

/// How the names of coldcut's own variables start.
const OWN: &str = "COLDCUT_";

impl FunctionInputs {
    fn paths(&self) -> impl Iterator<Item = &str> {
        let own = self
            .files
            .iter()
            .filter(|file| file.kind != InputKind::Package);
        own.map(|file| file.path.as_str())
    }
}

/// What a person reads: own files by name, those of packages by number.
pub fn text(list: &InputList) -> String {
    let mut out = String::new();
    for function in &list.functions {
        let of_packages = function.files.len() - function.paths().count();
        out.push_str(&format!(
            "{}: {} files, {} of them of packages\n",
            function.name,
            function.files.len(),
            of_packages
        ));
        if let Some(why) = &function.whole_folder {
            out.push_str(&format!("  the whole folder, since {why}\n"));
        }
        let paths = function.paths().map(str::to_string);
        let globs = function.globs.iter().cloned();
        for line in paths.chain(globs) {
            out.push_str(&format!("  {line}\n"));
        }
        let names = function.environment.iter();
        let names: Vec<&str> = names
            .filter(|name| !name.starts_with(OWN))
            .map(String::as_str)
            .collect();
        if !names.is_empty() {
            out.push_str(&format!("  environment: {}\n", names.join(" ")));
        }
    }
    out
}

/// A line for each function, which changes when its artifact may.
pub fn digests(list: &InputList) -> String {
    let lines = list.functions.iter();
    lines
        .map(|function| format!("{} {}\n", function.digest, function.name))
        .collect()
}

/// A `turbo.json` for the package, whose task `pack` runs again when an input changes. Installed
/// packages are not in it: Turborepo counts what the lock file says of them.
pub fn turbo(list: &InputList) -> serde_json::Value {
    let all = |get: &dyn Fn(&FunctionInputs) -> Vec<String>| {
        let mut out: Vec<String> = list.functions.iter().flat_map(get).collect();
        out.sort();
        out.dedup();
        out
    };
    let inputs = all(&|function| {
        let paths = function
            .paths()
            .chain(function.globs.iter().map(String::as_str));
        let absent = function.absent.iter().map(String::as_str);
        let absent = absent.filter(|path| !path.contains("node_modules/"));
        paths.chain(absent).map(str::to_string).collect()
    });
    let environment = all(&|function| {
        let names = function.environment.iter();
        names
            .map(|name| match name.starts_with(OWN) {
                true => format!("{OWN}*"),
                false => name.clone(),
            })
            .collect()
    });
    serde_json::json!({
        "extends": ["//"],
        "tasks": {
            "pack": {
                "inputs": inputs,
                "env": environment,
                "outputs": all(&|function| function.outputs.clone()),
            }
        }
    })
}
