//! The settings by concern: what they are called in a file, and what kind of value each takes.
//!
//! A settings file is flat: it has all of these keys beside each other. [`Settings`] gives each
//! key to the group that has it.
//!
//! [`Settings`]: crate::settings::Settings

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::budget::BudgetLimits;
use crate::settings::calibration::Calibration;
use crate::settings::choices::{Compression, Links, SdkChoice, SourceMap, Strategy};
use crate::settings::rule::Rule;
use crate::settings::rust::{Panic, RustProfile};

/// What the function runs on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TargetSettings {
    /// The platform that the function runs on, such as `aws-lambda`.
    pub platform: Option<String>,
    /// The runtime, as the platform names it, such as `nodejs22.x`.
    pub runtime: Option<String>,
    /// `x86_64` or `arm64`.
    pub arch: Option<String>,
}

/// How the artifact is made of the files that were chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ArtifactSettings {
    pub strategy: Option<Strategy>,
    pub links: Option<Links>,
    pub compression: Option<Compression>,
}

/// Which packages ship.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PackageSettings {
    /// Packages to leave out, because the platform or a layer provides them.
    pub external: Vec<String>,
    pub sdk: Option<SdkChoice>,
}

/// Which files ship.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FileSettings {
    /// Globs of files to ship even if an ignore rule matches; relative to the function's root.
    pub include: Vec<String>,
    /// Globs of files to leave out, unless the handler imports them.
    pub exclude: Vec<String>,
    /// Names of built-in ignore rules to switch off, or `["all"]`.
    pub rules_off: Vec<String>,
    /// Globs of files that contain secrets and must ship anyway.
    pub keep_secrets: Vec<String>,
    /// Files that packages read in ways that their code does not show.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// How bundles are written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BundleSettings {
    /// Whether bundles are minified.
    pub minify: Option<bool>,
    pub sourcemap: Option<SourceMap>,
    /// Whether functions keep their names in a bundle; classes always keep theirs.
    pub keep_names: Option<bool>,
    /// Whether a small `package.json` of each bundled package ships too, for vulnerability scanners.
    pub manifests: Option<bool>,
    /// Values that are known at build time, such as `process.env.NODE_ENV`.
    pub define: IndexMap<String, String>,
    /// Packages that export everything from one file, and the file that has each export by itself:
    /// `{ lodash = { map = "lodash/map" } }`; `file#member` names a member of a file's exports.
    pub cherry_pick: IndexMap<String, IndexMap<String, String>>,
}

/// How the artifact is proven to do what the original does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct VerifySettings {
    #[serde(rename = "verify")]
    pub enabled: Option<bool>,
    /// Environment variables for verification; they override those of the framework's file.
    pub env: IndexMap<String, String>,
    /// A JSON file with an event, which the artifact must answer as the original does; relative to
    /// the project.
    pub event: Option<String>,
}

/// How Rust functions are built.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RustSettings {
    /// How the release build is optimised.
    #[serde(rename = "rust-profile")]
    pub profile: Option<RustProfile>,
    /// What a panic does; the default depends on the profile.
    pub panic: Option<Panic>,
    /// The target as rustc names it; it can end with the oldest glibc version to support:
    /// `x86_64-unknown-linux-musl`, `aarch64-unknown-linux-gnu.2.26`.
    #[serde(rename = "rust-target")]
    pub target: Option<String>,
    /// Whether symbols and line numbers are kept in a file beside the artifact.
    pub debug_file: Option<bool>,
    /// A folder of the project that becomes a layer of its Rust functions, one for all of them: what
    /// is in it lies in `/opt`, and in none of the artifacts.
    pub shared_layer: Option<String>,
}

/// What reports count with, and which limits hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ReportSettings {
    /// Unpacked sizes of layers, by their name in the framework's file, in bytes: they count
    /// against the platform's limit.
    pub layer_bytes: IndexMap<String, u64>,
    /// Parameters for the estimates, which `coldcut observe --fit` computed from the project's logs.
    pub calibration: Option<Calibration>,
    /// Limits for the sizes and times of functions: `{ zip = "2MB", "sum:zip" = "9MB", files = "300,warn",
    /// "package:lodash" = "0", unpacked = ["10MB", "+5%"] }`.
    pub budget: IndexMap<String, BudgetLimits>,
}
