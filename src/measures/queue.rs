//! The queue: how long tickets wait in it, and how long it is.
//!
//! A wait is one stay. A ticket that comes back to the queue begins another one, although its place in the order goes by
//! its first wait start (QUE-6); a move from one lane to another does not end a stay.

use super::catalog::{MetricId, OVER_SECONDS};
use super::cells::Merge;
use super::level::Level;
use super::sheet::{Scope, Sheet};
use super::timing::{Times, Total};
use crate::desk::ChannelId;
use crate::time::Span;

/// The family's waits.
#[derive(Clone, Default, Debug)]
pub(super) struct Stays {
    /// Of stays that ended with assignment.
    pub(super) wait: Times,
    /// Of those that ended with closure.
    given_up: Total,
    /// All stays by how many of [`OVER_SECONDS`] they are longer than.
    by_length: [u64; OVER_SECONDS.len() + 1],
}

/// How many of [`OVER_SECONDS`] a stay is longer than, by whole tens of seconds that it is longer than: all are whole tens.
/// A look-up, as whether a ticket waited so long is nothing that a processor could guess.
static LONGER_THAN: [u8; (OVER_SECONDS[OVER_SECONDS.len() - 1] / 10 + 1) as usize] = {
    let mut longer_than = [0; _];
    let mut n = 0;
    while n < OVER_SECONDS.len() {
        assert!(OVER_SECONDS[n].is_multiple_of(10));
        let mut tens = (OVER_SECONDS[n] / 10) as usize;
        while tens < longer_than.len() {
            longer_than[tens] = n as u8 + 1;
            tens += 1;
        }
        n += 1;
    }
    longer_than
};

fn longer_than(stay: Span) -> usize {
    let tens = stay.as_micros().saturating_sub(1) / 10_000_000;
    usize::from(LONGER_THAN[tens.min(LONGER_THAN.len() as u64 - 1) as usize])
}

impl Stays {
    /// A stay ended with assignment.
    pub(super) fn served(&mut self, wait: Span) {
        self.wait.add(wait);
        self.by_length[longer_than(wait)] += 1;
    }

    /// A stay ended with closure.
    pub(super) fn given_up(&mut self, wait: Span) {
        self.given_up.add(wait);
        self.by_length[longer_than(wait)] += 1;
    }

    pub(super) fn is_blank(&self) -> bool {
        self.wait.is_blank() && self.given_up.is_blank()
    }

    pub(super) fn write(&self, scopes: &[Scope], sheet: &mut Sheet) {
        let first = MetricId::named("queue.wait.mean");
        sheet.put_times(first, scopes, &self.wait);
        let wait = self.wait.histogram();
        sheet.put_share(first.plus(6), scopes, wait.zeros(), wait.count());
        let mut all = self.wait.total();
        all.merge(&self.given_up);
        sheet.put_mean(first.plus(7), scopes, all.mean(), all.count() as f64);
        for n in 0..OVER_SECONDS.len() {
            let over = self.by_length[n + 1..].iter().sum();
            sheet.put_share(first.plus(8 + n as u16), scopes, over, all.count());
        }
    }
}

impl Merge for Stays {
    fn merge(&mut self, other: &Stays) {
        self.wait.merge(&other.wait);
        self.given_up.merge(&other.given_up);
        self.by_length.iter_mut().zip(other.by_length).for_each(|(count, more)| *count += more);
    }
}

/// How long the queue is: all of it, and each channel's part.
#[derive(Clone, Debug)]
pub(super) struct Lengths {
    desk: Level,
    by_channel: Vec<Level>,
}

impl Lengths {
    pub(super) fn new(channels: usize) -> Lengths {
        Lengths { desk: Level::default(), by_channel: vec![Level::default(); channels] }
    }

    /// A ticket enters; `clock` is the window's.
    pub(super) fn entered(&mut self, clock: u64, channel: ChannelId) {
        self.desk.rise(clock);
        self.by_channel[channel.index()].rise(clock);
    }

    pub(super) fn left(&mut self, clock: u64, channel: ChannelId) {
        self.desk.fall(clock);
        self.by_channel[channel.index()].fall(clock);
    }

    /// The window ends.
    pub(super) fn finish(&mut self, clock: u64) {
        self.desk.advance(clock);
        self.by_channel.iter_mut().for_each(|level| level.advance(clock));
    }

    pub(super) fn write(&self, length: u64, sheet: &mut Sheet) {
        let channels = self.by_channel.iter().enumerate();
        let channels = channels.map(|(index, level)| (Scope::Channel(ChannelId::at(index)), level));
        for (scope, level) in std::iter::once((Scope::Desk, &self.desk)).chain(channels) {
            sheet.put(MetricId::named("queue.length.mean"), &[scope], level.mean(length));
            sheet.put_count(MetricId::named("queue.length.max"), &[scope], u64::from(level.most()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_is_longer_than_a_bound_from_the_next_microsecond_on() {
        let plainly = |stay| OVER_SECONDS.iter().filter(|&&seconds| stay > Span::from_secs(seconds)).count();
        for bound in OVER_SECONDS.into_iter().chain([0, 1, 9, 11, 599, 86_400]) {
            for past in [0, 1, 2, 999_999] {
                let stay = Span::from_micros((bound * 1_000_000 + past).saturating_sub(1));
                assert_eq!(longer_than(stay), plainly(stay), "{stay:?}");
            }
        }
        assert_eq!(longer_than(Span::MAX), OVER_SECONDS.len());
    }
}
