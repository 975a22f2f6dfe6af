//! What callers measured by their own clock.
//!
//! In: a CSV file with the columns `request_id` and `wall_ms`. Out: [`WallTimes`], milliseconds by request.
//! The transfer of a package is in no log line, so only callers can tell what it takes.

use std::path::Path;

use coldcut_core::diagnostics::{Diagnostic, Result};
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::codes::BAD_WALL;
use crate::event::hash;

/// What callers measured, by request.
#[derive(Debug, Clone, Default)]
pub struct WallTimes(FxHashMap<u64, f64>);

impl WallTimes {
    pub(super) fn get(&self, request: u64) -> Option<f64> {
        self.0.get(&request).copied()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From a table with the columns `request_id` and `wall_ms`.
    pub fn read(path: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Call {
            #[serde(alias = "requestId")]
            request_id: String,
            #[serde(alias = "wallMs")]
            wall_ms: f64,
        }
        let wrong = |error: &dyn std::fmt::Display| {
            Box::new(
                Diagnostic::error(
                    BAD_WALL,
                    format!("cannot use `{}`: {error}", path.display()),
                )
                .help("the file must be a CSV file with the columns `request_id` and `wall_ms`: how long the caller waited, in milliseconds"),
            )
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(|error| wrong(&error))?;
        let mut calls = FxHashMap::default();
        for call in reader.deserialize::<Call>() {
            let call = call.map_err(|error| wrong(&error))?;
            if !call.wall_ms.is_finite() || call.wall_ms < 0.0 {
                return Err(wrong(&format!("`{}` is not a time", call.wall_ms)));
            }
            calls.insert(hash(call.request_id.as_bytes()), call.wall_ms);
        }
        if calls.is_empty() {
            return Err(wrong(&"it has no calls"));
        }
        Ok(Self(calls))
    }
}
