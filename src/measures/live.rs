//! What the folds remember of each ticket: one small record while it is open, a bit or two once it is closed.

use super::cast::Origin;
use super::cells::CellId;
use crate::desk::{GroupId, TicketId, Timer, UserId};
use crate::time::Instant;
use prefetch_index::prefetch_index;
use std::ops::{Index, IndexMut};

/// An open ticket's record. All families share it, so an event touches one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Ticket {
    /// When the customer's clock of this cycle started: creation, reactivation, or their first message where an agent
    /// opened the conversation.
    pub(super) asked: Instant,
    /// When the present stay in the queue began.
    pub(super) queued: Instant,
    /// When each SLA timer last started; of one with a clock of its own ([`Mark::own_clock`]), its target in microseconds.
    pub(super) started: [Instant; 2],
    pub(super) origin: Origin,
    /// Where it is counted: that of its origin, and of the group as whose member the holder has it.
    pub(super) cell: CellId,
    holder: u32,
    transferred: u32,
    flags: u8,
}

/// A breached timer whose reply or closure is still to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overdue {
    pub(super) timer: Timer,
    /// Whether it has a clock of its own.
    pub(super) own: bool,
    /// What the timer's own clock showed when it started, and at the deadline.
    pub(super) started: Instant,
    pub(super) breached: Instant,
    pub(super) cell: CellId,
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
    /// Its first-response timer does not simply run round the clock.
    FirstResponseOwn = 64,
    /// Its closure timer does not.
    ClosureOwn = 128,
}

impl Mark {
    /// That the timer runs.
    pub(super) fn runs(timer: Timer) -> Mark {
        match timer {
            Timer::FirstResponse => Mark::FirstResponseRuns,
            Timer::Closure => Mark::ClosureRuns,
        }
    }

    /// That the timer goes by a clock of its own: it counts working time, may pause, or may be resumed.
    pub(super) fn own_clock(timer: Timer) -> Mark {
        match timer {
            Timer::FirstResponse => Mark::FirstResponseOwn,
            Timer::Closure => Mark::ClosureOwn,
        }
    }
}

const NOBODY: u32 = u32::MAX;

