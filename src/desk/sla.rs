//! SLA timers (SLA): when they start, pause, go on and end.

use super::channel::Channel;
use super::deadline::{Deadlines, Handle, Kind};
use super::ticket::{Goal, Phase, Ticket};
use super::{ChannelId, Desk, Effect, OnReassign, OnRequeue, Outcome, Sla, TicketId, TicketState, Timer, UserId};
use crate::time::{Calendar, Instant, Span};

/// A ticket with what its timers need: of one look-up, for all of them.
struct Clock<'a> {
    slot: u32,
    ticket: &'a mut Ticket,
    goals: &'a mut [Goal; 2],
    channel: &'a Channel,
    calendar: Option<&'a Calendar>,
    deadlines: &'a mut Deadlines,
    /// Whoever a timer ends on: the assignee, or who was it until this instant (SLA-7).
    holder: Option<UserId>,
}

impl Clock<'_> {
    fn id(&self) -> TicketId {
        TicketId { number: self.ticket.number, slot: self.slot }
    }

    #[inline(always)]
    fn start_or_resume(&mut self, now: Instant, timer: Timer, fx: &mut Vec<Effect>) {
        match (self.ticket.phase(timer), self.channel.sla.on_requeue) {
            (Phase::Suspended, OnRequeue::Resume) => self.run(now, timer, self.goals[timer as usize].left(), fx),
            _ => self.start_unless_over(now, timer, fx),
        }
    }

    /// Starts a timer in full, unless it was breached: then it is over in this cycle (SLA-7).
    #[inline(always)]
    fn start_unless_over(&mut self, now: Instant, timer: Timer, fx: &mut Vec<Effect>) {
        if self.ticket.phase(timer) != Phase::Breached {
            self.start(now, timer, fx);
        }
    }

    /// Starts a timer in full, if the channel has it; one that runs is cancelled first.
    #[inline(always)]
    fn start(&mut self, now: Instant, timer: Timer, fx: &mut Vec<Effect>) {
        if self.ticket.phase(timer).is_live() {
            self.stop(timer, Outcome::Cancelled, fx);
        }
        match self.channel.target(timer) {
            Some(span) => self.run(now, timer, span, fx),
            None => self.ticket.phases[timer as usize] = Phase::Off,
        }
    }

    #[inline(always)]
    fn run(&mut self, now: Instant, timer: Timer, span: Span, fx: &mut Vec<Effect>) {
        let sla = &self.channel.sla;
        let due = deadline_after(self.calendar, sla, now, span);
        // SLA-3: what starts while the customer is awaited sleeps at once, if it may.
        let sleeps = timer == Timer::Closure
            && sla.pause_awaiting_customer
            && self.ticket.state == TicketState::AwaitingCustomer;
        if sleeps {
            self.sleep(timer, Phase::Paused, span);
        } else {
            let handle = self.set(timer, due, span);
            self.go(timer, due, handle);
        }
        fx.push(Effect::SlaStarted { ticket: self.id(), timer, due });
    }

    /// A timer runs from now on.
    #[inline(always)]
    fn go(&mut self, timer: Timer, due: Instant, handle: Handle) {
        self.ticket.phases[timer as usize] = Phase::Running;
        self.ticket.handles[timer as usize] = handle;
        self.goals[timer as usize] = Goal::at(due);
    }

    /// A timer sleeps or is suspended from now on, with so much left.
    fn sleep(&mut self, timer: Timer, phase: Phase, left: Span) {
        self.ticket.phases[timer as usize] = phase;
        self.goals[timer as usize] = Goal::after(left);
    }

    #[inline(always)]
    fn set(&mut self, timer: Timer, due: Instant, span: Span) -> Handle {
        let number = self.ticket.number;
        if due == Instant::MAX {
            Handle::NONE
        } else if self.channel.target(timer) == Some(span) {
            self.deadlines.set(self.channel.ring(timer), due, number, self.slot)
        } else {
            let kind = match timer {
                Timer::FirstResponse => Kind::FirstResponse,
                Timer::Closure => Kind::Closure,
            };
            self.deadlines.set_apart(kind, due, number, self.slot)
        }
    }

    /// Ends a live timer.
    #[inline(always)]
    fn stop(&mut self, timer: Timer, outcome: Outcome, fx: &mut Vec<Effect>) {
        let after = if outcome == Outcome::Breached { Phase::Breached } else { Phase::Off };
        let before = std::mem::replace(&mut self.ticket.phases[timer as usize], after);
        debug_assert!(before.is_live(), "a timer that ends was live");
        if before == Phase::Running {
            self.deadlines.cancel(self.channel.ring(timer), &mut self.ticket.handles[timer as usize]);
        }
        fx.push(Effect::SlaEnded { ticket: self.id(), timer, outcome, user: self.holder });
    }
}

