//! Tickets: what is known of each while it is open, and the little that is kept once it is closed.

use super::deadline::Handle;
use super::{ChannelId, ConversationId, FieldId, FieldValue, LaneId, TicketId, TicketState, Timer, UserId};
use crate::time::{Instant, Span};
use prefetch_index::prefetch_index;
use std::slice::from_ref;

/// No slot, no handle, nobody.
pub(super) const NONE: u32 = u32::MAX;

/// The wait start of a ticket that has not entered the queue in this cycle (QUE-6).
pub(super) const NO_WAIT: Instant = Instant::MAX;

/// A ticket that is not closed: one cache line, for any may be next. What its timers go by besides lies apart.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Ticket {
    pub(super) number: u32,
    pub(super) conversation: ConversationId,
    pub(super) channel: ChannelId,
    /// The lane it waits in or would wait in.
    pub(super) lane: LaneId,
    /// First wait start of the cycle (QUE-6); [`NO_WAIT`] until it enters the queue.
    pub(super) wait_start: Instant,
    pub(super) cycle: u32,
    /// The assignee; while it has none, who had the conversation's latest ticket last, this one or an earlier one (ASG-11).
    user: u32,
    /// While it is queued its entry in the lane; while it is assigned the one before it in the assignee's list.
    pub(super) link: u32,
    /// The one after it in the assignee's list of open tickets.
    pub(super) next: u32,
    /// The deadlines of timers that run.
    pub(super) handles: [Handle; 2],
    pub(super) silence: Handle,
    /// The assignee's spell in which they were last sent an auto-message (MSG-3).
    pub(super) spell: u32,
    /// The points of priority of the message that began its cycle (QUE-2).
    pub(super) own_priority: i16,
    pub(super) flags: Flags,
    pub(super) state: TicketState,
    /// By [`Timer`].
    pub(super) phases: [Phase; 2],
}

/// What is so or not about a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags(u16);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $set:ident;)*) => {
        impl Flags {$(
            $(#[$doc])*
            pub(super) const fn $name(self) -> bool {
                self.0 >> $bit & 1 == 1
            }

            pub(super) fn $set(&mut self, value: bool) {
                self.0 = self.0 & !(1 << $bit) | (value as u16) << $bit;
            }
        )*}
    };
}

flags! {
    /// ESC-3: until closure.
    escalated = 0, set_escalated;
    /// A timer was breached in this cycle.
    breached = 1, set_breached;
    /// The customer wrote last, or never was written to: somebody owes a reply.
    owed = 2, set_owed;
    /// A person replied since the first-response timer last started in this cycle (SLA-3, SLA-7).
    answered = 3, set_answered;
    /// An agent opened the conversation and the customer has not written yet (SLA-11).
    unopened = 4, set_unopened;
    /// TIC-6, ASG-11: the last assignee comes first, if eligible.
    sticky = 5, set_sticky;
    /// ESC-4: a first-response breach escalated it in this cycle.
    first_response_escalated = 6, set_first_response_escalated;
    /// ESC-4: a closure breach escalated it in this cycle.
    closure_escalated = 7, set_closure_escalated;
    /// MSG-4: told in this cycle that it is outside business hours or that nobody is there.
    told_unassigned = 8, set_told_unassigned;
    /// ASG-8: it was transferred away from the last assignee, who is chosen only if nobody else is eligible.
    avoids_last = 9, set_avoids_last;
    /// Somebody has it.
    assigned = 10, set_assigned;
    /// STA-11: its assignee has it in hand.
    in_hand = 13, set_in_hand;
    /// STA-12: it goes back to the queue once the work in hand on it is over.
    returning = 14, set_returning;
    /// TIC-12: it was answered since it was last assigned.
    picked_up = 15, set_picked_up;
    /// CAP-3: who has it sits in no lane of its channel.
    outside = 11, set_outside;
}

/// How far a timer has come (SLA-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// Not started in this cycle, or ended without a breach.
    Off,
    /// Runs.
    Running,
    /// Sleeps while the customer is awaited (SLA-3, `pause_awaiting_customer`).
    Paused,
    /// Was cancelled by a return to the queue, and goes on with what was left (SLA-7, `resume`).
    Suspended,
    /// Breached.
    Breached,
}

/// What a timer goes by: when it is due while it runs, what is left of it while it sleeps or is suspended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Goal(u64);

impl Goal {
    pub(super) const NONE: Goal = Goal(0);
    /// Marks what is left; it is kept once the timer has ended, as deadlines are. A deadline that never comes has it, too.
    const SLEEPS: u64 = 1 << 63;

    pub(super) fn at(due: Instant) -> Goal {
        Goal(due.as_micros())
    }

