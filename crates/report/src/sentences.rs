//! Words that several outputs share, so that a figure reads the same in all of them.
//!
//! In: figures and texts of the report. Out: text.

use crate::model::{Budget, Function, RangeMs, Unit};
use crate::number_format::{count, delta, plural, size};
use coldcut_core::platform::{Platform, Runtime};

/// What the packages are called that the function's platform has itself.
pub fn sdk_label(function: &Function) -> &'static str {
    let platform = Platform::load(&function.platform);
    let runtime = platform.and_then(|platform| platform.runtime(&function.runtime));
    runtime.map_or("SDK", Runtime::sdk_label)
}

/// `35 / 105 / 240`: low, typical, high.
pub fn range(range: &RangeMs) -> String {
    format!("{} / {} / {}", range.low, range.typical, range.high)
}

/// A figure of a budget.
pub fn amount(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => size(value),
        Unit::Files => plural(value, "file"),
        Unit::Ms => format!("{} ms", count(value)),
    }
}

/// What is left of a budget, or how far it is exceeded, with a sign.
pub fn slack(value: i64, unit: Unit) -> String {
    let sign = if value > 0 { "+" } else { "" };
    match unit {
        Unit::Bytes => delta(value),
        Unit::Files => format!("{sign}{value}"),
        Unit::Ms => format!("{sign}{value} ms"),
    }
}

/// One budget as a sentence.
pub fn budget_sentence(budget: &Budget) -> String {
    let whose = match &budget.function {
        Some(name) => format!("`{name}`"),
        None => "all functions".to_string(),
    };
    let head = format!("{} of {whose}", budget.name);
    let mut out = match (budget.value, budget.limit, budget.slack) {
        (Some(value), Some(limit), Some(left)) => {
            let grown = if budget.written.starts_with('+') {
                format!(" ({} since the baseline)", budget.written)
            } else {
                String::new()
            };
            let (value, limit) = (amount(value, budget.unit), amount(limit, budget.unit));
            let left = slack(left, budget.unit);
            format!("{head} is {value} of {limit}{grown}, slack {left}")
        }
        _ => format!("{head} is not known"),
    };
    if let Some(note) = &budget.note {
        out.push_str(&format!("; {note}"));
    }
    out
}
