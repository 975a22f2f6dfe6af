//! What is to be read.
//!
//! In: nothing; the command line fills it. Out: the type that `observe` takes.

use std::path::PathBuf;

use crate::wall_times::WallTimes;

/// What is to be read, and how it is told apart.
#[derive(Debug, Clone, Default)]
pub struct ObserveRequest {
    /// Files, folders of files, or `-` for standard input.
    pub logs: Vec<PathBuf>,
    /// The function, where lines do not say which.
    pub name: Option<String>,
    /// Milliseconds since 1970 at which "before" ends.
    pub since: Option<i64>,
    /// What callers measured, by request.
    pub wall: WallTimes,
}
