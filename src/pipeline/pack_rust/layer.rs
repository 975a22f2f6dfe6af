//! Layers that Rust functions share.
//!
//! In: plans, of which some name a folder. Out: [`SharedLayers`]: each folder packed once, whichever
//! functions name it, and unpacked once for those that are verified. What is in it lies in `/opt`
//! where they run, and in none of their artifacts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};

use crate::pack::{PackOptions, Packed, pack};
use crate::pipeline::artifact_file::{report_row, zip_path};
use crate::pipeline::request::{PackRequest, ProgressCallback};
use crate::pipeline::secret_files::leave_secrets_out;
use crate::plan::Plan;
use coldcut_core::artifact::{Content, Entry, Files, Reason, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::ignore_rules::Ignore;
use coldcut_js::packages::walk::FoundFile;
use coldcut_report::model;
use coldcut_rust::codes::LAYER;
use coldcut_verify::{Scratch, unpack};

use crate::pipeline::pack_rust::folder_files::files_below;

/// A layer that was packed.
pub struct SharedLayer {
    /// As the report names it: seen from the project.
    name: String,
    packed: Packed,
    files: Files,
    functions: Vec<String>,
    pub warnings: Vec<Diagnostic>,
    scratch: Scratch,
}

impl SharedLayer {
    /// What lies in `/opt`.
    pub fn unpacked(&self) -> PathBuf {
        self.scratch.path().join("layer")
    }

    /// Whether the loader finds a shared library of this name in it.
    pub fn has_library(&self, name: &str) -> bool {
        let at = RelPath::new(&format!("lib/{name}"));
        at.is_some_and(|at| self.files.contains_key(&at))
    }

    /// As one of the layers of a function, which counts against its limits.
    pub fn of_function(&self) -> model::Layer {
        model::Layer {
            name: self.name.clone(),
            unpacked_bytes: Some(self.packed.unpacked_bytes),
        }
    }

    fn report(&self) -> model::SharedLayer {
        model::SharedLayer {
            folder: self.name.clone(),
            artifact: report_row(&self.packed),
            functions: self.functions.clone(),
        }
    }
}

/// Every layer of a run, by its folder.
#[derive(Default)]
pub struct SharedLayers(BTreeMap<PathBuf, Result<SharedLayer>>);

impl SharedLayers {
    /// Packs the layers that `plans` name.
    pub fn pack(
        plans: &[Plan],
        root: &Path,
        request: &PackRequest,
        progress: ProgressCallback<'_>,
    ) -> Self {
        let mut out: BTreeMap<PathBuf, Result<SharedLayer>> = BTreeMap::new();
        for plan in plans {
            let Some(folder) = &plan.rust.shared_layer else {
                continue;
            };
            match out.entry(folder.clone()) {
                Slot::Occupied(mut slot) => {
                    if let Ok(layer) = slot.get_mut() {
                        layer.functions.push(plan.function.name.clone());
                    }
                }
                Slot::Vacant(slot) => {
                    let name = model::shown_path(folder, root);
                    progress(&format!("{name}: packing the layer"));
                    slot.insert(pack_one(folder, name, plan, request));
                }
            }
        }
        Self(out)
    }

    /// That of a function, if it has one.
    pub fn of(&self, plan: &Plan) -> Result<Option<&SharedLayer>> {
        match plan
            .rust
            .shared_layer
            .as_ref()
            .and_then(|dir| self.0.get(dir))
        {
            Some(Ok(layer)) => Ok(Some(layer)),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        }
    }

    pub fn report(&self) -> Vec<model::SharedLayer> {
        let packed = self.0.values().filter_map(|layer| layer.as_ref().ok());
        packed.map(SharedLayer::report).collect()
    }
}

fn pack_one(
    folder: &Path,
    name: String,
    plan: &Plan,
    request: &PackRequest,
) -> Result<SharedLayer> {
    if !folder.is_dir() {
        return Err(Box::new(
            Diagnostic::error(LAYER, format!("the layer `{name}` is not a folder"))
                .at_file(folder)
                .help("name a folder of the project with `shared-layer`: its content is placed in `/opt`, and shared libraries are searched in its `lib`"),
        ));
    }
    let mut files = files(folder, plan, request)?;
    let warnings = leave_secrets_out(&mut files, &[], plan, None)?;
    if files.is_empty() {
        return Err(Box::new(
            Diagnostic::error(LAYER, format!("the layer `{name}` is empty"))
                .at_file(folder)
                .help("put the shared files into it, or remove `shared-layer`"),
        ));
    }
    let options = PackOptions {
        compression: plan.zip.compression.value,
        links: plan.zip.links.value,
    };
    let file = name.trim_start_matches("../");
    let packed = pack(
        &files,
        &zip_path(request, &format!("{file}.layer")),
        options,
    )?;
    let scratch = Scratch::new()?;
    unpack(&packed.path, &scratch.path().join("layer"))?;
    Ok(SharedLayer {
        name,
        packed,
        files,
        functions: vec![plan.function.name.clone()],
        warnings,
        scratch,
    })
}

/// All that lies in the folder, but what its own `.serverlessignore` leaves out.
fn files(folder: &Path, plan: &Plan, request: &PackRequest) -> Result<Files> {
    let ignore = Ignore::build(folder, &["all".to_string()], &[])?;
    let mut out = Files::new();
    for (rel, found) in files_below(folder, request, &[".git"]) {
        if rel.name() == coldcut_core::ignore_rules::FILE || !ignore.decide(&rel).keep {
            continue;
        }
        let content = content(&rel, &found)?;
        let entry = Entry {
            content,
            reasons: vec![Reason::Included {
                pattern: format!("shared-layer = \"{}\"", shown(folder, plan)),
            }],
            package: None,
            source: Some(found.path),
        };
        out.insert(rel, entry);
    }
    Ok(out)
}

fn shown(folder: &Path, plan: &Plan) -> String {
    model::shown_path(folder, plan.root())
}

fn content(rel: &RelPath, found: &FoundFile) -> Result<Content> {
    if !found.is_link {
        return Ok(Content::File {
            path: found.path.clone(),
            bytes: found.bytes,
        });
    }
    let failed =
        |error: std::io::Error| Box::new(Diagnostic::io(LAYER, "read", &found.path, &error));
    let leads = std::fs::read_link(&found.path).map_err(failed)?;
    match leads.to_str().filter(|leads| rel.may_link_to(leads)) {
        Some(leads) => Ok(Content::Link(leads.to_string())),
        None => Err(Box::new(
            Diagnostic::error(LAYER, format!("the link `{rel}` leaves the layer"))
                .at_file(&found.path)
                .help("put the file itself into the layer's folder"),
        )),
    }
}
