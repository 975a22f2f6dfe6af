//! Random module graphs, run by Node as they are and as bundles.
//!
//! In: a seed. Out: nothing, or the first graph whose bundle prints something else than its
//! sources do. ES modules and CommonJS are mixed, with cycles, side effects, re-exports and live
//! bindings. `COLDCUT_GRAPHS` says how many graphs (100 unless told), `COLDCUT_SEED` the first seed.
//! A graph that Node itself refuses is passed over; at most four in ten may be.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use rayon::prelude::*;

use crate::support::{Random, coldcut};

#[derive(Debug)]
struct Graph {
    files: Vec<(String, String)>,
}

fn graph(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let count = 2 + random.below(6);
    let esm: Vec<bool> = (0..count).map(|_| random.chance(55)).collect();
    let name = |at: usize| {
        format!(
            "{}{at}.{}",
            if at == 0 { "main" } else { "m" },
            if esm[at] { "mjs" } else { "cjs" }
        )
    };
    let files = (0..count)
        .map(|at| {
            let text = if esm[at] {
                es_module(&mut random, at, &esm, &name)
            } else {
                common_js(&mut random, at, &esm, &name)
            };
            (name(at), text)
        })
        .collect();
    Graph { files }
}

/// Every module exports the same kinds of things, so that any can use any other.
fn es_module(
    random: &mut Random,
    at: usize,
    esm: &[bool],
    name: &dyn Fn(usize) -> String,
) -> String {
    let mut head = String::new();
    let mut body = String::new();
    let _ = writeln!(body, "console.log('run {at}');");
    for _ in 0..random.below(3) + usize::from(at == 0) {
        let to = random.below(esm.len());
        let from = name(to);
        let tag = random.next() % 100_000;
        match random.below(8) {
            0 => {
                let _ = writeln!(head, "import '{}';", format_args!("./{from}"));
            }
            1 | 2 => {
                let _ = writeln!(
                    head,
                    "import {{ value as v{tag}, bump as b{tag} }} from './{from}';"
                );
                let _ = writeln!(
                    body,
                    "try {{ console.log({at}, v{tag}); b{tag}(); console.log({at}, v{tag}, typeof b{tag}); }} catch (error) {{ console.log({at}, error.name); }}"
                );
            }
            3 => {
                let _ = writeln!(head, "import * as n{tag} from './{from}';");
                let key = ["value", "list", "spare"][random.below(3)];
                let _ = writeln!(
                    body,
                    "try {{ console.log({at}, n{tag}.value, n{tag}['{key}'] === undefined); }} catch (error) {{ console.log({at}, error.name); }}"
                );
                if random.chance(50) {
                    let _ = writeln!(
                        body,
                        "const k{tag} = Object.keys(n{tag}).filter((k) => k !== '__esModule').join(); console.log(typeof k{tag});"
                    );
                }
            }
            4 => {
                let _ = writeln!(head, "import d{tag} from './{from}';");
                let _ = writeln!(
                    body,
                    "try {{ console.log({at}, typeof d{tag}, d{tag} && d{tag}.value); }} catch (error) {{ console.log({at}, error.name); }}"
                );
            }
            5 => {
                let _ = writeln!(
                    head,
                    "export {{ value as again{tag}, list as l{tag} }} from './{from}';"
                );
            }
            6 => {
                let _ = writeln!(head, "export * from './{from}';");
            }
            _ => {
                let _ = writeln!(
                    body,
                    "globalThis.later.push(async () => {{ const n = await import('./{from}'); {}; }});",
                    if esm[to] {
                        format!("console.log({at}, 'late', n.value, n.bump && (n.bump(), n.value))")
                    } else {
                        format!("console.log({at}, 'late', typeof n.default)")
                    }
                );
            }
        }
    }
    let _ = writeln!(body, "export let value = 'v{at}';");
    let _ = writeln!(
        body,
        "export function bump() {{ value += '+'; return inner(1); }}"
    );
    let _ = writeln!(body, "function inner(n) {{ return {{ n, value }}; }}");
    let _ = writeln!(body, "export const list = [inner(2).n];");
    let _ = writeln!(
        body,
        "export class Spare{at} {{ static made = 's{at}'; run() {{ return list; }} }}"
    );
    if random.chance(30) {
        let _ = writeln!(
            body,
            "Spare{at}.prototype.more = function () {{ return this.run(); }};\nconsole.log(new Spare{at}().more().length);"
        );
    }
    if random.chance(40) {
        let _ = writeln!(body, "const unused{at} = console.log('effect {at}');");
    }
    match random.below(4) {
        0 => body.push_str("export default { value: 'default' };\n"),
        1 => body.push_str("export default function named() { return value; }\n"),
        2 => body.push_str("export { list as default };\n"),
        _ => body.push_str("export default inner;\n"),
    }
    let _ = writeln!(body, "value += '.';");
    head + &body
}

