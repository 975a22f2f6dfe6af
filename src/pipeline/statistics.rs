//! Many measured times in few numbers.
//!
//! In: times of runs. Out: their median and spread, and how the medians of two compare, with an
//! interval by resampling (Efron's percentile bootstrap). Loads are skewed and now and then one is
//! far off, so nothing here takes an average or a normal distribution for granted.

use coldcut_report::measurement::{Ratio, Spread};

/// How often runs are drawn anew.
const RESAMPLES: usize = 2_000;
/// What is cut off at each end: 95 % stay.
const TAIL: f64 = 0.025;
/// The interval of the same runs is the same.
const SEED: u64 = 0x5EED;

/// The spread of at least one time.
pub(super) fn spread(times: &[f64]) -> Spread {
    let sorted = sorted(times);
    Spread {
        median: quantile(&sorted, 0.5),
        quarter: quantile(&sorted, 0.25),
        three_quarters: quantile(&sorted, 0.75),
        least: quantile(&sorted, 0.0),
        most: quantile(&sorted, 1.0),
        runs: times.to_vec(),
    }
}

/// The median of `times` as a multiple of the median of `first`.
pub(super) fn ratio(times: &[f64], first: &[f64]) -> Ratio {
    let median = |times: &[f64]| quantile(&sorted(times), 0.5);
    let mut random = Random(SEED);
    let mut ratios: Vec<f64> = (0..RESAMPLES)
        .map(|_| median(&random.drawn(times)) / median(&random.drawn(first)))
        .collect();
    ratios.sort_by(f64::total_cmp);
    Ratio {
        value: median(times) / median(first),
        low: quantile(&ratios, TAIL),
        high: quantile(&ratios, 1.0 - TAIL),
    }
}

fn sorted(times: &[f64]) -> Vec<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Between the two nearest, in proportion; 0 of nothing.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = part * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// Splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// As many times as there are, each drawn from all.
    fn drawn(&mut self, times: &[f64]) -> Vec<f64> {
        let n = times.len().max(1) as u64;
        times
            .iter()
            .map(|_| times[(self.next() % n) as usize])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_quarters_are_where_they_are() {
        let spread = spread(&[4.0, 1.0, 3.0, 2.0, 100.0]);
        assert_eq!(
            (spread.median, spread.least, spread.most),
            (3.0, 1.0, 100.0)
        );
        assert_eq!((spread.quarter, spread.three_quarters), (2.0, 4.0));
        assert_eq!(quantile(&[1.0, 2.0], 0.5), 1.5);
    }

    #[test]
    fn the_interval_holds_the_ratio_and_is_the_same_again() {
        let first: Vec<f64> = (0..20).map(|n| 100.0 + f64::from(n % 5)).collect();
        let twice: Vec<f64> = first.iter().map(|time| time * 2.0).collect();
        let found = ratio(&twice, &first);
        assert!(
            found.low <= 2.0 && found.high >= 2.0 && found.high - found.low < 0.1,
            "{found:?}"
        );
        assert_eq!(found, ratio(&twice, &first));
        assert_eq!(ratio(&first, &first).value, 1.0);
    }
}
