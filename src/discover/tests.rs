//! Whole projects, written to a temporary folder and discovered.

use crate::discover::codes::*;
use crate::discover::*;
use std::sync::Arc;

use coldcut_core::diagnostics::Code;
use coldcut_core::settings::value::{BROKEN, NOT_UTF8, TextFile};

struct Temp {
    _dir: tempfile::TempDir,
    root: PathBuf,
}

fn project(files: &[(&str, &str)]) -> Temp {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    Temp { _dir: dir, root }
}

impl Temp {
    fn ask(&self, ask: &DiscoveryRequest) -> Result<Project> {
        discover(&self.root, ask)
    }

    fn ok(&self) -> Project {
        self.ask(&DiscoveryRequest::default())
            .unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The code, the line and all the words of the error.
    fn err(&self) -> (Code, Option<u32>, String) {
        let error = *self.ask(&DiscoveryRequest::default()).unwrap_err();
        let line = error.at.as_ref().and_then(|at| at.line);
        let words = format!(
            "{error} {} {}",
            error.notes.join(" "),
            error.help.clone().unwrap_or_default()
        );
        (error.code, line, words)
    }
}

fn only(functions: &[&str]) -> DiscoveryRequest {
    DiscoveryRequest {
        functions: functions.iter().map(|name| (*name).to_owned()).collect(),
        ..DiscoveryRequest::default()
    }
}

fn names(project: &Project) -> Vec<&str> {
    project
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect()
}

fn file(function: &Function) -> String {
    match &function.kind {
        FunctionKind::Node(Handler {
            file,
            export: Some(export),
        }) => format!("{file}#{export}"),
        FunctionKind::Node(Handler { file, export: None }) => file.to_string(),
        FunctionKind::Rust(binary) => format!("{}.{}", binary.package, binary.bin),
    }
}

fn files(project: &Project) -> Vec<String> {
    project.functions.iter().map(file).collect()
}

const CRATE: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nlambda_runtime = \"1\"\n";
const TOOL: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
const MAIN: &str = "fn main() {}";

#[test]
fn serverless_functions_with_everything() {
    let dir = project(&[
        ("src/users.ts", ""),
        ("src/orders.js", ""),
        (
            "functions/more.yml",
            "orders:\n  handler: src/orders.a.b\n  architecture: x86_64\n  layers: [{Ref: BaseLambdaLayer}, '${cf:stack.Layer}']\n",
        ),
        (
            "serverless.yml",
            "service: ${opt:name, 'shop'}\ncustom: {arch: arm64}\nprovider:\n  name: aws\n  runtime: nodejs${self:custom.node, 22}.x\n  architecture: ${self:custom.arch}\n  layers: ['arn:aws:lambda:x:1:layer:l:1']\npackage:\n  individually: true\n  patterns: ['!tests/**', './keep/**']\n  exclude: [docs/**]\nfunctions:\n  - users:\n      handler: src/users.main\n      package:\n        patterns:\n          - '!users/**'\n        include: [inc/**]\n  - ${file(functions/more.yml)}\n  - py: {handler: a.b, runtime: python3.12}\n    img: {image: x}\n    zip: {handler: a.b, package: {artifact: x.zip}}\nresources: {X: '${ssm:/never/read}'}\n",
        ),
    ]);
    let project = dir.ok();
    assert_eq!(project.name, "shop");
    assert_eq!(names(&project), ["users", "orders"]);
    assert_eq!(files(&project), ["src/users.ts#main", "src/orders.js#a.b"]);
    let users = &project.functions[0];
    assert_eq!(users.runtime.as_deref(), Some("nodejs22.x"));
    assert_eq!(users.arch.as_deref(), Some("arm64"));
    assert_eq!(users.origin, "serverless.yml");
    assert_eq!(users.declared.line, Some(13));
    assert_eq!(users.layers, ["arn:aws:lambda:x:1:layer:l:1"]);
    let patterns: Vec<_> = users
        .patterns
        .iter()
        .map(|p| (p.glob.as_str(), p.keep, p.text.as_str()))
        .collect();
    assert_eq!(
        patterns,
        [
            ("docs/**", false, "exclude: docs/**"),
            ("tests/**", false, "!tests/**"),
            ("keep/**", true, "./keep/**"),
            ("inc/**", true, "include: inc/**"),
            ("users/**", false, "!users/**"),
        ]
    );
    assert_eq!(users.patterns[4].said.line, Some(17));
    let orders = &project.functions[1];
    assert_eq!(orders.arch.as_deref(), Some("x86_64"));
    assert_eq!(orders.layers, ["BaseLambdaLayer", "${cf:stack.Layer}"]);
    assert!(orders.declared.path.ends_with("functions/more.yml"));
    let skipped: Vec<_> = project
        .skipped
        .iter()
        .map(|s| (s.name.as_str(), s.why.as_str()))
        .collect();
    assert_eq!(skipped.len(), 3);
    assert_eq!(
        skipped[0],
        ("py", "its runtime `python3.12` is neither Node.js nor Rust")
    );
    assert_eq!(skipped[1], ("img", "it is a container image"));
    assert_eq!(skipped[2], ("zip", "it already has an artifact: `x.zip`"));
    let read: Vec<_> = project
        .config_files
        .iter()
        .filter_map(|path| path.file_name())
        .collect();
    assert_eq!(read, ["serverless.yml", "more.yml"]);
    assert!(project.warnings.is_empty(), "{:?}", project.warnings);
}

#[test]
fn serverless_json_options_and_environment() {
    let text = "{\"service\": {\"name\": \"s\"}, \"provider\": {\"name\": \"aws\", \"stage\": \"${opt:stage, 'dev'}\"}, \"functions\": {\"a\": {\"handler\": \"${env:DIR}/a.${sls:stage}\"}}}";
    let dir = project(&[("serverless.json", text), ("x/a.mjs", "")]);
    let mut ask = DiscoveryRequest::default();
    ask.env.insert("DIR".into(), "x".into());
    let found = dir.ask(&ask).unwrap();
    assert_eq!(
        (found.name.as_str(), files(&found)),
        ("s", vec!["x/a.mjs#dev".to_owned()])
    );
    ask.options.insert("stage".into(), "prod".into());
    assert_eq!(files(&dir.ask(&ask).unwrap()), ["x/a.mjs#prod"]);
    let (code, line, words) = dir.err();
    assert_eq!((code, line), (VARIABLE_HAS_NO_VALUE, Some(1)));
    assert!(words.contains("`DIR` is not set"), "{words}");
}

#[test]
fn deploy_time_values_only_hurt_where_they_are_needed() {
    let dir = project(&[
        ("a.js", ""),
        (
            "serverless.yml",
            "service: s\nprovider: {name: aws, runtime: '${ssm:/runtime}'}\nfunctions:\n  a: {handler: a.b, environment: {X: '${cf:x.Y}'}}\n",
        ),
    ]);
    let found = dir.ok();
    assert_eq!(found.functions[0].runtime, None);
    assert_eq!(found.warnings.len(), 1);
    assert_eq!(found.warnings[0].code, VALUE_AT_DEPLOY_TIME);
    let dir = project(&[(
        "serverless.yml",
        "provider: aws\nfunctions:\n  a:\n    handler: ${cf:x.Y}\n",
    )]);
    assert_eq!(dir.err().0, VALUE_AT_DEPLOY_TIME);
    assert_eq!(dir.err().1, Some(4));
}

#[test]
fn serverless_mistakes() {
    let cases = [
        ("functions: 3", BAD_FRAMEWORK_FILE, 1, "must be a map"),
        ("functions:\n  a: 3", BAD_FRAMEWORK_FILE, 2, "must be a map"),
        (
            "functions:\n  a: {runtime: nodejs22.x}",
            BAD_FRAMEWORK_FILE,
            2,
            "has no handler",
        ),
        (
            "functions:\n  a:\n    handler: src/usr.main",
            HANDLER_NOT_FOUND,
            3,
            "is it `src/users.ts`?",
        ),
        (
            "functions:\n  a:\n    handler: ../users.main",
            OUTSIDE_PROJECT,
            3,
            "points outside",
        ),
        (
            "functions:\n  a:\n    handler: users",
            BAD_HANDLER,
            3,
            "does not name a file and an export",
        ),
        (
            "functions:\n  a:\n    handler: ${self:custom.x}",
            VARIABLE_HAS_NO_VALUE,
            3,
            "no `custom.x`",
        ),
        (
            "functions: ${self:functions}",
            VARIABLE_CYCLE,
            1,
            "refers to itself",
        ),
        (
            "functions:\n  a: {handler: src/users.x}\nprovider:\n  name: google",
            UNKNOWN_PROVIDER,
            4,
            "--entry",
        ),
        (
            "functions:\n  a: {handler: [src/users.x]}",
            BAD_FRAMEWORK_FILE,
            2,
            "must be a string",
        ),
        (
            "functions:\n  a: {handler: src/users.x}\npackage:\n  patterns: x",
            BAD_FRAMEWORK_FILE,
            4,
            "list of globs",
        ),
        (
            "functions:\n  a/b: {handler: src/users.x}",
            BAD_FUNCTION_NAME,
            2,
            "cannot be used as the name",
        ),
        (
            "functions:\n  a: {handler: src/users.x}\n  A: {handler: src/users.x}",
            BAD_FUNCTION_NAME,
            3,
            "the same zip",
        ),
        ("functions:\n  a: [", BROKEN, 2, "not valid YAML"),
        ("- a", BAD_FRAMEWORK_FILE, 1, "must be a map"),
    ];
    for (text, code, line, words) in cases {
        let dir = project(&[("serverless.yml", text), ("src/users.ts", "")]);
        let error = dir.err();
        assert_eq!(error.0, code, "{text}: {}", error.2);
        assert_eq!(error.1, Some(line), "{text}: {}", error.2);
        assert!(error.2.contains(words), "{text}: {}", error.2);
    }
    let dir = project(&[
        ("serverless.ts", ""),
        ("package.json", "{\"main\": \"serverless.ts\"}"),
    ]);
    assert_eq!(dir.err().0, CONFIG_IS_PROGRAM);
}

#[test]
fn rust_in_serverless() {
    let dir = project(&[
        (
            "Cargo.toml",
            &format!(
                "{CRATE}[[bin]]\nname = \"one\"\npath = \"src/one.rs\"\n[[bin]]\nname = \"two\"\npath = \"src/two.rs\"\n[[bin]]\nname = \"three\"\npath = \"src/two.rs\"\n[[bin]]\nname = \"four\"\npath = \"src/two.rs\"\n"
            ),
        ),
        ("src/one.rs", MAIN),
        ("src/two.rs", MAIN),
        ("a.js", ""),
        (
            "serverless.yml",
            "provider: {name: aws, runtime: nodejs22.x}\nfunctions:\n  a: {handler: a.b}\n  b: {handler: app.one, runtime: provided.al2023}\n  two: {handler: bootstrap, runtime: provided.al2023}\n  d: {handler: three}\n",
        ),
    ]);
    let found = dir.ok();
    // The fourth binary is declared by `Cargo.toml` alone.
    assert_eq!(names(&found), ["a", "b", "two", "d", "four"]);
    assert_eq!(
        files(&found),
        ["a.js#b", "app.one", "app.two", "app.three", "app.four"]
    );
    assert_eq!(found.functions[4].origin, "Cargo.toml");
    assert_eq!(found.functions[4].declared.line, Some(17));
    std::fs::write(
        dir.root.join("serverless.yml"),
        "functions:\n  b: {handler: app.on, runtime: provided.al2023}\n",
    )
    .unwrap();
    let (code, line, words) = dir.err();
    assert_eq!((code, line), (BINARY_NOT_FOUND, Some(2)));
    assert!(words.contains("`one`"), "{words}");
    let dir = project(&[(
        "serverless.yml",
        "functions:\n  go: {handler: bootstrap, runtime: provided.al2023}\n",
    )]);
    assert!(dir.ok().skipped[0].why.contains("no `Cargo.toml`"));
}

#[test]
fn sam_templates() {
    let dir = project(&[
        ("hello/app.ts", ""),
        ("hello/src/built.ts", ""),
        ("rust/Cargo.toml", CRATE),
        ("rust/src/main.rs", MAIN),
        (
            "template.yaml",
            "Parameters:\n  Arch: {Type: String, Default: arm64}\n  Node: {Type: Number, Default: 22}\nMappings: {M: {a: {dir: hello/}}}\nGlobals:\n  Function:\n    Runtime: !Sub nodejs${Node}.x\n    Architectures: [!Ref Arch]\n    CodeUri: hello/\n    Layers: [!Ref Base]\nResources:\n  Base: {Type: 'AWS::Serverless::LayerVersion'}\n  Hello:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: !Join ['.', [app, main]]\n      Layers: ['arn:x', !GetAtt Other.Outputs.L]\n  Long:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: {'Fn::FindInMap': [M, a, dir]}\n      Runtime: {'Fn::Sub': ['nodejs${V}.x', {V: 20}]}\n      Handler: app.main\n  Built:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: esbuild, BuildProperties: {EntryPoints: [src/built.ts]}}\n    Properties: {Handler: built.main}\n  Rusty:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: rust-cargolambda}\n    Properties: {CodeUri: rust, Handler: bootstrap, Runtime: provided.al2023}\n  Image:\n    Type: AWS::Serverless::Function\n    Properties: {PackageType: Image}\n  Stored:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: 's3://b/k', Handler: a.b}\n  Inline:\n    Type: AWS::Serverless::Function\n    Properties: {InlineCode: x, Handler: a.b}\n  Py:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.13, Handler: a.b}\n  Plain:\n    Type: AWS::Lambda::Function\n    Properties: {Code: {S3Bucket: b, S3Key: k}, Handler: a.b, Runtime: nodejs22.x}\n",
        ),
    ]);
    let found = dir.ok();
    assert_eq!(names(&found), ["Hello", "Long", "Built", "Rusty"]);
    assert_eq!(
        files(&found),
        ["app.ts#main", "app.ts#main", "src/built.ts#main", "app.app"]
    );
    let hello = &found.functions[0];
    assert_eq!(hello.root, dir.root.join("hello"));
    assert_eq!(hello.runtime.as_deref(), Some("nodejs22.x"));
    assert_eq!(hello.arch.as_deref(), Some("arm64"));
    assert_eq!(hello.layers, ["Base", "arn:x", "Other.Outputs.L"]);
    assert_eq!(found.functions[1].runtime.as_deref(), Some("nodejs20.x"));
    assert_eq!(found.functions[3].root, dir.root.join("rust"));
    let skipped: Vec<_> = found.skipped.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(skipped, ["Image", "Stored", "Inline", "Py", "Plain"]);
    assert_eq!(found.warnings.len(), 1);
    assert_eq!(found.warnings[0].code, HANDLER_MOVED);
}

#[test]
fn sam_mistakes() {
    let head = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs22.x\n";
    let cases = [
        (
            "      CodeUri: src\n      Handler: usrs.main\n",
            HANDLER_NOT_FOUND,
            7,
            "is it `users.js`?",
        ),
        (
            "      CodeUri: none\n      Handler: users.main\n",
            ROOT_NOT_FOUND,
            6,
            "no folder `none`",
        ),
        (
            "      CodeUri: ..\n      Handler: users.main\n",
            OUTSIDE_PROJECT,
            6,
            "points outside",
        ),
        (
            "      Handler: !GetAtt X.Y\n",
            VALUE_AT_DEPLOY_TIME,
            6,
            "deployed stack",
        ),
        (
            "      CodeUri: src\n",
            BAD_FRAMEWORK_FILE,
            2,
            "no `Handler`",
        ),
    ];
    for (text, code, line, words) in cases {
        let dir = project(&[
            ("template.yml", &format!("{head}{text}")),
            ("src/users.js", ""),
        ]);
        let error = dir.err();
        assert_eq!(
            (error.0, error.1),
            (code, Some(line)),
            "{text}: {}",
            error.2
        );
        assert!(error.2.contains(words), "{text}: {}", error.2);
    }
    // A template without functions is none of ours.
    let dir = project(&[
        ("template.yaml", "Resources: {B: {Type: 'AWS::S3::Bucket'}}"),
        ("package.json", "{\"main\": \"a.js\"}"),
        ("a.js", ""),
    ]);
    assert_eq!(files(&dir.ok()), ["a.js"]);
}

#[test]
fn package_json() {
    let cases = [
        (
            "{\"name\": \"@x/y\", \"main\": \"./lib\"}",
            vec![("y", "lib/index.js")],
        ),
        (
            "{\"name\": \"y\", \"main\": \"a\", \"exports\": {\".\": {\"types\": \"a.d.ts\", \"import\": [\"./lib/b.mjs\"]}}}",
            vec![("y", "lib/b.mjs")],
        ),
        ("{\"exports\": \"./a.js\"}", vec![("index", "a.js")]),
        (
            "{\"name\": \"y\", \"exports\": {\"./u/v\": \"./a.js\", \"./w\": {\"default\": \"./lib/b.mjs\"}, \"./package.json\": \"./package.json\"}}",
            vec![("u-v", "a.js"), ("w", "lib/b.mjs")],
        ),
        ("{\"name\": \"y\"}", vec![("y", "index.ts")]),
    ];
    for (text, expected) in cases {
        let dir = project(&[
            ("package.json", text),
            ("lib/index.js", ""),
            ("lib/b.mjs", ""),
            ("a.js", ""),
            ("index.ts", ""),
        ]);
        let found = dir.ok();
        let got: Vec<_> = found
            .functions
            .iter()
            .map(|f| (f.name.as_str(), file(f)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(n, f)| (*n, (*f).to_owned()))
            .collect();
        assert_eq!(got, expected, "{text}");
    }
    let dir = project(&[("package.json", "{\n\"main\": \"dist/index.js\"\n}")]);
    assert_eq!((dir.err().0, dir.err().1), (ENTRY_NOT_FOUND, Some(2)));
    let dir = project(&[("package.json", "{\n\"main\": }")]);
    assert_eq!((dir.err().0, dir.err().1), (BROKEN, Some(2)));
}

#[test]
fn cargo_projects() {
    let dir = project(&[
        ("Cargo.toml", TOOL),
        ("src/main.rs", MAIN),
        ("src/bin/other.rs", MAIN),
    ]);
    let found = dir.ok();
    assert_eq!(found.name, "app");
    let mut all = names(&found);
    all.sort_unstable();
    assert_eq!(all, ["app", "other"], "no runtime crate: all binaries");
    assert_eq!(found.functions[0].declared.line, Some(2));
    let dir = project(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"f\", \"tool\"]\nresolver = \"2\"\n",
        ),
        ("f/Cargo.toml", &CRATE.replace("\"app\"", "\"f\"")),
        ("f/src/main.rs", MAIN),
        ("tool/Cargo.toml", TOOL),
        ("tool/src/main.rs", MAIN),
    ]);
    assert_eq!(files(&dir.ok()), ["f.f"], "only those with a runtime crate");
    let dir = project(&[("Cargo.toml", "[package]\nname = \n")]);
    assert_eq!((dir.err().0, dir.err().1), (BROKEN, Some(2)));
    let dir = project(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", ""),
    ]);
    assert_eq!(dir.err().0, NO_PROJECT);
    let dir = project(&[
        ("Cargo.toml", "[package]\nname = \"x y\"\n"),
        ("src/main.rs", MAIN),
    ]);
    assert_eq!(dir.err().0, CARGO_METADATA_FAILED);
}

