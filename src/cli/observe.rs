//! `coldcut observe`: what logs of deployed functions tell.

use crate::cli::args::ObserveArgs;
use crate::cli::diagnose;
use crate::cli::exit::failed;
use crate::cli::output::{print, terminal_width};
use crate::cli::progress::Progress;
use crate::pipeline::calibration;
use crate::pipeline::observe::{ObserveRequest, observe};
use coldcut_report::{json, observation};

/// What gets the logs, ready to be copied.
const QUERIES: &str = include_str!("queries.txt");

/// Observes, prints, and gives the exit status.
pub fn run(args: &ObserveArgs) -> i32 {
    if args.queries {
        return print(QUERIES);
    }
    let ask = ObserveRequest {
        logs: args.logs.clone(),
        name: args.name.clone(),
        runtime: args.runtime.clone(),
        since: args.since.clone(),
        fit: args.fit.fit,
        sizes: args.fit.sizes.clone(),
        wall: args.fit.wall.clone(),
        region: args.cost.region.clone(),
        arch: args.cost.arch.clone(),
        cold_starts_per_month: args.cost.cold_starts_per_month,
        power_tuning: args.power_tuning.clone(),
    };
    let progress = Progress::new();
    let found = observe(&ask, &|what| progress.say(what));
    progress.done();
    let (found, warnings) = match found {
        Ok(found) => found,
        Err(errors) => return failed(&errors),
    };
    if let (Some(path), Some(fit)) = (&args.fit.write, &found.fit)
        && let Err(error) = calibration::write(path, &fit.toml)
    {
        return failed(&[*error]);
    }
    let status = if args.json {
        match json::observation(&found) {
            Ok(text) => print(&text),
            Err(error) => return failed(&[*error]),
        }
    } else {
        print(&observation::render(&found, terminal_width()))
    };
    diagnose::print(&warnings);
    status
}
