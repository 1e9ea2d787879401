//! The dashboard at one instant: cards, connection states, the queue, running timers and notifications (DSH-1, DSH-3).

use super::{Cards, Filter, Hindsight, Ledger, Notification, Notifications, StatusCard, TicketRow};
use crate::desk::{
    About, ChannelId, Connection, ConversationId, Desk, GroupId, Session, StatusId, Symbol, TicketId, TicketState,
    Timer, UserId, UserState,
};
use crate::measures::Cast;
use crate::simulation::{Model, Names, Observer, RunError, Step, simulate_until};
use crate::time::{Civil, Instant, Span};
use serde::{Deserialize, Serialize};

/// How a desk stands at an instant: plain words and numbers, from which a report can be made again. Times are in seconds.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Dashboard {
    /// Seconds from the start; what happened at that very instant has happened.
    pub at: f64,
    /// The same in civil time with its offset.
    pub time: String,
    /// The IANA time zone.
    pub timezone: String,
    /// The six cards (DSH-1), in the order in which the first that fits is taken.
    pub cards: Vec<CardCount>,
    /// How many users are connected, inactive and disconnected (DSH-3).
    pub connections: Connections,
    /// Every user, in listed order (DSH-3).
    pub users: Vec<UserLine>,
    /// How many tickets wait in the queue.
    pub queue_length: u64,
    /// The queue, in the order in which tickets are served (QUE-2).
    pub queue: Vec<QueueLine>,
    /// How many timers run or are paused.
    pub live_timers: u64,
    /// Live timers, the least time left first.
    pub timers: Vec<TimerLine>,
    /// What users were notified of until then.
    pub notifications: Notices,
}

/// A status card and its tickets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardCount {
    /// Its name.
    pub card: String,
    /// How many tickets are on it.
    pub tickets: u64,
}

/// Users by connection (STA-4). Who is not enabled counts as disconnected.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Connections {
    /// Present.
    pub connected: u64,
    /// Away for a while.
    pub inactive: u64,
    /// Not there.
    pub disconnected: u64,
}

/// A user's connection state (DSH-3).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct UserLine {
    /// Who.
    pub user: String,
    /// `enabled`, `disabled` or `pending` (USR-1).
    pub state: String,
    /// The status that they are in.
    pub status: String,
    /// `connected`, `inactive` or `disconnected`; who is not enabled is disconnected.
    pub connection: String,
    /// The time in that status (STA-10).
    pub in_status_s: f64,
    /// Tickets of theirs that are not closed.
    pub open: u32,
    /// Those of them that wait for a reply.
    pub pending: u32,
}

/// A ticket in the queue (QUE-1).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct QueueLine {
    /// Its ID.
    pub ticket: String,
    /// `new_conversation` or `new_session`.
    pub session: String,
    /// Whose case it is.
    pub conversation: String,
    /// The class of the synthetic customer.
    pub customer: Option<String>,
    /// On which channel.
    pub channel: String,
    /// In which group's lane, if not the channel's own.
    pub group: Option<String>,
    /// Points of priority (QUE-2).
    pub priority: i32,
    /// Since its wait start (QUE-6).
    pub waiting_s: f64,
}

/// A timer that runs or is paused.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TimerLine {
    /// Of which ticket.
    pub ticket: String,
    /// `first_response` or `closure`.
    pub timer: String,
    /// On which channel.
    pub channel: String,
    /// Who has the ticket.
    pub agent: Option<String>,
    /// The deadline in civil time with its offset; `None` while the timer is paused.
    pub due: Option<String>,
    /// The time that is left, on the timer's own clock (SLA-10).
    pub remaining_s: f64,
}

/// Notifications, counted and listed.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Notices {
    /// How many there were.
    pub count: u64,
    /// Of escalations to the user (ESC-3).
    pub escalation: u64,
    /// Of breaches that could not be escalated (ESC-4).
    pub breach: u64,
    /// Of round robin that may be affected (CHN-5).
    pub round_robin: u64,
    /// One by one, the latest last.
    pub list: Vec<NotificationLine>,
}

/// A notification.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NotificationLine {
    /// When, in seconds from the start.
    pub at: f64,
    /// The same in civil time with its offset.
    pub time: String,
    /// Who was told.
    pub user: String,
    /// What about: `escalation`, `breach` or `round_robin`.
    pub about: String,
    /// Which ticket it concerns.
    pub ticket: Option<String>,
    /// Which channel it concerns.
    pub channel: Option<String>,
}

/// A user's connection state, by ids (DSH-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserRow {
    /// Who.
    pub user: UserId,
    /// USR-1.
    pub state: UserState,
    /// The status that they are in.
    pub status: StatusId,
    /// What it is called.
    pub status_name: Symbol,
    /// How it connects; who is not enabled is disconnected.
    pub connection: Connection,
    /// The time in that status (STA-10).
    pub in_status: Span,
    /// Tickets of theirs that are not closed.
    pub open: u32,
    /// Those of them that wait for a reply.
    pub pending: u32,
}

