//! Settings of Rust functions alone.
//!
//! In: text of a settings file or flag. Out: what is to be traded for size, and how a panic ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the release build is optimised.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum RustProfile {
    /// The project's own release profile, without symbols.
    Keep,
    /// Small code, whole-program optimisation; a panic ends the process.
    Balanced,
    /// As small as possible, but slower; a panic ends the process and shows no stack.
    Smallest,
}

impl RustProfile {
    pub const ALL: [Self; 3] = [Self::Keep, Self::Balanced, Self::Smallest];

    /// As users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Balanced => "balanced",
            Self::Smallest => "smallest",
        }
    }
}

/// What a panic does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Panic {
    /// The stack is unwound: a runtime crate catches it and reports an error of this one event.
    Unwind,
    /// The process ends, and the next event waits for a cold start.
    Abort,
}

impl Panic {
    /// As cargo writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unwind => "unwind",
            Self::Abort => "abort",
        }
    }
}
