//! The whole of `verify`: one artifact loaded, called, and compared, away from everything.
//!
//! In: an [`Ask`]. Out: a [`Verification`]. An artifact that fails is no error here; an error is
//! what keeps from finding out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::subject::{Subject, failed, side};
use super::which::{self, Setting};
use super::{Say, in_pool};
use crate::diag::{Diagnostic, Result};
use crate::report::verification::{
    Answer, Handler, Isolation, SchemaId, Side, Status, Verification,
};
use crate::verify::codes::{AGAINST, HANDLER_FILE, NODE, NOT_HERE};
use crate::verify::{
    self, Bounds, Invoked, LoadOptions, Loaded, Network, Outcome, Proof, Provided, compare,
    compare_answers, explain, find_node, invoke, load, missing_handler, start_bootstrap,
};

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub zip: PathBuf,
    /// JSON.
    pub event: Option<String>,
    /// As a platform's setting has it.
    pub handler: Option<String>,
    /// A project's folder, or another zip.
    pub against: Option<PathBuf>,
    /// Packages that the platform has; they are taken from the folder in `against`.
    pub external: Vec<String>,
    pub bounds: Bounds,
    /// What holds for this process already; `None` where nothing was done.
    pub isolation: Option<verify::Isolation>,
}

/// Verifies one artifact.
pub fn verify(ask: &Ask, say: Say<'_>) -> std::result::Result<Verification, Vec<Diagnostic>> {
    in_pool(|| {
        say("unpacking");
        let found = Subject::zip(&ask.zip).and_then(|subject| {
            if subject.is_bootstrap() {
                bootstrap(ask, &subject, say)
            } else {
                node(ask, &subject, say)
            }
        });
        found.map_err(|error| vec![*error])
    })
}

/// What the report says of where it ran.
pub(super) fn isolation(isolation: Option<&verify::Isolation>, bounds: Bounds) -> Isolation {
    let (network, network_note) = match isolation.map(|isolation| &isolation.network) {
        Some(Network::Cut) => ("cut", None),
        Some(Network::Allowed) => ("allowed", None),
        Some(Network::Open(why)) => ("open", Some(why.clone())),
        None => ("open", None),
    };
    Isolation {
        network: network.to_string(),
        network_note,
        detached_processes_ended: isolation.is_some_and(|isolation| isolation.finds_detached),
        timeout_s: bounds.timeout.as_secs_f64(),
        memory_mb: bounds.memory_mb,
    }
}

/// The `node` that runs everything, or the error that there is none.
pub(super) fn the_node() -> Result<PathBuf> {
    find_node().ok_or_else(|| {
        Box::new(
            Diagnostic::error(
                NODE,
                "there is no `node` on the PATH to load the artifact with",
            )
            .help("install Node.js, the version of the function's runtime, and put it on the PATH"),
        )
    })
}

