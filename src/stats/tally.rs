//! Count, mean and variance of a few numbers, such as one per replication.

/// Count, mean, variance and extremes of the numbers recorded, by Welford's recurrence (B. P. Welford, "Note on a method
/// for calculating corrected sums of squares and products", Technometrics 4 (1962) 419-420).
///
/// Floating-point: record in a fixed order.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tally {
    count: u64,
    mean: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
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
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
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
    fn without_enough_numbers_there_is_no_figure() {
        let none = Tally::default();
        assert_eq!((none.mean(), none.variance(), none.min(), none.max()), (None, None, None, None));
        let one: Tally = [-5.0].into_iter().collect();
        assert_eq!((one.mean(), one.variance(), one.min(), one.max()), (Some(-5.0), None, Some(-5.0), Some(-5.0)));
    }
}
