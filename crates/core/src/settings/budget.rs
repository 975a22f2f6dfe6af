//! Budgets as settings write them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One limit or a list of limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BudgetLimits {
    One(String),
    Several(Vec<String>),
}
