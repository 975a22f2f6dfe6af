//! Proof for Node.js functions: the artifact and the original, loaded alike and compared.
//!
//! In: a zip and the project context it came from. Out: a [`Proof`]. The original is laid out once for a
//! folder and each handler of it loaded once, however many ways are tried.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};

use crate::pack::{Packed, SizeCache};
use crate::pipeline::execution::{Execution, compare_executions};
use crate::pipeline::proofs;
use crate::pipeline::proofs::Proofs;
use crate::pipeline::{build_settings, layout, pack_measurement};
use crate::plan::Plan;
use coldcut_core::artifact::{Content, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest::Parts;
use coldcut_core::functions::Handler;
use coldcut_core::platform::Call;
use coldcut_js::build::{Built, ProjectContext};
use coldcut_js::packages::platform_fields::{Native, Target as Runs, is_native};
use coldcut_js::transpile::shipped_name;
use coldcut_report::model::Measured;
use coldcut_verify::{
    LoadOptions, Outcome, Proof, Provided, Scratch, Status, codes, compare, find_node, invoke,
    load, node_version, read_event, unpack, wanted_major,
};

/// What decides what an original does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ExecutionKey {
    handler: RelPath,
    export: Option<String>,
    /// JSON.
    event: Option<String>,
    env: Vec<(String, String)>,
}

/// What every proof about a project depends on: Node.js, and each byte of the project.
fn project_claim(context: &ProjectContext, sizes: &SizeCache, node: &Path) -> Parts {
    let mut claim = proofs::claim(node);
    for item in context.items() {
        claim.add(&item.name);
        if item.found.is_link {
            let target = std::fs::read_link(&item.found.path).unwrap_or_default();
            claim.add(target.to_string_lossy().as_bytes());
        } else {
            claim.add(sizes.digest(&item.found.path));
        }
    }
    for manifest in context.beyond() {
        claim.add(std::fs::read(manifest).unwrap_or_default());
    }
    claim
}

