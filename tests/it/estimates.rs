//! Estimates of a cold start, through the built binary: what is loaded is counted here again by
//! hand, and every figure held to the model's formula.

use serde_json::Value;

use crate::support::{Pack, Project};

const HANDLER: &str = "const { used } = require('lib');\nconst data = require('./data.json');\nexports.handler = async () => used(data);\n";

/// A package of which two files are loaded and one never is, and data that is required.
fn project() -> Project {
    let used = format!(
        "exports.used = (data) => data.list.length;\n// {}\n",
        "x".repeat(200_000)
    );
    let unused = format!("exports.unused = '{}';\n", "y".repeat(300_000));
    let data = format!("{{\"list\":[{}1]}}", "1,".repeat(1_000));
    Project::new(&[
        (
            "package.json",
            r#"{"name":"x","main":"index.js","dependencies":{"lib":"1.0.0"}}"#,
        ),
        ("index.js", HANDLER),
        ("data.json", &data),
        (
            "node_modules/lib/package.json",
            r#"{"name":"lib","version":"1.0.0","main":"index.js"}"#,
        ),
        (
            "node_modules/lib/index.js",
            "exports.used = require('./used').used;\n",
        ),
        ("node_modules/lib/used.js", &used),
        ("node_modules/lib/unused.js", &unused),
    ])
}

fn function(pack: &Pack) -> Value {
    pack.report()["functions"][0].clone()
}

fn range(value: &Value) -> [i64; 3] {
    ["low", "typical", "high"].map(|key| value[key].as_i64().unwrap_or_else(|| panic!("{value}")))
}

/// `base + per MB * MB + per file * files`, to 5 ms.
fn by_the_model(files: f64, bytes: f64) -> [i64; 3] {
    [(115.0, 20.0, 0.0), (130.0, 30.0, 0.2), (140.0, 100.0, 0.5)].map(|(base, slope, file)| {
        ((base + slope * bytes / 1e6 + file * files) / 5.0_f64).round() as i64 * 5
    })
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_loaded_is_counted_and_priced_by_the_model() {
    let project = project();
    let pruned = function(&Pack::run(
        project.path(),
        &["--json", "--strategy", "prune"],
    ));
    // The handler, its data and two files of the package, all as they lie there.
    let bytes: u64 = [
        "index.js",
        "data.json",
        "node_modules/lib/index.js",
        "node_modules/lib/used.js",
    ]
    .iter()
    .map(|name| std::fs::metadata(project.path().join(name)).unwrap().len())
    .sum();
    for side in ["before", "after"] {
        assert_eq!(pruned["loaded"][side]["files"], 4, "{pruned:#}");
        assert_eq!(pruned["loaded"][side]["bytes"], bytes);
    }
    let estimate = &pruned["estimate"];
    assert_eq!(range(&estimate["load_ms"]), by_the_model(4.0, bytes as f64));
    // Files that nobody loads are fetched, and that is all.
    assert_eq!(range(&estimate["load_saved_ms"]), [0, 0, 0]);

    let pack = Pack::run(project.path(), &["--json", "--strategy", "bundle"]);
    let bundled = function(&pack);
    let after = &bundled["loaded"]["after"];
    assert_eq!(bundled["loaded"]["before"], pruned["loaded"]["before"]);
    assert_eq!(after["files"], 1, "{after}");
    assert!(after["bytes"].as_u64().unwrap() < bytes / 10, "{after}");
    let estimate = &bundled["estimate"];
    let of = |key: &str| range(&estimate[key]);
    assert_eq!(of("load_before_ms"), by_the_model(4.0, bytes as f64));
    assert_eq!(
        of("load_ms"),
        by_the_model(1.0, after["bytes"].as_f64().unwrap())
    );
    assert!(of("load_saved_ms")[2] > 0);
    for at in 0..3 {
        assert_eq!(
            of("cold_start_ms")[at],
            of("download_ms")[at] + of("load_ms")[at]
        );
    }
    assert_eq!(estimate["cold_start_basis"], "estimated");
    assert_eq!(estimate["cold_start_target_ms"], 500.0);
    assert_eq!(estimate["cold_start_verdict"], "within");
    assert_eq!(estimate["below_knee"], true);
    assert!(estimate["data_date"].as_str().unwrap().starts_with("202"));
    for part in ["lambdabench", "Tanasa", "lambda-perf"] {
        assert!(estimate["sources"].to_string().contains(part), "{part}");
    }
    let elsewhere: Vec<&str> = estimate["elsewhere"]
        .as_array()
        .unwrap()
        .iter()
        .map(|other| other["mark"].as_str().unwrap())
        .collect();
    assert_eq!(elsewhere.len(), 3);
    assert!(elsewhere[1].contains("not calibrated"), "{elsewhere:?}");

    let text = flat(&Pack::run(project.path(), &["--strategy", "bundle"]).stdout());
    for part in [
        "in 4 files before,",
        "in 1 file after; estimated: ",
        "saves about 0 ms, since both sizes are too small to matter",
        "within the target of 500 ms",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
    assert!(!text.contains("money"), "{text}");
}

#[test]
fn es_modules_are_counted_whoever_asks_for_them() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"x","type":"module","main":"index.js"}"#,
        ),
        (
            "index.js",
            "import { a } from './a.js';\nconst { b } = await import('./b.js');\nimport { createRequire } from 'node:module';\nconst c = createRequire(import.meta.url)('./c.cjs');\nexport const handler = async () => a + b + c + (await import('./later.js')).d;\n",
        ),
        ("a.js", "export const a = 1;\n"),
        ("b.js", "export const b = 2;\n"),
        ("c.cjs", "module.exports = 3;\n"),
        ("later.js", "export const d = 4;\n"),
    ]);
    let args = ["--json", "--strategy", "trace"];
    let one = function(&Pack::run(project.path(), &args));
    let bytes: u64 = ["index.js", "a.js", "b.js", "c.cjs"]
        .iter()
        .map(|name| std::fs::metadata(project.path().join(name)).unwrap().len())
        .sum();
    // What a call would load is no part of the start.
    let wanted = serde_json::json!({ "files": 4, "bytes": bytes });
    assert_eq!(one["loaded"]["before"], wanted);
    assert_eq!(one["loaded"]["after"], wanted);
}

