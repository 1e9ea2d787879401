//! Events: what people have yet to do.

/// Something that falls due. The `stamp` names the state of the person it was meant for; once they have moved on, it is void.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// The next scripted command is due.
    Script,
    /// An agent's shift asks for another status.
    Shift {
        /// Whose.
        agent: u32,
    },
    /// An agent is done with a piece of work.
    Work {
        /// Who.
        agent: u32,
        /// Of the agent's hands.
        stamp: u32,
    },
    /// The next customer of a class writes for the first time.
    Arrival {
        /// Which class.
        class: u32,
    },
    /// A customer answers the question for consent.
    Consent {
        /// Who, by slot.
        customer: u32,
        /// Of the customer.
        stamp: u32,
    },
    /// A customer's patience ends.
    Patience {
        /// Whose, by slot.
        customer: u32,
        /// Of the customer.
        stamp: u32,
    },
    /// A customer who waits writes again.
    Nudge {
        /// Who, by slot.
        customer: u32,
        /// Of the customer.
        stamp: u32,
    },
    /// A customer answers the agent's reply.
    Answer {
        /// Who, by slot.
        customer: u32,
        /// Of the customer.
        stamp: u32,
    },
    /// A customer whose ticket was closed comes back.
    Return {
        /// Who, by slot.
        customer: u32,
        /// Of the customer.
        stamp: u32,
    },
}

impl Event {
    /// The class of agents' shifts.
    pub(crate) const SHIFT: u8 = 1;

    /// Which of two events at one instant goes first: the script, then agents' shifts, agents' work, and customers; within a
    /// class the one that was scheduled first.
    pub(crate) const fn class(self) -> u8 {
        match self {
            Event::Script => 0,
            Event::Shift { .. } => Event::SHIFT,
            Event::Work { .. } => 2,
            Event::Arrival { .. }
            | Event::Consent { .. }
            | Event::Patience { .. }
            | Event::Nudge { .. }
            | Event::Answer { .. }
            | Event::Return { .. } => 3,
        }
    }
}

// The agenda moves events about: they stay small.
const _: () = assert!(size_of::<Event>() <= 12);
