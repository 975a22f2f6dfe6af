//! `coldcut bundle` held to what Node does with the unbundled source.
//!
//! In: `fixtures/bundle/<case>/`, each with its input, its `case.toml` and what Node prints for it.
//! Every case is bundled as CommonJS and as ES module, readable and minified, and run in a folder
//! that has nothing else in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;

use crate::support::{coldcut, repository};

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    entry: String,
    pub formats: Vec<String>,
    packages: bool,
    absent: Vec<String>,
    defines: Vec<(String, String)>,
    args: Vec<String>,
    /// What standard error has in it.
    warns: Vec<String>,
    expected: String,
}

fn strings(value: Option<&toml::Value>) -> Vec<String> {
    value
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .map(|one| one.as_str().unwrap().to_string())
        .collect()
}

pub fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for dir in std::fs::read_dir(repository().join("fixtures/bundle")).unwrap() {
        let dir = dir.unwrap().path();
        let text = std::fs::read_to_string(dir.join("case.toml")).unwrap();
        let toml: toml::Table = text.parse().unwrap();
        let mut formats = strings(toml.get("formats"));
        if formats.is_empty() {
            formats = vec!["cjs".to_string(), "esm".to_string()];
        }
        let defines = toml
            .get("defines")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_string()))
            .collect();
        out.push(Case {
            name: dir.file_name().unwrap().to_str().unwrap().to_string(),
            entry: toml["entry"].as_str().unwrap().to_string(),
            formats,
            packages: toml.contains_key("packages"),
            absent: strings(toml.get("absent")),
            defines,
            args: strings(toml.get("args")),
            warns: strings(toml.get("warns")),
            expected: std::fs::read_to_string(dir.join("expected/stdout.txt")).unwrap(),
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Bundles a case one way: below `folder`, from its `input`, which is left there. Gives the file that
/// is made, in a folder of its own.
pub fn bundled(case: &Case, format: &str, minify: bool, folder: &Path) -> (Output, PathBuf) {
    let input = folder.join("input");
    copy(
        &repository()
            .join("fixtures/bundle")
            .join(&case.name)
            .join("input"),
        &input,
    );
    if case.packages {
        std::fs::rename(input.join("packages"), input.join("node_modules")).unwrap();
    }
    let out = folder.join("empty");
    let file = out.join(if format == "esm" {
        "out.mjs"
    } else {
        "out.cjs"
    });
    let mut command = coldcut();
    command
        .current_dir(&input)
        .arg("bundle")
        .arg(&case.entry)
        .arg("--outfile")
        .arg(&file)
        .args(["--format", format])
        .arg(if minify { "--minify" } else { "--no-minify" })
        .args(&case.args);
    for (key, value) in &case.defines {
        command.arg("--define").arg(format!("{key}={value}"));
    }
    (command.output().unwrap(), file)
}

/// Bundles a case one way and runs the result; gives what is wrong.
fn wrong(case: &Case, format: &str, minify: bool) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (bundled, file) = bundled(case, format, minify, folder.path());
    if !bundled.status.success() {
        return Some(String::from_utf8_lossy(&bundled.stderr).into_owned());
    }
    let said = String::from_utf8_lossy(&bundled.stderr);
    let unsaid = case.warns.iter().find(|text| !said.contains(*text));
    if let Some(text) = unsaid {
        return Some(format!("`{text}` is not said, but\n{said}"));
    }
    std::fs::remove_dir_all(folder.path().join("input")).unwrap();
    let ran = Command::new("node")
        .current_dir(folder.path().join("empty"))
        .arg(&file)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout);
    if !ran.status.success() || printed != case.expected {
        let stderr = String::from_utf8_lossy(&ran.stderr);
        return Some(format!(
            "printed\n{printed}{stderr}instead of\n{}",
            case.expected
        ));
    }
    let code = std::fs::read_to_string(&file).unwrap();
    let stayed = case.absent.iter().find(|text| code.contains(*text));
    stayed.map(|text| format!("`{text}` is still in the bundle"))
}

