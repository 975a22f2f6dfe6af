//! From what was done to the report.
//!
//! In: one [`FunctionResult`] for each function. Out: the [`PackOutcome`] of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::{Origin, Plan};
use coldcut_core::artifact::{Content, RelPath};
use coldcut_core::diagnostics::{Diagnostic, Location, Severity};
use coldcut_core::functions::{FunctionKind, Project};
use coldcut_core::settings::Strategy;
use coldcut_js::bundle::metafile;
use coldcut_report::model;
use coldcut_report::model::{Report, StepName};
use coldcut_report::{advice, duplicates, limits};
use coldcut_verify::Status;

use crate::pipeline::artifact_file::zipped;
use crate::pipeline::estimates::{ArtifactSizes, estimate_function};
use crate::pipeline::outcome::{PackOutcome, RunStatus};
use crate::pipeline::packed_function::{FunctionResult, PackedFunction, StrategyAttempt};
use crate::pipeline::request::{CostAssumptions, ReportExtras};
use crate::pipeline::strategies::{reported, strategy_name};
use crate::pipeline::{chains, components, duplicate_requesters};

/// The report as it grows.
pub(super) struct ReportBuilder<'a> {
    project: &'a Project,
    functions: Vec<model::Function>,
    pub diagnostics: Vec<Diagnostic>,
    general: Vec<Diagnostic>,
    status: RunStatus,
    cost_assumptions: CostAssumptions,
    extras: ReportExtras,
}

impl<'a> ReportBuilder<'a> {
    pub fn new(
        project: &'a Project,
        cost_assumptions: &CostAssumptions,
        extras: ReportExtras,
    ) -> Self {
        Self {
            project,
            cost_assumptions: cost_assumptions.clone(),
            functions: Vec::new(),
            diagnostics: Vec::new(),
            general: project.warnings.clone(),
            status: RunStatus::Succeeded,
            extras,
        }
    }

