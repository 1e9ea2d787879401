//! Agents: what they owe, what they have in hand, and how fast it goes.

use super::plan::{AgentPlan, WorkOrder};
use super::shift::Cursor;
use crate::desk::StatusId;
use crate::time::{Instant, Span, nearest};
use prefetch_index::prefetch_index;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::mem::offset_of;
use std::slice::from_ref;

/// An agent. What they have in hand lies in [`Hands`].
///
/// What most events about them touch fills the first of two cache lines.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Agent {
    /// Work done on each job since the hands were last empty, in microseconds at pace 1 and one at a time …
    clock: f64,
    /// … up to this instant.
    clock_at: Instant,
    /// Factor on handle time.
    pub(super) pace: f64,
    /// Of the event at which the next piece of work is done.
    pub(super) stamp: u32,
    /// First place among the jobs.
    base: u32,
    /// First place among the factors on handle time with 1, 2, … at a time.
    slowdown: u32,
    /// How many entries of `owed` still hold.
    pub(super) owing: u32,
    /// How many entries `owed` has had.
    owed_ever: u32,
    pub(super) concurrency: u16,
    pub(super) in_hand: u16,
    /// What observers were told last.
    pub(super) reported: u16,
    pub(super) flags: Flags,
    pub(super) work_order: WorkOrder,

    /// Tickets that they owe a reply, the next one first. Entries that came to nothing stay until they surface.
    owed: BinaryHeap<Reverse<Owed>>,
    /// Probability of escalating instead of sending a reply.
    pub(super) escalates: f64,
    pub(super) standing: Standing,
    /// The status that the shift asks for next.
    pub(super) next_status: StatusId,
    pub(super) cursor: Cursor,
    /// Of the present spell of looking out for work to take.
    pub(super) looking_since: u32,
    /// They stand in the list of those who may be dozing.
    pub(super) listed: bool,
}

/// What holds of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags {
    /// They may begin something; follows from their standing.
    ready: bool,
    /// They are in another status than the one that is asked for; follows from their standing.
    pub(super) astray: bool,
    /// The system put them Away for doing nothing (STA-11), and there is nothing to do.
    pub(super) dozing: bool,
    /// They look out for tickets to take (QUE-7).
    pub(super) looking: bool,
    /// Something about them changed in this step.
    pub(super) touched: bool,
    /// What they have in hand changed, so its end is to be scheduled anew.
    pub(super) dirty: bool,
    /// Their status, or the one that is asked for, may have changed.
    pub(super) stood: bool,
    /// They are quicker or slower at some tickets than at others.
    pub(super) skilled: bool,
    /// They may escalate instead of sending a reply.
    pub(super) escalates: bool,
    /// They take tickets of themselves.
    pub(super) takes: bool,
    /// A change of status is on its way.
    pub(super) status_asked: bool,
}

/// How an agent stands with the desk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    /// The status they are in.
    pub(super) status: StatusId,
    /// The status that their shift, or they themselves, ask for.
    pub(super) desired: StatusId,
    /// Not disabled, not pending (USR-1).
    pub(super) enabled: bool,
    /// In a connected status.
    pub(super) connected: bool,
    /// The status asked for is connected.
    pub(super) desired_connected: bool,
}

// Memory goes by who there is, and speed by how many cache lines they take.
const _: () = assert!(offset_of!(Agent, owed) == 64 && size_of::<Agent>() == 128);

/// A ticket that an agent owes a reply; the least comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Owed {
    key: u64,
    /// Which of the agent's entries it is, from 1.
    number: u32,
    slot: u32,
}

/// A piece of work in hand; two to a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct Job {
    /// What the agent's clock shows when it is done.
    done_at: f64,
    /// Fields that the agent has tried to fill in: bit n is field n.
    pub(super) tried: u64,
    /// What a second of the customer's handle time costs this agent, in microseconds.
    pub(super) factor: f64,
    /// The ticket's.
    pub(super) slot: u32,
    pub(super) task: Task,
    /// The work is done; the command is on its way.
    pub(super) acting: bool,
    /// The agent may not escalate this one.
    pub(super) insists: bool,
}

const _: () = assert!(size_of::<Job>() == 32);

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

/// Everything that is in hand, agent by agent, in one table; and how fast hands are.
#[derive(Clone, Debug, Default)]
pub(super) struct Hands {
    jobs: Vec<Job>,
    /// Factors on handle time with 1, 2, … at a time, one list after the other.
    slowdowns: Vec<f64>,
    /// Where the list of those bits stands, so that agents who are alike share theirs.
    known: BTreeMap<Vec<u64>, u32>,
}

