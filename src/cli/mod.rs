//! The command line: the only room that prints, and the one that gives the exit status.

pub mod args;
mod bundle;
mod check;
mod diagnose;
mod diff;
mod init;
mod inputs;
mod measure;
mod merge;
mod observe;
mod output;
mod progress;
mod settings;
mod terraform;
mod trace;
mod verify;
mod watch;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};

use clap::{CommandFactory, FromArgMatches};

use crate::pipeline;
use crate::pipeline::Ending;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_verify::{codes, isolate};

use crate::cli::args::{Cli, Command, PackArgs, RunArgs, SchemaOf, WhyArgs};
use crate::cli::progress::Progress;

/// Exit statuses, as the documentation gives them.
const DONE: i32 = 0;
const FAILED: i32 = 1;
const WRONG: i32 = 2;
const OVER_BUDGET: i32 = 3;
const UNVERIFIED: i32 = 4;

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
    match cli.command {
        Command::Verify(args) => verify::run(&args, isolation),
        Command::Measure(args) => measure::run(&args, isolation),
        Command::Observe(args) => observe::run(&args),
        Command::Pack(args) => pack(&args, inner, false),
        Command::Check(args) => pack(&args, inner, true),
        Command::Diff(args) => diff::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Why(args) => why(&args, inner),
        Command::Inputs(args) => inputs::run(&args, inner),
        Command::Rules => rules(),
        Command::Schema { what } => schema(what),
        Command::Init(args) => init::run(&args),
        Command::Man { command } => man(command.as_deref()),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "coldcut", &mut out);
            print(&String::from_utf8_lossy(&out))
        }
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

/// Threads for the commands that read code: deep trees are walked by recursion.
fn deep_pool() -> Option<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(256 << 20);
    pool.build().ok()
}

/// On Ctrl-C and its like: nothing half-written stays, since what is being written lies in
/// temporary files beside its target.
fn catch_signals() {
    // Without a handler the process ends all the same, only less tidily.
    let _ = ctrlc::set_handler(|| {
        let interrupted = Diagnostic::error(
            pipeline::INTERRUPTED,
            "interrupted: what was ready before stays, and nothing is half-made",
        );
        diagnose::print(&[interrupted]);
        crate::pack::abandon();
        // Last, since other threads go on writing until the process ends.
        coldcut_verify::abandon();
        std::process::exit(130);
    });
}

