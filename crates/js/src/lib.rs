//! From a Node.js function to the files it ships.

pub mod build;
pub mod bundle;
pub mod embedded_toml;
pub mod graph;
pub mod host;
pub mod packages;
mod project_declarations;
pub mod scan;
pub mod sidecar;
mod store_path;
pub mod syntax;
pub mod trace;
pub mod transpile;
