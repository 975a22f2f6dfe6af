//! The parts of a binary, as the build tells them.
//!
//! In: filled by `pack_rust`. Out: what bills of materials are written from.

use coldcut_report::model;
use coldcut_rust::Dependency;

/// The parts of a binary, where the artifact is one.
pub(super) struct BinaryParts<'a> {
    pub rust: &'a model::Rust,
    /// The crates that are linked into it.
    pub crates: &'a [Dependency],
}
