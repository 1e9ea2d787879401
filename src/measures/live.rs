//! What the folds remember of each ticket: one small record while it is open, four bytes once it is closed.

use super::cast::Origin;
use crate::desk::{GroupId, TicketId, Timer, UserId};
use crate::time::Instant;

/// An open ticket's record. All families share it, so an event touches one cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    /// When the customer's clock of this cycle started: creation, reactivation, or their first message where an agent
    /// opened the conversation.
    pub(super) asked: Instant,
    /// When the present stay in the queue began.
    pub(super) queued: Instant,
    /// When each SLA timer last started.
    pub(super) started: [Instant; 2],
    pub(super) origin: Origin,
    holder: u32,
    group: u32,
    transferred: u32,
    flags: u8,
}

/// A breached timer whose reply or closure is still to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overdue {
    pub(super) timer: Timer,
    pub(super) started: Instant,
    pub(super) breached: Instant,
    pub(super) group: Option<GroupId>,
}

/// A truth about an open ticket.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// It waits in the queue.
    Queued = 1,
    /// A person has replied in this cycle.
    Answered = 2,
    /// An agent opened the conversation, and the customer has not written yet.
    Unasked = 4,
    /// A timer was breached, and the reply or closure that it was about is still to come.
    Overdue = 8,
    /// Its first-response timer runs.
    FirstResponseRuns = 16,
    /// Its closure timer runs.
    ClosureRuns = 32,
}

impl Mark {
    /// That the timer runs.
    pub(super) fn runs(timer: Timer) -> Mark {
        match timer {
            Timer::FirstResponse => Mark::FirstResponseRuns,
            Timer::Closure => Mark::ClosureRuns,
        }
    }
}

const NOBODY: u32 = u32::MAX;

impl Ticket {
    fn new(origin: Origin, now: Instant) -> Ticket {
        Ticket {
            asked: now,
            queued: now,
            started: [now; 2],
            origin,
            holder: NOBODY,
            group: NOBODY,
            transferred: NOBODY,
            flags: 0,
        }
    }

    pub(super) fn is(&self, mark: Mark) -> bool {
        self.flags & mark as u8 != 0
    }

    pub(super) fn set(&mut self, mark: Mark, to: bool) {
        if to {
            self.flags |= mark as u8;
        } else {
            self.flags &= !(mark as u8);
        }
    }

    /// Who has it.
    pub(super) fn holder(&self) -> Option<UserId> {
        (self.holder != NOBODY).then_some(UserId(self.holder))
    }

    /// As a member of which group the holder has it.
    pub(super) fn group(&self) -> Option<GroupId> {
        (self.group != NOBODY).then_some(GroupId(self.group))
    }

    /// To which group it was transferred.
    pub(super) fn transferred(&self) -> Option<GroupId> {
        (self.transferred != NOBODY).then_some(GroupId(self.transferred))
    }

    pub(super) fn hand(&mut self, to: Option<UserId>, group: Option<GroupId>) {
        self.holder = to.map_or(NOBODY, |user| user.0);
        self.group = group.map_or(NOBODY, |group| group.0);
    }

    pub(super) fn transfer(&mut self, to: Option<GroupId>) {
        self.transferred = to.map_or(NOBODY, |group| group.0);
    }
}

/// All open tickets by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    tickets: Vec<Ticket>,
    /// By slot; grown and touched by breaches alone.
    overdue: Vec<Vec<Overdue>>,
    /// By ticket number, for tickets that are reopened.
    origins: Vec<Origin>,
}

impl Live {
    pub(super) fn create(&mut self, id: TicketId, origin: Origin, now: Instant) {
        let place = id.number as usize - 1;
        if place >= self.origins.len() {
            self.origins.resize(place + 1, origin);
        }
        self.origins[place] = origin;
        self.begin(id, origin, now);
    }

    /// Begins a closed ticket's next cycle.
    pub(super) fn reactivate(&mut self, id: TicketId, now: Instant) {
        self.begin(id, self.origin(id), now);
    }

    fn begin(&mut self, id: TicketId, origin: Origin, now: Instant) {
        let ticket = Ticket::new(origin, now);
        match self.tickets.get_mut(id.index()) {
            Some(place) => *place = ticket,
            None => self.tickets.resize(id.index() + 1, ticket),
        }
    }

    pub(super) fn get(&mut self, id: TicketId) -> &mut Ticket {
        &mut self.tickets[id.index()]
    }

    /// Where a ticket comes from, open or closed.
    pub(super) fn origin(&self, id: TicketId) -> Origin {
        self.origins[id.number as usize - 1]
    }

    pub(super) fn breach(&mut self, id: TicketId, overdue: Overdue) {
        if id.index() >= self.overdue.len() {
            self.overdue.resize_with(self.tickets.len(), Vec::new);
        }
        self.overdue[id.index()].push(overdue);
        self.tickets[id.index()].set(Mark::Overdue, true);
    }

    /// Ends what is overdue of a timer, in the order of the breaches.
    pub(super) fn settle(&mut self, id: TicketId, timer: Timer, mut with: impl FnMut(Overdue)) {
        let list = &mut self.overdue[id.index()];
        list.retain(|overdue| {
            let ends = timer == overdue.timer;
            if ends {
                with(*overdue);
            }
            !ends
        });
        self.tickets[id.index()].set(Mark::Overdue, !list.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_fits_a_cache_line() {
        assert!(size_of::<Ticket>() <= 64);
    }

    #[test]
    fn a_reused_slot_starts_afresh() {
        let (first, second) = (TicketId { number: 1, slot: 0 }, TicketId { number: 2, slot: 0 });
        let later = Instant::from_micros(5);
        let mut live = Live::default();
        live.create(first, Origin::at(3), Instant::ZERO);
        live.get(first).hand(Some(UserId(7)), Some(GroupId(1)));
        live.get(first).set(Mark::Answered, true);
        live.create(second, Origin::at(4), later);
        let ticket = *live.get(second);
        assert_eq!((ticket.holder(), ticket.group(), ticket.asked), (None, None, later));
        assert!(!ticket.is(Mark::Answered));
        live.reactivate(TicketId { number: 1, slot: 5 }, later);
        assert_eq!(live.get(TicketId { number: 1, slot: 5 }).origin, Origin::at(3));
    }

    #[test]
    fn what_is_overdue_ends_by_timer() {
        let id = TicketId { number: 1, slot: 2 };
        let mut live = Live::default();
        live.create(id, Origin::at(0), Instant::ZERO);
        for (timer, breached) in [(Timer::FirstResponse, 1), (Timer::Closure, 2), (Timer::FirstResponse, 3)] {
            let breached = Instant::from_micros(breached);
            live.breach(id, Overdue { timer, started: Instant::ZERO, breached, group: None });
        }
        let ended = |live: &mut Live, timer| {
            let mut ended = Vec::new();
            live.settle(id, timer, |overdue| ended.push(overdue.breached.as_micros()));
            ended
        };
        assert_eq!(ended(&mut live, Timer::FirstResponse), [1, 3]);
        assert!(live.get(id).is(Mark::Overdue));
        assert_eq!(ended(&mut live, Timer::Closure), [2]);
        assert!(!live.get(id).is(Mark::Overdue));
    }
}