#[test]
fn both_kinds_in_one_folder() {
    let package = ("package.json", "{\"name\": \"app\", \"main\": \"a.js\"}");
    let dir = project(&[
        package,
        ("a.js", ""),
        ("Cargo.toml", CRATE),
        ("src/main.rs", MAIN),
    ]);
    let found = dir.ok();
    assert_eq!(names(&found), ["app", "app-rust"]);
    assert_eq!(files(&found), ["a.js", "app.app"]);
    // A `main` that npm wrote by itself does not stop a Rust project.
    std::fs::remove_file(dir.root.join("a.js")).unwrap();
    let found = dir.ok();
    assert_eq!(files(&found), ["app.app"]);
    assert_eq!(found.warnings[0].code, ENTRY_NOT_FOUND);
    // Beside a framework's file, tools are no functions; and broken ones only a warning.
    let serverless = ("serverless.yml", "functions: {a: {handler: a.b}}");
    let dir = project(&[
        serverless,
        ("a.js", ""),
        ("Cargo.toml", TOOL),
        ("src/main.rs", MAIN),
    ]);
    assert_eq!(names(&dir.ok()), ["a"]);
}

#[test]
fn coldcut_toml_comes_first() {
    let dir = project(&[
        (
            "coldcut.toml",
            "arch = \"arm64\"\n[functions.u]\nentry = \"src/u.ts\"\nstrategy = \"prune\"\n[functions.h]\nhandler = \"h.main\"\nroot = \"src\"\n[functions.r]\nbin = \"app\"\n",
        ),
        ("src/u.ts", ""),
        ("src/h.js", ""),
        ("Cargo.toml", CRATE),
        ("src/main.rs", MAIN),
        ("serverless.yml", "functions: ["),
    ]);
    let found = dir.ok();
    assert_eq!(files(&found), ["src/u.ts", "h.js#main", "app.app"]);
    assert_eq!(found.settings.target.arch.as_deref(), Some("arm64"));
    assert!(found.functions[0].settings.artifact.strategy.is_some());
    assert_eq!(found.functions[1].root, dir.root.join("src"));
    let cases = [
        ("[functions.u]\nentry = \"src/v.ts\"", ENTRY_NOT_FOUND, 2),
        (
            "[functions.u]\nentry = \"src/u.ts\"\nroot = \"no\"",
            ROOT_NOT_FOUND,
            3,
        ),
        ("[functions.u]\nbin = \"ap\"", BINARY_NOT_FOUND, 2),
        (
            "[functions.u]\nentry = \"src/u.ts\"\n[functions.v]\narch = \"arm64\"",
            FUNCTION_HAS_NO_FILE,
            3,
        ),
    ];
    for (text, code, line) in cases {
        std::fs::write(dir.root.join("coldcut.toml"), text).unwrap();
        assert_eq!((dir.err().0, dir.err().1), (code, Some(line)), "{text}");
    }
}

