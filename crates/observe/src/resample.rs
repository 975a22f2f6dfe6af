//! How sure a median is, by resampling (Efron's percentile bootstrap).
//!
//! In: times as histograms or as lists. Out: a figure with its 95 % interval. Drawing n values
//! again from n and taking the middle one is the same as asking for the quantile at the middle of n
//! random parts, so a histogram is enough, and millions of values cost no more than hundreds.

use crate::Times;

/// How often values are drawn anew.
pub(super) const RESAMPLES: usize = 2_000;
/// What is cut off at each end: 95 % stay.
const TAIL: f64 = 0.025;
/// The interval of the same values is the same.
pub(super) const SEED: u64 = 0x5EED;
/// From here on the middle of n random parts is taken from its normal distribution, which differs
/// by less than what 2,000 resamples can show.
const MANY: u64 = 400;

/// A figure and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// Around `value`, from what it was when drawn anew; `None` where it never was.
    pub(super) fn around(value: f64, mut drawn: Vec<f64>) -> Option<Self> {
        drawn.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let last = drawn.len().checked_sub(1)?;
            drawn.get((part * last as f64).round() as usize).copied()
        };
        Some(Self {
            value,
            low: at(TAIL)?,
            high: at(1.0 - TAIL)?,
        })
    }
}

/// Splitmix64: small, and the same everywhere.
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    fn part(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Where among n sorted values the median of n of them, drawn anew, lies.
    pub(super) fn middle(&mut self, n: u64) -> f64 {
        if n > MANY {
            let (a, b) = (1.0 - self.part(), self.part());
            let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
            return (0.5 + normal / (2.0 * (n as f64 + 2.0).sqrt())).clamp(0.0, 1.0);
        }
        let mut parts: Vec<f64> = (0..n.max(1)).map(|_| self.part()).collect();
        parts.sort_by(f64::total_cmp);
        let half = parts.len() / 2;
        if parts.len() % 2 == 1 {
            parts[half]
        } else {
            (parts[half - 1] + parts[half]) / 2.0
        }
    }
}

/// By how much the median of `after` is above that of `before`; `None` where either has nothing.
pub fn difference(before: &Times, after: &Times) -> Option<Interval> {
    let value = after.quantile(0.5)? - before.quantile(0.5)?;
    let mut random = Random::new(SEED);
    let drawn = (0..RESAMPLES).filter_map(|_| {
        let (a, b) = (random.middle(after.count()), random.middle(before.count()));
        Some(after.quantile(a)? - before.quantile(b)?)
    });
    Interval::around(value, drawn.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Digits;

    #[test]
    fn the_interval_is_as_wide_as_direct_resampling_makes_it() {
        let mut random = Random::new(7);
        for n in [40_usize, 3_000] {
            let values: Vec<f64> = (0..n).map(|_| 100.0 + 50.0 * random.part()).collect();
            let mut times = Times::new(Digits::Three);
            values.iter().for_each(|ms| times.add(*ms));
            let mut ours: Vec<f64> = (0..2_000)
                .filter_map(|_| times.quantile(random.middle(n as u64)))
                .collect();
            let mut direct: Vec<f64> = (0..400)
                .map(|_| {
                    let mut drawn: Vec<f64> = (0..n)
                        .map(|_| values[(random.draw() % n as u64) as usize])
                        .collect();
                    drawn.sort_by(f64::total_cmp);
                    drawn[n / 2]
                })
                .collect();
            let width = |list: &mut Vec<f64>| {
                list.sort_by(f64::total_cmp);
                list[list.len() * 39 / 40] - list[list.len() / 40]
            };
            let ratio = width(&mut ours) / width(&mut direct);
            assert!((0.7..1.4).contains(&ratio), "{n}: {ratio}");
        }
    }

    #[test]
    fn a_shift_is_found_and_nothing_has_no_difference() {
        let mut before = Times::new(Digits::Three);
        let mut after = Times::new(Digits::Three);
        assert_eq!(difference(&before, &after), None);
        for n in 0..200 {
            before.add(200.0 + f64::from(n % 20));
            after.add(170.0 + f64::from(n % 20));
        }
        let found = difference(&before, &after).unwrap();
        assert!((found.value + 30.0).abs() < 0.5, "{found:?}");
        assert!(found.low <= -28.0 && found.high < -25.0, "{found:?}");
        assert_eq!(Some(found), difference(&before, &after));
    }
}