fn node(ask: &Ask, subject: &Subject, say: Say<'_>) -> Result<Verification> {
    let node = the_node()?;
    let setting = match &ask.handler {
        Some(text) => which::named(&subject.root, text),
        None => which::guessed(&subject.root, &subject.shown),
    };
    let mut setting = match setting {
        Ok(setting) => setting,
        // What was deployed under this name would not be found either.
        Err(error) if error.code == HANDLER_FILE => return Ok(without_file(ask, subject, &error)),
        Err(error) => return Err(error),
    };
    let mut options = LoadOptions::new(node);
    options.bounds = ask.bounds;
    options.export.clone_from(&setting.export);
    if !ask.external.is_empty() {
        let from = ask.against.as_deref().filter(|path| path.is_dir());
        let from = from
            .and_then(|path| path.canonicalize().ok())
            .ok_or_else(|| {
                Box::new(
                    Diagnostic::error(AGAINST, "`--external` needs a folder that has the packages")
                        .help("name the project's folder with `--against`"),
                )
            })?;
        options.provided = Some(Provided {
            from,
            packages: ask.external.clone(),
        });
    }
    say("loading");
    let mut loaded = load(&subject.root, &setting.file, &options)?;
    if setting.export.is_none()
        && let Outcome::Exports(exports) = &loaded.outcome
    {
        let export = which::export_of(&setting.file, exports, &subject.shown)?;
        setting.export = Some(export.clone());
        options.export = Some(export);
        // What the export is, is asked of the same load: it is in the list.
        loaded.export.clone_from(&options.export);
    }
    let mut run = Run {
        options,
        event: ask.event.as_deref(),
        setting,
    };
    let artifact = run.whole(&subject.root, loaded)?;
    let mut verification = Verification {
        schema: SchemaId::V1,
        status: Status::Failed,
        detail: String::new(),
        handler: run.setting.export.as_deref().map(|export| Handler {
            setting: which::setting(&run.setting.file, export),
            guessed: run.setting.guessed,
        }),
        artifact: reported(&subject.shown, &artifact),
        against: None,
        isolation: isolation(ask.isolation.as_ref(), ask.bounds),
    };
    let proof = match &ask.against {
        None => alone(&artifact),
        Some(path) => {
            say("loading what to compare with");
            let (original, file) = Subject::original(path, &run.setting)?;
            run.options.provided = None;
            let loaded = load(&original.root, &file, &run.options)?;
            run.setting.file = file;
            let before = run.whole(&original.root, loaded)?;
            let proof = side_by_side(&before, &artifact, || run.call(&original.root))?;
            verification.against = Some(reported(&original.shown, &before));
            proof
        }
    };
    verification.status = match proof.status {
        verify::Status::Equal => Status::Verified,
        verify::Status::Differs | verify::Status::Unverified => Status::Failed,
    };
    verification.detail = proof.detail;
    Ok(verification)
}

/// A load, and a call where there is an event and something to call.
struct Whole {
    loaded: Loaded,
    called: Option<Invoked>,
}

struct Run<'a> {
    options: LoadOptions,
    event: Option<&'a str>,
    setting: Setting,
}

impl Run<'_> {
    fn whole(&self, root: &Path, loaded: Loaded) -> Result<Whole> {
        let called = match loaded.outcome {
            Outcome::Exports(_) => self.call(root)?,
            Outcome::Failed(_) => None,
        };
        Ok(Whole { loaded, called })
    }

    fn call(&self, root: &Path) -> Result<Option<Invoked>> {
        let (Some(event), Some(export)) = (self.event, &self.setting.export) else {
            return Ok(None);
        };
        invoke(root, &self.setting.file, export, event, &self.options).map(Some)
    }
}

/// The handler's file is not in the zip.
fn without_file(ask: &Ask, subject: &Subject, error: &Diagnostic) -> Verification {
    Verification {
        schema: SchemaId::V1,
        status: Status::Failed,
        detail: error.message.clone(),
        handler: ask.handler.clone().map(|setting| Handler {
            setting,
            guessed: false,
        }),
        artifact: Side {
            path: subject.shown.display().to_string(),
            ..Side::default()
        },
        against: None,
        isolation: isolation(ask.isolation.as_ref(), ask.bounds),
    }
}

fn reported(shown: &Path, whole: &Whole) -> Side {
    let mut side = side(shown, &whole.loaded);
    if let Some(called) = &whole.called {
        side.answer = Some(Answer {
            value: called.result.as_ref().ok().cloned(),
            failure: called.result.as_ref().err().map(failed),
            answer_ms: called.timing.answer_ms,
        });
        side.left_processes = whole.left();
        if !called.output.is_empty() {
            side.output.clone_from(&called.output);
        }
    }
    side
}

/// An artifact with nothing to compare it with must load, have its handler and answer.
fn alone(whole: &Whole) -> Proof {
    let failed = |detail: String| Proof::new(verify::Status::Differs, detail);
    if let Outcome::Failed(failure) = &whole.loaded.outcome {
        return failed(format!("it does not load: {}", explain(failure)));
    }
    if let Some(problem) = missing_handler(&whole.loaded) {
        return failed(problem.message);
    }
    if let Some(called) = &whole.called
        && let Err(failure) = &called.result
    {
        return failed(format!(
            "it loads, and fails with the event: {}",
            explain(failure)
        ));
    }
    let left = whole.left();
    if !left.is_empty() {
        return failed(format!(
            "it leaves processes behind ({}); `--against` holds that to the original",
            left.join(", ")
        ));
    }
    Proof::new(
        verify::Status::Equal,
        match whole.called {
            Some(_) => "it loads and answers the event",
            None => "it loads, and its handler is there",
        },
    )
}

