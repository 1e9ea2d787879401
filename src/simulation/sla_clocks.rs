//! The SLA timers' own clocks: how much time each has counted (SLA-12).

use super::Step;
use crate::desk::{Desk, Effect, How, Outcome, TicketId, Timer};
use crate::time::{Calendar, Instant};

/// What the own clocks of open tickets' timers show, one for each ticket and kind of timer.
///
/// A clock counts while a timer of its kind runs; after a breach it goes on until the reply or closure that the timer was
/// about. It counts working time alone where the channel's timers do (SLA-10), and stands still while the timer sleeps
/// (SLA-3) or is suspended in the queue (SLA-7). How long a timer took is the difference of two readings, in whole
/// microseconds. Where timers run round the clock and never sleep, every reading is the instant itself.
#[derive(Clone, Default, Debug)]
pub struct SlaClocks {
    calendar: Option<Calendar>,
    /// By slot, whether its ticket is overdue and its clocks may pause; and how many are.
    watched: Vec<bool>,
    watched_count: usize,
    /// By slot, then [`Timer`].
    clocks: Vec<[SlaClock; 2]>,
}

/// One ticket's clock for one kind of timer.
#[derive(Clone, Copy, Debug)]
struct SlaClock {
    /// What it showed at `since`, and how it has gone since then.
    reading: Instant,
    since: Instant,
    pace: Pace,
    /// What it showed when the present or last timer started in full.
    started: Instant,
    /// A timer was breached, and what it was about is still to come.
    overdue: bool,
    cancelled: Cancelled,
}

/// How fast a clock goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pace {
    Stands,
    RoundTheClock,
    WorkingTime,
}

/// What became of a timer that was cancelled and not started since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cancelled {
    No,
    /// It was cancelled; a hand-over or an escalation starts it again at once.
    Yes,
    /// Its ticket then went back to the queue: the next assignment may resume it.
    InQueue,
}

const TIMERS: [Timer; 2] = [Timer::FirstResponse, Timer::Closure];

/// A clock that nothing has happened to shows the time since the run's start.
const UNTOUCHED: SlaClock = SlaClock {
    reading: Instant::ZERO,
    since: Instant::ZERO,
    pace: Pace::RoundTheClock,
    started: Instant::ZERO,
    overdue: false,
    cancelled: Cancelled::No,
};

impl SlaClocks {
    /// The clocks of a desk, from any instant on: timers that run already are taken to run round the clock up to it.
    pub fn new(desk: &Desk) -> SlaClocks {
        SlaClocks { calendar: desk.calendar().cloned(), watched: Vec::new(), watched_count: 0, clocks: Vec::new() }
    }

    /// Lets a clock go from a breach on, for who asks about overdue timers alone; `first` says that nothing of the ticket was overdue
    /// before. Such a clock changes its pace only where a closure timer pauses, and is then followed.
    pub fn go_overdue(&mut self, now: Instant, ticket: TicketId, timer: Timer, first: bool, desk: &Desk) {
        if first {
            *self.of(ticket) = [UNTOUCHED; 2];
        }
        let clock = &mut self.of(ticket)[timer as usize];
        if !clock.overdue {
            *clock = SlaClock { overdue: true, ..UNTOUCHED };
        }
        self.turn(now, ticket, desk);
        if timer == Timer::Closure && desk.pauses_timers(desk.channel(ticket)) {
            if ticket.index() >= self.watched.len() {
                self.watched.resize(ticket.index() + 1, false);
            }
            let was_watched = std::mem::replace(&mut self.watched[ticket.index()], true);
            self.watched_count += usize::from(!was_watched);
        }
    }

