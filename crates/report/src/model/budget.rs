//! Budgets as the report has them: what was allowed, what came out, and what is left.
//!
//! In: nothing; `report::budgets` fills it. Out: types of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens where a budget is exceeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The exit status says so.
    #[default]
    Fail,
    Warn,
}

/// How a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BudgetState {
    Ok,
    Warned,
    Failed,
    /// There is no figure to hold it against.
    Unknown,
}

/// What the figures of a budget count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Bytes,
    Files,
    Ms,
}

/// One budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// `zip`, `unpacked`, `files`, `package:NAME`, `download_ms`, `init_ms`, `cold_start_ms`.
    pub name: String,
    /// `None` for the sum of all functions.
    pub function: Option<String>,
    pub level: Level,
    /// As it was written: `2MB`, `+5%`.
    pub written: String,
    pub unit: Unit,
    /// What the value may be at most; of a growth, from the baseline's value.
    pub limit: Option<u64>,
    pub value: Option<u64>,
    /// The baseline's, of a growth.
    pub before: Option<u64>,
    /// Limit less value: below zero where it is exceeded.
    pub slack: Option<i64>,
    pub state: BudgetState,
    /// Why there is no figure, or what kind of figure it is.
    pub note: Option<String>,
}