fn common_js(
    random: &mut Random,
    at: usize,
    esm: &[bool],
    name: &dyn Fn(usize) -> String,
) -> String {
    let mut body = String::new();
    if random.chance(40) {
        body.push_str("'use strict';\n");
    }
    let _ = writeln!(
        body,
        "console.log('run {at}', this === module.exports, (() => typeof this)());"
    );
    let replaced = random.below(4);
    if replaced == 0 {
        let _ = writeln!(
            body,
            "module.exports = {{ value: 'v{at}', bump() {{ this.value += '+'; }}, list: [{at}], spare: 'x' }};"
        );
    } else if replaced == 1 {
        let _ = writeln!(
            body,
            "module.exports = exports = function callable() {{ return 'called {at}'; }};"
        );
    }
    if replaced != 0 {
        let _ = writeln!(
            body,
            "exports.value = 'v{at}';\nexports.bump = () => {{ exports.value += '+'; }};\nexports.list = [{at}];"
        );
    }
    if random.chance(30) {
        let _ = writeln!(
            body,
            "Object.defineProperty(exports, 'spare', {{ enumerable: true, get: function () {{ return exports.value; }} }});"
        );
    }
    if random.chance(25) {
        body.push_str("Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = 'cjs default';\n");
    }
    for _ in 0..random.below(4) + usize::from(at == 0) {
        let to = random.below(esm.len());
        let from = name(to);
        let tag = random.next() % 100_000;
        match random.below(8) {
            0 => {
                let _ = writeln!(body, "require('./{from}');");
            }
            1 => {
                let _ = writeln!(
                    body,
                    "const r{tag} = require('./{from}');\nif (r{tag}.bump) r{tag}.bump();\nconsole.log({at}, r{tag}.value, typeof r{tag});"
                );
            }
            2 => {
                let _ = writeln!(body, "const {{ value: p{tag}, list }} = require('./{from}'); {{ console.log({at}, p{tag}, list && list.length); }}").map(|()| {
                    body = body.replace(", list }", &format!(", list: q{tag} }}")).replace("list && list.length", &format!("q{tag} && q{tag}.length"));
                });
            }
            3 => {
                let _ = writeln!(
                    body,
                    "console.log({at}, require('./{from}').value, Object.keys(require('./{from}')).sort().join());"
                );
            }
            4 => {
                let _ = writeln!(
                    body,
                    "try {{ require('./missing{tag}.cjs'); }} catch (error) {{ console.log({at}, error.code); }}"
                );
            }
            5 => {
                let _ = writeln!(
                    body,
                    "exports.later{tag} = function () {{ return require('./{from}').value; }};\nglobalThis.later.push(async () => console.log({at}, exports.later{tag} && exports.later{tag}()));"
                );
            }
            6 => {
                let _ = writeln!(
                    body,
                    "exports.passed{tag} = require('./{from}');\nconsole.log({at}, typeof exports.passed{tag});"
                );
            }
            _ => {
                let _ = writeln!(
                    body,
                    "globalThis.later.push(async () => {{ const n = await import('./{from}'); console.log({at}, 'late', typeof n.default); }});"
                );
            }
        }
    }
    if random.chance(50) {
        let _ = writeln!(
            body,
            "function Old{at}() {{ this.x = {at}; }}\nOld{at}.prototype.get = function () {{ return this.x; }};"
        );
        if random.chance(50) {
            let _ = writeln!(body, "console.log(new Old{at}().get());");
        }
    }
    body
}

