//! Settings that take one of a few words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the files of a function are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// The smallest strategy that passes verification.
    Auto,
    /// One file per handler: bundled, tree-shaken, minified.
    Bundle,
    /// Only the files that the handler can reach, each at its own path.
    Trace,
    /// The project without dev dependencies, ignored files and known junk.
    Prune,
}

/// Whether a source map is made for a bundle.
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
    /// Never shipped: the platform provides it.
    External,
}

/// The compression level.
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
    /// Links are kept.
    Keep,
    /// Links are replaced by copies of their targets.
    Follow,
}
