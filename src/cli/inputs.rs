//! `coldcut inputs`: what each artifact is made of.

use clap::CommandFactory;

use crate::pipeline;

use crate::cli::args::{Cli, InputsArgs};
use crate::cli::exit::{WRONG, failed};
use crate::cli::output::print;
use crate::cli::progress::Progress;
use crate::cli::{diagnose, request};

pub fn run(args: &InputsArgs, matches: &clap::ArgMatches) -> i32 {
    let request = match request::project(&args.project, matches) {
        Ok(request) => request,
        Err(error) => {
            diagnose::print(&[*error]);
            return WRONG;
        }
    };
    let progress = Progress::new();
    let list = pipeline::inputs::inputs(&request, &variables(), &|what| progress.say(what));
    progress.done();
    let list = match list {
        Ok(list) => list,
        Err(errors) => return failed(&errors),
    };
    if args.digest {
        return print(&coldcut_report::inputs::digests(&list));
    }
    let text = if args.turbo {
        coldcut_report::json::turbo(&list)
    } else if args.json {
        coldcut_report::json::inputs(&list)
    } else {
        Ok(coldcut_report::inputs::text(&list))
    };
    match text {
        Ok(text) => print(&text),
        Err(error) => failed(&[*error]),
    }
}

/// The variables of the environment that stand for options of `pack`, but for those that say where
/// things go.
pub(super) fn variables() -> Vec<String> {
    let mut whole = Cli::command();
    let Some(pack) = whole.find_subcommand_mut("pack") else {
        return Vec::new();
    };
    pack.build();
    let names = pack.get_arguments().filter_map(clap::Arg::get_env);
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .filter(|name| !PLACES.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// What they name changes no artifact.
const PLACES: [&str; 4] = [
    "COLDCUT_BASELINE",
    "COLDCUT_BASELINE_REF",
    "COLDCUT_CACHE",
    "COLDCUT_OUT",
];
