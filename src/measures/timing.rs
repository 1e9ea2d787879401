//! Times of one kind, and how they come to be figures in seconds.

use super::split::Merge;
use crate::stats::Histogram;
use crate::time::Span;

/// Sum and number of times, for an exact mean.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Total {
    /// How many.
    pub(super) count: u64,
    /// Their sum in microseconds.
    sum: u128,
}

/// Times with their distribution.
///
/// They wait in a list and go into the histogram by the batch: its buckets, spread over some tens of kilobytes, then come
/// into the cache once for many times, and not for nearly each of them anew.
#[derive(Clone, Default, Debug)]
pub(super) struct Times {
    histogram: Histogram,
    waiting: Vec<u64>,
}

const BATCH: usize = 4_096;

const SECOND: f64 = 1e6;

impl Total {
    pub(super) fn add(&mut self, time: Span) {
        self.count += 1;
        self.sum += u128::from(time.as_micros());
    }

    /// In seconds.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / SECOND)
    }
}

impl Merge for Total {
    fn merge(&mut self, other: &Total) {
        self.count += other.count;
        self.sum += other.sum;
    }
}

impl Times {
    pub(super) fn add(&mut self, time: Span) {
        self.waiting.push(time.as_micros());
        if self.waiting.len() == BATCH {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.waiting.drain(..).for_each(|micros| self.histogram.record(micros));
    }

    /// All of them, in microseconds.
    pub(super) fn settled(&mut self) -> &Histogram {
        self.settle();
        &self.histogram
    }

    /// The figures of [`super::catalog::TIMES`], in seconds; `None` of no times at all.
    pub(super) fn figures(&mut self) -> [Option<f64>; 6] {
        let times = self.settled();
        let quantile = |level| times.quantile(level).map(|micros| micros as f64 / SECOND);
        let mean = times.mean().map(|micros| micros / SECOND);
        [mean, quantile(0.50), quantile(0.90), quantile(0.95), quantile(0.99), quantile(1.0)]
    }
}

impl Merge for Times {
    fn merge(&mut self, other: &Times) {
        self.histogram.merge(&other.histogram);
        other.waiting.iter().for_each(|micros| self.histogram.record(*micros));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_in_seconds() {
        let mut times = Times::default();
        assert_eq!(times.figures(), [None; 6]);
        (1..=1000).for_each(|secs| times.add(Span::from_secs(secs)));
        let figures = times.figures().map(Option::unwrap);
        assert_eq!((figures[0], figures[5]), (500.5, 1000.0));
        for (figure, exact) in figures[1..5].iter().zip([500.0, 900.0, 950.0, 990.0]) {
            assert!((figure / exact - 1.0).abs() < 0.001, "{figure} for {exact}");
        }
    }

    #[test]
    fn none_is_lost_on_the_way_into_the_histogram() {
        let mut merged = Times::default();
        for part in [1..=7_000, 7_001..=7_010, 7_011..=20_000] {
            let mut times = Times::default();
            part.for_each(|secs| times.add(Span::from_secs(secs)));
            merged.merge(&times);
        }
        merged.add(Span::ZERO);
        let times = merged.settled();
        assert_eq!((times.count(), times.zeros(), times.sum()), (20_001, 1, 200_010_000 * 1_000_000));
    }
}
