//! One report of several.
//!
//! In: reports, each with the name of its file: the shards of one project, or whole projects of one
//! repository. Out: the report that one run over all of it would have given. Sums, what functions
//! share, and budgets of the sum are computed again; what was found out about a function stays.

use std::collections::BTreeMap;
use std::path::Path;

use crate::budgets;
use crate::budgets::Rule;
use crate::compare::compare;
use crate::model::{Budget, Function, Project, Report, Shard, SharedLayer, Skipped, Warning};
use crate::snapshot::Snapshot;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};

/// Reports that do not belong together.
pub const APART: Code = Code("CC049");

/// A report and the file that it was read from.
pub struct ShardReport {
    pub file: String,
    pub report: Report,
}

/// Reads a report in JSON.
pub fn read(path: &Path) -> Result<ShardReport> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Box::new(
            Diagnostic::io(APART, "read", path, &error)
                .help("name reports that `pack --report FILE.json` wrote"),
        )
    })?;
    let report = serde_json::from_slice(&bytes).map_err(|error| {
        let message = format!("`{file}` is not a report of this version of coldcut: {error}");
        Box::new(Diagnostic::error(APART, message).help(
            "name reports that `pack --json` or `pack --report FILE.json` of this version wrote",
        ))
    })?;
    Ok(ShardReport { file, report })
}

/// Makes one report. `more` are budgets beside those of the parts.
pub fn merge(
    parts: Vec<ShardReport>,
    more: Vec<Rule>,
    baseline: Option<&Snapshot>,
) -> Result<Report> {
    let parts = complete(parts)?;
    let projects: Vec<&str> = parts
        .iter()
        .map(|part| &*part.report.project.name)
        .collect();
    let one = projects.iter().all(|name| *name == projects[0]);
    let project = Project {
        name: match one {
            true => projects[0].to_string(),
            false => projects.join(", "),
        },
        root: None,
    };
    let mut all = Gathered::default();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut queues = Vec::new();
    for mut part in parts {
        if !one {
            prefix(&mut part.report);
        }
        for function in &part.report.functions {
            if let Some(other) = files.insert(function.name.clone(), part.file.clone()) {
                let message = format!(
                    "function `{}` is in `{other}` and in `{}`",
                    function.name, part.file
                );
                return Err(Box::new(
                    Diagnostic::error(APART, message).help("name each report once"),
                ));
            }
        }
        queues.push(std::mem::take(&mut part.report.functions));
        all.add(part.report);
    }
    let functions = match all.sharded {
        true => in_turn(queues),
        false => queues.into_iter().flatten().collect(),
    };
    let names: Vec<&str> = functions.iter().map(|one: &Function| &*one.name).collect();
    budgets::check_names(&more, &names)?;
    if baseline.is_none() {
        budgets::check_growth(&more)?;
    }
    let mut report = Report::new(project, functions, all.skipped, all.warnings);
    report.shared_layers = all.layers;
    let mut rules = more;
    for open in &all.sums {
        for rule in budgets::of_the_sum(open)? {
            if !rules.iter().any(|known| known.replaces(&rule)) {
                rules.push(rule);
            }
        }
    }
    if let Some(baseline) = baseline {
        report.comparison = Some(compare(baseline, &Snapshot::from_report(&report, "")));
    }
    let judged = budgets::judge(&rules, &report, baseline);
    let again = |kept: &Budget| {
        judged
            .iter()
            .any(|new| new.name == kept.name && new.function == kept.function)
    };
    let order = |budget: &Budget| {
        names_of(&report).position(|name| Some(name) == budget.function.as_deref())
    };
    let mut kept = all.budgets;
    kept.retain(|budget| !again(budget));
    // As one run has them: budget by budget, and function by function.
    let mut first: Vec<(String, String)> = Vec::new();
    for budget in &kept {
        let key = (budget.name.clone(), budget.written.clone());
        if !first.contains(&key) {
            first.push(key);
        }
    }
    kept.sort_by_key(|budget| {
        let key = (budget.name.clone(), budget.written.clone());
        (first.iter().position(|one| *one == key), order(budget))
    });
    kept.extend(judged);
    report.budgets = kept;
    Ok(report)
}

