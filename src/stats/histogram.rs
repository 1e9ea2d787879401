//! Quantiles of many lengths of time in little memory.

use super::Steps;

/// Lengths of time in whole microseconds, with quantiles to 3 significant digits; count, mean and extremes are exact.
///
/// Buckets follow the layout of G. Tene's HdrHistogram with fixed bounds (half a millisecond wide, or 1/1024 of the value
/// where that is wider, up to ten years), so that two of them add up exactly in any order. Zeros need no bucket, and memory
/// grows with the largest value: next to none before the first that is not zero, about 60 kB for hours.
///
/// The crate `hdrhistogram` is its oracle in tests. Its own kind keeps neither an exact sum nor exact extremes, does not
/// tell zeros from other short times, and allocates all its buckets at once, for each label of each metric.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Of all values that are not zero.
    buckets: Vec<u32>,
    count: u64,
    zeros: u64,
    sum: u128,
    min: u64,
    max: u64,
}

/// Quantiles of what is longer say ten years.
const HIGHEST: u64 = 3_660 * 86_400_000_000;
/// The first buckets are 2^UNIT microseconds wide.
const UNIT: u32 = 9;
/// A power of two has 2^PARTS buckets.
const PARTS: u32 = 10;

/// The bucket of a value.
#[inline]
fn bucket(micros: u64) -> usize {
    // The first two powers share buckets of one width: power 0.
    let power = (micros | ((2 << (PARTS + UNIT)) - 1)).ilog2() - (PARTS + UNIT);
    ((power as usize) << PARTS) + (micros >> (power + UNIT)) as usize
}

