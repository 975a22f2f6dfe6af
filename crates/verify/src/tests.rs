//! The room as a whole, against the real Node.js and real processes.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::codes::{EXPORT_MISSING, HANDLER_FILE, NODE};
use crate::*;
use coldcut_core::artifact::RelPath;

/// A folder with files, its handler `h.js` unless said otherwise.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn options() -> LoadOptions {
    LoadOptions::new(find_node().expect("the tests need node on the PATH"))
}

fn load_in(dir: &Path, handler: &str, opts: &LoadOptions) -> Loaded {
    load(dir, &RelPath::new(handler).unwrap(), opts).unwrap()
}

fn loaded(files: &[(&str, &str)]) -> Loaded {
    let dir = folder(files);
    let handler = files[0].0;
    load_in(dir.path(), handler, &options())
}

fn names(loaded: &Loaded) -> Vec<String> {
    match &loaded.outcome {
        Outcome::Exports(exports) => exports.list.iter().map(|e| e.name.clone()).collect(),
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn failed(loaded: &Loaded) -> &Failure {
    match &loaded.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Exports(exports) => panic!("{exports:?}"),
    }
}

#[test]
fn commonjs_exports_are_seen_with_their_shapes() {
    let loaded = loaded(&[(
        "h.js",
        "console.log('x'); exports.main = async (event) => 1; exports.C = class { constructor(a, b) {} }; exports.n = null;",
    )]);
    let Outcome::Exports(exports) = &loaded.outcome else {
        panic!("{loaded:?}")
    };
    assert_eq!(exports.format, "commonjs");
    let shape = |name: &str| {
        let e = exports.list.iter().find(|e| e.name == name).unwrap();
        (e.kind.as_str(), e.is_async, e.arity)
    };
    assert_eq!(shape("main"), ("function", true, Some(1)));
    assert_eq!(shape("C"), ("class", false, Some(2)));
    assert_eq!(shape("n"), ("null", false, None));
    assert_eq!(loaded.output, "x");
}

#[test]
fn an_es_module_with_top_level_await_loads() {
    let files = [
        (
            "h.mjs",
            "const v = await new Promise((r) => setTimeout(r, 20, 3)); export const handler = () => v; export default { b: 1, a: 2 };",
        ),
        ("package.json", "{}"),
    ];
    let first = loaded(&files);
    assert_eq!(names(&first), ["default", "handler"]);
    let Outcome::Exports(exports) = &first.outcome else {
        panic!()
    };
    assert_eq!(exports.format, "module");
    assert_eq!(exports.list[0].keys, ["a", "b"]);
    let proof = compare(&first, &loaded(&files));
    assert_eq!(proof.status, Status::Equal, "{}", proof.detail);
}

#[test]
fn the_nearest_manifest_says_how_a_file_is_read() {
    let inner = loaded(&[
        ("src/h.js", "export const a = 1;"),
        ("package.json", "{\"type\":\"module\"}"),
    ]);
    assert_eq!(names(&inner), ["a"]);
    let cjs = loaded(&[
        ("src/h.cjs", "exports.a = 1;"),
        ("package.json", "{\"type\":\"module\"}"),
    ]);
    assert_eq!(names(&cjs), ["a", "module.exports"]);
    let nearer = loaded(&[
        ("src/h.js", "exports.a = 1;"),
        ("src/package.json", "{}"),
        ("package.json", "{\"type\":\"module\"}"),
    ]);
    assert_eq!(names(&nearer), ["a", "module.exports"]);
}

#[test]
fn a_missing_export_differs() {
    let a = loaded(&[("h.js", "exports.a = () => 1; exports.b = 2;")]);
    let b = loaded(&[("h.js", "exports.a = async () => 1;")]);
    let proof = compare(&a, &b);
    assert_eq!(proof.status, Status::Differs);
    assert!(proof.detail.contains("`b` is missing"), "{}", proof.detail);
    assert!(
        proof
            .detail
            .contains("`a` is async function and was function"),
        "{}",
        proof.detail
    );
}

#[test]
fn a_module_missing_in_the_artifact_is_named_with_what_to_do() {
    let handler = ("h.js", "exports.v = require('@x/dep/sub').v;");
    let a = loaded(&[handler, ("node_modules/@x/dep/sub.js", "exports.v = 1;")]);
    let b = loaded(&[handler]);
    let proof = compare(&a, &b);
    assert_eq!(proof.status, Status::Differs);
    for part in [
        "`@x/dep/sub`",
        "--include 'node_modules/@x/dep/**'",
        "--strategy prune",
        "required by `h.js`",
    ] {
        assert!(proof.detail.contains(part), "{part}: {}", proof.detail);
    }
    let file = (
        "h.js",
        "exports.v = require('fs').readFileSync(__dirname + '/a/t.txt', 'utf8');",
    );
    let proof = compare(&loaded(&[file, ("a/t.txt", "x")]), &loaded(&[file]));
    assert!(
        proof.detail.contains("--include 'a/t.txt'"),
        "{}",
        proof.detail
    );
}

#[test]
fn an_es_module_names_what_it_does_not_find() {
    let handler = ("h.mjs", "import v from 'dep'; export { v };");
    let dep = [
        ("node_modules/dep/package.json", "{\"main\":\"i.js\"}"),
        ("node_modules/dep/i.js", "module.exports = 1;"),
    ];
    let proof = compare(&loaded(&[handler, dep[0], dep[1]]), &loaded(&[handler]));
    assert_eq!(proof.status, Status::Differs);
    assert!(
        proof.detail.contains("`dep` (required by `h.mjs`)"),
        "{}",
        proof.detail
    );
}

#[test]
fn the_same_failure_on_both_sides_is_equal() {
    let handler = (
        "h.js",
        "if (!process.env.DATABASE_URL) throw new TypeError('no DATABASE_URL in ' + __filename); exports.a = 1;",
    );
    let (a, b) = (loaded(&[handler]), loaded(&[handler]));
    assert_eq!(failed(&a).message, "no DATABASE_URL in <root>/h.js");
    assert!(failed(&a).frames[0].contains("<root>/h.js:1"), "{a:?}");
    let proof = compare(&a, &b);
    assert_eq!(proof.status, Status::Equal, "{}", proof.detail);
    assert!(proof.detail.contains("no DATABASE_URL"), "{}", proof.detail);
    let other = loaded(&[("h.js", "throw new TypeError('another');")]);
    assert_eq!(compare(&a, &other).status, Status::Differs);
    let works = loaded(&[("h.js", "exports.a = 1;")]);
    let proof = compare(&a, &works);
    assert_eq!(proof.status, Status::Differs);
    assert!(
        proof.detail.contains("the artifact loads"),
        "{}",
        proof.detail
    );
}

#[test]
fn leaving_while_loading_is_a_failure_with_its_status() {
    let a = loaded(&[("h.js", "process.exit(3);")]);
    assert_eq!(failed(&a).kind, FailureKind::Exited);
    assert_eq!(failed(&a).code.as_deref(), Some("3"));
    let b = loaded(&[("h.js", "process.exitCode = 0; process.exit();")]);
    assert_eq!(compare(&a, &b).status, Status::Differs);
    assert_eq!(compare(&a, &a.clone()).status, Status::Equal);
}

#[test]
fn a_rejection_that_nobody_handles_is_a_failure() {
    let a = loaded(&[(
        "h.js",
        "Promise.reject(new RangeError('late')); exports.a = 1;",
    )]);
    assert_eq!(failed(&a).kind, FailureKind::Rejected);
    assert_eq!(failed(&a).name, "RangeError");
    let text = loaded(&[("h.js", "throw 'only text';")]);
    assert_eq!(failed(&text).message, "only text");
}

#[test]
fn an_await_that_never_ends_is_told_from_one_that_hangs() {
    let a = loaded(&[("h.mjs", "await new Promise(() => {}); export const a = 1;")]);
    assert_eq!(failed(&a).kind, FailureKind::Unsettled);
}

#[test]
fn a_hang_is_killed_with_its_children_and_proves_nothing() {
    let dir = folder(&[(
        "h.js",
        "const c = require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); require('fs').writeFileSync(__dirname + '/pid', String(c.pid)); for (;;) ;",
    )]);
    let opts = LoadOptions {
        bounds: Bounds {
            timeout: Duration::from_secs(3),
            ..Bounds::default()
        },
        ..options()
    };
    let started = Instant::now();
    let a = load_in(dir.path(), "h.js", &opts);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(failed(&a).kind, FailureKind::TimedOut);
    let pid = fs::read_to_string(dir.path().join("pid")).unwrap();
    let gone = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    };
    let until = Instant::now() + Duration::from_secs(5);
    while !gone() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(gone(), "the child of the handler still runs");
    let works = loaded(&[("h.js", "exports.a = 1;")]);
    assert_eq!(compare(&a, &works).status, Status::Unverified);
    assert_eq!(compare(&a, &a.clone()).status, Status::Unverified);
    assert_eq!(compare(&works, &a).status, Status::Differs);
}

