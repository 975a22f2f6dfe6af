//! The report as one comment for a pull request.
//!
//! In: a [`Report`]. Out: Markdown as GitHub and GitLab read it: a marker by which the comment is
//! found again, one line that says it all, the functions as a table, what changed against the
//! baseline, budgets; everything else folded. Names are the user's: none of them becomes markup.

use crate::model::{BudgetState, Function, FunctionChange, Report, Status};
use crate::number_format::{change, delta, time};
use crate::sentences::{budget_sentence, range};
use crate::text::clean;
use crate::{cold_start_text, count, duplicates, plural, shared_packages, size};

/// By this a comment that is to be updated is found again.
pub const MARKER: &str = "<!-- coldcut report -->";
/// Bytes for everything with details: a comment takes 65,536 characters.
const ROOM: usize = 60_000;
/// Rows of a list; what is beyond is counted.
const ROWS: usize = 15;
/// Functions with details of their own.
const DETAILED: usize = 20;
/// A name is cut here: a path may be of any length.
const NAME: usize = 160;

/// The comment, ending in a line break.
pub fn render(report: &Report) -> String {
    let mut out = format!("{MARKER}\n### coldcut: {}\n\n", text(&report.project.name));
    headline(&mut out, report);
    functions(&mut out, report);
    budgets(&mut out, report);
    changes(&mut out, report);
    let mut shown = 0;
    for function in report.functions.iter().take(DETAILED) {
        let mut one = String::new();
        details(&mut one, function);
        if out.len() + one.len() > ROOM {
            break;
        }
        out.push_str(&one);
        shown += 1;
    }
    if let Some(shared) = &report.shared {
        let (words, layer) = (
            shared_packages::shared_sentence(shared),
            shared_packages::layer_sentence(shared),
        );
        out.push_str(&format!("{}; {}.\n\n", sentence(&words), sentence(&layer)));
    }
    let more = report.functions.len() - shown;
    if more > 0 {
        let what = plural(more as u64, "more function");
        out.push_str(&format!("and {what}\n\n"));
    }
    for skipped in &report.skipped {
        let (name, why) = (code(&skipped.name), text(&skipped.why));
        out.push_str(&format!("{name} is not packed: {why}\n\n"));
    }
    out.push_str("<sub>Sizes are measured, in decimal units; times are estimates (low / typical / high) unless they are called measured.</sub>\n");
    out
}

fn headline(out: &mut String, report: &Report) {
    let totals = &report.totals;
    out.push_str(&format!(
        "**{} → {} zipped** ({}), {} unpacked in {}; {} of {} verified",
        size(totals.baseline_bytes),
        size(totals.artifact_bytes),
        change(totals.baseline_bytes, totals.artifact_bytes),
        size(totals.artifact_unpacked_bytes),
        plural(totals.artifact_files, "file"),
        totals.verified,
        plural(totals.functions, "function"),
    ));
    if totals.warnings > 0 {
        out.push_str(&format!(", {}", plural(totals.warnings, "warning")));
    }
    out.push_str(".\n\n");
    if let Some(comparison) = &report.comparison {
        out.push_str(&format!(
            "Against {}: **{} zipped**, {} unpacked.\n\n",
            code(&comparison.with),
            delta(comparison.zip_bytes.delta()),
            delta(comparison.unpacked_bytes.delta()),
        ));
    }
}

fn functions(out: &mut String, report: &Report) {
    let compared = report.comparison.as_ref();
    out.push_str("| function | before | after | change |");
    out.push_str(if compared.is_some() {
        " against baseline |"
    } else {
        ""
    });
    out.push_str(" transfer | load | by | verified |\n|---|--:|--:|--:|");
    out.push_str(if compared.is_some() { "--:|" } else { "" });
    out.push_str("---|---|---|---|\n");
    for function in &report.functions {
        let status = match function.verification.status {
            Status::Equal => "✅ equal",
            Status::Differs => "❌ differs",
            Status::Unverified => "⚠️ unverified",
        };
        let against = compared.map_or(String::new(), |comparison| {
            let mut all = comparison.functions.iter();
            let found = all.find(|one| one.name == function.name);
            let words = found.map_or(String::new(), |one| delta(one.zip_bytes.delta()));
            format!(" {words} |")
        });
        let estimate = function.estimate.as_ref();
        let estimate = estimate.map_or_else(
            || "unknown".to_string(),
            |estimate| format!("{} ms", range(&estimate.download_ms)),
        );
        let load = load(function);
        let (before, after) = (function.baseline.bytes, function.artifact.bytes);
        out.push_str(&format!(
            "| {} | {} | {} | {} |{against} {estimate} | {load} | {} | {status} |\n",
            code(&function.name),
            size(before),
            size(after),
            change(before, after),
            function.strategy.as_str(),
        ));
    }
    out.push('\n');
}

