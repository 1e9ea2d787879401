//! The machine: commands and deadlines in, effects out.
//!
//! Every handler checks first and changes afterwards, so a refused command changes nothing; [`Desk::apply`] then
//! drains the queue once (QUE-5).

use super::channel::Channel;
use super::deadline::{Deadlines, Due, Handle, Kind, RingId};
use super::queue::Lane;
use super::status::Statuses;
use super::ticket::{Found, Ticket, Tickets};
use super::user::{Standing, User, stamp};
use super::{
    ChangeId, ChannelChange, ChannelId, Command, Effect, FieldId, FieldSettings, FieldValue, FormId, GroupId, LaneId,
    Refusal, Role, Settings, Skill, TicketId, Timer, UserId,
};
use crate::time::{Calendar, Civil, Instant, Span};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// A ticket's state (TIC-4).
///
/// ```text
///             message                      drain, assign, escalate          reply
///   (none) ───────────► queued ───────────────────────────────► pending ◄──────────► awaiting_customer
///      │                 ▲  ▲                                      │         message        │
///      │ message         │  └──────── transfer, requeue ───────────┴────────────────────────┤
///      └────► consent ───┘ granted                                                          │
///                │ refused                                                                  │
///                └───────────► closed ◄──── close, abandon, end, silence (from any) ────────┘
///                                 └──► queued (message) or pending (reopen, escalate): the next cycle
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketState {
    /// Outside the queue until the customer consents (CHN-7).
    Consent,
    /// Waits for an assignee.
    Queued,
    /// Assigned; the agent owes a reply.
    Pending,
    /// Assigned; the customer owes an answer.
    AwaitingCustomer,
    /// Closed.
    Closed,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The latest instant it was told of.
    pub(super) now: Instant,
    pub(super) ticketing: bool,
    pub(super) idle_timeout: Option<Span>,
    pub(super) requeue_after: Option<Span>,
    pub(super) requeue_on_disable: bool,
    pub(super) away_text: bool,
    pub(super) outside_text: bool,
    pub(super) calendar: Option<Calendar>,
    pub(super) civil: Civil,
    pub(super) fields: Vec<FieldSettings>,
    pub(super) fields_give_priority: bool,
    pub(super) salt: u64,
    pub(super) changes: Vec<ChannelChange>,
    pub(super) forms: Vec<Vec<(FieldId, FieldValue)>>,

    pub(super) statuses: Statuses,
    pub(super) spells: u32,
    pub(super) users: Vec<User>,
    /// By user.
    pub(super) standings: Vec<Standing>,
    pub(super) admins: Vec<UserId>,
    pub(super) proficiencies: Vec<Vec<(Skill, f64)>>,
    /// By group, in listed order.
    pub(super) members: Vec<Vec<UserId>>,
    pub(super) channels: Vec<Channel>,
    pub(super) lanes: Vec<Lane>,
    pub(super) tickets: Tickets,
    /// MSG-3: spells before its assignee's present one in which a ticket's customer was told, by number; few have any.
    pub(super) told_before: FxHashMap<u32, Vec<u32>>,
    /// What counts per user and channel, where some limit's scope is the channel (CAP-2): open and pending weight.
    pub(super) counts: Vec<(u32, u32)>,

    pub(super) deadlines: Deadlines,
    /// Lanes to look at in the next draining; empty between commands.
    pub(super) dirty: Vec<LaneId>,
    /// Whether channels differ in their queue's order, so that heads compare by wait alone (QUE-4).
    pub(super) orders_differ: bool,
    /// The civil day, when it ends, and whether a policy counts by it.
    pub(super) today: u32,
    day_ends: Instant,
    /// From when on a command has to attend to something first: the end of the day, or at once to a deferred draining.
    attends_at: Instant,
    /// The deadline of a draining that was deferred (QUE-5).
    pub(super) deferred: Handle,
    pub(super) counts_today: bool,
    /// How many instants of assignment there were, and the stamp of the last: what users' turns go by.
    pub(super) turn: u64,
    pub(super) assigned_at: u64,
    /// Instants of assignment by user, where a policy asks for `recent`, and the longest span that one asks for.
    pub(super) recent: Vec<VecDeque<Instant>>,
    pub(super) longest_recent: Option<Span>,

    due: Vec<Due>,
    pub(super) scratch: Vec<u32>,
}

