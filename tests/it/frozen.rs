//! What `coldcut` makes and prints, byte for byte as it was when somebody last looked at it.
//!
//! In: the cases of `fixtures/bundle`, the fixtures as installed, small projects with something
//! wrong. Out: the texts and digests in `snapshots/`. The other tests say whether a bundle or a zip is
//! right; these only say that it changed, so that a change of the code that should leave all of it
//! alone is seen to do so. Where a change is meant, `INSTA_UPDATE=always cargo test --test it frozen`
//! writes what there is now, and `git diff` shows what that changes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Output};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::bundle::{Case, bundled, cases};
use crate::fixtures::fixtures;
use crate::platforms::{ENTRIES, projects};
use crate::support::{Pack, Project, coldcut, installed, repository, succeeds};

/// Holds a text to the file `snapshots/<folder>/<name>.snap`, and gives the name where they differ:
/// whoever changes the code wants to see all that changed, not only the first of it.
fn differs(folder: &str, name: &str, text: &str) -> Option<String> {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let held = || settings.bind(|| insta::assert_snapshot!(name, text));
    let failed = catch_unwind(AssertUnwindSafe(held)).is_err();
    failed.then(|| format!("{folder}/{name}"))
}

/// Holds a folder of snapshots to texts by name, all of them, and fails if one differs or is left over.
#[track_caller]
fn all_as_they_were(folder: &str, texts: &[(String, String)]) {
    let mut wrong: Vec<String> = texts
        .iter()
        .filter_map(|(name, text)| differs(folder, name, text))
        .collect();
    let kept = repository().join("tests/it/snapshots").join(folder);
    for file in std::fs::read_dir(kept).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".snap");
        if name.is_some_and(|name| !texts.iter().any(|(known, _)| known == name)) {
            wrong.push(format!("{folder}/{file} is of nothing any more"));
        }
    }
    assert!(wrong.is_empty(), "not as it was:\n{}", wrong.join("\n"));
}

/// The program with all that its layout depends on settled.
fn laid_out(dir: &Path) -> Command {
    let mut command = coldcut();
    command.env("COLUMNS", "100").env("LC_ALL", "C.UTF-8");
    command.current_dir(dir);
    command
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A line as `sha256sum` writes it.
fn digest(bytes: &[u8], name: &str) -> String {
    let digest = Sha256::digest(bytes);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}  {name}")
}

/// Every case with each format that it has.
fn formats() -> Vec<(Case, String)> {
    let all = cases().into_iter();
    all.flat_map(|case| {
        let formats = case.formats.clone();
        formats
            .into_iter()
            .map(move |format| (case.clone(), format))
    })
    .collect()
}

fn code(case: &Case, format: &str, minify: bool) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (output, file) = bundled(case, format, minify, folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} as {format}: {said}", case.name);
    std::fs::read(file).unwrap()
}

#[test]
fn readable_bundles_stay_as_they_are() {
    let texts: Vec<(String, String)> = formats()
        .par_iter()
        .map(|(case, format)| {
            let name = format!("{}.{format}", case.name);
            (name, printed(&code(case, format, false)))
        })
        .collect();
    assert!(texts.len() > 100);
    all_as_they_were("bundles", &texts);
}

/// Digests of bundles: of readable ones too, since a snapshot does not hold the ends of a text.
fn bundle_digests() -> Vec<String> {
    let made = formats();
    let made = made.par_iter().flat_map_iter(|(case, format)| {
        [(false, "readable"), (true, "minified")].map(|(minify, how)| {
            let name = format!("bundle/{}/{format}/{how}", case.name);
            digest(&code(case, format, minify), &name)
        })
    });
    made.collect()
}

/// Digests of the zips that one run writes. What they do is verified elsewhere.
fn zip_digests(project: &Path, name: &str, args: &[&str]) -> Vec<String> {
    let pack = Pack::run(project, &[&["--no-verify"], args].concat());
    assert_eq!(pack.status(), 0, "{name}: {}", pack.stderr());
    let zips = pack.written().into_iter();
    let zips = zips.filter(|file| file.ends_with(".zip"));
    let zips = zips.map(|file| {
        let bytes = std::fs::read(pack.out.path().join(&file)).unwrap();
        digest(&bytes, &format!("{name}/{file}"))
    });
    zips.collect()
}

