//! A ticket's life (TIC): creation, replies, closure, reopening, and assignment by hand (ASG-7, ASG-8).

use super::deadline::Handle;
use super::machine::past_consent;
use super::ticket::{Found, NO_WAIT, NONE};
use super::user::stamp;
use super::{
    ChannelId, Closer, ConversationId, Desk, Effect, FieldName, FieldSet, FieldValue, FormId, GroupId, How, Permission,
    Refusal, Rule, TicketId, TicketState, UserId,
};
use super::{FieldId, FieldKind};
use crate::time::Instant;

impl Desk {
    /// A customer writes (TIC-1, TIC-5, TIC-6).
    #[allow(clippy::too_many_arguments, reason = "one for each field of the command")]
    pub(super) fn message(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        channel: ChannelId,
        spam: bool,
        priority: i16,
        form: Option<FormId>,
        fx: &mut Vec<Effect>,
    ) -> Result<Option<u32>, Refusal> {
        let settings = &self.channels[channel.index()];
        if spam && settings.spam_filter {
            // Spam that was filtered is no word of the customer's (CHN-6).
            fx.push(Effect::SpamFiltered { conversation });
            return Ok(None);
        }
        if !self.ticketing {
            // CHN-8: messages flow, and there are no tickets.
            if self.tickets.first_message(conversation) && self.channels[channel.index()].greeting {
                let kind = super::AutoMessage::Greeting;
                fx.push(Effect::AutoMessageSent { ticket: None, conversation, kind });
            }
            return Ok(None);
        }
        if let Some(form) = form {
            let fits = |&(field, value): &(FieldId, FieldValue)| fits(self.fields[field.index()].kind, value);
            if !self.forms[form.index()].iter().all(fits) {
                return Err(Refusal::ValueDoesNotFit);
            }
        }
        let latest = self.tickets.latest(conversation);
        let found = latest.map(|id| self.tickets.get(id).expect("a conversation's ticket exists"));
        // CHN-7: who has not consented is asked, with their first ticket or a later one.
        let unconsented =
            found.as_ref().is_none_or(|found| matches!(found, Found::Closed(ticket) if ticket.unconsented));
        let asked = settings.consent && unconsented;
        // ASG-11: who had the conversation's latest ticket, where that one stays closed.
        let mut known = None;
        let slot = match found {
            Some(Found::Open(ticket)) if ticket.channel != channel => return Err(Refusal::OtherChannel),
            Some(Found::Closed(ticket)) if ticket.channel != channel => return Err(Refusal::OtherChannel),
            Some(Found::Open(_)) => {
                let slot = latest.expect("it was found").slot;
                self.greet_first(conversation, slot, fx);
                self.fill_form(slot, form);
                self.customer_wrote(now, slot, fx);
                return Ok(Some(slot));
            }
            Some(Found::Closed(ticket)) => {
                let number = ticket.number;
                let too_late = settings.reopen_within.is_some_and(|within| now.since(ticket.at) > within);
                if too_late {
                    known = ticket.last_assignee;
                    None
                } else {
                    Some(number)
                }
            }
            None => None,
        };
        let slot = match slot {
            Some(number) => {
                let slot = self.reactivate(number, fx);
                let sticky = self.channels[channel.index()].sticky;
                let ticket = &mut self.tickets[slot];
                ticket.wait_start = now;
                ticket.own_priority = priority;
                ticket.flags.set_sticky(sticky);
                self.fill_form(slot, form);
                self.greet_first(conversation, slot, fx);
                slot
            }
            None => {
                let slot = self.create(conversation, channel, fx);
                let ticket = &mut self.tickets[slot];
                ticket.wait_start = now;
                ticket.own_priority = priority;
                ticket.flags.set_owed(true);
                if known.is_some() {
                    ticket.remember(known);
                    ticket.flags.set_sticky(self.channels[channel.index()].sticky);
                }
                self.fill_form(slot, form);
                self.greet_first(conversation, slot, fx);
                slot
            }
        };
        if asked {
            // CHN-7: who is asked for consent waits for that first, outside the queue.
            self.tickets[slot].state = TicketState::Consent;
        } else {
            self.enter_queue(now, slot, fx);
        }
        Ok(Some(slot))
    }

