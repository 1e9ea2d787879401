//! The slow, obvious twin: a plain model of the desk that scans everything, follows the effects, and says what each
//! command had to do, who had to get each ticket, and what may not be left undone.

use desksim::desk::*;
use desksim::time::{Calendar, Instant, Span};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! hold {
    ($holds:expr, $($why:tt)*) => {
        if !$holds {
            return Err(format!($($why)*));
        }
    };
}

/// A lane: a channel's own, or that for tickets transferred to a group.
type Lane = (ChannelId, Option<GroupId>);

#[derive(Clone, Copy, PartialEq, Debug)]
enum Clock {
    Off,
    /// With its deadline, where the twin can tell.
    Running(Option<Instant>),
    /// Cancelled by a return to the queue, with what was left.
    Cancelled(Option<Span>),
    Breached,
}

#[derive(Clone, Debug)]
struct Ticket {
    id: TicketId,
    conversation: ConversationId,
    channel: ChannelId,
    group: Option<GroupId>,
    state: TicketState,
    assignee: Option<UserId>,
    last: Option<UserId>,
    cycle: u32,
    /// It has entered the queue in this cycle (QUE-6).
    entered: bool,
    wait_start: Instant,
    own_priority: i16,
    choice: Option<u16>,
    /// The customer owes nothing: they wrote last.
    owed: bool,
    /// An agent opened the conversation, and the customer has not written yet (SLA-11).
    unopened: bool,
    answered: bool,
    escalated: bool,
    /// Which kinds of timer have escalated it in this cycle (ESC-4).
    escalated_by: [bool; 2],
    breached: bool,
    clocks: [Clock; 2],
    /// The former assignee is chosen last (ASG-8).
    avoids_last: bool,
    /// The last assignee first (TIC-6).
    sticky: bool,
    told_unassigned: bool,
    /// Closed while it waited for consent, which is asked for again (CHN-7).
    unconsented: bool,
    silence_due: Option<Instant>,
    closed_at: Instant,
    /// Its assignee has it in hand (STA-11).
    in_hand: bool,
    /// It goes back to the queue as soon as it is not in hand (STA-12).
    returning: bool,
    /// It was answered since it was last assigned (TIC-12).
    picked_up: bool,
}

#[derive(Clone, Debug)]
struct User {
    settings: UserSettings,
    status_since: Instant,
    spell: u32,
    last_assigned: Option<Instant>,
    last_closed: Option<Instant>,
    available_since: Instant,
    nothing_pending_since: Instant,
    assigned: Vec<Instant>,
    did: Instant,
    requeue_due: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Status {
    connection: Connection,
    assignable: bool,
    auto_message: Option<AutoMessage>,
    is_alive: bool,
}

/// What a step is expected to do beyond assignment.
#[derive(Default, Debug)]
struct Expected {
    queued: BTreeSet<u32>,
    by_hand: Option<(u32, UserId, How)>,
    answered: Option<(u32, UserId)>,
    messages: Vec<(u32, AutoMessage)>,
    notices: BTreeSet<(UserId, ChannelId)>,
    /// Whether automatic messages of this step are left unchecked.
    any_messages: bool,
    is_wordless: bool,
}

pub(crate) struct Twin {
    settings: Settings,
    changes: Vec<ChannelChange>,
    forms: Vec<u16>,
    statuses: Vec<Status>,
    users: Vec<User>,
    channels: Vec<ChannelSettings>,
    tickets: Vec<Ticket>,
    /// The latest ticket of each conversation, and whether the customer has written.
    conversations: BTreeMap<ConversationId, (Option<u32>, bool)>,
    told: BTreeSet<(u32, u32)>,
    spells: u32,
    rows: BTreeMap<Lane, BTreeMap<UserId, u64>>,
    turns: u64,
    now: Instant,
    orders_alike: bool,
    /// A draining waits for others who change their status (QUE-5).
    deferred: bool,
    /// How often what the rules are particular about came about.
    pub(crate) met: BTreeMap<&'static str, u32>,
}

fn index(timer: Timer) -> usize {
    match timer {
        Timer::FirstResponse => 0,
        Timer::Closure => 1,
    }
}

const TIMERS: [Timer; 2] = [Timer::FirstResponse, Timer::Closure];

impl Twin {
    pub(crate) fn new(settings: &Settings, changes: &[ChannelChange], forms: &[u16]) -> Twin {
        let system = [
            (Connection::Connected, true, None),
            (Connection::Inactive, false, Some(AutoMessage::Away)),
            (Connection::Disconnected, false, None),
        ];
        let custom = settings.statuses.iter().map(|status| (status.connection, status.assignable, status.auto_message));
        let statuses = system.into_iter().chain(custom).map(|(connection, assignable, auto_message)| Status {
            connection,
            assignable,
            auto_message,
            is_alive: true,
        });
        let user = |(settings, spell): (&UserSettings, u32)| User {
            settings: settings.clone(),
            status_since: Instant::ZERO,
            spell,
            last_assigned: None,
            last_closed: None,
            available_since: Instant::ZERO,
            nothing_pending_since: Instant::ZERO,
            assigned: Vec::new(),
            did: Instant::ZERO,
            requeue_due: None,
        };
        let orders: BTreeSet<String> = settings.channels.iter().map(|channel| format!("{:?}", channel.order)).collect();
        Twin {
            changes: changes.to_vec(),
            forms: forms.to_vec(),
            statuses: statuses.collect(),
            users: settings.users.iter().zip(1..).map(user).collect(),
            channels: settings.channels.clone(),
            tickets: Vec::new(),
            conversations: BTreeMap::new(),
            told: BTreeSet::new(),
            spells: settings.users.len() as u32,
            rows: BTreeMap::new(),
            turns: 0,
            now: Instant::ZERO,
            deferred: false,
            met: BTreeMap::new(),
            orders_alike: orders.len() == 1 && changes.iter().all(|change| change.queue.is_none()),
            settings: settings.clone(),
        }
    }

    fn meet(&mut self, what: &'static str) {
        *self.met.entry(what).or_default() += 1;
    }

    /// CHN-4: whether round robin over these groups finds anybody with reply permission.
    pub(crate) fn somebody_replies(&self, groups: &[GroupId], reply: &[Grantee]) -> bool {
        self.user_ids().any(|user| {
            let own = &self.users[user.index()].settings.groups;
            groups.iter().any(|group| own.contains(group)) && grants(reply, user, own)
        })
    }

    // What a command may name.

    pub(crate) fn user_ids(&self) -> impl Iterator<Item = UserId> + use<> {
        (0..self.users.len()).map(UserId::at)
    }

    pub(crate) fn open_tickets(&self) -> Vec<TicketId> {
        self.tickets.iter().filter(|ticket| ticket.state != TicketState::Closed).map(|ticket| ticket.id).collect()
    }

    pub(crate) fn all_tickets(&self) -> Vec<TicketId> {
        self.tickets.iter().map(|ticket| ticket.id).collect()
    }

    pub(crate) fn assignee(&self, ticket: TicketId) -> Option<UserId> {
        self.ticket(ticket.number).assignee
    }

    pub(crate) fn status_count(&self) -> u32 {
        self.statuses.len() as u32
    }

    /// How many channels, groups and prepared changes there are.
    pub(crate) fn sizes(&self) -> (u32, u32, u32) {
        (self.channels.len() as u32, self.settings.groups as u32, self.changes.len() as u32)
    }

    pub(crate) fn enabled_admin(&self) -> Option<UserId> {
        self.user_ids().find(|&user| self.is_enabled(user) && self.is_admin(user))
    }

    fn ticket(&self, number: u32) -> &Ticket {
        &self.tickets[number as usize - 1]
    }

    fn ticket_mut(&mut self, number: u32) -> &mut Ticket {
        &mut self.tickets[number as usize - 1]
    }

    fn is_enabled(&self, user: UserId) -> bool {
        self.users[user.index()].settings.state == UserState::Enabled
    }

    fn is_admin(&self, user: UserId) -> bool {
        self.users[user.index()].settings.role == Role::Admin
    }

    fn status(&self, user: UserId) -> Status {
        self.statuses[self.users[user.index()].settings.status.index()]
    }

    fn is_available(&self, user: UserId) -> bool {
        self.is_enabled(user) && self.status(user).assignable
    }

    fn is_connected(&self, user: UserId) -> bool {
        self.is_enabled(user) && self.status(user).connection == Connection::Connected
    }

    fn may(&self, user: UserId, permission: Permission, channel: ChannelId) -> bool {
        let channel = &self.channels[channel.index()];
        let list = match permission {
            Permission::View => &channel.view,
            Permission::Reply => &channel.reply,
            Permission::Manage => &channel.manage,
        };
        grants(list, user, &self.users[user.index()].settings.groups)
    }

    /// CHN-1: whether the user may do what asks for a permission; `view` is beneath them all.
    fn may_act(&self, user: UserId, permission: Permission, channel: ChannelId) -> bool {
        self.may(user, Permission::View, channel) && self.may(user, permission, channel)
    }

    fn open_of(&self, user: UserId) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(move |ticket| ticket.assignee == Some(user))
    }

    fn pending_of(&self, user: UserId) -> usize {
        self.open_of(user).filter(|ticket| ticket.state == TicketState::Pending).count()
    }

