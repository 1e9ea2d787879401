//! Everybody together: events fall due, people make up their minds, the desk's effects reach them, and they react.
//!
//! What the documents leave open is decided here, and said where it is decided:
//!
//! - Patience with the queue counts from the wait's beginning to the cycle's first assignment, and is drawn once per cycle.
//! - Spam that nobody filters is an ordinary ticket: its agent spends one handle time on it, answers nothing, and closes it.
//! - A ticket that the script begins is a customer's like any other: of the first class that writes on its channel. Where no
//!   class does, nothing says how long the work takes, and nobody does it.
//! - A reply by the script never is the one that resolves.
//! - Who is handed a ticket whose customer is not waiting has nothing to answer; but after an escalation, which starts the
//!   first-response timer again (ESC-3), they write to say that they have taken over. If all was said already, they close.
//! - An agent who may not close leaves that to `close_after_silence`, or until they may.
//! - Who is put Away for idleness (STA-11) comes back when there is something to answer, or when a ticket that they may
//!   answer finds nobody.
//! - Agents say what they take in hand where something comes of it: where tickets go back from those who leave (STA-12), where it is
//!   picked up as work starts (TIC-12), and where their idle time would run out before they next do something (STA-11). Who is left with
//!   a wrap-up and may not close says that they are at work, and does not take it in hand.
//! - A caller who was picked up writes no more until the reply.
//! - All whose shifts turn at one instant change status together (QUE-5).

use super::agent::{Agent, Hands, Standing, Task};
use super::arrival::Process;
use super::customer::{Class, Customers, Mood, NOBODY};
use super::event::Event;
use super::plan::{Abandons, Plan, WorkOrder};
use super::purpose::{Chance, Purpose, World};
use super::shift::Roster;
use crate::desk::{
    ChannelId, Closer, Command, Connection, ConversationId, Desk, Effect, FieldId, FieldName, FieldValue, How,
    Permission, Refusal, Settings, Skill, StatusId, TicketId, TicketState, Timer, UserId, UserState,
};
use crate::kernel::Agenda;
use crate::time::{Instant, Span};
use prefetch_index::prefetch_index;
use std::collections::VecDeque;

/// The synthetic people of one run.
#[derive(Debug)]
pub(crate) struct People<'m> {
    plan: &'m Plan,
    classes: Vec<Class<'m>>,
    forms: &'m [Vec<(FieldId, FieldValue)>],
    world: World<'m>,

    processes: Vec<Process>,
    /// By class, of the arrival that is on the agenda.
    arriving: Vec<u32>,
    next_conversation: u32,
    customers: Customers,

    agents: Vec<Agent>,
    hands: Hands,
    roster: Roster,
    /// Agents who were put Away for idleness.
    dozing: Vec<u32>,

    /// By the slot of the open ticket.
    notes: Vec<Note>,
    channels: Vec<Channel>,
    /// Tickets have custom fields (TIC-11).
    any_fields: bool,
    /// Some channel's tickets are for agents to take (CHN-3).
    any_manual: bool,
    /// Some channel's tickets are picked up as work starts (TIC-12).
    any_at_start: bool,
    /// Tickets go back to the queue from those who become unassignable, but for those in hand (STA-12).
    any_goes_back: bool,
    /// Who does nothing for long is put Away (STA-11).
    any_idles: bool,
    /// Statuses that were deleted, with those that took their place (STA-8).
    replaced: Vec<(StatusId, StatusId)>,
    next_script: usize,

    intents: Intents,
    /// Agents about whom something changed in this step.
    touched: Vec<u32>,
    /// Tickets that got an assignee in this step.
    handed: Vec<(TicketId, How)>,
    /// Tickets that came to wait in the queue in this step, where that concerns anybody.
    queued: Vec<TicketId>,
    /// What observers are to hear of work in hand.
    in_hand: Vec<(UserId, u16)>,
}

/// What is known of an open ticket; four to a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
struct Note {
    number: u32,
    customer: u32,
    /// The agent, if it has one.
    holder: u32,
    work: Work,
}

/// What its agent has to do on a ticket: the number among what they owe, or one of the two below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Work(u32);

/// What people know of a channel.
#[derive(Clone, Debug, Default)]
struct Channel {
    /// The class whose habits customers have that the script brings.
    class: Option<u16>,
    /// Its tickets are picked up as work starts (TIC-12).
    at_start: bool,
    /// Agents who look out for tickets of a manual channel, with the spell in which they do; the longest first.
    lookouts: VecDeque<(u32, u32)>,
}

/// What somebody is about to do at this very instant.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Intent {
    /// A scripted command.
    Script(u32),
    /// A customer writes.
    Write(u32, Writing),
    /// A customer answers the question for consent.
    Consent(u32, bool),
    /// A customer's patience ended.
    Abandon(u32),
    /// An agent is done with a piece of work, on the ticket of that slot.
    Act(u32, u32),
    /// An agent takes the ticket of that slot in hand.
    Engage(u32, u32),
    /// An agent selects the status that is asked for.
    Select(u32),
    /// An agent takes a ticket if there is one.
    Take(u32),
    /// A ticket of a manual channel waits; whoever looks out for one takes it.
    Offer(ChannelId),
}

/// Intents in the order in which they came about; one buffer for all.
#[derive(Debug, Default)]
struct Intents {
    list: Vec<Intent>,
    /// The one before it is being carried out, and those before that are done. It stays where it is until then: to copy what
    /// was just written in pieces is slow.
    next: usize,
}

impl Intents {
    #[inline]
    fn is_empty(&self) -> bool {
        self.next == self.list.len()
    }

    #[inline]
    fn push(&mut self, intent: Intent) {
        self.list.push(intent);
    }

    /// Puts these before all others.
    #[cold]
    #[inline(never)]
    fn push_first(&mut self, intents: [Intent; 3]) {
        self.list.splice(..self.next, intents);
        self.next = 0;
    }

    /// Those that are yet to be carried out.
    fn to_come(&self) -> &[Intent] {
        &self.list[self.next..]
    }

    /// Turns to the next one.
    #[inline]
    fn advance(&mut self) -> Option<&Intent> {
        if self.is_empty() {
            self.list.clear();
            self.next = 0;
            return None;
        }
        self.next += 1;
        Some(self.current())
    }

    /// The one that is being carried out.
    #[inline]
    fn current(&self) -> &Intent {
        &self.list[self.next - 1]
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Writing {
    First,
    Nudge,
    Answer,
    Return,
}

/// A command that somebody gives the desk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// What the desk is asked to do.
    pub(crate) command: Command,
    /// The class of the customer who asks, where one does.
    pub(crate) customer: Option<u16>,
}

/// What makes people act, in terms of a scenario's keys; named where a run passes a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// A class whose customers write again while they wait.
    Nudge(u16),
    /// A class whose customers come back after closure.
    Return(u16),
    /// A class whose customers answer agents' replies.
    Answer(u16),
    /// A class that comes in large numbers.
    Arrivals(u16),
    /// A class whose customers stay.
    Waiting(u16),
    /// A class whose tickets are worked on.
    Work(u16),
    /// A user who changes status or looks for tickets.
    Agent(UserId),
    /// The desk's own deadlines.
    Desk,
}

/// Whom or what the next events are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// A ticket that may be open.
    Ticket(TicketId),
    /// A user.
    User(UserId),
}

/// How many events people look ahead.
pub(crate) const FORESIGHT: usize = 3;

/// Where and when people act.
pub(crate) struct Scene<'a> {
    pub(crate) now: Instant,
    pub(crate) desk: &'a Desk,
    pub(crate) agenda: &'a mut Agenda<Event>,
}