fn fixture_digests() -> Vec<String> {
    let mut lines = Vec::new();
    for fixture in fixtures() {
        for strategy in ["bundle", "trace"] {
            let name = format!("zip/{fixture}/{strategy}");
            let args = ["--strategy", strategy];
            lines.extend(zip_digests(&installed(fixture), &name, &args));
        }
    }
    lines
}

fn platform_digests() -> Vec<String> {
    let made = ENTRIES.par_iter().flat_map_iter(|(platform, entry, _)| {
        let args = [
            "--platform",
            platform,
            "--entry",
            entry,
            "--strategy",
            "bundle",
        ];
        let name = format!("zip/platforms/{platform}");
        zip_digests(&projects().join(platform), &name, &args)
    });
    made.collect()
}

#[test]
fn minified_bundles_and_zips_stay_as_they_are() {
    let mut lines = bundle_digests();
    lines.extend(fixture_digests());
    lines.extend(platform_digests());
    lines.sort_by(|a, b| a[64..].cmp(&b[64..]));
    all_as_they_were("digests", &[("digests".to_string(), lines.join("\n"))]);
}

#[test]
fn help_reads_as_it_did() {
    let whole = help(&["--help"]);
    let commands = whole.lines().skip_while(|line| *line != "Commands:");
    let commands = commands.skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next());
    let mut texts: Vec<(String, String)> = names
        .filter(|name| *name != "help")
        .map(|name| (format!("coldcut-{name}"), help(&[name, "--help"])))
        .collect();
    texts.push(("coldcut".to_string(), whole));
    assert!(texts.len() > 15);
    all_as_they_were("help", &texts);
}

fn help(args: &[&str]) -> String {
    printed(&succeeds(laid_out(repository()).args(args)).stdout)
}

/// A report as a person reads it, wide enough that what is taken out of it is on one line.
fn report(project: &Path, args: &[&str]) -> String {
    // The report names the artifact, by a path that is the same everywhere.
    let folder = tempfile::tempdir().unwrap();
    let mut pack = laid_out(folder.path());
    pack.env("COLUMNS", "160").arg("pack").arg(project);
    let output = succeeds(pack.args(["--out", "out"]).args(args));
    // Said only where the Node.js of this machine is not the runtime's.
    let node =
        regex::Regex::new("; loaded by Node.js [0-9.]+, while the runtime has [0-9]+").unwrap();
    node.replace_all(&printed(&output.stdout), "").into_owned()
}

#[test]
fn reports_read_as_they_did() {
    let greeting = Project::new(&GREETING);
    let fixture = |name: &str, strategy: &str| {
        let args = ["--no-verify", "--strategy", strategy];
        report(&installed(name), &args)
    };
    let texts = [
        ("esm-tla", fixture("esm-tla", "bundle")),
        ("legacy-cjs", fixture("legacy-cjs", "trace")),
        ("greeting", report(greeting.path(), &[])),
        ("greeting-pruned", report(greeting.path(), &PRUNED)),
    ];
    let texts = texts.map(|(name, text)| (name.to_string(), text));
    all_as_they_were("reports", &texts);
}

const PRUNED: [&str; 6] = [
    "--strategy",
    "prune",
    "--budget",
    "zip=2kB",
    "--cold-starts-per-month",
    "100000",
];

const GREETING: [(&str, &str); 6] = [
    (
        "package.json",
        r#"{"name":"greeting","main":"index.js","dependencies":{"words":"1"}}"#,
    ),
    (
        "index.js",
        "const { hello } = require('words');\nexports.handler = async (event) => hello(event.name);\n",
    ),
    ("unused.js", "exports.no = 1;\n"),
    ("README.md", "# greeting\n"),
    (
        "node_modules/words/package.json",
        r#"{"name":"words","version":"1.2.3","main":"words.js"}"#,
    ),
    (
        "node_modules/words/words.js",
        "exports.hello = (name) => `hello, ${name}`;\nexports.bye = (name) => `bye, ${name}`;\n",
    ),
];