    /// A message on a ticket that is not closed (TIC-5).
    fn customer_wrote(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let ticket = &mut self.tickets[slot];
        let opens = ticket.flags.unopened();
        ticket.flags.set_unopened(false);
        ticket.flags.set_owed(true);
        if ticket.state == TicketState::AwaitingCustomer {
            ticket.state = TicketState::Pending;
            if ticket.silence != Handle::NONE {
                let ring = self.channels[ticket.channel.index()].silence_ring;
                self.deadlines.cancel(ring, &mut ticket.silence);
            }
            let user = ticket.assignee().expect("an awaiting ticket is assigned");
            self.change_pending(slot, user, 1);
            self.unpause(now, slot);
            fx.push(Effect::Pending { ticket: self.tickets.id(slot) });
            self.touch(user);
        }
        if opens {
            self.first_response_is_owed(now, slot, fx);
        }
    }

    /// SLA-11: the customer of a conversation that an agent opened wrote for the first time.
    #[cold]
    #[inline(never)]
    fn first_response_is_owed(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        if self.tickets[slot].assignee().is_some() {
            self.start_first_response(now, slot, fx);
        } else if self.tickets[slot].place() != super::ticket::NONE {
            // QUE-2: what is due sooner may come sooner.
            self.rekey(slot);
        }
    }

    /// MSG-2: on the first message that the customer writes in a conversation, whoever opened it.
    #[inline(always)]
    fn greet_first(&mut self, conversation: ConversationId, slot: u32, fx: &mut Vec<Effect>) {
        if self.tickets.first_message(conversation) {
            self.greet(slot, fx);
        }
    }

    #[inline(always)]
    fn create(&mut self, conversation: ConversationId, channel: ChannelId, fx: &mut Vec<Effect>) -> u32 {
        let lane = self.channels[channel.index()].lane;
        let slot = self.tickets.create(conversation, channel, lane);
        fx.push(Effect::Created { ticket: self.tickets.id(slot), conversation, channel });
        slot
    }

    /// A closed ticket begins its next cycle (TIC-6, TIC-7, TIC-10), as yet without assignee and outside the queue.
    pub(super) fn reactivate(&mut self, number: u32, fx: &mut Vec<Effect>) -> u32 {
        let channel = match self.tickets.find(number).and_then(|id| self.tickets.get(id)) {
            Some(Found::Closed(closed)) => closed.channel,
            _ => unreachable!("only a closed ticket is reactivated"),
        };
        let slot = self.tickets.reopen(number, self.channels[channel.index()].lane);
        let ticket = &mut self.tickets[slot];
        ticket.flags.set_owed(true);
        let cycle = ticket.cycle;
        fx.push(Effect::Reactivated { ticket: self.tickets.id(slot), cycle });
        slot
    }

    /// A conversation has at most one ticket that is not closed, so only its latest may be reopened.
    pub(super) fn check_reopenable(&self, conversation: ConversationId, number: u32) -> Result<(), Refusal> {
        let latest = self.tickets.latest(conversation).expect("the conversation has a ticket");
        if latest.number != number && self.tickets.slot(latest).is_some() {
            return Err(Refusal::TicketOpenAlready);
        }
        Ok(())
    }

    /// CHN-7.
    pub(super) fn consent(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        granted: bool,
        fx: &mut Vec<Effect>,
    ) -> Result<Option<u32>, Refusal> {
        let slot = self.open_ticket_of(conversation)?;
        if self.tickets[slot].state != TicketState::Consent {
            return Err(Refusal::NotAwaitingConsent);
        }
        if granted {
            // The wait for an assignee begins with the queue.
            self.tickets[slot].wait_start = now;
            self.enter_queue(now, slot, fx);
            Ok(Some(slot))
        } else {
            self.close(now, slot, Closer::Customer, fx);
            Ok(None)
        }
    }

    /// TIC-9: the customer gives up.
    pub(super) fn abandon(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket_of(conversation)?;
        self.close(now, slot, Closer::Customer, fx);
        Ok(())
    }

    /// TIC-9: the conversation is closed.
    pub(super) fn end_conversation(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket_of(conversation)?;
        self.close(now, slot, Closer::System, fx);
        Ok(())
    }

