//! Escalation (ESC): by a breach, or by hand.

use super::ticket::Found;
use super::{About, Cause, Desk, Effect, How, Permission, Refusal, Role, TicketId, Timer, UserId};
use crate::time::Instant;

impl Desk {
    /// ESC-1 and ESC-4: what a breach sets off; `both` if the closure timer was breached at the same instant (ESC-5).
    pub(super) fn escalate_breach(&mut self, now: Instant, slot: u32, timer: Timer, both: bool, fx: &mut Vec<Effect>) {
        let ticket = &mut self.tickets[slot];
        let (channel, from) = (ticket.channel, ticket.assignee());
        let flags = &mut ticket.flags;
        flags.set_escalated(true);
        // ESC-4: where the one is spent, the other may still escalate.
        let timer = if both && flags.first_response_escalated() { Timer::Closure } else { timer };
        let before = match timer {
            Timer::FirstResponse => flags.first_response_escalated(),
            Timer::Closure => flags.closure_escalated(),
        };
        if timer == Timer::FirstResponse {
            flags.set_first_response_escalated(true);
        }
        if timer == Timer::Closure || both {
            flags.set_closure_escalated(true);
        }
        let cause = match timer {
            Timer::FirstResponse => Cause::FirstResponse,
            Timer::Closure => Cause::Closure,
        };
        let preset = self.channels[channel.index()].sla.escalate_to;
        let to = preset.filter(|&to| {
            self.users[to.index()].is_enabled() && self.may(to, Permission::Reply, channel) && from != Some(to)
        });
        match to {
            Some(to) if !before => self.move_up(now, slot, to, cause, fx),
            // ESC-4: nowhere to go, or the one escalation of this kind is spent.
            _ => {
                let id = self.tickets.id(slot);
                if !before {
                    fx.push(Effect::Escalated { ticket: id, from, to: None, cause });
                }
                self.tell_admins(About::Breach, Some(id), None, fx);
            }
        }
    }

    /// ESC-2: by hand.
    pub(super) fn escalate(
        &mut self,
        now: Instant,
        by: UserId,
        ticket: Option<TicketId>,
        to: UserId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let found = self.found(by, ticket)?;
        let (channel, assignee) = match found {
            Found::Open(open) => (open.channel, open.assignee()),
            Found::Closed(closed) => (closed.channel, None),
        };
        let conversation = match found {
            Found::Open(_) => None,
            Found::Closed(closed) => Some((closed.conversation, closed.number)),
        };
        self.permit(by, Permission::Manage, channel)?;
        if let Some((conversation, number)) = conversation {
            self.check_reopenable(conversation, number)?;
        } else if let Found::Open(open) = found {
            super::machine::past_consent(open)?;
        }
        if assignee == Some(to) {
            return Err(Refusal::EscalatedToAssignee);
        }
        if !self.users[to.index()].is_enabled() {
            return Err(Refusal::EscalatedToNotEnabled);
        }
        if !self.may(to, Permission::Reply, channel) {
            return Err(Refusal::EscalatedToCannotReply);
        }
        let slot = match conversation {
            // TIC-10: a closed ticket is reopened first.
            Some((_, number)) => self.reactivate(number, fx),
            None => ticket.and_then(|id| self.tickets.slot(id)).expect("found open"),
        };
        self.tickets[slot].flags.set_escalated(true);
        self.move_up(now, slot, to, Cause::Manual, fx);
        Ok(())
    }

    /// ESC-3: the new assignee is notified, and both timers restart in full.
    fn move_up(&mut self, now: Instant, slot: u32, to: UserId, cause: Cause, fx: &mut Vec<Effect>) {
        let ticket = self.tickets.id(slot);
        fx.push(Effect::Escalated { ticket, from: self.tickets[slot].assignee(), to: Some(to), cause });
        self.assign(now, slot, to, How::Escalation, fx);
        fx.push(Effect::Notified { user: to, about: About::Escalation, ticket: Some(ticket), channel: None });
    }

    /// Every enabled admin is notified.
    pub(super) fn tell_admins(
        &self,
        about: About,
        ticket: Option<TicketId>,
        channel: Option<super::ChannelId>,
        fx: &mut Vec<Effect>,
    ) {
        for &user in &self.admins {
            debug_assert_eq!(self.users[user.index()].role, Role::Admin);
            if self.users[user.index()].is_enabled() {
                fx.push(Effect::Notified { user, about, ticket, channel });
            }
        }
    }
}
