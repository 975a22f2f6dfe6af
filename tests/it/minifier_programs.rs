//! Programs that hold the minifier to Node.js, out of `tests/minifier`.
//!
//! In: the smallest program of each kind of difference that was ever found, and random ones. Out: nothing, or what
//! Node.js prints and what the minified bundle does. `COLDCUT_MINIFIER_SECONDS` says for how long random programs are
//! made (10 unless told), `COLDCUT_SEED` which is the first.

use std::process::Command;

use crate::support::{number, repository};

fn run(script: &str, args: &[String]) {
    let out = Command::new("node")
        .arg(repository().join("tests/minifier").join(script))
        .args(args)
        .env("COLDCUT_BIN", env!("CARGO_BIN_EXE_coldcut"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&out.stdout);
    let wrong: Vec<&str> = printed
        .lines()
        .filter(|line| !line.starts_with("ok "))
        .collect();
    assert!(out.status.success(), "{}", wrong.join("\n"));
}

#[test]
fn no_kind_of_difference_that_was_found_comes_back() {
    run("kinds.mjs", &[]);
}

#[test]
fn calls_that_may_throw_stay_where_nobody_uses_what_they_give() {
    run("unused_calls.mjs", &[]);
}

/// What is known to differ is left out by name.
#[test]
fn random_programs_print_the_same_when_they_are_minified() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--seconds",
        &number("COLDCUT_MINIFIER_SECONDS", 10).to_string(),
        "--seed",
        &number("COLDCUT_SEED", 1).to_string(),
        "--skip",
        "typeofUnbound,closedOver,deleted,proxyUse,tdz,shadow",
        "--work",
        &folder.path().join("work").to_string_lossy(),
    ]
    .map(str::to_owned);
    run("compare.mjs", &args);
}
