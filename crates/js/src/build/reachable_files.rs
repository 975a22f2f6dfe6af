//! What one function reaches, and whether it can be built at all.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::build::codes::{NOT_INSTALLED, OUTSIDE};
use crate::build::project_context::ProjectContext;
use crate::build::request::BuildRequest;
use crate::graph::ModuleGraph;
use crate::packages::package::PackageKind;
use crate::trace::{Traced, trace};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::source_extensions::has_source_extension;

impl ProjectContext {
    /// What `build` would trace, without building: for what another choice would cost.
    pub fn traced_bytes(&self, request: &BuildRequest<'_>) -> Option<u64> {
        let traced = self.trace(&self.graph, request).ok()?;
        let sizes: FxHashMap<&Path, u64> = self
            .items
            .iter()
            .map(|item| (item.found.path.as_path(), item.found.bytes))
            .collect();
        let bytes = traced
            .modules
            .keys()
            .filter_map(|id| sizes.get(self.graph.get(*id).path.as_path()))
            .sum();
        Some(bytes)
    }

    pub(super) fn trace(
        &self,
        graph: &ModuleGraph,
        request: &BuildRequest<'_>,
    ) -> Result<Traced, Vec<Diagnostic>> {
        let entry = request
            .handler
            .under(&self.root)
            .canonicalize()
            .ok()
            .and_then(|path| graph.find(&path));
        let Some(entry) = entry else {
            let path = request.handler.under(&self.root);
            let error = Diagnostic::error(
                crate::graph::UNREADABLE,
                format!("cannot read the handler `{}`", request.handler),
            );
            return Err(vec![error.at_file(&path)]);
        };
        let mut traced = trace(graph, entry, request.external, request.runs);
        for id in traced.modules.keys() {
            let module = graph.get(*id);
            let stray =
                module.package.kind == PackageKind::Sibling && module.package.manifest.is_none();
            if stray {
                traced.errors.push(
                    Diagnostic::error(
                        OUTSIDE,
                        format!(
                            "`{}` is needed by function `{}` but lies outside of `{}`",
                            module.path.display(),
                            request.name,
                            self.root.display()
                        ),
                    )
                    .at(Location::file(&module.path))
                    .help("move it below the function's folder, or make its folder a package that the project depends on"),
                );
            }
        }
        if traced.errors.is_empty() {
            Ok(traced)
        } else {
            Err(traced.errors)
        }
    }

    /// Nothing installed at all is one clear error instead of one for each import.
    pub(super) fn check_installed(
        &self,
        external: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<(), Vec<Diagnostic>> {
        let mut errors: Vec<Diagnostic> = self.trouble.iter().cloned().collect();
        errors.extend(
            self.packages
                .pnp()
                .into_iter()
                .flat_map(|pnp| pnp.problems()),
        );
        if !errors.is_empty() {
            return Err(errors);
        }
        let missing: Vec<&str> = self
            .everything
            .missing
            .iter()
            .map(String::as_str)
            .filter(|name| external(name).is_none())
            .collect();
        let production = self.packages.at(&self.root).manifest.clone();
        let wanted = production.map_or_else(Vec::new, |m| m.dependencies.clone());
        let absent: Vec<&&str> = missing
            .iter()
            .filter(|name| wanted.iter().any(|want| want == **name))
            .collect();
        if absent.is_empty() {
            return Ok(());
        }
        let names = absent.iter().take(5).map(|name| format!("`{name}`"));
        let mut list = names.collect::<Vec<_>>().join(", ");
        if absent.len() > 5 {
            list.push_str(&format!(" and {} more", absent.len() - 5));
        }
        let manifest = self.root.join("package.json");
        // From Yarn 2 on there need not be such a folder.
        let mut above = self.root.ancestors();
        let yarn = above.any(|dir| dir.join(".yarnrc.yml").is_file());
        let what = if yarn || self.root.join("node_modules").exists() {
            "dependencies are not installed"
        } else {
            "`node_modules` is missing: dependencies are not installed"
        };
        Err(vec![
            Diagnostic::error(NOT_INSTALLED, format!("{what}: {list}"))
                .at(Location::file(manifest))
                .help(if yarn {
                    "run `yarn install` first, or add `--install`: coldcut then installs into a copy of the project"
                } else {
                    "install them first, or add `--install`: coldcut then installs into a copy of the project"
                }),
        ])
    }

    /// The graph with every source file that pruning keeps as a further entry, since each may
    /// have to be transpiled.
    pub(super) fn graph_of_kept(&self, request: &BuildRequest<'_>) -> ModuleGraph {
        let mut entries: Vec<PathBuf> = vec![request.handler.under(&self.root)];
        for item in &self.items {
            let own = !item.installed && !item.found.is_link;
            if own
                && has_source_extension(&item.found.path)
                && let Some(rel) = RelPath::new(&item.name)
                && (request.decide)(&rel).keep
            {
                entries.push(item.found.path.clone());
            }
        }
        entries.retain_mut(|path| match path.canonicalize() {
            Ok(real) => {
                *path = real;
                true
            }
            Err(_) => false,
        });
        self.loader().build(&entries)
    }
}
