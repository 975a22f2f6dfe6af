//! The phases of a cold start in words, the same in every output.
//!
//! In: a function of the report. Out: a sentence for each phase, without a full stop at the end. An
//! estimate is always three figures and called one; what was measured says where and how often.

use super::model::{Amount, Basis, Estimate, Function, InitCost, Measured, RangeMs, Verdict};
use super::verification::time;
use super::{count, plural, size};

/// `30 / 110 / 330`: low, typical, high.
pub fn range(range: &RangeMs) -> String {
    format!("{} / {} / {}", range.low, range.typical, range.high)
}

fn saves(range_ms: &RangeMs) -> String {
    if (range_ms.low, range_ms.high) == (0, 0) {
        "saves about 0 ms".to_string()
    } else {
        format!("saves {} ms", range(range_ms))
    }
}

/// Fetching and unpacking.
pub fn transfer(estimate: &Estimate) -> String {
    let saved = if estimate.below_knee {
        "saves about 0 ms, since both sizes are below what was measured to matter".to_string()
    } else {
        saves(&estimate.download_saved_ms)
    };
    format!(
        "estimated (low / typical / high): {} ms before, {} ms after; {saved}",
        range(&estimate.download_before_ms),
        range(&estimate.download_ms),
    )
}

/// Parsing, compiling and running what is loaded: measured where that was asked for, or estimated,
/// or not known.
pub fn load(function: &Function, estimate: &Estimate) -> String {
    let mut out = match function.loaded {
        Some(loaded) if loaded.before == loaded.after => {
            format!("{} as before; ", amount(loaded.after))
        }
        Some(loaded) => format!(
            "{} before, {} after; ",
            amount(loaded.before),
            amount(loaded.after)
        ),
        None => String::new(),
    };
    if let Some(measured) = &function.measured {
        return out + &load_measured(measured);
    }
    let (Some(before), Some(after), Some(saved)) = (
        &estimate.load_before_ms,
        &estimate.load_ms,
        &estimate.load_saved_ms,
    ) else {
        let why = estimate.load_unknown.as_deref();
        return format!(
            "{out}not known: {}",
            why.unwrap_or("nobody has measured it")
        );
    };
    out.push_str(&format!(
        "estimated: {} ms before, {} ms after; {}",
        range(before),
        range(after),
        saves(saved)
    ));
    out
}

fn amount(amount: Amount) -> String {
    format!("{} in {}", size(amount.bytes), plural(amount.files, "file"))
}

fn load_measured(measured: &Measured) -> String {
    let node = match &measured.node {
        Some(version) => format!(" with Node.js {version}"),
        None => String::new(),
    };
    let runtime = match measured.with_runtime {
        true => "",
        false => ", without the runtime's own start",
    };
    let ratio = measured.ratio;
    format!(
        "measured here: {} before, {} after{runtime}; {:.2} of it ({:.2} to {:.2} with 95 % confidence), medians of {} each on {}{node}",
        time(measured.load_before_ms.median),
        time(measured.load_ms.median),
        ratio.value,
        ratio.low,
        ratio.high,
        plural(measured.runs.into(), "run"),
        measured.machine,
    )
}

/// Both phases, against the target; `None` where the load is not known.
pub fn sum(estimate: &Estimate) -> Option<String> {
    let sum = estimate.cold_start_ms.as_ref()?;
    let mut out = match estimate.cold_start_basis {
        Basis::Estimated => format!("estimated: {} ms", range(sum)),
        Basis::LoadMeasuredHere => format!(
            "{} ms, of which the transfer is estimated and the load measured here",
            range(sum)
        ),
    };
    if let (Some(target), Some(verdict)) =
        (estimate.cold_start_target_ms, estimate.cold_start_verdict)
    {
        let word = match verdict {
            Verdict::Within => "within",
            Verdict::Typically => "typically within",
            Verdict::Beyond => "beyond",
        };
        out.push_str(&format!("; {word} the target of {target} ms"));
    }
    if let Some(starts) = estimate.calibrated_on_cold_starts {
        out.push_str(&format!("; calibrated on {}", plural(starts, "cold start")));
    }
    Some(out)
}

/// What the load costs, which alone is billed.
pub fn money(cost: &InitCost) -> String {
    format!(
        "the load is billed: {} a month before, {} after, at {} with {} MB ({}, {}, ${} per GB-second); the transfer is not billed",
        usd(cost.before_usd_per_month),
        usd(cost.after_usd_per_month),
        plural(cost.cold_starts_per_month, "cold start"),
        count(cost.memory_mb.into()),
        cost.region,
        cost.arch,
        cost.usd_per_gb_second
    )
}

/// Dollars, to the cent, or to two digits where that would be nothing.
pub fn usd(dollars: f64) -> String {
    if dollars == 0.0 || dollars >= 0.01 {
        format!("${dollars:.2}")
    } else {
        format!("${dollars:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::sample;
    use super::*;

    #[test]
    fn a_load_is_estimated_measured_or_not_known_and_says_which() {
        let mut function = sample::function("getOrder");
        let estimate = function.estimate.clone().unwrap();
        let text = load(&function, &estimate);
        assert!(
            text.starts_with("3.80 MB in 343 files before, 1.20 MB in 12 files after; estimated: "),
            "{text}"
        );
        let same = function.loaded.map(|loaded| loaded.after);
        if let (Some(loaded), Some(same)) = (&mut function.loaded, same) {
            loaded.before = same;
        }
        assert!(load(&function, &estimate).starts_with("1.20 MB in 12 files as before; "));
        let unknown = Estimate {
            load_ms: None,
            load_unknown: Some("verification was switched off".to_string()),
            ..estimate
        };
        function.loaded = None;
        assert_eq!(
            load(&function, &unknown),
            "not known: verification was switched off"
        );
    }

    #[test]
    fn small_sums_of_money_are_not_nothing() {
        assert_eq!(usd(0.0), "$0.00");
        assert_eq!(usd(1.666), "$1.67");
        assert_eq!(usd(0.00012), "$1.20e-4");
    }
}