const EMPTY: Job =
    Job { done_at: f64::INFINITY, tried: 0, factor: 0.0, slot: 0, task: Task::Reply, acting: false, insists: false };

impl Hands {
    /// Room for one more agent's hands.
    fn add(&mut self, concurrency: u16) -> u32 {
        let base = u32::try_from(self.jobs.len()).expect("fewer than 2^32 replies at a time");
        self.jobs.resize(self.jobs.len() + usize::from(concurrency), EMPTY);
        base
    }

    /// Where a list of factors stands.
    fn slowdown(&mut self, factors: &[f64]) -> u32 {
        *self.known.entry(factors.iter().map(|factor| factor.to_bits()).collect()).or_insert_with(|| {
            let at = u32::try_from(self.slowdowns.len()).expect("fewer than 2^32 factors");
            self.slowdowns.extend(factors);
            at
        })
    }

    /// What an agent has in hand.
    #[inline]
    pub(super) fn of(&self, agent: &Agent) -> &[Job] {
        &self.jobs[agent.base as usize..][..usize::from(agent.in_hand)]
    }

    #[inline]
    fn of_mut(&mut self, agent: &Agent) -> &mut [Job] {
        &mut self.jobs[agent.base as usize..][..usize::from(agent.in_hand)]
    }

    /// Factor on handle time with as much in hand as the agent has.
    #[inline]
    fn slowness(&self, agent: &Agent) -> f64 {
        self.slowdowns[agent.slowdown as usize + usize::from(agent.in_hand) - 1]
    }

    /// Fetches an agent's hands, and what they will take up next, into the cache.
    pub(super) fn fetch(&self, agent: &Agent) {
        prefetch_index(&self.jobs, agent.base as usize);
        prefetch_index(agent.owed.as_slice(), 0);
    }

    /// The agent's work on the ticket of that slot.
    #[inline]
    pub(super) fn on(&mut self, agent: &Agent, slot: u32) -> Option<&mut Job> {
        self.of_mut(agent).iter_mut().find(|job| job.slot == slot)
    }
}

impl Standing {
    /// Whether they may begin something.
    pub(super) fn is_ready(&self) -> bool {
        self.enabled && self.connected && (self.desired_connected || !self.is_astray())
    }

    /// Whether they are in another status than the one that is asked for.
    pub(super) fn is_astray(&self) -> bool {
        self.status != self.desired
    }
}

impl Agent {
    pub(super) fn new(plan: &AgentPlan, hands: &mut Hands, pace: f64, status: StatusId) -> Agent {
        assert!(plan.slowdown.len() >= usize::from(plan.concurrency), "each number of replies at a time has its speed");
        Agent {
            clock: 0.0,
            clock_at: Instant::ZERO,
            pace,
            stamp: 0,
            base: hands.add(plan.concurrency),
            slowdown: hands.slowdown(&plan.slowdown),
            owing: 0,
            owed_ever: 0,
            concurrency: plan.concurrency,
            in_hand: 0,
            reported: 0,
            flags: Flags {
                skilled: !plan.proficiency.is_empty(),
                escalates: plan.escalates > 0.0,
                takes: plan.works,
                ..Flags::default()
            },
            work_order: plan.work_order,
            owed: BinaryHeap::new(),
            escalates: plan.escalates,
            standing: Standing { status, desired: status, enabled: false, connected: false, desired_connected: false },
            next_status: StatusId::OFFLINE,
            cursor: Cursor::FIRST,
            looking_since: 0,
            listed: false,
        }
    }

    /// Fetches the agent into the cache.
    pub(super) fn fetch(&self) {
        prefetch_index(from_ref(&self.clock), 0);
        prefetch_index(from_ref(&self.owed), 0);
    }

    /// They stand otherwise with the desk from now on.
    pub(super) fn stand(&mut self, standing: Standing) {
        self.standing = standing;
        self.flags.stood = true;
        self.flags.ready = standing.is_ready();
        self.flags.astray = standing.is_astray();
    }

