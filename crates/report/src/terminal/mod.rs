//! The report as a person reads it on a terminal.
//!
//! In: a [`Report`] and what the terminal can show. Out: text: for each function the waterfall
//! from the folder as it is to the artifact, what weighs most, what the estimate says and how
//! verification ended; then all functions in a table, where there are several.

mod binary;
mod style;

use comfy_table::presets::{ASCII_BORDERS_ONLY_CONDENSED, UTF8_BORDERS_ONLY};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::model::{Advice, BudgetState, Estimate, Function, Report, SharedLayer, Status};
use crate::number_format::{change, count, plural, size};
use crate::sentences;
use crate::sentences::budget_sentence;
pub use crate::terminal::style::Style;
use crate::terminal::style::{Tone, aligned, bar, labelled, left, paint, right, share};
use crate::text::{clean, width, wrap};
use crate::{cold_start_text, comparison_text, shared_packages};

/// With more functions than this, those with nothing to say are only in the table.
const DETAILED: usize = 8;
/// How many packages are named.
const PACKAGES: usize = 5;
/// The whole report, ending in a line break.
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let brief = report.functions.len() > DETAILED;
    for function in &report.functions {
        let quiet = function.verification.status == Status::Equal
            && function.warnings.is_empty()
            && function.limits.iter().all(|limit| limit.ok);
        if !(brief && quiet) {
            one(&mut out, function, style);
            out.push('\n');
        }
    }
    if report.functions.len() > 1 {
        table(&mut out, report, style);
    }
    for layer in &report.shared_layers {
        out.push_str(&format!("{}\n", shared_layer(layer, style)));
    }
    if let Some(shared) = &report.shared {
        let line = clean(&shared_packages::shared_sentence(shared));
        labelled(&mut out, "in common", &line, Tone::Plain, style);
        let line = clean(&shared_packages::layer_sentence(shared));
        labelled(&mut out, "as a layer", &line, Tone::Plain, style);
        out.push('\n');
    }
    if let Some(comparison) = &report.comparison {
        let with = clean(&comparison.with);
        let title = format!("against {with}");
        out.push_str(&format!("{}\n", paint(style, Tone::Title, &title)));
        out.push_str(&comparison_text::render(comparison, style, false));
        out.push('\n');
    }
    for budget in &report.budgets {
        let (mark, tone) = match budget.state {
            BudgetState::Ok => ("within budget", Tone::Good),
            BudgetState::Warned => ("over budget", Tone::Warn),
            BudgetState::Failed => ("OVER BUDGET", Tone::Bad),
            BudgetState::Unknown => ("budget", Tone::Warn),
        };
        let line = format!("{mark}: {}", clean(&budget_sentence(budget)));
        for part in wrap(&line, style.width) {
            out.push_str(&format!("{}\n", paint(style, tone, &part)));
        }
    }
    for skipped in &report.skipped {
        let line = format!(
            "{} is not packed: {}",
            clean(&skipped.name),
            clean(&skipped.why)
        );
        out.push_str(&format!("{}\n", paint(style, Tone::Dim, &line)));
    }
    out
}

fn shared_layer(layer: &SharedLayer, style: Style) -> String {
    let (artifact, functions) = (&layer.artifact, layer.functions.len() as u64);
    let title = format!("layer {}", clean(&layer.folder));
    format!(
        "{}  {} zipped, {} unpacked, in /opt of {}: {}",
        paint(style, Tone::Title, &title),
        size(artifact.bytes),
        size(artifact.unpacked_bytes),
        plural(functions, "function"),
        clean(&artifact.path),
    )
}

