//! The future-event list.

use crate::time::Instant;

/// Events to come, in one total order: (time, class, order of scheduling).
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    events: Vec<(Instant, u8, E)>,
}

#[allow(missing_docs, unused_variables, clippy::new_without_default)]
impl<E: Copy> Agenda<E> {
    pub fn new() -> Agenda<E> {
        todo!()
    }
    /// The instant of the event popped last.
    pub fn now(&self) -> Instant {
        todo!()
    }
    /// Schedules an event at `at`, not before [`Agenda::now`]; at one instant lower classes go first.
    pub fn schedule(&mut self, at: Instant, class: u8, event: E) {
        todo!()
    }
    /// When the next event is due.
    pub fn peek(&mut self) -> Option<Instant> {
        todo!()
    }
    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Instant, E)> {
        todo!()
    }
    pub fn len(&self) -> usize {
        todo!()
    }
    pub fn is_empty(&self) -> bool {
        todo!()
    }
}
