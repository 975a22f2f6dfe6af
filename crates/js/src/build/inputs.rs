//! What an artifact of JavaScript is made of, before it is made.
//!
//! In: a build request. Out: [`Inputs`]: every file that is read for it, the paths that are looked at and are
//! not there, and the patterns whose matches ship. For caches, which must run again when one of
//! these changes and need not when none does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::graph::{Edge, EdgeKind, EdgeTarget, GraphModule, ModuleKind, normal};
use crate::packages::package::{PackageKind, package_of_specifier};
use crate::packages::production_closure;
use crate::packages::production_closure::Scope;
use crate::packages::resolve::ENDS_IN_SOURCE;
use crate::scan::{PathPattern, Piece};
use coldcut_core::diagnostics::Diagnostic;

use crate::build::outcome::Built;
use crate::build::project_context::ProjectContext;
use crate::build::request::{BuildMode, BuildRequest, BundleSettings};
use coldcut_core::settings::SourceMap;

/// See the module; all paths are absolute.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Every file that is read.
    pub files: BTreeSet<PathBuf>,
    /// Paths that are not there, each of which would be taken if it were.
    pub absent: BTreeSet<PathBuf>,
    /// What code names by a pattern, as globs.
    pub globs: BTreeSet<String>,
    /// Why every file of the folder counts; `None` where only what is reached does.
    pub whole: Option<String>,
    /// Packages left to the platform.
    pub external: BTreeSet<String>,
}

impl ProjectContext {
    /// What `request` is made of, by tracing or by pruning.
    /// `steps_down` holds where what cannot be followed ships as a whole instead.
    pub fn inputs(
        &self,
        request: &BuildRequest<'_>,
        steps_down: bool,
    ) -> Result<Inputs, Vec<Diagnostic>> {
        let mut request = *request;
        let mut built = self.build(&request)?;
        let mut whole =
            (request.mode == BuildMode::Prune).then(|| "`strategy` is `prune`".to_string());
        if steps_down
            && whole.is_none()
            && let Some(first) = built.unfollowable.first()
            && !self.bundle_follows(&request)
        {
            whole = Some(
                match first.at.as_ref().and_then(|at| Some((at, at.line?))) {
                    Some((at, line)) => format!(
                        "an import in {}:{line} is computed when the code runs",
                        at.path
                            .strip_prefix(&self.root)
                            .unwrap_or(&at.path)
                            .display()
                    ),
                    None => "an import is computed when the code runs".to_string(),
                },
            );
            request.mode = BuildMode::Prune;
            built = self.build(&request)?;
        }
        self.collect(&request, &built, whole)
    }

    /// Whether nothing that cannot be followed is left in a bundle.
    fn bundle_follows(&self, request: &BuildRequest<'_>) -> bool {
        let mode = BuildMode::Bundle(BundleSettings {
            minify: false,
            sourcemap: SourceMap::None,
            keep_names: true,
            manifests: false,
        });
        let built = self.build(&BuildRequest { mode, ..*request });
        built.is_ok_and(|built| built.unfollowable.is_empty())
    }

    fn collect(
        &self,
        request: &BuildRequest<'_>,
        built: &Built,
        whole: Option<String>,
    ) -> Result<Inputs, Vec<Diagnostic>> {
        let traced = self.trace(&self.graph, request)?;
        let mut out = Inputs {
            whole,
            external: built.external.keys().cloned().collect(),
            ..Inputs::default()
        };
        let shipped = built.artifact.files.values();
        out.files
            .extend(shipped.filter_map(|entry| Some(entry.origin()?.to_path_buf())));
        for id in traced.modules.keys() {
            let module = self.graph.get(*id);
            out.files.insert(module.path.clone());
            if module.kind == ModuleKind::Code && module.package.kind != PackageKind::Installed {
                self.asked_by(module, &mut out);
            }
        }
        out.files
            .extend(self.packages.manifests_of(out.files.clone().iter()));
        let manifest = self.root.join("package.json");
        if manifest.is_file() {
            out.files.insert(manifest);
        }
        let rules = self.items.iter().filter(|item| {
            let name = item.found.path.file_name();
            !item.installed && name.is_some_and(|name| name == coldcut_core::ignore_rules::FILE)
        });
        out.files.extend(rules.map(|item| item.found.path.clone()));
        if let Some(pnp) = self.packages.pnp() {
            out.files = out
                .files
                .iter()
                .filter_map(|path| pnp.original(path))
                .collect();
            out.files.extend(pnp.settings());
        }
        Ok(out)
    }

