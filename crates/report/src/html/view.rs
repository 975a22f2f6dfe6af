//! What the page's template shows, as words.
//!
//! In: a [`Report`]. Out: [`Page`], whose fields are texts for `page.html`; the template escapes them.

use askama::Template;

use crate::duplicates::advice;
use crate::measurement::Spread;
use crate::model::{
    Basis, Budget, BudgetState, Comparison, Estimate, FileChange, Function, FunctionChange,
    PackageChange, Pair, RangeMs, Report, Shared, Status, Warning,
};
use crate::number_format::{change, delta, time};
use crate::sentences;
use crate::sentences::{amount, slack};
use crate::text::clean;
use crate::{cold_start_text, count, plural, shared_packages, size};

/// Rows of lists that the template writes; what is beyond is counted.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'a> {
    title: String,
    css: &'a str,
    js: &'a str,
    data: &'a str,
    cards: Vec<Card>,
    budgets: Vec<BudgetRow>,
    comparison: Option<ChangeView>,
    shared: Option<SharedView>,
    functions: Vec<FunctionView>,
    general: Vec<WarningView>,
}

struct Card {
    label: &'static str,
    value: String,
    note: String,
    good: bool,
}

struct BudgetRow {
    name: String,
    function: String,
    limit: String,
    value: String,
    slack: String,
    state: &'static str,
    class: &'static str,
    note: String,
}

struct ChangeView {
    with: String,
    total: String,
    functions: Vec<FunctionChangeView>,
}

struct SharedView {
    words: String,
    layer: String,
    packages: Vec<SharedRow>,
    more: usize,
}

struct SharedRow {
    name: String,
    functions: String,
    count: usize,
    bytes: String,
    once: String,
}

struct FunctionChangeView {
    name: String,
    kind: &'static str,
    sign: &'static str,
    class: &'static str,
    words: String,
    packages: Vec<ChangeRow>,
    more: usize,
    files: Vec<ChangeRow>,
    files_words: String,
}

struct ChangeRow {
    name: String,
    kind: &'static str,
    sign: &'static str,
    class: &'static str,
    version: String,
    before: String,
    after: String,
    delta: String,
    why: String,
}

struct FunctionView {
    at: usize,
    name: String,
    facts: String,
    before: String,
    after: String,
    change: String,
    strategy: &'static str,
    status: &'static str,
    status_class: &'static str,
    /// Marked up, as `advice` is.
    detail: String,
    advice: Vec<String>,
    steps: Vec<StepView>,
    total: String,
    estimate: Vec<EstimateRow>,
    estimate_notes: Vec<String>,
    sources: Vec<SourceView>,
    duplicates: Vec<CopyRow>,
    more_duplicates: usize,
    warnings: Vec<WarningView>,
    more: Vec<Fact>,
}

struct StepView {
    label: String,
    detail: String,
    files: String,
    size: String,
    change: String,
    /// Percent of the folder as it is.
    kept: String,
    gone: String,
}

struct EstimateRow {
    label: &'static str,
    low: String,
    typical: String,
    high: String,
}

struct SourceView {
    name: String,
    url: Option<String>,
    date: String,
}

struct CopyRow {
    first: bool,
    name: String,
    extra: String,
    version: String,
    folder: String,
    bytes: String,
    zipped: String,
    by: String,
}

struct WarningView {
    code: String,
    message: String,
    place: String,
    help: String,
}

struct Fact {
    label: String,
    value: String,
    note: String,
}

impl<'a> Page<'a> {
    pub fn new(report: &Report, css: &'a str, js: &'a str, data: &'a str) -> Self {
        let views = report.functions.iter().enumerate();
        Self {
            title: clean(&report.project.name),
            css,
            js,
            data,
            cards: cards(report),
            budgets: report.budgets.iter().map(budget).collect(),
            comparison: report.comparison.as_ref().map(comparison),
            shared: report.shared.as_ref().map(in_common),
            functions: views.map(|(at, one)| function(at, one)).collect(),
            general: report.warnings.iter().map(warning).collect(),
        }
    }
}

fn cards(report: &Report) -> Vec<Card> {
    let totals = &report.totals;
    let card = |label, value, note, good| Card {
        label,
        value,
        note,
        good,
    };
    let from = |before: u64| format!("from {}", size(before));
    vec![
        card(
            "Zipped",
            size(totals.artifact_bytes),
            format!(
                "{}, {}",
                from(totals.baseline_bytes),
                change(totals.baseline_bytes, totals.artifact_bytes)
            ),
            totals.artifact_bytes < totals.baseline_bytes,
        ),
        card(
            "Unpacked",
            size(totals.artifact_unpacked_bytes),
            from(totals.baseline_unpacked_bytes),
            false,
        ),
        card(
            "Files",
            count(totals.artifact_files),
            format!("from {}", count(totals.baseline_files)),
            false,
        ),
        card(
            "Verified",
            format!("{} of {}", totals.verified, totals.functions),
            "do what the original does".to_string(),
            totals.verified == totals.functions,
        ),
        card("Warnings", count(totals.warnings), String::new(), false),
    ]
}

