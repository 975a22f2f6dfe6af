//! Settings that take one of a few words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
