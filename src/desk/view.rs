//! What may be read of a desk; everything here is O(1) or goes over a user's lanes.

use super::ticket::{Found, Phase};
use super::{
    Assignment, ChannelId, Connection, ConversationId, Desk, FieldSet, FieldValue, GroupId, LaneId, OnRequeue,
    Permission, StatusId, StatusName, Symbol, TicketId, TicketState, Timer, UserId, UserState,
};
use crate::time::{Calendar, Instant, Span};
use prefetch_index::prefetch_index;
use std::slice::from_ref;

impl Desk {
    /// The ticket of that number, if there ever was one.
    pub fn find(&self, number: u32) -> Option<TicketId> {
        self.tickets.find(number)
    }

    /// How many tickets were ever made; their numbers run from 1 to this.
    pub fn ticket_count(&self) -> usize {
        self.tickets.count()
    }

    /// The latest ticket of a conversation.
    pub fn ticket_of(&self, conversation: ConversationId) -> Option<TicketId> {
        self.tickets.latest(conversation)
    }

    fn get(&self, ticket: TicketId) -> Found<'_> {
        self.tickets.get(ticket).expect("the ticket of an ID exists")
    }

    /// TIC-4.
    pub fn state(&self, ticket: TicketId) -> TicketState {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.state,
            Found::Closed(_) => TicketState::Closed,
        }
    }

    /// Who has it; nobody has a queued or closed ticket.
    pub fn assignee(&self, ticket: TicketId) -> Option<UserId> {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.assignee(),
            Found::Closed(_) => None,
        }
    }

    /// Its present or last cycle, from 1.
    pub fn cycle(&self, ticket: TicketId) -> u32 {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.cycle,
            Found::Closed(ticket) => ticket.cycle,
        }
    }

    /// ESC-3: escalated and not closed since.
    pub fn is_escalated(&self, ticket: TicketId) -> bool {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.flags.escalated(),
            Found::Closed(_) => false,
        }
    }

    /// Whether a timer was breached in its present or last cycle.
    pub fn is_breached(&self, ticket: TicketId) -> bool {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.flags.breached(),
            Found::Closed(ticket) => ticket.breached,
        }
    }

    /// Where its conversation runs.
    pub fn channel(&self, ticket: TicketId) -> ChannelId {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.channel,
            Found::Closed(ticket) => ticket.channel,
        }
    }

    /// Whose case it is.
    pub fn conversation(&self, ticket: TicketId) -> ConversationId {
        match self.get(ticket) {
            Found::Open(ticket) => ticket.conversation,
            Found::Closed(ticket) => ticket.conversation,
        }
    }

    /// The deadline of a timer that runs; `None` where it does not, or the calendar never opens.
    pub fn due(&self, ticket: TicketId, timer: Timer) -> Option<Instant> {
        let slot = self.tickets.slot(ticket)?;
        let runs = self.tickets[slot].phase(timer) == Phase::Running;
        runs.then(|| self.tickets.goal(slot, timer).due()).filter(|&due| due != Instant::MAX)
    }

    /// The time that is left of a timer that runs or is paused, on its own clock (SLA-10); `None` where none is live, or the
    /// calendar never opens.
    pub fn remaining(&self, now: Instant, ticket: TicketId, timer: Timer) -> Option<Span> {
        self.tickets.slot(ticket).and_then(|slot| self.time_left(now, slot, timer))
    }

    /// A ticket's points of priority (QUE-2): its channel's, those of the message that began the cycle, and its fields'.
    pub fn priority_of(&self, ticket: TicketId) -> i32 {
        let (channel, own) = match self.get(ticket) {
            Found::Open(ticket) => (ticket.channel, ticket.own_priority),
            Found::Closed(ticket) => (ticket.channel, ticket.own_priority),
        };
        self.points(channel, own, ticket)
    }

    /// Where a queued ticket stands: the least is served first, across lanes of one order (QUE-2, QUE-4).
    pub fn queue_rank(&self, ticket: TicketId) -> Option<u128> {
        let slot = self.tickets.slot(ticket)?;
        (self.tickets[slot].state == TicketState::Queued).then(|| self.lane_key(slot))
    }

    /// Whether the clock of a ticket's timer counts at present (SLA-12): the timer runs, or one was breached before
    /// (`overdue`) and what it was about is still to come.
    pub fn counts_time(&self, ticket: TicketId, timer: Timer, overdue: bool) -> bool {
        let Some(slot) = self.tickets.slot(ticket) else { return false };
        let ticket = &self.tickets[slot];
        match ticket.phase(timer) {
            Phase::Running => true,
            Phase::Paused => false,
            Phase::Off | Phase::Suspended | Phase::Breached => {
                let sleeps = timer == Timer::Closure
                    && ticket.state == TicketState::AwaitingCustomer
                    && self.channels[ticket.channel.index()].sla.pause_awaiting_customer;
                overdue && !sleeps
            }
        }
    }

    /// Business hours, where the desk has them (SLA-10, MSG-4).
    pub fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    /// The calendar by which a channel's SLA timers count working time; `None` where they run round the clock (SLA-10).
    pub fn sla_calendar(&self, channel: ChannelId) -> Option<&Calendar> {
        self.calendar.as_ref().filter(|_| self.channels[channel.index()].sla.business_hours)
    }

    /// Whether a timer that a return to the queue cancelled goes on with the time that was left (SLA-7).
    pub fn resumes_timers(&self, channel: ChannelId) -> bool {
        self.channels[channel.index()].sla.on_requeue == OnRequeue::Resume
    }

    /// Whether a channel's closure timers sleep while the customer is awaited (SLA-3).
    pub fn pauses_timers(&self, channel: ChannelId) -> bool {
        self.channels[channel.index()].sla.pause_awaiting_customer
    }

    /// Whether a channel's timers run round the clock, never pause, and start in full each time.
    pub fn has_plain_timers(&self, channel: ChannelId) -> bool {
        self.sla_calendar(channel).is_none() && !self.pauses_timers(channel) && !self.resumes_timers(channel)
    }

    /// The mandatory fields that apply to the ticket and are empty (TIC-8).
    pub fn empty_fields(&self, ticket: TicketId) -> FieldSet {
        self.tickets.slot(ticket).map_or(FieldSet::default(), |slot| self.empty_mandatory(slot))
    }

    /// The custom fields of a ticket, in their order.
    pub fn field_values(&self, ticket: TicketId) -> &[Option<FieldValue>] {
        self.tickets.fields(ticket)
    }

    /// How many tickets wait in the queue.
    pub fn queue_length(&self) -> usize {
        self.lanes.iter().map(|lane| lane.waiting.len()).sum()
    }

    /// How many tickets wait in a lane.
    pub fn lane_length(&self, lane: LaneId) -> usize {
        self.lanes[lane.index()].waiting.len()
    }

    /// How many tickets are not closed.
    pub fn open_tickets(&self) -> usize {
        self.tickets.open_count()
    }

    /// The ticket that a user would take first by hand: the head that comes first among lanes of channels with manual
    /// assignment on which they may reply and are under the cap.
    pub fn head_for(&self, user: UserId) -> Option<TicketId> {
        let lanes = self.users[user.index()].seats.iter().map(|seat| &self.lanes[seat.lane.index()]);
        let heads = lanes
            .filter(|lane| !lane.automatic && self.is_under_cap(user, lane.channel))
            .filter_map(|lane| lane.waiting.first());
        heads.min().map(|(_, slot)| self.tickets.id(slot))
    }

    /// Whether people pick a channel's tickets up as they begin to work on them (TIC-12).
    pub fn answers_at_start(&self, channel: ChannelId) -> bool {
        self.channels[channel.index()].answers_at_start
    }

    /// Whether an answer would be the first since an open ticket was assigned, or the first response that is owed (TIC-12).
    pub fn is_to_be_answered(&self, ticket: TicketId) -> bool {
        self.tickets.slot(ticket).is_some_and(|slot| self.tickets[slot].is_to_be_answered())
    }

    /// When a user's idle time runs out if they do nothing (STA-11); `None` where it does not run.
    pub fn idle_due(&self, user: UserId) -> Option<Instant> {
        Some(self.users[user.index()].idle_due).filter(|&due| due != Instant::MAX)
    }

    /// Whether the channel's tickets are assigned by hand alone (CHN-3).
    pub fn is_manual(&self, channel: ChannelId) -> bool {
        self.channels[channel.index()].assignment == Assignment::Manual
    }

    /// Whose preset user breaches on the channel escalate to (SLA-1).
    pub fn escalates_to(&self, channel: ChannelId) -> Option<UserId> {
        self.channels[channel.index()].sla.escalate_to
    }

    /// What the channel promises at present (SLA-1).
    pub fn target(&self, channel: ChannelId, timer: Timer) -> Option<Span> {
        let sla = &self.channels[channel.index()].sla;
        match timer {
            Timer::FirstResponse => sla.first_response,
            Timer::Closure => sla.closure,
        }
    }

    /// The lane's channel.
    pub fn lane_channel(&self, lane: LaneId) -> ChannelId {
        self.lanes[lane.index()].channel
    }

    /// The group of a lane for tickets transferred to it; `None` for a channel's own lane.
    pub fn lane_group(&self, lane: LaneId) -> Option<GroupId> {
        self.lanes[lane.index()].group
    }

    /// The groups that a channel assigns over from the start; none where assignment is by hand.
    pub fn channel_groups(&self, channel: ChannelId) -> &[GroupId] {
        self.channels[channel.index()].groups()
    }

    /// How many users there are.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// The status that a user is in.
    pub fn user_status(&self, user: UserId) -> StatusId {
        self.users[user.index()].status
    }

    /// Since when (STA-10).
    pub fn status_since(&self, user: UserId) -> Instant {
        self.users[user.index()].status_since
    }

    /// USR-1.
    pub fn user_state(&self, user: UserId) -> UserState {
        self.users[user.index()].state
    }

    /// Whether the user is enabled and in an assignable status (ASG-1, less group, permission and cap).
    pub fn is_available(&self, user: UserId) -> bool {
        self.users[user.index()].available
    }

    /// Whether the user is enabled and in a connected status.
    pub fn is_connected(&self, user: UserId) -> bool {
        self.users[user.index()].connected
    }

    /// How many tickets of theirs are not closed.
    pub fn open_count(&self, user: UserId) -> u32 {
        self.users[user.index()].open
    }

    /// How many of them are pending.
    pub fn pending_count(&self, user: UserId) -> u32 {
        self.users[user.index()].pending
    }

    /// Whether the user holds more than the cap of some channel whose tickets they may get, or have (CAP-3).
    #[inline]
    pub fn is_over_cap(&self, user: UserId) -> bool {
        let person = &self.users[user.index()];
        person.open_weight > person.quick.cap && (person.quick.over_cap || self.exceeds_cap_of_lane(user))
            || person.outside > 0 && self.exceeds_cap_outside(user)
    }

    /// Fetches a user into the cache.
    pub(crate) fn fetch_user(&self, user: UserId) {
        prefetch_index(&self.standings, user.index());
        let user = &self.users[user.index()];
        prefetch_index(from_ref(&user.open), 0);
        prefetch_index(from_ref(&user.last_assigned), 0);
        prefetch_index(from_ref(&user.seats), 0);
    }

    /// Fetches into the cache how a ticket is found by its conversation.
    pub(crate) fn fetch_conversation(&self, conversation: ConversationId) {
        self.tickets.fetch_conversation(conversation);
    }

    /// Fetches a ticket into the cache.
    pub(crate) fn fetch_ticket(&self, ticket: TicketId) {
        self.tickets.fetch(ticket.slot);
    }

    /// The groups that a user is in.
    pub fn groups(&self, user: UserId) -> &[GroupId] {
        &self.users[user.index()].groups
    }

    /// Whether the user is in the group.
    pub fn is_in_group(&self, user: UserId, group: GroupId) -> bool {
        self.users[user.index()].groups.contains(&group)
    }

    /// CHN-1.
    #[inline]
    pub fn may(&self, user: UserId, permission: Permission, channel: ChannelId) -> bool {
        self.channels[channel.index()].grants(permission).include(user, &self.users[user.index()].groups)
    }

    /// Statuses ever made, deleted ones included: ids run from 0 to this.
    pub fn status_count(&self) -> usize {
        self.statuses.count()
    }

    /// The living custom statuses, in their order (STA-7).
    pub fn status_order(&self) -> &[StatusId] {
        self.statuses.order()
    }

    /// What a status is called.
    pub fn status_name(&self, status: StatusId) -> StatusName {
        self.statuses.get(status).name
    }

    /// STA-4.
    pub fn connection(&self, status: StatusId) -> Connection {
        self.statuses.get(status).connection
    }

    /// Whether users in the status are assigned tickets (STA-5).
    pub fn is_assignable(&self, status: StatusId) -> bool {
        self.statuses.get(status).assignable
    }

    /// The living status of that name (STA-3).
    pub fn status_named(&self, folded: Symbol) -> Option<StatusId> {
        self.statuses.named(folded)
    }
}
