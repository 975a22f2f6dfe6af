//! `coldcut init`: the first settings of a project.
//!
//! In: a folder. Out: `coldcut.toml` and `.serverlessignore` in it, in which every line is commented
//! out, and what was found there on standard output. What is there already stays as it is.

use std::path::Path;

use crate::discover::codes::NO_PROJECT;
use crate::discover::{DiscoveryRequest, Project, discover};
use crate::stage::LockedDependencies;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::disk;
use coldcut_core::settings::file;

use crate::cli::args::InitArgs;
use crate::cli::codes::SETTINGS_UNWRITABLE;
use crate::cli::diagnose;
use crate::cli::exit::{DONE, FAILED};
use crate::cli::output::print;

const SETTINGS: &str = "coldcut.toml";
const IGNORE: &str = ".serverlessignore";
const SETTINGS_TEXT: &str = include_str!("init.toml");
const IGNORE_TEXT: &str = include_str!("../../.serverlessignore.example");

pub fn run(args: &InitArgs) -> i32 {
    match init(&args.dir) {
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

fn init(dir: &Path) -> Result<String> {
    let ask = DiscoveryRequest {
        env: DiscoveryRequest::process_env(),
        ..DiscoveryRequest::default()
    };
    let project = match discover(dir, &ask) {
        Ok(project) => Some(project),
        Err(error) if error.code == NO_PROJECT => None,
        Err(error) => return Err(error),
    };
    let locked = LockedDependencies::of(dir);
    let installed = is_installed(dir, &locked);
    let mut lines = vec![found(project.as_ref()), packages(dir, &locked, installed)];
    let settings = file::read(dir)?.file;
    lines.push(match settings {
        Some(there) => format!("kept      {}, which already has settings", there.origin),
        None => {
            write(&dir.join(SETTINGS), &settings_text(project.as_ref()))?;
            format!("wrote     {SETTINGS}")
        }
    });
    let ignore = dir.join(IGNORE);
    lines.push(if ignore.exists() {
        format!("kept      {IGNORE}")
    } else {
        write(&ignore, &ignore_text())?;
        format!("wrote     {IGNORE}")
    });
    let next = match &project {
        Some(_) if installed => "coldcut pack",
        Some(_) => "coldcut pack --install",
        None => "name a function in coldcut.toml, then `coldcut pack`",
    };
    lines.push(format!("next      {next}"));
    Ok(lines.join("\n") + "\n")
}

fn write(path: &Path, text: &str) -> Result<()> {
    disk::place(path, text.as_bytes()).map_err(|error| {
        Box::new(
            Diagnostic::io(SETTINGS_UNWRITABLE, "write", path, &error)
                .help("check that you may write there"),
        )
    })
}

fn found(project: Option<&Project>) -> String {
    let Some(project) = project else {
        return "found     no functions: coldcut.toml can name them".to_string();
    };
    let names: Vec<&str> = project
        .functions
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let from = project
        .functions
        .first()
        .map_or("", |one| one.origin.as_str());
    let shown = names.iter().take(8).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(8) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("found     {shown}{more} in {from}")
}

/// Which package manager the lock file is of, and whether it was run.
fn packages(dir: &Path, locked: &LockedDependencies, installed: bool) -> String {
    if !dir.join("package.json").is_file() {
        return "packages  cargo".to_string();
    }
    match locked.manager {
        Some(manager) if installed => format!("packages  {manager}"),
        Some(manager) => format!("packages  {manager}, not installed"),
        None => "packages  no lock file: the versions to install are not fixed".to_string(),
    }
}

/// Whether dependencies are there, if any are asked for.
fn is_installed(dir: &Path, locked: &LockedDependencies) -> bool {
    let asks = std::fs::read_to_string(dir.join("package.json"));
    let asks = asks.is_ok_and(|text| text.contains("\"dependencies\""));
    let there = |dir: &Path| {
        let names = ["node_modules", ".pnp.cjs"];
        names.iter().any(|name| dir.join(name).exists())
    };
    !asks || there(dir) || there(&locked.root)
}

fn settings_text(project: Option<&Project>) -> String {
    let mut text = SETTINGS_TEXT.to_string();
    let Some(project) = project else {
        text += "\n# A function: the file and the export that the platform calls.\n#[functions.api]\n#handler = \"src/api.handler\"\n";
        return text;
    };
    text += "\n# Settings of one function. An event makes `pack` compare answers too, and not only exports.\n";
    for function in project.functions.iter().take(50) {
        let name = toml::Value::from(function.name.as_str());
        let plain = function
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let name = if plain {
            function.name.clone()
        } else {
            name.to_string()
        };
        text += &format!(
            "#[functions.{name}]\n#event = \"events/{}.json\"\n",
            function.name
        );
    }
    text
}

/// The example with every pattern commented out.
fn ignore_text() -> String {
    let lines = IGNORE_TEXT.lines().skip_while(|line| !line.is_empty());
    let mut text = "# What coldcut leaves out of a deployment package, in the syntax of .gitignore. Remove the `#`\n# from the lines you want. Built-in rules come first (`coldcut rules`); a file that the handler\n# imports is never dropped by its name, and `coldcut why FILE` names the line that decided.\n".to_string();
    for line in lines {
        let comment = line.is_empty() || line.starts_with("# ");
        text += if comment { "" } else { "#" };
        text += line;
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_commented_out_is_what_coldcut_reads() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.js"), "").unwrap();
        let yml = "functions: {a: {handler: a.b}, 'b.c': {handler: a.b}}\n";
        std::fs::write(dir.path().join("serverless.yml"), yml).unwrap();
        let project = discover(dir.path(), &DiscoveryRequest::default()).unwrap();
        for project in [None, Some(&project)] {
            let text = settings_text(project);
            let active = text
                .lines()
                .filter_map(|line| match line.strip_prefix('#') {
                    Some(rest) if !rest.starts_with(' ') => Some(rest),
                    _ => None,
                });
            let active: Vec<&str> = active.collect();
            assert!(active.len() > 10);
            std::fs::write(dir.path().join(SETTINGS), active.join("\n")).unwrap();
            let read = file::read(dir.path()).unwrap().file.unwrap();
            assert_eq!(read.settings.report.budget.len(), 3);
            assert!(!read.functions.is_empty());
            // As it is written it says nothing.
            std::fs::write(dir.path().join(SETTINGS), &text).unwrap();
            let read = file::read(dir.path()).unwrap().file.unwrap();
            assert_eq!(read.settings, coldcut_core::settings::Settings::default());
        }
    }

    #[test]
    fn the_ignore_file_leaves_out_nothing_yet() {
        let text = ignore_text();
        assert!(
            text.lines()
                .all(|line| line.is_empty() || line.starts_with('#'))
        );
        assert!(text.contains("\n#*.csv\n"));
    }
}
