//! What counts towards a cap (CAP).

use super::assignment::cap_and_count;
use super::ticket::NONE;
use super::{ChannelId, Desk, Scope, UserId};

impl Desk {
    /// CAP-1: whether what the user holds leaves room for another of the channel's tickets.
    pub(super) fn is_under_cap(&self, user: UserId, channel: ChannelId) -> bool {
        let (cap, counted) = self.cap(user, channel);
        cap.is_none_or(|cap| counted < cap)
    }

    /// Whether the user holds more than the channel's cap (CAP-3).
    pub(super) fn exceeds_cap(&self, user: UserId, channel: ChannelId) -> bool {
        let (cap, counted) = self.cap(user, channel);
        cap.is_some_and(|cap| counted > cap)
    }

    /// CAP-3: notes whether who got a ticket sits in no lane of its channel, so that its cap is asked for all the same.
    pub(super) fn note_outsider(&mut self, slot: u32, to: UserId) {
        let channel = self.tickets[slot].channel;
        let person = &mut self.users[to.index()];
        let sits = person.seats.iter().any(|seat| self.lanes[seat.lane.index()].channel == channel);
        if !sits {
            person.outside += 1;
            self.tickets[slot].flags.set_outside(true);
        }
    }

    /// The same of all tickets of a channel, after seats in its lanes changed.
    pub(super) fn note_outsiders(&mut self, channel: ChannelId) {
        let slots: Vec<u32> = self.tickets.slots().filter(|&slot| self.tickets[slot].channel == channel).collect();
        for slot in slots {
            let Some(user) = self.tickets[slot].assignee() else { continue };
            let flags = &mut self.tickets[slot].flags;
            self.users[user.index()].outside -= u32::from(flags.outside());
            flags.set_outside(false);
            self.note_outsider(slot, user);
        }
    }

    /// Whether the user holds more than the cap of a channel in whose lanes they sit (CAP-3).
    #[inline(never)]
    pub(super) fn exceeds_cap_of_lane(&self, user: UserId) -> bool {
        let seats = &self.users[user.index()].seats;
        seats.iter().any(|seat| self.exceeds_cap(user, self.lanes[seat.lane.index()].channel))
    }

    /// Whether the user holds more than the cap of a channel in whose lanes they do not sit (CAP-3).
    #[cold]
    pub(super) fn exceeds_cap_outside(&self, user: UserId) -> bool {
        let mut slot = self.users[user.index()].first;
        while slot != NONE {
            let ticket = &self.tickets[slot];
            if ticket.flags.outside() && self.exceeds_cap(user, ticket.channel) {
                return true;
            }
            slot = ticket.next;
        }
        false
    }

    #[inline(always)]
    fn cap(&self, user: UserId, channel: ChannelId) -> (Option<u32>, u32) {
        let limit = self.channels[channel.index()].limit;
        cap_and_count(&self.users[user.index()], &self.counts, self.channels.len(), channel.index(), user, limit)
    }

    /// A ticket joins (1) or leaves (-1) what a user has open.
    #[inline(always)]
    pub(super) fn change_open(&mut self, slot: u32, user: UserId, by: i32) {
        let (weight, count) = self.weight(slot, user, by);
        let person = &mut self.users[user.index()];
        person.open = person.open.wrapping_add_signed(by);
        person.open_weight = person.open_weight.wrapping_add_signed(weight);
        if let Some((open, _)) = count.and_then(|at| self.counts.get_mut(at)) {
            *open = open.wrapping_add_signed(weight);
        }
    }

    /// A ticket joins (1) or leaves (-1) what is pending on a user.
    #[inline(always)]
    pub(super) fn change_pending(&mut self, slot: u32, user: UserId, by: i32) {
        let (weight, count) = self.weight(slot, user, by);
        let person = &mut self.users[user.index()];
        person.pending = person.pending.wrapping_add_signed(by);
        person.pending_weight = person.pending_weight.wrapping_add_signed(weight);
        let is_idle = person.pending == 0;
        if let Some((_, pending)) = count.and_then(|at| self.counts.get_mut(at)) {
            *pending = pending.wrapping_add_signed(weight);
        }
        if is_idle {
            self.note_idle(user);
        }
    }

    #[inline(always)]
    fn weight(&self, slot: u32, user: UserId, by: i32) -> (i32, Option<usize>) {
        let channel = self.tickets[slot].channel;
        let weight = self.channels[channel.index()].weight_milli as i32 * by;
        let count = (!self.counts.is_empty()).then(|| user.index() * self.channels.len() + channel.index());
        (weight, count)
    }

    /// Counts all weights anew, after the settings that they depend on changed.
    pub(super) fn recount(&mut self) {
        let by_channel =
            self.channels.iter().any(|channel| channel.limit.is_some_and(|limit| limit.scope == Scope::Channel));
        self.counts.clear();
        if by_channel {
            self.counts.resize(self.users.len() * self.channels.len(), (0, 0));
        }
        for user in &mut self.users {
            (user.open_weight, user.pending_weight) = (0, 0);
        }
        let slots: Vec<u32> = self.tickets.slots().collect();
        for slot in slots {
            let ticket = &self.tickets[slot];
            let Some(user) = ticket.assignee() else { continue };
            let weight = self.channels[ticket.channel.index()].weight_milli;
            let pending = if ticket.state == super::TicketState::Pending { weight } else { 0 };
            let at = user.index() * self.channels.len() + ticket.channel.index();
            let person = &mut self.users[user.index()];
            person.open_weight += weight;
            person.pending_weight += pending;
            if let Some(count) = self.counts.get_mut(at) {
                *count = (count.0 + weight, count.1 + pending);
            }
        }
    }
}
