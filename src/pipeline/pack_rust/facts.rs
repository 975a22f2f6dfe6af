//! What the report says of a binary.
//!
//! In: a [`Built`]. Out: [`model::Rust`].

use std::path::Path;

use crate::pack::zip_of_one;
use crate::pipeline::artifact_file::path_from_here;
use crate::plan::Plan;
use coldcut_core::disk::length;
use coldcut_report::model;
use coldcut_report::model::rust::{
    BinarySizes, CrateBytes, FunctionBytes, Needs, ProfileTrial, RestBytes, SectionBytes, WhatIf,
};
use coldcut_rust::{Built, Crates, Finding, ProfileBuild, Sizes};

fn findings(found: &[Finding]) -> Vec<model::rust::Finding> {
    let all = found.iter().map(|one| model::rust::Finding {
        kind: one.kind.clone(),
        subject: one.subject.clone(),
        bytes: one.bytes,
        message: one.message.clone(),
        change: one.change.clone(),
    });
    all.collect()
}

/// Every profile side by side.
pub(super) fn profiles(plan: &Plan, trials: &[ProfileBuild]) -> Vec<ProfileTrial> {
    let all = trials.iter().map(|trial| ProfileTrial {
        profile: trial.name.clone(),
        bytes: length(&trial.path),
        zipped_bytes: zip_of_one(&trial.path, plan.zip.compression.value),
        build_ms: Some(trial.build_ms),
        panic: trial.panic.as_str().to_string(),
        chosen: trial.name == plan.rust.profile.value.as_str(),
    });
    all.collect()
}

/// What each build without a cause saved.
pub(super) fn what_if(plan: &Plan, built: &Built, found: &[coldcut_rust::WhatIf]) -> Vec<WhatIf> {
    let saved = |before: u64, after: u64| i64::try_from(before).ok()?.checked_sub_unsigned(after);
    let weigh = |path: &Path| zip_of_one(path, plan.zip.compression.value);
    let all = found.iter().map(|one| {
        let path = one.result.as_ref().ok();
        WhatIf {
            cause: one.cause.name.clone(),
            change: one.cause.change.clone(),
            price: one.cause.price.clone(),
            bytes: path.map(|path| length(path)),
            saved_bytes: path.and_then(|path| saved(length(&built.path), length(path))),
            saved_zipped_bytes: path.and_then(|path| saved(weigh(&built.path), weigh(path))),
            failed: one.result.as_ref().err().cloned(),
        }
    });
    all.collect()
}

/// How many functions the report names.
const FUNCTIONS: usize = 40;

pub(super) fn facts(plan: &Plan, built: &Built, debug_file: Option<&Path>) -> model::Rust {
    let runtime = plan.platform.runtime(&plan.runtime.value).ok();
    model::Rust {
        profile: plan.rust.profile.value.as_str().to_string(),
        panic: built.panic.as_str().to_string(),
        target: built.triple.clone(),
        needs: Needs {
            interpreter: built.native.interpreter.clone(),
            glibc: built.native.glibc.map(|version| version.to_string()),
            platform_glibc: runtime.and_then(|runtime| runtime.glibc.clone()),
            libraries: built.native.needed.clone(),
        },
        debug_file: debug_file.map(path_from_here),
        sizes: sizes(&built.record.sizes, &built.record.crates),
        findings: findings(&built.record.findings),
        profiles: Vec::new(),
        what_if: Vec::new(),
    }
}

fn sizes(sizes: &Sizes, crates: &Crates) -> BinarySizes {
    let versions = |name: &str| -> Vec<String> {
        let all = crates.linked().filter(|one| one.crate_name == name);
        all.map(|one| one.version.clone()).collect()
    };
    BinarySizes {
        file_bytes: sizes.file_bytes,
        crates: sizes
            .crates
            .iter()
            .map(|share| CrateBytes {
                name: share.name.clone(),
                versions: versions(&share.name),
                code_bytes: share.code_bytes,
                data_bytes: share.data_bytes,
                unwind_bytes: share.unwind_bytes,
                bytes: share.bytes(),
            })
            .collect(),
        rest: sizes
            .rest
            .iter()
            .map(|rest| RestBytes {
                name: rest.name.clone(),
                what: rest.what.clone(),
                bytes: rest.bytes,
            })
            .collect(),
        functions: sizes
            .functions
            .iter()
            .take(FUNCTIONS)
            .map(|function| FunctionBytes {
                name: function.name.clone(),
                krate: function.krate.clone(),
                copies: function.copies,
                bytes: function.bytes,
            })
            .collect(),
        sections: sizes
            .sections
            .iter()
            .map(|(name, bytes)| SectionBytes {
                name: name.clone(),
                bytes: *bytes,
            })
            .collect(),
    }
}
