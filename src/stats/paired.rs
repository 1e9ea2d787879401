//! Differences of paired numbers: two contenders met the same draws, replication by replication.
//!
//! Student's paired test and what follows from it: intervals, one- and two-sided p-values, non-inferiority, equivalence.

use super::{Interval, Student, Tally};

/// What pairs of numbers say of the mean difference, `one - other`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paired {
    one: Tally,
    other: Tally,
    difference: Tally,
}

impl Paired {
    /// Of the pairs whose both numbers there are, in order; `None` without any.
    pub fn of(one: &[Option<f64>], other: &[Option<f64>]) -> Option<Paired> {
        let none = Tally::default();
        let mut paired = Paired { one: none, other: none, difference: none };
        for (one, other) in one.iter().zip(other) {
            if let (Some(one), Some(other)) = (*one, *other) {
                paired.one.record(one);
                paired.other.record(other);
                paired.difference.record(one - other);
            }
        }
        (paired.difference.count() > 0).then_some(paired)
    }

    /// How many pairs there are.
    pub fn count(&self) -> u64 {
        self.difference.count()
    }

    /// The first numbers of the pairs.
    pub fn one(&self) -> &Tally {
        &self.one
    }

    /// The second numbers of the pairs.
    pub fn other(&self) -> &Tally {
        &self.other
    }

    /// Their mean difference.
    pub fn mean(&self) -> f64 {
        self.difference.mean().expect("there is a pair")
    }

    /// The standard deviation of the differences; `None` of one pair.
    pub fn standard_deviation(&self) -> Option<f64> {
        self.difference.standard_deviation()
    }

    /// Student's interval for the mean difference; `None` of one pair.
    ///
    /// # Panics
    /// If `confidence` does not lie strictly between 0 and 1.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        super::mean_interval(&self.difference, confidence)
    }

    /// The two-sided p-value of "there is no difference"; `None` of one pair. Differences that are all the same leave Student no
    /// spread to go by: of those the sign test speaks, 1 if they are 0, else 2^(1-n). Counts often differ alike, by chance too.
    pub fn p_two_sided(&self) -> Option<f64> {
        Some((2.0 * self.p_below(0.0)?.min(self.p_above(0.0)?)).min(1.0))
    }

    /// The p-value of "the mean difference is at least `bound`": small where it is clearly below. `None` of one pair.
    pub fn p_below(&self, bound: f64) -> Option<f64> {
        self.tail(bound - self.mean())
    }

    /// The p-value of "the mean difference is at most `bound`": small where it is clearly above. `None` of one pair.
    pub fn p_above(&self, bound: f64) -> Option<f64> {
        self.tail(self.mean() - bound)
    }

    /// The p-value of "the mean difference does not lie between `low` and `high`", by two one-sided tests: small where it
    /// clearly does (D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach for
    /// assessing the equivalence of average bioavailability", J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680).
    /// `None` of one pair.
    pub fn p_within(&self, low: f64, high: f64) -> Option<f64> {
        Some(self.p_above(low)?.max(self.p_below(high)?))
    }

    /// The variance that pairing saved: that of a difference of independent samples over that of the pairs,
    /// (var(one) + var(other)) / var(one - other). Above 1 pairing helped: so many times the replications would have been
    /// needed without it. `None` of one pair, or where nothing varies; infinite where only the differences do not.
    pub fn variance_saved(&self) -> Option<f64> {
        let apart = self.one.variance()? + self.other.variance()?;
        let paired = self.difference.variance()?;
        (apart > 0.0).then_some(apart / paired)
    }

    /// The probability of a mean difference as far out as `distance` on that side, if its true place were there.
    fn tail(&self, distance: f64) -> Option<f64> {
        let error = self.standard_deviation()? / libm::sqrt(self.count() as f64);
        if error == 0.0 {
            // That all of them lie on one side: the sign test.
            return Some(if distance > 0.0 { libm::exp2(-(self.count() as f64)) } else { 1.0 });
        }
        Some(Student::new((self.count() - 1) as f64).above(distance / error))
    }
}