const IDLE_RING: usize = 0;
const REQUEUE_RING: usize = 1;

impl Desk {
    /// Opens a desk at [`Instant::ZERO`].
    ///
    /// # Errors
    /// What the settings break of STA-2 to STA-5. A group may be empty as yet, so CHN-4 is for who makes the settings.
    pub fn new(settings: Settings) -> Result<Desk, Refusal> {
        let mut kinds = vec![Kind::Idle, Kind::Requeue];
        for _ in &settings.channels {
            kinds.extend([Kind::FirstResponse, Kind::Closure, Kind::Silence]);
        }
        let mut statuses = Statuses::new(settings.system_statuses);
        for status in &settings.statuses {
            statuses.create(status.name, status.connection, status.assignable, status.auto_message)?;
        }
        let mut users: Vec<User> = settings.users.iter().map(User::new).collect();
        for (user, spell) in users.iter_mut().zip(1..) {
            user.spell = spell;
        }
        let mut members = vec![Vec::new(); settings.groups];
        for (index, user) in users.iter().enumerate() {
            for group in user.groups.iter() {
                members[group.index()].push(UserId::at(index));
            }
        }
        let is_admin = |user: &UserId| users[user.index()].role == Role::Admin;
        let mut desk = Desk {
            now: Instant::ZERO,
            ticketing: settings.ticketing,
            idle_timeout: settings.idle_timeout,
            requeue_after: settings.requeue_after,
            requeue_on_disable: settings.requeue_on_disable,
            away_text: settings.away_text,
            outside_text: settings.outside_text,
            calendar: settings.calendar,
            fields_give_priority: settings.fields.iter().any(|field| !field.priority.is_empty()),
            tickets: Tickets::new(settings.fields.len()),
            told_before: FxHashMap::default(),
            fields: settings.fields,
            salt: settings.salt,
            changes: Vec::new(),
            forms: Vec::new(),
            statuses,
            spells: users.len() as u32,
            admins: (0..users.len()).map(UserId::at).filter(is_admin).collect(),
            proficiencies: settings.users.into_iter().map(|user| user.proficiency).collect(),
            standings: vec![Standing::UNKNOWN; users.len()],
            users,
            members,
            channels: Vec::with_capacity(settings.channels.len()),
            lanes: Vec::new(),
            counts: Vec::new(),
            deadlines: Deadlines::new(&kinds),
            dirty: Vec::new(),
            orders_differ: false,
            today: 0,
            day_ends: settings.civil.day_start(1),
            attends_at: settings.civil.day_start(1),
            deferred: Handle::NONE,
            counts_today: false,
            civil: settings.civil,
            turn: 0,
            assigned_at: 0,
            recent: Vec::new(),
            longest_recent: None,
            due: Vec::new(),
            scratch: Vec::new(),
        };
        for (index, channel) in settings.channels.iter().enumerate() {
            let rings: [RingId; 3] = std::array::from_fn(|ring| Deadlines::ring(2 + 3 * index + ring));
            desk.channels.push(Channel::new(channel, LaneId::at(index), rings));
            desk.add_lane(ChannelId::at(index), None);
        }
        for user in 0..desk.users.len() {
            let person = &mut desk.users[user];
            let status = desk.statuses.get(person.status);
            person.available = person.is_enabled() && status.assignable;
            person.connected = person.is_enabled() && status.connection == super::Connection::Connected;
        }
        desk.note_settings();
        for channel in 0..desk.channels.len() {
            desk.seat_lane(LaneId::at(channel));
        }
        for user in 0..desk.users.len() {
            desk.users[user].seats.shrink_to_fit();
            desk.restart_idle(UserId::at(user));
        }
        desk.dirty.clear();
        Ok(desk)
    }

    /// Prepares a change of settings, for [`Command::ConfigureChannel`].
    pub fn prepare(&mut self, change: ChannelChange) -> ChangeId {
        self.changes.push(change);
        self.note_settings();
        ChangeId::at(self.changes.len() - 1)
    }

