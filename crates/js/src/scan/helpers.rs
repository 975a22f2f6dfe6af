//! Packages that look for files, or load modules, for the module that calls them.
//!
//! In: the name of a package. Out: what a call of it means, as the table `helpers.toml` says.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::embedded_toml::rows;

/// What a call of a helper means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HelperCall {
    /// The first argument, or its `bindings`, is an addon's name.
    FindAddonByName,
    /// The first argument is a folder with addons below it.
    FindAddonBelow,
    /// The first argument is the folder from which the second is loaded.
    LoadFromFolder,
    /// `target` in the options is loaded.
    LoadTransport,
    /// The extension of a view is the name of the engine.
    LoadViewEngine,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HelperRow {
    package: String,
    does: HelperCall,
}

fn table() -> &'static [HelperRow] {
    static HELPERS: OnceLock<Vec<HelperRow>> = OnceLock::new();
    // Without it fewer files are found.
    HELPERS.get_or_init(|| rows(include_str!("helpers.toml")))
}

/// What a call of the package means, where it is a helper.
pub(super) fn helper_call(package: &str) -> Option<HelperCall> {
    let row = table().iter().find(|row| row.package == package)?;
    Some(row.does)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_helpers_is_well_formed_and_names_each_package_once() {
        assert!(!table().is_empty());
        let mut names: Vec<&str> = table().iter().map(|row| &*row.package).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table().len());
    }
}