fn one(out: &mut String, function: &Function, style: Style) {
    let title = paint(style, Tone::Title, &clean(&function.name));
    let dot = if style.unicode { " · " } else { ", " };
    let facts = [
        clean(&function.entry),
        function.runtime.clone(),
        function.arch.clone(),
        function.strategy.as_str().to_string(),
    ]
    .join(dot);
    out.push_str(&format!("{title}  {}\n\n", paint(style, Tone::Dim, &facts)));
    waterfall(out, function, style);
    out.push('\n');
    match &function.rust {
        Some(rust) => binary::show(out, rust, style),
        None => packages(out, function, style),
    }
    if let Some(estimate) = &function.estimate {
        times(out, function, estimate, style);
    }
    if let Some(bytes) = function.class_names_bytes.filter(|bytes| *bytes > 0) {
        let line = format!("kept as written, which takes {} unpacked", size(bytes));
        labelled(out, "class names", &line, Tone::Plain, style);
    }
    if let Some(sdk) = &function.sdk {
        let verb = if sdk.shipped { "ships" } else { "is left out" };
        let mut line = format!("{verb}: {}", clean(&sdk.reason));
        if let Some(bytes) = sdk.other_choice_bytes {
            let other = if sdk.shipped {
                "leaving it out saves"
            } else {
                "shipping it adds"
            };
            line.push_str(&format!("; {other} {} unpacked", size(bytes)));
        }
        labelled(
            out,
            sentences::sdk_label(function),
            &line,
            Tone::Plain,
            style,
        );
    }
    for limit in &function.limits {
        let shown = |value: u64| match limit.unit.as_str() {
            "bytes" => size(value),
            _ => count(value),
        };
        let near = limit.value * 10 >= limit.limit * 8;
        if near || !limit.ok {
            let line = format!(
                "{} is {} of {}",
                limit.name,
                shown(limit.value),
                shown(limit.limit)
            );
            let tone = if limit.ok { Tone::Warn } else { Tone::Bad };
            labelled(out, "limit", &line, tone, style);
        }
    }
    let (word, tone) = match function.verification.status {
        Status::Equal => ("equal", Tone::Good),
        Status::Differs => ("differs", Tone::Bad),
        Status::Unverified => ("unverified", Tone::Warn),
    };
    let mut line = format!("{word}: {}", clean(&function.verification.detail));
    if function.verification.earlier {
        line.push_str(" (verified by an earlier run with the same content)");
    }
    labelled(out, "verified", &line, tone, style);
    if function.verification.attempts.len() > 1
        && let Some(reason) = &function.strategy_reason
    {
        labelled(out, "because", &clean(reason), Tone::Dim, style);
    }
    if !function.warnings.is_empty() {
        let line = plural(function.warnings.len() as u64, "warning");
        labelled(out, "warnings", &line, Tone::Warn, style);
    }
    // What could be smaller in a binary stands above already, each with what to write.
    let said = |one: &&Advice| function.rust.is_none() || one.bytes.is_none();
    for (at, advice) in function.advice.iter().filter(said).enumerate() {
        let label = if at == 0 { "next" } else { "" };
        let line = format!("{}. {}", at + 1, clean(&advice.text));
        labelled(out, label, &line, Tone::Plain, style);
    }
    let artifact = &function.artifact;
    labelled(out, "artifact", &clean(&artifact.path), Tone::Plain, style);
    labelled(
        out,
        "CodeSha256",
        &artifact.code_sha256_base64,
        Tone::Dim,
        style,
    );
}

/// The phases of a cold start.
fn times(out: &mut String, function: &Function, estimate: &Estimate, style: Style) {
    let mut line = |label: &str, text: &str| labelled(out, label, text, Tone::Plain, style);
    line("download", &cold_start_text::transfer(estimate));
    line("load", &clean(&cold_start_text::load(function, estimate)));
    if let Some(sum) = cold_start_text::sum(estimate) {
        line("cold start", &sum);
    }
    if let Some(cost) = estimate.cost.as_ref().filter(|cost| !cost.assumed) {
        line("money", &clean(&cold_start_text::money(cost)));
    }
    for note in &estimate.notes {
        line("", &clean(note));
    }
}

