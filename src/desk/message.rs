//! Automatic messages (MSG). They are never a response and change no timer and no state (SLA-5).

use super::ticket::NONE;
use super::{AutoMessage, Desk, Effect, TicketState, UserId};
use crate::time::Instant;

impl Desk {
    /// Whether there is a text of that kind to send on a channel: the channel's, the user's own or the organisation's.
    fn has_text(&self, kind: AutoMessage, channel: super::ChannelId, user: Option<UserId>) -> bool {
        let channel = &self.channels[channel.index()];
        match kind {
            AutoMessage::Greeting => channel.greeting,
            // MSG-5: a user's personal text stands in for the organisation's.
            AutoMessage::Away => {
                channel.away_text || self.away_text || user.is_some_and(|user| self.users[user.index()].away_text)
            }
            AutoMessage::OutsideBusinessHours => channel.outside_text || self.outside_text,
        }
    }

    /// MSG-2: on the first message that a customer writes in a conversation.
    pub(super) fn greet(&self, slot: u32, fx: &mut Vec<Effect>) {
        let ticket = &self.tickets[slot];
        if self.has_text(AutoMessage::Greeting, ticket.channel, None) {
            fx.push(Effect::AutoMessageSent {
                ticket: Some(self.tickets.id(slot)),
                conversation: ticket.conversation,
                kind: AutoMessage::Greeting,
            });
        }
    }

    /// MSG-3: a user is in a status with an auto-message from now on; customers whose tickets are pending on them hear it.
    pub(super) fn announce_status(&mut self, user: UserId, fx: &mut Vec<Effect>) {
        if self.statuses.get(self.users[user.index()].status).auto_message.is_none() {
            return;
        }
        let mut slots = std::mem::take(&mut self.scratch);
        self.collect_open(user, &mut slots);
        for &slot in &slots {
            if self.tickets[slot].state == TicketState::Pending {
                self.tell_of_status(slot, user, fx);
            }
        }
        self.scratch = slots;
    }

    /// MSG-3: tells a ticket's customer of its assignee's status, once per spell.
    #[inline(always)]
    fn tell_of_status(&mut self, slot: u32, user: UserId, fx: &mut Vec<Effect>) {
        let Some(kind) = self.statuses.get(self.users[user.index()].status).auto_message else { return };
        let spell = self.users[user.index()].spell;
        let ticket = &self.tickets[slot];
        let number = ticket.number;
        let told = ticket.spell == spell || self.told_before.get(&number).is_some_and(|told| told.contains(&spell));
        if told || !self.has_text(kind, ticket.channel, Some(user)) {
            return;
        }
        let conversation = ticket.conversation;
        let before = std::mem::replace(&mut self.tickets[slot].spell, spell);
        if before != 0 {
            self.told_before.entry(number).or_default().push(before);
        }
        fx.push(Effect::AutoMessageSent { ticket: Some(self.tickets.id(slot)), conversation, kind });
    }

    /// After a customer's word on an open ticket, and the draining that came of it: whoever has the ticket may be in a status
    /// with an auto-message (MSG-3); if nobody has it, MSG-4.
    #[inline(always)]
    pub(super) fn answer_word(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        match self.tickets[slot].assignee() {
            Some(user) => self.tell_of_status(slot, user, fx),
            None => self.tell_unassigned(now, slot, fx),
        }
    }

    /// MSG-4: a customer's message left the ticket without assignee; at most once per cycle.
    #[inline(always)]
    fn tell_unassigned(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let ticket = &self.tickets[slot];
        if ticket.state != TicketState::Queued || ticket.flags.told_unassigned() {
            return;
        }
        let (channel, conversation, lane) = (ticket.channel, ticket.conversation, ticket.lane);
        let closed = self.calendar.as_ref().is_some_and(|calendar| !calendar.is_open(now));
        let kind = if closed {
            AutoMessage::OutsideBusinessHours
        } else if self.lanes[lane.index()].connected == 0 {
            AutoMessage::Away
        } else {
            return;
        };
        if self.has_text(kind, channel, None) {
            self.tickets[slot].flags.set_told_unassigned(true);
            fx.push(Effect::AutoMessageSent { ticket: Some(self.tickets.id(slot)), conversation, kind });
        }
    }

    /// The slots of a user's open tickets, by ticket ID.
    pub(super) fn collect_open(&self, user: UserId, into: &mut Vec<u32>) {
        into.clear();
        let mut slot = self.users[user.index()].first;
        while slot != NONE {
            into.push(slot);
            slot = self.tickets[slot].next;
        }
        into.sort_unstable_by_key(|&slot| self.tickets[slot].number);
    }
}
