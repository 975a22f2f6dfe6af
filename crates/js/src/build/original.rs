//! The original, laid out so that it can be loaded beside the artifact and compared with it.
//!
//! In: the function's folder. Out: a copy of its own files in an empty folder, TypeScript
//! transpiled file by file, with links to the full `node_modules` as they are installed, or with
//! Plug'n'Play's runtime where that is what runs it. The project itself is never loaded from, so that nothing its code writes lands in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::build::project_context::ProjectContext;
use crate::graph::{GraphModuleId, ModuleGraph};
use crate::packages::package::PackageKind;
use crate::packages::walk;
use crate::syntax::target::Engine;
use crate::transpile;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::disk::link_folder;
use coldcut_core::source_extensions::has_source_extension;

/// The original is loaded by the Node.js of this machine: syntax that can be lowered is, whoever
/// will run the function.
const PLAIN: u32 = 18;

/// The copy of the original cannot be written.
pub const COPY: Code = Code("CC065");

/// Where each own folder of the original goes, relative to the copy.
type Folders = BTreeMap<PathBuf, String>;

impl ProjectContext {
    /// Manifests of the packages that the folder sees, declared or not, and that are none of
    /// [`ProjectContext::items`]; and the table by which it sees packages, where there is one.
    pub fn beyond(&self) -> Vec<PathBuf> {
        let table = self.packages.pnp().map(|pnp| pnp.file().to_path_buf());
        let known: BTreeSet<&Path> = self.items.iter().map(|item| &*item.package).collect();
        visible_packages(&self.root)
            .into_values()
            .filter(|real| !known.contains(&**real))
            .map(|real| real.join("package.json"))
            .chain(table)
            .collect()
    }

    /// Lays the original out in `to`, an empty folder. Gives the arguments that Node.js needs to
    /// run it.
    pub fn original(&self, to: &Path) -> Result<Vec<String>> {
        if let Some(error) = &self.trouble {
            return Err(Box::new(error.clone()));
        }
        let mut folders = Folders::from([(self.root.clone(), String::new())]);
        let mut queue = vec![self.root.clone()];
        while let Some(dir) = queue.pop() {
            let here = folders[&dir].clone();
            let visible: Vec<(String, PathBuf)> = match self.packages.pnp() {
                Some(pnp) => pnp.siblings(&dir),
                None => visible_packages(&dir).into_iter().collect(),
            };
            for (name, real) in visible {
                if self.packages.package_of(&real).kind == PackageKind::Sibling
                    && real.is_dir()
                    && !folders.contains_key(&real)
                {
                    folders.insert(real.clone(), join(&here, &format!("node_modules/{name}")));
                    queue.push(real);
                }
            }
        }
        let files = self.own_files(&folders);
        let graph = self.graph_of_files(&files);
        let place = |path: &Path| place(&folders, path);
        let places = |id: GraphModuleId| -> Option<RelPath> {
            let module = graph.get(id);
            let at = place(&module.path)?;
            Some(if transpile::must_transpile(module) {
                transpile::shipped_name(&at)
            } else {
                at
            })
        };
        // JavaScript beside TypeScript of the same name is what Node would take: it comes last.
        let (source, plain): (Vec<_>, Vec<_>) = files.iter().partition(|path| {
            graph
                .find(path)
                .is_some_and(|id| transpile::must_transpile(graph.get(id)))
        });
        for group in [source, plain] {
            group
                .into_par_iter()
                .try_for_each(|path| self.copy(path, &graph, &places, &place, to))?;
        }
        if let Some(pnp) = self.packages.pnp() {
            return pnp.run_in(to, &folders);
        }
        for (dir, here) in &folders {
            link_packages(dir, &to.join(here), &folders)?;
        }
        Ok(Vec::new())
    }

    fn own_files(&self, folders: &Folders) -> BTreeSet<PathBuf> {
        let mut out: BTreeSet<PathBuf> = self
            .items
            .iter()
            .filter(|item| !item.installed && !item.found.is_link)
            .map(|item| item.found.path.clone())
            .collect();
        for dir in folders.keys().filter(|dir| **dir != self.root) {
            let listing = walk::package_files(dir);
            out.extend(
                listing
                    .files
                    .into_iter()
                    .filter(|f| !f.is_link)
                    .map(|f| f.path),
            );
        }
        out
    }

