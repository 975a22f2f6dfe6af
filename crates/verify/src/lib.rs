//! Proof that an artifact still does what the project did.
//!
//! In: an unpacked artifact and the original project. Out: a [`Proof`]. A Node.js handler of both
//! is loaded in a fresh process and what shows is compared ([`compare`]); a `bootstrap` is started
//! against a Runtime API server of coldcut's own ([`start_bootstrap`]) and must ask for an event.
//! This is the only room that runs the project's own code.

pub mod answers;
pub mod archive;
pub mod bootstrap;
pub mod codes;
pub mod compare;
pub mod environment;
pub mod family;
pub mod folder;
pub mod isolation;
pub mod layer;
pub mod node;
pub mod process;
pub mod runtime_api;
pub mod text;
pub mod unpack;
pub mod version;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use crate::answers::compare_answers;
pub use crate::bootstrap::{BootstrapProof, Launch, compare_bootstraps, start_bootstrap};
pub use crate::compare::{compare, explain, missing_handler};
pub use crate::folder::Scratch;
pub use crate::isolation::{Isolation, Network, isolate};
pub use crate::layer::can_be_placed as layers_can_be_placed;
pub use crate::node::{
    Amount, Export, Exports, Failure, FailureKind, HARNESS, Invoked, LoadOptions, Loaded, Outcome,
    Provided, Timing, invoke, load,
};
pub use crate::runtime_api::read_event;
pub use crate::unpack::unpack;
pub use crate::version::{NodeVersion, find_node, node_version, wanted_major};

use coldcut_core::diagnostics::Diagnostic;

/// What a run of somebody's code may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// After this the process and all that comes of it is killed.
    pub timeout: Duration,
    /// Of the process and all that comes of it.
    pub memory_mb: u32,
}

impl Default for Bounds {
    /// Thirty seconds, and more memory than most functions are given.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            memory_mb: 2048,
        }
    }
}

/// Ends everything that runs and removes every folder: for a process that is interrupted.
pub fn abandon() {
    process::abandon();
    folder::abandon();
}

/// How a verification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The artifact does what the original does.
    Equal,
    /// It does not.
    Differs,
    /// Nothing could be learned here, and the detail says why.
    Unverified,
}

impl Status {
    /// As the report writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Differs => "differs",
            Self::Unverified => "unverified",
        }
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub status: Status,
    /// One or more sentences for a person, without a full stop at the end.
    pub detail: String,
    /// A fault of the project itself that verification came upon (a handler export that is
    /// missing on both sides): the artifact is no worse than the original, yet neither works.
    pub problem: Option<Diagnostic>,
    /// Found by an earlier run, for the same content.
    pub earlier: bool,
    /// What the original and the artifact took in, where both were loaded.
    pub amounts: Option<(Amount, Amount)>,
}

impl Proof {
    /// A proof without a problem of the project's own.
    pub fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            problem: None,
            earlier: false,
            amounts: None,
        }
    }
}
