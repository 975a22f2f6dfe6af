//! How a source map names a file.

use std::path::Path;

/// `path` as seen from the folder `from`; packages of the cache by the place that they have in an
/// artifact, so that a map is the same on every machine.
pub(super) fn source_name(from: &Path, path: &Path) -> String {
    if let Some(place) = crate::store_path::in_store(path) {
        return place.to_string_lossy().replace('\\', "/");
    }
    coldcut_core::disk::seen_from(from, path)
}
