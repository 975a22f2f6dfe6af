//! `coldcut` makes serverless deployment packages small, proves that they still work, and says
//! what that saves.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod artifact;
pub mod cli;
pub mod config;
pub mod diag;
pub mod digest;
pub mod discover;
pub mod disk;
pub mod estimate;
pub mod ignore;
pub mod js;
pub mod native;
pub mod observe;
pub mod pack;
pub mod past;
pub mod pipeline;
pub mod plan;
pub mod platform;
pub mod pnp;
pub mod report;
pub mod rust;
pub mod secrets;
pub mod stage;
pub mod verify;
