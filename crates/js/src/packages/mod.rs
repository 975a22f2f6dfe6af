//! Packages as they are installed: found, resolved, and placed in an artifact.

pub(crate) mod own_packages;
pub mod package;
pub mod placement;
pub mod platform_fields;
pub mod pnp;
pub mod production_closure;
pub mod resolve;
pub mod tracing_agents;
mod ts_options;
pub(crate) mod ts_settings;
pub mod walk;
