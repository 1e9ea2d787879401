//! What the theory tests measure: an observer of their own, which takes nothing from `measures`.
//!
//! It follows tickets and agents by the effects alone and adds up [`Sums`]; sums of replications add up too, and every figure
//! is a function of them.

use desksim::desk::{Closer, Desk, Effect, TicketId, UserId};
use desksim::simulation::{Observer, Step};
use desksim::time::Instant;
use std::collections::HashMap;
use std::ops::{Index, IndexMut};

/// What is added up. Times are in seconds; integrals over time in seconds times what is integrated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sum {
    /// Measured time.
    Time,
    /// Tickets created.
    Created,
    /// Tickets that came back after closure.
    Returned,
    /// Time that those who came back were away.
    Away,
    /// Visits to the queue that ended, by assignment or by abandonment; each cycle of a ticket is one.
    Left,
    /// Of these, the ones that were not assigned at the instant they came.
    Waited,
    /// Their waits.
    Wait,
    /// Their waits, squared.
    WaitSquared,
    /// Visits to the queue that ended by abandonment.
    Abandoned,
    /// Their waits.
    WaitAbandoned,
    /// Pending responses that the assignee had at assignment.
    Ahead,
    /// Tickets given their first reply.
    Answered,
    /// Time from arrival to the start of the work on the first reply.
    ToStart,
    /// Of these, the ones whose work did not start at the instant they came.
    StartWaited,
    /// Time from arrival to the first reply.
    ToFirstReply,
    /// Cycles closed by an agent.
    Closed,
    /// Time from arrival to closure.
    Sojourn,
    /// Time from assignment to closure.
    InService,
    /// Time in which a reply was owed and nobody worked on it, from arrival to closure.
    TotalWait,
    /// Replies.
    Replies,
    /// Integral of the tickets in the queue.
    Queue,
    /// Integral of the assigned tickets that are owed a reply.
    Pending,
    /// Integral of the assigned tickets.
    Open,
    /// Integral of the agents at work.
    Busy,
    /// Left the queue after more than the n-th threshold.
    WaitOver,
    /// Assigned within the n-th threshold.
    AssignedWithin,
    /// Closed by an agent after more than the n-th threshold.
    SojournOver,
    /// Visits of the n-th class of customers that left the queue.
    LeftOfClass,
    /// Their waits.
    WaitOfClass,
    /// Integral of the agents who have n tickets open.
    AgentsWithOpen,
    /// Integral of the agents who owe n replies.
    AgentsOwing,
    /// Integral of the tickets in the queue in the n-th hour of the day.
    QueueInHour,
    /// How many times the n-th probe was read.
    Probes,
    /// Tickets not closed at the n-th probe.
    Probed,
    /// The same, squared.
    ProbedSquared,
    /// How many times at least the probe's level was reached.
    ProbedAtLevel,
    /// Where the array ends.
    End,
}

/// How many there are of each of the sums that come in rows.
pub(crate) const ROW: usize = 14;
const FIRST_ROW: usize = Sum::WaitOver as usize;
const SIZE: usize = FIRST_ROW + (Sum::End as usize - FIRST_ROW) * ROW;

/// The sums of one replication, or of several.
#[derive(Clone, Debug)]
pub(crate) struct Sums(Box<[f64; SIZE]>);

impl Sums {
    /// Nothing yet.
    pub(crate) fn zero() -> Sums {
        Sums(Box::new([0.0; SIZE]))
    }

    /// Adds `factor` times other sums.
    pub(crate) fn add(&mut self, other: &Sums, factor: f64) {
        for (sum, value) in self.0.iter_mut().zip(other.0.iter()) {
            *sum += factor * value;
        }
    }

    /// One sum over another.
    pub(crate) fn share(&self, of: Sum, among: Sum) -> f64 {
        self[of] / self[among]
    }
}

impl Index<Sum> for Sums {
    type Output = f64;
    fn index(&self, sum: Sum) -> &f64 {
        &self.0[sum as usize]
    }
}

