//! The report as data: what `coldcut pack --json` prints, and what every other output shows.
//!
//! In: nothing; the pipeline fills it. Out: types, and by them the JSON Schema in
//! `docs/report.schema.json`. Sizes are in bytes, times in milliseconds, money in US dollars, and
//! every field's name says its unit. Paths are relative to the project, with forward slashes,
//! except an artifact's, which is as the command line named its folder.

mod budget;
mod change;
pub mod component;
mod estimate;
mod inside;
pub mod rust;

#[cfg(test)]
pub(crate) mod sample;

use std::path::{Component, Path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use coldcut_core::diagnostics::{Diagnostic, Severity};
use coldcut_core::disk::seen_from;
use coldcut_core::platform;
use coldcut_core::settings::SdkChoice;

pub use crate::model::budget::{Budget, BudgetState, Level, Unit};
pub use crate::model::change::{Comparison, FileChange, FunctionChange, Kind, PackageChange, Pair};
pub use crate::model::estimate::{
    Amount, Basis, Elsewhere, Estimate, EstimateKind, InitCost, Loaded, Measured, RangeMs, Verdict,
};
pub use crate::model::inside::{
    Advice, Asker, Copy, Duplicate, DuplicateKind, Import, LayerPrice, Module, Shared,
    SharedPackage,
};
pub use crate::model::rust::Rust;

/// The form of the document. A field that changes its meaning, or goes, makes a new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SchemaId {
    #[default]
    #[serde(rename = "coldcut.report/1")]
    V1,
}

/// What `coldcut pack` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub schema: SchemaId,
    pub project: Project,
    /// In the order of the file that declares them.
    pub functions: Vec<Function>,
    /// Declared functions that are not coldcut's to pack.
    pub skipped: Vec<Skipped>,
    pub totals: Totals,
    /// Layers that were packed for several functions at once.
    #[serde(default)]
    pub shared_layers: Vec<SharedLayer>,
    /// What concerns the project as a whole.
    pub warnings: Vec<Warning>,
    /// Against an earlier report, where one was given.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// What several functions ship alike; `None` where nothing is.
    #[serde(default)]
    pub shared: Option<Shared>,
    /// Every budget that was asked for, held against what came out.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// Which part of the project's functions these are; `None` where they are all.
    #[serde(default)]
    pub shard: Option<Shard>,
}

/// One of several runs that share the functions of a project among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// 1 to `of`.
    pub number: u32,
    pub of: u32,
}

impl Shard {
    /// Whether the function at this place of the project's list is of this shard: they take turns,
    /// so that neighbours, which often weigh alike, are spread.
    pub fn has(self, at: usize) -> bool {
        at % self.of as usize == self.number as usize - 1
    }
}

impl Report {
    /// A report of these functions, with its totals.
    pub fn new(
        project: Project,
        functions: Vec<Function>,
        skipped: Vec<Skipped>,
        warnings: Vec<Warning>,
    ) -> Self {
        let totals = Totals::of(&functions, &skipped, &warnings);
        let shared = crate::shared::of(&functions);
        Self {
            schema: SchemaId::V1,
            project,
            functions,
            skipped,
            totals,
            shared_layers: Vec::new(),
            warnings,
            comparison: None,
            shared,
            budgets: Vec::new(),
            shard: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    pub name: String,
    /// The project's folder as the command line named it; never an absolute path of coldcut's own
    /// finding.
    pub root: Option<String>,
}

/// What a function is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FunctionKind {
    Node,
    Rust,
}

/// How an artifact was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// One file per handler.
    Bundle,
    /// Only the files reachable from the handler, in their own places.
    Trace,
    /// The project less dev dependencies, ignored files and known junk.
    Prune,
    /// What cargo built, and the files that the settings name.
    Cargo,
}

impl Strategy {
    /// As users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Trace => "trace",
            Self::Prune => "prune",
            Self::Cargo => "cargo",
        }
    }
}

