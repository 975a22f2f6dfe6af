//! Platforms other than AWS Lambda: what is packed for them answers in their own local runtimes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::packages::{copy_sources, install};
use crate::support::{Pack, Project, coldcut, document, repository, scratch, succeeds};

/// What is packed for each platform, with the file without which there is no answer.
pub const ENTRIES: [(&str, &str, Option<&str>); 12] = [
    ("alibaba-fc", "index.js", None),
    ("tencent-scf", "index.js", None),
    (
        "google-cloud-functions",
        "src/exported.js",
        Some("package.json"),
    ),
    (
        "google-cloud-functions",
        "src/index.js",
        Some("package.json"),
    ),
    ("azure-functions", "src/functions.js", Some("host.json")),
    ("cloudflare-workers", "src/worker.ts", Some("wrangler.json")),
    ("cloudflare-workers", "src/commonjs.ts", None),
    ("cloudflare-workers", "src/platform.ts", None),
    ("vercel", "api/hello.js", Some(".vc-config.json")),
    ("vercel", "api/web.ts", Some(".vc-config.json")),
    ("netlify", "netlify/functions/hello.mjs", None),
    ("netlify", "netlify/functions/legacy.mjs", None),
];

/// A copy of the projects with the runtimes that npm has, and what each project needs.
pub fn projects() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let from = repository().join("fixtures/platforms");
        let to = scratch().join("platforms");
        copy_sources(&from, &to);
        std::fs::create_dir_all(to.join("node_modules")).unwrap();
        install(&to);
        for folder in std::fs::read_dir(&to).unwrap() {
            let folder = folder.unwrap().path();
            if folder.join("package-lock.json").is_file() {
                std::fs::create_dir_all(folder.join("node_modules")).unwrap();
                install(&folder);
            }
        }
        to
    })
}

/// A packed entry: the folder of all unpacked artifacts, and that of this one.
struct Packed {
    into: tempfile::TempDir,
    folder: PathBuf,
    report: serde_json::Value,
}

fn packed(platform: &str, entry: &str, args: &[&str]) -> Packed {
    let into = tempfile::tempdir().unwrap();
    let output = succeeds(
        coldcut()
            .args(["pack", "--json", "--platform", platform, "--entry", entry])
            .args(args)
            .arg("--unpack")
            .arg(into.path().join("unpacked"))
            .arg("--out")
            .arg(into.path().join("out"))
            .current_dir(projects().join(platform)),
    );
    let report = document(&output.stdout);
    let name = report["functions"][0]["name"].as_str().unwrap();
    let unpacked = into.path().join("unpacked");
    let folder = match platform {
        "vercel" => unpacked.join(format!("functions/{name}.func")),
        _ => unpacked.join(name),
    };
    Packed {
        into,
        folder,
        report,
    }
}

/// Netlify's functions are called by the names of their folders.
fn run(platform: &str, folder: &Path) -> Output {
    let name = folder.file_name().filter(|_| platform == "netlify");
    Command::new("node")
        .arg(projects().join(platform).join("run.mjs"))
        .arg(folder)
        .args(name)
        .output()
        .unwrap()
}

#[test]
fn what_is_packed_answers_in_the_platforms_own_runtime() {
    for (platform, entry, wanted) in ENTRIES {
        let packed = packed(platform, entry, &[]);
        let function = &packed.report["functions"][0];
        assert_eq!(function["platform"], platform);
        let proof = &function["verification"];
        // Only what Node.js runs there can be proved by Node.js here.
        let status = match platform {
            "cloudflare-workers" => "unverified",
            _ => "equal",
        };
        assert_eq!(proof["status"], status, "{platform} {entry}");
        // Loading says nothing of functions that register themselves, and no event can be given.
        let registers = ["src/index.js", "src/functions.js"].contains(&entry);
        let detail = proof["detail"].as_str().unwrap();
        assert_eq!(
            detail.contains("the functions that it registers were not called"),
            registers,
            "{detail}"
        );
        let advice = function["advice"].to_string();
        let asked = ["alibaba-fc", "tencent-scf", "netlify"].contains(&platform);
        assert_eq!(advice.contains("--event"), asked, "{platform}: {advice}");
        let answer = run(platform, &packed.folder);
        let said = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{platform} {entry}: {said}");
        assert!(answer.stdout.len() > 3, "{platform} {entry}");
        // Without what the platform wants beside the code there is no answer.
        if let Some(name) = wanted {
            std::fs::remove_file(packed.folder.join(name)).unwrap();
            assert!(
                !run(platform, &packed.folder).status.success(),
                "{platform}"
            );
        }
    }
}