#[test]
fn open_handles_do_not_keep_it_running() {
    let started = Instant::now();
    let a = loaded(&[(
        "h.js",
        "setInterval(() => {}, 1000); require('http').createServer().listen(0); exports.a = 1;",
    )]);
    assert_eq!(names(&a), ["a", "module.exports"]);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_crash_is_told_and_endless_output_does_no_harm() {
    let a = loaded(&[("h.js", "process.kill(process.pid, 'SIGSEGV'); for (;;) ;")]);
    assert_eq!(failed(&a).kind, FailureKind::Crashed);
    assert!(failed(&a).message.contains("signal 11"), "{a:?}");
    let b = loaded(&[(
        "h.js",
        "const s = 'x'.repeat(1 << 20) + '\\n'; for (let i = 0; i < 40; i++) process.stdout.write(s); console.error('end'); exports.a = 1;",
    )]);
    assert_eq!(names(&b), ["a", "module.exports"]);
    assert!(b.output.len() <= 4096 && b.output.ends_with("end"));
}

#[test]
fn no_variable_of_this_machine_is_seen() {
    let dir = folder(&[(
        "h.js",
        "exports[Object.keys(process.env).sort().join()] = 1; exports[process.env.LAMBDA_TASK_ROOT === process.cwd()] = 1; exports[process.env.MINE] = 1;",
    )]);
    let opts = LoadOptions {
        env: vec![("MINE".to_string(), "yes".to_string())],
        ..options()
    };
    let names = names(&load_in(dir.path(), "h.js", &opts));
    assert!(names.contains(&"true".to_string()), "{names:?}");
    assert!(names.contains(&"yes".to_string()), "{names:?}");
    let all = names.iter().find(|n| n.contains("AWS_REGION")).unwrap();
    for own in ["CARGO", "USER", "NODE_PATH", "AWS_SECRET_ACCESS_KEY"] {
        assert!(!all.split(',').any(|name| name == own), "{own} in {all}");
    }
}

#[test]
fn nothing_is_written_into_the_folder() {
    let dir = folder(&[("h.js", "exports.a = 1;")]);
    load_in(dir.path(), "h.js", &options());
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_handler_export_missing_on_both_sides_is_the_projects_fault() {
    let dir = folder(&[("src/h.js", "exports.handler = () => 1; exports.other = 2;")]);
    let opts = LoadOptions {
        export: Some("Handler".to_string()),
        ..options()
    };
    let a = load_in(dir.path(), "src/h.js", &opts);
    let proof = compare(&a, &a.clone());
    assert_eq!(proof.status, Status::Equal);
    let problem = proof.problem.unwrap();
    assert_eq!(problem.code, EXPORT_MISSING);
    assert_eq!(problem.message, "`src/h.js` does not export `Handler`");
    assert_eq!(problem.notes, ["it exports `handler`, `other`"]);
    assert!(problem.help.unwrap().contains("`src/h.handler`"));
    let there = LoadOptions {
        export: Some("handler".to_string()),
        ..options()
    };
    let a = load_in(dir.path(), "src/h.js", &there);
    assert_eq!(compare(&a, &a.clone()).problem, None);
}

#[test]
fn another_node_than_the_runtimes_is_noted() {
    let dir = folder(&[("h.js", "exports.a = 1;")]);
    let opts = LoadOptions {
        wanted_major: Some(4),
        ..options()
    };
    let a = load_in(dir.path(), "h.js", &opts);
    let detail = compare(&a, &a.clone()).detail;
    assert!(detail.contains("while the runtime has 4"), "{detail}");
}

#[test]
fn what_the_platform_provides_is_found_and_nothing_else() {
    let project = folder(&[
        ("node_modules/aws-sdk/index.js", "exports.v = 2;"),
        (
            "node_modules/@aws-sdk/s3/package.json",
            "{\"exports\":\"./i.mjs\"}",
        ),
        ("node_modules/@aws-sdk/s3/i.mjs", "export const v = 3;"),
        ("node_modules/forgotten/index.js", ""),
    ]);
    let opts = LoadOptions {
        provided: Some(Provided {
            from: project.path().to_path_buf(),
            packages: vec!["aws-sdk".to_string(), "@aws-sdk/*".to_string()],
        }),
        ..options()
    };
    let cjs = folder(&[("h.js", "exports['v' + require('aws-sdk').v] = 1;")]);
    assert_eq!(
        names(&load_in(cjs.path(), "h.js", &opts)),
        ["module.exports", "v2"]
    );
    let esm = folder(&[("h.mjs", "export { v } from '@aws-sdk/s3';")]);
    assert_eq!(names(&load_in(esm.path(), "h.mjs", &opts)), ["v"]);
    let wrong = folder(&[("h.js", "require('forgotten');")]);
    let a = load_in(wrong.path(), "h.js", &opts);
    assert_eq!(failed(&a).code.as_deref(), Some("MODULE_NOT_FOUND"));
}

fn call(code: &str, event: &str) -> std::result::Result<serde_json::Value, Failure> {
    let dir = folder(&[("h.js", code)]);
    let handler = RelPath::new("h.js").unwrap();
    invoke(dir.path(), &handler, "main", event, &options())
        .unwrap()
        .result
}

#[test]
fn handlers_of_every_style_answer() {
    let answer = |code| call(code, "{\"n\":2}").unwrap().to_string();
    assert_eq!(
        answer("exports.main = async (e) => ({ n: e.n + 1 });"),
        "{\"n\":3}"
    );
    assert_eq!(
        answer("exports.main = (e, c, done) => setTimeout(done, 5, null, e.n);"),
        "2"
    );
    assert_eq!(
        answer("exports.main = (e, c) => c.succeed('ok');"),
        "\"ok\""
    );
    assert_eq!(answer("exports.main = () => {};"), "null");
    assert_eq!(
        answer(
            "exports.main = async (e, c) => [c.getRemainingTimeInMillis() > 0, c.functionName];"
        ),
        "[true,\"coldcut\"]"
    );
    assert_eq!(
        answer(
            "exports.main = awslambda.streamifyResponse(async (e, s) => { s.write('a'); s.end('b'); });"
        ),
        "\"ab\""
    );
}

#[test]
fn errors_of_every_style_are_told() {
    let error = |code| call(code, "{}").unwrap_err();
    assert_eq!(
        error("exports.main = () => { throw new RangeError('sync'); };").to_string(),
        "RangeError: sync"
    );
    assert_eq!(
        error("exports.main = async () => { throw new Error('async'); };").message,
        "async"
    );
    assert_eq!(
        error("exports.main = (e, c, done) => done(new Error('back'));").message,
        "back"
    );
    assert_eq!(error("exports.other = 1;").name, "Runtime.HandlerNotFound");
    assert_eq!(
        error("exports.main = () => new Promise(() => {});").kind,
        FailureKind::Unsettled
    );
    assert_eq!(
        error("exports.main = () => process.exit(4);").kind,
        FailureKind::Exited
    );
}

#[test]
fn what_cannot_be_started_or_found_is_an_error() {
    let dir = folder(&[("h.js", "")]);
    let handler = RelPath::new("gone.js").unwrap();
    let error = load(dir.path(), &handler, &options()).unwrap_err();
    assert_eq!(error.code, HANDLER_FILE);
    let none = LoadOptions::new(dir.path().join("no-node"));
    let error = load(dir.path(), &RelPath::new("h.js").unwrap(), &none).unwrap_err();
    assert_eq!(error.code, NODE);
}

#[cfg(unix)]
mod bootstrap {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const WAIT: Bounds = within(20_000);

    const fn within(milliseconds: u64) -> Bounds {
        Bounds {
            timeout: Duration::from_millis(milliseconds),
            memory_mb: 512,
        }
    }

    fn bootstrap(text: &[u8], mode: u32) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bootstrap");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        dir
    }

    /// A runtime in a few lines of Node.js, given its answer's path and body.
    fn runtime(answer: &str) -> TempDir {
        let node = find_node().unwrap();
        let text = format!(
            "#!{}\nconst base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime';\n(async () => {{ {answer} }})();\n",
            node.display()
        );
        bootstrap(text.as_bytes(), 0o755)
    }

    const NEXT: &str = "const r = await fetch(base + '/invocation/next'); const id = r.headers.get('lambda-runtime-aws-request-id'); const event = await r.json();";

    #[test]
    fn asking_for_an_event_is_enough() {
        let dir = runtime(NEXT);
        let proof = start_bootstrap(dir.path(), None, &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Equal, "{proof:?}");
        assert!(proof.asked_for_event && proof.response.is_none());
    }

    #[test]
    fn a_layer_lies_in_opt() {
        if !layers_can_be_placed() {
            eprintln!("skipped: no process may have an `/opt` of its own here");
            return;
        }
        let text = b"#!/bin/sh\necho \"$PWD $(cat /opt/a/b.txt) $LD_LIBRARY_PATH\"\n";
        let (dir, layer) = (bootstrap(text, 0o755), tempfile::tempdir().unwrap());
        fs::create_dir(layer.path().join("a")).unwrap();
        fs::write(layer.path().join("a/b.txt"), "shared").unwrap();
        let launch = Launch {
            dir: dir.path(),
            extension: None,
            event: None,
            env: &[],
            layer: Some(layer.path()),
            bounds: WAIT,
        };
        let root = dir.path().canonicalize().unwrap();
        let root = root.display();
        assert_eq!(
            launch.run().unwrap().output.trim(),
            format!("{root} shared {root}:{root}/lib:/opt/lib")
        );
        assert!(!Path::new("/opt/a/b.txt").exists());
    }

    #[test]
    fn an_event_is_answered() {
        let dir = runtime(&format!(
            "{NEXT} await fetch(base + `/invocation/${{id}}/response`, {{ method: 'POST', body: JSON.stringify({{ got: event.n, root: process.env.LAMBDA_TASK_ROOT === process.cwd() }}) }});"
        ));
        let proof = start_bootstrap(dir.path(), Some("{\"n\":7}"), &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Equal, "{proof:?}");
        let answer = proof.response.unwrap();
        assert_eq!(answer, serde_json::json!({"got": 7, "root": true}));
    }

    #[test]
    fn errors_are_told() {
        let dir = runtime(&format!(
            "{NEXT} await fetch(base + `/invocation/${{id}}/error`, {{ method: 'POST', body: JSON.stringify({{ errorType: 'Bad', errorMessage: 'no' }}) }});"
        ));
        let proof = start_bootstrap(dir.path(), Some("{}"), &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Differs);
        assert!(proof.detail.contains("Bad: no"), "{proof:?}");
        let dir = runtime(
            "await fetch(base + '/init/error', { method: 'POST', body: '{\"errorType\":\"Init\"}' });",
        );
        let proof = start_bootstrap(dir.path(), None, &[], WAIT).unwrap();
        assert!(proof.detail.contains("at its start (Init)"), "{proof:?}");
    }

    #[test]
    fn ending_early_differs_and_shows_why() {
        let dir = bootstrap(b"#!/bin/sh\necho no libfoo >&2\nexit 7\n", 0o755);
        let proof = start_bootstrap(dir.path(), None, &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Differs);
        assert!(
            proof.detail.contains("exit status 7") && proof.detail.contains("no libfoo"),
            "{proof:?}"
        );
    }

    #[test]
    fn never_asking_differs_in_time() {
        let dir = bootstrap(b"#!/bin/sh\nsleep 60 & sleep 60\n", 0o755);
        let started = Instant::now();
        let proof = start_bootstrap(dir.path(), None, &[], within(500)).unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(proof.status, Status::Differs);
        assert!(proof.detail.contains("within 0.5 s"), "{proof:?}");
    }

    #[test]
    fn what_this_machine_cannot_run_is_unverified() {
        // An ELF header of a machine that nobody has.
        let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xff\xfe\x01\0\0\0".to_vec();
        elf.resize(4096, 0);
        let dir = bootstrap(&elf, 0o755);
        let proof = start_bootstrap(dir.path(), None, &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Unverified, "{proof:?}");
        assert!(proof.detail.contains("architecture"), "{proof:?}");
        let dir = bootstrap(b"#!/bin/sh\n", 0o644);
        let proof = start_bootstrap(dir.path(), None, &[], WAIT).unwrap();
        assert_eq!(proof.status, Status::Differs);
        assert!(proof.detail.contains("not executable"), "{proof:?}");
    }
}
