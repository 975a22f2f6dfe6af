//! Times of a cold start in the report: estimated, and measured where that was asked for.
//!
//! In: what the room `estimate` gives, and times of runs. Out: types. An estimate is three figures
//! and never one. A measured load takes an estimated one's place; a sum in which both meet says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estimate;
use crate::model::source::Source;
use crate::model::statistics::{Ratio, Spread};

/// That the times are no measurements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EstimateKind {
    #[default]
    Estimate,
}

/// Milliseconds by three sets of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RangeMs {
    pub low: i64,
    pub typical: i64,
    pub high: i64,
}

impl From<estimate::Range> for RangeMs {
    fn from(range: estimate::Range) -> Self {
        let estimate::Range { low, typical, high } = range;
        Self { low, typical, high }
    }
}

impl RangeMs {
    fn plus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            typical: self.typical.saturating_add(other.typical),
            high: self.high.saturating_add(other.high),
        }
    }

    fn plus_ms(self, ms: f64) -> Self {
        let ms = ms.round() as i64;
        let (low, typical, high) = (ms, ms, ms);
        self.plus(Self { low, typical, high })
    }
}

/// What a sum of both phases is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    #[default]
    Estimated,
    /// The load was measured on the machine that packed; the rest is estimated.
    LoadMeasuredHere,
}

/// How a cold start stands to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Even by the highest figure.
    Within,
    /// By the typical figure, not by the highest.
    Typically,
    Beyond,
}

/// Phases of a cold start, as a model tells them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    pub kind: EstimateKind,
    /// The day the data behind it was last held against its sources.
    #[serde(default)]
    pub data_date: String,
    /// The transfer (download and unpack) with the artifact, rounded to 5 ms. It is neither logged
    /// nor billed.
    pub download_ms: RangeMs,
    /// The same with the baseline's zip.
    pub download_before_ms: RangeMs,
    /// The difference; below zero where the zip grew. Where `below_knee` is true it is within
    /// what nobody could measure, and is to be shown as "about 0 ms".
    pub download_saved_ms: RangeMs,
    /// Both zips are smaller than `knee_bytes`.
    pub below_knee: bool,
    pub knee_bytes: u64,
    /// Always `null`: what is known of unpacking is part of `download_ms`.
    pub unpack_ms: Option<RangeMs>,
    /// The load (parse, compile, run) with the artifact and the runtime's own start, rounded to
    /// 5 ms; `null` where nobody knows what is loaded. It is billed, and logged as the
    /// initialisation.
    pub load_ms: Option<RangeMs>,
    /// The same with the original.
    #[serde(default)]
    pub load_before_ms: Option<RangeMs>,
    #[serde(default)]
    pub load_saved_ms: Option<RangeMs>,
    /// Of both, what the runtime takes before it loads anything.
    #[serde(default)]
    pub load_base_ms: Option<RangeMs>,
    /// Why there is no estimate of the load.
    #[serde(default)]
    pub load_unknown: Option<String>,
    /// Transfer and load with the artifact; `null` where the load is neither estimated nor
    /// measured.
    #[serde(default)]
    pub cold_start_ms: Option<RangeMs>,
    /// The same with the original.
    #[serde(default)]
    pub cold_start_before_ms: Option<RangeMs>,
    #[serde(default)]
    pub cold_start_basis: Basis,
    /// What a cold start should stay below.
    #[serde(default)]
    pub cold_start_target_ms: Option<f64>,
    #[serde(default)]
    pub cold_start_verdict: Option<Verdict>,
    #[serde(default)]
    pub cold_start_target_source: Option<Source>,
    /// How many cold starts of the project's own logs the parameters are fitted to; `null` where
    /// they are those of the sources.
    #[serde(default)]
    pub calibrated_on_cold_starts: Option<u64>,
    /// What the load costs a million times, by the typical figure (or the measured one) and with the
    /// memory, region and processor of `cost`. The transfer has no price.
    pub cost_usd_per_million_cold_starts: Option<f64>,
    #[serde(default)]
    pub cost: Option<InitCost>,
    /// What the figures leave out.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What the smaller size saves where the same code is shipped otherwise, or to another cloud.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
    pub sources: Vec<Source>,
}

