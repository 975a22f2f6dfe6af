//! The GitHub Action's script, against a stand-in of GitHub's API.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tiny_http::{Method, Response, Server};

use crate::support::{Project, git, repository, scratch};

/// What GitHub holds and was asked.
#[derive(Default)]
struct State {
    comments: Vec<Value>,
    asked: Vec<String>,
    tokens: Vec<String>,
    /// Of others: they cannot be changed.
    foreign: Vec<u64>,
    /// A token without rights.
    forbidden: bool,
    /// How many requests fail before one succeeds.
    broken: usize,
}

struct GitHub {
    url: String,
    state: Arc<Mutex<State>>,
    server: Arc<Server>,
}

impl GitHub {
    fn new(state: State) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let url = format!("http://{}", server.server_addr());
        let state = Arc::new(Mutex::new(state));
        let (serves, holds) = (server.clone(), state.clone());
        std::thread::spawn(move || {
            for mut request in serves.incoming_requests() {
                let mut body = String::new();
                request.as_reader().read_to_string(&mut body).unwrap();
                let mut state = holds.lock().unwrap();
                let token = request.headers().iter();
                let token = token.clone().find(|one| one.field.equiv("authorization"));
                let token = token.map(|one| one.value.to_string());
                state.tokens.push(token.unwrap_or_default());
                let (status, value) = answer(&mut state, request.method(), request.url(), &body);
                drop(state);
                let response = Response::from_string(value.to_string()).with_status_code(status);
                let _ = request.respond(response);
            }
        });
        Self { url, state, server }
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    fn asked(&self) -> Vec<String> {
        self.with(|state| std::mem::take(&mut state.asked))
    }

