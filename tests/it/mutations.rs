//! Sources that nobody would write: pieces of the fixtures cut, doubled, swapped and joined.
//!
//! In: a seed. Out: nothing, or the first project that makes `coldcut bundle` panic, or whose
//! bundle is no JavaScript. `COLDCUT_MUTANTS` says how many (300 unless told), `COLDCUT_SEED` the
//! first seed, `COLDCUT_KEEP` a folder to keep the sources in. The fuzzer under `fuzz/` goes deeper, and needs a nightly compiler.

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;

use crate::support::{Random, coldcut, number, repository};

/// The files of every fixture: name and text.
fn projects() -> Vec<Vec<(String, String)>> {
    let mut out = Vec::new();
    let root = repository().join("fixtures/bundle");
    let mut folders: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|dir| dir.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        let case = std::fs::read_to_string(folder.join("case.toml")).unwrap();
        let case: toml::Table = case.parse().unwrap();
        let entry = case["entry"].as_str().unwrap().to_string();
        let mut files = Vec::new();
        for file in std::fs::read_dir(folder.join("input")).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            if let Ok(text) = std::fs::read_to_string(&path)
                && text.len() < 20_000
            {
                files.push((name, text));
            }
        }
        files.sort_by_key(|(name, _)| (*name != entry, name.clone()));
        if files.first().is_some_and(|(name, _)| *name == entry) {
            out.push(files);
        }
    }
    out
}

/// Where words begin and end.
fn cuts(text: &str) -> Vec<usize> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut out = vec![0];
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if word(c) != word(before) || !word(c) {
            out.push(at);
        }
        before = c;
    }
    out.push(text.len());
    out
}

fn piece<'t>(random: &mut Random, text: &'t str) -> &'t str {
    let cuts = cuts(text);
    let start = random.below(cuts.len());
    let end = (start + 1 + random.below(6)).min(cuts.len() - 1);
    &text[cuts[start.min(end)]..cuts[end]]
}

fn mutate(random: &mut Random, text: &str, other: &str) -> String {
    let places = cuts(text);
    let at = places[random.below(places.len())];
    let (head, tail) = text.split_at(at);
    match random.below(6) {
        0 => {
            let rest = cuts(tail);
            let end = rest[random.below(rest.len().min(6))];
            format!("{head}{}", &tail[end..])
        }
        1 => format!("{head}{}{tail}", piece(random, text)),
        2 => format!("{head}{}{tail}", piece(random, other)),
        3 => {
            let lines: Vec<&str> = text.lines().collect();
            let (a, b) = (
                random.below(lines.len().max(1)),
                random.below(lines.len().max(1)),
            );
            let mut lines = lines;
            if !lines.is_empty() {
                lines.swap(a, b);
            }
            lines.join("\n")
        }
        4 => {
            let (a, b) = (
                piece(random, text).to_string(),
                piece(random, other).to_string(),
            );
            if a.is_empty() {
                text.to_string()
            } else {
                text.replace(&a, &b)
            }
        }
        _ => format!("{text}\n{other}"),
    }
}

/// Bundles one mutant; gives the bundle where there is one, or what is wrong.
fn run(seed: u64, projects: &[Vec<(String, String)>], out: &Path) -> Option<String> {
    let mut random = Random::new(seed);
    let project = &projects[random.below(projects.len())];
    let other = &projects[random.below(projects.len())];
    let folder = tempfile::tempdir().unwrap();
    let keep = std::env::var_os("COLDCUT_KEEP").map(|to| Path::new(&to).join(format!("{seed}")));
    if let Some(keep) = &keep {
        std::fs::create_dir_all(keep).unwrap();
    }
    for (name, text) in project {
        let mut text = text.clone();
        for _ in 0..random.below(3) {
            let with = &other[random.below(other.len())].1;
            text = mutate(&mut random, &text, with);
        }
        if let Some(keep) = &keep {
            std::fs::write(keep.join(name), &text).unwrap();
        }
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let output = coldcut()
        .current_dir(folder.path())
        .args([
            "bundle",
            &project[0].0,
            "--format",
            "cjs",
            "--target",
            "node18",
        ])
        .arg(if random.chance(50) {
            "--minify"
        } else {
            "--no-minify"
        })
        .arg("--outfile")
        .arg(out.join(format!("{seed}.cjs")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let status = output.status.code();
    if matches!(status, Some(0 | 1)) && !said.contains("panicked") {
        return None;
    }
    let mut text = format!("seed {seed}: {status:?}\n{said}\n");
    for (name, _) in project {
        let source = std::fs::read_to_string(folder.path().join(name)).unwrap();
        text.push_str(&format!("--- {name}\n{source}\n"));
    }
    Some(text)
}

#[test]
fn no_source_makes_it_panic_and_every_bundle_is_javascript() {
    let (count, first) = (number("COLDCUT_MUTANTS", 300), number("COLDCUT_SEED", 0));
    let projects = projects();
    let out = tempfile::tempdir().unwrap();
    let wrong: Vec<String> = (first..first + count)
        .into_par_iter()
        .filter_map(|seed| run(seed, &projects, out.path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {count}; the shortest:\n{}",
        wrong.len(),
        wrong.iter().min_by_key(|text| text.len()).unwrap()
    );
    let check = "const fs = require('fs'), vm = require('vm'); let made = 0;\n\
        for (const name of fs.readdirSync('.')) { made++; try { vm.compileFunction(fs.readFileSync(name, 'utf8').replace(/^#!.*/, ''), ['exports', 'require', 'module', '__filename', '__dirname']); } catch (error) { console.log(name, error.message); } }\n\
        console.log(made);";
    let said = Command::new("node")
        .current_dir(out.path())
        .args(["-e", check])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    // The engine alone reads what stands in a regular expression: it refuses the source as it refuses the bundle.
    let mut lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains("Invalid regular expression"))
        .collect();
    let made: u64 = lines.pop().and_then(|line| line.parse().ok()).unwrap_or(0);
    if let Some(keep) = std::env::var_os("COLDCUT_KEEP") {
        for line in &lines {
            let name = line.split(' ').next().unwrap();
            std::fs::copy(out.path().join(name), Path::new(&keep).join(name)).unwrap();
        }
    }
    assert!(lines.is_empty(), "no JavaScript: {lines:#?}");
    // Mutants that are all refused would show nothing.
    assert!(made * 10 > count, "only {made} of {count} could be bundled");
}
