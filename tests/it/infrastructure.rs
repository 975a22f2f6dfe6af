//! Examples of tools that deploy, as far as they run without an account.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::packages::{install, tested, tree};
use crate::support::{coldcut, copy, repository};

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let rest = text.split(start).skip(1);
    rest.filter_map(|rest| Some(rest.split_once(end)?.0))
        .collect()
}

#[test]
fn terraforms_data_source_gets_every_key_that_the_example_reads() {
    let dir = tempfile::tempdir().unwrap();
    copy(&repository().join("examples/terraform"), dir.path());
    let main = std::fs::read_to_string(dir.path().join("main.tf")).unwrap();
    let program = between(&main, "program     = ", "\n")[0];
    let program: Vec<String> = serde_json::from_str(program).unwrap();
    assert_eq!(program[..2], ["npx", "coldcut"]);
    // The data source writes its query, in JSON, and reads one object of texts.
    let mut child = coldcut()
        .args(&program[2..])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<String> =
        serde_json::from_str(between(&main, "for_each = toset(", ")")[0]).unwrap();
    let keys = between(&main, "${each.key}.", "\"");
    assert_eq!(keys.len(), 5);
    for name in &names {
        for key in &keys {
            let value = said[format!("{name}.{key}")].as_str();
            assert!(
                value.is_some_and(|text| !text.is_empty()),
                "{name}.{key} in {said:#}"
            );
        }
    }
}

/// Runs an example's own test, with what its lock file asks for.
fn example(name: &str) {
    let dir = tree().join("examples").join(name);
    install(&dir);
    // npm copied these in where the example says so, perhaps before they were as they are now.
    for part in ["coldcut", "coldcut-cdk/src"] {
        let installed = dir.join("node_modules").join(part);
        if installed.exists() && !dir.join("node_modules/coldcut").is_symlink() {
            copy(&tree().join("npm").join(part), &installed);
        }
    }
    tested(&dir, &["test.mjs"]);
}

#[test]
fn a_script_by_the_api_deploys_what_is_equal_and_within_its_budget() {
    example("npm");
}

#[test]
fn cdks_own_program_makes_the_stack_of_the_example() {
    example("cdk");
}

#[test]
fn pulumis_program_runs_under_its_mocks() {
    example("pulumi");
}

#[test]
fn ssts_configuration_has_its_types_and_names_folders_that_answer() {
    example("sst");
}