    /// TIC-9: `close_after_silence` has passed.
    pub(super) fn close_silent(&mut self, now: Instant, slot: u32, number: u32, fx: &mut Vec<Effect>) {
        let ticket = &self.tickets[slot];
        let still =
            ticket.number == number && ticket.state == TicketState::AwaitingCustomer && ticket.silence == Handle::NONE;
        if still {
            self.close(now, slot, Closer::System, fx);
        }
    }

    fn open_ticket_of(&self, conversation: ConversationId) -> Result<u32, Refusal> {
        self.check_ticketing()?;
        self.tickets.latest(conversation).and_then(|id| self.tickets.slot(id)).ok_or(Refusal::NoOpenTicket)
    }

    /// TIC-12: a user answers before the reply is done. A second time it changes nothing, unless the ticket was assigned
    /// anew or a first response is owed.
    pub(super) fn answer(
        &mut self,
        user: UserId,
        ticket: Option<TicketId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket(user, ticket, Permission::Reply)?;
        past_consent(&self.tickets[slot])?;
        let assignee = self.tickets[slot].assignee().ok_or(Refusal::TicketUnassigned)?;
        if self.tickets[slot].is_to_be_answered() {
            self.tickets[slot].flags.set_picked_up(true);
            fx.push(Effect::Answered { ticket: self.tickets.id(slot), by: user });
            self.answer_timers(slot, fx);
        }
        if assignee == user {
            self.take_in_hand(slot, user);
        }
        Ok(())
    }

    /// TIC-5, SLA-3. A user may also reply to a ticket that still waits in the queue; it goes on waiting.
    pub(super) fn reply(
        &mut self,
        now: Instant,
        user: UserId,
        ticket: Option<TicketId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket(user, ticket, Permission::Reply)?;
        past_consent(&self.tickets[slot])?;
        fx.push(Effect::Replied { ticket: self.tickets.id(slot), by: user });
        self.answer_timers(slot, fx);
        let ticket = &mut self.tickets[slot];
        ticket.flags.set_owed(false);
        if ticket.flags.in_hand() && ticket.assignee() == Some(user) {
            self.end_work(slot, user);
        }
        let ticket = &mut self.tickets[slot];
        if ticket.state == TicketState::Pending {
            let assignee = ticket.assignee().expect("a pending ticket is assigned");
            ticket.state = TicketState::AwaitingCustomer;
            self.change_pending(slot, assignee, -1);
            self.await_customer(now, slot);
            self.touch(assignee);
        } else if ticket.place() != NONE {
            // `sla_due` goes by closure once the first response is given.
            self.rekey(slot);
        }
        Ok(())
    }

    /// The customer is awaited from now on: the closure timer may sleep, silence is counted.
    #[inline(always)]
    fn await_customer(&mut self, now: Instant, slot: u32) {
        self.pause(now, slot);
        let ticket = &mut self.tickets[slot];
        let channel = &self.channels[ticket.channel.index()];
        if let Some(span) = channel.close_after_silence
            && ticket.silence == Handle::NONE
        {
            ticket.silence = self.deadlines.set(channel.silence_ring, now + span, ticket.number, slot);
        }
    }

    /// TIC-8.
    pub(super) fn close_by_hand(
        &mut self,
        now: Instant,
        user: UserId,
        ticket: Option<TicketId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket(user, ticket, Permission::Manage)?;
        if self.empty_mandatory(slot) != FieldSet::default() {
            return Err(Refusal::MandatoryFieldEmpty);
        }
        self.close(now, slot, Closer::User(user), fx);
        Ok(())
    }

    /// Closes a ticket, by whomever (TIC-8 to TIC-10).
    fn close(&mut self, now: Instant, slot: u32, by: Closer, fx: &mut Vec<Effect>) {
        let empty_fields = match by {
            Closer::User(_) => FieldSet::default(),
            Closer::Customer | Closer::System => self.empty_mandatory(slot),
        };
        let ticket = self.tickets.id(slot);
        self.close_timers(slot, fx);
        if let Some(user) = self.detach(slot) {
            self.users[user.index()].last_closed = stamp(now);
            self.touch(user);
        }
        self.tickets.close(slot, now);
        fx.push(Effect::Closed { ticket, by, empty_fields });
    }