#[test]
fn an_earlier_proof_tells_what_was_loaded_too() {
    let project = project();
    let out = tempfile::tempdir().unwrap();
    let pack = || {
        let mut command = crate::support::coldcut();
        command.arg("pack").arg(project.path()).arg("--json");
        let output = command.arg("--out").arg(out.path()).output().unwrap();
        let report = crate::support::document(&output.stdout);
        report["functions"][0].clone()
    };
    let (first, second) = (pack(), pack());
    assert_eq!(second["verification"]["earlier"], true);
    assert_eq!(first["loaded"]["after"]["files"], 1);
    for key in ["loaded", "estimate", "measured"] {
        assert_eq!(first[key], second[key], "{key}");
    }
}

#[test]
fn what_was_not_loaded_is_not_estimated() {
    let project = project();
    let pack = Pack::run(
        project.path(),
        &["--json", "--no-verify", "--strategy", "bundle"],
    );
    let one = function(&pack);
    let estimate = &one["estimate"];
    assert_eq!(one["loaded"], Value::Null);
    for key in [
        "load_ms",
        "load_saved_ms",
        "cold_start_ms",
        "cold_start_verdict",
        "cost",
    ] {
        assert_eq!(estimate[key], Value::Null, "{key}");
    }
    assert!(estimate["download_ms"]["typical"].is_i64());
    let why = estimate["load_unknown"].as_str().unwrap();
    assert!(why.contains("switched off"), "{why}");
    let text = flat(&Pack::run(project.path(), &["--no-verify", "--strategy", "bundle"]).stdout());
    assert!(
        text.contains("load not known: nothing was loaded here"),
        "{text}"
    );
    assert!(!text.contains("cold start"), "{text}");
}

