//! A sample of other projects' suites, held to what Node does with their programs.
//!
//! In: `COLDCUT_TEST262`, `COLDCUT_TERSER`, `COLDCUT_UGLIFYJS`: checkouts of tc39/test262, terser/terser and
//! mishoo/UglifyJS; `COLDCUT_FOREIGN` says how many programs of each are taken (150 unless told). Out: nothing,
//! or the programs whose bundles do otherwise and are not in `tests/foreign/exceptions.toml`. A suite whose
//! checkout is not named is skipped, and the test says so.

use std::process::Command;

use serde::Deserialize;

use crate::support::{number, repository};

#[derive(Deserialize)]
struct Exceptions {
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    suite: String,
    modes: Vec<String>,
    tests: Vec<String>,
    why: String,
}

/// What became of one program: how each of its bundles failed.
#[derive(Deserialize)]
struct Verdict {
    name: String,
    readable: Option<String>,
    minified: Option<String>,
}

#[test]
fn test262_passes() {
    hold("test262", "COLDCUT_TEST262");
}

#[test]
fn programs_of_terser_print_what_they_print() {
    hold("terser", "COLDCUT_TERSER");
}

#[test]
fn programs_of_uglifyjs_print_what_they_print() {
    hold("uglifyjs", "COLDCUT_UGLIFYJS");
}

fn hold(suite: &str, variable: &str) {
    let Some(folder) = std::env::var_os(variable) else {
        println!("skipped: {variable} names no checkout of {suite}");
        return;
    };
    let text = std::fs::read_to_string(repository().join("tests/foreign/exceptions.toml")).unwrap();
    let exceptions: Exceptions = toml::from_str(&text).unwrap();
    let expected = |name: &str, mode: &str| {
        exceptions.exception.iter().any(|one| {
            assert!(!one.why.is_empty());
            one.suite == suite
                && one.modes.iter().any(|known| known == mode)
                && one.tests.iter().any(|part| name.contains(part))
        })
    };
    let ran = Command::new("node")
        .arg(repository().join("tests/foreign/suite.mjs"))
        .args([suite.as_ref(), folder.as_os_str()])
        .arg(env!("CARGO_BIN_EXE_coldcut"))
        .arg(number("COLDCUT_FOREIGN", 150).to_string())
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let (mut count, mut wrong) = (0, Vec::new());
    for line in String::from_utf8_lossy(&ran.stdout).lines() {
        let verdict: Verdict = serde_json::from_str(line).unwrap();
        count += 1;
        for (mode, how) in [
            ("readable", verdict.readable),
            ("minified", verdict.minified),
        ] {
            if let Some(how) = how.filter(|_| !expected(&verdict.name, mode)) {
                wrong.push(format!("{} ({mode}): {how}", verdict.name));
            }
        }
    }
    println!("{suite}: {count} programs, {} differ", wrong.len());
    assert!(count > 0, "no program of {suite} was run");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
