//! A handler that was loaded and, with an event, called; and two of them side by side.

use std::collections::BTreeSet;

use coldcut_core::diagnostics::Result;
use coldcut_verify::{Invoked, Loaded, Outcome, Proof, Status, compare_answers};

/// A load, and a call where there is an event and something to call.
pub struct Execution {
    pub loaded: Loaded,
    pub called: Option<Invoked>,
}

impl Execution {
    /// Calls what was loaded, where it could be.
    pub fn after_load(
        loaded: Loaded,
        call: impl FnOnce() -> Result<Option<Invoked>>,
    ) -> Result<Self> {
        let called = match loaded.outcome {
            Outcome::Exports(_) => call()?,
            Outcome::Failed(_) => None,
        };
        Ok(Self { loaded, called })
    }

    /// It loaded, and answered what it was asked.
    pub fn is_sound(&self) -> bool {
        matches!(self.loaded.outcome, Outcome::Exports(_))
            && self
                .called
                .as_ref()
                .is_none_or(|called| called.result.is_ok())
    }

    /// Names of the processes that outlive it.
    pub fn left(&self) -> Vec<String> {
        let called = self.called.iter().flat_map(|called| &called.left);
        let names: BTreeSet<&String> = self.loaded.left.iter().chain(called).collect();
        names.into_iter().cloned().collect()
    }
}

/// Whether two that `proof` found to load alike answer alike too, and leave the same behind;
/// `again` calls the original once more, where that tells what changes by itself.
pub fn compare_executions(
    mut proof: Proof,
    original: &Execution,
    artifact: &Execution,
    again: impl FnOnce() -> Result<Option<Invoked>>,
) -> Result<Proof> {
    if let (Some(a), Some(b)) = (&original.called, &artifact.called) {
        let answers = compare_answers(a, b, || Ok(again()?.map(|again| again.result)))?;
        proof.status = answers.status;
        proof.detail = format!("{}; {}", proof.detail, answers.detail);
    }
    let (a, b) = (original.left(), artifact.left());
    if a != b && proof.status == Status::Equal {
        let named = |names: &[String]| match names {
            [] => "none".to_string(),
            names => names.join(", "),
        };
        proof = Proof::new(
            Status::Differs,
            format!(
                "it leaves processes behind ({}), the original {}",
                named(&b),
                named(&a)
            ),
        );
    }
    Ok(proof)
}
