//! `coldcut diff OLD NEW`: two zips, or two reports.
//!
//! In: two files. Out: what differs: functions, packages with their versions, files, bytes.

use crate::cli::args::DiffArgs;
use crate::cli::diagnose;
use crate::cli::exit::{DONE, FAILED};
use crate::cli::output::{print, style};
use coldcut_report::compare::compare;
use coldcut_report::{comparison_text, json, snapshot};

pub fn run(args: &DiffArgs) -> i32 {
    let both =
        snapshot::read(&args.old, true).and_then(|old| Ok((old, snapshot::read(&args.new, true)?)));
    let text = both.and_then(|(old, new)| {
        let comparison = compare(&old, &new);
        if args.json {
            json::diff(&comparison)
        } else {
            Ok(comparison_text::render(&comparison, style(), args.all))
        }
    });
    match text {
        Ok(text) => {
            print(&text);
            DONE
        }
        Err(error) => {
            diagnose::print(&[*error]);
            FAILED
        }
    }
}
