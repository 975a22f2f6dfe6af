//! `coldcut pack --watch`: only what a change touches is packed again.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::{Project, coldcut};

/// A watching program; ends with the test.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(project: &Project) -> Self {
        let mut child = coldcut()
            .args(["pack", "--watch", "--no-verify"])
            .current_dir(project.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let errors = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                let _ = errors.send(line);
            }
        });
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// What is said until it waits for the next change.
    fn round(&self) -> String {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(120));
            let line = line.unwrap_or_else(|_| panic!("it does not go on after: {said}"));
            if line.starts_with("watching") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
    }

    /// The functions that a round packed.
    fn packed(&self) -> Vec<String> {
        let said = self.round();
        let heads = said.lines().filter(|line| line.contains(" · nodejs"));
        heads
            .map(|line| line.split_whitespace().next().unwrap().to_string())
            .collect()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_packs_the_functions_that_have_the_file() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"p"}"#),
        (
            "coldcut.toml",
            "[functions.one]\nhandler = \"src/one.handler\"\n[functions.two]\nhandler = \"src/two.handler\"\n",
        ),
        (
            "src/one.js",
            "const { n } = require(\"./lib/shared\");\nexports.handler = async () => n + 1;\n",
        ),
        (
            "src/two.js",
            "const { n } = require(\"./lib/shared\");\nexports.handler = async () => n + 2;\n",
        ),
        ("src/lib/shared.js", "exports.n = 40;\n"),
        ("notes.md", "nothing\n"),
    ]);
    let watching = Watching::start(&project);
    assert_eq!(watching.packed(), ["one", "two"]);
    let zip = |name: &str| std::fs::read(project.path().join(".coldcut").join(name)).unwrap();
    let (one, two) = (zip("one.zip"), zip("two.zip"));
    project.write("src/one.js", "exports.handler = async () => 7;\n");
    assert_eq!(watching.packed(), ["one"]);
    assert_ne!(one, zip("one.zip"));
    assert_eq!(two, zip("two.zip"));
    project.write("notes.md", "still nothing\n");
    assert_eq!(watching.packed(), [""; 0]);
    // Now only the other has it.
    project.write("src/lib/shared.js", "exports.n = 50;\n");
    assert_eq!(watching.packed(), ["two"]);
    assert_ne!(two, zip("two.zip"));
    // What is broken is said, and goes on when it is corrected.
    project.write("src/two.js", "exports.handler = async () => {\n");
    // What is wrong is on the other stream, and comes before or after what is on this one.
    let mut said = watching.round();
    project.write("src/two.js", "exports.handler = async () => 3;\n");
    said.push_str(&watching.round());
    for part in [
        "waiting for a change that fixes this",
        "two.js:",
        "two  src/two.js",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A folder that is new is watched too.
    std::fs::create_dir(project.path().join("src/more")).unwrap();
    assert_eq!(watching.packed(), [""; 0]);
    project.write("src/more/part.js", "exports.part = 1;\n");
    watching.round();
    project.write(
        "src/two.js",
        "exports.handler = async () => require(\"./more/part\").part;\n",
    );
    assert_eq!(watching.packed(), ["two"]);
    project.write("src/more/part.js", "exports.part = 2;\n");
    assert_eq!(watching.packed(), ["two"]);
}

#[test]
fn what_does_not_go_with_watching_is_refused() {
    for other in ["--json", "--sam", "--install"] {
        let output = coldcut().args(["pack", "--watch", other]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{other}");
    }
}
