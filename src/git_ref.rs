//! The project as it was at a git ref, in a folder of its own.
//!
//! In: the project's folder and a ref. Out: the ref's files below a temporary folder, with what is
//! installed now where the lock file is the same. git is asked to read only: the files come by an
//! index of their own (`read-tree`, `checkout-index`) and not by `git worktree add`, which would
//! write into the repository, run its hooks, and leave something there where the run is killed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::stage;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};

/// git is not there, fails, or knows no such repository.
pub const GIT_FAILED: Code = Code("CC228");
/// The ref, or the project in it, does not exist.
pub const REF_NOT_FOUND: Code = Code("CC229");
/// What is installed is not what the ref locks.
pub const OTHER_DEPENDENCIES: Code = Code("CC230");

/// A commit of the repository that a folder lies in.
#[derive(Debug, Clone)]
pub struct GitRef {
    /// As it was asked for.
    name: String,
    /// In full.
    commit: String,
    /// The repository's folder, links resolved.
    top: PathBuf,
    /// The project's folder, seen from there.
    rest: PathBuf,
}

impl GitRef {
    /// Finds the commit that `name` stands for. Nothing is written.
    pub fn find(dir: &Path, name: &str) -> Result<Self> {
        let dir = dir
            .canonicalize()
            .map_err(|error| Box::new(Diagnostic::io(GIT_FAILED, "open", dir, &error)))?;
        let found = git(&dir, &["rev-parse", "--show-toplevel"], None)?;
        if !found.status.success() {
            return Err(Box::new(
                Diagnostic::error(GIT_FAILED, "`--baseline-ref` needs a git repository, but this folder is not in one")
                    .at_file(&dir)
                    .note(first_line(&found.stderr))
                    .help("compare with a file instead: `--report base.baseline.json` in one run, `--baseline base.baseline.json` in the next"),
            ));
        }
        let top = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim_end());
        let top = top.canonicalize().unwrap_or(top);
        let rest = dir.strip_prefix(&top).unwrap_or(Path::new(""));
        let Some(commit) = commit(&dir, name)? else {
            return Err(Box::new(unknown(&dir, name)?));
        };
        let found_ref = Self {
            name: name.to_string(),
            commit,
            rest: rest.to_path_buf(),
            top,
        };
        found_ref.check_folder(&dir)?;
        Ok(found_ref)
    }

    /// For people: the ref and the commit's short name.
    pub fn label(&self) -> String {
        format!(
            "git {} ({})",
            self.name,
            &self.commit[..self.commit.len().min(9)]
        )
    }

    /// Lays the commit's files out in `into`, which must exist and be empty, and gives the project's
    /// folder in there.
    pub fn check_out(&self, into: &Path) -> Result<PathBuf> {
        let index = into.join("index");
        let tree = into.join("tree");
        std::fs::create_dir_all(&tree)
            .map_err(|error| Box::new(Diagnostic::io(GIT_FAILED, "make", &tree, &error)))?;
        let prefix = format!("--prefix={}/", tree.display());
        for words in [
            &["read-tree", &self.commit][..],
            &["checkout-index", "--all", "--force", "--quiet", &prefix],
        ] {
            let output = git(&self.top, words, Some(&index))?;
            if !output.status.success() {
                let mut error = Diagnostic::error(
                    GIT_FAILED,
                    format!(
                        "`{}` cannot be checked out: `git {}` failed",
                        self.name, words[0]
                    ),
                )
                .help(
                    "check that `git checkout` of it works and that the temporary folder has free space",
                );
                for line in String::from_utf8_lossy(&output.stderr).lines().take(5) {
                    error = error.note(line);
                }
                return Err(Box::new(error));
            }
        }
        Ok(tree.join(&self.rest))
    }

    /// Gives the files in `tree` (of [`GitRef::check_out`]) what is installed in `now`, where both lock
    /// the same. `Ok(false)`: they do not.
    pub fn take_installed(&self, tree: &Path, now: &Path) -> Result<bool> {
        let (then, here) = (
            stage::LockedDependencies::of(tree),
            stage::LockedDependencies::of(now),
        );
        if then != here {
            return Ok(false);
        }
        let (to, from) = (then.root, here.root);
        stage::copy_installed(&from, &to)
            .map(|()| true)
            .map_err(|(path, error)| {
                Box::new(
                    Diagnostic::io(OTHER_DEPENDENCIES, "copy", &path, &error).help(
                        "free some space in the temporary folder, or set `TMPDIR` to another",
                    ),
                )
            })
    }

    /// What to say where the ref's dependencies are not those that are installed.
    pub fn other_dependencies(&self, now: &Path) -> Diagnostic {
        let here = stage::LockedDependencies::of(now);
        Diagnostic::error(
            OTHER_DEPENDENCIES,
            format!(
                "the lock file of `{}` has other dependencies than the installed ones",
                self.name
            ),
        )
        .at_file(here.file.as_deref().unwrap_or(&here.root.join("package.json")))
        .help("add `--install`, which installs the dependencies of each side in a copy; or pack the other side separately with `--report base.baseline.json`, and pass that file to `--baseline`")
    }

    fn check_folder(&self, dir: &Path) -> Result<()> {
        if self.rest.as_os_str().is_empty() {
            return Ok(());
        }
        let rest: Vec<_> = self
            .rest
            .iter()
            .map(|part| part.to_string_lossy())
            .collect();
        let object = format!("{}:{}", self.commit, rest.join("/"));
        let found = git(dir, &["cat-file", "-e", &object], None)?;
        if found.status.success() {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error(
                REF_NOT_FOUND,
                format!("the project's folder does not exist in `{}`", self.name),
            )
            .at_file(dir)
            .help("there is nothing to compare with: leave `--baseline-ref` out until it does"),
        ))
    }
}

fn commit(dir: &Path, name: &str) -> Result<Option<String>> {
    let object = format!("{name}^{{commit}}");
    let words = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &object,
    ];
    let found = git(dir, &words, None)?;
    let text = String::from_utf8_lossy(&found.stdout).trim().to_string();
    Ok((found.status.success() && !text.is_empty()).then_some(text))
}

/// Why there is no such ref, as far as git knows.
fn unknown(dir: &Path, name: &str) -> Result<Diagnostic> {
    let error = Diagnostic::error(REF_NOT_FOUND, format!("git knows no commit named `{name}`"))
        .at_file(dir);
    let remote = format!("origin/{name}");
    if commit(dir, &remote)?.is_some() {
        return Ok(error.help(format!("did you mean `{remote}`?")));
    }
    let shallow = git(dir, &["rev-parse", "--is-shallow-repository"], None)?;
    if shallow.stdout.starts_with(b"true") {
        return Ok(error
            .note("this is a shallow clone, which has only a part of the history")
            .help(format!(
                "fetch it first: `git fetch --depth=1 origin {name}`, then give `--baseline-ref FETCH_HEAD`"
            )));
    }
    Ok(error.help("`git branch --all` and `git tag` list the refs that exist"))
}

fn git(dir: &Path, words: &[&str], index: Option<&Path>) -> Result<Output> {
    let mut command = Command::new("git");
    command
        .args(words)
        .current_dir(dir)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    // A hook that starts coldcut has these set for what it is about.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    command.output().map_err(|error| {
        Box::new(
            Diagnostic::error(GIT_FAILED, format!("cannot run `git`: {error}"))
                .help("install git, or compare with a file by `--baseline FILE`"),
        )
    })
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or_default().to_string()
}
