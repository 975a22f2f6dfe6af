//! From a Node.js function to the files it ships.
pub mod beside;
pub mod build;
pub mod bundle;
pub mod carry;
pub mod closure;
pub mod emit;
pub mod files;
pub mod graph;
pub mod lay;
pub mod package;
pub mod place;
pub mod resolve;
pub mod scan;
pub mod swc;
pub mod trace;
pub mod walk;