impl IndexMut<Sum> for Sums {
    fn index_mut(&mut self, sum: Sum) -> &mut f64 {
        &mut self.0[sum as usize]
    }
}

impl Index<(Sum, usize)> for Sums {
    type Output = f64;
    fn index(&self, (sum, n): (Sum, usize)) -> &f64 {
        &self.0[FIRST_ROW + (sum as usize - FIRST_ROW) * ROW + n]
    }
}

impl IndexMut<(Sum, usize)> for Sums {
    fn index_mut(&mut self, (sum, n): (Sum, usize)) -> &mut f64 {
        &mut self.0[FIRST_ROW + (sum as usize - FIRST_ROW) * ROW + n]
    }
}

/// What a case wants watched.
#[derive(Clone, Default)]
pub(crate) struct Watching {
    /// How many agents there are.
    pub(crate) agents: usize,
    /// Thresholds of waits, in seconds.
    pub(crate) waits: Vec<f64>,
    /// Thresholds of sojourns, in seconds.
    pub(crate) sojourns: Vec<f64>,
    /// Integrals count in the first this many seconds of each day alone.
    pub(crate) day: Option<f64>,
    /// Whether agents are counted by open and by pending tickets.
    pub(crate) by_agent: bool,
    /// Whether closed tickets may come back.
    pub(crate) returns: bool,
    /// When to count the tickets that are not closed, in seconds from the start, and the level that they may reach.
    pub(crate) probes: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Default)]
struct Ticket {
    number: u32,
    class: usize,
    arrived: f64,
    assigned: f64,
    pending_since: f64,
    waited: f64,
    held_by: Option<usize>,
    owed: bool,
    answered: bool,
}

#[derive(Clone, Copy, Default)]
struct Agent {
    open: usize,
    pending: usize,
    in_hand: u16,
    /// When the last reply was sent.
    last_reply: f64,
}

/// The observer.
pub(crate) struct Watch<'a> {
    watching: &'a Watching,
    sums: Sums,
    from: f64,
    until: f64,
    last: f64,
    next_probe: usize,
    tickets: Vec<Ticket>,
    agents: Vec<Agent>,
    closed_at: HashMap<u32, f64>,
    in_queue: f64,
    pending: f64,
    open: f64,
    busy: f64,
}

