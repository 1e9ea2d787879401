//! Count, mean, variance and skewness of a few numbers, such as one per replication.

/// Count, mean, variance, skewness and extremes of the numbers recorded, by Welford's recurrence (B. P. Welford, "Note on a
/// method for calculating corrected sums of squares and products", Technometrics 4 (1962) 419-420), for the third moment as P.
/// Pébay has it ("Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments",
/// Sandia report SAND2008-6212, 2008).
///
/// Floating-point: record in a fixed order.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tally {
    count: u64,
    mean: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
    /// Sum of the cubed distances from the mean.
    cubes: f64,
    min: f64,
    max: f64,
}

impl Tally {
    /// Records a number.
    pub fn record(&mut self, value: f64) {
        debug_assert!(value.is_finite(), "{value} is no observation");
        (self.min, self.max) = match self.count {
            0 => (value, value),
            _ => (self.min.min(value), self.max.max(value)),
        };
        self.count += 1;
        let count = self.count as f64;
        let distance = value - self.mean;
        let step = distance / count;
        self.cubes += distance * step * step * (count - 1.0) * (count - 2.0) - 3.0 * step * self.squares;
        self.mean += step;
        self.squares += distance * (value - self.mean);
    }

    /// How many numbers there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The unbiased variance of what they are a sample of; `None` with fewer than two.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// The root of the variance; `None` with fewer than two.
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(libm::sqrt)
    }

    /// The skewness of what they are a sample of: the adjusted Fisher-Pearson coefficient G1. `None` with fewer than three, or where
    /// all are the same.
    pub fn skewness(&self) -> Option<f64> {
        if self.count < 3 || self.squares <= 0.0 {
            return None;
        }
        let count = self.count as f64;
        let variance = self.squares / count;
        let plain = self.cubes / count / (variance * libm::sqrt(variance));
        Some(plain * libm::sqrt(count * (count - 1.0)) / (count - 2.0)).filter(|skewness| skewness.is_finite())
    }

    /// The smallest; `None` without any.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest; `None` without any.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

impl Extend<f64> for Tally {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.record(value);
        }
    }
}

impl FromIterator<f64> for Tally {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Tally {
        let mut tally = Tally::default();
        tally.extend(values);
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_variance_of_numbers_far_from_zero_are_exact() {
        // The textbook formula loses all digits of the variance here, which is 30.
        let tally: Tally = [4.0, 7.0, 13.0, 16.0].map(|value| 1e9 + value).into_iter().collect();
        assert_eq!((tally.count(), tally.mean(), tally.variance()), (4, Some(1e9 + 10.0), Some(30.0)));
        assert_eq!((tally.min(), tally.max()), (Some(1e9 + 4.0), Some(1e9 + 16.0)));
        assert_eq!(tally.standard_deviation(), Some(30f64.sqrt()));
    }

    #[test]
    fn skewness_is_that_of_the_definition() {
        // As scipy.stats.skew(…, bias=False) has it.
        let skewness = |values: &[f64]| values.iter().copied().collect::<Tally>().skewness();
        assert!((skewness(&[1.0, 2.0, 3.0, 10.0]).unwrap() - 1.763_632_614_803_888).abs() < 1e-12);
        assert!((skewness(&[-10.0, -3.0, -2.0, -1.0]).unwrap() + 1.763_632_614_803_888).abs() < 1e-12);
        assert!((skewness(&[1e6 + 1.0, 1e6 + 2.0, 1e6 + 3.0, 1e6 + 10.0]).unwrap() - 1.763_632_614_8).abs() < 1e-8);
        assert!(skewness(&[4.0, 5.0, 6.0]).unwrap().abs() < 1e-12);
        assert_eq!((skewness(&[1.0, 2.0]), skewness(&[3.0; 9])), (None, None));
    }

    #[test]
    fn without_enough_numbers_there_is_no_figure() {
        let none = Tally::default();
        assert_eq!((none.mean(), none.variance(), none.min(), none.max()), (None, None, None, None));
        let one: Tally = [-5.0].into_iter().collect();
        assert_eq!((one.mean(), one.variance(), one.min(), one.max()), (Some(-5.0), None, Some(-5.0), Some(-5.0)));
    }
}
