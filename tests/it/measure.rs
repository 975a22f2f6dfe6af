//! `coldcut measure`: the form of what it says, and that it points at what is slow. How long
//! anything takes is not tested, except that 150 ms are more than nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Pack, Project, coldcut, succeeds};
use crate::zips;

/// A project whose package `slow` does nothing for 150 ms, and `quick` is there too.
fn slow() -> Project {
    Project::new(&[
        (
            "package.json",
            r#"{"name":"x","main":"index.js","dependencies":{"slow":"1","quick":"1"}}"#,
        ),
        (
            "index.js",
            "const quick = require('quick'); const slow = require('slow'); exports.handler = async () => [quick.v, slow.v];\n",
        ),
        (
            "node_modules/quick/package.json",
            r#"{"name":"quick","version":"1.0.0","main":"i.js"}"#,
        ),
        ("node_modules/quick/i.js", "exports.v = 1;\n"),
        (
            "node_modules/slow/package.json",
            r#"{"name":"slow","version":"2.3.4","main":"i.js"}"#,
        ),
        (
            "node_modules/slow/i.js",
            "const busy = require('./lib/busy'); busy(150); exports.v = 2;\n",
        ),
        (
            "node_modules/slow/lib/busy.js",
            "module.exports = function busy(ms) { const end = Date.now() + ms; while (Date.now() < end) ; };\n",
        ),
    ])
}

fn packed(project: &Project, out: &Path, name: &str, args: &[&str]) -> PathBuf {
    let pack = Pack::run(project.path(), args);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let zip = out.join(name);
    std::fs::copy(pack.out.path().join("x.zip"), &zip).unwrap();
    zip
}

fn measured(zips: &[&Path], args: &[&str]) -> Value {
    let output = succeeds(
        coldcut()
            .arg("measure")
            .args(zips)
            .args(["--json", "--runs", "3"])
            .args(args),
    );
    crate::support::document(&output.stdout)
}

#[test]
fn the_slow_package_is_named_first_and_its_artifact_is_the_slower_one() {
    let out = tempfile::tempdir().unwrap();
    let project = slow();
    let with = packed(&project, out.path(), "slow.zip", &["--strategy", "trace"]);
    project.write(
        "index.js",
        "const quick = require('quick'); exports.handler = async () => [quick.v];\n",
    );
    let without = packed(&project, out.path(), "quick.zip", &["--strategy", "trace"]);
    let document = measured(&[&without, &with], &[]);
    assert_eq!(document["schema"], "coldcut.measurement/1");
    assert_eq!(
        (&document["runs"], &document["warm_up_rounds"]),
        (&3.into(), &2.into())
    );
    assert!(document["node"].is_string() && document["machine"].is_string());
    let [quick, slow] = &document["artifacts"].as_array().unwrap()[..] else {
        panic!("{document:#}")
    };
    let median = |artifact: &Value| artifact["load_ms"]["median"].as_f64().unwrap();
    assert!(median(slow) > median(quick) + 100.0, "{document:#}");
    assert!(quick["ratio"].is_null());
    let ratio = &slow["ratio"];
    let number = |name: &str| ratio[name].as_f64().unwrap();
    assert!(number("low") <= number("value") && number("value") <= number("high"));
    assert!(number("low") > 1.0, "{ratio}");
    assert_eq!(slow["load_ms"]["runs"].as_array().unwrap().len(), 3);
    let first = &slow["profile"]["packages"][0];
    assert_eq!(
        (&first["name"], &first["version"]),
        (&"slow".into(), &"2.3.4".into())
    );
    assert!(first["self_ms"].as_f64().unwrap() > 100.0);
    let packages = slow["profile"]["packages"].as_array().unwrap();
    let own = packages
        .iter()
        .find(|package| package["name"] == "own code")
        .unwrap();
    // The handler's file calls the package, and does next to nothing itself.
    assert!(own["with_callees_ms"].as_f64().unwrap() > 100.0, "{own}");
    assert!(own["self_ms"].as_f64().unwrap() < 100.0, "{own}");
}