#[test]
fn bundles_run_as_node_runs_their_sources() {
    let jobs: Vec<(Case, String, bool)> = cases()
        .into_iter()
        .flat_map(|case| {
            let formats = case.formats.clone();
            formats.into_iter().flat_map(move |format| {
                let case = case.clone();
                [false, true].map(move |minify| (case.clone(), format.clone(), minify))
            })
        })
        .collect();
    assert!(jobs.len() > 100);
    let failures: Vec<String> = jobs
        .par_iter()
        .filter_map(|(case, format, minify)| {
            let why = wrong(case, format, *minify)?;
            let minified = if *minify { ", minified" } else { "" };
            Some(format!("{} as {format}{minified}: {why}", case.name))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n----\n"));
}

fn bundle_error(files: &[(&str, &str)], args: &[&str]) -> (i32, String, bool) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let out = folder.path().join("out.js");
    let output = coldcut()
        .current_dir(folder.path())
        .args(["bundle", files[0].0, "--outfile", "out.js"])
        .args(args)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        out.exists(),
    )
}

#[test]
fn what_cannot_be_bundled_is_said_with_its_place_and_nothing_is_written() {
    let (status, text, written) =
        bundle_error(&[("a.mjs", "import './b.mjs';"), ("b.mjs", "let = ;")], &[]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(
        text.contains("b.mjs:1") && text.contains("a.mjs -> b.mjs"),
        "{text}"
    );

    let (status, text, written) = bundle_error(&[("a.mjs", "\nimport 'not-there';")], &[]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(
        text.contains("not-there") && text.contains("a.mjs:2"),
        "{text}"
    );

    let (status, text, written) = bundle_error(
        &[
            ("a.mjs", "import { no } from './b.mjs'; no();"),
            ("b.mjs", "export {};"),
        ],
        &[],
    );
    assert_eq!((status, written), (1, false), "{text}");
    assert!(text.contains("does not export `no`"), "{text}");

    let (status, text, written) = bundle_error(&[("a.mjs", "await 1;")], &["--format", "cjs"]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(text.contains("--format esm"), "{text}");

    let (status, text, _) = bundle_error(&[("a.mjs", "")], &["--define", "nothing"]);
    assert_eq!(status, 2, "{text}");

    let files = [
        (
            "a.mjs",
            "\nimport defer * as b from './b.mjs'; export { b };",
        ),
        ("b.mjs", ""),
    ];
    let (status, text, written) = bundle_error(&files, &[]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(
        text.contains("import defer") && text.contains("a.mjs:2"),
        "{text}"
    );

    let files = [(
        "a.cjs",
        "class A {\n  m() { super.x; return () => super.x; }\n}\nfunction f() { super(); }",
    )];
    let (status, text, written) = bundle_error(&files, &[]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(
        text.contains("`super` cannot stand here") && text.contains("a.cjs:4:16"),
        "{text}"
    );

    let files = [("a.mjs", "import './b.sql';"), ("b.sql", "SELECT 1")];
    let (status, text, written) = bundle_error(&files, &[]);
    assert_eq!((status, written), (1, false), "{text}");
    assert!(text.contains("--loader .sql=text"), "{text}");
    let (status, text, _) = bundle_error(&files, &["--loader", "sql=text"]);
    assert_eq!(status, 2, "{text}");
}

#[test]
fn a_stack_trace_leads_to_the_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("main.mjs"),
        "import { fail } from './deep.ts';\nfail();\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("deep.ts"),
        "type Unused = string;\n\nexport function fail(): never {\n  throw new Error('here');\n}\n",
    )
    .unwrap();
    for format in ["cjs", "esm"] {
        let out = folder.path().join(format!(
            "out.{}",
            if format == "esm" { "mjs" } else { "cjs" }
        ));
        let made = coldcut()
            .current_dir(folder.path())
            .args([
                "bundle",
                "main.mjs",
                "--minify",
                "--sourcemap",
                "--format",
                format,
                "--outfile",
            ])
            .arg(&out)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let ran = Command::new("node")
            .arg("--enable-source-maps")
            .arg(&out)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&ran.stderr);
        assert!(text.contains("deep.ts:4"), "{text}");
    }
}

#[test]
fn a_metafile_says_what_a_bundle_is_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    let table: Vec<String> = (0..500).map(|at| format!("\"{:x}\"", at * 7919)).collect();
    write("table.json", &format!("[{}]", table.join(",")));
    write(
        "main.cjs",
        "const { a } = require('./lib.cjs');\nconsole.log(a, require('./table.json').length, require('node:os').EOL);\n",
    );
    write(
        "lib.cjs",
        "exports.a = 'Größe, once and for all';\nexports.b = 'never read';\n",
    );
    for minify in ["--minify", "--no-minify"] {
        let made = coldcut()
            .current_dir(folder.path())
            .args(["bundle", "main.cjs", minify, "--outfile", "out.cjs"])
            .args(["--metafile", "meta.json"])
            .output()
            .unwrap();
        assert!(made.status.success());
        let meta = std::fs::read_to_string(folder.path().join("meta.json")).unwrap();
        let meta: serde_json::Value = serde_json::from_str(&meta).unwrap();
        let bytes = std::fs::metadata(folder.path().join("out.cjs"))
            .unwrap()
            .len();
        let output = &meta["outputs"]["out.cjs"];
        assert_eq!(output["bytes"], bytes);
        assert_eq!(output["entryPoint"], "main.cjs");
        assert_eq!(output["imports"][0]["path"], "node:os");
        let import = &meta["inputs"]["main.cjs"]["imports"][0];
        assert_eq!(import["path"], "lib.cjs");
        assert_eq!(import["kind"], "require-call");
        let of = |name: &str| output["inputs"][name]["bytesInOutput"].as_u64().unwrap();
        let all = of("main.cjs") + of("lib.cjs") + of("table.json");
        assert!(all <= bytes, "{output:#}");
        let data = meta["inputs"]["table.json"]["bytes"].as_u64().unwrap();
        // Minified, it is packed; readable, each value has a line of its own.
        let share = if minify == "--minify" {
            data / 4..data
        } else {
            data..4 * data
        };
        assert!(share.contains(&of("table.json")), "{output:#}");
        assert!(of("lib.cjs") > 20 && of("lib.cjs") < 200, "{output:#}");
    }
}

#[test]
fn licence_notices_lie_beside_a_minified_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    write(
        "main.mjs",
        "// no notice\nimport { a } from './lib.mjs';\nimport './gone.mjs';\nconsole.log(a);\n",
    );
    write(
        "lib.mjs",
        "/*!\n * Lib 1.0\n * (c) Somebody\n */\nexport const a = 1;\n/** @license MIT */\n",
    );
    write(
        "gone.mjs",
        "/*! Nothing of this is left */\nconst unused = 1;\n",
    );
    let run = |args: &[&str]| {
        let made = coldcut()
            .current_dir(folder.path())
            .args(["bundle", "main.mjs", "--outfile", "out.mjs"])
            .args(args)
            .output()
            .unwrap();
        assert!(made.status.success());
        std::fs::read_to_string(folder.path().join("out.mjs.LEGAL.txt")).ok()
    };
    assert_eq!(run(&[]), None);
    let notices = run(&["--minify"]).unwrap();
    assert!(
        notices.starts_with("Lib 1.0\n(c) Somebody\n\nIn: lib.mjs\n"),
        "{notices}"
    );
    assert!(
        notices.contains("@license MIT") && !notices.contains("Nothing"),
        "{notices}"
    );
}

