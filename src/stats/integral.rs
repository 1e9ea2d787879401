//! Averages over time of a quantity that changes by steps.

/// A whole-numbered quantity over time, with its integral, added up as whole numbers: (quantity × microseconds).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TimeIntegral {
    area: u128,
    start: u64,
    since: u64,
    value: u32,
    max: u32,
}

impl TimeIntegral {
    /// A quantity that has `value` at the instant `now` (microseconds), where its integral begins.
    pub fn new(now: u64, value: u32) -> TimeIntegral {
        TimeIntegral { area: 0, start: now, since: now, value, max: value }
    }

    /// The quantity is `value` from `now` on.
    pub fn set(&mut self, now: u64, value: u32) {
        self.area = self.area(now);
        self.since = now;
        self.value = value;
        self.max = self.max.max(value);
    }

    /// The quantity changes by `change` at `now`.
    ///
    /// # Panics
    /// If it falls below 0 or rises above 2³²-1.
    pub fn add(&mut self, now: u64, change: i32) {
        let value = self.value.checked_add_signed(change).expect("a quantity stays within 0 and 2^32 - 1");
        self.set(now, value);
    }

    /// Forgets what was before `now`, as at the end of a warm-up; the quantity stays.
    pub fn restart(&mut self, now: u64) {
        *self = TimeIntegral::new(now, self.value);
    }

    /// The quantity now.
    pub fn value(&self) -> u32 {
        self.value
    }

    /// The largest since the beginning or restart.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// The integral up to `now`, in (quantity × microseconds).
    pub fn area(&self, now: u64) -> u128 {
        debug_assert!(now >= self.since, "time runs forwards: {now} is before {}", self.since);
        self.area + u128::from(now - self.since) * u128::from(self.value)
    }

    /// The average up to `now`; `None` if no time has passed.
    pub fn mean(&self, now: u64) -> Option<f64> {
        (now > self.start).then(|| self.area(now) as f64 / (now - self.start) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_weighs_values_by_their_time() {
        let mut queue = TimeIntegral::new(100, 2);
        queue.set(110, 5);
        queue.add(110, 1);
        queue.add(130, -6);
        assert_eq!((queue.area(140), queue.max(), queue.value()), (2 * 10 + 6 * 20, 6, 0));
        assert_eq!(queue.mean(140), Some(3.5));
        assert_eq!(queue.mean(100 + 280), Some(0.5));
    }

    #[test]
    fn a_restart_keeps_the_value_alone() {
        let mut queue = TimeIntegral::new(0, 9);
        queue.set(10, 4);
        queue.restart(20);
        assert_eq!((queue.mean(20), queue.mean(25), queue.max()), (None, Some(4.0), 4));
    }

    #[test]
    fn the_longest_run_of_the_largest_value_is_counted_exactly() {
        let mut most = TimeIntegral::new(0, u32::MAX);
        most.set(u64::MAX, 0);
        assert_eq!(most.area(u64::MAX), u128::from(u64::MAX) * u128::from(u32::MAX));
    }
}
