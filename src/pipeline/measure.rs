//! The whole of `measure`: how long artifacts take to load, side by side, and on what.
//!
//! In: an [`Ask`]. Out: a [`Measurement`]. Every load is a fresh process. Artifacts take turns, so
//! that what else the machine does falls on all of them alike; the rounds before are not counted,
//! since the first reads of files come from the disk.

use std::path::{Path, PathBuf};

use crate::pipeline::handler_lookup;
use crate::pipeline::handler_lookup::Setting;
use crate::pipeline::profile;
use crate::pipeline::request::Say;
use crate::pipeline::statistics::{ratio, spread};
use crate::pipeline::threads::in_pool;
use crate::pipeline::verification_target::Subject;
use crate::pipeline::verify::environment::{isolation, the_node};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::measurement::{Artifact, Measurement, Profile, SchemaId};
use coldcut_verify::codes::NOT_MEASURED;
use coldcut_verify::{
    Bounds, LoadOptions, Outcome, Scratch, explain, invoke, load, node_version, start_bootstrap,
};

/// Rounds that do not count.
const WARM_UP: u32 = 2;

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct Ask {
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
    subject: Subject,
    /// `None` for a `bootstrap`.
    node: Option<(Setting, LoadOptions)>,
    load_ms: Vec<f64>,
    answer_ms: Vec<f64>,
}

/// Measures artifacts side by side.
pub fn measure(ask: &Ask, say: Say<'_>) -> std::result::Result<Measurement, Vec<Diagnostic>> {
    in_pool(|| measured(ask, say).map_err(|error| vec![*error]))
}

fn measured(ask: &Ask, say: Say<'_>) -> Result<Measurement> {
    say("unpacking");
    let mut runners = Vec::new();
    for zip in &ask.zips {
        runners.push(Runner::new(zip, ask)?);
    }
    let rounds = WARM_UP + ask.runs;
    let count = runners.len();
    for round in 0..rounds {
        say(&format!("round {} of {rounds}", round + 1));
        for at in 0..count {
            // Whoever follows another is not always the same.
            let runner = &mut runners[(at + round as usize) % count];
            let (load_ms, answer_ms) = runner.run(ask)?;
            if round >= WARM_UP {
                runner.load_ms.push(load_ms);
                runner.answer_ms.extend(answer_ms);
            }
        }
    }
    say("profiling");
    let first = runners
        .first()
        .map_or(Vec::new(), |runner| runner.load_ms.clone());
    let mut node = None;
    let mut artifacts = Vec::new();
    for (at, runner) in runners.iter().enumerate() {
        if let Some((_, options)) = &runner.node {
            node = Some(node_version(&options.node)?.to_string());
        }
        artifacts.push(Artifact {
            path: runner.subject.shown.display().to_string(),
            handler: runner.handler(),
            load_ms: spread(&runner.load_ms),
            answer_ms: (!runner.answer_ms.is_empty()).then(|| spread(&runner.answer_ms)),
            ratio: (at > 0).then(|| ratio(&runner.load_ms, &first)),
            profile: runner.profile()?,
        });
    }
    Ok(Measurement {
        schema: SchemaId::V1,
        node,
        machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        runs: ask.runs,
        warm_up_rounds: WARM_UP,
        artifacts,
        isolation: isolation(ask.isolation.as_ref(), ask.bounds),
    })
}

impl Runner {
    fn new(zip: &Path, ask: &Ask) -> Result<Self> {
        let subject = Subject::zip(zip)?;
        let mut node = None;
        if !subject.is_bootstrap() {
            let mut options = LoadOptions::new(the_node()?);
            options.bounds = ask.bounds;
            options.env.clone_from(&ask.env);
            let mut setting = match &ask.handler {
                Some(text) => handler_lookup::named(&subject.root, text)?,
                None => handler_lookup::guessed(&subject.root, &subject.shown)?,
            };
            // Which function it is matters only where it is called.
            if setting.export.is_none()
                && ask.event.is_some()
                && let Outcome::Exports(exports) =
                    load(&subject.root, &setting.file, &options)?.outcome
            {
                setting.export = Some(handler_lookup::export_of(
                    &setting.file,
                    &exports,
                    &subject.shown,
                )?);
            }
            options.export.clone_from(&setting.export);
            node = Some((setting, options));
        }
        Ok(Self {
            subject,
            node,
            load_ms: Vec::new(),
            answer_ms: Vec::new(),
        })
    }

    fn handler(&self) -> String {
        match &self.node {
            None => "bootstrap".to_string(),
            Some((setting, _)) => match &setting.export {
                Some(export) => handler_lookup::setting(&setting.file, export),
                None => setting.file.to_string(),
            },
        }
    }

    /// One run: its load, and the time of its answer.
    fn run(&self, ask: &Ask) -> Result<(f64, Option<f64>)> {
        let Some((setting, options)) = &self.node else {
            let proof = start_bootstrap(
                &self.subject.root,
                ask.event.as_deref(),
                &ask.env,
                ask.bounds,
            )?;
            let times = proof.asked_ms.map(|asked| (asked, proof.answer_ms));
            return match (proof.status, times) {
                (coldcut_verify::Status::Equal, Some(times)) => Ok(times),
                _ => Err(self.not_measured(&format!("it {}", proof.detail))),
            };
        };
        let root = &self.subject.root;
        if let (Some(event), Some(export)) = (&ask.event, &setting.export) {
            let called = invoke(root, &setting.file, export, event, options)?;
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
        let loaded = load(root, &setting.file, options)?;
        match &loaded.outcome {
            Outcome::Exports(_) => Ok((loaded.timing.load_ms.unwrap_or(0.0), None)),
            Outcome::Failed(failure) => {
                Err(self.not_measured(&format!("it does not load: {}", explain(failure))))
            }
        }
    }

    fn not_measured(&self, why: &str) -> Box<Diagnostic> {
        let shown = self.subject.shown.display();
        Box::new(
            Diagnostic::error(NOT_MEASURED, format!("`{shown}` cannot be measured: {why}"))
                .help(format!("`coldcut verify {shown}` shows more of it")),
        )
    }

    fn profile(&self) -> Result<Option<Profile>> {
        let Some((setting, options)) = &self.node else {
            return Ok(None);
        };
        let folder = Scratch::new()?;
        let options = LoadOptions {
            profile: Some(folder.path().to_path_buf()),
            ..options.clone()
        };
        let loaded = load(&self.subject.root, &setting.file, &options)?;
        let written = std::fs::read_dir(folder.path())
            .into_iter()
            .flatten()
            .flatten();
        let text = written
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|kind| kind == "cpuprofile"))
            .and_then(|path| std::fs::read_to_string(path).ok());
        let load_ms = loaded.timing.load_ms.unwrap_or(0.0);
        Ok(text.and_then(|text| profile::by_package(&text, &self.subject.root, load_ms)))
    }
}