#[test]
fn settings_are_laid_over_the_frameworks_functions() {
    let dir = project(&[
        ("coldcut.toml", "[functions.a]\nexternal = [\"x\"]\n"),
        (
            "serverless.yml",
            "functions: {a: {handler: a.b}, b: {handler: a.b}}",
        ),
        ("a.js", ""),
    ]);
    let found = dir.ok();
    assert_eq!(found.functions[0].settings.packages.external, ["x"]);
    assert!(found.functions[1].settings.packages.external.is_empty());
    assert_eq!(names(&dir.ask(&only(&["b"])).unwrap()), ["b"]);
    std::fs::write(
        dir.root.join("coldcut.toml"),
        "[functions.c]\narch = \"arm64\"\n",
    )
    .unwrap();
    let (code, line, words) = dir.err();
    assert_eq!((code, line), (NO_FUNCTION, Some(1)));
    assert!(words.contains("`a`, `b`"), "{words}");
}

#[test]
fn asking_for_functions() {
    let dir = project(&[
        (
            "serverless.yml",
            "functions: {users: {handler: a.b}, broken: {handler: none.b}, py: {handler: a.b, runtime: python3.12}}",
        ),
        ("a.js", ""),
    ]);
    // What was not asked for need not be whole.
    assert_eq!(names(&dir.ask(&only(&["users"])).unwrap()), ["users"]);
    let error = dir.ask(&only(&["users", "user"])).unwrap_err();
    assert_eq!(error.code, NO_FUNCTION);
    assert!(error.help.unwrap().contains("`users`, `broken`, `py`"));
    assert_eq!(error.notes, ["did you mean `users`?"]);
    let error = dir.ask(&only(&["py"])).unwrap_err();
    assert!(error.message.contains("python3.12"), "{error}");
}