impl Desk {
    #[inline(always)]
    fn clock(&mut self, slot: u32) -> Clock<'_> {
        let (ticket, goals) = self.tickets.with_goals(slot);
        Clock {
            slot,
            channel: &self.channels[ticket.channel.index()],
            holder: ticket.assignee(),
            ticket,
            goals,
            calendar: self.calendar.as_ref(),
            deadlines: &mut self.deadlines,
        }
    }

    /// Timers at an assignment out of the queue, to a reopener or to who opened the conversation (SLA-2, SLA-7, SLA-8).
    #[inline(never)]
    pub(super) fn start_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        let flags = clock.ticket.flags;
        // SLA-7: none once the first response was given; SLA-11: not before the customer's first message.
        if !flags.answered() && !flags.unopened() {
            clock.start_or_resume(now, Timer::FirstResponse, fx);
        }
        clock.start_or_resume(now, Timer::Closure, fx);
    }

    /// SLA-11: the customer's first message in a conversation that an agent opened.
    pub(super) fn start_first_response(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        self.clock(slot).start(now, Timer::FirstResponse, fx);
    }

    /// ESC-3: both restart in full, first response included, what was breached as well (SLA-7).
    pub(super) fn restart_timers(&mut self, now: Instant, slot: u32, from: Option<UserId>, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        clock.holder = from;
        clock.ticket.flags.set_answered(false);
        clock.ticket.flags.set_unopened(false);
        clock.start(now, Timer::FirstResponse, fx);
        clock.start(now, Timer::Closure, fx);
    }

    /// SLA-6: given by hand from one user to another.
    pub(super) fn hand_over_timers(&mut self, now: Instant, slot: u32, from: UserId, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        clock.holder = Some(from);
        let on_reassign = clock.channel.sla.on_reassign;
        let flags = clock.ticket.flags;
        if on_reassign != OnReassign::Keep && !flags.answered() && !flags.unopened() {
            clock.start_unless_over(now, Timer::FirstResponse, fx);
        }
        if on_reassign == OnReassign::RestartBoth {
            clock.start_unless_over(now, Timer::Closure, fx);
        }
    }

    /// SLA-7: a return to the queue cancels what is live.
    pub(super) fn cancel_timers(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        for timer in [Timer::FirstResponse, Timer::Closure] {
            let goal = clock.goals[timer as usize];
            let left = match clock.ticket.phase(timer) {
                Phase::Running => left(clock.calendar, &clock.channel.sla, now, goal.due()),
                Phase::Paused => goal.left(),
                Phase::Off | Phase::Suspended | Phase::Breached => continue,
            };
            clock.stop(timer, Outcome::Cancelled, fx);
            clock.sleep(timer, Phase::Suspended, left);
        }
    }

    /// A person replied: SLA-3, SLA-4.
    #[inline(always)]
    pub(super) fn answer_timers(&mut self, slot: u32, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        // A message before the customer's first is no response to anything (SLA-11).
        if clock.ticket.flags.unopened() {
            return;
        }
        clock.ticket.flags.set_answered(true);
        if clock.ticket.phase(Timer::FirstResponse).is_live() {
            clock.stop(Timer::FirstResponse, Outcome::Met, fx);
        }
    }

    /// The ticket is closed: SLA-3, SLA-9.
    #[inline(always)]
    pub(super) fn close_timers(&mut self, slot: u32, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        if clock.ticket.phase(Timer::FirstResponse).is_live() {
            clock.stop(Timer::FirstResponse, Outcome::Unanswered, fx);
        }
        if clock.ticket.phase(Timer::Closure).is_live() {
            clock.stop(Timer::Closure, Outcome::Met, fx);
        }
    }

    /// SLA-3, `pause_awaiting_customer`: the closure timer sleeps from now on.
    #[inline(always)]
    pub(super) fn pause(&mut self, now: Instant, slot: u32) {
        let mut clock = self.clock(slot);
        let sla = &clock.channel.sla;
        if !sla.pause_awaiting_customer {
            return;
        }
        if clock.ticket.phase(Timer::Closure) == Phase::Running {
            let due = clock.goals[Timer::Closure as usize].due();
            clock.deadlines.cancel(clock.channel.closure_ring, &mut clock.ticket.handles[Timer::Closure as usize]);
            clock.sleep(Timer::Closure, Phase::Paused, left(clock.calendar, sla, now, due));
        }
    }

    /// SLA-3, `pause_awaiting_customer`: the closure timer goes on.
    #[inline]
    pub(super) fn unpause(&mut self, now: Instant, slot: u32) {
        let mut clock = self.clock(slot);
        if clock.ticket.phase(Timer::Closure) == Phase::Paused {
            let left = clock.goals[Timer::Closure as usize].left();
            let due = deadline_after(clock.calendar, &clock.channel.sla, now, left);
            let handle = match due {
                Instant::MAX => Handle::NONE,
                _ => clock.deadlines.set_apart(Kind::Closure, due, clock.ticket.number, slot),
            };
            clock.go(Timer::Closure, due, handle);
        }
    }

    /// What is left of a timer that runs or is paused, on its own clock.
    pub(super) fn time_left(&self, now: Instant, slot: u32, timer: Timer) -> Option<Span> {
        let ticket = &self.tickets[slot];
        let goal = self.tickets.goal(slot, timer);
        let span = match ticket.phase(timer) {
            Phase::Running => left(self.calendar.as_ref(), &self.channels[ticket.channel.index()].sla, now, goal.due()),
            Phase::Paused => goal.left(),
            Phase::Off | Phase::Suspended | Phase::Breached => return None,
        };
        (span != Span::MAX).then_some(span)
    }

    /// A timer's deadline, taken from the agenda, passed (SLA-12, ESC-1).
    pub(super) fn breach_due(&mut self, now: Instant, slot: u32, number: u32, timer: Timer, fx: &mut Vec<Effect>) {
        let mut clock = self.clock(slot);
        let is_due = |clock: &Clock<'_>, timer| {
            clock.ticket.number == number
                && clock.ticket.phase(timer) == Phase::Running
                && clock.goals[timer as usize].due() == now
        };
        if !is_due(&clock, timer) {
            return;
        }
        // ESC-5: both kinds due at one instant are two breaches and one escalation.
        let both = timer == Timer::FirstResponse && is_due(&clock, Timer::Closure);
        clock.ticket.flags.set_breached(true);
        clock.stop(timer, Outcome::Breached, fx);
        if both {
            clock.stop(Timer::Closure, Outcome::Breached, fx);
        }
        self.escalate_breach(now, slot, timer, both, fx);
    }
}