    pub fn add(&mut self, mut result: FunctionResult) {
        let runtime = result.plan.platform.runtime(&result.plan.runtime.value);
        match runtime {
            Ok(runtime) => {
                let rust = matches!(result.plan.function.kind, FunctionKind::Rust(_));
                if let Ok(instead) = result.plan.platform.default_runtime(rust) {
                    result.warnings.extend(runtime.deprecation(instead));
                }
            }
            Err(error) if result.errors.is_empty() => result.errors.push(*error),
            Err(_) => {}
        }
        if let Some(packed_function) = result.packed.take() {
            let (function, over) = self.function_report(&result, &packed_function);
            if packed_function.proof.status == Status::Differs {
                self.status = self.status.max(RunStatus::VerificationFailed);
                self.diagnostics.push(differs(&result, &packed_function));
            }
            result.errors.extend(over);
            self.functions.push(function);
        }
        if !result.errors.is_empty() {
            self.status = self.status.max(RunStatus::Failed);
        }
        // Functions of one project share files, and so what is wrong with them.
        for diagnostic in result.errors.into_iter().chain(result.warnings) {
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    pub fn finish(self) -> PackOutcome {
        let root = &self.project.root;
        let project = model::Project {
            name: self.project.name.clone(),
            root: None,
        };
        let skipped = self
            .project
            .skipped
            .iter()
            .map(|skipped| model::Skipped {
                name: skipped.name.clone(),
                why: skipped.why.clone(),
                path: Some(model::shown_path(&skipped.declared.path, root)),
                line: skipped.declared.line,
            })
            .collect();
        let warnings = model::Warning::all(&self.general, root);
        PackOutcome {
            report: Report::new(project, self.functions, skipped, warnings),
            diagnostics: self.diagnostics,
            status: self.status,
        }
    }

    fn function_report(
        &self,
        result: &FunctionResult,
        packed_function: &PackedFunction,
    ) -> (model::Function, Option<Diagnostic>) {
        let plan = &result.plan;
        let packed = &packed_function.packed;
        let artifact = zipped(packed);
        let first = packed_function.steps.first();
        let baseline = model::Baseline {
            bytes: first.map_or(0, |step| step.zipped_bytes),
            unpacked_bytes: first.map_or(0, |step| step.unpacked_bytes),
            files: first.map_or(0, |step| step.files),
        };
        let before = ArtifactSizes {
            zip_bytes: baseline.bytes,
            unpacked_bytes: baseline.unpacked_bytes,
        };
        let after = ArtifactSizes {
            zip_bytes: artifact.bytes,
            unpacked_bytes: artifact.unpacked_bytes,
        };
        let (estimate, loaded) =
            estimate_function(plan, packed_function, before, after, &self.cost_assumptions);
        let modules = modules(packed_function, plan.root());
        let packages = packages(packed_function, &modules);
        let files = files(packed_function);
        let mut duplicates = duplicates::find(&files, &modules);
        duplicate_requesters::fill(&mut duplicates, &packed_function.artifact, plan.root());
        // Whole files were counted; of a bundle only what is in it can go.
        let runtime = plan.platform.runtime(&plan.runtime.value).ok();
        let ships_of_sdk: u64 = packages
            .iter()
            .filter(|one| runtime.is_some_and(|runtime| runtime.covers(&one.name)))
            .map(|one| one.bytes)
            .sum();
        let named = plan.function.layers.iter();
        let layers: Vec<model::Layer> = named
            .map(|name| model::Layer {
                name: name.clone(),
                unpacked_bytes: plan.report.layer_bytes.get(name).copied(),
            })
            .chain(packed_function.layer.clone())
            .collect();
        let limits = limits::rows(plan.platform, &artifact, &layers);
        let (kind, entry) = match &plan.function.kind {
            FunctionKind::Node(handler) => (model::FunctionKind::Node, handler.file.to_string()),
            FunctionKind::Rust(binary) => (model::FunctionKind::Rust, binary.bin.clone()),
        };
        let mut function = model::Function {
            name: result.name.clone(),
            kind,
            entry,
            handler: packed_function.artifact.handler.to_string(),
            handler_setting: crate::pipeline::layout::setting(
                plan,
                packed_function.artifact.handler.as_str(),
            ),
            platform: plan.platform.name.clone(),
            runtime: plan.runtime.value.clone(),
            arch: plan.arch.value.clone(),
            strategy: packed_function.strategy,
            strategy_reason: strategy_reason(result),
            declared_by: plan.function.origin.clone(),
            settings: settings(plan),
            layers,
            artifact,
            baseline,
            steps: steps(packed_function),
            dropped_rules: packed_function
                .dropped_by_rule
                .iter()
                .map(|(rule, (files, bytes))| model::DroppedRule {
                    rule: rule.clone(),
                    files: *files,
                    bytes: *bytes,
                })
                .collect(),
            dropped_dev_dependencies: packed_function.dev_packages.clone(),
            packages,
            class_names_bytes: packed_function.class_names,
            rust: packed_function.rust.clone(),
            sdk: result
                .sdk
                .as_ref()
                .filter(|sdk| sdk.used)
                .map(|sdk| model::Sdk {
                    choice: sdk.choice,
                    shipped: sdk.shipped,
                    reason: sdk.reason.clone().unwrap_or_else(|| {
                        "production needs it: pinned, and faster to load than the runtime's"
                            .to_string()
                    }),
                    other_choice_bytes: sdk.other_choice_unpacked_bytes.map(|bytes| {
                        if sdk.shipped {
                            bytes.min(ships_of_sdk)
                        } else {
                            bytes
                        }
                    }),
                }),
            estimate,
            loaded,
            measured: packed_function.measured.clone(),
            verification: model::Verification {
                status: status(packed_function.proof.status),
                detail: packed_function.proof.detail.clone(),
                earlier: packed_function.proof.earlier,
                attempts: result.attempts.iter().map(attempt).collect(),
            },
            limits,
            warnings: model::Warning::all(&result.warnings, plan.root()),
            files,
            modules,
            duplicates,
            advice: Vec::new(),
            components: Vec::new(),
            metafile: None,
        };
        if self.extras.components {
            function.components = components::of(packed_function, &function.packages);
        }
        if self.extras.metafile {
            function.metafile = packed_function.metafile.as_ref().map(|made| {
                let name = coldcut_report::metafile::output(&function.name, &function.handler);
                metafile::render(&[metafile::MetafileOutput {
                    name: &name,
                    bytes: handler_bytes(packed_function),
                    entry: &function.entry,
                    exports: &made.exports,
                    inputs: &made.inputs,
                }])
            });
        }
        function.advice = advice::of(&function);
        let over = limits::check(&function);
        (function, over)
    }
}

fn handler_bytes(packed_function: &PackedFunction) -> u64 {
    let mut entries = packed_function.packed.entries.iter();
    let handler = entries.find(|entry| entry.name == packed_function.artifact.handler);
    handler.map_or(0, |entry| entry.bytes)
}

fn differs(result: &FunctionResult, packed_function: &PackedFunction) -> Diagnostic {
    let at = Location::file(&packed_function.packed.path);
    let mut out = Diagnostic::error(
        coldcut_verify::codes::DIFFERS,
        format!(
            "the artifact of `{}` does not do what the original does",
            result.name
        ),
    )
    .note(packed_function.proof.detail.clone())
    .at(at)
    .help("the zip is kept for inspection; do not deploy it before the difference is understood");
    out.severity = Severity::Error;
    out
}

fn strategy_reason(result: &FunctionResult) -> Option<String> {
    let (last, before) = result.attempts.split_last()?;
    if before.is_empty() {
        return (result.plan.strategy.value == Strategy::Auto && last.status == Status::Equal)
            .then(|| "the smallest way, and it verified".to_string());
    }
    let said: Vec<String> = before
        .iter()
        .map(|attempt| format!("{}: {}", strategy_name(attempt.strategy), attempt.detail))
        .collect();
    Some(said.join("; "))
}

fn settings(plan: &Plan) -> Vec<model::Setting> {
    let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let json = |value: &dyn erased::Json| name(value.json());
    let mut all: Vec<(&str, String, Origin)> = vec![
        ("strategy", json(&plan.strategy.value), plan.strategy.origin),
        ("runtime", plan.runtime.value.clone(), plan.runtime.origin),
        ("arch", plan.arch.value.clone(), plan.arch.origin),
        (
            "sdk",
            json(&plan.packages.sdk.value),
            plan.packages.sdk.origin,
        ),
        ("links", json(&plan.zip.links.value), plan.zip.links.origin),
        (
            "compression",
            json(&plan.zip.compression.value),
            plan.zip.compression.origin,
        ),
    ];
    if matches!(plan.function.kind, FunctionKind::Rust(_)) {
        let profile = &plan.rust.profile;
        all.push(("rust-profile", json(&profile.value), profile.origin));
    }
    all.into_iter()
        .map(|(name, value, origin)| model::Setting {
            name: name.to_string(),
            value,
            origin: origin.as_str().to_string(),
        })
        .collect()
}

/// Settings written the way their files write them.
mod erased {
    pub trait Json {
        fn json(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    }
}

fn steps(packed_function: &PackedFunction) -> Vec<model::Step> {
    let mut out = Vec::new();
    for pair in packed_function.steps.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if let Some(name) = after.name {
            out.push(model::Step {
                name,
                label: name.label().to_string(),
                detail: after.detail.clone(),
                files_before: before.files,
                files_after: after.files,
                unpacked_before_bytes: before.unpacked_bytes,
                unpacked_after_bytes: after.unpacked_bytes,
                zipped_before_bytes: before.zipped_bytes,
                zipped_after_bytes: after.zipped_bytes,
                measured: true,
            });
        }
    }
    if let Some(last) = packed_function.steps.last() {
        let packed = &packed_function.packed;
        out.push(model::Step {
            name: StepName::Compression,
            label: StepName::Compression.label().to_string(),
            detail: None,
            files_before: last.files,
            files_after: packed.files,
            unpacked_before_bytes: last.unpacked_bytes,
            unpacked_after_bytes: packed.unpacked_bytes,
            zipped_before_bytes: last.zipped_bytes,
            zipped_after_bytes: packed.bytes,
            measured: true,
        });
    }
    out
}

fn packages(packed_function: &PackedFunction, modules: &[model::Module]) -> Vec<model::Package> {
    let sizes: BTreeMap<&RelPath, (u64, u64)> = packed_function
        .packed
        .entries
        .iter()
        .map(|entry| (&entry.name, (entry.bytes, entry.compressed_bytes)))
        .collect();
    let mut sums: BTreeMap<&str, (u64, u64, u64, String)> = BTreeMap::new();
    for (name, entry) in &packed_function.artifact.files {
        let Some(label) = entry.package.as_deref() else {
            continue;
        };
        let (bytes, zipped) = sizes.get(name).copied().unwrap_or_default();
        let why = entry
            .reasons
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let sum = sums.entry(label).or_insert((0, 0, 0, why.clone()));
        sum.0 += bytes;
        sum.1 += zipped;
        sum.2 += 1;
        // How the package is entered says more than how its files ask for each other.
        let own = name.parent().unwrap_or_default();
        let by_other = entry.reasons.iter().any(|reason| {
            matches!(reason, coldcut_core::artifact::Reason::Imported { by, .. }
                if !own.is_empty() && !by.starts_with(package_folder(name.as_str())))
        });
        if by_other && let Some(reason) = entry.reasons.first() {
            sum.3 = reason.to_string();
        }
    }
    for share in &packed_function.artifact.shares {
        let sum = sums
            .entry(&share.package)
            .or_insert((0, 0, 0, share.why.clone()));
        sum.0 += share.bytes;
        sum.2 += share.modules;
    }
    let bundled: BTreeSet<&str> = packed_function
        .artifact
        .shares
        .iter()
        .map(|share| &*share.package)
        .collect();
    let mut shares: BTreeMap<&str, u64> = BTreeMap::new();
    for module in modules {
        let Some(label) = module.package.as_deref() else {
            continue;
        };
        *shares.entry(label).or_default() += module.zipped_share_bytes;
        // Another build of a package than the one that was traced is only known to the bundle.
        if let (Some(sum), Some(from)) = (sums.get_mut(label), &module.from)
            && sum.3.is_empty()
            && package_folder(&from.by) != package_folder(&module.path)
        {
            sum.3 = format!("imported by {}:{}", from.by, from.line);
        }
    }
    let mut out: Vec<model::Package> = sums
        .into_iter()
        .map(|(label, (bytes, zipped, files, why))| {
            let (name, version) = match label.rsplit_once('@') {
                Some((name, version)) if !name.is_empty() => (name, Some(version.to_string())),
                _ => (label, None),
            };
            model::Package {
                name: name.to_string(),
                version,
                bytes,
                files,
                // What a file of several packages compresses to is nobody's share.
                zipped_bytes: (!bundled.contains(label)).then_some(zipped),
                zipped_share_bytes: zipped + shares.get(label).copied().unwrap_or(0),
                why,
            }
        })
        .collect();
    out.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    out
}

/// `node_modules/@s/p/` of a path in it.
fn package_folder(path: &str) -> &str {
    let Some(at) = path.rfind("node_modules/") else {
        return path;
    };
    let start = at + "node_modules/".len();
    let scoped = path[start..].starts_with('@');
    let end = path[start..]
        .match_indices('/')
        .nth(usize::from(scoped))
        .map_or(path.len(), |(slash, _)| start + slash + 1);
    &path[..end]
}

/// Everything in the zip, so that the sizes of all files and of the container make the zip's.
fn files(packed_function: &PackedFunction) -> Vec<model::File> {
    let came = chains::came_from(&packed_function.artifact);
    packed_function
        .packed
        .entries
        .iter()
        .map(|packed| {
            // A link that was followed became files under names that nobody asked for.
            let entry = packed_function.artifact.files.get(&packed.name);
            let mut reasons: Vec<String> = entry
                .iter()
                .flat_map(|entry| &entry.reasons)
                .take(3)
                .map(ToString::to_string)
                .collect();
            match entry.map(|entry| &entry.content) {
                Some(Content::Link(target)) => reasons.push(format!("links to {target}")),
                Some(_) => {}
                None => reasons.push("what a link leads to".to_string()),
            }
            let from = came.get(packed.name.as_str());
            model::File {
                path: packed.name.to_string(),
                bytes: packed.bytes,
                zipped_bytes: packed.compressed_bytes,
                package: entry.and_then(|entry| entry.package.as_deref().map(str::to_string)),
                reasons,
                from: from.map(|(by, line)| model::Import {
                    by: (*by).to_string(),
                    line: *line,
                }),
            }
        })
        .collect()
}

/// What a bundle is made of, with shares of its bytes in the zip.
fn modules(packed_function: &PackedFunction, root: &Path) -> Vec<model::Module> {
    let entries = &packed_function.packed.entries;
    let bundle = entries
        .iter()
        .find(|entry| entry.name == packed_function.artifact.handler);
    let (zipped, whole) = bundle.map_or((0, 0), |entry| (entry.compressed_bytes, entry.bytes));
    let share = |bytes: u64| {
        // In more bits than a size has, so that the product fits.
        let part = u128::from(zipped) * u128::from(bytes) / u128::from(whole.max(1));
        u64::try_from(part).unwrap_or(zipped)
    };
    let inside = &packed_function.artifact.inside;
    inside
        .iter()
        .map(|module| model::Module {
            path: model::shown_path(&module.path, root),
            package: module.package.as_deref().map(str::to_string),
            bytes: module.bytes,
            zipped_share_bytes: share(module.bytes),
            from: module.from.as_ref().map(|(by, line)| model::Import {
                by: model::shown_path(by, root),
                line: *line,
            }),
        })
        .collect()
}

fn status(status: Status) -> model::Status {
    match status {
        Status::Equal => model::Status::Equal,
        Status::Differs => model::Status::Differs,
        Status::Unverified => model::Status::Unverified,
    }
}

fn attempt(attempt: &StrategyAttempt) -> model::Attempt {
    model::Attempt {
        strategy: reported(attempt.strategy),
        status: status(attempt.status),
        detail: attempt.detail.clone(),
    }
}
