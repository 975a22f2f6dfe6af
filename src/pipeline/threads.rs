//! The threads that the work of a run is spread over.
//!
//! In: work. Out: its result. Every thread has a stack that is deep enough for any source, since
//! parsing and printing recurse as deep as the code is nested.

use coldcut_core::diagnostics::Diagnostic;

use crate::pipeline::codes::INTERRUPTED;

/// Stack of the threads that parse: a deep tree overflows the usual 2 MB and ends the process.
pub(super) const STACK_BYTES: usize = 64 << 20;

/// Runs work on threads with stacks deep enough for any source.
pub(super) fn in_thread_pool<T: Send>(
    work: impl FnOnce() -> Result<T, Vec<Diagnostic>> + Send,
) -> Result<T, Vec<Diagnostic>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|error| {
            vec![Diagnostic::error(
                INTERRUPTED,
                format!("cannot start threads: {error}"),
            )]
        })?;
    pool.install(work)
}
