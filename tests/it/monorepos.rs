//! Repositories of several projects, with the tools that run tasks in them, and one project over
//! several machines.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Pack, coldcut, copy, document, installed, repository, succeeds};

/// An example's copy with its tools installed, in a git repository of its own; `coldcut` is on the
/// path of what runs in it.
struct Example {
    dir: tempfile::TempDir,
    path: std::ffi::OsString,
}

impl Example {
    fn new(name: &str) -> Self {
        let into = PathBuf::from("examples").join(name);
        let source = repository().join(&into);
        let source = crate::support::installed_from(&source, into.to_str().unwrap());
        let dir = tempfile::tempdir().unwrap();
        copy(&source, dir.path());
        crate::support::git(dir.path(), &["init", "--quiet"]);
        let bin = dir.path().join("node_modules/.bin");
        let own = Path::new(env!("CARGO_BIN_EXE_coldcut")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let all = [bin, own.to_path_buf()];
        let all = all.into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(all).unwrap();
        Self { dir, path }
    }

    /// What a tool prints, which must succeed.
    fn run(&self, words: &[&str]) -> String {
        let output = Command::new(words[0])
            .args(&words[1..])
            .current_dir(self.dir.path())
            .env("PATH", &self.path)
            .env("NO_COLOR", "1")
            .env("CI", "1")
            .env("TURBO_TELEMETRY_DISABLED", "1")
            .env("NX_DAEMON", "false")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {text}{errors}");
        text
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.dir.path().join(name)).unwrap()
    }
}

/// Whether Turborepo took each project's artifact from its cache.
fn cached(printed: &str) -> (bool, bool) {
    let one = |project: &str| {
        let hit = printed.contains(&format!("{project}:pack: cache hit"));
        let miss = printed.contains(&format!("{project}:pack: cache miss"));
        assert!(hit != miss, "{printed}");
        hit
    };
    (one("mail"), one("orders"))
}

#[test]
fn turborepo_packs_again_what_a_change_touches_and_nothing_else() {
    let example = Example::new("turborepo");
    let turbo = || cached(&example.run(&["turbo", "run", "pack"]));
    // What is checked in is what the program writes.
    let kept = example.read("functions/orders/turbo.json");
    example.run(&["npm", "run", "inputs"]);
    assert_eq!(
        String::from_utf8_lossy(&kept),
        String::from_utf8_lossy(&example.read("functions/orders/turbo.json"))
    );
    assert_eq!(turbo(), (false, false));
    let zip = "functions/orders/.coldcut/orders.zip";
    let first = example.read(zip);
    std::fs::remove_file(example.dir.path().join(zip)).unwrap();
    assert_eq!(turbo(), (true, true));
    assert_eq!(first, example.read(zip), "from the cache");
    // A module that a function has, of another package.
    let round = "packages/prices/src/round.js";
    let was = String::from_utf8(example.read(round)).unwrap();
    example.write(round, "export const round = (cents) => Math.ceil(cents);\n");
    assert_eq!(turbo(), (true, false));
    assert_ne!(first, example.read(zip));
    example.write(round, &was);
    assert_eq!(turbo(), (true, true), "as it was");
    assert_eq!(first, example.read(zip));
    // A module of that package that no function asks for.
    example.write(
        "packages/prices/src/stock.js",
        "export const inStock = () => true;\n",
    );
    example.write("functions/orders/README.md", "# Orders\n");
    assert_eq!(turbo(), (true, true));
    // A file that a pattern in the code matches, and an event that the proof is about.
    example.write("functions/mail/templates/de.txt", "Hallo NAME\n");
    assert_eq!(turbo(), (false, true));
    example.write("functions/orders/event.json", "{ \"pieces\": 4 }");
    assert_eq!(turbo(), (true, false));
}