/// What the billed phase costs, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InitCost {
    pub memory_mb: u32,
    pub region: String,
    pub arch: String,
    pub usd_per_gb_second: f64,
    pub cold_starts_per_month: u64,
    /// Nobody said how many: the figures are for a million, to be scaled.
    pub assumed: bool,
    pub before_usd_per_month: f64,
    pub after_usd_per_month: f64,
    pub source: Source,
}

/// The transfer of the same bytes, not as a zip on this platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Elsewhere {
    pub name: String,
    pub download_saved_ms: RangeMs,
    /// How far to trust it.
    pub mark: String,
    pub source: Source,
}

impl From<estimate::Saving> for Estimate {
    fn from(saving: estimate::Saving) -> Self {
        Self {
            kind: EstimateKind::Estimate,
            data_date: String::new(),
            download_ms: saving.after.into(),
            download_before_ms: saving.before.into(),
            download_saved_ms: saving.saved.into(),
            below_knee: saving.below_knee,
            knee_bytes: saving.knee_bytes,
            unpack_ms: None,
            load_ms: None,
            load_before_ms: None,
            load_saved_ms: None,
            load_base_ms: None,
            load_unknown: None,
            cold_start_ms: None,
            cold_start_before_ms: None,
            cold_start_basis: Basis::Estimated,
            cold_start_target_ms: None,
            cold_start_verdict: None,
            cold_start_target_source: None,
            calibrated_on_cold_starts: None,
            cost_usd_per_million_cold_starts: None,
            cost: None,
            notes: Vec::new(),
            elsewhere: Vec::new(),
            sources: saving.sources.iter().map(Source::from).collect(),
        }
    }
}

impl Estimate {
    /// Takes the load too.
    pub fn with_load(mut self, load: estimate::LoadSaving) -> Self {
        self.load_ms = Some(load.after.into());
        self.load_before_ms = Some(load.before.into());
        self.load_saved_ms = Some(load.saved.into());
        self.load_base_ms = Some(load.base.into());
        self.notes.extend(load.note);
        self.sources.extend(load.sources.iter().map(Source::from));
        self
    }

    /// Adds both phases up, the load as measured where it was, and holds the sum to the target.
    pub fn sum_up(&mut self, measured: Option<&Measured>, target: Option<(f64, Source)>) {
        let base = self.load_base_ms.filter(|_| {
            // A binary is timed from the start of its process: there is nothing else to come.
            measured.is_some_and(|measured| !measured.with_runtime)
        });
        let whole =
            |transfer: RangeMs, load: Option<RangeMs>, measured: Option<&Spread>| match measured {
                Some(times) => {
                    let runtime = base.unwrap_or(RangeMs {
                        low: 0,
                        typical: 0,
                        high: 0,
                    });
                    Some(transfer.plus(runtime).plus_ms(times.median))
                }
                None => Some(transfer.plus(load?)),
            };
        let after = measured.map(|measured| &measured.load_ms);
        let before = measured.map(|measured| &measured.load_before_ms);
        self.cold_start_ms = whole(self.download_ms, self.load_ms, after);
        self.cold_start_before_ms = whole(self.download_before_ms, self.load_before_ms, before);
        self.cold_start_basis = match measured {
            Some(_) => Basis::LoadMeasuredHere,
            None => Basis::Estimated,
        };
        let (Some((target, source)), Some(sum)) = (target, self.cold_start_ms) else {
            return;
        };
        self.cold_start_target_ms = Some(target);
        self.cold_start_target_source = Some(source);
        self.cold_start_verdict = Some(if (sum.high as f64) < target {
            Verdict::Within
        } else if (sum.typical as f64) < target {
            Verdict::Typically
        } else {
            Verdict::Beyond
        });
    }