fn load(function: &Function) -> String {
    if let Some(measured) = &function.measured {
        return format!("{}, measured", time(measured.load_ms.median));
    }
    let estimate = function.estimate.as_ref();
    let load = estimate.and_then(|estimate| estimate.load_ms.as_ref());
    load.map_or_else(
        || "not known".to_string(),
        |load| format!("{} ms", range(load)),
    )
}

fn budgets(out: &mut String, report: &Report) {
    if report.budgets.is_empty() {
        return;
    }
    let over = |state| {
        report
            .budgets
            .iter()
            .filter(move |one| one.state == state)
            .count()
    };
    let (failed, warned) = (over(BudgetState::Failed), over(BudgetState::Warned));
    let sum = match (failed, warned) {
        (0, 0) => "✅ within every budget".to_string(),
        (0, n) => format!("⚠️ {} exceeded (warning)", plural(n as u64, "budget")),
        (n, _) => format!("❌ {} exceeded", plural(n as u64, "budget")),
    };
    let open = if failed + warned > 0 { " open" } else { "" };
    out.push_str(&format!("<details{open}><summary>{sum}</summary>\n\n"));
    for budget in &report.budgets {
        let mark = match budget.state {
            BudgetState::Ok => "✅",
            BudgetState::Warned => "⚠️",
            BudgetState::Failed => "❌",
            BudgetState::Unknown => "❔",
        };
        out.push_str(&format!("- {mark} {}\n", text(&budget_sentence(budget))));
    }
    out.push_str("\n</details>\n\n");
}

fn changes(out: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else {
        return;
    };
    let differing: Vec<&FunctionChange> = comparison
        .functions
        .iter()
        .filter(|one| one.differs())
        .collect();
    if differing.is_empty() {
        out.push_str("Nothing changed against the baseline.\n\n");
        return;
    }
    for one in differing.iter().take(DETAILED) {
        let name = html(&one.name);
        let packages = plural(one.packages.len() as u64, "package");
        out.push_str(&format!(
            "<details><summary>{} {name}: {}{}, {packages} changed</summary>\n\n",
            one.kind.sign(),
            delta(one.zip_bytes.delta()),
            cold_start_change(one),
        ));
        if !one.packages.is_empty() {
            out.push_str("| package | version | unpacked | change | brought in by |\n|---|---|--:|--:|---|\n");
        }
        for package in one.packages.iter().take(ROWS) {
            let (before, after) = (
                package.versions_before.join(", "),
                package.versions_after.join(", "),
            );
            let version = if before == after || before.is_empty() {
                after
            } else if after.is_empty() {
                before
            } else {
                format!("{before} → {after}")
            };
            let bytes = package.bytes.after.or(package.bytes.before).unwrap_or(0);
            out.push_str(&format!(
                "| {} {} {} | {} | {} | {} | {} |\n",
                package.kind.sign(),
                package.kind.as_str(),
                code(&package.name),
                text(&version),
                size(bytes),
                delta(package.bytes.delta()),
                package.why.as_deref().map(text).unwrap_or_default(),
            ));
        }
        more(out, one.packages.len(), "package");
        out.push_str("\n</details>\n\n");
    }
}

/// What a change costs each cold start, by the typical figures of both phases.
fn cold_start_change(one: &FunctionChange) -> String {
    let before = one.download_ms.before.zip(one.init_ms.before);
    let after = one.download_ms.after.zip(one.init_ms.after);
    let (Some((a, b)), Some((c, d))) = (before, after) else {
        return String::new();
    };
    // Milliseconds of a model are far from the ends of either type.
    let ms = (c + d) as i64 - (a + b) as i64;
    format!(", about {ms:+} ms per cold start (typical, estimated)")
}

fn more(out: &mut String, all: usize, what: &str) {
    let left = all.saturating_sub(ROWS);
    if left > 0 {
        let what = plural(left as u64, &format!("more {what}"));
        out.push_str(&format!("\nand {what}\n"));
    }
}

