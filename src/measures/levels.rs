//! How the queue and the number of open tickets went over a run: means over stretches of equal length.

use crate::desk::Desk;
use crate::simulation::{Observer, Step};
use crate::time::{Instant, Span};

/// Watches the levels of one run.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Of the queue and of what is open: the value now.
    now: [u32; 2],
    /// Over all changes from a to b at time t, the sum of (a - b) t; with the value now times the time now it is the integral since
    /// the first stretch began.
    turned: [i128; 2],
    /// The integrals up to the beginning of the stretch that lasts.
    before: [i128; 2],
    /// When the first stretch begins, the end of the one that lasts, and how long each is.
    from: Instant,
    until: Instant,
    length: Span,
    /// Integrals over the stretches, and how many of them are over.
    areas: [Vec<u128>; 2],
    over: usize,
    /// Whether the queue is looked at: its lanes take time to count.
    with_queue: bool,
}

impl Levels {
    /// Cuts what comes after `from` into that many stretches of that length; what is left over at the end is not looked at,
    /// and a stretch that has not ended by then counts as nothing.
    ///
    /// # Panics
    /// If a stretch has no length.
    pub fn new(from: Span, length: Span, stretches: usize) -> Levels {
        assert!(length > Span::ZERO, "a stretch has a length");
        let from = Instant::ZERO + from;
        let areas = [vec![0; stretches], vec![0; stretches]];
        let (now, none) = ([0; 2], [0; 2]);
        Levels { now, turned: none, before: none, from, until: from + length, length, areas, over: 0, with_queue: true }
    }

    /// The same, of open tickets alone.
    pub fn without_queue(self) -> Levels {
        Levels { with_queue: false, ..self }
    }

    /// Tickets in the queue, by stretch.
    pub fn queue(&self) -> Vec<f64> {
        self.means(0)
    }

    /// Tickets that are not closed, by stretch.
    pub fn open(&self) -> Vec<f64> {
        self.means(1)
    }

    fn means(&self, of: usize) -> Vec<f64> {
        self.areas[of].iter().map(|area| *area as f64 / self.length.as_micros() as f64).collect()
    }

    #[inline]
    fn set(&mut self, now: Instant, values: [u32; 2]) {
        if now >= self.until {
            self.advance(now);
        }
        // What was before the first stretch counts as if it had come as that began.
        // From an `i64`, so that the product is one multiplication.
        let at = i128::from(now.max(self.from).as_micros() as i64);
        if self.with_queue {
            self.turn(0, at, values[0]);
        }
        self.turn(1, at, values[1]);
    }

    #[inline(always)]
    fn turn(&mut self, of: usize, at: i128, new: u32) {
        let old = std::mem::replace(&mut self.now[of], new);
        self.turned[of] += i128::from(i64::from(old) - i64::from(new)) * at;
    }

    /// Ends the stretches that are over by `now`.
    #[cold]
    #[inline(never)]
    fn advance(&mut self, now: Instant) {
        while now >= self.until && self.over < self.areas[0].len() {
            for of in 0..2 {
                let whole = self.turned[of] + i128::from(self.now[of]) * i128::from(self.until.as_micros());
                self.areas[of][self.over] = (whole - self.before[of]) as u128;
                self.before[of] = whole;
            }
            self.over += 1;
            self.until = self.until + self.length;
        }
    }
}

impl Observer for Levels {
    #[inline(always)]
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        // Most steps change neither.
        let open = desk.open_tickets() as u32;
        if self.with_queue || open != self.now[1] {
            let queue = if self.with_queue { desk.queue_length() as u32 } else { 0 };
            self.set(step.now, [queue, open]);
        }
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        self.advance(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{Cast, Measures};
    use crate::simulation::{sample, simulate};

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    #[test]
    fn levels_spread_over_the_stretches_that_they_last_in() {
        let mut levels = Levels::new(Span::from_secs(10), Span::from_secs(10), 3);
        levels.set(at(2), [1, 4]);
        levels.set(at(15), [0, 2]);
        levels.set(at(36), [9, 9]);
        levels.advance(at(100));
        assert_eq!(levels.queue(), [0.5, 0.0, 9.0 * 0.4]);
        assert_eq!(levels.open(), [3.0, 2.0, 2.0 * 0.6 + 9.0 * 0.4]);
    }

    #[test]
    fn their_mean_is_that_of_the_measures() {
        let mut model = sample::model(1);
        model.settings.channels[0].limit = sample::cap(1);
        let plan = sample::customers(&mut model.names, sample::per_hour(30.0), 100.0);
        model.plan.customers.push(plan);
        let cast = Cast::new(&model);
        let warmup = Span::from_secs(7_200);
        let mut levels = Levels::new(warmup, Span::from_secs(3_600), 22);
        let mut measures = Measures::new(&cast, &model.names, warmup);
        simulate(&model, 3, 0, &mut (&mut levels, &mut measures)).unwrap();
        let mean = levels.queue().iter().sum::<f64>() / 22.0;
        let expected = measures.sheet().desk("queue.length.mean").unwrap();
        assert!(mean > 0.1 && (mean - expected).abs() < 1e-9 * expected, "{mean} for {expected}");
        assert!(levels.open().iter().zip(levels.queue()).all(|(open, queue)| *open >= queue));
    }
}
