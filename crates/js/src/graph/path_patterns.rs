//! Files that a partly known path can name.
//!
//! In: a folder and the pieces of a path that starts there. Out: the files that match, sorted,
//! never outside the package that names them and never inside another one.

use std::path::{Component, Path, PathBuf};

use crate::scan::Piece;
use coldcut_core::disk::is_not_source;

use crate::graph::EdgeKind;
use coldcut_core::source_extensions::{has_source_extension, is_declaration};

/// More matches than this in one pattern are a sign that it names everything.
const MAX_MATCHES: usize = 5_000;

/// The path as it is known, with `*` for what is not.
pub(crate) fn show(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Any => out.push('*'),
            Piece::Dir => out.push('.'),
            Piece::Cwd => out.push_str("<where it runs>"),
            Piece::File => out.push_str("<this file>"),
        }
    }
    out
}

/// The pieces below a package's folder: `pkg/lib/*` without `pkg`.
pub(super) fn without_prefix(pieces: &[Piece], name: &str) -> Vec<Piece> {
    let mut rest = vec![Piece::Dir];
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) if at == 0 => {
                rest.push(Piece::Text(
                    text.strip_prefix(name).unwrap_or(text).to_string(),
                ));
            }
            piece => rest.push(piece.clone()),
        }
    }
    rest
}

/// Every file that the pieces can name, `base` standing for [`Piece::Dir`].
pub(crate) fn matching(
    base: &Path,
    pieces: &[Piece],
    bounds: &Path,
    how: EdgeKind,
) -> Vec<PathBuf> {
    let mut pieces = pieces;
    if pieces.first() == Some(&Piece::Dir) {
        pieces = &pieces[1..];
    }
    let (prefix, rest) = match pieces.split_first() {
        Some((Piece::Text(text), rest)) => (text.trim_start_matches('/'), rest),
        // `${__dirname}${unknown}/x`
        Some((Piece::Any, _)) => ("", pieces),
        _ => return Vec::new(),
    };
    if rest.is_empty() {
        return whole(&normal(&base.join(prefix)), bounds, how);
    }
    // `./a/b-` + … looks in `./a` for names that start with `b-`.
    let (folder, start) = match prefix.rsplit_once('/') {
        Some((folder, start)) => (folder, start),
        None => ("", prefix),
    };
    let folder = normal(&base.join(folder));
    if !folder.starts_with(bounds) || !folder.is_dir() {
        return Vec::new();
    }
    let mut tail = vec![Piece::Text(start.to_string())];
    tail.extend(rest.iter().cloned());
    let mut out: Vec<PathBuf> = files_below(&folder, how)
        .filter(|file| {
            file.strip_prefix(&folder)
                .ok()
                .and_then(Path::to_str)
                .is_some_and(|name| candidates(name, how).any(|name| fits(name, &tail)))
        })
        .take(MAX_MATCHES)
        .filter_map(|file| file.canonicalize().ok())
        .collect();
    out.sort();
    out
}

/// A path that is known in full: a file, or all files of a folder.
fn whole(path: &Path, bounds: &Path, how: EdgeKind) -> Vec<PathBuf> {
    // The package itself, or what lies above it, is a root to build paths from, not an asset.
    if !path.starts_with(bounds) || path == bounds {
        return Vec::new();
    }
    if path.is_file() {
        return path.canonicalize().into_iter().collect();
    }
    if !path.is_dir() {
        return Vec::new();
    }
    let mut out: Vec<PathBuf> = files_below(path, how)
        .take(MAX_MATCHES)
        .filter_map(|file| file.canonicalize().ok())
        .collect();
    out.sort();
    out
}

fn files_below(folder: &Path, how: EdgeKind) -> impl Iterator<Item = PathBuf> + use<> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !is_not_source(entry.file_name()))
        .filter_map(Result::ok)
        .filter(move |entry| {
            entry.file_type().is_file() && (how == EdgeKind::Asset || is_loadable(entry.path()))
        })
        .map(walkdir::DirEntry::into_path)
}

fn is_loadable(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    let other = path
        .extension()
        .is_some_and(|ext| ext == "json" || ext == "node");
    !is_declaration(name) && (other || has_source_extension(path))
}

/// The ways in which code may write a file's name: whole, without extension, as a folder.
fn candidates(name: &str, how: EdgeKind) -> impl Iterator<Item = &str> {
    let loads = how != EdgeKind::Asset;
    let bare = loads
        .then(|| name.rsplit_once('.').map(|(bare, _)| bare))
        .flatten();
    let folder = bare.and_then(|bare| bare.strip_suffix("/index"));
    [Some(name), bare, folder].into_iter().flatten()
}

/// Whether `name` is made of `pieces`; an unknown piece stands for any text.
fn fits(name: &str, pieces: &[Piece]) -> bool {
    match pieces.split_first() {
        None => name.is_empty(),
        Some((Piece::Text(text), rest)) => name
            .strip_prefix(text.as_str())
            .is_some_and(|name| fits(name, rest)),
        Some((_, rest)) => {
            if rest.is_empty() {
                return true;
            }
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| fits(&name[at..], rest))
        }
    }
}

/// Without `.` and `..`, by text alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    #[test]
    fn pieces_match_names() {
        assert!(fits("de.js", &[text(""), Piece::Any, text(".js")]));
        assert!(!fits("de.ts", &[text(""), Piece::Any, text(".js")]));
        assert!(fits("a-b/x", &[text("a-"), Piece::Any]));
        assert!(!fits("b", &[text("a"), Piece::Any]));
    }

    #[test]
    fn a_prefix_names_files_of_its_package_only() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for file in [
            "l/de.js",
            "l/en/index.js",
            "l/x.txt",
            "l/de.d.ts",
            "l/node_modules/p/i.js",
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let names = |pieces: &[Piece], how| -> Vec<String> {
            matching(&root, pieces, &root, how)
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
                .collect()
        };
        assert_eq!(
            names(&[text("./l/"), Piece::Any], EdgeKind::Pattern),
            ["l/de.js", "l/en/index.js"]
        );
        assert_eq!(
            names(&[text("./l/"), Piece::Any, text(".js")], EdgeKind::Pattern),
            ["l/de.js", "l/en/index.js"]
        );
        assert_eq!(
            names(&[Piece::Dir, text("/l/x.txt")], EdgeKind::Asset),
            ["l/x.txt"]
        );
        assert_eq!(
            names(&[text("../"), Piece::Any], EdgeKind::Pattern),
            [""; 0]
        );
        assert_eq!(names(&[Piece::Dir, text("/.")], EdgeKind::Asset), [""; 0]);
    }
}
