//! `coldcut`: argv in, exit status out.

// Many small allocations on many threads: the system's allocator is the slowest part of a parse.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    std::process::exit(coldcut::cli::run(std::env::args_os()));
}