    pub(super) fn after(left: Span) -> Goal {
        Goal(left.as_micros() | Goal::SLEEPS)
    }

    pub(super) fn due(self) -> Instant {
        Instant::from_micros(self.0)
    }

    pub(super) fn left(self) -> Span {
        match self.0 {
            u64::MAX => Span::MAX,
            left => Span::from_micros(left & !Goal::SLEEPS),
        }
    }

    /// Whether it says what is left, or never falls due.
    pub(super) fn sleeps(self) -> bool {
        self.0 & Goal::SLEEPS != 0
    }
}

impl Phase {
    /// Whether it started and has not ended: it runs or sleeps.
    pub(super) const fn is_live(self) -> bool {
        matches!(self, Phase::Running | Phase::Paused)
    }
}

/// What is kept of a closed ticket (TIC-10); its custom fields are kept beside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    pub(super) number: u32,
    pub(super) conversation: ConversationId,
    pub(super) channel: ChannelId,
    pub(super) last_assignee: Option<UserId>,
    pub(super) cycle: u32,
    pub(super) at: Instant,
    /// The last spell in which its customer was told of their assignee's status (MSG-3).
    pub(super) spell: u32,
    /// Of the message that began its last cycle; a cycle that a user begins has none (QUE-2).
    pub(super) own_priority: i16,
    pub(super) breached: bool,
    /// CHN-7: it was closed while it waited for consent, which is asked for again when the customer writes again.
    pub(super) unconsented: bool,
}

/// A ticket, open or closed.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    Open(&'a Ticket),
    Closed(&'a Closed),
}

const CLOSED: u32 = 1 << 31;
const SEEN: u32 = 1 << 31;

/// What is kept of a conversation.
#[derive(Clone, Copy, Debug)]
struct Conversation {
    /// The number of its latest ticket, 0 for none, with a mark once a message was seen.
    latest: u32,
    /// Where that one lies, if it is open.
    slot: u32,
}

/// All tickets and the conversations that they belong to.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    open: Vec<Ticket>,
    /// Of the open ones, by [`Timer`].
    goals: Vec<[Goal; 2]>,
    free: Vec<u32>,
    closed: Vec<Closed>,
    closed_free: Vec<u32>,
    /// By number, from 1: the slot of an open ticket, or the place of a closed one with a mark.
    index: Vec<u32>,
    conversations: Vec<Conversation>,
    /// Custom fields per ticket; nothing is stored where there are none.
    width: usize,
    fields: Vec<Option<FieldValue>>,
    closed_fields: Vec<Option<FieldValue>>,
}

impl Tickets {
    pub(super) fn new(fields: usize) -> Tickets {
        Tickets {
            open: Vec::new(),
            goals: Vec::new(),
            free: Vec::new(),
            closed: Vec::new(),
            closed_free: Vec::new(),
            index: Vec::new(),
            conversations: Vec::new(),
            width: fields,
            fields: Vec::new(),
            closed_fields: Vec::new(),
        }
    }

    /// How many tickets are not closed.
    pub(super) fn open_count(&self) -> usize {
        self.open.len() - self.free.len()
    }

    /// How many tickets there ever were.
    pub(super) fn count(&self) -> usize {
        self.index.len()
    }

