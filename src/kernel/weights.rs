//! A choice among things of unequal weight.

use super::{Stream, VariateError};
use std::sync::Arc;

/// Indices drawn in proportion to weights, by inverse transform: one uniform each.
#[derive(Clone, PartialEq, Debug)]
pub struct Weights {
    /// Sums of the weights up to and with each index.
    sums: Arc<[f64]>,
}

impl Weights {
    /// Weights of any positive scale.
    ///
    /// # Errors
    /// If there are none, one is negative or not finite, or all are zero.
    pub fn new(weights: &[f64]) -> Result<Weights, VariateError> {
        if weights.is_empty() {
            return Err(VariateError("weights must not be empty".into()));
        }
        if let Some(bad) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            return Err(VariateError(format!("a weight must be a finite number, not negative; {bad} is not")));
        }
        let sums: Arc<[f64]> = weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        match sums[sums.len() - 1] {
            0.0 => Err(VariateError("at least one weight must be above 0".into())),
            total if !total.is_finite() => Err(VariateError("the weights are too large to be added".into())),
            _ => Ok(Weights { sums }),
        }
    }

    /// Draws an index; one of weight zero never.
    pub fn draw(&self, stream: &mut Stream) -> usize {
        self.pick(stream.uniform())
    }

    /// The index at a level of the cumulative distribution, strictly between 0 and 1.
    pub(super) fn pick(&self, level: f64) -> usize {
        let total = self.sums[self.sums.len() - 1];
        let index = self.sums.partition_point(|sum| *sum <= level * total);
        // Rounding may lift the level to the whole; then it is the last index of any weight.
        if index < self.sums.len() { index } else { self.sums.partition_point(|sum| *sum < total) }
    }

    /// The weighted mean of a quantity of the indices; indices of weight zero are left out.
    pub(super) fn mean(&self, quantity: impl Fn(usize) -> f64) -> f64 {
        let total = self.sums[self.sums.len() - 1];
        let mut sum = 0.0;
        let mut before = 0.0;
        for (index, &after) in self.sums.iter().enumerate() {
            if after > before {
                sum += (after - before) / total * quantity(index);
            }
            before = after;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_fall_to_indices_in_proportion() {
        let weights = Weights::new(&[0.0, 1.0, 0.0, 3.0, 0.0]).unwrap();
        let picks = [1e-300, 0.2499, 0.25, 0.5, 1.0 - f64::EPSILON / 2.0, 1.0].map(|level| weights.pick(level));
        assert_eq!(picks, [1, 1, 3, 3, 3, 3]);
        assert_eq!(weights.mean(|index| index as f64), 2.5);
    }

    #[test]
    fn weights_that_make_no_choice_say_why() {
        for (weights, why) in [
            (&[][..], "weights must not be empty"),
            (&[1.0, -0.5], "a weight must be a finite number, not negative; -0.5 is not"),
            (&[f64::NAN], "a weight must be a finite number, not negative; NaN is not"),
            (&[0.0, 0.0], "at least one weight must be above 0"),
            (&[f64::MAX, f64::MAX], "the weights are too large to be added"),
        ] {
            assert_eq!(Weights::new(weights).unwrap_err().0, why);
        }
    }
}