fn details(out: &mut String, function: &crate::model::Function) {
    let name = html(&function.name);
    out.push_str(&format!(
        "<details><summary>{name}: what ships</summary>\n\n"
    ));
    if !function.advice.is_empty() {
        out.push_str("Worth doing next:\n\n");
        for (at, advice) in function.advice.iter().enumerate() {
            out.push_str(&format!("{}. {}\n", at + 1, text(&advice.text)));
        }
        out.push('\n');
    }
    out.push_str("| step | files | zipped | change |\n|---|--:|--:|--:|\n");
    out.push_str(&format!(
        "| as it is | {} | {} | |\n",
        count(function.baseline.files),
        size(function.baseline.bytes)
    ));
    for step in &function.steps {
        let (before, after) = (step.zipped_before_bytes, step.zipped_after_bytes);
        if before != after || step.files_before != step.files_after {
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                text(&step.label),
                count(step.files_after),
                size(after),
                change(before, after)
            ));
        }
    }
    if let Some(estimate) = &function.estimate {
        out.push('\n');
        for note in cold_start_text::notes(function, estimate) {
            out.push_str(&format!("- {}\n", long(&note)));
        }
    }
    if !function.packages.is_empty() {
        out.push_str("\n| package | unpacked | why |\n|---|--:|---|\n");
    }
    for package in function.packages.iter().take(ROWS) {
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            code(&package.id()),
            size(package.bytes),
            text(&package.why)
        ));
    }
    more(out, function.packages.len(), "package");
    for duplicate in function.duplicates.iter().take(ROWS) {
        out.push_str(&format!(
            "\n{}.\n",
            sentence(&duplicates::advice(duplicate))
        ));
    }
    more(out, function.duplicates.len(), "package");
    if !function.warnings.is_empty() {
        out.push('\n');
    }
    for warning in function.warnings.iter().take(ROWS) {
        let place = match (&warning.path, warning.line) {
            (Some(path), Some(line)) => format!(" at {}", code(&format!("{path}:{line}"))),
            (Some(path), None) => format!(" at {}", code(path)),
            _ => String::new(),
        };
        out.push_str(&format!(
            "- {} {}{place}\n",
            warning.code,
            text(&warning.message)
        ));
    }
    more(out, function.warnings.len(), "warning");
    out.push_str(&format!(
        "\nVerified: {}. CodeSha256 {}\n\n</details>\n\n",
        text(&function.verification.detail),
        code(&function.artifact.code_sha256_base64)
    ));
}

fn cut(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= NAME {
        return text;
    }
    let start: String = text.chars().take(NAME - 1).collect();
    format!("{start}…")
}

/// [`text`] of a sentence that coldcut wrote, however long.
fn long(words: &str) -> String {
    plain(&clean(words))
}

/// Text that is no markup: neither Markdown's, nor HTML's, nor a mention of somebody. What messages
/// have between backquotes becomes code.
fn text(words: &str) -> String {
    prose(&cut(words))
}

/// The same of a sentence of coldcut's own, which may be longer than a name.
fn sentence(words: &str) -> String {
    const LONGEST: usize = 600;
    prose(&words.chars().take(LONGEST).collect::<String>())
}

fn prose(words: &str) -> String {
    let parts: Vec<&str> = words.split('`').collect();
    let paired = !parts.len().is_multiple_of(2);
    let parts = parts.iter().enumerate().map(|(at, part)| {
        if paired && !at.is_multiple_of(2) {
            code(part)
        } else {
            plain(part)
        }
    });
    parts
        .collect::<Vec<_>>()
        .join(if paired { "" } else { "'" })
}

fn plain(words: &str) -> String {
    let mut out = String::new();
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '|' => out.push_str("&#124;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name as HTML's `code`: backticks can hold no backtick and, in a table, no bar.
fn code(name: &str) -> String {
    format!("<code>{}</code>", html(name))
}

/// Text inside HTML, in which Markdown must find nothing either.
fn html(name: &str) -> String {
    let mut out = String::new();
    for c in cut(name).chars() {
        if c.is_ascii_punctuation() && !"-./:,()=+$".contains(c) {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn one_comment_with_folded_details() {
        let report = sample::report(2);
        let text = render(&report);
        assert!(text.starts_with(MARKER));
        assert!(text.contains("2 of 2 functions verified") || text.contains("2 of 2 functions"));
        assert_eq!(
            text.matches("<details").count(),
            text.matches("</details>").count()
        );
        assert!(text.contains(&size(report.totals.artifact_bytes)));
        assert!(text.len() < 65_536);
    }

    #[test]
    fn names_are_no_markup() {
        let mut report = sample::report(1);
        report.functions[0].name = "<script>|`*a*`@someone".to_string();
        report.functions[0].packages[0].name = "p".repeat(4000);
        report.functions[0].verification.detail = "[x](javascript:1) <b> | @me".to_string();
        let text = render(&report);
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("<b>") && !text.contains("@me") && !text.contains("@someone"));
        assert!(text.contains("\\[x\\](javascript:1)"), "{text}");
        assert!(text.len() < 20_000);
        // Every row of the table of functions has as many cells as its head.
        let rows: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with("| ") && line.contains("verified"))
            .map(|line| line.matches('|').count())
            .collect();
        assert!(rows.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    }
}