#[test]
fn entries() {
    let dir = project(&[
        ("src/a/index.ts", ""),
        ("src/b.js", ""),
        ("lib/b.js", ""),
        ("x.txt", ""),
        ("serverless.yml", "functions: ["),
    ]);
    let entry = |entries: &[&str]| DiscoveryRequest {
        entries: entries.iter().map(|entry| (*entry).to_owned()).collect(),
        ..DiscoveryRequest::default()
    };
    let absolute = dir.root.join("src/b.js");
    let found = dir
        .ask(&entry(&["src/a", absolute.to_str().unwrap(), "lib/b.main"]))
        .unwrap();
    assert_eq!(
        files(&found),
        ["src/a/index.ts", "src/b.js", "lib/b.js#main"]
    );
    assert_eq!(names(&found), ["src-a-index", "b", "b.main"]);
    assert_eq!(found.functions[0].origin, "--entry");
    let found = dir
        .ask(&entry(&["src/b.js", "lib/b.js", "lib/b.js"]))
        .unwrap();
    assert_eq!(names(&found), ["b", "lib-b", "lib-b-2"]);
    for (text, code) in [
        ("src/c.js", ENTRY_NOT_FOUND),
        ("x.txt", ENTRY_NOT_FOUND),
        ("../b.js", OUTSIDE_PROJECT),
        ("/etc/hosts", OUTSIDE_PROJECT),
    ] {
        assert_eq!(dir.ask(&entry(&[text])).unwrap_err().code, code, "{text}");
    }
}