fn names_of(report: &Report) -> impl Iterator<Item = &str> {
    report.functions.iter().map(|one| one.name.as_str())
}

/// What is not reckoned anew.
#[derive(Default)]
struct Gathered {
    skipped: Vec<Skipped>,
    warnings: Vec<Warning>,
    layers: Vec<SharedLayer>,
    /// Those of functions.
    budgets: Vec<Budget>,
    sums: Vec<Budget>,
    sharded: bool,
}

impl Gathered {
    fn add(&mut self, report: Report) {
        self.sharded |= report.shard.is_some();
        for skipped in report.skipped {
            if !self.skipped.contains(&skipped) {
                self.skipped.push(skipped);
            }
        }
        for warning in report.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        for layer in report.shared_layers {
            let same = |one: &&mut SharedLayer| {
                one.folder == layer.folder && one.artifact.sha256 == layer.artifact.sha256
            };
            match self.layers.iter_mut().find(same) {
                Some(known) => known.functions.extend(layer.functions),
                None => self.layers.push(layer),
            }
        }
        for budget in report.budgets {
            // A sum over one of several projects is that project's own affair.
            match budget.function {
                Some(_) => self.budgets.push(budget),
                None if report.shard.is_none() => self.budgets.push(budget),
                None if !self.sums.contains(&budget) => self.sums.push(budget),
                None => {}
            }
        }
    }
}

/// The parts in order, where they are all shards of one project.
fn complete(mut parts: Vec<ShardReport>) -> Result<Vec<ShardReport>> {
    let fault =
        |message: String, help: &str| Box::new(Diagnostic::error(APART, message).help(help));
    let shards: Vec<Option<Shard>> = parts.iter().map(|part| part.report.shard).collect();
    let Some(first) = shards.iter().flatten().next().copied() else {
        return Ok(parts);
    };
    if let Some(at) = shards
        .iter()
        .position(|shard| shard.is_none_or(|one| one.of != first.of))
    {
        let message = format!("`{}` is not a shard of {}", parts[at].file, first.of);
        return Err(fault(message, "merge only the shards of one run"));
    }
    let name = parts[0].report.project.name.clone();
    if let Some(other) = parts.iter().find(|part| part.report.project.name != name) {
        let message = format!(
            "`{}` is a shard of `{}`, and `{}` one of `{name}`",
            other.file, other.report.project.name, parts[0].file
        );
        return Err(fault(message, "merge the shards of each project first"));
    }
    for number in 1..=first.of {
        let count = shards
            .iter()
            .flatten()
            .filter(|one| one.number == number)
            .count();
        if count != 1 {
            let what = match count {
                0 => "is missing".to_string(),
                _ => format!("is there {count} times"),
            };
            let message = format!("shard {number} of {} {what}", first.of);
            return Err(fault(message, "name the report of every shard once"));
        }
    }
    parts.sort_by_key(|part| part.report.shard.map(|shard| shard.number));
    Ok(parts)
}

/// Shards take functions in turn, so turns put them back.
fn in_turn(queues: Vec<Vec<Function>>) -> Vec<Function> {
    let mut queues: Vec<_> = queues.into_iter().map(Vec::into_iter).collect();
    let mut out = Vec::new();
    loop {
        let round: Vec<Function> = queues.iter_mut().filter_map(Iterator::next).collect();
        if round.is_empty() {
            return out;
        }
        out.extend(round);
    }
}

/// Functions of several projects may share names: each gets its project's before it.
fn prefix(report: &mut Report) {
    let project = report.project.name.clone();
    let named = |name: &str| format!("{project}/{name}");
    for function in &mut report.functions {
        function.name = named(&function.name);
    }
    for budget in &mut report.budgets {
        budget.function = Some(match &budget.function {
            Some(name) => named(name),
            None => named("(sum)"),
        });
    }
    for skipped in &mut report.skipped {
        skipped.name = named(&skipped.name);
    }
    for layer in &mut report.shared_layers {
        layer.functions = layer.functions.iter().map(|name| named(name)).collect();
    }
}
