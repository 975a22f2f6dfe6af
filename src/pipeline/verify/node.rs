//! A handler of Node.js, verified.
//!
//! In: an unpacked artifact and what to do with it. Out: a [`VerificationReport`]. The handler is loaded
//! and called in processes of their own, and so is the original where there is one.

use std::path::Path;

use crate::pipeline::execution::{Execution, compare_executions};
use crate::pipeline::handler_lookup;
use crate::pipeline::handler_lookup::HandlerLocation;
use crate::pipeline::request::ProgressCallback;
use crate::pipeline::verification_target::{VerificationTarget, failed, seen_from, side};
use crate::pipeline::verify::environment::{isolation, the_node};
use crate::pipeline::verify::request::VerifyRequest;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::{
    Answer, Handler, Side, VerificationReport, VerificationSchema, VerificationStatus,
};
use coldcut_verify::codes::{AGAINST, HANDLER_FILE};
use coldcut_verify::{
    Invoked, LoadOptions, Loaded, Outcome, Proof, Provided, compare, explain, invoke, load,
    missing_handler,
};

pub(super) fn verify(
    request: &VerifyRequest,
    target: &VerificationTarget,
    progress: ProgressCallback<'_>,
) -> Result<VerificationReport> {
    let node = the_node()?;
    let location = match &request.handler {
        Some(text) => handler_lookup::from_setting(&target.root, text),
        None => handler_lookup::guess(&target.root, &target.shown),
    };
    let mut location = match location {
        Ok(location) => location,
        // What was deployed under this name would not be found either.
        Err(error) if error.code == HANDLER_FILE => {
            return Ok(without_file(request, target, &error));
        }
        Err(error) => return Err(error),
    };
    let mut options = LoadOptions::new(node);
    options.bounds = request.bounds;
    options.env.clone_from(&request.env);
    options.export.clone_from(&location.export);
    if !request.external.is_empty() {
        let from = request.against.as_deref().filter(|path| path.is_dir());
        let from = from
            .and_then(|path| path.canonicalize().ok())
            .ok_or_else(|| {
                Box::new(
                    Diagnostic::error(AGAINST, "`--external` needs a folder that has the packages")
                        .help("name the project's folder with `--against`"),
                )
            })?;
        options.provided = Some(Provided {
            from: seen_from(from)?,
            packages: request.external.clone(),
        });
    }
    progress("loading");
    let mut loaded = load(&target.root, &location.file, &options)?;
    if location.export.is_none()
        && let Outcome::Exports(exports) = &loaded.outcome
    {
        let export = handler_lookup::export_of(&location.file, exports, &target.shown)?;
        location.export = Some(export.clone());
        options.export = Some(export);
        // What the export is, is asked of the same load: it is in the list.
        loaded.export.clone_from(&options.export);
    }
    let mut run = Run {
        options,
        event: request.event.as_deref(),
        location,
    };
    let artifact = run.execution(&target.root, loaded)?;
    let mut verification = VerificationReport {
        schema: VerificationSchema::V1,
        status: VerificationStatus::Failed,
        detail: String::new(),
        handler: run.location.export.as_deref().map(|export| Handler {
            setting: handler_lookup::setting_text(&run.location.file, export),
            guessed: run.location.guessed,
        }),
        artifact: reported(&target.shown, &artifact),
        against: None,
        isolation: isolation(request.isolation.as_ref(), request.bounds),
    };
    let proof = match &request.against {
        None => alone(&artifact),
        Some(path) => {
            progress("loading the original");
            let (original, file) = VerificationTarget::original(path, &run.location)?;
            run.options.provided = None;
            run.options.arguments.clone_from(&original.arguments);
            let loaded = load(&original.root, &file, &run.options)?;
            run.location.file = file;
            let before = run.execution(&original.root, loaded)?;
            let mut proof = compare(&before.loaded, &artifact.loaded);
            if let (coldcut_verify::Status::Equal, Some(problem)) = (proof.status, &proof.problem) {
                proof = Proof::new(coldcut_verify::Status::Differs, problem.message.clone());
            }
            if proof.status == coldcut_verify::Status::Equal {
                proof = compare_executions(proof, &before, &artifact, || run.call(&original.root))?;
            }
            verification.against = Some(reported(&original.shown, &before));
            proof
        }
    };
    verification.status = match proof.status {
        coldcut_verify::Status::Equal => VerificationStatus::Verified,
        coldcut_verify::Status::Differs | coldcut_verify::Status::Unverified => {
            VerificationStatus::Failed
        }
    };
    verification.detail = proof.detail;
    Ok(verification)
}

struct Run<'a> {
    options: LoadOptions,
    event: Option<&'a str>,
    location: HandlerLocation,
}

impl Run<'_> {
    fn execution(&self, root: &Path, loaded: Loaded) -> Result<Execution> {
        Execution::after_load(loaded, || self.call(root))
    }

    fn call(&self, root: &Path) -> Result<Option<Invoked>> {
        let (Some(event), Some(export)) = (self.event, &self.location.export) else {
            return Ok(None);
        };
        invoke(root, &self.location.file, export, event, &self.options).map(Some)
    }
}

/// The handler's file is not in the zip.
fn without_file(
    request: &VerifyRequest,
    target: &VerificationTarget,
    error: &Diagnostic,
) -> VerificationReport {
    VerificationReport {
        schema: VerificationSchema::V1,
        status: VerificationStatus::Failed,
        detail: error.message.clone(),
        handler: request.handler.clone().map(|setting| Handler {
            setting,
            guessed: false,
        }),
        artifact: Side {
            path: target.shown.display().to_string(),
            ..Side::default()
        },
        against: None,
        isolation: isolation(request.isolation.as_ref(), request.bounds),
    }
}

fn reported(shown: &Path, execution: &Execution) -> Side {
    let mut side = side(shown, &execution.loaded);
    if let Some(called) = &execution.called {
        side.answer = Some(Answer {
            value: called.result.as_ref().ok().cloned(),
            failure: called.result.as_ref().err().map(failed),
            answer_ms: called.timing.answer_ms,
        });
        side.left_processes = execution.left();
        if !called.output.is_empty() {
            side.output.clone_from(&called.output);
        }
    }
    side
}

/// An artifact with nothing to compare it with must load, have its handler and answer.
fn alone(execution: &Execution) -> Proof {
    let failed = |detail: String| Proof::new(coldcut_verify::Status::Differs, detail);
    if let Outcome::Failed(failure) = &execution.loaded.outcome {
        return failed(format!("it does not load: {}", explain(failure)));
    }
    if let Some(problem) = missing_handler(&execution.loaded) {
        return failed(problem.message);
    }
    if let Some(called) = &execution.called
        && let Err(failure) = &called.result
    {
        return failed(format!(
            "it loads, and fails with the event: {}",
            explain(failure)
        ));
    }
    let left = execution.left();
    if !left.is_empty() {
        return failed(format!(
            "it leaves processes behind ({}); `--against` compares this with the original",
            left.join(", ")
        ));
    }
    Proof::new(
        coldcut_verify::Status::Equal,
        match execution.called {
            Some(_) => "it loads and answers the event",
            None => "it loads, and its handler exists",
        },
    )
}