#[test]
fn no_project_and_no_folder() {
    let dir = project(&[("readme.md", "")]);
    let (code, _, words) = dir.err();
    assert_eq!(code, NO_PROJECT);
    assert!(words.contains("--entry"), "{words}");
    assert_eq!(
        discover(&dir.root.join("none"), &DiscoveryRequest::default())
            .unwrap_err()
            .code,
        PROJECT_NOT_FOUND
    );
    assert_eq!(
        discover(&dir.root.join("readme.md"), &DiscoveryRequest::default())
            .unwrap_err()
            .code,
        PROJECT_NOT_FOUND
    );
    std::fs::write(dir.root.join("serverless.yml"), b"a: \xff").unwrap();
    assert_eq!(dir.err().0, NOT_UTF8);
}

#[cfg(unix)]
#[test]
fn links_and_odd_names() {
    use std::os::unix::ffi::OsStrExt;
    let dir = project(&[
        ("real/serverless.yml", "functions: {a: {handler: a.b}}"),
        ("real/a.js", ""),
    ]);
    std::os::unix::fs::symlink("real", dir.root.join("link")).unwrap();
    let found = discover(&dir.root.join("link"), &DiscoveryRequest::default()).unwrap();
    assert_eq!(found.root, dir.root.join("real"));
    assert_eq!(found.functions[0].root, found.root);
    let odd = dir.root.join(std::ffi::OsStr::from_bytes(b"odd\xff"));
    if std::fs::create_dir(&odd).is_ok() {
        assert_eq!(
            discover(&odd, &DiscoveryRequest::default())
                .unwrap_err()
                .code,
            NO_PROJECT
        );
        std::fs::write(odd.join("package.json"), "{}").unwrap();
        std::fs::write(odd.join("index.js"), "").unwrap();
        let found = discover(&odd, &DiscoveryRequest::default()).unwrap();
        assert_eq!(files(&found), ["index.js"]);
        assert!(found.name.starts_with("odd"));
    }
    std::os::unix::fs::symlink("loop", dir.root.join("loop")).unwrap();
    assert_eq!(
        discover(&dir.root.join("loop"), &DiscoveryRequest::default())
            .unwrap_err()
            .code,
        PROJECT_NOT_FOUND
    );
}

