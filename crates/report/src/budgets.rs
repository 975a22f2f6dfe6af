//! Budgets: what is allowed, held against what came out.
//!
//! In: budgets as settings and flags write them (`zip=2MB`, `api:files=300`, `sum:zip=+5%,warn`), a
//! report, and the baseline that growth counts from. Out: one [`Budget`] for each budget and
//! function, with its value and what is left.

use crate::cold_start_text;
use crate::model::{Budget, BudgetState, Function, Level, Report, Unit};
use crate::snapshot::Snapshot;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};

/// A budget cannot be read.
pub const BAD: Code = Code("CC221");
/// A budget is for a function that does not exist.
pub const NO_FUNCTION: Code = Code("CC222");
/// A budget limits growth, but there is no baseline.
pub const NO_BASELINE: Code = Code("CC223");
/// A budget is exceeded.
pub const OVER: Code = Code("CC224");
/// A budget cannot be checked because its value is not known.
pub const UNKNOWN: Code = Code("CC225");

/// What a budget is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Metric {
    Zip,
    Unpacked,
    Files,
    Package(String),
    DownloadMs,
    InitMs,
    ColdStartMs,
}

/// The names of all that need no more than a name.
const NAMES: [(&str, Metric); 6] = [
    ("zip", Metric::Zip),
    ("unpacked", Metric::Unpacked),
    ("files", Metric::Files),
    ("download_ms", Metric::DownloadMs),
    ("init_ms", Metric::InitMs),
    ("cold_start_ms", Metric::ColdStartMs),
];

impl Metric {
    fn unit(&self) -> Unit {
        match self {
            Self::Zip | Self::Unpacked | Self::Package(_) => Unit::Bytes,
            Self::Files => Unit::Files,
            Self::DownloadMs | Self::InitMs | Self::ColdStartMs => Unit::Ms,
        }
    }

    fn name(&self) -> String {
        if let Self::Package(name) = self {
            return format!("package:{name}");
        }
        let found = NAMES.iter().find(|(_, metric)| metric == self);
        found.map_or_else(String::new, |(name, _)| (*name).to_string())
    }
}

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Each function's, unless it has one of its own.
    Each,
    PhaseFigure(String),
    Sum,
}

/// What the value may be at most.
#[derive(Debug, Clone, Copy, PartialEq)]
enum BudgetLimit {
    Most(u64),
    /// Of the baseline's value.
    Percent(f64),
    More(u64),
}

/// PhaseFigure budget as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub scope: Scope,
    metric: Metric,
    limit: BudgetLimit,
    level: Level,
    written: String,
}

impl Rule {
    /// Whether it takes the place of `other`, which was said with less weight.
    pub fn replaces(&self, other: &Self) -> bool {
        self.scope == other.scope && self.metric == other.metric
    }

    fn grows(&self) -> bool {
        !matches!(self.limit, BudgetLimit::Most(_))
    }
}

/// `[FUNCTION:|sum:]NAME=LIMIT[,LIMIT…][,warn]`, as a flag has it.
pub fn flag(text: &str) -> Result<Vec<Rule>> {
    let Some((name, limits)) = text.split_once('=') else {
        return Err(bad(format!("the budget `{text}` has no `=`"), FORM));
    };
    rules(None, name, limits)
}

const FORM: &str =
    "write `zip=2MB`, `api:files=300`, `sum:unpacked=50MB`, `package:NAME=100kB`, `zip=+5%,warn`";