    /// The manifests of everything that production needs: they decide on the platform's SDK.
    pub fn production_manifests(&self) -> Vec<PathBuf> {
        let production = production_closure::walk(&self.packages, Scope::Production, &|_| false);
        let own = production.packages.keys();
        own.map(|dir| dir.join("package.json")).collect()
    }

    /// What one own module looks at besides itself.
    fn asked_by(&self, module: &GraphModule, out: &mut Inputs) {
        let dir = module.path.parent().unwrap_or(&module.path);
        let (configs, nearest) = self.resolve.tsconfigs(&module.path);
        out.files.extend(configs);
        for above in dir.ancestors() {
            if !above.starts_with(&module.package.dir) {
                break;
            }
            note(above.join("package.json"), out);
            if nearest.as_deref().is_none_or(|at| !at.starts_with(above)) {
                note(above.join("tsconfig.json"), out);
            }
        }
        for edge in &module.edges {
            if let EdgeKind::Import(_) = edge.how {
                self.looked_for(edge, dir, out);
            }
        }
        let patterns = module
            .scan
            .patterns
            .iter()
            .map(|one| (one, EdgeKind::Pattern));
        let assets = module.scan.assets.iter().map(|one| (one, EdgeKind::Asset));
        for (pattern, how) in patterns.chain(assets) {
            let base = match pattern.pieces.first() {
                Some(Piece::Cwd) => &self.root,
                _ => dir,
            };
            globs(base, pattern, how, out);
        }
    }

    /// Where Node.js, and TypeScript, would have looked first.
    fn looked_for(&self, edge: &Edge, dir: &Path, out: &mut Inputs) {
        let found = match edge.target {
            EdgeTarget::Module(id) => Some(self.graph.get(id).path.as_path()),
            EdgeTarget::Builtin => return,
            EdgeTarget::Missing(_) => None,
        };
        let specifier = edge.specifier.as_ref();
        if specifier.starts_with('.') {
            return spellings(&normal(&dir.join(specifier)), found, out);
        }
        let Some(name) = package_of_specifier(specifier) else {
            return;
        };
        let mut places = dir
            .ancestors()
            .map(|dir| dir.join("node_modules").join(name));
        if places.any(|place| place.exists()) {
            let before = dir
                .ancestors()
                .map(|dir| dir.join("node_modules").join(name));
            out.absent
                .extend(before.take_while(|place| !place.exists()));
        } else if let Some(found) = found {
            // `paths` of a `tsconfig.json` led there.
            spellings(&found.with_extension(""), Some(found), out);
        } else {
            let places = dir
                .ancestors()
                .take_while(|dir| dir.starts_with(&self.root));
            out.absent
                .extend(places.map(|dir| dir.join("node_modules").join(name)));
        }
    }
}

/// What comes before `found`, where a file is asked for as `path`.
fn spellings(path: &Path, found: Option<&Path>, out: &mut Inputs) {
    // `./x.js` may be written for a file `x.ts`.
    let bare = path.with_extension("");
    for base in [path, &bare, &path.join("index")] {
        for end in std::iter::once("").chain(ENDS_IN_SOURCE) {
            let mut name = base.as_os_str().to_os_string();
            name.push(end);
            let name = PathBuf::from(name);
            if found == Some(name.as_path()) {
                return;
            }
            note(name, out);
        }
    }
}

/// Keeps a path that is not there.
fn note(path: PathBuf, out: &mut Inputs) {
    if !path.exists() {
        out.absent.insert(path);
    }
}

/// A path that code makes up, as globs; one that is known in full needs none, unless it is a folder.
fn globs(base: &Path, pattern: &PathPattern, how: EdgeKind, out: &mut Inputs) {
    let mut pieces = pattern.pieces.as_slice();
    if let [Piece::Dir | Piece::Cwd, rest @ ..] = pieces {
        pieces = rest;
    }
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            _ => text.push('*'),
        }
    }
    let path = normal(&base.join(text.trim_start_matches('/')));
    if path == base {
        return;
    }
    let shown = path.display().to_string();
    if !text.contains('*') {
        if path.is_dir() {
            out.globs.insert(format!("{shown}/**"));
        } else {
            note(path, out);
        }
        return;
    }
    // What is not known may hold slashes, and names without extension stand for files with one.
    let mut forms = vec![shown.clone(), shown.replace('*', "**/*")];
    if how == EdgeKind::Pattern && !shown.ends_with('*') {
        forms.push(format!("{shown}.*"));
        forms.push(format!("{shown}/index.*"));
    }
    out.globs.extend(forms);
}
