//! The tables of parts and of twins held to the real packages that they speak of.
//!
//! A row that is wrong would make a bundle that differs from what Node runs, so every name of
//! `picks.toml` is asked both ways, and the packages of `twins.toml` that a fixture has must
//! export the same from both of their builds.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{coldcut, installed, repository};

/// The names of a package's rows, of those with and without `member`.
fn rows(package: &str, member: bool) -> Vec<String> {
    let text =
        std::fs::read_to_string(repository().join("crates/js/src/bundle/load/cherry_pick.toml"))
            .unwrap();
    let table: toml::Table = text.parse().unwrap();
    let rows = table["pick"].as_array().unwrap();
    rows.iter()
        .filter(|row| row["package"].as_str() == Some(package))
        .filter(|row| row.get("member").is_some() == member)
        .flat_map(|row| row["names"].as_array().unwrap())
        .map(|name| name.as_str().unwrap().to_string())
        .collect()
}

fn node(dir: &Path, script: &str, args: &[String]) -> String {
    let output = Command::new("node")
        .args(["-e", script])
        .args(args)
        .current_dir(dir)
        .env("AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_part_of_lodash_answers_as_the_whole_does() {
    // By chance, by the clock, or by identity they never answer the same twice.
    let script = r"
        const { inspect } = require('util');
        const whole = require('lodash');
        const unsteady = ['random', 'now', 'uniqueId', 'shuffle', 'sample', 'sampleSize'];
        const later = ['defer', 'delay'];
        const double = (x) => x * 2;
        const samples = [
          [], ['some Text_here'], [[3, 1, 2, 1]], [{ a: 1, b: { c: 2 } }, 'b.c'], [[1, 2, 3], double],
          [[{ a: 2 }, { a: 1 }], 'a'], [3, 7], [double, 2], [[1, 2], [2, 3]], [{ a: 1 }, { b: 2 }],
          ['abc', 5, '-'], [null], [[['a', 1]]], ['<b>&amp;', 'a'], [5, double],
        ];
        const answer = (f, args) => {
          try {
            const given = structuredCloneish(args);
            const out = f(...given);
            if (out instanceof Error) return 'gives ' + out.message;
            return inspect([typeof out === 'function' ? 'function ' + out.length : out, given], { depth: 6 });
          } catch (error) { return error.constructor.name + ': ' + error.message; }
        };
        const structuredCloneish = (value) => Array.isArray(value) ? value.map(structuredCloneish)
          : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, structuredCloneish(v)]))
          : value;
        for (const name of process.argv.slice(1)) {
          const part = require('lodash/' + name);
          if (typeof part !== typeof whole[name] || part.length !== whole[name].length) console.log(name, 'is another thing');
          if (unsteady.includes(name) || later.includes(name)) continue;
          for (const args of samples) {
            // Only one of the two is strict code, so only one throws for an array that is a function.
            if (name === 'pull' && typeof args[0] === 'function') continue;
            const [a, b] = [answer(whole[name], args), answer(part, args)];
            if (a !== b) console.log(name, inspect(args), a.slice(0, 200), b.slice(0, 200));
          }
        }";
    let said = node(&installed("legacy-cjs"), script, &rows("lodash", false));
    assert_eq!(said, "");
}

#[test]
fn every_part_of_the_old_sdk_is_the_wholes() {
    let script = r"
        const whole = require('aws-sdk');
        const [clients, members] = process.argv.slice(1).map((text) => text.split(','));
        for (const name of clients)
          if (!whole[name] || require('aws-sdk/clients/' + name.toLowerCase()) !== whole[name]) console.log(name);
        const core = require('aws-sdk/global');
        for (const name of members)
          if (core[name] === undefined || core[name] !== whole[name]) console.log(name);";
    let dir = installed("legacy-cjs");
    let args = [
        rows("aws-sdk", false).join(","),
        rows("aws-sdk", true).join(","),
    ];
    assert!(args.iter().all(|names| names.len() > 100));
    assert_eq!(node(&dir, script, &args), "");
    // Without the whole around it, too.
    let alone = "for (const name of process.argv[1].split(',')) \
                 if (require('aws-sdk/global')[name] === undefined) console.log(name)";
    assert_eq!(node(&dir, alone, &args[1..]), "");
}

