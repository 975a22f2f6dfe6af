//! Reports in files: one model, many forms, and a page that is used in a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use coldcut_report::model::Report;
use serde_json::{Value, json};

use crate::support::{Pack, Project, coldcut, repository, scratch};

/// A project with two functions and two versions of a package.
fn shop() -> Project {
    Project::new(&[
        (
            "package.json",
            r#"{"name":"shop","dependencies":{"one":"1","qs":"6"}}"#,
        ),
        (
            "coldcut.toml",
            "[functions.orders]\nhandler = \"src/orders.handler\"\n[functions.users]\nhandler = \"src/users.handler\"\n",
        ),
        (
            "src/orders.js",
            "const one = require('one');\nconst qs = require('qs');\nexports.handler = async (e) => one(qs(e));\n",
        ),
        (
            "src/users.js",
            "exports.handler = async () => require('qs')('users');\n",
        ),
        (
            "node_modules/one/package.json",
            r#"{"name":"one","version":"1.2.3","main":"index.js"}"#,
        ),
        (
            "node_modules/one/index.js",
            "const qs = require('qs');\nmodule.exports = (x) => `one ${qs(x)}`;\n",
        ),
        (
            "node_modules/one/node_modules/qs/package.json",
            r#"{"name":"qs","version":"5.0.0","main":"index.js"}"#,
        ),
        (
            "node_modules/one/node_modules/qs/index.js",
            "module.exports = (x) => ['old', x, 'a text of some length'].join('-');\n",
        ),
        (
            "node_modules/qs/package.json",
            r#"{"name":"qs","version":"6.1.0","main":"index.js"}"#,
        ),
        (
            "node_modules/qs/index.js",
            "module.exports = (x) => ['new', x, 'a text of some greater length'].join('+');\n",
        ),
    ])
}

/// Packs with a report of every form, which are given back by their ends.
fn reported(project: &Path, into: &Path, more: &[&str]) -> Pack {
    let names = [
        "r.html",
        "r.md",
        "r.json",
        "r.baseline.json",
        "r.xml",
        "r.sarif",
    ];
    let files: Vec<String> = names
        .iter()
        .map(|name| into.join(name).display().to_string())
        .collect();
    let mut args: Vec<&str> = Vec::new();
    for file in &files {
        args.extend(["--report", file.as_str()]);
    }
    args.extend(more);
    Pack::run(project, &args)
}

#[test]
fn every_form_says_the_same() {
    let (project, into) = (shop(), tempfile::tempdir().unwrap());
    for strategy in ["bundle", "trace", "prune"] {
        let pack = reported(
            project.path(),
            into.path(),
            &["--json", "--strategy", strategy],
        );
        let printed = pack.report();
        let text = |name: &str| std::fs::read_to_string(into.path().join(name)).unwrap();
        let report: Value = serde_json::from_str(&text("r.json")).unwrap();
        assert_eq!(report, printed);
        let (page, comment) = (text("r.html"), text("r.md"));
        let inside = page.split("id=\"data\">").nth(1).unwrap();
        let inside: Value =
            serde_json::from_str(inside.split("</script>").next().unwrap()).unwrap();
        assert_eq!(inside, report);
        let person = reported(project.path(), into.path(), &["--strategy", strategy]);
        let terminal = person.stdout();
        for function in report["functions"].as_array().unwrap() {
            let artifact = &function["artifact"];
            for figure in [
                &artifact["bytes"],
                &function["baseline"]["bytes"],
                &artifact["unpacked_bytes"],
            ] {
                let shown = coldcut_report::size(figure.as_u64().unwrap());
                for (name, text) in [("html", &page), ("terminal", &terminal)] {
                    assert!(
                        text.contains(&shown),
                        "{shown} is missing in {name}:\n{text}"
                    );
                }
            }
            let zipped = coldcut_report::size(artifact["bytes"].as_u64().unwrap());
            assert!(comment.contains(&zipped), "{comment}");
            for advice in function["advice"].as_array().unwrap() {
                let start = advice["text"]
                    .as_str()
                    .unwrap()
                    .split(['`', ':'])
                    .next()
                    .unwrap();
                assert!(
                    terminal.contains(start) && comment.contains(start),
                    "{start}"
                );
            }
            sums(
                function,
                &pack
                    .out
                    .path()
                    .join(format!("{}.zip", function["name"].as_str().unwrap())),
            );
        }
    }
}

