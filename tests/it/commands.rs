//! The command line itself.

use serde_json::Value;

use crate::support::{Pack, Project, coldcut, repository, succeeds};

fn small() -> Project {
    Project::new(&[
        ("package.json", r#"{"name":"small","main":"index.js"}"#),
        (
            "index.js",
            "exports.handler = async () => require('./lib').answer;\n",
        ),
        ("lib.js", "exports.answer = 42;\n"),
        ("unused.js", "exports.no = 1;\n"),
        ("README.md", "# small\n"),
        (".env", "SECRET=1\n"),
        (".serverlessignore", "*.csv\n"),
        ("data.csv", "1\n"),
    ])
}

#[test]
fn help_and_version_are_results() {
    for args in [["--help"], ["--version"]] {
        let output = coldcut().args(args).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn a_wrong_command_line_is_status_2() {
    for args in [
        &["pack", "--nope"][..],
        &["pack", ".", "--strategy", "magic"],
        &["frobnicate"],
        &[],
    ] {
        let output = coldcut().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let project = small();
    let pack = Pack::run(project.path(), &["--json"]);
    let report = pack.report();
    assert_eq!(report["schema"], "coldcut.report/1");
    assert_eq!(report["functions"][0]["verification"]["status"], "equal");
}

#[test]
fn a_persons_report_is_on_standard_output() {
    let project = small();
    let pack = Pack::run(project.path(), &[]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let text = pack.stdout();
    for said in ["unreachable files", "estimate", "equal"] {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
    assert!(
        !text.contains('\u{1b}'),
        "no colour where there is no terminal"
    );
}

#[test]
fn a_secret_is_left_out_with_its_place_and_kept_by_a_setting() {
    let project = small();
    let pack = Pack::run(project.path(), &["--strategy", "prune"]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let said = pack.stderr();
    assert!(
        said.contains(".env") && said.contains("--keep-secrets"),
        "{said}"
    );
    let zip = pack.out.path().join(pack.written()[0].clone());
    assert!(!crate::support::names(&zip).contains(&".env".to_string()));
    let kept = Pack::run(
        project.path(),
        &["--strategy", "prune", "--keep-secrets", ".env"],
    );
    let zip = kept.out.path().join(kept.written()[0].clone());
    assert!(crate::support::names(&zip).contains(&".env".to_string()));
}

#[test]
fn a_file_in_a_language_that_the_trace_needs_is_never_dropped_by_name() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"x","main":"index.js","dependencies":{"p":"1"}}"#,
        ),
        (
            "index.js",
            "exports.handler = () => [require('p'), require('./tests/data')];\n",
        ),
        ("tests/data.js", "module.exports = 1;\n"),
        ("tests/other.js", "module.exports = 2;\n"),
        (
            "node_modules/p/package.json",
            r#"{"name":"p","version":"1.0.0","main":"docs/main.js"}"#,
        ),
        (
            "node_modules/p/docs/main.js",
            "module.exports = require('../test/x');\n",
        ),
        ("node_modules/p/test/x.js", "module.exports = 'x';\n"),
        ("node_modules/p/test/y.js", "module.exports = 'y';\n"),
    ]);
    for strategy in ["trace", "prune"] {
        let pack = Pack::run(
            project.path(),
            &["--strategy", strategy, "--exclude", "tests/**"],
        );
        assert_eq!(pack.status(), 0, "{}", pack.stderr());
        let names = crate::support::names(&pack.out.path().join(pack.written()[0].clone()));
        for kept in [
            "tests/data.js",
            "node_modules/p/test/x.js",
            "node_modules/p/docs/main.js",
        ] {
            assert!(names.iter().any(|name| name == kept), "{strategy}: {kept}");
        }
        for gone in ["tests/other.js", "node_modules/p/test/y.js"] {
            assert!(!names.iter().any(|name| name == gone), "{strategy}: {gone}");
        }
        assert!(pack.stderr().contains("kept anyway"), "{}", pack.stderr());
    }
}

#[test]
fn auto_steps_down_where_an_import_cannot_be_followed() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"x","main":"index.js"}"#),
        (
            "index.js",
            "exports.handler = () => require(process.env.PLUGIN);\n",
        ),
        ("plugin.js", "module.exports = 1;\n"),
    ]);
    let pack = Pack::run(project.path(), &["--json"]);
    let report = pack.report();
    let function = &report["functions"][0];
    assert_eq!(function["strategy"], "prune");
    assert!(
        function["strategy_reason"]
            .as_str()
            .unwrap()
            .contains("index.js:1"),
        "{function:#}"
    );
    assert!(pack.stderr().contains("index.js:1"), "{}", pack.stderr());
}

