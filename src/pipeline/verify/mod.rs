//! The whole of `verify`: one artifact loaded, called, and compared, away from everything.
//!
//! In: an [`Ask`]. Out: a [`Verification`]. An artifact that fails is no error here; an error is
//! what keeps from finding out.

mod bootstrap;
mod node;

use std::path::PathBuf;

use crate::pipeline::verification_target::Subject;
use crate::pipeline::{Say, in_pool};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::{Isolation, Verification};
use coldcut_verify::codes::NODE;
use coldcut_verify::{Bounds, Network, find_node};

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
    pub env: Vec<(String, String)>,
    /// What holds for this process already; `None` where nothing was done.
    pub isolation: Option<coldcut_verify::Isolation>,
}

/// Verifies one artifact.
pub fn verify(ask: &Ask, say: Say<'_>) -> std::result::Result<Verification, Vec<Diagnostic>> {
    in_pool(|| {
        say("unpacking");
        let found = Subject::zip(&ask.zip).and_then(|subject| {
            if subject.is_bootstrap() {
                bootstrap::verify(ask, &subject, say)
            } else {
                node::verify(ask, &subject, say)
            }
        });
        found.map_err(|error| vec![*error])
    })
}

/// What the report says of where it ran.
pub(super) fn isolation(
    isolation: Option<&coldcut_verify::Isolation>,
    bounds: Bounds,
) -> Isolation {
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
