//! `--baseline-ref`: git refs as baselines.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Project, coldcut, git};

/// A workspace whose function asks for a package of its own and for one that is installed.
fn project() -> Project {
    let project = Project::new(&[
        (".gitignore", "node_modules\n.coldcut\n"),
        (
            "package.json",
            r#"{"name":"shop","workspaces":["packages/*"],"dependencies":{"dep":"1.0.0","lib":"*"}}"#,
        ),
        (
            "package-lock.json",
            r#"{"name":"shop","lockfileVersion":3,"packages":{}}"#,
        ),
        (
            "coldcut.toml",
            "[functions.api]\nhandler = \"index.handler\"\n",
        ),
        (
            "index.js",
            "exports.handler = async () => [require('dep'), require('lib')];\n",
        ),
        (
            "packages/lib/package.json",
            r#"{"name":"lib","version":"1.0.0"}"#,
        ),
        ("packages/lib/index.js", "module.exports = 'old';\n"),
        (
            "node_modules/dep/package.json",
            r#"{"name":"dep","version":"1.0.0"}"#,
        ),
        ("node_modules/dep/index.js", "module.exports = 'dep';\n"),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../packages/lib", project.path().join("node_modules/lib")).unwrap();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "-A"]);
    git(project.path(), &["commit", "-qm", "one"]);
    project
}

struct Run {
    output: Output,
    /// What is left of temporary files.
    left: Vec<String>,
}

impl Run {
    fn new(dir: &Path, args: &[&str]) -> Self {
        Self::with(dir, args, |_| {})
    }

    fn with(dir: &Path, args: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let out = tempfile::tempdir().unwrap();
        let mut command = coldcut();
        command
            .args(["pack", "--json", "--out"])
            .arg(out.path())
            .arg(dir)
            .args(args)
            .env("TMPDIR", temporary.path());
        change(&mut command);
        let output = command.output().unwrap();
        let left = std::fs::read_dir(temporary.path()).unwrap();
        Self {
            output,
            left: left
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect(),
        }
    }

    fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.output.stderr);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn comparison(&self) -> Value {
        assert!(self.output.status.success(), "{}", self.said());
        let report = crate::support::document(&self.output.stdout);
        report["comparison"].clone()
    }

    #[track_caller]
    fn fails(&self, status: i32, code: &str, help: &str) {
        assert_eq!(self.output.status.code(), Some(status), "{}", self.said());
        assert!(self.said().contains(code), "{}", self.said());
        assert!(self.said().contains(help), "{}", self.said());
        assert!(self.left.is_empty(), "{:?}", self.left);
    }
}

#[cfg(unix)]
#[test]
fn what_was_is_packed_beside_and_the_repository_stays_as_it_is() {
    let project = project();
    let dir = project.path();
    // Changed without a commit, one of them staged: neither is the ref's.
    let long = format!("module.exports = '{}';\n", "new".repeat(500));
    project.write("packages/lib/index.js", &long);
    project.write("more.js", "exports.handler = async () => 1;\n");
    project.write(
        "coldcut.toml",
        "[functions.api]\nhandler = \"index.handler\"\n[functions.more]\nhandler = \"more.handler\"\n",
    );
    git(dir, &["add", "more.js"]);
    let state = || {
        let index = std::fs::read(dir.join(".git/index")).unwrap();
        let names = git(dir, &["ls-files", "--others", "--cached"]);
        let config = std::fs::read(dir.join(".git/config")).unwrap();
        (index, names, config, dir.join(".git/worktrees").exists())
    };
    let before = state();
    let run = Run::new(dir, &["--baseline-ref", "main"]);
    let comparison = run.comparison();
    assert!(run.left.is_empty(), "{:?}", run.left);
    assert!(before == state());
    let with = comparison["with"].as_str().unwrap();
    assert!(with.starts_with("git main ("), "{with}");
    let of = |name: &str| {
        let all = comparison["functions"].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name);
        found.unwrap_or_else(|| panic!("{comparison:#}")).clone()
    };
    // The package of the workspace was the ref's own, and not the one of today.
    let changed = of("api")["changed_files"].clone();
    let mut all = changed.as_array().unwrap().iter();
    let lib = all.find(|one| one["path"] == "packages/lib/index.js");
    let lib = lib.unwrap_or_else(|| panic!("{changed:#}"));
    assert_eq!(lib["kind"], "grown");
    assert!(lib["bytes"]["before"].as_u64().unwrap() < 500, "{lib:#}");
    assert!(lib["bytes"]["after"].as_u64().unwrap() > 1500, "{lib:#}");
    assert_eq!(of("more")["kind"], "new");
    // One that is asked for by name and was not there has nothing to be compared with.
    let run = Run::new(dir, &["--baseline-ref", "main", "--function", "more"]);
    assert_eq!(run.comparison()["functions"][0]["kind"], "new");
    // Nothing changed: nothing differs.
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "two"]);
    let run = Run::new(dir, &["--baseline-ref", "HEAD", "--budget", "zip=+0B"]);
    let comparison = run.comparison();
    for one in comparison["functions"].as_array().unwrap() {
        assert_eq!(one["kind"], "same", "{comparison:#}");
    }
}