    /// TIC-7.
    pub(super) fn reopen(
        &mut self,
        now: Instant,
        by: UserId,
        ticket: Option<TicketId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (channel, closed) = match self.found(by, ticket)? {
            Found::Open(open) => (open.channel, None),
            Found::Closed(closed) => (closed.channel, Some((closed.conversation, closed.number))),
        };
        self.permit(by, Permission::Reply, channel)?;
        self.permit(by, Permission::Manage, channel)?;
        let (conversation, number) = closed.ok_or(Refusal::TicketNotClosed)?;
        self.check_reopenable(conversation, number)?;
        let slot = self.reactivate(number, fx);
        self.assign(now, slot, by, How::Reopen, fx);
        Ok(())
    }

    /// TIC-1: an agent opens a conversation.
    pub(super) fn open_conversation(
        &mut self,
        now: Instant,
        user: UserId,
        conversation: ConversationId,
        channel: ChannelId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_ticketing()?;
        self.check_enabled(user)?;
        self.permit(user, Permission::Reply, channel)?;
        let found = self.tickets.latest(conversation).and_then(|id| self.tickets.get(id));
        let slot = match found {
            Some(Found::Open(ticket)) if ticket.channel != channel => return Err(Refusal::OtherChannel),
            Some(Found::Closed(ticket)) if ticket.channel != channel => return Err(Refusal::OtherChannel),
            Some(Found::Open(_)) => return Err(Refusal::TicketOpenAlready),
            Some(Found::Closed(ticket)) => {
                let number = ticket.number;
                self.reactivate(number, fx)
            }
            None => self.create(conversation, channel, fx),
        };
        let flags = &mut self.tickets[slot].flags;
        flags.set_owed(false);
        flags.set_unopened(true);
        self.assign(now, slot, user, How::Own, fx);
        Ok(())
    }

    /// ASG-7, QUE-7; always possible beside automatic assignment (ASG-6).
    pub(super) fn assign_by_hand(
        &mut self,
        now: Instant,
        by: UserId,
        ticket: Option<TicketId>,
        to: UserId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let needed = if by == to { Permission::Reply } else { Permission::Manage };
        let slot = self.open_ticket(by, ticket, needed)?;
        let ticket = &self.tickets[slot];
        past_consent(ticket)?;
        if !self.users[to.index()].is_enabled() {
            return Err(Refusal::AssigneeNotEnabled);
        }
        if !self.may(to, Permission::Reply, ticket.channel) {
            return Err(Refusal::AssigneeCannotReply);
        }
        if ticket.assignee() == Some(to) {
            return Err(Refusal::AlreadyAssignee);
        }
        self.assign(now, slot, to, How::Manual, fx);
        Ok(())
    }

    /// ASG-8.
    pub(super) fn transfer(
        &mut self,
        now: Instant,
        by: UserId,
        ticket: Option<TicketId>,
        group: GroupId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let slot = self.open_ticket(by, ticket, Permission::Manage)?;
        past_consent(&self.tickets[slot])?;
        let channel = self.tickets[slot].channel;
        let lane = self.group_lane(channel, group);
        if self.lanes[lane.index()].tiers[0].members.is_empty() {
            fx.push(Effect::Warning { rule: Rule("ASG-8"), channel, user: None, group: Some(group) });
        }
        let former = self.leave(now, slot, fx);
        self.begin_wait(now, slot);
        let ticket = &mut self.tickets[slot];
        ticket.lane = lane;
        ticket.flags.set_sticky(false);
        ticket.flags.set_avoids_last(former.is_some() || ticket.flags.avoids_last());
        self.enqueue(slot, fx);
        if let Some(former) = former {
            self.touch(former);
        }
        Ok(())
    }

    /// A ticket goes back to the queue (QUE-6), with the wait start of its cycle if it has one.
    pub(super) fn return_to_queue(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let former = self.leave(now, slot, fx);
        self.begin_wait(now, slot);
        self.enqueue(slot, fx);
        if let Some(former) = former {
            self.touch(former);
        }
    }

    /// QUE-6: a ticket that has not entered the queue in this cycle waits from now on.
    fn begin_wait(&mut self, now: Instant, slot: u32) {
        let start = &mut self.tickets[slot].wait_start;
        if *start == NO_WAIT {
            *start = now;
        }
    }

