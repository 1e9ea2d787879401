//! Agents: what they owe, what they have in hand, and how fast it goes.

use super::plan::{AgentPlan, WorkOrder};
use super::shift::Cursor;
use crate::desk::{StatusId, TicketId};
use crate::time::{Instant, Span, nearest};
use prefetch_index::prefetch_index;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::slice::from_ref;

/// An agent. What they have in hand lies in [`Hands`].
#[derive(Clone, Debug)]
pub(super) struct Agent<'m> {
    /// Tickets that they owe a reply, the next one first. Entries that came to nothing stay until they surface.
    owed: BinaryHeap<Reverse<Owed>>,
    /// How many entries of `owed` still hold.
    pub(super) owing: u32,
    /// First place among the jobs.
    base: u32,
    pub(super) concurrency: u16,
    pub(super) in_hand: u16,
    /// What observers were told last.
    pub(super) reported: u16,
    /// Of the event at which the next piece of work is done.
    pub(super) stamp: u32,
    /// Work done on each job since the hands were last empty, in microseconds at pace 1 and one at a time …
    clock: f64,
    /// … up to this instant.
    clock_at: Instant,
    /// Factor on handle time with 1, 2, … at a time.
    slowdown: &'m [f64],
    /// Factor on handle time.
    pub(super) pace: f64,
    /// Probability of escalating instead of sending a reply.
    pub(super) escalates: f64,
    /// The status they are in.
    pub(super) status: StatusId,
    /// The status that their shift, or they themselves, ask for.
    pub(super) desired: StatusId,
    /// The status that the shift asks for next.
    pub(super) next_status: StatusId,
    pub(super) cursor: Cursor,
    /// Of the present spell of looking out for work to take.
    pub(super) looking_since: u32,
    pub(super) flags: Flags,
    pub(super) work_order: WorkOrder,
}

/// What holds of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags {
    /// Not disabled, not pending (USR-1).
    pub(super) enabled: bool,
    /// In a connected status.
    pub(super) connected: bool,
    /// The status asked for is connected.
    pub(super) desired_connected: bool,
    /// The system put them Away for doing nothing (STA-11), and there is nothing to do.
    pub(super) dozing: bool,
    /// They stand in the list of those who may be dozing.
    pub(super) listed: bool,
    /// They look out for tickets to take (QUE-7).
    pub(super) looking: bool,
    /// Something about them changed in this step.
    pub(super) touched: bool,
    /// What they have in hand changed, so its end is to be scheduled anew.
    pub(super) dirty: bool,
    /// They are quicker or slower at some tickets than at others.
    pub(super) skilled: bool,
    /// They take tickets of themselves.
    pub(super) takes: bool,
    /// A change of status is on its way.
    pub(super) status_asked: bool,
}

// Memory goes by who there is.
const _: () = assert!(size_of::<Agent<'_>>() <= 128);

/// A ticket that an agent owes a reply; the least comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Owed {
    key: u64,
    sequence: u64,
    slot: u32,
    stamp: u32,
}

/// A piece of work in hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// What the agent's clock shows when it is done.
    done_at: f64,
    pub(super) ticket: TicketId,
    /// Fields that the agent has tried to fill in: bit n is field n.
    pub(super) tried: u64,
    /// What a second of the customer's handle time costs this agent, in microseconds.
    pub(super) factor: f64,
    pub(super) task: Task,
    /// The work is done; the command is on its way.
    pub(super) acting: bool,
    /// The agent may not escalate this one.
    pub(super) insists: bool,
}

/// What a piece of work is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Task {
    /// Ends with a reply to a customer who waits, or with an escalation.
    Reply,
    /// Ends with a message to a customer who does not: the agent has taken over, or begins the conversation.
    HandOver,
    /// Ends with closing what turns out to be spam.
    Dismiss,
    /// After the last reply.
    WrapUp,
    /// The work is done: fields are filled in, and the ticket is closed.
    Close,
}