impl<'a> Watch<'a> {
    /// Measures from `from` to `until`, in seconds.
    pub(crate) fn new(watching: &'a Watching, from: f64, until: f64) -> Watch<'a> {
        Watch {
            watching,
            sums: Sums::zero(),
            from,
            until,
            last: 0.0,
            next_probe: 0,
            tickets: Vec::new(),
            agents: vec![Agent::default(); watching.agents],
            closed_at: HashMap::new(),
            in_queue: 0.0,
            pending: 0.0,
            open: 0.0,
            busy: 0.0,
        }
    }

    /// The sums of the run.
    pub(crate) fn sums(self) -> Sums {
        self.sums
    }

    fn measures(&self, now: f64) -> bool {
        self.from <= now && now <= self.until
    }

    /// Moves the integrals on to `now`.
    fn pass(&mut self, now: f64) {
        while let Some(&(_, level)) = self.watching.probes.get(self.next_probe).filter(|(at, _)| *at <= now) {
            let (n, probe) = (self.in_queue + self.open, self.next_probe);
            self.sums[(Sum::Probes, probe)] += 1.0;
            self.sums[(Sum::Probed, probe)] += n;
            self.sums[(Sum::ProbedSquared, probe)] += n * n;
            self.sums[(Sum::ProbedAtLevel, probe)] += f64::from(u8::from(n >= level));
            self.next_probe += 1;
        }
        let (mut from, until) = (self.last.max(self.from), now.min(self.until));
        self.last = now;
        let Some(day) = self.watching.day else {
            if from < until {
                self.integrate(until - from, None);
            }
            return;
        };
        // By the hour, so that a stretch that is cut at the end of the day's watch, or of an hour, falls where it belongs.
        while from < until {
            let midnight = (from / 86_400.0).floor() * 86_400.0;
            let hour = ((from - midnight) / 3_600.0).floor();
            let to = until.min(midnight + (hour + 1.0) * 3_600.0);
            let watched = to.min(midnight + day) - from;
            if watched > 0.0 {
                self.integrate(watched, Some(hour as usize));
            }
            from = to;
        }
    }

    fn integrate(&mut self, length: f64, hour: Option<usize>) {
        self.sums[Sum::Time] += length;
        self.sums[Sum::Queue] += length * self.in_queue;
        self.sums[Sum::Pending] += length * self.pending;
        self.sums[Sum::Open] += length * self.open;
        self.sums[Sum::Busy] += length * self.busy;
        if let Some(hour) = hour.filter(|hour| *hour < ROW) {
            self.sums[(Sum::QueueInHour, hour)] += length * self.in_queue;
        }
        if self.watching.by_agent {
            for agent in 0..self.agents.len() {
                let Agent { open, pending, .. } = self.agents[agent];
                self.sums[(Sum::AgentsWithOpen, open)] += length;
                self.sums[(Sum::AgentsOwing, pending)] += length;
            }
        }
    }

    fn ticket(&mut self, id: TicketId) -> &mut Ticket {
        let ticket = &mut self.tickets[id.index()];
        assert_eq!(ticket.number, id.number, "a slot belongs to one open ticket");
        ticket
    }

    fn arrive(&mut self, now: f64, id: TicketId, class: usize) {
        if self.tickets.len() <= id.index() {
            self.tickets.resize(id.index() + 1, Ticket::default());
        }
        self.tickets[id.index()] = Ticket { number: id.number, class, arrived: now, ..Ticket::default() };
    }

    fn leave_queue(&mut self, now: f64, id: TicketId, abandoned: bool) {
        self.in_queue -= 1.0;
        let Ticket { arrived, class, .. } = *self.ticket(id);
        if !self.measures(now) {
            return;
        }
        let wait = now - arrived;
        self.sums[Sum::Left] += 1.0;
        self.sums[Sum::Wait] += wait;
        self.sums[Sum::WaitSquared] += wait * wait;
        self.sums[(Sum::LeftOfClass, class)] += 1.0;
        self.sums[(Sum::WaitOfClass, class)] += wait;
        if abandoned {
            self.sums[Sum::Abandoned] += 1.0;
            self.sums[Sum::WaitAbandoned] += wait;
        }
        if abandoned || wait > 0.0 {
            self.sums[Sum::Waited] += 1.0;
        }
        for (n, &threshold) in self.watching.waits.iter().enumerate() {
            if wait > threshold {
                self.sums[(Sum::WaitOver, n)] += 1.0;
            } else if !abandoned {
                self.sums[(Sum::AssignedWithin, n)] += 1.0;
            }
        }
    }

    fn assign(&mut self, now: f64, id: TicketId, user: UserId, was_queued: bool) {
        let agent = user.index();
        if was_queued {
            self.leave_queue(now, id, false);
            if self.measures(now) {
                self.sums[Sum::Ahead] += self.agents[agent].pending as f64;
            }
        } else {
            self.let_go(id);
        }
        let ticket = self.ticket(id);
        ticket.assigned = now;
        ticket.held_by = Some(agent);
        ticket.owed = true;
        ticket.pending_since = now;
        self.agents[agent].open += 1;
        self.agents[agent].pending += 1;
        self.open += 1.0;
        self.pending += 1.0;
    }

    /// Takes a ticket from whoever holds it.
    fn let_go(&mut self, id: TicketId) {
        let ticket = self.ticket(id);
        let Some(agent) = ticket.held_by.take() else { return };
        let owed = std::mem::take(&mut ticket.owed);
        self.agents[agent].open -= 1;
        self.open -= 1.0;
        if owed {
            self.agents[agent].pending -= 1;
            self.pending -= 1.0;
        }
    }

    fn reply(&mut self, now: f64, id: TicketId, user: UserId) {
        let agent = user.index();
        let started_by = self.agents[agent].last_reply;
        self.agents[agent].last_reply = now;
        self.agents[agent].pending -= 1;
        self.pending -= 1.0;
        let measures = self.measures(now);
        let ticket = self.ticket(id);
        // One at a time and in the order in which they were owed: work starts once it is owed and the last reply is out.
        let started = ticket.pending_since.max(started_by);
        ticket.owed = false;
        ticket.waited += started - ticket.pending_since;
        let first = !std::mem::replace(&mut ticket.answered, true);
        let arrived = ticket.arrived;
        if measures {
            self.sums[Sum::Replies] += 1.0;
            if first {
                self.sums[Sum::Answered] += 1.0;
                self.sums[Sum::ToStart] += started - arrived;
                self.sums[Sum::StartWaited] += f64::from(u8::from(started > arrived));
                self.sums[Sum::ToFirstReply] += now - arrived;
            }
        }
    }

    fn close(&mut self, now: f64, id: TicketId, by: Closer) {
        if self.watching.returns {
            self.closed_at.insert(id.number, now);
        }
        if self.ticket(id).held_by.is_none() {
            self.leave_queue(now, id, by == Closer::Customer);
            return;
        }
        self.let_go(id);
        let Ticket { arrived, assigned, waited, .. } = *self.ticket(id);
        if !self.measures(now) {
            return;
        }
        let sojourn = now - arrived;
        self.sums[Sum::Closed] += 1.0;
        self.sums[Sum::Sojourn] += sojourn;
        self.sums[Sum::InService] += now - assigned;
        self.sums[Sum::TotalWait] += waited + (assigned - arrived);
        for (n, &threshold) in self.watching.sojourns.iter().enumerate() {
            if sojourn > threshold {
                self.sums[(Sum::SojournOver, n)] += 1.0;
            }
        }
    }
}

impl Observer for Watch<'_> {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        let now = step.now.as_secs_f64();
        self.pass(now);
        let class = step.customer.map_or(0, usize::from);
        for effect in step.effects {
            match *effect {
                Effect::Created { ticket, .. } => {
                    self.arrive(now, ticket, class);
                    if self.measures(now) {
                        self.sums[Sum::Created] += 1.0;
                    }
                }
                Effect::Reactivated { ticket, .. } => {
                    self.arrive(now, ticket, class);
                    let closed = self.closed_at.remove(&ticket.number).expect("only closed tickets come back");
                    if self.measures(now) {
                        self.sums[Sum::Returned] += 1.0;
                        self.sums[Sum::Away] += now - closed;
                    }
                }
                Effect::Queued { ticket, .. } => {
                    self.let_go(ticket);
                    self.in_queue += 1.0;
                }
                Effect::Assigned { ticket, to, .. } => {
                    let was_queued = self.ticket(ticket).held_by.is_none();
                    self.assign(now, ticket, to, was_queued);
                }
                Effect::Replied { ticket, by } => self.reply(now, ticket, by),
                Effect::Pending { ticket } => {
                    let entry = self.ticket(ticket);
                    entry.owed = true;
                    entry.pending_since = now;
                    let agent = entry.held_by.expect("only assigned tickets are pending");
                    self.agents[agent].pending += 1;
                    self.pending += 1.0;
                }
                Effect::Closed { ticket, by, .. } => self.close(now, ticket, by),
                _ => {}
            }
        }
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.pass(now.as_secs_f64());
        let agent = &mut self.agents[user.index()];
        self.busy += f64::from(u8::from(in_hand > 0)) - f64::from(u8::from(agent.in_hand > 0));
        agent.in_hand = in_hand;
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        self.pass(now.as_secs_f64());
    }
}