    fn graph_of_files(&self, files: &BTreeSet<PathBuf>) -> ModuleGraph {
        let entries: Vec<PathBuf> = files
            .iter()
            .filter(|path| has_source_extension(path))
            .cloned()
            .collect();
        self.loader().build_own(&entries)
    }

    fn copy(
        &self,
        path: &Path,
        graph: &ModuleGraph,
        places: &transpile::ArtifactPaths<'_>,
        place: &(dyn Fn(&Path) -> Option<RelPath> + Sync),
        to: &Path,
    ) -> Result<()> {
        let Some(at) = place(path) else {
            return Ok(());
        };
        let id = graph.find(path);
        let plain = Some(Engine::node(PLAIN));
        let text = match id {
            // A file that cannot be transpiled is missing from the copy: if it matters, loading
            // the handler says so.
            Some(id) => {
                match transpile::emit(&self.session, &self.resolve, graph, id, places, plain) {
                    Ok(text) => text,
                    Err(_) => return Ok(()),
                }
            }
            None => None,
        };
        let (at, text) = match (id, text) {
            (Some(id), Some(text)) => (places(id).unwrap_or(at), Some(text.to_vec())),
            _ if at.name() == "package.json" => {
                let text = std::fs::read_to_string(path).ok();
                (at, text.and_then(|text| transpile::manifest(&text)))
            }
            _ => (at, None),
        };
        let target = at.under(to);
        let failed =
            |error: std::io::Error| Box::new(Diagnostic::io(COPY, "write", &target, &error));
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        match text {
            Some(text) => std::fs::write(&target, text).map_err(failed),
            // So is one that may not be read, or that somebody took away meanwhile.
            None => match std::fs::copy(path, &target) {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound && !path.exists() => Ok(()),
                Err(error) => Err(failed(error)),
            },
        }
    }
}

fn join(folder: &str, rest: &str) -> String {
    if folder.is_empty() {
        rest.to_string()
    } else {
        format!("{folder}/{rest}")
    }
}

/// Where an own file goes: with the innermost own folder that holds it.
fn place(folders: &Folders, path: &Path) -> Option<RelPath> {
    path.ancestors().find_map(|dir| {
        let folder = folders.get(dir)?;
        let rest = RelPath::from_path(path.strip_prefix(dir).ok()?)?;
        RelPath::new(&join(folder, rest.as_str()))
    })
}

/// The packages that code in `dir` sees, by name: the nearest `node_modules` first.
fn visible_packages(dir: &Path) -> BTreeMap<String, PathBuf> {
    let mut out = BTreeMap::new();
    for above in dir.ancestors() {
        let modules = above.join("node_modules");
        for (name, path) in children(&modules) {
            if name.starts_with('@') {
                for (inner, path) in children(&path) {
                    if let Ok(real) = path.canonicalize() {
                        out.entry(format!("{name}/{inner}")).or_insert(real);
                    }
                }
            } else if !name.starts_with('.')
                && let Ok(real) = path.canonicalize()
            {
                out.entry(name).or_insert(real);
            }
        }
    }
    out
}

fn children(dir: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().into_string().ok()?, entry.path()))
        })
        .collect()
}

fn link_packages(dir: &Path, to: &Path, folders: &Folders) -> Result<()> {
    for (name, real) in visible_packages(dir) {
        if folders.contains_key(&real) {
            // A sibling: its copy lies in the first `node_modules` that named it.
            if let Some(folder) = folders.get(&real)
                && !folder.is_empty()
                && to.join("node_modules").join(&name).exists()
            {
                continue;
            }
        }
        let target = to.join("node_modules").join(&name);
        if target.symlink_metadata().is_ok() {
            continue;
        }
        let failed =
            |error: std::io::Error| Box::new(Diagnostic::io(COPY, "link", &target, &error));
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        link_folder(&real, &target).map_err(failed)?;
    }
    Ok(())
}
