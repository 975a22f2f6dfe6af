//! Chosen files as entries of an artifact, each at its place.
//!
//! In: files by their real paths with the reasons for which they ship, and where packages lie. Out:
//! entries of an artifact: files as they are, own code as JavaScript, manifests that name what
//! ships, and links by which packages find each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::graph::{GraphModuleId, ModuleGraph, ModuleKind};
use crate::packages::package::{PackageKind, Packages};
use crate::packages::placement;
use crate::packages::placement::Placement;
use crate::packages::resolve::Resolve;
use crate::syntax::Session;
use crate::syntax::target::Engine;
use crate::transpile;
use coldcut_core::artifact::{Content, Entry, Reason, RelPath};
use coldcut_core::diagnostics::{Code, Diagnostic};

/// Two files would ship under one name.
pub const SAME_NAME: Code = Code("CC060");

/// Files by real path, each with its reasons.
pub type ChosenFiles = BTreeMap<PathBuf, BTreeSet<Reason>>;

/// The text of files that coldcut wrote itself, shared by reference.
type Bytes = Arc<[u8]>;

/// What making entries of files needs to know.
pub struct WriteContext<'a> {
    pub session: &'a Session,
    pub packages: &'a Packages,
    pub resolve: &'a Resolve,
    pub graph: &'a ModuleGraph,
    pub placement: &'a Placement,
    /// Who will run own code.
    pub target: Option<Engine>,
}

impl WriteContext<'_> {
    /// The entries of `chosen`. Own code that cannot be printed is an error where it is `needed`,
    /// and else a warning.
    pub fn write_files(
        &self,
        chosen: &ChosenFiles,
        needed: &(dyn Fn(GraphModuleId) -> bool + Sync),
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<BTreeMap<RelPath, Entry>, Vec<Diagnostic>> {
        let _write = tracing::info_span!("write", files = chosen.len()).entered();
        let mut texts = self.transpile(chosen, needed, warnings)?;
        self.rename_in_manifests(chosen, &mut texts);
        let mut files: BTreeMap<RelPath, Entry> = BTreeMap::new();
        for (path, reasons) in chosen {
            let package = self.packages.package_of(path);
            let Some(at) = self.placement.file(&package, path) else {
                continue;
            };
            let text = texts.get(path).cloned();
            let is_code_text = text.is_some() && !at.as_str().ends_with(".json");
            let at = if is_code_text {
                transpile::shipped_name(&at)
            } else {
                at
            };
            let content = match text {
                Some(Some(text)) => Content::Bytes(text),
                // Source that could not be transpiled and that nothing loads.
                Some(None) => continue,
                None => Content::File {
                    path: path.clone(),
                    bytes: std::fs::metadata(path).map(|m| m.len()).unwrap_or(0),
                },
            };
            let entry = Entry {
                content,
                reasons: reasons.iter().cloned().collect(),
                package: (package.kind != PackageKind::Project).then(|| Arc::from(package.label())),
                source: Some(path.clone()),
            };
            insert(&mut files, at, entry, warnings);
        }
        Ok(files)
    }

    /// The texts of own modules that do not ship as they lie there. `None` marks source that is
    /// broken and that nothing reaches.
    fn transpile(
        &self,
        chosen: &ChosenFiles,
        needed: &(dyn Fn(GraphModuleId) -> bool + Sync),
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<FxHashMap<PathBuf, Option<Bytes>>, Vec<Diagnostic>> {
        let graph = self.graph;
        let places = |id: GraphModuleId| -> Option<RelPath> {
            let module = graph.get(id);
            let at = self.placement.file(&module.package, &module.path)?;
            Some(if transpile::must_transpile(module) {
                transpile::shipped_name(&at)
            } else {
                at
            })
        };
        let own: Vec<GraphModuleId> = chosen
            .keys()
            .filter_map(|path| graph.find(path))
            .filter(|id| {
                let module = graph.get(*id);
                module.kind == ModuleKind::Code && module.package.kind != PackageKind::Installed
            })
            .collect();
        let made: Vec<_> = own
            .par_iter()
            .map(|id| {
                (
                    *id,
                    transpile::emit(self.session, self.resolve, graph, *id, &places, self.target),
                )
            })
            .collect();
        let mut out = FxHashMap::default();
        let mut errors = Vec::new();
        for (id, made) in made {
            let module = graph.get(id);
            match made {
                Ok(Some(text)) => {
                    out.insert(module.path.clone(), Some(text));
                }
                Ok(None) => {}
                Err(error) if needed(id) => errors.push(*error),
                Err(mut error) => {
                    error.severity = coldcut_core::diagnostics::Severity::Warning;
                    warnings.push(error.note("no code that the handler loads needs this file"));
                    if transpile::must_transpile(module) {
                        out.insert(module.path.clone(), None);
                    }
                }
            }
        }
        if errors.is_empty() {
            Ok(out)
        } else {
            Err(errors)
        }
    }

    /// Manifests of packages whose TypeScript was transpiled name the files that ship.
    fn rename_in_manifests(
        &self,
        chosen: &ChosenFiles,
        texts: &mut FxHashMap<PathBuf, Option<Bytes>>,
    ) {
        let changed: BTreeSet<PathBuf> = texts
            .keys()
            .map(|path| self.packages.package_of(path).dir.clone())
            .collect();
        for dir in changed {
            let path = dir.join("package.json");
            if chosen.contains_key(&path)
                && let Ok(text) = std::fs::read_to_string(&path)
                && let Some(bytes) = transpile::manifest(&text)
            {
                texts.insert(path, Some(bytes.into()));
            }
        }
    }
}

fn insert(
    files: &mut BTreeMap<RelPath, Entry>,
    at: RelPath,
    entry: Entry,
    warnings: &mut Vec<Diagnostic>,
) {
    use std::collections::btree_map::Entry as Slot;
    match files.entry(at) {
        Slot::Vacant(slot) => {
            slot.insert(entry);
        }
        Slot::Occupied(mut slot) => {
            let shown = |entry: &Entry| {
                entry
                    .source
                    .as_ref()
                    .map_or_else(String::new, |path| path.display().to_string())
            };
            // What is written as JavaScript is what Node would have found.
            let (winner, loser) = match (&slot.get().content, &entry.content) {
                (Content::Bytes(_), Content::File { .. }) => (entry, slot.get().clone()),
                _ => (slot.get().clone(), entry),
            };
            warnings.push(
                Diagnostic::warning(
                    SAME_NAME,
                    format!(
                        "`{}` and `{}` both become `{}`: only the first ships",
                        shown(&winner),
                        shown(&loser),
                        slot.key()
                    ),
                )
                .help("delete the one that is out of date, or exclude it"),
            );
            slot.insert(winner);
        }
    }
}

/// `used_only` leaves out links to packages of which nothing ships as a file.
pub fn package_links(placement: &Placement, used_only: bool, files: &mut BTreeMap<RelPath, Entry>) {
    let ships = |at: &RelPath, target: &str| {
        let folder = at.parent().unwrap_or_default();
        let whole = placement::normal(folder, target);
        let start = format!("{whole}/");
        files.keys().any(|name| name.as_str().starts_with(&start))
    };
    let links: Vec<_> = placement
        .links
        .iter()
        .filter(|(at, target)| !used_only || ships(at, target))
        .collect();
    for (at, target) in links {
        files.entry(at.clone()).or_insert_with(|| Entry {
            content: Content::Link(target.clone()),
            reasons: vec![Reason::PackageLink],
            package: None,
            source: None,
        });
    }
}
