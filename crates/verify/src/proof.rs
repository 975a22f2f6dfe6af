//! What verification says.
//!
//! In: nothing. Out: [`Proof`], which every comparison of this crate gives back.

use coldcut_core::diagnostics::Diagnostic;

use crate::outcome::LoadedAmount;

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
    pub amounts: Option<(LoadedAmount, LoadedAmount)>,
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