/// A module of WebAssembly that exports `add` of two numbers.
const ADD: &[u8] =
    b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
    \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";

/// Packages are read as the runtime reads them, and not as Node.js does.
#[test]
fn workers_get_what_packages_have_for_them() {
    let package = |name: &str, fields: &str| {
        (
            format!("node_modules/{name}/package.json"),
            format!(r#"{{"name":"{name}","version":"1.0.0",{fields}}}"#),
        )
    };
    let export = |path: &str, value: &str| {
        (
            format!("node_modules/{path}"),
            format!("module.exports = {value:?};"),
        )
    };
    let mut files = vec![
        package(
            "both",
            r#""exports":{"node":"./node.js","workerd":"./workerd.js","default":"./other.js"}"#,
        ),
        export("both/node.js", "node"),
        export("both/workerd.js", "workerd"),
        export("both/other.js", "other"),
        // `exports` reads from above: the first condition that holds.
        package(
            "pages",
            r#""exports":{"import":"./other.js","browser":"./browser.js"}"#,
        ),
        export("pages/other.js", "other"),
        export("pages/browser.js", "browser"),
        package("field", r#""main":"./node.js","browser":"./browser.js""#),
        export("field/node.js", "node"),
        export("field/browser.js", "browser"),
        package(
            "parts",
            r#""main":"./index.js","browser":{"./node.js":"./browser.js","os":false}"#,
        ),
        export("parts/node.js", "node"),
        export("parts/browser.js", "browser"),
        (
            "node_modules/parts/index.js".into(),
            "module.exports = require('./node.js') + typeof require('os').EOL;".into(),
        ),
        (
            "package.json".into(),
            r#"{"name":"p","dependencies":{"both":"1","pages":"1","field":"1","parts":"1"}}"#.into(),
        ),
        (
            "worker.ts".into(),
            "import both from 'both'; import field from 'field'; import pages from 'pages'; import parts from 'parts';
             export default { fetch: () => Response.json([both, pages, field, parts]) };"
                .into(),
        ),
    ];
    let into = tempfile::tempdir().unwrap();
    let pack = |files: &[(String, String)]| {
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
        let project = Project::new(&files);
        std::fs::write(project.path().join("add.wasm"), ADD).unwrap();
        let output = coldcut()
            .args(["pack", "--platform", "cloudflare-workers", "--entry"])
            .args(["worker.ts", "--unpack"])
            .arg(into.path())
            .current_dir(project.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.success().then_some(()).ok_or(said)
    };
    let answer = |files: &[(String, String)]| {
        pack(files)?;
        let answer = run("cloudflare-workers", &into.path().join("worker"));
        let failed = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(answer.status.success(), "{failed}");
        Ok::<_, String>(String::from_utf8_lossy(&answer.stdout).into_owned())
    };
    let got = answer(&files).unwrap();
    let wanted = r#"["workerd","other","browser","browserstring"]"#;
    assert!(got.contains(wanted), "{got}");
    // No code is made of text there.
    files.last_mut().unwrap().1 =
        "import both from './old.js'; export default { fetch: () => new Response(both) };".into();
    files.push((
        "old.js".into(),
        "with ({ a: 1 }) { module.exports = a; }".into(),
    ));
    let said = answer(&files).unwrap_err();
    assert!(said.contains("CC150") && said.contains("old.js"), "{said}");
}

#[test]
fn vercels_folder_is_what_its_command_line_deploys() {
    let packed = packed("vercel", "api/hello.js", &["--arch", "arm64"]);
    let read = |path: PathBuf| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    assert_eq!(
        read(packed.into.path().join("unpacked/config.json"))["version"],
        3
    );
    let config = read(packed.folder.join(".vc-config.json"));
    assert_eq!(config["runtime"], "nodejs24.x");
    assert_eq!(config["architecture"], "arm64");
    let handler = config["handler"].as_str().unwrap();
    assert!(packed.folder.join(handler).is_file(), "{handler}");
    // The same bytes each time, with the files that are added.
    let again = self::packed(
        "vercel",
        "api/hello.js",
        &["--arch", "arm64", "--check-reproducible"],
    );
    let sha = |packed: &Packed| packed.report["functions"][0]["artifact"]["sha256"].clone();
    assert_eq!(sha(&packed), sha(&again));
}

#[test]
fn a_projects_own_file_keeps_what_it_has() {
    let project = Project::new(&[
        (
            "package.json",
            r#"{"name":"p","type":"module","dependencies":{}}"#,
        ),
        (
            "host.json",
            r#"{"version":"2.0","logging":{"level":"debug"}}"#,
        ),
        ("index.js", "export const x = 1;\n"),
    ]);
    let args = ["--platform", "azure-functions", "--entry", "index.js"];
    let shipped = |more: &[&str]| {
        let into = tempfile::tempdir().unwrap();
        let unpack = into.path().to_str().unwrap();
        let all = [&args[..], more, &["--unpack", unpack]].concat();
        assert_eq!(Pack::run(project.path(), &all).status(), 0);
        let read = |name: &str| -> serde_json::Value {
            let text = std::fs::read(into.path().join("index").join(name)).unwrap();
            serde_json::from_slice(&text).unwrap()
        };
        (read("host.json"), read("package.json"))
    };
    let (host, manifest) = shipped(&["--include", "host.json"]);
    assert_eq!(host["logging"]["level"], "debug");
    assert!(manifest["main"].as_str().unwrap().starts_with("index."));
    let (host, _) = shipped(&[]);
    assert_eq!(host, serde_json::json!({"version": "2.0"}));
    project.write("host.json", "// comments\n{}");
    let all = [&args[..], &["--include", "host.json"]].concat();
    let broken = Pack::run(project.path(), &all);
    assert_eq!(broken.status(), 1);
    assert!(broken.stderr().contains("CC146"), "{}", broken.stderr());
    assert_eq!(broken.written(), [""; 0]);
}

#[test]
fn what_a_platform_cannot_do_is_refused() {
    let project = Project::new(&[
        ("package.json", r#"{"name":"p"}"#),
        (
            "index.js",
            "exports.hello = (request, response) => response.end();\n",
        ),
        ("event.json", "{}"),
    ]);
    let event = project.path().join("event.json");
    let event = event.to_str().unwrap();
    for (args, code, said) in [
        (
            &["--platform", "google-cloud-functions", "--event", event][..],
            "CC147",
            "cannot be called with an event",
        ),
        (
            &["--platform", "cloudflare-workers", "--strategy", "trace"],
            "CC148",
            "choose `auto`, or `bundle`",
        ),
        (
            &["--platform", "vercell"],
            "CC141",
            "did you mean `vercel`?",
        ),
        (
            &["--platform", "tencent-scf", "--runtime", "nodejs22.x"],
            "CC142",
            "`Nodejs22.21`",
        ),
    ] {
        let all = [&["--entry", "index.js"], args].concat();
        let refused = Pack::run(project.path(), &all);
        let text = refused.stderr();
        assert_ne!(refused.status(), 0, "{text}");
        assert!(text.contains(code) && text.contains(said), "{text}");
    }
    // A limit is the platform's own.
    let big = "x".repeat(21 << 20);
    project.write("data.bin", &big);
    let args = [
        "--entry",
        "index.js",
        "--platform",
        "tencent-scf",
        "--include",
        "data.bin",
        "--json",
    ];
    let report = Pack::run(project.path(), &args).report();
    let limits = report["functions"][0]["limits"].as_array().unwrap();
    let of = |name: &str| limits.iter().find(|limit| limit["name"] == name).unwrap();
    assert_eq!(of("zipped_direct_bytes")["limit"], 20 << 20);
    assert_eq!(of("unpacked_bytes")["value"].as_u64().unwrap() >> 20, 21);
    assert!(
        report["functions"][0]["estimate"].is_null(),
        "nobody measured it"
    );
}
