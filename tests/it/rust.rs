//! Rust functions, built by cargo and started: what ships, what it answers, what is refused.
//!
//! All builds share one target folder below `target/`, so that a crate is compiled once for each
//! profile. What needs a compiler, a linker or a library that is not there is skipped, and said.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use coldcut_verify::{Bounds, Launch, Scratch, layers_can_be_placed, unpack};
use serde_json::{Value, json};

use crate::support::{Project, coldcut, names, repository, scratch};

fn fixture(name: &str) -> PathBuf {
    repository().join("fixtures/rust").join(name)
}

fn event(name: &str) -> PathBuf {
    fixture("events").join(name)
}

/// A run of `pack` whose builds are kept.
struct Run {
    out: tempfile::TempDir,
    output: Output,
}

impl Run {
    fn new(project: &Path, args: &[&str]) -> Self {
        Self::with(project, args, &[])
    }

    fn with(project: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let out = tempfile::tempdir().unwrap();
        let mut command = coldcut();
        command
            .args(["pack", "--json", "--cache"])
            .arg(scratch().join("rust-cache"))
            .arg("--out")
            .arg(out.path())
            .arg(project)
            .args(args)
            .envs(env.iter().copied());
        // Those of the build that runs this test are none of its projects'.
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
            if !env.iter().any(|(set, _)| *set == name) {
                command.env_remove(name);
            }
        }
        let output = command.output().unwrap();
        Self { out, output }
    }

    fn status(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    fn report(&self) -> Value {
        assert_eq!(self.status(), 0, "{}", self.stderr());
        crate::support::document(&self.output.stdout)
    }

    fn zips(&self) -> Vec<String> {
        let all = std::fs::read_dir(self.out.path()).unwrap();
        let mut names: Vec<String> = all
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".zip"))
            .collect();
        names.sort();
        names
    }

    fn answer(&self, zip: &str, event: &Value) -> Value {
        self.answer_with(zip, None, event)
    }

    fn answer_with(&self, zip: &str, layer: Option<&str>, event: &Value) -> Value {
        let dir = Scratch::new().unwrap();
        let unpacked = |zip: &str| {
            let to = dir.path().join(zip);
            unpack(&self.out.path().join(zip), &to).unwrap();
            to
        };
        let (task, layer) = (unpacked(zip), layer.map(unpacked));
        let launch = Launch {
            dir: &task,
            extension: None,
            event: Some(&event.to_string()),
            env: &[],
            layer: layer.as_deref(),
            bounds: Bounds::default(),
        };
        let proof = launch.run().unwrap();
        proof
            .response
            .unwrap_or_else(|| panic!("{}: {}", proof.detail, proof.output))
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn ratio(function: &Value) -> f64 {
    let bytes = |of: &str| function[of]["bytes"].as_f64().unwrap();
    bytes("artifact") / bytes("baseline")
}

#[test]
fn hello_is_half_as_big_and_answers_as_before() {
    let balanced = Run::new(
        &fixture("hello"),
        &[
            "--compression",
            "max",
            "--event",
            event("apigw-v2.json").to_str().unwrap(),
        ],
    );
    let report = balanced.report();
    let function = &report["functions"][0];
    assert_eq!(function["verification"]["status"], "equal", "{function:#}");
    assert!(ratio(function) <= 0.52, "{}", ratio(function));
    assert_eq!(function["rust"]["panic"], "abort");
    assert_eq!(function["warnings"][0]["code"], "CC084");
    // The map and the table of packages show crates, and all parts make the whole.
    let parts = function["modules"].as_array().unwrap();
    let of = |package: Option<&str>| -> u64 {
        let mine = parts
            .iter()
            .filter(|one| package.is_none() || one["package"].as_str() == package);
        mine.map(|one| one["bytes"].as_u64().unwrap()).sum()
    };
    assert_eq!(of(None), function["rust"]["sizes"]["file_bytes"]);
    let packages = function["packages"].as_array().unwrap();
    let json = packages.iter().find(|one| one["name"] == "serde_json");
    let json = json.unwrap_or_else(|| panic!("{packages:#?}"));
    let id = format!("serde_json@{}", json["version"].as_str().unwrap());
    assert_eq!(of(Some(&id)), json["bytes"].as_u64().unwrap());
    assert!(of(Some(&id)) > 0, "{packages:#?}");
    assert!(json["why"].as_str().unwrap().starts_with("required by "));
    let bill = balanced.out.path().join("hello.cdx.json");
    let licences = balanced.out.path().join("hello.licenses.txt");
    let files = [bill.to_str().unwrap(), licences.to_str().unwrap()];
    let args = ["--report", files[0], "--report", files[1], "--no-verify"];
    Run::new(&fixture("hello"), &args).report();
    let bill = read(&bill);
    let all = bill["components"].as_array().unwrap();
    let purl = id.replacen("serde_json@", "pkg:cargo/serde_json@", 1);
    let one = all.iter().find(|one| one["purl"] == purl.as_str());
    let one = one.unwrap_or_else(|| panic!("{purl}: {bill:#}"));
    assert_eq!(
        one["licenses"],
        json!([{"expression": "MIT OR Apache-2.0"}])
    );
    assert_eq!(one["hashes"][0]["alg"], "SHA-256");
    let licences = std::fs::read_to_string(&licences).unwrap();
    assert!(licences.contains("serde_json@") && licences.contains("Apache License"));
    assert_eq!(names(&balanced.out.path().join("hello.zip")), ["bootstrap"]);
    let ask = |name: &str| balanced.answer("hello.zip", &read(&event(name)));
    for name in ["apigw-v1.json", "apigw-v2.json"] {
        assert_eq!(ask(name)["body"], r#"{"text":"POST: hello, Ada!"}"#);
    }
    let failed = &ask("sqs.json")["batchItemFailures"];
    assert_eq!(failed.as_array().unwrap().len(), 1);

    adds_up(&function["rust"]["sizes"]);

    let smallest = Run::new(
        &fixture("hello"),
        &["--compression", "max", "--rust-profile", "smallest"],
    );
    let report = smallest.report();
    let function = &report["functions"][0];
    assert!(ratio(function) <= 0.49, "{}", ratio(function));
    assert_eq!(function["rust"]["panic"], "abort");
    assert_eq!(function["warnings"][0]["code"], "CC084");
    assert_eq!(function["verification"]["status"], "equal");
    for name in ["apigw-v1.json", "apigw-v2.json", "sqs.json"] {
        let event = read(&event(name));
        assert_eq!(smallest.answer("hello.zip", &event), ask(name));
    }
    adds_up(&function["rust"]["sizes"]);

    // Who wants that panics are answered gets what it costs.
    let panics = Project::new(&[("event.json", r#"{"panic": true}"#)]);
    let panics = panics.path().join("event.json");
    let panics = ["--event", panics.to_str().unwrap()];
    let keep = ["--rust-profile", "keep"];
    let run = Run::new(&fixture("hello"), &[&panics[..], &keep].concat());
    assert_eq!(run.report()["functions"][0]["warnings"], json!([]));
    let run = Run::new(&fixture("hello"), &panics);
    assert_eq!(run.status(), 4, "{}", run.stderr());
    assert!(run.stderr().contains("CC084"), "{}", run.stderr());
}

/// The parts of a binary are its bytes, all of them and no more.
fn adds_up(sizes: &Value) {
    let sum = |list: &str| -> u64 {
        let all = sizes[list].as_array().unwrap();
        all.iter().map(|one| one["bytes"].as_u64().unwrap()).sum()
    };
    let file = sizes["file_bytes"].as_u64().unwrap();
    assert_eq!(sum("crates") + sum("rest"), file);
    let named = |name: &str| {
        let all = sizes["crates"].as_array().unwrap();
        all.iter().any(|one| one["name"] == name)
    };
    assert!(named("tokio") && named("std"), "{sizes:#}");
}

#[test]
fn a_workspace_ships_what_each_function_needs() {
    let run = Run::new(&fixture("trio"), &["--compression", "max"]);
    let report = run.report();
    assert_eq!(
        run.zips(),
        ["layer.layer.zip", "orders-http.zip", "orders-queue.zip"]
    );
    let shared = &report["shared_layers"][0];
    assert_eq!(shared["functions"], json!(["orders-http", "orders-queue"]));
    assert_eq!(shared["folder"], "layer");
    let layer = names(&run.out.path().join("layer.layer.zip"));
    assert_eq!(layer, ["orders/currency.txt"]);
    assert_eq!(report["functions"][0]["layers"][0]["unpacked_bytes"], 4);
    assert_eq!(report["skipped"][0]["name"], "orders-report");
    for function in report["functions"].as_array().unwrap() {
        assert_eq!(function["verification"]["status"], "equal", "{function:#}");
        assert!(ratio(function) <= 0.52, "{}", ratio(function));
    }
    // As cargo-lambda's tables say, and in this zip only.
    let zip = |name: &str| names(&run.out.path().join(name));
    assert_eq!(zip("orders-queue.zip"), ["bootstrap", "prices.json"]);
    assert_eq!(zip("orders-http.zip"), ["bootstrap"]);
    let dropped = report["functions"][0]["dropped_dev_dependencies"].to_string();
    assert!(
        dropped.contains("itoa@") || dropped.contains("proc-macro2@"),
        "{dropped}"
    );
    for name in ["apigw-v1.json", "apigw-v2.json"] {
        let answer = run.answer("orders-http.zip", &read(&event(name)));
        assert_eq!(answer["statusCode"], 200, "{answer:#}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["cents"], 500);
    }
    let answer = run.answer("orders-queue.zip", &read(&event("sqs.json")));
    let failed = &answer["batchItemFailures"];
    assert_eq!(failed.as_array().unwrap().len(), 1, "{answer:#}");
    assert_eq!(
        failed[0]["itemIdentifier"],
        "44444444-4444-4444-8444-444444444444"
    );

    let run = Run::new(&fixture("trio"), &["--function", "orders-report"]);
    assert_eq!(
        run.report()["functions"][0]["verification"]["status"],
        "equal"
    );
    let order = json!([{ "id": "1", "items": [{ "name": "tea", "cents": 5, "count": 3 }] }]);
    let answer = run.answer("orders-report.zip", &order);
    assert_eq!(answer, json!({ "orders": 1, "cents": 15 }));
    // Where it has its layer it finds what the functions share.
    if layers_can_be_placed() {
        let answer = run.answer_with("orders-report.zip", Some("layer.layer.zip"), &order);
        assert_eq!(
            answer,
            json!({ "orders": 1, "cents": 15, "currency": "EUR" })
        );
    } else {
        eprintln!("skipped: no process may have an `/opt` of its own here");
    }
}

#[test]
fn a_layer_that_is_none_is_an_error() {
    let project = Project::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n[package.metadata.coldcut]\nshared-layer = \"gone\"\n[functions.one]\n",
        ),
        ("src/main.rs", "fn main() {}\n"),
        ("empty/.serverlessignore", "*\n"),
        ("empty/x.txt", "x"),
        ("link/ok.txt", "x"),
    ]);
    std::os::unix::fs::symlink("../src/main.rs", project.path().join("link/out.rs")).unwrap();
    let says = |folder: &str| {
        let args = ["--function", "one", "--shared-layer", folder];
        let run = Run::new(project.path(), &args);
        assert_eq!(run.status(), 1);
        assert!(run.zips().is_empty(), "{:?}", run.zips());
        run.stderr()
    };
    let at = |folder: &str| says(project.path().join(folder).to_str().unwrap());
    assert!(at("gone").contains("the layer `gone` is not a folder"));
    assert!(at("empty").contains("the layer `empty` is empty"));
    assert!(at("link").contains("the link `out.rs` leaves the layer"));
}

#[test]
fn an_extension_lies_where_it_is_looked_for() {
    // One build is enough to see where it goes.
    let run = Run::new(&fixture("extension"), &["--rust-profile", "keep"]);
    let function = &run.report()["functions"][0];
    assert_eq!(function["verification"]["status"], "equal", "{function:#}");
    assert_eq!(
        names(&run.out.path().join("counter.zip")),
        ["extensions/counter"]
    );
}

/// On Debian: `rustc-web`, `cargo-web`, `libstd-rust-web-dev:arm64`, `gcc-aarch64-linux-gnu`, and
/// `COLDCUT_ARM64_PATH=/usr/bin`.
#[test]
fn arm64_is_built_by_a_cross_compiler_that_is_found() {
    let Some(tools) = std::env::var_os("COLDCUT_ARM64_PATH") else {
        eprintln!("skipped: COLDCUT_ARM64_PATH names no rustc that builds for arm64");
        return;
    };
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&tools).chain(std::env::split_paths(&usual));
    let path = std::env::join_paths(all).unwrap();
    let event = event("apigw-v2.json");
    let args = ["--arch", "arm64", "--event", event.to_str().unwrap()];
    let run = Run::with(
        &fixture("hello"),
        &args,
        &[("PATH", path.to_str().unwrap())],
    );
    let report = run.report();
    let function = &report["functions"][0];
    let needs = &function["rust"]["needs"];
    assert_eq!(needs["interpreter"], "/lib/ld-linux-aarch64.so.1");
    // Equal where the system runs such programs, by an emulator perhaps.
    let status = &function["verification"]["status"];
    assert!(status == "equal" || status == "unverified", "{function:#}");
    adds_up(&function["rust"]["sizes"]);
}

#[test]
#[ignore = "builds 250 crates: run by `cargo test -- --ignored`"]
fn a_large_one_is_half_as_big_too() {
    let env = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
    ];
    for (profile, bar) in [("balanced", 0.52), ("smallest", 0.49)] {
        let args = ["--compression", "max", "--rust-profile", profile];
        let run = Run::with(&fixture("api"), &args, &env);
        let report = run.report();
        let function = &report["functions"][0];
        assert_eq!(function["verification"]["status"], "equal", "{function:#}");
        assert!(ratio(function) <= bar, "{profile}: {}", ratio(function));
        adds_up(&function["rust"]["sizes"]);
        for name in ["apigw-v1.json", "apigw-v2.json"] {
            let mut event = read(&event(name));
            for place in ["/path", "/rawPath", "/requestContext/http/path"] {
                if let Some(path) = event.pointer_mut(place) {
                    *path = json!("/echo");
                }
            }
            // Another stage's name would stand before the path.
            event["requestContext"]["stage"] = json!("$default");
            event["body"] = json!(r#"{"id":"1","text":"x"}"#);
            let answer = run.answer("api.zip", &event);
            assert_eq!(answer["statusCode"], 200, "{name}: {answer:#}");
        }
    }
}

/// A binary without dependencies, whose build takes a second.
const PLAIN: [(&str, &str); 2] = [
    (
        "Cargo.toml",
        "[package]\nname = \"plain\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    ),
    ("src/main.rs", "fn main() { println!(\"plain\"); }\n"),
];

fn plain(more: &[(&str, &str)]) -> Project {
    let project = Project::new(&PLAIN);
    for (name, text) in more {
        project.write(name, text);
    }
    project
}

#[test]
fn debug_information_lies_beside_and_is_found() {
    let project = plain(&[]);
    let run = Run::new(project.path(), &["--debug-file", "--no-verify"]);
    let report = run.report();
    let rust = &report["functions"][0]["rust"];
    assert!(
        rust["debug_file"]
            .as_str()
            .unwrap()
            .ends_with("plain.debug"),
        "{rust:#}"
    );
    let debug = std::fs::read(run.out.path().join("plain.debug")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    unpack(&run.out.path().join("plain.zip"), dir.path()).unwrap();
    let shipped = std::fs::read(dir.path().join("bootstrap")).unwrap();
    use object::{Object, ObjectSymbol};
    let file = object::File::parse(&*shipped).unwrap();
    let (name, crc) = file.gnu_debuglink().unwrap().unwrap();
    assert_eq!(name, b"plain.debug");
    assert_eq!(crc, libdeflater::crc32(&debug));
    assert_eq!(file.symbols().count(), 0);
    let with = object::File::parse(&*debug).unwrap();
    let main = with
        .symbols()
        .find(|symbol| symbol.name() == Ok("main"))
        .unwrap();
    // The same place in both.
    assert_eq!(with.entry(), file.entry());
    let Ok(found) = Command::new("addr2line")
        .args(["-f", "-C", "-e"])
        .arg(run.out.path().join("plain.debug"))
        .arg(format!("{:#x}", main.address()))
        .output()
    else {
        eprintln!("skipped: no `addr2line` here");
        return;
    };
    assert!(String::from_utf8_lossy(&found.stdout).contains("main"));
}

#[test]
fn this_machines_processor_is_refused() {
    let native = "[build]\nrustflags = [\"-C\", \"target-cpu=native\"]\n";
    let project = plain(&[(".cargo/config.toml", native)]);
    let run = Run::new(project.path(), &[]);
    assert_eq!(run.status(), 1);
    assert!(run.stderr().contains("CC085"), "{}", run.stderr());
    assert!(run.stderr().contains("config.toml"), "{}", run.stderr());
    assert!(run.zips().is_empty());
    let run = Run::with(project.path(), &["--no-verify"], &[("RUSTFLAGS", "")]);
    assert_eq!(run.status(), 0, "{}", run.stderr());
    let run = Run::with(
        plain(&[]).path(),
        &[],
        &[("RUSTFLAGS", "-Ctarget-cpu=native")],
    );
    assert!(run.stderr().contains("CC085"), "{}", run.stderr());
}

#[test]
fn what_would_not_start_there_is_refused() {
    // One function of a newer C library than Amazon Linux 2 has is enough: `gettid` came with 2.30.
    let main = "unsafe extern \"C\" { fn gettid() -> i32; }\nfn main() { println!(\"{}\", unsafe { gettid() }); }\n";
    let project = plain(&[("src/main.rs", main)]);
    let run = Run::new(
        project.path(),
        &["--runtime", "provided.al2", "--no-verify"],
    );
    if !run.stderr().contains("glibc") && run.status() == 0 {
        eprintln!("skipped: this machine's glibc is as old as Amazon Linux 2's");
        return;
    }
    assert_eq!(run.status(), 1);
    let said = run.stderr();
    assert!(
        said.contains("CC086") && said.contains("the platform has 2.26"),
        "{said}"
    );
    assert!(
        said.contains("x86_64-unknown-linux-gnu.2.26") || said.contains("aarch64"),
        "{said}"
    );
    assert!(run.zips().is_empty());
}

#[test]
fn a_symbol_that_is_too_new_for_al2023_is_refused_and_one_that_is_not_passes() {
    // `arc4random` came with glibc 2.36, `pthread_create` moved in 2.34.
    let newer = "unsafe extern \"C\" { fn arc4random() -> u32; }\nfn main() { println!(\"{}\", unsafe { arc4random() }); }\n";
    let project = plain(&[("src/main.rs", newer)]);
    let run = Run::new(project.path(), &["--no-verify"]);
    if run.stderr().contains("arc4random") {
        eprintln!("skipped: this machine's glibc has no `arc4random`");
        return;
    }
    assert_eq!(run.status(), 1, "{}", run.stderr());
    let said = run.stderr();
    let flat = said.replace('│', " ");
    let flat: Vec<&str> = flat.split_whitespace().collect();
    let why = "needs glibc 2.36, but the platform has 2.34";
    assert!(flat.join(" ").contains(why), "{said}");
    assert!(run.zips().is_empty());
    let older = "fn main() { std::thread::spawn(|| ()).join().unwrap(); }\n";
    let run = Run::new(plain(&[("src/main.rs", older)]).path(), &["--no-verify"]);
    let report = run.report();
    let needs = &report["functions"][0]["rust"]["needs"];
    assert_eq!(needs["platform_glibc"], "2.34", "{needs:#}");
}

#[test]
fn compile_errors_come_as_cargo_prints_them() {
    let project = plain(&[("src/main.rs", "fn main() { let x: u8 = \"a\"; }\n")]);
    let run = Run::new(project.path(), &[]);
    assert_eq!(run.status(), 1);
    let said = run.stderr();
    assert!(
        said.contains("error[E0308]: mismatched types\n --> src/main.rs:1:25"),
        "{said}"
    );
    assert!(said.contains("CC081"), "{said}");
    assert!(run.zips().is_empty());
}

#[test]
fn what_cannot_be_built_says_what_to_do() {
    let manifest = |more: &str| format!("{}{more}", PLAIN[0].1);
    let library = Project::new(&[("Cargo.toml", PLAIN[0].1), ("src/lib.rs", "")]);
    let unresolved = manifest("[dependencies]\nserde = \"999\"\n");
    let missing = manifest("[dependencies]\nnone = { path = \"../nowhere\" }\n");
    let cases: [(Project, &[&str], &str); 7] = [
        (library, &[], "no functions found"),
        (
            plain(&[("Cargo.toml", &unresolved)]),
            &[],
            "failed to select a version",
        ),
        (plain(&[("Cargo.toml", &missing)]), &[], "nowhere"),
        (
            plain(&[]),
            &["--rust-target", "x86_64-unknown-linux-ohos"],
            "rustup target add x86_64-unknown-linux-ohos",
        ),
        (
            plain(&[]),
            &["--rust-target", "x86_64-pc-windows-gnu"],
            "not for Linux",
        ),
        (
            plain(&[]),
            &[
                "--arch",
                "arm64",
                "--rust-target",
                "x86_64-unknown-linux-gnu",
            ],
            "not for `arm64`",
        ),
        (
            plain(&[]),
            &["--rust-target", "x86_64-unknown-linux-gnu.x"],
            "is not a target with a glibc version",
        ),
    ];
    for (project, args, said) in cases {
        let run = Run::new(project.path(), args);
        let text = run.stderr();
        // Lines are wrapped where they are shown.
        let flat = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("│ ", "");
        assert_ne!(run.status(), 0, "{said}: {text}");
        assert!(flat.contains(said), "{said}: {text}");
        assert!(run.zips().is_empty());
    }
    let run = Run::with(plain(&[]).path(), &[], &[("PATH", "/nonexistent")]);
    assert!(run.stderr().contains("rustup.rs"), "{}", run.stderr());
    let needs = manifest("[dependencies]\nzz-none-such = \"1\"\n");
    let run = Run::with(
        plain(&[("Cargo.toml", &needs)]).path(),
        &[],
        &[("CARGO_NET_OFFLINE", "true")],
    );
    assert_eq!(run.status(), 1);
    assert!(run.zips().is_empty());
}

#[test]
fn nothing_is_done_twice() {
    let project = plain(&[]);
    let args = ["--no-verify"];
    let first = Run::new(project.path(), &args).report();
    let second = Run::new(project.path(), &args).report();
    let same = |report: &Value| report["functions"][0]["artifact"]["sha256"].clone();
    assert_eq!(same(&first), same(&second));
    assert_eq!(
        first["functions"][0]["rust"],
        second["functions"][0]["rust"]
    );
    project.write("src/main.rs", "fn main() { println!(\"changed\"); }\n");
    let third = Run::new(project.path(), &args).report();
    assert_ne!(same(&first), same(&third));
}

#[test]
fn rust_and_javascript_go_in_one_run() {
    let project = plain(&[
        ("web.mjs", "export const handler = async () => 1;\n"),
        (
            "coldcut.toml",
            "[functions.web]\nentry = \"web.mjs\"\n[functions.native]\nbin = \"plain\"\n",
        ),
    ]);
    let run = Run::new(project.path(), &["--no-verify"]);
    let report = run.report();
    let functions = report["functions"].as_array().unwrap();
    let kinds: Vec<&str> = functions
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["node", "rust"]);
    assert_eq!(run.zips(), ["native.zip", "web.zip"]);
    assert_eq!(report["totals"]["functions"], 2);
}

#[test]
fn profiles_and_causes_are_compared_side_by_side() {
    let project = plain(&[("src/data.bin", &"0123456789abcdef".repeat(8192))]);
    project.write(
        "src/main.rs",
        "fn main() { println!(\"{}\", include_str!(\"data.bin\").len()); }\n",
    );
    let run = Run::new(
        project.path(),
        &["--no-verify", "--compare-profiles", "--what-if"],
    );
    let rust = &run.report()["functions"][0]["rust"];
    let profiles = rust["profiles"].as_array().unwrap();
    let names: Vec<&str> = profiles
        .iter()
        .map(|one| one["profile"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["default", "keep", "balanced", "smallest"]);
    let zipped: Vec<u64> = profiles
        .iter()
        .map(|one| one["zipped_bytes"].as_u64().unwrap())
        .collect();
    assert!(
        zipped.windows(2).all(|pair| pair[0] >= pair[1]),
        "{zipped:?}"
    );
    assert!(
        profiles
            .iter()
            .all(|one| one["build_ms"].as_f64().unwrap() > 0.0)
    );
    let finding = &rust["findings"].as_array().unwrap();
    assert!(
        finding.iter().any(|one| one["kind"] == "embedded-data"),
        "{rust:#}"
    );
    let what_if = rust["what_if"].as_array().unwrap();
    let z = what_if
        .iter()
        .find(|one| one["cause"] == "opt-level-z")
        .unwrap();
    assert!(z["saved_zipped_bytes"].is_i64(), "{z:#}");
}

#[test]
fn a_binarys_start_is_estimated_as_far_as_it_is_known_and_measured_when_asked() {
    let run = Run::new(&fixture("hello"), &["--measure=3"]);
    let report = run.report();
    let one = &report["functions"][0];
    let estimate = &one["estimate"];
    // No size tells what a binary does before its first event.
    let base: Vec<i64> = ["low", "typical", "high"]
        .iter()
        .map(|key| estimate["load_base_ms"][key].as_i64().unwrap())
        .collect();
    assert_eq!(base, [15, 20, 20], "{estimate:#}");
    assert!(estimate["load_saved_ms"]["high"].as_i64().unwrap() <= 5);
    assert!(
        estimate["notes"]
            .to_string()
            .contains("other work before that is not included")
    );
    assert_eq!(estimate["cold_start_target_ms"], 2000.0);
    assert_eq!(one["loaded"], Value::Null);
    let measured = &one["measured"];
    assert_eq!(measured["with_runtime"], true, "{measured:#}");
    assert_eq!(measured["runs"], 3);
    let median = |side: &str| measured[side]["median"].as_f64().unwrap();
    assert!(median("load_ms") > 0.0 && median("load_ms") < 2000.0);
    let sum = |key: &str| estimate[key]["low"].as_i64().unwrap();
    let wanted = sum("download_ms") + median("load_ms").round() as i64;
    assert_eq!(sum("cold_start_ms"), wanted);
}