impl<'m> People<'m> {
    pub(crate) fn new(
        plan: &'m Plan,
        settings: &Settings,
        forms: &'m [Vec<(FieldId, FieldValue)>],
        first_conversation: u32,
        chance: Chance,
        end: Instant,
    ) -> People<'m> {
        let world = World { civil: &plan.civil, chance, end };
        let mut channels = vec![Channel::default(); settings.channels.len()];
        for (class, customer) in plan.customers.iter().enumerate() {
            let class = u16::try_from(class).expect("fewer than 2^16 classes of customers");
            channels[customer.channel.index()].class.get_or_insert(class);
        }
        let mut hands = Hands::default();
        let agents = plan
            .agents
            .iter()
            .zip(&settings.users)
            .enumerate()
            .map(|(at, (plan, user))| {
                let pace = plan.pace.draw(&mut chance.stream(Purpose::Pace, at as u64, 0));
                Agent::new(plan, &mut hands, pace, user.status)
            })
            .collect();
        People {
            plan,
            classes: plan.customers.iter().map(Class::new).collect(),
            forms,
            world,
            processes: plan
                .customers
                .iter()
                .enumerate()
                .map(|(class, customer)| Process::new(class, customer, world))
                .collect(),
            arriving: vec![0; plan.customers.len()],
            next_conversation: first_conversation,
            customers: Customers::default(),
            agents,
            hands,
            roster: Roster::new(&plan.civil),
            dozing: Vec::new(),
            notes: Vec::new(),
            channels,
            any_fields: !settings.fields.is_empty(),
            any_manual: false,
            any_at_start: false,
            any_goes_back: settings.requeue_after.is_some(),
            any_idles: settings.idle_timeout.is_some(),
            replaced: Vec::new(),
            next_script: 0,
            intents: Intents::default(),
            touched: Vec::new(),
            handed: Vec::new(),
            queued: Vec::new(),
            in_hand: Vec::new(),
        }
    }

    /// The run begins: everybody puts what they have to do first on the agenda.
    pub(crate) fn open(&mut self, scene: &mut Scene<'_>) {
        self.schedule_script(scene);
        self.read_channels(scene.desk);
        for agent in 0..self.agents.len() as u32 {
            self.read_user(agent, scene.desk);
            self.start_shift(agent, scene);
            self.touch(agent);
        }
        for class in 0..self.processes.len() {
            self.schedule_arrival(class, scene);
        }
        self.settle_all(scene);
    }

    /// An event falls due: somebody makes up their mind. What they do of it is then asked for with [`People::next_order`].
    /// Says how many events that was: those whose shifts turn at one instant do so together.
    pub(crate) fn meet(&mut self, event: Event, scene: &mut Scene<'_>) -> u64 {
        let mut events = 1;
        match event {
            Event::Script => {
                self.intents.push(Intent::Script(self.next_script as u32));
                self.next_script += 1;
                self.schedule_script(scene);
            }
            Event::Shift { agent } => {
                self.turn_shift(agent, scene);
                while let Some(Event::Shift { agent }) = scene.agenda.pop_present_of(Event::SHIFT) {
                    self.turn_shift(agent, scene);
                    events += 1;
                }
            }
            Event::Work { agent, stamp } => {
                let live = &mut self.agents[agent as usize];
                if live.stamp == stamp
                    && let Some(job) = live.finish_next(&mut self.hands, scene.now)
                {
                    self.intents.push(Intent::Act(agent, job.slot));
                    // Others in hand go on; the one that is done leaves them as it is sent.
                    self.touch(agent);
                }
            }
            Event::Arrival { class } => {
                let conversation = ConversationId(self.next_conversation);
                self.next_conversation += 1;
                let ordinal = self.arriving[class as usize];
                let customer = self.customers.enter(class as u16, ordinal, conversation, false);
                self.schedule_arrival(class as usize, scene);
                self.intents.push(Intent::Write(customer, Writing::First));
            }
            Event::Consent { customer, stamp } => {
                if let Some(live) = self.customers.if_current(customer, stamp) {
                    let plan = &self.plan.customers[usize::from(live.class)];
                    let (granted, _) = live.consents(plan, self.world.chance);
                    self.intents.push(Intent::Consent(customer, granted));
                }
            }
            Event::Patience { customer, stamp } => {
                if self.customers.if_current(customer, stamp).is_some() {
                    self.intents.push(Intent::Abandon(customer));
                }
            }
            Event::Nudge { customer, stamp } => self.write_if_current(customer, stamp, Writing::Nudge),
            Event::Answer { customer, stamp } => self.write_if_current(customer, stamp, Writing::Answer),
            Event::Return { customer, stamp } => self.write_if_current(customer, stamp, Writing::Return),
        }
        if self.intents.is_empty() {
            self.settle_all(scene);
        }
        events
    }

    /// Fetches into the cache what an event will need that is so many events ahead: each time a step further from person to
    /// ticket to whom that concerns, since where the next one lies is told by the one before. Nothing comes of it but speed.
    pub(crate) fn foresee(&self, event: Event, ahead: usize, desk: &mut Desk, mut expect: impl FnMut(&Desk, Expected)) {
        match event {
            Event::Work { agent, .. } => {
                let live = &self.agents[agent as usize];
                match ahead {
                    3 => live.fetch(),
                    2 => {
                        self.hands.fetch(live);
                        expect(desk, Expected::User(UserId(agent)));
                    }
                    _ => {
                        for slot in live.first_job(&self.hands).into_iter().chain(live.likely_next()) {
                            if ahead == 1 {
                                prefetch_index(&self.notes, slot as usize);
                                expect(desk, Expected::Ticket(TicketId { number: 0, slot }));
                            } else {
                                let customer = self.notes[slot as usize].customer;
                                if customer != NOBODY {
                                    self.customers.fetch(customer);
                                }
                            }
                        }
                    }
                }
            }
            Event::Arrival { class } => {
                let channel = self.classes[class as usize].channel;
                if ahead >= 2
                    && let Some(user) = desk.likely_assignee(channel)
                {
                    let live = &self.agents[user.index()];
                    if ahead == 3 {
                        live.fetch();
                    } else {
                        self.hands.fetch(live);
                        expect(desk, Expected::User(user));
                    }
                }
            }
            Event::Answer { customer, .. } | Event::Nudge { customer, .. } => match ahead {
                3 => self.customers.fetch(customer),
                2 => {
                    let live = &self.customers[customer];
                    prefetch_index(&self.notes, live.slot as usize);
                    desk.fetch_conversation(live.conversation);
                    expect(desk, Expected::Ticket(TicketId { number: 0, slot: live.slot }));
                }
                _ => {
                    let Some(note) = self.notes.get(self.customers[customer].slot as usize) else { return };
                    if note.holder != NOBODY {
                        let live = &self.agents[note.holder as usize];
                        if ahead == 1 {
                            live.fetch();
                            expect(desk, Expected::User(UserId(note.holder)));
                        } else {
                            self.hands.fetch(live);
                        }
                    }
                }
            },
            Event::Patience { customer, .. } | Event::Consent { customer, .. } | Event::Return { customer, .. } => {
                if ahead == 3 {
                    self.customers.fetch(customer);
                }
            }
            Event::Script | Event::Shift { .. } => {}
        }
    }

    fn write_if_current(&mut self, customer: u32, stamp: u32, writing: Writing) {
        if self.customers.if_current(customer, stamp).is_some() {
            self.intents.push(Intent::Write(customer, writing));
        }
    }

    /// How many customers have arrived, or were brought by the script.
    pub(crate) fn arrivals(&self) -> u64 {
        self.customers.entered()
    }

    /// How many customers have an open ticket, or will come back.
    pub(crate) fn customers_about(&self) -> u64 {
        self.customers.about()
    }

    /// What the order that was just asked for came of; `None` for what happens once, as arrivals do.
    #[cold]
    pub(crate) fn cause(&self) -> Option<Cause> {
        let class = |customer: u32| self.customers[customer].class;
        match *self.intents.current() {
            Intent::Write(_, Writing::First) | Intent::Script(_) | Intent::Consent(..) | Intent::Abandon(_) => None,
            Intent::Write(customer, Writing::Nudge) => Some(Cause::Nudge(class(customer))),
            Intent::Write(customer, Writing::Answer) => Some(Cause::Answer(class(customer))),
            Intent::Write(customer, Writing::Return) => Some(Cause::Return(class(customer))),
            Intent::Act(_, slot) | Intent::Engage(_, slot) => {
                let customer = self.notes.get(slot as usize)?.customer;
                (customer != NOBODY).then(|| Cause::Work(class(customer)))
            }
            Intent::Select(agent) | Intent::Take(agent) => Some(Cause::Agent(UserId(agent))),
            Intent::Offer(_) => Some(Cause::Desk),
        }
    }

    /// The class that most arrivals are of.
    #[cold]
    pub(crate) fn most_arrivals(&self) -> Cause {
        let class = (0..self.processes.len()).max_by_key(|class| (self.processes[*class].drawn(), usize::MAX - class));
        class.map_or(Cause::Desk, |class| Cause::Arrivals(class as u16))
    }

    /// The class that most of the customers who are about are of.
    #[cold]
    pub(crate) fn most_customers(&self) -> Cause {
        let mut counts = vec![0_u64; self.classes.len()];
        self.customers.each(|customer| counts[usize::from(customer.class)] += 1);
        let class = (0..counts.len()).max_by_key(|class| (counts[*class], usize::MAX - class));
        class.map_or(Cause::Desk, |class| Cause::Waiting(class as u16))
    }

    /// What somebody asks of the desk at this instant; `None` when nobody asks any more.
    #[inline]
    pub(crate) fn next_order(&mut self, desk: &Desk) -> Option<Order> {
        while let Some(intent) = self.intents.advance() {
            // Each kind gives its order from its own function, so that none is put together twice.
            let order = match *intent {
                Intent::Act(agent, slot) => self.act(agent, slot, desk),
                Intent::Write(customer, writing) => Some(self.write(customer, writing)),
                intent => self.other_order(intent, desk),
            };
            if order.is_some() {
                return order;
            }
        }
        None
    }

    /// Whether the next who asks for something changes their status, so that a deferred draining goes on waiting (QUE-5).
    pub(crate) fn selects_next(&self) -> bool {
        let selecting = self.intents.to_come().iter().map_while(|intent| match *intent {
            Intent::Select(agent) => Some(agent),
            _ => None,
        });
        selecting.into_iter().any(|agent| self.agents[agent as usize].flags.astray)
    }

    /// Whether anybody is about to do something at this instant.
    pub(crate) fn is_asked(&self) -> bool {
        !self.intents.is_empty()
    }

    /// Whether an agent who is astray stays for nothing but the one ticket in hand.
    #[cold]
    #[inline(never)]
    fn leaves_with_the_last(&self, agent: u32) -> bool {
        let live = &self.agents[agent as usize];
        let (flags, standing) = (live.flags, live.standing);
        !standing.desired_connected && standing.enabled && !flags.dozing && !flags.status_asked && live.in_hand == 1
    }

    /// Tells how many replies agents have in hand, where that changed since last asked.
    pub(crate) fn in_hand(&mut self, mut tell: impl FnMut(UserId, u16)) {
        for &(user, in_hand) in &self.in_hand {
            tell(user, in_hand);
        }
        self.in_hand.clear();
    }

    /// What a customer writes.
    #[inline(never)]
    fn write(&mut self, customer: u32, writing: Writing) -> Order {
        let live = &self.customers[customer];
        let class = &self.classes[usize::from(live.class)];
        let first = writing == Writing::First;
        // A later message may begin a new ticket (TIC-6), which knows no more than the first did.
        let form = if matches!(writing, Writing::First | Writing::Return) {
            live.form(class, &self.plan.asked_fields, self.world.chance)
        } else {
            None
        };
        let command = Command::Message {
            conversation: live.conversation,
            channel: class.channel,
            spam: first && live.is_spam(class, self.world.chance),
            priority: live.priority(class),
            form,
            content: None,
        };
        Order { command, customer: Some(live.class) }
    }

    /// What a rarer intent comes to as things stand now; `None` where it has become idle.
    #[inline(never)]
    fn other_order(&mut self, intent: Intent, desk: &Desk) -> Option<Order> {
        let (command, customer) = match intent {
            Intent::Script(at) => (found(self.plan.events[at as usize].1, desk), None),
            Intent::Write(..) | Intent::Act(..) => unreachable!("these have functions of their own"),
            Intent::Consent(customer, granted) => {
                let live = &self.customers[customer];
                (Command::Consent { conversation: live.conversation, granted }, Some(live.class))
            }
            Intent::Abandon(customer) => {
                let live = &self.customers[customer];
                let over = match self.classes[usize::from(live.class)].abandons {
                    Abandons::Queue => live.assigned,
                    Abandons::FirstResponse => live.answered > 0 || live.picked_up || self.is_picked_up(customer),
                };
                if live.mood != Mood::Waiting || over {
                    return None;
                }
                (Command::Abandon { conversation: live.conversation }, Some(live.class))
            }
            Intent::Engage(agent, slot) => (self.engage(agent, slot, desk)?, None),
            Intent::Select(agent) => {
                let live = &mut self.agents[agent as usize];
                live.flags.status_asked = live.flags.astray;
                if !live.flags.status_asked {
                    return None;
                }
                let status = Some(live.standing.desired);
                // QUE-5: those who change status together are one change.
                (Command::SetStatus { user: UserId(agent), status, more: self.selects_next() }, None)
            }
            Intent::Take(agent) => {
                let user = UserId(agent);
                let ticket = self.takeable(agent, desk)?;
                (Command::Assign { by: user, ticket: Some(ticket), to: user }, None)
            }
            Intent::Offer(channel) => {
                let (agent, ticket) = self.taker(channel, desk)?;
                let user = UserId(agent);
                (Command::Assign { by: user, ticket: Some(ticket), to: user }, None)
            }
        };
        Some(Order { command, customer })
    }

    /// How an agent says that they have a ticket in hand; `None` where nothing comes of it.
    fn engage(&mut self, agent: u32, slot: u32, desk: &Desk) -> Option<Command> {
        let (user, note) = (UserId(agent), self.notes[slot as usize]);
        if note.holder != agent || note.work != Work::IN_HAND {
            return None;
        }
        let task = self.hands.on(&self.agents[agent as usize], slot)?.task;
        let ticket = TicketId { number: note.number, slot };
        let wraps_up = matches!(task, Task::WrapUp | Task::Close);
        let picks_up = self.any_at_start && matches!(task, Task::Reply | Task::HandOver);
        if picks_up && self.channels[desk.channel(ticket).index()].at_start && desk.is_to_be_answered(ticket) {
            return Some(Command::Answer { user, ticket: Some(ticket) });
        }
        let leaves_it = wraps_up && !desk.may(user, Permission::Manage, desk.channel(ticket));
        let ticket = if leaves_it { None } else { Some(Some(ticket)) };
        let done = self.agents[agent as usize].next_done(&self.hands);
        let idles = done.is_some_and(|done| People::would_idle(agent, done, desk));
        (self.any_goes_back || idles).then_some(Command::Active { user, ticket })
    }

    /// Whether an agent at work would pass for idle before they do the next thing, at `done` (STA-11).
    #[inline]
    fn would_idle(agent: u32, done: Instant, desk: &Desk) -> bool {
        desk.idle_due(UserId(agent)).is_some_and(|due| due < done)
    }

    /// Whether somebody picks a customer's ticket up at this very instant (TIC-12).
    fn is_picked_up(&self, customer: u32) -> bool {
        let live = &self.customers[customer];
        let note = &self.notes[live.slot as usize];
        let at_start = self.channels[self.classes[usize::from(live.class)].channel.index()].at_start;
        at_start && note.customer == customer && note.work == Work::IN_HAND
    }

    /// What an agent does who is done with a piece of work.
    #[inline(never)]
    fn act(&mut self, agent: u32, slot: u32, desk: &Desk) -> Option<Order> {
        let user = UserId(agent);
        let live = &self.agents[agent as usize];
        let job = self.hands.on(live, slot).filter(|job| job.acting)?;
        let note = &self.notes[slot as usize];
        debug_assert!(note.holder == agent && note.work == Work::IN_HAND, "agents work on what is theirs");
        let ticket = TicketId { number: note.number, slot };
        match job.task {
            Task::Reply if live.flags.escalates && !job.insists => {
                let customer = &self.customers[note.customer];
                if let Some(to) = desk.escalates_to(desk.channel(ticket))
                    && to != user
                    && customer.is_escalated(live.escalates, self.world.chance)
                {
                    let command = Command::Escalate { by: user, ticket: Some(ticket), to };
                    return Some(Order { command, customer: None });
                }
                let command = Command::Reply { user, ticket: Some(ticket) };
                Some(Order { command, customer: None })
            }
            Task::Reply | Task::HandOver => {
                let command = Command::Reply { user, ticket: Some(ticket) };
                Some(Order { command, customer: None })
            }
            Task::Dismiss | Task::WrapUp | Task::Close => {
                job.task = Task::Close;
                // TIC-8: what is mandatory is filled in first, each field tried once.
                let empty = if self.any_fields { desk.empty_fields(ticket).0 & !job.tried } else { 0 };
                if empty != 0 {
                    let field = FieldId(empty.trailing_zeros());
                    job.tried |= 1 << field.0;
                    let customer = &self.customers[note.customer];
                    let class = &self.classes[usize::from(customer.class)];
                    let value = customer
                        .value(field, class, self.forms, self.world.chance)
                        .or_else(|| self.plan.default_values.get(field.index()).copied());
                    let field = FieldName::Custom(field);
                    let command = Command::SetField { user, ticket: Some(ticket), field, value };
                    return Some(Order { command, customer: None });
                }
                // Whoever leaves with this ticket goes first and closes it then: else the desk, which fills a free place at
                // once (QUE-5), would hand them another, which they leave behind.
                if live.flags.astray && self.leaves_with_the_last(agent) {
                    self.agents[agent as usize].flags.status_asked = true;
                    // It stays in their hands until then (STA-12).
                    let intents = [Intent::Engage(agent, slot), Intent::Select(agent), Intent::Act(agent, slot)];
                    self.intents.push_first(intents);
                    return None;
                }
                let command = Command::Close { user, ticket: Some(ticket) };
                Some(Order { command, customer: None })
            }
        }
    }

    /// The ticket that an agent may take now.
    fn takeable(&self, agent: u32, desk: &Desk) -> Option<TicketId> {
        let user = UserId(agent);
        if !self.agents[agent as usize].could_take() {
            return None;
        }
        desk.head_for(user)
    }

    /// Who takes a ticket of a manual channel: whoever has looked out for one for longest.
    fn taker(&mut self, channel: ChannelId, desk: &Desk) -> Option<(u32, TicketId)> {
        let mut at = 0;
        while let Some(&(agent, spell)) = self.channels[channel.index()].lookouts.get(at) {
            let live = &self.agents[agent as usize];
            if !live.flags.looking || live.looking_since != spell {
                self.channels[channel.index()].lookouts.remove(at);
                continue;
            }
            if let Some(ticket) = self.takeable(agent, desk) {
                return Some((agent, ticket));
            }
            at += 1;
        }
        None
    }

    /// The desk did something: everybody whom it concerns takes note, and reacts. `order` is what it was asked, if it was
    /// not a deadline of its own.
    pub(crate) fn react(
        &mut self,
        order: Option<&Order>,
        refused: Option<Refusal>,
        effects: &[Effect],
        scene: &mut Scene<'_>,
    ) {
        if let (Some(order), Some(_)) = (order, refused) {
            self.refused(order, scene);
            self.settle_all(scene);
            return;
        }
        if let Some(Order { command: Command::Escalate { ticket: Some(ticket), .. }, .. }) = order
            && let Intent::Act(..) = self.intents.current()
        {
            let customer = self.notes[ticket.index()].customer;
            let level = &mut self.customers[customer].level;
            *level = level.saturating_add(1);
        }
        let mut begun = None;
        for effect in effects {
            match *effect {
                Effect::Created { ticket, .. } | Effect::Reactivated { ticket, .. } => {
                    if let Some(customer) = self.begin_cycle(ticket, order, scene.desk) {
                        begun = Some((customer, ticket));
                    }
                }
                Effect::Queued { ticket, .. } => {
                    self.take_away(ticket, scene.now);
                    if self.any_manual || !self.dozing.is_empty() {
                        self.queued.push(ticket);
                    }
                }
                Effect::Assigned { ticket, to, how, .. } => {
                    let note = &self.notes[ticket.index()];
                    if note.holder != NOBODY && note.holder != to.0 {
                        self.take_away(ticket, scene.now);
                    }
                    let note = &mut self.notes[ticket.index()];
                    note.holder = to.0;
                    if note.customer != NOBODY {
                        self.customers[note.customer].assigned = true;
                        self.handed.push((ticket, how));
                    }
                }
                Effect::Answered { ticket, .. } => self.answered(ticket),
                Effect::Replied { ticket, by } => self.replied(ticket, by, scene),
                Effect::Pending { ticket } => self.pending(ticket, order, scene),
                Effect::Closed { ticket, by, .. } => self.closed(ticket, by, scene),
                Effect::StatusChanged { user, to, .. } => {
                    self.status_changed(user, to, order.is_none(), scene.desk);
                }
                Effect::SlaStarted { .. }
                | Effect::SlaEnded { .. }
                | Effect::Escalated { .. }
                | Effect::Notified { .. }
                | Effect::AutoMessageSent { .. }
                | Effect::SpamFiltered { .. }
                | Effect::Warning { .. }
                | Effect::Refused(_) => {}
            }
        }
        if let Some((customer, ticket)) = begun {
            self.start_cycle(customer, ticket, order, scene);
        }
        if let Some(order) = order {
            self.follow_up(order, begun.is_some(), scene);
        }
        for at in 0..self.handed.len() {
            let (ticket, how) = self.handed[at];
            self.receive(ticket, how, scene);
        }
        self.handed.clear();
        while let Some(ticket) = self.queued.pop() {
            if scene.desk.state(ticket) == TicketState::Queued {
                self.call(scene.desk.channel(ticket), scene.desk);
            }
        }
        self.settle_all(scene);
    }

    /// A ticket begins a life; whose it is.
    #[inline]
    fn begin_cycle(&mut self, ticket: TicketId, order: Option<&Order>, desk: &Desk) -> Option<u32> {
        if self.notes.len() <= ticket.index() {
            self.notes.resize(ticket.index() + 1, Note::EMPTY);
        }
        let note = &mut self.notes[ticket.index()];
        *note = Note { number: ticket.number, ..Note::EMPTY };
        let customer = match order.map(|_| self.intents.current()) {
            Some(&Intent::Write(customer, _)) => customer,
            _ => self.whose(ticket, desk)?,
        };
        self.notes[ticket.index()].customer = customer;
        let live = &mut self.customers[customer];
        live.begin_cycle(ticket.slot, &self.classes[usize::from(live.class)], self.world.chance);
        Some(customer)
    }

    /// The customer of a ticket that began a life though they did not write.
    #[inline(never)]
    fn whose(&mut self, ticket: TicketId, desk: &Desk) -> Option<u32> {
        let conversation = desk.conversation(ticket);
        self.customers.of(conversation).or_else(|| {
            let class = self.channels[desk.channel(ticket).index()].class?;
            Some(self.customers.enter(class, conversation.0, conversation, true))
        })
    }

    /// The customer whose ticket began a life waits, or whatever else there is to do.
    fn start_cycle(&mut self, customer: u32, ticket: TicketId, order: Option<&Order>, scene: &mut Scene<'_>) {
        let live = &mut self.customers[customer];
        if live.mood == Mood::Done {
            return;
        }
        live.stamp = live.stamp.wrapping_add(1);
        if let Some(Order { command: Command::Message { spam: true, .. }, .. }) = order {
            live.mood = Mood::Spammer;
            return;
        }
        match scene.desk.state(ticket) {
            TicketState::Consent => {
                live.mood = Mood::Asked;
                let plan = self.classes[usize::from(live.class)].plan;
                let (_, delay) = live.consents(plan, self.world.chance);
                let event = Event::Consent { customer, stamp: live.stamp };
                self.schedule(delay, event, scene);
            }
            TicketState::AwaitingCustomer => live.mood = Mood::Addressed,
            TicketState::Queued | TicketState::Pending => self.wait(customer, true, scene),
            // Closed again at once: the customer has heard of it.
            TicketState::Closed => {}
        }
    }

    /// A customer begins to wait for a reply; the first wait of a cycle has patience.
    fn wait(&mut self, customer: u32, first: bool, scene: &mut Scene<'_>) {
        let live = &mut self.customers[customer];
        live.mood = Mood::Waiting;
        let stamp = live.stamp;
        let class = &self.classes[usize::from(live.class)];
        let nudge = live.nudge(class, self.world.chance);
        if first && !(class.abandons == Abandons::Queue && live.assigned) {
            let patience = live.patience(class, self.world.chance);
            if patience <= 0.0 {
                self.intents.push(Intent::Abandon(customer));
            } else {
                self.schedule(patience, Event::Patience { customer, stamp }, scene);
            }
        }
        self.schedule(nudge, Event::Nudge { customer, stamp }, scene);
    }

    /// What whoever gave the order does next.
    fn follow_up(&mut self, order: &Order, begun: bool, scene: &mut Scene<'_>) {
        match *self.intents.current() {
            // Filtered as spam (CHN-6), or there are no tickets (CHN-8): nothing more comes of it.
            Intent::Write(customer, Writing::First) if !begun => self.customers.leave(customer),
            Intent::Write(customer, Writing::Nudge) => {
                let live = &mut self.customers[customer];
                live.nudges = live.nudges.saturating_add(1);
                let nudge = live.nudge(&self.classes[usize::from(live.class)], self.world.chance);
                let event = Event::Nudge { customer, stamp: live.stamp };
                self.schedule(nudge, event, scene);
            }
            Intent::Write(customer, Writing::Answer | Writing::Return) if !begun => {
                let live = &mut self.customers[customer];
                live.stamp = live.stamp.wrapping_add(1);
                self.wait(customer, false, scene);
            }
            Intent::Write(..) => {}
            Intent::Consent(customer, granted) => {
                if granted {
                    let live = &mut self.customers[customer];
                    live.stamp = live.stamp.wrapping_add(1);
                    self.wait(customer, true, scene);
                }
            }
            Intent::Act(agent, slot) => {
                if let Command::SetField { .. } = order.command {
                    self.intents.push(Intent::Act(agent, slot));
                }
            }
            Intent::Script(_) => self.scripted(&order.command, scene),
            Intent::Abandon(_) | Intent::Engage(..) | Intent::Select(_) | Intent::Take(_) | Intent::Offer(_) => {}
        }
    }

    /// The desk would not do it.
    #[cold]
    #[inline(never)]
    fn refused(&mut self, order: &Order, scene: &mut Scene<'_>) {
        match *self.intents.current() {
            Intent::Write(customer, Writing::First) => self.customers.leave(customer),
            Intent::Act(agent, slot) => {
                let live = &self.agents[agent as usize];
                match order.command {
                    Command::SetField { .. } => self.intents.push(Intent::Act(agent, slot)),
                    // Where there is nowhere to escalate to, the agent answers after all.
                    Command::Escalate { .. } => {
                        if let Some(job) = self.hands.on(live, slot) {
                            job.insists = true;
                        }
                        self.intents.push(Intent::Act(agent, slot));
                    }
                    // They cannot do it, so they lay it aside.
                    _ => {
                        let ticket = self.ticket_in(slot);
                        self.drop_work(ticket, scene.now);
                        if matches!(order.command, Command::Close { .. }) {
                            self.answer_after_all(ticket, scene);
                        }
                    }
                }
            }
            Intent::Select(agent) => {
                let live = &mut self.agents[agent as usize];
                live.flags.status_asked = false;
                let standing = live.standing;
                live.stand(Standing { desired: standing.status, desired_connected: standing.connected, ..standing });
                self.touch(agent);
            }
            Intent::Script(_)
            | Intent::Write(..)
            | Intent::Consent(..)
            | Intent::Abandon(_)
            | Intent::Engage(..)
            | Intent::Take(_)
            | Intent::Offer(_) => {}
        }
    }

    /// After a scripted command: what it changed about the desk, everybody knows.
    #[cold]
    #[inline(never)]
    fn scripted(&mut self, command: &Command, scene: &mut Scene<'_>) {
        if let Command::DeleteStatus { status: Some(status), replacement: Some(replacement), .. } = *command {
            self.replace_status(status, replacement, scene.desk);
        }
        match command {
            Command::EditStatus { .. }
            | Command::DeleteStatus { .. }
            | Command::EnableUser { .. }
            | Command::DisableUser { .. }
            | Command::AddToGroup { .. }
            | Command::RemoveFromGroup { .. }
            | Command::Grant { .. }
            | Command::Revoke { .. }
            | Command::ConfigureChannel { .. } => {
                self.read_channels(scene.desk);
                for agent in 0..self.agents.len() as u32 {
                    self.read_user(agent, scene.desk);
                    let live = &mut self.agents[agent as usize];
                    // Whom they may answer may be others now.
                    live.flags.looking = false;
                    if !live.standing.enabled {
                        self.lay_down(agent, scene);
                    }
                    self.touch(agent);
                }
                self.pick_up(scene);
            }
            _ => {}
        }
    }

    /// STA-8: whoever is asked to go into a deleted status, now or later, goes into the one that takes its place.
    fn replace_status(&mut self, status: StatusId, replacement: StatusId, desk: &Desk) {
        self.replaced.push((status, replacement));
        for agent in 0..self.agents.len() as u32 {
            if self.agents[agent as usize].standing.desired == status {
                self.ask_for(agent, status, desk);
            }
        }
    }

    /// A ticket that its holder may not close is still theirs to answer, if its customer wrote during the wrap-up.
    fn answer_after_all(&mut self, ticket: TicketId, scene: &mut Scene<'_>) {
        let note = &self.notes[ticket.index()];
        if note.number == ticket.number
            && note.holder != NOBODY
            && note.customer != NOBODY
            && self.customers[note.customer].mood == Mood::Waiting
            && scene.desk.state(ticket) == TicketState::Pending
            && scene.desk.may(UserId(note.holder), Permission::Reply, scene.desk.channel(ticket))
        {
            self.owe(ticket, scene);
        }
    }

    /// What somebody had laid aside because they might not do it, and may now.
    fn pick_up(&mut self, scene: &mut Scene<'_>) {
        for slot in 0..self.notes.len() {
            let note = &self.notes[slot];
            if note.holder == NOBODY || note.customer == NOBODY || note.work != Work::NONE {
                continue;
            }
            let ticket = TicketId { number: note.number, slot: slot as u32 };
            let needed = match self.customers[note.customer].mood {
                Mood::Settled | Mood::Spammer => Permission::Manage,
                Mood::Waiting => Permission::Reply,
                _ => continue,
            };
            if scene.desk.may(UserId(note.holder), needed, scene.desk.channel(ticket)) {
                self.owe(ticket, scene);
            }
        }
    }

    /// An agent who was handed a ticket sees what there is to do.
    fn receive(&mut self, ticket: TicketId, how: How, scene: &mut Scene<'_>) {
        let note = &self.notes[ticket.index()];
        // A later effect of the same step may have taken it away, or closed it.
        if note.number != ticket.number || note.customer == NOBODY || note.holder == NOBODY {
            return;
        }
        if note.work != Work::NONE {
            return;
        }
        let to_do = match scene.desk.state(ticket) {
            TicketState::Pending => true,
            TicketState::AwaitingCustomer => {
                matches!(how, How::Escalation | How::Own | How::Reopen)
                    || self.customers[note.customer].mood == Mood::Settled
            }
            TicketState::Consent | TicketState::Queued | TicketState::Closed => false,
        };
        if to_do {
            self.owe(ticket, scene);
        }
    }

    /// A ticket is its holder's to answer.
    fn owe(&mut self, ticket: TicketId, scene: &mut Scene<'_>) {
        let note = &mut self.notes[ticket.index()];
        let (agent, customer) = (note.holder, note.customer);
        let live = &mut self.agents[agent as usize];
        if live.in_hand == 0 {
            live.flags.dozing = false;
        }
        if live.could_take() {
            // Nothing else waits for their free hand.
            self.begin(agent, ticket, scene);
        } else {
            let number = live.next_number();
            note.work = Work(number);
            let key = match live.work_order {
                WorkOrder::OldestFirst => 0,
                WorkOrder::NewestFirst => !u64::from(number),
                WorkOrder::DeadlineFirst => [Timer::FirstResponse, Timer::Closure]
                    .into_iter()
                    .filter_map(|timer| scene.desk.due(ticket, timer))
                    .min()
                    .unwrap_or(Instant::MAX)
                    .as_micros(),
                WorkOrder::Random => self.customers[customer].work_order(self.world.chance),
            };
            let notes = &self.notes;
            live.owe(key, number, ticket.slot, |slot, number| notes[slot as usize].is_owed(agent, number));
        }
        self.touch(agent);
    }

    /// A ticket leaves its holder.
    #[inline]
    fn take_away(&mut self, ticket: TicketId, now: Instant) {
        self.drop_work(ticket, now);
        self.notes[ticket.index()].holder = NOBODY;
    }

    /// Whatever its holder has to do on a ticket, or does, they do no more.
    #[inline]
    fn drop_work(&mut self, ticket: TicketId, now: Instant) {
        let holder = self.notes[ticket.index()].holder;
        if holder != NOBODY {
            self.stop(holder, ticket, now);
        }
    }

    /// Whatever an agent has to do on a ticket of theirs, or does, they do no more.
    #[inline(never)]
    fn stop(&mut self, agent: u32, ticket: TicketId, now: Instant) {
        let note = &mut self.notes[ticket.index()];
        let live = &mut self.agents[agent as usize];
        match std::mem::replace(&mut note.work, Work::NONE) {
            Work::NONE => {}
            Work::IN_HAND => {
                live.drop_job(&mut self.hands, now, ticket.slot);
                live.flags.dozing = false;
            }
            _ => live.owing -= 1,
        }
        self.touch(agent);
    }

    /// An agent who can do nothing any more puts back what they have in hand.
    fn lay_down(&mut self, agent: u32, scene: &mut Scene<'_>) {
        while let Some(slot) = self.agents[agent as usize].first_job(&self.hands) {
            let ticket = self.ticket_in(slot);
            self.drop_work(ticket, scene.now);
            self.owe(ticket, scene);
        }
    }

    /// A customer was picked up (TIC-12): whoever waits for a reply is talked to now.
    fn answered(&mut self, ticket: TicketId) {
        let customer = self.notes[ticket.index()].customer;
        if customer == NOBODY {
            return;
        }
        let live = &mut self.customers[customer];
        live.picked_up = true;
        if live.mood == Mood::Waiting {
            live.stamp = live.stamp.wrapping_add(1);
        }
    }

    /// A customer got a reply (TIC-5).
    fn replied(&mut self, ticket: TicketId, by: UserId, scene: &mut Scene<'_>) {
        let note = self.notes[ticket.index()];
        if note.customer == NOBODY {
            return;
        }
        let own = note.holder == by.0 && note.work == Work::IN_HAND;
        let job =
            if own { self.hands.on(&self.agents[by.index()], ticket.slot).filter(|job| job.acting) } else { None };
        let live = &mut self.customers[note.customer];
        match job.as_ref().map(|job| job.task) {
            Some(Task::HandOver) => live.hand_overs = live.hand_overs.saturating_add(1),
            Some(_) => {
                live.answered = live.answered.saturating_add(1);
                live.left = live.left.saturating_sub(1);
            }
            None => {
                live.answered = live.answered.saturating_add(1);
                live.left = live.left.saturating_sub(1).max(1);
            }
        }
        let resolved = live.left == 0;
        let class = &self.classes[usize::from(live.class)];
        let mut answer = None;
        if resolved {
            live.stamp = live.stamp.wrapping_add(1);
            live.mood = Mood::Settled;
        } else if matches!(live.mood, Mood::Waiting | Mood::Addressed) {
            live.stamp = live.stamp.wrapping_add(1);
            live.mood = Mood::Silent;
            let delay = if live.is_silent(class, self.world.chance) {
                f64::INFINITY
            } else {
                live.reply_delay(class, self.world.chance)
            };
            if delay.is_finite() {
                live.mood = Mood::Answering;
                answer = Some((delay, Event::Answer { customer: note.customer, stamp: live.stamp }));
            }
        }
        if resolved && let Some(job) = job {
            let wrap_up = live.wrap_up(class, self.world.chance);
            if wrap_up > 0.0 {
                let agent = &mut self.agents[by.index()];
                agent.go_on(&mut self.hands, scene.now, ticket.slot, Task::WrapUp, wrap_up);
                if self.any_goes_back {
                    self.intents.push(Intent::Engage(by.0, ticket.slot));
                }
            } else {
                job.task = Task::Close;
                self.intents.push(Intent::Act(by.0, ticket.slot));
            }
            self.touch(by.0);
        } else {
            self.drop_work(ticket, scene.now);
        }
        if let Some((delay, event)) = answer {
            self.schedule(delay, event, scene);
        }
    }

    /// A customer answered (TIC-5).
    fn pending(&mut self, ticket: TicketId, order: Option<&Order>, scene: &mut Scene<'_>) {
        let note = self.notes[ticket.index()];
        if note.customer == NOBODY {
            return;
        }
        if order.is_none() || !matches!(self.intents.current(), Intent::Write(..)) {
            let live = &mut self.customers[note.customer];
            live.stamp = live.stamp.wrapping_add(1);
            live.mood = Mood::Waiting;
        }
        if note.work == Work::IN_HAND {
            // Who was about to say that they have taken over answers instead.
            if let Some(job) = self.hands.on(&self.agents[note.holder as usize], ticket.slot)
                && job.task == Task::HandOver
            {
                job.task = Task::Reply;
            }
        } else if note.holder != NOBODY && note.work == Work::NONE {
            self.owe(ticket, scene);
        }
    }

    /// A ticket was closed: its customer comes back some time, or is done.
    fn closed(&mut self, ticket: TicketId, by: Closer, scene: &mut Scene<'_>) {
        self.take_away(ticket, scene.now);
        let customer = std::mem::replace(&mut self.notes[ticket.index()].customer, NOBODY);
        if customer == NOBODY {
            return;
        }
        let live = &mut self.customers[customer];
        let back = match (by, live.mood) {
            (Closer::Customer, _) | (_, Mood::Spammer) => None,
            // Their answer is on its way, and will bring the ticket back.
            (Closer::User(_) | Closer::System, Mood::Answering) => return,
            (Closer::User(_) | Closer::System, _) => {
                live.reopens(&self.classes[usize::from(live.class)], self.world.chance)
            }
        };
        // Who would come back after the end does not come back.
        let back = back.map(|after| scene.now + Span::from_secs_f64(after)).filter(|&at| at < self.world.end);
        match back {
            Some(at) => {
                live.mood = Mood::Gone;
                live.stamp = live.stamp.wrapping_add(1);
                let event = Event::Return { customer, stamp: live.stamp };
                scene.agenda.schedule(at, event.class(), event);
            }
            None => self.customers.leave(customer),
        }
    }

    /// An agent's status changed, by themselves, by the script, or by the system.
    #[inline(never)]
    fn status_changed(&mut self, user: UserId, to: StatusId, by_deadline: bool, desk: &Desk) {
        let connected = desk.connection(to) == Connection::Connected;
        let live = &mut self.agents[user.index()];
        let mut standing = Standing { status: to, connected, ..live.standing };
        live.flags.status_asked = false;
        live.flags.dozing = by_deadline;
        if by_deadline {
            if !live.listed {
                live.listed = true;
                self.dozing.push(user.0);
            }
        } else {
            standing = Standing { desired: to, desired_connected: connected, ..standing };
        }
        live.stand(standing);
        self.touch(user.0);
    }

    /// A ticket waits on a channel: who dozes hears of it, and so does who looks out for one.
    fn call(&mut self, channel: ChannelId, desk: &Desk) {
        let mut dozing = std::mem::take(&mut self.dozing);
        dozing.retain(|&agent| {
            let live = &mut self.agents[agent as usize];
            let hears = live.flags.dozing && desk.may(UserId(agent), Permission::Reply, channel);
            live.flags.dozing &= !hears;
            live.listed = live.flags.dozing;
            let stays = live.listed;
            if hears {
                self.touch(agent);
            }
            stays
        });
        self.dozing = dozing;
        if desk.is_manual(channel) && !self.channels[channel.index()].lookouts.is_empty() {
            self.intents.push(Intent::Offer(channel));
        }
    }

    fn read_channels(&mut self, desk: &Desk) {
        self.any_manual = (0..self.channels.len()).any(|at| desk.is_manual(ChannelId::at(at)));
        for (at, channel) in self.channels.iter_mut().enumerate() {
            channel.at_start = desk.answers_at_start(ChannelId::at(at));
        }
        self.any_at_start = self.channels.iter().any(|channel| channel.at_start);
    }

    fn read_user(&mut self, agent: u32, desk: &Desk) {
        let user = UserId(agent);
        let live = &mut self.agents[agent as usize];
        let (status, desired) = (desk.user_status(user), live.standing.desired);
        live.stand(Standing {
            status,
            desired,
            enabled: desk.user_state(user) == UserState::Enabled,
            connected: desk.connection(status) == Connection::Connected,
            desired_connected: desk.connection(desired) == Connection::Connected,
        });
    }

    fn ticket_in(&self, slot: u32) -> TicketId {
        TicketId { number: self.notes[slot as usize].number, slot }
    }

    #[inline]
    fn touch(&mut self, agent: u32) {
        let flags = &mut self.agents[agent as usize].flags;
        if !flags.touched {
            flags.touched = true;
            self.touched.push(agent);
        }
    }

    #[inline]
    fn settle_all(&mut self, scene: &mut Scene<'_>) {
        let mut at = 0;
        while let Some(&agent) = self.touched.get(at) {
            self.settle(agent, scene);
            at += 1;
        }
        self.touched.clear();
    }

    /// An agent about whom something changed does what follows from it.
    fn settle(&mut self, agent: u32, scene: &mut Scene<'_>) {
        let live = &mut self.agents[agent as usize];
        live.flags.touched = false;
        if live.flags.astray {
            let flags = live.flags;
            // Whoever leaves finishes what is in hand first.
            let free_to_go = live.in_hand == 0 || live.standing.desired_connected;
            if live.standing.enabled && !flags.dozing && !flags.status_asked && free_to_go {
                live.flags.status_asked = true;
                self.intents.push(Intent::Select(agent));
            }
        }
        if live.owing > 0 {
            self.take_on(agent, scene);
        }
        if self.any_manual {
            self.look_out(agent, scene.desk);
        }
        let live = &mut self.agents[agent as usize];
        let mut done = None;
        if live.flags.dirty {
            (live.flags.dirty, live.flags.stood) = (false, false);
            live.stamp = live.stamp.wrapping_add(1);
            let event = Event::Work { agent, stamp: live.stamp };
            done = live.next_done(&self.hands);
            if let Some(at) = done
                && at < self.world.end
            {
                scene.agenda.schedule(at, event.class(), event);
            }
        } else if live.flags.stood {
            live.flags.stood = false;
            done = live.next_done(&self.hands);
        }
        let in_hand = live.in_hand;
        if in_hand != live.reported {
            live.reported = in_hand;
            self.in_hand.push((UserId(agent), in_hand));
        }
        // Every action restarts the idle time. So it can end before the next action only if that, or the agent's status, changed:
        // then they report that they are at work (STA-11).
        if self.any_idles
            && let Some(done) = done
            && People::would_idle(agent, done, scene.desk)
        {
            self.say_at_work(agent);
        }
    }

    /// An agent reports that they are at work.
    #[cold]
    #[inline(never)]
    fn say_at_work(&mut self, agent: u32) {
        if let Some(slot) = self.agents[agent as usize].next_slot(&self.hands) {
            self.intents.push(Intent::Engage(agent, slot));
        }
    }

    /// An agent begins what they owe, as far as their hands and status allow.
    fn take_on(&mut self, agent: u32, scene: &mut Scene<'_>) {
        while self.agents[agent as usize].is_ready() && self.agents[agent as usize].has_room() {
            let notes = &self.notes;
            let next =
                self.agents[agent as usize].next_owed(|slot, number| notes[slot as usize].is_owed(agent, number));
            let Some(slot) = next else { break };
            self.begin(agent, self.ticket_in(slot), scene);
        }
    }

    /// An agent takes the next ticket in hand.
    fn begin(&mut self, agent: u32, ticket: TicketId, scene: &mut Scene<'_>) {
        let note = &mut self.notes[ticket.index()];
        note.work = Work::IN_HAND;
        let customer = &self.customers[note.customer];
        let class = &self.classes[usize::from(customer.class)];
        let task = if customer.mood == Mood::Spammer {
            Task::Dismiss
        } else if scene.desk.state(ticket) == TicketState::Pending {
            Task::Reply
        } else if customer.mood == Mood::Settled && scene.desk.due(ticket, Timer::FirstResponse).is_none() {
            Task::WrapUp
        } else {
            Task::HandOver
        };
        let seconds = match task {
            Task::Reply | Task::Dismiss => customer.handle_time(class, self.world.chance),
            Task::HandOver => customer.hand_over_time(class, self.world.chance),
            Task::WrapUp | Task::Close => customer.wrap_up(class, self.world.chance),
        };
        let live = &mut self.agents[agent as usize];
        let mut factor = live.pace * 1e6;
        if live.flags.skilled {
            for &(skill, times) in self.plan.agents[agent as usize].proficiency.iter() {
                let has = match skill {
                    Skill::Channel(channel) => channel == class.channel,
                    Skill::Value(field, value) => {
                        customer.value(field, class, self.forms, self.world.chance) == Some(value)
                    }
                };
                if has {
                    factor *= times;
                }
            }
        }
        live.begin(&mut self.hands, scene.now, ticket.slot, task, seconds, factor);
        if self.any_goes_back || self.any_at_start {
            self.intents.push(Intent::Engage(agent, ticket.slot));
        }
    }

    /// An agent with nothing to answer takes a ticket of a manual channel, or looks out for one.
    #[inline(never)]
    fn look_out(&mut self, agent: u32, desk: &Desk) {
        let live = &mut self.agents[agent as usize];
        if !live.could_take() || !live.flags.takes {
            live.flags.looking = false;
            return;
        }
        if !live.flags.looking {
            live.flags.looking = true;
            live.looking_since = live.looking_since.wrapping_add(1);
            let spell = live.looking_since;
            let agents = &self.agents;
            for (at, channel) in self.channels.iter_mut().enumerate() {
                let id = ChannelId::at(at);
                if desk.is_manual(id) && desk.may(UserId(agent), Permission::Reply, id) {
                    // Spells that ended are cleared away before they outgrow those that last.
                    if channel.lookouts.len() == channel.lookouts.capacity() {
                        channel.lookouts.retain(|&(agent, spell)| {
                            let live = &agents[agent as usize];
                            live.flags.looking && live.looking_since == spell
                        });
                    }
                    channel.lookouts.push_back((agent, spell));
                }
            }
        }
        self.intents.push(Intent::Take(agent));
    }

    /// Finds out where in their roster an agent stands as the run begins: a shift that began before begins with it.
    fn start_shift(&mut self, agent: u32, scene: &mut Scene<'_>) {
        let mut begun = None;
        let next = loop {
            match self.next_turn(agent) {
                Some((at, status)) if at <= 0 => begun = Some(status),
                next => break next,
            }
        };
        if let Some(status) = begun {
            self.ask_for(agent, status, scene.desk);
        }
        if let Some((at, status)) = next {
            self.schedule_turn(agent, at, status, scene);
        }
    }

    fn ask_for(&mut self, agent: u32, status: StatusId, desk: &Desk) {
        // In the order of deletion, as one replacement may be deleted in its turn.
        let replaced = self.replaced.iter();
        let status = replaced.fold(status, |status, &(gone, to)| if status == gone { to } else { status });
        let live = &mut self.agents[agent as usize];
        let desired_connected = desk.connection(status) == Connection::Connected;
        live.stand(Standing { desired: status, desired_connected, ..live.standing });
        live.flags.dozing = false;
        self.touch(agent);
    }

    fn next_turn(&mut self, agent: u32) -> Option<(i64, StatusId)> {
        let plan = &self.plan.agents[agent as usize];
        let cursor = &mut self.agents[agent as usize].cursor;
        self.roster.next(cursor, agent, plan, &self.plan.shifts, self.world)
    }

    fn schedule_turn(&mut self, agent: u32, at: i64, status: StatusId, scene: &mut Scene<'_>) {
        self.agents[agent as usize].next_status = status;
        let at = Instant::from_micros(at.max(0) as u64).max(scene.now);
        if at < self.world.end {
            let event = Event::Shift { agent };
            scene.agenda.schedule(at, event.class(), event);
        }
    }

    /// An agent's shift asks for another status.
    fn turn_shift(&mut self, agent: u32, scene: &mut Scene<'_>) {
        self.ask_for(agent, self.agents[agent as usize].next_status, scene.desk);
        if let Some((at, status)) = self.next_turn(agent) {
            self.schedule_turn(agent, at, status, scene);
        }
    }

    fn schedule_arrival(&mut self, class: usize, scene: &mut Scene<'_>) {
        let plan = &self.plan.customers[class];
        if let Some((at, ordinal)) = self.processes[class].next(plan, self.world) {
            self.arriving[class] = ordinal;
            let event = Event::Arrival { class: class as u32 };
            scene.agenda.schedule(at, event.class(), event);
        }
    }

    fn schedule_script(&mut self, scene: &mut Scene<'_>) {
        if let Some(&(at, _)) = self.plan.events.get(self.next_script)
            && at < self.world.end
        {
            scene.agenda.schedule(at, Event::Script.class(), Event::Script);
        }
    }

    /// Checks between events that nothing is forgotten: whoever waits for a reply that somebody can give is owed one.
    #[cfg(test)]
    pub(crate) fn audit(&self, desk: &Desk) -> Result<(), String> {
        let mut owing = vec![0; self.agents.len()];
        let mut in_hand = vec![0; self.agents.len()];
        for (slot, note) in self.notes.iter().enumerate().filter(|(_, note)| note.holder != NOBODY) {
            let ticket = TicketId { number: note.number, slot: slot as u32 };
            let holder = UserId(note.holder);
            if desk.assignee(ticket) != Some(holder) {
                return Err(format!("{ticket} is not {holder:?}'s"));
            }
            let dismisses = note.customer != NOBODY && self.customers[note.customer].mood == Mood::Spammer;
            let needed = if dismisses { Permission::Manage } else { Permission::Reply };
            let can = note.customer != NOBODY && desk.may(holder, needed, desk.channel(ticket));
            if can && desk.state(ticket) == TicketState::Pending && note.work == Work::NONE {
                return Err(format!("{holder:?} has forgotten {ticket}"));
            }
            owing[holder.index()] += u32::from(note.work != Work::NONE && note.work != Work::IN_HAND);
            in_hand[holder.index()] += u16::from(note.work == Work::IN_HAND);
        }
        for (agent, live) in self.agents.iter().enumerate() {
            if (live.owing, live.in_hand) != (owing[agent], in_hand[agent]) {
                return Err(format!("agent {agent} owes {} and holds {}, not {live:?}", owing[agent], in_hand[agent]));
            }
            let standing = live.standing;
            if (live.is_ready(), live.flags.astray) != (standing.is_ready(), standing.is_astray()) {
                return Err(format!("agent {agent} does not know where they stand: {live:?}"));
            }
            if live.could_take() != (live.is_ready() && live.has_room() && owing[agent] == 0) || live.flags.touched {
                return Err(format!("agent {agent} is unsettled: {live:?}"));
            }
            if live.is_ready() && live.has_room() && live.owing > 0 {
                return Err(format!("agent {agent} sits on what they owe: {live:?}"));
            }
            let away = standing.enabled && !live.flags.dozing && standing.is_astray();
            if away && (live.in_hand == 0 || standing.desired_connected) {
                return Err(format!("agent {agent} is not where they should be: {live:?}"));
            }
        }
        Ok(())
    }

    /// Puts an event on the agenda, so many seconds from now; not what would come after the end.
    #[inline]
    fn schedule(&self, seconds: f64, event: Event, scene: &mut Scene<'_>) {
        if seconds == f64::INFINITY {
            return;
        }
        let at = scene.now + Span::from_secs_f64(seconds);
        if at < self.world.end {
            scene.agenda.schedule(at, event.class(), event);
        }
    }
}

impl Work {
    const NONE: Work = Work(0);
    /// Its agent works on it.
    const IN_HAND: Work = Work(u32::MAX);
}

impl Note {
    const EMPTY: Note = Note { number: 0, customer: NOBODY, holder: NOBODY, work: Work::NONE };

    /// Whether that agent owes a reply to it, under that number, and has not begun.
    #[inline]
    fn is_owed(&self, agent: u32, number: u32) -> bool {
        self.work == Work(number) && self.holder == agent
    }
}

// Memory goes by open tickets.
const _: () = assert!(size_of::<Note>() == 16);

/// A scripted command with its ticket, which the script knows by number alone.
fn found(mut command: Command, desk: &Desk) -> Command {
    match &mut command {
        Command::Active { ticket: Some(ticket), .. }
        | Command::Answer { ticket, .. }
        | Command::Reply { ticket, .. }
        | Command::Close { ticket, .. }
        | Command::SetField { ticket, .. }
        | Command::Assign { ticket, .. }
        | Command::Transfer { ticket, .. }
        | Command::Escalate { ticket, .. }
        | Command::Reopen { ticket, .. } => *ticket = ticket.and_then(|named| desk.find(named.number)),
        _ => {}
    }
    command
}
