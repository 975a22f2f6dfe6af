//! One function built: its trace, then its artifact.

use std::path::Path;

use crate::build::outcome::Built;
use crate::build::project_context::Workshop;
use crate::build::request::{Job, Way};
use crate::build::{assemble, bundled};
use crate::bundle::Explained;
use coldcut_core::diagnostics::Diagnostic;

impl Workshop {
    /// Builds one function; errors are about this function only.
    pub fn build(&self, job: &Job<'_>) -> Result<Built, Vec<Diagnostic>> {
        self.check_installed(job.external)?;
        let wider;
        let graph = match job.way {
            Way::Bundle(_) | Way::Trace => &self.graph,
            Way::Prune => {
                wider = self.graph_of_kept(job);
                &wider
            }
        };
        let traced = self.trace(graph, job)?;
        assemble::assemble(self, graph, job, traced)
    }

    /// Why a function's bundle has in it the files, or the packages, that `asked` holds for.
    pub fn explain(
        &self,
        job: &Job<'_>,
        asked: &dyn Fn(&Path, &str) -> bool,
    ) -> Result<Explained, Vec<Diagnostic>> {
        let traced = self.trace(&self.graph, job)?;
        bundled::explain(self, self.graph.get(traced.entry), job, asked)
    }
}
