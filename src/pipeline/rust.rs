//! Packs one Rust function.

use std::path::PathBuf;
use std::time::Duration;

use crate::artifact::RelPath;
use crate::config::Strategy;
use crate::discover::model::Binary;
use crate::ignore::{Because, Ignore};
use crate::js::walk;
use crate::pack::{PackOptions, SizeCache, pack};
use crate::plan::Plan;
use crate::report::model::{self, StepName};
use crate::rust::{self, Built, Kind};
use crate::verify::{self, Bounds, Proof, Status};

use super::summary::{Done, Packaged, Step};
use super::{Attempt, Request, Say, target};

/// How long a binary may take until it asks for its first event: Lambda's own limit for the
/// init phase.
const INIT_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn pack_one(plan: &Plan, binary: &Binary, request: &Request, say: Say<'_>) -> Done {
    match try_pack(plan, binary, request, say) {
        Ok(done) => done,
        Err(error) => Done::failed(plan, vec![*error]),
    }
}

fn try_pack(
    plan: &Plan,
    binary: &Binary,
    request: &Request,
    say: Say<'_>,
) -> crate::diag::Result<Done> {
    let name = plan.function.name.as_str();
    say(&format!("{name}: building with cargo"));
    let cache = request.out.join("cargo");
    let built = rust::build(binary, &cache, &plan.arch.value)?;
    let dependencies = rust::dependencies(&binary.manifest, &binary.package)?;
    let assets = assets(plan, request)?;
    let artifact = rust::layout(name, &built, &assets)?;
    say(&format!("{name}: packing"));
    let options = PackOptions {
        compression: plan.compression.value,
        links: plan.links.value,
    };
    let packed = pack(&artifact, &target(request, name), options)?;
    say(&format!("{name}: verifying"));
    let proof = prove(plan, &packed.path)?;
    let mut done = Done::new(plan);
    done.attempts.push(Attempt {
        strategy: Strategy::Auto,
        status: proof.status,
        detail: proof.detail.clone(),
    });
    done.packaged = Some(Packaged {
        strategy: model::Strategy::Cargo,
        steps: steps(&built, &assets),
        proof,
        packed,
        artifact,
        dropped_by_rule: Default::default(),
        class_names: None,
        dev_packages: dependencies
            .iter()
            .filter(|dependency| dependency.kind != Kind::Linked)
            .map(|one| format!("{}@{} ({})", one.name, one.version, one.kind.as_str()))
            .collect(),
    });
    Ok(done)
}

/// Files that a setting asks for, with the pattern that does.
fn assets(plan: &Plan, request: &Request) -> crate::diag::Result<Vec<(RelPath, PathBuf, String)>> {
    let ignore = Ignore::build(plan.root(), &plan.rules_off, &plan.patterns)?;
    let listing = walk::files(plan.root(), &|path| {
        path == request.out
            || path
                .file_name()
                .is_some_and(|name| name == ".git" || name == "target" || name == "node_modules")
    });
    let mut out = Vec::new();
    for found in listing.files.into_iter().filter(|found| !found.is_link) {
        let Some(rel) = found
            .path
            .strip_prefix(plan.root())
            .ok()
            .and_then(RelPath::from_path)
        else {
            continue;
        };
        let decision = ignore.decide(&rel);
        if let (true, Some(Because::Pattern { text, .. })) = (decision.keep, decision.because) {
            out.push((rel, found.path, text));
        }
    }
    Ok(out)
}

fn steps(built: &Built, assets: &[(RelPath, PathBuf, String)]) -> Vec<Step> {
    let mut sizes = SizeCache::default();
    sizes.measure(
        assets
            .iter()
            .map(|(_, path, _)| path.as_path())
            .chain([built.path.as_path(), built.unstripped.as_path()]),
    );
    let beside: u64 = assets
        .iter()
        .map(|(_, path, _)| std::fs::metadata(path).map_or(0, |meta| meta.len()))
        .sum();
    let step = |name, binary: &PathBuf, bytes: u64| Step {
        name,
        detail: None,
        files: assets.len() as u64 + 1,
        unpacked_bytes: beside + bytes,
        zipped_bytes: sizes.zip_bytes(
            assets
                .iter()
                .map(|(rel, path, _)| (rel.as_str(), path.as_path()))
                .chain([("bootstrap", binary.as_path())]),
        ),
    };
    vec![
        step(None, &built.unstripped, built.unstripped_bytes),
        step(Some(StepName::Strip), &built.path, built.stripped_bytes),
    ]
}

fn prove(plan: &Plan, zip: &std::path::Path) -> crate::diag::Result<Proof> {
    if !plan.verify.value {
        return Ok(Proof::new(
            Status::Unverified,
            "verification was switched off",
        ));
    }
    let folder = verify::Scratch::new()?;
    verify::unpack(zip, folder.path())?;
    let bounds = Bounds {
        timeout: INIT_LIMIT,
        ..Bounds::default()
    };
    let event = plan.event.as_deref().map(verify::read_event).transpose()?;
    Ok(verify::start_bootstrap(folder.path(), event.as_deref(), &plan.env, bounds)?.proof())
}
