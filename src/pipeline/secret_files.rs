//! Files with secrets do not ship by accident.
//!
//! In: what is about to ship. Out: the same without such files, and what is to be said: of those that the user
//! keeps, of those that the code is made of, and of those that were left out.

use std::path::PathBuf;

use globset::{GlobSet, GlobSetBuilder};

use crate::plan::Plan;
use coldcut_core::artifact::{Files, Reason, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::secrets;

/// Takes files with secrets out, unless the user keeps them or the handler is made of them. `inside`
/// are the files that a bundle is made of.
pub(super) fn leave_secrets_out(
    files: &mut Files,
    inside: &[(RelPath, PathBuf)],
    plan: &Plan,
    handler: Option<&RelPath>,
) -> Result<Vec<Diagnostic>> {
    let keep = keep_set(&plan.files.keep_secrets)?;
    let mut said = Vec::new();
    let mut left_out = Vec::new();
    for (rel, path) in inside {
        if let Some(secret) = secrets::scan(rel, path) {
            said.push(if keep.is_match(rel.as_str()) {
                secrets::kept(rel, secret)
            } else {
                secrets::in_code(rel, secret)
            });
        }
    }
    for (rel, entry) in &*files {
        let compiled = entry.reasons.contains(&Reason::Built);
        let origin = entry.origin().filter(|_| !compiled);
        let Some(secret) = origin.and_then(|path| secrets::scan(rel, path)) else {
            continue;
        };
        let needed = handler == Some(rel)
            || entry
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Handler | Reason::Imported { .. }));
        if keep.is_match(rel.as_str()) {
            said.push(secrets::kept(rel, secret));
        } else if needed {
            said.push(secrets::in_code(rel, secret));
        } else {
            left_out.push(rel.clone());
            said.push(secrets::left_out(rel, secret));
        }
    }
    for rel in left_out {
        files.remove(&rel);
    }
    Ok(said)
}

fn keep_set(globs: &[String]) -> Result<GlobSet> {
    let bad = |error: globset::Error| {
        Box::new(
            Diagnostic::error(
                coldcut_core::ignore_rules::BAD_GLOB,
                format!("`keep-secrets`: {error}"),
            )
            .help("`*` stands for a name, `**` for any folders"),
        )
    };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(globset::Glob::new(glob).map_err(bad)?);
    }
    set.build().map_err(bad)
}