/// The middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let power = (bucket >> PARTS).saturating_sub(1);
    let lowest = ((bucket - (power << PARTS)) as u64) << (power as u32 + UNIT);
    lowest + (1 << (power as u32 + UNIT) >> 1)
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: Vec::new(), count: 0, zeros: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl Histogram {
    /// Records a length of time, in microseconds; beyond ten years its quantiles say ten years.
    pub fn record(&mut self, micros: u64) {
        self.record_all(&[micros]);
    }

    /// Records lengths of time. It goes faster by the hundred than one by one.
    pub fn record_all(&mut self, times: &[u64]) {
        // No branch that values decide: whether a ticket waited is a coin that no processor can guess.
        let (mut min, mut max, mut zeros, mut sum) = (self.min, self.max, 0, 0);
        for &micros in times {
            min = min.min(micros);
            max = max.max(micros);
            zeros += u64::from(micros == 0);
            sum += u128::from(micros);
        }
        (self.min, self.max) = (min, max);
        self.count += times.len() as u64;
        self.zeros += zeros;
        self.sum += sum;
        if max == 0 {
            return;
        }
        let highest = bucket(max.min(HIGHEST));
        if highest >= self.buckets.len() {
            self.buckets.resize((highest + 1).next_multiple_of(1 << PARTS), 0);
        }
        let buckets = self.buckets.as_mut_slice();
        times.iter().for_each(|&micros| buckets[bucket(micros.min(HIGHEST))] += u32::from(micros != 0));
    }

    /// Adds all that another has recorded.
    pub fn merge(&mut self, other: &Histogram) {
        if other.count == 0 {
            return;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.zeros += other.zeros;
        self.sum += other.sum;
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        // Zeros alone have no buckets.
        if other.max > 0 {
            let span = bucket(other.min.min(HIGHEST))..=bucket(other.max.min(HIGHEST));
            let theirs = other.buckets[span.clone()].iter();
            self.buckets[span].iter_mut().zip(theirs).for_each(|(bucket, more)| *bucket += more);
        }
    }

    /// How many were recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many of them were zero.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Their sum in microseconds.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Their mean in microseconds; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest in microseconds; `None` without any.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest in microseconds; `None` without any.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The quantile at `level`, in microseconds: of `n` values in order the ⌈level × n⌉-th (the first at level 0), without
    /// interpolation between values, read as the middle of its bucket; so it is off by at most 0.05 % or half a
    /// millisecond. The first and the last of all are exact. `None` without any.
    ///
    /// # Panics
    /// If `level` does not lie in 0 to 1.
    pub fn quantile(&self, level: f64) -> Option<u64> {
        self.quantiles([level])[0]
    }

    /// The quantiles at several levels, in one pass.
    ///
    /// # Panics
    /// If the levels do not lie in 0 to 1, or fall.
    pub fn quantiles<const N: usize>(&self, levels: [f64; N]) -> [Option<u64>; N] {
        assert!(levels.is_sorted(), "levels rise: {levels:?}");
        let mut next = bucket(self.min.min(HIGHEST));
        let mut passed = self.zeros;
        levels.map(|level| {
            assert!((0.0..=1.0).contains(&level), "{level} is no level");
            if self.count == 0 {
                return None;
            }
            let rank = (libm::ceil(level * self.count as f64) as u64).clamp(1, self.count);
            if rank == 1 || rank == self.count {
                return Some(if rank == 1 { self.min } else { self.max });
            }
            if rank <= self.zeros {
                return Some(0);
            }
            while passed < rank {
                passed += u64::from(self.buckets[next]);
                next += 1;
            }
            Some(middle(next - 1).clamp(self.min, self.max))
        })
    }

    /// The values that were recorded, each as the middle of its bucket, with how many are not above it.
    pub fn steps(&self) -> Steps {
        let mut steps = Steps::new();
        if self.zeros > 0 {
            steps.push((0, self.zeros));
        }
        let mut passed = self.zeros;
        for (bucket, &count) in self.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
            passed += u64::from(count);
            steps.push((middle(bucket), passed));
        }
        steps
    }

    /// How many values are at most `micros`, to the width of its bucket.
    pub fn count_up_to(&self, micros: u64) -> u64 {
        let up_to = self.buckets.iter().take(bucket(micros.min(HIGHEST)) + 1);
        self.zeros + up_to.map(|&count| u64::from(count)).sum::<u64>()
    }

    /// The share of values above `micros`, to the width of its bucket; `None` without any.
    pub fn share_above(&self, micros: u64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        Some((self.count - self.count_up_to(micros)) as f64 / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [f64; 8] = [0.0, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0];

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.record(*value));
        histogram
    }

    /// All that a histogram says.
    fn figures(histogram: &Histogram) -> impl PartialEq + std::fmt::Debug + use<> {
        let quantiles = LEVELS.map(|level| histogram.quantile(level));
        let above = [0, 1_000_000, 3_600_000_000].map(|micros| histogram.share_above(micros));
        (histogram.count(), histogram.zeros(), histogram.sum(), histogram.min(), histogram.max(), quantiles, above)
    }

    #[test]
    fn steps_add_up_from_below() {
        assert_eq!(of(&[]).steps(), []);
        let steps = of(&[0, 7_000_000, 0, 1_000, 7_000_000, 1_000]).steps();
        assert_eq!(steps.iter().map(|step| step.1).collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!(steps[0].0, 0);
        assert!(steps[1].0.abs_diff(1_000) <= 512 && steps[2].0.abs_diff(7_000_000) <= 3_500);
    }

    #[test]
    fn without_values_there_is_no_figure() {
        let none = Histogram::default();
        assert_eq!(
            (none.mean(), none.min(), none.max(), none.quantile(0.5), none.share_above(0)),
            (None, None, None, None, None)
        );
        assert!(none.buckets.is_empty() && of(&[0, 0]).buckets.is_empty());
    }

    #[test]
    fn equal_values_are_their_own_quantiles() {
        let minutes = of(&[300_000_000; 9]);
        assert_eq!(LEVELS.map(|level| minutes.quantile(level)), [Some(300_000_000); 8]);
        assert_eq!((minutes.mean(), minutes.share_above(299_000_000)), (Some(300e6), Some(1.0)));
    }

    #[test]
    fn zeros_come_first() {
        let mostly = of(&[0, 0, 0, 5_000_000]);
        assert_eq!(
            [0.0, 0.6, 0.75, 0.76].map(|level| mostly.quantile(level)),
            [Some(0), Some(0), Some(0), Some(5_000_000)]
        );
        assert_eq!((mostly.zeros(), mostly.share_above(0), mostly.mean()), (3, Some(0.25), Some(1.25e6)));
    }

    #[test]
    fn beyond_the_bounds_all_but_the_quantiles_is_exact() {
        let longest = of(&[1, u64::MAX, u64::MAX]);
        assert_eq!((longest.min(), longest.max()), (Some(1), Some(u64::MAX)));
        assert_eq!(longest.sum(), 1 + 2 * u128::from(u64::MAX));
        let median = longest.quantile(0.5).unwrap() as f64;
        assert!((median / HIGHEST as f64 - 1.0).abs() < 0.001, "{median}");
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_values(
            mut values in prop::collection::vec(prop_oneof![Just(0u64), 0u64..10_000, 0u64..100_000_000, 0u64..HIGHEST], 1..300),
            level in 0.0f64..1.0,
        ) {
            let histogram = of(&values);
            values.sort_unstable();
            let exact = values[((level * values.len() as f64).ceil() as usize).max(1) - 1];
            let shown = histogram.quantile(level).unwrap();
            prop_assert!(shown.abs_diff(exact) as f64 <= (exact as f64 / 2048.0).max(512.0), "{} for {}", shown, exact);
            prop_assert_eq!(&histogram.quantiles([0.0, level, level, 1.0])[1..3], &[Some(shown); 2][..]);
            prop_assert_eq!(histogram.quantile(1.0), values.last().copied());
            prop_assert_eq!(histogram.quantile(0.0), values.first().copied());
        }

        /// The crate whose layout this is says the same to the width of a bucket, of which it tells the upper end.
        #[test]
        fn quantiles_are_those_of_the_original(
            values in prop::collection::vec(prop_oneof![0u64..10_000, 0u64..100_000_000, 0u64..HIGHEST], 1..300),
            mut levels in prop::array::uniform4(0.0f64..=1.0),
        ) {
            let mut original = hdrhistogram::Histogram::<u64>::new_with_bounds(1 << UNIT, 2 * HIGHEST, 3).unwrap();
            values.iter().for_each(|value| original.record(*value).unwrap());
            levels.sort_by(f64::total_cmp);
            for (level, shown) in levels.into_iter().zip(of(&values).quantiles(levels)) {
                let (lowest, highest) = {
                    let value = original.value_at_quantile(level);
                    (original.lowest_equivalent(value), original.highest_equivalent(value))
                };
                let shown = shown.unwrap();
                prop_assert!((lowest..=highest).contains(&shown), "{} not in {}..={} at {}", shown, lowest, highest, level);
            }
        }

        #[test]
        fn parts_add_up_to_the_whole_in_any_order(
            parts in prop::collection::vec(prop::collection::vec(prop_oneof![0u64..3, 0u64..100_000_000, any::<u64>()], 0..40), 1..5),
        ) {
            let whole = of(&parts.concat());
            let (mut forwards, mut backwards) = (Histogram::default(), Histogram::default());
            parts.iter().for_each(|part| forwards.merge(&of(part)));
            parts.iter().rev().for_each(|part| backwards.merge(&of(part)));
            prop_assert_eq!(figures(&forwards), figures(&whole));
            prop_assert_eq!(figures(&backwards), figures(&whole));
        }
    }
}
