//! A build made ready to be packed.
//!
//! In: what was built for a plan. Out: [`FinishedBuild`]: the same without files that have secrets,
//! and with the files that the platform wants beside the code. Whatever comes after it packs, proves
//! and reports the artifact, and changes nothing of it.

use crate::pipeline::layout;
use crate::pipeline::secret_files::leave_secrets_out;
use crate::plan::Plan;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_js::build::Built;

/// See the module.
pub(super) struct FinishedBuild {
    pub built: Built,
    /// What is to be said of files with secrets.
    pub secrets: Vec<Diagnostic>,
}

impl FinishedBuild {
    /// `handler` is the file that stays whatever is in it.
    pub fn new(plan: &Plan, handler: &RelPath, mut built: Built) -> Result<Self> {
        let files = &mut built.artifact.files;
        let secrets = leave_secrets_out(files, &built.inside, plan, Some(handler))?;
        layout::add(plan, &mut built)?;
        Ok(Self { built, secrets })
    }
}
