//! One long run in place of many: what its batches say of a mean, of a share and of a quantile.
//!
//! Batches are taken to be independent: they have to be long against the time after which the run has forgotten where it stood. Their
//! numbers may be skewed, and are allowed to be ([`skewed_interval`]).

use super::{Interval, Tally, skewed_interval};

/// What one batch adds up to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Part {
    /// A sum.
    pub sum: f64,
    /// What it is over: how many, or how long; 0 where nothing happened.
    pub over: f64,
}

/// The values of one batch in ascending order, each with how many are not above it: a histogram, added up from below.
pub type Steps = Vec<(u64, u64)>;

/// An interval for the ratio of all sums to all that they are over, such as a mean wait or a share, from batches.
///
/// It is that of the mean of r + (s - r w) / w̄, the ratio in each batch to the first order, where s is its sum over w, r = Σs/Σw and
/// w̄ the mean of w (W. G. Cochran, "Sampling Techniques", 1977, section 6.5).
///
/// `None` where fewer than eight batches have a sum that is not 0: what happens so rarely may happen much more often in the next run.
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1.
pub fn ratio_interval(parts: &[Part], confidence: f64) -> Option<Interval> {
    if is_rare(parts) { None } else { interval(parts, confidence) }
}

/// An interval for a quantile of all batches' values together, as its two ends.
///
/// R. S. Woodruff's ("Confidence intervals for medians and other position measures", Journal of the American Statistical Association
/// 47 (1952) 635-646), with batches in place of clusters: a value is in it if the interval for the share of values above it holds
/// 1 - `level`. So a batch need not be long enough for a quantile of its own, which is biased where it is short.
///
/// `None` where fewer than eight batches have a value above the quantile.
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1, or `level` not in 0 to 1.
pub fn quantile_interval(batches: &[&Steps], level: f64, confidence: f64) -> Option<[u64; 2]> {
    assert!((0.0..=1.0).contains(&level), "{level} is no level");
    let share = 1.0 - level;
    let mut values: Vec<u64> = batches.iter().flat_map(|steps| steps.iter().map(|step| step.0)).collect();
    values.sort_unstable();
    values.dedup();
    let parts = |value: u64| -> Vec<Part> { batches.iter().map(|steps| above(steps, value)).collect() };
    let ratio = |value: u64| total(&parts(value)).map_or(0.0, |(ratio, _)| ratio);
    let quantile = *values.get(values.partition_point(|&value| ratio(value) > share))?;
    if is_rare(&parts(quantile)) {
        return None;
    }
    let of_share = |value: u64| interval(&parts(value), confidence).unwrap_or(Interval { low: 0.0, high: 0.0 });
    // No value is above the last one: that is where both end.
    let low = values.partition_point(|&value| of_share(value).low > share);
    let high = values.partition_point(|&value| of_share(value).high >= share);
    Some([low, high].map(|place| values[place.min(values.len() - 1)]))
}

/// How many of a batch's values are above one.
fn above(steps: &Steps, value: u64) -> Part {
    let count = |place: Option<usize>| place.map_or(0, |place| steps[place].1);
    let up_to = count(steps.partition_point(|step| step.0 <= value).checked_sub(1));
    let all = count(steps.len().checked_sub(1));
    Part { sum: (all - up_to) as f64, over: all as f64 }
}

/// What happens in fewer batches than this has no interval.
const FEWEST_WITH: usize = 8;

fn is_rare(parts: &[Part]) -> bool {
    parts.iter().filter(|part| part.sum != 0.0).count() < FEWEST_WITH
}

/// The ratio of all sums, and what a batch's sum is over on average.
fn total(parts: &[Part]) -> Option<(f64, f64)> {
    let sum: f64 = parts.iter().map(|part| part.sum).sum();
    let over: f64 = parts.iter().map(|part| part.over).sum();
    (over > 0.0).then(|| (sum / over, over / parts.len() as f64))
}