/// What files, modules and packages weigh adds up to the byte.
fn sums(function: &Value, zip: &Path) {
    let list = |name: &str| function[name].as_array().unwrap().clone();
    let sum = |name: &str, key: &str| -> u64 {
        list(name)
            .iter()
            .map(|one| one[key].as_u64().unwrap())
            .sum()
    };
    let artifact = &function["artifact"];
    let bytes = std::fs::metadata(zip).unwrap().len();
    assert_eq!(artifact["bytes"], bytes);
    assert_eq!(
        sum("files", "zipped_bytes") + artifact["container_bytes"].as_u64().unwrap(),
        bytes
    );
    assert_eq!(artifact["unpacked_bytes"], sum("files", "bytes"));
    for package in list("packages") {
        let id = format!(
            "{}@{}",
            package["name"].as_str().unwrap(),
            package["version"].as_str().unwrap()
        );
        let of = |list: Vec<Value>, key: &str| -> u64 {
            let own = list.into_iter().filter(|one| one["package"] == id.as_str());
            own.map(|one| one[key].as_u64().unwrap()).sum()
        };
        let unpacked = of(list("files"), "bytes") + of(list("modules"), "bytes");
        assert_eq!(package["bytes"], unpacked, "{id}");
        let zipped = of(list("files"), "zipped_bytes") + of(list("modules"), "zipped_share_bytes");
        assert_eq!(package["zipped_share_bytes"], zipped, "{id}");
    }
    let bundle = list("files")
        .into_iter()
        .find(|file| file["path"] == function["handler"])
        .unwrap();
    assert!(sum("modules", "bytes") <= bundle["bytes"].as_u64().unwrap());
    assert!(sum("modules", "zipped_share_bytes") <= bundle["zipped_bytes"].as_u64().unwrap());
}

#[test]
fn duplicates_and_chains_are_told() {
    let project = shop();
    for (strategy, list) in [("bundle", "modules"), ("trace", "files")] {
        let pack = Pack::run(project.path(), &["--json", "--strategy", strategy]);
        let report = pack.report();
        let orders = &report["functions"][0];
        let duplicate = &orders["duplicates"][0];
        assert_eq!(duplicate["name"], "qs", "{strategy}: {orders:#}");
        let copies = duplicate["copies"].as_array().unwrap();
        assert_eq!(copies.len(), 2);
        let old = copies
            .iter()
            .find(|copy| copy["version"] == "5.0.0")
            .unwrap();
        assert_eq!(old["from"]["by"], "node_modules/one/index.js");
        assert_eq!(old["from"]["line"], 1);
        // From the old copy back to the handler, along what the report says.
        let all = orders[list].as_array().unwrap();
        let mut at = "node_modules/one/node_modules/qs/index.js".to_string();
        let mut way = Vec::new();
        while let Some(one) = all.iter().find(|one| one["path"] == at.as_str())
            && let Some(by) = one["from"]["by"].as_str()
        {
            at = by.to_string();
            way.push(at.clone());
        }
        assert_eq!(
            way,
            ["node_modules/one/index.js", "src/orders.js"],
            "{strategy}"
        );
    }
}

#[test]
fn duplicates_name_who_keeps_them_apart() {
    let project = shop();
    project.write(
        "node_modules/one/package.json",
        r#"{"name":"one","version":"1.2.3","main":"index.js","dependencies":{"qs":"^5.0.0"}}"#,
    );
    let duplicate = |strategy: &str| {
        let pack = Pack::run(project.path(), &["--json", "--strategy", strategy]);
        pack.report()["functions"][0]["duplicates"][0].clone()
    };
    for strategy in ["bundle", "trace"] {
        let found = duplicate(strategy);
        assert_eq!(found["kind"], "versions");
        assert_eq!(found["align_to"], "6.1.0", "{found:#}");
        let blocked = json!([{"by": "one@1.2.3", "range": "^5.0.0", "gets": "5.0.0"}]);
        assert_eq!(found["blocked_by"], blocked, "{found:#}");
        assert_eq!(found["dedupe_bytes"], 0);
        let copies = found["copies"].as_array().unwrap();
        let old = copies.iter().find(|copy| copy["version"] == "5.0.0");
        assert_eq!(found["extra_bytes"], old.unwrap()["bytes"]);
    }
    // A range that takes both has nobody in the way.
    project.write(
        "node_modules/one/package.json",
        r#"{"name":"one","version":"1.2.3","main":"index.js","dependencies":{"qs":">=5"}}"#,
    );
    let found = duplicate("trace");
    assert_eq!(found["blocked_by"], json!([]));
    assert_eq!(found["dedupe_bytes"], found["extra_bytes"], "{found:#}");
    let pack = Pack::run(project.path(), &["--strategy", "trace"]);
    let said = pack
        .stdout()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains("ranges already allow 6.1.0"), "{said}");
}

