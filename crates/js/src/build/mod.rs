//! From a Node.js function to its artifact, by bundling, tracing or pruning.
//!
//! In: the function's folder with its handlers, and per function the rules of what to drop. Out:
//! an [`Artifact`](coldcut_core::artifact::Artifact) and the steps that led to it, as sets of files
//! that can be measured. The folder is walked and its modules are parsed once for all of its functions.

mod assemble;
mod build_function;
mod bundled;
mod codes;
mod inputs;
mod inventory;
mod original;
mod outcome;
mod project_context;
mod reachable_files;
mod request;
mod size_waterfall;

#[cfg(test)]
#[cfg(unix)]
mod tests;

pub use crate::build::codes::{BAD_LINK, KEPT_ANYWAY, LINK_OUT, NOT_INSTALLED, OUTSIDE};
pub use crate::build::inputs::Inputs;
pub use crate::build::inventory::InventoryItem;
pub use crate::build::original::COPY;
pub use crate::build::outcome::{Built, Metafile, Stage, StageName};
pub use crate::build::project_context::{ProjectContext, SharedSettings};
pub use crate::build::request::{
    BuildMode, BuildRequest, BundleSettings, IgnoreVerdict, IncludeSource,
};
