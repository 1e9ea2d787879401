//! Times of one kind, and how they come to be figures in seconds.

use super::cells::Merge;
use crate::stats::Histogram;
use crate::time::Span;

/// Sum and number of times, for an exact mean.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Total {
    count: u64,
    /// Their sum in microseconds.
    sum: u128,
}

/// Times with their distribution.
///
/// They are put into it by the thousand. One by one most of its buckets would have to be fetched into the cache, where each
/// would drive out something that is of more use. So to add a time is to write it down.
#[derive(Clone, Default, Debug)]
pub(super) struct Times {
    /// In microseconds; those that are not yet in the histogram.
    late: Vec<u64>,
    histogram: Box<Histogram>,
}

/// So many times are put in at once: enough to meet again in a bucket's neighbourhood.
const LATE: usize = 1024;

const SECOND: f64 = 1e6;

impl Total {
    pub(super) fn add(&mut self, time: Span) {
        self.count += 1;
        self.sum += u128::from(time.as_micros());
    }

    /// How many.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn is_blank(&self) -> bool {
        self.count == 0
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
    #[inline]
    pub(super) fn add(&mut self, time: Span) {
        self.late.push(time.as_micros());
        if self.late.len() == LATE {
            self.finish();
        }
    }

    /// Puts in what is not yet: figures are those of the others.
    #[inline(never)]
    pub(super) fn finish(&mut self) {
        self.histogram.record_all(&self.late);
        self.late.clear();
    }

    pub(super) fn is_blank(&self) -> bool {
        self.histogram().count() == 0
    }

    /// Their number and sum.
    pub(super) fn total(&self) -> Total {
        Total { count: self.histogram().count(), sum: self.histogram().sum() }
    }

    /// All of them, in microseconds.
    ///
    /// # Panics
    /// If some are not put in yet.
    pub(super) fn histogram(&self) -> &Histogram {
        assert!(self.late.is_empty(), "figures are asked for once the run is over");
        &self.histogram
    }

    /// The figures of [`super::catalog::TIMES`], in seconds; `None` of no times at all.
    pub(super) fn figures(&self) -> [Option<f64>; 6] {
        let quantiles = self.histogram().quantiles([0.50, 0.90, 0.95, 0.99, 1.0]);
        let [p50, p90, p95, p99, max] = quantiles.map(|micros| micros.map(|micros| micros as f64 / SECOND));
        [self.histogram().mean().map(|micros| micros / SECOND), p50, p90, p95, p99, max]
    }
}

impl Merge for Times {
    fn merge(&mut self, other: &Times) {
        self.histogram.merge(other.histogram());
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
        times.finish();
        let figures = times.figures().map(Option::unwrap);
        assert_eq!((figures[0], figures[5]), (500.5, 1000.0));
        for (figure, exact) in figures[1..5].iter().zip([500.0, 900.0, 950.0, 990.0]) {
            assert!((figure / exact - 1.0).abs() < 0.001, "{figure} for {exact}");
        }
    }
}
