//! Good artifacts, each broken in one way: `coldcut verify --against` must see every one that is
//! not what it was.
//!
//! In: a seed for each mutant. Whether loading or the answer changed is found out apart from
//! coldcut, by a few lines of plain `node`. `COLDCUT_BROKEN` says how many mutants (100 unless
//! told), `COLDCUT_SEED` the first seed.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rayon::prelude::*;
use regex::Regex;

use crate::support::{Pack, Project, Random, coldcut, installed, number, repository};
use crate::zips::{self, Entry};

/// Loads, calls, and prints all that shows; ends by itself or is ended.
const PLAIN: &str = r#"
const [dir, setting, event] = process.argv.slice(1);
const fs = require('fs'), path = require('path'), url = require('url');
const show = (x) => { console.log(JSON.stringify(x).split(dir).join('<root>')); process.exit(0); };
const failed = (e) => show({ error: String(e && e.name), message: String(e && e.message).split('\n')[0] });
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
process.on('beforeExit', () => show({ error: 'never settles' }));
setTimeout(() => show({ error: 'hangs' }), 8000).unref();
const dot = setting.lastIndexOf('.');
const base = path.join(dir, setting.slice(0, dot)), name = setting.slice(dot + 1);
const file = ['.js', '.mjs', '.cjs'].map((e) => base + e).find((f) => fs.existsSync(f));
if (!file) show({ error: 'no file' });
const typed = (folder) => {
  const manifest = path.join(folder, 'package.json');
  if (fs.existsSync(manifest)) try { return JSON.parse(fs.readFileSync(manifest, 'utf8')).type; } catch { return; }
  if (folder !== path.dirname(folder)) return typed(path.dirname(folder));
};
const module = file.endsWith('.mjs') || (file.endsWith('.js') && typed(path.dirname(file)) === 'module');
const load = async () => (module ? import(url.pathToFileURL(file).href) : require(file));
load().then((all) => {
  const shape = (k) => [k, typeof all[k], typeof all[k] === 'function' ? all[k].length : null];
  const shapes = Object.keys(all).filter((k) => k !== 'default' && k !== 'module.exports').sort().map(shape);
  const answer = (value) => show({ shapes, value: value === undefined ? null : value });
  const out = all[name](JSON.parse(event), {}, (e, value) => (e ? failed(e) : answer(value)));
  if (out && out.then) out.then(answer, failed);
}, failed);
"#;

type Files = BTreeMap<String, (u32, Vec<u8>)>;

struct Good {
    name: String,
    files: Files,
    handler: String,
    event: PathBuf,
    /// The project's folder and the zip.
    originals: [PathBuf; 2],
    /// What plain `node` sees of it.
    shows: String,
}

fn read(zip: &Path) -> Files {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut entry = archive.by_index(at).unwrap();
            let mut data = Vec::new();
            entry.read_to_end(&mut data).unwrap();
            let mode = entry.unix_mode().unwrap_or(0o100_644);
            (entry.name().unwrap().into_owned(), (mode, data))
        })
        .collect()
}

fn write(files: &Files, path: &Path) {
    let entries: Vec<Entry<'_>> = files
        .iter()
        .map(|(name, (mode, data))| Entry {
            mode: *mode,
            ..Entry::file(name, data)
        })
        .collect();
    std::fs::write(path, zips::bytes(&entries, false)).unwrap();
}

/// What Lambda switches off: `require` of ES modules in 20 and 22, guessing what a file is in 22.
fn lambda_flags() -> &'static [String] {
    static FLAGS: OnceLock<Vec<String>> = OnceLock::new();
    FLAGS.get_or_init(|| {
        let code = "const [major] = process.versions.node.split('.').map(Number); const has = (flag) => process.allowedNodeEnvironmentFlags.has(flag); console.log([...(major < 24 ? ['--no-experimental-require-module'] : []), ...(major === 22 ? ['--no-experimental-detect-module'] : [])].filter(has).join(' '))";
        let output = Command::new("node").args(["-e", code]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().map(str::to_string).collect()
    })
}

/// What plain `node` sees of an artifact.
fn shows(zip: &Path, handler: &str, event: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    coldcut_verify::unpack(zip, &root).unwrap();
    let output = Command::new("node")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .current_dir(&root)
        .args(lambda_flags())
        .args(["-e", PLAIN, "--"])
        .arg(&root)
        .args([handler, &std::fs::read_to_string(event).unwrap()])
        .output()
        .unwrap();
    // What the handler itself prints comes before.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .last()
        .unwrap_or("it ends without a word")
        .to_string()
}