impl Desk {
    /// What was left of a timer on its own clock (SLA-12) that runs at `now`, sleeps, or ended at this very instant; its ticket may
    /// be closed by now, but its slot has not been taken since.
    pub fn left_of(&self, now: Instant, channel: ChannelId, ticket: TicketId, timer: Timer) -> Span {
        let goal = self.tickets.goal(ticket.slot, timer);
        match goal.sleeps() {
            true => goal.left(),
            false => left(self.calendar.as_ref(), &self.channels[channel.index()].sla, now, goal.due()),
        }
    }
}

/// When a span of the timer's clock has passed (SLA-10); never, where the calendar stays closed.
#[inline]
fn deadline_after(calendar: Option<&Calendar>, sla: &Sla, now: Instant, span: Span) -> Instant {
    match (calendar, sla.business_hours) {
        // SLA-16: with no time left, at the next instant at which the clock runs.
        (Some(calendar), true) if span == Span::ZERO => calendar.next_open(now).unwrap_or(Instant::MAX),
        (Some(calendar), true) => calendar.after(now, span).unwrap_or(Instant::MAX),
        _ => now + span,
    }
}

/// What is left until a deadline, on the timer's clock.
fn left(calendar: Option<&Calendar>, sla: &Sla, now: Instant, due: Instant) -> Span {
    match (calendar, sla.business_hours) {
        (Some(_), true) if due == Instant::MAX => Span::MAX,
        (Some(calendar), true) => calendar.between(now, due),
        _ => due.since(now),
    }
}
