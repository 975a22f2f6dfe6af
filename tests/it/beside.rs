//! What `coldcut bundle` lays beside a bundle: each small program is run by Node as it lies there,
//! bundled, and run again in a folder that has nothing else in it.

use std::path::Path;
use std::process::Command;

use crate::support::{Project, coldcut};

struct Ran {
    printed: String,
    said: String,
    /// What lies in the output's folder, sorted.
    files: Vec<String>,
}

fn node(file: &Path, cwd: &Path) -> String {
    let ran = Command::new("node")
        .arg(file)
        .current_dir(cwd)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{}: {stderr}", file.display());
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

fn listed(dir: &Path) -> Vec<String> {
    let all = walkdir::WalkDir::new(dir).into_iter().map(Result::unwrap);
    let files = all.filter(|entry| !entry.file_type().is_dir());
    let name = |path: &Path| path.strip_prefix(dir).unwrap().display().to_string();
    let mut out: Vec<String> = files.map(|entry| name(entry.path())).collect();
    out.sort();
    out
}

/// Bundles `entry` of a project and runs it where the project is not.
fn bundled(project: &Project, entry: &str, out: &str, args: &[&str]) -> Ran {
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().canonicalize().unwrap();
    let file = folder.join(out);
    let made = coldcut()
        .current_dir(project.path())
        .args(["bundle", entry, "--outfile"])
        .arg(&file)
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(made.status.success(), "{said}");
    let hidden = project.path().with_extension("hidden");
    std::fs::rename(project.path(), &hidden).unwrap();
    let printed = node(&file, &folder);
    std::fs::rename(&hidden, project.path()).unwrap();
    Ran {
        printed,
        said,
        files: listed(&folder),
    }
}

/// The bundle prints what the original prints.
fn same(project: &Project, entry: &str, out: &str, args: &[&str]) -> Ran {
    let original = node(&project.path().join(entry), project.path());
    let ran = bundled(project, entry, out, args);
    assert_eq!(ran.printed, original, "{}", ran.said);
    ran
}

const MANIFEST: (&str, &str) = ("package.json", r#"{"name":"p"}"#);

#[test]
fn what_is_read_lies_where_the_code_looks_for_it() {
    let project = Project::new(&[
        MANIFEST,
        (
            "src/main.js",
            "const fs = require('fs'), path = require('path');\n\
             console.log(fs.readFileSync(path.join(__dirname, 'own.txt'), 'utf8'), require('./lib/deep'), require('dep'));",
        ),
        ("src/own.txt", "own"),
        (
            "src/lib/deep.js",
            "module.exports = require('fs').readFileSync(__dirname + '/deep.txt', 'utf8');",
        ),
        ("src/lib/deep.txt", "deep"),
        ("src/lib/unused.txt", "unused"),
        (
            "node_modules/dep/package.json",
            r#"{"name":"dep","version":"1.0.0","main":"lib/index.js"}"#,
        ),
        (
            "node_modules/dep/lib/index.js",
            "module.exports = require('fs').readFileSync(require('path').resolve(__dirname, '../data', 'a.txt'), 'utf8');",
        ),
        ("node_modules/dep/data/a.txt", "of a package"),
    ]);
    for (out, args) in [
        ("out.js", &[][..]),
        ("out.js", &["--minify"][..]),
        ("out.mjs", &["--format", "esm"][..]),
    ] {
        let ran = same(&project, "src/main.js", out, args);
        assert_eq!(
            ran.files,
            [
                "lib/deep.txt",
                "node_modules/dep/data/a.txt",
                "node_modules/dep/package.json",
                out,
                "own.txt"
            ]
        );
        assert!(
            ran.said.contains("which needs them: `lib/deep.txt`"),
            "{}",
            ran.said
        );
    }
}

#[test]
fn a_file_above_the_entry_moves_the_root_and_nothing_escapes() {
    let project = Project::new(&[
        MANIFEST,
        (
            "src/api/main.mjs",
            "import { readFileSync } from 'node:fs';\n\
             console.log(readFileSync(new URL('../../views/a.html', import.meta.url), 'utf8'));",
        ),
        ("views/a.html", "<p>"),
    ]);
    let ran = same(&project, "src/api/main.mjs", "out.mjs", &[]);
    assert_eq!(ran.files, ["out.mjs", "views/a.html"]);
}

#[test]
fn modules_of_a_listed_folder_are_in_the_bundle_once() {
    let project = Project::new(&[
        MANIFEST,
        (
            "main.js",
            "const models = require('./models');\n\
             console.log(Object.keys(models).sort().join(), models.user === require('./models/user'));",
        ),
        (
            "models/index.js",
            "const fs = require('fs'), path = require('path');\n\
             for (const file of fs.readdirSync(__dirname)) {\n\
               if (file === 'index.js') continue;\n\
               const model = require(path.join(__dirname, file));\n\
               exports[model.name] = model;\n\
             }",
        ),
        ("models/user.js", "exports.name = 'user';"),
        ("models/order.js", "exports.name = 'order';"),
    ]);
    for args in [&[][..], &["--minify"][..]] {
        let ran = same(&project, "main.js", "out.js", args);
        assert!(
            ran.files.contains(&"models/user.js".to_string()),
            "{:?}",
            ran.files
        );
    }
    let both = Project::new(&[
        MANIFEST,
        (
            "main.js",
            "const { join } = require('path');\n\
             const a = require(join(__dirname, process.env.NONE ? 'a' : 'b.js'));\n\
             console.log(a === require('./b'), a.n, require(__dirname + '/a').n);\n\
             try { require(join(__dirname, 'gone')); } catch (error) { console.log(error.code); }",
        ),
        ("a.js", "exports.n = 1;"),
        ("b.js", "exports.n = 2;"),
    ]);
    let ran = same(&both, "main.js", "out.js", &[]);
    assert_eq!(ran.files, ["out.js"]);
}

#[test]
fn imports_by_a_whole_path_are_in_the_bundle() {
    let project = Project::new(&[
        MANIFEST,
        (
            "main.mjs",
            "import { join, dirname } from 'node:path';\nimport { fileURLToPath } from 'node:url';\n\
             const here = dirname(fileURLToPath(import.meta.url));\n\
             for (const name of ['one', 'two']) {\n\
               const by = await import(new URL('./parts/' + name + '.mjs', import.meta.url));\n\
               const again = await import(join(here, 'parts', `${name}.mjs`));\n\
               console.log(by.default, by.default === again.default);\n\
             }",
        ),
        ("parts/one.mjs", "export default { n: 1 };"),
        ("parts/two.mjs", "export default { n: 2 };"),
    ]);
    let ran = same(&project, "main.mjs", "out.mjs", &[]);
    assert_eq!(ran.files, ["out.mjs"]);
}

#[test]
fn a_package_that_loads_its_files_by_name_is_kept_apart_and_is_there_once() {
    let project = Project::new(&[
        MANIFEST,
        (
            "main.js",
            "const host = require('host'), plain = require('plain');\n\
             const by = require('plugins/lib/' + (process.env.NONE || 'a'));\n\
             console.log(by === require('plugins/lib/a'), by.plain === plain, host);",
        ),
        ("node_modules/host/index.js", "module.exports = 'host';"),
        (
            "node_modules/host/package.json",
            r#"{"name":"host","version":"1.0.0"}"#,
        ),
        (
            "node_modules/plugins/package.json",
            r#"{"name":"plugins","version":"2.0.0"}"#,
        ),
        (
            "node_modules/plugins/lib/a.js",
            "exports.plain = require('plain');",
        ),
        ("node_modules/plugins/lib/b.js", "exports.b = 1;"),
        (
            "node_modules/plain/package.json",
            r#"{"name":"plain","version":"1.0.0"}"#,
        ),
        (
            "node_modules/plain/index.js",
            "module.exports = { plain: true };",
        ),
    ]);
    for (out, args) in [("out.js", &[][..]), ("out.mjs", &["--format", "esm"][..])] {
        let ran = same(&project, "main.js", out, args);
        for kept in [
            "node_modules/plugins/lib/a.js",
            "node_modules/plain/index.js",
        ] {
            assert!(ran.files.contains(&kept.to_string()), "{:?}", ran.files);
        }
        assert!(!ran.files.iter().any(|file| file.contains("host")));
        assert!(
            ran.said
                .contains("`plugins@2.0.0` ships as files beside the bundle")
        );
    }
}

#[test]
fn what_an_agent_hooks_into_is_still_loaded_by_require() {
    let project = Project::new(&[
        MANIFEST,
        (
            "main.js",
            "require('dd-trace').init(); console.log(require('pg').traced, require('other').traced);",
        ),
        (
            "node_modules/dd-trace/package.json",
            r#"{"name":"dd-trace","version":"5.0.0"}"#,
        ),
        (
            "node_modules/dd-trace/index.js",
            "const Module = require('module'), load = Module.prototype.require;\n\
             exports.init = () => { Module.prototype.require = function (name) {\n\
               const out = load.apply(this, arguments);\n\
               if (/node_modules.pg/.test(Module._resolveFilename(name, this))) out.traced = true;\n\
               return out;\n\
             }; };",
        ),
        (
            "node_modules/pg/package.json",
            r#"{"name":"pg","version":"8.0.0"}"#,
        ),
        ("node_modules/pg/index.js", "exports.pg = 1;"),
        (
            "node_modules/other/package.json",
            r#"{"name":"other","version":"1.0.0"}"#,
        ),
        ("node_modules/other/index.js", "exports.other = 1;"),
    ]);
    for (out, args) in [("out.js", &[][..]), ("out.mjs", &["--format", "esm"][..])] {
        let ran = same(&project, "main.js", out, args);
        assert_eq!(ran.printed, "true undefined\n");
        assert!(
            ran.said.contains("`dd-trace` patches it when it is loaded"),
            "{}",
            ran.said
        );
    }
}

#[test]
fn two_versions_of_one_package_each_find_their_own_files() {
    let read = "module.exports = require('fs').readFileSync(__dirname + '/v.txt', 'utf8');";
    let project = Project::new(&[
        MANIFEST,
        ("app/package.json", r#"{"name":"app"}"#),
        ("app/main.js", "console.log(require('v'), require('user'));"),
        (
            "app/node_modules/v/package.json",
            r#"{"name":"v","version":"1.0.0"}"#,
        ),
        ("app/node_modules/v/index.js", read),
        ("app/node_modules/v/v.txt", "one"),
        (
            "node_modules/v/package.json",
            r#"{"name":"v","version":"2.0.0"}"#,
        ),
        ("node_modules/v/index.js", read),
        ("node_modules/v/v.txt", "two"),
        (
            "node_modules/user/package.json",
            r#"{"name":"user","version":"1.0.0"}"#,
        ),
        (
            "node_modules/user/index.js",
            "module.exports = require('v');",
        ),
    ]);
    let ran = same(&project, "app/main.js", "out.js", &[]);
    let texts = ran.files.iter().filter(|file| file.ends_with("v.txt"));
    assert_eq!(texts.count(), 2, "{:?}", ran.files);
}

#[test]
fn a_worker_in_typescript_runs_beside_its_bundle() {
    let project = Project::new(&[
        MANIFEST,
        (
            "main.ts",
            "import { Worker } from 'node:worker_threads';\nimport { join } from 'node:path';\n\
             const text: string = 'to the worker';\n\
             const worker = new Worker(join(__dirname, 'worker.js'), { workerData: text });\n\
             worker.on('message', (back: string) => console.log(back));",
        ),
        (
            "worker.js",
            "const { parentPort, workerData } = require('node:worker_threads');\n\
             parentPort.postMessage(require('./shout')(workerData));",
        ),
        ("shout.js", "module.exports = (text) => text.toUpperCase();"),
    ]);
    let ran = bundled(&project, "main.ts", "out.js", &["--minify"]);
    assert_eq!(ran.printed, "TO THE WORKER\n");
    assert_eq!(ran.files, ["out.js", "shout.js", "worker.js"]);
}

#[test]
fn nothing_of_the_users_is_written_over() {
    let files = [
        MANIFEST,
        (
            "src/main.js",
            "console.log(require('fs').readFileSync(require('path').join(__dirname, '../data.txt'), 'utf8'));",
        ),
        ("data.txt", "data"),
    ];
    // In place: what lies there is what would be laid there.
    let project = Project::new(&files);
    let run = |args: &[&str]| {
        let mut command = coldcut();
        command.arg("bundle").args(args).current_dir(project.path());
        command.output().unwrap()
    };
    let made = run(&["src/main.js", "--outfile", "main.out.js"]);
    assert!(made.status.success(), "{made:?}");
    assert_eq!(
        node(&project.path().join("main.out.js"), project.path()),
        "data\n"
    );
    let text = std::fs::read_to_string(project.path().join("data.txt")).unwrap();
    assert_eq!(text, "data");

    let made = run(&["src/main.js", "--outfile", "out/main.js", "--no-assets"]);
    assert!(made.status.success(), "{made:?}");
    assert_eq!(listed(&project.path().join("out")), ["main.js"]);

    project.write(
        "other/main2.js",
        "console.log(require('fs').readFileSync(__dirname + '/data.txt', 'utf8'));",
    );
    project.write("other/data.txt", "other data");
    let made = run(&["src/main.js", "other/main2.js", "--outdir", "both"]);
    let said = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(1), "{said}");
    assert!(said.contains("each need a file `data.txt`"), "{said}");
}

#[test]
fn rules_of_the_user_hold_for_whoever_imports_too() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"app"}"#),
        (
            "coldcut.toml",
            "[[rule]]\nimports = \"templater\"\nread = [\"views/\"]\n",
        ),
        ("views/a.txt", "a view"),
        ("views/b.txt", "b view"),
        (
            "main.js",
            "const dir = [__dirname, ['v', 'iews'].join('')].map(String).join('/');\n\
             console.log(require('templater')(dir, 'b.txt'));\n",
        ),
        (
            "node_modules/templater/package.json",
            r#"{"name":"templater","version":"1.0.0"}"#,
        ),
        (
            "node_modules/templater/index.js",
            "module.exports = (dir, name) => require('fs').readFileSync(dir + '/' + name, 'utf8');\n",
        ),
    ]);
    let ran = bundled(&project, "main.js", "out.js", &[]);
    assert_eq!(ran.printed, "b view\n");
    assert_eq!(ran.files, ["out.js", "views/a.txt", "views/b.txt"]);
}

