//! Times of one kind: how many, their exact mean and longest, and their percentiles within 0.1 %.

use super::split::Merge;
use crate::time::Span;
use hdrhistogram::Histogram;

/// Sum and number of times, for an exact mean.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    /// How many.
    pub(super) count: u64,
    /// Their sum in microseconds.
    pub(super) sum: u128,
}

/// Times with their distribution.
#[derive(Clone, Default, Debug)]
pub(super) struct Times {
    tally: Tally,
    longest: u64,
    /// Made with the first time, because most labels of a large desk never see one.
    shape: Option<Box<Histogram<u32>>>,
}

const SECOND: f64 = 1e6;

impl Tally {
    pub(super) fn add(&mut self, time: Span) {
        self.count += 1;
        self.sum += u128::from(time.as_micros());
    }

    /// In seconds.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / SECOND)
    }
}

impl Merge for Tally {
    fn merge(&mut self, other: &Tally) {
        self.count += other.count;
        self.sum += other.sum;
    }
}

impl Times {
    pub(super) fn add(&mut self, time: Span) {
        self.tally.add(time);
        self.longest = self.longest.max(time.as_micros());
        self.shape
            .get_or_insert_with(new_shape)
            .record(time.as_micros())
            .expect("the histogram grows with what it is given");
    }

    pub(super) fn count(&self) -> u64 {
        self.tally.count
    }

    /// The figures of [`super::catalog::TIMES`], in seconds; `None` of no times at all.
    pub(super) fn figures(&self) -> [Option<f64>; 6] {
        let Some(shape) = &self.shape else { return [None; 6] };
        // A bucket's upper end may lie past the longest time that was seen.
        let quantile = |q| Some(shape.value_at_quantile(q).min(self.longest) as f64 / SECOND);
        [
            self.tally.mean(),
            quantile(0.50),
            quantile(0.90),
            quantile(0.95),
            quantile(0.99),
            Some(self.longest as f64 / SECOND),
        ]
    }
}

impl Merge for Times {
    fn merge(&mut self, other: &Times) {
        let Some(shape) = &other.shape else { return };
        self.tally.merge(&other.tally);
        self.longest = self.longest.max(other.longest);
        match &mut self.shape {
            Some(own) => own.add(&**shape).expect("the histogram grows with what it is given"),
            None => self.shape = Some(shape.clone()),
        }
    }
}

fn new_shape() -> Box<Histogram<u32>> {
    Box::new(Histogram::new(3).expect("three significant digits are allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        seconds.into_iter().for_each(|secs| times.add(Span::from_secs(secs)));
        times
    }

    #[test]
    fn no_times_have_no_figures() {
        assert_eq!(Times::default().figures(), [None; 6]);
    }

    #[test]
    fn mean_and_longest_are_exact_and_percentiles_close() {
        let figures = of(1..=1000).figures().map(Option::unwrap);
        assert_eq!((figures[0], figures[5]), (500.5, 1000.0));
        for (figure, exact) in figures[1..5].iter().zip([500.0, 900.0, 950.0, 990.0]) {
            assert!((figure / exact - 1.0).abs() < 0.001, "{figure} for {exact}");
        }
    }

    #[test]
    fn zero_stays_zero() {
        assert_eq!(of([0, 0, 0, 4]).figures()[1], Some(0.0));
    }

    #[test]
    fn merged_is_as_if_seen_together() {
        let mut merged = Times::default();
        merged.merge(&of(1..=400));
        merged.merge(&Times::default());
        merged.merge(&of(401..=1000));
        assert_eq!(merged.figures(), of(1..=1000).figures());
    }
}
