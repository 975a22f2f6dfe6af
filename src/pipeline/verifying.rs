//! Proof for Node.js functions: the artifact and the original, loaded alike and compared.
//!
//! In: a zip and the workshop it came from. Out: a [`Proof`]. The original is laid out once for a
//! folder and each handler of it loaded once, however many ways are tried.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::artifact::Content;
use crate::diag::{Diagnostic, Result};
use crate::discover::model::Handler;
use crate::js::build::{Built, Workshop};
use crate::js::emit::shipped_name;
use crate::js::native::{Native, Target as Runs, is_native};
use crate::pack::Packed;
use crate::plan::Plan;
use crate::verify::{
    LoadOptions, Loaded, Proof, Provided, Scratch, Status, codes, compare, find_node, load, unpack,
    wanted_major,
};

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
#[derive(Default)]
pub(super) struct Originals {
    folder: Option<Scratch>,
    loaded: BTreeMap<(String, Option<String>), Loaded>,
}

impl Originals {
    /// Loads what was packed beside the original.
    pub fn prove(
        &mut self,
        shop: &Workshop,
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
        let key = (handler.file.to_string(), handler.export.clone());
        if !self.loaded.contains_key(&key) {
            let root = self.lay_out(shop)?;
            let original = load(&root, &shipped_name(&handler.file), &options)?;
            self.loaded.insert(key.clone(), original);
        }
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
        let artifact = load(&task, &built.artifact.handler, &options)?;
        let proof = match self.loaded.get(&key) {
            Some(original) => compare(original, &artifact),
            None => Proof::new(Status::Unverified, "the original was not loaded"),
        };
        let mut proof = match built_elsewhere(built) {
            // No fault of the artifact's: this machine cannot load what the function's can.
            Some(native) if proof.status == Status::Differs => Proof::new(
                Status::Unverified,
                format!("it needs {native}, which this machine cannot load"),
            ),
            _ => proof,
        };
        // The copy is not what the user wrote: a fault of both is shown where it is.
        if let Some(problem) = &mut proof.problem {
            problem.relocate(&task, plan.root());
        }
        Ok(proof)
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
