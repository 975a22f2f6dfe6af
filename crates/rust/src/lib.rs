//! Rust functions: from cargo's release build to the smallest `bootstrap` that still runs.
//!
//! In: a [`Binary`] and what is asked of it. Out: [`Built`], and from it an [`Artifact`] with
//! `bootstrap` at its root. The flow: `toolchain` and `target` (what is there, and how to build for
//! the platform) -> `settings` (what cargo's configuration says) -> `profile` (what to ask for) ->
//! `cargo` (the builds) -> `strip` -> `fits` (will it start there?) -> `sizes` (where the bytes come
//! from) and `dependencies` -> `layout`. Nothing is written into the project.

pub mod archives;
pub mod build;
pub mod cargo;
pub mod codes;
pub mod dependencies;
pub mod findings;
pub mod fits;
pub mod inputs;
pub mod inside;
pub mod layout;
pub mod names;
pub mod profile;
pub mod record;
pub mod settings;
pub mod sizes;
pub mod strip;
pub mod target;
pub mod tokens;
pub mod toolchain;
pub mod trials;

pub use crate::build::{Ask, Built, build};
pub use crate::dependencies::{Crates, Declared, Dependency, Kind};
pub use crate::findings::Finding;
pub use crate::inside::inside;
pub use crate::layout::{Asset, Place, layout};
pub use crate::record::Record;
pub use crate::sizes::Sizes;
pub use crate::trials::{Trial, WhatIf, compare, what_if};
