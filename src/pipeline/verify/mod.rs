//! The whole of `verify`: one artifact loaded, called, and compared, away from everything.
//!
//! In: an [`Ask`]. Out: a [`Verification`]. An artifact that fails is no error here; an error is
//! what keeps from finding out.

mod bootstrap;
pub(super) mod environment;
mod node;
mod request;

use crate::pipeline::request::Say;
use crate::pipeline::threads::in_pool;
use crate::pipeline::verification_target::Subject;
pub use crate::pipeline::verify::request::Ask;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_report::verification::Verification;

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
