//! Standard output: printing, and how the terminal wants to be written to.

use std::io::{IsTerminal, Write};

use crate::cli::exit::{DONE, FAILED};

pub(super) fn style() -> coldcut_report::terminal::Style {
    let terminal = std::io::stdout().is_terminal();
    let plain = std::env::var_os("NO_COLOR").is_some();
    coldcut_report::terminal::Style {
        color: terminal && !plain,
        unicode: unicode(),
        width: terminal_width(),
    }
}

/// Whether the locale takes more than ASCII; unknown is taken as yes, as most are.
pub(super) fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|value| !matches!(value.as_str(), "C" | "POSIX"))
}

pub(super) fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(80)
        .clamp(40, 160)
}

/// A reader that has seen enough closes the pipe: that is no failure.
pub(super) fn print(text: &str) -> i32 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => DONE,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => DONE,
        Err(_) => FAILED,
    }
}
