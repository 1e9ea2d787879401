//! What chance is asked for: the names of random draws (DESIGN, Sameness).
//!
//! A draw is named (purpose, entity, ordinal), and no state is kept between draws. What happens to a customer's ticket is
//! named after the customer, what an agent does after the agent; so two policies meet the very same people.

use crate::kernel::{Stream, Streams};
use crate::time::{Civil, Instant};

/// What a draw is for. The numbers are part of every result: a new purpose gets a new number, and none is used twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Purpose {
    /// What the `random` and `two_choices` policies hash.
    Policy = 1,
    /// Entity: class; ordinal: arrival.
    Interarrival = 2,
    /// Entity: class; ordinal: civil day.
    DayFactor = 3,
    /// Entity: customer.
    Spam = 4,
    /// Entity: customer; ordinal: field.
    Field = 5,
    /// Entity: customer; ordinal: cycle.
    Replies = 6,
    /// Entity: customer; ordinal: cycle.
    Patience = 7,
    /// Entity: customer; ordinal: cycle, level and reply.
    HandleTime = 8,
    /// Entity: customer; ordinal: cycle.
    WrapUp = 9,
    /// Entity: customer; ordinal: cycle and reply.
    ReplyDelay = 10,
    /// Entity: customer; ordinal: cycle.
    Silence = 11,
    /// Entity: customer; ordinal: cycle and nudge.
    Nudge = 12,
    /// Entity: customer; ordinal: cycle. Whether first, then when.
    Reopening = 13,
    /// Entity: customer; ordinal: cycle. Whether first, then when.
    Consent = 14,
    /// Entity: customer; ordinal: cycle, level and reply.
    Escalation = 15,
    /// Entity: customer; ordinal: cycle and hand-over.
    HandOver = 16,
    /// Entity: customer; ordinal: cycle and reply.
    WorkOrder = 17,
    /// Entity: agent.
    Pace = 18,
    /// Entity: agent; ordinal: civil day, from 0 for the day before the start.
    Absence = 19,
    /// Entity: agent; ordinal: civil day, from 0 for the day before the start.
    Lateness = 20,
    /// What a message says, which nobody acts on. Entity: conversation; ordinal: the instant, twice, and who writes.
    Content = 21,
}

/// The chances of one replication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance(Streams);

impl Chance {
    pub(crate) fn new(seed: u64, replication: u32) -> Chance {
        Chance(Streams::new(seed, u64::from(replication)))
    }

    /// The stream of that name.
    pub(crate) fn stream(self, purpose: Purpose, entity: u64, ordinal: u64) -> Stream {
        self.0.stream(purpose as u32, entity, ordinal)
    }

    /// Whether something of that probability happens.
    pub(crate) fn happens(self, probability: f64, purpose: Purpose, entity: u64, ordinal: u64) -> bool {
        // Most scenarios leave most chances at nought: then nothing is drawn.
        probability > 0.0 && self.stream(purpose, entity, ordinal).uniform() < probability
    }
}

/// What all people of a run share: the calendar on the wall, chance, and the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct World<'m> {
    pub(super) civil: &'m Civil,
    pub(super) chance: Chance,
    /// Nothing happens from then on.
    pub(super) end: Instant,
}
