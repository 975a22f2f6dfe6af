//! `coldcut` makes serverless deployment packages small, proves that they still work, and says
//! what that saves.

pub mod cli;
pub mod discover;
pub mod git_ref;
pub mod pack;
pub mod pipeline;
pub mod plan;
pub mod stage;
