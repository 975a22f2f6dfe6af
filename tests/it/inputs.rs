//! `coldcut inputs`: what is in the list changes an artifact, and what is not does not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::support::{Pack, Project, coldcut, document, installed, repository, succeeds};

fn inputs(dir: &Path, args: &[&str]) -> Value {
    let mut command = coldcut();
    command.arg("inputs").args(args).arg("--json");
    let output = succeeds(command.current_dir(dir));
    document(&output.stdout)
}

fn digests(list: &Value) -> BTreeMap<String, String> {
    let all = list["functions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    all.map(|one| (text(&one["name"]), text(&one["digest"])))
        .collect()
}

fn texts<'a>(function: &'a Value, key: &str) -> BTreeSet<&'a str> {
    let all = function[key].as_array().unwrap().iter();
    all.map(|one| one.as_str().or_else(|| one["path"].as_str()).unwrap())
        .collect()
}

/// SHA-256 of each function's zip.
fn artifacts(dir: &Path) -> BTreeMap<String, String> {
    let report = Pack::run(dir, &["--no-verify", "--json"]).report();
    let all = report["functions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    all.map(|one| (text(&one["name"]), text(&one["artifact"]["sha256"])))
        .collect()
}

/// Three functions over shared code, in as many ways as files can count.
fn shop() -> Project {
    Project::new(&[
        (
            "package.json",
            r#"{"name":"shop","dependencies":{"tax":"1.0.0","unused":"1.0.0"}}"#,
        ),
        (
            "coldcut.toml",
            "[functions.a]\nhandler = \"src/a.handler\"\n[functions.b]\nhandler = \"src/b.handler\"\n[functions.c]\nhandler = \"src/c.handler\"\ninclude = [\"data/*.csv\"]\n",
        ),
        (
            "tsconfig.json",
            r#"{"extends":"./tsconfig.base.json","compilerOptions":{"paths":{"@lib/*":["./src/lib/*"]}}}"#,
        ),
        (
            "tsconfig.base.json",
            r#"{"compilerOptions":{"useDefineForClassFields":false}}"#,
        ),
        (".serverlessignore", "*.bak\n"),
        (
            "src/a.ts",
            "import { rate } from \"@lib/rate\";\nimport { tax } from \"tax\";\nexport class Box { full = rate; }\nexport const handler = async () => tax(new Box().full);\n",
        ),
        (
            "src/lib/rate.ts",
            "import list from \"./rates.json\";\nexport const rate: number = list.de;\nexport const unusedHere = 1;\n",
        ),
        ("src/lib/rates.json", r#"{"de":19}"#),
        ("src/lib/nobody.ts", "export const nobody = 1;\n"),
        (
            "src/b.js",
            "exports.handler = async (event) => require(`./texts/${event.l}.js`);\n",
        ),
        ("src/texts/de.js", "module.exports = \"hallo\";\n"),
        ("src/texts/en.js", "module.exports = \"hello\";\n"),
        (
            "src/c.js",
            "const fs = require(\"fs\");\nexports.handler = async () => fs.readFileSync(__dirname + \"/page.html\", \"utf8\");\n",
        ),
        ("src/page.html", "<p>"),
        ("data/rows.csv", "1,2\n"),
        ("test/a.test.ts", "import \"../src/a\";\n"),
        ("README.md", "# shop\n"),
        (
            "node_modules/tax/package.json",
            r#"{"name":"tax","version":"1.0.0","main":"lib/tax.js","sideEffects":false}"#,
        ),
        (
            "node_modules/tax/lib/tax.js",
            "exports.tax = (n) => n * 2;\n",
        ),
        ("node_modules/tax/lib/other.js", "exports.other = 1;\n"),
        (
            "node_modules/unused/package.json",
            r#"{"name":"unused","version":"1.0.0"}"#,
        ),
        ("node_modules/unused/index.js", "exports.x = 1;\n"),
    ])
}

/// Something else that the file may hold.
fn changed(name: &str, text: &str) -> String {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "json" if name.ends_with("tsconfig.base.json") => text.replace("false", "true"),
        "json" if name.ends_with("tsconfig.json") => {
            text.replace("{\"paths", "{\"experimentalDecorators\":true,\"paths")
        }
        "json" if text.contains("\"name\"") => text.replacen('{', "{\"type\":\"module\",", 1),
        "json" => text.replace("19", "20"),
        "toml" => format!("exclude = [\"x\"]\n{text}"),
        "ts" | "js" => format!("{text}globalThis.changed = 1;\n"),
        _ => format!("{text}*.changed\n"),
    }
}

#[test]
fn a_file_outside_the_list_changes_nothing_and_whatever_changes_something_is_in_it() {
    let project = shop();
    let list = inputs(project.path(), &[]);
    let before = (digests(&list), artifacts(project.path()));
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for function in list["functions"].as_array().unwrap() {
        listed.insert(function["name"].as_str().unwrap(), texts(function, "files"));
    }
    let files: Vec<String> = walkdir::WalkDir::new(project.path())
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            entry
                .path()
                .strip_prefix(project.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    let mut moved = 0;
    for file in &files {
        let text = std::fs::read_to_string(project.path().join(file)).unwrap();
        project.write(file, &changed(file, &text));
        let after = (
            digests(&inputs(project.path(), &[])),
            artifacts(project.path()),
        );
        for (name, files) in &listed {
            let (digest, artifact) = (
                before.0[*name] != after.0[*name],
                before.1[*name] != after.1[*name],
            );
            assert_eq!(digest, files.contains(file.as_str()), "{name}: {file}");
            assert!(
                digest || !artifact,
                "{name}: {file} changes the artifact, and no digest"
            );
            moved += usize::from(artifact);
        }
        project.write(file, &text);
    }
    // Nearly every listed file shows in the bytes, so that the list is no longer than it must be.
    assert!(moved >= 14, "{moved}");
    assert_eq!(before.0, digests(&inputs(project.path(), &[])));
    // Of each function only its own.
    assert!(listed["a"].contains("node_modules/tax/lib/tax.js"));
    assert!(!listed["a"].contains("src/texts/de.js") && !listed["b"].contains("src/a.ts"));
    for nobodys in [
        "README.md",
        "src/lib/nobody.ts",
        "test/a.test.ts",
        "node_modules/unused/index.js",
    ] {
        assert!(
            listed.values().all(|files| !files.contains(nobodys)),
            "{nobodys}"
        );
    }
}

#[test]
fn what_is_not_there_yet_counts_where_it_would_be_taken() {
    let project = shop();
    let before = (
        digests(&inputs(project.path(), &[])),
        artifacts(project.path()),
    );
    for (file, text, function) in [
        // TypeScript takes a `.js` beside it first.
        ("src/lib/rate.js", "export const rate = 7;\n", "a"),
        (
            "src/node_modules/tax/index.js",
            "exports.tax = () => 0;\n",
            "a",
        ),
        (
            "src/tsconfig.json",
            r#"{"compilerOptions":{"paths":{"@lib/*":["./lib/*"]}}}"#,
            "a",
        ),
        ("src/texts/fr.js", "module.exports = \"salut\";\n", "b"),
        ("data/more.csv", "3\n", "c"),
        ("src/package.json", r#"{"type":"commonjs"}"#, "c"),
    ] {
        project.write(file, text);
        let after = digests(&inputs(project.path(), &[]));
        assert_ne!(before.0[function], after[function], "{file}");
        std::fs::remove_file(project.path().join(file)).unwrap();
        let _ = std::fs::remove_dir_all(project.path().join("src/node_modules"));
    }
    assert_eq!(before.1, artifacts(project.path()));
    // A new file that no pattern matches.
    project.write("src/lib/more.ts", "export const more = 1;\n");
    project.write("data/more.txt", "3\n");
    assert_eq!(before.0, digests(&inputs(project.path(), &[])));
}

#[test]
fn lists_are_the_same_in_another_folder_and_differ_by_environment_and_options() {
    let service = "service: s\nprovider: { name: aws, runtime: \"${env:NODE_RUNTIME, 'nodejs22.x'}\" }\nfunctions: { hi: { handler: hi.handler } }\n";
    let files = [
        ("serverless.yml", service),
        ("hi.js", "exports.handler = async () => 1;\n"),
    ];
    let (one, two) = (Project::new(&files), Project::new(&files));
    let list = inputs(one.path(), &[]);
    assert_eq!(list["functions"], inputs(two.path(), &[])["functions"]);
    let function = &list["functions"][0];
    assert!(texts(function, "environment").contains("NODE_RUNTIME"));
    assert!(texts(function, "environment").contains("COLDCUT_STRATEGY"));
    assert_eq!(
        texts(function, "files"),
        BTreeSet::from(["hi.js", "serverless.yml"])
    );
    assert_eq!(
        texts(function, "outputs"),
        BTreeSet::from([".coldcut/hi.zip"])
    );
    let told = |command: &mut std::process::Command| {
        let output = succeeds(command.arg("inputs").arg(one.path()).arg("--digest"));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = told(&mut coldcut());
    assert_eq!(
        plain,
        format!("{} hi\n", function["digest"].as_str().unwrap())
    );
    assert_ne!(plain, told(coldcut().env("NODE_RUNTIME", "nodejs20.x")));
    assert_ne!(plain, told(coldcut().env("COLDCUT_STRATEGY", "trace")));
    assert_ne!(plain, told(coldcut().env("COLDCUT_SDK", "bundle")));
    assert_eq!(plain, told(coldcut().env("UNRELATED", "1")));
}

#[test]
fn code_that_cannot_be_followed_depends_on_the_whole_folder() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"p"}"#),
        (
            "api.js",
            "const load = (name) => require(name);\nexports.handler = async (event) => load(event.name);\n",
        ),
        ("plugins/one.js", "exports.one = 1;\n"),
        ("api.test.js", "require(\"./api\");\n"),
    ]);
    let list = inputs(project.path(), &["--entry", "api.js"]);
    let function = &list["functions"][0];
    let why = function["whole_folder"].as_str().unwrap();
    assert!(why.contains("api.js:1"), "{why}");
    assert!(texts(function, "files").contains("plugins/one.js"));
    // The rules drop it, so it does not count.
    assert!(!texts(function, "files").contains("api.test.js"));
    let report = Pack::run(project.path(), &["--entry", "api.js", "--json"]).report();
    assert_eq!(report["functions"][0]["strategy"], "prune");
}

