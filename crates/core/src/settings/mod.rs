//! Settings a user can write down, and where each was said.
//!
//! In: `coldcut.toml`, `"coldcut"` in `package.json`, `[package.metadata.coldcut]` in
//! `Cargo.toml`. Out: [`Settings`], every field optional; `plan` lays them over each other and
//! settles them. Unknown keys are errors that name the nearest known key.

pub mod file;
mod rust;
pub mod schema;
pub mod value;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::diagnostics::Location;

pub use crate::settings::rust::{Panic, RustProfile};

/// Which of the ways to build a function is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// The smallest that passes verification.
    Auto,
    /// One file per handler: shaken, linked, minified.
    Bundle,
    /// Only the files reachable from the handler, in their own places.
    Trace,
    /// The project less dev dependencies, ignored files and known junk.
    Prune,
}

/// Whether a bundle comes with a map to its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceMap {
    None,
    /// A file beside the bundle.
    External,
    /// At the end of the bundle itself.
    Inline,
}

/// What happens to the AWS SDK that the platform already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SdkChoice {
    /// By the platform's rule for the runtime.
    Auto,
    /// Always shipped.
    Bundle,
    /// Always left to the platform.
    External,
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    Fast,
    Default,
    Max,
}

/// What happens to symbolic links inside the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Links {
    /// Stay links.
    Keep,
    /// Become copies of what they point at.
    Follow,
}

/// Settings of a project or of one function; what is `None` or empty was not said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    pub strategy: Option<Strategy>,
    /// `aws-lambda` is the only one with data so far.
    pub platform: Option<String>,
    /// As the platform names it, such as `nodejs22.x`.
    pub runtime: Option<String>,
    /// `x86_64` or `arm64`.
    pub arch: Option<String>,
    /// Packages that are not shipped, because the platform or a layer has them.
    pub external: Vec<String>,
    pub sdk: Option<SdkChoice>,
    /// Globs of files to ship whatever the rules say; relative to the function's root.
    pub include: Vec<String>,
    /// Globs of files never to ship.
    pub exclude: Vec<String>,
    /// Names of built-in ignore rules to switch off, or `["all"]`.
    pub rules_off: Vec<String>,
    /// Globs of files that hold secrets and shall be shipped all the same.
    pub keep_secrets: Vec<String>,
    pub links: Option<Links>,
    pub compression: Option<Compression>,
    pub verify: Option<bool>,
    /// Whether bundles are written small.
    pub minify: Option<bool>,
    pub sourcemap: Option<SourceMap>,
    /// Whether functions keep their names in a bundle; classes always do.
    pub keep_names: Option<bool>,
    /// Whether small manifests of the packages in a bundle ship beside it, for scanners.
    pub manifests: Option<bool>,
    /// Unpacked sizes of layers, by their name in the framework's file, in bytes: they count
    /// against the platform's limit.
    pub layer_bytes: IndexMap<String, u64>,
    /// Values that are known when the code runs, such as `process.env.NODE_ENV`.
    pub define: IndexMap<String, String>,
    /// The environment that the artifact is verified in, over what the framework's file says.
    pub env: IndexMap<String, String>,
    /// A file with an event, in JSON, that the artifact must answer as the original does; relative
    /// to the project.
    pub event: Option<String>,
    /// Packages that give everything in one file, and where each name of them lies by itself:
    /// `{ lodash = { map = "lodash/map" } }`; `file#member` names a member of a file's exports.
    pub cherry_pick: IndexMap<String, IndexMap<String, String>>,
    /// Files that packages read in ways that their code does not show.
    pub rule: Vec<Rule>,
    /// What cargo's release build is traded for.
    pub rust_profile: Option<RustProfile>,
    /// What a panic does; the profile's own choice unless told.
    pub panic: Option<Panic>,
    /// The target as rustc names it, and behind it perhaps the oldest glibc that it has to run
    /// with: `x86_64-unknown-linux-musl`, `aarch64-unknown-linux-gnu.2.26`.
    pub rust_target: Option<String>,
    /// Whether symbols and line numbers are kept in a file beside the artifact.
    pub debug_file: Option<bool>,
    /// What `coldcut observe --fit` found in the project's own logs, for the estimates.
    pub calibration: Option<Calibration>,
    /// A folder of the project that becomes a layer of its Rust functions, one for all of them: what
    /// is in it lies in `/opt`, and in none of the artifacts.
    pub shared_layer: Option<String>,
    /// What functions may weigh and take at most: `{ zip = "2MB", "sum:zip" = "9MB", files = "300,warn",
    /// "package:lodash" = "0", unpacked = ["10MB", "+5%"] }`.
    pub budget: IndexMap<String, Limits>,
}

/// Parameters of the estimates, from logs. Lists are low, typical and high.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Calibration {
    /// How many starts they are drawn from.
    pub cold_starts: u64,
    /// The day of the last of them.
    pub until: Option<String>,
    /// The kind of code that the load was fitted to, `javascript` unless told; estimates of other
    /// kinds keep their own.
    pub kind: Option<CodeKind>,
    /// For each MB (1,000,000 bytes) of source that is loaded at start.
    #[serde(deserialize_with = "ascending")]
    pub load_ms_per_mb: Option<[f64; 3]>,
    /// With nothing loaded: the runtime's own start.
    #[serde(deserialize_with = "not_negative")]
    pub load_base_ms: Option<f64>,
    /// For each MB of zip above the knee.
    #[serde(deserialize_with = "ascending")]
    pub transfer_ms_per_mb: Option<[f64; 3]>,
    /// With the smallest of zips.
    #[serde(deserialize_with = "not_negative")]
    pub transfer_floor_ms: Option<f64>,
}

/// Kinds of code that start differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CodeKind {
    Javascript,
    Python,
    Compiled,
    Dotnet,
}

impl CodeKind {
    /// As the platform's data has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Javascript => "javascript",
            Self::Python => "python",
            Self::Compiled => "compiled",
            Self::Dotnet => "dotnet",
        }
    }
}

fn ascending<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[f64; 3]>, D::Error> {
    let list = Option::<[f64; 3]>::deserialize(from)?;
    match list {
        Some([low, typical, high]) if !(0.0 <= low && low <= typical && typical <= high) => {
            Err(D::Error::custom(format!(
                "[{low}, {typical}, {high}] is not low, typical and high milliseconds in this order"
            )))
        }
        list => Ok(list),
    }
}

fn not_negative<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let ms = Option::<f64>::deserialize(from)?;
    match ms {
        Some(ms) if ms < 0.0 => Err(D::Error::custom(format!("{ms} is no time"))),
        ms => Ok(ms),
    }
}

/// The limits of one budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Limits {
    One(String),
    Several(Vec<String>),
}

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

/// One glob of a list in which the last match wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Without the leading `!`; relative to the function's root.
    pub glob: String,
    /// `true` keeps what it matches, `false` drops it.
    pub keep: bool,
    /// Where it is written: the report and `coldcut why` name it.
    pub said: Location,
    /// How it is written, with its `!`: `!tests/**`, `--exclude docs/**`.
    pub text: String,
}