/// Runs an entry and then, one after the other, what modules left for later.
fn node(folder: &Path, entry: &str) -> Output {
    let driver = "globalThis.later = [];\n\
        import(process.argv[1]).then(async () => { for (const one of globalThis.later) { try { await one(); } catch (error) { console.log('later', error.name); } } }, \
        (error) => { console.log('failed', error.name); });";
    Command::new("node")
        .current_dir(folder)
        .args(["--no-warnings", "-e", driver])
        .arg(folder.join(entry))
        .output()
        .unwrap()
}

/// What differs for one seed; `Err` where Node refuses the graph itself.
fn difference(seed: u64) -> Result<Option<String>, ()> {
    let graph = graph(seed);
    let folder = tempfile::tempdir().unwrap();
    let (source, out) = (folder.path().join("source"), folder.path().join("out"));
    std::fs::create_dir_all(&source).unwrap();
    std::fs::create_dir_all(&out).unwrap();
    for (name, text) in &graph.files {
        std::fs::write(source.join(name), text).unwrap();
    }
    let entry = &graph.files[0].0;
    let expected = node(&source, entry);
    let expected = String::from_utf8_lossy(&expected.stdout).into_owned();
    if expected.contains("failed ") || expected.contains("later ") {
        return Err(());
    }
    for (at, format) in ["cjs", "esm"].into_iter().enumerate() {
        let minify = (seed as usize + at).is_multiple_of(2);
        let name = format!("out.{}", if format == "esm" { "mjs" } else { "cjs" });
        let bundled = coldcut()
            .current_dir(&source)
            .args(["bundle", entry, "--format", format, "--outfile"])
            .arg(out.join(&name))
            .arg(if minify { "--minify" } else { "--no-minify" })
            .output()
            .unwrap();
        let printed = if bundled.status.success() {
            let ran = node(&out, &name);
            String::from_utf8_lossy(&ran.stdout).into_owned()
        } else {
            String::from_utf8_lossy(&bundled.stderr).into_owned()
        };
        if printed != expected {
            let mut text = format!("seed {seed} as {format}, minified: {minify}\n");
            for (name, source) in &graph.files {
                let _ = writeln!(text, "--- {name}\n{source}");
            }
            let _ = writeln!(text, "=== Node\n{expected}=== bundle\n{printed}");
            return Ok(Some(text));
        }
    }
    Ok(None)
}

#[test]
fn random_graphs_print_what_their_sources_print() {
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (count, first) = (number("COLDCUT_GRAPHS", 100), number("COLDCUT_SEED", 0));
    let results: Vec<Result<Option<String>, ()>> = (first..first + count)
        .into_par_iter()
        .map(difference)
        .collect();
    let refused = results.iter().filter(|result| result.is_err()).count();
    let wrong: Vec<String> = results.into_iter().flatten().flatten().collect();
    if std::env::var_os("COLDCUT_GRAPHS_ALL").is_some() {
        let mut sorted: Vec<&String> = wrong.iter().collect();
        sorted.sort_by_key(|text| text.len());
        for text in sorted {
            println!("{text}\n==========");
        }
    }
    println!(
        "{count} graphs, {refused} refused by Node, {} differ",
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} differ; the first:\n{}",
        wrong.len(),
        wrong.iter().min_by_key(|text| text.len()).unwrap()
    );
    assert!(
        refused as u64 * 10 <= count * 4,
        "{refused} of {count} graphs were refused"
    );
}