#[test]
fn a_secret_that_is_laid_beside_a_bundle_is_spoken_of() {
    let key =
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAxZ\n-----END RSA PRIVATE KEY-----\n";
    let project = Project::new(&[
        ("package.json", r#"{"name":"app"}"#),
        ("keys/server.txt", key),
        (
            "main.js",
            "console.log(require('fs').readFileSync(__dirname + '/keys/server.txt', 'utf8').length);\n",
        ),
    ]);
    let ran = bundled(&project, "main.js", "out.js", &[]);
    assert_eq!(ran.files, ["keys/server.txt", "out.js"]);
    assert!(ran.said.contains("CC048"), "{}", ran.said);
}

#[test]
fn a_package_whose_addon_is_looked_for_from_its_own_file_is_kept_apart() {
    // As `bindings` does it: from the file that called, which it reads off the stack.
    let helper = "const fs = require('fs'), path = require('path');\n\
        module.exports = (name) => {\n\
          const before = Error.prepareStackTrace;\n\
          Error.prepareStackTrace = (_, frames) => frames;\n\
          const caller = new Error().stack[1].getFileName();\n\
          Error.prepareStackTrace = before;\n\
          let dir = path.dirname(caller);\n\
          while (!fs.existsSync(path.join(dir, 'package.json'))) dir = path.dirname(dir);\n\
          return fs.readFileSync(path.join(dir, 'build/Release', name + '.node'), 'utf8');\n\
        };\n";
    let project = Project::new(&[
        ("package.json", r#"{"name":"app"}"#),
        (
            "main.js",
            "exports.open = () => require('db').open();\nconsole.log(exports.open());\n",
        ),
        (
            "node_modules/db/package.json",
            r#"{"name":"db","version":"1.0.0","main":"lib/index.js"}"#,
        ),
        (
            "node_modules/db/lib/index.js",
            "exports.open = () => require('bindings')('db');\n",
        ),
        ("node_modules/db/build/Release/db.node", "the addon"),
        (
            "node_modules/bindings/package.json",
            r#"{"name":"bindings","version":"1.0.0"}"#,
        ),
        ("node_modules/bindings/index.js", helper),
    ]);
    for args in [&[][..], &["--minify"]] {
        let ran = bundled(&project, "main.js", "out.js", args);
        assert_eq!(ran.printed, "the addon\n");
        assert!(ran.said.contains("CC156"), "{}", ran.said);
    }
}
