//! `coldcut` makes serverless deployment packages small, proves that they still work, and says
//! what that saves.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod artifact;
pub mod config;
pub mod diag;
pub mod discover;
pub mod ignore;
pub mod js;
pub mod pack;
pub mod secrets;
pub mod stage;
