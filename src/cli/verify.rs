//! `coldcut verify`: one artifact, loaded, called and compared.

use std::io::Read;
use std::path::Path;

use super::args::{RunArgs, VerifyArgs};
use super::progress::Progress;
use super::{DONE, UNVERIFIED, diagnose, failed, print, terminal_width};
use crate::diag::{Diagnostic, Result};
use crate::pipeline::verify::{Ask, verify};
use crate::report::verification::Status;
use crate::report::{json, verification};
use crate::verify::{Bounds, Isolation, codes};

/// Verifies, prints, and gives the exit status.
pub fn run(args: &VerifyArgs, isolation: Option<Isolation>) -> i32 {
    let event = match event(&args.run) {
        Ok(event) => event,
        Err(error) => return failed(&[*error]),
    };
    let env = match super::settings::pairs(&args.run.env, "--env") {
        Ok(env) => env.into_iter().collect(),
        Err(error) => return failed(&[*error]),
    };
    let ask = Ask {
        zip: args.zip.clone(),
        event,
        handler: args.run.handler.clone(),
        against: args.against.clone(),
        external: args.external.clone(),
        bounds: bounds(&args.run),
        env,
        isolation,
    };
    let progress = Progress::new();
    let found = verify(&ask, &|what| progress.say(what));
    progress.done();
    let found = match found {
        Ok(found) => found,
        Err(errors) => return failed(&errors),
    };
    if args.run.json {
        match json::verification(&found) {
            Ok(text) => print(&text),
            Err(error) => return failed(&[*error]),
        };
    } else {
        print(&verification::render(&found, terminal_width()));
    }
    if found.status == Status::Verified {
        return DONE;
    }
    let what = if found.against.is_some() {
        "does not do what the original does"
    } else {
        "does not pass"
    };
    let mut error = Diagnostic::error(
        codes::DIFFERS,
        format!("`{}` {what}: {}", args.zip.display(), found.detail),
    );
    if args.run.json {
        error = error.help("the JSON document on standard output has the whole of it");
    }
    diagnose::print(&[error]);
    UNVERIFIED
}

/// The bounds of one run.
pub(super) fn bounds(args: &RunArgs) -> Bounds {
    Bounds {
        timeout: args.timeout,
        memory_mb: args.memory,
    }
}

/// The text of the event, which must be JSON.
pub(super) fn event(args: &RunArgs) -> Result<Option<String>> {
    let Some(path) = &args.event else {
        return Ok(None);
    };
    let failed = |error: std::io::Error| {
        Diagnostic::io(codes::EVENT, "read", path, &error)
            .help("name a file with one JSON document, such as `{}`")
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
    } else {
        text = std::fs::read_to_string(path).map_err(failed)?;
    }
    crate::verify::check_event(&text).map_err(|error| Box::new(error.at_file(path)))?;
    Ok(Some(text))
}
