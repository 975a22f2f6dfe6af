//! `coldcut merge`: one report of several.

use coldcut_report::merge::{merge, read};
use coldcut_report::model::Report;
use coldcut_report::{budgets, json, snapshot, terminal};

use crate::cli::args::MergeArgs;
use crate::cli::codes::REPORT_UNWRITABLE;
use crate::cli::exit::{DONE, OVER_BUDGET, WRONG, failed};
use crate::cli::output::{print, style};
use crate::cli::{diagnose, report_files};
use coldcut_core::diagnostics::{Diagnostic, Result};

pub fn run(args: &MergeArgs) -> i32 {
    if let Some(path) = report_files::beyond_json(&args.reports) {
        let message = format!(
            "`{}` needs data that a JSON report does not contain",
            path.display()
        );
        let error = Diagnostic::error(REPORT_UNWRITABLE, message)
            .help("write this file with `coldcut pack --report`, once for each part");
        diagnose::print(&[error]);
        return WRONG;
    }
    let report = match merged(args) {
        Ok(report) => report,
        Err(error) => return failed(&[*error]),
    };
    if args.json {
        match json::render(&report) {
            Ok(text) => print(&text),
            Err(error) => return failed(&[*error]),
        };
    } else if !report.functions.is_empty() {
        print(&terminal::render(&report, style()));
    }
    diagnose::print(&budgets::findings(&report.budgets));
    if let Err(error) = report_files::write(&args.reports, &report) {
        return failed(&[*error]);
    }
    match budgets::failed(&report.budgets) {
        true => OVER_BUDGET,
        false => DONE,
    }
}

fn merged(args: &MergeArgs) -> Result<Report> {
    let parts = args.inputs.iter().map(|path| read(path));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let mut rules = Vec::new();
    for text in &args.budgets {
        rules.extend(budgets::flag(text)?);
    }
    let baseline = args.baseline.as_deref();
    let baseline = baseline
        .map(|path| snapshot::read(path, false))
        .transpose()?;
    merge(parts, rules, baseline.as_ref())
}
