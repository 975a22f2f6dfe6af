//! Which file and export of an unpacked artifact are its handler.
//!
//! In: the artifact's folder, and what the command line says. Out: a [`HandlerLocation`]. What is said is
//! read as the Lambda runtime reads it; what is not said is guessed where one candidate is there,
//! from the text alone: no file is run to find out what it is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_js::bundle::analyse::cjs_export_lexer;
use coldcut_js::graph::{EdgeTarget, GraphLoader};
use coldcut_js::packages::package::Packages;
use coldcut_js::packages::resolve::Resolve;
use coldcut_js::syntax::Session;
use coldcut_verify::Exports;
use coldcut_verify::codes::{HANDLER_FILE, WHICH_HANDLER};

/// The order in which the runtime looks for the file of a handler; one without an extension
/// comes before these.
const EXTENSIONS: [&str; 3] = ["js", "mjs", "cjs"];
/// What a platform calls unless it is told otherwise.
const USUAL: &str = "handler";
/// How many candidates an error names.
const SHOWN: usize = 12;

/// A file and its export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HandlerLocation {
    pub file: RelPath,
    /// `None` where only loading the file can tell.
    pub export: Option<String>,
    pub guessed: bool,
}

/// The handler that the setting `text` means below `root`.
pub(super) fn from_setting(root: &Path, text: &str) -> Result<HandlerLocation> {
    let bad = |why: &str| {
        Box::new(
            Diagnostic::error(WHICH_HANDLER, format!("the handler `{text}` {why}")).help(
                "write the file name without its extension, then a dot, then the export: `src/users.main`",
            ),
        )
    };
    if text.contains("..") {
        return Err(bad("contains `..`, which the runtime refuses"));
    }
    let written = text.trim_start_matches("./");
    let (folder, name) = written.rsplit_once('/').unwrap_or(("", written));
    // The runtime splits at the first dot, so an export may have dots and a file may not.
    let Some((stem, export)) = name.split_once('.') else {
        return Err(bad("does not name an export"));
    };
    if stem.is_empty() || export.is_empty() {
        return Err(bad("does not name a file and an export"));
    }
    let base = if folder.is_empty() {
        stem.to_string()
    } else {
        format!("{folder}/{stem}")
    };
    let files = std::iter::once(base.clone()).chain(
        EXTENSIONS
            .iter()
            .map(|extension| format!("{base}.{extension}")),
    );
    let found = files
        .filter_map(|file| RelPath::new(&file))
        .find(|file| file.under(root).is_file());
    if let Some(file) = found {
        return Ok(HandlerLocation {
            file,
            export: Some(export.to_string()),
            guessed: false,
        });
    }
    let mut error = Diagnostic::error(
        HANDLER_FILE,
        format!("the handler `{text}` has no file: there is no `{base}.js`, `.mjs` or `.cjs`"),
    );
    let with_dots = export.rmatch_indices('.').find_map(|(at, _)| {
        let file = format!("{base}.{}", &export[..at]);
        let files = EXTENSIONS
            .iter()
            .map(|extension| format!("{file}.{extension}"));
        files
            .filter_map(|file| RelPath::new(&file))
            .find(|file| file.under(root).is_file())
    });
    error = match with_dots {
        Some(file) => error.help(format!(
            "`{file}` is there, but the runtime splits the name at its first dot: rename the file"
        )),
        None => error
            .note(listed(
                "it contains",
                &own_files(root)
                    .iter()
                    .map(RelPath::to_string)
                    .collect::<Vec<_>>(),
            ))
            .help("check the handler setting, or what was packed"),
    };
    Err(Box::new(error))
}

/// The handler of an artifact where there is one candidate.
pub(super) fn guess(root: &Path, shown: &Path) -> Result<HandlerLocation> {
    let files = own_files(root);
    let entry_files = match files.len() {
        0 | 1 => files,
        _ => entry_files(root, &files),
    };
    if let [file] = &entry_files[..] {
        return Ok(HandlerLocation {
            file: file.clone(),
            export: None,
            guessed: true,
        });
    }
    let candidates: Vec<(&RelPath, String)> = entry_files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file.under(root)).unwrap_or_default();
            likely_exports(&exported_names(&text))
                .into_iter()
                .map(move |name| (file, name))
        })
        .collect();
    if let [(file, export)] = &candidates[..] {
        return Ok(HandlerLocation {
            file: (*file).clone(),
            export: Some(export.clone()),
            guessed: true,
        });
    }
    let settings: Vec<String> = if candidates.is_empty() {
        entry_files.iter().map(RelPath::to_string).collect()
    } else {
        candidates
            .iter()
            .map(|(file, export)| setting_text(file, export))
            .collect()
    };
    Err(unclear_handler(shown, &settings))
}

/// The export of a file that was loaded, where the file was all that could be guessed.
pub(super) fn export_of(file: &RelPath, exports: &Exports, shown: &Path) -> Result<String> {
    let functions: BTreeSet<String> = exports
        .list
        .iter()
        .filter(|export| matches!(export.kind.as_str(), "function" | "class"))
        .filter(|export| export.name != "module.exports")
        .map(|export| export.name.clone())
        .collect();
    match &likely_exports(&functions)[..] {
        [one] => Ok(one.clone()),
        several => {
            let settings: Vec<String> = several
                .iter()
                .map(|name| setting_text(file, name))
                .collect();
            Err(unclear_handler(shown, &settings))
        }
    }
}

