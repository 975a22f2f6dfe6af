//! Times, counted by their size.
//!
//! In: milliseconds. Out: quantiles whose relative error is bounded, whatever the number of times:
//! Lambda logs to 0.01 ms, a histogram keeps 2 digits (within 0.4 %) or 3 (within 0.05 %). Nothing
//! is kept for what never happened, since there can be thousands of these.

use hdrhistogram::Histogram;

/// How finely times are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    Two,
    Three,
}

/// Microseconds, of which Lambda logs tens.
const PER_MS: f64 = 1000.0;

/// A collection of times.
#[derive(Debug, Clone)]
pub struct Times {
    digits: Digits,
    histogram: Option<Histogram<u32>>,
    sum_ms: f64,
}

impl Times {
    pub(super) fn new(digits: Digits) -> Self {
        Self {
            digits,
            histogram: None,
            sum_ms: 0.0,
        }
    }

    pub(super) fn add(&mut self, ms: f64) {
        let digits = match self.digits {
            Digits::Two => 2,
            Digits::Three => 3,
        };
        if self.histogram.is_none() {
            self.histogram = Histogram::new(digits).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            // One that has no room grows; a day in microseconds always fits.
            if histogram.record((ms * PER_MS).round() as u64).is_ok() {
                self.sum_ms += ms;
            }
        }
    }

    /// Takes the other's times too.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.histogram else {
            return;
        };
        match &mut self.histogram {
            // Both are of the same kind, so the larger range always fits.
            Some(ours) => {
                if ours.add(theirs).is_ok() {
                    self.sum_ms += other.sum_ms;
                }
            }
            None => *self = other.clone(),
        }
    }

    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    pub fn sum_ms(&self) -> f64 {
        self.sum_ms
    }

    pub fn mean_ms(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.sum_ms / self.count() as f64)
    }

    /// The time that this part of all does not exceed, by the nearest rank; `None` of nothing.
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let histogram = self.histogram.as_ref().filter(|all| !all.is_empty())?;
        let value = histogram.value_at_quantile(part);
        // The middle of what is not told apart, within what was really seen.
        let middle = histogram
            .median_equivalent(value)
            .clamp(histogram.min(), histogram.max());
        Some(middle as f64 / PER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_half_a_percent_of_the_exact_ones() {
        let mut times = Times::new(Digits::Two);
        let mut all: Vec<f64> = (0..50_000_u64)
            .map(|n| {
                let spread = (n * 7919 % 50_000) as f64 / 50_000.0;
                (1.0 + (spread * 12.0).exp() / 10.0 * 100.0).round() / 100.0
            })
            .collect();
        for ms in &all {
            times.add(*ms);
        }
        all.sort_by(f64::total_cmp);
        for part in [0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let rank = ((part * all.len() as f64).ceil() as usize).clamp(1, all.len());
            let (exact, found) = (all[rank - 1], times.quantile(part).unwrap());
            assert!(
                (found / exact - 1.0).abs() < 0.005,
                "{part}: {exact} {found}"
            );
        }
        assert_eq!(times.count(), 50_000);
    }

    #[test]
    fn halves_add_up_and_nothing_has_no_quantile() {
        let (mut a, mut b) = (Times::new(Digits::Three), Times::new(Digits::Three));
        assert_eq!(a.quantile(0.5), None);
        assert_eq!(a.mean_ms(), None);
        a.merge(&b);
        b.add(10.0);
        a.merge(&b);
        b.add(80_000_000.0);
        a.merge(&b);
        assert_eq!(a.count(), 3);
        assert!((a.quantile(0.5).unwrap() - 10.0).abs() < 0.01);
        assert!(a.quantile(1.0).unwrap() > 79_900_000.0);
    }
}