    /// CAP: what binds the user on a channel, and what counts towards it, in thousandths.
    fn cap(&self, user: UserId, channel: ChannelId) -> (Option<u64>, u64) {
        let limit = self.channels[channel.index()].limit;
        let own = self.users[user.index()].settings.max_open;
        let of_channel = limit.map(|limit| limit.max_open).filter(|&most| most != Limit::NONE);
        let cap = own.or(of_channel).map(|most| u64::from(most) * 1000);
        let counts = |ticket: &&Ticket| {
            limit.is_none_or(|limit| {
                (limit.scope == Scope::User || ticket.channel == channel)
                    && (limit.counts == Counts::Open || ticket.state == TicketState::Pending)
            })
        };
        let weight = |ticket: &Ticket| u64::from(self.channels[ticket.channel.index()].weight_milli);
        (cap, self.open_of(user).filter(counts).map(weight).sum())
    }

    // The queue (QUE-2).

    fn lanes(&self) -> BTreeMap<Lane, Vec<&Ticket>> {
        let mut lanes: BTreeMap<Lane, Vec<&Ticket>> = BTreeMap::new();
        for ticket in self.tickets.iter().filter(|ticket| ticket.state == TicketState::Queued) {
            lanes.entry((ticket.channel, ticket.group)).or_default().push(ticket);
        }
        for lane in lanes.values_mut() {
            lane.sort_by(|a, b| self.compare(a, b));
        }
        lanes
    }

    fn priority(&self, ticket: &Ticket) -> i64 {
        let field = &self.settings.fields[0];
        let points = ticket.choice.and_then(|choice| field.priority.get(choice as usize)).copied().unwrap_or(0);
        i64::from(self.channels[ticket.channel.index()].priority) + i64::from(ticket.own_priority) + i64::from(points)
    }

    fn compare(&self, a: &Ticket, b: &Ticket) -> Ordering {
        let by_priority = self.priority(b).cmp(&self.priority(a));
        let by_wait = a.wait_start.cmp(&b.wait_start);
        match self.channels[a.channel.index()].order {
            QueueOrder::Fifo => by_priority.then(by_wait).then(a.id.cmp(&b.id)),
            QueueOrder::Lifo => by_priority.then(by_wait.reverse()).then(b.id.cmp(&a.id)),
            QueueOrder::SlaDue => by_priority.then(self.due(a).cmp(&self.due(b))).then(a.id.cmp(&b.id)),
            QueueOrder::SessionsFirst => {
                let is_new = |ticket: &Ticket| ticket.cycle == 1;
                by_priority.then(is_new(a).cmp(&is_new(b))).then(by_wait).then(a.id.cmp(&b.id))
            }
            QueueOrder::Aged { head_start } => {
                let start = |ticket: &Ticket| {
                    i128::from(ticket.wait_start.as_micros())
                        - i128::from(self.priority(ticket)) * i128::from(head_start.as_micros())
                };
                start(a).cmp(&start(b)).then(a.id.cmp(&b.id))
            }
        }
    }

    /// The deadline that assignment would start, had it come when the wait began.
    fn due(&self, ticket: &Ticket) -> Instant {
        let sla = &self.channels[ticket.channel.index()].sla;
        let span = |timer: Timer, full: Option<Span>| match ticket.clocks[index(timer)] {
            Clock::Breached => None,
            Clock::Cancelled(left) if sla.on_requeue == OnRequeue::Resume => left,
            _ => full,
        };
        let owes_none = ticket.answered || ticket.unopened;
        let first = if owes_none { None } else { span(Timer::FirstResponse, sla.first_response) };
        let span = first.into_iter().chain(span(Timer::Closure, sla.closure)).min();
        span.map_or(Instant::MAX, |span| ticket.wait_start + span)
    }

    // Assignment (ASG).

    /// The tier through which a user is in the lane of a ticket, if their time has come.
    fn tier(&self, user: UserId, ticket: &Ticket, now: Instant) -> Option<usize> {
        let own = &self.users[user.index()].settings.groups;
        let Assignment::RoundRobin { groups, overflow, .. } = &self.channels[ticket.channel.index()].assignment else {
            return None;
        };
        if let Some(group) = ticket.group {
            return own.contains(&group).then_some(0);
        }
        let waited = now.since(ticket.wait_start);
        let tiers = std::iter::once((groups, Span::ZERO)).chain(overflow.iter().map(|more| (&more.groups, more.after)));
        let tier = tiers.enumerate().find(|(_, (groups, _))| groups.iter().any(|group| own.contains(group)));
        tier.filter(|(_, (_, after))| *after <= waited).map(|(tier, _)| tier)
    }

    fn eligible(&self, ticket: &Ticket, now: Instant) -> Vec<(UserId, usize)> {
        let is_under_cap = |user| {
            let (cap, counted) = self.cap(user, ticket.channel);
            cap.is_none_or(|cap| counted < cap)
        };
        self.user_ids()
            .filter(|&user| self.is_available(user) && self.may(user, Permission::Reply, ticket.channel))
            .filter(|&user| is_under_cap(user))
            .filter_map(|user| self.tier(user, ticket, now).map(|tier| (user, tier)))
            .collect()
    }

    /// A head that somebody may take, where there is one (QUE-4).
    fn takeable(&self, now: Instant) -> Option<u32> {
        self.lanes().values().map(|lane| lane[0]).find(|head| !self.eligible(head, now).is_empty()).map(|t| t.id.number)
    }

    /// Whether an automatic assignment is the one that had to come next.
    fn check_choice(&self, number: u32, to: UserId) -> Result<(), String> {
        let lanes = self.lanes();
        let heads: Vec<&Ticket> =
            lanes.values().map(|lane| lane[0]).filter(|head| !self.eligible(head, self.now).is_empty()).collect();
        let Some(&ticket) = heads.iter().find(|head| head.id.number == number) else {
            let lanes: Vec<Vec<u32>> = lanes.values().map(|lane| lane.iter().map(|t| t.id.number).collect()).collect();
            return Err(format!("QUE-2, QUE-4: {number} is no head that somebody may take, in lanes {lanes:?}"));
        };
        if self.orders_alike {
            let first = heads.iter().min_by(|a, b| self.compare(a, b)).expect("there are heads").id.number;
            hold!(first == number, "QUE-4: {first} goes before {number}");
        }
        let eligible = self.eligible(ticket, self.now);
        let is_eligible = |user| eligible.iter().any(|&(other, _)| other == user);
        hold!(is_eligible(to), "ASG-1: {to:?} is not eligible for {number}; {eligible:?} are");
        let last = ticket.last.filter(|&last| is_eligible(last));
        if ticket.avoids_last && eligible.len() > 1 {
            hold!(last != Some(to), "ASG-8: {number} went back to its former assignee {to:?} of {eligible:?}");
        }
        if let Some(last) = last.filter(|_| ticket.sticky) {
            hold!(last == to, "TIC-6: {number} went to {to:?} and not to its last assignee {last:?}");
            return Ok(());
        }
        let among: Vec<(UserId, usize)> = eligible
            .into_iter()
            .filter(|&(user, _)| !ticket.avoids_last || last != Some(user) || self.is_alone(ticket, user))
            .collect();
        let Assignment::RoundRobin { policy, .. } = &self.channels[ticket.channel.index()].assignment else {
            return Err(format!("CHN-3: {number} was assigned on a manual channel"));
        };
        match policy {
            Policy::Rotation => {
                let none = BTreeMap::new();
                let row = self.rows.get(&(ticket.channel, ticket.group)).unwrap_or(&none);
                let place = |user: &UserId| (row.get(user).copied().unwrap_or(0), *user);
                let first = among.iter().map(|(user, _)| *user).min_by_key(place).expect("somebody is eligible");
                hold!(first == to, "rotation: {first:?} stands before {to:?} for {number}");
            }
            Policy::TwoChoices => {
                let pending = self.pending_of(to);
                let beaten = among.iter().any(|&(user, _)| user != to && self.pending_of(user) >= pending);
                hold!(among.len() == 1 || beaten, "two_choices: {to:?} beats nobody of {among:?}");
            }
            Policy::Keys(keys) => {
                let best = among
                    .iter()
                    .min_by(|&&a, &&b| {
                        let by_keys = keys.iter().map(|key| self.compare_users(key, ticket, a, b));
                        by_keys.fold(Ordering::Equal, Ordering::then).then(a.0.cmp(&b.0))
                    })
                    .expect("somebody is eligible");
                // Chance decides wherever no key before it does.
                let decided = keys.iter().position(|key| key.kind == KeyKind::Random).unwrap_or(keys.len());
                let own = among.iter().find(|(user, _)| *user == to).expect("they are eligible");
                let order = keys[..decided]
                    .iter()
                    .map(|key| self.compare_users(key, ticket, *own, *best))
                    .fold(Ordering::Equal, Ordering::then);
                let is_best = if decided < keys.len() { order == Ordering::Equal } else { best.0 == to };
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                hold!(is_best, "ASG-5 {keys:?}: {number} went to {to:?} and not to {best:?}, of {among:?}");
            }
        }
        Ok(())
    }

    fn is_alone(&self, ticket: &Ticket, user: UserId) -> bool {
        self.eligible(ticket, self.now).iter().all(|&(other, _)| other == user)
    }

