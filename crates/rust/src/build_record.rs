//! What is remembered of a build from run to run.
//!
//! In: what was found out about a binary. Out: the same, as long as cargo says that nothing changed
//! and the files are those that were looked at. cargo itself decides whether a build is fresh; this
//! spares what comes after it: the build that sizes are compared with, reading symbols, compressing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use coldcut_core::digest;
use coldcut_core::disk;
use coldcut_core::disk::Stamp;

use crate::dependencies::Crates;
use crate::findings::Finding;
use crate::sizes::Sizes;

/// Changes with the form of [`BuildRecord`], so that an old one is not read.
const FORM: u32 = 3;

/// Everything that follows from one build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BuildRecord {
    form: u32,
    /// Digest of what was asked for.
    pub inputs: String,
    /// The file that cargo gave.
    pub linked: Stamp,
    /// Digest of the manifests and the lock file that `crates` was read from.
    pub manifests: String,
    pub crates: Crates,
    pub sizes: Sizes,
    pub findings: Vec<Finding>,
    /// Whether the source deals with panics itself.
    pub catches: bool,
    /// Compressed lengths of the files of the waterfall, in its order.
    #[serde(default)]
    pub zipped: Vec<u64>,
}

impl BuildRecord {
    pub fn new(
        inputs: String,
        linked: Stamp,
        crates: Crates,
        sizes: Sizes,
        findings: Vec<Finding>,
        catches: bool,
    ) -> Self {
        Self {
            form: FORM,
            inputs,
            linked,
            manifests: digest_of_files(&crates.manifests),
            crates,
            sizes,
            findings,
            catches,
            zipped: Vec::new(),
        }
    }

    /// The one that was written in `folder`, if it can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read(folder.join(NAME)).ok()?;
        let record: Self = serde_json::from_slice(&text).ok()?;
        (record.form == FORM).then_some(record)
    }

    /// Keeps it. One that cannot be written only costs time in the next run.
    pub fn write(&self, folder: &Path) {
        if let Ok(text) = serde_json::to_vec(self) {
            let _ = disk::place(&folder.join(NAME), &text);
        }
    }

    /// Whether the crates are still those of the manifests.
    pub fn crates_hold(&self) -> bool {
        self.manifests == digest_of_files(&self.crates.manifests)
    }
}

const NAME: &str = "record.json";

fn digest_of_files(paths: &[PathBuf]) -> String {
    digest::of(
        paths
            .iter()
            .map(|path| std::fs::read(path).unwrap_or_default()),
    )
}