/// How many pairs that all differ by the same show at that level, on either side, that there is a difference.
///
/// # Panics
/// If `level` does not lie strictly between 0 and 1.
pub fn alike_needed(level: f64) -> u64 {
    assert!(level > 0.0 && level < 1.0, "{level} is no level of a test");
    (1.0 - libm::floor(libm::log2(level))) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paired(one: &[f64], other: &[f64]) -> Paired {
        let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        Paired::of(&some(one), &some(other)).unwrap()
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-10 * expected.abs().max(1e-3), "{found} for {expected}");
    }

    /// "Student"'s own example: hours of sleep gained by ten people under two drugs.
    #[test]
    fn the_sleep_of_student() {
        let one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let sleep = paired(&one, &other);
        close(sleep.mean(), -1.58);
        close(sleep.standard_deviation().unwrap(), 1.229_995_483_279_873);
        // As R's t.test(extra ~ group, data = sleep, paired = TRUE) and scipy's ttest_rel have it.
        close(sleep.p_two_sided().unwrap(), 0.002_832_890_197_384_273);
        close(sleep.p_below(0.0).unwrap(), 0.002_832_890_197_384_273 / 2.0);
        close(sleep.p_above(0.0).unwrap(), 1.0 - 0.002_832_890_197_384_273 / 2.0);
        let interval = sleep.interval(0.95).unwrap();
        close(interval.low, -2.459_885_763_276_983);
        close(interval.high, -0.700_114_236_723_017);
        // Non-inferiority by a margin of 1 hour on the lower side, and equivalence within ±3 hours.
        close(sleep.p_above(-1.0).unwrap(), 0.9149441145512885);
        close(sleep.p_within(-3.0, 3.0).unwrap(), 0.002655570292658671);
        close(sleep.variance_saved().unwrap(), 4.765423031727379);
    }

    #[test]
    fn what_never_differs_has_a_p_value_by_its_signs_and_what_is_missing_is_left_out() {
        let same = paired(&[1.0, 5.0, 2.0], &[1.0, 5.0, 2.0]);
        assert_eq!((same.p_two_sided(), same.p_below(0.0), same.p_below(0.1)), (Some(1.0), Some(1.0), Some(0.125)));
        assert_eq!((same.variance_saved(), same.p_within(-0.1, 0.1)), (Some(f64::INFINITY), Some(0.125)));
        let shifted = paired(&[2.0, 6.0, 3.0], &[1.0, 5.0, 2.0]);
        assert_eq!(
            (shifted.p_two_sided(), shifted.p_above(0.0), shifted.p_below(0.0)),
            (Some(0.25), Some(0.125), Some(1.0))
        );
        assert_eq!(paired(&[2.0, 2.0], &[1.0, 1.0]).variance_saved(), None, "nothing varies");

        let holes =
            Paired::of(&[Some(1.0), None, Some(4.0), Some(9.0)], &[Some(2.0), Some(7.0), None, Some(3.0)]).unwrap();
        assert_eq!((holes.count(), holes.mean()), (2, 2.5));
        assert_eq!(Paired::of(&[None, Some(1.0)], &[Some(1.0), None]), None);
        let one = paired(&[1.0], &[2.0]);
        assert_eq!((one.mean(), one.p_two_sided(), one.interval(0.9), one.variance_saved()), (-1.0, None, None, None));
    }

    /// Small counts, which often differ alike: nothing differs but by chance, and no test may find more than its level.
    #[test]
    fn differences_that_are_alike_by_chance_are_found_no_more_often_than_the_level() {
        use rand::{RngExt, SeedableRng};
        let mut random = rand::rngs::SmallRng::seed_from_u64(12);
        for pairs in [2, 3, 5, 8] {
            let trials = 20_000;
            let found = (0..trials)
                .filter(|_| {
                    // One escalation more or less, in half of the runs.
                    let one: Vec<f64> = (0..pairs).map(|_| [-1.0, 0.0, 0.0, 1.0][random.random_range(0..4)]).collect();
                    paired(&one, &vec![0.0; pairs]).p_two_sided().unwrap() <= 0.05
                })
                .count();
            assert!((found as f64) < 0.055 * f64::from(trials), "{found} of {trials} with {pairs} pairs");
        }
    }

    #[test]
    fn as_many_alike_as_are_said_to_be_needed_show_it() {
        for level in [0.5, 0.25, 0.05, 0.01, 0.0021] {
            let needed = alike_needed(level) as usize;
            let p = |pairs: usize| paired(&vec![1.0; pairs], &vec![0.0; pairs]).p_two_sided().unwrap();
            assert!(p(needed) <= level && (needed == 2 || p(needed - 1) > level), "{level}: {needed}");
        }
    }

    proptest! {
        /// A test at a level and the interval at one less it are the same statement.
        #[test]
        fn tests_and_intervals_agree(
            pairs in prop::collection::vec((-10.0f64..10.0, -10.0f64..10.0), 2..30),
            level in 0.01f64..0.5,
            bound in -5.0f64..5.0,
        ) {
            let (one, other): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let found = paired(&one, &other);
            let interval = found.interval(1.0 - level).unwrap();
            let p = found.p_two_sided().unwrap();
            prop_assume!((p - level).abs() > 1e-9);
            prop_assert_eq!(p < level, !interval.contains(0.0));
            let one_sided = found.interval(1.0 - 2.0 * level.min(0.49)).unwrap();
            let p = found.p_below(bound).unwrap();
            prop_assume!((p - level.min(0.49)).abs() > 1e-9);
            prop_assert_eq!(p < level.min(0.49), one_sided.high < bound);
        }

        /// Which of the two comes first, and in what unit, is no matter.
        #[test]
        fn order_and_scale_do_not_matter(pairs in prop::collection::vec((-10.0f64..10.0, -10.0f64..10.0), 2..30)) {
            let (one, other): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let scaled = |values: &[f64]| values.iter().map(|value| value * 1024.0).collect::<Vec<_>>();
            let (there, back) = (paired(&one, &other), paired(&scaled(&other), &scaled(&one)));
            prop_assert_eq!(there.p_two_sided(), back.p_two_sided());
            prop_assert_eq!(there.p_below(0.5), back.p_above(-512.0));
            prop_assert_eq!(there.variance_saved(), back.variance_saved());
        }
    }
}