    /// The slots of open tickets, for audits and rare changes of settings.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.index.iter().copied().filter(|place| place & CLOSED == 0)
    }

    pub(super) fn find(&self, number: u32) -> Option<TicketId> {
        let place = *self.index.get(number.checked_sub(1)? as usize)?;
        let slot = if place & CLOSED == 0 { place } else { NONE };
        Some(TicketId { number, slot })
    }

    /// The ticket of an ID; `None` where there never was one.
    #[inline(always)]
    pub(super) fn get(&self, id: TicketId) -> Option<Found<'_>> {
        // The slot that came with the ID is right unless the ticket was closed since; the number of a free one is 0.
        if let Some(ticket) = self.open.get(id.index())
            && ticket.number == id.number
            && id.number != 0
        {
            return Some(Found::Open(ticket));
        }
        let place = *self.index.get(id.number.checked_sub(1)? as usize)?;
        Some(match place & CLOSED {
            0 => Found::Open(&self.open[place as usize]),
            _ => Found::Closed(&self.closed[(place & !CLOSED) as usize]),
        })
    }

    /// Fetches into the cache how a conversation's ticket is found.
    pub(super) fn fetch_conversation(&self, conversation: ConversationId) {
        prefetch_index(&self.conversations, conversation.index());
    }

    /// Fetches a slot into the cache.
    pub(super) fn fetch(&self, slot: u32) {
        if let Some(ticket) = self.open.get(slot as usize) {
            prefetch_index(from_ref(ticket), 0);
        }
    }

    /// What an open ticket's timer goes by.
    pub(super) fn goal(&self, slot: u32, timer: Timer) -> Goal {
        self.goals[slot as usize][timer as usize]
    }

    /// An open ticket with what its timers go by.
    pub(super) fn with_goals(&mut self, slot: u32) -> (&mut Ticket, &mut [Goal; 2]) {
        (&mut self.open[slot as usize], &mut self.goals[slot as usize])
    }

    /// The slot of an open ticket.
    #[inline]
    pub(super) fn slot(&self, id: TicketId) -> Option<u32> {
        if self.open.get(id.index()).is_some_and(|ticket| ticket.number == id.number && id.number != 0) {
            return Some(id.slot);
        }
        let place = *self.index.get(id.number.checked_sub(1)? as usize)?;
        (place & CLOSED == 0).then_some(place)
    }

    #[inline(always)]
    pub(super) fn latest(&self, conversation: ConversationId) -> Option<TicketId> {
        let entry = self.conversations.get(conversation.index())?;
        let number = entry.latest & !SEEN;
        let is_open = self.open.get(entry.slot as usize).is_some_and(|ticket| ticket.number == number);
        let slot = if is_open { entry.slot } else { NONE };
        (number != 0).then_some(TicketId { number, slot })
    }

    /// Whether a message was seen in the conversation before; it was from now on.
    pub(super) fn first_message(&mut self, conversation: ConversationId) -> bool {
        let entry = self.conversation(conversation);
        let first = entry.latest & SEEN == 0;
        entry.latest |= SEEN;
        first
    }

    pub(super) fn id(&self, slot: u32) -> TicketId {
        TicketId { number: self.open[slot as usize].number, slot }
    }

    /// A new open ticket in its first cycle.
    #[inline]
    pub(super) fn create(&mut self, conversation: ConversationId, channel: ChannelId, lane: LaneId) -> u32 {
        let number = u32::try_from(self.index.len() + 1).expect("fewer than 2^31 tickets");
        assert!(number < CLOSED, "a desk numbers fewer than 2^31 tickets");
        let slot = self.occupy(Ticket::new(number, conversation, channel, lane));
        self.index.push(slot);
        self.conversation(conversation).leads_to(number, slot);
        slot
    }

    /// Puts an open ticket away.
    pub(super) fn close(&mut self, slot: u32, at: Instant) {
        let ticket = &mut self.open[slot as usize];
        let closed = Closed {
            number: ticket.number,
            conversation: ticket.conversation,
            channel: ticket.channel,
            last_assignee: ticket.last_assignee(),
            cycle: ticket.cycle,
            at,
            spell: ticket.spell,
            own_priority: ticket.own_priority,
            breached: ticket.flags.breached(),
            unconsented: ticket.state == TicketState::Consent,
        };
        ticket.number = 0;
        let place = self.closed_free.pop().unwrap_or(self.closed.len() as u32);
        if place as usize == self.closed.len() {
            self.closed.push(closed);
            if self.width > 0 {
                self.closed_fields.resize(self.closed.len() * self.width, None);
            }
        } else {
            self.closed[place as usize] = closed;
        }
        let (from, to) = (slot as usize * self.width, place as usize * self.width);
        if self.width > 0 {
            self.closed_fields[to..to + self.width].copy_from_slice(&self.fields[from..from + self.width]);
        }
        self.index[closed.number as usize - 1] = place | CLOSED;
        self.free.push(slot);
    }

    /// Takes a closed ticket up again, in its next cycle.
    pub(super) fn reopen(&mut self, number: u32, lane: LaneId) -> u32 {
        let place = (self.index[number as usize - 1] & !CLOSED) as usize;
        let closed = self.closed[place];
        let mut ticket = Ticket::new(number, closed.conversation, closed.channel, lane);
        ticket.cycle = closed.cycle + 1;
        ticket.user = closed.last_assignee.map_or(NONE, |user| user.0);
        ticket.spell = closed.spell;
        let slot = self.occupy(ticket);
        let (from, to) = (place * self.width, slot as usize * self.width);
        self.fields[to..to + self.width].copy_from_slice(&self.closed_fields[from..from + self.width]);
        self.closed_free.push(place as u32);
        self.index[number as usize - 1] = slot;
        // The conversation's open ticket is its latest, whichever was made last.
        self.conversation(closed.conversation).leads_to(number, slot);
        slot
    }

    /// The fields of the open ticket in a slot.
    #[inline]
    pub(super) fn open_fields(&self, slot: u32) -> &[Option<FieldValue>] {
        let at = slot as usize * self.width;
        &self.fields[at..at + self.width]
    }

    /// The fields of a ticket, open or closed.
    pub(super) fn fields(&self, id: TicketId) -> &[Option<FieldValue>] {
        let place = self.index[id.number as usize - 1];
        let (fields, at) = match place & CLOSED {
            0 => (&self.fields, place as usize * self.width),
            _ => (&self.closed_fields, (place & !CLOSED) as usize * self.width),
        };
        &fields[at..at + self.width]
    }

    pub(super) fn set_field(&mut self, id: TicketId, field: FieldId, value: Option<FieldValue>) {
        let place = self.index[id.number as usize - 1];
        let (fields, at) = match place & CLOSED {
            0 => (&mut self.fields, place as usize * self.width),
            _ => (&mut self.closed_fields, (place & !CLOSED) as usize * self.width),
        };
        fields[at + field.index()] = value;
    }

    #[inline(always)]
    fn conversation(&mut self, conversation: ConversationId) -> &mut Conversation {
        if self.conversations.len() <= conversation.index() {
            self.make_room(conversation);
        }
        &mut self.conversations[conversation.index()]
    }

    fn make_room(&mut self, conversation: ConversationId) {
        self.conversations.resize(conversation.index() + 1, Conversation { latest: 0, slot: NONE });
    }

    #[inline(always)]
    fn occupy(&mut self, ticket: Ticket) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.open[slot as usize] = ticket;
                if self.width > 0 {
                    let at = slot as usize * self.width;
                    self.fields[at..at + self.width].fill(None);
                }
                slot
            }
            None => {
                self.open.push(ticket);
                self.goals.push([Goal::NONE; 2]);
                self.fields.resize(self.open.len() * self.width, None);
                (self.open.len() - 1) as u32
            }
        }
    }
}

