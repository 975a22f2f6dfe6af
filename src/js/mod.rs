//! From a Node.js function to the files it ships.
pub mod scan;
pub mod swc;