    /// Which of two users a key puts first.
    fn compare_users(&self, key: &Key, ticket: &Ticket, a: (UserId, usize), b: (UserId, usize)) -> Ordering {
        let now = self.now;
        let order = if let KeyKind::Load = key.kind {
            let load = |user| match self.cap(user, ticket.channel) {
                (None, _) => (0, 1),
                (Some(cap), counted) => (u128::from(counted), u128::from(cap)),
            };
            let ((counted, cap), (counted_b, cap_b)) = (load(a.0), load(b.0));
            (counted * cap_b).cmp(&(counted_b * cap))
        } else if let KeyKind::Proficiency = key.kind {
            self.factor(a.0, ticket).total_cmp(&self.factor(b.0, ticket))
        } else {
            let value = |(user, tier): (UserId, usize)| -> u64 {
                let person = &self.users[user.index()];
                let since = |at: Option<Instant>| at.map_or(u64::MAX, |at| now.since(at).as_micros());
                match key.kind {
                    KeyKind::Pending => self.pending_of(user) as u64,
                    KeyKind::Open => self.open_of(user).count() as u64,
                    KeyKind::Spare => match self.cap(user, ticket.channel) {
                        (None, _) => u64::MAX,
                        (Some(cap), counted) => cap.saturating_sub(counted),
                    },
                    KeyKind::SinceAssigned => since(person.last_assigned),
                    KeyKind::SinceAvailable => since(Some(person.available_since)),
                    KeyKind::SinceClosed => since(person.last_closed),
                    KeyKind::Idle if self.pending_of(user) > 0 => 0,
                    KeyKind::Idle => 1 + since(Some(person.nothing_pending_since.max(person.available_since))),
                    KeyKind::AssignedToday => {
                        let day = |at| self.settings.civil.day(at);
                        person.assigned.iter().filter(|&&at| day(at) == day(now)).count() as u64
                    }
                    KeyKind::AssignedTotal => person.assigned.len() as u64,
                    KeyKind::Recent(span) => person.assigned.iter().filter(|&&at| now.since(at) <= span).count() as u64,
                    KeyKind::LastAgent => u64::from(ticket.last == Some(user)),
                    KeyKind::Tier => tier as u64,
                    KeyKind::Random => 0,
                    KeyKind::Load | KeyKind::Proficiency => unreachable!("compared above"),
                }
            };
            value(a).cmp(&value(b))
        };
        if key.largest_first { order.reverse() } else { order }
    }

    fn factor(&self, user: UserId, ticket: &Ticket) -> f64 {
        let skills = self.users[user.index()].settings.proficiency.iter();
        let applies = skills.filter(|(skill, _)| *skill == Skill::Channel(ticket.channel));
        applies.map(|(_, factor)| factor).product()
    }

    // Commands.

    fn open_number(&self, conversation: ConversationId) -> Option<u32> {
        let is_open = |ticket: &&Ticket| ticket.conversation == conversation && ticket.state != TicketState::Closed;
        self.tickets.iter().find(is_open).map(|ticket| ticket.id.number)
    }

    fn latest(&self, conversation: ConversationId) -> Option<u32> {
        self.conversations.get(&conversation).and_then(|(latest, _)| *latest)
    }

    fn empty_mandatory(&self, ticket: &Ticket) -> bool {
        self.settings.fields[0].mandatory && ticket.choice.is_none()
    }

    /// Whether the rules allow a command.
    pub(crate) fn allows(&self, command: &Command) -> bool {
        use TicketState::{Closed, Consent};
        let ticketing = self.settings.ticketing;
        let known = |ticket: Option<TicketId>| {
            ticket.filter(|id| ticketing && (1..=self.tickets.len() as u32).contains(&id.number))
        };
        let with = |user: UserId, ticket: Option<TicketId>, permission: Permission| {
            let ticket = known(ticket).map(|id| self.ticket(id.number))?;
            (self.is_enabled(user) && self.may_act(user, permission, ticket.channel)).then_some(ticket)
        };
        let worked = |ticket: &&Ticket| !matches!(ticket.state, Closed | Consent);
        let is_admin = |user: UserId| self.is_enabled(user) && self.is_admin(user);
        let reopenable = |ticket: &Ticket| self.open_number(ticket.conversation).is_none();
        let living = |status: StatusId| self.statuses.get(status.index()).is_some_and(|status| status.is_alive);
        let fits = |connection: Connection, assignable: bool| assignable || connection != Connection::Connected;
        match *command {
            Command::Message { conversation, channel, spam, .. } => {
                let filtered = spam && self.channels[channel.index()].spam_filter;
                let elsewhere = self.latest(conversation).is_some_and(|number| self.ticket(number).channel != channel);
                filtered || !ticketing || !elsewhere
            }
            Command::Consent { conversation, .. } => {
                self.open_number(conversation).is_some_and(|number| self.ticket(number).state == Consent)
            }
            Command::Abandon { conversation } | Command::EndConversation { conversation } => {
                self.open_number(conversation).is_some()
            }
            Command::Reply { user, ticket } => with(user, ticket, Permission::Reply).filter(worked).is_some(),
            Command::Answer { user, ticket } => {
                with(user, ticket, Permission::Reply).is_some_and(|ticket| ticket.assignee.is_some())
            }
            Command::Active { user, ticket: None } => self.is_enabled(user),
            Command::Active { user, ticket: Some(ticket) } => {
                let ticket = known(ticket).map(|id| self.ticket(id.number));
                self.is_enabled(user) && ticket.is_some_and(|ticket| ticket.assignee == Some(user))
            }
            Command::Close { user, ticket } => with(user, ticket, Permission::Manage)
                .is_some_and(|ticket| ticket.state != Closed && !self.empty_mandatory(ticket)),
            Command::SetField { user, ticket, field, value } => {
                with(user, ticket, Permission::Reply).is_some()
                    && matches!((field, value), (FieldName::Custom(_), Some(FieldValue::Choice(0..3))))
            }
            Command::Assign { by, ticket, to } => {
                let needed = if by == to { Permission::Reply } else { Permission::Manage };
                with(by, ticket, needed).filter(worked).is_some_and(|ticket| {
                    self.is_enabled(to)
                        && self.may(to, Permission::Reply, ticket.channel)
                        && ticket.assignee != Some(to)
                })
            }
            Command::Transfer { by, ticket, .. } => with(by, ticket, Permission::Manage).filter(worked).is_some(),
            Command::Escalate { by, ticket, to } => with(by, ticket, Permission::Manage).is_some_and(|ticket| {
                ticket.state != Consent
                    && (ticket.state != Closed || reopenable(ticket))
                    && self.is_enabled(to)
                    && self.may(to, Permission::Reply, ticket.channel)
                    && ticket.assignee != Some(to)
            }),
            Command::Reopen { by, ticket } => with(by, ticket, Permission::Manage).is_some_and(|ticket| {
                self.may(by, Permission::Reply, ticket.channel) && ticket.state == Closed && reopenable(ticket)
            }),
            Command::OpenConversation { user, conversation, channel } => {
                let elsewhere = self.latest(conversation).is_some_and(|number| self.ticket(number).channel != channel);
                ticketing
                    && self.is_enabled(user)
                    && self.may_act(user, Permission::Reply, channel)
                    && !elsewhere
                    && self.open_number(conversation).is_none()
            }
            Command::SetStatus { user, status, .. } => self.is_enabled(user) && status.is_some_and(living),
            Command::CreateStatus { by, connection, assignable, .. } => {
                let custom = self.statuses.iter().skip(3).filter(|status| status.is_alive).count();
                is_admin(by) && custom < 7 && fits(connection, assignable)
            }
            Command::EditStatus { by, status, connection, assignable, .. } => {
                is_admin(by)
                    && status.is_some_and(|status| {
                        let old = self.statuses.get(status.index());
                        status.index() >= 3
                            && living(status)
                            && old.is_some_and(|old| {
                                fits(connection.unwrap_or(old.connection), assignable.unwrap_or(old.assignable))
                            })
                    })
            }
            Command::DeleteStatus { by, status, replacement } => {
                is_admin(by)
                    && status.is_some_and(|status| {
                        let is_used = self.users.iter().any(|user| user.settings.status == status);
                        let replaced = replacement.is_some_and(|other| living(other) && other != status);
                        status.index() >= 3 && living(status) && (!is_used || replaced)
                    })
            }
            Command::EnableUser { by, .. }
            | Command::DisableUser { by, .. }
            | Command::AddToGroup { by, .. }
            | Command::RemoveFromGroup { by, .. } => is_admin(by),
            Command::Grant { by, .. } | Command::Revoke { by, .. } => is_admin(by),
            Command::ConfigureChannel { by, channel, change } => {
                let change = &self.changes[change.index()];
                let merged = merged(&self.channels[channel.index()], change, &self.users);
                let named = change.assignment.as_ref();
                let routes =
                    named.is_some_and(|named| named.groups.is_some() || named.rule == Some(Some(Rotates::Yes)));
                is_admin(by)
                    && merged.is_some_and(|merged| match &merged.assignment {
                        Assignment::RoundRobin { groups, .. } if routes => self.somebody_replies(groups, &merged.reply),
                        _ => true,
                    })
            }
            Command::OrderStatuses { .. } | Command::Tick => true,
        }
    }

    /// Time has come to `now`, and everything that fell due before has been acted on.
    pub(crate) fn pass(&mut self, now: Instant) -> Result<(), String> {
        for ticket in &self.tickets {
            let number = ticket.id.number;
            for timer in TIMERS {
                let Clock::Running(Some(due)) = ticket.clocks[index(timer)] else { continue };
                hold!(due >= now, "SLA-12: {timer:?} of {number} fell due at {due:?} and nothing came of it");
            }
            let due = ticket.silence_due.unwrap_or(Instant::MAX);
            hold!(due >= now, "TIC-9: the silence of {number} ended at {due:?} and nothing came of it");
        }
        for user in self.user_ids() {
            let person = &self.users[user.index()];
            let may_idle = self.is_connected(user) && !self.open_of(user).any(|ticket| ticket.in_hand);
            if let Some(timeout) = self.settings.idle_timeout.filter(|_| may_idle) {
                hold!(person.did + timeout >= now, "STA-11: {user:?} was idle since {:?} and not moved", person.did);
            }
            let due = person.requeue_due.unwrap_or(Instant::MAX);
            hold!(due >= now, "STA-12: the tickets of {user:?} were to return at {due:?}");
            if now > self.now {
                let held = self.open_of(user).find(|ticket| ticket.returning && !ticket.in_hand);
                hold!(held.is_none(), "STA-12: {held:?} was finished and did not return");
            }
        }
        hold!(now == self.now || !self.deferred, "QUE-5: a draining was deferred past its instant");
        if now > self.now {
            let before = Instant::from_micros(now.as_micros() - 1);
            if let Some(number) = self.takeable(before) {
                return Err(format!("QUE-5, QUE-9: somebody could have taken {number} before {now:?}"));
            }
        }
        self.now = now;
        Ok(())
    }