/// Budgets of one name: `function` is the one that settings say it of.
pub fn rules(function: Option<&str>, name: &str, limits: &str) -> Result<Vec<Rule>> {
    let (scope, metric) = subject(function, name.trim())?;
    let mut found = Vec::new();
    let mut level = Level::Fail;
    for part in limits.split(',').map(str::trim) {
        match part {
            "warn" => level = Level::Warn,
            "fail" => level = Level::Fail,
            part => found.push((limit(part, metric.unit(), name)?, part.to_string())),
        }
    }
    if found.is_empty() {
        return Err(bad(format!("the budget `{name}` has no limit"), FORM));
    }
    if scope == Scope::Sum && metric.unit() == Unit::Ms {
        return Err(bad(
            format!("`{name}`: times of several functions have no sum"),
            "set it for each function, without `sum:`",
        ));
    }
    let rule = |(limit, written)| Rule {
        scope: scope.clone(),
        metric: metric.clone(),
        limit,
        level,
        written,
    };
    Ok(found.into_iter().map(rule).collect())
}

fn bad(message: String, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(BAD, message).help(help))
}

fn subject(function: Option<&str>, name: &str) -> Result<(Scope, Metric)> {
    let (scope, rest) = match name.find("package:") {
        Some(0) => (None, name),
        Some(at) if name[..at].ends_with(':') => (Some(&name[..at - 1]), &name[at..]),
        _ => name
            .rsplit_once(':')
            .map_or((None, name), |(scope, rest)| (Some(scope), rest)),
    };
    let scope = match (scope, function) {
        (None, None) => Scope::Each,
        (None, Some(function)) => Scope::PhaseFigure(function.to_string()),
        (Some("sum"), None) => Scope::Sum,
        (Some(scope), None) if !scope.is_empty() => Scope::PhaseFigure(scope.to_string()),
        (Some(_), _) => {
            let message = format!("`{name}` names a function, which is not possible here");
            return Err(bad(message, FORM));
        }
    };
    if let Some(package) = rest.strip_prefix("package:") {
        if package.is_empty() {
            return Err(bad(format!("`{name}` does not name a package"), FORM));
        }
        return Ok((scope, Metric::Package(package.to_string())));
    }
    match NAMES.iter().find(|(known, _)| *known == rest) {
        Some((_, metric)) => Ok((scope, metric.clone())),
        None => {
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            let near = coldcut_core::settings::value::nearest(rest, known.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("budgets are `{}` and `package:NAME`", known.join("`, `")),
            };
            Err(bad(format!("there is no budget `{rest}`"), &help))
        }
    }
}

fn limit(text: &str, unit: Unit, name: &str) -> Result<BudgetLimit> {
    let wrong = |help: &str| bad(format!("`{text}` is not a limit for `{name}`"), help);
    if let Some(growth) = text.strip_prefix('+') {
        if let Some(percent) = growth.strip_suffix('%') {
            let percent: f64 = percent.trim().parse().map_err(|_| wrong("write `+5%`"))?;
            if !percent.is_finite() || !(0.0..=1e6).contains(&percent) {
                return Err(wrong("write `+5%`"));
            }
            return Ok(BudgetLimit::Percent(percent));
        }
        return Ok(BudgetLimit::More(
            amount(growth, unit).ok_or_else(|| wrong(units(unit)))?,
        ));
    }
    Ok(BudgetLimit::Most(
        amount(text, unit).ok_or_else(|| wrong(units(unit)))?,
    ))
}

fn units(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "sizes are `500kB`, `2MB`, `1.5MiB`, `800000`; a growth is `+20kB` or `+5%`",
        Unit::Files => "numbers of files are `300`; a growth is `+10` or `+5%`",
        Unit::Ms => "times are `250`, `250ms`, `1.5s`; a growth is `+20ms` or `+5%`",
    }
}

/// A number with its unit.
fn amount(text: &str, unit: Unit) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    let factor = match (unit, text[end..].trim()) {
        (Unit::Bytes, "" | "B") | (Unit::Files, "" | "files") | (Unit::Ms, "" | "ms") => 1.0,
        (Unit::Ms, "s") => 1e3,
        (Unit::Bytes, "kB" | "KB" | "kb") => 1e3,
        (Unit::Bytes, "MB" | "mb") => 1e6,
        (Unit::Bytes, "GB" | "gb") => 1e9,
        (Unit::Bytes, "KiB") => 1024.0,
        (Unit::Bytes, "MiB") => 1024.0 * 1024.0,
        (Unit::Bytes, "GiB") => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let value = number * factor;
    // Whole in bytes, files and milliseconds, and within what a double counts exactly.
    (value.is_finite() && (0.0..=9e15).contains(&value) && (factor > 1.0 || number.fract() == 0.0))
        .then_some(value.round() as u64)
}

