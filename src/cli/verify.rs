//! `coldcut verify`: one artifact, loaded, called and compared.

use crate::cli::args::{RunArgs, VerifyArgs};
use crate::cli::diagnose;
use crate::cli::exit::{DONE, UNVERIFIED, failed};
use crate::cli::key_values::key_values;
use crate::cli::output::{print, terminal_width};
use crate::cli::progress::Progress;
use crate::pipeline::verify::{VerifyRequest, verify};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::verification::VerificationStatus;
use coldcut_report::{json, verification};
use coldcut_verify::{Bounds, Isolation, codes, read_event};

/// Verifies, prints, and gives the exit status.
pub fn run(args: &VerifyArgs, isolation: Option<Isolation>) -> i32 {
    let (event, env) = match given(&args.run) {
        Ok(given) => given,
        Err(error) => return failed(&[*error]),
    };
    let ask = VerifyRequest {
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
    if found.status == VerificationStatus::Verified {
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
        error = error.help("the JSON document on standard output has all the details");
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

/// The event, and the variables of the environment.
type Given = (Option<String>, Vec<(String, String)>);

/// What an artifact is to be run with.
pub(super) fn given(args: &RunArgs) -> Result<Given> {
    let event = args.event.as_deref().map(read_event).transpose()?;
    Ok((event, key_values(&args.env, "--env")?.into_iter().collect()))
}
