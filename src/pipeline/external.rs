//! What a Node.js function leaves to its platform.
//!
//! In: a plan and the packages on disk. Out: for each package name, whether and why it is left
//! out; and what the rule for the AWS SDK decided, for the report.

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::plan::Plan;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::ignore_rules::BAD_GLOB;
use coldcut_core::platform::{Declared, Runtime};
use coldcut_core::settings::SdkChoice;

/// The packages left out of one function.
pub(super) struct ExternalPackages {
    named: GlobSet,
    runtime: Runtime,
    choice: SdkChoice,
    declared: Declared,
}

impl ExternalPackages {
    pub fn new(plan: &Plan, declared: Declared, choice: SdkChoice) -> Result<Self> {
        let mut named = GlobSetBuilder::new();
        for name in &plan.packages.external {
            let glob = Glob::new(name).map_err(|error| {
                Box::new(
                    Diagnostic::error(BAD_GLOB, format!("`--external {name}`: {error}"))
                        .help("give a package's name, or `@scope/*` for a whole scope"),
                )
            })?;
            named.add(glob);
        }
        let named = named.build().map_err(|error| {
            Box::new(Diagnostic::error(
                BAD_GLOB,
                format!("`--external`: {error}"),
            ))
        })?;
        Ok(Self {
            named,
            runtime: plan.platform.runtime(&plan.runtime.value)?.clone(),
            choice,
            declared,
        })
    }

    /// Why a package is left out; `None` where it ships.
    pub fn reason(&self, name: &str) -> Option<String> {
        if self.named.is_match(name) {
            return Some("named as external".to_string());
        }
        self.runtime
            .is_external(self.choice, self.declared, name)
            .map(|reason| reason.to_string())
    }
}
