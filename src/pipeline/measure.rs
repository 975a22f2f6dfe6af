//! The whole of `measure`: how long artifacts take to load, side by side, and on what.
//!
//! In: a [`MeasureRequest`]. Out: a [`Measurement`]. Every load is a fresh process. Artifacts take turns, so
//! that what else the machine does falls on all of them alike; the rounds before are not counted,
//! since the first reads of files come from the disk.

use std::path::{Path, PathBuf};

use crate::pipeline::handler_lookup;
use crate::pipeline::handler_lookup::HandlerLocation;
use crate::pipeline::profile;
use crate::pipeline::request::ProgressCallback;
use crate::pipeline::statistics::{ratio, spread};
use crate::pipeline::threads::in_thread_pool;
use crate::pipeline::verification_target::VerificationTarget;
use crate::pipeline::verify::environment::{isolation, the_node};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::measurement::{MeasuredArtifact, Measurement, MeasurementSchema, Profile};
use coldcut_verify::codes::NOT_MEASURED;
use coldcut_verify::{
    Bounds, LoadOptions, Outcome, Scratch, explain, invoke, load, node_version, start_bootstrap,
};

/// Rounds that do not count.
const WARM_UP: u32 = 2;

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct MeasureRequest {
    pub zips: Vec<PathBuf>,
    /// Of each artifact; at least 1.
    pub runs: u32,
    /// JSON.
    pub event: Option<String>,
    /// As a platform's setting has it; for all of them.
    pub handler: Option<String>,
    pub bounds: Bounds,
    pub env: Vec<(String, String)>,
    /// What holds for this process already; `None` where nothing was done.
    pub isolation: Option<coldcut_verify::Isolation>,
}

/// One artifact, ready to be run again and again.
struct Runner {
    target: VerificationTarget,
    /// `None` for a `bootstrap`.
    node: Option<(HandlerLocation, LoadOptions)>,
    load_ms: Vec<f64>,
    answer_ms: Vec<f64>,
}

/// Measures artifacts side by side.
pub fn measure(
    request: &MeasureRequest,
    progress: ProgressCallback<'_>,
) -> std::result::Result<Measurement, Vec<Diagnostic>> {
    in_thread_pool(|| measured(request, progress).map_err(|error| vec![*error]))
}

fn measured(request: &MeasureRequest, progress: ProgressCallback<'_>) -> Result<Measurement> {
    progress("unpacking");
    let mut runners = Vec::new();
    for zip in &request.zips {
        runners.push(Runner::new(zip, request)?);
    }
    let rounds = WARM_UP + request.runs;
    let count = runners.len();
    for round in 0..rounds {
        progress(&format!("round {} of {rounds}", round + 1));
        for at in 0..count {
            // Whoever follows another is not always the same.
            let runner = &mut runners[(at + round as usize) % count];
            let (load_ms, answer_ms) = runner.run(request)?;
            if round >= WARM_UP {
                runner.load_ms.push(load_ms);
                runner.answer_ms.extend(answer_ms);
            }
        }
    }
    progress("profiling");
    let first = runners
        .first()
        .map_or(Vec::new(), |runner| runner.load_ms.clone());
    let mut node = None;
    let mut artifacts = Vec::new();
    for (at, runner) in runners.iter().enumerate() {
        if let Some((_, options)) = &runner.node {
            node = Some(node_version(&options.node)?.to_string());
        }
        artifacts.push(MeasuredArtifact {
            path: runner.target.shown.display().to_string(),
            handler: runner.handler(),
            load_ms: spread(&runner.load_ms),
            answer_ms: (!runner.answer_ms.is_empty()).then(|| spread(&runner.answer_ms)),
            ratio: (at > 0).then(|| ratio(&runner.load_ms, &first)),
            profile: runner.profile()?,
        });
    }
    Ok(Measurement {
        schema: MeasurementSchema::V1,
        node,
        machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        runs: request.runs,
        warm_up_rounds: WARM_UP,
        artifacts,
        isolation: isolation(request.isolation.as_ref(), request.bounds),
    })
}

