//! Panics of the parser and the minifier, turned into messages.
//!
//! In: work on somebody's source. Out: what it gives, or what the panic said. A few of swc's
//! assertions do not hold on broken input; a file that meets one is refused like any other, and no
//! backtrace is shown for it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Does the work; a panic of it ends here. What the work was changing must not be used afterwards.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if INSIDE.get() == 0 {
                loud(info);
            }
        }));
    });
    INSIDE.set(INSIDE.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(INSIDE.get() - 1);
    done.map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it gave no reason")
            .to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_what_it_said() {
        assert_eq!(catch_panic(|| 1), Ok(1));
        let said: Result<(), String> = catch_panic(|| panic!("expected {}", "{"));
        assert_eq!(said, Err("expected {".to_string()));
    }
}