/// `pack`, and `check`, which differs in what it prints.
fn pack(args: &PackArgs, matches: &clap::ArgMatches, check: bool) -> i32 {
    let request = match settings::request(args, matches) {
        Ok(request) => request,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    if args.watch {
        return watch::run(&request);
    }
    let progress = Progress::new();
    let outcome = pipeline::run(&request, &|what| progress.say(what));
    progress.done();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(errors) => return failed(&errors),
    };
    if args.terraform {
        // Whoever reads this takes all of it for what can be deployed.
        if outcome.ending == Ending::Done {
            print(&terraform::text(&outcome.report));
        }
    } else if args.json {
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
        && outcome.ending == Ending::Done
    {
        print(&format!(
            "shard {} of {} has no function\n",
            shard.number, shard.of
        ));
    }
    diagnose::print(&outcome.diagnostics);
    if let Err(error) = output::write(&args.reports, &outcome.report) {
        return failed(&[*error]);
    }
    match outcome.ending {
        Ending::Done => DONE,
        Ending::OverBudget => OVER_BUDGET,
        Ending::VerificationFailed => UNVERIFIED,
        Ending::Failed => FAILED,
    }
}

/// Errors of the command line's own values have their own status.
fn failed(errors: &[Diagnostic]) -> i32 {
    diagnose::print(errors);
    let wrong = [
        crate::discover::codes::NO_FUNCTION,
        coldcut_core::ignore_rules::NO_RULE,
        pipeline::OUT,
        pipeline::NOT_OWN,
        pipeline::NO_EVENT,
        pipeline::NO_STRATEGY,
        pipeline::SAM,
        codes::WHICH_HANDLER,
        codes::EVENT,
        pipeline::observe::BAD_TIME,
        pipeline::pricing::BAD_POWER,
        coldcut_core::platform::prices::UNKNOWN_REGION,
        coldcut_observe::fit::BAD_SIZES,
        coldcut_observe::fit::BAD_WALL,
        coldcut_report::budgets::BAD,
        coldcut_report::budgets::NO_FUNCTION,
        coldcut_report::budgets::NO_BASELINE,
        coldcut_report::snapshot::READ,
        crate::git_ref::REF,
        coldcut_report::snapshot::SCHEMA,
        coldcut_report::merge::APART,
    ];
    if errors.iter().any(|error| wrong.contains(&error.code)) {
        WRONG
    } else {
        FAILED
    }
}

fn why(args: &WhyArgs, matches: &clap::ArgMatches) -> i32 {
    let request = match settings::project(&args.project, matches) {
        Ok(request) => request,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let progress = Progress::new();
    let answers = pipeline::why(&request, &args.what, &|what| progress.say(what));
    progress.done();
    match answers {
        Ok(answers) => {
            let mut out = String::new();
            for answer in answers {
                let verb = if answer.ships {
                    "ships"
                } else {
                    "does not ship"
                };
                out.push_str(&format!("{}: {} {verb}\n", answer.function, answer.what));
                for line in answer.lines {
                    out.push_str(&format!("  {line}\n"));
                }
            }
            print(&out)
        }
        Err(errors) => failed(&errors),
    }
}

fn man(command: Option<&str>) -> i32 {
    let mut whole = Cli::command();
    whole.build();
    let named = match command {
        None => Some(whole),
        Some(name) => whole.find_subcommand(name).cloned(),
    };
    let Some(named) = named else {
        let message = format!("there is no command `{}`\n", command.unwrap_or_default());
        let _ = Cli::command()
            .error(clap::error::ErrorKind::InvalidSubcommand, message)
            .print();
        return WRONG;
    };
    let mut out = Vec::new();
    match clap_mangen::Man::new(named).render(&mut out) {
        Ok(()) => print(&String::from_utf8_lossy(&out)),
        Err(_) => FAILED,
    }
}

fn rules() -> i32 {
    let mut out = String::new();
    for rule in coldcut_core::ignore_rules::rules() {
        out.push_str(&format!("{:16} {}\n", rule.name, rule.about));
    }
    print(&out)
}

fn schema(what: SchemaOf) -> i32 {
    let text = match what {
        SchemaOf::Report => coldcut_report::json::schema(),
        SchemaOf::Verification => coldcut_report::json::verification_schema(),
        SchemaOf::Measurement => coldcut_report::json::measurement_schema(),
        SchemaOf::Observation => coldcut_report::json::observation_schema(),
        SchemaOf::Inputs => coldcut_report::json::inputs_schema(),
        SchemaOf::Diff => coldcut_report::json::diff_schema(),
        SchemaOf::Baseline => coldcut_report::json::baseline_schema(),
        SchemaOf::Config => {
            return match serde_json::to_string_pretty(&coldcut_core::settings::schema::schema()) {
                Ok(text) => print(&format!("{text}\n")),
                Err(_) => FAILED,
            };
        }
    };
    match text {
        Ok(text) => print(&text),
        Err(error) => failed(&[*error]),
    }
}

fn style() -> coldcut_report::terminal::Style {
    let terminal = std::io::stdout().is_terminal();
    let plain = std::env::var_os("NO_COLOR").is_some();
    coldcut_report::terminal::Style {
        color: terminal && !plain,
        unicode: unicode(),
        width: terminal_width(),
    }
}

/// Whether the locale takes more than ASCII; unknown is taken as yes, as most are.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|value| !matches!(value.as_str(), "C" | "POSIX"))
}

fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(80)
        .clamp(40, 160)
}

/// A reader that has seen enough closes the pipe: that is no failure.
fn print(text: &str) -> i32 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => DONE,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => DONE,
        Err(_) => FAILED,
    }
}
