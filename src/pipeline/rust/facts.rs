//! What the report says of a binary.
//!
//! In: a [`Built`]. Out: [`model::Rust`].

use std::path::Path;

use crate::plan::Plan;
use crate::report::model;
use crate::report::model::rust::{
    BinarySizes, CrateBytes, FunctionBytes, Needs, RestBytes, SectionBytes,
};
use crate::rust::{Built, Crates, Sizes};

/// How many functions the report names.
const FUNCTIONS: usize = 40;

pub(super) fn facts(plan: &Plan, built: &Built, debug_file: Option<&Path>) -> model::Rust {
    let runtime = plan.platform.runtime(&plan.runtime.value).ok();
    model::Rust {
        profile: plan.rust_profile.value.as_str().to_string(),
        panic: built.panic.as_str().to_string(),
        target: built.triple.clone(),
        needs: Needs {
            interpreter: built.native.interpreter.clone(),
            glibc: built.native.glibc.map(|version| version.to_string()),
            platform_glibc: runtime.and_then(|runtime| runtime.glibc.clone()),
            libraries: built.native.needed.clone(),
        },
        debug_file: debug_file.map(super::super::summary::shown),
        sizes: sizes(&built.record.sizes, &built.record.crates),
        findings: Vec::new(),
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