#[test]
fn both_formats_of_a_package_are_a_duplicate() {
    let project = shop();
    for (name, text) in [
        (
            "src/more.mjs",
            "import { make } from 'both';\nexport const more = () => make('more');\n",
        ),
        (
            "src/orders.js",
            "const { make } = require('both');\nexports.handler = async () => [make('a'), (await import('./more.mjs')).more()];\n",
        ),
        (
            "node_modules/both/package.json",
            r#"{"name":"both","version":"2.0.0","exports":{"import":"./esm/index.mjs","require":"./cjs/index.js"}}"#,
        ),
        (
            "node_modules/both/cjs/index.js",
            "const all = [];\nexports.make = (x) => { all.push(x); return ['made of some text', all.length]; };\n",
        ),
        (
            "node_modules/both/esm/index.mjs",
            "const all = [];\nexport const make = (x) => { all.push(x); return ['made of some text', all.length]; };\n",
        ),
    ] {
        project.write(name, text);
    }
    let args = ["--json", "--function", "orders", "--strategy", "bundle"];
    let report = Pack::run(project.path(), &args).report();
    let found = &report["functions"][0]["duplicates"][0];
    assert_eq!(found["kind"], "formats", "{:#}", report["functions"][0]);
    let from: Vec<&str> = found["copies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|copy| copy["from"]["by"].as_str().unwrap())
        .collect();
    assert!(
        from.contains(&"src/orders.js") && from.contains(&"src/more.mjs"),
        "{found:#}"
    );
}

#[test]
fn what_functions_share_is_priced_as_a_layer() {
    let (project, into) = (shop(), tempfile::tempdir().unwrap());
    let pack = reported(
        project.path(),
        into.path(),
        &["--json", "--strategy", "trace"],
    );
    let report = pack.report();
    let shared = &report["shared"];
    assert_eq!(shared["functions"], json!(["orders", "users"]));
    assert_eq!(shared["packages"][0]["package"], "qs@6.1.0");
    let (bytes, once) = (
        shared["bytes"].as_u64().unwrap(),
        shared["once_bytes"].as_u64(),
    );
    assert_eq!(Some(bytes), once.map(|once| 2 * once));
    // Both have just what the layer would hold: nothing changes for a download, one upload less.
    let layer = &shared["layer"];
    assert_eq!(layer["download_least_bytes"], 0);
    assert_eq!(layer["download_most_bytes"], 0);
    assert_eq!(layer["upload_saved_bytes"], layer["zipped_bytes"]);
    assert_eq!(layer["over_limit"], json!([]));
    let zipped = format!("about {} B zipped", layer["zipped_bytes"]);
    let text = |name: &str| std::fs::read_to_string(into.path().join(name)).unwrap();
    let terminal = Pack::run(project.path(), &["--strategy", "trace"]).stdout();
    for said in [terminal, text("r.html"), text("r.md")] {
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&zipped), "{zipped}: {said}");
    }
    let args = ["--json", "--function", "users"];
    assert!(Pack::run(project.path(), &args).report()["shared"].is_null());
}

