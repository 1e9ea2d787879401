//! The fold over a run's steps that gives the rows of its tickets.

use super::correspondence::{Correspondence, Happening};
use super::{
    Charge, Charged, CustomerOutcome, Hindsight, Message, Occasion, Sender, Sentiment, SlaOutcome, TicketRow, TimerRow,
};
use crate::desk::{
    ChannelId, Closer, Command, ConversationId, Desk, Effect, GroupId, How, Outcome, TicketId, TicketState, Timer,
    UserId,
};
use crate::measures::Cast;
use crate::simulation::{Input, Observer, SlaClocks, Step};
use crate::time::{Instant, Span};
use rustc_hash::FxHashMap;

/// Turns the steps of one run into rows; give it to the run as its observer.
///
/// A row is given to the sink once nothing about it can change any more: when its cycle is closed, or at the end of the
/// run. So rows stand in the order in which cycles ended, those that have not last and by ticket ID, and the ledger
/// holds no more of them than there are open tickets.
#[derive(Clone, Debug)]
pub struct Ledger<'a, S> {
    cast: &'a Cast,
    hindsight: &'a Hindsight,
    sink: S,
    correspondence: Correspondence,
    sla: Option<SlaClocks>,
    /// By slot.
    open: Vec<Open>,
    /// By ticket number, of tickets that will be reopened: when they were created, and the class of their customer.
    known: FxHashMap<u32, (Instant, Option<u16>)>,
}

/// An open ticket's present cycle.
#[derive(Clone, Debug)]
struct Open {
    /// Its row has not been given yet.
    live: bool,
    row: TicketRow,
    /// When the customer's clock of this cycle started; not before they wrote, where an agent opened the conversation.
    asked: Option<Instant>,
    /// When the present stay in the queue began.
    waiting: Option<Instant>,
    /// To which group it was transferred.
    transferred: Option<GroupId>,
    /// As a member of which group its agent has it.
    group: Option<GroupId>,
    clocks: [Clock; 2],
    /// The customer wrote again before anybody had replied.
    reminded: bool,
}

/// What the timers of one kind came to so far.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// What the timer's own clock showed when it started that the row tells of.
    started: Instant,
    /// Some timer of the kind runs, be it that one or a later one.
    runs: bool,
    row: TimerRow,
}

