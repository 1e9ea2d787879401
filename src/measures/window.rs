//! What of a run its figures count: everything from the end of the warm-up on.
//!
//! - A count takes the effects that happen in the window.
//! - A time (a wait, a response) belongs to the window if the effect that ends it happens there, and counts in full,
//!   also where it began before.
//! - A time-weighted figure integrates over the window alone.
//! - `…running` and `…open_at_end` say what is there at the end, whenever it began.

use crate::time::{Instant, Span};

/// The window of one run; it ends with the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    from: Instant,
}

impl Window {
    /// Leaves the warm-up out.
    pub(super) fn after(warmup: Span) -> Window {
        Window { from: Instant::ZERO + warmup }
    }

    /// Whether what happens at `now` counts.
    pub(super) fn counts(self, now: Instant) -> bool {
        now >= self.from
    }

    /// The window's own clock at `now`, in microseconds: 0 until the warm-up is over. All integrals over time go by it,
    /// and so leave the warm-up out.
    pub(super) fn clock(self, now: Instant) -> u64 {
        now.since(self.from).as_micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    #[test]
    fn only_what_lies_after_the_warmup_counts() {
        let window = Window::after(Span::from_secs(10));
        assert_eq!([9, 10, 11].map(|secs| window.counts(at(secs))), [false, true, true]);
        assert_eq!([0, 5, 10, 12].map(|secs| window.clock(at(secs))), [0, 0, 0, 2_000_000]);
    }
}