fn interval(parts: &[Part], confidence: f64) -> Option<Interval> {
    let (ratio, mean) = total(parts)?;
    let tally: Tally = parts.iter().map(|part| ratio + (part.sum - ratio * part.over) / mean).collect();
    skewed_interval(&tally, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Exp1};

    fn parts(of: &[(f64, f64)]) -> Vec<Part> {
        of.iter().map(|&(sum, over)| Part { sum, over }).collect()
    }

    #[test]
    fn for_equal_batches_it_is_the_interval_of_their_means() {
        let values = [4.0, 7.0, 13.0, 16.0, 3.0, 8.0, 8.0, 21.0];
        let equal: Vec<Part> = values.iter().map(|value| Part { sum: value * 4.0, over: 4.0 }).collect();
        let tally: Tally = values.into_iter().collect();
        assert_eq!(ratio_interval(&equal, 0.9), skewed_interval(&tally, 0.9));
    }

    #[test]
    fn a_ratio_goes_by_what_the_sums_are_over() {
        // 60 of 12 hours, and in each batch r + (s - r w) / w̄ with r = 5, w̄ = 4: 5 + (10 - 10)/4, 5 + (14 - 20)/4, 5 + (36 - 30)/4.
        let found = interval(&parts(&[(10.0, 2.0), (14.0, 4.0), (36.0, 6.0)]), 0.95);
        let tally: Tally = [5.0, 3.5, 6.5].into_iter().collect();
        assert_eq!(found, skewed_interval(&tally, 0.95));
    }

    #[test]
    fn what_is_rare_or_nothing_has_no_interval() {
        let none = |of: &[(f64, f64)]| assert_eq!(ratio_interval(&parts(of), 0.95), None, "{of:?}");
        none(&[]);
        none(&[(1.0, 2.0); 7]);
        none(&[(0.0, 0.0); 9]);
        none(&[[(0.0, 9.0); 30].as_slice(), &[(1.0, 9.0); 7]].concat());
        none(&[(0.0, 9.0); 9]);
        let hours = parts(&[(3.0, 1.0); 8]);
        assert_eq!(ratio_interval(&hours, 0.95), Some(Interval { low: 3.0, high: 3.0 }));
    }

    fn steps(values: &[u64]) -> Steps {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let mut steps = Steps::new();
        for (value, count) in sorted.into_iter().zip(1..) {
            steps.pop_if(|last| last.0 == value);
            steps.push((value, count));
        }
        steps
    }

    fn quantiles(batches: &[Steps], level: f64) -> Option<[u64; 2]> {
        quantile_interval(&batches.iter().collect::<Vec<_>>(), level, 0.95)
    }

    #[test]
    fn quantiles_of_few_values() {
        let alike = |values: &[u64], count: usize| vec![steps(values); count];
        assert_eq!(quantiles(&[], 0.5), None);
        assert_eq!(quantiles(&alike(&[], 9), 0.5), None);
        // Seven have values above the median, eight have.
        assert_eq!(quantiles(&alike(&[1, 2, 3, 4], 7), 0.5), None);
        assert_eq!(quantiles(&[alike(&[2, 2, 2, 2], 9), alike(&[2, 9], 7)].concat(), 0.5), None);
        // All batches are the same: the share is known for sure, at 1/2 for 2, and below for all above it.
        assert_eq!(quantiles(&alike(&[1, 2, 3, 4], 8), 0.5), Some([2, 3]));
        // Most did not wait at all, in every batch.
        assert_eq!(quantiles(&alike(&[0, 0, 0, 0, 5, 9], 8), 0.5), Some([0, 0]));
    }

    /// The same by trying all values.
    #[test]
    fn the_ends_are_where_the_share_s_interval_ends() {
        let mut random = SmallRng::seed_from_u64(7);
        for _ in 0..200 {
            let batches: Vec<Vec<u64>> = (0..random.random_range(8..12))
                .map(|_| (0..random.random_range(1..60)).map(|_| random.random_range(0..40)).collect())
                .collect();
            let level = random.random_range(0.1..0.9);
            let Some([low, high]) = quantiles(&batches.iter().map(|batch| steps(batch)).collect::<Vec<_>>(), level)
            else {
                continue;
            };
            let of_share = |value: u64| {
                let of = |batch: &Vec<u64>| Part {
                    sum: batch.iter().filter(|other| **other > value).count() as f64,
                    over: batch.len() as f64,
                };
                interval(&batches.iter().map(of).collect::<Vec<_>>(), 0.95).unwrap()
            };
            let values: std::collections::BTreeSet<u64> = batches.iter().flatten().copied().collect();
            let share = 1.0 - level;
            let is_in = |value: u64| (low..=high).contains(&value);
            // Whatever lies beyond the ends is excluded; what cannot be excluded lies between them.
            assert!(!is_in(low) || of_share(low).low <= share + 1e-12, "{batches:?} {level}");
            if let Some(before) = values.range(..low).next_back() {
                assert!(of_share(*before).low > share, "{batches:?} {level}");
            }
            assert!(of_share(high).high < share || Some(&high) == values.last(), "{batches:?} {level}");
        }
    }

    /// In how many of 600 experiments of 40 batches the intervals cover the mean, the 95th and the 99th percentile of batches whose
    /// values hang together within a batch: as many as an exponential number says, each that number times an exponential one.
    #[test]
    fn intervals_of_independent_skewed_batches_cover() {
        let mut random = SmallRng::seed_from_u64(5);
        let mut draw = || -> f64 { Exp1.sample(&mut random) };
        let mut batch = || -> Vec<u64> {
            let level = 0.5 + draw();
            (0..100 + (50.0 * draw()) as usize).map(|_| (1e6 * level * draw()) as u64).collect()
        };
        let all: Vec<u64> = (0..20_000).flat_map(|_| batch()).collect();
        let truth = {
            let mut all = all;
            let mean = all.iter().sum::<u64>() as f64 / all.len() as f64;
            all.sort_unstable();
            let at = |level: f64| all[(level * all.len() as f64) as usize] as f64;
            [mean, at(0.95), at(0.99)]
        };
        let mut covered = [(0, 0); 3];
        for _ in 0..600 {
            let batches: Vec<Vec<u64>> = (0..40).map(|_| batch()).collect();
            let sums: Vec<Part> = batches
                .iter()
                .map(|values| Part { sum: values.iter().sum::<u64>() as f64, over: values.len() as f64 })
                .collect();
            let of_steps: Vec<Steps> = batches.iter().map(|values| steps(values)).collect();
            let quantile = |level| {
                let [low, high] = quantiles(&of_steps, level)?.map(|end| end as f64);
                Some(Interval { low, high })
            };
            let intervals = [ratio_interval(&sums, 0.95), quantile(0.95), quantile(0.99)];
            for (count, (interval, truth)) in covered.iter_mut().zip(intervals.iter().zip(truth)) {
                if let Some(interval) = interval {
                    count.0 += u32::from(interval.contains(truth));
                    count.1 += 1;
                }
            }
        }
        assert!(covered.iter().all(|(_, of)| *of > 500), "{covered:?}");
        let shares = covered.map(|(count, of)| f64::from(count) / f64::from(of));
        // Within three standard errors.
        assert!(shares.iter().all(|share| (0.923..0.977).contains(share)), "{shares:?}");
    }
}
