//! Sidecar files: files that must lie beside a bundle.
//!
//! In: an entry and how to bundle it. Out: the bundle, and what it needs as files: found, placed
//! and printed. `driver` is the loop that `pack` and `bundle` share; the two kinds of places are
//! its policies.

pub mod bundle_with_sidecar;
pub mod driver;
pub mod guessed_places;
mod native_misfits;
mod request;
pub mod sidecar_files;
mod sidecar_references;
pub mod traced_places;
pub mod write_files;

pub use crate::sidecar::bundle_with_sidecar::bundle_with_sidecar;
pub use crate::sidecar::request::SidecarRequest;
