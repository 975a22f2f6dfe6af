//! Which files are JavaScript or TypeScript, by their names.

use std::path::Path;

/// Extensions of files that Node.js runs, or that are transpiled to such, in the order in which a
/// file without an extension is looked for.
pub const SOURCE_EXTENSIONS: [&str; 8] = ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"];

/// Ends of the names of files that only declare types.
const DECLARATIONS: [&str; 3] = [".d.ts", ".d.mts", ".d.cts"];

/// Whether the name's extension is one of [`SOURCE_EXTENSIONS`].
pub fn has_source_extension(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| SOURCE_EXTENSIONS.contains(&extension))
}

/// Whether the file declares types and has nothing that runs.
pub fn is_declaration(name: &str) -> bool {
    DECLARATIONS.iter().any(|end| name.ends_with(end))
}
