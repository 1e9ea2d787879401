//! The future-event list.

use crate::time::Instant;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Events to come, in one total order: (time, class, order of scheduling).
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    heap: BinaryHeap<Entry<E>>,
    now: Instant,
    scheduled: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: Instant,
    /// The class in the highest eight bits, the order of scheduling below.
    rank: u64,
    event: E,
}

impl<E: Copy> Agenda<E> {
    /// An agenda without events, at the run's start.
    pub fn new() -> Agenda<E> {
        Agenda { heap: BinaryHeap::new(), now: Instant::ZERO, scheduled: 0 }
    }

    /// The instant of the event popped last.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Schedules an event at `at`, not before [`Agenda::now`]; at one instant lower classes go first.
    ///
    /// # Panics
    /// If `at` is in the past.
    pub fn schedule(&mut self, at: Instant, class: u8, event: E) {
        assert!(at >= self.now, "an event at {at:?} cannot be scheduled at {:?}", self.now);
        self.scheduled += 1;
        self.heap.push(Entry { at, rank: u64::from(class) << 56 | self.scheduled, event });
    }

    /// When the next event is due.
    pub fn peek(&mut self) -> Option<Instant> {
        self.heap.peek().map(|entry| entry.at)
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Instant, E)> {
        let entry = self.heap.pop()?;
        self.now = entry.at;
        Some((entry.at, entry.event))
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether no event is to come.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Agenda<E> {
        Agenda::new()
    }
}

impl<E> Ord for Entry<E> {
    /// The earliest is the greatest: the heap gives the greatest first.
    fn cmp(&self, other: &Entry<E>) -> Ordering {
        (other.at, other.rank).cmp(&(self.at, self.rank))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Entry<E>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Entry<E>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}
