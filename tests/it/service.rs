//! What a framework's plug-in hands over, and artifacts laid out as folders.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Pack, Project, coldcut, names};

fn project() -> Project {
    Project::new(&[
        ("package.json", r#"{"name":"shop"}"#),
        (
            "serverless.yml",
            "service: shop\nprovider: {name: aws, runtime: nodejs20.x}\nfunctions:\n  api:\n    handler: src/${ssm:/where}.handler\n",
        ),
        (
            "src/api.js",
            "exports.handler = async () => require('./part');\n",
        ),
        ("src/part.js", "module.exports = 'part';\n"),
    ])
}

const RESOLVED: &str = r#"{"service":"shop","provider":{"name":"aws","runtime":"nodejs20.x"},"functions":{"api":{"handler":"src/api.handler","events":[{"httpApi":"*"}]}}}"#;

#[test]
fn a_resolved_configuration_comes_on_standard_input_and_gives_the_same_bytes() {
    let project = project();
    let out = tempfile::tempdir().unwrap();
    let mut child = coldcut()
        .arg("pack")
        .arg(project.path())
        .args(["--service", "-", "--json", "--out"])
        .arg(out.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(RESOLVED.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let report = crate::support::document(&output.stdout);
    assert_eq!(report["functions"][0]["handler"], "src/api.js");
    // The file itself, with what its variable stands for.
    let yml = "service: shop\nprovider: {name: aws, runtime: nodejs20.x}\nfunctions: {api: {handler: src/api.handler}}\n";
    project.write("serverless.yml", yml);
    let pack = Pack::run(project.path(), &["--json"]);
    let function = &pack.report()["functions"][0];
    assert_eq!(
        function["artifact"]["sha256"],
        report["functions"][0]["artifact"]["sha256"]
    );
}

#[test]
fn a_configuration_that_is_not_there_is_said() {
    let project = project();
    let pack = Pack::run(project.path(), &["--service", "none.json"]);
    assert_eq!(pack.status(), 2);
    assert!(
        pack.stderr()
            .contains("`--service none.json` does not exist")
    );
    let pack = Pack::run(project.path(), &["--service", "-", "--entry", "src/api.js"]);
    assert_eq!(pack.status(), 2);
}

#[test]
fn an_artifact_is_laid_out_and_replaces_only_what_is_coldcuts_own() {
    let project = project();
    let service = project.path().join("service.json");
    std::fs::write(&service, RESOLVED).unwrap();
    let service = service.to_str().unwrap();
    let place = tempfile::tempdir().unwrap();
    let into = place.path().join("build");
    let args = ["--service", service, "--unpack", into.to_str().unwrap()];
    let pack = Pack::run(project.path(), &args);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let laid = |into: &std::path::Path| -> Vec<String> {
        let mut all: Vec<String> = walkdir::WalkDir::new(into.join("api"))
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(into.join("api")).unwrap();
                path.to_str().unwrap().to_string()
            })
            .collect();
        all.sort();
        all
    };
    let mut zip = names(&pack.out.path().join("api.zip"));
    zip.sort();
    assert_eq!(laid(&into), zip);
    // Once more, over itself; what does not belong to it is gone.
    std::fs::write(into.join("api/left.js"), "").unwrap();
    assert_eq!(Pack::run(project.path(), &args).status(), 0);
    assert_eq!(laid(&into), zip);
    // A folder of somebody's own stays.
    let own = place.path().join("own");
    std::fs::create_dir_all(own.join("api")).unwrap();
    std::fs::write(own.join("api/mine.txt"), "").unwrap();
    let args = ["--service", service, "--unpack", own.to_str().unwrap()];
    let pack = Pack::run(project.path(), &args);
    assert_eq!(pack.status(), 2);
    assert!(pack.stderr().contains("CC036"), "{}", pack.stderr());
    assert_eq!(laid(&own), ["mine.txt"]);
    // Nor into what is packed.
    let inside = project.path().join("src/build");
    let args = ["--service", service, "--unpack", inside.to_str().unwrap()];
    let pack = Pack::run(project.path(), &args);
    assert_eq!(pack.status(), 2);
    assert!(pack.stderr().contains("--unpack"), "{}", pack.stderr());
}
