//! What bad input gets: a clear message that names the place and what to do, the right exit
//! status, no panic, and nothing half-written.

use crate::support::{Pack, Project, coldcut};

/// Runs `pack`, which must fail with this status and say all of this; no zip is left.
#[track_caller]
fn fails(project: &Project, args: &[&str], status: i32, said: &[&str]) -> Pack {
    let pack = Pack::run(project.path(), args);
    let text = pack.stderr();
    assert_eq!(pack.status(), status, "{text}{}", pack.stdout());
    assert!(!text.contains("panicked"), "{text}");
    // Messages are wrapped to the width of a page.
    let flat = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" │ ", " ");
    for part in said {
        assert!(flat.contains(part), "`{part}` is missing in\n{text}");
    }
    let left: Vec<String> = pack.written();
    assert!(
        !left
            .iter()
            .any(|name| name.ends_with(".zip") || name.ends_with(".part")),
        "{left:?}"
    );
    pack
}

const MANIFEST: (&str, &str) = ("package.json", r#"{"name":"x","main":"index.js"}"#);

#[test]
fn no_project() {
    fails(&Project::new(&[("a.txt", "")]), &[], 1, &["CC017", "help:"]);
}

#[test]
fn no_such_folder() {
    let output = coldcut()
        .args(["pack", "/nowhere/at/all"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all"));
}

#[test]
fn no_handler_file() {
    let project = Project::new(&[
        ("package.json", "{}"),
        (
            "serverless.yml",
            "service: s\nprovider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n  a:\n    handler: src/users.main\n",
        ),
        ("src/user.js", ""),
    ]);
    fails(
        &project,
        &[],
        1,
        &["serverless.yml:7", "src/users", "src/user.js"],
    );
}

#[test]
fn a_handler_export_that_is_missing() {
    let project = Project::new(&[
        ("package.json", "{}"),
        (
            "serverless.yml",
            "service: s\nprovider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n  a:\n    handler: a.mian\n",
        ),
        ("a.js", "exports.main = () => 1;\n"),
    ]);
    let pack = Pack::run(project.path(), &[]);
    assert_eq!(pack.status(), 1, "{}", pack.stderr());
    assert!(
        pack.stderr().contains("mian") && pack.stderr().contains("main"),
        "{}",
        pack.stderr()
    );
}

#[test]
fn broken_yaml() {
    let project = Project::new(&[("serverless.yml", "service: s\nfunctions:\n  a: [\n")]);
    fails(&project, &[], 1, &["serverless.yml:"]);
}

#[test]
fn broken_json() {
    let project = Project::new(&[("package.json", "{\n  \"main\": oops\n}\n")]);
    fails(&project, &[], 1, &["package.json:2"]);
}

#[test]
fn broken_toml() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", ""),
        ("coldcut.toml", "strategy = \n"),
    ]);
    fails(&project, &[], 1, &["coldcut.toml:1"]);
}

#[test]
fn an_unknown_setting_names_the_nearest() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", ""),
        ("coldcut.toml", "stratgy = \"auto\"\n"),
    ]);
    fails(&project, &[], 1, &["coldcut.toml:1", "strategy"]);
}

#[test]
fn a_broken_lock_file() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", ""),
        ("package-lock.json", "{\n  \"a\": 1,\n  !\n}"),
    ]);
    fails(
        &project,
        &["--install"],
        1,
        &["package-lock.json:3", "lock file is broken"],
    );
}

#[test]
fn a_syntax_error_is_shown_with_its_line() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", "require('./b');\n"),
        ("b.js", "\nlet a = ;\n"),
    ]);
    fails(
        &project,
        &[],
        1,
        &["b.js:2:9", "let a = ;", "index.js -> b.js"],
    );
}

#[test]
fn broken_json_that_code_requires() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", "require('./d.json');\n"),
        ("d.json", "{\n\"a\" 1}"),
    ]);
    fails(&project, &[], 1, &["d.json:2"]);
}

#[test]
fn an_import_that_leads_nowhere_shows_its_chain() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", "require('./a');\n"),
        ("a.js", "require('./b');\n"),
        ("b.js", "\nrequire('./none');\n"),
    ]);
    fails(
        &project,
        &[],
        1,
        &["b.js:2", "cannot find `./none`", "index.js -> a.js -> b.js"],
    );
}

#[test]
fn missing_dependencies_offer_an_installation() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"x","main":"index.js","dependencies":{"left":"1"}}"#,
        ),
        ("index.js", "require('left');\n"),
    ]);
    fails(&project, &[], 1, &["node_modules", "`left`", "--install"]);
}

