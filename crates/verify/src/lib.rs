//! Proof that an artifact still does what the project did.
//!
//! In: an unpacked artifact and the original project. Out: a [`Proof`]. A Node.js handler of both
//! is loaded in a fresh process and what shows is compared ([`compare`]); a `bootstrap` is started
//! against a Runtime API server of coldcut's own ([`start_bootstrap`]) and must ask for an event.
//! This is the only room that runs the project's own code.

pub mod answer_diff;
pub mod bootstrap;
pub mod codes;
pub mod compare;
pub mod environment;
pub mod isolation;
pub mod layer;
pub mod node;
pub mod outcome;
pub mod output_text;
pub mod process;
pub mod process_tree;
pub mod proof;
pub mod runtime_api;
pub mod scratch;
pub mod unpack;
pub mod version;
pub mod zip_checks;

#[cfg(test)]
mod tests;

pub use crate::answer_diff::compare_answers;
pub use crate::bootstrap::{BootstrapProof, Launch, compare_bootstraps, start_bootstrap};
pub use crate::compare::{compare, explain, missing_handler};
pub use crate::isolation::{Isolation, Network, isolate};
pub use crate::layer::can_be_placed as layers_can_be_placed;
pub use crate::node::{HARNESS, invoke, load};
pub use crate::outcome::{
    Bounds, Export, Exports, Failure, FailureKind, Invoked, LoadOptions, Loaded, LoadedAmount,
    Outcome, Provided, Timing,
};
pub use crate::proof::{Proof, Status};
pub use crate::runtime_api::read_event;
pub use crate::scratch::Scratch;
pub use crate::unpack::unpack;
pub use crate::version::{NodeVersion, find_node, node_version, wanted_major};

/// Ends everything that runs and removes every folder: for a process that is interrupted.
pub fn abandon() {
    process::abandon();
    scratch::abandon();
}
