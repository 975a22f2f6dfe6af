//! Warnings as the report writes them: without a path of this machine.
//!
//! In: diagnostics and the project's folder. Out: [`Warning`], paths relative to that folder.

use std::path::{Component, Path};

use coldcut_core::diagnostics::{Diagnostic, Severity};
use coldcut_core::disk::seen_from;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A problem that did not end the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Such as `CC053`; listed in `docs/diagnostics.md`.
    pub code: String,
    pub message: String,
    pub path: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
    /// 1-based, in characters.
    pub column: Option<u32>,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

impl Warning {
    /// A diagnostic without absolute paths; `root` is the project's folder.
    pub fn new(diagnostic: &Diagnostic, root: &Path) -> Self {
        let plain = |text: &String| without_root(text, root);
        let at = diagnostic.at.as_ref();
        Self {
            code: diagnostic.code.to_string(),
            message: plain(&diagnostic.message),
            path: at.map(|at| shown_path(&at.path, root)),
            line: at.and_then(|at| at.line),
            column: at.and_then(|at| at.column),
            notes: diagnostic.notes.iter().map(plain).collect(),
            help: diagnostic.help.as_ref().map(plain),
        }
    }

    /// Those of `diagnostics` that are no errors, in a stable order and each once.
    pub fn all<'a>(
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        root: &Path,
    ) -> Vec<Self> {
        let mut out: Vec<Self> = diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.severity != Severity::Error)
            .map(|diagnostic| Self::new(diagnostic, root))
            .collect();
        out.sort_by(|a, b| {
            let key = |w: &Self| (w.path.clone(), w.line, w.column, w.code.clone());
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        out.dedup();
        out
    }
}

/// A path relative to the project, with forward slashes: `../` where it lies outside.
pub fn shown_path(path: &Path, root: &Path) -> String {
    if path.is_relative() {
        return slashes(path);
    }
    match seen_from(root, path) {
        itself if itself.is_empty() => ".".to_string(),
        other => other,
    }
}

fn slashes(path: &Path) -> String {
    let parts: Vec<String> = path.components().map(|part| component(&part)).collect();
    parts.join("/")
}

fn component(part: &Component<'_>) -> String {
    part.as_os_str().to_string_lossy().into_owned()
}

/// Messages quote paths: those below the project become relative to it.
fn without_root(text: &str, root: &Path) -> String {
    match root.to_str() {
        Some(root) if root.len() > 1 => text
            .replace(&format!("{root}/"), "")
            .replace(&format!("{root}\\"), ""),
        _ => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcut_core::diagnostics::{Code, Location};

    #[test]
    fn paths_are_shown_relative_to_the_project() {
        let root = Path::new("/home/me/app");
        for (path, shown) in [
            ("/home/me/app/src/a.ts", "src/a.ts"),
            ("/home/me/lib/b.ts", "../lib/b.ts"),
            ("/home/me/app", "."),
            ("/etc/hosts", "../../../etc/hosts"),
            ("src/c.ts", "src/c.ts"),
        ] {
            assert_eq!(shown_path(Path::new(path), root), shown);
        }
    }

    #[test]
    fn warnings_lose_the_machines_paths_and_come_once() {
        let root = Path::new("/home/me/app");
        let one = Diagnostic::warning(Code("CC057"), "`/home/me/app/x.js` is odd")
            .at(Location::span("/home/me/app/a.js", "foo\nbar\n", 4, 1))
            .help("look at `/home/me/app/x.js`");
        let error = Diagnostic::error(Code("CC001"), "no");
        let all = Warning::all([&one, &error, &one], root);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].message, "`x.js` is odd");
        assert_eq!(all[0].path.as_deref(), Some("a.js"));
        assert_eq!((all[0].line, all[0].column), (Some(2), Some(1)));
        assert_eq!(all[0].help.as_deref(), Some("look at `x.js`"));
    }
}