#[test]
fn an_installation_that_fails_says_what_the_manager_said() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"x","main":"index.js","dependencies":{"left":"1"}}"#,
        ),
        (
            "package-lock.json",
            r#"{"name":"x","lockfileVersion":3,"packages":{"":{"name":"x"}}}"#,
        ),
        ("index.js", "require('left');\n"),
    ]);
    fails(
        &project,
        &["--install"],
        1,
        &["`npm ci --no-audit --no-fund` failed"],
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[MANIFEST, ("index.js", "require('./b');\n"), ("b.js", "")]);
    let file = project.path().join("b.js");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&file).is_ok() {
        // The superuser reads everything: a folder under the file's name cannot be read as one.
        eprintln!("skipped: this user may read every file");
        return;
    }
    fails(&project, &[], 1, &["b.js", "cannot read"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_and_a_dangling_one() {
    let project = Project::new(&[
        MANIFEST,
        ("index.js", "exports.handler = 1;\n"),
        ("d/x.txt", ""),
    ]);
    let link =
        |to: &str, name: &str| std::os::unix::fs::symlink(to, project.path().join(name)).unwrap();
    link("loop", "loop");
    link("../d", "d/up");
    link("nowhere", "dangling");
    let pack = Pack::run(project.path(), &["--strategy", "prune"]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    assert!(pack.stderr().contains("`loop`") && pack.stderr().contains("`dangling`"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project() {
    let project = Project::new(&[MANIFEST, ("index.js", "exports.handler = 1;\n")]);
    std::os::unix::fs::symlink("/etc/hosts", project.path().join("hosts")).unwrap();
    fails(
        &project,
        &["--strategy", "prune"],
        1,
        &["`hosts`", "points outside of the project", "--exclude"],
    );
    let pack = Pack::run(
        project.path(),
        &["--strategy", "prune", "--exclude", "hosts"],
    );
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new(&[MANIFEST, ("index.js", "exports.handler = 1;\n")]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(project.path().join(name), "x").unwrap();
    let pack = Pack::run(project.path(), &["--strategy", "prune"]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    assert!(pack.stderr().contains("not UTF-8"), "{}", pack.stderr());
}

#[test]
fn an_out_that_cannot_be_written() {
    let project = Project::new(&[MANIFEST, ("index.js", "exports.handler = 1;\n")]);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    let output = coldcut()
        .args(["pack", "--no-verify", "--out"])
        .arg(file.join("below"))
        .arg(project.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--out"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}

#[test]
fn an_out_inside_what_is_packed() {
    let project = Project::new(&[MANIFEST, ("index.js", "exports.handler = 1;\n")]);
    let run = |out: &str| {
        coldcut()
            .current_dir(project.path())
            .args(["pack", "--out", out])
            .output()
            .unwrap()
    };
    for out in ["dist", ".", ".."] {
        let output = run(out);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{out}: {said}");
        assert!(said.contains("--out"), "{said}");
    }
    project.write(".serverlessignore", "/dist/\n");
    assert!(run("dist").status.success());
    assert!(run(".coldcut").status.success());
}

/// A file system of one megabyte in a namespace of its own; where that may not be made, the
/// kernel's own full device stands in for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let noise: String = (0..400_000u32)
        .map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761)))
        .collect();
    let project = Project::new(&[
        MANIFEST,
        ("index.js", "require('./big.json'); exports.handler = 1;\n"),
        ("big.json", &format!("\"{noise}\"")),
    ]);
    let mount = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=1m none {0} && echo old > {0}/index.zip && {1} pack {2} --out {0} --no-verify; echo status $?; ls -A {0}",
        mount.path().display(),
        env!("CARGO_BIN_EXE_coldcut"),
        project.path().display(),
    );
    let output = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .env("NO_COLOR", "1")
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: no `unshare` here");
        return;
    };
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if err.contains("unshare:") || err.contains("mount:") {
        eprintln!("skipped: no file system may be mounted here: {err}");
        return;
    }
    assert!(out.contains("status 1"), "{out}{err}");
    assert!(err.contains("free some space"), "{err}");
    assert!(!out.contains(".part"), "{out}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    use std::time::{Duration, Instant};
    let project = Project::new(&[MANIFEST]);
    // Loading hangs, so that there is time to interrupt.
    project.write(
        "index.js",
        "const end = Date.now() + 20000; while (Date.now() < end);\n",
    );
    let out = tempfile::tempdir().unwrap();
    let mut child = coldcut()
        .arg("pack")
        .arg(project.path())
        .arg("--out")
        .arg(out.path())
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let deadline = Instant::now() + Duration::from_secs(10);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "it goes on after an interrupt");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    let left: Vec<_> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().ends_with(".part")),
        "{left:?}"
    );
}

#[test]
fn a_wrong_function_name_lists_the_right_ones() {
    let project = Project::new(&[
        ("package.json", "{}"),
        (
            "serverless.yml",
            "service: s\nprovider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n  orders:\n    handler: a.main\n",
        ),
        ("a.js", "exports.main = () => 1;\n"),
    ]);
    fails(&project, &["--function", "oders"], 2, &["oders", "orders"]);
}