#[test]
fn the_projects_own_logs_take_the_place_of_the_sources() {
    let project = project();
    project.write(
        "coldcut.toml",
        "[calibration]\ncold-starts = 1234\nuntil = \"2026-11-20\"\nload-ms-per-mb = [50.0, 60.0, 70.0]\nload-base-ms = 200.0\n",
    );
    let pack = Pack::run(project.path(), &["--json", "--strategy", "prune"]);
    let one = function(&pack);
    let estimate = &one["estimate"];
    let loaded = &one["loaded"]["after"];
    let (files, mb) = (
        loaded["files"].as_f64().unwrap(),
        loaded["bytes"].as_f64().unwrap() / 1e6,
    );
    let wanted = [50.0, 60.0, 70.0]
        .map(|slope| ((200.0 + slope * mb + 0.2 * files) / 5.0_f64).round() as i64 * 5);
    assert_eq!(range(&estimate["load_ms"]), wanted);
    assert_eq!(estimate["calibrated_on_cold_starts"], 1234);
    let sources = estimate["sources"].to_string();
    assert!(
        sources.contains("this project's own logs: 1234 cold starts")
            && !sources.contains("Tanasa"),
        "{sources}"
    );
    let text = flat(&Pack::run(project.path(), &["--strategy", "prune"]).stdout());
    assert!(text.contains("calibrated on 1,234 cold starts"), "{text}");

    // Parameters for other code do not count for this.
    project.write(
        "coldcut.toml",
        "[calibration]\ncold-starts = 1234\nkind = \"compiled\"\nload-ms-per-mb = [50.0, 60.0, 70.0]\n",
    );
    let one = function(&Pack::run(
        project.path(),
        &["--json", "--strategy", "prune"],
    ));
    assert_eq!(one["estimate"]["calibrated_on_cold_starts"], Value::Null);
    assert!(one["estimate"]["sources"].to_string().contains("Tanasa"));
}

#[test]
fn what_is_measured_is_said_instead_of_an_estimate() {
    // Loading takes 60 ms, of which the artifact saves nothing.
    let project = Project::new(&[
        ("package.json", r#"{"name":"x","main":"index.js"}"#),
        (
            "index.js",
            "const end = Date.now() + 60;\nwhile (Date.now() < end);\nexports.handler = async () => 1;\n",
        ),
    ]);
    let one = function(&Pack::run(project.path(), &["--json", "--measure=3"]));
    let measured = &one["measured"];
    assert_eq!(
        (&measured["runs"], &measured["with_runtime"]),
        (&3.into(), &false.into())
    );
    for side in ["load_before_ms", "load_ms"] {
        let median = measured[side]["median"].as_f64().unwrap();
        assert!((59.0..600.0).contains(&median), "{side}: {median}");
        assert_eq!(measured[side]["runs"].as_array().unwrap().len(), 3);
    }
    let estimate = &one["estimate"];
    assert_eq!(estimate["cold_start_basis"], "load-measured-here");
    let sum = range(&estimate["cold_start_ms"])[0];
    let parts = range(&estimate["download_ms"])[0] + range(&estimate["load_base_ms"])[0];
    assert!(sum >= parts + 59, "{sum} of {parts}");
    let text = flat(&Pack::run(project.path(), &["--measure"]).stdout());
    for part in [
        "measured here: ",
        "without the runtime's own start",
        "medians of 5 runs each",
        "of which the transfer is estimated and the load measured here",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
    assert!(!text.contains("after; estimated: "), "{text}");

    // What does not load here cannot be measured, and what is not known stays so.
    project.write("index.js", "throw new Error('no database');\n");
    let pack = Pack::run(project.path(), &["--json", "--measure=1"]);
    let one = function(&pack);
    assert_eq!(one["measured"], Value::Null);
    assert_eq!(one["estimate"]["cold_start_ms"], Value::Null);
    assert!(
        one["warnings"].to_string().contains("cannot be measured"),
        "{one:#}"
    );
}

#[test]
fn only_the_load_has_a_price() {
    let project = project();
    let args = [
        "--json",
        "--cold-starts-per-month",
        "2000000",
        "--memory",
        "512",
    ];
    let one = function(&Pack::run(project.path(), &args));
    let (estimate, cost) = (&one["estimate"], &one["estimate"]["cost"]);
    let usd = |ms: &Value, starts: f64| {
        ms["typical"].as_f64().unwrap() / 1000.0 * 0.5 * 0.0000166667 * starts
    };
    let near = |found: &Value, wanted: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - wanted).abs() < 1e-4, "{found} for {wanted}");
    };
    near(
        &cost["before_usd_per_month"],
        usd(&estimate["load_before_ms"], 2e6),
    );
    near(&cost["after_usd_per_month"], usd(&estimate["load_ms"], 2e6));
    near(
        &estimate["cost_usd_per_million_cold_starts"],
        usd(&estimate["load_ms"], 1e6),
    );
    assert_eq!(
        (&cost["memory_mb"], &cost["assumed"]),
        (&512.into(), &false.into())
    );
    // Without a number, it is for a million and a GB, and only the document has it.
    let arm = function(&Pack::run(
        project.path(),
        &["--json", "--arch", "arm64", "--region", "af-south-1"],
    ));
    let cost = &arm["estimate"]["cost"];
    assert_eq!(
        (&cost["cold_starts_per_month"], &cost["assumed"]),
        (&1_000_000.into(), &true.into())
    );
    assert_eq!(cost["usd_per_gb_second"], 0.00001768);
    let text = flat(&Pack::run(project.path(), &args[1..]).stdout());
    assert!(
        text.contains("at 2,000,000 cold starts with 512 MB (us-east-1, x86_64, $0.0000166667 per GB-second); the transfer is not billed"),
        "{text}"
    );

    let wrong = Pack::run(project.path(), &["--region", "us-est-1"]);
    assert_eq!(wrong.status(), 2, "{}", wrong.stderr());
    let said = flat(&wrong.stderr());
    assert!(
        said.contains("CC210") && said.contains("did you mean `us-east-1`?"),
        "{said}"
    );
    let wrong = Pack::run(project.path(), &["--region", "us-\u{1b}[31meast"]);
    assert_eq!(wrong.status(), 2);
    assert!(!wrong.stderr().contains('\u{1b}'), "{}", wrong.stderr());
    assert_eq!(Pack::run(project.path(), &["--memory", "64"]).status(), 2);
}

