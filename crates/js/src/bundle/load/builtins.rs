//! The modules that Node has itself.

use crate::packages::package::package_of_specifier;

/// Whether Node has the module itself.
pub fn is_builtin(specifier: &str) -> bool {
    specifier.starts_with("node:")
        || package_of_specifier(specifier).is_some_and(|name| {
            static NAMES: std::sync::OnceLock<std::collections::HashSet<&'static str>> =
                std::sync::OnceLock::new();
            NAMES
                .get_or_init(|| include_str!("builtins.txt").split_whitespace().collect())
                .contains(name)
        })
}
