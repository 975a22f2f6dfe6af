//! Reading the user's structured text files.
//!
//! In: a path to JSON, YAML or TOML. Out: a [`Node`], in which every key and every value knows
//! its place, so that any later complaint can show the line with a caret. The three formats
//! become one type here because settings and functions are written in all of them.

mod codes;
mod json;
mod nearest;
mod node;
mod text_file;
mod toml;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::diagnostics::Result;

pub use crate::settings::value::codes::{BROKEN, NOT_UTF8, UNREADABLE};
pub use crate::settings::value::json::json;
pub use crate::settings::value::nearest::{distance, nearest};
pub use crate::settings::value::node::{Data, Item, Node, Span};
pub use crate::settings::value::text_file::{TextFile, read};
pub use crate::settings::value::toml::toml;
pub use crate::settings::value::yaml::yaml;

/// Reads a file by its extension: `.json`, `.toml`, and YAML for every other.
pub fn load(path: &Path) -> Result<Option<Node>> {
    let Some(file) = read(path)? else {
        return Ok(None);
    };
    of_text(&file).map(Some)
}

/// Reads text by the extension of the file that it is of.
pub fn parse(path: &Path, text: &str) -> Result<Node> {
    of_text(&Arc::new(TextFile {
        path: path.to_path_buf(),
        text: text.into(),
    }))
}

fn of_text(file: &Arc<TextFile>) -> Result<Node> {
    match file.path.extension().and_then(|e| e.to_str()) {
        Some("json") => json(file),
        Some("toml") => toml(file),
        _ => yaml(file),
    }
}
