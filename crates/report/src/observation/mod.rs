//! What `coldcut observe` found in logs, for programs and for people.
//!
//! In: an [`Observation`], filled by the pipeline. Out: text or JSON. Every time is in milliseconds
//! and was measured by the platform; what no log line says is named as such and never added in.

mod model;
mod text;

pub use crate::observation::model::{
    Bottleneck, Change, Cost, Difference, Figures, Fit, Line, Lines, MemoryRow, Observation,
    ObservationSchema, ObservedFunction, Power, PowerRow, Quantiles, Target, Version,
};
pub use crate::observation::text::render;
