//! The files that a partly known `require` may ask for.
//!
//! In: a path with a constant prefix. Out: each file that matches, under every spelling by which
//! Node would find it from the asking file.

use std::path::{Path, PathBuf};

use crate::bundle::module::Module;
use crate::graph::{EdgeKind, path_patterns};
use crate::scan::{PathPattern, Piece};

/// The pattern as a person reads it.
pub fn shown(pattern: &PathPattern) -> String {
    path_patterns::show(&pattern.pieces)
}

/// Whether a pattern starts from the module's own folder, as in `require("./lang/" + name)` or by a
/// whole path.
pub fn starts_here(pattern: &PathPattern) -> bool {
    let relative =
        matches!(pattern.pieces.first(), Some(Piece::Text(prefix)) if prefix.starts_with('.'));
    relative || is_absolute(pattern)
}

/// Whether a pattern is a whole path that starts in the module's own folder, as in
/// `require(path.join(__dirname, name))`.
pub fn is_absolute(pattern: &PathPattern) -> bool {
    pattern.pieces.first() == Some(&Piece::Dir)
}

/// Spellings of what matches, with the file that each means.
pub fn matching(
    path: &Path,
    module: &Module,
    pattern: &PathPattern,
    addons: bool,
) -> Vec<(String, PathBuf)> {
    let (Some(dir), Some(package)) = (path.parent(), &module.package) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for file in path_patterns::matching(dir, &pattern.pieces, &package.dir, EdgeKind::Pattern) {
        let bundled = file
            .extension()
            .and_then(|ext| ext.to_str())
            .is_some_and(|ext| {
                matches!(ext, "js" | "cjs" | "mjs" | "json" | "ts" | "cts" | "mts")
                    || (ext == "node" && addons)
            });
        let name = file.to_string_lossy();
        if !bundled || file == path || name.ends_with(".d.ts") {
            continue;
        }
        let Some(spelled) = relative(dir, &file) else {
            continue;
        };
        let mut spellings = vec![spelled.clone()];
        for ext in [".js", ".json", ".node", ".ts"] {
            if let Some(bare) = spelled.strip_suffix(ext) {
                spellings.push(bare.to_string());
                if let Some(folder) = bare.strip_suffix("/index") {
                    spellings.push(folder.to_string());
                }
            }
        }
        out.extend(
            spellings
                .into_iter()
                .map(|spelling| (spelling, file.clone())),
        );
    }
    out.sort();
    out.dedup_by(|a, b| a.0 == b.0);
    out
}

fn relative(dir: &Path, file: &Path) -> Option<String> {
    let mut up = String::from("./");
    let mut at = dir;
    loop {
        if let Ok(rest) = file.strip_prefix(at) {
            return Some(format!("{up}{}", rest.to_str()?));
        }
        up = if up == "./" {
            "../".to_string()
        } else {
            format!("{up}../")
        };
        at = at.parent()?;
    }
}