/// Everything that is in hand, agent by agent, in one table.
#[derive(Clone, Debug, Default)]
pub(super) struct Hands {
    jobs: Vec<Job>,
}

const EMPTY: Job = Job {
    done_at: f64::INFINITY,
    ticket: TicketId { number: 0, slot: 0 },
    tried: 0,
    factor: 0.0,
    task: Task::Reply,
    acting: false,
    insists: false,
};

impl Hands {
    /// Room for one more agent's hands.
    pub(super) fn add(&mut self, concurrency: u16) -> u32 {
        let base = u32::try_from(self.jobs.len()).expect("fewer than 2^32 replies at a time");
        self.jobs.resize(self.jobs.len() + usize::from(concurrency), EMPTY);
        base
    }

    /// What an agent has in hand.
    pub(super) fn of(&self, agent: &Agent<'_>) -> &[Job] {
        &self.jobs[agent.base as usize..][..usize::from(agent.in_hand)]
    }

    fn of_mut(&mut self, agent: &Agent<'_>) -> &mut [Job] {
        &mut self.jobs[agent.base as usize..][..usize::from(agent.in_hand)]
    }

    /// Fetches an agent's hands, and what else the agent works by, into the cache.
    pub(super) fn fetch(&self, agent: &Agent<'_>) {
        prefetch_index(&self.jobs, agent.base as usize);
        prefetch_index(agent.slowdown, 0);
        prefetch_index(agent.owed.as_slice(), 0);
    }

    /// The agent's work on that ticket.
    pub(super) fn on(&mut self, agent: &Agent<'_>, ticket: TicketId) -> Option<&mut Job> {
        self.of_mut(agent).iter_mut().find(|job| job.ticket == ticket)
    }
}

impl<'m> Agent<'m> {
    pub(super) fn new(plan: &'m AgentPlan, base: u32, pace: f64, status: StatusId) -> Agent<'m> {
        assert!(plan.slowdown.len() >= usize::from(plan.concurrency), "each number of replies at a time has its speed");
        Agent {
            owed: BinaryHeap::new(),
            owing: 0,
            base,
            concurrency: plan.concurrency,
            in_hand: 0,
            reported: 0,
            stamp: 0,
            clock: 0.0,
            clock_at: Instant::ZERO,
            slowdown: &plan.slowdown,
            pace,
            escalates: plan.escalates,
            status,
            desired: status,
            next_status: StatusId::OFFLINE,
            cursor: Cursor::FIRST,
            looking_since: 0,
            flags: Flags { skilled: !plan.proficiency.is_empty(), takes: plan.works, ..Flags::default() },
            work_order: plan.work_order,
        }
    }

    /// Fetches the agent into the cache.
    pub(super) fn fetch(&self) {
        prefetch_index(from_ref(&self.owing), 0);
        prefetch_index(from_ref(&self.status), 0);
    }

    /// Whether they may begin something.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        let flags = self.flags;
        flags.enabled && flags.connected && (flags.desired_connected || self.desired == self.status)
    }

    /// Whether they have a hand free.
    pub(super) fn has_room(&self) -> bool {
        self.in_hand < self.concurrency
    }

    /// Whether they would take a ticket if there was one.
    pub(super) fn could_take(&self) -> bool {
        self.is_ready() && self.owing == 0 && self.has_room()
    }

    /// A ticket is theirs to answer; `key` orders it among the others, then `sequence`. `holds` says of (slot, stamp)
    /// whether that entry still does.
    pub(super) fn owe(&mut self, key: u64, sequence: u64, slot: u32, stamp: u32, holds: impl Fn(u32, u32) -> bool) {
        self.owing += 1;
        // What came to nothing at the far end of the order would never surface.
        if self.owed.len() > 2 * self.owing as usize + 16 {
            self.owed.retain(|Reverse(owed)| holds(owed.slot, owed.stamp));
        }
        self.owed.push(Reverse(Owed { key, sequence, slot, stamp }));
    }

