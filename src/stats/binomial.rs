//! Bounds for a share that was seen so often in so many trials.

use super::special::incomplete_beta;

/// The largest share below which seeing `hits` or more in `trials` has at most the probability `tail`: with the confidence
/// 1 - `tail` the share is no smaller (C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated
/// in the case of the binomial", Biometrika 26 (1934) 404-413).
///
/// # Panics
/// If there are more hits than trials, or `tail` does not lie strictly between 0 and 1.
pub fn share_at_least(hits: u64, trials: u64, tail: f64) -> f64 {
    assert!(hits <= trials, "{hits} of {trials}");
    assert!(tail > 0.0 && tail < 1.0, "{tail} is no probability of a tail");
    if hits == 0 {
        return 0.0;
    }
    // The probability of so many hits rises with the share.
    let above = |share: f64| incomplete_beta(hits as f64, (trials - hits + 1) as f64, share);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if above(middle) <= tail { low = middle } else { high = middle }
    }
    low
}

/// The same from above: with the confidence 1 - `tail` the share is no larger.
///
/// # Panics
/// As [`share_at_least`].
pub fn share_at_most(hits: u64, trials: u64, tail: f64) -> f64 {
    1.0 - share_at_least(trials - hits, trials, tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn bounds_are_those_of_the_binomial_distribution() {
        for (hits, trials) in [(1, 10), (9, 10), (10, 10), (37, 50), (188, 200), (3, 1000)] {
            for tail in [0.05, 0.01, 0.002] {
                let low = share_at_least(hits, trials, tail);
                let seen = Binomial::new(low, trials).unwrap().sf(hits - 1);
                assert!((seen - tail).abs() < 1e-9, "{hits} of {trials} at {tail}: {seen}");
                let high = share_at_most(hits, trials, tail);
                assert!(low < hits as f64 / trials as f64 && hits as f64 / trials as f64 <= high);
            }
        }
        assert_eq!((share_at_least(0, 10, 0.05), share_at_most(10, 10, 0.05)), (0.0, 1.0));
        // All of n: the n-th root of the tail.
        assert!((share_at_least(45, 45, 0.05) - 0.05f64.powf(1.0 / 45.0)).abs() < 1e-12);
    }
}
