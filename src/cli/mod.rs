//! The command line: the only room that prints, and the one that gives the exit status.

pub mod args;
mod bundle;
mod check;
mod codes;
mod diagnose;
mod diff;
mod exit;
mod init;
mod inputs;
mod key_values;
mod man_and_schema;
mod measure;
mod merge;
mod observe;
mod output;
mod pack;
mod progress;
mod report_files;
mod request;
mod terraform;
mod threads;
mod timings;
mod trace;
mod verify;
mod watch;
mod why;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::pipeline;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_verify::isolate;

use crate::cli::args::{Cli, Command, RunArgs};
use crate::cli::exit::{DONE, WRONG};

/// Runs one command line and gives its exit status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let matches = match Cli::command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let status = if error.use_stderr() { WRONG } else { DONE };
            let _ = error.print();
            return status;
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return WRONG;
        }
    };
    let Some((_, inner)) = matches.subcommand() else {
        return WRONG;
    };
    // Before the first thread, which waits for signals: a process with two cannot be cut off.
    let isolation = runs(&cli.command).map(|run| isolate(run.allow_network));
    catch_signals();
    let timings = timings::install(wants_timings(&cli.command));
    let status = run_command(cli.command, inner, isolation);
    if let Some(timings) = timings {
        timings.print();
    }
    status
}

/// Whether a table of what each stage took is asked for.
fn wants_timings(command: &Command) -> bool {
    match command {
        Command::Pack(args) | Command::Check(args) => args.report.timings,
        Command::Bundle(args) => args.timings,
        _ => false,
    }
}

fn run_command(
    command: Command,
    inner: &clap::ArgMatches,
    isolation: Option<coldcut_verify::Isolation>,
) -> i32 {
    match command {
        Command::Verify(args) => verify::run(&args, isolation),
        Command::Measure(args) => measure::run(&args, isolation),
        Command::Observe(args) => observe::run(&args),
        Command::Pack(args) => pack::run(&args, inner, false),
        Command::Check(args) => pack::run(&args, inner, true),
        Command::Diff(args) => diff::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Why(args) => why::run(&args, inner),
        Command::Inputs(args) => inputs::run(&args, inner),
        Command::Rules => man_and_schema::rules(),
        Command::Schema { what } => man_and_schema::schema(what),
        Command::Init(args) => init::run(&args),
        Command::Man { command } => man_and_schema::man(command.as_deref()),
        Command::Completions { shell } => man_and_schema::completions(shell),
    }
}

/// How a command runs an artifact, where its whole work is to run one.
fn runs(command: &Command) -> Option<&RunArgs> {
    match command {
        Command::Verify(args) => Some(&args.run),
        Command::Measure(args) => Some(&args.run),
        _ => None,
    }
}

/// On Ctrl-C and its like: nothing half-written stays, since what is being written lies in
/// temporary files beside its target.
fn catch_signals() {
    // Without a handler the process ends all the same, only less tidily.
    let _ = ctrlc::set_handler(|| {
        let interrupted = Diagnostic::error(
            pipeline::INTERRUPTED,
            "interrupted: finished artifacts are kept, and no half-written file is left",
        );
        diagnose::print(&[interrupted]);
        crate::pack::abandon();
        // Last, since other threads go on writing until the process ends.
        coldcut_verify::abandon();
        std::process::exit(130);
    });
}
