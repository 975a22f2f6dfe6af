//! Every file of a function's folder, and of the packages that it uses from above.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::packages::package::Packages;
use crate::packages::pnp;
use crate::packages::production_closure::Closure;
use crate::packages::walk;
use crate::packages::walk::FoundFile;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::disk::is_left_by_tools;

/// One file of the folder as it lies on disk.
#[derive(Debug, Clone)]
pub struct InventoryItem {
    pub found: FoundFile,
    /// Its name in a plain zip of the folder.
    pub name: String,
    /// The package's real folder.
    pub package: PathBuf,
    /// Below a `node_modules` folder, or outside of the function's folder.
    pub installed: bool,
}

/// Lists the folder, and the installed packages above it that belong to it.
pub(super) fn inventory(
    packages: &Packages,
    everything: &Closure,
    skip: &[PathBuf],
) -> (Vec<InventoryItem>, Vec<Diagnostic>) {
    let root = packages.root();
    let skip: FxHashSet<&Path> = skip.iter().map(PathBuf::as_path).collect();
    let mut listing = walk::files(root, &|path| {
        path.file_name().is_some_and(is_left_by_tools) || skip.contains(path)
    });
    let mut items = Vec::with_capacity(listing.files.len());
    for found in std::mem::take(&mut listing.files) {
        let Ok(rest) = found.path.strip_prefix(root) else {
            continue;
        };
        let name = rest.to_string_lossy().into_owned();
        let installed = rest
            .components()
            .any(|part| part.as_os_str() == "node_modules");
        let package = if installed {
            packages.package_of(&found.path).dir.clone()
        } else {
            root.to_path_buf()
        };
        items.push(InventoryItem {
            found,
            name,
            package,
            installed,
        });
    }
    let mut warnings = listing.warnings;
    for (dir, package) in &everything.packages {
        if dir.starts_with(root) && pnp::in_store(dir).is_none() {
            continue;
        }
        let mut outside = walk::package_files(dir);
        warnings.append(&mut outside.warnings);
        for found in outside.files {
            let rest = found.path.strip_prefix(dir).unwrap_or(&found.path);
            items.push(InventoryItem {
                name: format!("node_modules/{}/{}", package.name, rest.display()),
                package: dir.clone(),
                installed: true,
                found,
            });
        }
    }
    (items, warnings)
}
