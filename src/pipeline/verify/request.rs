//! What a person asked `verify` for.
//!
//! In: the command line. Out: a [`VerifyRequest`].

use std::path::PathBuf;

use coldcut_verify::Bounds;

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
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
