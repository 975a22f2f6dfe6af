//! Which files of a crate import which, read from their text.
//!
//! In: a crate's `src` folder. Out: [`Imports`], which names the circles. What a `pub use` passes on
//! counts as an import of the file that defines it. Tests are left out, since they may import what
//! they like; so are `mod` lines and what a file itself passes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// A module by its path below the crate: `["bundle", "link"]`.
pub type Module = Vec<String>;

pub struct Imports {
    /// What each file imports, with the names that it takes.
    edges: BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>,
}

/// One path that a file names, and whether the file passes it on.
struct Named {
    path: Module,
    passed_on: bool,
}

/// The name that a module passes something on under, and what that is.
type PassedOn = ((Module, String), Module);

/// The texts of a crate's files, and what they pass on under which name.
struct Files {
    texts: BTreeMap<Module, String>,
    passed_on: BTreeMap<(Module, String), Module>,
}

impl Imports {
    pub fn read(folder: &Path) -> Self {
        let mut files = Files {
            texts: texts(folder),
            passed_on: BTreeMap::new(),
        };
        let mut named: BTreeMap<Module, Vec<Named>> = BTreeMap::new();
        let modules: Vec<Module> = files.texts.keys().cloned().collect();
        for module in &modules {
            let (all, passed_on) = files.named_in(module);
            named.insert(module.clone(), all);
            files.passed_on.extend(passed_on);
        }
        let mut edges = BTreeMap::new();
        for (module, all) in &named {
            let of: &mut BTreeMap<Module, BTreeSet<String>> =
                edges.entry(module.clone()).or_default();
            for one in all.iter().filter(|one| !one.passed_on) {
                for (to, name) in files.defined(module, &one.path) {
                    if to != *module {
                        of.entry(to).or_default().insert(name);
                    }
                }
            }
        }
        Self { edges }
    }

    /// Sets of files each of which reaches every other, sorted.
    pub fn circles(&self) -> Vec<Vec<Module>> {
        let mut reached: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
        for module in self.edges.keys() {
            let mut seen = BTreeSet::new();
            let mut stack: Vec<&Module> = self.edges[module].keys().collect();
            while let Some(at) = stack.pop() {
                if seen.insert(at) {
                    stack.extend(self.edges.get(at).into_iter().flat_map(|to| to.keys()));
                }
            }
            reached.insert(module, seen);
        }
        let mut out: BTreeSet<Vec<Module>> = BTreeSet::new();
        for (module, seen) in reached
            .iter()
            .filter(|(module, seen)| seen.contains(*module))
        {
            let back = |to: &&&Module| reached.get(**to).is_some_and(|seen| seen.contains(module));
            out.insert(seen.iter().filter(back).map(|to| (*to).clone()).collect());
        }
        out.into_iter().collect()
    }

    /// The imports inside of a circle, a line each.
    pub fn explained(&self, circle: &[Module]) -> String {
        let mut out = format!("{} files", circle.len());
        for from in circle {
            for (to, names) in &self.edges[from] {
                if circle.contains(to) {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let (from, to) = (from.join("::"), to.join("::"));
                    out.push_str(&format!("\n  {from} -> {to} ({})", names.join(", ")));
                }
            }
        }
        out
    }
}

/// The text of each file, without its tests and comments.
fn texts(folder: &Path) -> BTreeMap<Module, String> {
    let tests = Regex::new(
        r"(?ms)^#\[cfg\(test\)\]\n(?:#\[[^\n]*\]\n)*(?:pub(?:\([^)]*\))? )?mod \w+(?:;| \{.*?^\})\n?",
    )
    .unwrap();
    let comments = Regex::new(r"(?m)//[^\n]*").unwrap();
    let mut out = BTreeMap::new();
    for file in walkdir::WalkDir::new(folder) {
        let file = file.unwrap();
        let below = file.path().strip_prefix(folder).unwrap();
        let name = file.file_name().to_string_lossy();
        if !name.ends_with(".rs") || name == "main.rs" || name == "tests.rs" {
            continue;
        }
        let mut module: Module = below
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        if module
            .last()
            .is_some_and(|last| last == "mod" || last == "lib")
        {
            module.pop();
        }
        let text = std::fs::read_to_string(file.path()).unwrap();
        let text = tests.replace_all(&text, "");
        out.insert(module, comments.replace_all(&text, "").into_owned());
    }
    out
}

/// The leaves of what follows a `use`, each with the name that it gets.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    fn walk(before: &[String], tree: &str, out: &mut Vec<(Vec<String>, String)>) {
        let tree = tree.trim();
        let parts = |text: &str| -> Vec<String> {
            let parts = text.split("::").map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let Some((head, inner)) = tree.strip_suffix('}').and_then(|tree| tree.split_once('{'))
        else {
            let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
            let path: Vec<String> = before.iter().cloned().chain(parts(path)).collect();
            let last = path.last().cloned().unwrap_or_default();
            let name = if name.is_empty() {
                last
            } else {
                name.trim().to_owned()
            };
            out.push((path, name));
            return;
        };
        let before: Vec<String> = before.iter().cloned().chain(parts(head)).collect();
        let (mut depth, mut start) = (0, 0);
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    walk(&before, &inner[start..at], out);
                    start = at + 1;
                }
                _ => {}
            }
        }
        if !inner[start..].trim().is_empty() {
            walk(&before, &inner[start..], out);
        }
    }
    let mut out = Vec::new();
    walk(
        &[],
        &tree.split_whitespace().collect::<Vec<_>>().join(" "),
        &mut out,
    );
    out
}