    /// Prepares field values that come with a message, for [`Command::Message`].
    pub fn prepare_form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId {
        self.forms.push(values.to_vec());
        FormId::at(self.forms.len() - 1)
    }

    /// Carries a command out, and the draining that it makes possible (QUE-5).
    ///
    /// Deadlines before `now` must have been acted on ([`Desk::wake`]); those at `now` come after it (SLA-4). A draining that
    /// was deferred comes before it; whoever wants its effects apart calls [`Desk::drain_deferred`] first.
    ///
    /// # Errors
    /// The refusal; the command then changed nothing and `effects` is as it was.
    pub fn apply(&mut self, now: Instant, command: &Command, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        debug_assert!(self.now <= now, "commands and deadlines come in order of time");
        self.now = now;
        let fx = effects;
        if now >= self.attends_at {
            self.attend(now, command, fx);
        }
        // What most commands are comes first, in few registers.
        match *command {
            Command::Message { conversation, channel, spam, priority, form, content: _ } => {
                let written = self.message(now, conversation, channel, spam, priority, form, fx);
                self.answer_customer(now, written, fx)
            }
            Command::Reply { user, ticket } => {
                let done = self.reply(now, user, ticket, fx);
                self.settle(now, done, Some(user), fx)
            }
            Command::Close { user, ticket } => {
                let done = self.close_by_hand(now, user, ticket, fx);
                self.settle(now, done, Some(user), fx)
            }
            Command::Consent { conversation, granted } => {
                let written = self.consent(now, conversation, granted, fx);
                self.answer_customer(now, written, fx)
            }
            _ => {
                let done = self.apply_other(now, command, fx);
                self.settle(now, done, actor(command), fx)
            }
        }
    }

    /// Carries out what is neither a customer's word nor an agent's reply or closure.
    #[inline(never)]
    fn apply_other(&mut self, now: Instant, command: &Command, fx: &mut Vec<Effect>) -> Result<(), Refusal> {
        match *command {
            Command::Message { .. } | Command::Consent { .. } | Command::Reply { .. } | Command::Close { .. } => {
                unreachable!("done in short")
            }
            Command::Abandon { conversation } => self.abandon(now, conversation, fx),
            Command::Answer { user, ticket } => self.answer(user, ticket, fx),
            Command::Active { user, ticket } => self.be_active(user, ticket),
            Command::EndConversation { conversation } => self.end_conversation(now, conversation, fx),
            Command::SetField { user, ticket, field, value } => self.set_field(user, ticket, field, value),
            Command::Assign { by, ticket, to } => self.assign_by_hand(now, by, ticket, to, fx),
            Command::Transfer { by, ticket, group } => self.transfer(now, by, ticket, group, fx),
            Command::Escalate { by, ticket, to } => self.escalate(now, by, ticket, to, fx),
            Command::Reopen { by, ticket } => self.reopen(now, by, ticket, fx),
            Command::OpenConversation { user, conversation, channel } => {
                self.open_conversation(now, user, conversation, channel, fx)
            }
            Command::SetStatus { user, status, more } => self.select_status(now, user, status, more, fx),
            Command::CreateStatus { by, name, connection, assignable, auto_message } => {
                self.create_status(by, name, connection, assignable, auto_message)
            }
            Command::EditStatus { by, status, rename, connection, assignable, auto_message } => {
                self.edit_status(now, by, status, rename, connection, assignable, auto_message, fx)
            }
            Command::OrderStatuses { by, order } => self.order_statuses(by, order),
            Command::DeleteStatus { by, status, replacement } => self.delete_status(now, by, status, replacement, fx),
            Command::EnableUser { by, user } => self.enable_user(now, by, user, fx),
            Command::DisableUser { by, user } => self.disable_user(now, by, user, fx),
            Command::AddToGroup { by, user, group } => self.add_to_group(by, user, group),
            Command::RemoveFromGroup { by, user, group } => self.remove_from_group(now, by, user, group, fx),
            Command::Grant { by, channel, permission, to } => self.grant(by, channel, permission, to),
            Command::Revoke { by, channel, permission, from } => self.revoke(now, by, channel, permission, from, fx),
            Command::ConfigureChannel { by, channel, change } => self.configure_channel(now, by, channel, change, fx),
            Command::Tick => Ok(()),
        }
    }

