//! `coldcut check`: every budget with its value and what is left, and nothing else.
//!
//! In: a finished run. Out: text.

use coldcut_report::model::{BudgetState, Report};
use coldcut_report::sentences::{amount, slack};
use coldcut_report::text::clean;

/// The budgets as lines whose columns stand below each other.
pub fn text(report: &Report) -> String {
    if report.budgets.is_empty() {
        return "no budgets: set them in `[budget]` of coldcut.toml, or with `--budget zip=2MB`\n"
            .to_string();
    }
    let head = ["budget", "function", "limit", "value", "slack", ""].map(str::to_string);
    let mut rows = vec![head.to_vec()];
    for budget in &report.budgets {
        let shown = |value: Option<u64>| {
            value.map_or_else(|| "?".to_string(), |value| amount(value, budget.unit))
        };
        let state = match budget.state {
            BudgetState::Ok => "ok",
            BudgetState::Warned => "over (warning)",
            BudgetState::Failed => "OVER",
            BudgetState::Unknown => "not known",
        };
        let note = budget.note.as_deref().map(|note| format!(" ({note})"));
        let mut limit = shown(budget.limit);
        if budget.written.starts_with('+') {
            limit = format!("{} = {limit}", budget.written);
        }
        let left = budget.slack.map(|left| slack(left, budget.unit));
        rows.push(vec![
            clean(&budget.name),
            budget
                .function
                .as_deref()
                .map_or_else(|| "(sum)".to_string(), clean),
            limit,
            shown(budget.value),
            left.unwrap_or_default(),
            format!("{state}{}", note.unwrap_or_default()),
        ]);
    }
    let width = |column: usize| -> usize {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let columns = widths.get(at).copied().unwrap_or(0);
            if (2..5).contains(&at) {
                line.push_str(&format!("{cell:>columns$}  "));
            } else {
                line.push_str(&format!("{cell:<columns$}  "));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
