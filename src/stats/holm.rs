//! Several tests at once.

/// The p-values of a family of tests, adjusted so that rejecting those below a level errs in any of them with at most that
/// probability, however the tests hang together: Holm's step-down procedure (S. Holm, "A simple sequentially rejective
/// multiple test procedure", Scandinavian Journal of Statistics 6 (1979) 65-70). In the given order.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, &place) in order.iter().enumerate() {
        // The smallest is multiplied by as many as there are, each next by one less; none falls below one before it.
        let left = (p_values.len() - rank) as f64;
        least = least.max((p_values[place] * left).min(1.0));
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(p_values: &[f64], adjusted: &[f64]) {
        let found = holm(p_values);
        assert!(found.len() == adjusted.len());
        assert!(found.iter().zip(adjusted).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn adjusted_p_values_are_those_of_statsmodels() {
        check(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
        check(&[0.5, 0.001, 0.04, 0.04, 0.9], &[1.0, 0.005, 0.16, 0.16, 1.0]);
        check(&[0.2], &[0.2]);
        check(&[], &[]);
    }

    proptest! {
        /// The procedure as Holm states it: from the smallest, reject while p ≤ level / (how many are left).
        #[test]
        fn rejecting_by_adjusted_values_is_the_procedure(
            p_values in prop::collection::vec(0.0f64..1.0, 1..12),
            level in 0.001f64..0.3,
        ) {
            let mut sorted = p_values.clone();
            sorted.sort_by(f64::total_cmp);
            let left = |rank: usize| (sorted.len() - rank) as f64;
            let rejected = (0..sorted.len()).take_while(|&rank| sorted[rank] * left(rank) <= level).count();
            prop_assert_eq!(holm(&p_values).iter().filter(|&&adjusted| adjusted <= level).count(), rejected);
            prop_assert!(holm(&p_values).iter().zip(&p_values).all(|(adjusted, p)| adjusted >= p && *adjusted <= 1.0));
        }
    }
}