impl Whole {
    fn left(&self) -> Vec<String> {
        let called = self.called.iter().flat_map(|called| &called.left);
        let names: BTreeSet<&String> = self.loaded.left.iter().chain(called).collect();
        names.into_iter().cloned().collect()
    }
}

fn side_by_side(
    original: &Whole,
    artifact: &Whole,
    again: impl FnOnce() -> Result<Option<Invoked>>,
) -> Result<Proof> {
    let mut proof = compare(&original.loaded, &artifact.loaded);
    if proof.status != verify::Status::Equal {
        return Ok(proof);
    }
    if let Some(problem) = &proof.problem {
        return Ok(Proof::new(verify::Status::Differs, problem.message.clone()));
    }
    if let (Some(a), Some(b)) = (&original.called, &artifact.called) {
        let answers = compare_answers(a, b, || Ok(again()?.map(|again| again.result)))?;
        proof.status = answers.status;
        proof.detail = format!("{}; {}", proof.detail, answers.detail);
    }
    let (a, b) = (original.left(), artifact.left());
    if a != b && proof.status == verify::Status::Equal {
        let named = |names: &[String]| match names {
            [] => "none".to_string(),
            names => names.join(", "),
        };
        proof = Proof::new(
            verify::Status::Differs,
            format!(
                "it leaves processes behind ({}), the original {}",
                named(&b),
                named(&a)
            ),
        );
    }
    Ok(proof)
}

fn bootstrap(ask: &Ask, subject: &Subject, say: Say<'_>) -> Result<Verification> {
    say("starting the bootstrap");
    let artifact = start_bootstrap(&subject.root, ask.event.as_deref(), ask.bounds)?;
    if artifact.status == verify::Status::Unverified {
        return Err(Box::new(
            Diagnostic::error(
                NOT_HERE,
                format!(
                    "`{}` cannot be run here: {}",
                    ask.zip.display(),
                    artifact.detail
                ),
            )
            .help("verify it on a machine like the one that the function runs on"),
        ));
    }
    let reported = |shown: &Path, proof: &verify::BootstrapProof| Side {
        path: shown.display().to_string(),
        file: "bootstrap".to_string(),
        answer: ask.event.as_ref().map(|_| Answer {
            value: proof.response.clone(),
            failure: (proof.status != verify::Status::Equal).then(|| {
                crate::report::verification::Failure {
                    kind: "rejected".to_string(),
                    name: "Runtime".to_string(),
                    message: proof.detail.clone(),
                    frames: Vec::new(),
                }
            }),
            answer_ms: None,
        }),
        output: proof.output.clone(),
        ..Side::default()
    };
    let mut verification = Verification {
        schema: SchemaId::V1,
        status: match artifact.status {
            verify::Status::Equal => Status::Verified,
            _ => Status::Failed,
        },
        detail: format!("it {}", artifact.detail),
        handler: None,
        artifact: reported(&subject.shown, &artifact),
        against: None,
        isolation: isolation(ask.isolation.as_ref(), ask.bounds),
    };
    let Some(path) = &ask.against else {
        return Ok(verification);
    };
    if path.is_dir() {
        return Err(Box::new(
            Diagnostic::error(
                AGAINST,
                format!("`{}` would have to be built first", path.display()),
            )
            .help(
                "a `bootstrap` is compared with another zip: build the original and name its zip",
            ),
        ));
    }
    say("starting what to compare with");
    let other = Subject::zip(path)?;
    let original = start_bootstrap(&other.root, ask.event.as_deref(), ask.bounds)?;
    let same = original.status == artifact.status
        && original.response == artifact.response
        && original.error == artifact.error;
    // One that does neither start nor report an error shows nothing of the other.
    let shown = artifact.status == verify::Status::Equal || artifact.error.is_some();
    verification.against = Some(reported(&other.shown, &original));
    verification.status = if same && shown {
        Status::Verified
    } else {
        Status::Failed
    };
    verification.detail = if same {
        format!("it {}, as the original", artifact.detail)
    } else if original.status == artifact.status {
        "the answers to the event differ".to_string()
    } else {
        format!(
            "the original {}, the artifact {}",
            original.detail, artifact.detail
        )
    };
    Ok(verification)
}
