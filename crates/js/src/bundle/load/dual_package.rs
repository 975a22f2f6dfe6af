//! Packages that publish one source twice: as CommonJS, and as ES modules.
//!
//! In: what a module reads of an import. Out: whether the ES build can stand for the CommonJS build
//! that the import leads to: it shakes better. The packages are data (`dual_package.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

use crate::bundle::load::imported_names::{Replacement, names_read};
use crate::bundle::module::Module;
use crate::bundle::part::ImportRecordId;

/// Whether the ES build of a package can stand for its CommonJS build, as far as `module` reads
/// it by `record`.
pub fn takes_es_build(module: &Module, record: ImportRecordId) -> bool {
    names_read(module, record, Replacement::DualPackage).is_some()
}

/// Whether a package publishes its source as ES modules too.
pub fn is_dual_package(package: &str) -> bool {
    #[derive(Deserialize)]
    struct File {
        packages: Vec<String>,
    }
    static KNOWN: OnceLock<Vec<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let file: Result<File, _> = toml::from_str(include_str!("dual_package.toml"));
        // A test holds the file to its form.
        file.map(|file| file.packages).unwrap_or_default()
    });
    known.iter().any(|row| match row.split_once('*') {
        Some((before, after)) => package
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after)),
        None => row == package,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_dual_packages_is_well_formed() {
        assert!(
            is_dual_package("@smithy/core")
                && !is_dual_package("@smithy")
                && !is_dual_package("aws-sdk")
        );
    }
}
