//! Where a figure comes from.
//!
//! In: sources of the platform's data. Out: the same as the report writes them.

use coldcut_core::platform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub name: String,
    pub url: String,
    /// The day or month it was published or read: `2026-11-24`.
    pub date: String,
}

impl From<&platform::Source> for Source {
    fn from(source: &platform::Source) -> Self {
        Self {
            name: source.name.clone(),
            url: source.url.clone(),
            date: source.date.clone(),
        }
    }
}
