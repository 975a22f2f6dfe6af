//! White space in JSX, as `tsc` trims it.
//!
//! In: a TypeScript file with JSX. Out: the same file, in which white space of every kind is gone at
//! both sides of a line break in a text. (Others trim spaces and tabs only.) What is written as an
//! entity stays.

use swc_core::ecma::ast::{JSXText, Program};
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

pub(super) fn trim(program: &mut Program) {
    program.visit_mut_with(&mut Trim);
}

struct Trim;

impl VisitMut for Trim {
    fn visit_mut_jsx_text(&mut self, text: &mut JSXText) {
        if text.raw.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
            && text.raw.contains(is_rare)
            && !text.raw.contains('&')
        {
            let lines: Vec<&str> = text.raw.split('\n').collect();
            let last = lines.len() - 1;
            let trimmed = lines.iter().enumerate().map(|(at, line)| {
                let line = match at {
                    0 => line,
                    _ => line.trim_start_matches(is_space),
                };
                match at == last {
                    true => line,
                    false => line.trim_end_matches(is_space),
                }
            });
            let trimmed = trimmed.collect::<Vec<_>>().join("\n");
            text.value = trimmed.as_str().into();
        }
    }
}

/// White space other than what everything trims.
fn is_rare(c: char) -> bool {
    matches!(
        c,
        '\u{b}' | '\u{c}' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

fn is_space(c: char) -> bool {
    is_rare(c) || matches!(c, ' ' | '\t' | '\r')
}
