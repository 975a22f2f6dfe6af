//! The phases of a cold start in words, the same in every output.
//!
//! In: a function of the report. Out: a sentence for each phase, without a full stop at the end. An
//! estimate is always three figures and called one; what was measured says where and how often.

use crate::model::{Amount, Basis, Estimate, Function, InitCost, Measured, RangeMs, Verdict};
use crate::number_format::time;
use crate::sentences::range;
use crate::{count, plural, size};

/// PhaseFigure figure for a phase where only one can be held to a limit, and what kind of figure it is.
pub type PhaseFigure = (u64, &'static str);

const TYPICAL: &str = "estimated, typical";

fn one(ms: f64, how: &'static str) -> PhaseFigure {
    // `as` saturates, and no time is below nothing.
    (ms.round() as u64, how)
}

/// The load of the artifact, or why it is not known.
pub fn load_of(function: &Function) -> Result<PhaseFigure, String> {
    let estimate = function.estimate.as_ref().ok_or(UNMEASURED)?;
    let measured = function.measured.as_ref();
    let (_, after) = estimate.billed_ms(measured).ok_or_else(|| why(estimate))?;
    let how = match measured {
        None => TYPICAL,
        Some(measured) if measured.with_runtime => "measured here",
        Some(_) => "measured here, with the runtime's typical start",
    };
    Ok(one(after, how))
}

/// Transfer and load of the artifact, or why they are not known.
pub fn sum_of(function: &Function) -> Result<PhaseFigure, String> {
    let estimate = function.estimate.as_ref().ok_or(UNMEASURED)?;
    let sum = estimate.cold_start_ms.ok_or_else(|| why(estimate))?;
    let how = match estimate.cold_start_basis {
        Basis::Estimated => TYPICAL,
        Basis::LoadMeasuredHere => "the transfer estimated, the load measured here",
    };
    Ok(one(sum.typical as f64, how))
}

const UNMEASURED: &str = "nobody has measured this platform";

fn why(estimate: &Estimate) -> String {
    let why = estimate.load_unknown.clone();
    why.unwrap_or_else(|| "nobody has measured it".to_string())
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
        "saves about 0 ms, since both sizes are too small to matter".to_string()
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

/// Everything that is to be said beside the figures, a sentence each.
pub fn notes(function: &Function, estimate: &Estimate) -> Vec<String> {
    let mut out = vec![
        format!("Transfer, {}.", transfer(estimate)),
        format!("Load, {}.", load(function, estimate)),
    ];
    if let Some(sum) = sum(estimate) {
        out.push(format!("Cold start, {sum}."));
    }
    if let (Some(source), Some(_)) = (
        &estimate.cold_start_target_source,
        estimate.cold_start_verdict,
    ) {
        out.push(format!(
            "The target is that of the {} ({}).",
            source.name, source.date
        ));
    }
    if let Some(cost) = &estimate.cost {
        out.push(format!("Money: {}.", money(cost)));
    }
    out.extend(estimate.notes.iter().map(|note| format!("Note: {note}.")));
    for other in &estimate.elsewhere {
        out.push(format!(
            "Elsewhere, {}: the transfer {} ({}).",
            other.name,
            saves(&other.download_saved_ms),
            other.mark
        ));
    }
    if !estimate.data_date.is_empty() {
        out.push(format!("Parameters of {}.", estimate.data_date));
    }
    out
}

/// What the load costs, which alone is billed.
pub fn money(cost: &InitCost) -> String {
    let month = if cost.assumed { "" } else { " a month" };
    format!(
        "the load is billed: {}{month} before, {} after, at {} with {} MB ({}, {}, ${} per GB-second); the transfer is not billed",
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
    use super::*;
    use crate::model::sample;

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
    fn one_figure_says_what_kind_it_is_or_why_there_is_none() {
        let mut function = sample::function("getOrder");
        let (ms, how) = load_of(&function).unwrap();
        let typical = function.estimate.as_ref().unwrap().load_ms.unwrap().typical;
        assert_eq!((ms, how), (typical as u64, "estimated, typical"));
        assert!(sum_of(&function).unwrap().0 > ms);
        if let Some(estimate) = &mut function.estimate {
            estimate.load_ms = None;
            estimate.cold_start_ms = None;
            estimate.load_unknown = Some("it does not load".to_string());
        }
        assert_eq!(load_of(&function).unwrap_err(), "it does not load");
        assert_eq!(sum_of(&function).unwrap_err(), "it does not load");
        let all = notes(&function, function.estimate.as_ref().unwrap());
        assert!(
            all.iter()
                .any(|note| note.contains("not known: it does not load"))
        );
    }

    #[test]
    fn small_sums_of_money_are_not_nothing() {
        assert_eq!(usd(0.0), "$0.00");
        assert_eq!(usd(1.666), "$1.67");
        assert_eq!(usd(0.00012), "$1.20e-4");
    }
}
