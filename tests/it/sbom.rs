//! What is kept, for scanners and lawyers: bills of materials, licence texts, manifests, metafiles.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Pack, Project, installed, names, repository, scratch, succeeds};

/// A bundle of two packages, of which one is asked for from two places in two versions; a third is
/// installed and not used.
fn shop() -> Project {
    let mit = "MIT License\n\nCopyright one\n";
    Project::new(&[
        (
            "package.json",
            r#"{"name":"shop","dependencies":{"@s/one":"1","two":"2","unused":"3"}}"#,
        ),
        (
            "coldcut.toml",
            "[functions.api]\nhandler = \"index.handler\"\n[functions.jobs]\nhandler = \"jobs.handler\"\n",
        ),
        (
            "index.js",
            "exports.handler = async () => [require('@s/one'), require('two')];\n",
        ),
        ("jobs.js", "exports.handler = async () => require('two');\n"),
        (
            "node_modules/@s/one/package.json",
            r#"{"name":"@s/one","version":"1.2.3","license":"(MIT OR Apache-2.0)","dependencies":{"two":"1"}}"#,
        ),
        (
            "node_modules/@s/one/index.js",
            "module.exports = ['one', require('two')];\n",
        ),
        ("node_modules/@s/one/LICENSE", mit),
        (
            "node_modules/@s/one/node_modules/two/package.json",
            r#"{"name":"two","version":"1.0.0","licenses":[{"type":"BSD-3-Clause"}]}"#,
        ),
        (
            "node_modules/@s/one/node_modules/two/index.js",
            "module.exports = 'two, old';\n",
        ),
        (
            "node_modules/two/package.json",
            r#"{"name":"two","version":"2.0.0+b","license":"SEE LICENSE IN COPYING","main":"./main.js"}"#,
        ),
        ("node_modules/two/main.js", "module.exports = 'two, new';\n"),
        ("node_modules/two/COPYING", "Do as <you> like.\r\n"),
        (
            "node_modules/two/license.js",
            "module.exports = 'no text';\n",
        ),
        (
            "node_modules/unused/package.json",
            r#"{"name":"unused","version":"3.0.0","license":"GPL-3.0"}"#,
        ),
        ("node_modules/unused/index.js", "module.exports = 3;\n"),
        (
            "node_modules/.package-lock.json",
            r#"{"lockfileVersion":3,"packages":{"node_modules/two":{"version":"2.0.0","resolved":"https://me:secret@packages.example.org/two-2.tgz?key=1","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},"node_modules/@s/one":{"version":"1.2.3","integrity":"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}"#,
        ),
    ])
}

fn report(project: &Path, name: &str, args: &[&str]) -> String {
    let into = tempfile::tempdir().unwrap();
    let file = into.path().join(name);
    let mut all = vec!["--report", file.to_str().unwrap()];
    all.extend(args);
    let pack = Pack::run(project, &all);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    std::fs::read_to_string(file).unwrap()
}

fn part<'a>(bill: &'a Value, id: &str) -> &'a Value {
    let all = bill["components"].as_array().unwrap();
    let found = all.iter().find(|one| one["bom-ref"] == id);
    found.unwrap_or_else(|| panic!("{id} is missing in {bill:#}"))
}

/// CycloneDX's own schema, by its own library.
fn is_valid(text: &str) {
    let tools = coldcut::stage::stage(
        &repository().join("tests/sbom"),
        &scratch().join("sbom"),
        &|_| {},
    );
    let file = tempfile::Builder::new()
        .suffix(".cdx.json")
        .tempfile()
        .unwrap();
    std::fs::write(file.path(), text).unwrap();
    let mut node = Command::new("node");
    node.arg("check.mjs")
        .arg(file.path())
        .current_dir(tools.unwrap());
    let said = succeeds(&mut node);
    assert_eq!(said.stdout, b"valid\n");
}

#[test]
fn a_bill_of_materials_lists_what_is_kept_and_nothing_else() {
    let project = shop();
    for strategy in ["bundle", "trace"] {
        let args = ["--strategy", strategy];
        let text = report(project.path(), "shop.cdx.json", &args);
        is_valid(&text);
        assert!(
            !text.contains("secret") && !text.contains("key=1"),
            "{text}"
        );
        let bill: Value = serde_json::from_str(&text).unwrap();
        let two = part(&bill, "pkg:npm/two@2.0.0%2Bb");
        assert_eq!(
            two["licenses"][0]["license"]["name"],
            "SEE LICENSE IN COPYING"
        );
        let reference = &two["externalReferences"][0];
        assert_eq!(reference["url"], "https://packages.example.org/two-2.tgz");
        assert_eq!(
            reference["hashes"],
            json!([{"alg": "SHA-512", "content": "0".repeat(128)}])
        );
        let old = part(&bill, "pkg:npm/two@1.0.0");
        assert_eq!(old["licenses"][0]["license"]["id"], "BSD-3-Clause");
        let one = part(&bill, "pkg:npm/%40s/one@1.2.3");
        assert_eq!((&one["group"], &one["name"]), (&"@s".into(), &"one".into()));
        assert_eq!(
            one["licenses"],
            json!([{"expression": "(MIT OR Apache-2.0)"}])
        );
        assert_eq!(one["hashes"][0]["alg"], "SHA-1");
        assert!(!text.contains("unused"), "{text}");
        // Who has what, function by function.
        let has = |id: &str| {
            let all = bill["dependencies"].as_array().unwrap();
            let found = all.iter().find(|one| one["ref"] == id).unwrap();
            found["dependsOn"].clone()
        };
        assert_eq!(has("project"), json!(["function:api", "function:jobs"]));
        assert_eq!(has("function:jobs"), json!(["pkg:npm/two@2.0.0%2Bb"]));
        assert_eq!(has("function:api").as_array().unwrap().len(), 3);
        assert_eq!(
            text,
            report(project.path(), "shop.cdx.json", &args),
            "the same bytes"
        );
    }
}

