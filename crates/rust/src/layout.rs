//! Where a binary and what goes with it lie in the artifact.
//!
//! In: a built binary and its assets. Out: an [`Artifact`]: `bootstrap` at the root, as a custom
//! runtime starts it, or an extension in the folder in which Lambda looks for those.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coldcut_core::artifact::{Artifact, Content, Entry, Reason, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk::length;

use crate::codes::BINARY;

/// A file that ships beside the binary: its place, where it is now, and which setting asks for it.
pub type Asset = (RelPath, PathBuf, String);

/// What a binary is to Lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactKind {
    /// The function itself.
    Bootstrap,
    /// A process beside any function that has the layer.
    Extension(String),
}

impl ArtifactKind {
    pub fn path(&self) -> String {
        match self {
            Self::Bootstrap => "bootstrap".to_string(),
            Self::Extension(name) => format!("extensions/{name}"),
        }
    }
}

/// Lays `binary` out beside its assets.
pub fn layout(
    function: &str,
    place: &ArtifactKind,
    binary: &Path,
    assets: &[Asset],
) -> Result<Artifact> {
    let Some(handler) = RelPath::new(&place.path()) else {
        return Err(Box::new(Diagnostic::error(
            BINARY,
            format!("`{}` is not a path", place.path()),
        )));
    };
    let mut files = BTreeMap::new();
    for (at, path, pattern) in assets {
        files.insert(
            at.clone(),
            Entry {
                content: Content::File {
                    path: path.clone(),
                    bytes: length(path),
                },
                reasons: vec![Reason::Included {
                    pattern: pattern.clone(),
                }],
                package: None,
                source: Some(path.clone()),
            },
        );
    }
    files.insert(
        handler.clone(),
        Entry {
            content: Content::File {
                path: binary.to_path_buf(),
                bytes: length(binary),
            },
            reasons: vec![Reason::Built],
            package: None,
            source: None,
        },
    );
    Ok(Artifact {
        function: function.to_string(),
        handler,
        shares: Vec::new(),
        inside: Vec::new(),
        files,
    })
}