impl UserRow {
    /// How a user stands.
    pub fn of(user: UserId, now: Instant, desk: &Desk) -> UserRow {
        let (state, status) = (desk.user_state(user), desk.user_status(user));
        UserRow {
            user,
            state,
            status,
            status_name: desk.status_name(status).shown,
            connection: if state == UserState::Enabled { desk.connection(status) } else { Connection::Disconnected },
            in_status: now.since(desk.status_since(user)),
            open: desk.open_count(user),
            pending: desk.pending_count(user),
        }
    }

    /// The users whom a filter's agents and groups choose, in listed order.
    pub fn all(now: Instant, desk: &Desk, filter: &Filter) -> Vec<UserRow> {
        let Filter { agents, groups, .. } = filter;
        (0..desk.user_count())
            .map(UserId::at)
            .filter(|user| agents.is_empty() || agents.contains(user))
            .filter(|user| groups.is_empty() || groups.iter().any(|group| desk.is_in_group(*user, *group)))
            .map(|user| UserRow::of(user, now, desk))
            .collect()
    }
}

/// What is read off the desk when the instant has come.
#[derive(Default)]
struct Look {
    users: Vec<UserRow>,
    /// Queued tickets by number, in their order.
    queue: Vec<(u128, u32)>,
}

struct Looker<'a> {
    filter: &'a Filter,
    at: Instant,
    look: Look,
}

impl Observer for Looker<'_> {
    fn step(&mut self, _: &Step<'_>, _: &Desk) {}

    fn finish(&mut self, _: Instant, desk: &Desk) {
        self.look.users = UserRow::all(self.at, desk, self.filter);
        let numbers = (1..).take(desk.ticket_count()).filter_map(|number| desk.find(number));
        self.look.queue =
            numbers.filter_map(|ticket| desk.queue_rank(ticket).map(|rank| (rank, ticket.number))).collect();
        self.look.queue.sort_unstable();
    }
}

/// The instant just after one, which a walk up to it includes.
pub fn just_after(at: Instant) -> Instant {
    at + Span::from_micros(1)
}

impl Dashboard {
    /// How the desk stands in a replication at an instant, after what happened at it. The filter chooses tickets for the cards,
    /// the queue and the timers, users by its agents and groups, and notifications.
    ///
    /// # Errors
    /// If the run passes a limit before.
    pub fn of(model: &Model, seed: u64, replication: u32, at: Instant, filter: &Filter) -> Result<Dashboard, RunError> {
        let hindsight = Hindsight::until(model, seed, replication, just_after(at), &mut ())?;
        Dashboard::with(model, seed, replication, at, filter, &hindsight, usize::MAX, |_| ())
    }

    /// The same where the run up to that instant was walked through before; each of its rows is given to `each`. Lists have at
    /// most `most` lines, of notifications the latest; counts are of all.
    ///
    /// # Errors
    /// If the run passes a limit before.
    #[allow(clippy::too_many_arguments, reason = "which run, at what instant, and what is wanted of it")]
    pub fn with(
        model: &Model,
        seed: u64,
        replication: u32,
        at: Instant,
        filter: &Filter,
        hindsight: &Hindsight,
        most: usize,
        mut each: impl FnMut(&TicketRow),
    ) -> Result<Dashboard, RunError> {
        let until = just_after(at);
        let cast = Cast::new(model);
        let teller = Teller { names: &model.names, civil: &model.plan.civil };
        let mut cards = Cards::default();
        let mut open: Vec<OpenTicket> = Vec::new();
        let mut notices = Notices::default();
        let ledger = Ledger::new(&cast, hindsight, |row: &TicketRow| {
            each(row);
            if filter.passes(row) {
                cards.count(row);
                if row.closed_at.is_none() {
                    open.push(OpenTicket::of(row));
                }
            }
        });
        let told = Notifications::new(filter, |of: &Notification| teller.notice(of, most, &mut notices));
        let mut looker = Looker { filter, at, look: Look::default() };
        // The ledger goes by the instant itself, so that what is left of timers is told at it.
        simulate_until(model, seed, replication, until, &mut (Until(at, ledger), told, &mut looker))?;
        let look = looker.look;
        let (queue, timers) = (queued(&open, &look.queue), live(&open));
        let start = notices.list.len().saturating_sub(most);
        notices.list.drain(..start);
        Ok(Dashboard {
            at: at.as_secs_f64(),
            time: teller.time(at),
            timezone: teller.civil.zone_name().to_owned(),
            cards: card_counts(&cards),
            connections: Connections::of(&look.users),
            users: look.users.iter().take(most).map(|row| teller.user(row)).collect(),
            queue_length: queue.len() as u64,
            queue: queue.iter().take(most).map(|of| teller.waiting(at, of)).collect(),
            live_timers: timers.len() as u64,
            timers: timers.iter().take(most).map(|of| teller.timer(*of)).collect(),
            notifications: notices,
        })
    }
}

