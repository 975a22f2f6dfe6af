//! Proof for Rust functions: the default build and the small one, started and called alike.
//!
//! In: the zip, and the build that it came from. Out: a [`Proof`]. Both run away from the project,
//! each with the same files beside it.

use std::path::Path;
use std::time::Duration;

use crate::diag::{Diagnostic, Result};
use crate::plan::Plan;
use crate::rust::{Built, Place};
use crate::verify::{self, BootstrapProof, Bounds, Proof, Status, compare_bootstraps};

/// How long a binary may take until it asks for its first event: Lambda's own limit for the
/// init phase.
const INIT_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn prove(plan: &Plan, place: &Place, zip: &Path, built: &Built) -> Result<Proof> {
    if !plan.verify.value {
        return Ok(Proof::new(
            Status::Unverified,
            "verification was switched off",
        ));
    }
    let folder = verify::Scratch::new()?;
    let small = folder.path().join("task");
    verify::unpack(zip, &small)?;
    let event = plan.event.as_deref().map(verify::read_event).transpose()?;
    let event = event.as_deref();
    let artifact = start(plan, place, &small, event)?;
    if artifact.status == Status::Unverified {
        return Ok(artifact.proof());
    }
    let beside = verify::Scratch::new()?;
    let whole = beside.path().join("task");
    verify::unpack(zip, &whole)?;
    let program = whole.join(place.path());
    std::fs::copy(&built.baseline, &program).map_err(|error| {
        Box::new(Diagnostic::io(
            verify::codes::SCRATCH,
            "copy the original to",
            &program,
            &error,
        ))
    })?;
    let original = start(plan, place, &whole, event)?;
    compare_bootstraps(&original, &artifact, || start(plan, place, &whole, event))
}

fn start(plan: &Plan, place: &Place, dir: &Path, event: Option<&str>) -> Result<BootstrapProof> {
    let bounds = Bounds {
        timeout: INIT_LIMIT,
        ..Bounds::default()
    };
    match place {
        Place::Bootstrap => verify::start_bootstrap(dir, event, &plan.env, bounds),
        Place::Extension(_) => {
            verify::start_extension(dir, Path::new(&place.path()), &plan.env, bounds)
        }
    }
}
