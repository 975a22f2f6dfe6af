//! Files that lie beside a bundle.

pub mod bundle_with_sidecar;
pub mod sidecar_files;
pub mod write_files;
