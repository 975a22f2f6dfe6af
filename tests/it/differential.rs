//! Random module graphs, run by Node as they are and as bundles.
//!
//! In: seeds. Out: nothing, or the graphs whose bundles print something else than their sources do,
//! the first of them reduced to the lines that it takes. `COLDCUT_GRAPHS` says how many graphs
//! (2,000 unless told, 500 of functions with and without effects, 1,000 of modules that wait), `COLDCUT_SEED` the first seed; with `COLDCUT_GRAPHS_ALL` every graph that
//! differs is reduced and shown. A graph that Node itself refuses is passed over.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use coldcut_js::bundle::{self, CherryPicks, Format, Options};
use rayon::prelude::*;

use crate::effects;
use crate::graphs::{Graph, graph};
use crate::support::{number, repository};
use crate::waiting_graphs;

/// Few processes, each small enough that what it holds stays small.
const BATCH: usize = 100;

/// What each of the entries prints, run one after the other.
fn node(entries: &[PathBuf], folder: &Path) -> Vec<String> {
    let (list, results) = (folder.join("list.json"), folder.join("results.jsonl"));
    let mut out: Vec<String> = Vec::new();
    while out.len() < entries.len() {
        let _ = std::fs::remove_file(&results);
        let rest = serde_json::to_vec(&entries[out.len()..]).unwrap();
        std::fs::write(&list, rest).unwrap();
        let why = watched(
            Command::new("node")
                .arg("--no-warnings")
                .arg(repository().join("tests/it/runner.mjs"))
                .args([&list, &results]),
            &results,
        );
        let text = std::fs::read_to_string(&results).unwrap_or_default();
        let found = text.lines().map(serde_json::from_str::<String>);
        out.extend(found.map(Result::unwrap));
        if out.len() < entries.len() {
            out.push(why);
        }
    }
    out
}

/// Some graphs never end, in Node itself too, and no timer of their own process stops them.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a process for as long as it goes on writing results; says why it ended.
fn watched(command: &mut Command, results: &Path) -> String {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let written = || std::fs::metadata(results).map_or(0, |file| file.len());
    let (mut last, mut since) = (written(), Instant::now());
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return format!("failed with the process: {status}");
        }
        let now = written();
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return "never ends".to_string();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One graph in one form of output.
#[derive(Debug, Clone)]
struct Case {
    graph: Graph,
    format: Format,
    minify: bool,
}

/// Writes the graph below `folder` and gives the entry.
fn write(graph: &Graph, folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in &graph.files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.join(&graph.files[0].0)
}

/// Bundles `entry` into `out`, or says why not.
fn bundled(entry: &Path, case: &Case, out: &Path) -> Result<(), String> {
    let folder = out.parent().unwrap();
    let base = entry.parent().unwrap().to_path_buf();
    let options = Options {
        format: case.format,
        minify: case.minify,
        ..Options::plain(base, &|_| false, CherryPicks::known())
    };
    let made = catch_unwind(AssertUnwindSafe(|| bundle::bundle(entry, &options, folder)));
    match made {
        Ok(Ok(bundled)) => {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(out, bundled.code).unwrap();
            Ok(())
        }
        Ok(Err(errors)) => Err(format!("not bundled: {errors:?}")),
        Err(_) => Err("the bundler panicked".to_string()),
    }
}

const BOTH: [Format; 2] = [Format::Cjs, Format::Esm];

fn refuses(printed: &str) -> bool {
    ["failed ", "later ", "unheard ", "never "]
        .iter()
        .any(|mark| printed.lines().any(|line| line.starts_with(mark)))
}

/// What Node and the bundle print, for each case; `None` where Node refuses the sources.
fn printed(cases: &[Case]) -> Vec<Option<(String, String)>> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    // Forms of one graph stand side by side and share its sources.
    let mut sources: Vec<PathBuf> = Vec::new();
    let mut source_of = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if at == 0 || case.graph != cases[at - 1].graph {
            sources.push(write(&case.graph, &root.join(format!("{at}/source"))));
        }
        source_of.push(sources.len() - 1);
    }
    let ran = node(&sources, &root);
    let expected = |at: usize| &ran[source_of[at]];
    let outs: Vec<Option<Result<PathBuf, String>>> = (0..cases.len())
        .into_par_iter()
        .map(|at| {
            if refuses(expected(at)) {
                return None;
            }
            let ext = match cases[at].format {
                Format::Cjs => "cjs",
                Format::Esm => "mjs",
            };
            let out = root.join(format!("{at}/out/out.{ext}"));
            let entry = &sources[source_of[at]];
            Some(bundled(entry, &cases[at], &out).map(|()| out))
        })
        .collect();
    let files: Vec<PathBuf> = outs.iter().flatten().flatten().cloned().collect();
    let mut found = node(&files, &root).into_iter();
    outs.into_iter()
        .enumerate()
        .map(|(at, out)| {
            let found = match out? {
                Ok(_) => found.next().unwrap(),
                Err(why) => why,
            };
            Some((expected(at).clone(), found))
        })
        .collect()
}