    /// After whoever's command, unless it was refused: STA-11, QUE-5.
    #[inline(always)]
    fn settle(
        &mut self,
        now: Instant,
        done: Result<(), Refusal>,
        actor: Option<UserId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        debug_assert!(
            done.is_ok() || self.dirty.is_empty() || self.defers_draining(),
            "a refused command changes nothing"
        );
        done?;
        if let Some(user) = actor {
            self.restart_idle(user);
        }
        if !self.dirty.is_empty() && !self.defers_draining() {
            self.drain(now, fx);
        }
        Ok(())
    }

    /// After a customer's word on an open ticket, if it came to that: QUE-5, then MSG-3 and MSG-4.
    #[inline(always)]
    fn answer_customer(
        &mut self,
        now: Instant,
        written: Result<Option<u32>, Refusal>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        debug_assert!(written.is_ok() || self.dirty.is_empty(), "a refused command changes nothing");
        let slot = written?;
        if !self.dirty.is_empty() {
            self.drain(now, fx);
        }
        if let Some(slot) = slot {
            self.answer_word(now, slot, fx);
        }
        Ok(())
    }

    /// Whether a draining is deferred: until another command than `set_status` with `more`, or the instant's deadlines (QUE-5).
    #[inline]
    pub fn defers_draining(&self) -> bool {
        self.deferred != Handle::NONE
    }

    /// Does the draining that `set_status` with `more` deferred, if there is one (QUE-5).
    pub fn drain_deferred(&mut self, effects: &mut Vec<Effect>) {
        if self.defers_draining() {
            self.end_deferral();
            self.drain(self.now, effects);
        }
    }

    /// QUE-5: others change their status at this instant too, and the draining waits for them.
    pub(super) fn defer_draining(&mut self) {
        if !self.defers_draining() {
            self.deferred = self.deadlines.set_apart(Kind::Drain, self.now, 0, 0);
            self.attends_at = Instant::ZERO;
        }
    }

    /// The draining that was deferred is about to be done.
    pub(super) fn end_deferral(&mut self) {
        self.deadlines.cancel_apart(&mut self.deferred);
        self.attends_at = self.day_ends;
    }

    /// What comes before a command: a new civil day, and a draining that was deferred.
    #[cold]
    #[inline(never)]
    fn attend(&mut self, now: Instant, command: &Command, fx: &mut Vec<Effect>) {
        if now >= self.day_ends {
            self.begin_day();
        }
        if !matches!(command, Command::SetStatus { .. }) {
            self.drain_deferred(fx);
        }
    }

    /// When [`Desk::wake`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Acts on the deadlines due by `now`, in order, each with the draining that it makes possible (SLA-4); early
    /// calls do nothing. Effects of several instants are told apart only by calls at each.
    pub fn wake(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(at) = self.deadlines.next().filter(|&at| at <= now) {
            self.pass(at);
            let mut due = std::mem::take(&mut self.due);
            self.deadlines.take(at, &mut due);
            // They have left the agenda, so nothing may cancel them any more.
            for &Due { kind, whose, .. } in &due {
                self.forget_handle(kind, whose);
            }
            for (place, &Due { kind, order, whose }) in due.iter().enumerate() {
                match kind {
                    Kind::Drain => self.attends_at = self.day_ends,
                    Kind::FirstResponse => self.breach_due(at, whose, order, Timer::FirstResponse, effects),
                    Kind::Closure => self.breach_due(at, whose, order, Timer::Closure, effects),
                    Kind::Silence => self.close_silent(at, whose, order, effects),
                    Kind::Idle => self.move_idle(at, UserId(whose), effects),
                    Kind::Requeue => self.requeue_unavailable(at, UserId(whose), effects),
                    Kind::Overflow => {
                        self.watch_overflow(LaneId(whose));
                        self.mark(LaneId(whose));
                    }
                }
                // QUE-4: lanes whose overflow opens at one instant are drained together.
                let opens_more = kind == Kind::Overflow && due.get(place + 1).is_some_and(|next| next.kind == kind);
                if !opens_more {
                    self.drain(at, effects);
                }
            }
            self.due = due;
        }
    }

