//! `coldcut pack` and `coldcut check`: functions in, zips and a report out.

use crate::cli::args::PackArgs;
use crate::cli::exit::{DONE, FAILED, OVER_BUDGET, UNVERIFIED, WRONG, failed};
use crate::cli::output::{print, style};
use crate::cli::progress::Progress;
use crate::cli::{check, diagnose, report_files, request, terraform, watch};
use crate::pipeline;
use crate::pipeline::RunStatus;

/// Packs and gives the exit status; `check` prints the budgets instead of the report.
pub(super) fn run(args: &PackArgs, matches: &clap::ArgMatches, check: bool) -> i32 {
    let request = match request::pack(args, matches) {
        Ok(request) => request,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    if args.outputs.watch {
        return watch::run(&request);
    }
    let progress = Progress::new();
    let outcome = pipeline::run(&request, &|what| progress.say(what));
    progress.done();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(errors) => return failed(&errors),
    };
    if args.report.terraform {
        // Whoever reads this takes all of it for what can be deployed.
        if outcome.status == RunStatus::Succeeded {
            print(&terraform::text(&outcome.report));
        }
    } else if args.report.json {
        match coldcut_report::json::render(&outcome.report) {
            Ok(text) => {
                print(&text);
            }
            Err(error) => return failed(&[*error]),
        }
    } else if check {
        print(&check::text(&outcome.report));
    } else if !outcome.report.functions.is_empty() {
        print(&coldcut_report::terminal::render(&outcome.report, style()));
    } else if let Some(shard) = outcome.report.shard
        && outcome.status == RunStatus::Succeeded
    {
        print(&format!(
            "shard {} of {} has no function\n",
            shard.number, shard.of
        ));
    }
    diagnose::print(&outcome.diagnostics);
    if let Err(error) = report_files::write(&args.report.reports, &outcome.report) {
        return failed(&[*error]);
    }
    match outcome.status {
        RunStatus::Succeeded => DONE,
        RunStatus::OverBudget => OVER_BUDGET,
        RunStatus::VerificationFailed => UNVERIFIED,
        RunStatus::Failed => FAILED,
    }
}
