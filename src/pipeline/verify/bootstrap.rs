//! A `bootstrap`, verified.
//!
//! In: an unpacked artifact and what to do with it. Out: a [`VerificationReport`]. It must ask for an
//! event, answer one that is given, and do what another zip does where one is named.

use std::path::Path;

use crate::pipeline::request::ProgressCallback;
use crate::pipeline::verification_target::VerificationTarget;
use crate::pipeline::verify::environment::isolation;
use crate::pipeline::verify::request::VerifyRequest;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::{
    Answer, Failure, Side, VerificationReport, VerificationSchema, VerificationStatus,
};
use coldcut_verify::codes::{AGAINST, NOT_HERE};
use coldcut_verify::start_bootstrap;

pub(super) fn verify(
    request: &VerifyRequest,
    target: &VerificationTarget,
    progress: ProgressCallback<'_>,
) -> Result<VerificationReport> {
    progress("starting the bootstrap");
    let artifact = start_bootstrap(
        &target.root,
        request.event.as_deref(),
        &request.env,
        request.bounds,
    )?;
    if artifact.status == coldcut_verify::Status::Unverified {
        return Err(Box::new(
            Diagnostic::error(
                NOT_HERE,
                format!(
                    "`{}` cannot be run here: {}",
                    request.zip.display(),
                    artifact.detail
                ),
            )
            .help("verify it on a machine like the one that the function runs on"),
        ));
    }
    let reported = |shown: &Path, proof: &coldcut_verify::BootstrapProof| Side {
        path: shown.display().to_string(),
        file: "bootstrap".to_string(),
        answer: request.event.as_ref().map(|_| Answer {
            value: proof.response.clone(),
            failure: (proof.status != coldcut_verify::Status::Equal).then(|| Failure {
                kind: "rejected".to_string(),
                name: "Runtime".to_string(),
                message: proof.detail.clone(),
                frames: Vec::new(),
            }),
            answer_ms: None,
        }),
        output: proof.output.clone(),
        ..Side::default()
    };
    let mut verification = VerificationReport {
        schema: VerificationSchema::V1,
        status: match artifact.status {
            coldcut_verify::Status::Equal => VerificationStatus::Verified,
            _ => VerificationStatus::Failed,
        },
        detail: format!("it {}", artifact.detail),
        handler: None,
        artifact: reported(&target.shown, &artifact),
        against: None,
        isolation: isolation(request.isolation.as_ref(), request.bounds),
    };
    let Some(path) = &request.against else {
        return Ok(verification);
    };
    if path.is_dir() {
        return Err(Box::new(
            Diagnostic::error(
                AGAINST,
                format!("`{}` would have to be built first", path.display()),
            )
            .help(
                "a `bootstrap` is compared with another zip: build the original and name its zip",
            ),
        ));
    }
    progress("starting the original");
    let other = VerificationTarget::zip(path)?;
    let original = start_bootstrap(
        &other.root,
        request.event.as_deref(),
        &request.env,
        request.bounds,
    )?;
    let same = original.status == artifact.status
        && original.response == artifact.response
        && original.error == artifact.error;
    // One that does neither start nor report an error shows nothing of the other.
    let shown = artifact.status == coldcut_verify::Status::Equal || artifact.error.is_some();
    verification.against = Some(reported(&other.shown, &original));
    verification.status = if same && shown {
        VerificationStatus::Verified
    } else {
        VerificationStatus::Failed
    };
    verification.detail = if same {
        format!("it {}, as the original", artifact.detail)
    } else if original.status == artifact.status {
        "the answers to the event differ".to_string()
    } else {
        format!(
            "the original {}, the artifact {}",
            original.detail, artifact.detail
        )
    };
    Ok(verification)
}
