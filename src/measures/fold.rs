//! The fold over one run's steps: each effect is looked at once, and every family is told what it means to it.

use super::agents::{AgentWork, Agents, Standing};
use super::cast::Cast;
use super::catalog::MetricId;
use super::cells::{CellId, Cells};
use super::live::{Live, Mark, Overdue};
use super::queue::Lengths;
use super::sheet::{Scope, Sheet};
use super::window::Window;
use crate::desk::{
    ChannelId, Closer, Command, ConversationId, Desk, Effect, GroupId, How, LaneId, Outcome, StatusId, TicketId,
    TicketState, Timer, UserId,
};
use crate::simulation::{Expected, Input, Names, Observer, SlaClocks, Step};
use crate::time::{Instant, Span};

/// Measures one run; give it to the run as its observer, then ask for the [`Sheet`].
#[derive(Clone, Debug)]
pub struct Measures<'a> {
    cast: &'a Cast,
    names: &'a Names,
    window: Window,
    end: Instant,
    live: Live,
    cells: Cells,
    queue: Lengths,
    agents: Agents,
    refused: u64,
    notified: u64,
    /// By channel, whether its timers have clocks of their own; empty where all simply run round the clock.
    own_clocks: Vec<bool>,
    /// What those count after a breach.
    overdue_clocks: SlaClocks,
    /// Some conversation was opened by an agent.
    agents_open: bool,
    statuses: Vec<String>,
}

/// What the fold reads from the desk: how it is after a step.
trait View {
    fn standing(&self, user: UserId) -> Standing;
    /// How many tickets the user has open, and pending.
    fn held(&self, user: UserId) -> (u32, u32);
    fn is_over_cap(&self, user: UserId) -> bool;
    fn lane_group(&self, lane: LaneId) -> Option<GroupId>;
    /// The conversation's ticket that is not closed.
    fn open_ticket(&self, conversation: ConversationId) -> Option<TicketId>;
    /// By channel, whether its timers have clocks of their own; empty where none has.
    fn own_clocks(&self, channels: usize) -> Vec<bool>;
    /// What the channel promises at present.
    fn target(&self, channel: ChannelId, timer: Timer) -> Option<Span>;
    /// Whether a timer goes on with what was left when its ticket leaves the queue again.
    fn resumes(&self, channel: ChannelId) -> bool;
    /// What is left of a timer that runs, sleeps or ended in this step.
    fn left_of(&self, now: Instant, channel: ChannelId, ticket: TicketId, timer: Timer) -> Span;
    /// The desk itself, where there is one.
    fn desk(&self) -> Option<&Desk>;
}

impl View for Desk {
    fn standing(&self, user: UserId) -> Standing {
        Standing::on(self, user)
    }

    fn held(&self, user: UserId) -> (u32, u32) {
        (self.open_count(user), self.pending_count(user))
    }

    fn is_over_cap(&self, user: UserId) -> bool {
        Desk::is_over_cap(self, user)
    }

    fn lane_group(&self, lane: LaneId) -> Option<GroupId> {
        Desk::lane_group(self, lane)
    }

    fn open_ticket(&self, conversation: ConversationId) -> Option<TicketId> {
        self.ticket_of(conversation).filter(|ticket| self.state(*ticket) != TicketState::Closed)
    }

    fn own_clocks(&self, channels: usize) -> Vec<bool> {
        let own: Vec<bool> = (0..channels).map(|channel| !self.has_plain_timers(ChannelId::at(channel))).collect();
        if own.contains(&true) { own } else { Vec::new() }
    }

    fn target(&self, channel: ChannelId, timer: Timer) -> Option<Span> {
        Desk::target(self, channel, timer)
    }

    fn resumes(&self, channel: ChannelId) -> bool {
        self.resumes_timers(channel)
    }

    fn left_of(&self, now: Instant, channel: ChannelId, ticket: TicketId, timer: Timer) -> Span {
        Desk::left_of(self, now, channel, ticket, timer)
    }

    fn desk(&self) -> Option<&Desk> {
        Some(self)
    }
}

/// When an effect came about; two words, which travel in registers.
#[derive(Clone, Copy)]
struct At {
    now: Instant,
    window: Window,
}

impl At {
    /// The window's clock.
    fn clock(self) -> u64 {
        self.window.clock(self.now)
    }

    /// Whether the warm-up is over.
    fn counted(self) -> bool {
        self.window.counts(self.now)
    }
}

/// Whether the reply or closure came that a timer was about. A first response never does once the ticket is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Yes,
    No,
}

