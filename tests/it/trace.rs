//! `coldcut trace` through the built binary, on small projects of many kinds of reference.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{Pack, Project, coldcut, names};

fn run(dir: &Path, args: &[&str]) -> Output {
    coldcut()
        .arg("trace")
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap()
}

fn document(dir: &Path, args: &[&str]) -> Value {
    let ran = run(dir, &[args, &["--json"]].concat());
    assert!(ran.status.success(), "{ran:?}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn files(dir: &Path, args: &[&str]) -> Vec<String> {
    let document = document(dir, args);
    let list = document["files"].as_array().unwrap();
    let names = list.iter().map(|name| name.as_str().unwrap().to_string());
    names.collect()
}

#[test]
fn what_code_reads_is_found_however_it_is_written() {
    let cases: [(&str, &str, &[&str]); 22] = [
        (
            "a choice inside a path",
            "require('fs').readFileSync(`${__dirname}/${process.env.X ? 'one' : 'two'}.txt`);",
            &["one.txt", "two.txt"],
        ),
        (
            "a default",
            "const lib = process.env.LIB || './sub'; require(lib + '/mod');",
            &["sub/mod.js"],
        ),
        (
            "the folder that the process runs in",
            "const { resolve: r } = require('node:path'); require('fs-extra').readJson(r(process.cwd(), 'sub/a.json'));",
            &["sub/a.json"],
        ),
        (
            "a compiled call and a separator",
            "const path_1 = require('path'); const { sep } = path_1; module.exports = [(0, path_1.join)(__dirname, 'one.txt'), __dirname + path_1.sep + 'two.txt'];",
            &["one.txt", "two.txt"],
        ),
        (
            "a variable that is set where modules are run late",
            "var path, root; var init = () => { path = require('path'); root = path.join(__dirname, '.'); };\n\
             init(); require(path.join(root, 'sub/a.json'));",
            &["sub/a.json"],
        ),
        (
            "a folder that is listed",
            "require('fs').readdirSync(__dirname + '/sub');",
            &["sub/a.json", "sub/mod.js"],
        ),
        (
            "a name that is not known between two that are",
            "const p = require('path'); module.exports = (x) => p.join(__dirname, x) + '/a.json';",
            &["sub/a.json"],
        ),
        (
            "a function around require",
            "const load = (name) => { try { return require(name); } finally { } }; module.exports = load('./sub/mod');",
            &["sub/mod.js"],
        ),
        (
            "both arms of a required choice",
            "module.exports = require((process.env.A ? './sub' : './other') + '/mod');",
            &["other/mod.js", "sub/mod.js"],
        ),
        (
            "a transport of a logger",
            "const pino = require('pino'); pino({ transport: { target: './sub/mod.js' } });",
            &["sub/mod.js"],
        ),
        (
            "hooks of the module loader",
            "const { register } = require('module'); register('./sub/mod.js', require('url').pathToFileURL(__filename));",
            &["sub/mod.js"],
        ),
        (
            "a script for another process",
            "require('child_process').fork(require.resolve('./sub/mod'));",
            &["sub/mod.js"],
        ),
        (
            "a `require` that is assigned later",
            "let need = null; need = require; need('./sub/' + process.argv[2]);",
            &["sub/a.json", "sub/mod.js"],
        ),
        (
            "a `require` that is made later, as compilers write it",
            "var made; var m = require('module'); made = (0, m.createRequire)(__filename); made('./sub/mod');",
            &["sub/mod.js"],
        ),
        (
            "what stands behind typeof",
            "module.exports = typeof require('./sub/mod').x + typeof require;",
            &["sub/mod.js"],
        ),
        (
            "the engine of views, and the folder where they are looked for",
            "const app = require('express')(); app.set('view engine', './sub/mod.js'); app.set('other', './other/mod.js');",
            &["sub/mod.js"],
        ),
        (
            "a property that is set later, to one of two",
            "const p = require('path'); const config = { name: 1 }; config.dir = __dirname; \
             if (process.argv[2]) config.dir = p.join(process.cwd(), 'sub'); \
             exports.read = () => [p.join(config.dir, 'one.txt')];",
            &["one.txt", "sub/a.json", "sub/mod.js"],
        ),
        (
            "a property of an object that is written out",
            "const p = require('path'); const config = { 'dir': __dirname + '/sub', other: 1 }; exports.read = () => p.join(config.dir, 'a.json');",
            &["sub/a.json", "sub/mod.js"],
        ),
        (
            "a property of `this`",
            "class Reader { constructor() { this.dir = __dirname; } read() { return require('fs').readFileSync(`${this.dir}/two.txt`); } } new Reader().read();",
            &["two.txt"],
        ),
        (
            "a field of a class",
            "class Reader { dir = __dirname; read() { return require('fs').readFileSync(this.dir + '/two.txt'); } } new Reader().read();",
            &["two.txt"],
        ),
        (
            "an array that is joined",
            "const { sep } = require('path'); require('fs').readFileSync([__dirname, 'sub', 'a.json'].join(sep)); require('fs').readFileSync([__dirname, 'one.txt'].join('/'));",
            &["one.txt", "sub/a.json"],
        ),
        (
            "nothing but the project's own folder",
            "const p = require('path'); module.exports = [p.join(__dirname), p.join(process.cwd(), process.argv[2])];",
            &[],
        ),
    ];
    for (what, text, expected) in cases {
        let dir = Project::new(&[
            ("main.js", text),
            ("one.txt", ""),
            ("two.txt", ""),
            ("sub/mod.js", "module.exports = 1;"),
            ("sub/a.json", "{}"),
            ("other/mod.js", "module.exports = 2;"),
            ("package.json", r#"{"name":"p"}"#),
        ]);
        let mut found = files(dir.path(), &["main.js"]);
        found.retain(|name| name != "main.js" && name != "package.json");
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn addons_are_those_of_the_platform() {
    let dir = Project::new(&[
        ("main.js", "require('a'); require('b'); require('c');"),
        (
            "node_modules/a/package.json",
            r#"{"name":"a","version":"1.0.0"}"#,
        ),
        (
            "node_modules/a/index.js",
            "module.exports = require('node-gyp-build')(__dirname);",
        ),
        ("node_modules/a/prebuilds/linux-x64/a.node", ""),
        ("node_modules/a/prebuilds/linux-x64/a.musl.node", ""),
        ("node_modules/a/prebuilds/linux-arm64/a.node", ""),
        ("node_modules/a/prebuilds/darwin-arm64/a.node", ""),
        (
            "node_modules/b/package.json",
            r#"{"name":"b","version":"1.0.0"}"#,
        ),
        (
            "node_modules/b/index.js",
            "const bind = __importDefault(require('bindings')); module.exports = (0, bind.default)('b');",
        ),
        ("node_modules/b/build/Release/b.node", ""),
        ("node_modules/b/build/Release/other.node", ""),
        (
            "node_modules/c/package.json",
            r#"{"name":"c","version":"1.0.0","main":"dist/i.js","optionalDependencies":{"c-linux-x64":"1","c-linux-arm64":"1"}}"#,
        ),
        (
            "node_modules/c/dist/i.js",
            "let dir = __dirname.replace(/dist$/, ''); module.exports = require('node-gyp-build-optional-packages')(dir);",
        ),
        ("node_modules/c-linux-x64/c.node", ""),
        (
            "node_modules/c-linux-x64/package.json",
            r#"{"name":"c-linux-x64","version":"1.0.0","os":["linux"],"cpu":["x64"]}"#,
        ),
        ("node_modules/c-linux-arm64/c.node", ""),
        (
            "node_modules/c-linux-arm64/package.json",
            r#"{"name":"c-linux-arm64","version":"1.0.0","os":["linux"],"cpu":["arm64"]}"#,
        ),
    ]);
    for (arch, folder) in [("x86_64", "linux-x64"), ("arm64", "linux-arm64")] {
        let mut found = files(dir.path(), &["main.js", "--arch", arch]);
        found.retain(|name| name.ends_with(".node"));
        let prebuilt = format!("node_modules/a/prebuilds/{folder}/a.node");
        let apart = format!("node_modules/c-{folder}/c.node");
        let compiled = "node_modules/b/build/Release/b.node";
        assert_eq!(found, [&prebuilt, compiled, &apart]);
    }
}

#[test]
fn rules_name_what_no_code_shows() {
    let dir = Project::new(&[
        ("main.js", "require('shiki');"),
        (
            "node_modules/shiki/package.json",
            r#"{"name":"shiki","main":"dist/index.js"}"#,
        ),
        ("node_modules/shiki/dist/index.js", ""),
        ("node_modules/shiki/languages/js.json", "{}"),
        ("node_modules/shiki/samples/js.sample", ""),
    ]);
    let document = document(dir.path(), &["main.js"]);
    let why = &document["reasons"]["node_modules/shiki/languages/js.json"];
    assert_eq!(why, &serde_json::json!(["rule shiki"]));
    assert!(document["reasons"]["node_modules/shiki/samples/js.sample"].is_null());
}

#[test]
fn users_add_rules_of_their_own() {
    let dir = Project::new(&[
        ("package.json", r#"{"name":"own","version":"1.0.0"}"#),
        (
            "main.js",
            "const x = require('x'); exports.handler = () => x;",
        ),
        (
            "node_modules/x/package.json",
            r#"{"name":"x","main":"lib/index.js"}"#,
        ),
        (
            "node_modules/x/lib/index.js",
            "module.exports = Date.now();",
        ),
        ("node_modules/x/data/one.dat", "1"),
        ("node_modules/x/data/two.txt", "2"),
        ("node_modules/y/package.json", r#"{"name":"y"}"#),
        ("node_modules/y/tables/a.bin", "a"),
        ("work/job.js", "require('./part');"),
        ("work/part.js", ""),
        ("spare.js", ""),
        (
            "coldcut.toml",
            "[[rule]]\nname = \"tables of x\"\npackage = \"x\"\nfile = \"lib/index.js\"\n\
             read = [\"data/*.dat\"]\nalso = [\"y/tables/\"]\n\
             [[rule]]\npackage = \"own\"\nrun = [\"work/job.js\"]\n\
             [[rule]]\npackage = \"x\"\nfile = \"lib/other.js\"\nread = [\"data/two.txt\"]\n",
        ),
    ]);
    let document = document(dir.path(), &["main.js"]);
    let why = |name: &str| document["reasons"][name].clone();
    let named = serde_json::json!(["rule tables of x"]);
    assert_eq!(why("node_modules/x/data/one.dat"), named);
    assert_eq!(why("node_modules/y/tables/a.bin"), named);
    assert_eq!(why("work/job.js"), serde_json::json!(["rule own"]));
    assert!(why("work/part.js").is_array());
    for absent in ["node_modules/x/data/two.txt", "spare.js"] {
        assert!(why(absent).is_null(), "{absent}");
    }
    for strategy in ["bundle", "trace"] {
        let args = ["--entry", "main.js", "--strategy", strategy];
        let pack = Pack::run(dir.path(), &args);
        assert_eq!(pack.status(), 0, "{}", pack.stderr());
        let names = names(&pack.out.path().join("main.zip"));
        for expected in ["node_modules/x/data/one.dat", "work/job.js", "work/part.js"] {
            assert!(names.iter().any(|name| name == expected), "{names:?}");
        }
    }
    dir.write(
        "coldcut.toml",
        "[[rule]]\npackage = \"x\"\nraed = [\"data/\"]\n",
    );
    let ran = run(dir.path(), &["main.js"]);
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("coldcut.toml:3:1"), "{said}");
    assert!(said.contains("did you mean `read`?"), "{said}");
}

#[cfg(unix)]
#[test]
fn links_are_listed_beside_what_they_lead_to() {
    let dir = Project::new(&[
        ("main.js", "require('x'); require('./link/y');"),
        ("packages/x/package.json", r#"{"name":"x"}"#),
        ("packages/x/index.js", ""),
        ("real/y.js", ""),
        ("node_modules/.keep", ""),
    ]);
    let link = std::os::unix::fs::symlink::<&str, std::path::PathBuf>;
    link("../packages/x", dir.path().join("node_modules/x")).unwrap();
    link("real", dir.path().join("link")).unwrap();
    let document = document(dir.path(), &["main.js"]);
    let expected = serde_json::json!({"link": "real", "node_modules/x": "packages/x"});
    assert_eq!(document["links"], expected);
    assert_eq!(
        files(dir.path(), &["main.js"]),
        [
            "link",
            "main.js",
            "node_modules/x",
            "packages/x/index.js",
            "packages/x/package.json",
            "real/y.js"
        ]
    );
}

#[test]
fn what_is_missing_is_said_and_what_cannot_be_read_is_refused() {
    let dir = Project::new(&[("main.js", "require('./gone');\nrequire(process.argv[2]);")]);
    let ran = run(dir.path(), &["main.js"]);
    assert!(ran.status.success());
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "main.js  (handler)\n");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("cannot find `./gone`"), "{said}");
    assert!(said.contains("this import is computed"), "{said}");
    let ran = run(dir.path(), &["absent.js"]);
    assert_eq!(ran.status.code(), Some(2));
    let ran = run(dir.path(), &["main.js", "--base", "/proc"]);
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("lies outside of"), "{said}");
}
