//! From a Node.js function to its artifact, by bundling, tracing or pruning.
//!
//! In: the function's folder with its handlers, and per function the rules of what to drop. Out:
//! an [`Artifact`] and the steps that led to it, as sets of files that can be measured. The
//! folder is walked and its modules are parsed once for all of its functions.

mod assemble;
mod bundled;
mod inputs;
mod original;
mod stages;

#[cfg(all(test, unix))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use crate::build::inputs::Inputs;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::metafile::Input;
use crate::bundle::{Explained, Picks};
use crate::graph::{Loader, ModuleGraph, machine};
use crate::host::Host;
use crate::packages::package::{PackageKind, Packages};
use crate::packages::platform_fields::Target as Runs;
use crate::packages::pnp;
use crate::packages::pnp::Pnp;
use crate::packages::production_closure;
use crate::packages::production_closure::{Closure, Scope};
use crate::packages::resolve::Resolve;
use crate::packages::walk;
use crate::packages::walk::Found;
use crate::scan::Defines;
use crate::syntax::Session;
use crate::syntax::target::Engine;
use crate::trace::{Traced, trace};
use coldcut_core::artifact::{Artifact, RelPath};
use coldcut_core::diagnostics::{Code, Diagnostic, Location};
use coldcut_core::disk::is_left_by_tools;
use coldcut_core::platform::Declared;
use coldcut_core::settings::{Rule, SourceMap};

/// Dependencies are not installed.
pub const NOT_INSTALLED: Code = Code("CC056");
/// A file that the function needs lies outside of its folder.
pub const OUTSIDE: Code = Code("CC057");
/// A link that leads nowhere, or round in a circle.
pub const BAD_LINK: Code = Code("CC061");
/// A link that leads out of the project.
pub const LINK_OUT: Code = Code("CC062");
/// A name rule would drop what the handler needs.
pub const KEPT_ANYWAY: Code = Code("CC063");

/// How a bundle is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleWay {
    pub minify: bool,
    pub sourcemap: SourceMap,
    pub keep_names: bool,
    /// The manifests of the packages in it ship beside it.
    pub manifests: bool,
}

/// Which files a job keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Bundle(BundleWay),
    Trace,
    Prune,
}

/// Whose wish it is that a file ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// `include` in a setting or on the command line: holds for every file.
    Setting,
    /// A pattern in the framework's file: holds for what is not code, which the trace finds.
    Framework,
}

/// What the ignore rules say of one path of the artifact.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    pub keep: bool,
    /// The deciding rule or line, where there is one.
    pub because: Option<String>,
    /// The name of the built-in rule that dropped it.
    pub rule: Option<String>,
    /// A pattern of the user's asks for it by name.
    pub wish: Option<Wish>,
}

/// One file of the folder as it lies on disk.
#[derive(Debug, Clone)]
pub struct Item {
    pub found: Found,
    /// Its name in a plain zip of the folder.
    pub name: String,
    /// The package's real folder.
    pub package: PathBuf,
    /// Below a `node_modules` folder, or outside of the function's folder.
    pub installed: bool,
}

/// One function to build.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub name: &'a str,
    pub handler: &'a RelPath,
    pub way: Way,
    pub decide: &'a (dyn Fn(&RelPath) -> Verdict + Sync),
    pub external: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Packages of which a bundle may take parts by themselves.
    pub picks: &'a Picks,
    /// Where it runs: native files are those that can be loaded there.
    pub runs: &'a Runs,
    /// Who will run it: what is printed has no syntax that is newer.
    pub target: Option<Engine>,
}

/// The steps of the waterfall, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    Everything,
    WithoutDevDependencies,
    WithoutIgnored,
    WithoutPlatformProvided,
    WithoutUnreachable,
}

/// The files that are left after a step, as indices into [`Workshop::items`].
#[derive(Debug, Clone)]
pub struct Stage {
    pub name: StageName,
    pub items: Vec<u32>,
}

/// What a bundle was made of, for the file that says so.
#[derive(Debug)]
pub struct Metafile {
    pub inputs: Vec<Input>,
    pub exports: Vec<String>,
}

/// What a job gives.
#[derive(Debug)]
pub struct Built {
    pub artifact: Artifact,
    pub stages: Vec<Stage>,
    /// Packages left to the platform, with the reason.
    pub external: BTreeMap<String, String>,
    /// Licence notices that the bundle's text no longer has.
    pub legal: Option<String>,
    /// Bytes of a minified bundle that only keep class names; `None` where there is none.
    pub class_names: Option<u64>,
    /// Node.js's own modules that a bundle imports.
    pub builtins: BTreeSet<String>,
    /// What the bundle was made of.
    pub metafile: Option<Metafile>,
    /// Own files that are part of the bundle, by where they would lie.
    pub inside: Vec<(RelPath, PathBuf)>,
    /// Imports that could not be followed: empty means that the trace is complete.
    pub unfollowable: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// Files and bytes dropped, by built-in rule.
    pub dropped_by_rule: BTreeMap<String, (u64, u64)>,
    /// Packages that only development needs, as `name@version`.
    pub dev_packages: Vec<String>,
}