#[test]
fn newer_syntax_is_named_with_its_place_and_a_target_with_its_form() {
    let text = "export const a = (x) => x?.y ?? /é(?i:a)/.test(x);\nclass P { static { } }\nexport const p = new P();\n";
    let (status, said, written) =
        bundle_error(&[("a.mjs", text)], &["--target", "node12", "--minify"]);
    assert_eq!((status, written), (0, true), "{said}");
    for (what, place) in [
        ("`?.`", "a.mjs:1:25"),
        ("`??`", "a.mjs:1:25"),
        ("modifiers such as `(?i:`", "a.mjs:1:33"),
        ("`static` blocks", "a.mjs:2:11"),
    ] {
        assert!(
            said.contains(what) && said.contains(place),
            "{what}: {said}"
        );
    }
    let (_, said, _) = bundle_error(&[("a.mjs", text)], &["--target", "node24"]);
    assert_eq!(said, "");
    let (_, said, _) = bundle_error(&[("a.mjs", text)], &[]);
    assert_eq!(said, "");
    for wrong in ["es2020", "node8"] {
        let (status, said, _) = bundle_error(&[("a.mjs", text)], &["--target", wrong]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("node20"), "{said}");
    }
}

#[test]
fn attributes_stay_with_imports_that_stay() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    write("data.json", "{\"a\":1}");
    write(
        "main.mjs",
        "import data from './data.json' with { type: 'json' };\n\
         export { default as again } from './data.json' with { type: 'json' };\n\
         import('./data.json', { with: { type: 'json' } }).then((it) => console.log(data.a, it.default.a));\n",
    );
    let run = |args: &[&str], name: &str| {
        let made = coldcut()
            .current_dir(folder.path())
            .args(["bundle", "main.mjs", "--outfile", name])
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        let ran = Command::new("node")
            .arg(folder.path().join(name))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "1 1\n", "{said}");
        std::fs::read_to_string(folder.path().join(name)).unwrap()
    };
    let kept = [
        "--external",
        "./data.json",
        "--target",
        "node18",
        "--minify",
    ];
    for name in ["kept.mjs", "kept.cjs"] {
        run(&kept, name);
        let inside = run(&[], name);
        assert!(!inside.contains("with"), "{inside}");
    }
}

