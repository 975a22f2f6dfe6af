//! The names found in CommonJS texts, held to what Node's own lexer finds.
//!
//! In: every file of the packages in `fixtures/npm-packages`, pieces of them broken at random, and
//! texts written for one rule each. Out: nothing, or the texts of which `cjs-module-lexer` (the
//! package that Node has inside) says something else.

use std::path::Path;
use std::process::Command;

use coldcut_js::bundle::analyse::cjs_export_lexer::{Lexed, lex};
use rayon::prelude::*;

use crate::support::{Random, installed};

/// Reads a list of texts, prints what the lexer finds in each.
const REAL: &str = r"
  const { parse } = require('cjs-module-lexer');
  const texts = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
  const found = texts.map((text) => {
    try { const { exports, reexports } = parse(text); return [exports, reexports]; } catch { return [[], []]; }
  });
  require('fs').writeFileSync(process.argv[1], JSON.stringify(found));
";

fn real(dir: &Path, texts: &[String]) -> Vec<Lexed> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_vec(texts).unwrap()).unwrap();
    let ran = Command::new("node")
        .current_dir(dir)
        .args(["-e", REAL])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let found = std::fs::read(file.path()).unwrap();
    let found: Vec<(Vec<String>, Vec<String>)> = serde_json::from_slice(&found).unwrap();
    found
        .into_iter()
        .map(|(names, reexports)| Lexed {
            names: names.into_iter().collect(),
            reexports: reexports.into_iter().collect(),
        })
        .collect()
}

fn differing(dir: &Path, texts: &[String]) -> Vec<String> {
    let expected = real(dir, texts);
    assert_eq!(expected.len(), texts.len());
    texts
        .par_iter()
        .zip(expected)
        .filter_map(|(text, expected)| {
            let found = lex(text);
            let short: String = text.chars().take(600).collect();
            (found != expected)
                .then(|| format!("{short}\n--- lexer {expected:?}\n--- here {found:?}"))
        })
        .collect()
}

fn package_files(dir: &Path) -> Vec<String> {
    walkdir::WalkDir::new(dir.join("node_modules"))
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| {
            let ext = entry.path().extension().and_then(|ext| ext.to_str());
            matches!(ext, Some("js" | "cjs"))
        })
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect()
}

/// One rule each; many are from what the lexer's own description says.
const TEXTS: &str = include_str!("lexer_texts.txt");

#[test]
fn names_are_those_that_node_finds() {
    let dir = installed("npm-packages");
    let files = package_files(&dir);
    assert!(files.len() > 1000, "{} files", files.len());
    let wrong = differing(&dir, &files);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[0]);
    let found: usize = files
        .iter()
        .filter(|text| !lex(text).names.is_empty())
        .count();
    assert!(found > 500, "names in {found} files");
}

#[test]
fn odd_and_broken_texts_have_the_same_names() {
    let dir = installed("npm-packages");
    let mut texts: Vec<String> = TEXTS
        .split("\n----\n")
        .map(|text| text.replace("<cr>", "\r").replace("<nbsp>", "\u{a0}"))
        .collect();
    assert!(texts.len() > 80, "{}", texts.len());
    let mut seeds: Vec<String> = texts.clone();
    let small = |text: &String| text.len() < 6000 && text.contains("exports");
    seeds.extend(package_files(&dir).into_iter().filter(small));
    let count = std::env::var("COLDCUT_LEXER_TEXTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4000);
    let mut random = Random::new(1);
    for _ in 0..count {
        texts.push(broken(&mut random, &seeds));
    }
    let mut wrong = differing(&dir, &texts);
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        texts.len(),
        wrong[0]
    );
}

/// A text with some of its characters gone, doubled, replaced or moved.
fn broken(random: &mut Random, seeds: &[String]) -> String {
    const PIECES: [&str; 26] = [
        "'",
        "\"",
        "`",
        "${",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "/",
        "//",
        "/*",
        "*/",
        "\\",
        "\n",
        " ",
        ",",
        ";",
        "=",
        ".",
        "exports.x = 1;",
        "module.exports = ",
        "require('x')",
        "...",
        "import ",
    ];
    let mut chars: Vec<char> = seeds[random.below(seeds.len())].chars().collect();
    for _ in 0..1 + random.below(4) {
        let at = random.below(chars.len().max(1)).min(chars.len());
        match random.below(4) {
            0 => {
                let end = (at + 1 + random.below(3)).min(chars.len());
                chars.drain(at..end);
            }
            1 => {
                let end = (at + random.below(200)).min(chars.len());
                let piece: Vec<char> = chars.drain(at..end).collect();
                let to = random.below(chars.len().max(1)).min(chars.len());
                chars.splice(to..to, piece);
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                chars.splice(at..at, piece.chars());
            }
        }
    }
    chars.into_iter().collect()
}