/// The smallest graph found that still differs: without files, without lines.
fn reduced(mut case: Case) -> Case {
    loop {
        let mut smaller: Vec<Graph> = Vec::new();
        let files = &case.graph.files;
        for at in (1..files.len()).rev() {
            let mut files = files.clone();
            files.remove(at);
            smaller.push(Graph { files });
        }
        for (at, (_, text)) in files.iter().enumerate() {
            let lines: Vec<&str> = text.lines().collect();
            for size in [lines.len(), 8, 3, 2, 1] {
                for start in (0..lines.len()).step_by(size.max(1)) {
                    let end = (start + size).min(lines.len());
                    let kept = [&lines[..start], &lines[end..]].concat();
                    let mut files = files.clone();
                    files[at].1 = kept.iter().map(|line| format!("{line}\n")).collect();
                    smaller.push(Graph { files });
                }
            }
        }
        let length = |files: &[(String, String)]| -> (usize, usize) {
            let text = files.iter().map(|(_, text)| text.len()).sum();
            (files.len(), text)
        };
        let before = length(files);
        smaller.retain(|graph| length(&graph.files) < before);
        let next = smaller.chunks(30).find_map(|graphs| {
            let cases: Vec<Case> = graphs
                .iter()
                .map(|graph| Case {
                    graph: graph.clone(),
                    ..case.clone()
                })
                .collect();
            let wrong = |(_, printed): &(_, Option<(String, String)>)| {
                matches!(printed, Some((expected, found)) if expected != found)
            };
            let printed = printed(&cases);
            cases.into_iter().zip(printed).find(wrong)
        });
        let next = next.map(|(next, _)| next);
        match next {
            Some(next) => case = next,
            None => return case,
        }
    }
}

fn shown(seed: u64, case: &Case) -> String {
    let mut text = format!(
        "seed {seed} as {:?}, minified: {}\n",
        case.format, case.minify
    );
    for (name, source) in &case.graph.files {
        write!(text, "--- {name}\n{source}").unwrap();
    }
    if let Some((expected, found)) = &printed(std::slice::from_ref(case))[0] {
        write!(text, "=== Node\n{expected}\n=== bundle\n{found}\n").unwrap();
    }
    text
}

#[test]
fn random_graphs_print_what_their_sources_print() {
    hold(number("COLDCUT_GRAPHS", 2000), graph, &BOTH);
}

#[test]
fn what_is_left_out_did_nothing() {
    hold(number("COLDCUT_GRAPHS", 500), effects::graph, &BOTH);
}

/// CommonJS cannot wait.
#[test]
fn modules_wait_side_by_side_as_in_node() {
    hold(
        number("COLDCUT_GRAPHS", 1000),
        waiting_graphs::graph,
        &[Format::Esm],
    );
}

/// Holds so many graphs to Node.
fn hold(count: u64, graph: fn(u64) -> Graph, formats: &[Format]) {
    let first = number("COLDCUT_SEED", 0);
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(64 << 20)
        .build()
        .unwrap();
    let seeds: Vec<u64> = (first..first + count).collect();
    let case = |seed: u64, form: usize| Case {
        graph: graph(seed),
        format: formats[form],
        minify: (seed + form as u64).is_multiple_of(2),
    };
    let results: Vec<(u64, usize, Option<bool>)> = pool.install(|| {
        seeds
            .par_chunks(BATCH)
            .flat_map(|seeds| {
                let all: Vec<(u64, usize)> = seeds
                    .iter()
                    .flat_map(|seed| (0..formats.len()).map(|form| (*seed, form)))
                    .collect();
                let cases: Vec<Case> = all.iter().map(|(seed, form)| case(*seed, *form)).collect();
                let printed = printed(&cases);
                all.into_iter()
                    .zip(printed)
                    .map(|((seed, form), printed)| {
                        (
                            seed,
                            form,
                            printed.map(|(expected, found)| expected != found),
                        )
                    })
                    .collect::<Vec<_>>()
            })
            .collect()
    });
    let refused = results
        .iter()
        .filter(|(_, _, wrong)| wrong.is_none())
        .count() as u64
        / formats.len() as u64;
    let wrong: Vec<(u64, usize)> = results
        .iter()
        .filter(|(_, _, wrong)| *wrong == Some(true))
        .map(|(seed, form, _)| (*seed, *form))
        .collect();
    println!(
        "{count} graphs, {refused} refused by Node, {} bundles differ: {:?}",
        wrong.len(),
        wrong.iter().map(|(seed, _)| seed).collect::<Vec<_>>()
    );
    let all = std::env::var_os("COLDCUT_GRAPHS_ALL").is_some();
    let most = if all { wrong.len() } else { 1 };
    let texts: Vec<String> = pool.install(|| {
        wrong[..most.min(wrong.len())]
            .par_iter()
            .map(|(seed, form)| shown(*seed, &reduced(case(*seed, *form))))
            .collect()
    });
    assert!(wrong.is_empty(), "{}", texts.join("==========\n"));
    assert!(
        refused * 10 <= count * 4,
        "{refused} of {count} graphs were refused"
    );
}
