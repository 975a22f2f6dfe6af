//! The folder of one or more functions, read once for all of them.
//!
//! In: a folder, its handlers, and what all functions have in common. Out: [`ProjectContext`]: the modules
//! that the handlers reach, the packages that are installed, and a list of all files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::inventory::{InventoryItem, inventory};
use crate::graph::{GraphLoader, ModuleGraph, machine};
use crate::host::Host;
use crate::packages::package::Packages;
use crate::packages::pnp::Pnp;
use crate::packages::production_closure;
use crate::packages::production_closure::{Closure, Scope};
use crate::packages::resolve::Resolve;
use crate::scan::Defines;
use crate::syntax::Session;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::platform::Declared;
use coldcut_core::settings::Rule;

/// The folder of one or more functions, read once.
pub struct ProjectContext {
    pub root: PathBuf,
    pub(super) session: Session,
    pub(super) packages: Packages,
    pub(super) resolve: Resolve,
    pub(super) defines: Defines,
    pub(super) machines: Vec<&'static str>,
    pub(super) rules: Vec<Rule>,
    pub(super) host: Host,
    pub(super) graph: ModuleGraph,
    pub(super) items: Vec<InventoryItem>,
    pub(super) everything: Closure,
    pub(super) warnings: Vec<Diagnostic>,
    /// Why nothing can be built.
    pub(super) trouble: Option<Diagnostic>,
}

/// What the functions of one project context have in common.
#[derive(Debug, Default)]
pub struct SharedSettings<'a> {
    pub defines: Defines,
    /// Processors, as the platform names them.
    pub archs: &'a [&'a str],
    /// The user's, of what packages read and load.
    pub rules: &'a [Rule],
    pub host: Host,
}

impl ProjectContext {
    /// Reads `root` (a real path) and the modules that `handlers` reach; folders in `skip` are
    /// coldcut's own and are not looked at.
    pub fn open(
        root: &Path,
        handlers: &[RelPath],
        skip: &[PathBuf],
        common: SharedSettings<'_>,
    ) -> Self {
        let SharedSettings {
            defines,
            archs,
            rules,
            host,
        } = common;
        let machines: BTreeSet<&'static str> = archs.iter().map(|arch| machine(arch)).collect();
        let machines: Vec<&'static str> = machines.into_iter().collect();
        let session = Session::default();
        let (pnp, trouble) = match Pnp::for_folder(root) {
            Ok(pnp) => (pnp, None),
            Err(error) => (None, Some(*error)),
        };
        if let Some(pnp) = &pnp {
            pnp.fetch(root);
        }
        let packages = Packages::new(root.to_path_buf(), pnp.clone());
        let resolve = Resolve::new(pnp, &host);
        let entries: Vec<PathBuf> = handlers
            .iter()
            .filter_map(|handler| handler.under(root).canonicalize().ok())
            .collect();
        let graph = GraphLoader {
            session: &session,
            packages: &packages,
            resolve: &resolve,
            defines: &defines,
            cwd: root,
            as_written: false,
            machines: &machines,
            rules,
            imports_only: false,
        }
        .build(&entries);
        let span = tracing::info_span!("walk", files = tracing::field::Empty).entered();
        let everything = production_closure::walk(&packages, Scope::Everything, &|_| false);
        let (items, warnings) = inventory(&packages, &everything, skip);
        span.record("files", items.len());
        drop(span);
        Self {
            root: root.to_path_buf(),
            session,
            packages,
            resolve,
            defines,
            machines,
            rules: rules.to_vec(),
            host,
            graph,
            items,
            everything,
            warnings,
            trouble,
        }
    }

    /// Every file of the folder, and of the packages that it uses from above.
    pub fn items(&self) -> &[InventoryItem] {
        &self.items
    }

    /// A folder from which Node.js finds what the function may ask for.
    pub fn seen_from(&self) -> &Path {
        let links = self.packages.pnp().and_then(|pnp| pnp.own(&self.root));
        links
            .and_then(|(_, links)| links.parent())
            .unwrap_or(&self.root)
    }

    /// How many modules were parsed.
    pub fn modules(&self) -> usize {
        self.graph.len()
    }

    /// How the project has the packages for which `covers` holds, taken as one set.
    pub fn declared(&self, covers: &dyn Fn(&str) -> bool) -> Declared {
        let production = production_closure::walk(&self.packages, Scope::Production, &|_| false);
        let has = |closure: &Closure| closure.packages.values().any(|p| covers(&p.name));
        let own = self.packages.at(&self.root);
        let listed = own
            .manifest
            .as_ref()
            .is_some_and(|m| m.dependencies.iter().any(|name| covers(name)));
        if listed || has(&production) {
            Declared::Production
        } else if has(&self.everything) {
            Declared::Dev
        } else {
            Declared::NotInstalled
        }
    }

    pub(super) fn loader(&self) -> GraphLoader<'_> {
        GraphLoader {
            session: &self.session,
            packages: &self.packages,
            resolve: &self.resolve,
            defines: &self.defines,
            cwd: &self.root,
            as_written: false,
            machines: &self.machines,
            rules: &self.rules,
            imports_only: false,
        }
    }
}