#[test]
fn nx_takes_the_digest_as_an_input() {
    let example = Example::new("nx");
    let nx = || {
        let printed = example.run(&["nx", "run-many", "--target=pack", "--outputStyle=stream"]);
        let one = |project: &str| {
            let line = printed
                .lines()
                .find(|line| line.contains("nx run") && line.contains(&format!("{project}:pack")));
            line.unwrap_or_else(|| panic!("{printed}"))
                .contains("cache")
        };
        (one("mail"), one("orders"))
    };
    assert_eq!(nx(), (false, false));
    let zip = "functions/orders/.coldcut/orders.zip";
    let first = example.read(zip);
    std::fs::remove_file(example.dir.path().join(zip)).unwrap();
    assert_eq!(nx(), (true, true));
    assert_eq!(first, example.read(zip), "from the cache");
    example.write(
        "packages/prices/src/round.js",
        "export const round = (cents) => Math.ceil(cents);\n",
    );
    assert_eq!(nx(), (true, false));
    assert_ne!(first, example.read(zip));
    example.write(
        "packages/prices/src/stock.js",
        "export const inStock = () => true;\n",
    );
    assert_eq!(nx(), (true, true));
}

/// What tools leave in a package of the workspace is no part of it: others write there meanwhile.
#[test]
fn what_tools_leave_in_a_sibling_is_nobodys() {
    let left = [".aws-sam", ".coldcut", ".git", ".serverless"]
        .map(|folder| format!("packages/prices/{folder}/old.js"));
    let mut files = vec![
        ("package.json", r#"{"name":"shop","workspaces":["functions/*","packages/*"]}"#),
        (
            "functions/orders/package.json",
            r#"{"name":"orders","dependencies":{"prices":"1.0.0"}}"#,
        ),
        (
            "functions/orders/orders.js",
            "const path = require('path');
             const prices = path.dirname(require.resolve('prices/package.json'));
             exports.handler = async () => require('fs').readdirSync(prices).filter((name) => name.startsWith('.'));",
        ),
        ("packages/prices/package.json", r#"{"name":"prices","version":"1.0.0"}"#),
        ("packages/prices/index.js", "module.exports = 1;"),
    ];
    files.push(("functions/orders/event.json", "{}"));
    files.push((
        "functions/orders/coldcut.toml",
        "[functions.orders]\nhandler = 'orders.handler'\nevent = 'event.json'\n",
    ));
    files.extend(
        left.iter()
            .map(|path| (path.as_str(), "module.exports = 2;")),
    );
    let project = crate::support::Project::new(&files);
    let modules = project.path().join("node_modules");
    std::fs::create_dir(&modules).unwrap();
    std::os::unix::fs::symlink("../packages/prices", modules.join("prices")).unwrap();
    let pack = Pack::run(
        &project.path().join("functions/orders"),
        &["--json", "--strategy", "prune"],
    );
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let names = crate::support::names(&pack.out.path().join("orders.zip"));
    assert!(
        names.contains(&"node_modules/prices/index.js".to_string()),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.contains("old.js")),
        "{names:?}"
    );
    // The original answers with what lies there, so its copy had none of them either.
    assert_eq!(
        pack.report()["functions"][0]["verification"]["status"],
        "equal"
    );
}

#[test]
fn shards_together_are_the_whole() {
    let project = installed("orders-api");
    let budgets = ["--budget", "zip=1MB", "--budget", "sum:zip=900kB"];
    let out = tempfile::tempdir().unwrap();
    let pack = |shard: Option<&str>, report: &Path| {
        let mut command = coldcut();
        command.arg("pack").arg(&project).args(budgets);
        command.arg("--out").arg(out.path().join("zips"));
        command.arg("--report").arg(report);
        if let Some(shard) = shard {
            command.args(["--shard", shard]);
        }
        succeeds(&mut command)
    };
    let file = |name: &str| out.path().join(name);
    // First in parts, so that the whole can recall their proofs: what is compared is all the rest.
    for at in 1..=4 {
        let printed = pack(Some(&format!("{at}/4")), &file(&format!("{at}.json")));
        let text = String::from_utf8_lossy(&printed.stdout).into_owned();
        assert_eq!(
            text.contains("shard 4 of 4 has no function"),
            at == 4,
            "{text}"
        );
    }
    pack(None, &file("whole.json"));
    let merge = |names: &[&str], more: &[&str]| {
        let mut command = coldcut();
        command
            .arg("merge")
            .args(more)
            .args(names.iter().map(|name| file(name)));
        command.output().unwrap()
    };
    let merged = merge(&["3.json", "1.json", "4.json", "2.json"], &["--json"]);
    assert_eq!(merged.status.code(), Some(0));
    let mut merged = document(&merged.stdout);
    let mut whole: Value =
        serde_json::from_slice(&std::fs::read(file("whole.json")).unwrap()).unwrap();
    for report in [&mut merged, &mut whole] {
        for function in report["functions"].as_array_mut().unwrap() {
            function["verification"]
                .as_object_mut()
                .unwrap()
                .remove("earlier");
        }
    }
    assert_eq!(merged["functions"].as_array().unwrap().len(), 3);
    assert!(merged == whole, "{merged:#}\n{whole:#}");
    // The sum is nobody's but the merge's.
    let part: Value = serde_json::from_slice(&std::fs::read(file("1.json")).unwrap()).unwrap();
    assert_eq!(part["budgets"][1]["state"], "unknown");
    let over = merge(
        &["1.json", "2.json", "3.json", "4.json"],
        &["--budget", "sum:zip=1kB"],
    );
    assert_eq!(over.status.code(), Some(3));
    let over = String::from_utf8_lossy(&over.stderr).into_owned();
    assert!(over.contains("zip of all functions"), "{over}");
    for (names, said) in [
        (
            &["1.json", "2.json", "3.json"][..],
            "shard 4 of 4 is missing",
        ),
        (
            &["1.json", "1.json", "2.json", "3.json", "4.json"],
            "shard 1 of 4 is there 2 times",
        ),
        (&["1.json", "whole.json"], "is not a shard of 4"),
        (&["whole.json", "whole.json"], "function `api` is in"),
        (&["none.json"], "none.json"),
    ] {
        let output = merge(names, &[]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{said}: {text}");
    }
    let page = file("merged.html");
    let forms = merge(
        &["1.json", "2.json", "3.json", "4.json"],
        &["--report", page.to_str().unwrap()],
    );
    assert!(forms.status.success());
    assert!(
        std::fs::read_to_string(page)
            .unwrap()
            .contains("createOrder")
    );
    let bom = merge(&["whole.json"], &["--report", "x.cdx.json"]);
    assert_eq!(bom.status.code(), Some(2));
}

#[test]
fn reports_of_several_projects_become_one() {
    let out = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for name in ["one", "two"] {
        let project = crate::support::Project::new(&[
            ("package.json", &format!(r#"{{"name":"{name}"}}"#)),
            ("api.js", "exports.handler = async () => 1;\n"),
        ]);
        let report = out.path().join(format!("{name}.json"));
        let args = [
            "--entry",
            "api.js",
            "--budget",
            "sum:zip=1MB",
            "--report",
            report.to_str().unwrap(),
        ];
        assert_eq!(Pack::run(project.path(), &args).status(), 0);
        names.push(report);
    }
    let merged = succeeds(coldcut().arg("merge").args(&names).arg("--json"));
    let merged = document(&merged.stdout);
    let functions = merged["functions"].as_array().unwrap();
    let found: Vec<&str> = functions
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["one/api", "two/api"]);
    assert_eq!(merged["totals"]["functions"], 2);
    let budgets = merged["budgets"].as_array().unwrap();
    let of: Vec<&str> = budgets
        .iter()
        .map(|one| one["function"].as_str().unwrap())
        .collect();
    assert_eq!(of, ["one/(sum)", "two/(sum)"]);
}
