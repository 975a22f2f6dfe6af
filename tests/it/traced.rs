//! Packages that read files, start threads or load by name, run from nothing but what is traced.
//!
//! In: `fixtures/traced`, installed from its lock file. Each program in `cases/` is run where
//! everything is installed; then `coldcut trace` lists its files, these are carried to an empty
//! folder, and what it prints there must be the same. So is what `pack` makes of it, by its ways.
//! The programs in `heavy/` need packages that are too big to install for every test: they run
//! where `COLDCUT_HEAVY` names a folder that has them, each that is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;

use crate::support::{Pack, carried, coldcut, copy, installed, repository};

fn run(dir: &Path, program: &str) -> Result<String, String> {
    let ran = Command::new("node")
        .arg(program)
        .current_dir(dir)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    if ran.status.success() && !said.is_empty() {
        return Ok(said);
    }
    let errors = String::from_utf8_lossy(&ran.stderr);
    let last: Vec<&str> = errors.lines().take(12).collect();
    Err(format!("{}: {said}{}", ran.status, last.join("\n")))
}

fn trace(dir: &Path, program: &str) -> Result<Value, String> {
    let ran = coldcut()
        .args(["trace", program, "--json"])
        .current_dir(dir)
        .output()
        .map_err(|error| error.to_string())?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    serde_json::from_slice(&ran.stdout).map_err(|error| error.to_string())
}

/// What the program prints where it lies, and what it prints from its traced files alone.
fn check(dir: &Path, program: &str) -> Result<(), String> {
    let expected = run(dir, program).map_err(|error| format!("as installed: {error}"))?;
    let document = trace(dir, program)?;
    let elsewhere = carried(dir, &document);
    let found = run(elsewhere.path(), program).map_err(|error| format!("traced: {error}"))?;
    same(&expected, &found)
}

/// The same of a bundle with what is laid beside it.
fn check_bundled(dir: &Path, program: &str) -> Result<(), String> {
    let expected = run(dir, program)?;
    let empty = tempfile::tempdir().unwrap();
    let ran = coldcut()
        .args(["bundle", program, "--minify", "--outfile"])
        .arg(empty.path().join(program))
        .current_dir(dir)
        .output()
        .map_err(|error| error.to_string())?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    let found = run(empty.path(), program).map_err(|error| format!("bundled: {error}"))?;
    same(&expected, &found)
}

/// All of them packed in one run, which measures the project once.
fn check_packed(dir: &Path, strategy: &str) {
    let programs = programs("cases");
    // What the minifier does is tested elsewhere, and takes the most time.
    let mut args = vec!["--strategy", strategy, "--no-verify", "--no-minify"];
    args.extend(programs.iter().flat_map(|name| ["--entry", name]));
    let pack = Pack::run(dir, &args);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    each(&programs, |program| {
        let expected = run(dir, program)?;
        let name = Path::new(program).file_stem().unwrap().to_string_lossy();
        let empty = tempfile::tempdir().unwrap();
        let zip = std::fs::File::open(pack.out.path().join(format!("{name}.zip"))).unwrap();
        zip::ZipArchive::new(zip)
            .unwrap()
            .extract(empty.path())
            .unwrap();
        let found = run(empty.path(), program)?;
        same(&expected, &found)
    });
}

fn same(expected: &str, found: &str) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("expected:\n{expected}\nfound:\n{found}")),
    }
}

fn programs(folder: &str) -> Vec<String> {
    let below = repository().join("fixtures/traced").join(folder);
    let files = std::fs::read_dir(below).unwrap();
    let mut names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".js"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    names.sort();
    names
}

fn each(programs: &[String], check: impl Fn(&str) -> Result<(), String> + Sync) {
    assert!(programs.len() >= 11, "{programs:?}");
    let wrong: Vec<String> = programs
        .par_iter()
        .filter_map(|program| Some(format!("{program}: {}", check(program).err()?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn programs_do_from_their_traced_files_what_they_did() {
    let dir = installed("traced");
    each(&programs("cases"), |program| check(&dir, program));
}

#[test]
fn packed_by_trace_they_do_so_too() {
    check_packed(&installed("traced"), "trace");
}

#[test]
fn packed_as_bundles_they_do_so_too() {
    check_packed(&installed("traced"), "bundle");
}

#[test]
fn what_is_traced_is_much_less_than_what_is_installed() {
    let dir = installed("traced");
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (
            "cases/typeorm.js",
            &["node_modules/sql.js/dist/sql-wasm.wasm"],
            &["node_modules/typeorm/browser/"],
        ),
        (
            "cases/swagger.js",
            &["node_modules/swagger-ui-dist/swagger-ui-bundle.js"],
            &[],
        ),
        (
            "cases/moment.js",
            &["node_modules/moment/locale/de.js"],
            &[],
        ),
        (
            "cases/views.js",
            &[
                "cases/views/a.hbs",
                "node_modules/pug/lib/index.js",
                "node_modules/ejs/package.json",
            ],
            &["node_modules/swagger-ui-dist/"],
        ),
        (
            "cases/pdfkit.js",
            &[],
            &["node_modules/pdfkit/js/pdfkit.standalone.js"],
        ),
    ];
    for (program, there, absent) in cases {
        let document = trace(&dir, program).unwrap();
        let names: Vec<&String> = document["reasons"].as_object().unwrap().keys().collect();
        for file in there {
            assert!(names.iter().any(|name| name == file), "{program} {file}");
        }
        for start in absent {
            assert!(
                !names.iter().any(|name| name.starts_with(start)),
                "{program} {start}"
            );
        }
    }
}

/// Run with `COLDCUT_HEAVY=FOLDER`, where `npm install` was run for what the programs name.
#[test]
fn heavy_packages_do_so_where_they_are_installed() {
    let Some(folder) = std::env::var_os("COLDCUT_HEAVY").map(PathBuf::from) else {
        println!(
            "skipped: COLDCUT_HEAVY names no folder with the packages of fixtures/traced/heavy"
        );
        return;
    };
    let folder = folder.canonicalize().unwrap();
    copy(
        &repository().join("fixtures/traced/heavy"),
        &folder.join("heavy"),
    );
    let mut wrong = Vec::new();
    let mut run = 0;
    for program in programs("heavy") {
        let text = std::fs::read_to_string(folder.join(&program)).unwrap();
        let package = text
            .split(['(', ')'])
            .filter_map(|part| part.strip_prefix('\'')?.strip_suffix('\''))
            .find(|name| folder.join("node_modules").join(name).is_dir());
        if package.is_none() {
            println!("skipped: {program}: its package is not installed there");
            continue;
        }
        run += 1;
        let checked = check(&folder, &program).and_then(|()| check_bundled(&folder, &program));
        if let Err(error) = checked {
            wrong.push(format!("{program}: {error}"));
        }
    }
    assert!(
        run > 0,
        "none of the packages is installed in {}",
        folder.display()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