/// Bundles `entry` and gives the text.
fn bundled(entry: &Path, args: &[&str]) -> String {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("out.cjs");
    let output = coldcut()
        .arg("bundle")
        .arg(entry)
        .arg("--outfile")
        .arg(&file)
        .args(args)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    std::fs::read_to_string(file).unwrap()
}

fn with_file(dir: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// What a bundle prints in a folder that has nothing else in it.
fn run_alone(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = with_file(folder.path(), "out.cjs", text);
    let args = [path.display().to_string()];
    node(folder.path(), "require(process.argv[1])", &args)
}

#[test]
fn parts_are_taken_unless_the_whole_is_needed() {
    let dir = installed("legacy-cjs");
    let whole = "node_modules/lodash/lodash.js\n";
    let cases = [
        (
            "const _ = require('lodash'); console.log(_.map([1], String), _.size('ab'))",
            true,
        ),
        (
            "const { chunk } = require('lodash'); console.log(chunk([1, 2, 3], 2))",
            true,
        ),
        ("import _ from 'lodash'; console.log(_.last([1, 2]))", true),
        (
            "import { last } from 'lodash'; console.log(last([1, 2]))",
            true,
        ),
        (
            "const _ = require('lodash'); console.log(_.template('<%= a %>')({ a: 1 }))",
            true,
        ),
        // A template that looks at lodash itself.
        (
            "const _ = require('lodash'); console.log(_.template('<%= _.size(a) %>')({ a: 'b' }))",
            false,
        ),
        (
            "const _ = require('lodash'); console.log(_([1, 2]).map(String).value())",
            false,
        ),
        (
            "const _ = require('lodash'); console.log(_.chain([1]).head().value())",
            false,
        ),
        (
            "const _ = require('lodash'); console.log(Object.keys(_).length > 200)",
            false,
        ),
        (
            "const _ = require('lodash'); _.own = 1; console.log(_.own, _.size('ab'))",
            false,
        ),
        (
            "const _ = require('lodash'); const name = 'size'; console.log(_[name]('ab'))",
            false,
        ),
    ];
    for (at, (source, taken)) in cases.iter().enumerate() {
        let entry = with_file(&dir, &format!("picks-{at}.js"), source);
        let text = bundled(&entry, &[]);
        std::fs::remove_file(entry).unwrap();
        assert_eq!(!text.contains(whole), *taken, "{source}");
        let there = run_alone(&text);
        let commonjs = source
            .replace("import _ from 'lodash'", "const _ = require('lodash')")
            .replace(
                "import { last } from 'lodash'",
                "const { last } = require('lodash')",
            );
        assert_eq!(there, node(&dir, &commonjs, &[]), "{source}");
    }
}

#[test]
fn one_module_that_needs_the_whole_gives_it_to_all() {
    let dir = installed("legacy-cjs");
    let other = with_file(&dir, "picks-whole.js", "module.exports = require('lodash')");
    let entry = with_file(
        &dir,
        "picks-both.js",
        "const _ = require('lodash'); console.log(_.uniqueId(), require('./picks-whole').uniqueId())",
    );
    let text = bundled(&entry, &[]);
    std::fs::remove_file(entry).unwrap();
    std::fs::remove_file(other).unwrap();
    assert_eq!(run_alone(&text), "1 2\n");
    assert!(!text.contains("lodash/uniqueId.js"));
}

#[test]
fn twins_export_the_same() {
    let dir = installed("orders-api");
    let mut seen = 0;
    for scope in ["@aws-sdk", "@smithy"] {
        for package in std::fs::read_dir(dir.join("node_modules").join(scope)).unwrap() {
            let package = package.unwrap().path();
            let text = std::fs::read_to_string(package.join("package.json")).unwrap();
            let manifest: Value = serde_json::from_str(&text).unwrap();
            let Some(module) = manifest["module"].as_str() else {
                continue;
            };
            let text = bundled(&package.join(module), &["--external", "@*", "--minify"]);
            let made = with_file(&package, "coldcut-twin.cjs", &text);
            let script = "const names = (x) => Object.keys(x).filter((name) => name !== '__esModule').sort().join();\
                          const [a, b] = process.argv.slice(1).map((file) => names(require(file)));\
                          if (a !== b) console.log(a, b)";
            let folder = package.display().to_string();
            let args = [folder.clone(), made.display().to_string()];
            let said = node(&dir, script, &args);
            std::fs::remove_file(made).unwrap();
            assert_eq!(said, "", "{folder}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}
