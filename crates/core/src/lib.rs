//! What every other crate of coldcut stands on.
//!
//! Artifacts, diagnostics, settings, the data of platforms, the rules of what ships, and the model
//! of functions. Nothing in here knows JavaScript or Rust.

pub mod artifact;
pub mod diagnostics;
pub mod digest;
pub mod disk;
pub mod functions;
pub mod ignore_rules;
pub mod native_headers;
pub mod platform;
pub mod secrets;
pub mod settings;
pub mod source_extensions;
