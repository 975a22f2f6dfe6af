//! Proof for Rust functions: the default build and the small one, started and called alike.
//!
//! In: the zip, and the build that it came from. Out: a [`Proof`]. Both run away from the project,
//! each with the same files beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::pipeline::pack_measurement;
use crate::plan::Plan;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::model::Measured;
use coldcut_rust::{ArtifactKind, Built};
use coldcut_verify::{
    BootstrapProof, Bounds, Launch, Proof, Status, compare_bootstraps, layers_can_be_placed,
};

use crate::pipeline::pack_rust::layer::SharedLayer;

/// How long a binary may take until it asks for its first event: Lambda's own limit for the
/// init phase.
const INIT_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn prove(
    plan: &Plan,
    place: &ArtifactKind,
    zip: &Path,
    built: &Built,
    shared: Option<&SharedLayer>,
) -> Result<Proof> {
    if !plan.verify.enabled.value {
        return Ok(Proof::new(
            Status::Unverified,
            "verification was switched off",
        ));
    }
    let (_folder, small) = unpacked(zip)?;
    let event = plan
        .verify
        .event
        .as_deref()
        .map(coldcut_verify::read_event)
        .transpose()?;
    let event = event.as_deref();
    let layer = shared.map(SharedLayer::unpacked);
    let start = |dir: &Path| start(plan, place, dir, layer.as_deref(), event);
    let artifact = start(&small)?;
    if artifact.status == Status::Unverified {
        return Ok(artifact.proof());
    }
    let (_beside, whole) = original(place, zip, built)?;
    let original = start(&whole)?;
    let mut proof = compare_bootstraps(&original, &artifact, || start(&whole))?;
    if layer.is_some() && !layers_can_be_placed() {
        proof.detail.push_str(
            ", both without their layer: this system does not let a process have its own `/opt`",
        );
    }
    Ok(proof)
}

/// How long both take from the start of the process until they ask for their first event, in turn;
/// `None` where either does not get there on this machine.
pub(super) fn measure(
    plan: &Plan,
    place: &ArtifactKind,
    zip: &Path,
    built: &Built,
    shared: Option<&SharedLayer>,
    runs: u32,
) -> Result<Option<Measured>> {
    let layer = shared.map(SharedLayer::unpacked);
    let (_folder, small) = unpacked(zip)?;
    let (_beside, whole) = original(place, zip, built)?;
    let time = |dir: &Path| -> Result<Option<f64>> {
        let proof = start(plan, place, dir, layer.as_deref(), None)?;
        Ok(proof.asked_ms.filter(|_| proof.status == Status::Equal))
    };
    let times = pack_measurement::in_turn(runs, &mut || time(&whole), &mut || time(&small))?;
    Ok(times.map(|times| times.measured(None, true)))
}

/// The artifact, and what keeps its folder.
fn unpacked(zip: &Path) -> Result<(coldcut_verify::Scratch, PathBuf)> {
    let folder = coldcut_verify::Scratch::new()?;
    let task = folder.path().join("task");
    coldcut_verify::unpack(zip, &task)?;
    Ok((folder, task))
}

/// The artifact with the default build in place of the small one.
fn original(
    place: &ArtifactKind,
    zip: &Path,
    built: &Built,
) -> Result<(coldcut_verify::Scratch, PathBuf)> {
    let (folder, task) = unpacked(zip)?;
    let program = task.join(place.path());
    std::fs::copy(&built.baseline, &program).map_err(|error| {
        Box::new(Diagnostic::io(
            coldcut_verify::codes::SCRATCH,
            "copy the original to",
            &program,
            &error,
        ))
    })?;
    Ok((folder, task))
}

fn start(
    plan: &Plan,
    place: &ArtifactKind,
    dir: &Path,
    layer: Option<&Path>,
    event: Option<&str>,
) -> Result<BootstrapProof> {
    let at = place.path();
    let extension = matches!(place, ArtifactKind::Extension(_));
    Launch {
        dir,
        extension: extension.then_some(Path::new(&at)),
        event: event.filter(|_| !extension),
        env: &plan.verify.env,
        layer,
        bounds: Bounds {
            timeout: INIT_LIMIT,
            ..Bounds::default()
        },
    }
    .run()
}
