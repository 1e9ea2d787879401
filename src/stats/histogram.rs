//! Quantiles of many lengths of time in little memory.

use hdrhistogram::Histogram as Buckets;

/// Lengths of time in whole microseconds, with quantiles to 3 significant digits; count, mean and extremes are exact.
///
/// Recording costs a few nanoseconds. Buckets follow the high-dynamic-range layout with fixed bounds (half a millisecond
/// wide, or 1/1024 of the value where that is wider, up to ten years), so that two of them add up exactly in any order. Zeros need no bucket, and
/// memory grows with the largest value: none before the first that is not zero, about 60 kB for hours.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Of all values that are not zero.
    buckets: Option<Box<Buckets<u32>>>,
    count: u64,
    zeros: u64,
    sum: u128,
    min: u64,
    max: u64,
}

const LOWEST: u64 = 1_000;
const HIGHEST: u64 = 3_660 * 86_400_000_000;

impl Histogram {
    /// Records a length of time, in microseconds; beyond ten years its quantiles say ten years.
    #[inline]
    pub fn record(&mut self, micros: u64) {
        self.min = if self.count == 0 { micros } else { self.min.min(micros) };
        self.max = self.max.max(micros);
        self.count += 1;
        self.sum += u128::from(micros);
        if micros == 0 {
            self.zeros += 1;
        } else {
            self.buckets_mut().record(micros.min(HIGHEST)).expect("buckets grow with what they are given");
        }
    }

    /// Adds all that another has recorded.
    pub fn merge(&mut self, other: &Histogram) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.zeros += other.zeros;
        self.sum += other.sum;
        if let Some(buckets) = &other.buckets {
            self.buckets_mut().add(&**buckets).expect("buckets of equal bounds add up");
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
        assert!((0.0..=1.0).contains(&level), "{level} is no level");
        if self.count == 0 {
            return None;
        }
        let rank = (libm::ceil(level * self.count as f64) as u64).clamp(1, self.count);
        if rank == 1 || rank == self.count {
            return Some(if rank == 1 { self.min } else { self.max });
        }
        let (Some(rank), Some(buckets)) = (rank.checked_sub(self.zeros).filter(|rank| *rank > 0), &self.buckets) else {
            return Some(0);
        };
        // Half a rank lower, the level that the buckets are asked for rounds up to this rank and no other.
        let value = buckets.value_at_quantile((rank as f64 - 0.5) / buckets.len() as f64);
        Some(buckets.median_equivalent(value).clamp(self.min, self.max))
    }

    /// The share of values above `micros`, to the width of its bucket; `None` without any.
    pub fn share_above(&self, micros: u64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let at_most =
            self.zeros + self.buckets.as_ref().map_or(0, |buckets| buckets.count_between(0, micros.min(HIGHEST)));
        Some((self.count - at_most) as f64 / self.count as f64)
    }

    fn buckets_mut(&mut self) -> &mut Buckets<u32> {
        self.buckets.get_or_insert_with(|| {
            // The layout follows from the lower bound and the digits; the upper one is where memory begins.
            let mut buckets = Buckets::new_with_bounds(LOWEST, 2 * LOWEST, 3).expect("bounds are in order");
            buckets.auto(true);
            Box::new(buckets)
        })
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
    fn without_values_there_is_no_figure() {
        let none = Histogram::default();
        assert_eq!(
            (none.mean(), none.min(), none.max(), none.quantile(0.5), none.share_above(0)),
            (None, None, None, None, None)
        );
        assert!(none.buckets.is_none() && of(&[0, 0]).buckets.is_none());
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
            prop_assert_eq!(histogram.quantile(1.0), values.last().copied());
            prop_assert_eq!(histogram.quantile(0.0), values.first().copied());
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