#[test]
fn other_dependencies_are_installed_or_nothing_is() {
    let project = Project::new(&[
        (".gitignore", "node_modules\n.coldcut\n"),
        (
            "index.js",
            "exports.handler = async () => require('dep');\n",
        ),
        (
            "coldcut.toml",
            "[functions.api]\nhandler = \"index.handler\"\n",
        ),
        ("dep/package.json", r#"{"name":"dep","version":"1.0.0"}"#),
        ("dep/index.js", "module.exports = 'dep';\n"),
        (
            "package.json",
            r#"{"name":"a","version":"1.0.0","dependencies":{"dep":"file:dep"}}"#,
        ),
    ]);
    let dir = project.path();
    let npm = |words: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(words).current_dir(dir).env("CI", "1");
        let output = npm.args(["--no-audit", "--no-fund", "--offline"]).output();
        assert!(output.unwrap().status.success());
    };
    npm(&["install"]);
    git(dir, &["init", "-q"]);
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "one"]);
    project.write("more/package.json", r#"{"name":"more","version":"2.0.0"}"#);
    project.write("more/index.js", "module.exports = 'more';\n");
    project.write(
        "index.js",
        "exports.handler = async () => require('dep') + require('more');\n",
    );
    npm(&["install", "./more"]);
    Run::new(dir, &["--baseline-ref", "main"]).fails(1, "CC230", "--install");
    let run = Run::new(dir, &["--baseline-ref", "main", "--install"]);
    let comparison = run.comparison();
    assert!(run.left.is_empty(), "{:?}", run.left);
    let changed = comparison["functions"][0]["changed_files"].as_array();
    let kind = |path: &str| {
        let mut all = changed.unwrap().iter();
        all.find(|one| one["path"] == path)
            .map(|one| one["kind"].clone())
    };
    assert_eq!(kind("more/index.js"), Some("new".into()), "{comparison:#}");
    assert_eq!(kind("index.js"), Some("grown".into()), "{comparison:#}");
}

#[test]
fn refs_and_repositories_that_are_not_there() {
    let bare = Project::new(&[
        (
            "coldcut.toml",
            "[functions.api]\nhandler = \"index.handler\"\n",
        ),
        ("index.js", "exports.handler = async () => 1;\n"),
    ]);
    let ask = |dir: &Path, name: &str| Run::new(dir, &["--baseline-ref", name]);
    ask(bare.path(), "main").fails(1, "CC228", "--baseline base.baseline.json");
    let project = project();
    for name in ["nowhere", "--output=x", "", "main:index.js"] {
        let run = Run::new(project.path(), &[&format!("--baseline-ref={name}")]);
        run.fails(2, "CC229", "git branch --all");
    }
    let both = ["--baseline-ref", "main", "--baseline", "x.json"];
    let both = Run::new(project.path(), &both);
    assert_eq!(both.output.status.code(), Some(2));
    // A shallow clone knows one branch.
    git(project.path(), &["checkout", "-qb", "topic"]);
    project.write("index.js", "exports.handler = async () => 2;\n");
    git(project.path(), &["commit", "-qam", "two"]);
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", project.path().display());
    git(clone.path(), &["clone", "-q", "--depth=1", &from, "c"]);
    let dir = clone.path().join("c");
    ask(&dir, "main").fails(2, "CC229", "git fetch --depth=1 origin main");
    git(
        &dir,
        &["fetch", "-q", "origin", "main:refs/remotes/origin/main"],
    );
    ask(&dir, "main").fails(2, "CC229", "did you mean `origin/main`?");
    // A folder that came later.
    project.write("late/index.js", "exports.handler = async () => 1;\n");
    project.write(
        "late/coldcut.toml",
        "[functions.api]\nhandler = \"index.handler\"\n",
    );
    ask(&project.path().join("late"), "main").fails(2, "CC229", "nothing to compare with");
    // No git at all.
    let tools = tempfile::tempdir().unwrap();
    let run = Run::with(project.path(), &["--baseline-ref", "main"], |command| {
        command.env("PATH", tools.path());
    });
    run.fails(1, "CC228", "install git");
    // A ref that does not build is said with its cause.
    project.write("index.js", "exports.handler = async () => {;\n");
    git(project.path(), &["commit", "-qam", "broken"]);
    project.write("index.js", "exports.handler = async () => 1;\n");
    ask(project.path(), "topic").fails(1, "CC231", "compare with another ref");
}