/// All that the proof of one artifact depends on: the project, the artifact, and what is asked of
/// both.
fn artifact_claim(
    mut claim: Parts,
    key: &ExecutionKey,
    wanted_major: Option<u32>,
    built: &Built,
    packed: &Packed,
) -> Parts {
    claim.add(&packed.sha256);
    claim.add(built.artifact.handler.as_str());
    claim.number(built.external.len() as u64);
    for package in built.external.keys() {
        claim.add(package);
    }
    claim.add(key.handler.as_str());
    for said in [&key.export, &key.event] {
        claim.number(u64::from(said.is_some()));
        claim.add(said.as_deref().unwrap_or_default());
    }
    claim.number(u64::from(wanted_major.unwrap_or_default()));
    for (key, value) in &key.env {
        claim.add(key).add(value);
    }
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

/// Packages that the artifact leaves to the platform.
fn provided(context: &ProjectContext, built: &Built) -> Option<Provided> {
    let packages: Vec<String> = built.external.keys().cloned().collect();
    (!packages.is_empty()).then(|| Provided {
        from: context.seen_from().to_path_buf(),
        packages,
    })
}

/// The original of one folder, and what its handlers did.
pub(super) struct OriginalProject {
    folder: Option<Scratch>,
    /// What Node.js needs to be told to run it.
    arguments: Vec<String>,
    executions: BTreeMap<ExecutionKey, Execution>,
    proofs: Proofs,
    /// What every claim starts with; the project is walked for it once.
    project: Option<Parts>,
    /// Earlier proofs do not count.
    again: bool,
}

impl OriginalProject {
    pub fn new(proofs: Proofs, again: bool) -> Self {
        Self {
            folder: None,
            arguments: Vec::new(),
            executions: BTreeMap::new(),
            proofs,
            project: None,
            again,
        }
    }

    /// Loads what was packed beside the original, unless an earlier run did so with the same
    /// content.
    pub fn prove(
        &mut self,
        context: &ProjectContext,
        sizes: &SizeCache,
        plan: &Plan,
        handler: &Handler,
        built: &Built,
        packed: &Packed,
    ) -> Result<Proof> {
        let _verify = tracing::info_span!("verify").entered();
        if !plan.verify.enabled.value {
            return Ok(Proof::new(
                Status::Unverified,
                "verification was switched off",
            ));
        }
        if !build_settings::host(plan).is_node() {
            let runtime = &plan.runtime.value;
            return Ok(Proof::new(
                Status::Unverified,
                format!(
                    "it runs in `{runtime}`, which is not Node.js: test it in that runtime before you deploy it"
                ),
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
        options.env.clone_from(&plan.verify.env);
        let event = plan.verify.event.as_deref().map(read_event).transpose()?;
        let key = ExecutionKey {
            handler: handler.file.clone(),
            export: handler.export.clone(),
            event,
            env: options.env.clone(),
        };
        let mut proof = if self.again {
            self.compare(context, plan, key, built, packed, options)?.0
        } else {
            let project = self
                .project
                .get_or_insert_with(|| project_claim(context, sizes, &options.node));
            let wanted_major = options.wanted_major;
            let claim = artifact_claim(project.clone(), &key, wanted_major, built, packed);
            let proofs = self.proofs.clone();
            proofs.recall(claim, || {
                self.compare(context, plan, key, built, packed, options)
            })?
        };
        if proof.status == Status::Equal && layout::call(plan, &built.external) == Call::Registered
        {
            proof
                .detail
                .push_str("; the functions that it registers were not called");
        }
        Ok(proof)
    }

    /// How long both take to load, in turn; `None` where either does not load or was not asked for.
    pub fn measure(
        &mut self,
        context: &ProjectContext,
        plan: &Plan,
        handler: &Handler,
        built: &Built,
        packed: &Packed,
        runs: u32,
    ) -> Result<Option<Measured>> {
        let node = find_node().filter(|_| runs > 0 && build_settings::host(plan).is_node());
        let Some(node) = node else {
            return Ok(None);
        };
        let _measure = tracing::info_span!("measure", runs).entered();
        let version = node_version(&node)?;
        let mut options = LoadOptions::new(node);
        options.export.clone_from(&handler.export);
        options.env.clone_from(&plan.verify.env);
        let root = self.lay_out(context)?;
        let source = shipped_name(&handler.file);
        let plain = LoadOptions {
            arguments: self.arguments.clone(),
            ..options.clone()
        };
        options.provided = provided(context, built);
        let folder = Scratch::new()?;
        let task = folder.path().join("task");
        unpack(&packed.path, &task)?;
        let file = &built.artifact.handler;
        let time = |root: &Path, file: &RelPath, options: &LoadOptions| -> Result<Option<f64>> {
            let loaded = load(root, file, options)?;
            Ok(match loaded.outcome {
                Outcome::Exports(_) => loaded.timing.load_ms,
                Outcome::Failed(_) => None,
            })
        };
        let times =
            pack_measurement::in_turn(runs, &mut || time(&root, &source, &plain), &mut || {
                time(&task, file, &options)
            })?;
        Ok(times.map(|times| times.measured(Some(version.to_string()), false)))
    }

    /// What both do now; and whether both did all that was asked of them.
    fn compare(
        &mut self,
        context: &ProjectContext,
        plan: &Plan,
        key: ExecutionKey,
        built: &Built,
        packed: &Packed,
        mut options: LoadOptions,
    ) -> Result<(Proof, bool)> {
        let (event, export) = (key.event.clone(), key.export.clone());
        let call = |root: &Path, file: &RelPath, options: &LoadOptions| {
            let (Some(event), Some(export)) = (&event, &export) else {
                return Ok(None);
            };
            invoke(root, file, export, event, options).map(Some)
        };
        let root = self.lay_out(context)?;
        let source = shipped_name(&key.handler);
        let plain = LoadOptions {
            arguments: self.arguments.clone(),
            ..options.clone()
        };
        let original = match self.executions.entry(key) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let loaded = load(&root, &source, &plain)?;
                slot.insert(Execution::after_load(loaded, || {
                    call(&root, &source, &plain)
                })?)
            }
        };
        options.provided = provided(context, built);
        let folder = Scratch::new()?;
        // The last part of the name is what code sees of it.
        let task = folder.path().join("task");
        unpack(&packed.path, &task)?;
        let file = &built.artifact.handler;
        let loaded = load(&task, file, &options)?;
        let artifact = Execution::after_load(loaded, || call(&task, file, &options))?;
        let mut proof = compare(&original.loaded, &artifact.loaded);
        // A fault of both is told apart from a difference.
        if proof.status == Status::Equal && proof.problem.is_none() {
            proof =
                compare_executions(proof, original, &artifact, || call(&root, &source, &plain))?;
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

    fn lay_out(&mut self, context: &ProjectContext) -> Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.path().join("task"));
        }
        let folder = Scratch::new()?;
        let root = folder.path().join("task");
        std::fs::create_dir_all(&root)
            .map_err(|error| Box::new(Diagnostic::io(codes::SCRATCH, "make", &root, &error)))?;
        self.arguments = context.original(&root)?;
        self.folder = Some(folder);
        Ok(root)
    }
}