/// The folder of one or more functions, read once.
pub struct Workshop {
    pub root: PathBuf,
    session: Session,
    packages: Packages,
    resolve: Resolve,
    defines: Defines,
    machines: Vec<&'static str>,
    rules: Vec<Rule>,
    host: Host,
    graph: ModuleGraph,
    items: Vec<Item>,
    everything: Closure,
    warnings: Vec<Diagnostic>,
    /// Why nothing can be built.
    trouble: Option<Diagnostic>,
}

/// What the functions of one workshop have in common.
#[derive(Debug, Default)]
pub struct Common<'a> {
    pub defines: Defines,
    /// Processors, as the platform names them.
    pub archs: &'a [&'a str],
    /// The user's, of what packages read and load.
    pub rules: &'a [Rule],
    pub host: Host,
}

impl Workshop {
    /// Reads `root` (a real path) and the modules that `handlers` reach; folders in `skip` are
    /// coldcut's own and are not looked at.
    pub fn open(root: &Path, handlers: &[RelPath], skip: &[PathBuf], common: Common<'_>) -> Self {
        let Common {
            defines,
            archs,
            rules,
            host,
        } = common;
        let machines: BTreeSet<&'static str> = archs.iter().map(|arch| machine(arch)).collect();
        let machines: Vec<&'static str> = machines.into_iter().collect();
        let session = Session::default();
        let (pnp, trouble) = match Pnp::of(root) {
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
        let graph = Loader {
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
        let everything = production_closure::walk(&packages, Scope::Everything, &|_| false);
        let (items, warnings) = inventory(&packages, &everything, skip);
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
    pub fn items(&self) -> &[Item] {
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

    /// What `build` would trace, without building: for what another choice would cost.
    pub fn traced_bytes(&self, job: &Job<'_>) -> Option<u64> {
        let traced = self.trace(&self.graph, job).ok()?;
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

    fn trace(&self, graph: &ModuleGraph, job: &Job<'_>) -> Result<Traced, Vec<Diagnostic>> {
        let entry = job
            .handler
            .under(&self.root)
            .canonicalize()
            .ok()
            .and_then(|path| graph.find(&path));
        let Some(entry) = entry else {
            let path = job.handler.under(&self.root);
            let error = Diagnostic::error(
                crate::graph::UNREADABLE,
                format!("cannot read the handler `{}`", job.handler),
            );
            return Err(vec![error.at_file(&path)]);
        };
        let mut traced = trace(graph, entry, job.external, job.runs);
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
                            job.name,
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
    fn check_installed(
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
    fn graph_of_kept(&self, job: &Job<'_>) -> ModuleGraph {
        let mut entries: Vec<PathBuf> = vec![job.handler.under(&self.root)];
        for item in &self.items {
            let own = !item.installed && !item.found.is_link;
            let code = item
                .found
                .path
                .extension()
                .and_then(|ext| ext.to_str())
                .is_some_and(|ext| {
                    matches!(
                        ext,
                        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx" | "jsx"
                    )
                });
            if own
                && code
                && let Some(rel) = RelPath::new(&item.name)
                && (job.decide)(&rel).keep
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

    fn loader(&self) -> Loader<'_> {
        Loader {
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

/// Lists the folder, and the installed packages above it that belong to it.
fn inventory(
    packages: &Packages,
    everything: &Closure,
    skip: &[PathBuf],
) -> (Vec<Item>, Vec<Diagnostic>) {
    let root = packages.root();
    let skip: FxHashSet<&Path> = skip.iter().map(PathBuf::as_path).collect();
    let mut listing = walk::files(root, &|path| {
        path.file_name().is_some_and(is_left_by_tools) || skip.contains(path)
    });
    let mut items = Vec::with_capacity(listing.files.len());
    for found in std::mem::take(&mut listing.files) {
        let Ok(rest) = found.path.strip_prefix(root) else {
            continue;
        };
        let name = rest.to_string_lossy().into_owned();
        let installed = rest
            .components()
            .any(|part| part.as_os_str() == "node_modules");
        let package = if installed {
            packages.of(&found.path).dir.clone()
        } else {
            root.to_path_buf()
        };
        items.push(Item {
            found,
            name,
            package,
            installed,
        });
    }
    let mut warnings = listing.warnings;
    for (dir, package) in &everything.packages {
        if dir.starts_with(root) && pnp::below(dir).is_none() {
            continue;
        }
        let mut outside = walk::package_files(dir);
        warnings.append(&mut outside.warnings);
        for found in outside.files {
            let rest = found.path.strip_prefix(dir).unwrap_or(&found.path);
            items.push(Item {
                name: format!("node_modules/{}/{}", package.name, rest.display()),
                package: dir.clone(),
                installed: true,
                found,
            });
        }
    }
    (items, warnings)
}

pub use crate::build::original::COPY;
