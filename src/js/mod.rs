//! From a Node.js function to the files it ships.
pub mod agents;
pub mod build;
pub mod bundle;
pub mod closure;
pub mod emit;
pub mod files;
pub mod fit;
pub mod graph;
pub mod native;
pub mod package;
pub mod place;
pub mod resolve;
pub mod scan;
pub mod swc;
pub mod trace;
pub mod walk;