fn budget(budget: &Budget) -> BudgetRow {
    let shown = |value: Option<u64>| {
        value.map_or_else(|| "?".to_string(), |value| amount(value, budget.unit))
    };
    let left = budget.slack.map(|left| slack(left, budget.unit));
    let (state, class) = match budget.state {
        BudgetState::Ok => ("ok", "good"),
        BudgetState::Warned => ("over (warns)", "warn"),
        BudgetState::Failed => ("over", "bad"),
        BudgetState::Unknown => ("unknown", "warn"),
    };
    let growth = budget.written.starts_with('+');
    BudgetRow {
        name: clean(&budget.name),
        function: budget
            .function
            .as_deref()
            .map_or_else(|| "all".to_string(), clean),
        limit: if growth {
            format!("{} ({})", shown(budget.limit), clean(&budget.written))
        } else {
            shown(budget.limit)
        },
        value: shown(budget.value),
        slack: left.unwrap_or_default(),
        state,
        class,
        note: budget.note.as_deref().map(clean).unwrap_or_default(),
    }
}

/// A message as HTML: escaped, and what it has between backquotes as code.
fn marked(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let parts = parts.iter().enumerate().map(|(at, part)| {
        if at.is_multiple_of(2) {
            (*part).to_string()
        } else {
            format!("<code>{part}</code>")
        }
    });
    parts.collect()
}

fn optional(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "–".to_string(), size)
}

fn pair_words(what: &str, pair: Pair) -> String {
    format!(
        "{what} {} → {} ({})",
        optional(pair.before),
        optional(pair.after),
        delta(pair.delta())
    )
}

fn comparison(comparison: &Comparison) -> ChangeView {
    let differing = comparison.functions.iter().filter(|one| one.differs());
    ChangeView {
        with: clean(&comparison.with),
        total: format!(
            "{}, {}",
            pair_words("zipped", comparison.zip_bytes),
            pair_words("unpacked", comparison.unpacked_bytes)
        ),
        functions: differing.take(ROWS).map(function_change).collect(),
    }
}

fn in_common(shared: &Shared) -> SharedView {
    let sentence = |text: String| {
        let mut letters = text.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string());
        clean(&format!(
            "{}{}.",
            first.unwrap_or_default(),
            letters.as_str()
        ))
    };
    let rows = shared.packages.iter().take(ROWS).map(|one| SharedRow {
        name: clean(&one.package),
        functions: clean(&one.functions.join(", ")),
        count: one.functions.len(),
        bytes: size(one.bytes),
        once: size(one.once_bytes),
    });
    SharedView {
        words: sentence(shared_packages::shared_sentence(shared)),
        layer: sentence(shared_packages::layer_sentence(shared)),
        packages: rows.collect(),
        more: shared.packages.len().saturating_sub(ROWS),
    }
}

fn function_change(one: &FunctionChange) -> FunctionChangeView {
    let mut words = vec![
        pair_words("zipped", one.zip_bytes),
        pair_words("unpacked", one.unpacked_bytes),
    ];
    if let (Some(before), Some(after)) = (one.download_ms.before, one.download_ms.after) {
        words.push(format!(
            "download phase about {before} ms → {after} ms (typical, estimated)"
        ));
    }
    if let (Some(before), Some(after)) = (one.init_ms.before, one.init_ms.after) {
        words.push(format!(
            "load about {before} ms → {after} ms (typical, estimated)"
        ));
    }
    let files = one.changed_files.as_deref().unwrap_or_default();
    FunctionChangeView {
        name: clean(&one.name),
        kind: one.kind.as_str(),
        sign: one.kind.sign(),
        class: one.kind.as_str(),
        words: words.join(", "),
        packages: one.packages.iter().take(ROWS).map(package_change).collect(),
        more: one.packages.len().saturating_sub(ROWS),
        files: files.iter().take(ROWS).map(file_change).collect(),
        files_words: format!(
            "{} differ{}",
            plural(files.len() as u64, "file"),
            if files.len() > ROWS {
                format!(", the {ROWS} that changed most:")
            } else {
                String::new()
            }
        ),
    }
}

