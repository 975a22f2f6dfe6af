//! The load of an original and of its artifact, measured side by side while packing.
//!
//! In: two ways to run once. Out: [`Measured`]. They take turns, so that what else the machine does
//! falls on both alike, and the first round does not count, since it reads files from the disk.

use crate::pipeline::statistics::{ratio, spread};
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::model::Measured;
use coldcut_verify::codes::NOT_MEASURED;

/// Rounds that do not count.
const WARM_UP: u32 = 1;

/// Milliseconds of the runs of both.
pub(super) struct Times {
    before: Vec<f64>,
    after: Vec<f64>,
}

/// Runs each `runs` times; `None` as soon as one of them does not load.
pub(super) fn in_turn(
    runs: u32,
    before: &mut dyn FnMut() -> Result<Option<f64>>,
    after: &mut dyn FnMut() -> Result<Option<f64>>,
) -> Result<Option<Times>> {
    let mut times = Times {
        before: Vec::new(),
        after: Vec::new(),
    };
    for round in 0..WARM_UP + runs {
        // Whoever follows the other is not always the same.
        let (first, second) = match round % 2 {
            0 => {
                let first = before()?;
                (first, after()?)
            }
            _ => {
                let second = after()?;
                (before()?, second)
            }
        };
        let (Some(first), Some(second)) = (first, second) else {
            return Ok(None);
        };
        if round >= WARM_UP {
            times.before.push(first);
            times.after.push(second);
        }
    }
    Ok(Some(times))
}

impl Times {
    /// For the report; `with_runtime` where a time begins with the process.
    pub fn measured(&self, node: Option<String>, with_runtime: bool) -> Measured {
        Measured {
            machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            node,
            runs: self.after.len() as u32,
            warm_up_rounds: WARM_UP,
            with_runtime,
            load_before_ms: spread(&self.before),
            load_ms: spread(&self.after),
            ratio: ratio(&self.after, &self.before),
        }
    }
}

/// The load was to be measured and could not be.
pub(super) fn not_measured_warning(name: &str) -> Diagnostic {
    Diagnostic::warning(
        NOT_MEASURED,
        format!("the load of `{name}` cannot be measured: the original and the artifact must both load on this machine"),
    )
    .help("set the environment variables that they need with `--env`; `coldcut verify` shows what fails; until then the load is estimated or not known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn both_take_turns_and_the_first_round_does_not_count() {
        let order = RefCell::new(String::new());
        let run = |name: char, ms: f64| {
            let mut n = 0.0;
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                n += 1.0;
                Ok(Some(if n == 1.0 { 1e6 } else { ms }))
            }
        };
        let times = in_turn(3, &mut run('a', 10.0), &mut run('b', 5.0)).unwrap();
        let measured = times.unwrap().measured(None, false);
        assert_eq!(*order.borrow(), "abbaabba");
        assert_eq!(measured.load_before_ms.median, 10.0);
        assert_eq!((measured.load_ms.most, measured.ratio.value), (5.0, 0.5));
        assert_eq!((measured.runs, measured.warm_up_rounds), (3, 1));
    }

    #[test]
    fn what_does_not_load_has_no_time() {
        let times = in_turn(2, &mut || Ok(Some(1.0)), &mut || Ok(None));
        assert!(times.unwrap().is_none());
    }
}
