//! A handler of Node.js, verified.
//!
//! In: an unpacked artifact and what to do with it. Out: a [`Verification`]. The handler is loaded
//! and called in processes of their own, and so is the original where there is one.

use std::path::Path;

use crate::pipeline::execution::{Whole, alike};
use crate::pipeline::handler_lookup;
use crate::pipeline::handler_lookup::Setting;
use crate::pipeline::request::Say;
use crate::pipeline::verification_target::{Subject, failed, seen_from, side};
use crate::pipeline::verify::environment::{isolation, the_node};
use crate::pipeline::verify::request::Ask;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::{Answer, Handler, SchemaId, Side, Status, Verification};
use coldcut_verify::codes::{AGAINST, HANDLER_FILE};
use coldcut_verify::{
    Invoked, LoadOptions, Loaded, Outcome, Proof, Provided, compare, explain, invoke, load,
    missing_handler,
};

pub(super) fn verify(ask: &Ask, subject: &Subject, say: Say<'_>) -> Result<Verification> {
    let node = the_node()?;
    let setting = match &ask.handler {
        Some(text) => handler_lookup::named(&subject.root, text),
        None => handler_lookup::guessed(&subject.root, &subject.shown),
    };
    let mut setting = match setting {
        Ok(setting) => setting,
        // What was deployed under this name would not be found either.
        Err(error) if error.code == HANDLER_FILE => return Ok(without_file(ask, subject, &error)),
        Err(error) => return Err(error),
    };
    let mut options = LoadOptions::new(node);
    options.bounds = ask.bounds;
    options.env.clone_from(&ask.env);
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
            from: seen_from(from)?,
            packages: ask.external.clone(),
        });
    }
    say("loading");
    let mut loaded = load(&subject.root, &setting.file, &options)?;
    if setting.export.is_none()
        && let Outcome::Exports(exports) = &loaded.outcome
    {
        let export = handler_lookup::export_of(&setting.file, exports, &subject.shown)?;
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
            setting: handler_lookup::setting(&run.setting.file, export),
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
            run.options.arguments.clone_from(&original.arguments);
            let loaded = load(&original.root, &file, &run.options)?;
            run.setting.file = file;
            let before = run.whole(&original.root, loaded)?;
            let mut proof = compare(&before.loaded, &artifact.loaded);
            if let (coldcut_verify::Status::Equal, Some(problem)) = (proof.status, &proof.problem) {
                proof = Proof::new(coldcut_verify::Status::Differs, problem.message.clone());
            }
            if proof.status == coldcut_verify::Status::Equal {
                proof = alike(proof, &before, &artifact, || run.call(&original.root))?;
            }
            verification.against = Some(reported(&original.shown, &before));
            proof
        }
    };
    verification.status = match proof.status {
        coldcut_verify::Status::Equal => Status::Verified,
        coldcut_verify::Status::Differs | coldcut_verify::Status::Unverified => Status::Failed,
    };
    verification.detail = proof.detail;
    Ok(verification)
}

struct Run<'a> {
    options: LoadOptions,
    event: Option<&'a str>,
    setting: Setting,
}

impl Run<'_> {
    fn whole(&self, root: &Path, loaded: Loaded) -> Result<Whole> {
        Whole::of(loaded, || self.call(root))
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
    let failed = |detail: String| Proof::new(coldcut_verify::Status::Differs, detail);
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
        coldcut_verify::Status::Equal,
        match whole.called {
            Some(_) => "it loads and answers the event",
            None => "it loads, and its handler is there",
        },
    )
}
