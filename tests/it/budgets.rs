//! Budgets, baselines and what `check` says of them.

use crate::support::{Pack, Project, coldcut};

fn project(settings: &str) -> Project {
    Project::new(&[
        ("package.json", r#"{"name":"small"}"#),
        (
            "coldcut.toml",
            &format!(
                "[functions.api]\nhandler = \"index.handler\"\n[functions.jobs]\nhandler = \"jobs.handler\"\n{settings}"
            ),
        ),
        ("index.js", "exports.handler = async () => 42;\n"),
        ("jobs.js", "exports.handler = async () => require('dep');\n"),
        (
            "node_modules/dep/package.json",
            r#"{"name":"dep","version":"1.0.0","main":"index.js"}"#,
        ),
        ("node_modules/dep/index.js", "module.exports = 'dep';\n"),
    ])
}

fn check(project: &Project, args: &[&str]) -> (i32, String, String) {
    let out = tempfile::tempdir().unwrap();
    let output = coldcut()
        .arg("check")
        .arg(project.path())
        .arg("--out")
        .arg(out.path())
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn every_budget_its_value_and_its_slack() {
    let project = project(
        "[budget]\nzip = \"1MB\"\n\"sum:files\" = \"1,warn\"\n[functions.jobs.budget]\nzip = \"2MB\"\n\"package:dep\" = \"1kB\"\n",
    );
    let (status, said, errors) = check(&project, &[]);
    assert_eq!(status, 0, "{errors}");
    let rows: Vec<Vec<&str>> = said
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let row = |name: &str, function: &str| {
        let found = rows.iter().find(|row| row[0] == name && row[1] == function);
        found
            .unwrap_or_else(|| panic!("{name} of {function} is missing in\n{said}"))
            .clone()
    };
    assert_eq!(row("zip", "api")[2..4], ["1.00", "MB"]);
    assert_eq!(row("zip", "jobs")[2..4], ["2.00", "MB"]);
    assert_eq!(row("package:dep", "jobs")[2..4], ["1.00", "kB"]);
    assert!(said.contains("over (warning)"), "{said}");
    assert!(errors.contains("CC224"), "{errors}");
}

#[test]
fn a_budget_that_fails_is_status_3() {
    let project = project("");
    let (status, said, errors) = check(&project, &["--budget", "api:zip=10B"]);
    assert_eq!(status, 3, "{errors}");
    assert!(
        said.contains("OVER") && errors.contains("CC224"),
        "{said}{errors}"
    );
    let pack = Pack::run(project.path(), &["--budget", "api:zip=10B", "--json"]);
    assert_eq!(pack.status(), 3);
    let report = crate::support::document(&pack.output.stdout);
    assert_eq!(report["budgets"][0]["state"], "failed");
    let slack = report["budgets"][0]["slack"].as_i64().unwrap();
    assert_eq!(
        slack,
        10 - report["functions"][0]["artifact"]["bytes"]
            .as_i64()
            .unwrap()
    );
}

#[test]
fn slips_are_status_2_and_have_help() {
    let project = project("");
    for (args, code, help) in [
        (
            &["--budget", "zipp=1MB"][..],
            "CC221",
            "did you mean `zip`?",
        ),
        (&["--budget", "zip=1 parsec"], "CC221", "500kB"),
        (&["--budget", "zip"], "CC221", "zip=2MB"),
        (&["--budget", "apo:zip=1MB"], "CC222", "did you mean `api`?"),
        (&["--budget", "zip=+5%"], "CC223", "--baseline"),
        (&["--baseline", "nowhere.json"], "CC226", "--report"),
    ] {
        let (status, said, errors) = check(&project, args);
        assert_eq!(status, 2, "{args:?}: {errors}");
        assert!(said.is_empty());
        let flat = errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains(code) && flat.contains(help),
            "{args:?}: {errors}"
        );
    }
    let (status, _, errors) = check(&self::project("[budget]\nzip = 3\n"), &[]);
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("CC015"), "{errors}");
}

#[test]
fn growth_is_against_a_baseline_of_either_form() {
    let project = project("[functions.jobs.budget]\nzip = \"+5%\"\n");
    let folder = tempfile::tempdir().unwrap();
    for name in ["old.json", "old.baseline.json"] {
        let old = folder.path().join(name).display().to_string();
        project.write("node_modules/dep/index.js", "module.exports = 'dep';\n");
        project.write(
            "coldcut.toml",
            "[functions.jobs]\nhandler = \"jobs.handler\"\n",
        );
        let pack = Pack::run(project.path(), &["--report", &old]);
        assert_eq!(pack.status(), 0, "{}", pack.stderr());
        let (status, said, _) = check(&project, &["--baseline", &old, "--budget", "zip=+5%"]);
        assert_eq!(status, 0, "{said}");
        let noise: String = (0..200)
            .map(|at| format!("'{}',", at * 7919 % 1009))
            .collect();
        project.write(
            "node_modules/dep/index.js",
            &format!("module.exports = [{noise}];\n"),
        );
        let (status, said, _) = check(&project, &["--baseline", &old, "--budget", "zip=+5%"]);
        assert_eq!(status, 3, "{said}");
        let pack = Pack::run(project.path(), &["--json", "--baseline", &old]);
        let report = pack.report();
        let change = &report["comparison"]["functions"][0];
        assert_eq!(change["kind"], "grown");
        assert_eq!(change["packages"][0]["name"], "dep");
        assert_eq!(
            change["changed_files"].is_null(),
            name == "old.baseline.json"
        );
    }
}

#[test]
fn a_baseline_of_another_schema_is_refused_by_name() {
    let project = project("");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.json");
    std::fs::write(&path, r#"{"schema":"coldcut.report/7","functions":[]}"#).unwrap();
    let (status, _, errors) = check(&project, &["--baseline", path.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(
        errors.contains("coldcut.report/7") && errors.contains("CC227"),
        "{errors}"
    );
}