    /// A ticket loses its assignee or its place in the queue, and its timers are cancelled (SLA-7).
    fn leave(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) -> Option<UserId> {
        self.cancel_timers(now, slot, fx);
        self.detach(slot)
    }

    /// A ticket gets an assignee, by whatever way (ASG-4, SLA-2).
    pub(super) fn assign(&mut self, now: Instant, slot: u32, to: UserId, how: How, fx: &mut Vec<Effect>) {
        // TIC-9: who goes from hand to hand while the customer is awaited goes on awaiting them.
        // So it does, too, where its silence ends at this very instant and is no longer on the agenda.
        let ticket = &mut self.tickets[slot];
        let awaited = ticket.assignee().is_some() && ticket.state == TicketState::AwaitingCustomer;
        let silence = std::mem::replace(&mut ticket.silence, Handle::NONE);
        let from = self.detach(slot);
        self.tickets[slot].silence = silence;
        self.take_up(slot, to);
        self.note_outsider(slot, to);
        self.note_assignment(now, to);
        fx.push(Effect::Assigned { ticket: self.tickets.id(slot), to, from, how });
        match (how, from) {
            (How::Escalation, from) => self.restart_timers(now, slot, from, fx),
            (How::Manual, Some(from)) => self.hand_over_timers(now, slot, from, fx),
            _ => self.start_timers(now, slot, fx),
        }
        if self.tickets[slot].state != TicketState::Pending {
            if awaited {
                self.pause(now, slot);
            } else {
                self.await_customer(now, slot);
            }
        }
        if let Some(from) = from {
            self.touch(from);
        }
        self.touch(to);
    }

    /// A ticket that nobody has and that is in no lane gets an assignee by the system: as [`Desk::assign`] in short.
    #[inline(always)]
    pub(super) fn assign_at_once(&mut self, now: Instant, slot: u32, to: UserId, fx: &mut Vec<Effect>) {
        self.take_up(slot, to);
        self.note_assignment(now, to);
        fx.push(Effect::Assigned { ticket: self.tickets.id(slot), to, from: None, how: How::Auto });
        self.start_timers(now, slot, fx);
        if self.tickets[slot].state != TicketState::Pending {
            self.await_customer(now, slot);
        }
        self.touch(to);
    }

    /// A ticket joins a user's open ones, at the end of their list.
    #[inline(always)]
    fn take_up(&mut self, slot: u32, to: UserId) {
        let last = std::mem::replace(&mut self.users[to.index()].last, slot);
        if last == NONE {
            self.users[to.index()].first = slot;
        } else {
            self.tickets[last].next = slot;
        }
        let ticket = &mut self.tickets[slot];
        ticket.give(to, last);
        ticket.flags.set_sticky(false);
        ticket.flags.set_avoids_last(false);
        ticket.flags.set_picked_up(false);
        let owed = ticket.flags.owed();
        ticket.state = if owed { TicketState::Pending } else { TicketState::AwaitingCustomer };
        self.change_open(slot, to, 1);
        if owed {
            self.change_pending(slot, to, 1);
        }
    }

    /// Takes a ticket out of its lane or from its assignee, who is returned and whose indexes are still to be touched.
    #[inline(always)]
    fn detach(&mut self, slot: u32) -> Option<UserId> {
        let ticket = &mut self.tickets[slot];
        let (previous, next) = (ticket.link, ticket.next);
        let Some(user) = ticket.take_away() else {
            if ticket.place() != NONE {
                self.dequeue(slot);
            }
            return None;
        };
        let was_pending = ticket.state == TicketState::Pending;
        if ticket.flags.in_hand() || ticket.flags.returning() {
            self.leave_work(slot, user);
        }
        let ticket = &mut self.tickets[slot];
        if ticket.flags.outside() {
            ticket.flags.set_outside(false);
            self.users[user.index()].outside -= 1;
        }
        if ticket.silence != Handle::NONE {
            let ring = self.channels[ticket.channel.index()].silence_ring;
            self.deadlines.cancel(ring, &mut ticket.silence);
        }
        match previous {
            NONE => self.users[user.index()].first = next,
            _ => self.tickets[previous].next = next,
        }
        match next {
            NONE => self.users[user.index()].last = previous,
            _ => self.tickets[next].link = previous,
        }
        if was_pending {
            self.change_pending(slot, user, -1);
        }
        self.change_open(slot, user, -1);
        Some(user)
    }

