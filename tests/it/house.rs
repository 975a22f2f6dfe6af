//! The code held to its own rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::repository;

fn sources() -> Vec<(PathBuf, String)> {
    walkdir::WalkDir::new(repository().join("src"))
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|ext| ext == "rs"))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let path = entry.path().strip_prefix(repository().join("src")).unwrap();
            (path.to_path_buf(), text)
        })
        .collect()
}

/// The room that a file belongs to.
fn room(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// What each room may import: the arrows of the design, pointing left.
const MAY_IMPORT: [(&str, &[&str]); 24] = [
    ("diag", &[]),
    ("artifact", &[]),
    ("digest", &[]),
    ("disk", &[]),
    ("native", &[]),
    ("config", &["diag"]),
    ("platform", &["config", "diag"]),
    ("discover", &["artifact", "config", "diag", "platform"]),
    ("plan", &["config", "diag", "discover", "platform"]),
    ("ignore", &["artifact", "config", "diag", "disk"]),
    ("secrets", &["artifact", "diag"]),
    ("stage", &["diag", "digest", "disk"]),
    ("past", &["diag", "stage"]),
    ("pnp", &["artifact", "diag", "digest", "disk"]),
    (
        "js",
        &[
            "artifact", "config", "diag", "disk", "ignore", "native", "plan", "platform", "pnp",
        ],
    ),
    (
        "rust",
        &[
            "artifact", "config", "diag", "digest", "discover", "disk", "native", "platform",
        ],
    ),
    ("pack", &["artifact", "config", "diag", "digest", "disk"]),
    (
        "verify",
        &["artifact", "config", "diag", "disk", "platform"],
    ),
    ("estimate", &["platform"]),
    ("observe", &["diag"]),
    (
        "report",
        &["config", "diag", "disk", "estimate", "platform"],
    ),
    (
        "pipeline",
        &[
            "artifact", "config", "diag", "digest", "discover", "disk", "estimate", "ignore", "js",
            "native", "observe", "pack", "past", "plan", "platform", "pnp", "report", "rust",
            "secrets", "stage", "verify",
        ],
    ),
    (
        "cli",
        &[
            "artifact", "config", "diag", "discover", "disk", "ignore", "js", "observe", "pack",
            "past", "pipeline", "plan", "platform", "pnp", "report", "secrets", "stage", "verify",
        ],
    ),
    ("lib", &[]),
];

#[test]
fn no_arrow_points_right() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = MAY_IMPORT
        .iter()
        .map(|(room, may)| (*room, may.iter().copied().collect()))
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let here = room(&path);
        if here == "main" || here == "lib" {
            continue;
        }
        let may = &allowed
            .get(here.as_str())
            .unwrap_or_else(|| panic!("no rule for room `{here}`"));
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for after in code.split("crate::").skip(1) {
                let there: String = after
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if there != here && !there.is_empty() && !may.contains(there.as_str()) {
                    wrong.push(format!("{}:{}: {here} -> {there}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_folder_names_swc() {
    for (path, text) in sources() {
        if !path.starts_with("js/swc") {
            let named = text.lines().any(|line| line.contains("swc_core::"));
            assert!(!named, "{}", path.display());
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let tests = path.file_name().is_some_and(|name| name == "tests.rs");
        if room(&path) == "cli" || tests {
            continue;
        }
        for word in [
            "println!",
            "print!",
            "eprintln!",
            "eprint!",
            "dbg!",
            "process::exit",
        ] {
            let found = code.lines().any(|line| {
                let line = line.split("//").next().unwrap_or("");
                line.match_indices(word)
                    .any(|(at, _)| at == 0 || !line.as_bytes()[at - 1].is_ascii_alphanumeric())
            });
            let is_main = room(&path) == "main" && word == "process::exit";
            assert!(!found || is_main, "{}: {word}", path.display());
        }
    }
}

#[test]
fn every_code_is_used_once_and_documented() {
    let docs = std::fs::read_to_string(repository().join("docs/diagnostics.md")).unwrap();
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        if path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs") {
            continue;
        }
        for part in code.split("Code(\"").skip(1) {
            let code: String = part.chars().take_while(|c| *c != '"').collect();
            if !code.starts_with("CC") || code.len() != 5 {
                continue;
            }
            if let Some(before) = seen.insert(code.clone(), path.clone()) {
                panic!(
                    "{code} is defined in {} and {}",
                    before.display(),
                    path.display()
                );
            }
            assert!(
                docs.contains(&format!("`{code}`")),
                "{code} is not in docs/diagnostics.md"
            );
        }
    }
    assert!(seen.len() > 30);
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, text) in sources() {
        let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
        let said = text.starts_with("//!") || is_tests;
        assert!(said, "{} does not open with what it is for", path.display());
    }
}

#[test]
fn both_readmes_say_the_same() {
    let read = |name: &str| std::fs::read_to_string(repository().join(name)).unwrap();
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    let headings = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(headings(&english), headings(&chinese));
    // What is run and what it prints, the settings but for their comments, and where links lead.
    let blocks = |text: &str| -> Vec<String> {
        let blocks = text.split("```").skip(1).step_by(2);
        let bare = |line: &str| line.split(" #").next().unwrap_or("").trim_end().to_owned();
        blocks
            .map(|block| block.lines().map(bare).collect::<Vec<_>>().join("\n"))
            .collect()
    };
    assert_eq!(blocks(&english), blocks(&chinese));
    let links = |text: &str| -> BTreeSet<String> {
        let links = text.split("](").skip(1);
        let links = links.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
        links.filter(|link| !link.starts_with("README")).collect()
    };
    assert_eq!(links(&english), links(&chinese));
    for link in links(&english) {
        assert!(repository().join(&link).exists(), "{link} is not there");
    }
}