#[test]
fn a_bundle_is_told_apart_by_its_map_or_its_comments_and_else_said_to_be_one_file() {
    let out = tempfile::tempdir().unwrap();
    let project = slow();
    let mapped = packed(
        &project,
        out.path(),
        "mapped.zip",
        &["--strategy", "bundle", "--sourcemap=inline"],
    );
    let document = measured(&[&mapped], &[]);
    let profile = &document["artifacts"][0]["profile"];
    assert_eq!(profile["packages"][0]["name"], "slow", "{profile:#}");
    assert!(profile["note"].is_null());
    let plain = packed(&project, out.path(), "plain.zip", &["--strategy", "bundle"]);
    let document = measured(&[&plain], &[]);
    let profile = &document["artifacts"][0]["profile"];
    assert_eq!(profile["packages"][0]["name"], "own code", "{profile:#}");
    assert!(profile["note"].as_str().unwrap().contains("is one file"));
    let commented = zips::write(
        out.path(),
        "commented.zip",
        &[(
            "index.js",
            "// node_modules/slow/i.js\nvar end = Date.now() + 150;\nwhile (Date.now() < end) ;\n// src/index.js\nexports.handler = async () => 1;\n",
        )],
    );
    let document = measured(&[&commented], &[]);
    let profile = &document["artifacts"][0]["profile"];
    assert_eq!(profile["packages"][0]["name"], "slow", "{profile:#}");
}

#[test]
fn an_es_module_is_measured_and_an_answer_is_timed_apart() {
    let out = tempfile::tempdir().unwrap();
    let zip = zips::write(
        out.path(),
        "a.zip",
        &[
            (
                "index.mjs",
                "import './node_modules/slow/i.mjs'; export const handler = async (e) => e;",
            ),
            (
                "node_modules/slow/i.mjs",
                "const end = Date.now() + 150; while (Date.now() < end) ;",
            ),
        ],
    );
    let event = out.path().join("event.json");
    std::fs::write(&event, "{\"n\":1}").unwrap();
    let document = measured(&[&zip], &["--event", event.to_str().unwrap()]);
    let artifact = &document["artifacts"][0];
    assert_eq!(artifact["handler"], "index.handler");
    assert!(artifact["load_ms"]["median"].as_f64().unwrap() >= 100.0);
    assert!(artifact["answer_ms"]["median"].as_f64().unwrap() < 100.0);
    assert_eq!(artifact["profile"]["packages"][0]["name"], "slow");
}

#[test]
fn what_is_printed_says_that_it_was_measured_on_what_and_how_often() {
    let out = tempfile::tempdir().unwrap();
    let zip = zips::write(
        out.path(),
        "a.zip",
        &[(
            "index.js",
            "for (const end = Date.now() + 20; Date.now() < end; ) ; exports.handler = async () => 1;",
        )],
    );
    let output = coldcut()
        .arg("measure")
        .args([&zip, &zip])
        .args(["--runs", "2"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "measured on",
        "with Node.js",
        "2 runs of each",
        "2 warm-up rounds",
        "own code",
        "profiler",
    ] {
        assert!(flat.contains(part), "`{part}` is missing in\n{text}");
    }
}

#[test]
fn what_cannot_be_measured_is_an_error() {
    let out = tempfile::tempdir().unwrap();
    let said = |zip: &Path, args: &[&str], status: i32, part: &str| {
        let output = coldcut()
            .arg("measure")
            .arg(zip)
            .args(["--runs", "1"])
            .args(args)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{text}");
        assert!(text.contains(part) && !text.contains("panicked"), "{text}");
        assert!(output.stdout.is_empty());
    };
    let broken = zips::write(out.path(), "a.zip", &[("index.js", "require('./gone');")]);
    said(&broken, &[], 1, "CC137");
    said(&broken, &["--runs", "0"], 2, "--runs");
    let endless = zips::write(out.path(), "b.zip", &[("index.js", "for (;;) ;")]);
    said(&endless, &["--timeout", "1"], 1, "CC137");
    let bytes = zips::bytes(
        &[zips::Entry {
            encrypted: true,
            ..zips::Entry::file("index.js", b"0123456789abcdef")
        }],
        false,
    );
    let locked = out.path().join("c.zip");
    std::fs::write(&locked, bytes).unwrap();
    said(&locked, &[], 1, "CC131");
    let slipping = out.path().join("d.zip");
    std::fs::write(
        &slipping,
        zips::bytes(&[zips::Entry::file("../x.js", b"1")], false),
    )
    .unwrap();
    said(&slipping, &[], 1, "CC126");
    let bomb = zips::Entry {
        deflated: true,
        says: Some(u32::MAX - 1),
        ..zips::Entry::file("x.js", b"\x03\0")
    };
    std::fs::write(&slipping, zips::bytes(&[bomb], false)).unwrap();
    said(&slipping, &[], 1, "CC132");
    std::fs::write(&slipping, b"PK\x03\x04").unwrap();
    said(&slipping, &[], 1, "CC133");
}
