//! Worlds for tests: fixtures installed into a scratch copy, small projects written on the spot.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Below `target/`, never in `fixtures/`.
pub fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).to_path_buf()
}

/// What git prints, without the last line break; as nobody in particular.
pub fn git(dir: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(words)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {said}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_string()
}

/// The scratch copy of a fixture, its dependencies installed from the lock file, once in a run.
pub fn installed(fixture: &str) -> PathBuf {
    static DONE: OnceLock<Mutex<HashMap<String, Arc<OnceLock<PathBuf>>>>> = OnceLock::new();
    // Those of one workspace share a copy, so they must not be installed at once.
    let base = fixture.split('/').next().unwrap().to_string();
    let slot = DONE
        .get_or_init(Mutex::default)
        .lock()
        .unwrap()
        .entry(base.clone())
        .or_default()
        .clone();
    let copy = slot.get_or_init(|| {
        let source = repository().join("fixtures").join(&base);
        coldcut::stage::stage(&source, &scratch().join("fixtures"), &|_| {}).unwrap()
    });
    copy.join(fixture.strip_prefix(&base).unwrap().trim_start_matches('/'))
}

/// The scratch copy of a folder of the repository, below the folder `into`, with its dependencies
/// installed from the lock file.
pub fn installed_from(source: &Path, into: &str) -> PathBuf {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    coldcut::stage::stage(source, &scratch().join(into), &|_| {}).unwrap()
}

pub fn coldcut() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldcut"));
    // What the machine that runs the tests sets must not matter.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COLDCUT_") {
            command.env_remove(name);
        }
    }
    command.env("NO_COLOR", "1");
    command.env("COLDCUT_CACHE_DIR", scratch().join("cache"));
    command
}

/// What a command gives that must succeed.
#[track_caller]
pub fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A JSON document that coldcut printed, held to the checked-in schema that it names.
#[track_caller]
pub fn document(printed: &[u8]) -> Value {
    static SCHEMAS: OnceLock<HashMap<String, jsonschema::Validator>> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(|| {
        let files = std::fs::read_dir(repository().join("docs")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths
            .filter(|path| path.to_string_lossy().ends_with(".schema.json"))
            .map(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                let schema: Value = serde_json::from_str(&text).unwrap();
                let id = schema["$id"].as_str().unwrap_or_default().to_string();
                (id, jsonschema::draft202012::new(&schema).unwrap())
            })
            .collect()
    });
    let document: Value = serde_json::from_slice(printed).unwrap();
    let id = document["schema"].as_str().unwrap();
    let schema = schemas
        .get(id)
        .unwrap_or_else(|| panic!("no schema is called `{id}`"));
    let wrong: Vec<String> = schema
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{id}:\n{}", wrong.join("\n"));
    document
}

/// `coldcut pack` with a folder of its own for artifacts.
pub struct Pack {
    pub out: tempfile::TempDir,
    pub output: Output,
}

impl Pack {
    pub fn run(project: &Path, args: &[&str]) -> Self {
        let out = tempfile::tempdir().unwrap();
        let output = coldcut()
            .arg("pack")
            .arg(project)
            .arg("--out")
            .arg(out.path())
            .args(args)
            .output()
            .unwrap();
        Self { out, output }
    }

    pub fn status(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The JSON report, of a run that must have succeeded.
    pub fn report(&self) -> Value {
        assert_eq!(self.status(), 0, "{}", self.stderr());
        document(&self.output.stdout)
    }

    /// Names of what was written, working folders aside.
    pub fn written(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.out.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".cache")
            .collect();
        names.sort();
        names
    }
}

/// A project written for one test.
pub struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = Self { dir };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Copies a folder with everything in it, links as links.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
        } else if entry.path_is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(std::fs::read_link(entry.path()).unwrap(), &target).unwrap();
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// An empty folder with the files that a trace of `dir` names, and nothing else.
pub fn carried(dir: &Path, document: &Value) -> tempfile::TempDir {
    let elsewhere = tempfile::tempdir().unwrap();
    for name in document["reasons"].as_object().unwrap().keys() {
        let target = elsewhere.path().join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(dir.join(name), &target).unwrap();
    }
    elsewhere
}

/// The names in a zip.
pub fn names(zip: &Path) -> Vec<String> {
    let file = std::fs::File::open(zip).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    (0..archive.len())
        .map(|at| archive.by_index(at).unwrap().name().unwrap().into_owned())
        .collect()
}

/// Splitmix64: small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A number from the environment, to widen or narrow a test by.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