/// One packed function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    pub name: String,
    pub kind: FunctionKind,
    /// The source file, relative to the project: `src/users.ts`; for Rust the binary's name.
    pub entry: String,
    /// The file inside the artifact that the platform loads: `src/users.js`, `bootstrap`.
    pub handler: String,
    /// What the platform's setting must say for it: `src/users.main`, `bootstrap`; nothing for an
    /// entry whose export is not known.
    #[serde(default)]
    pub handler_setting: Option<String>,
    /// The platform's name, `aws-lambda`.
    pub platform: String,
    /// As the platform names it: `nodejs22.x`.
    pub runtime: String,
    /// `x86_64` or `arm64`.
    pub arch: String,
    pub strategy: Strategy,
    /// Why this way and no smaller one.
    pub strategy_reason: Option<String>,
    /// The kind of file that declares the function: `serverless.yml`, `--entry`.
    pub declared_by: String,
    /// Settled options and where each was said.
    pub settings: Vec<Setting>,
    pub layers: Vec<Layer>,
    pub artifact: Artifact,
    /// A plain zip of the function's folder, dependencies and all.
    pub baseline: Baseline,
    /// From the baseline to the artifact; each step begins where the one before it ended.
    pub steps: Vec<Step>,
    /// What the built-in ignore rules dropped.
    pub dropped_rules: Vec<DroppedRule>,
    /// Packages that only development needs, as `name@version`.
    pub dropped_dev_dependencies: Vec<String>,
    /// Packages that ship, biggest first.
    pub packages: Vec<Package>,
    /// Bytes of the bundle, unpacked, that keep the names of classes as they were written, since code
    /// that looks them up would break; 0 where it is not minified, `None` where there is no bundle.
    pub class_names_bytes: Option<u64>,
    /// What is in the binary; `None` for functions that have none.
    pub rust: Option<Rust>,
    /// What the AWS SDK's packages became; `None` where the function uses none.
    pub sdk: Option<Sdk>,
    /// `None` where nobody has measured the platform.
    pub estimate: Option<Estimate>,
    /// What is loaded at start; `None` where nobody looked.
    #[serde(default)]
    pub loaded: Option<Loaded>,
    /// Only when measuring was asked for: the one part that differs from run to run.
    pub measured: Option<Measured>,
    pub verification: Verification,
    pub limits: Vec<Limit>,
    pub warnings: Vec<Warning>,
    /// Everything that ships, by path.
    pub files: Vec<File>,
    /// Where the handler's file is a bundle: the files that are part of it, by path.
    #[serde(default)]
    pub modules: Vec<Module>,
    /// Packages that ship more than once, the dearest first.
    #[serde(default)]
    pub duplicates: Vec<Duplicate>,
    /// What ships, with licences, where a bill of materials or a licence file is asked for.
    #[serde(skip)]
    pub components: Vec<component::Component>,
    /// A bundle's own metafile, where one is asked for.
    #[serde(skip)]
    pub metafile: Option<serde_json::Value>,
    /// What is worth doing next, at most three things, the one that gains most first.
    #[serde(default)]
    pub advice: Vec<Advice>,
}

/// One settled option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// As settings files name it: `runtime`.
    pub name: String,
    pub value: String,
    /// Where it was said: `default`, `platform data`, `coldcut settings`, `framework file`,
    /// `environment`, `command line`.
    pub origin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// As the framework names it.
    pub name: String,
    /// From the setting `layer-bytes`; `None` where nothing says.
    pub unpacked_bytes: Option<u64>,
}

/// A layer of several functions, packed from a folder of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedLayer {
    /// Seen from the project.
    pub folder: String,
    pub artifact: Artifact,
    /// Those whose settings name it.
    pub functions: Vec<String>,
}

/// The zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    pub path: String,
    pub bytes: u64,
    pub unpacked_bytes: u64,
    pub files: u64,
    /// What of `bytes` is no file's: headers, names, the directory at the end. With the
    /// `zipped_bytes` of all files it makes `bytes`.
    #[serde(default)]
    pub container_bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// The same digest as AWS shows it, `CodeSha256`.
    pub code_sha256_base64: String,
}

/// A plain zip of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    pub bytes: u64,
    pub unpacked_bytes: u64,
    pub files: u64,
}

/// What a step of the waterfall does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    DevDependencies,
    IgnoredFiles,
    PlatformProvided,
    UnreachableFiles,
    /// TypeScript and JSX become JavaScript.
    Transpile,
    /// One file for the handler: linked, shaken, minified.
    Bundle,
    /// cargo and the linker are asked for small code.
    Profile,
    /// Symbols leave a binary.
    Strip,
    /// Tables for unwinding the stack are cleared in a program that never does.
    UnwindTables,
    /// A better deflate than that of the steps before.
    Compression,
}

impl StepName {
    /// What a person calls it, for [`Step::label`].
    pub fn label(self) -> &'static str {
        match self {
            Self::DevDependencies => "dev dependencies",
            Self::IgnoredFiles => "ignored files",
            Self::PlatformProvided => "platform-provided",
            Self::UnreachableFiles => "unreachable files",
            Self::Transpile => "transpiled source",
            Self::Bundle => "bundled code",
            Self::Profile => "size profile",
            Self::Strip => "stripped symbols",
            Self::UnwindTables => "unwind tables",
            Self::Compression => "compression",
        }
    }
}

