//! Native addons of real packages, of which those for other platforms are installed as well.
//!
//! In: `fixtures/addons`, whose `.npmrc` makes npm install what is for other systems, machines and
//! C libraries. Each package is traced for two machines; what is traced for this one is carried to
//! an empty folder and run there by the real `node`. What is wrong is made so by leaving out the
//! right files.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Pack, Project, carried, coldcut, copy, installed, names};

/// sharp for Linux on x64, with what it needs.
const SHARP: [&str; 6] = [
    "sharp",
    "@img/sharp-linux-x64",
    "@img/sharp-libvips-linux-x64",
    "@img/colour",
    "detect-libc",
    "semver",
];

fn trace(dir: &Path, text: &str, args: &[&str]) -> (Option<i32>, Value, String) {
    std::fs::write(dir.join("main.js"), text).unwrap();
    let ran = coldcut()
        .args(["trace", "main.js", "--json"])
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let document = serde_json::from_slice(&ran.stdout).unwrap_or_default();
    (ran.status.code(), document, unwrapped(&said))
}

/// Messages without the line breaks and bars by which they are laid out.
fn unwrapped(said: &str) -> String {
    let lines = said
        .lines()
        .map(|line| line.trim().trim_start_matches('│').trim());
    let mut out = String::new();
    for line in lines {
        // A name that was too long was broken after one of its own dashes or slashes.
        if !out.ends_with(['-', '/']) {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

fn binaries(document: &Value) -> Vec<String> {
    let files = document["files"].as_array().unwrap();
    let names = files.iter().filter_map(Value::as_str);
    names
        .filter(|name| name.ends_with(".node") || name.contains(".so"))
        .map(|name| name.trim_start_matches("node_modules/").to_string())
        .collect()
}

/// A folder with some of the fixture's packages.
fn only(packages: &[&str]) -> Project {
    let fixture = installed("addons");
    let project = Project::new(&[("package.json", r#"{"name":"p","version":"1.0.0"}"#)]);
    for package in packages {
        let below = Path::new("node_modules").join(package);
        copy(&fixture.join(&below), &project.path().join(&below));
    }
    project
}

#[test]
fn only_what_the_target_loads_is_traced_and_it_runs() {
    let dir = Project::new(&[]);
    copy(&installed("addons"), dir.path());
    let sharp = "require('sharp')({ create: { width: 2, height: 2, channels: 3, background: 'red' } }).png().toBuffer().then((png) => console.log(png.length > 60));";
    let cases: [(&str, &str, &[&str], &[&str]); 6] = [
        (
            "sharp",
            sharp,
            &[
                "@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.7",
                "@img/sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node",
            ],
            &["@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node"],
        ),
        (
            "bcrypt",
            "const b = require('bcrypt'); console.log(b.compareSync('x', b.hashSync('x', 4)));",
            &["bcrypt/prebuilds/linux-x64/bcrypt.glibc.node"],
            &["bcrypt/prebuilds/linux-arm64/bcrypt.glibc.node"],
        ),
        (
            "@node-rs/bcrypt",
            "const b = require('@node-rs/bcrypt'); console.log(b.compareSync('x', b.hashSync('x', 4)));",
            &["@node-rs/bcrypt-linux-x64-gnu/bcrypt.linux-x64-gnu.node"],
            &["@node-rs/bcrypt-linux-arm64-gnu/bcrypt.linux-arm64-gnu.node"],
        ),
        (
            "lightningcss",
            "const css = require('lightningcss').transform({ filename: 'a', code: Buffer.from('a { color: red }'), minify: true }); console.log(String(css.code) === 'a{color:red}');",
            &["lightningcss-linux-x64-gnu/lightningcss.linux-x64-gnu.node"],
            &["lightningcss-linux-arm64-gnu/lightningcss.linux-arm64-gnu.node"],
        ),
        (
            "msgpackr",
            "const m = require('msgpackr'); console.log(m.isNativeAccelerationEnabled && m.unpack(m.pack({ a: 1 })).a === 1);",
            &[
                "@msgpackr-extract/msgpackr-extract-linux-x64/node.abi115.glibc.node",
                "@msgpackr-extract/msgpackr-extract-linux-x64/node.napi.glibc.node",
            ],
            &[
                "@msgpackr-extract/msgpackr-extract-linux-arm64/node.abi115.glibc.node",
                "@msgpackr-extract/msgpackr-extract-linux-arm64/node.napi.glibc.node",
            ],
        ),
        (
            "koffi",
            "console.log(require('koffi').load('libc.so.6').func('int abs(int)')(-3) === 3);",
            &["@koromix/koffi-linux-x64/linux_x64/koffi.node"],
            &[],
        ),
    ];
    for (package, text, here, there) in cases {
        let (status, document, said) = trace(dir.path(), text, &["--arch", "arm64"]);
        // That of `koffi` is not installed.
        let expected = if there.is_empty() { 1 } else { 0 };
        assert_eq!(status, Some(expected), "{package} {said}");
        if status == Some(0) {
            assert_eq!(binaries(&document), there, "{package} {said}");
        }
        let (_, document, said) = trace(dir.path(), text, &["--arch", "x86_64"]);
        assert_eq!(binaries(&document), here, "{package} {said}");
        let elsewhere = carried(dir.path(), &document);
        let ran = Command::new("node")
            .arg("main.js")
            .current_dir(elsewhere.path())
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout),
            "true\n",
            "{package} {ran:?}"
        );
    }
}

#[test]
fn every_way_of_packing_ships_the_targets_binaries_only() {
    let dir = only(&[
        "lightningcss",
        "lightningcss-darwin-arm64",
        "lightningcss-linux-arm64-gnu",
        "lightningcss-linux-x64-gnu",
        "detect-libc",
        "bcrypt",
        "node-gyp-build",
    ]);
    dir.write(
        "package.json",
        r#"{"name":"p","version":"1.0.0","dependencies":{"lightningcss":"1","bcrypt":"6"}}"#,
    );
    dir.write(
        "main.js",
        "const b = require('bcrypt'), css = require('lightningcss');\nexports.handler = async () => [b.compareSync('x', b.hashSync('x', 4)), typeof css.transform];\n",
    );
    for (arch, tuple) in [("x86_64", "x64"), ("arm64", "arm64")] {
        for strategy in ["bundle", "trace", "prune"] {
            let args = ["--entry", "main.js", "--arch", arch, "--strategy", strategy];
            let pack = Pack::run(dir.path(), &args);
            assert_eq!(pack.status(), 0, "{strategy} {arch} {}", pack.stderr());
            let mut found = names(&pack.out.path().join("main.zip"));
            found.retain(|name| name.ends_with(".node"));
            let expected = [
                format!("node_modules/bcrypt/prebuilds/linux-{tuple}/bcrypt.glibc.node"),
                format!(
                    "node_modules/lightningcss-linux-{tuple}-gnu/lightningcss.linux-{tuple}-gnu.node"
                ),
            ];
            assert_eq!(found, expected, "{strategy} {arch}");
        }
    }
}

#[test]
fn what_the_function_cannot_load_is_an_error_with_the_command_that_helps() {
    let native = "require('@node-rs/bcrypt');";
    let install = "npm install --os=linux --cpu=x64 --libc=glibc @node-rs/bcrypt@";
    type List<'a> = &'a [&'a str];
    let cases: [(List, &str, List, List); 4] = [
        (
            &["@node-rs/bcrypt", "@node-rs/bcrypt-darwin-arm64"],
            native,
            &[],
            &[
                "is built for macOS arm64, but the function runs on Linux x64",
                install,
            ],
        ),
        (
            &["@node-rs/bcrypt", "@node-rs/bcrypt-linux-arm64-gnu"],
            native,
            &[],
            &["is built for Linux arm64, glibc,", install],
        ),
        (
            &["@node-rs/bcrypt", "@node-rs/bcrypt-linux-x64-musl"],
            native,
            &[],
            &["is built for Linux x64, musl,", install],
        ),
        (
            &SHARP,
            "require('sharp');",
            &["--runtime", "nodejs18.x"],
            &[
                "linked to `@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.7`, which is built for Linux x64, glibc 2.28 or newer",
                "runs on Linux x64, glibc 2.26 (nodejs18.x)",
            ],
        ),
    ];
    for (packages, text, args, expected) in cases {
        let dir = only(packages);
        let (status, _, said) = trace(dir.path(), text, &[&["--arch", "x86_64"], args].concat());
        assert_eq!(status, Some(1), "{packages:?} {said}");
        for part in expected.iter().chain(&["CC064"]) {
            assert!(said.contains(part), "{part}: {said}");
        }
        let runtime = args.get(1).unwrap_or(&"nodejs22.x");
        let pack = Pack::run(
            dir.path(),
            &[
                "--entry",
                "main.js",
                "--arch",
                "x86_64",
                "--runtime",
                runtime,
            ],
        );
        assert_eq!(pack.status(), 1, "{}", pack.stderr());
        assert!(pack.stderr().contains("CC064"), "{}", pack.stderr());
        assert!(!pack.out.path().join("main.zip").exists());
    }
    let dir = only(&SHARP);
    let (status, _, said) = trace(
        dir.path(),
        "require('sharp');",
        &["--runtime", "nodejs20.x"],
    );
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn an_addon_that_was_built_here_is_to_be_built_there() {
    let dir = only(&["bcrypt", "node-gyp-build"]);
    let package = dir.path().join("node_modules/bcrypt");
    let other = package.join("prebuilds/linux-arm64/bcrypt.glibc.node");
    std::fs::create_dir_all(package.join("build/Release")).unwrap();
    std::fs::copy(&other, package.join("build/Release/bcrypt.node")).unwrap();
    std::fs::remove_dir_all(package.join("prebuilds")).unwrap();
    let (status, _, said) = trace(dir.path(), "require('bcrypt');", &["--arch", "x86_64"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("run `npm rebuild bcrypt` on Linux x64"),
        "{said}"
    );
    let (status, document, _) = trace(dir.path(), "require('bcrypt');", &["--arch", "arm64"]);
    assert_eq!(status, Some(0));
    assert_eq!(binaries(&document), ["bcrypt/build/Release/bcrypt.node"]);
}

#[test]
fn an_addon_of_the_projects_own_is_judged_where_it_is_asked_for() {
    let dir = only(&["bcrypt"]);
    let prebuilt = dir.path().join("node_modules/bcrypt/prebuilds");
    let own = dir.path().join("own.node");
    let ask = "console.log(1);\nrequire('./own.node');";
    let right = std::fs::read(prebuilt.join("linux-x64/bcrypt.glibc.node")).unwrap();
    std::fs::write(&own, &right).unwrap();
    let (status, document, said) = trace(dir.path(), ask, &["--arch", "x86_64"]);
    assert_eq!(
        (status, binaries(&document)),
        (Some(0), vec!["own.node".to_string()]),
        "{said}"
    );
    std::fs::write(&own, &right[..right.len() / 2]).unwrap();
    let (status, _, said) = trace(dir.path(), ask, &["--arch", "x86_64"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("`own.node` is cut off"), "{said}");
    assert!(said.contains("main.js:2:1"), "{said}");
    std::fs::copy(prebuilt.join("linux-x64/bcrypt.musl.node"), &own).unwrap();
    let (status, _, said) = trace(dir.path(), ask, &["--arch", "x86_64"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("build it on Linux x64"), "{said}");
    // In a `try` it is no error, and does not ship.
    let ask = "try { require('./own.node'); } catch {}";
    let (status, document, _) = trace(dir.path(), ask, &["--arch", "x86_64"]);
    assert_eq!((status, binaries(&document).len()), (Some(0), 0));
    let warnings = document["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn what_a_package_can_do_without_is_a_warning_or_nothing() {
    let dir = only(&[
        "msgpackr",
        "msgpackr-extract",
        "node-gyp-build-optional-packages",
        "detect-libc",
        "@msgpackr-extract/msgpackr-extract-darwin-arm64",
    ]);
    let (status, document, said) = trace(dir.path(), "require('msgpackr');", &["--arch", "x86_64"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(binaries(&document), [""; 0]);
    let warnings = document["warnings"].to_string();
    assert!(warnings.contains("built for macOS arm64"), "{warnings}");
    // What is for another system only is no lack here.
    dir.write(
        "node_modules/fsevents/package.json",
        r#"{"name":"fsevents","version":"1.0.0","os":["darwin"]}"#,
    );
    dir.write("node_modules/fsevents/index.js", "require('./fse.node');");
    let mac = "node_modules/@msgpackr-extract/msgpackr-extract-darwin-arm64/node.napi.glibc.node";
    std::fs::copy(
        dir.path().join(mac),
        dir.path().join("node_modules/fsevents/fse.node"),
    )
    .unwrap();
    let ask = "try { require('fsevents'); } catch {}";
    let (status, document, _) = trace(dir.path(), ask, &["--arch", "x86_64"]);
    assert_eq!(status, Some(0));
    assert_eq!(
        document["files"],
        serde_json::json!(["main.js", "package.json"])
    );
    assert_eq!(document["warnings"], serde_json::json!([]));
}
