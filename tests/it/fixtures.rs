//! Every fixture is packed, unpacked in an empty folder and invoked; the answer must be the one
//! that the fixture expects.

use std::path::Path;

use coldcut_core::artifact::RelPath;
use coldcut_verify::{Bounds, LoadOptions, Provided, find_node, invoke, start_bootstrap, unpack};
use serde_json::Value;

use crate::support::{Pack, installed, names, succeeds};

/// A function of a fixture and the export that the platform calls.
struct Case {
    fixture: &'static str,
    function: &'static str,
    handler: &'static str,
    export: &'static str,
    /// Packages that the platform has.
    provided: &'static [&'static str],
}

const CASES: [Case; 12] = [
    case("orders-api", "api", "src/http.js", "handler"),
    case("orders-api", "createOrder", "src/create-order.js", "main"),
    case("orders-api", "report", "src/report.js", "main"),
    case("legacy-cjs", "invoice", "handlers/invoice.js", "handler"),
    Case {
        provided: &["aws-sdk"],
        ..case("legacy-cjs", "sync", "handlers/sync.js", "run")
    },
    case("esm-tla", "IngestFunction", "src/ingest.js", "handler"),
    case("esm-tla", "DigestFunction", "src/digest.js", "handler"),
    case(
        "pnpm-workspace/services/hello",
        "hello",
        "src/hello.js",
        "handler",
    ),
    case(
        "npm-workspace/packages/fn",
        "caption",
        "src/caption.js",
        "handler",
    ),
    case("yarn1", "api", "", ""),
    case(
        "yarn-pnp/services/validate",
        "validate",
        "src/handler.js",
        "main",
    ),
    case(
        "yarn-pnp/services/report",
        "report",
        "src/report.js",
        "handler",
    ),
];

const fn case(
    fixture: &'static str,
    function: &'static str,
    handler: &'static str,
    export: &'static str,
) -> Case {
    Case {
        fixture,
        function,
        handler,
        export,
        provided: &[],
    }
}

/// Every fixture that has a case, once.
pub fn fixtures() -> Vec<&'static str> {
    let mut names: Vec<&str> = CASES.iter().map(|case| case.fixture).collect();
    names.dedup();
    names
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Packs a fixture by one strategy and invokes every function of it that is a case.
fn packed_and_invoked(fixture: &str, strategy: &str) {
    let project = installed(fixture);
    let pack = Pack::run(&project, &["--json", "--strategy", strategy]);
    let report = pack.report();
    for function in report["functions"].as_array().unwrap() {
        let name = function["name"].as_str().unwrap();
        assert_eq!(
            function["verification"]["status"], "equal",
            "{name}: {function:#}"
        );
        let case = CASES
            .iter()
            .find(|case| case.fixture == fixture && case.function == name)
            .unwrap_or_else(|| panic!("{fixture} has a function `{name}` that is no case"));
        invoked(case, function, &project, pack.out.path());
    }
    let cases = CASES.iter().filter(|case| case.fixture == fixture).count();
    assert_eq!(report["functions"].as_array().unwrap().len(), cases);
}

fn invoked(case: &Case, function: &Value, project: &Path, out: &Path) {
    let elsewhere = tempfile::tempdir().unwrap();
    unpack(
        &out.join(format!("{}.zip", case.function)),
        elsewhere.path(),
    )
    .unwrap();
    let handler = function["handler"].as_str().unwrap();
    let export = if case.handler.is_empty() {
        "handler"
    } else {
        // Platforms name a handler without its extension.
        let stem = |path: &str| path.rsplit_once('.').map(|(stem, _)| stem.to_string());
        assert_eq!(
            stem(handler),
            stem(case.handler),
            "the deployed setting must not change"
        );
        case.export
    };
    let mut options = LoadOptions::new(find_node().expect("the tests need `node`"));
    options.provided = (!case.provided.is_empty()).then(|| Provided {
        from: project.to_path_buf(),
        packages: case.provided.iter().map(|name| name.to_string()).collect(),
    });
    let fixture = fixture_folder(case.fixture);
    let event = json(&fixture.join(format!("events/{}.json", case.function)));
    let expected = json(&fixture.join(format!("expected/{}.json", case.function)));
    let answer = invoke(
        elsewhere.path(),
        &RelPath::new(handler).unwrap(),
        export,
        &event.to_string(),
        &options,
    )
    .unwrap();
    assert_eq!(answer.result.unwrap(), expected, "{}", answer.output);
}

fn fixture_folder(fixture: &str) -> std::path::PathBuf {
    let folder = crate::support::repository().join("fixtures").join(fixture);
    if folder.join("events").is_dir() {
        folder
    } else {
        folder.join("packages/api")
    }
}

macro_rules! fixture_tests {
    ($($test:ident: $fixture:literal),* $(,)?) => {
        $(mod $test {
            #[test]
            fn answers_when_chosen_by_auto() {
                super::packed_and_invoked($fixture, "auto");
            }

            #[test]
            fn answers_when_traced() {
                super::packed_and_invoked($fixture, "trace");
            }

            #[test]
            fn answers_when_pruned() {
                super::packed_and_invoked($fixture, "prune");
            }
        })*
    };
}

