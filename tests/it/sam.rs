//! SAM: what `pack --sam` leaves is taken by the real `sam`, and `sam build` calls coldcut.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::support::{
    Pack, Project, copy, document, installed_from, repository, scratch, succeeds,
};

/// The real `sam`, from PyPI, installed once beside the other things of the tests.
fn sam() -> PathBuf {
    static SAM: OnceLock<PathBuf> = OnceLock::new();
    let path = SAM.get_or_init(|| {
        let folder = scratch().join("sam-cli-1.170.0");
        let sam = folder.join("bin/sam");
        if !sam.exists() {
            let _ = std::fs::remove_dir_all(&folder);
            succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder));
            let pip = folder.join("bin/pip");
            let wanted = ["install", "--quiet", "aws-sam-cli==1.170.0"];
            succeeds(Command::new(pip).args(wanted));
        }
        sam
    });
    path.clone()
}

/// The example, installed, in a folder of its own.
fn example() -> tempfile::TempDir {
    let installed = installed_from(&repository().join("examples/sam"), "examples");
    let dir = tempfile::tempdir().unwrap();
    copy(&installed, dir.path());
    dir
}

fn pack(dir: &Path, args: &[&str]) -> Output {
    let mut command = crate::support::coldcut();
    command.arg("pack").args(args).current_dir(dir);
    command.output().unwrap()
}

fn validated(dir: &Path) {
    let mut validate = Command::new(sam());
    validate
        .args(["validate", "--lint", "--region", "us-east-1"])
        .args(["--template", ".aws-sam/build/template.yaml"])
        .env("SAM_CLI_TELEMETRY", "0")
        .current_dir(dir);
    let said = succeeds(&mut validate);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("is a valid SAM Template"), "{said}");
}

#[test]
fn the_build_folder_is_what_sam_takes() {
    let dir = example();
    let output = pack(dir.path(), &["--sam", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let report = document(&output.stdout);
    assert_eq!(report["functions"].as_array().unwrap().len(), 2);
    let built = dir.path().join(".aws-sam/build");
    let template = std::fs::read_to_string(built.join("template.yaml")).unwrap();
    assert!(template.contains("CodeUri: \"ReportFunction\"\n      Handler: src/report.handler"));
    assert!(template.contains("ContentUri: \"../../shared/\""));
    assert!(
        template.contains("# Its CodeUri is the folder"),
        "as it was written"
    );
    assert!(built.join("../../shared/ca.pem.txt").is_file());
    validated(dir.path());
    let answer = r#"const {handler} = require('./src/orders.js'); handler({}).then((r) => console.log(r.body))"#;
    let mut node = Command::new("node");
    node.args(["-e", answer])
        .current_dir(built.join("OrdersFunction"));
    let said = succeeds(&mut node).stdout;
    assert_eq!(said, b"{\"id\":21,\"total\":3}\n");
    // Once more, over itself, with nothing of `sam` there.
    let output = pack(dir.path(), &["--sam"]);
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stderr).contains("CC037"));
    let again = std::fs::read_to_string(built.join("template.yaml")).unwrap();
    assert_eq!(again, template);
}

#[test]
fn sam_build_calls_coldcut_by_its_makefile_and_what_it_built_otherwise_stays() {
    let dir = example();
    let template = dir.path().join("template.yaml");
    let own = std::fs::read_to_string(&template).unwrap();
    // One by the makefile; the other is packed over what `sam build` makes of it.
    let method = "  OrdersFunction:\n    Metadata: { BuildMethod: makefile }\n";
    let text = own.replace("  OrdersFunction:\n", method);
    std::fs::write(&template, &text).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_coldcut")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut build = Command::new(sam());
    build
        .args(["build", "--region", "us-east-1", "OrdersFunction"])
        .env("SAM_CLI_TELEMETRY", "0")
        .env("PATH", format!("{}:{path}", program.display()))
        .current_dir(dir.path());
    succeeds(&mut build);
    let built = dir.path().join(".aws-sam/build");
    let laid = std::fs::read(built.join("OrdersFunction/src/orders.js")).unwrap();
    // The same bytes as by hand.
    let output = pack(dir.path(), &["--sam", "--function", "OrdersFunction"]);
    assert!(output.status.success(), "{output:?}");
    let by_hand = std::fs::read(built.join("OrdersFunction/src/orders.js")).unwrap();
    assert_eq!(by_hand, laid);
    let template_now = std::fs::read_to_string(built.join("template.yaml")).unwrap();
    assert!(
        template_now.contains("SamResourceId"),
        "the template is sam's: {template_now}"
    );
    validated(dir.path());
    // A template that is newer than what `sam build` made of it.
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let file = std::fs::File::options()
        .write(true)
        .open(&template)
        .unwrap();
    file.set_modified(later).unwrap();
    let output = pack(dir.path(), &["--sam"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("CC037") && said.contains("sam build"),
        "{said}"
    );
}

#[test]
fn a_handler_that_moves_is_renamed_and_a_template_that_cannot_be_changed_is_said() {
    let resource = |properties: &str| {
        format!(
            "Resources:\n  Api:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildMethod: esbuild, BuildProperties: {{EntryPoints: [src/api.js]}}}}\n    Properties:{properties}"
        )
    };
    let plain = resource(" {Handler: api.handler, Runtime: nodejs20.x}\n");
    let project = Project::new(&[
        ("package.json", "{\"name\":\"s\"}"),
        ("template.yaml", &plain),
        ("src/api.js", "exports.handler = async () => 1;\n"),
    ]);
    let pack = Pack::run(project.path(), &["--sam"]);
    assert_eq!(pack.status(), 0, "{}", pack.stderr());
    let built = project.path().join(".aws-sam/build");
    let text = std::fs::read_to_string(built.join("template.yaml")).unwrap();
    assert!(
        text.contains("{\"CodeUri\": \"Api\", Handler: \"src/api.handler\""),
        "{text}"
    );
    // Properties that are an alias are written elsewhere.
    let alias = format!(
        "X: &p\n  Handler: api.handler\n  Runtime: nodejs20.x\n{}",
        resource(" *p\n")
    );
    project.write("template.yaml", &alias);
    std::fs::remove_dir_all(&built).unwrap();
    let pack = Pack::run(project.path(), &["--sam"]);
    if pack.status() != 0 {
        assert!(pack.stderr().contains("CC037"), "{}", pack.stderr());
        assert!(!built.exists(), "nothing is half-made");
    }
    // No template at all.
    let other = Project::new(&[
        ("package.json", r#"{"main":"a.js"}"#),
        ("a.js", "exports.h = 1;\n"),
    ]);
    let pack = Pack::run(other.path(), &["--sam"]);
    assert_eq!(pack.status(), 2);
    assert!(pack.stderr().contains("CC037"), "{}", pack.stderr());
}