#[test]
fn why_names_the_deciding_line() {
    let project = small();
    let ask = |what: &str| {
        let output = succeeds(coldcut().arg("why").arg(what).arg(project.path()));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        ask("lib.js").contains("index.js:1 -> lib.js"),
        "{}",
        ask("lib.js")
    );
    assert!(
        ask("data.csv").contains(".serverlessignore:1"),
        "{}",
        ask("data.csv")
    );
    assert!(ask("README.md").contains("built-in rule `docs`"));
    assert!(ask("unused.js").contains("no code that the handler loads"));
    assert!(ask("nowhere.js").contains("no such file"));
}

#[test]
fn the_users_project_is_never_written_to() {
    let project = small();
    let before = listing(project.path());
    let pack = Pack::run(project.path(), &[]);
    assert_eq!(pack.status(), 0);
    assert_eq!(listing(project.path()), before);
}

fn listing(dir: &std::path::Path) -> Vec<(String, std::time::SystemTime)> {
    walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .map(|entry| {
            let time = entry.metadata().unwrap().modified().unwrap();
            (entry.path().display().to_string(), time)
        })
        .collect()
}

#[test]
fn rules_schema_and_completions_print() {
    for (args, said) in [
        (&["rules"][..], "source-maps"),
        (&["schema", "report"], "coldcut.report/1"),
        (&["schema", "verification"], "coldcut.verification/1"),
        (&["schema", "measurement"], "coldcut.measurement/1"),
        (&["schema", "observation"], "coldcut.observation/1"),
        (&["schema", "diff"], "coldcut.diff/1"),
        (&["schema", "baseline"], "coldcut.baseline/1"),
        (&["schema", "config"], "keep-secrets"),
        (&["completions", "bash"], "coldcut"),
    ] {
        let output = coldcut().args(args).output().unwrap();
        assert!(output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(said),
            "{args:?}"
        );
    }
}

#[test]
fn the_schema_of_the_settings_takes_what_coldcut_takes() {
    let text = std::fs::read_to_string(repository().join("docs/config.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap();
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let mut texts: Vec<String> = vec![
        readme
            .split("```toml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap()
            .to_string(),
    ];
    for file in walkdir::WalkDir::new(repository().join("fixtures")) {
        let file = file.unwrap();
        if file.file_name() == "coldcut.toml" {
            texts.push(std::fs::read_to_string(file.path()).unwrap());
        }
    }
    assert!(texts.len() > 1);
    for text in &texts {
        let settings: Value = toml::from_str(text).unwrap();
        let wrong: Vec<String> = schema
            .iter_errors(&settings)
            .map(|e| e.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?} in\n{text}");
        let mut slip = settings;
        slip["stratgey"] = "trace".into();
        assert!(!schema.is_valid(&slip));
    }
}

#[test]
fn first_settings_are_written_and_never_over_anybodys_own() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"shop","dependencies":{"x":"1"}}"#,
        ),
        ("package-lock.json", "{}"),
        (
            "serverless.yml",
            "functions: {api: {handler: api.handler}, jobs: {handler: api.handler}}\n",
        ),
        ("api.js", "exports.handler = async () => 1;\n"),
    ]);
    let init = || {
        let output = succeeds(coldcut().arg("init").arg(project.path()));
        String::from_utf8(output.stdout).unwrap()
    };
    let said = init();
    for line in [
        "found     api, jobs in serverless.yml",
        "packages  npm, not installed",
        "wrote     coldcut.toml",
        "wrote     .serverlessignore",
        "next      coldcut pack --install",
    ] {
        assert!(
            said.lines().any(|one| one == line),
            "{line} is missing in\n{said}"
        );
    }
    project.write("coldcut.toml", "strategy = \"trace\"\n");
    let said = init();
    assert!(
        said.contains("kept      coldcut.toml") && said.contains("kept      .serverlessignore")
    );
    let kept = std::fs::read_to_string(project.path().join("coldcut.toml")).unwrap();
    assert_eq!(kept, "strategy = \"trace\"\n");
    // What is broken is said, and nothing written.
    let broken = Project::new(&[("serverless.yml", "functions: [")]);
    let output = coldcut().arg("init").arg(broken.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!broken.path().join("coldcut.toml").exists());
}