#[test]
fn the_other_forms_are_well_formed() {
    let (project, into) = (shop(), tempfile::tempdir().unwrap());
    let pack = reported(project.path(), &into.path().join("new/folder"), &[]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let text =
        |name: &str| std::fs::read_to_string(into.path().join("new/folder").join(name)).unwrap();
    let junit = text("r.xml");
    assert!(
        junit.contains("<testsuite name=\"orders\"") && junit.contains("failures=\"0\""),
        "{junit}"
    );
    let sarif: Value = serde_json::from_str(&text("r.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let small = crate::support::document(text("r.baseline.json").as_bytes());
    assert_eq!(small["schema"], "coldcut.baseline/1");
    assert!(text("r.md").starts_with("<!-- coldcut report -->"));
    let left: Vec<_> = std::fs::read_dir(into.path().join("new/folder"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 6, "nothing is left beside the reports");
}

#[test]
fn a_report_that_cannot_be_written_says_so() {
    let (project, into) = (shop(), tempfile::tempdir().unwrap());
    std::fs::create_dir(into.path().join("taken.html")).unwrap();
    let taken = into.path().join("taken.html").display().to_string();
    let pack = Pack::run(project.path(), &["--report", &taken]);
    assert_eq!(pack.status(), 1);
    assert!(pack.stderr().contains("CC220"), "{}", pack.stderr());
    for name in ["report", "report.pdf"] {
        let pack = Pack::run(project.path(), &["--report", name]);
        assert_eq!(pack.status(), 2);
        assert!(pack.stderr().contains(".sarif"), "{}", pack.stderr());
    }
}

/// A report of three functions, 20,000 files and names that would be markup.
fn big(from: &Value) -> Report {
    let hostile =
        "<img src=x onerror=\"window.hacked=1\"></script><script>window.hacked=1</script>";
    let mut report = from.clone();
    report["project"]["name"] = json!(hostile);
    let mut functions = Vec::new();
    for at in 0..3 {
        let mut function = from["functions"][0].clone();
        function["name"] = json!(if at == 2 {
            hostile.to_string()
        } else {
            format!("function{at}")
        });
        let (mut files, mut packages) = (Vec::new(), Vec::new());
        let count = if at == 0 { 20_000 } else { 500 };
        let names = [
            "<script>",
            "express",
            "zod",
            "@aws-sdk/client-dynamodb",
            "lodash",
            "qs",
        ];
        let named = |pack: usize| {
            names
                .get(pack)
                .map_or_else(|| format!("package-{pack}"), |name| (*name).to_string())
        };
        for file in 0..count {
            let pack = file * file % 97;
            let bytes = 120 + (file * 7919) % 9000 * (97 - pack) / 30;
            let name = named(pack);
            files.push(json!({
                "path": format!("node_modules/{name}/lib/deep/file{file}.js"),
                "bytes": bytes, "zipped_bytes": bytes / 3, "package": format!("{name}@1.{at}.0"),
                "reasons": [format!("imported by src/orders.js:{file}")],
                "from": { "by": if file > 96 { format!("node_modules/{}/lib/deep/file{}.js", named((file - 97) * (file - 97) % 97), file - 97) } else { "src/orders.js".to_string() }, "line": 3 },
            }));
        }
        files.push(json!({ "path": format!("src/{}.js", "long/".repeat(800)), "bytes": 90_000, "zipped_bytes": 30_000, "package": null, "reasons": [hostile], "from": null }));
        for pack in 0..97 {
            let name = named(pack);
            let label = format!("{name}@1.{at}.0");
            let own: Vec<&Value> = files
                .iter()
                .filter(|file| file["package"] == label.as_str())
                .collect();
            if own.is_empty() {
                continue;
            }
            let sum =
                |key: &str| -> u64 { own.iter().map(|file| file[key].as_u64().unwrap()).sum() };
            packages.push(json!({
                "name": name, "version": format!("1.{at}.0"), "bytes": sum("bytes"), "files": own.len(),
                "zipped_bytes": sum("zipped_bytes"), "zipped_share_bytes": sum("zipped_bytes"), "why": format!("imported by {hostile}"),
            }));
        }
        packages.sort_by_key(|one| std::cmp::Reverse(one["bytes"].as_u64()));
        let sum = |key: &str| -> u64 { files.iter().map(|file| file[key].as_u64().unwrap()).sum() };
        let overhead = files.len() as u64 * 150;
        function["artifact"]["bytes"] = json!(sum("zipped_bytes") + overhead);
        function["artifact"]["container_bytes"] = json!(overhead);
        function["artifact"]["unpacked_bytes"] = json!(sum("bytes"));
        function["artifact"]["files"] = json!(files.len());
        function["baseline"]["bytes"] = json!(sum("bytes"));
        function["warnings"] = json!([{ "code": "CC053", "message": hostile, "path": "x".repeat(4000), "line": 1, "column": 1, "notes": [], "help": hostile }]);
        function["modules"] = json!([]);
        function["files"] = json!(files);
        function["packages"] = json!(packages);
        functions.push(function);
    }
    report["functions"] = json!(functions);
    let read: Report = serde_json::from_value(report).unwrap();
    let (project, functions) = (read.project.clone(), read.functions.clone());
    Report::new(project, functions, read.skipped, read.warnings)
}

/// The same before somebody changed it.
fn earlier(report: &Report) -> Report {
    let mut old = report.clone();
    old.functions.remove(1);
    let function = &mut old.functions[0];
    function.artifact.bytes -= 180_000;
    function.packages[0].bytes -= 1_500;
    function.packages[1].bytes += 77_000;
    function.packages[2].version = Some("0.9.0".to_string());
    let name = function.packages[4].name.clone();
    function.packages[3].bytes -= 3_000;
    function.packages[4].name = "left-pad".to_string();
    function.files.retain(|file| {
        file.package
            .as_deref()
            .is_none_or(|label| !label.starts_with(&name))
    });
    for file in function.files.iter_mut().take(40) {
        file.bytes += 300;
    }
    old
}

fn chromium() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .flat_map(|dir| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| dir.join(name))
        })
        .find(|path| path.is_file())
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = chromium() else {
        println!("skipped: chromium is not installed");
        return;
    };
    let folder = scratch().join("html");
    std::fs::create_dir_all(&folder).unwrap();
    let tools = coldcut::stage::stage(&repository().join("tests/html"), &folder, &|_| {}).unwrap();
    let project = shop();
    let small = folder.join("small.html");
    let pack = Pack::run(
        project.path(),
        &[
            "--json",
            "-f",
            "orders",
            "--report",
            small.to_str().unwrap(),
        ],
    );
    let mut report = big(&pack.report());
    let old = coldcut_report::snapshot::Snapshot::from_report(&earlier(&report), "<b>old.json</b>");
    let new = coldcut_report::snapshot::Snapshot::from_report(&report, "");
    report.comparison = Some(coldcut_report::compare::compare(&old, &new));
    let started = std::time::Instant::now();
    let page = coldcut_report::html::render(&report).unwrap();
    println!(
        "{} ms for {} bytes of HTML",
        started.elapsed().as_millis(),
        page.len()
    );
    let large = folder.join("big.html");
    std::fs::write(&large, page).unwrap();
    let mut command = Command::new("node");
    command
        .arg(tools.join("check.mjs"))
        .arg(browser)
        .arg(&small)
        .arg(&large);
    if let Some(shots) = std::env::var_os("COLDCUT_SCREENSHOTS") {
        command.arg(shots);
    }
    let output = command.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_diff_of_two_zips_names_files_and_versions() {
    let project = shop();
    let before = Pack::run(project.path(), &["--strategy", "trace"]);
    project.write(
        "node_modules/one/package.json",
        r#"{"name":"one","version":"1.3.0","main":"index.js"}"#,
    );
    project.write(
        "node_modules/one/index.js",
        "const extra = require('extra');\nmodule.exports = (x) => extra(x);\n",
    );
    project.write(
        "node_modules/extra/package.json",
        r#"{"name":"extra","version":"0.1.0","main":"index.js"}"#,
    );
    project.write(
        "node_modules/extra/index.js",
        "module.exports = (x) => `extra ${x}`;\n",
    );
    let after = Pack::run(project.path(), &["--strategy", "trace"]);
    assert_eq!(
        (before.status(), after.status()),
        (0, 0),
        "{}",
        after.stderr()
    );
    let ask = |args: &[&str]| {
        let output = coldcut()
            .arg("diff")
            .arg(before.out.path().join("orders.zip"))
            .arg(after.out.path().join("orders.zip"))
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = ask(&[]);
    for word in [
        "one 1.2.3 → 1.3.0",
        "+ extra 0.1.0",
        "− qs 5.0.0",
        "node_modules/one/index.js",
        "zipped",
    ] {
        let found = said.contains(word)
            || (word.starts_with('−') && said.contains("qs 5.0.0, 6.1.0 → 6.1.0"));
        assert!(found, "{word} is missing in\n{said}");
    }
    let json = crate::support::document(ask(&["--json"]).as_bytes());
    assert_eq!(json["schema"], "coldcut.diff/1");
    let size = |pack: &Pack| {
        std::fs::metadata(pack.out.path().join("orders.zip"))
            .unwrap()
            .len()
    };
    assert_eq!(json["zip_bytes"]["before"], size(&before));
    assert_eq!(json["zip_bytes"]["after"], size(&after));
}