    fn forget_handle(&mut self, kind: Kind, whose: u32) {
        let handle = match kind {
            Kind::Drain => &mut self.deferred,
            Kind::FirstResponse | Kind::Closure => {
                let timer = if kind == Kind::Closure { Timer::Closure } else { Timer::FirstResponse };
                let ticket = &mut self.tickets[whose];
                debug_assert_eq!(ticket.phase(timer), super::ticket::Phase::Running, "a timer that falls due runs");
                &mut ticket.handles[timer as usize]
            }
            Kind::Silence => &mut self.tickets[whose].silence,
            Kind::Idle => &mut self.users[whose as usize].idle,
            Kind::Requeue => &mut self.users[whose as usize].requeue,
            Kind::Overflow => {
                let lane = &mut self.lanes[whose as usize];
                lane.overflow_at = None;
                &mut lane.overflow
            }
        };
        *handle = Handle::NONE;
    }

    /// Time has come to `now`.
    #[inline]
    fn pass(&mut self, now: Instant) {
        debug_assert!(self.now <= now, "commands and deadlines come in order of time");
        self.now = now;
        if now >= self.day_ends {
            self.begin_day();
        }
    }

    #[cold]
    fn begin_day(&mut self) {
        self.today = self.civil.day(self.now);
        self.day_ends = self.civil.day_start(self.today + 1);
        if !self.defers_draining() {
            self.attends_at = self.day_ends;
        }
        // `assigned_today` begins anew for everybody: once a day this costs a look at all users.
        for user in 0..if self.counts_today { self.users.len() } else { 0 } {
            self.touch(UserId::at(user));
        }
    }

    /// The ring for idle timeouts (STA-11).
    pub(super) fn idle_ring() -> RingId {
        Deadlines::ring(IDLE_RING)
    }

    /// The ring for users who became unassignable (STA-12).
    pub(super) fn requeue_ring() -> RingId {
        Deadlines::ring(REQUEUE_RING)
    }

    /// CHN-8, USR-1 and TIC-2: the first things that every command about a ticket needs.
    #[inline]
    pub(super) fn found(&self, by: UserId, ticket: Option<TicketId>) -> Result<Found<'_>, Refusal> {
        self.check_ticketing()?;
        self.check_enabled(by)?;
        ticket.and_then(|id| self.tickets.get(id)).ok_or(Refusal::UnknownTicket)
    }

    /// CHN-8.
    pub(super) fn check_ticketing(&self) -> Result<(), Refusal> {
        if self.ticketing { Ok(()) } else { Err(Refusal::TicketingOff) }
    }

    /// USR-1.
    pub(super) fn check_enabled(&self, user: UserId) -> Result<(), Refusal> {
        if self.users[user.index()].is_enabled() { Ok(()) } else { Err(Refusal::ActorNotEnabled) }
    }

    /// STA-7 and CHN-2: an enabled admin, or else this refusal.
    pub(super) fn check_admin(&self, user: UserId, refusal: Refusal) -> Result<(), Refusal> {
        self.check_enabled(user)?;
        if self.users[user.index()].role == Role::Admin { Ok(()) } else { Err(refusal) }
    }

    /// A pending count went down to nothing, or the user became available: they are idle from now on.
    pub(super) fn note_idle(&mut self, user: UserId) {
        self.users[user.index()].idle_since = stamp(self.now);
    }

    /// The members of a group, in listed order.
    pub(super) fn members_of(&self, group: GroupId) -> &[UserId] {
        &self.members[group.index()]
    }
}

/// CHN-7: what waits for consent is not worked on.
pub(super) fn past_consent(ticket: &Ticket) -> Result<(), Refusal> {
    if ticket.state == TicketState::Consent { Err(Refusal::AwaitingConsent) } else { Ok(()) }
}

/// The user who does something by a command (STA-11).
fn actor(command: &Command) -> Option<UserId> {
    match *command {
        Command::Message { .. }
        | Command::Consent { .. }
        | Command::Abandon { .. }
        | Command::EndConversation { .. }
        | Command::Tick => None,
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
    }
}
