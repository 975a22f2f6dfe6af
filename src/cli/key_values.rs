//! Flags that take `KEY=VALUE`, such as `--env` and `--opt`.

use indexmap::IndexMap;

use coldcut_core::diagnostics::{Diagnostic, Result};

use crate::cli::codes::NOT_A_PAIR;

/// The values by their keys, in the order of the command line; `flag` is named in the error.
pub(super) fn key_values(list: &[String], flag: &str) -> Result<IndexMap<String, String>> {
    list.iter()
        .map(|text| match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_string(), value.to_string())),
            _ => Err(Box::new(
                Diagnostic::error(NOT_A_PAIR, format!("`{flag} {text}` has no `=`"))
                    .help(format!("write `{flag} KEY=VALUE`")),
            )),
        })
        .collect()
}