#[test]
fn the_help_fits_a_screen_and_every_command_has_a_page() {
    let output = succeeds(coldcut().arg("--help").env("COLUMNS", "80"));
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.lines().count() <= 40, "{help}");
    assert!(help.contains("Examples:"));
    let page = |args: &[&str]| {
        let output = succeeds(coldcut().arg("man").args(args));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(page(&[]).contains(".TH coldcut 1"));
    assert!(page(&["pack"]).contains("check\\-reproducible"));
    assert_eq!(
        coldcut()
            .args(["man", "none"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn terraform_gets_one_flat_object_of_texts() {
    let project = small();
    project.write(
        "coldcut.toml",
        "[functions.api]\nhandler = \"index.handler\"\n",
    );
    let pack = Pack::run(project.path(), &["--terraform"]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let said: Value = serde_json::from_str(&pack.stdout()).unwrap();
    let map = said.as_object().unwrap();
    assert!(map.values().all(Value::is_string));
    assert_eq!(map["api.handler"], "index.handler");
    assert!(std::path::Path::new(map["api.path"].as_str().unwrap()).is_absolute());
    let same = Pack::run(project.path(), &["--json"]).report();
    assert_eq!(
        map["api.hash"],
        same["functions"][0]["artifact"]["code_sha256_base64"]
    );
    // Nothing that must not be deployed is handed over.
    let pack = Pack::run(project.path(), &["--terraform", "--budget", "zip=1B"]);
    assert_eq!((pack.status(), pack.stdout()), (3, String::new()));
}

#[test]
fn an_installation_goes_into_a_copy_of_the_project() {
    let project = small();
    project.write(
        "package-lock.json",
        r#"{"name":"small","lockfileVersion":3,"packages":{"":{"name":"small"}}}"#,
    );
    let before = listing(project.path());
    let run = || {
        coldcut()
            .current_dir(project.path().parent().unwrap())
            .args(["pack", "--install", "--json", "--out"])
            .arg(project.path().join(".coldcut"))
            .arg(project.path())
            .output()
            .unwrap()
    };
    for _ in 0..2 {
        let output = run();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    std::fs::remove_dir_all(project.path().join(".coldcut")).unwrap();
    let names = |all: Vec<(String, std::time::SystemTime)>| -> Vec<String> {
        all.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(listing(project.path())), names(before));
}

#[test]
fn why_says_what_keeps_a_module_whole() {
    let project = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(project.path().join(name), text).unwrap();
    };
    write(
        "package.json",
        r#"{ "name": "p", "version": "1.0.0", "main": "index.js" }"#,
    );
    write(
        "index.js",
        "const { small } = require('./tools.js');\nconst used = require('./used.js');\nexports.handler = async (event) => small(event, used.one);\n",
    );
    write(
        "used.js",
        "exports.one = 1;\nexports.two = require('./tools.js');\n",
    );
    let big = "x".repeat(900);
    write(
        "tools.js",
        &format!("exports.small = (event) => event;\nexports.big = () => '{big}';\n"),
    );
    let ask = |what: &str| {
        let output = coldcut()
            .arg("why")
            .arg(what)
            .arg(project.path())
            .args(["--entry", "index.js"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = ask("tools.js");
    assert!(said.contains("other modules need `small`"), "{said}");
    assert!(!said.contains("as a whole"), "{said}");
    assert!(said.contains("index.js:1 -> tools.js"), "{said}");
    write(
        "index.js",
        "const tools = require('./tools.js');\nconst names = () => 'none';\nexports.handler = async (event) => [names(), tools.small(event), lookup(tools)];\nfunction lookup(all) { return all[process.argv[2]]; }\n",
    );
    let said = ask("tools.js");
    let place = "index.js:3:73 uses tools.js as a whole: ";
    let at = said.find(place).unwrap_or_else(|| panic!("{said}"));
    let bytes: u64 = said[at + place.len()..]
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((900..1000).contains(&bytes), "{said}");
}

#[test]
fn what_ships_has_no_syntax_that_the_runtime_lacks() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"new","main":"index.ts"}"#),
        (
            "index.ts",
            "import { open } from './db';\n\
             export const handler = async (): Promise<string> => {\n\
             \x20 using held = open();\n  return held.name;\n};\n",
        ),
        (
            "db.ts",
            "using once = { [Symbol.dispose]() {} };\n\
             export const open = () => ({ name: once ? 'db' : '', [Symbol.dispose]() {} });\n",
        ),
    ]);
    for strategy in ["bundle", "trace"] {
        for (runtime, lowered) in [("nodejs20.x", true), ("nodejs24.x", false)] {
            let mut args = vec!["--json", "--strategy", strategy, "--runtime", runtime];
            if !lowered {
                // The Node.js of this machine may be older.
                args.push("--no-verify");
            }
            let pack = Pack::run(project.path(), &args);
            let report = pack.report();
            let function = &report["functions"][0];
            if lowered {
                assert_eq!(function["verification"]["status"], "equal", "{function:#}");
            }
            let zip = pack
                .written()
                .into_iter()
                .find(|name| name.ends_with(".zip"));
            let file = std::fs::File::open(pack.out.path().join(zip.unwrap())).unwrap();
            let mut archive = zip::ZipArchive::new(file).unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut archive.by_name("index.js").unwrap(), &mut text)
                .unwrap();
            assert_eq!(!text.contains("using "), lowered, "{runtime}: {text}");
        }
    }
}

#[test]
fn timings_name_the_stages_in_order_with_counts_and_leave_standard_output_alone() {
    let project = small();
    let timed = Pack::run(project.path(), &["--timings", "--json"]);
    assert_eq!(timed.status(), 0, "{}", timed.stderr());
    assert_eq!(timed.report()["schema"], "coldcut.report/1");
    let table = timed.stderr();
    let mut rest = table.as_str();
    for line in [
        "stage ",
        "\npack ",
        "\n  discover ",
        "\n  plan ",
        "\n  graph ",
        "\n  walk ",
        "\n  sizes ",
        "\n  function ",
        "\n    build ",
        "\n      trace ",
        "\n      bundle ",
        "\n        load ",
        "\n        link ",
        "\n        shake ",
        "\n        generate ",
        "\n        print ",
        "\n        minify ",
        "\n      sidecar ",
        "\n      write ",
        "\n    compress ",
        "\n    verify ",
        "\n  report ",
    ] {
        let at = rest.find(line);
        let at = at.unwrap_or_else(|| panic!("no `{}` where it belongs:\n{table}", line.trim()));
        rest = &rest[at + line.len()..];
    }
    for counts in ["functions 1", "modules 2", "files ", "bytes "] {
        assert!(table.contains(counts), "{counts}:\n{table}");
    }

    let plain = Pack::run(project.path(), &[]);
    assert!(!plain.stderr().contains("wall ms"), "{}", plain.stderr());
}

#[test]
fn a_log_has_the_spans_as_they_happen() {
    let project = small();
    let output = coldcut()
        .args([
            "bundle",
            "index.js",
            "--outfile",
            "out/bundle.js",
            "--timings",
        ])
        .current_dir(project.path())
        .env("COLDCUT_LOG", "coldcut_js=debug")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{said}"
    );
    assert!(
        said.contains("bundle:link") && said.contains("close"),
        "{said}"
    );
    assert!(
        said.contains("\nentry ") && said.contains("  bundle "),
        "{said}"
    );
}
