//! Where a verification runs: by which Node.js, and cut off from what.
//!
//! In: what holds for this process. Out: the program, and what the report says of the isolation.

use std::path::PathBuf;

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::Isolation;
use coldcut_verify::codes::NODE;
use coldcut_verify::{Bounds, Network, find_node};

/// What the report says of where it ran.
pub(in crate::pipeline) fn isolation(
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
pub(in crate::pipeline) fn the_node() -> Result<PathBuf> {
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
