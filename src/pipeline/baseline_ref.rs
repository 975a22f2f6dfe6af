//! `--baseline-ref`: the project as it was, packed in a temporary folder to be compared with.
//!
//! In: the request and a ref. Out: a [`Snapshot`] of what its functions weighed. Nothing of it stays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::discover::{DiscoveryRequest, discover};
use crate::git_ref::GitRef;
use coldcut_core::diagnostics::{Code, Diagnostic, Result, Severity};
use coldcut_report::snapshot::Snapshot;
use coldcut_verify::Scratch;

use crate::pipeline::outcome::RunStatus;
use crate::pipeline::pack_functions::pack_functions;
use crate::pipeline::prepare::prepare_project;
use crate::pipeline::request::{
    OutputRequest, PackRequest, ProgressCallback, ReportRequest, RustRequest, VerificationRequest,
};

/// The ref cannot be packed.
pub const REF_NOT_PACKED: Code = Code("CC231");

/// A ref whose files are laid out, with their dependencies.
pub(super) struct BaselineRun {
    git_ref: GitRef,
    request: PackRequest,
    /// Removed with all of it.
    _scratch: Scratch,
    empty: bool,
}

impl BaselineRun {
    /// Lays it out; errs where the run would end in nothing. `now` is the folder in which the
    /// dependencies are installed.
    pub fn prepare(
        request: &PackRequest,
        name: &str,
        now: &Path,
        progress: ProgressCallback<'_>,
    ) -> Result<Self> {
        let git_ref = GitRef::find(&request.dir, name)?;
        let now = &now.canonicalize().unwrap_or_else(|_| now.to_path_buf());
        progress(&format!("{}: checking out its files", git_ref.label()));
        let scratch = Scratch::new()?;
        let dir = git_ref.check_out(scratch.path())?;
        let mut install = false;
        let wants = dir.join("package.json").is_file() && now.join("package.json").is_file();
        if !git_ref.take_installed(&dir, now)? && wants {
            if !request.install {
                return Err(Box::new(git_ref.other_dependencies(now)));
            }
            install = true;
        }
        let mut before = Self {
            request: PackRequest {
                dir,
                out: scratch.path().join("out"),
                install,
                rust: RustRequest::default(),
                verify: VerificationRequest {
                    check_reproducible: false,
                    ..request.verify
                },
                report: ReportRequest {
                    cost_assumptions: request.report.cost_assumptions.clone(),
                    ..ReportRequest::default()
                },
                outputs: OutputRequest::default(),
                // What the framework resolved is of today's files.
                discovery: DiscoveryRequest {
                    service: None,
                    ..request.discovery.clone()
                },
                ..request.clone()
            },
            git_ref,
            _scratch: scratch,
            empty: false,
        };
        before.leave_out_what_is_new();
        Ok(before)
    }

    /// A function that is asked for by name may not have been there.
    fn leave_out_what_is_new(&mut self) {
        let discovery = &mut self.request.discovery;
        let dir = &self.request.dir;
        let asked = (discovery.entries.len(), discovery.functions.len());
        discovery.entries.retain(|entry| dir.join(entry).is_file());
        let names = std::mem::take(&mut discovery.functions);
        if let Ok(project) = discover(dir, discovery) {
            let there: BTreeSet<&str> = project
                .functions
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            let kept = names
                .into_iter()
                .filter(|name| there.contains(name.as_str()));
            discovery.functions = kept.collect();
        } else {
            discovery.functions = names;
        }
        self.empty = (asked.0 > 0 && discovery.entries.is_empty())
            || (asked.1 > 0 && discovery.functions.is_empty());
    }

    /// Packs it.
    pub fn pack(&self, progress: ProgressCallback<'_>) -> Result<Snapshot> {
        let label = self.git_ref.label();
        let mut snapshot = Snapshot {
            schema: Default::default(),
            name: label.clone(),
            functions: Vec::new(),
        };
        if self.empty {
            return Ok(snapshot);
        }
        let built = built_before(&self.request.cache);
        let say_of = |text: &str| progress(&format!("{label}: {text}"));
        let outcome = prepare_project(&self.request, &say_of)
            .map(|prepared| pack_functions(&prepared, &self.request, &say_of));
        forget_builds(&self.request.cache, &built);
        let (failed, said) = match outcome {
            Ok(outcome) if outcome.status != RunStatus::Failed => {
                snapshot.functions = Snapshot::from_report(&outcome.report, &label).functions;
                (false, Vec::new())
            }
            Ok(outcome) => (true, outcome.diagnostics),
            Err(errors) => (true, errors),
        };
        if !failed {
            return Ok(snapshot);
        }
        let mut error = Diagnostic::error(REF_NOT_PACKED, format!("{label} cannot be packed"))
            .help("compare with another ref, or with a file by `--baseline FILE`");
        let errors = said.iter().filter(|one| one.severity == Severity::Error);
        for one in errors.take(5) {
            error = error.note(format!("{} {}", one.code, one.message));
        }
        Err(Box::new(error))
    }
}

/// What is kept of builds of binaries: those of a temporary folder are of no use afterwards.
fn built_before(cache: &Path) -> BTreeSet<PathBuf> {
    let all = std::fs::read_dir(cache.join("coldcut"));
    let all = all
        .into_iter()
        .flatten()
        .filter_map(std::result::Result::ok);
    all.map(|entry| entry.path()).collect()
}

fn forget_builds(cache: &Path, before: &BTreeSet<PathBuf>) {
    for path in built_before(cache).difference(before) {
        // What cannot be removed takes room, and does no other harm.
        let _ = std::fs::remove_dir_all(path);
    }
}