/// What is wrong with the budgets before anything is packed: functions that do not exist, growth with
/// nothing to grow from.
pub fn check_names(rules: &[Rule], functions: &[&str]) -> Result<()> {
    for rule in rules {
        if let Scope::PhaseFigure(name) = &rule.scope
            && !functions.contains(&name.as_str())
        {
            let message = format!(
                "the budget `{}` is for a function `{name}`, which does not exist",
                rule.metric.name()
            );
            let near = coldcut_core::settings::value::nearest(name, functions.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the functions here are `{}`", functions.join("`, `")),
            };
            return Err(Box::new(Diagnostic::error(NO_FUNCTION, message).help(help)));
        }
    }
    Ok(())
}

/// An error where one of them is of growth: for those of a command line that names no baseline. PhaseFigure
/// that stands in the settings is only not known then, since not every run compares.
pub fn check_growth(rules: &[Rule]) -> Result<()> {
    let Some(rule) = rules.iter().find(|rule| rule.grows()) else {
        return Ok(());
    };
    let message = format!(
        "the budget `{}={}` limits growth, but there is no baseline",
        rule.metric.name(),
        rule.written
    );
    Err(Box::new(Diagnostic::error(NO_BASELINE, message).help(
        "give an earlier report with `--baseline FILE`, or a git ref with `--baseline-ref REF`",
    )))
}

/// Holds every budget against the report; those of `Each` count for each function that has none of
/// its own of that name.
pub fn judge(rules: &[Rule], report: &Report, baseline: Option<&Snapshot>) -> Vec<Budget> {
    let mut out = Vec::new();
    for rule in rules {
        let functions: Vec<&Function> = match &rule.scope {
            Scope::Sum => {
                out.push(of_sum(rule, report, baseline));
                continue;
            }
            Scope::PhaseFigure(name) => report
                .functions
                .iter()
                .filter(|one| one.name == *name)
                .collect(),
            Scope::Each => {
                let own = |function: &&Function| {
                    !rules.iter().any(|other| {
                        other.scope == Scope::PhaseFigure(function.name.clone())
                            && other.metric == rule.metric
                    })
                };
                report.functions.iter().filter(own).collect()
            }
        };
        for function in functions {
            out.push(of_function(rule, function, baseline));
        }
    }
    out
}

/// A budget of the sum, where only some of the functions are known.
pub fn left_to_merge(rule: &Rule) -> Budget {
    let why = "the sum is over all shards: `coldcut merge` checks it".to_string();
    let against = Against {
        compared: true,
        before: None,
    };
    let mut out = finish(rule, None, Err(why.clone()), against);
    out.note = Some(why);
    out
}

/// The rule of a budget of the sum that a report left open.
pub fn of_the_sum(budget: &Budget) -> Result<Vec<Rule>> {
    let level = match budget.level {
        Level::Fail => "",
        Level::Warn => ",warn",
    };
    let limits = format!("{}{level}", budget.written);
    rules(None, &format!("sum:{}", budget.name), &limits)
}

