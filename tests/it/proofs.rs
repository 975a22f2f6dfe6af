//! Proofs of earlier runs: what is the same in every byte is not loaded again, and what changed,
//! or failed, is.

use std::path::Path;

use serde_json::Value;

use crate::support::{Project, coldcut};

/// A function that counts its loads in the file that the environment names.
fn counting(rest: &str) -> Project {
    let source = format!(
        "require('fs').appendFileSync(process.env.COUNTER, '.');\n\
         exports.handler = async (event) => require('./answer').of(event);\n{rest}"
    );
    Project::new(&[
        ("package.json", r#"{"name":"x","main":"index.js"}"#),
        ("index.js", &source),
        (
            "answer.js",
            "exports.of = (event) => ({ sum: event.a + event.b });\n",
        ),
        ("notes.txt", "read by nobody\n"),
    ])
}

struct World {
    project: Project,
    out: tempfile::TempDir,
}

impl World {
    fn new(project: Project) -> Self {
        let out = tempfile::tempdir().unwrap();
        Self { project, out }
    }

    /// How often the code was loaded, and what the report says of verification.
    fn pack(&self, args: &[&str]) -> (usize, Value) {
        let counter = self.out.path().join("counter");
        std::fs::write(&counter, "").unwrap();
        let output = coldcut()
            .arg("pack")
            .arg(self.project.path())
            .arg("--out")
            .arg(self.out.path().join("out"))
            .arg("--env")
            .arg(format!("COUNTER={}", counter.display()))
            .arg("--json")
            .args(args)
            .output()
            .unwrap();
        let report = crate::support::document(&output.stdout);
        let loads = std::fs::read(&counter).unwrap().len();
        (loads, report["functions"][0]["verification"].clone())
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

#[test]
fn the_same_content_is_loaded_once() {
    let world = World::new(counting(""));
    let dir = world.project.path();
    let (loads, first) = world.pack(&[]);
    assert_eq!((loads, &first["status"]), (2, &Value::from("equal")));
    assert_eq!(first.get("earlier"), None);

    let (loads, second) = world.pack(&[]);
    assert_eq!((loads, &second["status"]), (0, &Value::from("equal")));
    assert_eq!(second["earlier"], true);
    assert_eq!(second["detail"], first["detail"]);

    // Asked for, or with another event, environment or strategy: again.
    assert_eq!(world.pack(&["--verify-again"]).0, 2);
    write(world.out.path(), "event.json", r#"{"a":1,"b":2}"#);
    let event = world.out.path().join("event.json");
    let event = event.to_str().unwrap();
    let (loads, called) = world.pack(&["--event", event]);
    assert!(loads >= 2);
    assert_eq!(called["status"], "equal");
    assert_eq!(world.pack(&["--event", event]).0, 0);
    write(world.out.path(), "event.json", r#"{"a":1,"b":3}"#);
    assert!(world.pack(&["--event", event]).0 >= 2);
    assert_eq!(world.pack(&["--env", "OTHER=1"]).0, 2);
    assert_eq!(world.pack(&["--strategy", "trace"]).0, 2);

    // A file that no code names may still be read.
    write(dir, "notes.txt", "read by somebody\n");
    assert_eq!(world.pack(&[]).0, 2);
    write(
        dir,
        "answer.js",
        "exports.of = (event) => event.a + event.b;\n",
    );
    assert_eq!(world.pack(&[]).0, 2);
    assert_eq!(world.pack(&[]).0, 0);
}

#[test]
fn a_failure_is_looked_at_again() {
    let world = World::new(counting("throw new Error('no DATABASE_URL');\n"));
    for _ in 0..2 {
        let (loads, verification) = world.pack(&[]);
        assert_eq!(loads, 2);
        assert_eq!(verification["status"], "equal");
        assert_eq!(verification.get("earlier"), None);
    }
}

/// Other runs, and whoever reads the folder, see what was there before until then.
#[test]
fn an_artifact_is_in_its_place_only_when_it_is_proven() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"x"}"#),
        (
            "index.js",
            "const fs = require('fs');
             fs.appendFileSync(process.env.SEEN, String(fs.existsSync(process.env.TARGET)));
             if (require('./place').file() !== 'place.js') throw new Error('not as a file');
             exports.handler = async () => 1;",
        ),
        (
            "place.js",
            "exports.file = () => /(\\w+\\.js):\\d+/.exec(new Error('x').stack.split('\\n')[1])[1];",
        ),
    ]);
    let out = tempfile::tempdir().unwrap();
    let (seen, target) = (out.path().join("seen"), out.path().join("out/index.zip"));
    let pack = || {
        std::fs::write(&seen, "").unwrap();
        let output = coldcut()
            .args(["pack", "--json", "--verify-again", "--entry", "index.js"])
            .args(["--env", &format!("SEEN={}", seen.display())])
            .args(["--env", &format!("TARGET={}", target.display())])
            .arg("--out")
            .arg(out.path().join("out"))
            .current_dir(project.path())
            .output()
            .unwrap();
        let report = crate::support::document(&output.stdout);
        // The bundle is tried first, and refused.
        assert_eq!(report["functions"][0]["strategy"], "trace");
        (
            std::fs::read_to_string(&seen).unwrap(),
            std::fs::read(&target).unwrap(),
        )
    };
    let (before, first) = pack();
    assert_eq!(before, "false".repeat(3), "original, bundle, trace");
    let (after, second) = pack();
    assert_eq!(after, "true".repeat(3));
    assert_eq!(first, second);
    let left = std::fs::read_dir(out.path().join("out")).unwrap();
    let left: Vec<String> = left
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !left.iter().any(|name| name.starts_with(".coldcut-")),
        "{left:?}"
    );
}
