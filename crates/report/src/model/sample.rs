//! A report for tests: an orders API as coldcut packs it.

use crate::model::*;
use crate::{advice, limits};
use coldcut_core::platform::Platform;
use coldcut_core::settings::SdkChoice;

/// A report of this many functions.
pub(crate) fn report(functions: usize) -> Report {
    let names = ["createOrder", "getOrder", "listOrders"];
    let functions = (0..functions)
        .map(|at| match names.get(at) {
            Some(name) => function(name),
            None => function(&format!("function{at}")),
        })
        .collect();
    let project = Project {
        name: "orders-api".to_string(),
        root: Some("fixtures/orders-api".to_string()),
    };
    Report::new(project, functions, Vec::new(), Vec::new())
}

/// One function, well verified.
pub(crate) fn function(name: &str) -> Function {
    let artifact = Artifact {
        path: format!(".coldcut/{name}.zip"),
        bytes: 498_213,
        unpacked_bytes: 1_912_004,
        files: 312,
        container_bytes: 48_213,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_string(),
        code_sha256_base64: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=".to_string(),
    };
    let platform = Platform::load("aws-lambda").unwrap();
    let saving = crate::estimate::saving(platform, 21_503_211, artifact.bytes).unwrap();
    let mut function = Function {
        name: name.to_string(),
        kind: FunctionKind::Node,
        entry: "src/orders.ts".to_string(),
        handler: "src/orders.js".to_string(),
        handler_setting: Some("src/orders.handler".to_string()),
        platform: "aws-lambda".to_string(),
        runtime: "nodejs22.x".to_string(),
        arch: "arm64".to_string(),
        strategy: Strategy::Trace,
        strategy_reason: Some("the smallest that loads as the original".to_string()),
        declared_by: "serverless.yml".to_string(),
        settings: vec![Setting {
            name: "runtime".to_string(),
            value: "nodejs22.x".to_string(),
            origin: "framework file".to_string(),
        }],
        layers: Vec::new(),
        limits: limits::rows(platform, &artifact, &[]),
        artifact,
        baseline: Baseline {
            bytes: 21_503_211,
            unpacked_bytes: 84_112_345,
            files: 9_871,
        },
        steps: steps(),
        dropped_rules: vec![DroppedRule {
            rule: "typings".to_string(),
            files: 1_204,
            bytes: 6_620_000,
        }],
        dropped_dev_dependencies: vec!["jest@29.7.0".to_string(), "typescript@5.9.2".to_string()],
        packages: packages(),
        class_names_bytes: Some(4_812),
        rust: None,
        sdk: Some(Sdk {
            choice: SdkChoice::Auto,
            shipped: true,
            reason: "listed under dependencies".to_string(),
            other_choice_bytes: Some(1_204_000),
        }),
        estimate: Some(estimate(platform, saving)),
        loaded: Some(LOADED),
        measured: None,
        verification: Verification {
            status: Status::Equal,
            earlier: false,
            detail: "1 export, the same as the original's".to_string(),
            attempts: vec![Attempt {
                strategy: Strategy::Trace,
                status: Status::Equal,
                detail: "1 export, the same as the original's".to_string(),
            }],
        },
        warnings: Vec::new(),
        files: vec![
            File {
                path: "src/orders.js".to_string(),
                bytes: 150_004,
                zipped_bytes: 410_000,
                package: None,
                reasons: vec!["handler".to_string()],
                from: None,
            },
            File {
                path: "node_modules/zod/index.cjs".to_string(),
                bytes: 120_000,
                package: Some("zod@3.25.76".to_string()),
                zipped_bytes: 40_000,
                reasons: vec!["imported by src/orders.js:2".to_string()],
                from: Some(Import {
                    by: "src/orders.js".to_string(),
                    line: 2,
                }),
            },
        ],
        modules: Vec::new(),
        duplicates: duplicates(),
        components: Vec::new(),
        metafile: None,
        advice: Vec::new(),
    };
    function.advice = advice::advise(&function);
    function
}

