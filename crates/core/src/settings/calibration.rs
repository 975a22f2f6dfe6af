//! Parameters of the estimates, as a project measured them itself.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Parameters of the estimates, from logs. Lists are low, typical and high.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Calibration {
    /// The number of cold starts that they were computed from.
    pub cold_starts: u64,
    /// The day of the last cold start.
    pub until: Option<String>,
    /// The kind of code that the load was fitted to; the default is `javascript`. Estimates of other
    /// kinds keep their own parameters.
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
    /// The transfer time of the smallest zips.
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
                "[{low}, {typical}, {high}] must be milliseconds in the order low, typical, high"
            )))
        }
        list => Ok(list),
    }
}

fn not_negative<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let ms = Option::<f64>::deserialize(from)?;
    match ms {
        Some(ms) if ms < 0.0 => Err(D::Error::custom(format!("{ms} is not a valid time"))),
        ms => Ok(ms),
    }
}