impl Runner {
    fn new(zip: &Path, request: &MeasureRequest) -> Result<Self> {
        let target = VerificationTarget::zip(zip)?;
        let mut node = None;
        if !target.is_bootstrap() {
            let mut options = LoadOptions::new(the_node()?);
            options.bounds = request.bounds;
            options.env.clone_from(&request.env);
            let mut location = match &request.handler {
                Some(text) => handler_lookup::from_setting(&target.root, text)?,
                None => handler_lookup::guess(&target.root, &target.shown)?,
            };
            // Which function it is matters only where it is called.
            if location.export.is_none()
                && request.event.is_some()
                && let Outcome::Exports(exports) =
                    load(&target.root, &location.file, &options)?.outcome
            {
                location.export = Some(handler_lookup::export_of(
                    &location.file,
                    &exports,
                    &target.shown,
                )?);
            }
            options.export.clone_from(&location.export);
            node = Some((location, options));
        }
        Ok(Self {
            target,
            node,
            load_ms: Vec::new(),
            answer_ms: Vec::new(),
        })
    }

    fn handler(&self) -> String {
        match &self.node {
            None => "bootstrap".to_string(),
            Some((location, _)) => match &location.export {
                Some(export) => handler_lookup::setting_text(&location.file, export),
                None => location.file.to_string(),
            },
        }
    }

    /// One run: its load, and the time of its answer.
    fn run(&self, request: &MeasureRequest) -> Result<(f64, Option<f64>)> {
        let Some((location, options)) = &self.node else {
            let proof = start_bootstrap(
                &self.target.root,
                request.event.as_deref(),
                &request.env,
                request.bounds,
            )?;
            let times = proof.asked_ms.map(|asked| (asked, proof.answer_ms));
            return match (proof.status, times) {
                (coldcut_verify::Status::Equal, Some(times)) => Ok(times),
                _ => Err(self.not_measured(&format!("it {}", proof.detail))),
            };
        };
        let root = &self.target.root;
        if let (Some(event), Some(export)) = (&request.event, &location.export) {
            let called = invoke(root, &location.file, export, event, options)?;
            if let Err(failure) = &called.result {
                return Err(
                    self.not_measured(&format!("it fails with the event: {}", explain(failure)))
                );
            }
            return Ok((
                called.timing.load_ms.unwrap_or(0.0),
                called.timing.answer_ms,
            ));
        }
        let loaded = load(root, &location.file, options)?;
        match &loaded.outcome {
            Outcome::Exports(_) => Ok((loaded.timing.load_ms.unwrap_or(0.0), None)),
            Outcome::Failed(failure) => {
                Err(self.not_measured(&format!("it does not load: {}", explain(failure))))
            }
        }
    }

    fn not_measured(&self, why: &str) -> Box<Diagnostic> {
        let shown = self.target.shown.display();
        Box::new(
            Diagnostic::error(NOT_MEASURED, format!("`{shown}` cannot be measured: {why}"))
                .help(format!("`coldcut verify {shown}` shows more of it")),
        )
    }

    fn profile(&self) -> Result<Option<Profile>> {
        let Some((location, options)) = &self.node else {
            return Ok(None);
        };
        let folder = Scratch::new()?;
        let options = LoadOptions {
            profile: Some(folder.path().to_path_buf()),
            ..options.clone()
        };
        let loaded = load(&self.target.root, &location.file, &options)?;
        let written = std::fs::read_dir(folder.path())
            .into_iter()
            .flatten()
            .flatten();
        let text = written
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|kind| kind == "cpuprofile"))
            .and_then(|path| std::fs::read_to_string(path).ok());
        let load_ms = loaded.timing.load_ms.unwrap_or(0.0);
        Ok(text.and_then(|text| profile::by_package(&text, &self.target.root, load_ms)))
    }
}
