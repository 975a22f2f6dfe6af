//! Builds of small projects, each laid out in an empty folder and run by the real `node`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::*;
use crate::bundle::CherryPicks;
use crate::packages::platform_fields::Target as RunsOn;
use coldcut_core::artifact::{Artifact, Content, RelPath};
use coldcut_core::diagnostics::Diagnostic;

struct World {
    _dir: tempfile::TempDir,
    base: PathBuf,
    root: PathBuf,
}

/// Files by name below a base folder; the function's folder is `p`.
fn world(files: &[(&str, &str)]) -> World {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().canonicalize().unwrap();
    for (name, text) in files {
        let path = base.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = base.join("p");
    World {
        _dir: dir,
        base,
        root,
    }
}

fn keep_all(_: &RelPath) -> IgnoreVerdict {
    IgnoreVerdict {
        keep: true,
        ..IgnoreVerdict::default()
    }
}

fn context(world: &World, handler: &str) -> ProjectContext {
    let handlers = [RelPath::new(handler).unwrap()];
    ProjectContext::open(
        &world.root,
        &handlers,
        &[],
        SharedSettings {
            archs: &["x86_64"],
            ..SharedSettings::default()
        },
    )
}

fn build(world: &World, handler: &str, mode: BuildMode) -> Result<Built, Vec<Diagnostic>> {
    let context = context(world, handler);
    let handler = RelPath::new(handler).unwrap();
    context.build(&BuildRequest {
        name: "f",
        handler: &handler,
        mode,
        cherry_picks: CherryPicks::known(),
        decide: &keep_all,
        external: &|_| None,
        target: None,
        runs: &RunsOn::new("x86_64", None, None),
    })
}

fn names(built: &Built) -> Vec<&str> {
    built.artifact.files.keys().map(RelPath::as_str).collect()
}

fn lay_out(artifact: &Artifact, to: &Path) {
    for (at, entry) in &artifact.files {
        let target = at.under(to);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        match &entry.content {
            Content::File { path, .. } => {
                std::fs::copy(path, target).unwrap();
            }
            Content::Bytes(bytes) => std::fs::write(target, bytes).unwrap(),
            Content::Link(link) => std::os::unix::fs::symlink(link, target).unwrap(),
        }
    }
}

/// What `node -p` prints for an expression evaluated in the folder.
fn node(dir: &Path, script: &str) -> String {
    let out = Command::new("node")
        .args(["-p", script])
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap().trim().to_string()
}

#[test]
fn a_typescript_project_ships_only_what_it_reaches_and_runs() {
    let world = world(&[
        (
            "p/package.json",
            r#"{"name":"p","dependencies":{"used":"1"},"devDependencies":{"dev":"1"}}"#,
        ),
        (
            "p/tsconfig.json",
            r#"{"compilerOptions":{"baseUrl":".","paths":{"@lib/*":["src/lib/*"]}}}"#,
        ),
        (
            "p/src/main.ts",
            "import { one } from '@lib/one';\nimport used from 'used';\nimport type { T } from './types';\n\
             import data = require('./data.json');\nexport enum Color { Red = 1 }\n\
             export const handler = async (e: T) => ({ one, used, data: data.x, c: Color.Red, l: (await import('./lazy')).default });\n",
        ),
        ("p/src/lib/one.ts", "export const one: number = 1;\n"),
        ("p/src/lazy.ts", "export default 'lazy';\n"),
        ("p/src/types.ts", "export interface T {}\n"),
        ("p/src/data.json", r#"{"x":5}"#),
        ("p/src/unused.ts", "export const no = 1;\n"),
        (
            "p/node_modules/used/package.json",
            r#"{"name":"used","version":"1.2.3","main":"lib"}"#,
        ),
        (
            "p/node_modules/used/lib/index.js",
            "module.exports = require('./a');\n",
        ),
        ("p/node_modules/used/lib/a.js", "module.exports = 'used';\n"),
        ("p/node_modules/used/lib/b.js", "module.exports = 'no';\n"),
        (
            "p/node_modules/dev/package.json",
            r#"{"name":"dev","version":"1.0.0"}"#,
        ),
    ]);
    let built = build(&world, "src/main.ts", BuildMode::Trace).unwrap();
    assert_eq!(
        names(&built),
        [
            "node_modules/used/lib/a.js",
            "node_modules/used/lib/index.js",
            "node_modules/used/package.json",
            "package.json",
            "src/data.json",
            "src/lazy.js",
            "src/lib/one.js",
            "src/main.js",
        ]
    );
    assert_eq!(built.artifact.handler.as_str(), "src/main.js");
    assert_eq!(built.dev_packages, ["dev@1.0.0"]);
    let out = tempfile::tempdir().unwrap();
    lay_out(&built.artifact, out.path());
    let run = "JSON.stringify(Object.keys(require('./src/main.js'))) + await0();\
               function await0() { require('./src/main.js').handler().then(v => console.log(JSON.stringify(v))); return ''; }";
    let said = node(out.path(), run);
    assert_eq!(
        said,
        "[\"Color\",\"handler\"]\n{\"one\":1,\"used\":\"used\",\"data\":5,\"c\":1,\"l\":\"lazy\"}"
    );
    let original = tempfile::tempdir().unwrap();
    context(&world, "src/main.ts")
        .original(original.path())
        .unwrap();
    assert_eq!(node(original.path(), run), said);
}

#[test]
fn hoisted_packages_and_siblings_of_a_workspace_move_in() {
    let world = world(&[
        (
            "p/package.json",
            r#"{"name":"p","type":"module","dependencies":{"hoisted":"1","@w/sib":"*"}}"#,
        ),
        (
            "p/main.mjs",
            "import h from 'hoisted';\nimport { s } from '@w/sib';\nexport const handler = () => h + s;\n",
        ),
        (
            "node_modules/hoisted/package.json",
            r#"{"name":"hoisted","version":"1.0.0"}"#,
        ),
        ("node_modules/hoisted/index.js", "module.exports = 'h';\n"),
        (
            "sib/package.json",
            r#"{"name":"@w/sib","version":"0.0.0","type":"module","main":"src/index.ts","exports":{".":"./src/index.ts"}}"#,
        ),
        (
            "sib/src/index.ts",
            "import { t } from './t';\nexport const s: string = t;\n",
        ),
        ("sib/src/t.ts", "export const t = 's';\n"),
    ]);
    std::fs::create_dir_all(world.base.join("node_modules/@w")).unwrap();
    std::os::unix::fs::symlink("../../sib", world.base.join("node_modules/@w/sib")).unwrap();
    for mode in [BuildMode::Trace, BuildMode::Prune] {
        let built = build(&world, "main.mjs", mode).unwrap();
        let out = tempfile::tempdir().unwrap();
        lay_out(&built.artifact, out.path());
        let run = "import('./main.mjs').then(m => console.log(m.handler())), ''";
        assert_eq!(node(out.path(), run), "hs", "{mode:?} {:?}", names(&built));
    }
    let original = tempfile::tempdir().unwrap();
    context(&world, "main.mjs")
        .original(original.path())
        .unwrap();
    let run = "import('./main.mjs').then(m => console.log(m.handler())), ''";
    assert_eq!(node(original.path(), run), "hs");
}

#[test]
fn what_cannot_be_followed_is_said_with_its_place() {
    let world = world(&[
        ("p/package.json", r#"{"name":"p"}"#),
        ("p/a.js", "require('./b');\n"),
        ("p/b.js", "\nrequire(process.env.X);\nrequire('./none');\n"),
    ]);
    let errors = build(&world, "a.js", BuildMode::Trace).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].message, "cannot find `./none`");
    assert_eq!(errors[0].at.as_ref().unwrap().line, Some(3));
    assert!(
        errors[0]
            .notes
            .iter()
            .any(|note| note.contains("a.js -> b.js"))
    );
}

#[test]
fn missing_dependencies_are_one_error() {
    let world = world(&[
        (
            "p/package.json",
            r#"{"name":"p","dependencies":{"a":"1","b":"1"}}"#,
        ),
        ("p/a.js", "require('a'); require('b');\n"),
    ]);
    let errors = build(&world, "a.js", BuildMode::Trace).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].help.as_ref().unwrap().contains("--install"));
}

#[test]
fn a_link_out_of_the_project_is_an_error_and_a_loop_is_not() {
    let world = world(&[
        ("p/package.json", r#"{"name":"p"}"#),
        ("p/a.js", "exports.handler = 1;\n"),
        ("p/d/x.txt", "x"),
        ("secret.txt", ""),
    ]);
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, world.root.join(name)).unwrap();
    };
    link("d", "inside");
    link("loop", "loop");
    let built = build(&world, "a.js", BuildMode::Prune).unwrap();
    assert_eq!(names(&built), ["a.js", "d/x.txt", "inside", "package.json"]);
    assert_eq!(built.warnings.len(), 1);
    assert_eq!(built.warnings[0].code, BAD_LINK);
    link("../secret.txt", "out");
    let errors = build(&world, "a.js", BuildMode::Prune).unwrap_err();
    assert_eq!(errors[0].code, LINK_OUT);
}