fn package_change(one: &PackageChange) -> ChangeRow {
    let versions = |list: &[String]| clean(&list.join(", "));
    let (before, after) = (
        versions(&one.versions_before),
        versions(&one.versions_after),
    );
    ChangeRow {
        name: clean(&one.name),
        kind: one.kind.as_str(),
        sign: one.kind.sign(),
        class: one.kind.as_str(),
        version: if before == after || before.is_empty() {
            after
        } else if after.is_empty() {
            before
        } else {
            format!("{before} → {after}")
        },
        before: optional(one.bytes.before),
        after: optional(one.bytes.after),
        delta: delta(one.bytes.delta()),
        why: one.why.as_deref().map(clean).unwrap_or_default(),
    }
}

fn file_change(one: &FileChange) -> ChangeRow {
    ChangeRow {
        name: clean(&one.path),
        kind: one.kind.as_str(),
        sign: one.kind.sign(),
        class: one.kind.as_str(),
        version: String::new(),
        before: optional(one.bytes.before),
        after: optional(one.bytes.after),
        delta: delta(one.bytes.delta()),
        why: String::new(),
    }
}

fn function(at: usize, function: &Function) -> FunctionView {
    let (status, status_class) = match function.verification.status {
        Status::Equal => ("equal", "good"),
        Status::Differs => ("differs", "bad"),
        Status::Unverified => ("unverified", "warn"),
    };
    let estimate = function.estimate.as_ref();
    let (before, after) = (function.baseline.bytes, function.artifact.bytes);
    let mut detail = marked(&function.verification.detail);
    if function.verification.earlier {
        detail.push_str(" (verified by an earlier run with the same content)");
    }
    let copies: usize = function.duplicates.iter().map(|one| one.copies.len()).sum();
    FunctionView {
        at,
        name: clean(&function.name),
        facts: [
            clean(&function.entry),
            clean(&function.runtime),
            clean(&function.arch),
            function.strategy.as_str().to_string(),
        ]
        .join(" · "),
        before: size(before),
        after: size(after),
        change: change(before, after),
        strategy: function.strategy.as_str(),
        status,
        status_class,
        detail,
        advice: function
            .advice
            .iter()
            .map(|one| marked(&one.text))
            .collect(),
        steps: steps(function),
        total: format!(
            "{} → {} zipped ({}), {} unpacked, all sizes measured",
            size(before),
            size(after),
            change(before, after),
            size(function.artifact.unpacked_bytes),
        ),
        estimate: estimate
            .map(|estimate| times(function, estimate))
            .unwrap_or_default(),
        estimate_notes: estimate
            .map(|estimate| cold_start_text::notes(function, estimate))
            .unwrap_or_default()
            .iter()
            .map(|note| clean(note))
            .collect(),
        sources: estimate
            .map(|estimate| {
                let price = estimate.cost.as_ref().map(|cost| &cost.source);
                let sources = estimate.sources.iter().chain(price);
                sources
                    .map(|source| SourceView {
                        name: source.name.clone(),
                        // A file of the project is none of the page's to link to.
                        url: source
                            .url
                            .starts_with("https://")
                            .then(|| source.url.clone()),
                        date: source.date.clone(),
                    })
                    .collect()
            })
            .unwrap_or_default(),
        duplicates: duplicates(function),
        more_duplicates: copies.saturating_sub(ROWS),
        warnings: function.warnings.iter().take(ROWS).map(warning).collect(),
        more: facts(function),
    }
}

/// Each phase; what was measured stands in place of what was estimated.
fn times(function: &Function, estimate: &Estimate) -> Vec<EstimateRow> {
    let mut out = vec![
        row("transfer before, estimated", &estimate.download_before_ms),
        row("transfer now, estimated", &estimate.download_ms),
        row("transfer saved, estimated", &estimate.download_saved_ms),
    ];
    if let Some(measured) = &function.measured {
        out.push(measured_row(
            "load before, measured here (quarter, median, three quarters)",
            &measured.load_before_ms,
        ));
        out.push(measured_row(
            "load now, measured here (quarter, median, three quarters)",
            &measured.load_ms,
        ));
    } else {
        for (label, ms) in [
            ("load before, estimated", &estimate.load_before_ms),
            ("load now, estimated", &estimate.load_ms),
            ("load saved, estimated", &estimate.load_saved_ms),
        ] {
            out.extend(ms.as_ref().map(|ms| row(label, ms)));
        }
    }
    let label = match estimate.cold_start_basis {
        Basis::Estimated => "cold start now, estimated",
        Basis::LoadMeasuredHere => "cold start now, transfer estimated and load measured here",
    };
    out.extend(estimate.cold_start_ms.as_ref().map(|ms| row(label, ms)));
    out
}