    /// The slot of the ticket to answer next, as it seems.
    pub(super) fn likely_next(&self) -> Option<u32> {
        self.owed.peek().map(|Reverse(owed)| owed.slot)
    }

    /// The ticket to answer next, which is then no longer among those owed.
    pub(super) fn next_owed(&mut self, holds: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(Reverse(owed)) = self.owed.pop() {
            if holds(owed.slot, owed.stamp) {
                self.owing -= 1;
                return Some(owed.slot);
            }
        }
        None
    }

    /// Lets the work go on up to `now`: each of n replies in hand at the speed that n allow.
    fn advance(&mut self, now: Instant) {
        if self.in_hand > 0 && now > self.clock_at {
            self.clock += now.since(self.clock_at).as_micros() as f64 / self.slowdown[usize::from(self.in_hand) - 1];
        }
        self.clock_at = now;
    }

    /// Takes a piece of work in hand, of that many seconds of handle time.
    pub(super) fn begin(
        &mut self,
        hands: &mut Hands,
        now: Instant,
        ticket: TicketId,
        task: Task,
        seconds: f64,
        factor: f64,
    ) {
        debug_assert!(self.has_room(), "a free hand was seen");
        if self.in_hand == 0 {
            self.clock = 0.0;
        }
        self.advance(now);
        let done_at = self.clock + seconds * factor;
        let at = self.base as usize + usize::from(self.in_hand);
        hands.jobs[at] = Job { done_at, ticket, tried: 0, factor, task, acting: false, insists: false };
        self.in_hand += 1;
        self.flags.dirty = true;
    }

    /// Goes on with another piece of work on a ticket in hand.
    pub(super) fn go_on(&mut self, hands: &mut Hands, now: Instant, ticket: TicketId, task: Task, seconds: f64) {
        self.advance(now);
        let clock = self.clock;
        if let Some(job) = hands.on(self, ticket) {
            job.done_at = clock + seconds * job.factor;
            job.task = task;
            job.acting = false;
            self.flags.dirty = true;
        }
    }

    /// Lets a ticket go that is in hand.
    pub(super) fn drop_job(&mut self, hands: &mut Hands, now: Instant, ticket: TicketId) {
        self.advance(now);
        let jobs = hands.of_mut(self);
        if let Some(at) = jobs.iter().position(|job| job.ticket == ticket) {
            // Order is kept, so that of two that are done at one instant the older goes first.
            if at + 1 < jobs.len() {
                jobs.copy_within(at + 1.., at);
            }
            self.in_hand -= 1;
            self.flags.dirty = true;
        }
    }

    /// When the next piece of work is done, if the hands stay as they are.
    pub(super) fn next_done(&self, hands: &Hands) -> Option<Instant> {
        let next = self.next_job(hands)?;
        let left = hands.of(self)[next].done_at - self.clock;
        // Work without end is never done.
        Some(self.clock_at + Span::from_micros(nearest(left.max(0.0) * self.slowdown[usize::from(self.in_hand) - 1])))
    }

    /// The piece of work that is done at `now`, as [`Agent::next_done`] said.
    pub(super) fn finish_next<'h>(&mut self, hands: &'h mut Hands, now: Instant) -> Option<&'h mut Job> {
        let next = self.next_job(hands)?;
        let job = &mut hands.of_mut(self)[next];
        // The clock shows what it must, free of rounding.
        self.clock = self.clock.max(job.done_at);
        self.clock_at = now;
        job.acting = true;
        self.flags.dirty = true;
        Some(job)
    }

    fn next_job(&self, hands: &Hands) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (at, job) in hands.of(self).iter().enumerate() {
            if !job.acting && best.is_none_or(|(_, done_at)| job.done_at < done_at) {
                best = Some((at, job.done_at));
            }
        }
        best.map(|(at, _)| at)
    }

    /// The ticket that they took in hand first, of those that they still have.
    pub(super) fn first_job(&self, hands: &Hands) -> Option<TicketId> {
        hands.of(self).first().map(|job| job.ticket)
    }
}
