//! The report of a run, from what became of its functions.
//!
//! In: one [`FunctionResult`] for each function. Out: the [`PackOutcome`] of the run. No file is read:
//! what the report says of files was gathered where the function was packed.

use crate::pipeline::function_report::function_report;
use crate::pipeline::outcome::{PackOutcome, RunStatus};
use crate::pipeline::packed_function::{FunctionResult, PackedFunction};
use crate::pipeline::request::{CostAssumptions, ReportExtras};
use coldcut_core::diagnostics::{Diagnostic, Location, Severity};
use coldcut_core::functions::{FunctionKind, Project};
use coldcut_report::model;
use coldcut_report::model::Report;
use coldcut_verify::Status;

/// The report as it grows.
pub(super) struct ReportBuilder<'a> {
    project: &'a Project,
    functions: Vec<model::Function>,
    pub diagnostics: Vec<Diagnostic>,
    general: Vec<Diagnostic>,
    status: RunStatus,
    cost_assumptions: CostAssumptions,
    extras: ReportExtras,
}

impl<'a> ReportBuilder<'a> {
    pub fn new(
        project: &'a Project,
        cost_assumptions: &CostAssumptions,
        extras: ReportExtras,
    ) -> Self {
        Self {
            project,
            cost_assumptions: cost_assumptions.clone(),
            functions: Vec::new(),
            diagnostics: Vec::new(),
            general: project.warnings.clone(),
            status: RunStatus::Succeeded,
            extras,
        }
    }

    pub fn add(&mut self, mut result: FunctionResult) {
        let runtime = result.plan.platform.runtime(&result.plan.runtime.value);
        match runtime {
            Ok(runtime) => {
                let rust = matches!(result.plan.function.kind, FunctionKind::Rust(_));
                if let Ok(instead) = result.plan.platform.default_runtime(rust) {
                    result.warnings.extend(runtime.deprecation(instead));
                }
            }
            Err(error) if result.errors.is_empty() => result.errors.push(*error),
            Err(_) => {}
        }
        if let Some(packed_function) = result.packed.take() {
            if packed_function.proof.status == Status::Differs {
                self.status = self.status.max(RunStatus::VerificationFailed);
                self.diagnostics.push(differs(&result, &packed_function));
            }
            let (function, over) = function_report(
                &result,
                packed_function,
                &self.cost_assumptions,
                self.extras,
            );
            result.errors.extend(over);
            self.functions.push(function);
        }
        if !result.errors.is_empty() {
            self.status = self.status.max(RunStatus::Failed);
        }
        // Functions of one project share files, and so what is wrong with them.
        for diagnostic in result.errors.into_iter().chain(result.warnings) {
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    pub fn finish(self) -> PackOutcome {
        let root = &self.project.root;
        let project = model::Project {
            name: self.project.name.clone(),
            root: None,
        };
        let skipped = self
            .project
            .skipped
            .iter()
            .map(|skipped| model::Skipped {
                name: skipped.name.clone(),
                why: skipped.why.clone(),
                path: Some(model::shown_path(&skipped.declared.path, root)),
                line: skipped.declared.line,
            })
            .collect();
        let warnings = model::Warning::all(&self.general, root);
        PackOutcome {
            report: Report::new(project, self.functions, skipped, warnings),
            diagnostics: self.diagnostics,
            status: self.status,
        }
    }
}

fn differs(result: &FunctionResult, packed_function: &PackedFunction) -> Diagnostic {
    let at = Location::file(&packed_function.packed.path);
    let mut out = Diagnostic::error(
        coldcut_verify::codes::DIFFERS,
        format!(
            "the artifact of `{}` does not do what the original does",
            result.name
        ),
    )
    .note(packed_function.proof.detail.clone())
    .at(at)
    .help("the zip is kept for inspection; do not deploy it before the difference is understood");
    out.severity = Severity::Error;
    out
}