/// What the dashboard shows of a ticket that is not closed.
struct OpenTicket {
    ticket: TicketId,
    queued: bool,
    session: Session,
    conversation: ConversationId,
    customer: Option<u16>,
    channel: ChannelId,
    group: Option<GroupId>,
    priority: i32,
    queued_at: Option<Instant>,
    agent: Option<UserId>,
    due: [Option<Instant>; 2],
    remaining: [Option<Span>; 2],
}

impl OpenTicket {
    fn of(row: &TicketRow) -> OpenTicket {
        OpenTicket {
            ticket: row.ticket,
            queued: row.state == TicketState::Queued,
            session: row.session(),
            conversation: row.conversation,
            customer: row.customer,
            channel: row.channel,
            group: row.group,
            priority: row.priority,
            queued_at: row.queued_at,
            agent: row.assigned_agent,
            due: row.due,
            remaining: row.remaining,
        }
    }
}

/// The tickets that wait, in the order in which they are served.
fn queued<'a>(open: &'a [OpenTicket], order: &[(u128, u32)]) -> Vec<&'a OpenTicket> {
    let find = |(_, number): &(u128, u32)| open.binary_search_by_key(number, |of| of.ticket.number).ok();
    order.iter().filter_map(find).map(|place| &open[place]).filter(|of| of.queued).collect()
}

/// The timers that run or are paused, the least time left first.
fn live(open: &[OpenTicket]) -> Vec<(Span, Timer, &OpenTicket)> {
    let timers = open.iter().flat_map(|of| Timer::ALL.map(|timer| Some((of.remaining[timer as usize]?, timer, of))));
    let mut live: Vec<(Span, Timer, &OpenTicket)> = timers.flatten().collect();
    live.sort_by_key(|(left, timer, of)| (*left, *timer, of.ticket));
    live
}

/// An observer for whom the run ends at an instant.
pub struct Until<O>(pub Instant, pub O);

impl<O: Observer> Observer for Until<O> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.1.start(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.1.step(step, desk);
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.1.finish(now.min(self.0), desk);
    }
}

fn card_counts(cards: &Cards) -> Vec<CardCount> {
    let count = |card: StatusCard| CardCount { card: card.name().to_owned(), tickets: cards.on(card) };
    StatusCard::ALL.into_iter().map(count).collect()
}

impl Connections {
    fn of(users: &[UserRow]) -> Connections {
        let count = |of: Connection| users.iter().filter(|user| user.connection == of).count() as u64;
        Connections {
            connected: count(Connection::Connected),
            inactive: count(Connection::Inactive),
            disconnected: count(Connection::Disconnected),
        }
    }
}

/// Finds the words.
struct Teller<'a> {
    names: &'a Names,
    civil: &'a Civil,
}

impl Teller<'_> {
    fn time(&self, at: Instant) -> String {
        self.civil.with_offset(at).to_string()
    }

    fn user(&self, row: &UserRow) -> UserLine {
        UserLine {
            user: self.names.user(row.user).to_owned(),
            state: row.state.name().to_owned(),
            status: self.names.text(row.status_name).to_owned(),
            connection: row.connection.name().to_owned(),
            in_status_s: row.in_status.as_secs_f64(),
            open: row.open,
            pending: row.pending,
        }
    }

    fn waiting(&self, at: Instant, of: &OpenTicket) -> QueueLine {
        QueueLine {
            ticket: of.ticket.to_string(),
            session: of.session.name().to_owned(),
            conversation: self.names.conversation(of.conversation).into_owned(),
            customer: of.customer.map(|class| self.names.customer(class.into()).to_owned()),
            channel: self.names.channel(of.channel).to_owned(),
            group: of.group.map(|group| self.names.group(group).to_owned()),
            priority: of.priority,
            waiting_s: of.queued_at.map_or(0.0, |since| at.since(since).as_secs_f64()),
        }
    }

    fn timer(&self, (left, timer, of): (Span, Timer, &OpenTicket)) -> TimerLine {
        TimerLine {
            ticket: of.ticket.to_string(),
            timer: timer.name().to_owned(),
            channel: self.names.channel(of.channel).to_owned(),
            agent: of.agent.map(|user| self.names.user(user).to_owned()),
            due: of.due[timer as usize].map(|due| self.time(due)),
            remaining_s: left.as_secs_f64(),
        }
    }

    fn notice(&self, of: &Notification, most: usize, into: &mut Notices) {
        into.count += 1;
        *match of.about {
            About::Escalation => &mut into.escalation,
            About::Breach => &mut into.breach,
            About::RoundRobin => &mut into.round_robin,
        } += 1;
        if into.list.len() >= most.saturating_mul(2) {
            into.list.drain(..most);
        }
        into.list.push(NotificationLine {
            at: of.at.as_secs_f64(),
            time: self.time(of.at),
            user: self.names.user(of.user).to_owned(),
            about: of.about.name().to_owned(),
            ticket: of.ticket.map(|ticket| ticket.to_string()),
            channel: of.channel.map(|channel| self.names.channel(channel).to_owned()),
        });
    }
}
