//! `coldcut verify`: what it accepts, what it refuses, and what it leaves behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Pack, Project, coldcut, installed, repository};
use crate::zips::{self, Entry};

/// A folder for one test's zips, with one for temporary files, which must be empty in the end.
struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("tmp")).unwrap();
        Self { dir }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn zip(&self, files: &[(&str, &str)]) -> PathBuf {
        zips::write(self.path(), "a.zip", files)
    }

    fn raw(&self, entries: &[Entry<'_>]) -> PathBuf {
        let path = self.path().join("a.zip");
        std::fs::write(&path, zips::bytes(entries, false)).unwrap();
        path
    }

    fn event(&self, event: &Value) -> PathBuf {
        let path = self.path().join("event.json");
        std::fs::write(&path, event.to_string()).unwrap();
        path
    }

    fn command(&self, zip: &Path) -> Command {
        let mut command = coldcut();
        command.env("TMPDIR", self.path().join("tmp"));
        command.arg("verify").arg(zip);
        command
    }

    #[track_caller]
    fn verify(&self, zip: &Path, args: &[&str]) -> Said {
        let output = self.command(zip).args(args).output().unwrap();
        self.said(&output)
    }

    #[track_caller]
    fn said(&self, output: &Output) -> Said {
        let said = Said {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
        let left: Vec<_> = std::fs::read_dir(self.path().join("tmp"))
            .unwrap()
            .flatten()
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        said
    }
}

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    #[track_caller]
    fn is(self, status: i32, parts: &[&str]) -> Self {
        let text = format!("{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.status, status, "{text}");
        // Messages are wrapped to the width of a page.
        let flat = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(" │ ", " ");
        for part in parts {
            assert!(flat.contains(part), "`{part}` is missing in\n{text}");
        }
        self
    }

    fn json(&self) -> Value {
        crate::support::document(self.stdout.as_bytes())
    }
}

/// A number that no other process has in its arguments.
fn mark() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!(
        "{}.{}",
        90_000 + std::process::id() % 10_000,
        now.as_nanos() % 1_000_000_000
    )
}

/// Whether a process with this in its command line still runs.
fn runs(mark: &str) -> bool {
    let found = |entry: std::fs::DirEntry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        // What has ended and waits to be reaped has no command line.
        String::from_utf8_lossy(&line).contains(mark)
    };
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .any(found)
}

