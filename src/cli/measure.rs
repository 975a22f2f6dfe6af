//! `coldcut measure`: artifacts timed side by side.

use crate::cli::args::MeasureArgs;
use crate::cli::exit::failed;
use crate::cli::output::{print, terminal_width};
use crate::cli::progress::Progress;
use crate::cli::verify::{bounds, given};
use crate::pipeline::measure::{MeasureRequest, measure};
use coldcut_report::{json, measurement};
use coldcut_verify::Isolation;

/// Measures, prints, and gives the exit status.
pub fn run(args: &MeasureArgs, isolation: Option<Isolation>) -> i32 {
    let (event, env) = match given(&args.run) {
        Ok(given) => given,
        Err(error) => return failed(&[*error]),
    };
    let ask = MeasureRequest {
        zips: args.zips.clone(),
        runs: args.runs,
        event,
        handler: args.run.handler.clone(),
        bounds: bounds(&args.run),
        env,
        isolation,
    };
    let progress = Progress::new();
    let measured = measure(&ask, &|what| progress.say(what));
    progress.done();
    let measured = match measured {
        Ok(measured) => measured,
        Err(errors) => return failed(&errors),
    };
    if !args.run.json {
        return print(&measurement::render(&measured, terminal_width()));
    }
    match json::measurement(&measured) {
        Ok(text) => print(&text),
        Err(error) => failed(&[*error]),
    }
}
