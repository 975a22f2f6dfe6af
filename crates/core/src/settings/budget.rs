//! Budgets as settings write them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The limits of one budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BudgetLimits {
    One(String),
    Several(Vec<String>),
}