impl Ticket {
    fn new(origin: Origin, cell: CellId, now: Instant) -> Ticket {
        Ticket {
            asked: now,
            queued: now,
            started: [now; 2],
            origin,
            cell,
            holder: NOBODY,
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

    /// To which group it was transferred.
    pub(super) fn transferred(&self) -> Option<GroupId> {
        (self.transferred != NOBODY).then_some(GroupId(self.transferred))
    }

    pub(super) fn hand(&mut self, to: Option<UserId>, cell: CellId) {
        self.holder = to.map_or(NOBODY, |user| user.0);
        self.cell = cell;
    }

    pub(super) fn transfer(&mut self, to: Option<GroupId>) {
        self.transferred = to.map_or(NOBODY, |group| group.0);
    }
}

/// All open tickets by slot.
#[derive(Clone, Debug)]
pub(super) struct Live {
    tickets: Vec<Ticket>,
    /// By slot; grown and touched by breaches alone.
    overdue: Vec<Vec<Overdue>>,
    origins: Origins,
}

impl Live {
    /// No tickets yet, which will come from so many origins.
    pub(super) fn new(origins: usize) -> Live {
        Live { tickets: Vec::new(), overdue: Vec::new(), origins: Origins::new(origins) }
    }

    /// Begins a ticket's first cycle.
    pub(super) fn create(&mut self, id: TicketId, origin: Origin, cell: CellId, now: Instant) {
        self.origins.note(id, origin);
        self.begin(id, Ticket::new(origin, cell, now));
    }

    /// Begins a closed ticket's next cycle.
    pub(super) fn reactivate(&mut self, id: TicketId, cell: CellId, now: Instant) {
        self.begin(id, Ticket::new(self.origin(id), cell, now));
    }

    fn begin(&mut self, id: TicketId, ticket: Ticket) {
        match self.tickets.get_mut(id.index()) {
            Some(place) => *place = ticket,
            None => self.tickets.resize(id.index() + 1, ticket),
        }
    }

    /// The record in an open ticket's slot, if it has come to be known.
    pub(super) fn get_mut(&mut self, id: TicketId) -> Option<&mut Ticket> {
        self.tickets.get_mut(id.index())
    }

    /// Where a ticket comes from, open or closed.
    pub(super) fn origin(&self, id: TicketId) -> Origin {
        self.origins.of(id)
    }

    /// All slots with their records, of closed tickets too.
    pub(super) fn slots(&mut self) -> impl Iterator<Item = (u32, &mut Ticket)> {
        (0..).zip(&mut self.tickets)
    }

    /// Fetches a ticket's record into the cache.
    pub(super) fn fetch(&self, id: TicketId) {
        prefetch_index(&self.tickets, id.index());
    }

    pub(super) fn breach(&mut self, id: TicketId, overdue: Overdue) {
        if id.index() >= self.overdue.len() {
            self.overdue.resize_with(self.tickets.len(), Vec::new);
        }
        self.overdue[id.index()].push(overdue);
        self[id].set(Mark::Overdue, true);
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
        let left = !list.is_empty();
        self[id].set(Mark::Overdue, left);
    }
}

impl Index<TicketId> for Live {
    type Output = Ticket;

    fn index(&self, id: TicketId) -> &Ticket {
        &self.tickets[id.index()]
    }
}

impl IndexMut<TicketId> for Live {
    fn index_mut(&mut self, id: TicketId) -> &mut Ticket {
        &mut self.tickets[id.index()]
    }
}

/// The origin of every ticket that there ever was, for when it is reopened: nobody else remembers the customer's class.
/// So many bits each as it takes to tell all origins apart, up to the next power of two.
#[derive(Clone, Debug)]
struct Origins {
    bits: usize,
    words: Vec<u64>,
}

impl Origins {
    fn new(count: usize) -> Origins {
        let bits = (count.max(2) - 1).ilog2() + 1;
        Origins { bits: bits.next_power_of_two() as usize, words: Vec::new() }
    }

    /// The word of a ticket, and where in it the ticket's bits begin.
    fn place(&self, id: TicketId) -> (usize, usize) {
        let at = (id.number as usize - 1) * self.bits;
        (at / 64, at % 64)
    }

    fn note(&mut self, id: TicketId, origin: Origin) {
        let (word, shift) = self.place(id);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        // A ticket is created once, so its bits are still zero.
        self.words[word] |= (origin.index() as u64) << shift;
    }

    fn of(&self, id: TicketId) -> Origin {
        let (word, shift) = self.place(id);
        let mask = u64::MAX >> (64 - self.bits);
        Origin::at((self.words[word] >> shift & mask) as usize)
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
        let mut live = Live::new(5);
        live.create(first, Origin::at(3), CellId::default(), Instant::ZERO);
        live[first].hand(Some(UserId(7)), CellId::default());
        live[first].set(Mark::Answered, true);
        live.create(second, Origin::at(4), CellId::default(), later);
        let ticket = live[second];
        assert_eq!((ticket.holder(), ticket.asked), (None, later));
        assert!(!ticket.is(Mark::Answered));
        let again = TicketId { number: 1, slot: 5 };
        live.reactivate(again, CellId::default(), later);
        assert_eq!(live[again].origin, Origin::at(3));
    }

    #[test]
    fn origins_are_kept_in_few_bits() {
        for (count, bits) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (257, 16), (70_000, 32)]
        {
            let mut origins = Origins::new(count);
            assert_eq!(origins.bits, bits, "{count}");
            let of = |number: u32| Origin::at(number as usize * 7 % count.max(1));
            (1..=200).for_each(|number| origins.note(TicketId { number, slot: 0 }, of(number)));
            (1..=200).for_each(|number| assert_eq!(origins.of(TicketId { number, slot: 9 }), of(number), "{count}"));
            assert!(origins.words.len() * 64 < 200 * bits + 64);
        }
    }

    #[test]
    fn what_is_overdue_ends_by_timer() {
        let id = TicketId { number: 1, slot: 2 };
        let mut live = Live::new(1);
        live.create(id, Origin::at(0), CellId::default(), Instant::ZERO);
        for (timer, breached) in [(Timer::FirstResponse, 1), (Timer::Closure, 2), (Timer::FirstResponse, 3)] {
            let breached = Instant::from_micros(breached);
            live.breach(id, Overdue { timer, own: false, started: Instant::ZERO, breached, cell: CellId::default() });
        }
        let ended = |live: &mut Live, timer| {
            let mut ended = Vec::new();
            live.settle(id, timer, |overdue| ended.push(overdue.breached.as_micros()));
            ended
        };
        assert_eq!(ended(&mut live, Timer::FirstResponse), [1, 3]);
        assert!(live[id].is(Mark::Overdue));
        assert_eq!(ended(&mut live, Timer::Closure), [2]);
        assert!(!live[id].is(Mark::Overdue));
    }
}
