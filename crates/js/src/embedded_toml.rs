//! Tables of data that are part of the program.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

/// The rows of a TOML text that is one list of tables. Tests hold each table to its form; one that
/// is broken all the same has no rows.
pub fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let lists: Result<BTreeMap<String, Vec<T>>, _> = toml::from_str(text);
    lists.map_or_else(
        |_| Vec::new(),
        |lists| lists.into_values().flatten().collect(),
    )
}