#[test]
fn a_frameworks_settings_lie_over_coldcuts_own() {
    let dir = project(&[
        ("coldcut.toml", "strategy = \"prune\"\nminify = true\n"),
        (
            "serverless.yml",
            "custom:\n  mode: trace\n  coldcut: {strategy: '${self:custom.mode}', keepNames: true}\nfunctions:\n  a: {handler: a.b, coldcut: {external: [x]}}\n  b: {handler: a.b, coldcut: false}\n",
        ),
        ("a.js", ""),
    ]);
    let found = dir.ok();
    let own = found.framework_settings.last().unwrap();
    assert_eq!(
        own.artifact.strategy,
        Some(coldcut_core::settings::Strategy::Trace)
    );
    assert_eq!(own.bundle.keep_names, Some(true));
    assert_eq!(
        found.functions[0].framework_settings.packages.external,
        ["x"]
    );
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found.skipped[0].name, "b");
    let slips = [
        ("custom:\n  coldcut:\n    stratgey: trace\n", 3),
        ("custom:\n  coldcut:\n    strategy: tracee\n", 3),
        ("custom:\n  coldcut:\n    functions: {}\n", 3),
        ("custom:\n  coldcut: yes please\n", 2),
        ("custom:\n  coldcut: ${self:custom.no}\n", 2),
    ];
    for (text, line) in slips {
        let text = format!("{text}functions: {{a: {{handler: a.b}}}}\n");
        std::fs::write(dir.root.join("serverless.yml"), &text).unwrap();
        assert_eq!(dir.err().1, Some(line), "{text}");
    }
    // A file that is made of itself.
    std::fs::write(dir.root.join("c.yml"), "env: {A: \"${file(c.yml)}\"}\n").unwrap();
    std::fs::write(
        dir.root.join("serverless.yml"),
        "custom: {coldcut: \"${file(c.yml)}\"}\nfunctions: {a: {handler: a.b}}\n",
    )
    .unwrap();
    assert_eq!(dir.err().0, VARIABLE_CYCLE);
}