    /// TIC-3, TIC-11.
    pub(super) fn set_field(
        &mut self,
        user: UserId,
        ticket: Option<TicketId>,
        field: FieldName,
        value: Option<FieldValue>,
    ) -> Result<(), Refusal> {
        let channel = match self.found(user, ticket)? {
            Found::Open(open) => open.channel,
            Found::Closed(closed) => closed.channel,
        };
        self.permit(user, Permission::Reply, channel)?;
        let field = match field {
            FieldName::Custom(field) => field,
            FieldName::System => return Err(Refusal::SystemField),
            FieldName::Unknown => return Err(Refusal::UnknownField),
        };
        let value =
            value.filter(|&value| fits(self.fields[field.index()].kind, value)).ok_or(Refusal::ValueDoesNotFit)?;
        let id = ticket.expect("it was found");
        self.tickets.set_field(id, field, Some(value));
        self.field_changed(id);
        Ok(())
    }

    #[inline(always)]
    fn fill_form(&mut self, slot: u32, form: Option<FormId>) {
        if let Some(form) = form {
            self.fill_in(slot, form);
        }
    }

    #[inline(never)]
    fn fill_in(&mut self, slot: u32, form: FormId) {
        let id = self.tickets.id(slot);
        for entry in 0..self.forms[form.index()].len() {
            let (field, value) = self.forms[form.index()][entry];
            self.tickets.set_field(id, field, Some(value));
        }
        self.field_changed(id);
    }

    /// A field's value may give points of priority (QUE-2).
    fn field_changed(&mut self, ticket: TicketId) {
        if !self.fields_give_priority {
            return;
        }
        if let Some(slot) = self.tickets.slot(ticket)
            && self.tickets[slot].place() != NONE
        {
            self.rekey(slot);
        }
    }

    /// The mandatory fields that apply to an open ticket and are empty (TIC-8, TIC-11).
    #[inline(always)]
    pub(super) fn empty_mandatory(&self, slot: u32) -> FieldSet {
        let mut empty = 0;
        if self.fields.is_empty() {
            return FieldSet(empty);
        }
        for ((bit, field), value) in self.fields.iter().enumerate().zip(self.tickets.open_fields(slot)) {
            let is_missed = value.is_none() && field.mandatory;
            if is_missed && field.group.is_none_or(|group| self.is_of_group(slot, group)) {
                empty |= 1 << bit;
            }
        }
        FieldSet(empty)
    }

    /// Whether a ticket is a group's: its assignee is in it, or, without assignee, its lane draws on it.
    fn is_of_group(&self, slot: u32, group: GroupId) -> bool {
        let ticket = &self.tickets[slot];
        match (ticket.assignee(), self.lanes[ticket.lane.index()].group) {
            (Some(user), _) => self.users[user.index()].groups.contains(&group),
            (None, Some(of)) => of == group,
            (None, None) => self.channels[ticket.channel.index()].groups().contains(&group),
        }
    }

    /// The open ticket that a user's command names, if they have the permission on its channel.
    #[inline(always)]
    pub(super) fn open_ticket(
        &self,
        user: UserId,
        ticket: Option<TicketId>,
        permission: Permission,
    ) -> Result<u32, Refusal> {
        let (channel, slot) = match self.found(user, ticket)? {
            Found::Open(open) => (open.channel, ticket.and_then(|id| self.tickets.slot(id))),
            Found::Closed(closed) => (closed.channel, None),
        };
        self.permit(user, permission, channel)?;
        slot.ok_or(Refusal::TicketClosed)
    }
}

/// Whether a value is of a field's type (TIC-11).
fn fits(kind: FieldKind, value: FieldValue) -> bool {
    match (kind, value) {
        (FieldKind::Text, FieldValue::Text(_))
        | (FieldKind::Date, FieldValue::Date(_))
        | (FieldKind::Checkbox, FieldValue::Checkbox(_)) => true,
        (FieldKind::Number, FieldValue::Number(number)) => number.is_finite(),
        (FieldKind::Choice(choices), FieldValue::Choice(choice)) => choice < choices,
        _ => false,
    }
}
