//! What a person asked `observe` for.
//!
//! In: the command line. Out: an [`ObserveRequest`].

use std::path::PathBuf;

/// What a person asked for.
#[derive(Debug, Clone, Default)]
pub struct ObserveRequest {
    pub logs: Vec<PathBuf>,
    pub name: Option<String>,
    /// As the platform names it; decides which target holds where no line says.
    pub runtime: Option<String>,
    pub since: Option<String>,
    pub fit: bool,
    /// As `--sizes` has them.
    pub sizes: Vec<String>,
    pub wall: Option<PathBuf>,
    pub region: String,
    pub arch: String,
    pub cold_starts_per_month: Option<u64>,
    pub power_tuning: Option<PathBuf>,
}
