//! `coldcut`: argv in, exit status out.

// Many small allocations on many threads: the system's allocator is the slowest part of a parse.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    leave(coldcut::cli::run(std::env::args_os()));
}

/// Ends the process at once. Giving back memory piece by piece, which the end of the process does
/// anyway, takes longer than many a bundle.
#[cfg(unix)]
#[allow(unsafe_code)]
fn leave(status: i32) -> ! {
    use std::io::Write;
    let _ = std::io::stdout().flush();
    // SAFETY: nothing that runs at the end of the process is needed: output is flushed, and
    // temporary files were removed when what made them returned.
    unsafe { libc::_exit(status) }
}

#[cfg(not(unix))]
fn leave(status: i32) -> ! {
    std::process::exit(status)
}