#[test]
fn a_rust_function_is_made_of_its_packages_and_of_what_tells_cargo() {
    let project = repository().join("fixtures/rust/trio");
    let list = inputs(&project, &[]);
    let functions = list["functions"].as_array().unwrap();
    assert!(functions.len() > 1);
    for function in functions {
        let files = texts(function, "files");
        assert!(
            files.contains("Cargo.lock") && files.contains("Cargo.toml"),
            "{files:?}"
        );
        assert!(files.iter().any(|file| file.ends_with(".rs")), "{files:?}");
        assert!(
            files.iter().all(|file| !file.contains("target/")),
            "{files:?}"
        );
        assert!(texts(function, "environment").contains("RUSTFLAGS"));
        assert!(texts(function, "absent").contains(".cargo/config.toml"));
    }
    let own = |at: usize| {
        let all = texts(&functions[at], "files").into_iter();
        all.filter(|file| file.ends_with("main.rs"))
            .collect::<Vec<_>>()
    };
    assert_ne!(own(0), own(1), "each has its own");
}

#[test]
fn installed_packages_and_workspaces_are_told_apart() {
    let list = inputs(&installed("npm-workspace/packages/fn"), &[]);
    let files = list["functions"][0]["files"].as_array().unwrap();
    let kinds = |kind: &str| {
        let of = files.iter().filter(|file| file["kind"] == kind);
        of.map(|file| file["path"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(
        kinds("package")
            .iter()
            .all(|path| path.contains("node_modules/"))
    );
    assert!(
        kinds("own").iter().any(|path| path.starts_with("../")),
        "{:?}",
        kinds("own")
    );
    assert!(!kinds("settings").is_empty());
    for file in files {
        assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    }
}