#[test]
fn a_real_project_has_a_valid_bill_with_digests() {
    let project = installed("orders-api");
    let text = report(&project, "orders.cdx.json", &[]);
    is_valid(&text);
    let bill: Value = serde_json::from_str(&text).unwrap();
    let all = bill["components"].as_array().unwrap();
    let libraries: Vec<&Value> = all.iter().filter(|one| one["type"] == "library").collect();
    assert!(libraries.len() > 10, "{}", libraries.len());
    for one in libraries {
        assert!(
            one["purl"].as_str().unwrap().starts_with("pkg:npm/"),
            "{one:#}"
        );
        assert!(one["licenses"].is_array(), "{one:#}");
        let hashed = one["externalReferences"][0]["hashes"].is_array() || one["hashes"].is_array();
        assert!(hashed, "{one:#}");
    }
}

#[test]
fn every_licence_text_is_there_once() {
    let project = shop();
    let text = report(project.path(), "shop.licenses.txt", &[]);
    assert!(
        text.starts_with("Licences of what shop ships: 3 packages, 2 texts\n"),
        "{text}"
    );
    assert_eq!(text.matches("Copyright one").count(), 1);
    assert!(
        text.contains("@s/one@1.2.3 ((MIT OR Apache-2.0))\n"),
        "{text}"
    );
    assert!(text.contains("Do as <you> like.\n") && !text.contains('\r'));
    let (_, without) = text
        .split_once("These packages contain no licence text")
        .unwrap();
    assert!(without.contains("two@1.0.0 (BSD-3-Clause)"), "{text}");
    assert!(
        !text.contains("unused") && !text.contains("no text"),
        "{text}"
    );
}

#[test]
fn manifests_lie_beside_a_bundle_for_scanners() {
    let project = shop();
    let args = ["--json", "--strategy", "bundle"];
    let plain = Pack::run(project.path(), &args).report();
    let pack = Pack::run(
        project.path(),
        &[&args[..], &["--manifests", "--check-reproducible"]].concat(),
    );
    let with = pack.report();
    let expected = [
        "index.js",
        "node_modules/@s/one/node_modules/two/package.json",
        "node_modules/@s/one/package.json",
        "node_modules/two/package.json",
    ];
    let zip = pack.out.path().join("api.zip");
    assert_eq!(names(&zip), expected);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&zip).unwrap()).unwrap();
    let text = std::io::read_to_string(archive.by_name(expected[2]).unwrap()).unwrap();
    let manifest = r#"{"name":"@s/one","version":"1.2.3","license":"(MIT OR Apache-2.0)"}"#;
    assert_eq!(text.trim_end(), manifest);
    // They count, for the function and for their packages.
    let api = &with["functions"][0];
    assert_eq!(api["artifact"]["files"], 4);
    assert_eq!(api["verification"]["status"], "equal");
    let bytes = |report: &Value, name: &str| {
        let all = report["functions"][0]["packages"].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name).unwrap();
        found["bytes"].as_u64().unwrap()
    };
    let more = bytes(&with, "@s/one") - bytes(&plain, "@s/one");
    assert_eq!(more, text.len() as u64);
    // A setting says the same.
    project.write(
        "coldcut.toml",
        "manifests = true\n[functions.jobs]\nhandler = \"jobs.handler\"\n",
    );
    let pack = Pack::run(project.path(), &args);
    assert_eq!(pack.report()["functions"][0]["artifact"]["files"], 2);
}

#[test]
fn a_metafile_adds_up_and_names_every_file() {
    let project = shop();
    for strategy in ["bundle", "trace"] {
        let args = ["--strategy", strategy, "--json"];
        let into = tempfile::tempdir().unwrap();
        let file = into.path().join("all.meta.json");
        let pack = Pack::run(
            project.path(),
            &[&args[..], &["--report", file.to_str().unwrap()]].concat(),
        );
        let report = pack.report();
        let meta: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let outputs = meta["outputs"].as_object().unwrap();
        let mut files = 0;
        for function in report["functions"].as_array().unwrap() {
            for one in function["files"].as_array().unwrap() {
                files += 1;
                let (name, path) = (function["name"].as_str().unwrap(), &one["path"]);
                let key = format!("{name}/{}", path.as_str().unwrap());
                let output = outputs
                    .get(&key)
                    .unwrap_or_else(|| panic!("{key}: {meta:#}"));
                assert_eq!(output["bytes"], one["bytes"]);
                let inputs = output["inputs"].as_object().unwrap();
                let sum: u64 = inputs
                    .values()
                    .map(|one| one["bytesInOutput"].as_u64().unwrap())
                    .sum();
                assert!(sum > 0 && sum <= one["bytes"].as_u64().unwrap());
                for input in inputs.keys() {
                    assert!(meta["inputs"][input]["bytes"].is_u64(), "{input}");
                }
                assert_eq!(
                    output["entryPoint"].is_string(),
                    *path == function["handler"]
                );
            }
        }
        assert_eq!(outputs.len(), files);
    }
}