/// One step of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub name: StepName,
    /// What a person calls it.
    pub label: String,
    pub detail: Option<String>,
    pub files_before: u64,
    pub files_after: u64,
    pub unpacked_before_bytes: u64,
    pub unpacked_after_bytes: u64,
    pub zipped_before_bytes: u64,
    pub zipped_after_bytes: u64,
    /// Whether the zipped sizes are those of zips that were really written.
    pub measured: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DroppedRule {
    /// As `rules-off` names it.
    pub rule: String,
    pub files: u64,
    pub bytes: u64,
}

/// A package that ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    pub name: String,
    pub version: Option<String>,
    /// Unpacked.
    pub bytes: u64,
    pub files: u64,
    /// What its files take in the zip; `None` where some of it is in a file of several packages,
    /// which is compressed as one.
    pub zipped_bytes: Option<u64>,
    /// The same, with its share of such a file by unpacked length: a reckoning, no measurement.
    #[serde(default)]
    pub zipped_share_bytes: u64,
    /// What brings it in.
    pub why: String,
}

impl Package {
    /// `name@version`.
    pub fn id(&self) -> String {
        match &self.version {
            Some(version) => format!("{}@{version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub name: String,
    pub url: String,
    /// The day or month it was published or read: `2026-11-24`.
    pub date: String,
}

impl From<&platform::Source> for Source {
    fn from(source: &platform::Source) -> Self {
        Self {
            name: source.name.clone(),
            url: source.url.clone(),
            date: source.date.clone(),
        }
    }
}

/// What became of the AWS SDK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sdk {
    pub choice: SdkChoice,
    /// Whether the SDK is in the artifact.
    pub shipped: bool,
    pub reason: String,
    /// Unpacked bytes that the other choice would take away (where it ships) or add (where it
    /// does not); `None` where they are not known, because the SDK is not installed.
    pub other_choice_bytes: Option<u64>,
}

/// How an artifact compares with the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It loads as the original loads.
    Equal,
    /// It does not.
    Differs,
    /// Nobody looked.
    Unverified,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    pub status: Status,
    pub detail: String,
    /// An earlier run proved it, of the same content; this one did not load it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earlier: bool,
    /// Every strategy that was tried, in order; the last one made the artifact.
    pub attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    pub strategy: Strategy,
    pub status: Status,
    pub detail: String,
}

/// One limit of the platform, held against the artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    /// `zipped_direct_bytes`, `zipped_bytes` (in whatever way it is uploaded), `unpacked_bytes` (layers
    /// counted) or `layers`.
    pub name: String,
    pub limit: u64,
    pub value: u64,
    /// Of both figures: `bytes` or `layers`.
    pub unit: String,
    pub ok: bool,
    /// What the value leaves out.
    pub note: Option<String>,
    /// What to do where it is too much.
    pub help: String,
    pub source: Source,
}

/// A problem that did not end the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Such as `CC053`; listed in `docs/diagnostics.md`.
    pub code: String,
    pub message: String,
    pub path: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// 1-based, in characters.
    pub column: Option<u32>,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

impl Warning {
    /// A diagnostic without absolute paths; `root` is the project's folder.
    pub fn new(diagnostic: &Diagnostic, root: &Path) -> Self {
        let plain = |text: &String| without_root(text, root);
        let at = diagnostic.at.as_ref();
        Self {
            code: diagnostic.code.to_string(),
            message: plain(&diagnostic.message),
            path: at.map(|at| shown_path(&at.path, root)),
            line: at.and_then(|at| at.line),
            column: at.and_then(|at| at.column),
            notes: diagnostic.notes.iter().map(plain).collect(),
            help: diagnostic.help.as_ref().map(plain),
        }
    }

    /// Those of `diagnostics` that are no errors, in a stable order and each once.
    pub fn all<'a>(
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        root: &Path,
    ) -> Vec<Self> {
        let mut out: Vec<Self> = diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.severity != Severity::Error)
            .map(|diagnostic| Self::new(diagnostic, root))
            .collect();
        out.sort_by(|a, b| {
            let key = |w: &Self| (w.path.clone(), w.line, w.column, w.code.clone());
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        out.dedup();
        out
    }
}

/// A path relative to the project, with forward slashes: `../` where it lies outside.
pub fn shown_path(path: &Path, root: &Path) -> String {
    if path.is_relative() {
        return slashes(path);
    }
    match seen_from(root, path) {
        itself if itself.is_empty() => ".".to_string(),
        other => other,
    }
}