/// A project with a native addon: the one of a package in a fixture that this machine can load.
fn with_addon() -> Project {
    let from = installed("npm-packages").join("node_modules/@msgpackr-extract");
    let loads = |file: &Path| {
        let code = "require(process.argv[1])";
        let done = Command::new("node").args(["-e", code]).arg(file).output();
        done.unwrap().status.success()
    };
    let addon = walkdir::WalkDir::new(from)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .find(|file| file.extension().is_some_and(|kind| kind == "node") && loads(file))
        .expect("an addon of the fixture loads here");
    let project = Project::new(&[
        ("package.json", r#"{"name":"addon","main":"index.js"}"#),
        (
            "index.js",
            "const native = require('./native/extract.node'); const { x } = require('./lib/x'); exports.handler = async (event) => [Object.keys(native).sort(), x(event)];\n",
        ),
        ("lib/x.js", "exports.x = (event) => event.n;\n"),
        ("event.json", "{\"n\":1}"),
        ("native/readme.md", ""),
    ]);
    std::fs::copy(addon, project.path().join("native/extract.node")).unwrap();
    project
}

fn good(
    project: &Path,
    out: &Path,
    function: &str,
    handler: &str,
    strategy: &str,
    event: PathBuf,
) -> Good {
    let pack = Pack::run(
        project,
        &["--json", "--strategy", strategy, "--function", function],
    );
    let report = pack.report();
    let name = report["functions"][0]["name"].as_str().unwrap();
    let zip = out.join(format!("{name}-{strategy}.zip").replace('/', "-"));
    std::fs::copy(pack.out.path().join(format!("{name}.zip")), &zip).unwrap();
    Good {
        name: format!("{name} by {strategy}"),
        files: read(&zip),
        handler: handler.to_string(),
        shows: shows(&zip, handler, &event),
        event,
        originals: [project.to_path_buf(), zip],
    }
}

/// One way to break an artifact, and what was done; `None` where it has nothing to break so.
fn mutate(random: &mut Random, good: &Good) -> Option<(Files, String)> {
    let mut files = good.files.clone();
    let handler = good.handler.rsplit_once('.').unwrap();
    let pick = |random: &mut Random, wanted: &dyn Fn(&str) -> bool| -> Option<String> {
        let all: Vec<&String> = good.files.keys().filter(|name| wanted(name)).collect();
        // Own files half of the time: most of a pruned package is never asked for.
        let own: Vec<&String> = all
            .iter()
            .copied()
            .filter(|name| !name.contains("node_modules"))
            .collect();
        let from = if random.chance(50) && !own.is_empty() {
            &own
        } else {
            &all
        };
        (!from.is_empty()).then(|| from[random.below(from.len())].clone())
    };
    let code = |name: &str| {
        [".js", ".mjs", ".cjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let what = match random.below(6) {
        0 => {
            let name = pick(random, &|_| true)?;
            files.remove(&name);
            format!("`{name}` removed")
        }
        1 => {
            let exported = Regex::new(r"\bexports\.([A-Za-z_]\w*)|\bexport\s+(?:async\s+)?(?:const|let|function|class)\s+(\w+)|\bas\s+(\w+)\s*[,}]").unwrap();
            let name = pick(random, &|name| {
                code(name) && exported.is_match(&String::from_utf8_lossy(&good.files[name].1))
            })?;
            let text = String::from_utf8_lossy(&files[&name].1).into_owned();
            let found: Vec<_> = exported.captures_iter(&text).collect();
            let found = &found[random.below(found.len())];
            let word = (1..4).find_map(|at| found.get(at)).unwrap();
            let renamed = format!("{}Zz{}", &text[..word.end()], &text[word.end()..]);
            files.get_mut(&name)?.1 = renamed.into_bytes();
            format!("export `{}` of `{name}` renamed", word.as_str())
        }
        2 => {
            let name = pick(random, &code)?;
            files.get_mut(&name)?.1.clear();
            format!("`{name}` emptied")
        }
        3 => {
            let name = files
                .keys()
                .find(|name| {
                    name.rsplit_once('.')
                        .is_some_and(|(stem, _)| stem == handler.0)
                })?
                .clone();
            let data = files.remove(&name)?;
            files.insert(format!("old-{}", name.replace('/', "-")), data);
            format!("`{name}` renamed")
        }
        4 => {
            let name = pick(random, &|name| name.ends_with(".json"))?;
            let data = &mut files.get_mut(&name)?.1;
            data.truncate(data.len() / 2);
            format!("`{name}` cut in half")
        }
        _ => {
            let name = pick(random, &|name| name.ends_with(".node"))?;
            // The machine's number stands in the header; no machine has this one.
            let data = &mut files.get_mut(&name)?.1;
            data[18..20].copy_from_slice(&[0xff, 0xfe]);
            format!("`{name}` of another architecture")
        }
    };
    Some((files, what))
}

#[test]
fn every_mutant_that_does_something_else_is_caught() {
    let (count, first) = (number("COLDCUT_BROKEN", 100), number("COLDCUT_SEED", 0));
    let out = tempfile::tempdir().unwrap();
    let addon = with_addon();
    let fixture = |fixture: &str, function: &str, handler: &str, strategy: &str| {
        let event = repository()
            .join("fixtures")
            .join(fixture)
            .join(format!("events/{function}.json"));
        good(
            &installed(fixture),
            out.path(),
            function,
            handler,
            strategy,
            event,
        )
    };
    let mut goods = vec![
        fixture("esm-tla", "IngestFunction", "src/ingest.handler", "bundle"),
        fixture("esm-tla", "IngestFunction", "src/ingest.handler", "trace"),
        fixture("esm-tla", "DigestFunction", "src/digest.handler", "prune"),
        fixture(
            "legacy-cjs",
            "invoice",
            "handlers/invoice.handler",
            "bundle",
        ),
        fixture(
            "npm-workspace/packages/fn",
            "caption",
            "src/caption.handler",
            "bundle",
        ),
        fixture(
            "npm-workspace/packages/fn",
            "caption",
            "src/caption.handler",
            "trace",
        ),
        fixture(
            "npm-workspace/packages/fn",
            "caption",
            "src/caption.handler",
            "prune",
        ),
    ];
    for strategy in ["bundle", "trace"] {
        let event = addon.path().join("event.json");
        goods.push(good(
            addon.path(),
            out.path(),
            "addon",
            "index.handler",
            strategy,
            event,
        ));
    }
    for good in &goods {
        assert!(
            good.shows.contains("\"value\""),
            "{}: {}",
            good.name,
            good.shows
        );
        let found = verify(&good.originals[1], good, &good.originals[0]);
        assert_eq!(found.0, Some(0), "{}: {}", good.name, found.1);
    }
    let results: Vec<(bool, bool, String)> = (first..first + count)
        .into_par_iter()
        .map(|seed| {
            let mut random = Random::new(seed);
            let (good, (files, what)) = loop {
                let good = &goods[random.below(goods.len())];
                if let Some(mutant) = mutate(&mut random, good) {
                    break (good, mutant);
                }
            };
            let zip = out.path().join(format!("{seed}.zip"));
            write(&files, &zip);
            let now = shows(&zip, &good.handler, &good.event);
            let (status, said) = verify(&zip, good, &good.originals[random.below(2)]);
            std::fs::remove_file(&zip).unwrap();
            let story = format!(
                "seed {seed}: {}, {what}\nplain node: {now}\nand before: {}\nverify: {status:?} {said}",
                good.name, good.shows
            );
            (now != good.shows, status == Some(4), story)
        })
        .collect();
    let missed: Vec<&str> = results
        .iter()
        .filter(|r| r.0 && !r.1)
        .map(|r| r.2.as_str())
        .collect();
    let alarms: Vec<&str> = results
        .iter()
        .filter(|r| !r.0 && r.1)
        .map(|r| r.2.as_str())
        .collect();
    let changed = results.iter().filter(|r| r.0).count();
    println!(
        "{count} mutants: {changed} changed, {} of them caught; {} false alarms",
        changed - missed.len(),
        alarms.len()
    );
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n\n")
    );
    assert!(
        alarms.is_empty(),
        "{} false alarms:\n{}",
        alarms.len(),
        alarms.join("\n\n")
    );
    // Mutants that are all as before would show nothing.
    assert!(
        changed as u64 * 3 > count,
        "only {changed} of {count} changed"
    );
}

fn verify(zip: &Path, good: &Good, against: &Path) -> (Option<i32>, String) {
    let output = coldcut()
        .arg("verify")
        .arg(zip)
        .args(["--handler", &good.handler, "--event"])
        .arg(&good.event)
        .arg("--against")
        .arg(against)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}