fn duplicates() -> Vec<Duplicate> {
    let copy = |version: &str, folder: &str, bytes| Copy {
        version: Some(version.to_string()),
        folder: folder.to_string(),
        bytes,
        zipped_share_bytes: bytes / 4,
        from: Some(Import {
            by: "src/orders.ts".to_string(),
            line: 2,
        }),
        asked_by: Vec::new(),
    };
    vec![Duplicate {
        name: "qs".to_string(),
        copies: vec![
            copy("6.13.0", "node_modules/qs", 40_000),
            copy("6.5.3", "node_modules/body-parser/node_modules/qs", 30_000),
        ],
        extra_bytes: 30_000,
        extra_zipped_share_bytes: 7_500,
        kind: DuplicateKind::Versions,
        align_to: Some("6.13.0".to_string()),
        dedupe_bytes: 0,
        blocked_by: vec![Asker {
            by: "body-parser@1.20.3".to_string(),
            range: "6.5.3".to_string(),
            gets: "6.5.3".to_string(),
        }],
    }]
}

const LOADED: Loaded = Loaded {
    before: Amount {
        files: 343,
        bytes: 3_800_000,
    },
    after: Amount {
        files: 12,
        bytes: 1_200_000,
    },
};

fn estimate(platform: &Platform, saving: crate::estimate::Saving) -> Estimate {
    let amount = |amount: Amount| crate::estimate::LoadedAmount {
        files: amount.files,
        bytes: amount.bytes,
    };
    let (before, after) = (amount(LOADED.before), amount(LOADED.after));
    let load = crate::estimate::load_saving(platform, "javascript", before, after).unwrap();
    let mut out = Estimate::from(saving).with_load(load);
    let targets = platform.targets.as_ref().unwrap();
    let target = targets.cold_start_ms["javascript"];
    out.sum_up(None, Some((target, Source::from(&targets.source))));
    out.data_date.clone_from(&platform.date);
    out
}

fn steps() -> Vec<Step> {
    let figures = [
        (
            StepName::DevDependencies,
            None,
            4_230,
            30_400_112,
            7_811_002,
        ),
        (
            StepName::IgnoredFiles,
            Some("typings, source maps, docs"),
            2_018,
            11_200_345,
            3_102_877,
        ),
        (StepName::UnreachableFiles, None, 312, 1_912_004, 531_870),
        (StepName::Compression, None, 312, 1_912_004, 498_213),
    ];
    let mut before = (9_871, 84_112_345, 21_503_211);
    figures
        .into_iter()
        .map(|(name, detail, files, unpacked, zipped)| {
            let step = Step {
                name,
                label: name.label().to_string(),
                detail: detail.map(str::to_string),
                files_before: before.0,
                files_after: files,
                unpacked_before_bytes: before.1,
                unpacked_after_bytes: unpacked,
                zipped_before_bytes: before.2,
                zipped_after_bytes: zipped,
                measured: true,
            };
            before = (files, unpacked, zipped);
            step
        })
        .collect()
}

fn packages() -> Vec<Package> {
    [
        ("@aws-sdk/client-dynamodb", "3.700.0", 812_004, 201_000, 41),
        ("@smithy/core", "3.1.0", 392_000, 88_000, 33),
        ("express", "4.21.2", 214_311, 61_002, 98),
        ("zod", "3.25.76", 180_000, 42_110, 12),
        ("body-parser", "1.20.3", 91_000, 30_110, 60),
        ("qs", "6.13.0", 40_000, 9_110, 5),
    ]
    .into_iter()
    .map(|(name, version, bytes, zipped, files)| Package {
        name: name.to_string(),
        version: Some(version.to_string()),
        bytes,
        files,
        zipped_bytes: Some(zipped),
        zipped_share_bytes: zipped,
        why: "imported by src/orders.ts:2".to_string(),
    })
    .collect()
}