    fn bodies(&self) -> Vec<String> {
        self.with(|state| {
            let all = state.comments.iter();
            all.map(|one| one["body"].as_str().unwrap().to_string())
                .collect()
        })
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer(state: &mut State, method: &Method, url: &str, body: &str) -> (u16, Value) {
    state.asked.push(format!("{method} {url}"));
    if state.broken > 0 {
        state.broken -= 1;
        return (502, json!("bad gateway"));
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let sent: Value = serde_json::from_str(body).unwrap_or_default();
    let refused = json!({"message": "Resource not accessible by integration"});
    match (method, path) {
        (Method::Get, "/repos/o/r/issues/7/comments") => {
            let page = query.rsplit_once("page=").map_or("1", |(_, page)| page);
            let page: usize = page.parse().unwrap();
            let all = state.comments.iter().skip((page - 1) * 100).take(100);
            (200, all.cloned().collect())
        }
        (Method::Post, "/repos/o/r/issues/7/comments") => {
            if state.forbidden {
                return (403, refused);
            }
            let id = state.comments.len() as u64 + 1;
            state.comments.push(json!({"id": id, "body": sent["body"]}));
            (201, json!({"id": id}))
        }
        (Method::Patch, path) => {
            let id: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
            if state.forbidden || state.foreign.contains(&id) {
                return (403, refused);
            }
            let found = state.comments.iter_mut().find(|one| one["id"] == id);
            found.unwrap()["body"] = sent["body"].clone();
            (200, json!({"id": id}))
        }
        _ => (404, json!({"message": "Not Found"})),
    }
}

/// A checkout, as a job has one.
struct Job {
    project: Project,
    files: tempfile::TempDir,
    base: String,
}

impl Job {
    fn new() -> Self {
        let project = Project::new(&[
            (".gitignore", ".coldcut\n"),
            ("package.json", r#"{"name":"shop"}"#),
            (
                "coldcut.toml",
                "[functions.api]\nhandler = \"index.handler\"\n",
            ),
            ("index.js", "exports.handler = async () => 1;\n"),
        ]);
        git(project.path(), &["init", "-q"]);
        git(project.path(), &["add", "-A"]);
        git(project.path(), &["commit", "-qm", "one"]);
        let base = git(project.path(), &["rev-parse", "HEAD"]);
        let text = format!("exports.handler = async () => '{}';\n", "more".repeat(400));
        project.write("index.js", &text);
        Self {
            project,
            files: tempfile::tempdir().unwrap(),
            base,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    fn run(&self, github: &GitHub, more: &[(&str, &str)]) -> Output {
        let event = json!({"pull_request": {"number": 7, "base": {"sha": self.base}}});
        std::fs::write(self.file("event.json"), event.to_string()).unwrap();
        let mut command = Command::new("node");
        command
            .arg(repository().join("ci/coldcut.mjs"))
            .current_dir(self.project.path())
            .env("COLDCUT_ACTION_COMMAND", env!("CARGO_BIN_EXE_coldcut"))
            .env("COLDCUT_ACTION_TOKEN", "secret-token")
            .env("COLDCUT_CACHE_DIR", scratch().join("cache"))
            .env("GITHUB_EVENT_PATH", self.file("event.json"))
            .env("GITHUB_API_URL", &github.url)
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_STEP_SUMMARY", self.file("summary.md"))
            .env("GITHUB_OUTPUT", self.file("output"))
            .env("RUNNER_TEMP", self.files.path())
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .envs(more.iter().copied());
        let output = command.output().unwrap();
        let all = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(!String::from_utf8_lossy(&all).contains("secret-token"));
        output
    }
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn one_comment_is_made_and_then_kept_up_to_date() {
    let job = Job::new();
    // A hundred others come first, one of which pretends, and is not to be changed.
    let pretends = "<!-- coldcut action: . -->\nmine";
    let others = (1..=100).map(|id| {
        let body = if id == 50 { pretends } else { "looks good" };
        json!({"id": id, "body": body})
    });
    let github = GitHub::new(State {
        comments: others.collect(),
        foreign: vec![50],
        broken: 1,
        ..State::default()
    });
    let output = job.run(&github, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let bodies = github.bodies();
    assert_eq!(bodies.len(), 101);
    let body = &bodies[100];
    assert!(
        body.starts_with("<!-- coldcut action: . -->\n<!-- coldcut report -->"),
        "{body}"
    );
    // Compared with the base branch's commit, of which the pull request's event tells.
    assert!(body.contains(&job.base[..9]), "{body}");
    assert_eq!(bodies[49], pretends);
    assert!(job.read("summary.md").contains("coldcut: shop"));
    assert!(job.read("output").starts_with("status=0\nreport="));
    github.asked();
    let output = job.run(&github, &[("COLDCUT_ACTION_COMPARE", "never")]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let bodies = github.bodies();
    assert_eq!(bodies.len(), 101, "the same comment");
    assert!(!bodies[100].contains(&job.base[..9]));
    let patched = github
        .asked()
        .into_iter()
        .filter(|one| one.starts_with("PATCH"));
    let patched: Vec<String> = patched.collect();
    assert_eq!(
        patched.last().unwrap(),
        "PATCH /repos/o/r/issues/comments/101"
    );
    github.with(|state| assert!(state.tokens.iter().all(|one| one == "Bearer secret-token")));
}

#[test]
fn a_fork_without_a_token_prints_and_still_fails_on_a_budget() {
    let job = Job::new();
    let github = GitHub::new(State {
        forbidden: true,
        ..State::default()
    });
    for token in ["secret-token", ""] {
        let output = job.run(&github, &[("COLDCUT_ACTION_TOKEN", token)]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains("::warning title=coldcut::no comment"));
        assert!(said(&output).contains("api  index.js"), "{}", said(&output));
        let args = [
            ("COLDCUT_ACTION_TOKEN", token),
            ("COLDCUT_ACTION_ARGS", "--budget 'zip=+10B'"),
        ];
        let output = job.run(&github, &args);
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        assert!(job.read("output").contains("status=3\n"));
        assert!(job.read("summary.md").contains("zip"));
    }
    assert!(github.bodies().is_empty());
}

#[test]
fn what_cannot_be_compared_or_packed_is_said() {
    let job = Job::new();
    let github = GitHub::new(State::default());
    // A base that does not build is no fault of this change.
    let good = std::fs::read(job.project.path().join("index.js")).unwrap();
    job.project.write("index.js", "exports.handler = {;\n");
    git(job.project.path(), &["commit", "-qam", "broken"]);
    let broken = Job {
        base: git(job.project.path(), &["rev-parse", "HEAD"]),
        ..job
    };
    std::fs::write(broken.project.path().join("index.js"), good).unwrap();
    let growth = "--budget zip=+10B --budget=files=+1 --budget zip=1MB";
    let output = broken.run(&github, &[("COLDCUT_ACTION_ARGS", growth)]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let body = &github.bodies()[0];
    assert!(body.contains("cannot be compared with (CC231)"), "{body}");
    assert!(body.contains("growth are not held") && body.contains("1.00 MB"));
    // A baseline file stands before the base branch.
    let out = broken.file("old.baseline.json").display().to_string();
    let args = format!("--report {out}");
    broken.run(&github, &[("COLDCUT_ACTION_ARGS", &args)]);
    let output = broken.run(&github, &[("COLDCUT_ACTION_BASELINE", &out)]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        github.bodies()[0].contains("old.baseline.json"),
        "{:?}",
        github.bodies()
    );
    // Nor is there a report where nothing was packed: what coldcut said stands for it.
    broken.project.write("index.js", "exports.handler = {;\n");
    let output = broken.run(&github, &[("COLDCUT_ACTION_COMPARE", "never")]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(github.bodies().len(), 1);
    assert!(broken.read("output").contains("status=1\n"));
    let gone = [("COLDCUT_ACTION_COMMAND", "no-such-program")];
    let output = broken.run(&github, &gone);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("::error title=coldcut::cannot start"));
}

#[test]
fn where_the_lock_file_changed_both_sides_are_installed() {
    let job = Job::new();
    let github = GitHub::new(State::default());
    let lock = |version: &str| {
        let packages = json!({"": {"name": "shop", "version": version}});
        json!({"name": "shop", "version": version, "lockfileVersion": 3, "packages": packages})
            .to_string()
    };
    job.project.write("package-lock.json", &lock("1.0.0"));
    git(job.project.path(), &["add", "-A"]);
    git(job.project.path(), &["commit", "-qm", "locked"]);
    let base = git(job.project.path(), &["rev-parse", "HEAD"]);
    job.project.write("package-lock.json", &lock("1.0.1"));
    // Something has to be installed for it to matter.
    job.project.write("node_modules/x/package.json", "{}");
    let job = Job { base, ..job };
    let output = job.run(&github, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("packing again with `--install`"));
    let body = &github.bodies()[0];
    assert!(body.contains(&job.base[..9]), "{body}");
}

#[test]
fn every_input_of_the_action_reaches_its_script() {
    let action = std::fs::read_to_string(repository().join("action.yml")).unwrap();
    let script = std::fs::read_to_string(repository().join("ci/coldcut.mjs")).unwrap();
    let inputs = action.split("inputs:").nth(1).unwrap();
    let inputs = inputs.split("\noutputs:").next().unwrap();
    let names: Vec<&str> = inputs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.trim().trim_end_matches(':'))
        .collect();
    assert_eq!(names.len(), 8, "{names:?}");
    for name in names {
        let upper = name.to_uppercase();
        let given = format!("COLDCUT_ACTION_{upper}: ${{{{ inputs.{name} }}}}");
        assert!(action.contains(&given), "{given}");
        assert!(script.contains(&format!("input(\"{upper}\")")), "{name}");
    }
}

#[test]
fn the_gitlab_template_compares_and_keeps_the_exit_status() {
    let job = Job::new();
    let template = repository().join("ci/coldcut.gitlab-ci.yml");
    let text = std::fs::read_to_string(template).unwrap();
    // The script as GitLab would hand it to a shell: the block below `- |`.
    let block = text.split("    - |\n").nth(1).unwrap();
    let lines = block.lines().take_while(|line| line.starts_with("      "));
    let script: Vec<&str> = lines.map(|line| &line[6..]).collect();
    let run = |args: &str| {
        Command::new("sh")
            .args(["-euc", &script.join("\n")])
            .current_dir(job.project.path())
            .env("COLDCUT_COMMAND", env!("CARGO_BIN_EXE_coldcut"))
            .env("COLDCUT_DIRECTORY", ".")
            .env("COLDCUT_ARGS", args)
            .env("COLDCUT_BASELINE_FILE", "")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &job.base)
            .output()
            .unwrap()
    };
    let output = run("");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(job.project.path().join(name)).unwrap();
    assert!(read("coldcut.md").contains(&job.base[..9]));
    assert!(read("coldcut.xml").contains("<testsuite"));
    let output = run("--budget zip=+10B");
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
}