impl<'a> Measures<'a> {
    /// Measures a run from the end of its warm-up on.
    pub fn new(cast: &'a Cast, names: &'a Names, warmup: Span) -> Measures<'a> {
        Measures {
            cast,
            names,
            window: Window::after(warmup),
            end: Instant::ZERO,
            live: Live::new(cast.origin_count()),
            cells: Cells::new(cast),
            queue: Lengths::new(cast.channel_count()),
            agents: Agents::new(cast),
            refused: 0,
            notified: 0,
            own_clocks: Vec::new(),
            overdue_clocks: SlaClocks::default(),
            agents_open: false,
            statuses: Vec::new(),
        }
    }

    /// The same, of what is counted from `start` on, which has not come yet.
    pub fn counting_from(self, start: Instant) -> Measures<'a> {
        Measures { window: Window::after(start - Instant::ZERO), ..self }
    }

    fn take(&mut self, step: &Step<'_>, view: &impl View) {
        let at = At { now: step.now, window: self.window };
        if step.refused.is_some() {
            self.refused += u64::from(at.counted());
            return;
        }
        self.overdue_clocks.follow_overdue(step, || view.desk());
        if let Input::Command(command) = &step.input {
            self.command(at, command, step.effects, view);
        }
        for effect in step.effects {
            self.effect(at, step, effect, view);
        }
    }

    /// What a command means that its effects do not say.
    #[inline]
    fn command(&mut self, at: At, command: &Command, effects: &[Effect], view: &impl View) {
        match *command {
            Command::Message { conversation, .. } if self.agents_open => {
                self.wrote(at.now, conversation, effects, view)
            }
            Command::Transfer { ticket: Some(ticket), group, .. } if at.counted() => {
                let cell = self.cells.find(self.live.origin(ticket), Some(group));
                self.cells[cell].tickets.transferred += 1;
            }
            Command::EnableUser { user, .. }
            | Command::DisableUser { user, .. }
            | Command::AddToGroup { user, .. }
            | Command::RemoveFromGroup { user, .. } => self.look_at(at.clock(), user, view),
            Command::ConfigureChannel { .. } => {
                self.change_clocks(at.now, view);
                self.look_at_everybody(at.clock(), view);
            }
            // These may change the standing of anybody, and are rare.
            Command::EditStatus { .. }
            | Command::DeleteStatus { .. }
            | Command::Grant { .. }
            | Command::Revoke { .. } => self.look_at_everybody(at.clock(), view),
            _ => {}
        }
    }

    /// SLA-11: where an agent opened the conversation, the customer's clock starts with their first message. It may come
    /// when the ticket waits in the queue, where it has no effect.
    #[cold]
    fn wrote(&mut self, now: Instant, conversation: ConversationId, effects: &[Effect], view: &impl View) {
        let filtered = effects.iter().any(|effect| matches!(effect, Effect::SpamFiltered { .. }));
        if let Some(record) = view.open_ticket(conversation).and_then(|ticket| self.live.get_mut(ticket))
            && record.is(Mark::Unasked)
            && !filtered
        {
            record.set(Mark::Unasked, false);
            record.asked = now;
        }
    }

    #[cold]
    fn look_at_everybody(&mut self, clock: u64, view: &impl View) {
        (0..self.cast.user_count()).map(UserId::at).for_each(|user| self.look_at(clock, user, view));
    }

    #[cold]
    fn look_at(&mut self, clock: u64, user: UserId, view: &impl View) {
        self.agents.stands(self.cast, clock, user, view.standing(user));
    }

    /// What a user holds changed in this step; the desk already is as it is after all of the step.
    #[inline]
    fn count_tickets(&mut self, clock: u64, user: Option<UserId>, grew: bool, view: &impl View) {
        if let Some(user) = user {
            self.agents.holds(clock, user, view.held(user), grew, || view.is_over_cap(user));
        }
    }

    #[inline]
    fn effect(&mut self, at: At, step: &Step<'_>, effect: &Effect, view: &impl View) {
        match *effect {
            Effect::Created { ticket, channel, .. } => {
                let origin = self.cast.origin(step.customer, channel);
                let cell = self.cells.find(origin, None);
                self.live.create(ticket, origin, cell, at.now);
                self.cells[cell].tickets.created(at.counted());
            }
            Effect::Reactivated { ticket, .. } => {
                let cell = self.cells.find(self.live.origin(ticket), None);
                self.live.reactivate(ticket, cell, at.now);
                self.cells[cell].tickets.reopened(at.counted());
            }
            Effect::Queued { ticket, lane, .. } => self.queued(at, ticket, view.lane_group(lane), view),
            Effect::Assigned { ticket, to, how, .. } => self.assigned(at, ticket, to, how, view),
            Effect::Answered { ticket, .. } | Effect::Replied { ticket, .. } => self.replied(at, ticket, view),
            Effect::Pending { ticket } => {
                let holder = self.live[ticket].holder();
                self.count_tickets(at.clock(), holder, true, view);
            }
            Effect::Closed { ticket, by, .. } => {
                let consent = matches!(step.input, Input::Command(Command::Consent { .. }));
                self.closed(at, ticket, by, by == Closer::Customer && !consent, view);
            }
            Effect::SlaStarted { ticket, timer, .. } => {
                let record = &mut self.live[ticket];
                let before = std::mem::replace(&mut record.started[timer as usize], at.now);
                record.set(Mark::runs(timer), true);
                self.cells[record.cell].sla[timer as usize].started(at.counted());
                if !self.own_clocks.is_empty() {
                    let own = self.own_clocks[self.cast.channel(record.origin).index()];
                    if own || record.is(Mark::own_clock(timer)) {
                        self.start_own_clock(at.now, ticket, timer, before, own, view);
                    }
                }
            }
            Effect::SlaEnded { ticket, timer, outcome, user } => {
                self.timer_ended(at, ticket, timer, outcome, user, view);
            }
            // ESC-4: a breach with nowhere to go moves nothing.
            Effect::Escalated { ticket, from, to: Some(_), .. } => {
                if at.counted() {
                    let record = self.live[ticket];
                    let group = from.and_then(|user| self.group(user, ticket));
                    let cell = self.cells.find(record.origin, group);
                    self.cells[cell].tickets.escalated += 1;
                }
            }
            Effect::StatusChanged { user, .. } => self.look_at(at.clock(), user, view),
            Effect::Notified { .. } => self.notified += u64::from(at.counted()),
            Effect::Escalated { to: None, .. }
            | Effect::AutoMessageSent { .. }
            | Effect::SpamFiltered { .. }
            | Effect::Warning { .. }
            | Effect::Refused(_) => {}
        }
    }

    /// A timer starts that has a clock of its own, or whose predecessor had: those are remembered by their target.
    #[inline(never)]
    fn start_own_clock(
        &mut self,
        now: Instant,
        ticket: TicketId,
        timer: Timer,
        before: Instant,
        own: bool,
        view: &impl View,
    ) {
        let record = &mut self.live[ticket];
        let channel = self.cast.channel(record.origin);
        let was_own = record.is(Mark::own_clock(timer));
        record.set(Mark::own_clock(timer), own);
        if own {
            let full = view.target(channel, timer).unwrap_or(Span::MAX);
            // SLA-7: one that goes on with what was left keeps its target.
            let resumes = was_own && view.resumes(channel) && view.left_of(now, channel, ticket, timer) != full;
            record.started[timer as usize] = if resumes { before } else { Instant::ZERO + full };
        }
    }

    /// What a timer with a clock of its own took that was met: of what was promised, all that is not left.
    #[inline(never)]
    fn own_time(&self, now: Instant, ticket: TicketId, timer: Timer, view: &impl View) -> Span {
        let record = &self.live[ticket];
        let left = view.left_of(now, self.cast.channel(record.origin), ticket, timer);
        (record.started[timer as usize] - Instant::ZERO).saturating_sub(left)
    }

    /// CHN-2: timers that run when their channel's clock changes get one of their own, which has counted what it has.
    #[cold]
    fn change_clocks(&mut self, now: Instant, view: &impl View) {
        let own = view.own_clocks(self.cast.channel_count());
        for (slot, record) in self.live.slots() {
            let channel = self.cast.channel(record.origin);
            for timer in [Timer::FirstResponse, Timer::Closure] {
                let changes = own.get(channel.index()) == Some(&true) && !record.is(Mark::own_clock(timer));
                if changes && record.is(Mark::runs(timer)) {
                    // The number of the ticket is not asked for.
                    let ticket = TicketId { number: 0, slot };
                    let counted = now - record.started[timer as usize];
                    let full = counted + view.left_of(now, channel, ticket, timer);
                    record.started[timer as usize] = Instant::ZERO + full;
                    record.set(Mark::own_clock(timer), true);
                }
            }
        }
        // Timers that are overdue go on as they did.
        self.own_clocks = own;
    }

    /// Where a breached timer's overrun and time are measured from, and what they are measured by.
    fn reading(&self, now: Instant, ticket: TicketId, timer: Timer, own: bool) -> Instant {
        if own { self.overdue_clocks.reading(now, ticket, timer) } else { now }
    }

    /// The group as whose member a user has or had the ticket.
    fn group(&self, user: UserId, ticket: TicketId) -> Option<GroupId> {
        let record = &self.live[ticket];
        self.cast.group(user, self.cast.channel(record.origin), record.transferred())
    }

    fn queued(&mut self, at: At, ticket: TicketId, group: Option<GroupId>, view: &impl View) {
        let record = &mut self.live[ticket];
        let (origin, holder) = (record.origin, record.holder());
        record.transfer(group);
        record.hand(None, self.cells.find(origin, None));
        if !record.is(Mark::Queued) {
            record.set(Mark::Queued, true);
            record.queued = at.now;
            self.queue.entered(at.clock(), self.cast.channel(origin));
        }
        self.count_tickets(at.clock(), holder, false, view);
    }

    fn assigned(&mut self, at: At, ticket: TicketId, to: UserId, how: How, view: &impl View) {
        let group = self.group(to, ticket);
        let record = &mut self.live[ticket];
        let (origin, holder) = (record.origin, record.holder());
        record.hand(Some(to), self.cells.find(origin, group));
        let cell = &mut self.cells[record.cell];
        if record.is(Mark::Queued) {
            record.set(Mark::Queued, false);
            self.queue.left(at.clock(), self.cast.channel(origin));
            if at.counted() {
                cell.queue.served(at.now - record.queued);
            }
        }
        if how == How::Own {
            record.set(Mark::Unasked, true);
            self.agents_open = true;
        }
        if at.counted() {
            cell.tickets.assigned += 1;
            self.agents.assigned(to);
        }
        self.count_tickets(at.clock(), holder, false, view);
        self.count_tickets(at.clock(), Some(to), true, view);
    }

    /// A reply, or an answer, which is a first response just so (TIC-12).
    fn replied(&mut self, at: At, ticket: TicketId, view: &impl View) {
        let record = &mut self.live[ticket];
        let holder = record.holder();
        if !record.is(Mark::Unasked) {
            if !record.is(Mark::Answered) {
                record.set(Mark::Answered, true);
                if at.counted() {
                    self.cells[record.cell].customer.first_response.add(at.now - record.asked);
                }
            }
            if record.is(Mark::Overdue) {
                self.settle_unless_running(at, ticket, Timer::FirstResponse, Came::Yes);
            }
        }
        self.count_tickets(at.clock(), holder, false, view);
    }

    fn closed(&mut self, at: At, ticket: TicketId, by: Closer, abandoned: bool, view: &impl View) {
        let record = &mut self.live[ticket];
        let holder = record.holder();
        let cell = &mut self.cells[record.cell];
        cell.tickets.closed(at.counted(), abandoned);
        if record.is(Mark::Queued) {
            record.set(Mark::Queued, false);
            self.queue.left(at.clock(), self.cast.channel(record.origin));
            if at.counted() {
                cell.queue.given_up(at.now - record.queued);
            }
        }
        if at.counted() {
            if by != Closer::Customer && !record.is(Mark::Unasked) {
                cell.customer.resolution.add(at.now - record.asked);
            }
            if let Closer::User(user) = by {
                self.agents.closed(user);
            }
        }
        if record.is(Mark::Overdue) {
            self.settle_unless_running(at, ticket, Timer::FirstResponse, Came::No);
            self.settle_unless_running(at, ticket, Timer::Closure, Came::Yes);
        }
        self.count_tickets(at.clock(), holder, false, view);
    }

    fn timer_ended(
        &mut self,
        at: At,
        ticket: TicketId,
        timer: Timer,
        outcome: Outcome,
        user: Option<UserId>,
        view: &impl View,
    ) {
        let record = &mut self.live[ticket];
        let started = record.started[timer as usize];
        let (overdue, own) = (record.is(Mark::Overdue), record.is(Mark::own_clock(timer)));
        record.set(Mark::runs(timer), false);
        // The ticket may have changed hands already at this instant; the timer ended on the hands of `user`.
        let cell = if user == record.holder() {
            record.cell
        } else {
            let origin = record.origin;
            let group = user.and_then(|user| self.group(user, ticket));
            self.cells.find(origin, group)
        };
        self.cells[cell].sla[timer as usize].ended(at.counted(), outcome);
        match outcome {
            Outcome::Breached if own => self.breach_by_own_clock(at.now, ticket, timer, cell, view),
            Outcome::Breached => {
                self.live.breach(ticket, Overdue { timer, own, started, breached: at.now, cell });
            }
            Outcome::Met => {
                let was_late = overdue && self.settle(at, ticket, timer, Came::Yes);
                if at.counted() && !was_late {
                    let time = if own { self.own_time(at.now, ticket, timer, view) } else { at.now - started };
                    self.cells[cell].sla[timer as usize].time.add(time);
                }
            }
            Outcome::Unanswered if overdue => {
                self.settle(at, ticket, timer, Came::No);
            }
            Outcome::Unanswered | Outcome::Cancelled => {}
        }
        if let (Some(user), true) = (user, at.counted()) {
            self.agents.timer_ended(user, timer, outcome);
        }
    }

    /// A timer was breached that has a clock of its own: it has counted its target, and is watched from now on.
    #[cold]
    fn breach_by_own_clock(&mut self, now: Instant, ticket: TicketId, timer: Timer, cell: CellId, view: &impl View) {
        if let Some(desk) = view.desk() {
            let first = !self.live[ticket].is(Mark::Overdue);
            self.overdue_clocks.go_overdue(now, ticket, timer, first, desk);
        }
        let breached = self.overdue_clocks.reading(now, ticket, timer);
        let target = self.live[ticket].started[timer as usize] - Instant::ZERO;
        let started = Instant::ZERO + (breached - Instant::ZERO).saturating_sub(target);
        self.live.breach(ticket, Overdue { timer, own: true, started, breached, cell });
    }

    /// What a timer waited for came, or never will: now, or with the end of the one that still runs.
    #[cold]
    fn settle_unless_running(&mut self, at: At, ticket: TicketId, timer: Timer, came: Came) {
        if !self.live[ticket].is(Mark::runs(timer)) {
            self.settle(at, ticket, timer, came);
        }
    }

    /// What breached timers waited for came, or never will; false if there were none of that kind. Overruns end either way
    /// (SLA-12), but what never came took no time.
    #[cold]
    fn settle(&mut self, at: At, ticket: TicketId, timer: Timer, came: Came) -> bool {
        let readings = [false, true].map(|own| self.reading(at.now, ticket, timer, own));
        let cells = &mut self.cells;
        let mut first = None;
        self.live.settle(ticket, timer, |overdue| {
            first.get_or_insert(overdue);
            if at.counted() {
                cells[overdue.cell].sla[timer as usize]
                    .overrun
                    .add(readings[usize::from(overdue.own)] - overdue.breached);
            }
        });
        if let (Some(first), Came::Yes, true) = (first, came, at.counted()) {
            cells[first.cell].sla[timer as usize].time.add(readings[usize::from(first.own)] - first.started);
        }
        first.is_some()
    }

    fn close_books(&mut self, now: Instant) {
        self.end = now;
        let clock = self.window.clock(now);
        self.cells.finish();
        self.queue.finish(clock);
        self.agents.finish(self.cast, clock);
    }

    /// What each agent that works tickets bore, in listed order; ask once the run is over.
    pub fn agent_work(&self) -> Vec<AgentWork> {
        self.agents.work(self.cast, self.window.clock(self.end))
    }

    /// The run's figures; ask once it is over.
    ///
    /// # Panics
    /// If it is not over.
    pub fn sheet(&self) -> Sheet {
        self.write(Sheet::default())
    }

    /// The same, and what the figures stand on, so that several sheets can be put together; ask once it is over.
    ///
    /// # Panics
    /// If it is not over.
    pub fn sheet_with_grounds(&self) -> Sheet {
        self.write(Sheet::with_grounds())
    }

    fn write(&self, mut sheet: Sheet) -> Sheet {
        let cast = self.cast;
        let length = self.window.clock(self.end);
        let channels = (0..cast.channel_count()).map(|index| Scope::Channel(ChannelId::at(index)));
        let classes = (0..cast.class_count()).map(|index| Scope::Customer(index as u16));
        let groups = (0..cast.group_count()).map(|index| Scope::Group(GroupId::at(index)));
        let scopes = std::iter::once(Scope::Desk).chain(channels).chain(classes).chain(groups);
        self.cells.write(cast, scopes, &mut sheet);
        self.queue.write(length, &mut sheet);
        self.agents.write(cast, length, self.statuses.len(), &mut sheet);
        sheet.put_count(MetricId::named("notifications"), &[Scope::Desk], self.notified);
        sheet.put_count(MetricId::named("commands.refused"), &[Scope::Desk], self.refused);
        sheet.seal(self.statuses.clone());
        sheet
    }
}

