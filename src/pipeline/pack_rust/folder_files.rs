//! The files that lie in a folder.
//!
//! In: a folder. Out: its files and links by their place in it, without what this run writes.

use std::path::Path;

use crate::pipeline::request::PackRequest;
use coldcut_core::artifact::RelPath;
use coldcut_js::packages::walk;
use coldcut_js::packages::walk::FoundFile;

/// Every file and link of a folder, by its place in there; what this run writes and folders of these
/// names are not entered.
pub(super) fn files_below(
    dir: &Path,
    request: &PackRequest,
    skipped: &[&str],
) -> Vec<(RelPath, FoundFile)> {
    let listing = walk::files(dir, &|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        path == request.out
            || path == request.cache
            || name.is_some_and(|name| skipped.contains(&name))
    });
    let place = |found: &FoundFile| RelPath::from_path(found.path.strip_prefix(dir).ok()?);
    let all = listing.files.into_iter();
    all.filter_map(|found| Some((place(&found)?, found)))
        .collect()
}