/// Every step with what is left after it, drawn to the scale of the folder as it is.
fn waterfall(out: &mut String, function: &Function, style: Style) {
    let whole = function.baseline.bytes;
    let mut rows = vec![("as it is", function.baseline.files, whole, whole)];
    for step in &function.steps {
        let idle = step.zipped_before_bytes == step.zipped_after_bytes
            && step.files_before == step.files_after;
        if !idle {
            rows.push((
                step.label.as_str(),
                step.files_after,
                step.zipped_before_bytes,
                step.zipped_after_bytes,
            ));
        }
    }
    let label = rows.iter().map(|row| width(row.0)).max().unwrap_or(0);
    let files = rows.iter().map(|row| count(row.1).len()).max().unwrap_or(0);
    // Two blanks at the start, and between columns; the last column is the change.
    let fixed = 2 + label + 2 + files + 6 + 2 + 8 + 2 + 2 + 8;
    let room = style.width.saturating_sub(fixed).min(40);
    for (name, number, before, after) in rows {
        let (kept, gone) = bar(style, before, after, whole, room);
        let drawn = width(&kept) + width(&gone);
        let fill = " ".repeat(room.saturating_sub(drawn));
        let kept = paint(style, Tone::Good, &kept);
        let gone = paint(style, Tone::Dim, &gone);
        let changed = if before == after {
            String::new()
        } else {
            change(before, after)
        };
        let line = format!(
            "  {}  {} files  {}  {kept}{gone}{fill}  {}",
            left(name, label),
            right(&count(number), files),
            right(&aligned(after), 8),
            right(&changed, 8),
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let artifact = &function.artifact;
    let total = format!(
        "{} -> {} zipped ({}), {} unpacked, all sizes measured",
        size(whole),
        size(artifact.bytes),
        change(whole, artifact.bytes),
        size(artifact.unpacked_bytes),
    );
    for line in wrap(&total, style.width.saturating_sub(2)) {
        out.push_str(&format!("  {}\n", paint(style, Tone::Title, &line)));
    }
}

fn packages(out: &mut String, function: &Function, style: Style) {
    if function.packages.is_empty() {
        return;
    }
    let named: Vec<String> = function
        .packages
        .iter()
        .take(PACKAGES)
        .map(|package| {
            let part = share(package.bytes, function.artifact.unpacked_bytes);
            format!("{} {} ({part})", clean(&package.id()), size(package.bytes))
        })
        .collect();
    let mut line = named.join(", ");
    let more = function.packages.len().saturating_sub(PACKAGES);
    if more > 0 {
        line.push_str(&format!(" and {more} more"));
    }
    labelled(out, "packages", &line, Tone::Plain, style);
}

fn table(out: &mut String, report: &Report, style: Style) {
    let mut table = Table::new();
    table.load_style(if style.unicode {
        UTF8_BORDERS_ONLY
    } else {
        ASCII_BORDERS_ONLY_CONDENSED
    });
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    table.set_header(["function", "before", "after", "change", "by", "verified"]);
    for function in &report.functions {
        let status = match function.verification.status {
            Status::Equal => "equal",
            Status::Differs => "differs",
            Status::Unverified => "unverified",
        };
        table.add_row([
            clean(&function.name),
            size(function.baseline.bytes),
            size(function.artifact.bytes),
            change(function.baseline.bytes, function.artifact.bytes),
            function.strategy.as_str().to_string(),
            status.to_string(),
        ]);
    }
    for column in 1..=3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    out.push_str(&table.to_string());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn shown(color: bool, unicode: bool, width: usize) -> String {
        let style = Style {
            color,
            unicode,
            width,
        };
        render(&sample::report(3), style)
    }

    #[test]
    fn lines_fit_the_width() {
        for width in [60, 80, 120] {
            for line in shown(false, true, width).lines() {
                let long_word = line.split_whitespace().any(|word| word.len() > 30);
                assert!(
                    line.chars().count() <= width || long_word,
                    "{width}: {line}"
                );
            }
        }
    }

    #[test]
    fn plain_means_plain() {
        let text = shown(false, false, 80);
        assert!(text.is_ascii(), "{text}");
        assert!(shown(true, true, 80).contains('\u{1b}'));
    }

    #[test]
    fn figures_are_called_what_they_are() {
        let text = shown(false, true, 100);
        assert!(text.contains("estimated (low / typical / high)"), "{text}");
        assert!(text.contains("all sizes measured"), "{text}");
    }
}
