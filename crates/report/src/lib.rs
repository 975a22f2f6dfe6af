//! What a run did, for people and for programs.
//!
//! In: [`model::Report`], filled by the pipeline. Out: text. Every output is one file with one
//! `render`; none of them prints, and none holds anything that another run on the same input
//! would tell otherwise, except under `measured` and in sums with it.

pub mod advice;
pub mod budgets;
pub mod codes;
pub mod cold_start_text;
pub mod compare;
pub mod comparison_text;
pub mod cyclonedx;
pub mod duplicates;
pub mod estimate;
pub mod html;
pub mod inputs;
pub mod json;
pub mod junit;
pub mod licences;
pub mod limits;
pub mod markdown;
pub mod measurement;
pub mod merge;
pub mod metafile;
pub mod model;
pub mod number_format;
pub mod observation;
pub mod sarif;
pub mod sentences;
pub mod shared_packages;
pub mod snapshot;
pub mod terminal;
pub mod text;
pub mod verification;

pub use crate::codes::{NO_JSON, OVER_LIMIT};
pub use crate::number_format::{count, plural, size};