impl Observer for Measures<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.own_clocks = View::own_clocks(desk, self.cast.channel_count());
        self.overdue_clocks = SlaClocks::new(desk);
        self.look_at_everybody(self.window.clock(now), desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.take(step, desk);
    }

    fn expect(&self, expected: Expected) {
        match expected {
            Expected::Ticket(ticket) => self.live.fetch(ticket),
            Expected::User(user) => {
                self.agents.fetch(user);
                self.cast.fetch(user);
            }
        }
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.agents.works(self.window.clock(now), user, in_hand);
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.close_books(now);
        let name = |status| self.names.text(desk.status_name(StatusId::at(status)).shown).to_owned();
        self.statuses = (0..desk.status_count()).map(name).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Cause, ConversationId, FieldSet, Session};

    const CHAT: ChannelId = ChannelId(0);
    const MAIL: ChannelId = ChannelId(1);
    const SUPPORT: GroupId = GroupId(0);
    const LEADS: GroupId = GroupId(1);
    const ANA: UserId = UserId(0);
    const BEN: UserId = UserId(1);
    const LEAD: UserId = UserId(2);
    const TIMERS: [Timer; 2] = [Timer::FirstResponse, Timer::Closure];

    /// Two channels (mail without customers of a class), two agents and a lead.
    fn cast() -> Cast {
        let users: [(&[GroupId], bool); 3] = [(&[SUPPORT], true), (&[SUPPORT], true), (&[LEADS], true)];
        Cast::of(2, &[vec![SUPPORT], vec![SUPPORT]], &[CHAT], &users)
    }

    fn id(number: u32) -> TicketId {
        TicketId { number, slot: number - 1 }
    }

    fn available(open: u32, pending: u32) -> Standing {
        let status = StatusId::AVAILABLE;
        Standing { status, connected: true, available: true, over_cap: false, open, pending }
    }

    fn offline() -> Standing {
        let status = StatusId::OFFLINE;
        Standing { status, connected: false, available: false, over_cap: false, open: 0, pending: 0 }
    }

    /// A desk that says what the test tells it to.
    struct Stub {
        standings: [Standing; 3],
    }

    impl View for Stub {
        fn standing(&self, user: UserId) -> Standing {
            self.standings[user.index()]
        }

        fn held(&self, user: UserId) -> (u32, u32) {
            (self.standing(user).open, self.standing(user).pending)
        }

        fn is_over_cap(&self, user: UserId) -> bool {
            self.standing(user).over_cap
        }

        fn lane_group(&self, lane: LaneId) -> Option<GroupId> {
            (lane.0 >= 10).then(|| GroupId(lane.0 - 10))
        }

        /// A ticket's number is that of its conversation.
        fn open_ticket(&self, conversation: ConversationId) -> Option<TicketId> {
            Some(id(conversation.0))
        }

        fn own_clocks(&self, _channels: usize) -> Vec<bool> {
            Vec::new()
        }

        fn target(&self, _channel: ChannelId, _timer: Timer) -> Option<Span> {
            None
        }

        fn resumes(&self, _channel: ChannelId) -> bool {
            false
        }

        fn left_of(&self, _now: Instant, _channel: ChannelId, _ticket: TicketId, _timer: Timer) -> Span {
            Span::ZERO
        }

        fn desk(&self) -> Option<&Desk> {
            None
        }
    }

    struct Script<'a> {
        measures: Measures<'a>,
        desk: Stub,
    }

    fn secs(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    impl<'a> Script<'a> {
        fn new(cast: &'a Cast, names: &'a Names, warmup: u64) -> Script<'a> {
            let desk = Stub { standings: [offline(); 3] };
            let mut measures = Measures::new(cast, names, Span::from_secs(warmup));
            measures.look_at_everybody(0, &desk);
            Script { measures, desk }
        }

        fn step(&mut self, at: u64, input: Input, customer: Option<u16>, effects: &[Effect]) {
            let step = Step { now: secs(at), input, customer, refused: None, effects };
            self.measures.take(&step, &self.desk);
        }

        fn at(&mut self, at: u64, effects: &[Effect]) {
            self.step(at, Input::Deadline, Some(0), effects);
        }

        fn stands(&mut self, at: u64, user: UserId, standing: Standing) {
            self.desk.standings[user.index()] = standing;
            self.at(at, &[Effect::StatusChanged { user, from: StatusId(0), to: StatusId(0), by: None }]);
        }

        fn end(mut self, at: u64) -> Sheet {
            self.measures.close_books(secs(at));
            self.measures.statuses = ["Available", "Away", "Offline"].map(str::to_owned).to_vec();
            self.measures.sheet()
        }
    }

    fn created(number: u32) -> Effect {
        Effect::Created { ticket: id(number), conversation: ConversationId(number), channel: CHAT }
    }

    fn queued(number: u32) -> Effect {
        Effect::Queued { ticket: id(number), session: Session::NewConversation, lane: LaneId(0) }
    }

    fn assigned(number: u32, to: UserId, how: How) -> Effect {
        Effect::Assigned { ticket: id(number), to, from: None, how }
    }

    fn replied(number: u32, by: UserId) -> Effect {
        Effect::Replied { ticket: id(number), by }
    }

    fn closed(number: u32, by: Closer) -> Effect {
        Effect::Closed { ticket: id(number), by, empty_fields: FieldSet::default() }
    }

    fn message(number: u32) -> Input {
        let conversation = ConversationId(number);
        let channel = CHAT;
        Input::Command(Command::Message { conversation, channel, spam: false, priority: 0, form: None, content: None })
    }

    fn started(number: u32, timer: Timer) -> Effect {
        Effect::SlaStarted { ticket: id(number), timer, due: Instant::MAX }
    }

    fn ended(number: u32, timer: Timer, outcome: Outcome, user: UserId) -> Effect {
        Effect::SlaEnded { ticket: id(number), timer, outcome, user: Some(user) }
    }

    fn close_command(number: u32) -> Input {
        Input::Command(Command::Close { user: ANA, ticket: Some(id(number)) })
    }

    #[track_caller]
    fn check(sheet: &Sheet, expected: &[(&str, Option<f64>)]) {
        let got: Vec<_> = expected.iter().map(|(metric, _)| (*metric, sheet.desk(metric))).collect();
        assert_eq!(got, expected);
    }

    /// Waits 30 s, is answered after 40 s more and closed after 20 s more; timers met.
    fn plain_ticket(script: &mut Script<'_>, number: u32, from: u64) {
        use Timer::{Closure, FirstResponse};
        script.at(from, &[created(number), queued(number)]);
        script.at(
            from + 30,
            &[assigned(number, ANA, How::Auto), started(number, FirstResponse), started(number, Closure)],
        );
        script.at(from + 70, &[replied(number, ANA), ended(number, FirstResponse, Outcome::Met, ANA)]);
        script.step(
            from + 90,
            close_command(number),
            None,
            &[closed(number, Closer::User(ANA)), ended(number, Closure, Outcome::Met, ANA)],
        );
    }

    #[test]
    fn a_plain_ticket_is_timed_from_queue_to_closure() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        plain_ticket(&mut script, 1, 10);
        let sheet = script.end(200);
        let ten = |value| Some(value);
        check(
            &sheet,
            &[
                ("queue.wait.mean", ten(30.0)),
                ("queue.wait.max", ten(30.0)),
                ("queue.wait.zero_share", ten(0.0)),
                ("queue.wait.over.20s", ten(1.0)),
                ("queue.wait.over.30s", ten(0.0)),
                ("queue.length.mean", ten(30.0 / 200.0)),
                ("queue.length.max", ten(1.0)),
                ("sla.first_response.time.mean", ten(40.0)),
                ("sla.closure.time.max", ten(60.0)),
                ("sla.first_response.breach_rate", ten(0.0)),
                ("sla.first_response.overrun.mean", None),
                ("customer.first_response.mean", ten(70.0)),
                ("customer.resolution.p50", ten(90.0)),
                ("tickets.created", ten(1.0)),
                ("tickets.assigned", ten(1.0)),
                ("tickets.closed", ten(1.0)),
                ("tickets.open_at_end", ten(0.0)),
                ("tickets.abandon_rate", ten(0.0)),
            ],
        );
        for scope in [Scope::Channel(CHAT), Scope::Customer(0), Scope::Group(SUPPORT)] {
            assert_eq!(sheet.value("queue.wait.mean", scope), Some(30.0), "{scope:?}");
        }
        for scope in [Scope::Channel(MAIL), Scope::Group(LEADS)] {
            assert_eq!(sheet.value("queue.wait.mean", scope), None, "{scope:?}");
        }
        assert_eq!(sheet.value("tickets.closed", Scope::Agent(ANA)), Some(1.0));
        assert_eq!(sheet.value("sla.closure.met", Scope::Agent(ANA)), Some(1.0));
        assert_eq!(sheet.value("tickets.assigned", Scope::Agent(BEN)), Some(0.0));
    }

    #[test]
    fn the_warmup_is_left_out() {
        let (cast, names) = (cast(), Names::default());
        // The first ticket closes in the warm-up but for its closure at 100; the second is whole.
        let mut script = Script::new(&cast, &names, 100);
        script.stands(0, ANA, available(1, 1));
        plain_ticket(&mut script, 1, 5);
        script.at(99, &[created(2), queued(2)]);
        script.at(100, &[assigned(2, ANA, How::Auto), started(2, Timer::Closure)]);
        plain_ticket(&mut script, 3, 100);
        let sheet = script.end(200);
        check(
            &sheet,
            &[
                ("tickets.created", Some(1.0)),
                ("tickets.closed", Some(1.0)),
                ("tickets.assigned", Some(2.0)),
                ("tickets.open_at_end", Some(1.0)),
                ("queue.wait.mean", Some((1.0 + 30.0) / 2.0)),
                ("queue.length.mean", Some(30.0 / 100.0)),
                ("sla.closure.started", Some(2.0)),
                ("sla.closure.running", Some(1.0)),
                ("customer.resolution.mean", Some(90.0)),
                ("agents.available_hours", Some(100.0 / 3600.0)),
                ("agents.open.mean", Some(1.0)),
            ],
        );
    }

    #[test]
    fn a_breach_overruns_until_the_reply_and_is_charged_to_the_holder() {
        breached_and_escalated(false);
        breached_and_escalated(true);
    }

    fn breached_and_escalated(timer_first: bool) {
        use Timer::FirstResponse;
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.at(0, &[created(1), queued(1), assigned(1, ANA, How::Auto), started(1, FirstResponse)]);
        script.at(
            300,
            &[
                ended(1, FirstResponse, Outcome::Breached, ANA),
                Effect::Escalated { ticket: id(1), from: Some(ANA), to: Some(LEAD), cause: Cause::FirstResponse },
                assigned(1, LEAD, How::Escalation),
                started(1, FirstResponse),
            ],
        );
        // Whichever is told first, the reply or the timer's end.
        let mut ends = [replied(1, LEAD), ended(1, FirstResponse, Outcome::Met, LEAD)];
        ends.rotate_left(usize::from(timer_first));
        script.at(400, &ends);
        let sheet = script.end(500);
        check(
            &sheet,
            &[
                ("sla.first_response.breach_rate", Some(0.5)),
                ("sla.first_response.started", Some(2.0)),
                ("sla.first_response.overrun.mean", Some(100.0)),
                ("sla.first_response.time.max", Some(400.0)),
                ("sla.first_response.time.mean", Some(400.0)),
                ("customer.first_response.mean", Some(400.0)),
                ("tickets.escalated", Some(1.0)),
                ("queue.wait.zero_share", Some(1.0)),
                ("queue.length.max", Some(0.0)),
            ],
        );
        let of = |metric, scope| sheet.value(metric, scope);
        assert_eq!(of("sla.first_response.breached", Scope::Agent(ANA)), Some(1.0));
        assert_eq!(of("sla.first_response.breach_rate", Scope::Agent(ANA)), Some(1.0));
        assert_eq!(of("sla.first_response.breach_rate", Scope::Agent(LEAD)), Some(0.0));
        assert_eq!(of("sla.first_response.breach_rate", Scope::Agent(BEN)), None);
        assert_eq!(of("sla.first_response.overrun.mean", Scope::Group(SUPPORT)), Some(100.0));
        assert_eq!(of("sla.first_response.overrun.mean", Scope::Group(LEADS)), None);
        assert_eq!(of("tickets.escalated", Scope::Group(SUPPORT)), Some(1.0));
    }

    #[test]
    fn an_overrun_without_a_reply_ends_at_closure() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.at(0, &[created(1), queued(1), assigned(1, ANA, How::Auto)]);
        script.at(0, &TIMERS.map(|timer| started(1, timer)));
        script.at(10, &[ended(1, Timer::FirstResponse, Outcome::Breached, ANA)]);
        script.at(25, &[closed(1, Closer::System), ended(1, Timer::Closure, Outcome::Met, ANA)]);
        let sheet = script.end(30);
        check(
            &sheet,
            &[
                ("sla.first_response.overrun.mean", Some(15.0)),
                ("sla.first_response.time.mean", None),
                ("sla.closure.time.mean", Some(25.0)),
                ("customer.first_response.mean", None),
                ("customer.resolution.mean", Some(25.0)),
            ],
        );
    }

    #[test]
    fn who_gives_up_counts_as_abandoned_and_not_as_resolved() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        let conversation = ConversationId(1);
        script.at(0, &[created(1), queued(1)]);
        script.at(0, &[created(2)]);
        script.at(0, &[created(3), queued(3)]);
        script.step(50, Input::Command(Command::Abandon { conversation }), Some(0), &[closed(1, Closer::Customer)]);
        script.step(
            60,
            Input::Command(Command::Consent { conversation, granted: false }),
            Some(0),
            &[closed(2, Closer::Customer)],
        );
        script.at(110, &[assigned(3, BEN, How::Auto)]);
        let sheet = script.end(200);
        check(
            &sheet,
            &[
                ("tickets.closed", Some(2.0)),
                ("tickets.abandoned", Some(1.0)),
                ("tickets.abandon_rate", Some(1.0 / 3.0)),
                ("customer.resolution.mean", None),
                ("queue.wait.mean", Some(110.0)),
                ("queue.wait.all.mean", Some(80.0)),
                ("queue.wait.over.30s", Some(1.0)),
                ("queue.wait.over.60s", Some(0.5)),
                ("queue.wait.over.120s", Some(0.0)),
                ("queue.length.max", Some(2.0)),
            ],
        );
    }

    #[test]
    fn each_stay_in_the_queue_is_a_wait_of_its_own() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.at(0, &[created(1), queued(1), assigned(1, ANA, How::Auto), started(1, Timer::Closure)]);
        let transfer = Command::Transfer { by: ANA, ticket: Some(id(1)), group: LEADS };
        let lane = LaneId(11);
        script.step(
            100,
            Input::Command(transfer),
            None,
            &[
                ended(1, Timer::Closure, Outcome::Cancelled, ANA),
                Effect::Queued { ticket: id(1), session: Session::NewConversation, lane },
            ],
        );
        script.at(140, &[assigned(1, LEAD, How::Auto), started(1, Timer::Closure)]);
        let sheet = script.end(200);
        check(
            &sheet,
            &[
                ("queue.wait.mean", Some(20.0)),
                ("queue.wait.zero_share", Some(0.5)),
                ("tickets.transferred", Some(1.0)),
                ("tickets.assigned", Some(2.0)),
                ("sla.closure.cancelled", Some(1.0)),
                ("sla.closure.running", Some(1.0)),
            ],
        );
        assert_eq!(sheet.value("tickets.transferred", Scope::Group(LEADS)), Some(1.0));
        assert_eq!(sheet.value("queue.wait.mean", Scope::Group(LEADS)), Some(40.0));
    }

    #[test]
    fn where_an_agent_opened_the_conversation_the_clock_starts_with_the_customer() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.step(0, Input::Deadline, None, &[created(1), assigned(1, ANA, How::Own), replied(1, ANA)]);
        script.step(50, message(1), None, &[Effect::Pending { ticket: id(1) }, started(1, Timer::FirstResponse)]);
        script.at(80, &[replied(1, ANA), ended(1, Timer::FirstResponse, Outcome::Met, ANA)]);
        script.at(90, &[closed(1, Closer::User(ANA))]);
        script.step(95, Input::Deadline, None, &[created(2), assigned(2, ANA, How::Own)]);
        script.at(99, &[closed(2, Closer::User(ANA))]);
        let sheet = script.end(100);
        check(
            &sheet,
            &[
                ("customer.first_response.max", Some(30.0)),
                ("customer.resolution.max", Some(40.0)),
                ("queue.wait.mean", None),
                ("tickets.closed", Some(2.0)),
            ],
        );
        assert_eq!(sheet.value("tickets.created", Scope::Customer(0)), Some(0.0), "nobody's class");
        assert_eq!(sheet.value("tickets.created", Scope::Channel(CHAT)), Some(2.0));
    }

    #[test]
    fn a_customer_may_first_write_when_the_agents_own_conversation_is_in_the_queue() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.step(0, Input::Deadline, None, &[created(1), assigned(1, ANA, How::Own)]);
        script.at(10, &[queued(1)]);
        let spam = Effect::SpamFiltered { conversation: ConversationId(1) };
        script.step(15, message(1), None, &[spam]);
        script.step(20, message(1), None, &[]);
        script.step(25, message(1), None, &[]);
        script.at(30, &[assigned(1, BEN, How::Auto)]);
        script.at(50, &[replied(1, BEN)]);
        script.at(60, &[closed(1, Closer::User(BEN))]);
        // What a message begins is no agent's own, whatever had its slot before.
        script.step(70, Input::Deadline, None, &[created(2), assigned(2, ANA, How::Own)]);
        script.step(75, Input::Deadline, None, &[closed(2, Closer::User(ANA))]);
        script.step(80, message(2), Some(0), &[Effect::Reactivated { ticket: id(2), cycle: 2 }, queued(2)]);
        script.at(90, &[assigned(2, BEN, How::Auto), replied(2, BEN)]);
        let sheet = script.end(100);
        check(
            &sheet,
            &[
                ("customer.first_response.mean", Some(20.0)),
                ("customer.first_response.max", Some(30.0)),
                ("customer.resolution.max", Some(40.0)),
            ],
        );
    }

    #[test]
    fn a_reactivated_ticket_keeps_its_customers_and_begins_a_cycle() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        plain_ticket(&mut script, 1, 0);
        let again = TicketId { number: 1, slot: 7 };
        script.step(
            200,
            Input::Deadline,
            None,
            &[
                Effect::Reactivated { ticket: again, cycle: 2 },
                Effect::Assigned { ticket: again, to: BEN, from: None, how: How::Reopen },
            ],
        );
        script.at(210, &[Effect::Replied { ticket: again, by: BEN }]);
        let sheet = script.end(300);
        check(
            &sheet,
            &[
                ("tickets.reopened", Some(1.0)),
                ("tickets.open_at_end", Some(1.0)),
                ("customer.first_response.mean", Some(40.0)),
            ],
        );
        assert_eq!(sheet.value("tickets.reopened", Scope::Customer(0)), Some(1.0));
    }

    #[test]
    fn agents_are_weighed_by_the_time_they_are_there() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.stands(0, ANA, available(0, 0));
        script.stands(0, BEN, available(2, 1));
        script.measures.work(secs(10), ANA, 1);
        script.measures.work(secs(20), ANA, 2);
        script.measures.work(secs(40), ANA, 0);
        script.measures.work(secs(90), BEN, 1); // and goes on past the end of the shift
        let away = Standing { status: StatusId::AWAY, connected: false, available: false, ..available(2, 1) };
        script.stands(100, BEN, away);
        script.stands(100, ANA, Standing { over_cap: true, ..available(5, 0) });
        let sheet = script.end(200);
        let of = |metric, user| sheet.value(metric, Scope::Agent(user)).unwrap();
        assert_eq!([of("agents.occupancy", ANA), of("agents.occupancy", BEN)], [30.0 / 200.0, 10.0 / 100.0]);
        assert_eq!([of("agents.open.mean", ANA), of("agents.open.mean", BEN)], [2.5, 2.0]);
        assert_eq!([of("agents.over_cap_share", ANA), of("agents.over_cap_share", BEN)], [0.5, 0.0]);
        check(
            &sheet,
            &[
                ("agents.occupancy", Some(40.0 / 300.0)),
                ("agents.available_hours", Some(300.0 / 3600.0)),
                ("agents.open.mean", Some((500.0 + 200.0) / 300.0)),
                ("agents.pending.mean", Some(100.0 / 300.0)),
                ("agents.over_cap_share", Some(100.0 / 300.0)),
                ("balance.open.max_over_mean", Some(2.5 / 2.25)),
            ],
        );
        assert_eq!(sheet.value("balance.open.jain", Scope::Group(LEADS)), None, "never available");
        let share = |scope, status| {
            let row = sheet.rows().iter().find(|(key, _)| key.scope == scope && key.status == Some(status)).unwrap();
            row.1.unwrap()
        };
        assert_eq!(share(Scope::Agent(BEN), StatusId::AWAY), 0.5);
        assert_eq!(share(Scope::Group(SUPPORT), StatusId::AVAILABLE), 0.75);
        assert_eq!(share(Scope::Desk, StatusId::OFFLINE), 1.0 / 3.0);
    }

    #[test]
    fn who_joins_a_group_may_be_over_its_cap_at_once() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        script.stands(0, ANA, available(1, 1));
        script.at(0, &[created(1), queued(1), assigned(1, ANA, How::Auto)]);
        let over = |pending| Standing { over_cap: true, ..available(1, pending) };
        script.desk.standings[ANA.index()] = over(1);
        script.step(60, Input::Command(Command::AddToGroup { by: LEAD, user: ANA, group: LEADS }), None, &[]);
        script.desk.standings[ANA.index()] = over(0);
        script.at(70, &[replied(1, ANA)]);
        script.desk.standings[ANA.index()] = available(1, 0);
        script.step(80, Input::Command(Command::RemoveFromGroup { by: LEAD, user: ANA, group: LEADS }), None, &[]);
        assert_eq!(script.end(100).value("agents.over_cap_share", Scope::Agent(ANA)), Some(0.2));
    }

    #[test]
    fn balance_is_told_by_group_and_for_the_desk() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        [ANA, BEN, LEAD].into_iter().for_each(|user| script.stands(0, user, available(0, 0)));
        for number in 1..=4 {
            script.at(1, &[created(number), queued(number)]);
        }
        for (number, user) in [(1, ANA), (2, ANA), (3, ANA), (4, BEN)] {
            script.at(2, &[assigned(number, user, How::Auto)]);
        }
        let sheet = script.end(3600);
        // Support has 3 and 1: (3 + 1)² / (2 (9 + 1)). The leads have nothing, so no figure.
        assert_eq!(sheet.value("balance.assigned.jain", Scope::Group(SUPPORT)), Some(0.8));
        assert_eq!(sheet.value("balance.assigned.gini", Scope::Group(SUPPORT)), Some(0.25));
        assert_eq!(sheet.value("balance.assigned.jain", Scope::Group(LEADS)), None);
        check(
            &sheet,
            &[
                ("balance.assigned.jain", Some(0.8)),
                ("balance.assigned.cv", Some(0.5)),
                ("balance.assigned.max_over_mean", Some(1.5)),
                ("balance.breaches.jain", None),
            ],
        );
    }

    #[test]
    fn refusals_are_counted_and_change_nothing() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        let transfer = Command::Transfer { by: ANA, ticket: Some(id(1)), group: LEADS };
        script.at(0, &[created(1), queued(1)]);
        let refused = Some(crate::desk::Refusal::NoManagePermission);
        let step = Step { now: secs(1), input: Input::Command(transfer), customer: None, refused, effects: &[] };
        script.measures.take(&step, &script.desk);
        check(&script.end(2), &[("commands.refused", Some(1.0)), ("tickets.transferred", Some(0.0))]);
    }

    /// Random lives of tickets: what came equals what went and what stays, in every scope.
    #[test]
    fn nothing_is_lost_between_the_counts() {
        let seed = 0x5EED;
        let mut state: u64 = seed;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        for number in 1..=500 {
            let now = u64::from(number) * 10;
            script.step(now, Input::Deadline, (draw(2) == 0).then_some(0), &[created(number), queued(number)]);
            let user = UserId(draw(3) as u32);
            if draw(5) == 0 {
                continue;
            }
            script.at(now + 1, &[assigned(number, user, How::Auto)]);
            script.at(now + 1, &TIMERS.map(|timer| started(number, timer)));
            let answered = draw(3) > 0;
            match draw(4) {
                0 => script.at(now + 2, &[ended(number, Timer::FirstResponse, Outcome::Breached, user)]),
                1 => {
                    let back = TIMERS.map(|timer| ended(number, timer, Outcome::Cancelled, user));
                    script.at(now + 2, &back);
                    script.at(now + 2, &[queued(number)]);
                    continue;
                }
                _ if answered => {
                    script
                        .at(now + 3, &[replied(number, user), ended(number, Timer::FirstResponse, Outcome::Met, user)]);
                }
                _ => {
                    let unanswered = ended(number, Timer::FirstResponse, Outcome::Unanswered, user);
                    script.at(now + 4, &[unanswered]);
                }
            }
            if draw(3) > 0 {
                let closure = ended(number, Timer::Closure, Outcome::Met, user);
                script.at(now + 5, &[closure, closed(number, Closer::User(user))]);
            }
        }
        let sheet = script.end(6000);
        for scope in [Scope::Desk, Scope::Channel(CHAT), Scope::Customer(0)] {
            let of = |metric: &str| sheet.value(metric, scope).unwrap();
            assert_eq!(
                of("tickets.created") + of("tickets.reopened"),
                of("tickets.closed") + of("tickets.open_at_end"),
                "{scope:?}, seed {seed:#x}"
            );
            for timer in ["sla.first_response", "sla.closure"] {
                let ends = ["met", "breached", "cancelled", "unanswered", "running"];
                let sum: f64 = ends.iter().map(|end| of(&format!("{timer}.{end}"))).sum();
                assert_eq!(of(&format!("{timer}.started")), sum, "{timer} in {scope:?}, seed {seed:#x}");
                assert!(of(&format!("{timer}.started")) > 100.0);
            }
        }
    }

    #[test]
    fn every_metric_of_the_catalog_has_a_row_and_takes_its_labels() {
        let (cast, names) = (cast(), Names::default());
        let mut script = Script::new(&cast, &names, 0);
        plain_ticket(&mut script, 1, 0);
        let sheet = script.end(100);
        for metric in super::super::catalog::catalog() {
            let rows = || sheet.rows().iter().filter(|(key, _)| std::ptr::eq(key.metric.metric(), metric));
            assert!(rows().any(|(key, _)| key.scope == Scope::Desk), "{} has no row", metric.name);
            let labelled = rows().map(|(key, _)| key.scope).filter(|scope| *scope != Scope::Desk);
            let mut kinds: Vec<_> = labelled.map(|scope| std::mem::discriminant(&scope)).collect();
            kinds.dedup();
            let statuses = usize::from(metric.labels.contains(&super::super::Label::Status));
            kinds.sort_by_key(|kind| format!("{kind:?}"));
            kinds.dedup();
            assert_eq!(kinds.len(), metric.labels.len() - statuses, "{}", metric.name);
        }
    }
}
