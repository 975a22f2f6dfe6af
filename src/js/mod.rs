//! From a Node.js function to the files it ships.
pub mod graph;
pub mod package;
pub mod resolve;
pub mod scan;
pub mod swc;