/// The three forms of one run, in a folder of their own.
fn forms(project: &Project, dir: &std::path::Path, args: &[&str]) -> (Value, String, String, Pack) {
    let file = |end: &str| {
        dir.join(format!("report.{end}"))
            .to_str()
            .unwrap()
            .to_string()
    };
    let (html, md, json) = (file("html"), file("md"), file("json"));
    let mut all = vec!["--report", &html, "--report", &md, "--report", &json];
    all.extend(args);
    let pack = Pack::run(project.path(), &all);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let report: Value = serde_json::from_str(&read(&json)).unwrap();
    (
        report["functions"][0].clone(),
        read(&html),
        flat(&read(&md)),
        pack,
    )
}

#[test]
fn every_output_says_the_same_of_the_load() {
    let project = project();
    let dir = tempfile::tempdir().unwrap();
    let (one, html, md, pack) = forms(&project, dir.path(), &["--strategy", "bundle"]);
    let [low, typical, high] = range(&one["estimate"]["load_ms"]);
    let words = format!("{low} / {typical} / {high} ms");
    let terminal = flat(&pack.stdout());
    assert!(terminal.contains(&format!("{words} after")), "{terminal}");
    assert!(
        md.contains(&format!("| {words} |")) && md.contains(&format!("{words} after")),
        "{md}"
    );
    let row = format!(
        "load now, estimated</th><td class=\"n\">{low} ms</td><td class=\"n\">{typical} ms</td><td class=\"n\">{high} ms</td>"
    );
    assert!(html.contains(&row), "{row}");
    for part in [
        "cold start now, estimated",
        "Azure Functions",
        "not calibrated",
        "the transfer is not billed",
    ] {
        assert!(html.contains(part), "`{part}` is missing in the page");
        assert!(
            part.contains("now") || md.contains(part),
            "`{part}` is missing in\n{md}"
        );
    }

    // Measured: nothing calls the load an estimate any more.
    let (one, html, md, _) = forms(
        &project,
        dir.path(),
        &["--strategy", "bundle", "--measure=2"],
    );
    let median = one["measured"]["load_ms"]["median"].as_f64().unwrap();
    let shown = if median < 9.95 {
        format!("{median:.1} ms")
    } else {
        format!("{median:.0} ms")
    };
    assert!(
        md.contains(&format!("| {shown}, measured |")),
        "{shown}\n{md}"
    );
    assert!(html.contains("load now, measured here") && html.contains(&shown));
    assert!(html.contains("transfer estimated and load measured here"));
    assert!(!html.contains("load now, estimated"));
}