/// A command line, what it prints on standard error, and its exit status.
fn said(files: &[(&str, &str)], args: &[&str]) -> String {
    let project = Project::new(files);
    let output: Output = laid_out(project.path()).args(args).output().unwrap();
    let text = printed(&output.stderr);
    let status = output.status.code().unwrap();
    format!("$ coldcut {}\n{text}status {status}", args.join(" "))
}

#[test]
fn messages_read_as_they_did() {
    let texts = MESSAGES.map(|(name, args, files)| (name.to_string(), said(files, args)));
    all_as_they_were("messages", &texts);
}

const MANIFEST: (&str, &str) = ("package.json", r#"{"name":"x","main":"index.js"}"#);
const SERVICE: &str = "service: s\nprovider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n  a:\n    handler: src/users.main\n";

/// A name, a command line, and the files of the folder that it runs in.
type Message = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const MESSAGES: [Message; 15] = [
    (
        "no-such-function",
        &["pack", "--function", "user"],
        &[("package.json", "{}"), ("serverless.yml", SERVICE)],
    ),
    (
        "broken-yaml",
        &["pack"],
        &[("serverless.yml", "service: s\nfunctions:\n  a: [\n")],
    ),
    (
        "broken-json",
        &["pack"],
        &[("package.json", "{\n  \"main\": oops\n}\n")],
    ),
    (
        "unknown-setting",
        &["pack"],
        &[
            MANIFEST,
            ("index.js", ""),
            ("coldcut.toml", "stratgy = \"auto\"\n"),
        ],
    ),
    (
        "syntax-error",
        &["pack"],
        &[
            MANIFEST,
            ("index.js", "require('./b');\n"),
            ("b.js", "\nlet a = ;\n"),
        ],
    ),
    (
        "nothing-at-a-path",
        &["pack"],
        &[
            MANIFEST,
            ("index.js", "require('./a');\n"),
            ("a.js", "\nrequire('./none');\n"),
        ],
    ),
    (
        "not-installed",
        &["pack"],
        &[
            (
                "package.json",
                r#"{"name":"x","main":"index.js","dependencies":{"left":"1"}}"#,
            ),
            ("index.js", "require('left');\n"),
        ],
    ),
    (
        "unknown-platform",
        &["pack", "--platform", "vercell"],
        &[MANIFEST, ("index.js", "")],
    ),
    (
        "over-budget",
        &["pack", "--no-verify", "--budget", "zip=10"],
        &[MANIFEST, ("index.js", "exports.handler = () => 1;\n")],
    ),
    (
        "a-secret-and-a-computed-import",
        &["pack", "--no-verify"],
        &[
            MANIFEST,
            (
                "index.js",
                "exports.handler = () => require(process.env.PLUGIN);\n",
            ),
            (".env", "SECRET=1\n"),
        ],
    ),
    (
        "wrong-value",
        &["pack", "--strategy", "magic"],
        &[MANIFEST, ("index.js", "")],
    ),
    (
        "no-such-export",
        &["bundle", "a.mjs", "--outfile", "out.mjs"],
        &[
            ("a.mjs", "import { no } from './b.mjs'; no();"),
            ("b.mjs", "export {};"),
        ],
    ),
    (
        "await-in-commonjs",
        &["bundle", "a.mjs", "--outfile", "out.cjs"],
        &[("a.mjs", "await 1;")],
    ),
    (
        "newer-syntax",
        &[
            "bundle",
            "a.mjs",
            "--outfile",
            "out.mjs",
            "--target",
            "node12",
        ],
        &[(
            "a.mjs",
            "export const a = (x) => x?.y ?? /(?i:a)/.test(x);\n",
        )],
    ),
    (
        "no-loader",
        &["bundle", "a.mjs", "--outfile", "out.mjs"],
        &[("a.mjs", "import './b.sql';"), ("b.sql", "SELECT 1")],
    ),
];