/// The inputs in `fixtures/maps` were made from TypeScript that is not read: one beside its map,
/// one with its map inside, and two whose maps are not there or broken.
#[test]
fn a_stack_trace_leads_through_the_maps_of_inputs() {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("fixtures/maps"), folder.path());
    for name in ["out/o.cjs", "out/o.mjs"] {
        for minify in ["--minify", "--no-minify"] {
            let made = coldcut()
                .current_dir(folder.path())
                .args([
                    "bundle",
                    "main.ts",
                    "--sourcemap",
                    minify,
                    "--outfile",
                    name,
                ])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&made.stderr);
            assert!(made.status.success() && said.is_empty(), "{said}");
            let ran = Command::new("node")
                .arg("--enable-source-maps")
                .arg(folder.path().join(name))
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&ran.stdout), "works works too\n");
            let trace = String::from_utf8_lossy(&ran.stderr);
            for place in [
                "lib/src/deep.ts:17:11",
                "main.ts:11:10",
                "lib/src/inline.ts:6:17",
            ] {
                assert!(trace.contains(place), "{name} {minify}: {trace}");
            }
            let map = std::fs::read(folder.path().join(format!("{name}.map"))).unwrap();
            let map: serde_json::Value = serde_json::from_slice(&map).unwrap();
            let sources = map["sources"].as_array().unwrap();
            let text_of = |name: &str| {
                let at = sources.iter().position(|source| source == name);
                &map["sourcesContent"][at.unwrap_or_else(|| panic!("{name}: {sources:?}"))]
            };
            assert_eq!(text_of("../lib/src/deep.ts"), &serde_json::Value::Null);
            let inline = text_of("../lib/src/inline.ts").as_str().unwrap();
            assert!(inline.contains("type Callback<T>"), "{inline}");
            for own in ["../main.ts", "../lib/dist/broken.js", "../lib/dist/odd.js"] {
                assert!(text_of(own).is_string());
            }
            if minify == "--minify" {
                let names = map["names"].as_array().unwrap();
                for name in ["amountAsked", "callbackGiven", "left"] {
                    assert!(names.iter().any(|known| known == name), "{names:?}");
                }
            }
        }
    }
}

#[test]
fn source_that_the_parser_gives_up_on_is_refused_like_any_other() {
    let (status, said, written) = bundle_error(
        &[("a.mjs", "import a from './b.json' with type: 'json' };\n")],
        &[],
    );
    assert_eq!((status, written), (1, false), "{said}");
    assert!(
        said.contains("a.mjs") && !said.contains("panicked"),
        "{said}"
    );
}

/// Escapes that the minifier writes as characters move what follows them, within one literal.
#[test]
fn a_map_can_be_made_of_literals_with_wide_characters() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"console.log("\u0000\u0001Ẳ\u0003\u0004ẴẪ\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013Ỷ\u0015");"#;
    std::fs::write(folder.path().join("a.js"), text).unwrap();
    let made = coldcut()
        .current_dir(folder.path())
        .args([
            "bundle",
            "a.js",
            "--minify",
            "--sourcemap",
            "--outfile",
            "out/a.js",
        ])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let print = |file: &str| {
        let file = folder.path().join(file);
        Command::new("node").arg(file).output().unwrap().stdout
    };
    assert_eq!(print("out/a.js"), print("a.js"));
    assert!(folder.path().join("out/a.js.map").is_file());
}
