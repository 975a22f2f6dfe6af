//! `coldcut pack --watch`: packs, and then again what a change touches.
//!
//! In: what `pack` takes. Out: the report of each round. Whether a function is touched is told by the
//! digest of its inputs, so that a change of a file that it does not have packs nothing; what failed is
//! tried again with the next change. Ends when it is interrupted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::pipeline;
use crate::pipeline::PackRequest;
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::disk::{is_cache, is_not_source};
use coldcut_report::inputs::{InputKind, InputList};

use crate::cli::codes::CANNOT_WATCH;
use crate::cli::diagnose;
use crate::cli::exit::{FAILED, failed};
use crate::cli::inputs::variables;
use crate::cli::output::{print, style};
use crate::cli::progress::Progress;

/// An editor writes a file in several steps: the round begins when it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(150);

/// Folders that change without anybody's doing, beside those that have no source.
const UNWATCHED: [&str; 2] = [".nx", ".turbo"];

pub fn run(request: &PackRequest) -> i32 {
    let (sender, changes) = channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading is no change; the receiver lives as long as the process.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = sender.send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => return failed(&[unwatchable(&request.dir, &error)]),
    };
    let mut watched = BTreeSet::new();
    // Digests of what was packed; a function that failed has none.
    let mut packed: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let list = listed(request);
        let outside = list.iter().flat_map(|list| folders(list, &request.dir));
        let all = below(&request.dir, &request.out).into_iter().chain(outside);
        if let Err(error) = watch(&mut watcher, &mut watched, all) {
            return failed(&[*error]);
        }
        match &list {
            Some(list) => round(request, list, &mut packed),
            None if packed.is_empty() => {}
            None => print_now("waiting for a change that fixes this\n"),
        }
        print_now("watching for changes; press Ctrl-C to stop\n");
        if !wait(&changes) {
            return FAILED;
        }
    }
}

/// What each function is made of, or what is wrong with the project, on standard error.
fn listed(request: &PackRequest) -> Option<InputList> {
    match pipeline::inputs::inputs(request, &variables(), &|_| {}) {
        Ok(list) => Some(list),
        Err(errors) => {
            diagnose::print(&errors);
            None
        }
    }
}

/// Packs the functions that are not as they were.
fn round(request: &PackRequest, list: &InputList, packed: &mut BTreeMap<String, String>) {
    let all = list.functions.iter();
    let touched: Vec<_> = all
        .filter(|one| packed.get(&one.name) != Some(&one.digest))
        .collect();
    if touched.is_empty() {
        return;
    }
    let mut request = request.clone();
    // Their names choose them, unless the command line named files.
    if request.discovery.entries.is_empty() {
        request.discovery.functions = touched.iter().map(|one| one.name.clone()).collect();
    }
    let progress = Progress::new();
    let outcome = pipeline::run(&request, &|what| progress.say(what));
    progress.done();
    for one in &touched {
        packed.remove(&one.name);
    }
    match outcome {
        Ok(outcome) => {
            if !outcome.report.functions.is_empty() {
                print_now(&coldcut_report::terminal::render(&outcome.report, style()));
            }
            diagnose::print(&outcome.diagnostics);
            let there = |name: &str| outcome.report.functions.iter().any(|one| one.name == name);
            for one in touched.iter().filter(|one| there(&one.name)) {
                packed.insert(one.name.clone(), one.digest.clone());
            }
        }
        Err(errors) => diagnose::print(&errors),
    }
}

fn print_now(text: &str) {
    let _ = print(text);
}

/// Waits for a change and then for quiet. `false` where there will be no more.
fn wait(changes: &Receiver<()>) -> bool {
    if changes.recv().is_err() {
        return false;
    }
    while changes.recv_timeout(QUIET).is_ok() {}
    true
}

/// The folders of the project that can hold what is packed.
fn below(dir: &Path, out: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(dir)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name();
            let unwatched = UNWATCHED.iter().any(|one| name == *one)
                || is_not_source(name)
                || is_cache(entry.path());
            entry.file_type().is_dir() && entry.path() != out && (entry.depth() == 0 || !unwatched)
        });
    walk.filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Folders beside the project whose files functions have: those of a workspace.
fn folders(list: &InputList, dir: &Path) -> Vec<PathBuf> {
    let files = list.functions.iter().flat_map(|function| &function.files);
    let own = files.filter(|file| file.kind != InputKind::Package && file.path.starts_with(".."));
    own.filter_map(|file| Some(dir.join(&file.path).parent()?.to_path_buf()))
        .collect()
}

/// Folder by folder, since whole trees would have installed packages in them.
fn watch(
    watcher: &mut RecommendedWatcher,
    watched: &mut BTreeSet<PathBuf>,
    folders: impl Iterator<Item = PathBuf>,
) -> coldcut_core::diagnostics::Result<()> {
    for folder in folders {
        let Ok(folder) = folder.canonicalize() else {
            continue;
        };
        if watched.contains(&folder) {
            continue;
        }
        watcher
            .watch(&folder, RecursiveMode::NonRecursive)
            .map_err(|error| Box::new(unwatchable(&folder, &error)))?;
        watched.insert(folder);
    }
    Ok(())
}

fn unwatchable(path: &Path, error: &notify::Error) -> Diagnostic {
    Diagnostic::error(
        CANNOT_WATCH,
        format!("cannot watch `{}`: {error}", path.display()),
    )
    .help("raise the system's limit on watched folders, or run `coldcut pack` after each change")
}
