//! Budgets and the baseline of a run: read before anything is packed, judged afterwards.
//!
//! In: the project's settings, the flags, a baseline file. Out: [`Budgets`], and the report with its
//! comparison and what became of each budget. Flags stand above a function's own settings, and those
//! above the project's.

use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::functions::Project;
use coldcut_core::settings::{BudgetLimits, Settings};
use coldcut_report::budgets;
use coldcut_report::budgets::{Rule, Scope};
use coldcut_report::compare::compare;
use coldcut_report::model::Report;
use coldcut_report::snapshot;
use coldcut_report::snapshot::Snapshot;

use crate::pipeline::outcome::{PackOutcome, RunStatus};
use crate::pipeline::request::PackRequest;

/// What the report will be held against.
pub(super) struct Budgets {
    rules: Vec<Rule>,
    baseline: Option<Snapshot>,
}

impl Budgets {
    /// Everything that is asked for, checked against the functions that there are.
    pub fn read(project: &Project, request: &PackRequest) -> Result<Self> {
        let baseline = request.report.baseline.as_deref();
        let baseline = baseline
            .map(|path| snapshot::read(path, false))
            .transpose()?;
        let mut rules = rules_of_settings(None, &project.settings)?;
        for settings in &project.framework_settings {
            override_rules(&mut rules, rules_of_settings(None, settings)?);
        }
        for function in &project.functions {
            for settings in [&function.settings, &function.framework_settings] {
                override_rules(
                    &mut rules,
                    rules_of_settings(Some(&function.name), settings)?,
                );
            }
        }
        let mut flagged = Vec::new();
        for text in &request.report.budgets {
            flagged.extend(budgets::flag(text)?);
        }
        if request.report.baseline.is_none() && request.report.baseline_ref.is_none() {
            budgets::check_growth(&flagged)?;
        }
        override_rules(&mut rules, flagged);
        let names: Vec<&str> = project
            .functions
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        budgets::check_names(&rules, &names)?;
        Ok(Self { rules, baseline })
    }

    /// Sets what is compared with, where that had to be packed first.
    pub fn compare_with(&mut self, baseline: Snapshot) {
        self.baseline = Some(baseline);
    }

    /// Adds the comparison and the budgets to the report, and what they say to the outcome.
    pub fn judge(&self, outcome: &mut PackOutcome) {
        let report: &mut Report = &mut outcome.report;
        let mut baseline = self.baseline.clone();
        // Of a shard, the other functions are neither gone nor in the sums.
        let (sums, rules): (Vec<Rule>, Vec<Rule>) = self
            .rules
            .iter()
            .cloned()
            .partition(|rule| report.shard.is_some() && rule.scope == Scope::Sum);
        if report.shard.is_some()
            && let Some(baseline) = &mut baseline
        {
            let here = |name: &str| report.functions.iter().any(|one| one.name == name);
            baseline.functions.retain(|one| here(&one.name));
        }
        if let Some(baseline) = &baseline {
            report.comparison = Some(compare(baseline, &Snapshot::from_report(report, "")));
        }
        report.budgets = budgets::judge(&rules, report, baseline.as_ref());
        if budgets::failed(&report.budgets) {
            outcome.status = outcome.status.max(RunStatus::OverBudget);
        }
        let said: Vec<Diagnostic> = budgets::findings(&report.budgets);
        outcome.diagnostics.extend(said);
        let left_to_merge = sums.iter().map(budgets::left_to_merge);
        outcome.report.budgets.extend(left_to_merge);
    }
}

fn rules_of_settings(function: Option<&str>, settings: &Settings) -> Result<Vec<Rule>> {
    let mut out = Vec::new();
    for (name, limits) in &settings.report.budget {
        let texts: &[String] = match limits {
            BudgetLimits::One(text) => std::slice::from_ref(text),
            BudgetLimits::Several(texts) => texts,
        };
        for text in texts {
            out.extend(budgets::rules(function, name, text)?);
        }
    }
    Ok(out)
}

fn override_rules(rules: &mut Vec<Rule>, above: Vec<Rule>) {
    rules.retain(|rule| !above.iter().any(|over| over.replaces(rule)));
    rules.extend(above);
}