fn measured_row(label: &'static str, times: &Spread) -> EstimateRow {
    EstimateRow {
        label,
        low: time(times.quarter),
        typical: time(times.median),
        high: time(times.three_quarters),
    }
}

fn row(label: &'static str, range: &RangeMs) -> EstimateRow {
    let ms = |value: i64| format!("{value} ms");
    EstimateRow {
        label,
        low: ms(range.low),
        typical: ms(range.typical),
        high: ms(range.high),
    }
}

fn steps(function: &Function) -> Vec<StepView> {
    let whole = function.baseline.bytes.max(1) as f64;
    let percent = |bytes: u64| (bytes as f64 / whole * 100.0).clamp(0.0, 100.0);
    let mut out = vec![StepView {
        label: "as it is".to_string(),
        detail: String::new(),
        files: count(function.baseline.files),
        size: size(function.baseline.bytes),
        change: String::new(),
        kept: "100".to_string(),
        gone: "0".to_string(),
    }];
    for step in &function.steps {
        let (before, after) = (step.zipped_before_bytes, step.zipped_after_bytes);
        if before == after && step.files_before == step.files_after {
            continue;
        }
        let kept = percent(after);
        out.push(StepView {
            label: step.label.clone(),
            detail: step.detail.as_deref().map(clean).unwrap_or_default(),
            files: count(step.files_after),
            size: size(after),
            change: change(before, after),
            kept: format!("{kept:.2}"),
            gone: format!("{:.2}", (percent(before) - kept).max(0.0)),
        });
    }
    out
}

fn duplicates(function: &Function) -> Vec<CopyRow> {
    let mut out = Vec::new();
    for duplicate in &function.duplicates {
        for (at, copy) in duplicate.copies.iter().enumerate() {
            let by = copy.from.as_ref();
            out.push(CopyRow {
                first: at == 0,
                name: clean(&duplicate.name),
                extra: marked(&advice(duplicate)),
                version: copy.version.as_deref().map(clean).unwrap_or_default(),
                folder: clean(&copy.folder),
                bytes: size(copy.bytes),
                zipped: size(copy.zipped_share_bytes),
                by: by.map_or(String::new(), |from| {
                    format!("{}:{}", clean(&from.by), from.line)
                }),
            });
        }
    }
    out.truncate(ROWS);
    out
}

fn warning(warning: &Warning) -> WarningView {
    let mut place = warning.path.as_deref().map(clean).unwrap_or_default();
    if let (Some(line), false) = (warning.line, place.is_empty()) {
        place.push_str(&format!(":{line}"));
    }
    WarningView {
        code: warning.code.clone(),
        message: marked(&warning.message),
        place,
        help: warning.help.as_deref().map(marked).unwrap_or_default(),
    }
}

fn facts(function: &Function) -> Vec<Fact> {
    let fact = |label: &str, value: String, note: String| Fact {
        label: label.to_string(),
        value: clean(&value),
        note: clean(&note),
    };
    let artifact = &function.artifact;
    let mut out = vec![
        fact("artifact", artifact.path.clone(), String::new()),
        fact("SHA-256", artifact.sha256.clone(), String::new()),
        fact(
            "CodeSha256",
            artifact.code_sha256_base64.clone(),
            "as AWS shows it".to_string(),
        ),
        fact(
            "handler",
            function.handler.clone(),
            function.declared_by.clone(),
        ),
    ];
    for limit in &function.limits {
        let shown = |value: u64| match limit.unit.as_str() {
            "bytes" => size(value),
            _ => count(value),
        };
        let value = format!("{} of {}", shown(limit.value), shown(limit.limit));
        let note = if limit.ok {
            limit.note.clone().unwrap_or_default()
        } else {
            format!("exceeded: {}", limit.help)
        };
        out.push(fact(&limit.name, value, note));
    }
    for setting in &function.settings {
        out.push(fact(
            &setting.name,
            setting.value.clone(),
            setting.origin.clone(),
        ));
    }
    if let Some(sdk) = &function.sdk {
        let verb = if sdk.shipped { "ships" } else { "is left out" };
        out.push(fact(
            sentences::sdk_label(function),
            verb.to_string(),
            sdk.reason.clone(),
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_code_and_no_markup_of_their_own() {
        assert_eq!(
            marked("see `a<b>` & 'c'"),
            "see <code>a&lt;b&gt;</code> &amp; &#39;c&#39;"
        );
        assert_eq!(marked("one ` alone"), "one ` alone");
    }
}