fn slashes(path: &Path) -> String {
    let parts: Vec<String> = path.components().map(|part| component(&part)).collect();
    parts.join("/")
}

fn component(part: &Component<'_>) -> String {
    part.as_os_str().to_string_lossy().into_owned()
}

/// Messages quote paths: those below the project become relative to it.
fn without_root(text: &str, root: &Path) -> String {
    match root.to_str() {
        Some(root) if root.len() > 1 => text
            .replace(&format!("{root}/"), "")
            .replace(&format!("{root}\\"), ""),
        _ => text.to_string(),
    }
}

/// A file that ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Inside the artifact.
    pub path: String,
    /// Unpacked.
    pub bytes: u64,
    /// In the zip, without the headers and names that are counted as `container_bytes`.
    #[serde(default)]
    pub zipped_bytes: u64,
    /// The package it belongs to, as `name@version`; `None` for the project's own.
    pub package: Option<String>,
    /// Why it ships, strongest first.
    pub reasons: Vec<String>,
    /// Who asks for it on the shortest way from the handler.
    #[serde(default)]
    pub from: Option<Import>,
}

/// A declared function that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    pub name: String,
    pub why: String,
    /// Where it is declared.
    pub path: Option<String>,
    pub line: Option<u32>,
}

/// Sums over all packed functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    pub functions: u64,
    pub skipped: u64,
    pub baseline_bytes: u64,
    pub baseline_unpacked_bytes: u64,
    pub baseline_files: u64,
    pub artifact_bytes: u64,
    pub artifact_unpacked_bytes: u64,
    pub artifact_files: u64,
    /// Functions whose artifact loads as the original.
    pub verified: u64,
    /// Functions beyond a limit of the platform.
    pub over_limit: u64,
    pub warnings: u64,
}

impl Totals {
    pub fn of(functions: &[Function], skipped: &[Skipped], warnings: &[Warning]) -> Self {
        let sum = |of: fn(&Function) -> u64| functions.iter().map(of).sum();
        Self {
            functions: functions.len() as u64,
            skipped: skipped.len() as u64,
            baseline_bytes: sum(|f| f.baseline.bytes),
            baseline_unpacked_bytes: sum(|f| f.baseline.unpacked_bytes),
            baseline_files: sum(|f| f.baseline.files),
            artifact_bytes: sum(|f| f.artifact.bytes),
            artifact_unpacked_bytes: sum(|f| f.artifact.unpacked_bytes),
            artifact_files: sum(|f| f.artifact.files),
            verified: sum(|f| u64::from(f.verification.status == Status::Equal)),
            over_limit: sum(|f| u64::from(f.limits.iter().any(|limit| !limit.ok))),
            warnings: sum(|f| f.warnings.len() as u64) + warnings.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcut_core::diagnostics::{Code, Location};

    #[test]
    fn paths_are_shown_relative_to_the_project() {
        let root = Path::new("/home/me/app");
        for (path, shown) in [
            ("/home/me/app/src/a.ts", "src/a.ts"),
            ("/home/me/lib/b.ts", "../lib/b.ts"),
            ("/home/me/app", "."),
            ("/etc/hosts", "../../../etc/hosts"),
            ("src/c.ts", "src/c.ts"),
        ] {
            assert_eq!(shown_path(Path::new(path), root), shown);
        }
    }

    #[test]
    fn warnings_lose_the_machines_paths_and_come_once() {
        let root = Path::new("/home/me/app");
        let one = Diagnostic::warning(Code("CC057"), "`/home/me/app/x.js` is odd")
            .at(Location::span("/home/me/app/a.js", "foo\nbar\n", 4, 1))
            .help("look at `/home/me/app/x.js`");
        let error = Diagnostic::error(Code("CC001"), "no");
        let all = Warning::all([&one, &error, &one], root);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].message, "`x.js` is odd");
        assert_eq!(all[0].path.as_deref(), Some("a.js"));
        assert_eq!((all[0].line, all[0].column), (Some(2), Some(1)));
        assert_eq!(all[0].help.as_deref(), Some("look at `x.js`"));
    }

    #[test]
    fn totals_add_up() {
        let report = sample::report(3);
        assert_eq!(report.totals.functions, 3);
        let one = &report.functions[0];
        assert_eq!(report.totals.baseline_bytes, 3 * one.baseline.bytes);
        assert_eq!(report.totals.verified, 3);
        assert_eq!(report.totals.over_limit, 0);
    }
}
