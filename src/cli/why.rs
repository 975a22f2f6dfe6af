//! `coldcut why`: the name of a file or package in, why it ships out.

use crate::cli::args::WhyArgs;
use crate::cli::exit::{WRONG, failed};
use crate::cli::output::print;
use crate::cli::progress::Progress;
use crate::cli::{diagnose, request};
use crate::pipeline;

pub(super) fn run(args: &WhyArgs, matches: &clap::ArgMatches) -> i32 {
    let request = match request::project(&args.project, matches) {
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
