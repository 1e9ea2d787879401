//! The queue: how long tickets wait in it, and how long it is.
//!
//! A wait is one stay. A ticket that comes back to the queue begins another one, although its place in the order goes by
//! its first wait start (QUE-6); a move from one lane to another does not end a stay.

use super::cast::{Cast, Origin};
use super::catalog::{MetricId, OVER_SECONDS};
use super::level::Level;
use super::sheet::{Scope, Sheet};
use super::split::{Merge, Split};
use super::timing::{Times, Total};
use super::window::Window;
use crate::desk::{ChannelId, GroupId};
use crate::time::{Instant, Span};

#[derive(Clone, Default, Debug)]
struct Record {
    /// Of stays that ended with assignment.
    wait: Times,
    /// Of all stays.
    all: Total,
    over: [u64; OVER_SECONDS.len()],
}

/// The family's waits and lengths.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    records: Split<Record>,
    length: Level,
    by_channel: Vec<Level>,
}

impl Queue {
    pub(super) fn new(cast: &Cast) -> Queue {
        Queue {
            records: Split::new(cast),
            length: Level::default(),
            by_channel: vec![Level::default(); cast.channel_count()],
        }
    }

    pub(super) fn entered(&mut self, window: Window, now: Instant, channel: ChannelId) {
        self.length.rise(window, now);
        self.by_channel[channel.index()].rise(window, now);
    }

    pub(super) fn left(&mut self, window: Window, now: Instant, channel: ChannelId) {
        self.length.fall(window, now);
        self.by_channel[channel.index()].fall(window, now);
    }

    /// A stay ended with assignment to a member of `group`.
    pub(super) fn served(&mut self, origin: Origin, group: Option<GroupId>, wait: Span) {
        self.records.of(origin, group).wait.add(wait);
        self.stayed(origin, wait);
    }

    /// A stay ended with closure.
    pub(super) fn given_up(&mut self, origin: Origin, wait: Span) {
        self.stayed(origin, wait);
    }

    fn stayed(&mut self, origin: Origin, wait: Span) {
        let record = self.records.of_origin(origin);
        record.all.add(wait);
        for (over, seconds) in record.over.iter_mut().zip(OVER_SECONDS) {
            if wait <= Span::from_secs(seconds) {
                break;
            }
            *over += 1;
        }
    }

    pub(super) fn finish(&mut self, window: Window, end: Instant) {
        self.length.advance(window, end);
        self.by_channel.iter_mut().for_each(|level| level.advance(window, end));
    }

    pub(super) fn write(&self, cast: &Cast, scope: Scope, length: u64, sheet: &mut Sheet) {
        let record = self.records.total(cast, scope);
        let first = MetricId::named("queue.wait.mean");
        sheet.put_times(first, scope, &record.wait);
        let wait = record.wait.histogram();
        sheet.put(first.plus(6), scope, super::share(wait.zeros(), wait.count()));
        sheet.put(first.plus(7), scope, record.all.mean());
        for (n, over) in (8..).zip(record.over) {
            sheet.put(first.plus(n), scope, super::share(over, record.all.count));
        }
        let level = match scope {
            Scope::Desk => &self.length,
            Scope::Channel(channel) => &self.by_channel[channel.index()],
            _ => return,
        };
        sheet.put(MetricId::named("queue.length.mean"), scope, level.mean(length));
        sheet.put_count(MetricId::named("queue.length.max"), scope, u64::from(level.most()));
    }
}

impl Merge for Record {
    fn merge(&mut self, other: &Record) {
        self.wait.merge(&other.wait);
        self.all.merge(&other.all);
        self.over.iter_mut().zip(other.over).for_each(|(over, more)| *over += more);
    }
}