    /// Follows a step as far as it is about overdue tickets whose clocks may pause, before anything is asked about it.
    #[inline(always)]
    pub fn follow_overdue<'d>(&mut self, step: &Step<'_>, desk: impl Fn() -> Option<&'d Desk>) {
        if self.watched_count == 0 {
            return;
        }
        for effect in step.effects {
            let (Effect::Queued { ticket, .. }
            | Effect::Assigned { ticket, .. }
            | Effect::Replied { ticket, .. }
            | Effect::Pending { ticket }
            | Effect::SlaStarted { ticket, .. }
            | Effect::SlaEnded { ticket, .. }
            | Effect::Closed { ticket, .. }) = *effect
            else {
                continue;
            };
            if self.watched.get(ticket.index()) == Some(&true)
                && let Some(desk) = desk()
            {
                self.follow_watched(step.now, ticket, matches!(effect, Effect::Closed { .. }), desk);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn follow_watched(&mut self, now: Instant, ticket: TicketId, closes: bool, desk: &Desk) {
        self.turn(now, ticket, desk);
        if closes {
            self.watched[ticket.index()] = false;
            self.watched_count -= 1;
        }
    }

    /// Follows a step, before anything is asked about it; the desk is as it is after it.
    pub fn follow(&mut self, step: &Step<'_>, desk: &Desk) {
        let now = step.now;
        for effect in step.effects {
            match *effect {
                Effect::Created { ticket, .. } | Effect::Reactivated { ticket, .. } => {
                    *self.of(ticket) = [UNTOUCHED; 2];
                }
                Effect::Queued { ticket, .. } => {
                    for clock in self.of(ticket) {
                        if clock.cancelled == Cancelled::Yes {
                            clock.cancelled = Cancelled::InQueue;
                        }
                    }
                    self.turn(now, ticket, desk);
                }
                Effect::Assigned { ticket, how, .. } => {
                    if how == How::Escalation {
                        // ESC-3: both start in full.
                        self.of(ticket).iter_mut().for_each(|clock| clock.cancelled = Cancelled::No);
                    }
                    self.turn(now, ticket, desk);
                }
                Effect::Replied { ticket, .. } => {
                    self.of(ticket)[Timer::FirstResponse as usize].overdue = false;
                    self.turn(now, ticket, desk);
                }
                Effect::Pending { ticket } => self.turn(now, ticket, desk),
                Effect::SlaStarted { ticket, timer, .. } => {
                    let reading = self.reading(now, ticket, timer);
                    let resumes = desk.resumes_timers(desk.channel(ticket));
                    let clock = &mut self.of(ticket)[timer as usize];
                    if clock.cancelled != Cancelled::InQueue || !resumes {
                        clock.started = reading;
                    }
                    clock.cancelled = Cancelled::No;
                    self.turn(now, ticket, desk);
                }
                Effect::SlaEnded { ticket, timer, outcome, .. } => {
                    let clock = &mut self.of(ticket)[timer as usize];
                    match outcome {
                        Outcome::Met | Outcome::Unanswered => clock.overdue = false,
                        Outcome::Breached => clock.overdue = true,
                        Outcome::Cancelled => clock.cancelled = Cancelled::Yes,
                    }
                    self.turn(now, ticket, desk);
                }
                _ => {}
            }
        }
    }

    /// What the clock of a ticket's timer shows at an instant that is not before the last step followed.
    pub fn reading(&self, now: Instant, ticket: TicketId, timer: Timer) -> Instant {
        let clock = self.clocks.get(ticket.index()).map_or(UNTOUCHED, |clocks| clocks[timer as usize]);
        match (clock.pace, &self.calendar) {
            (Pace::Stands, _) => clock.reading,
            (Pace::WorkingTime, Some(calendar)) => clock.reading + calendar.between(clock.since, now),
            (Pace::WorkingTime | Pace::RoundTheClock, _) => clock.reading + (now - clock.since),
        }
    }

    /// What it showed when the timer started in full that runs or ended last.
    pub fn started(&self, ticket: TicketId, timer: Timer) -> Instant {
        self.clocks.get(ticket.index()).map_or(Instant::ZERO, |clocks| clocks[timer as usize].started)
    }

    fn of(&mut self, ticket: TicketId) -> &mut [SlaClock; 2] {
        if ticket.index() >= self.clocks.len() {
            self.clocks.resize(ticket.index() + 1, [UNTOUCHED; 2]);
        }
        &mut self.clocks[ticket.index()]
    }

    /// Lets both clocks of a ticket go on as the desk has them now.
    fn turn(&mut self, now: Instant, ticket: TicketId, desk: &Desk) {
        let pace = match desk.sla_calendar(desk.channel(ticket)) {
            Some(_) => Pace::WorkingTime,
            None => Pace::RoundTheClock,
        };
        for timer in TIMERS {
            let reading = self.reading(now, ticket, timer);
            let clock = &mut self.of(ticket)[timer as usize];
            (clock.reading, clock.since) = (reading, now);
            clock.pace = if desk.counts_time(ticket, timer, clock.overdue) { pace } else { Pace::Stands };
        }
    }
}
