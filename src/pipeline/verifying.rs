//! Proof for Node.js functions: the artifact and the original, loaded alike and compared.
//!
//! In: a zip and the workshop it came from. Out: a [`Proof`]. The original is laid out once for a
//! folder and each handler of it loaded once, however many ways are tried.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};

use super::proofs::{Claim, Proofs};
use super::whole::{Whole, alike};
use crate::artifact::{Content, RelPath};
use crate::diag::{Diagnostic, Result};
use crate::discover::model::Handler;
use crate::js::build::{Built, Workshop};
use crate::js::emit::shipped_name;
use crate::js::native::{Native, Target as Runs, is_native};
use crate::pack::{Packed, SizeCache};
use crate::plan::Plan;
use crate::verify::{
    LoadOptions, Proof, Provided, Scratch, Status, codes, compare, find_node, invoke, load,
    read_event, unpack, wanted_major,
};

/// What decides what an original does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    handler: RelPath,
    export: Option<String>,
    /// JSON.
    event: Option<String>,
    env: Vec<(String, String)>,
}

/// All that the proof of an artifact depends on: the whole project, the artifact, and what is
/// asked of both.
fn claim(
    shop: &Workshop,
    sizes: &SizeCache,
    asked: &Asked,
    options: &LoadOptions,
    built: &Built,
    packed: &Packed,
) -> Claim {
    let mut claim = Claim::new(&options.node);
    claim.add(&packed.sha256);
    claim.add(built.artifact.handler.as_str());
    for item in shop.items() {
        claim.add(&item.name);
        if item.found.is_link {
            let target = std::fs::read_link(&item.found.path).unwrap_or_default();
            claim.add(target.to_string_lossy().as_bytes());
        } else {
            claim.add(sizes.digest(&item.found.path));
        }
    }
    for manifest in shop.beyond() {
        claim.add(std::fs::read(manifest).unwrap_or_default());
    }
    for package in built.external.keys() {
        claim.add(package);
    }
    claim.add(asked.handler.as_str());
    for said in [&asked.export, &asked.event] {
        claim.number(u64::from(said.is_some()));
        claim.add(said.as_deref().unwrap_or_default());
    }
    for (key, value) in &asked.env {
        claim.add(key).add(value);
    }
    claim.number(u64::from(options.wanted_major.unwrap_or_default()));
    claim
}

/// A native file of the artifact that is for another machine than this one, and what it is for.
fn built_elsewhere(built: &Built) -> Option<String> {
    let here = Runs::new(std::env::consts::ARCH, None, None);
    built.artifact.files.iter().find_map(|(at, entry)| {
        let Content::File { path, .. } = &entry.content else {
            return None;
        };
        let native = is_native(path).then(|| Native::read(path)).flatten()?;
        let alien = !cfg!(target_os = "linux") || native.arch.as_deref() != Some(here.arch);
        alien.then(|| format!("`{at}` for {native}"))
    })
}

/// The original of one folder, and what its handlers did.
pub(super) struct Originals {
    folder: Option<Scratch>,
    wholes: BTreeMap<Asked, Whole>,
    proofs: Proofs,
    /// Earlier proofs do not count.
    again: bool,
}

impl Originals {
    pub fn new(proofs: Proofs, again: bool) -> Self {
        Self {
            folder: None,
            wholes: BTreeMap::new(),
            proofs,
            again,
        }
    }

    /// Loads what was packed beside the original, unless an earlier run did so with the same
    /// content.
    pub fn prove(
        &mut self,
        shop: &Workshop,
        sizes: &SizeCache,
        plan: &Plan,
        handler: &Handler,
        built: &Built,
        packed: &Packed,
    ) -> Result<Proof> {
        if !plan.verify.value {
            return Ok(Proof::new(
                Status::Unverified,
                "verification was switched off",
            ));
        }
        let Some(node) = find_node() else {
            return Ok(Proof::new(
                Status::Unverified,
                "there is no `node` on the PATH to load it with",
            ));
        };
        let mut options = LoadOptions::new(node);
        options.export.clone_from(&handler.export);
        options.wanted_major = wanted_major(&plan.runtime.value);
        options.env.clone_from(&plan.env);
        let event = plan.event.as_deref().map(read_event).transpose()?;
        let asked = Asked {
            handler: handler.file.clone(),
            export: handler.export.clone(),
            event,
            env: options.env.clone(),
        };
        if self.again {
            return Ok(self.compare(shop, plan, asked, built, packed, options)?.0);
        }
        let claim = claim(shop, sizes, &asked, &options, built, packed);
        let proofs = self.proofs.clone();
        proofs.recall(claim, || {
            self.compare(shop, plan, asked, built, packed, options)
        })
    }

    /// What both do now; and whether both did all that was asked of them.
    fn compare(
        &mut self,
        shop: &Workshop,
        plan: &Plan,
        asked: Asked,
        built: &Built,
        packed: &Packed,
        mut options: LoadOptions,
    ) -> Result<(Proof, bool)> {
        let (event, export) = (asked.event.clone(), asked.export.clone());
        let call = |root: &Path, file: &RelPath, options: &LoadOptions| {
            let (Some(event), Some(export)) = (&event, &export) else {
                return Ok(None);
            };
            invoke(root, file, export, event, options).map(Some)
        };
        let root = self.lay_out(shop)?;
        let source = shipped_name(&asked.handler);
        let original = match self.wholes.entry(asked) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let loaded = load(&root, &source, &options)?;
                slot.insert(Whole::of(loaded, || call(&root, &source, &options))?)
            }
        };
        let plain = options.clone();
        let packages: Vec<String> = built.external.keys().cloned().collect();
        if !packages.is_empty() {
            options.provided = Some(Provided {
                from: plan.root().clone(),
                packages,
            });
        }
        let folder = Scratch::new()?;
        // The last part of the name is what code sees of it.
        let task = folder.path().join("task");
        unpack(&packed.path, &task)?;
        let file = &built.artifact.handler;
        let loaded = load(&task, file, &options)?;
        let artifact = Whole::of(loaded, || call(&task, file, &options))?;
        let mut proof = compare(&original.loaded, &artifact.loaded);
        // A fault of both is told apart from a difference.
        if proof.status == Status::Equal && proof.problem.is_none() {
            proof = alike(proof, original, &artifact, || call(&root, &source, &plain))?;
        }
        if proof.status == Status::Differs
            && let Some(native) = built_elsewhere(built)
        {
            // No fault of the artifact's: this machine cannot load what the function's can.
            proof = Proof::new(
                Status::Unverified,
                format!("it needs {native}, which this machine cannot load"),
            );
        }
        // The copy is not what the user wrote: a fault of both is shown where it is.
        if let Some(problem) = &mut proof.problem {
            problem.relocate(&task, plan.root());
        }
        let amounts = original.loaded.amount.zip(artifact.loaded.amount);
        proof.amounts = amounts;
        Ok((proof, original.is_sound() && artifact.is_sound()))
    }

    fn lay_out(&mut self, shop: &Workshop) -> Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.path().join("task"));
        }
        let folder = Scratch::new()?;
        let root = folder.path().join("task");
        std::fs::create_dir_all(&root)
            .map_err(|error| Box::new(Diagnostic::io(codes::SCRATCH, "make", &root, &error)))?;
        shop.original(&root)?;
        self.folder = Some(folder);
        Ok(root)
    }
}