/// A handler as a platform's setting has it.
pub(super) fn setting_text(file: &RelPath, export: &str) -> String {
    let text = file.as_str();
    let stem = EXTENSIONS
        .iter()
        .find_map(|extension| text.strip_suffix(&format!(".{extension}")));
    format!("{}.{export}", stem.unwrap_or(text))
}

fn unclear_handler(shown: &Path, candidates: &[String]) -> Box<Diagnostic> {
    let error = Diagnostic::error(
        WHICH_HANDLER,
        format!(
            "it is not clear which handler of `{}` to run",
            shown.display()
        ),
    );
    Box::new(match candidates {
        [] => error
            .note("no file of it outside of `node_modules` exports a function")
            .help("name it: `--handler src/users.main`"),
        [first, ..] => error
            .note(listed("candidates are", candidates))
            .help(format!("name one: `--handler {first}`")),
    })
}

fn listed(what: &str, names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len() {
        0 => "it contains no JavaScript outside of `node_modules`".to_string(),
        n if n > SHOWN => format!("{what} {} and {} more", shown.join(", "), n - SHOWN),
        _ => format!("{what} {}", shown.join(", ")),
    }
}

/// `handler` alone where it is there: the others are helpers of it or of its tests.
fn likely_exports(exported_names: &BTreeSet<String>) -> Vec<String> {
    if exported_names.contains(USUAL) {
        return vec![USUAL.to_string()];
    }
    exported_names.iter().cloned().collect()
}

/// The JavaScript files outside of every `node_modules`, sorted.
fn own_files(root: &Path) -> Vec<RelPath> {
    let walk = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules");
    let mut files: Vec<RelPath> = walk
        .filter_map(std::result::Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| RelPath::from_path(entry.path().strip_prefix(root).ok()?))
        .filter(|file| {
            let extension = file.name().rsplit_once('.').map(|(_, extension)| extension);
            extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
        })
        .collect();
    files.sort();
    files
}

/// The files that no other refers to.
fn entry_files(root: &Path, files: &[RelPath]) -> Vec<RelPath> {
    let session = Session::default();
    let packages = Packages::new(root.to_path_buf(), None);
    let resolve = Resolve::default();
    let defines = Default::default();
    let loader = GraphLoader {
        session: &session,
        packages: &packages,
        resolve: &resolve,
        defines: &defines,
        cwd: root,
        as_written: false,
        machines: &[],
        rules: &[],
        imports_only: false,
    };
    let paths: Vec<_> = files.iter().map(|file| file.under(root)).collect();
    let graph = loader.build_own(&paths);
    let mut needed = BTreeSet::new();
    for path in &paths {
        let Some(id) = graph.find(path) else { continue };
        for edge in &graph.get(id).edges {
            if let EdgeTarget::Module(to) = edge.target
                && to != id
            {
                needed.insert(graph.get(to).path.clone());
            }
        }
    }
    let entry_files: Vec<RelPath> = files
        .iter()
        .zip(&paths)
        .filter(|(_, path)| !needed.contains(*path))
        .map(|(file, _)| file.clone())
        .collect();
    // Files in a circle need each other: then any of them may be the one.
    if entry_files.is_empty() {
        files.to_vec()
    } else {
        entry_files
    }
}

/// The names that a text exports, as far as its text shows.
fn exported_names(text: &str) -> BTreeSet<String> {
    // Patterns that are fixed and tested cannot fail to compile; if one did, it finds nothing.
    static DECLARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\bexport\s+(?:async\s+)?(?:const|let|var|class|function\s*\*?)\s*([\w$]+)")
            .ok()
    });
    static LISTED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\bexport\s*\{([^}]*)\}").ok());
    let mut out = cjs_export_lexer::lex(text).names;
    out.remove("__esModule");
    if let Some(pattern) = DECLARED.as_ref() {
        out.extend(
            pattern
                .captures_iter(text)
                .map(|found| found[1].to_string()),
        );
    }
    if let Some(pattern) = LISTED.as_ref() {
        for list in pattern.captures_iter(text) {
            let names = list[1]
                .split(',')
                .filter_map(|one| one.split_whitespace().last());
            out.extend(names.map(str::to_string));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_kinds_of_modules_are_seen() {
        let exported_names = |text| {
            exported_names(text)
                .into_iter()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            exported_names("exports.handler = 1; exports.other = 2;"),
            "handler other"
        );
        assert_eq!(exported_names("var a;export{a as handler,b};"), "b handler");
        assert_eq!(exported_names("export async function main() {}"), "main");
        assert_eq!(exported_names("export const x = 1"), "x");
    }

    #[test]
    fn a_setting_is_split_as_the_runtime_splits_it() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        write("a.b/h.js");
        write("my.file.js");
        write("x.mjs");
        let found =
            |text| from_setting(dir.path(), text).map(|s| (s.file.to_string(), s.export.unwrap()));
        let pair = |file: &str, export: &str| (file.to_string(), export.to_string());
        assert_eq!(found("a.b/h.api.get").unwrap(), pair("a.b/h.js", "api.get"));
        assert_eq!(found("./x.handler").unwrap(), pair("x.mjs", "handler"));
        let error = found("my.file.handler").unwrap_err();
        assert!(error.help.unwrap().contains("first dot"));
        assert_eq!(found("../h.x").unwrap_err().code, WHICH_HANDLER);
        assert_eq!(found("h").unwrap_err().code, WHICH_HANDLER);
        assert_eq!(found("gone.x").unwrap_err().code, HANDLER_FILE);
    }
}