impl<'a, S: FnMut(&TicketRow)> Ledger<'a, S> {
    /// A ledger of one run, which `hindsight` is of.
    pub fn new(cast: &'a Cast, hindsight: &'a Hindsight, sink: S) -> Ledger<'a, S> {
        let correspondence = Correspondence::default();
        Ledger { cast, hindsight, sink, correspondence, sla: None, open: Vec::new(), known: FxHashMap::default() }
    }

    /// The sink, once the run is over.
    pub fn into_sink(self) -> S {
        self.sink
    }

    fn effect(&mut self, now: Instant, effect: &Effect, transfers: &mut bool, desk: &Desk) {
        match *effect {
            Effect::Created { ticket, conversation, channel } => {
                if self.hindsight.returns(ticket) {
                    self.known.insert(ticket.number, (now, None));
                }
                self.begin(now, ticket, conversation, channel, 1);
            }
            Effect::Reactivated { ticket, cycle } => {
                self.begin(now, ticket, desk.conversation(ticket), desk.channel(ticket), cycle);
            }
            Effect::Queued { ticket, lane, .. } => {
                let open = self.get(ticket);
                open.row.transfers += u32::from(std::mem::take(transfers));
                open.row.queued_at.get_or_insert(now);
                open.row.assigned_agent = None;
                open.group = None;
                open.transferred = desk.lane_group(lane);
                open.waiting.get_or_insert(now);
            }
            Effect::Assigned { ticket, to, how, .. } => {
                let cast = self.cast;
                let open = self.get(ticket);
                let from_queue = open.waiting.is_some();
                open.leave_queue(now);
                open.row.assigned_at.get_or_insert(now);
                open.row.assigned_agent = Some(to);
                open.group = cast.group(to, open.row.channel, open.transferred);
                if how != How::Escalation && (from_queue || open.row.assigned_group.is_none()) {
                    open.row.assigned_group = open.group;
                }
                if how == How::Own {
                    open.asked = None;
                }
            }
            Effect::Answered { ticket, by } | Effect::Replied { ticket, by } => {
                let reading = self.reading(now, ticket, Timer::FirstResponse);
                self.get(ticket).replied(now, by, reading);
            }
            // SLA-3, `pause_awaiting_customer`: the deadline is another one from now on.
            Effect::Pending { ticket } => {
                if let (Some(due), open) = (desk.due(ticket, Timer::Closure), self.get(ticket))
                    && !open.clocks[Timer::Closure as usize].is_breached()
                {
                    open.row.due[Timer::Closure as usize] = Some(due);
                }
            }
            Effect::Closed { ticket, by, .. } => self.close(now, ticket, by, desk),
            Effect::SlaStarted { ticket, timer, due } => {
                let target = desk.target(desk.channel(ticket), timer);
                let started = self.sla.as_ref().map_or(now, |clocks| clocks.started(ticket, timer));
                let open = self.get(ticket);
                let clock = &mut open.clocks[timer as usize];
                if !clock.is_breached() {
                    open.row.due[timer as usize] = (due != Instant::MAX).then_some(due);
                }
                clock.start(started, target);
            }
            Effect::SlaEnded { ticket, timer, outcome, user } => {
                let reading = self.reading(now, ticket, timer);
                self.get(ticket).clocks[timer as usize].end(reading, outcome, user);
                self.charge(ticket, Charged::TimerEnded(timer, outcome), user);
            }
            Effect::Escalated { ticket, from, to, .. } => {
                if to.is_some() {
                    self.charge(ticket, Charged::Escalated, from);
                }
                let row = &mut self.get(ticket).row;
                row.escalated_at.push(now);
                // ESC-4: a breach with nowhere to go moves nothing.
                if to.is_some() {
                    row.escalations += 1;
                    row.escalated_to = to;
                }
            }
            Effect::Notified { .. }
            | Effect::AutoMessageSent { .. }
            | Effect::StatusChanged { .. }
            | Effect::SpamFiltered { .. }
            | Effect::Warning { .. }
            | Effect::Refused(_) => {}
        }
    }

    fn begin(&mut self, now: Instant, ticket: TicketId, conversation: ConversationId, channel: ChannelId, cycle: u32) {
        let reopens = self.hindsight.reopens_in(ticket, cycle);
        debug_assert!(cycle <= reopens + 1, "the hindsight is of this run");
        let known = if cycle == 1 { None } else { self.known.get(&ticket.number).copied() };
        let (created_at, customer) = known.unwrap_or((now, None));
        let row = TicketRow::new(ticket, conversation, channel, cycle, created_at, reopens);
        let open = Open::new(now, TicketRow { began_at: now, customer, ..row });
        match self.open.get_mut(ticket.index()) {
            Some(place) => {
                let (fields, mut charges) =
                    (std::mem::take(&mut place.row.fields), std::mem::take(&mut place.row.charges));
                charges.clear();
                *place = open;
                (place.row.fields, place.row.charges) = (fields, charges);
            }
            None => self.open.resize(ticket.index() + 1, open),
        }
    }

    fn get(&mut self, ticket: TicketId) -> &mut Open {
        let open = &mut self.open[ticket.index()];
        debug_assert_eq!(open.row.ticket, ticket, "an open ticket keeps its slot");
        open
    }

    /// What the own clock of a ticket's timer shows.
    fn reading(&self, now: Instant, ticket: TicketId, timer: Timer) -> Instant {
        self.sla.as_ref().map_or(now, |clocks| clocks.reading(now, ticket, timer))
    }

    /// Charges something to who has or had the ticket. They may have it no more at this instant, or may have got it only now.
    fn charge(&mut self, ticket: TicketId, what: Charged, user: Option<UserId>) {
        let cast = self.cast;
        let open = self.get(ticket);
        let group = if user == open.row.assigned_agent {
            open.group
        } else {
            user.and_then(|user| cast.group(user, open.row.channel, open.transferred))
        };
        open.row.charges.push(Charge { what, user, group });
    }

    fn message(&mut self, message: Message, class: Option<u16>) {
        let Some((ticket, _)) = message.ticket else { return };
        let open = self.get(ticket);
        open.row.last_message = Some(message);
        if message.sender == Sender::Customer {
            open.row.customer = open.row.customer.or(class);
            open.asked.get_or_insert(message.at);
            open.reminded |= message.occasion == Occasion::Reminder;
        }
    }

    fn close(&mut self, now: Instant, ticket: TicketId, by: Closer, desk: &Desk) {
        let open = self.get(ticket);
        open.leave_queue(now);
        open.row.state = TicketState::Closed;
        open.row.closed_at = Some(now);
        open.row.closed_by = Some(by);
        if by != Closer::Customer {
            open.row.customer_resolution = open.asked.map(|asked| now - asked);
        }
        let customer = open.row.customer;
        let (what, group) = (Charged::Closed(open.row.customer_resolution), open.group);
        let user = if let Closer::User(user) = by { Some(user) } else { None };
        open.row.charges.push(Charge { what, user, group });
        if let Some(known) = self.known.get_mut(&ticket.number) {
            known.1 = customer;
        }
        let reading = self.reading(now, ticket, Timer::Closure);
        self.get(ticket).clocks[Timer::Closure as usize].come(reading);
        self.give(now, ticket.index(), desk);
    }

    /// Gives a row to the sink, for good.
    fn give(&mut self, now: Instant, slot: usize, desk: &Desk) {
        let open = &mut self.open[slot];
        open.live = false;
        open.row.group = open.group.or(open.transferred);
        [open.row.first_response, open.row.closure] = open.clocks.map(|clock| clock.row);
        if let Some(asked) = open.asked {
            let (row, waited) = (&mut open.row, now - asked);
            let promised = |timer, of: &TimerRow| of.target.or_else(|| desk.target(row.channel, timer));
            let [first, closure] =
                [promised(Timer::FirstResponse, &row.first_response), promised(Timer::Closure, &row.closure)];
            row.first_response.customer = CustomerOutcome::of(row.customer_first_response, waited, first);
            row.closure.customer = CustomerOutcome::of(row.customer_resolution, waited, closure);
        }
        open.row.sentiment = open.sentiment();
        open.row.priority = desk.priority_of(open.row.ticket);
        open.row.fields.clear();
        open.row.fields.extend_from_slice(desk.field_values(open.row.ticket));
        (self.sink)(&open.row);
    }
}