fn service(json: &str) -> DiscoveryRequest {
    DiscoveryRequest {
        service: Some(Arc::new(TextFile {
            path: "(standard input)".into(),
            text: json.into(),
        })),
        ..DiscoveryRequest::default()
    }
}

#[test]
fn a_resolved_configuration_stands_for_the_frameworks_file_and_points_into_it() {
    let dir = project(&[
        (
            "serverless.yml",
            "service: shop\nfunctions:\n  a:\n    handler: ${param:of}.b\n  c: ${file(c.yml)}\n",
        ),
        ("a.js", ""),
    ]);
    let text = r#"{"service":"shop","provider":{"name":"aws","runtime":"nodejs22.x"},"functions":{"a":{"handler":"a.b","package":{"patterns":["!x/**"]}}}}"#;
    let found = dir.ask(&service(text)).unwrap();
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found.name, "shop");
    assert_eq!(found.functions[0].runtime.as_deref(), Some("nodejs22.x"));
    assert_eq!(found.functions[0].patterns[0].glob, "x/**");
    assert_eq!(found.config_files, [dir.root.join("serverless.yml")]);
    let cases = [
        (
            r#"{"functions":{"a":{"handler":"z.b"}}}"#,
            HANDLER_NOT_FOUND,
            Some(4),
        ),
        (
            r#"{"functions":{"c":{"handler":"z.b"}}}"#,
            HANDLER_NOT_FOUND,
            Some(5),
        ),
        (r#"{"functions":{}}"#, NO_PROJECT, Some(1)),
        (r#"{"functions":"#, BROKEN, Some(1)),
    ];
    for (text, code, line) in cases {
        let error = dir.ask(&service(text)).unwrap_err();
        let at = error.at.as_ref().unwrap();
        assert_eq!((error.code, at.line), (code, line), "{text}");
    }
    // A program is not read, so that messages point into what it gave.
    let dir = project(&[("serverless.ts", "export default {}"), ("a.js", "")]);
    let found = dir.ask(&service(text)).unwrap();
    assert_eq!(found.functions[0].origin, "serverless.ts");
}

#[test]
fn options_of_other_packers_are_taken_or_refused_by_name() {
    let text = |plugin: &str, more: &str| {
        format!("plugins: [{plugin}]\ncustom:\n{more}functions:\n  a: {{handler: a.b}}\n")
    };
    let taken = "  esbuild:\n    bundle: true\n    minify: false\n    sourcemap: inline\n    exclude: [sharp]\n    external: [knex]\n    packager: pnpm\n    define: {process.env.X: '\"on\"'}\n";
    let dir = project(&[
        ("serverless.yml", &text("serverless-coldcut", taken)),
        ("a.js", ""),
    ]);
    let found = dir.ok();
    let moved = &found.framework_settings[0];
    assert_eq!(moved.bundle.minify, Some(false));
    assert_eq!(
        moved.bundle.sourcemap,
        Some(coldcut_core::settings::SourceMap::Inline)
    );
    assert_eq!(moved.packages.external, ["sharp"]);
    assert_eq!(moved.bundle.define["process.env.X"], "on");
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    let webpack = "  webpack:\n    webpackConfig: ./w.js\n    includeModules:\n      forceExclude: [aws-sdk]\n      forceInclude: [pg]\n";
    std::fs::write(
        dir.root.join("serverless.yml"),
        text("serverless-coldcut", webpack),
    )
    .unwrap();
    let found = dir.ok();
    assert_eq!(found.framework_settings[0].packages.external, ["aws-sdk"]);
    assert_eq!(
        found.framework_settings[0].files.include,
        ["node_modules/pg/**"]
    );
    let refused = [
        "  esbuild:\n    plugins: p.js\n",
        "  esbuild:\n    banner: {js: x}\n",
        "  esbuild:\n    bundle: false\n",
        "  esbuild:\n    exclude: '*'\n",
        "  esbuild:\n    define: {X: '1'}\n",
        "  esbuild:\n    minfy: true\n",
        "  webpack:\n    excludeRegex: x\n",
    ];
    for block in refused {
        let path = dir.root.join("serverless.yml");
        std::fs::write(&path, text("serverless-coldcut", block)).unwrap();
        let (code, line, words) = dir.err();
        assert_eq!(
            (code, line),
            (UNSUPPORTED_OPTION, Some(4)),
            "{block}{words}"
        );
        // While the other packer is still there, it is none of an error.
        std::fs::write(&path, text("serverless-esbuild", block)).unwrap();
        assert_eq!(dir.ok().warnings[0].code, UNSUPPORTED_OPTION, "{block}");
    }
}