    /// Follows what came of a command that was allowed.
    pub(crate) fn follow(&mut self, command: &Command, effects: &[Effect], desk: &Desk) -> Result<(), String> {
        let mut expected = self.prepare(command);
        self.walk(Some(command), effects, desk, &mut expected)?;
        if let Command::Message { conversation, .. } | Command::Consent { conversation, .. } = *command {
            let number = self.open_number(conversation).filter(|_| !expected.is_wordless);
            match number.and_then(|number| self.ticket(number).assignee) {
                Some(user) => self.expect_status_message(number.expect("it is assigned"), user, &mut expected),
                None => self.expect_unassigned(conversation, &mut expected),
            }
        }
        self.settle(effects, &expected, false, desk)
    }

    /// Follows a draining that was deferred (QUE-5).
    pub(crate) fn follow_draining(&mut self, effects: &[Effect], desk: &Desk) -> Result<(), String> {
        hold!(self.deferred, "QUE-5: no draining was deferred");
        self.deferred = false;
        let mut expected = Expected::default();
        self.walk(None, effects, desk, &mut expected)?;
        self.settle(effects, &expected, false, desk)
    }

    /// Follows what came of the deadlines of one instant.
    pub(crate) fn follow_wake(&mut self, effects: &[Effect], desk: &Desk) -> Result<(), String> {
        let mut expected = Expected::default();
        self.deferred = false;
        self.walk(None, effects, desk, &mut expected)?;
        for user in self.user_ids() {
            if self.users[user.index()].requeue_due == Some(self.now) {
                self.users[user.index()].requeue_due = None;
                // Work in hand is finished first.
                self.hold_back(user);
            }
        }
        self.settle(effects, &expected, true, desk)
    }