impl<S: FnMut(&TicketRow)> Observer for Ledger<'_, S> {
    fn start(&mut self, _now: Instant, desk: &Desk) {
        debug_assert_eq!(desk.open_tickets(), 0, "a ledger is kept from the start");
        self.sla = Some(SlaClocks::new(desk));
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        if step.refused.is_some() {
            return;
        }
        if let Some(clocks) = &mut self.sla {
            clocks.follow(step, desk);
        }
        let mut transfers = matches!(step.input, Input::Command(Command::Transfer { .. }));
        let mut correspondence = std::mem::take(&mut self.correspondence);
        correspondence.walk(step, desk, |happening| match happening {
            Happening::Effect(effect) => self.effect(step.now, effect, &mut transfers, desk),
            Happening::Message(message) => self.message(message, step.customer),
        });
        self.correspondence = correspondence;
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        let mut left: Vec<(TicketId, usize)> =
            (0..).zip(&self.open).filter(|(_, open)| open.live).map(|(slot, open)| (open.row.ticket, slot)).collect();
        left.sort_unstable();
        for (ticket, slot) in left {
            let row = &mut self.open[slot].row;
            row.state = desk.state(ticket);
            row.escalated = desk.is_escalated(ticket);
            for timer in Timer::ALL {
                row.remaining[timer as usize] = desk.remaining(now, ticket, timer);
                if row.remaining[timer as usize].is_some() {
                    row.due[timer as usize] = desk.due(ticket, timer);
                }
            }
            self.give(now, slot, desk);
        }
    }
}