#[test]
fn budgets_hold_the_load_and_the_sum() {
    let project = project();
    let run = |args: &[&str]| {
        let pack = Pack::run(project.path(), &[&["--json"], args].concat());
        let report = crate::support::document(&pack.output.stdout);
        (pack.status(), report)
    };
    let (status, report) = run(&["--budget", "init_ms=10", "--budget", "cold_start_ms=2s"]);
    assert_eq!(status, 3);
    let estimate = &report["functions"][0]["estimate"];
    let budgets = &report["budgets"];
    assert_eq!(budgets[0]["value"], estimate["load_ms"]["typical"]);
    assert_eq!(budgets[0]["note"], "estimated, typical");
    assert_eq!(budgets[0]["state"], "failed");
    assert_eq!(budgets[1]["value"], estimate["cold_start_ms"]["typical"]);
    assert_eq!(budgets[1]["state"], "ok");
    // What was measured is held, and called measured.
    let (_, report) = run(&[
        "--budget",
        "init_ms=10s",
        "--budget",
        "cold_start_ms=20s",
        "--measure=1",
    ]);
    let measured = &report["functions"][0]["measured"]["load_ms"]["median"];
    let value = report["budgets"][0]["value"].as_f64().unwrap();
    assert!(
        (value - 130.0 - measured.as_f64().unwrap()).abs() <= 0.5,
        "{value} {measured}"
    );
    assert!(
        report["budgets"][0]["note"]
            .as_str()
            .unwrap()
            .starts_with("measured here")
    );
    assert_eq!(
        report["budgets"][1]["note"],
        "the transfer estimated, the load measured here"
    );
    // A load that nobody knows fails nothing, and says why.
    let (status, report) = run(&[
        "--budget",
        "init_ms=10",
        "--no-verify",
        "--strategy",
        "bundle",
    ]);
    assert_eq!(
        (status, &report["budgets"][0]["state"]),
        (0, &"unknown".into())
    );
    assert!(
        report["budgets"][0]["note"]
            .as_str()
            .unwrap()
            .contains("switched off")
    );
}

#[test]
fn a_change_that_loads_more_says_what_it_costs_each_start() {
    let project = project();
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("old.baseline.json");
    let old = old.to_str().unwrap();
    let before = Pack::run(project.path(), &["--report", old, "--strategy", "prune"]);
    assert_eq!(before.status(), 0, "{}", before.stderr());
    // 2 MB more are loaded: 60 ms by the typical figure, 0.2 ms for the file.
    project.write(
        "more.js",
        &format!("exports.more = 1;\n// {}\n", "z".repeat(2_000_000)),
    );
    project.write("index.js", &format!("require('./more');\n{HANDLER}"));
    let args = [
        "--strategy",
        "prune",
        "--baseline",
        old,
        "--budget",
        "init_ms=+20ms",
    ];
    let (one, html, md, pack) = forms(&project, dir.path(), &args);
    assert_eq!(pack.status(), 3, "{}", pack.stderr());
    let after = range(&one["estimate"]["load_ms"])[1];
    let report: Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("report.json")).unwrap()).unwrap();
    let change = &report["comparison"]["functions"][0]["init_ms"];
    assert_eq!(change["after"], after);
    assert_eq!(change["before"], after - 60);
    assert!(
        md.contains("about +60 ms per cold start (typical, estimated)"),
        "{md}"
    );
    assert!(html.contains(&format!("load about {} ms → {after} ms", after - 60)));
    assert!(
        flat(&pack.stdout()).contains(&format!("load about {} ", after - 60)),
        "{}",
        pack.stdout()
    );
}
