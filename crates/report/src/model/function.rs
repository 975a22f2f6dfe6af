//! One function of the report.
//!
//! In: nothing; the pipeline fills it. Out: types of the report.

use coldcut_core::settings::SdkChoice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::artifact::{Artifact, Baseline, File, Package, Step};
use crate::model::component;
use crate::model::contents::{Advice, Duplicate, Module};
use crate::model::estimate::{Estimate, Loaded, Measured};
use crate::model::rust::Rust;
use crate::model::source::Source;
use crate::model::warning::Warning;

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
    /// Only the files that the handler can reach, each at its own path.
    Trace,
    /// The project without dev dependencies, ignored files and known junk.
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DroppedRule {
    /// As `rules-off` names it.
    pub rule: String,
    pub files: u64,
    pub bytes: u64,
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

impl Function {
    /// The same, as if nothing had been measured: what one run estimates another can be held to.
    pub fn without_measurement(&self) -> Self {
        let mut out = self.clone();
        out.measured = None;
        if let Some(estimate) = &mut out.estimate {
            estimate.sum_up(None, None);
        }
        out
    }
}
