//! Times of several runs, and how two of them compare.
//!
//! In: nothing; the pipeline fills it. Out: types of the report and of a measurement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Times of several runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    pub median: f64,
    pub quarter: f64,
    pub three_quarters: f64,
    pub least: f64,
    pub most: f64,
    /// In the order in which they were measured.
    pub runs: Vec<f64>,
}

/// A ratio with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ratio {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}
