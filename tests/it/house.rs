//! The code held to its own rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::imports::Imports;
use crate::support::repository;

/// A source file: the crate that it is in, its place below that crate's `src`, and its text.
struct Source {
    /// `root` for the program itself, else the folder below `crates`.
    krate: String,
    path: PathBuf,
    text: String,
}

impl Source {
    fn shown(&self) -> String {
        format!("{}: {}", self.krate, self.path.display())
    }

    /// Tests, which may import what they like.
    fn is_tests(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "tests.rs")
    }

    /// The code that ships, without the tests at its end.
    fn code(&self) -> &str {
        self.text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or("")
    }
}

/// The folders of sources, by crate.
fn crates() -> Vec<(String, PathBuf)> {
    let mut all = vec![("root".to_owned(), repository().join("src"))];
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        all.push((name, folder.join("src")));
    }
    all.sort();
    all
}

fn sources() -> Vec<Source> {
    let mut out = Vec::new();
    for (krate, folder) in crates() {
        let files = walkdir::WalkDir::new(&folder).sort_by_file_name();
        let files = files.into_iter().map(Result::unwrap);
        for file in files.filter(|file| file.path().extension().is_some_and(|ext| ext == "rs")) {
            out.push(Source {
                krate: krate.clone(),
                path: file.path().strip_prefix(&folder).unwrap().to_path_buf(),
                text: std::fs::read_to_string(file.path()).unwrap(),
            });
        }
    }
    out
}

/// The room that a file of a crate belongs to: its first folder, or the file itself.
fn room(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// What each crate may import of the others. Cargo holds this; the table says it in one place.
const CRATES_MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("core", &[]),
    ("js", &["core"]),
    ("rust", &["core"]),
    ("verify", &["core"]),
    ("report", &["core"]),
    ("observe", &["core"]),
    (
        "root",
        &["core", "js", "observe", "report", "rust", "verify"],
    ),
];

/// What each room of the program may import of its other rooms: the arrows of the design, pointing
/// left.
const ROOMS_MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("discover", &[]),
    ("plan", &["discover"]),
    ("stage", &[]),
    ("git_ref", &["stage"]),
    ("pack", &[]),
    (
        "pipeline",
        &["discover", "git_ref", "pack", "plan", "stage"],
    ),
    (
        "cli",
        &["discover", "git_ref", "pack", "pipeline", "plan", "stage"],
    ),
];

#[test]
fn crates_import_what_they_may() {
    let rows: BTreeMap<&str, &[&str]> = CRATES_MAY_IMPORT.into_iter().collect();
    for (krate, folder) in crates() {
        let may = rows
            .get(krate.as_str())
            .unwrap_or_else(|| panic!("no rule for crate `{krate}`"));
        let manifest = folder.parent().unwrap().join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap().keys();
        let own: BTreeSet<&str> = dependencies
            .filter_map(|name| name.strip_prefix("coldcut-"))
            .collect();
        assert_eq!(own, may.iter().copied().collect(), "{krate}");
    }
}

#[test]
fn no_arrow_points_right() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS_MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.krate == "root") {
        let here = room(&source.path);
        if here == "main" || here == "lib" {
            continue;
        }
        let may = allowed
            .get(here.as_str())
            .unwrap_or_else(|| panic!("no rule for room `{here}`"));
        for (at, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for after in code.split("crate::").skip(1) {
                let there: String = after
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if there != here && !there.is_empty() && !may.contains(&there.as_str()) {
                    wrong.push(format!("{}:{}: {here} -> {there}", source.shown(), at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that may import each other, each with its reason.
const CIRCLES: [(&str, &[&str]); 1] = [
    // A line of a log may be JSON, and a field of JSON a line.
    ("observe", &["json", "line", "table_row"]),
];

#[test]
fn no_files_import_each_other_in_a_circle() {
    for (krate, folder) in crates() {
        let files = Imports::read(&folder);
        let circles = files.circles();
        for circle in circles {
            let names: Vec<String> = circle.iter().map(|path| path.join("::")).collect();
            let known = CIRCLES.iter().any(|(of, files)| {
                *of == krate && names.iter().map(String::as_str).eq(files.iter().copied())
            });
            assert!(known, "{krate}: a circle of {}", files.explained(&circle));
        }
    }
}

/// The name of the type that a line makes visible outside of its file, where it does.
fn shared_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub")?;
    let rest = match rest.strip_prefix('(') {
        Some(within) => within.split_once(')')?.1,
        None => rest,
    };
    let (keyword, rest) = rest.trim_start().split_once(' ')?;
    ["struct", "enum", "union", "trait", "type"]
        .contains(&keyword)
        .then(|| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
        .flatten()
}

#[test]
fn no_two_types_of_a_crate_have_one_name() {
    let mut named: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for source in sources() {
        for name in source.code().lines().filter_map(shared_type) {
            let key = (source.krate.clone(), name.to_owned());
            named.entry(key).or_default().push(source.shown());
        }
    }
    assert!(named.len() > 500, "only {} types were found", named.len());
    named.retain(|_, files| files.len() > 1);
    assert!(named.is_empty(), "types of one name: {named:#?}");
}

#[test]
fn only_one_folder_names_swc_and_oxc() {
    for source in sources() {
        if source.krate != "js" || !source.path.starts_with("syntax") {
            let crates = [
                "swc_core::",
                "oxc_parser::",
                "oxc_minifier::",
                "oxc_codegen::",
                "oxc_ast::",
            ];
            let named = source
                .text
                .lines()
                .any(|line| crates.iter().any(|name| line.contains(name)));
            assert!(!named, "{}", source.shown());
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for source in sources() {
        let code = source.code();
        let is_program = source.krate == "root";
        let room = room(&source.path);
        if (is_program && room == "cli") || source.is_tests() {
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
            let is_main = is_program && room == "main" && word == "process::exit";
            assert!(!found || is_main, "{}: {word}", source.shown());
        }
    }
}

#[test]
fn every_code_is_used_once_and_documented() {
    let docs = std::fs::read_to_string(repository().join("docs/diagnostics.md")).unwrap();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for source in sources().iter().filter(|source| !source.is_tests()) {
        let code = source.code();
        for part in code.split("Code(\"").skip(1) {
            let code: String = part.chars().take_while(|c| *c != '"').collect();
            if !code.starts_with("CC") || code.len() != 5 {
                continue;
            }
            if let Some(before) = seen.insert(code.clone(), source.shown()) {
                panic!("{code} is defined in {before} and {}", source.shown());
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
    for source in sources() {
        let said = source.text.starts_with("//!") || source.is_tests();
        let shown = source.shown();
        assert!(said, "{shown} does not open with what it is for");
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
