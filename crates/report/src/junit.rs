//! The report as JUnit's XML, which CI systems show as tests.
//!
//! In: a [`Report`]. Out: one suite for each function, with a test for its verification, for each
//! limit of the platform and for each of its budgets; one more suite for the budgets of the sum.

use crate::model::{Budget, BudgetState, Function, Report, Status};
use crate::sentences::budget_sentence;
use crate::text::clean;
use crate::{count, size};

/// A test: its name, and what is wrong, or why it was skipped.
struct Case {
    name: String,
    state: State,
}

enum State {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The document, ending in a line break.
pub fn render(report: &Report) -> String {
    let mut suites: Vec<(String, Vec<Case>)> = report
        .functions
        .iter()
        .map(|function| {
            let budgets = report.budgets.iter();
            let own = budgets.filter(|one| one.function.as_deref() == Some(&function.name));
            let mut cases = cases(function);
            cases.extend(own.map(budget));
            (function.name.clone(), cases)
        })
        .collect();
    let of_all = report.budgets.iter().filter(|one| one.function.is_none());
    let of_all: Vec<Case> = of_all.map(budget).collect();
    if !of_all.is_empty() {
        suites.push(("all functions".to_string(), of_all));
    }
    let count_of = |cases: &[Case], is: fn(&State) -> bool| {
        cases.iter().filter(|case| is(&case.state)).count()
    };
    let failed: fn(&State) -> bool = |state| matches!(state, State::Failed(_));
    let skipped: fn(&State) -> bool = |state| matches!(state, State::Skipped(_));
    let sum = |is: Option<fn(&State) -> bool>| -> usize {
        let cases = suites.iter().map(|(_, cases)| cases);
        cases
            .map(|cases| is.map_or(cases.len(), |is| count_of(cases, is)))
            .sum()
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"coldcut: {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
        escape(&report.project.name),
        sum(None),
        sum(Some(failed)),
        sum(Some(skipped)),
    ));
    for (name, cases) in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            escape(name),
            cases.len(),
            count_of(cases, failed),
            count_of(cases, skipped),
        ));
        for case in cases {
            let head = format!(
                "    <testcase classname=\"{}\" name=\"{}\"",
                escape(name),
                escape(&case.name)
            );
            out.push_str(&match &case.state {
                State::Passed => format!("{head}/>\n"),
                State::Failed(why) => format!(
                    "{head}>\n      <failure message=\"{0}\">{0}</failure>\n    </testcase>\n",
                    escape(why)
                ),
                State::Skipped(why) => format!(
                    "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                    escape(why)
                ),
            });
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn cases(function: &Function) -> Vec<Case> {
    let detail = function.verification.detail.clone();
    let mut out = vec![Case {
        name: "does what the original does".to_string(),
        state: match function.verification.status {
            Status::Equal => State::Passed,
            Status::Differs => State::Failed(detail),
            Status::Unverified => State::Skipped(detail),
        },
    }];
    for limit in &function.limits {
        let shown = |value: u64| match limit.unit.as_str() {
            "bytes" => size(value),
            _ => count(value),
        };
        let value = format!("{} of {}", shown(limit.value), shown(limit.limit));
        out.push(Case {
            name: format!("limit {}", limit.name),
            state: if limit.ok {
                State::Passed
            } else {
                State::Failed(format!("{value}: {}", limit.help))
            },
        });
    }
    out
}

fn budget(budget: &Budget) -> Case {
    let words = budget_sentence(budget);
    Case {
        name: format!("budget {} {}", budget.name, budget.written),
        state: match budget.state {
            BudgetState::Ok => State::Passed,
            BudgetState::Failed => State::Failed(words),
            // A test that only warns is not known to JUnit.
            BudgetState::Warned | BudgetState::Unknown => State::Skipped(words),
        },
    }
}

/// Text for an attribute or an element; what XML 1.0 cannot hold is `?`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn failures_and_names_are_escaped() {
        let mut report = sample::report(2);
        report.functions[0].name = "<script>\"&\u{1}".to_string();
        report.functions[0].verification.status = Status::Differs;
        let text = render(&report);
        assert!(
            text.contains("name=\"&lt;script&gt;&quot;&amp;?\""),
            "{text}"
        );
        assert!(text.contains("failures=\"1\""), "{text}");
        assert!(!text.contains("<script"));
        assert_eq!(text.matches("<testsuite ").count(), 2);
    }
}
