//! SLA timers (SLA): when they start, pause, go on and end.

use super::deadline::{Handle, Kind};
use super::ticket::TimerState;
use super::{Desk, Effect, OnReassign, OnRequeue, Outcome, Sla, TicketState, Timer};
use crate::time::{Instant, Span};

impl Desk {
    fn sla(&self, slot: u32) -> &Sla {
        &self.channels[self.tickets[slot].channel.index()].sla
    }

    pub(super) fn timer(&self, slot: u32, timer: Timer) -> TimerState {
        match timer {
            Timer::FirstResponse => self.tickets[slot].first_response,
            Timer::Closure => self.tickets[slot].closure,
        }
    }

    pub(super) fn timer_mut(&mut self, slot: u32, timer: Timer) -> &mut TimerState {
        let ticket = &mut self.tickets[slot];
        match timer {
            Timer::FirstResponse => &mut ticket.first_response,
            Timer::Closure => &mut ticket.closure,
        }
    }

    /// Timers at an assignment out of the queue, to a reopener or to who opened the conversation (SLA-2, SLA-7, SLA-8).
    pub(super) fn start_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let flags = self.tickets[slot].flags;
        // SLA-7: none once the first response was given; SLA-11: not before the customer's first message.
        if !flags.answered() && !flags.unopened() {
            self.start_or_resume(now, slot, Timer::FirstResponse, fx);
        }
        self.start_or_resume(now, slot, Timer::Closure, fx);
    }

    fn start_or_resume(&mut self, now: Instant, slot: u32, timer: Timer, fx: &mut Vec<Effect>) {
        match (self.timer(slot, timer), self.sla(slot).on_requeue) {
            (TimerState::Suspended { left }, OnRequeue::Resume) => self.run(now, slot, timer, left, fx),
            // Nothing is left of a breached timer to go on with.
            (TimerState::Breached, OnRequeue::Resume) => {}
            _ => self.start(now, slot, timer, fx),
        }
    }

    /// Starts a timer in full, if the channel has it; one that runs is cancelled first.
    pub(super) fn start(&mut self, now: Instant, slot: u32, timer: Timer, fx: &mut Vec<Effect>) {
        if self.timer(slot, timer).is_live() {
            self.stop(slot, timer, Outcome::Cancelled, fx);
        }
        let sla = self.sla(slot);
        let target = match timer {
            Timer::FirstResponse => sla.first_response,
            Timer::Closure => sla.closure,
        };
        match target {
            Some(span) => self.run(now, slot, timer, span, fx),
            None => *self.timer_mut(slot, timer) = TimerState::Off,
        }
    }

    /// SLA-11: the customer's first message in a conversation that an agent opened.
    pub(super) fn start_first_response(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        self.start(now, slot, Timer::FirstResponse, fx);
    }

    /// ESC-3: both restart in full, first response included.
    pub(super) fn restart_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let flags = &mut self.tickets[slot].flags;
        flags.set_answered(false);
        flags.set_unopened(false);
        self.start(now, slot, Timer::FirstResponse, fx);
        self.start(now, slot, Timer::Closure, fx);
    }

    /// SLA-6: given by hand from one user to another.
    pub(super) fn hand_over_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let on_reassign = self.sla(slot).on_reassign;
        let flags = self.tickets[slot].flags;
        if on_reassign != OnReassign::Keep && !flags.answered() && !flags.unopened() {
            self.start(now, slot, Timer::FirstResponse, fx);
        }
        if on_reassign == OnReassign::RestartBoth {
            self.start(now, slot, Timer::Closure, fx);
        }
    }

    fn run(&mut self, now: Instant, slot: u32, timer: Timer, span: Span, fx: &mut Vec<Effect>) {
        let sla = self.sla(slot);
        let due = self.deadline_after(sla, now, span);
        let ticket = self.tickets.id(slot);
        // SLA-3: what starts while the customer is awaited sleeps at once, if it may.
        let sleeps = timer == Timer::Closure
            && sla.pause_awaiting_customer
            && self.tickets[slot].state == TicketState::AwaitingCustomer;
        *self.timer_mut(slot, timer) = if sleeps {
            TimerState::Paused { left: span }
        } else {
            TimerState::Running { due, handle: self.set_timer(slot, timer, due, span) }
        };
        fx.push(Effect::SlaStarted { ticket, timer, due });
    }

    /// When a span of the timer's clock has passed (SLA-10); never, where the calendar stays closed.
    fn deadline_after(&self, sla: &Sla, now: Instant, span: Span) -> Instant {
        match (&self.calendar, sla.business_hours) {
            (Some(calendar), true) => calendar.after(now, span).unwrap_or(Instant::MAX),
            _ => now + span,
        }
    }

    /// What is left until a deadline, on the timer's clock.
    fn left(&self, sla: &Sla, now: Instant, due: Instant) -> Span {
        match (&self.calendar, sla.business_hours) {
            (Some(_), true) if due == Instant::MAX => Span::MAX,
            (Some(calendar), true) => calendar.between(now, due),
            _ => due.since(now),
        }
    }

    fn set_timer(&mut self, slot: u32, timer: Timer, due: Instant, span: Span) -> Handle {
        if due == Instant::MAX {
            return Handle::NONE;
        }
        let ticket = &self.tickets[slot];
        let channel = &self.channels[ticket.channel.index()];
        let (kind, ring, full) = match timer {
            Timer::FirstResponse => (Kind::FirstResponse, channel.first_response_ring, channel.sla.first_response),
            Timer::Closure => (Kind::Closure, channel.closure_ring, channel.sla.closure),
        };
        if full == Some(span) {
            self.deadlines.set(ring, due, ticket.number, slot)
        } else {
            self.deadlines.set_apart(kind, due, ticket.number, slot)
        }
    }

    /// Ends a live timer.
    pub(super) fn stop(&mut self, slot: u32, timer: Timer, outcome: Outcome, fx: &mut Vec<Effect>) {
        let state = self.timer_mut(slot, timer);
        let old = std::mem::replace(state, TimerState::Off);
        debug_assert!(old.is_live(), "a timer that ends was live");
        if outcome == Outcome::Breached {
            *state = TimerState::Breached;
        }
        if let TimerState::Running { mut handle, .. } = old {
            self.deadlines.cancel(&mut handle);
        }
        let ticket = self.tickets.id(slot);
        fx.push(Effect::SlaEnded { ticket, timer, outcome, user: self.tickets[slot].assignee });
    }

    /// SLA-7: a return to the queue cancels what is live.
    pub(super) fn cancel_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let sla = *self.sla(slot);
        for timer in [Timer::FirstResponse, Timer::Closure] {
            let left = match self.timer(slot, timer) {
                TimerState::Running { due, .. } => self.left(&sla, now, due),
                TimerState::Paused { left } => left,
                _ => continue,
            };
            self.stop(slot, timer, Outcome::Cancelled, fx);
            *self.timer_mut(slot, timer) = TimerState::Suspended { left };
        }
    }

    /// A person replied: SLA-3, SLA-4.
    pub(super) fn answer_timers(&mut self, slot: u32, fx: &mut Vec<Effect>) {
        // A message before the customer's first is no response to anything (SLA-11).
        if self.tickets[slot].flags.unopened() {
            return;
        }
        self.tickets[slot].flags.set_answered(true);
        if self.tickets[slot].first_response.is_live() {
            self.stop(slot, Timer::FirstResponse, Outcome::Met, fx);
        }
    }

    /// The ticket is closed: SLA-3, SLA-9.
    pub(super) fn close_timers(&mut self, slot: u32, fx: &mut Vec<Effect>) {
        if self.tickets[slot].first_response.is_live() {
            self.stop(slot, Timer::FirstResponse, Outcome::Unanswered, fx);
        }
        if self.tickets[slot].closure.is_live() {
            self.stop(slot, Timer::Closure, Outcome::Met, fx);
        }
    }

    /// SLA-3, `pause_awaiting_customer`: the closure timer sleeps from now on.
    pub(super) fn pause(&mut self, now: Instant, slot: u32) {
        let sla = *self.sla(slot);
        if !sla.pause_awaiting_customer {
            return;
        }
        if let TimerState::Running { due, mut handle } = self.tickets[slot].closure {
            self.deadlines.cancel(&mut handle);
            self.tickets[slot].closure = TimerState::Paused { left: self.left(&sla, now, due) };
        }
    }

    /// SLA-3, `pause_awaiting_customer`: the closure timer goes on.
    pub(super) fn unpause(&mut self, now: Instant, slot: u32) {
        if let TimerState::Paused { left } = self.tickets[slot].closure {
            let sla = self.sla(slot);
            let due = self.deadline_after(sla, now, left);
            let handle = match due {
                Instant::MAX => Handle::NONE,
                _ => self.deadlines.set_apart(Kind::Closure, due, self.tickets[slot].number, slot),
            };
            self.tickets[slot].closure = TimerState::Running { due, handle };
        }
    }

    /// A timer's deadline, taken from the agenda, passed (SLA-12, ESC-1).
    pub(super) fn breach_due(&mut self, now: Instant, slot: u32, number: u32, timer: Timer, fx: &mut Vec<Effect>) {
        let is_due = |desk: &Desk, timer| {
            desk.tickets[slot].number == number
                && matches!(desk.timer(slot, timer), TimerState::Running { due, .. } if due == now)
        };
        if !is_due(self, timer) {
            return;
        }
        // ESC-5: both kinds due at one instant are two breaches and one escalation.
        let both = timer == Timer::FirstResponse && is_due(self, Timer::Closure);
        self.breach(slot, timer, fx);
        if both {
            self.breach(slot, Timer::Closure, fx);
        }
        self.escalate_breach(now, slot, timer, both, fx);
    }

    fn breach(&mut self, slot: u32, timer: Timer, fx: &mut Vec<Effect>) {
        self.tickets[slot].flags.set_breached(true);
        self.stop(slot, timer, Outcome::Breached, fx);
    }
}