#[test]
fn every_kind_of_module_and_setting_is_loaded() {
    for (files, handler) in [
        (
            &[("index.js", "exports.handler = async () => 1;")][..],
            "index.handler",
        ),
        (
            &[(
                "index.mjs",
                "await null; export const handler = async () => 1;",
            )],
            "index.handler",
        ),
        (
            &[("src.v2/a/h.cjs", "exports.api = { get: async () => 1 };")],
            "src.v2/a/h.api.get",
        ),
        (
            &[
                ("package.json", r#"{"type":"module"}"#),
                ("src/h.js", "export const main = async () => 1;"),
            ],
            "src/h.main",
        ),
    ] {
        let world = World::new();
        let zip = world.zip(files);
        world
            .verify(&zip, &["--handler", handler])
            .is(0, &["verified", handler]);
    }
}

#[test]
fn handlers_of_every_style_answer() {
    let world = World::new();
    let event = world.event(&json!({"n": 2}));
    for (code, answer) in [
        ("async (e) => e.n + 1", json!(3)),
        ("(e, c, done) => setTimeout(done, 5, null, e.n)", json!(2)),
        ("(e) => Promise.resolve([e.n])", json!([2])),
        (
            "awslambda.streamifyResponse(async (e, out) => { out.write('a'); out.end('b' + e.n); })",
            json!("ab2"),
        ),
        (
            "awslambda.streamifyResponse(async (e, out) => { out = awslambda.HttpResponseStream.from(out, { statusCode: 201 }); out.end('x'); })",
            json!({"statusCode": 201, "body": "x"}),
        ),
    ] {
        let zip = world.zip(&[("index.js", &format!("exports.handler = {code};"))]);
        let said = world.verify(&zip, &["--json", "--event", event.to_str().unwrap()]);
        let said = said.is(0, &[]);
        assert_eq!(said.json()["artifact"]["answer"]["value"], answer, "{code}");
    }
    // What a plain function gives back counts from Node.js 24 on, as on Lambda.
    let zip = world.zip(&[("index.js", "exports.handler = (e) => e.n;")]);
    let said = world
        .verify(&zip, &["--json", "--event", event.to_str().unwrap()])
        .is(0, &[]);
    let node = said.json()["artifact"]["node"]
        .as_str()
        .unwrap()
        .to_string();
    let major: u32 = node.split('.').next().unwrap().parse().unwrap();
    let answer = &said.json()["artifact"]["answer"]["value"];
    assert_eq!(*answer, if major < 24 { json!(null) } else { json!(2) });
}

#[test]
fn the_document_says_what_was_loaded_and_in_what() {
    let world = World::new();
    let zip = world.zip(&[(
        "index.js",
        "exports.handler = async (event, context) => 1; exports.VERSION = '1';",
    )]);
    let document = world.verify(&zip, &["--json"]).is(0, &[]).json();
    assert_eq!(document["schema"], "coldcut.verification/1");
    assert_eq!(document["status"], "verified");
    assert_eq!(
        document["handler"],
        json!({"setting": "index.handler", "guessed": true})
    );
    let handler = &document["artifact"]["exports"][1];
    assert_eq!(
        *handler,
        json!({"name": "handler", "kind": "function", "async": true, "arity": 2})
    );
    let network = document["isolation"]["network"].as_str().unwrap();
    assert!(network == "cut" || document["isolation"]["network_note"].is_string());
}

#[test]
fn a_handler_that_cannot_be_guessed_is_asked_for_with_candidates() {
    let world = World::new();
    let zip = world.zip(&[
        ("a.js", "exports.handler = async () => require('./lib').x;"),
        ("b.js", "exports.handler = async () => 2;"),
        ("lib.js", "exports.x = () => 1;"),
    ]);
    world.verify(&zip, &[]).is(
        2,
        &["CC134", "`a.handler`, `b.handler`", "--handler a.handler"],
    );
    let one = world.zip(&[
        ("a.js", "exports.handler = async () => require('./lib').x;"),
        ("lib.js", "exports.x = () => 1;"),
    ]);
    world.verify(&one, &[]).is(0, &["a.handler (guessed"]);
    let several = world.zip(&[("a.js", "exports.get = () => 1; exports.put = () => 2;")]);
    world
        .verify(&several, &[])
        .is(2, &["CC134", "`a.get`, `a.put`"]);
    let none = world.zip(&[("readme.txt", "x")]);
    world.verify(&none, &[]).is(2, &["CC134"]);
}

#[test]
fn a_wrong_command_line_is_status_2_and_a_missing_file_is_not() {
    let world = World::new();
    let zip = world.zip(&[("index.js", "exports.handler = async () => 1;")]);
    for args in [
        &["--handler", "index"][..],
        &["--handler", "../index.handler"],
        &["--timeout", "0"],
        &["--event", "/nowhere.json"],
        &["--nope"],
    ] {
        world.verify(&zip, args).is(2, &[]);
    }
    let broken = world.path().join("event.json");
    std::fs::write(&broken, "{").unwrap();
    world
        .verify(&zip, &["--event", broken.to_str().unwrap()])
        .is(2, &["CC129"]);
    world
        .verify(Path::new("/nowhere.zip"), &[])
        .is(1, &["CC125", "/nowhere.zip"]);
    world
        .verify(&zip, &["--handler", "src/x.main"])
        .is(4, &["`src/x.js`"]);
}

#[test]
fn nothing_of_this_machine_is_seen() {
    let world = World::new();
    let zip = world.zip(&[(
        "index.js",
        "exports.handler = async () => ({ names: Object.keys(process.env), home: require('fs').existsSync(process.env.HOME + '/.aws'), net: await new Promise((done) => { const s = require('net').connect(80, '169.254.169.254'); s.on('error', (e) => done(e.code)); s.on('connect', () => done('connected')); s.setTimeout(2000, () => done('timeout')); }) });",
    )]);
    let event = world.event(&json!({}));
    let output = world
        .command(&zip)
        .args(["--json", "--event"])
        .arg(event)
        .env("AWS_ACCESS_KEY_ID", "AKIA")
        .env("AWS_PROFILE", "prod")
        .env("NODE_OPTIONS", "--no-such-option")
        .output()
        .unwrap();
    let document = world.said(&output).is(0, &[]).json();
    let answer = &document["artifact"]["answer"]["value"];
    let names = answer["names"].to_string();
    assert!(
        !names.contains("AKIA")
            && !names.contains("AWS_PROFILE")
            && !names.contains("NODE_OPTIONS")
    );
    assert!(!names.contains("AWS_ACCESS_KEY_ID") && names.contains("AWS_EC2_METADATA_DISABLED"));
    if document["isolation"]["network"] == "cut" {
        assert_eq!(answer["net"], "ENETUNREACH");
    }
}

#[test]
fn a_package_above_the_temporary_folder_is_not_found() {
    let world = World::new();
    let project = Project::new(&[
        ("node_modules/dep/index.js", "exports.x = 1;"),
        ("tmp/keep", ""),
    ]);
    let zip = world.zip(&[(
        "index.js",
        "exports.handler = async () => require('dep').x; require('dep');",
    )]);
    let output = world
        .command(&zip)
        .env("TMPDIR", project.path().join("tmp"))
        .output()
        .unwrap();
    world.said(&output).is(4, &["does not find `dep`"]);
}

#[test]
fn an_artifact_is_held_to_its_project_and_to_another_zip() {
    let world = World::new();
    let project = Project::new(&[
        ("package.json", r#"{"name":"p","main":"src/index.ts"}"#),
        (
            "src/index.ts",
            "import { add } from './lib';\nexport const handler = async (event: { n: number }, c: unknown) => ({ n: add(event.n), id: Math.random() });\n",
        ),
        (
            "src/lib.ts",
            "export const add = (n: number): number => n + 1;\n",
        ),
    ]);
    let pack = Pack::run(project.path(), &[]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let zip = pack.out.path().join(&pack.written()[0]);
    let event = world.event(&json!({"n": 1}));
    let against = project.path().to_str().unwrap();
    let args = ["--against", against, "--event", event.to_str().unwrap()];
    world
        .verify(&zip, &args)
        .is(0, &["its answer is the original's", "`$.id`"]);
    // The original changes: the artifact is not what it was any more.
    project.write(
        "src/lib.ts",
        "export const add = (n: number): number => n + 2;\n",
    );
    world
        .verify(&zip, &args)
        .is(4, &["CC130", "`$.n` is 2 and was 3"]);
    project.write(
        "src/index.ts",
        "export const handler = async () => ({ n: 2 });\n",
    );
    world
        .verify(&zip, &args)
        .is(4, &["`handler` takes 2 parameters and took 0"]);
    let other = Pack::run(project.path(), &[]);
    let other = other.out.path().join(&other.written()[0]);
    world
        .verify(&zip, &["--against", other.to_str().unwrap()])
        .is(4, &["`handler` takes 2 parameters and took 0"]);
    world
        .verify(&zip, &["--against", zip.to_str().unwrap()])
        .is(0, &["its one export is the original's"]);
    let listing = walkdir::WalkDir::new(project.path()).into_iter().count();
    assert_eq!(listing, 5, "nothing is written into the project");
}

#[test]
fn a_handler_that_wants_a_setting_must_want_it_in_both() {
    let world = World::new();
    let wants = "if (!process.env.TABLE) throw new Error('TABLE is not set'); exports.handler = async () => 1;";
    let zip = world.zip(&[("index.js", wants)]);
    let project = Project::new(&[("package.json", "{}"), ("index.js", wants)]);
    let against = project.path().to_str().unwrap();
    let handler = ["--handler", "index.handler"];
    world.verify(&zip, &handler).is(4, &["TABLE is not set"]);
    world
        .verify(&zip, &["--against", against])
        .is(0, &["exactly as the original fails", "TABLE is not set"]);
    project.write("index.js", &wants.replace("TABLE", "QUEUE"));
    world
        .verify(&zip, &["--against", against])
        .is(4, &["QUEUE is not set", "TABLE is not set"]);
    project.write("index.js", "exports.handler = async () => 1;");
    world
        .verify(&zip, &["--against", against])
        .is(4, &["the original loads, the artifact does not"]);
}

#[test]
fn what_the_platform_has_is_taken_from_the_project_by_name_only() {
    let project = installed("legacy-cjs");
    let pack = Pack::run(&project, &["--function", "sync"]);
    let zip = pack.out.path().join("sync.zip");
    let world = World::new();
    let against = project.to_str().unwrap();
    let handler = ["--handler", "handlers/sync.run", "--against", against];
    world.verify(&zip, &handler).is(4, &["aws-sdk"]);
    let with = [&handler[..], &["--external", "aws-sdk"]].concat();
    world.verify(&zip, &with).is(0, &["verified"]);
    world
        .verify(
            &zip,
            &["--handler", "handlers/sync.run", "--external", "aws-sdk"],
        )
        .is(1, &["CC136", "--against"]);
}

#[test]
fn a_bootstrap_is_started_and_answers() {
    let node = coldcut_verify::find_node().unwrap();
    let program = |answer: &str| {
        format!(
            "#!{}\nconst base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';\n(async () => {{ const r = await fetch(base + 'next'); const e = await r.json(); {answer} }})();\n",
            node.display()
        )
    };
    let answers = program(
        "await fetch(base + r.headers.get('lambda-runtime-aws-request-id') + '/response', { method: 'POST', body: JSON.stringify({ n: e.n + 1 }) });",
    );
    let world = World::new();
    let event = world.event(&json!({"n": 1}));
    let event = event.to_str().unwrap();
    let zip = world.raw(&[Entry::program("bootstrap", answers.as_bytes())]);
    let said = world.verify(&zip, &["--json", "--event", event]).is(0, &[]);
    assert_eq!(said.json()["artifact"]["answer"]["value"], json!({"n": 2}));
    let other = world.path().join("other.zip");
    let changed = answers.replace("+ 1", "+ 2");
    std::fs::write(
        &other,
        zips::bytes(&[Entry::program("bootstrap", changed.as_bytes())], false),
    )
    .unwrap();
    let other = other.to_str().unwrap();
    world
        .verify(&zip, &["--event", event, "--against", other])
        .is(4, &["the answers to the event differ"]);
    world.verify(&zip, &["--against", "."]).is(1, &["CC136"]);
    let silent = world.raw(&[Entry::program(
        "bootstrap",
        b"#!/bin/sh\nprintf 'no\\001libfoo' >&2\nexit 7\n",
    )]);
    world
        .verify(&silent, &[])
        .is(4, &["exit status 7", "libfoo"]);
    let idle = world.raw(&[Entry::program(
        "bootstrap",
        b"#!/bin/sh\nsleep 60 & sleep 60\n",
    )]);
    world
        .verify(&idle, &["--timeout", "0.5"])
        .is(4, &["within 0.5 s"]);
}

#[test]
fn fixtures_are_verified_against_themselves() {
    for (fixture, function, handler) in [
        ("esm-tla", "IngestFunction", "src/ingest.handler"),
        ("legacy-cjs", "invoice", "handlers/invoice.handler"),
        (
            "npm-workspace/packages/fn",
            "caption",
            "src/caption.handler",
        ),
    ] {
        let project = installed(fixture);
        let folder = repository().join("fixtures").join(fixture);
        for strategy in ["bundle", "trace", "prune"] {
            let pack = Pack::run(&project, &["--strategy", strategy, "--function", function]);
            let zip = pack.out.path().join(format!("{function}.zip"));
            let world = World::new();
            let event = folder.join(format!("events/{function}.json"));
            let args = [
                "--json",
                "--handler",
                handler,
                "--event",
                event.to_str().unwrap(),
                "--against",
                project.to_str().unwrap(),
            ];
            let document = world.verify(&zip, &args).is(0, &[]).json();
            let expected = std::fs::read(folder.join(format!("expected/{function}.json"))).unwrap();
            let expected: Value = serde_json::from_slice(&expected).unwrap();
            assert_eq!(
                document["artifact"]["answer"]["value"], expected,
                "{fixture}: {strategy}"
            );
        }
    }
}

// ---- hostile input ---------------------------------------------------------------------------

#[test]
fn a_zip_that_is_none_or_cut_off_is_named_so() {
    let world = World::new();
    let zip = world.path().join("a.zip");
    std::fs::write(&zip, "hello").unwrap();
    world.verify(&zip, &[]).is(1, &["CC125", "help:"]);
    let good = world.zip(&[("index.js", "exports.handler = async () => 1;")]);
    let bytes = std::fs::read(&good).unwrap();
    for keep in [bytes.len() - 1, bytes.len() / 2, 10] {
        std::fs::write(&good, &bytes[..keep]).unwrap();
        world.verify(&good, &[]).is(1, &["CC133", "cut off"]);
    }
    // A byte of the data is another one: the checksum does not hold.
    let mut changed = bytes.clone();
    changed[45] ^= 1;
    std::fs::write(&good, &changed).unwrap();
    world.verify(&good, &[]).is(1, &["CC133", "`index.js`"]);
    world
        .verify(world.path(), &[])
        .is(1, &["CC125", "is a folder"]);
}

#[test]
fn an_encrypted_zip_is_named_so() {
    let world = World::new();
    let zip = world.raw(&[Entry {
        encrypted: true,
        ..Entry::file("index.js", b"0123456789abcdef")
    }]);
    world
        .verify(&zip, &[])
        .is(1, &["CC131", "is encrypted", "without a password"]);
}

#[test]
fn entries_that_would_leave_the_folder_are_refused() {
    let world = World::new();
    for name in [
        "../evil.js",
        "/tmp/evil.js",
        "a/../../evil.js",
        "a\\..\\evil.js",
    ] {
        let zip = world.raw(&[Entry::file(name, b"1")]);
        world.verify(&zip, &[]).is(
            1,
            &[
                "CC126",
                "would be written outside of the folder",
                "check where this zip comes from",
            ],
        );
    }
    for target in ["/etc", "../..", "x/../../.."] {
        let zip = world.raw(&[
            Entry::link("a/link", target),
            Entry::file("a/index.js", b"1"),
        ]);
        world
            .verify(&zip, &[])
            .is(1, &["CC126", "its link points out of the folder"]);
    }
    let twice = world.raw(&[Entry::file("a.js", b"1"), Entry::file("a.js", b"2")]);
    world.verify(&twice, &[]).is(1, &["CC126"]);
    // A file through a link of the same zip.
    let through = world.raw(&[Entry::link("a", "b"), Entry::file("a/x.js", b"1")]);
    world.verify(&through, &[]).is(1, &["CC127"]);
    assert!(!Path::new("/tmp/evil.js").exists());
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let world = World::new();
    let huge = world.raw(&[Entry {
        deflated: true,
        says: Some(u32::MAX - 1),
        ..Entry::file("index.js", b"\x03\0")
    }]);
    world
        .verify(&huge, &[])
        .is(1, &["CC132", "it unpacks to 4294967294 bytes"]);
    let dense = world.raw(&[Entry {
        deflated: true,
        says: Some(100 << 20),
        ..Entry::file("index.js", &[0; 1000])
    }]);
    world
        .verify(&dense, &[])
        .is(1, &["CC132", "its 1000 bytes unpack to"]);
    let zip = world.path().join("a.zip");
    let data = vec![b'x'; 4096];
    let entries = [
        Entry::file("a.js", &data),
        Entry::file("b.js", &data),
        Entry::file("c.js", &data),
    ];
    std::fs::write(&zip, zips::bytes(&entries, true)).unwrap();
    let said = world.verify(&zip, &[]);
    assert_eq!(said.status, 1);
    assert!(
        ["CC132", "CC133", "CC125"]
            .iter()
            .any(|code| said.stderr.contains(code)),
        "{}",
        said.stderr
    );
    // Says less than it is.
    let mut squeezed = vec![0; 4096];
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let length = compressor
        .deflate_compress(&vec![b'x'; 1 << 20], &mut squeezed)
        .unwrap();
    let liar = world.raw(&[Entry {
        deflated: true,
        says: Some(10),
        ..Entry::file("index.js", &squeezed[..length])
    }]);
    world.verify(&liar, &[]).is(1, &["CC133"]);
}

/// A handler whose file is this, which must fail with all of this said, in time, and leave no
/// process with `mark` in its command line.
#[track_caller]
fn hostile(code: &str, args: &[&str], mark: &str, parts: &[&str]) {
    let world = World::new();
    let zip = world.zip(&[("index.js", code)]);
    let event = world.event(&json!({}));
    let started = Instant::now();
    let all = [
        &[
            "--handler",
            "index.handler",
            "--event",
            event.to_str().unwrap(),
        ],
        args,
    ]
    .concat();
    for network in [&[][..], &["--allow-network"]] {
        world
            .verify(&zip, &[&all[..], network].concat())
            .is(4, parts);
        assert!(!runs(mark), "a process is left");
    }
    assert!(
        started.elapsed() < Duration::from_secs(90),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_handler_that_never_returns_is_ended() {
    let mark = mark();
    let wait = format!("require('child_process').spawn('sleep', ['{mark}']);");
    hostile(
        &format!("console.log('going in'); {wait} for (;;) ;"),
        &["--timeout", "3"],
        &mark,
        &["not finished after 3 s", "going in"],
    );
    hostile(
        &format!("exports.handler = () => {{ console.log('called'); {wait} for (;;) ; }};"),
        &["--timeout", "3"],
        &mark,
        &["not finished after 3 s", "called"],
    );
    hostile(
        "exports.handler = () => new Promise(() => {});",
        &[],
        &mark,
        &["never settles"],
    );
}

#[test]
fn a_handler_that_leaves_is_told() {
    hostile(
        "console.log('bye'); process.exit(0);",
        &[],
        &mark(),
        &["exits with status 0", "bye"],
    );
    hostile(
        "exports.handler = async () => { console.log('bye'); process.exit(3); };",
        &[],
        &mark(),
        &["exits with status 3", "bye"],
    );
}

#[test]
fn children_that_stay_are_ended_even_if_they_detach() {
    let mark = mark();
    // Its own session, its parent gone, nothing of its environment or streams kept.
    let spawn = format!(
        "require('child_process').spawnSync('sh', ['-c', 'setsid sleep {mark} >/dev/null 2>&1 </dev/null &'], {{ detached: true, stdio: 'ignore', env: {{ PATH: process.env.PATH }}, cwd: '/' }});"
    );
    hostile(
        &format!("{spawn} exports.handler = async () => 1;"),
        &[],
        &mark,
        &["leaves processes behind (sleep)"],
    );
    hostile(
        &format!("exports.handler = async () => {{ {spawn} return 1; }};"),
        &[],
        &mark,
        &["leaves processes behind (sleep)"],
    );
    hostile(
        &format!("{spawn} throw new Error('no');"),
        &[],
        &mark,
        &["Error: no"],
    );
    // One that ends by itself stays for nobody.
    let world = World::new();
    let zip = world.zip(&[(
        "index.js",
        "require('child_process').spawn('sleep', ['0.1']); exports.handler = async () => 1;",
    )]);
    world.verify(&zip, &[]).is(0, &["verified"]);
}

#[test]
fn a_handler_that_takes_all_memory_is_ended() {
    let args = ["--memory", "200", "--timeout", "20"];
    hostile(
        "const all = []; for (;;) all.push(new Array(1e5).fill(all.length));",
        &args,
        &mark(),
        &["more than 200 MB of memory"],
    );
    // Outside of the heap that V8 counts.
    hostile(
        "exports.handler = async () => { const all = []; for (;;) { all.push(Buffer.alloc(1 << 24, 1)); await null; } };",
        &args,
        &mark(),
        &["more than 200 MB of memory"],
    );
}

#[test]
fn a_crash_of_node_is_told_with_its_last_words() {
    hostile(
        "console.log('last words'); process.abort();",
        &[],
        &mark(),
        &["signal 6 (aborted)", "last words"],
    );
    hostile(
        "exports.handler = async () => { console.log('last words'); process.kill(process.pid, 'SIGSEGV'); for (;;) ; };",
        &[],
        &mark(),
        &["signal 11 (segmentation fault)", "last words"],
    );
}

#[test]
fn garbage_is_shown_without_harm() {
    let code = "process.stdout.write(Buffer.from([27, 91, 50, 74, 0, 255, 7])); for (let i = 0; i < 50; i++) console.log('x'.repeat(100000)); console.log('the end'); throw new Error('\\u001b[31mred');";
    hostile(code, &[], &mark(), &["the end"]);
    let world = World::new();
    let zip = world.zip(&[("index.js", code)]);
    let said = world
        .verify(&zip, &["--handler", "index.handler"])
        .is(4, &["red"]);
    assert!(!said.stdout.contains('\u{1b}') && !said.stdout.contains('\0'));
    assert!(said.stdout.len() < 20_000);
    let document = world
        .verify(&zip, &["--json", "--handler", "index.handler"])
        .is(4, &[])
        .json();
    assert_eq!(document["status"], "failed");
}

#[test]
fn a_folder_whose_rights_are_taken_away_goes_too() {
    let world = World::new();
    let zip = world.zip(&[(
        "a/index.js",
        "const fs = require('fs'); exports.handler = async () => 1; fs.mkdirSync(__dirname + '/deep/er', { recursive: true }); fs.chmodSync(__dirname + '/deep', 0); fs.chmodSync(__dirname, 0);",
    )]);
    world.verify(&zip, &[]).is(0, &["verified"]);
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let mark = mark();
    let world = World::new();
    let zip = world.zip(&[(
        "index.js",
        &format!(
            "require('child_process').spawn('sleep', ['{mark}'], {{ detached: true }}); for (;;) ;"
        ),
    )]);
    let mut child = world
        .command(&zip)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while !runs(&mark) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(runs(&mark), "the handler has not started");
    let done = Command::new("kill")
        .arg("-TERM")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(done.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let gone = Instant::now() + Duration::from_secs(5);
    while runs(&mark) && Instant::now() < gone {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!runs(&mark), "a process is left");
    let left: Vec<_> = std::fs::read_dir(world.path().join("tmp"))
        .unwrap()
        .flatten()
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn without_node_it_says_so() {
    let world = World::new();
    let zip = world.zip(&[("index.js", "exports.handler = async () => 1;")]);
    let empty = world.path().join("bin");
    std::fs::create_dir(&empty).unwrap();
    let output = world.command(&zip).env("PATH", &empty).output().unwrap();
    world
        .said(&output)
        .is(1, &["CC120", "no `node` on the PATH", "install Node.js"]);
}

#[test]
fn a_network_that_cannot_be_cut_is_said_to_be_there() {
    // A user namespace in which no network may be made; where there are none, the run below is
    // like every other here, and what it says of itself is held to that.
    let script = "echo 0 >/proc/sys/user/max_net_namespaces && exec \"$0\" \"$@\"";
    let refusing = Command::new("unshare")
        .args(["-Ur", "sh", "-c", script, "true"])
        .status()
        .is_ok_and(|status| status.success());
    let world = World::new();
    let zip = world.zip(&[("index.js", "exports.handler = async () => 1;")]);
    let mut command = if refusing {
        let mut command = Command::new("unshare");
        command.args(["-Ur", "sh", "-c", script, env!("CARGO_BIN_EXE_coldcut")]);
        command
    } else {
        coldcut()
    };
    let output = command
        .args(["verify", "--json"])
        .arg(&zip)
        .env("TMPDIR", world.path().join("tmp"))
        .output()
        .unwrap();
    let document = world.said(&output).is(0, &[]).json();
    let isolation = &document["isolation"];
    if refusing {
        assert_eq!(isolation["network"], "open", "{isolation}");
    }
    assert_eq!(
        isolation["network"] == "open",
        isolation["network_note"].is_string(),
        "{isolation}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn children_that_it_had_before_are_left_alone() {
    let mark = mark();
    let world = World::new();
    let zip = world.zip(&[("index.js", "exports.handler = async () => 1;")]);
    let pid = world.path().join("pid");
    let script = "sleep \"$2\" & echo $! >\"$3\"; exec \"$0\" verify \"$1\" >/dev/null";
    let status = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_coldcut")])
        .arg(&zip)
        .arg(&mark)
        .arg(&pid)
        .status()
        .unwrap();
    assert!(status.success());
    assert!(runs(&mark), "a child that is none of its own was ended");
    let pid = std::fs::read_to_string(pid).unwrap();
    let ended = Command::new("kill").arg(pid.trim()).status().unwrap();
    assert!(ended.success());
}

#[test]
fn an_artifact_is_held_to_the_originals_answers_in_the_functions_environment() {
    let project = Project::new(&[
        (
            "serverless.yml",
            "service: s\nprovider: {name: aws, runtime: nodejs22.x, environment: {TABLE: orders, LATE: '${ssm:/late}'}}\n\
             functions:\n  a: {handler: a.handler, environment: {KIND: '${self:provider.name}'}}\n",
        ),
        ("package.json", r#"{"name":"s"}"#),
        (
            "a.js",
            "if (!process.env.TABLE) throw new Error('no TABLE');\n\
             const read = (name) => require('fs').readFileSync(process.env['DIR' + name] + '/x.txt', 'utf8');\n\
             exports.handler = async (event) => [event.n, process.env.TABLE, process.env.KIND, process.env.MORE, read(event.n)];",
        ),
        ("data/x.txt", "data"),
        ("event.json", r#"{"n":1}"#),
        ("broken.json", "{"),
    ]);
    let env = [
        "--env",
        "MORE=more",
        "--env",
        "DIR1=data",
        "--strategy",
        "bundle",
    ];
    let event = project.path().join("event.json");
    let event = event.to_str().unwrap();
    // The file that only the event leads to is not there.
    let pack = Pack::run(
        project.path(),
        &[&env[..], &["--event", event, "--json"]].concat(),
    );
    assert_eq!(pack.status(), 4, "{}", pack.stderr());
    let report = crate::support::document(&pack.output.stdout);
    let proof = &report["functions"][0]["verification"];
    assert_eq!(proof["status"], "differs", "{proof}");
    assert!(
        proof["detail"].as_str().unwrap().contains("x.txt"),
        "{proof}"
    );
    // Without the event nothing of it shows, and with the file the answers are the same.
    let pack = Pack::run(project.path(), &[&env[..], &["--json"]].concat());
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let more = ["--event", event, "--include", "data/**", "--json"];
    let pack = Pack::run(project.path(), &[&env[..], &more].concat());
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let report = pack.report();
    let proof = &report["functions"][0]["verification"];
    assert!(
        proof["detail"]
            .as_str()
            .unwrap()
            .contains("its answer is the original's"),
        "{proof}"
    );

    let pack = Pack::run(
        project.path(),
        &["--event", &event.replace("event", "broken")],
    );
    assert_eq!(pack.status(), 1, "{}", pack.stderr());
    assert!(pack.stderr().contains("broken.json"), "{}", pack.stderr());
    let pack = Pack::run(project.path(), &["--env", "X"]);
    assert!(
        pack.stderr().contains("`--env X` has no `=`"),
        "{}",
        pack.stderr()
    );
}
