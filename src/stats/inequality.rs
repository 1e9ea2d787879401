//! How unequally something is spread over a few: of each measure the value that says "equal" is named.
//!
//! All take quantities that are not negative, and are `None` where there is nothing to share: no entries, or all zero.

/// Jain's index: (Σx)² / (n Σx²); 1 is equal, 1/n is all with one (R. Jain, D.-M. Chiu and W. Hawe, "A quantitative measure
/// of fairness and discrimination", DEC TR-301, 1984).
pub fn jain(shares: &[f64]) -> Option<f64> {
    let total = total(shares)?;
    let squares: f64 = shares.iter().map(|share| (share / total) * (share / total)).sum();
    Some(1.0 / (shares.len() as f64 * squares))
}

/// Gini's coefficient: the mean difference between two of them over twice the mean; 0 is equal, (n-1)/n is all with one.
pub fn gini(shares: &[f64]) -> Option<f64> {
    let total = total(shares)?;
    let mut sorted = shares.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let weighted: f64 =
        sorted.iter().enumerate().map(|(rank, share)| (2.0 * rank as f64 + 1.0 - n) * (share / total)).sum();
    Some(weighted / n)
}

/// Coefficient of variation: standard deviation (of these alone, dividing by n) over mean; 0 is equal.
pub fn coefficient_of_variation(shares: &[f64]) -> Option<f64> {
    let mean = total(shares)? / shares.len() as f64;
    let squares: f64 = shares.iter().map(|share| (share / mean - 1.0) * (share / mean - 1.0)).sum();
    Some(libm::sqrt(squares / shares.len() as f64))
}

/// The largest over the mean; 1 is equal, n is all with one.
pub fn max_over_mean(shares: &[f64]) -> Option<f64> {
    let total = total(shares)?;
    let max = shares.iter().copied().fold(0.0, f64::max);
    Some(max / (total / shares.len() as f64))
}

fn total(shares: &[f64]) -> Option<f64> {
    debug_assert!(shares.iter().all(|share| share.is_finite() && *share >= 0.0), "no shares: {shares:?}");
    let total: f64 = shares.iter().sum();
    (total > 0.0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(shares: &[f64]) -> [Option<f64>; 4] {
        [jain(shares), gini(shares), coefficient_of_variation(shares), max_over_mean(shares)]
    }

    #[track_caller]
    fn check(shares: &[f64], expected: [f64; 4]) {
        for (measure, expected) in all(shares).into_iter().zip(expected) {
            assert!((measure.unwrap() - expected).abs() < 1e-14, "{measure:?} for {expected} of {shares:?}");
        }
    }

    #[test]
    fn equal_shares_are_equal_by_every_measure() {
        check(&[3.0; 7], [1.0, 0.0, 0.0, 1.0]);
        check(&[0.2], [1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn all_with_one_is_the_far_end() {
        check(&[0.0, 0.0, 5.0, 0.0], [0.25, 0.75, 3f64.sqrt(), 4.0]);
    }

    #[test]
    fn known_shares_have_known_figures() {
        // By hand: mean 2.5, variance 1.25; Σ(2i-n-1)x = -3-2+3+12 = 10 over n Σx = 40.
        check(&[1.0, 2.0, 3.0, 4.0], [100.0 / 120.0, 0.25, 1.25f64.sqrt() / 2.5, 1.6]);
        // Neither order nor scale matters.
        check(&[400.0, 100.0, 300.0, 200.0], [100.0 / 120.0, 0.25, 1.25f64.sqrt() / 2.5, 1.6]);
    }

    #[test]
    fn where_nothing_is_shared_nothing_is_said() {
        assert_eq!((all(&[]), all(&[0.0, 0.0])), ([None; 4], [None; 4]));
    }
}