fixture_tests! {
    orders_api: "orders-api",
    legacy_cjs: "legacy-cjs",
    esm_tla: "esm-tla",
    pnpm_workspace: "pnpm-workspace/services/hello",
    npm_workspace: "npm-workspace/packages/fn",
    yarn1: "yarn1",
    yarn_pnp_validate: "yarn-pnp/services/validate",
    yarn_pnp_report: "yarn-pnp/services/report",
}

#[test]
fn the_orders_api_is_cut_to_what_its_handlers_reach() {
    let project = installed("orders-api");
    let pack = Pack::run(&project, &["--json"]);
    let report = pack.report();
    for function in report["functions"].as_array().unwrap() {
        assert_eq!(function["strategy"], "bundle");
        let (before, after) = (
            &function["baseline"]["bytes"],
            &function["artifact"]["bytes"],
        );
        // Less than a tenth of the folder as it is.
        assert!(
            after.as_u64().unwrap() * 10 < before.as_u64().unwrap(),
            "{function:#}"
        );
        let steps = function["steps"].as_array().unwrap();
        for pair in steps.windows(2) {
            assert_eq!(
                pair[0]["zipped_after_bytes"],
                pair[1]["zipped_before_bytes"]
            );
        }
        assert!(steps.iter().all(|step| step["measured"] == true));
        let sha = function["artifact"]["code_sha256_base64"].as_str().unwrap();
        assert_eq!(sha.len(), 44);
    }
    assert_eq!(names(&pack.out.path().join("api.zip")), ["src/http.js"]);

    let traced = Pack::run(&project, &["--strategy", "trace", "--function", "api"]);
    let api = names(&traced.out.path().join("api.zip"));
    assert!(
        api.iter()
            .any(|name| name == "node_modules/express/package.json")
    );
    for gone in [
        "node_modules/jest/",
        "node_modules/typescript/",
        "src/http.ts",
        "tests/",
    ] {
        assert!(!api.iter().any(|name| name.starts_with(gone)), "{gone}");
    }
    let report_zip = names(&pack.out.path().join("report.zip"));
    assert!(report_zip.iter().any(|name| name.starts_with("templates/")));
    assert!(!api.iter().any(|name| name.starts_with("templates/")));
}

#[test]
fn the_sdk_is_left_to_a_runtime_that_has_it() {
    let project = installed("legacy-cjs");
    let left = Pack::run(&project, &["--json", "--function", "sync"]).report();
    let shipped = Pack::run(
        &project,
        &["--json", "--function", "sync", "--sdk", "bundle"],
    )
    .report();
    let bytes = |report: &Value| {
        report["functions"][0]["artifact"]["bytes"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(left["functions"][0]["sdk"]["shipped"], false);
    assert_eq!(shipped["functions"][0]["sdk"]["shipped"], true);
    assert!(bytes(&left) * 5 < bytes(&shipped));
}

#[test]
fn a_pack_is_the_same_to_the_byte_whatever_the_threads() {
    let project = installed("esm-tla");
    let digests: Vec<String> = ["1", "4"]
        .iter()
        .map(|threads| {
            let out = tempfile::tempdir().unwrap();
            let output = crate::support::coldcut()
                .args([
                    "pack",
                    "--json",
                    "--no-verify",
                    "--check-reproducible",
                    "--out",
                ])
                .arg(out.path())
                .arg(&project)
                .env("RAYON_NUM_THREADS", threads)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let report = crate::support::document(&output.stdout);
            report["functions"][0]["artifact"]["sha256"]
                .as_str()
                .unwrap()
                .to_string()
        })
        .collect();
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_workspace_is_reproducible_too() {
    for fixture in ["pnpm-workspace/services/hello", "npm-workspace/packages/fn"] {
        let pack = Pack::run(
            &installed(fixture),
            &["--json", "--no-verify", "--check-reproducible"],
        );
        assert_eq!(pack.status(), 0, "{fixture}: {}", pack.stderr());
    }
}

#[test]
fn a_rust_bootstrap_starts_and_answers() {
    let fixture = crate::support::repository().join("fixtures/rust-greeter");
    let before = std::fs::read(fixture.join("Cargo.lock")).unwrap();
    let out = crate::support::scratch().join("rust-greeter-out");
    let output = succeeds(
        crate::support::coldcut()
            .args(["pack", "--json", "--out"])
            .arg(&out)
            .arg(&fixture),
    );
    let report = crate::support::document(&output.stdout);
    let function = &report["functions"][0];
    assert_eq!(function["kind"], "rust");
    assert_eq!(function["verification"]["status"], "equal", "{function:#}");
    let dropped = function["dropped_dev_dependencies"].to_string();
    assert!(
        dropped.contains("itoa") || dropped.contains("tokio-macros"),
        "{dropped}"
    );
    let zip = out.join("greeter.zip");
    assert_eq!(names(&zip), ["bootstrap", "templates/hello.txt"]);
    let elsewhere = tempfile::tempdir().unwrap();
    unpack(&zip, elsewhere.path()).unwrap();
    let event = json(&fixture.join("events/greeter.json"));
    let proof = start_bootstrap(
        elsewhere.path(),
        Some(&event.to_string()),
        &[],
        Bounds::default(),
    )
    .unwrap();
    assert_eq!(
        proof.response,
        Some(json(&fixture.join("expected/greeter.json"))),
        "{}",
        proof.output
    );
    assert_eq!(std::fs::read(fixture.join("Cargo.lock")).unwrap(), before);
    assert!(!fixture.join("target").exists());
}
