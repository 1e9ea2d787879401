//! Quantiles of a few values, as of replications.

/// The quantile of sorted values at a level from 0 to 1, linear between the two values about it: Hyndman and Fan's type 7
/// (The American Statistician 50 (1996) 361-365), as in R and NumPy. `None` of no values.
pub fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    debug_assert!(sorted.is_sorted(), "quantiles are of sorted values");
    let last = sorted.len().checked_sub(1)?;
    let place = level * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

/// The levels of [`tails`].
pub const TAILS: [f64; 3] = [0.1, 0.5, 0.9];

/// The 10 %, 50 % and 90 % quantiles of values in any order; `None` of fewer than two, which say nothing of their spread.
pub fn tails(values: impl IntoIterator<Item = f64>) -> Option<[f64; 3]> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    if sorted.len() < 2 {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    Some(TAILS.map(|level| quantile(&sorted, level).expect("there are values")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_values_about_them() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|level| quantile(&values, level)), values.map(Some));
        // R: quantile(c(1, 2, 4, 8, 16), c(.1, .9)) is 1.4 and 12.8.
        let [low, middle, high] = tails([16.0, 1.0, 8.0, 2.0, 4.0]).unwrap();
        assert!((low - 1.4).abs() < 1e-12 && middle == 4.0 && (high - 12.8).abs() < 1e-12, "{low} {middle} {high}");
        assert_eq!(tails([3.0, 1.0]), Some([1.2, 2.0, 2.8]));
    }

    #[test]
    fn one_value_has_no_spread() {
        assert_eq!((quantile(&[], 0.5), quantile(&[7.0], 0.9)), (None, Some(7.0)));
        assert_eq!((tails([]), tails([7.0])), (None, None));
    }
}
