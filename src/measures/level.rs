//! A number that changes over time: its integral and the most that it was.

/// A level with its history folded up; the clock is that of the window, which stands at 0 until the warm-up is over.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Level {
    now: u32,
    most: u32,
    since: u64,
    area: u128,
}

impl Level {
    pub(super) fn rise(&mut self, clock: u64) {
        self.advance(clock);
        self.now += 1;
    }

    pub(super) fn fall(&mut self, clock: u64) {
        self.advance(clock);
        self.now -= 1;
    }

    /// Accounts for the time up to `clock`. A level that lasted no time counts for nothing, not even as the most: a ticket
    /// that enters the queue and leaves it at the same instant (QUE-3) never waited there.
    pub(super) fn advance(&mut self, clock: u64) {
        if clock != self.since {
            self.area += u128::from(self.now) * u128::from(clock - self.since);
            self.most = self.most.max(self.now);
            self.since = clock;
        }
    }

    /// The mean over a window of that length, in microseconds.
    pub(super) fn mean(&self, length: u64) -> Option<f64> {
        (length > 0).then(|| self.area as f64 / length as f64)
    }

    pub(super) fn most(&self) -> u32 {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::Window;
    use super::*;
    use crate::time::{Instant, Span};

    #[test]
    fn a_level_is_weighted_by_the_time_it_lasts_within_the_window() {
        let window = Window::after(Span::from_secs(10));
        let at = |secs| window.clock(Instant::ZERO + Span::from_secs(secs));
        let mut level = Level::default();
        level.rise(at(2));
        level.rise(at(4));
        level.rise(at(6));
        level.fall(at(8)); // 2 from here, 4 s of it in the window
        level.fall(at(14)); // 1 for 6 s
        level.rise(at(20));
        level.rise(at(20));
        level.rise(at(20));
        level.fall(at(20)); // 4 for no time, then 3 for 10 s
        level.advance(at(30));
        assert_eq!(level.mean(at(30)), Some((2.0 * 4.0 + 6.0 + 3.0 * 10.0) / 20.0));
        assert_eq!(level.most(), 3);
        assert_eq!(level.mean(0), None);
    }
}
