//! Threads for the commands that read code without the pipeline.

/// A pool whose threads have large stacks, since deep syntax trees are walked by recursion. `None`
/// where the system gives no threads.
pub(super) fn deep_pool() -> Option<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(256 << 20);
    pool.build().ok()
}
