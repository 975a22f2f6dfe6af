//! `verify`: one artifact loaded, called, and compared, away from everything.
//!
//! In: a [`VerifyRequest`]. Out: a [`VerificationReport`]. An artifact that fails is no error here; an error is
//! what keeps from finding out.

mod bootstrap;
pub(super) mod environment;
mod node;
mod request;

use crate::pipeline::request::ProgressCallback;
use crate::pipeline::threads::in_thread_pool;
use crate::pipeline::verification_target::VerificationTarget;
pub use crate::pipeline::verify::request::VerifyRequest;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_report::verification::VerificationReport;

/// Verifies one artifact.
pub fn verify(
    request: &VerifyRequest,
    progress: ProgressCallback<'_>,
) -> std::result::Result<VerificationReport, Vec<Diagnostic>> {
    in_thread_pool(|| {
        progress("unpacking");
        let found = VerificationTarget::zip(&request.zip).and_then(|target| {
            if target.is_bootstrap() {
                bootstrap::verify(request, &target, progress)
            } else {
                node::verify(request, &target, progress)
            }
        });
        found.map_err(|error| vec![*error])
    })
}
