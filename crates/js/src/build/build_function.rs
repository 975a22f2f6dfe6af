//! One function built: its trace, then its artifact.

use std::path::Path;

use crate::build::outcome::Built;
use crate::build::project_context::ProjectContext;
use crate::build::request::{BuildMode, BuildRequest};
use crate::build::{assemble, bundled};
use crate::bundle::Explained;
use coldcut_core::diagnostics::Diagnostic;

impl ProjectContext {
    /// Builds one function; errors are about this function only.
    pub fn build(&self, request: &BuildRequest<'_>) -> Result<Built, Vec<Diagnostic>> {
        let _build = tracing::info_span!("build").entered();
        self.check_installed(request.external)?;
        let wider;
        let graph = match request.mode {
            BuildMode::Bundle(_) | BuildMode::Trace => &self.graph,
            BuildMode::Prune => {
                wider = self.graph_of_kept(request);
                &wider
            }
        };
        let traced = self.trace(graph, request)?;
        assemble::assemble(self, graph, request, traced)
    }

    /// Why a function's bundle has in it the files, or the packages, that `asked` holds for.
    pub fn explain(
        &self,
        request: &BuildRequest<'_>,
        asked: &dyn Fn(&Path, &str) -> bool,
    ) -> Result<Explained, Vec<Diagnostic>> {
        let traced = self.trace(&self.graph, request)?;
        bundled::explain(self, self.graph.get(traced.entry), request, asked)
    }
}