    /// Whether they may begin something.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.flags.ready
    }

    /// Whether they have a hand free.
    pub(super) fn has_room(&self) -> bool {
        self.in_hand < self.concurrency
    }

    /// Whether they would take a ticket if there was one.
    pub(super) fn could_take(&self) -> bool {
        self.is_ready() && self.owing == 0 && self.has_room()
    }

    /// The number of the next ticket that is theirs to answer.
    #[inline]
    pub(super) fn next_number(&mut self) -> u32 {
        self.owed_ever += 1;
        assert!(self.owed_ever < u32::MAX, "fewer than 2^32 - 1 tickets for one agent");
        self.owed_ever
    }

    /// The ticket in a slot is theirs to answer; `key` orders it among the others, then `number`. `holds` says of (slot,
    /// number) whether that entry still does.
    pub(super) fn owe(&mut self, key: u64, number: u32, slot: u32, holds: impl Fn(u32, u32) -> bool) {
        self.owing += 1;
        // What came to nothing at the far end of the order would never surface.
        if self.owed.len() > 2 * self.owing as usize + 16 {
            self.owed.retain(|Reverse(owed)| holds(owed.slot, owed.number));
        }
        self.owed.push(Reverse(Owed { key, number, slot }));
    }

    /// The slot of the ticket to answer next, as it seems.
    pub(super) fn likely_next(&self) -> Option<u32> {
        self.owed.peek().map(|Reverse(owed)| owed.slot)
    }

    /// The ticket to answer next, which is then no longer among those owed.
    pub(super) fn next_owed(&mut self, holds: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(Reverse(owed)) = self.owed.pop() {
            if holds(owed.slot, owed.number) {
                self.owing -= 1;
                return Some(owed.slot);
            }
        }
        None
    }

    /// Lets the work go on up to `now`: each of n replies in hand at the speed that n allow.
    #[inline]
    fn advance(&mut self, hands: &Hands, now: Instant) {
        if self.in_hand > 0 && now > self.clock_at {
            self.clock += now.since(self.clock_at).as_micros() as f64 / hands.slowness(self);
        }
        self.clock_at = now;
    }

    /// Takes a piece of work in hand, of that many seconds of handle time.
    pub(super) fn begin(&mut self, hands: &mut Hands, now: Instant, slot: u32, task: Task, seconds: f64, factor: f64) {
        debug_assert!(self.has_room(), "a free hand was seen");
        if self.in_hand == 0 {
            self.clock = 0.0;
        }
        self.advance(hands, now);
        let done_at = self.clock + seconds * factor;
        let at = self.base as usize + usize::from(self.in_hand);
        hands.jobs[at] = Job { done_at, tried: 0, factor, slot, task, acting: false, insists: false };
        self.in_hand += 1;
        self.flags.dirty = true;
    }

    /// Goes on with another piece of work on a ticket in hand.
    pub(super) fn go_on(&mut self, hands: &mut Hands, now: Instant, slot: u32, task: Task, seconds: f64) {
        self.advance(hands, now);
        let clock = self.clock;
        if let Some(job) = hands.on(self, slot) {
            job.done_at = clock + seconds * job.factor;
            job.task = task;
            job.acting = false;
            self.flags.dirty = true;
        }
    }

    /// Lets a ticket go that is in hand.
    pub(super) fn drop_job(&mut self, hands: &mut Hands, now: Instant, slot: u32) {
        self.advance(hands, now);
        let jobs = hands.of_mut(self);
        if let Some(at) = jobs.iter().position(|job| job.slot == slot) {
            // Order is kept, so that of two that are done at one instant the older goes first.
            if at + 1 < jobs.len() {
                jobs.copy_within(at + 1.., at);
            }
            self.in_hand -= 1;
            self.flags.dirty = true;
        }
    }

    /// When the next piece of work is done, if the hands stay as they are.
    #[inline(always)]
    pub(super) fn next_done(&self, hands: &Hands) -> Option<Instant> {
        let next = self.next_job(hands)?;
        let left = hands.of(self)[next].done_at - self.clock;
        // Work without end is never done.
        Some(self.clock_at + Span::from_micros(nearest(left.max(0.0) * hands.slowness(self))))
    }

    /// The slot of the ticket of that piece of work.
    pub(super) fn next_slot(&self, hands: &Hands) -> Option<u32> {
        Some(hands.of(self)[self.next_job(hands)?].slot)
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

    /// The slot of the ticket that they took in hand first, of those that they still have.
    pub(super) fn first_job(&self, hands: &Hands) -> Option<u32> {
        hands.of(self).first().map(|job| job.slot)
    }
}
