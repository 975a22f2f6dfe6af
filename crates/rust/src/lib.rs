//! Rust functions: from cargo's release build to the smallest `bootstrap` that still runs.
//!
//! In: a [`Binary`] and what is asked of it. Out: [`Built`], and from it an [`Artifact`] with
//! `bootstrap` at its root. The flow: `toolchain` and `target` (what is there, and how to build for
//! the platform) -> `settings` (what cargo's configuration says) -> `profile` (what to ask for) ->
//! `cargo` (the builds) -> `strip` -> `start_check` (will it start there?) -> `sizes` (where the bytes come
//! from) and `dependencies` -> `layout`. Nothing is written into the project.

pub mod build;
pub mod build_record;
pub mod cargo;
pub mod codes;
pub mod dependencies;
pub mod experiments;
pub mod findings;
pub mod inputs;
pub mod layout;
pub mod profile;
pub mod settings;
pub mod size_breakdown;
pub mod sizes;
pub mod source_identifiers;
pub mod start_check;
pub mod strip;
pub mod symbol_names;
pub mod symbol_owners;
pub mod target;
pub mod toolchain;

pub use crate::build::{BuildRequest, Built, build};
pub use crate::build_record::BuildRecord;
pub use crate::dependencies::{CrateKind, Crates, DeclaredDependency, Dependency};
pub use crate::experiments::{ProfileBuild, WhatIf, compare, what_if};
pub use crate::findings::Finding;
pub use crate::layout::{ArtifactKind, Asset, layout};
pub use crate::size_breakdown::artifact_parts;
pub use crate::sizes::Sizes;
