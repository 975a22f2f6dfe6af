//! Text files, read once and shared by every place in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Location, Result};
use crate::settings::value::codes::{BROKEN, NOT_UTF8, UNREADABLE};

/// A text file, read once and shared by every place in it.
#[derive(Debug, PartialEq, Eq)]
pub struct TextFile {
    pub path: PathBuf,
    pub text: Arc<str>,
}

/// The text of a file, without a byte order mark; `None` where there is no such file.
pub fn read(path: &Path) -> Result<Option<Arc<TextFile>>> {
    // Reading a pipe or a device could last forever.
    let plain = |path: &Path| match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() => Err(std::io::Error::other("it is not a plain file")),
        _ => std::fs::read(path),
    };
    let bytes = match plain(path) {
        Ok(bytes) => bytes,
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(Box::new(
                Diagnostic::io(UNREADABLE, "read", path, &error)
                    .at_file(path)
                    .help("check that it is a plain file and that you may read it"),
            ));
        }
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..valid].iter().filter(|b| **b == b'\n').count() + 1;
        Box::new(
            Diagnostic::error(NOT_UTF8, format!("`{}` is not UTF-8 text", path.display()))
                .at(Location::line(
                    path,
                    String::from_utf8_lossy(bytes).into_owned(),
                    u32::try_from(line).unwrap_or(u32::MAX),
                ))
                .help("save the file in the UTF-8 encoding"),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Some(Arc::new(TextFile {
        path: path.to_path_buf(),
        text: text.into(),
    })))
}

/// Says that a file is not valid JSON, TOML or YAML, at a span of it.
pub(super) fn broken(
    file: &TextFile,
    format: &str,
    why: &str,
    start: usize,
    len: usize,
) -> Box<Diagnostic> {
    let name = file.path.file_name().unwrap_or(file.path.as_os_str());
    let message = format!("`{}` is not valid {format}: {why}", name.display());
    Box::new(
        Diagnostic::error(BROKEN, message)
            .at(Location::span(
                &file.path,
                Arc::clone(&file.text),
                start,
                len,
            ))
            .help("fix the syntax error here"),
    )
}