impl TicketRow {
    /// A cycle that begins.
    fn new(
        ticket: TicketId,
        conversation: ConversationId,
        channel: ChannelId,
        cycle: u32,
        created_at: Instant,
        reopens: u32,
    ) -> TicketRow {
        TicketRow {
            ticket,
            conversation,
            channel,
            group: None,
            state: TicketState::Queued,
            escalated: false,
            cycle,
            created_at,
            began_at: created_at,
            queued_at: None,
            assigned_at: None,
            first_response_at: None,
            closed_at: None,
            closed_by: None,
            assigned_agent: None,
            first_response: TimerRow::default(),
            closure: TimerRow::default(),
            queued_for: None,
            customer_first_response: None,
            customer_resolution: None,
            escalations: 0,
            escalated_to: None,
            escalated_at: Vec::new(),
            reopens,
            transfers: 0,
            last_message: None,
            sentiment: None,
            fields: Vec::new(),
            customer: None,
            priority: 0,
            due: [None; 2],
            remaining: [None; 2],
            assigned_group: None,
            charges: Vec::new(),
        }
    }
}

impl Open {
    fn new(now: Instant, row: TicketRow) -> Open {
        let clock = Clock { started: now, runs: false, row: TimerRow::default() };
        Open {
            live: true,
            row,
            asked: Some(now),
            waiting: None,
            transferred: None,
            group: None,
            clocks: [clock; 2],
            reminded: false,
        }
    }

    fn leave_queue(&mut self, now: Instant) {
        if let Some(since) = self.waiting.take() {
            *self.row.queued_for.get_or_insert(Span::ZERO) += now - since;
        }
    }

    /// A reply, or an answer, which is a first response just so (TIC-12).
    fn replied(&mut self, now: Instant, by: UserId, reading: Instant) {
        // SLA-11: what is written before the customer writes is no response.
        let Some(asked) = self.asked else { return };
        if self.row.first_response_at.is_none() {
            self.row.first_response_at = Some(now);
            self.row.customer_first_response = Some(now - asked);
            let what = Charged::FirstResponse(now - asked);
            self.row.charges.push(Charge { what, user: Some(by), group: self.group });
        }
        self.clocks[Timer::FirstResponse as usize].come(reading);
    }

    fn sentiment(&self) -> Option<Sentiment> {
        self.asked?;
        let row = &self.row;
        let refused = row.last_message.is_some_and(|message| message.occasion == Occasion::Consent(false));
        let gave_up = row.closed_by == Some(Closer::Customer) && !refused;
        Some(if gave_up || self.reminded || row.is_breached() {
            Sentiment::Negative
        } else if row.closed_at.is_some() && row.first_response_at.is_some() {
            Sentiment::Positive
        } else {
            Sentiment::Neutral
        })
    }
}

impl Clock {
    fn is_breached(&self) -> bool {
        self.row.outcome == Some(SlaOutcome::Breached)
    }

    /// A timer starts; its own clock shows what it showed when that one started in full.
    fn start(&mut self, started: Instant, target: Option<Span>) {
        self.runs = true;
        if self.is_breached() {
            return;
        }
        // SLA-7: one that goes on with what was left keeps what was promised.
        let resumes = self.row.outcome == Some(SlaOutcome::Cancelled) && started == self.started;
        let target = if resumes { self.row.target } else { target };
        self.started = started;
        self.row = TimerRow { target, outcome: Some(SlaOutcome::Running), ..TimerRow::default() };
    }

    fn end(&mut self, reading: Instant, outcome: Outcome, user: Option<UserId>) {
        self.runs = false;
        if !self.is_breached() {
            self.row.user = user;
            self.row.outcome = Some(match outcome {
                Outcome::Met => SlaOutcome::Met,
                Outcome::Breached => SlaOutcome::Breached,
                Outcome::Cancelled => SlaOutcome::Cancelled,
                Outcome::Unanswered => SlaOutcome::Unanswered,
            });
        }
        if outcome == Outcome::Met {
            self.settle(reading);
        }
    }

    /// The reply or closure came: what a breach left open ends with it, or with the timer that still runs.
    fn come(&mut self, reading: Instant) {
        if self.is_breached() && !self.runs {
            self.settle(reading);
        }
    }

    fn settle(&mut self, reading: Instant) {
        self.row.took.get_or_insert(reading - self.started);
    }
}
