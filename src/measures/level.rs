//! A number that changes over time: its integral and the most that it was.

use super::window::Window;
use crate::time::Instant;

/// A level with its history folded up.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Level {
    now: u32,
    most: u32,
    since: Instant,
    area: u128,
}

impl Level {
    pub(super) fn rise(&mut self, window: Window, now: Instant) {
        self.advance(window, now);
        self.now += 1;
    }

    pub(super) fn fall(&mut self, window: Window, now: Instant) {
        self.advance(window, now);
        self.now -= 1;
    }

    /// Accounts for the time up to `now`. A level that lasted no time counts for nothing, not even as the most: a ticket
    /// that enters the queue and leaves it at the same instant (QUE-3) never waited there.
    pub(super) fn advance(&mut self, window: Window, now: Instant) {
        let elapsed = window.elapsed(self.since, now);
        if elapsed > 0 {
            self.area += u128::from(self.now) * u128::from(elapsed);
            self.most = self.most.max(self.now);
        }
        self.since = now;
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
    use super::*;
    use crate::time::Span;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    #[test]
    fn a_level_is_weighted_by_the_time_it_lasts_within_the_window() {
        let window = Window::after(Span::from_secs(10));
        let mut level = Level::default();
        level.rise(window, at(2));
        level.rise(window, at(4));
        level.rise(window, at(6));
        level.fall(window, at(8)); // 2 from here, 4 s of it in the window
        level.fall(window, at(14)); // 1 for 6 s
        level.rise(window, at(20));
        level.rise(window, at(20));
        level.rise(window, at(20));
        level.fall(window, at(20)); // 4 for no time, then 3 for 10 s
        level.advance(window, at(30));
        assert_eq!(level.mean(window.length(at(30))), Some((2.0 * 4.0 + 6.0 + 3.0 * 10.0) / 20.0));
        assert_eq!(level.most(), 3);
        assert_eq!(level.mean(0), None);
    }
}