/// What there is to say of budgets that do not hold, worst first: errors for those that fail.
pub fn findings(budgets: &[Budget]) -> Vec<Diagnostic> {
    let say = |budget: &Budget| -> Option<Diagnostic> {
        let words = crate::sentences::budget_sentence(budget);
        let help = "make it smaller (the report shows what is large), or raise the budget";
        match budget.state {
            BudgetState::Ok => None,
            BudgetState::Failed => {
                Some(Diagnostic::error(OVER, format!("over budget: {words}")).help(help))
            }
            BudgetState::Warned => {
                Some(Diagnostic::warning(OVER, format!("over budget: {words}")).help(help))
            }
            BudgetState::Unknown => Some(Diagnostic::warning(
                UNKNOWN,
                format!("a budget cannot be checked: {words}"),
            )),
        }
    };
    let mut out: Vec<Diagnostic> = budgets.iter().filter_map(say).collect();
    out.sort_by_key(|one| one.severity);
    out
}

/// Whether any of them fails the run.
pub fn failed(budgets: &[Budget]) -> bool {
    budgets.iter().any(|one| one.state == BudgetState::Failed)
}

/// A figure, or why there is none; and what kind of figure it is.
type Figure = std::result::Result<(u64, Option<&'static str>), String>;

fn of_function(rule: &Rule, function: &Function, baseline: Option<&Snapshot>) -> Budget {
    let estimated;
    let now = match rule.limit {
        BudgetLimit::Most(_) => function,
        // A baseline holds estimates, and nothing measured is held to those.
        BudgetLimit::More(_) | BudgetLimit::Percent(_) => {
            estimated = function.without_measurement();
            &estimated
        }
    };
    let value = match &rule.metric {
        Metric::Zip => Ok((function.artifact.bytes, None)),
        Metric::Unpacked => Ok((function.artifact.unpacked_bytes, None)),
        Metric::Files => Ok((function.artifact.files, None)),
        Metric::Package(name) => Ok((package(function, name), None)),
        Metric::DownloadMs => download(function),
        Metric::InitMs => phase(cold_start_text::load_of(now)),
        Metric::ColdStartMs => phase(cold_start_text::sum_of(now)),
    };
    let old = baseline.map(|snapshot| snapshot.function(&function.name));
    let before = match old {
        None | Some(None) => None,
        Some(Some(old)) => match &rule.metric {
            Metric::Zip => Some(old.zip_bytes),
            Metric::Unpacked => Some(old.unpacked_bytes),
            Metric::Files => Some(old.files),
            Metric::Package(name) => Some(old.packages.get(name).map_or(0, |one| one.bytes)),
            Metric::DownloadMs => old.download_ms,
            Metric::InitMs => old.init_ms,
            Metric::ColdStartMs => old.cold_start_ms,
        },
    };
    let against = Against {
        compared: baseline.is_some(),
        before,
    };
    finish(rule, Some(function.name.clone()), value, against)
}

fn of_sum(rule: &Rule, report: &Report, baseline: Option<&Snapshot>) -> Budget {
    let all = report.functions.iter();
    let value: u64 = match &rule.metric {
        Metric::Zip => all.map(|one| one.artifact.bytes).sum(),
        Metric::Unpacked => all.map(|one| one.artifact.unpacked_bytes).sum(),
        Metric::Files => all.map(|one| one.artifact.files).sum(),
        Metric::Package(name) => all.map(|one| package(one, name)).sum(),
        // Refused when they were read.
        Metric::DownloadMs | Metric::InitMs | Metric::ColdStartMs => 0,
    };
    let before = baseline.map(|snapshot| {
        let all = snapshot.functions.iter();
        match &rule.metric {
            Metric::Zip => all.map(|one| one.zip_bytes).sum(),
            Metric::Unpacked => all.map(|one| one.unpacked_bytes).sum(),
            Metric::Files => all.map(|one| one.files).sum(),
            Metric::Package(name) => all
                .map(|one| one.packages.get(name).map_or(0, |one| one.bytes))
                .sum(),
            Metric::DownloadMs | Metric::InitMs | Metric::ColdStartMs => 0,
        }
    });
    let against = Against {
        compared: baseline.is_some(),
        before,
    };
    finish(rule, None, Ok((value, None)), against)
}

fn package(function: &Function, name: &str) -> u64 {
    let all = function.packages.iter();
    all.filter(|one| one.name == name || one.id() == name)
        .map(|one| one.bytes)
        .sum()
}

fn download(function: &Function) -> Figure {
    let estimate = function.estimate.as_ref();
    let estimate = estimate.ok_or("nobody has measured this platform's download phase")?;
    let ms = u64::try_from(estimate.download_ms.typical).unwrap_or(0);
    Ok((ms, Some("estimated, typical")))
}

fn phase(found: std::result::Result<cold_start_text::PhaseFigure, String>) -> Figure {
    found.map(|(ms, how)| (ms, Some(how)))
}

/// What a growth is counted from.
struct Against {
    /// Whether there is a baseline at all.
    compared: bool,
    before: Option<u64>,
}

fn finish(rule: &Rule, function: Option<String>, value: Figure, against: Against) -> Budget {
    let before = against.before;
    let mut note = value.as_ref().map_or_else(
        |why| Some(why.clone()),
        |(_, kind)| kind.map(str::to_string),
    );
    let value = value.ok().map(|(value, _)| value);
    let limit = match (rule.limit, before) {
        (BudgetLimit::Most(most), _) => Some(most),
        (BudgetLimit::More(more), Some(before)) => Some(before.saturating_add(more)),
        // `as` saturates; half a byte is no growth.
        (BudgetLimit::Percent(percent), Some(before)) => {
            Some((before as f64 * (1.0 + percent / 100.0)).floor() as u64)
        }
        (_, None) => {
            let why = match against.compared {
                true => "the baseline has no such figure",
                false => "there is no baseline: give `--baseline FILE` or `--baseline-ref REF`",
            };
            note = Some(why.to_string());
            None
        }
    };
    let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let slack = limit
        .zip(value)
        .map(|(limit, value)| signed(limit) - signed(value));
    let state = match (slack, rule.level) {
        (None, _) => BudgetState::Unknown,
        (Some(left), _) if left >= 0 => BudgetState::Ok,
        (_, Level::Warn) => BudgetState::Warned,
        (_, Level::Fail) => BudgetState::Failed,
    };
    Budget {
        name: rule.metric.name(),
        function,
        level: rule.level,
        written: rule.written.clone(),
        unit: rule.metric.unit(),
        limit,
        value,
        before: before.filter(|_| rule.grows()),
        slack,
        state,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn all(texts: &[&str]) -> Vec<Rule> {
        texts.iter().flat_map(|text| flag(text).unwrap()).collect()
    }

    #[test]
    fn amounts_with_units() {
        for (text, unit, value) in [
            ("2MB", Unit::Bytes, Some(2_000_000)),
            ("1.5 MiB", Unit::Bytes, Some(1_572_864)),
            ("500_000", Unit::Bytes, Some(500_000)),
            ("0", Unit::Bytes, Some(0)),
            ("300", Unit::Files, Some(300)),
            ("1.5s", Unit::Ms, Some(1500)),
            ("2M", Unit::Bytes, None),
            ("2MB", Unit::Files, None),
            ("1.5", Unit::Files, None),
            ("", Unit::Bytes, None),
            ("-1", Unit::Bytes, None),
            ("1e9", Unit::Bytes, None),
            ("1.2.3kB", Unit::Bytes, None),
            ("99999999999999999GB", Unit::Bytes, None),
        ] {
            assert_eq!(amount(text, unit), value, "{text}");
        }
    }

    #[test]
    fn slips_have_help() {
        for (text, help) in [
            ("zipp=2MB", "did you mean `zip`?"),
            ("frobs=2", "package:NAME"),
            ("zip", "write `zip=2MB`"),
            ("zip=2parsecs", "500kB"),
            ("zip=", "500kB"),
            ("zip=warn", "write"),
            ("zip=+x%", "+5%"),
            ("sum:download_ms=10", "each function"),
            (":zip=1", "write"),
            ("package:=1", "write"),
        ] {
            let error = flag(text).unwrap_err();
            assert_eq!(error.code, BAD, "{text}");
            assert!(error.help.as_ref().unwrap().contains(help), "{error:?}");
        }
        let rules = all(&["getOdrer:zip=1MB"]);
        let error = check_names(&rules, &["getOrder"]).unwrap_err();
        assert_eq!(error.code, NO_FUNCTION);
        assert!(error.help.unwrap().contains("`getOrder`"));
        let growth = all(&["sum:zip=1MB", "zip=+5%"]);
        assert_eq!(check_growth(&growth).unwrap_err().code, NO_BASELINE);
        assert!(check_growth(&growth[..1]).is_ok());
        let report = sample::report(1);
        let unheld = judge(&growth, &report, None);
        assert_eq!(unheld[1].state, BudgetState::Unknown);
        assert!(unheld[1].note.as_ref().unwrap().contains("--baseline-ref"));
    }

    #[test]
    fn values_and_slack() {
        let mut report = sample::report(2);
        if let Some(estimate) = &mut report.functions[0].estimate {
            estimate.load_ms = None;
            estimate.load_unknown = Some("it does not load here".to_string());
        }
        let rules = all(&[
            "zip=498213",
            "createOrder:zip=400kB,warn",
            "sum:files=100",
            "package:zod=1MB",
            "package:none=0",
            "download_ms=1s",
            "init_ms=5",
            "cold_start_ms=500",
        ]);
        let budgets = judge(&rules, &report, None);
        let find = |name: &str, function: Option<&str>| {
            let mut all = budgets.iter();
            let found = all.find(|one| one.name == name && one.function.as_deref() == function);
            found.unwrap().clone()
        };
        assert_eq!(find("zip", Some("getOrder")).slack, Some(0));
        let own = find("zip", Some("createOrder"));
        assert_eq!((own.slack, own.state), (Some(-98_213), BudgetState::Warned));
        assert_eq!(find("files", None).state, BudgetState::Failed);
        assert_eq!(find("package:zod", Some("getOrder")).value, Some(180_000));
        assert_eq!(
            find("package:none", Some("getOrder")).state,
            BudgetState::Ok
        );
        assert_eq!(
            find("download_ms", Some("getOrder")).note.as_deref(),
            Some("estimated, typical")
        );
        let init = find("init_ms", Some("getOrder"));
        assert_eq!(init.state, BudgetState::Failed, "{init:?}");
        assert_eq!(init.note.as_deref(), Some("estimated, typical"));
        let cold = find("cold_start_ms", Some("getOrder"));
        assert_eq!(cold.state, BudgetState::Ok);
        assert!(cold.value > init.value);
        // Where a load is not known, a budget is not held, and says why.
        let unknown = find("init_ms", Some("createOrder"));
        assert_eq!(unknown.state, BudgetState::Unknown);
        assert_eq!(unknown.note.as_deref(), Some("it does not load here"));
        assert!(failed(&budgets));
    }

    #[test]
    fn growth_counts_from_the_baseline() {
        let old = sample::report(1);
        let mut report = sample::report(2);
        report.functions[0].artifact.bytes += 20_001;
        let snapshot = Snapshot::from_report(&old, "old.json");
        let rules = all(&[
            "zip=+20kB",
            "createOrder:files=+5%",
            "createOrder:init_ms=+0%",
        ]);
        let budgets = judge(&rules, &report, Some(&snapshot));
        assert_eq!(
            (budgets[0].slack, budgets[0].state),
            (Some(-1), BudgetState::Failed)
        );
        assert_eq!(
            budgets[1].state,
            BudgetState::Unknown,
            "a new function has none to grow from"
        );
        assert_eq!(budgets[2].limit, Some(327));
        assert_eq!(budgets[3].slack, Some(0), "{:?}", budgets[3]);
        assert_eq!(findings(&budgets).len(), 2);
    }
}
