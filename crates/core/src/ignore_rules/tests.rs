use crate::ignore_rules::*;

fn pattern(text: &str) -> Pattern {
    Pattern {
        glob: text.trim_start_matches('!').to_string(),
        keep: !text.starts_with('!'),
        said: Location::file(""),
        text: text.to_string(),
    }
}

struct World(tempfile::TempDir);

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(dir)
    }

    fn ignore(&self, off: &[&str], patterns: &[&str]) -> Ignore {
        let off: Vec<String> = off.iter().map(|s| s.to_string()).collect();
        let patterns: Vec<Pattern> = patterns.iter().map(|p| pattern(p)).collect();
        Ignore::build(self.0.path(), &off, &patterns).unwrap()
    }
}

fn keeps(ignore: &Ignore, path: &str) -> bool {
    ignore.decide(&RelPath::new(path).unwrap()).keep
}

#[test]
fn built_in_rules_drop_what_is_never_run() {
    let world = World::new(&[]);
    let ignore = world.ignore(&[], &[]);
    for path in [
        "tests/a.js",
        "src/a.test.ts",
        "README.md",
        "serverless.yml",
        "node_modules/x/README.md",
        "node_modules/x/lib/a.d.ts",
        "node_modules/@s/x/lib/a.js.map",
        "node_modules/x/test/a.js",
        ".github/workflows/x.yml",
        "node_modules/.pnpm/x@1/node_modules/x/CHANGELOG.md",
    ] {
        assert!(!keeps(&ignore, path), "{path}");
    }
    for path in [
        "src/a.js",
        "node_modules/x/package.json",
        "node_modules/x/LICENSE",
        "node_modules/x/lib/test/a.js",
        "node_modules/x/serverless.yml",
        "node_modules/test/index.js",
        "node_modules/docs/index.js",
        "node_modules/x/docs/index.js",
        "src/docs/page.html",
        "data/template.yaml",
    ] {
        assert!(keeps(&ignore, path), "{path}");
    }
    assert!(keeps(&world.ignore(&["docs"], &[]), "README.md"));
    assert!(keeps(&world.ignore(&["all"], &[]), "tests/a.js"));
}

#[test]
fn ignore_files_have_gitignores_grammar() {
    let world = World::new(&[
        (
            ".serverlessignore",
            "# comment\n*.csv\n!keep.csv\n/top.txt\nbuild/\n**/deep/*.x\n\\#name\n\\!bang\ntrailing\\ \n!README.md\na/**/z\n",
        ),
        ("data/.serverlessignore", "!big.csv\nlocal.txt\n"),
    ]);
    let ignore = world.ignore(&[], &[]);
    for path in [
        "a.csv",
        "data/a.csv",
        "top.txt",
        "build/x.js",
        "src/build/x.js",
        "a/deep/b.x",
        "#name",
        "!bang",
        "trailing ",
        "a/b/c/z",
        "data/local.txt",
    ] {
        assert!(!keeps(&ignore, path), "{path}");
    }
    for path in [
        "keep.csv",
        "data/keep.csv",
        "data/big.csv",
        "src/top.txt",
        "local.txt",
        "README.md",
        "build",
    ] {
        assert!(keeps(&ignore, path), "{path}");
    }
    let decision = ignore.decide(&RelPath::new("data/a.csv").unwrap());
    assert_eq!(
        decision.because.unwrap().to_string(),
        "`*.csv` in .serverlessignore:2"
    );
}

#[test]
fn a_dropped_folder_cannot_be_taken_back_by_a_line_but_by_a_pattern() {
    let world = World::new(&[(".serverlessignore", "data/\n!data/keep.txt\n")]);
    assert!(!keeps(&world.ignore(&[], &[]), "data/keep.txt"));
    assert!(keeps(
        &world.ignore(&[], &["data/keep.txt"]),
        "data/keep.txt"
    ));
}

#[test]
fn of_patterns_the_last_match_wins() {
    let world = World::new(&[(".serverlessignore", "x.txt\n")]);
    let ignore = world.ignore(
        &[],
        &[
            "!**",
            "src/**",
            "!src/big",
            "./src/big/one.js",
            "x.txt",
            "!node_modules/aws-sdk/**",
        ],
    );
    assert!(!keeps(&ignore, "other.js"));
    assert!(keeps(&ignore, "src/a.js"));
    assert!(!keeps(&ignore, "src/big/two.js"));
    assert!(keeps(&ignore, "src/big/one.js"));
    assert!(keeps(&ignore, "x.txt"));
    assert!(!keeps(&ignore, "node_modules/aws-sdk/lib/a.js"));
}

#[test]
fn wrong_names_and_globs_are_told() {
    let world = World::new(&[]);
    let error = Ignore::build(world.0.path(), &["nope".into()], &[]).unwrap_err();
    assert_eq!(error.code, NO_RULE);
    assert!(error.help.unwrap().contains("typings"));
    let error = Ignore::build(world.0.path(), &[], &[pattern("a[")]).unwrap_err();
    assert_eq!(error.code, BAD_GLOB);
}

#[test]
fn the_table_is_well_formed() {
    assert!(rules().len() > 10);
    let world = World::new(&[]);
    world.ignore(&[], &[]);
}
