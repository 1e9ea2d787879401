//! The six status cards of the dashboard (DSH-1).

use super::TicketRow;
use crate::desk::TicketState;

/// How a ticket stands, as the dashboard puts it: each ticket is on one card, the first that fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StatusCard {
    /// Closed.
    Closed,
    /// Waits in the queue.
    Queued,
    /// Escalated in this cycle, and open.
    Escalated,
    /// In a later cycle than its first, and open.
    Reopened,
    /// The customer awaits a response: the agent owes a reply.
    AwaitingResponse,
    /// Open otherwise: the customer is awaited, be it for an answer or for consent (CHN-7).
    Open,
}

impl StatusCard {
    /// All of them, in the order in which the first that fits is taken.
    pub const ALL: [StatusCard; 6] = [
        StatusCard::Closed,
        StatusCard::Queued,
        StatusCard::Escalated,
        StatusCard::Reopened,
        StatusCard::AwaitingResponse,
        StatusCard::Open,
    ];

    /// DSH-1: the first card that fits.
    pub const fn of(state: TicketState, escalated: bool, cycle: u32) -> StatusCard {
        match state {
            TicketState::Closed => StatusCard::Closed,
            TicketState::Queued => StatusCard::Queued,
            _ if escalated => StatusCard::Escalated,
            _ if cycle > 1 => StatusCard::Reopened,
            TicketState::Pending => StatusCard::AwaitingResponse,
            TicketState::AwaitingCustomer | TicketState::Consent => StatusCard::Open,
        }
    }

    /// What the dashboard calls it.
    pub const fn name(self) -> &'static str {
        match self {
            StatusCard::Closed => "Closed",
            StatusCard::Queued => "Queued",
            StatusCard::Escalated => "Escalated",
            StatusCard::Reopened => "Reopened",
            StatusCard::AwaitingResponse => "Awaiting response",
            StatusCard::Open => "Open",
        }
    }

    /// The card of that name; case, and whether words are parted by spaces, dashes or underscores, do not matter.
    pub fn named(name: &str) -> Option<StatusCard> {
        let folded = |name: &str| name.trim().to_lowercase().replace(['-', '_'], " ");
        let wanted = folded(name);
        StatusCard::ALL.into_iter().find(|card| folded(card.name()) == wanted)
    }
}

/// How many tickets are on each card.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cards([u64; 6]);

impl Cards {
    /// Counts a row's ticket, unless the row is about one of its past cycles.
    pub fn count(&mut self, row: &TicketRow) {
        if row.is_latest() {
            self.0[row.card() as usize] += 1;
        }
    }

    /// How many are on a card.
    pub const fn on(&self, card: StatusCard) -> u64 {
        self.0[card as usize]
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_card_that_fits_is_the_tickets() {
        use StatusCard::*;
        use TicketState as State;
        for (state, plain, reopened, escalated) in [
            (State::Closed, Closed, Closed, Closed),
            (State::Queued, Queued, Queued, Queued),
            (State::Pending, AwaitingResponse, Reopened, Escalated),
            (State::AwaitingCustomer, Open, Reopened, Escalated),
            (State::Consent, Open, Reopened, Escalated),
        ] {
            assert_eq!(StatusCard::of(state, false, 1), plain, "DSH-1: {state:?}");
            assert_eq!(StatusCard::of(state, false, 2), reopened, "DSH-1: {state:?}, reopened");
            assert_eq!(StatusCard::of(state, true, 1), escalated, "DSH-1: {state:?}, escalated");
            assert_eq!(StatusCard::of(state, true, 3), escalated, "DSH-1: {state:?}, both");
        }
    }

    #[test]
    fn names_are_read_as_they_are_likely_written() {
        for card in StatusCard::ALL {
            assert_eq!(StatusCard::named(card.name()), Some(card));
        }
        for name in ["awaiting-response", "AWAITING_RESPONSE", " Awaiting Response "] {
            assert_eq!(StatusCard::named(name), Some(StatusCard::AwaitingResponse), "{name}");
        }
        assert_eq!(StatusCard::named("awaiting"), None);
    }
}