    /// Milliseconds of the load that are billed, before and after: measured where that was done
    /// (with the typical start of the runtime), else by the typical figure.
    pub fn billed_ms(&self, measured: Option<&Measured>) -> Option<(f64, f64)> {
        let typical = |range: Option<RangeMs>| range.map(|range| range.typical as f64);
        let Some(measured) = measured else {
            return typical(self.load_before_ms).zip(typical(self.load_ms));
        };
        let base = match measured.with_runtime {
            true => 0.0,
            false => typical(self.load_base_ms)?,
        };
        Some((
            base + measured.load_before_ms.median,
            base + measured.load_ms.median,
        ))
    }
}

/// What is loaded at start, counted in a process that loaded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loaded {
    /// By the original.
    pub before: Amount,
    pub after: Amount,
}

/// Files of source and data, and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amount {
    pub files: u64,
    pub bytes: u64,
}

/// The load, measured on the machine that packed: the original and the artifact in fresh processes,
/// taken in turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// The system and processor.
    pub machine: String,
    /// The version of the Node.js; none for a binary.
    pub node: Option<String>,
    /// Of each, that count.
    pub runs: u32,
    /// Before those.
    pub warm_up_rounds: u32,
    /// Whether the times are from the start of the process on, as for a binary. Else they begin with
    /// the first line of user code, and the runtime's own start is not in them.
    pub with_runtime: bool,
    pub load_before_ms: Spread,
    pub load_ms: Spread,
    /// The artifact's median as a multiple of the original's.
    pub ratio: Ratio,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn spread(median: f64) -> Spread {
        Spread {
            median,
            quarter: median,
            three_quarters: median,
            least: median,
            most: median,
            runs: vec![median],
        }
    }

    fn measured(with_runtime: bool) -> Measured {
        Measured {
            machine: "linux x86_64".to_string(),
            node: None,
            runs: 1,
            warm_up_rounds: 0,
            with_runtime,
            load_before_ms: spread(80.4),
            load_ms: spread(40.2),
            ratio: Ratio {
                value: 0.5,
                low: 0.4,
                high: 0.6,
            },
        }
    }

    #[test]
    fn sums_are_of_what_they_say_they_are_of() {
        let mut estimate = sample::function("getOrder").estimate.unwrap();
        let source = estimate.sources[0].clone();
        let target = |ms: f64| Some((ms, source.clone()));
        let (transfer, load) = (estimate.download_ms, estimate.load_ms.unwrap());
        estimate.sum_up(None, target(500.0));
        let sum = estimate.cold_start_ms.unwrap();
        assert_eq!(sum.typical, transfer.typical + load.typical);
        assert_eq!(estimate.cold_start_basis, Basis::Estimated);
        assert_eq!(estimate.cold_start_verdict, Some(Verdict::Within));
        for (target_ms, verdict) in [
            (sum.high as f64, Verdict::Typically),
            (sum.typical as f64, Verdict::Beyond),
        ] {
            estimate.sum_up(None, target(target_ms));
            assert_eq!(estimate.cold_start_verdict, Some(verdict));
        }
        // Measured: the runtime's start is only added where it was not timed.
        let base = estimate.load_base_ms.unwrap();
        estimate.sum_up(Some(&measured(false)), target(500.0));
        let sum = estimate.cold_start_ms.unwrap();
        assert_eq!(sum.low, transfer.low + base.low + 40);
        assert_eq!(estimate.cold_start_basis, Basis::LoadMeasuredHere);
        let billed = estimate.billed_ms(Some(&measured(false))).unwrap();
        assert_eq!(billed.1, base.typical as f64 + 40.2);
        estimate.sum_up(Some(&measured(true)), None);
        assert_eq!(estimate.cold_start_ms.unwrap().high, transfer.high + 40);
        // Without a load there is no sum, and nothing is held to the target.
        estimate.load_ms = None;
        estimate.cold_start_verdict = None;
        estimate.sum_up(None, target(500.0));
        assert_eq!(
            (estimate.cold_start_ms, estimate.cold_start_verdict),
            (None, None)
        );
        assert_eq!(estimate.billed_ms(None), None);
    }
}
