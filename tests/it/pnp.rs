//! Projects under Yarn's Plug'n'Play, by the real Yarn: packages in zips, no `node_modules`.
//!
//! `fixtures` packs and calls what `fixtures/yarn-pnp` has; here is what is particular: that the
//! original runs under the runtime, every form in which Yarn writes its table and its zips, what
//! the other commands give, and zips that are missing or hostile.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Pack, coldcut, copy, installed, repository, succeeds};

/// A copy of the installed fixture, for a test that changes it.
fn changeable() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&installed("yarn-pnp"), dir.path());
    dir
}

/// The fixture, installed by a version of Yarn with more settings.
fn installed_by(version: &str, settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&repository().join("fixtures/yarn-pnp"), dir.path());
    let change = |name: &str, by: &dyn Fn(String) -> String| {
        let path = dir.path().join(name);
        let text = by(std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, text).unwrap();
    };
    change("package.json", &|text| {
        text.replace("yarn@4.18.1", &format!("yarn@{version}"))
    });
    change(".yarnrc.yml", &|_| {
        format!("nodeLinker: pnp\nenableTelemetry: false\n{settings}")
    });
    if version.starts_with('2') {
        // It does not read what later ones write.
        change("yarn.lock", &|_| String::new());
    }
    let package = format!("@yarnpkg/cli-dist@{version}");
    let output = Command::new("npm")
        .args([
            "exec",
            "--yes",
            "--package",
            &package,
            "--",
            "yarn",
            "install",
        ])
        .current_dir(dir.path())
        .env("YARN_ENABLE_IMMUTABLE_INSTALLS", "false")
        .env("YARN_GLOBAL_FOLDER", dir.path().join("global"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    dir
}

/// Packs a function of the fixture and has it called beside the original.
fn packed(root: &Path, name: &str, more: &[&str]) -> Pack {
    let event = repository().join(format!(
        "fixtures/yarn-pnp/services/{name}/events/{name}.json"
    ));
    let event = event.display().to_string();
    let args = [&["--json", "--event", &event], more].concat();
    Pack::run(&root.join("services").join(name), &args)
}

fn verified(pack: &Pack) -> String {
    let report = pack.report();
    let function = &report["functions"][0];
    assert_eq!(function["verification"]["status"], "equal", "{function:#}");
    function["artifact"]["sha256"].as_str().unwrap().to_string()
}

/// What plain Node.js prints for an expression, in a folder.
fn node(dir: &Path, expression: &str) -> Value {
    let script = format!("({expression}).then((a) => console.log(JSON.stringify(a)))");
    let output = Command::new("node")
        .args(["-e", &script])
        .current_dir(dir)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"))
}

fn json(name: &str) -> Value {
    let path = repository().join("fixtures/yarn-pnp/services").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Calls a function of the fixture where it lies now, by an expression around its event.
#[track_caller]
fn answers(dir: &Path, name: &str, call: &dyn Fn(Value) -> String) {
    let event = json(&format!("{name}/events/{name}.json"));
    let expected = json(&format!("{name}/expected/{name}.json"));
    assert_eq!(node(dir, &call(event)), expected);
}

#[test]
fn bundles_answer_as_the_original_does() {
    for name in ["validate", "report"] {
        verified(&packed(
            &installed("yarn-pnp"),
            name,
            &["--strategy", "bundle"],
        ));
    }
}

#[test]
fn the_original_runs_under_the_runtime() {
    let dir = changeable();
    let handler = dir.path().join("services/validate/src/handler.js");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&handler)
        .unwrap();
    writeln!(file, "if (process.versions.pnp) exports.underPnp = true;").unwrap();
    let pack = packed(dir.path(), "validate", &["--strategy", "trace"]);
    assert_eq!(pack.status(), 4, "{}", pack.stderr());
    assert!(pack.stderr().contains("underPnp"), "{}", pack.stderr());
}

#[test]
fn packages_of_the_platform_are_found_where_the_project_has_them() {
    let root = installed("yarn-pnp");
    let more = [
        "--strategy",
        "bundle",
        "--external",
        "ajv",
        "--external",
        "p-limit",
    ];
    let pack = packed(&root, "report", &more);
    verified(&pack);
    let project = root.join("services/report");
    let output = coldcut()
        .arg("verify")
        .arg(pack.out.path().join("report.zip"))
        .arg("--against")
        .arg(&project)
        .args(["--external", "ajv", "--external", "p-limit"])
        .args(["--handler", "src/report.handler"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{said}{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn every_form_of_yarns_files_is_read() {
    for (version, settings) in [
        (
            "4.18.1",
            "compressionLevel: mixed\nenableGlobalCache: false\n",
        ),
        (
            "4.18.1",
            "compressionLevel: 0\npnpEnableInlining: false\nenableGlobalCache: true\n",
        ),
        ("3.8.7", "enableGlobalCache: false\n"),
        ("2.4.2", ""),
    ] {
        let dir = installed_by(version, settings);
        let inlined = !settings.contains("Inlining");
        assert_eq!(
            dir.path().join(".pnp.data.json").is_file(),
            !inlined,
            "{version}"
        );
        verified(&packed(dir.path(), "validate", &["--strategy", "bundle"]));
        // Yarn 2 itself cannot load ES modules from its zips.
        if !version.starts_with('2') {
            verified(&packed(dir.path(), "report", &["--strategy", "trace"]));
        }
    }
}

#[test]
fn the_same_bytes_come_out_wherever_the_cache_lies_and_a_second_run_unpacks_nothing() {
    let root = installed("yarn-pnp");
    let caches = tempfile::tempdir().unwrap();
    for strategy in ["bundle", "trace", "prune"] {
        let digests: Vec<String> = ["a", "z/node_modules/deeper"]
            .iter()
            .map(|name| {
                let out = tempfile::tempdir().unwrap();
                let output = coldcut()
                    .args([
                        "pack",
                        "--json",
                        "--no-verify",
                        "--strategy",
                        strategy,
                        "--out",
                    ])
                    .arg(out.path())
                    .arg(root.join("services/validate"))
                    .env("COLDCUT_CACHE_DIR", caches.path().join(name))
                    .output()
                    .unwrap();
                let report = crate::support::document(&output.stdout);
                report["functions"][0]["artifact"]["sha256"].to_string()
            })
            .collect();
        assert_eq!(digests[0], digests[1], "{strategy}");
    }
    let times = || -> Vec<_> {
        let files = walkdir::WalkDir::new(caches.path().join("a")).sort_by_file_name();
        files
            .into_iter()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.path().to_path_buf(),
                    entry.metadata().unwrap().modified().unwrap(),
                )
            })
            .collect()
    };
    let before = times();
    assert!(before.len() > 100);
    let again = coldcut()
        .arg("why")
        .arg("ajv")
        .arg(root.join("services/validate"))
        .env("COLDCUT_CACHE_DIR", caches.path().join("a"))
        .output()
        .unwrap();
    assert!(again.status.success());
    assert_eq!(before, times());
}

#[test]
fn a_bundle_runs_in_an_empty_folder_with_what_lies_beside_it() {
    let root = installed("yarn-pnp");
    let empty = tempfile::tempdir().unwrap();
    for (entry, out) in [
        ("services/validate/src/handler.js", "validate/out.cjs"),
        ("services/report/src/report.ts", "report/out.mjs"),
    ] {
        succeeds(
            coldcut()
                .arg("bundle")
                .arg(root.join(entry))
                .arg("--outfile")
                .arg(empty.path().join(out))
                .arg("--sourcemap=external"),
        );
        let map = std::fs::read_to_string(empty.path().join(format!("{out}.map"))).unwrap();
        let map: Value = serde_json::from_str(&map).unwrap();
        let sources = map["sources"].as_array().unwrap();
        let of_packages = sources
            .iter()
            .filter_map(Value::as_str)
            .filter(|s| s.contains(".pnp/"));
        assert!(of_packages.clone().count() > 0);
        for source in of_packages {
            assert!(source.starts_with("node_modules/.pnp/"), "{source}");
        }
    }
    answers(empty.path(), "validate", &|event| {
        format!("require('./validate/out.cjs').main({event})")
    });
    answers(empty.path(), "report", &|event| {
        format!("import('./report/out.mjs').then((m) => m.handler({event}))")
    });
}

#[cfg(unix)]
#[test]
fn a_trace_names_what_to_carry_and_from_where() {
    let root = installed("yarn-pnp");
    let output = succeeds(
        coldcut()
            .args(["trace", "services/validate/src/handler.js", "--json"])
            .current_dir(&root),
    );
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let there = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let path = there.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    for name in found["reasons"].as_object().unwrap().keys() {
        let from = match found["sources"].get(name) {
            Some(source) => PathBuf::from(source.as_str().unwrap()),
            None => root.join(name),
        };
        std::fs::copy(from, place(name)).unwrap();
    }
    for (name, to) in found["links"].as_object().unwrap() {
        let target = there.path().join(to.as_str().unwrap());
        std::os::unix::fs::symlink(target, place(name)).unwrap();
    }
    answers(there.path(), "validate", &|event| {
        format!("require('./services/validate/src/handler.js').main({event})")
    });
}

#[test]
fn why_names_packages_as_the_artifact_has_them() {
    let root = installed("yarn-pnp");
    let why = |name: &str, service: &str| {
        let output = coldcut()
            .args(["why", name])
            .arg(root.join("services").join(service))
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = why("ms", "report");
    assert!(said.contains("node_modules/@forms/rules/src/index.js:7 -> node_modules/.pnp/ms@2.1.2/node_modules/ms/index.js"), "{said}");
    let said = why("left-pad", "validate");
    // By way of a package that does not declare it.
    assert!(said.contains("node_modules/.pnp/loose-"), "{said}");
}

/// The zip of a package in the project's own cache.
fn zip_of(root: &Path, package: &str) -> PathBuf {
    let cache = std::fs::read_dir(root.join(".yarn/cache")).unwrap();
    let mut zips = cache.map(|entry| entry.unwrap().path());
    zips.find(|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(package)
    })
    .unwrap()
}

#[test]
fn a_missing_zip_is_said_with_what_to_run() {
    let dir = changeable();
    std::fs::remove_file(zip_of(dir.path(), "saslprep-")).unwrap();
    let pack = packed(dir.path(), "validate", &[]);
    let entry = dir.path().join("services/validate/src/handler.js");
    let bundle = coldcut()
        .arg("bundle")
        .arg(&entry)
        .arg("--outdir")
        .arg(dir.path().join("out"))
        .output()
        .unwrap();
    let trace = coldcut()
        .arg("trace")
        .arg("services/validate/src/handler.js")
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(pack.status(), 1);
    assert_eq!(
        (bundle.status.code(), trace.status.code()),
        (Some(1), Some(1))
    );
    let errors = |output: &[u8]| String::from_utf8_lossy(output).into_owned();
    for said in [pack.stderr(), errors(&bundle.stderr), errors(&trace.stderr)] {
        assert!(
            said.contains("CC171") && said.contains("yarn install"),
            "{said}"
        );
        assert!(said.contains("saslprep-npm-1.0.3"), "{said}");
    }
    // Whoever does not ask for it does not miss it.
    verified(&packed(dir.path(), "report", &[]));
}

#[test]
fn a_package_for_other_platforms_need_not_be_there() {
    let dir = changeable();
    std::fs::remove_file(zip_of(dir.path(), "saslprep-")).unwrap();
    let lock = dir.path().join("yarn.lock");
    let text = std::fs::read_to_string(&lock).unwrap();
    let start = text.find("\n\"saslprep@").unwrap();
    let at = start + text[start..].find("\n  resolution: ").unwrap();
    let bound = format!("{}\n  conditions: os=darwin{}", &text[..at], &text[at..]);
    std::fs::write(&lock, bound).unwrap();
    let said = packed(dir.path(), "validate", &[]).stderr();
    assert!(!said.contains("CC171"), "{said}");
    // It is missed only by who asks for it.
    verified(&packed(dir.path(), "report", &[]));
}

#[test]
fn a_zip_that_would_write_elsewhere_is_refused() {
    for name in ["node_modules/saslprep/../../../../evil.js", "/evil.js"] {
        let dir = changeable();
        let zip = zip_of(dir.path(), "saslprep-");
        let mut writer = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
        for name in ["node_modules/saslprep/index.js", name] {
            writer
                .start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            writer.write_all(b"evil").unwrap();
        }
        writer.finish().unwrap();
        let cache = dir.path().join("a/cache");
        let output = coldcut()
            .arg("pack")
            .arg(dir.path().join("services/validate"))
            .arg("--out")
            .arg(dir.path().join("out"))
            .env("COLDCUT_CACHE_DIR", &cache)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("CC173") && said.contains("evil.js"), "{said}");
        let mut files = walkdir::WalkDir::new(dir.path())
            .into_iter()
            .map(Result::unwrap);
        assert!(!files.any(|entry| entry.file_name() == "evil.js"));
        assert!(!Path::new("/evil.js").exists());
    }
}

#[test]
fn what_is_not_declared_is_not_found() {
    let dir = changeable();
    let handler = dir.path().join("services/validate/src/handler.js");
    let text = std::fs::read_to_string(&handler).unwrap();
    // One that only another package has, and one that the root has, which is no fallback for own code.
    for name in ["memory-pager", "left-pad"] {
        std::fs::write(&handler, format!("require('{name}');\n{text}")).unwrap();
        let pack = packed(dir.path(), "validate", &[]);
        let said = pack.stderr();
        assert_eq!(pack.status(), 1, "{said}");
        assert!(
            said.contains("CC052") && said.contains("does not declare"),
            "{said}"
        );
    }
}

#[test]
fn a_broken_table_is_said() {
    let dir = changeable();
    std::fs::write(
        dir.path().join(".pnp.cjs"),
        "const RAW_RUNTIME_STATE =\n'{}';\n",
    )
    .unwrap();
    let pack = packed(dir.path(), "validate", &[]);
    assert_eq!(pack.status(), 1);
    assert!(
        pack.stderr().contains("CC170") && pack.stderr().contains("yarn install"),
        "{}",
        pack.stderr()
    );
}