impl std::ops::Index<u32> for Tickets {
    type Output = Ticket;
    fn index(&self, slot: u32) -> &Ticket {
        &self.open[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Tickets {
    fn index_mut(&mut self, slot: u32) -> &mut Ticket {
        &mut self.open[slot as usize]
    }
}

impl Conversation {
    /// That ticket is its latest from now on.
    fn leads_to(&mut self, number: u32, slot: u32) {
        *self = Conversation { latest: self.latest & SEEN | number, slot };
    }
}

impl Ticket {
    pub(super) fn phase(&self, timer: Timer) -> Phase {
        self.phases[timer as usize]
    }

    pub(super) fn assignee(&self) -> Option<UserId> {
        self.flags.assigned().then_some(UserId(self.user))
    }

    /// TIC-12: an answer would be the first since it was assigned, or the first response that is owed.
    pub(super) fn is_to_be_answered(&self) -> bool {
        !self.flags.picked_up() || !self.flags.answered() && !self.flags.unopened()
    }

    /// Who had the conversation's latest ticket last before, if nobody has this one (ASG-11).
    pub(super) fn last_assignee(&self) -> Option<UserId> {
        (!self.flags.assigned() && self.user != NONE).then_some(UserId(self.user))
    }

    /// Who had an earlier ticket of its conversation, which nobody has had since (ASG-11).
    pub(super) fn remember(&mut self, last: Option<UserId>) {
        debug_assert!(self.assignee().is_none());
        self.user = last.map_or(NONE, |user| user.0);
    }

    /// Somebody has it from now on, after that one in their list.
    #[inline(always)]
    pub(super) fn give(&mut self, to: UserId, previous: u32) {
        self.user = to.0;
        self.flags.set_assigned(true);
        (self.link, self.next) = (previous, NONE);
    }

    /// Nobody has it from now on, and it waits in no lane; says who had it.
    #[inline(always)]
    pub(super) fn take_away(&mut self) -> Option<UserId> {
        let had = self.assignee();
        if had.is_some() {
            self.flags.set_assigned(false);
            self.link = NONE;
        }
        had
    }

    /// Its entry in the lane that it waits in; [`NONE`] if it does not.
    pub(super) fn place(&self) -> u32 {
        if self.flags.assigned() { NONE } else { self.link }
    }

    fn new(number: u32, conversation: ConversationId, channel: ChannelId, lane: LaneId) -> Ticket {
        Ticket {
            number,
            conversation,
            channel,
            lane,
            wait_start: NO_WAIT,
            cycle: 1,
            user: NONE,
            link: NONE,
            next: NONE,
            handles: [Handle::NONE; 2],
            phases: [Phase::Off; 2],
            silence: Handle::NONE,
            spell: 0,
            own_priority: 0,
            state: TicketState::Queued,
            flags: Flags::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stay_small() {
        // Open tickets are touched at every event and closed ones kept for good: both sizes are promises.
        assert!(size_of::<Ticket>() <= 64, "{}", size_of::<Ticket>());
        assert!(size_of::<Closed>() <= 48, "{}", size_of::<Closed>());
    }
}