impl Files {
    /// A path as it is written in `module`, from the crate's root; `None` where it leads out of it.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Module> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (module.clone(), &path[1..]),
            "super" => (
                module[..module.len().checked_sub(supers)?].to_vec(),
                &path[supers..],
            ),
            first => {
                let child: Module = module.iter().cloned().chain([first.to_owned()]).collect();
                self.texts
                    .contains_key(&child)
                    .then_some((module.clone(), path))?
            }
        };
        let mut out: Module = base.into_iter().chain(rest.iter().cloned()).collect();
        if out.last().is_some_and(|last| last == "self") {
            out.pop();
        }
        Some(out)
    }

    /// Every path that a file names, and what it passes on.
    fn named_in(&self, module: &Module) -> (Vec<Named>, Vec<PassedOn>) {
        let uses = Regex::new(r"(?m)^[ \t]*(pub(?:\([^)]*\))? )?use ([^;]+);").unwrap();
        let paths =
            Regex::new(r"(?:\b(?:crate|super|self)|\b[a-z_][a-z0-9_]*)(?:::[A-Za-z0-9_]+)+")
                .unwrap();
        let text = &self.texts[module];
        let (mut named, mut passed_on) = (Vec::new(), Vec::new());
        for found in uses.captures_iter(text) {
            let public = found.get(1).is_some();
            for (path, name) in leaves(&found[2]) {
                let Some(path) = self.absolute(module, &path) else {
                    continue;
                };
                if public && name != "*" {
                    passed_on.push(((module.clone(), name), path.clone()));
                }
                named.push(Named {
                    path,
                    passed_on: public,
                });
            }
        }
        let body = uses.replace_all(text, "");
        for found in paths.find_iter(&body) {
            let before = body[..found.start()].chars().next_back();
            if before.is_some_and(|c| ":$._".contains(c) || c.is_alphanumeric()) {
                continue;
            }
            let path: Vec<String> = found.as_str().split("::").map(str::to_owned).collect();
            if let Some(path) = self.absolute(module, &path) {
                named.push(Named {
                    path,
                    passed_on: false,
                });
            }
        }
        (named, passed_on)
    }

    /// The files that define what a path names, with the names that are taken. A path that is only a
    /// module counts by what the file then takes of it.
    fn defined(&self, by: &Module, path: &Module) -> Vec<(Module, String)> {
        let Some((module, name)) = self.resolved(path, 0) else {
            return Vec::new();
        };
        if let Some(name) = name {
            return vec![(module, name)];
        }
        let last = path.last().map_or("", String::as_str);
        let taken = Regex::new(&format!(r"\b{last}::(\w+)")).unwrap();
        let taken = taken.captures_iter(&self.texts[by]);
        taken
            .filter_map(|found| {
                let member: Module = path.iter().cloned().chain([found[1].to_owned()]).collect();
                let (module, _) = self.resolved(&member, 0)?;
                Some((module, found[1].to_owned()))
            })
            .collect()
    }

    /// The longest part of a path that is a file, through what files pass on, and the name after it.
    fn resolved(&self, path: &[String], depth: usize) -> Option<(Module, Option<String>)> {
        for length in (0..=path.len()).rev() {
            let module = path[..length].to_vec();
            if !self.texts.contains_key(&module) {
                continue;
            }
            let Some(name) = path.get(length) else {
                return Some((module, None));
            };
            let passed_on = self.passed_on.get(&(module.clone(), name.clone()));
            if let Some(to) = passed_on.filter(|to| depth < 8 && **to != path[..=length]) {
                let to: Module = to.iter().chain(&path[length + 1..]).cloned().collect();
                return self.resolved(&to, depth + 1);
            }
            return Some((module, Some(name.clone())));
        }
        None
    }
}

#[test]
fn circles_are_found_through_what_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("room")).unwrap();
    write("lib.rs", "pub mod a;\npub mod b;\npub mod room;\n");
    write("a.rs", "use crate::room::Leaf;\npub struct A;\n");
    write(
        "b.rs",
        "use crate::a;\nfn f(_: a::A) {}\n#[cfg(test)]\nmod tests {\n    use crate::room;\n}\n",
    );
    write("room/mod.rs", "mod leaf;\npub use leaf::Leaf;\n");
    write("room/leaf.rs", "pub struct Leaf;\n");
    assert!(Imports::read(folder.path()).circles().is_empty());
    write("room/leaf.rs", "pub struct Leaf(crate::b::B);\n");
    let imports = Imports::read(folder.path());
    let circles = imports.circles();
    let names: Vec<String> = circles[0].iter().map(|path| path.join("::")).collect();
    assert_eq!(names, ["a", "b", "room::leaf"]);
    assert!(
        imports
            .explained(&circles[0])
            .contains("a -> room::leaf (Leaf)")
    );
}
