//! References to native files that cannot be loaded where the function runs.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::{GraphModuleId, ModuleGraph};
use crate::packages::platform_fields::Target as RunsOn;
use crate::trace::native_fit;
use coldcut_core::diagnostics::{Diagnostic, Severity};

/// Each module is checked when it is first asked about, so that only what ships is complained of.
pub(super) struct NativeMisfits<'a> {
    graph: &'a ModuleGraph,
    runs: &'a RunsOn,
    dropped: RefCell<FxHashMap<GraphModuleId, FxHashSet<usize>>>,
    warnings: RefCell<Vec<Diagnostic>>,
}

impl<'a> NativeMisfits<'a> {
    pub fn new(graph: &'a ModuleGraph, runs: &'a RunsOn) -> Self {
        Self {
            graph,
            runs,
            dropped: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Whether the reference at place `at` among those of `by` leads to such a file.
    pub fn has(&self, by: GraphModuleId, at: usize) -> bool {
        let mut dropped = self.dropped.borrow_mut();
        let dropped = dropped.entry(by).or_insert_with(|| {
            let checked =
                native_fit::check_native_references(self.graph, by, self.runs, &|_| false);
            let findings = checked.findings.into_iter();
            let warnings = findings.map(|finding| Diagnostic {
                severity: Severity::Warning,
                ..finding.diagnostic
            });
            self.warnings.borrow_mut().extend(warnings);
            checked.dropped
        });
        dropped.contains(&at)
    }

    /// What is to be said of the modules that were asked about.
    pub fn into_warnings(self) -> Vec<Diagnostic> {
        self.warnings.into_inner()
    }
}
