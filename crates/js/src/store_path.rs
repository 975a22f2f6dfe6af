//! Paths of the store into which packages of Plug'n'Play are unpacked.
//!
//! In: any path. Out: whether it lies in the store, and the part of it that does not depend on where
//! the cache is. A leaf, since printed source maps and the order of modules need it as well as the
//! store itself (`packages::pnp`).

use std::path::Path;

/// The folder of packages inside a `node_modules` folder.
pub(crate) const FOLDER: &str = ".pnp";

/// The part of a path that starts with the `node_modules` of the store, where it is one of it.
pub fn in_store(path: &Path) -> Option<&Path> {
    // Nearly every path is none, so that is found out first.
    let bytes = path.as_os_str().as_encoded_bytes();
    if !bytes
        .windows(FOLDER.len())
        .any(|part| part == FOLDER.as_bytes())
    {
        return None;
    }
    let mut rest = path.components();
    loop {
        let here = rest.clone();
        if rest.next()?.as_os_str() != "node_modules" {
            continue;
        }
        if rest.clone().next()?.as_os_str() == FOLDER {
            return Some(here.as_path());
        }
    }
}

/// A path as a person is shown it: packages of the store by the place that they have in an artifact.
pub fn shown_path(path: &Path) -> &Path {
    in_store(path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_store_is_known_by_two_folders() {
        let of = |path: &'static str| in_store(Path::new(path));
        let inside = "node_modules/.pnp/x@1/node_modules/x/i.js";
        assert_eq!(
            of("/c/node_modules/.pnp/x@1/node_modules/x/i.js"),
            Some(Path::new(inside))
        );
        assert_eq!(of("/p/.pnp.cjs"), None);
        assert_eq!(of("/p/node_modules/x/.pnp/y"), None);
        assert_eq!(
            of("/p/node_modules/a/node_modules/.pnp/x"),
            Some(Path::new("node_modules/.pnp/x"))
        );
    }
}