    /// What a command changes by itself, and what must follow of it.
    fn prepare(&mut self, command: &Command) -> Expected {
        let mut expected = Expected::default();
        let now = self.now;
        if let Some(user) = actor(command) {
            self.users[user.index()].did = now;
        }
        match *command {
            Command::SetStatus { more, .. } => self.deferred = more,
            Command::Active { user, ticket: Some(Some(id)) } | Command::Answer { user, ticket: Some(id) } => {
                let ticket = self.ticket_mut(id.number);
                if matches!(command, Command::Answer { .. }) {
                    let owed = !ticket.answered && !ticket.unopened;
                    if !ticket.picked_up || owed {
                        expected.answered = Some((id.number, user));
                    }
                }
                ticket.in_hand |= ticket.assignee == Some(user);
            }
            Command::Message { conversation, channel, spam, form, .. } => {
                let settings = &self.channels[channel.index()];
                if spam && settings.spam_filter {
                    // What was filtered is no word of the customer's (CHN-6).
                    expected.is_wordless = true;
                    return expected;
                }
                if !self.settings.ticketing {
                    expected.any_messages = true;
                    return expected;
                }
                let (greeting, consent, within) = (settings.greeting, settings.consent, settings.reopen_within);
                let latest = self.latest(conversation);
                let seen = self.conversations.get(&conversation).is_some_and(|(_, seen)| *seen);
                let choice = form.map(|form| self.forms[form.index()]);
                let greets = !seen && greeting;
                if let Some(number) = self.open_number(conversation) {
                    if greets {
                        expected.messages.push((number, AutoMessage::Greeting));
                    }
                    if let Some(choice) = choice {
                        self.ticket_mut(number).choice = Some(choice);
                    }
                    let ticket = self.ticket_mut(number);
                    ticket.owed = true;
                    ticket.unopened = false;
                } else {
                    let number = latest
                        .filter(|&number| {
                            within.is_none_or(|within| now.since(self.ticket(number).closed_at) <= within)
                        })
                        .unwrap_or(self.tickets.len() as u32 + 1);
                    if greets {
                        expected.messages.push((number, AutoMessage::Greeting));
                    }
                    let asked = consent && latest.is_none_or(|number| self.ticket(number).unconsented);
                    if !asked {
                        expected.queued.insert(number);
                    }
                }
                self.conversations.entry(conversation).or_default().1 = true;
            }
            Command::Consent { conversation, granted: true } => {
                expected.queued.extend(self.open_number(conversation));
            }
            Command::SetField { ticket: Some(id), value: Some(FieldValue::Choice(choice)), .. } => {
                self.ticket_mut(id.number).choice = Some(choice);
            }
            Command::Assign { ticket: Some(id), to, .. } => expected.by_hand = Some((id.number, to, How::Manual)),
            Command::Escalate { ticket: Some(id), to, .. } => expected.by_hand = Some((id.number, to, How::Escalation)),
            Command::Reopen { by, ticket: Some(id) } => expected.by_hand = Some((id.number, by, How::Reopen)),
            Command::OpenConversation { user, conversation, .. } => {
                let number = self.latest(conversation).unwrap_or(self.tickets.len() as u32 + 1);
                expected.by_hand = Some((number, user, How::Own));
            }
            Command::Transfer { ticket: Some(id), group, .. } => {
                let ticket = self.ticket_mut(id.number);
                ticket.group = Some(group);
                ticket.sticky = false;
                ticket.avoids_last |= ticket.assignee.is_some();
                expected.queued.insert(id.number);
            }
            Command::EnableUser { user, .. } if !self.is_enabled(user) => {
                self.change_availability(
                    |twin| twin.users[user.index()].settings.state = UserState::Enabled,
                    &mut expected,
                );
                self.users[user.index()].did = now;
            }
            Command::DisableUser { user, .. } if self.users[user.index()].settings.state != UserState::Disabled => {
                let person = &mut self.users[user.index()];
                person.settings.state = UserState::Disabled;
                let groups = person.settings.groups.clone();
                // They drop the work in hand; what it held back goes with the instant's deadlines.
                let all = self.tickets.iter_mut().filter(|ticket| ticket.assignee == Some(user));
                all.for_each(|ticket| ticket.in_hand = false);
                if self.settings.requeue_on_disable {
                    expected.queued.extend(self.open_of(user).map(|ticket| ticket.id.number));
                }
                self.expect_notices(|_, rotating| rotating.iter().any(|group| groups.contains(group)), &mut expected);
            }
            Command::AddToGroup { user, group, .. } => {
                let groups = &mut self.users[user.index()].settings.groups;
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
            Command::RemoveFromGroup { user, group, .. }
                if self.users[user.index()].settings.groups.contains(&group) =>
            {
                let may = self.replies();
                self.users[user.index()].settings.groups.retain(|&other| other != group);
                self.expect_losses(&may, &mut expected);
                self.expect_notices(|_, rotating| rotating.contains(&group), &mut expected);
            }
            Command::Grant { channel, permission, to, .. } => {
                for granted in [permission, Permission::View] {
                    let list = self.permission_list(channel, granted);
                    if !list.contains(&to) {
                        list.push(to);
                    }
                }
            }
            Command::Revoke { channel, permission, from, .. } => {
                let may = self.replies();
                let all = [Permission::View, Permission::Reply, Permission::Manage];
                for lost in all.into_iter().filter(|&lost| lost == permission || permission == Permission::View) {
                    self.permission_list(channel, lost).retain(|&other| other != from);
                }
                self.expect_losses(&may, &mut expected);
                if permission == Permission::View && !expected.queued.is_empty() {
                    self.meet("tickets return with view");
                }
            }
            Command::ConfigureChannel { channel, change, .. } => {
                let may = self.replies();
                let named = &self.changes[change.index()];
                let takes = |limit: LimitChange| limit.max_open == Some(None);
                if named.limit.is_some_and(takes) && self.channels[channel.index()].limit.is_some() {
                    self.meet("a limit is taken away");
                }
                let change = self.changes[change.index()].clone();
                let merged = merged(&self.channels[channel.index()], &change, &self.users);
                self.channels[channel.index()] = merged.expect("the change fits");
                self.expect_losses(&may, &mut expected);
            }
            Command::CreateStatus { connection, assignable, auto_message, .. } => {
                self.statuses.push(Status { connection, assignable, auto_message, is_alive: true });
            }
            Command::EditStatus { status: Some(status), connection, assignable, .. } => {
                let connected: Vec<bool> = self.user_ids().map(|user| self.is_connected(user)).collect();
                self.change_availability(
                    |twin| {
                        let status = &mut twin.statuses[status.index()];
                        status.connection = connection.unwrap_or(status.connection);
                        status.assignable = assignable.unwrap_or(status.assignable);
                    },
                    &mut expected,
                );
                for user in self.user_ids() {
                    if self.is_connected(user) && !connected[user.index()] {
                        self.users[user.index()].did = now;
                    }
                }
            }
            Command::DeleteStatus { status: Some(status), .. } => self.statuses[status.index()].is_alive = false,
            _ => {}
        }
        expected
    }

    fn permission_list(&mut self, channel: ChannelId, permission: Permission) -> &mut Vec<Grantee> {
        let channel = &mut self.channels[channel.index()];
        match permission {
            Permission::View => &mut channel.view,
            Permission::Reply => &mut channel.reply,
            Permission::Manage => &mut channel.manage,
        }
    }

    /// Who may reply where.
    fn replies(&self) -> BTreeSet<(UserId, ChannelId)> {
        let pairs = self.user_ids().flat_map(|user| (0..self.channels.len()).map(move |n| (user, ChannelId::at(n))));
        pairs.filter(|&(user, channel)| self.may(user, Permission::Reply, channel)).collect()
    }

    /// USR-3 and CHN-5 for whoever may no longer reply.
    fn expect_losses(&mut self, before: &BTreeSet<(UserId, ChannelId)>, expected: &mut Expected) {
        let after = self.replies();
        for &(user, channel) in before.difference(&after) {
            let lost = self.open_of(user).filter(|ticket| ticket.channel == channel);
            expected.queued.extend(lost.map(|ticket| ticket.id.number));
            let groups = self.users[user.index()].settings.groups.clone();
            let is_hit = |other, rotating: &[GroupId]| other == channel && rotating.iter().any(|g| groups.contains(g));
            self.expect_notices(is_hit, expected);
        }
    }

    fn expect_notices(&self, is_hit: impl Fn(ChannelId, &[GroupId]) -> bool, expected: &mut Expected) {
        for channel in (0..self.channels.len()).map(ChannelId::at) {
            let Assignment::RoundRobin { groups, overflow, .. } = &self.channels[channel.index()].assignment else {
                continue;
            };
            let more = overflow.iter().flat_map(|more| &more.groups);
            let rotating: Vec<GroupId> = groups.iter().chain(more).copied().collect();
            if is_hit(channel, &rotating) {
                let admins = self.user_ids().filter(|&user| self.is_admin(user) && self.is_enabled(user));
                expected.notices.extend(admins.map(|admin| (admin, channel)));
            }
        }
    }

    /// Makes a change and notes who became assignable, and who ceased to be (STA-12).
    fn change_availability(&mut self, change: impl FnOnce(&mut Twin), expected: &mut Expected) {
        let before: Vec<bool> = self.user_ids().map(|user| self.is_available(user)).collect();
        change(self);
        let now = self.now;
        for user in self.user_ids() {
            match (before[user.index()], self.is_available(user)) {
                (false, true) => {
                    let person = &mut self.users[user.index()];
                    person.available_since = now;
                    person.requeue_due = None;
                    let all = self.tickets.iter_mut().filter(|ticket| ticket.assignee == Some(user));
                    all.for_each(|ticket| ticket.returning = false);
                }
                (true, false) if self.is_enabled(user) => match self.settings.requeue_after {
                    None => {}
                    Some(Span::ZERO) => {
                        let back = self.open_of(user).filter(|ticket| !ticket.in_hand);
                        expected.queued.extend(back.map(|ticket| ticket.id.number));
                        self.hold_back(user);
                    }
                    Some(after) => self.users[user.index()].requeue_due = Some(now + after),
                },
                _ => {}
            }
        }
    }

    /// STA-12: what they have in hand they finish, and then it goes back.
    fn hold_back(&mut self, user: UserId) {
        let all = self.tickets.iter_mut().filter(|ticket| ticket.assignee == Some(user));
        all.for_each(|ticket| ticket.returning |= ticket.in_hand);
    }

    // Automatic messages (MSG).

    fn has_text(&self, kind: AutoMessage, channel: ChannelId, user: Option<UserId>) -> bool {
        let channel = &self.channels[channel.index()];
        match kind {
            AutoMessage::Greeting => channel.greeting,
            AutoMessage::Away => {
                let own = user.is_some_and(|user| self.users[user.index()].settings.away_text);
                channel.away_text || self.settings.away_text || own
            }
            AutoMessage::OutsideBusinessHours => channel.outside_text || self.settings.outside_text,
        }
    }

    /// MSG-3: once per ticket and spell.
    fn expect_status_message(&mut self, number: u32, user: UserId, expected: &mut Expected) {
        let Some(kind) = self.status(user).auto_message else { return };
        let spell = self.users[user.index()].spell;
        if self.has_text(kind, self.ticket(number).channel, Some(user)) && self.told.insert((number, spell)) {
            expected.messages.push((number, kind));
        }
    }

    /// MSG-4.
    fn expect_unassigned(&mut self, conversation: ConversationId, expected: &mut Expected) {
        let Some(number) = self.open_number(conversation) else { return };
        let ticket = self.ticket(number);
        if ticket.state != TicketState::Queued || ticket.told_unassigned || expected.is_wordless {
            return;
        }
        let is_in_lane = |user: UserId| {
            let own = &self.users[user.index()].settings.groups;
            let is_member = match (&self.channels[ticket.channel.index()].assignment, ticket.group) {
                (_, Some(group)) => own.contains(&group),
                (Assignment::RoundRobin { groups, .. }, None) => groups.iter().any(|group| own.contains(group)),
                (Assignment::Manual, None) => true,
            };
            is_member && self.may(user, Permission::Reply, ticket.channel)
        };
        let closed = self.settings.calendar.as_ref().is_some_and(|calendar: &Calendar| !calendar.is_open(self.now));
        let kind = if closed {
            AutoMessage::OutsideBusinessHours
        } else if !self.user_ids().any(|user| is_in_lane(user) && self.is_connected(user)) {
            AutoMessage::Away
        } else {
            return;
        };
        if self.has_text(kind, ticket.channel, None) {
            self.ticket_mut(number).told_unassigned = true;
            expected.messages.push((number, kind));
        }
    }

    // Effects.

    fn walk(
        &mut self,
        command: Option<&Command>,
        effects: &[Effect],
        desk: &Desk,
        expected: &mut Expected,
    ) -> Result<(), String> {
        let now = self.now;
        let mut breach: Option<(u32, Option<UserId>)> = None;
        let mut handed = None;
        // The ticket that was given to somebody last, who had it before, and how: its timers end on them, and start, next.
        let mut given: Option<(u32, Option<UserId>, How)> = None;
        for (place, effect) in effects.iter().enumerate() {
            if !matches!(effect, Effect::SlaStarted { .. } | Effect::SlaEnded { .. }) {
                given = None;
            }
            match *effect {
                Effect::Created { ticket, conversation, channel } => {
                    hold!(
                        ticket.number as usize == self.tickets.len() + 1,
                        "TIC-2: {} tickets, then {ticket}",
                        self.tickets.len()
                    );
                    let other = self.open_number(conversation);
                    hold!(other.is_none(), "{ticket} was created while {other:?} of its conversation is open");
                    self.create(ticket, conversation, channel, command);
                }
                Effect::Reactivated { ticket, cycle } => {
                    let is_message = matches!(command, Some(Command::Message { .. }));
                    let own = matches!(command, Some(Command::OpenConversation { .. }));
                    let state = self.ticket(ticket.number).state;
                    hold!(state == TicketState::Closed, "TIC-6: {ticket} was {state:?} and reactivated");
                    let conversation = self.ticket(ticket.number).conversation;
                    let other = self.open_number(conversation);
                    hold!(other.is_none(), "{ticket} was reactivated while {other:?} of its conversation is open");
                    self.conversations.entry(conversation).or_default().0 = Some(ticket.number);
                    let sticky = is_message && self.channels[self.ticket(ticket.number).channel.index()].sticky;
                    let known = self.ticket_mut(ticket.number);
                    hold!(cycle == known.cycle + 1, "{ticket}: cycle {cycle} after {}", known.cycle);
                    *known = Ticket {
                        id: ticket,
                        cycle,
                        state: TicketState::Consent,
                        entered: false,
                        own_priority: 0,
                        owed: !own,
                        unopened: own,
                        answered: false,
                        escalated: false,
                        escalated_by: [false; 2],
                        breached: false,
                        clocks: [Clock::Off; 2],
                        avoids_last: false,
                        sticky,
                        told_unassigned: false,
                        group: None,
                        ..known.clone()
                    };
                    if let Some(Command::Message { priority, form, .. }) = command {
                        known.own_priority = *priority;
                        if let Some(choice) = form.map(|form| self.forms[form.index()]) {
                            self.ticket_mut(ticket.number).choice = Some(choice);
                        }
                    }
                }
                Effect::Queued { ticket, session, lane } => {
                    if command.is_none() {
                        let holder = self.ticket(ticket.number).assignee;
                        let due = holder.and_then(|user| self.users[user.index()].requeue_due);
                        let known = self.ticket(ticket.number);
                        hold!(!known.in_hand, "STA-12: {ticket} is in the hands of {holder:?} and went back");
                        let is_due = due == Some(now) || known.returning || expected.queued.contains(&ticket.number);
                        hold!(is_due, "{ticket} of {holder:?} went back to the queue by itself");
                        expected.queued.insert(ticket.number);
                    }
                    self.detach(ticket.number);
                    let known = self.ticket(ticket.number);
                    let new = if known.cycle == 1 { Session::NewConversation } else { Session::NewSession };
                    hold!(session == new, "QUE-1: {ticket} waits as {session:?} in cycle {}", known.cycle);
                    let own = (known.channel, known.group);
                    let at = (desk.lane_channel(lane), desk.lane_group(lane));
                    hold!(at == own, "QUE-2: {ticket} waits in {at:?}, not in {own:?}");
                    let known = self.ticket_mut(ticket.number);
                    let had = known.last.is_some() && !matches!(command, Some(Command::Message { .. }));
                    let first = !std::mem::replace(&mut known.entered, true);
                    if first {
                        known.wait_start = now;
                    }
                    known.state = TicketState::Queued;
                    if first && had {
                        self.meet("a wait begins after an assignment");
                    }
                }
                Effect::Assigned { ticket, to, from, how } => {
                    let known = self.ticket(ticket.number);
                    hold!(from == known.assignee, "{ticket} came from {from:?}, but {:?} had it", known.assignee);
                    match how {
                        How::Auto => {
                            hold!(!self.deferred, "QUE-5: {ticket} was given to {to:?} and the draining is deferred");
                            hold!(known.state == TicketState::Queued, "QUE-3: {ticket} was assigned unqueued");
                            self.check_choice(ticket.number, to)?;
                            let (channel, lane) = (known.channel, (known.channel, known.group));
                            let ties = self.tickets.iter().any(|other| {
                                let waits = other.state == TicketState::Queued && (other.channel, other.group) == lane;
                                waits && other.id != ticket && other.wait_start == known.wait_start
                            });
                            let lifo = self.channels[known.channel.index()].order == QueueOrder::Lifo;
                            let knows = known.cycle == 1 && known.sticky && known.last == Some(to);
                            if lifo && ties {
                                self.meet("a tie under lifo");
                            }
                            if knows {
                                self.meet("a new ticket goes to the conversation's agent");
                            }
                            if let Assignment::RoundRobin { policy: Policy::Rotation, .. } =
                                self.channels[channel.index()].assignment
                            {
                                self.turns += 1;
                                self.rows.entry(lane).or_default().insert(to, self.turns);
                            }
                        }
                        How::Escalation if command.is_none() => {
                            let before = place.checked_sub(1).map(|place| &effects[place]);
                            let is_told =
                                matches!(before, Some(Effect::Escalated { to: Some(other), .. }) if *other == to);
                            hold!(is_told, "{ticket} was escalated to {to:?} after {before:?}");
                        }
                        _ => handed = Some((ticket.number, to, how)),
                    }
                    given = Some((ticket.number, from, how));
                    if how == How::Manual && self.ticket(ticket.number).clocks.contains(&Clock::Breached) {
                        self.meet("a breached timer stays over");
                    }
                    self.assign(ticket.number, to);
                    if how == How::Escalation {
                        // ESC-3: the first response is owed anew.
                        let known = self.ticket_mut(ticket.number);
                        (known.answered, known.unopened) = (false, false);
                    }
                }
                Effect::Answered { ticket, by } => {
                    hold!(
                        expected.answered.take() == Some((ticket.number, by)),
                        "TIC-12: {ticket} was answered by {by:?}"
                    );
                    let known = self.ticket_mut(ticket.number);
                    known.picked_up = true;
                    known.answered |= !known.unopened;
                }
                Effect::Replied { ticket, by } => {
                    if self.ticket(ticket.number).assignee == Some(by) {
                        self.drop_work(ticket.number);
                    }
                    let known = self.ticket_mut(ticket.number);
                    known.owed = false;
                    known.answered |= !known.unopened;
                    if known.state == TicketState::Pending {
                        known.state = TicketState::AwaitingCustomer;
                        let (user, channel) = (known.assignee.expect("pending on somebody"), known.channel);
                        let silence = self.channels[channel.index()].close_after_silence;
                        self.ticket_mut(ticket.number).silence_due = silence.map(|span| now + span);
                        self.note_pending(user);
                        self.pause(ticket.number);
                    }
                }
                Effect::Pending { ticket } => {
                    let known = self.ticket_mut(ticket.number);
                    hold!(
                        known.state == TicketState::AwaitingCustomer,
                        "{ticket} became pending from {:?}",
                        known.state
                    );
                    known.state = TicketState::Pending;
                    known.silence_due = None;
                }
                Effect::Closed { ticket, by, empty_fields } => {
                    let known = self.ticket(ticket.number);
                    let silent = known.silence_due == Some(now) && known.state == TicketState::AwaitingCustomer;
                    let right = match (by, command) {
                        (Closer::User(user), Some(Command::Close { user: by, .. })) => user == *by,
                        (Closer::Customer, Some(Command::Abandon { .. } | Command::Consent { granted: false, .. })) => {
                            true
                        }
                        (Closer::System, Some(Command::EndConversation { .. })) => true,
                        (Closer::System, None) => silent,
                        _ => false,
                    };
                    hold!(right, "TIC-9: {ticket} was closed by {by:?} at {command:?}");
                    let empty = !matches!(by, Closer::User(_)) && self.empty_mandatory(known);
                    hold!(
                        (empty_fields != FieldSet::default()) == empty,
                        "TIC-9: {ticket} closed with {empty_fields:?}"
                    );
                    if let Some(user) = known.assignee {
                        self.users[user.index()].last_closed = Some(now);
                    }
                    self.detach(ticket.number);
                    let known = self.ticket_mut(ticket.number);
                    known.unconsented = known.state == TicketState::Consent;
                    known.state = TicketState::Closed;
                    known.closed_at = now;
                    known.escalated = false;
                }
                Effect::SlaStarted { ticket, timer, due } => {
                    let escalated = given.is_some_and(|(of, _, how)| of == ticket.number && how == How::Escalation);
                    let over = self.ticket(ticket.number).clocks[index(timer)] == Clock::Breached && !escalated;
                    hold!(!over, "SLA-7: {timer:?} of {ticket} was over and started again");
                    self.start_clock(ticket, timer, due)?;
                }
                Effect::SlaEnded { ticket, timer, outcome, user } => {
                    let before = breach;
                    let cancelled = given.filter(|(of, ..)| *of == ticket.number && outcome == Outcome::Cancelled);
                    let before_it = cancelled.map(|(_, from, _)| from);
                    if before_it.is_some_and(|before| before != self.ticket(ticket.number).assignee) {
                        self.meet("a timer is cancelled from hand to hand");
                    }
                    let holder = before_it.unwrap_or(self.ticket(ticket.number).assignee);
                    hold!(user == holder, "SLA-7: {timer:?} of {ticket} ended for {user:?}, held by {holder:?}");
                    self.end_clock(ticket, timer, outcome, command.is_none(), &mut breach)?;
                    if before.is_none() && breach.is_some() && place > 0 {
                        // Overflow that opens at this very instant may have its turn later.
                        let left = self.takeable(Instant::from_micros(now.as_micros().saturating_sub(1)));
                        hold!(left.is_none(), "SLA-4: {left:?} waited on when {ticket} was breached");
                    }
                }
                Effect::Escalated { ticket, from, to, cause } => {
                    let known = self.ticket_mut(ticket.number);
                    hold!(from == known.assignee, "{ticket} escalated from {from:?}, had by {:?}", known.assignee);
                    known.escalated = true;
                    match cause {
                        Cause::Manual => {}
                        Cause::FirstResponse | Cause::Closure => {
                            let wanted = breach.take();
                            hold!(
                                wanted == Some((ticket.number, to)),
                                "ESC-1, ESC-4: {ticket} escalated to {to:?}, wanted {wanted:?}"
                            );
                        }
                    }
                }
                Effect::StatusChanged { user, from, to, by } => {
                    let person = &self.users[user.index()];
                    hold!(person.settings.status == from && from != to, "{user:?} went from {from:?} to {to:?}");
                    if command.is_none() {
                        let timeout = self.settings.idle_timeout;
                        let idle = timeout.is_some_and(|timeout| person.did + timeout == now);
                        let busy = self.open_of(user).any(|ticket| ticket.in_hand);
                        let moved = idle && !busy && self.is_connected(user) && to == StatusId::AWAY && by.is_none();
                        hold!(moved, "STA-11: {user:?} was moved to {to:?} by {by:?}");
                    }
                    self.spells += 1;
                    let spell = self.spells;
                    self.change_availability(|twin| twin.users[user.index()].settings.status = to, expected);
                    let person = &mut self.users[user.index()];
                    person.status_since = now;
                    person.spell = spell;
                    person.did = now;
                    // Tickets that go back to the queue at once wait for this user no more.
                    let gone = &expected.queued;
                    let pending = self.open_of(user).filter(|ticket| ticket.state == TicketState::Pending);
                    let pending = pending.filter(|ticket| !gone.contains(&ticket.id.number));
                    for number in pending.map(|ticket| ticket.id.number).collect::<Vec<u32>>() {
                        self.expect_status_message(number, user, expected);
                    }
                }
                Effect::Notified { .. }
                | Effect::AutoMessageSent { .. }
                | Effect::SpamFiltered { .. }
                | Effect::Warning { .. } => {}
                Effect::Refused(refusal) => return Err(format!("{refusal} as an effect")),
            }
        }
        if let Some((ticket, Some(to))) = breach {
            return Err(format!("ESC-1: {ticket} was breached and not escalated to {to:?}"));
        }
        hold!(expected.answered.is_none(), "TIC-12: {:?} was not answered", expected.answered);
        hold!(handed == expected.by_hand, "by hand: {handed:?}, not {:?}", expected.by_hand);
        Ok(())
    }

    fn create(&mut self, id: TicketId, conversation: ConversationId, channel: ChannelId, command: Option<&Command>) {
        let (own_priority, form, own) = match command {
            Some(Command::Message { priority, form, .. }) => (*priority, *form, false),
            _ => (0, None, true),
        };
        // ASG-11: the assignee of the conversation's latest ticket.
        let last = self.latest(conversation).and_then(|earlier| self.ticket(earlier).last);
        self.conversations.entry(conversation).or_default().0 = Some(id.number);
        self.tickets.push(Ticket {
            id,
            conversation,
            channel,
            group: None,
            state: TicketState::Consent,
            assignee: None,
            last,
            cycle: 1,
            entered: false,
            wait_start: self.now,
            own_priority,
            choice: form.map(|form| self.forms[form.index()]),
            owed: !own,
            unopened: own,
            answered: false,
            escalated: false,
            escalated_by: [false; 2],
            breached: false,
            clocks: [Clock::Off; 2],
            avoids_last: false,
            sticky: !own && last.is_some() && self.channels[channel.index()].sticky,
            told_unassigned: false,
            unconsented: false,
            silence_due: None,
            closed_at: Instant::ZERO,
            in_hand: false,
            returning: false,
            picked_up: false,
        });
    }

    fn note_pending(&mut self, user: UserId) {
        if self.pending_of(user) == 0 {
            self.users[user.index()].nothing_pending_since = self.now;
        }
    }

    /// STA-11: a ticket is in hand no more; who has nothing else in hand is idle from now on.
    fn drop_work(&mut self, number: u32) {
        let now = self.now;
        let ticket = self.ticket_mut(number);
        let was = std::mem::take(&mut ticket.in_hand);
        if let Some(user) = ticket.assignee.filter(|_| was)
            && !self.open_of(user).any(|ticket| ticket.in_hand)
        {
            self.users[user.index()].did = now;
        }
    }

    fn detach(&mut self, number: u32) {
        self.drop_work(number);
        let ticket = self.ticket_mut(number);
        ticket.returning = false;
        ticket.silence_due = None;
        if let Some(user) = ticket.assignee.take() {
            ticket.last = Some(user);
            if ticket.state == TicketState::Pending {
                self.note_pending(user);
            }
        }
    }

    fn assign(&mut self, number: u32, to: UserId) {
        let now = self.now;
        // A hand-over does not end the customer's silence.
        let silence = self.ticket(number).silence_due;
        let awaited = self.ticket(number).state == TicketState::AwaitingCustomer;
        self.detach(number);
        let channel = self.ticket(number).channel;
        let fresh = self.channels[channel.index()].close_after_silence.map(|span| now + span);
        let ticket = self.ticket_mut(number);
        ticket.assignee = Some(to);
        ticket.sticky = false;
        ticket.avoids_last = false;
        ticket.picked_up = false;
        ticket.state = if ticket.owed { TicketState::Pending } else { TicketState::AwaitingCustomer };
        if !ticket.owed {
            ticket.silence_due = if awaited { silence } else { fresh };
            self.pause(number);
        }
        let person = &mut self.users[to.index()];
        person.last_assigned = Some(now);
        person.assigned.push(now);
    }

    /// What is left of a closure timer that may sleep is the desk's to know.
    fn pause(&mut self, number: u32) {
        let ticket = self.ticket(number);
        if self.channels[ticket.channel.index()].sla.pause_awaiting_customer
            && let Clock::Running(_) = ticket.clocks[1]
        {
            self.ticket_mut(number).clocks[1] = Clock::Running(None);
        }
    }

    fn after(&self, channel: ChannelId, span: Span) -> Instant {
        match (&self.settings.calendar, self.channels[channel.index()].sla.business_hours) {
            // SLA-16: with no time left, at the next instant at which the clock runs.
            (Some(calendar), true) if span == Span::ZERO && !calendar.is_open(self.now) => {
                let opens = calendar.after(self.now, Span::from_micros(1));
                opens.map_or(Instant::MAX, |at| Instant::from_micros(at.as_micros() - 1))
            }
            (Some(calendar), true) => calendar.after(self.now, span).unwrap_or(Instant::MAX),
            _ => self.now + span,
        }
    }

    fn start_clock(&mut self, id: TicketId, timer: Timer, due: Instant) -> Result<(), String> {
        let ticket = self.ticket(id.number);
        let clock = ticket.clocks[index(timer)];
        hold!(!matches!(clock, Clock::Running(_)), "{timer:?} of {id} started while it ran");
        hold!(ticket.assignee.is_some(), "SLA-2: {timer:?} of {id} started without assignee");
        let sla = &self.channels[ticket.channel.index()].sla;
        let target = match timer {
            Timer::FirstResponse => sla.first_response,
            Timer::Closure => sla.closure,
        };
        let sleeps = timer == Timer::Closure && sla.pause_awaiting_customer;
        let full = target.map(|span| self.after(ticket.channel, span));
        let (rest, unknown) = match clock {
            Clock::Cancelled(Some(left)) if sla.on_requeue == OnRequeue::Resume => {
                (Some(self.after(ticket.channel, left)), false)
            }
            Clock::Cancelled(None) if sla.on_requeue == OnRequeue::Resume => (None, true),
            _ => (None, false),
        };
        hold!(
            unknown || sleeps || full == Some(due) || rest == Some(due),
            "{timer:?} of {id} is due at {due:?}, not at {full:?} or {rest:?}"
        );
        let known = (!sleeps || ticket.state == TicketState::Pending).then_some(due);
        self.ticket_mut(id.number).clocks[index(timer)] = Clock::Running(known);
        Ok(())
    }

    fn end_clock(
        &mut self,
        id: TicketId,
        timer: Timer,
        outcome: Outcome,
        is_wake: bool,
        breach: &mut Option<(u32, Option<UserId>)>,
    ) -> Result<(), String> {
        let now = self.now;
        let ticket = self.ticket(id.number);
        let Clock::Running(due) = ticket.clocks[index(timer)] else {
            return Err(format!("{timer:?} of {id} ended {outcome:?} and did not run"));
        };
        let sla = self.channels[ticket.channel.index()].sla;
        let left = due.map(|due| match (&self.settings.calendar, sla.business_hours) {
            (Some(_), true) if due == Instant::MAX => Span::MAX,
            (Some(calendar), true) => calendar.between(now, due),
            _ => due.since(now),
        });
        let preset = sla.escalate_to.filter(|&to| {
            self.is_enabled(to) && self.may(to, Permission::Reply, ticket.channel) && ticket.assignee != Some(to)
        });
        match outcome {
            Outcome::Breached => {
                hold!(
                    is_wake && due.is_none_or(|due| due == now),
                    "{timer:?} of {id}, due {due:?}, breached at {now:?}"
                );
                if breach.is_none_or(|(number, _)| number != id.number) {
                    if let Some((other, Some(to))) = breach {
                        return Err(format!("ESC-1: {other} was breached and not escalated to {to:?}"));
                    }
                    let spent = ticket.escalated_by[index(timer)];
                    // A spent escalation may go unmentioned.
                    *breach = if spent { None } else { Some((id.number, preset)) };
                }
            }
            _ => {
                hold!(due.is_none_or(|due| due >= now), "{timer:?} of {id}, due {due:?}, {outcome:?} at {now:?}");
                let right = match (timer, outcome) {
                    (Timer::FirstResponse, Outcome::Met) => !is_wake,
                    (Timer::FirstResponse, Outcome::Unanswered) => !ticket.answered,
                    (Timer::Closure, Outcome::Unanswered) => false,
                    _ => true,
                };
                hold!(right, "SLA-9: {timer:?} of {id} ended {outcome:?}");
            }
        }
        let ticket = self.ticket_mut(id.number);
        ticket.clocks[index(timer)] = match outcome {
            Outcome::Breached => {
                ticket.breached = true;
                ticket.escalated = true;
                ticket.escalated_by[index(timer)] = true;
                Clock::Breached
            }
            Outcome::Cancelled => Clock::Cancelled(left),
            Outcome::Met | Outcome::Unanswered => Clock::Off,
        };
        Ok(())
    }

    /// What must hold after a step.
    fn settle(&mut self, effects: &[Effect], expected: &Expected, is_wake: bool, desk: &Desk) -> Result<(), String> {
        let queued: Vec<u32> = effects
            .iter()
            .filter_map(|effect| if let Effect::Queued { ticket, .. } = effect { Some(ticket.number) } else { None })
            .collect();
        let set: BTreeSet<u32> = queued.iter().copied().collect();
        // Deadlines of one instant may move a ticket more than once; a command does not.
        let is_once = is_wake || set.len() == queued.len();
        hold!(set == expected.queued && is_once, "queued {queued:?}, not {:?}", expected.queued);

        let notice = |effect: &Effect| match *effect {
            Effect::Notified { user, about: About::RoundRobin, channel: Some(channel), .. } => Some((user, channel)),
            _ => None,
        };
        let notices: Vec<(UserId, ChannelId)> = effects.iter().filter_map(notice).collect();
        let set: BTreeSet<(UserId, ChannelId)> = notices.iter().copied().collect();
        hold!(
            set == expected.notices && set.len() == notices.len(),
            "CHN-5: notices {notices:?}, not {:?}",
            expected.notices
        );

        let sent = |effect: &Effect| match *effect {
            Effect::AutoMessageSent { ticket, kind, .. } => Some((ticket.map_or(0, |ticket| ticket.number), kind)),
            _ => None,
        };
        let key = |&(number, kind): &(u32, AutoMessage)| (number, kind as u8);
        let mut sent: Vec<(u32, AutoMessage)> = effects.iter().filter_map(sent).collect();
        let mut messages = expected.messages.clone();
        sent.sort_by_key(key);
        messages.sort_by_key(key);
        hold!(expected.any_messages || sent == messages, "MSG: sent {sent:?}, not {messages:?}");
        if let Some(number) = self.takeable(self.now).filter(|_| !self.deferred) {
            return Err(format!("QUE-5: {number} waits although somebody may take it"));
        }
        self.compare_with(desk)
    }

    fn compare_with(&self, desk: &Desk) -> Result<(), String> {
        for ticket in &self.tickets {
            let id = ticket.id;
            hold!(desk.state(id) == ticket.state, "{id} is {:?}, not {:?}", desk.state(id), ticket.state);
            hold!(desk.assignee(id) == ticket.assignee, "{id}: assignee {:?}", desk.assignee(id));
            hold!(desk.cycle(id) == ticket.cycle, "{id}: cycle {}", desk.cycle(id));
            hold!(desk.is_breached(id) == ticket.breached, "{id}: breached {}", desk.is_breached(id));
            hold!(desk.is_escalated(id) == ticket.escalated, "{id}: escalated {}", desk.is_escalated(id));
            let is_assigned = matches!(ticket.state, TicketState::Pending | TicketState::AwaitingCustomer);
            hold!(ticket.assignee.is_some() == is_assigned, "{id} is {:?} with {:?}", ticket.state, ticket.assignee);
            for timer in TIMERS {
                let clock = ticket.clocks[index(timer)];
                hold!(is_assigned || !matches!(clock, Clock::Running(_)), "SLA-2: {timer:?} of {id} runs: {clock:?}");
                if let Clock::Running(Some(due)) = clock {
                    let known = desk.due(id, timer).unwrap_or(Instant::MAX);
                    hold!(known == due, "{timer:?} of {id} is due at {known:?}, not {due:?}");
                }
            }
            // SLA-2: a first response that is still owed has its timer, or has had it.
            let sla = &self.channels[ticket.channel.index()].sla;
            let wants = sla.closure.is_some() && is_assigned && !self.ever_changed();
            hold!(!wants || ticket.clocks[1] != Clock::Off, "SLA-2: {id} is assigned and its closure timer is off");
            let wants = sla.first_response.is_some() && is_assigned && !ticket.answered && !ticket.unopened;
            let wants = wants && !self.ever_changed();
            hold!(!wants || ticket.clocks[0] != Clock::Off, "SLA-2: {id} is assigned and its first response is off");
        }
        let open = self.open_tickets().len();
        hold!(desk.open_tickets() == open, "{} tickets are open, not {open}", desk.open_tickets());
        for user in self.user_ids() {
            let person = &self.users[user.index()];
            let open = self.open_of(user).count() as u32;
            let pending = self.pending_of(user) as u32;
            hold!(desk.open_count(user) == open, "{user:?}: {} open, not {open}", desk.open_count(user));
            hold!(desk.pending_count(user) == pending, "{user:?}: {} pending, not {pending}", desk.pending_count(user));
            hold!(desk.user_status(user) == person.settings.status, "{user:?}: {:?}", desk.user_status(user));
            hold!(
                desk.status_since(user) == person.status_since,
                "STA-10: {user:?} in their status since {:?}, not {:?}",
                desk.status_since(user),
                person.status_since
            );
        }
        Ok(())
    }

    /// Whether targets may differ from those that a running timer was started with.
    fn ever_changed(&self) -> bool {
        self.changes.iter().any(|change| change.sla.is_some())
    }
}

fn grants(list: &[Grantee], user: UserId, groups: &[GroupId]) -> bool {
    list.iter().any(|grantee| match grantee {
        Grantee::User(other) => *other == user,
        Grantee::Group(group) => groups.contains(group),
    })
}

/// CHN-2: a channel with a change merged into it; `None` where the two do not fit together.
fn merged(before: &ChannelSettings, change: &ChannelChange, people: &[User]) -> Option<ChannelSettings> {
    let users = people.len();
    let mut channel = before.clone();
    if let Some(named) = &change.assignment {
        // The keys as they stand, then as they are named.
        let (groups, policy, overflow, by_hand) = match &before.assignment {
            Assignment::Manual => {
                (before.standby.groups.clone(), None, before.standby.overflow.clone(), before.standby.by_hand)
            }
            Assignment::RoundRobin { groups, policy, overflow } => {
                (groups.clone(), Some(policy.clone()), overflow.clone(), false)
            }
        };
        let has_policy = matches!(named.policy, Some(Some(_)));
        let by_hand = match named.rule {
            Some(rule) => rule == Some(Rotates::No),
            None => by_hand && !has_policy,
        };
        let rotates = named.rule == Some(Some(Rotates::Yes));
        let groups = named.groups.clone().unwrap_or(groups);
        let overflow = named.overflow.clone().unwrap_or(overflow);
        let policy = named.policy.clone().unwrap_or(policy);
        if groups.is_empty() && (rotates || has_policy) {
            return None;
        }
        if groups.is_empty() || by_hand {
            channel.assignment = Assignment::Manual;
            channel.standby = Standby { by_hand, groups, overflow };
        } else {
            let policy = policy.unwrap_or_else(Policy::round_robin);
            channel.assignment = Assignment::RoundRobin { groups, policy, overflow };
            channel.standby = Standby::default();
        }
    }
    if let Some(named) = change.limit {
        let plain = Limit { max_open: Limit::NONE, counts: Counts::Open, scope: Scope::User };
        let mut limit = before.limit.unwrap_or(plain);
        match named.max_open {
            None => {}
            Some(None) => limit.max_open = Limit::NONE,
            Some(Some(most)) => limit.max_open = most,
        }
        limit.counts = named.counts.unwrap_or(limit.counts);
        limit.scope = named.scope.unwrap_or(limit.scope);
        channel.limit = Some(limit);
    }
    if let Some(named) = change.queue {
        let is_aged = |order: QueueOrder| matches!(order, QueueOrder::Aged { .. });
        let head_start = match (named.head_start, before.order) {
            (Some(head_start), _) => head_start,
            (None, QueueOrder::Aged { head_start }) => Some(head_start),
            (None, _) => None,
        };
        let order = named.order.unwrap_or(before.order);
        channel.order = match head_start {
            Some(head_start) if is_aged(order) => QueueOrder::Aged { head_start },
            None if is_aged(order) => return None,
            Some(_) if named.head_start.is_some() => return None,
            _ => order,
        };
    }
    macro_rules! replace {
        ($from:expr, $into:expr; $($setting:ident),*) => {$(
            if let Some(value) = $from.$setting.clone() {
                $into.$setting = value;
            }
        )*};
    }
    if let Some(named) = change.sla {
        replace!(
            named, channel.sla;
            first_response, closure, escalate_to, business_hours, pause_awaiting_customer, on_reassign, on_requeue
        );
    }
    replace!(
        change, channel;
        weight_milli, priority, greeting, away_text, outside_text, spam_filter, consent, close_after_silence, sticky,
        reopen_within, answers_at_start
    );
    let default = || -> Vec<Grantee> {
        let mut groups = match &channel.assignment {
            Assignment::Manual => channel.standby.groups.clone(),
            Assignment::RoundRobin { groups, overflow, .. } => {
                groups.iter().chain(overflow.iter().flat_map(|more| &more.groups)).copied().collect()
            }
        };
        groups.dedup();
        let everybody = if groups.is_empty() { users } else { 0 };
        let users = (0..everybody).map(UserId::at).chain(channel.sla.escalate_to);
        groups.into_iter().map(Grantee::Group).chain(users.map(Grantee::User)).collect()
    };
    let listed = |named: &Option<Option<Vec<Grantee>>>, set: &Vec<Grantee>| match named {
        None => set.clone(),
        Some(None) => default(),
        Some(Some(list)) => list.clone(),
    };
    let mut view = listed(&change.view, &before.view);
    let mut reply = listed(&change.reply, &before.reply);
    let mut manage = listed(&change.manage, &before.manage);
    // CHN-1: with a permission goes `view`, and without `view` goes everything.
    let taken_away = change.view == Some(None);
    if change.reply.is_some() || taken_away {
        view.extend(&reply);
    }
    if change.manage.is_some() || taken_away {
        view.extend(&manage);
    }
    if change.view.is_some() && !taken_away {
        // A group sees what all of its members see, and nobody does of an empty one.
        let sees = |grantee: &Grantee| match *grantee {
            Grantee::User(user) => grants(&view, user, &people[user.index()].settings.groups),
            Grantee::Group(group) => {
                let mut members = people.iter().enumerate().filter(|(_, user)| user.settings.groups.contains(&group));
                let all = members.clone().all(|(at, user)| grants(&view, UserId::at(at), &user.settings.groups));
                view.contains(grantee) || members.next().is_some() && all
            }
        };
        reply.retain(sees);
        manage.retain(sees);
    }
    (channel.view, channel.reply, channel.manage) = (view, reply, manage);
    Some(channel)
}

/// Whoever does something by a command (STA-11).
fn actor(command: &Command) -> Option<UserId> {
    match *command {
        Command::Answer { user, .. }
        | Command::Active { user, .. }
        | Command::Reply { user, .. }
        | Command::Close { user, .. }
        | Command::SetField { user, .. }
        | Command::OpenConversation { user, .. }
        | Command::SetStatus { user, .. } => Some(user),
        Command::Assign { by, .. }
        | Command::Transfer { by, .. }
        | Command::Escalate { by, .. }
        | Command::Reopen { by, .. }
        | Command::CreateStatus { by, .. }
        | Command::EditStatus { by, .. }
        | Command::OrderStatuses { by, .. }
        | Command::DeleteStatus { by, .. }
        | Command::EnableUser { by, .. }
        | Command::DisableUser { by, .. }
        | Command::AddToGroup { by, .. }
        | Command::RemoveFromGroup { by, .. }
        | Command::Grant { by, .. }
        | Command::Revoke { by, .. }
        | Command::ConfigureChannel { by, .. } => Some(by),
        _ => None,
    }
}
