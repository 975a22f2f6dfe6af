//! The commands that print a document about coldcut itself: man pages, completions, schemas, and
//! the list of built-in ignore rules.

use clap::CommandFactory;

use crate::cli::args::{Cli, SchemaOf};
use crate::cli::exit::{FAILED, WRONG, failed};
use crate::cli::output::print;

/// A completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> i32 {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "coldcut", &mut out);
    print(&String::from_utf8_lossy(&out))
}

/// A man page of the program, or of one command.
pub(super) fn man(command: Option<&str>) -> i32 {
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

/// Every built-in ignore rule, with what it leaves out.
pub(super) fn rules() -> i32 {
    let mut out = String::new();
    for rule in coldcut_core::ignore_rules::rules() {
        out.push_str(&format!("{:16} {}\n", rule.name, rule.about));
    }
    print(&out)
}

/// The JSON Schema of a document.
pub(super) fn schema(what: SchemaOf) -> i32 {
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
